//! Counts of facets for people: a table with bars, and a line a facet under hits.

use std::cmp::Reverse;

use anstyle::Style;
use qdex::FacetField;
use qdex::facets::{FacetCounts, FacetValue};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Medium;
use super::terminal::{BOLD, CODE, DIM, Page, Span, clean};

const PLAIN: Style = Style::new();

/// What the bars are drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bars {
    Blocks,
    Ascii,
    None,
}

/// A blank where lines do not break.
const TIE: &str = "\u{a0}";
/// Bars shorter than this tell nothing.
const MIN_BAR_COLUMNS: usize = 6;
/// Longer bars take the eye from the counts.
const MAX_BAR_COLUMNS: usize = 40;

/// Returns tables of the values of facets, topics as a tree. Of each facet at most `leading_values` are shown, and what
/// filters name.
pub(crate) fn table(
    facets: &[FacetCounts],
    leading_values: usize,
    bars: Bars,
    medium: Medium,
) -> String {
    let mut page = Page::new(medium);
    for facet in facets {
        page.blank_line();
        write_table(&mut page, facet, leading_values, bars);
    }
    page.into_text()
}

/// Returns a line a facet, wrapped: its leading values with their counts.
pub(crate) fn lines(facets: &[FacetCounts], leading_values: usize, medium: Medium) -> String {
    let mut page = Page::new(medium);
    let name_width = facets.iter().map(|facet| facet.field.as_str().len()).max();
    let indent = " ".repeat(name_width.unwrap_or(0) + 2);
    for facet in facets {
        let first = format!("{:<1$}", facet.field, indent.len());
        let shown = leading(facet, leading_values);
        let mut texts: Vec<String> = shown
            .iter()
            .map(|value| {
                let name = match facet.field {
                    FacetField::Topic => value.value.trim_start_matches('/'),
                    _ => &value.value,
                };
                // A value and its count stay on one line.
                let name = clean(name).replace(' ', TIE);
                let mark = mark(value).trim();
                format!("{mark}{name}{TIE}{}", value.count)
            })
            .collect();
        match facet.values.len() - shown.len() + facet.more {
            0 if texts.is_empty() => texts.push("none".to_owned()),
            0 => {}
            left_out => texts.push(format!("…{TIE}{left_out}{TIE}more")),
        }
        let line = texts.join(" · ");
        let style = PLAIN;
        page.wrapped(&[Span { text: &line, style }], &first, &indent);
    }
    page.into_text().replace(TIE, " ")
}

fn write_table(page: &mut Page, facet: &FacetCounts, leading_values: usize, bars: Bars) {
    let field = facet.field;
    page.line(&[Span {
        text: field.as_str(),
        style: BOLD,
    }]);
    if facet.values.is_empty() {
        page.line(&[Span {
            text: "    none",
            style: DIM,
        }]);
    }
    let shown = leading(facet, leading_values);
    let mut names: Vec<String> = match field {
        FacetField::Topic => tree_names(&shown),
        _ => shown
            .iter()
            .map(|value| clean(&value.value).into_owned())
            .collect(),
    };
    let most = shown.iter().map(|value| value.count).max().unwrap_or(0);
    let count_width = most.to_string().len();
    if page.medium.terminal {
        let room = page.medium.width.saturating_sub(4 + 2 + count_width);
        for name in &mut names {
            *name = shortened(name, room);
        }
    }
    let name_width = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let left = page
        .medium
        .width
        .saturating_sub(4 + name_width + 2 + count_width + 2);
    let bar_columns = match left {
        0..MIN_BAR_COLUMNS => 0,
        _ => left.min(MAX_BAR_COLUMNS),
    };
    for (name, value) in names.iter().zip(&shown) {
        let padding = " ".repeat(name_width - name.width());
        let count = format!("{padding}  {:>count_width$}", value.count);
        let bar = match bar(value.count, most, bar_columns, bars) {
            bar if bar.is_empty() => bar,
            bar => format!("  {bar}"),
        };
        let style = if value.selected { BOLD } else { PLAIN };
        page.line(&[
            Span {
                text: mark(value),
                style: PLAIN,
            },
            Span { text: name, style },
            Span {
                text: &count,
                style: DIM,
            },
            Span {
                text: &bar,
                style: CODE,
            },
        ]);
    }
    let left_out = facet.values.len() - shown.len() + facet.more;
    if left_out > 0 {
        let more = format!("    … {left_out} more: `qdex facets {field}`");
        page.line(&[Span {
            text: &more,
            style: DIM,
        }]);
    }
}

/// Returns a name that fits into columns: the end of a long one, which is what tells paths from each other.
fn shortened(name: &str, columns: usize) -> String {
    if name.width() <= columns {
        return name.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let fits = |character: &char| match left.checked_sub(character.width().unwrap_or(0)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let end: Vec<char> = name.chars().rev().take_while(fits).collect();
    std::iter::once('…').chain(end.into_iter().rev()).collect()
}

/// Returns what tells values that filters name from the others.
fn mark(value: &FacetValue) -> &'static str {
    match (value.selected, value.excluded) {
        (_, true) => "  - ",
        (true, _) => "  * ",
        _ => "    ",
    }
}

/// Returns the names of topics in a tree: what is below a topic that is shown is indented under it.
fn tree_names(topics: &[&FacetValue]) -> Vec<String> {
    let mut above: Vec<&str> = Vec::new();
    let mut names = Vec::with_capacity(topics.len());
    for topic in topics {
        let path = topic.value.as_str();
        let is_below = |parent: &str| {
            path.strip_prefix(parent)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        while above.last().is_some_and(|parent| !is_below(parent)) {
            above.pop();
        }
        let start = above.last().map_or(0, |parent| parent.len()) + 1;
        let step = clean(path.get(start..).unwrap_or(path));
        names.push(format!("{}{step}", "  ".repeat(above.len())));
        above.push(path);
    }
    names
}

/// Returns a bar whose length is to `columns` as `count` is to `most`.
fn bar(count: u64, most: u64, columns: usize, bars: Bars) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if count == 0 || columns == 0 {
        return String::new();
    }
    let length = count as f64 / most as f64 * columns as f64;
    match bars {
        Bars::None => String::new(),
        Bars::Ascii => "#".repeat((length.round() as usize).max(1)),
        Bars::Blocks => {
            let eighths = ((length * 8.0).round() as usize).max(1);
            format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
        }
    }
}

/// Returns the most frequent values and those that filters name, in the order in which they stand. Above a topic that is
/// shown stand the topics that it belongs to.
fn leading(facet: &FacetCounts, limit: usize) -> Vec<&FacetValue> {
    let values = &facet.values;
    let mut by_count: Vec<usize> = (0..values.len()).collect();
    by_count.sort_by_key(|place| (Reverse(values[*place].count), *place));
    let mut is_shown = vec![false; values.len()];
    for (rank, place) in by_count.into_iter().enumerate() {
        is_shown[place] = rank < limit || values[place].selected || values[place].excluded;
    }
    if facet.field == FacetField::Topic {
        for place in 0..values.len() {
            if values[place].selected || values[place].excluded {
                let topic = format!("{}/", values[place].value);
                for above in 0..place {
                    is_shown[above] |= topic.starts_with(&format!("{}/", values[above].value));
                }
            }
        }
    }
    let shown = values
        .iter()
        .zip(is_shown)
        .filter(|(_, is_shown)| *is_shown);
    shown.map(|(value, _)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::super::terminal::tests::{COLOR, PLAIN, any_text, assert_harmless};
    use super::*;
    use proptest::prelude::*;

    fn value(value: &str, count: u64, mark: char) -> FacetValue {
        FacetValue {
            value: value.to_owned(),
            count,
            selected: mark == '*',
            excluded: mark == '-',
        }
    }

    fn topics() -> FacetCounts {
        FacetCounts {
            field: FacetField::Topic,
            values: vec![
                value("/a", 2, ' '),
                value("/a/b", 1, ' '),
                value("/c", 30, ' '),
                value("/c/漢", 1, '*'),
                value("/d", 2, ' '),
                value("/e/f/g", 4, '-'),
            ],
            more: 0,
        }
    }

    fn check(limit: usize, bars: Bars, columns: usize, expected: &str) {
        let medium = Medium {
            width: columns,
            ..PLAIN
        };
        assert_eq!(
            table(&[topics()], limit, bars, medium),
            expected,
            "{bars:?}"
        );
    }

    #[test]
    fn topics_are_a_tree() {
        check(
            9,
            Bars::None,
            40,
            "\
topic
    a       2
      b     1
    c      30
  *   漢    1
    d       2
  - e/f/g   4
",
        );
    }

    #[test]
    fn the_most_frequent_values_lead_and_bars_fit_the_width() {
        check(
            1,
            Bars::Ascii,
            30,
            "\
topic
    c      30  ###############
  *   漢    1  #
  - e/f/g   4  ##
    … 3 more: `qdex facets topic`
",
        );
        check(
            1,
            Bars::Blocks,
            30,
            "\
topic
    c      30  ███████████████
  *   漢    1  ▌
  - e/f/g   4  ██
    … 3 more: `qdex facets topic`
",
        );
        let narrow = "\
topic
    c      30
  *   漢    1
  - e/f/g   4
    … 3 more: `qdex facets topic`
";
        check(1, Bars::Blocks, 20, narrow);
    }

    #[test]
    fn names_that_are_too_long_keep_their_end() {
        for (name, columns, expected) in [
            ("corpus/a.md", 11, "corpus/a.md"),
            ("corpus/a.md", 6, "…/a.md"),
            ("漢字漢字", 6, "…漢字"),
            ("abc", 0, "…"),
        ] {
            assert_eq!(shortened(name, columns), expected, "{name}");
        }
    }

    #[test]
    fn a_line_a_facet_stands_under_hits() {
        let none = FacetCounts {
            field: FacetField::Lang,
            values: Vec::new(),
            more: 0,
        };
        let cut = FacetCounts {
            field: FacetField::Tag,
            values: vec![value("gc", 2, ' ')],
            more: 7,
        };
        let expected = "\
topic  c 30 · *c/漢 1 ·
       -e/f/g 4 · … 3 more
lang   none
tag    gc 2 · … 7 more
";
        assert_eq!(lines(&[topics(), none, cut], 2, PLAIN), expected);
    }

    proptest! {
        #[test]
        fn any_value_is_harmless(text in any_text(), count in 0..9u64) {
            for field in FacetField::ALL {
                let values = vec![value(&text, count, '*'), value("/x", 9, ' ')];
                let facet = FacetCounts { field, values, more: 0 };
                for medium in [PLAIN, COLOR] {
                    assert_harmless(&table(std::slice::from_ref(&facet), 5, Bars::Blocks, medium));
                    assert_harmless(&lines(std::slice::from_ref(&facet), 5, medium));
                }
            }
        }
    }
}
