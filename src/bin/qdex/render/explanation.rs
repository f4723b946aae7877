//! What a hit's score is the sum of, as a table for people.

use anstyle::Style;
use qdex::search::Contribution;

use super::terminal::{BOLD, DIM, Line, Page, Span, laid_out};

const PLAIN: Style = Style::new();
/// What stands over the columns.
const HEAD: [&str; 3] = ["score", "signal", "detail"];
/// What the last row is called.
const SUM: &str = "sum";
/// How many columns part two cells.
const GAP: usize = 2;
/// Columns of signals at most: longer ones wrap.
const MAX_SIGNAL: usize = 30;
/// Columns that a detail needs; where fewer are left it stands under its signal.
const MIN_DETAIL: usize = 20;

/// The widths of a table's columns.
struct Columns {
    indent: usize,
    score: usize,
    signal: usize,
    /// `None` where details stand under signals.
    detail: Option<usize>,
}

/// Writes the signals of a hit and their sum, which is its score.
pub(super) fn write(page: &mut Page, parts: &[Contribution], score: f32, indent: usize) {
    let scores = rounded(parts, score);
    let sum = format!("{score:+.3}");
    let columns = Columns::new(page.medium.width, indent, parts, &scores, &sum);
    page.blank_line();
    write_row(page, &columns, HEAD, [DIM; 3]);
    for (part, score) in parts.iter().zip(&scores) {
        let cells = [score, &part.signal, &part.detail];
        write_row(
            page,
            &columns,
            cells.map(String::as_str),
            [PLAIN, PLAIN, DIM],
        );
    }
    write_row(page, &columns, [&sum, SUM, ""], [BOLD; 3]);
}

/// Returns the scores to three decimals, so that what is shown adds up: each is the difference of two rounded sums.
fn rounded(parts: &[Contribution], score: f32) -> Vec<String> {
    let thousandths = |score: f64| (score * 1000.0).round();
    let mut sum = 0.0;
    let mut shown = 0.0;
    let mut scores = Vec::with_capacity(parts.len());
    for (place, part) in parts.iter().enumerate() {
        sum += f64::from(part.score);
        // Sums of floats differ a little with their order.
        let is_last = place + 1 == parts.len() && (sum - f64::from(score)).abs() < 0.001;
        let next = thousandths(if is_last { f64::from(score) } else { sum });
        scores.push(format!("{:+.3}", (next - shown) / 1000.0));
        shown = next;
    }
    scores
}

impl Columns {
    fn new(
        width: usize,
        indent: usize,
        parts: &[Contribution],
        scores: &[String],
        sum: &str,
    ) -> Self {
        let texts = scores.iter().map(String::len);
        let score = texts.chain([sum.len(), HEAD[0].len()]).max().unwrap_or(0);
        let signals = parts.iter().map(|part| &*part.signal);
        let signals = signals.chain([HEAD[1], SUM]);
        let signal = signals.map(line_width).max().unwrap_or(0);
        let behind_score = width.saturating_sub(indent + score + GAP);
        let shared = signal.min(MAX_SIGNAL);
        let detail = behind_score.saturating_sub(shared + GAP);
        if detail >= MIN_DETAIL {
            Columns {
                indent,
                score,
                signal: shared,
                detail: Some(detail),
            }
        } else {
            Columns {
                indent,
                score,
                signal: behind_score,
                detail: None,
            }
        }
    }
}

/// Returns the columns that a text takes on one line.
fn line_width(text: &str) -> usize {
    let lines = laid_out(&[Span { text, style: PLAIN }], [usize::MAX; 2]);
    lines.iter().map(|line| line.width).max().unwrap_or(0)
}

fn write_row(
    page: &mut Page,
    columns: &Columns,
    [score, signal, detail]: [&str; 3],
    [score_style, signal_style, detail_style]: [Style; 3],
) {
    let signal = Span {
        text: signal,
        style: signal_style,
    };
    let detail = Span {
        text: detail,
        style: detail_style,
    };
    let mut signals = laid_out(&[signal], [columns.signal; 2]);
    let has_detail = !detail.text.is_empty();
    let mut details = match columns.detail {
        Some(width) if has_detail => laid_out(&[detail], [width; 2]),
        Some(_) => Vec::new(),
        None => {
            if has_detail {
                signals.extend(laid_out(&[detail], [columns.signal; 2]));
            }
            Vec::new()
        }
    };
    // A signal that cannot wrap takes lines of its own.
    if signals.iter().any(|line| line.width > columns.signal) {
        details.splice(0..0, signals.iter().map(|_| Line::default()));
    }
    for line in 0..signals.len().max(details.len()) {
        page.blanks(columns.indent);
        let first = if line == 0 { score } else { "" };
        page.blanks(columns.score.saturating_sub(first.len()));
        let cell = laid_out(
            &[Span {
                text: first,
                style: score_style,
            }],
            [columns.score; 2],
        );
        cell.iter().for_each(|cell| page.pieces(cell));
        page.blanks(GAP);
        let width = signals.get(line).map_or(0, |line| line.width);
        if let Some(signal) = signals.get(line) {
            page.pieces(signal);
        }
        if let Some(detail) = details.get(line) {
            page.blanks(columns.signal.saturating_sub(width) + GAP);
            page.pieces(detail);
        }
        page.end_wrapped_line();
    }
}

#[cfg(test)]
mod tests {
    use super::super::Medium;
    use super::super::terminal::tests::PLAIN as NARROW;
    use super::*;

    fn part(signal: &str, score: f32, detail: &str) -> Contribution {
        Contribution {
            signal: signal.to_owned(),
            score,
            detail: detail.to_owned(),
        }
    }

    fn written(parts: &[Contribution], width: usize) -> String {
        let mut page = Page::new(Medium { width, ..NARROW });
        let score = parts.iter().map(|part| part.score).sum();
        write(&mut page, parts, score, 3);
        page.into_text()
    }

    #[test]
    fn signals_stand_in_a_table() {
        let parts = [
            part(
                "title:weakref",
                10.25,
                "idf 4.10, 1 in 6 tokens, in 3 entries",
            ),
            part("coverage", -0.5, "has 50% of the query's words by weight"),
        ];
        assert_eq!(
            written(&parts, 80).lines().collect::<Vec<_>>(),
            [
                "     score  signal         detail",
                "   +10.250  title:weakref  idf 4.10, 1 in 6 tokens, in 3 entries",
                "    -0.500  coverage       has 50% of the query's words by weight",
                "    +9.750  sum",
            ]
        );
        assert_eq!(
            written(&parts, 50).lines().collect::<Vec<_>>(),
            [
                "     score  signal         detail",
                "   +10.250  title:weakref  idf 4.10, 1 in 6",
                "                           tokens, in 3 entries",
                "    -0.500  coverage       has 50% of the query's",
                "                           words by weight",
                "    +9.750  sum",
            ]
        );
        assert_eq!(
            written(&parts, 32).lines().collect::<Vec<_>>(),
            [
                "     score  signal",
                "            detail",
                "   +10.250  title:weakref",
                "            idf 4.10, 1 in 6",
                "            tokens, in 3 entries",
                "    -0.500  coverage",
                "            has 50% of the",
                "            query's words by",
                "            weight",
                "    +9.750  sum",
            ]
        );
    }

    #[test]
    fn a_signal_that_is_too_long_leaves_the_details_aligned() {
        let long = "body:a_name_that_is_much_too_long_for_a_column";
        let parts = [part(long, 1.0, "idf 4.10"), part("coverage", 0.5, "half")];
        assert_eq!(
            written(&parts, 80).lines().collect::<Vec<_>>(),
            [
                "    score  signal                          detail",
                &format!("   +1.000  {long}"),
                "                                           idf 4.10",
                "   +0.500  coverage                        half",
                "   +1.500  sum",
            ]
        );
    }

    #[test]
    fn scores_add_up_as_they_are_shown() {
        let parts = [
            part("a", 0.0004, ""),
            part("b", 0.0004, ""),
            part("c", 0.0004, ""),
        ];
        assert_eq!(rounded(&parts, 0.0012), ["+0.000", "+0.001", "+0.000"]);
    }
}
