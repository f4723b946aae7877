//! Tables for people: aligned columns whose cells wrap; where not even that fits, one line a cell.

use std::ops::Range;

use anstyle::Style;
use unicode_width::UnicodeWidthStr;

use super::terminal::{BOLD, DIM, Line, Page, Span, clean, laid_out};

const PLAIN: Style = Style::new();
/// What parts two cells in the text of a table.
const EDGE: &str = " | ";
/// How many columns part two cells on a page.
const GAP: usize = 2;

/// Writes a table, a row a line, the header first. `part` gives a part of its text in pieces.
pub(super) fn write<'a>(
    page: &mut Page,
    text: &'a str,
    part: &dyn Fn(Range<usize>, Style) -> Vec<Span<'a>>,
) {
    let rows: Vec<Vec<Range<usize>>> = text.lines().map(|row| cells(text, row)).collect();
    let style = |row: usize| {
        if row == 0 && rows.len() > 1 {
            BOLD
        } else {
            PLAIN
        }
    };
    let rows: Vec<Vec<Vec<Span<'a>>>> = rows
        .iter()
        .enumerate()
        .map(|(row, cells)| {
            cells
                .iter()
                .map(|cell| part(cell.clone(), style(row)))
                .collect()
        })
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize, width: &dyn Fn(&[Span<'a>]) -> usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| width(cell)).max().unwrap_or(0)
    };
    let natural: Vec<usize> = (0..columns)
        .map(|column| widest(column, &line_width))
        .collect();
    let least: Vec<usize> = (0..columns)
        .map(|column| widest(column, &word_width))
        .collect();
    let room = page
        .medium
        .width
        .saturating_sub(GAP * columns.saturating_sub(1));
    if least.iter().sum::<usize>() > room {
        return write_cells(page, &rows);
    }
    let widths = shared_out(&natural, &least, room);
    let is_number: Vec<bool> = (0..columns)
        .map(|column| {
            rows.len() > 1
                && rows[1..]
                    .iter()
                    .all(|row| row.get(column).is_some_and(|cell| is_number(cell)))
        })
        .collect();
    for (place, row) in rows.iter().enumerate() {
        let cells: Vec<Vec<Line<'a>>> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| laid_out(cell, [*width; 2]))
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let mut waiting = 0;
            for (column, cell) in cells.iter().enumerate() {
                let width = cell.get(line).map_or(0, |line| line.width);
                let padding = widths[column].saturating_sub(width);
                let (before, behind) = if is_number[column] {
                    (padding, 0)
                } else {
                    (0, padding)
                };
                if let Some(line) = cell.get(line) {
                    page.blanks(waiting + before);
                    page.pieces(line);
                    waiting = behind + GAP;
                } else {
                    waiting += padding + GAP;
                }
            }
            page.end_wrapped_line();
        }
        if place == 0 && rows.len() > 1 {
            let rules: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
            let rule = rules.join(&" ".repeat(GAP));
            page.line(&[Span {
                text: &rule,
                style: DIM,
            }]);
        }
    }
}

/// Writes each cell of each row on a line of its own, behind the name of its column.
fn write_cells(page: &mut Page, rows: &[Vec<Vec<Span<'_>>>]) {
    let Some((header, rows)) = rows.split_first() else {
        return;
    };
    let name = |column: usize| {
        let spans = header.get(column).into_iter().flatten();
        let name: String = spans.map(|span| clean(span.text)).collect();
        if name.is_empty() {
            String::new()
        } else {
            format!("{name}: ")
        }
    };
    let rows = if rows.is_empty() {
        std::slice::from_ref(header)
    } else {
        rows
    };
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            page.blank_line();
        }
        for (column, cell) in row.iter().enumerate() {
            let name = name(column);
            let name = Span {
                text: &name,
                style: BOLD,
            };
            let spans: Vec<Span<'_>> = std::iter::once(name).chain(cell.iter().copied()).collect();
            page.wrapped(&spans, "", "  ");
        }
    }
}

/// Returns the cells of a row, without the blanks around them.
fn cells(text: &str, row: &str) -> Vec<Range<usize>> {
    let place = |cell: &str| cell.as_ptr() as usize - text.as_ptr() as usize;
    row.split(EDGE)
        .map(|cell| {
            let cell = cell.trim();
            place(cell)..place(cell) + cell.len()
        })
        .collect()
}

/// Returns the columns that a cell takes on one line.
fn line_width(cell: &[Span<'_>]) -> usize {
    laid_out(cell, [usize::MAX; 2])
        .iter()
        .map(|line| line.width)
        .max()
        .unwrap_or(0)
}

/// Returns the columns that its widest word takes.
fn word_width(cell: &[Span<'_>]) -> usize {
    laid_out(cell, [0; 2])
        .iter()
        .map(|line| line.width)
        .max()
        .unwrap_or(0)
}

/// Returns widths that add up to no more than `room`: what is wide gives, down to its widest word.
fn shared_out(natural: &[usize], least: &[usize], room: usize) -> Vec<usize> {
    let mut widths = natural.to_vec();
    while widths.iter().sum::<usize>() > room {
        let can_give = (0..widths.len()).filter(|column| widths[*column] > least[*column]);
        let Some(widest) = can_give.max_by_key(|column| widths[*column]) else {
            break;
        };
        widths[widest] -= 1;
    }
    widths
}

fn is_number(cell: &[Span<'_>]) -> bool {
    let text: String = cell.iter().map(|span| span.text).collect();
    let digits = text.trim();
    digits.width() < 24
        && digits.contains(|character: char| character.is_ascii_digit())
        && digits
            .chars()
            .all(|character| character.is_ascii_digit() || ".,+-−% ".contains(character))
}

#[cfg(test)]
mod tests {
    use super::super::Medium;
    use super::super::terminal::tests::PLAIN as NARROW;
    use super::*;

    fn written(text: &str, width: usize) -> String {
        let mut page = Page::new(Medium { width, ..NARROW });
        let part = |part: Range<usize>, style| {
            vec![Span {
                text: &text[part],
                style,
            }]
        };
        write(&mut page, text, &part);
        page.into_text()
    }

    #[test]
    fn columns_are_aligned_and_cells_wrap() {
        let text = "Name | Meaning | n\nvec | a list that grows as it must | 1\n漢字 |  | 10";
        assert_eq!(
            written(text, 80),
            [
                "Name  Meaning                        n",
                "----  ----------------------------  --",
                "vec   a list that grows as it must   1",
                "漢字                                10",
                ""
            ]
            .join("\n")
        );
        assert_eq!(
            written(text, 24),
            [
                "Name  Meaning          n",
                "----  --------------  --",
                "vec   a list that      1",
                "      grows as it",
                "      must",
                "漢字                  10",
                ""
            ]
            .join("\n")
        );
        assert_eq!(
            written(text, 12),
            "Name: vec\nMeaning: a\n  list that\n  grows as\n  it must\nn: 1\n\nName: 漢字\nMeaning:\nn: 10\n"
        );
    }
}
