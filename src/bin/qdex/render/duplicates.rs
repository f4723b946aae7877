//! Near-duplicates: for people, and as JSON with fixed keys.

use anstyle::Style;
use qdex::Source;
use qdex::duplicates::{DuplicateEntry, DuplicateGroup};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::Medium;
use super::json::{self, SourceView};
use super::terminal::{BOLD, DIM, Page, Span};

/// Returns the groups, each with the title of its first entry, and a line for each entry: its similarity, its id and
/// where it was read. A title that differs follows.
pub(crate) fn text(groups: &[DuplicateGroup], medium: Medium) -> String {
    let mut page = Page::new(medium);
    let rank_width = groups.len().to_string().len();
    for (place, group) in groups.iter().enumerate() {
        page.blank_line();
        let rank = format!("{:>rank_width$}. ", place + 1);
        let indent = " ".repeat(rank.len());
        let title = group.entries.first().map_or("", |entry| &entry.title);
        page.wrapped(&[span(title, BOLD)], &rank, &indent);
        for entry in &group.entries {
            let first = format!("{indent}{}  ", rounded(entry.similarity));
            let rest = " ".repeat(first.len());
            let place = place_of(&entry.source);
            let id = span(&entry.id, Style::new());
            let columns = first.len() + entry.id.width() + " · ".width() + place.width();
            if columns <= medium.width {
                page.wrapped(&[id, span(" · ", DIM), span(&place, DIM)], &first, &rest);
            } else {
                page.wrapped(&[id], &first, &rest);
                page.wrapped(&[span(&place, DIM)], &rest, &rest);
            }
            if entry.title != title {
                page.wrapped(&[span(&entry.title, DIM)], &rest, &rest);
            }
        }
    }
    page.into_text()
}

/// Returns the line under the groups: `3 groups of near-duplicates, 7 entries`.
pub(crate) fn footer(groups: &[DuplicateGroup]) -> String {
    let entries: usize = groups.iter().map(|group| group.entries.len()).sum();
    match groups.len() {
        1 => format!("1 group of near-duplicates, {entries} entries"),
        groups => format!("{groups} groups of near-duplicates, {entries} entries"),
    }
}

/// Returns a similarity with two digits; only the same text has 1.00.
fn rounded(similarity: f64) -> String {
    let cut = if similarity < 1.0 {
        similarity.min(0.99)
    } else {
        1.0
    };
    format!("{cut:.2}")
}

fn span(text: &str, style: Style) -> Span<'_> {
    Span { text, style }
}

fn place_of(source: &Source) -> String {
    match source.line {
        Some(line) => format!("{}:{line}", source.path),
        None => source.path.clone(),
    }
}

/// Returns the object of `dupes --json`.
pub(crate) fn json(min: f64, groups: &[DuplicateGroup]) -> String {
    json::line(&DuplicatesView {
        min,
        groups: groups.iter().map(GroupView::new).collect(),
    })
}

#[derive(Serialize)]
struct DuplicatesView<'a> {
    min: f64,
    groups: Vec<GroupView<'a>>,
}

#[derive(Serialize)]
struct GroupView<'a> {
    similarity: f64,
    entries: Vec<EntryView<'a>>,
}

#[derive(Serialize)]
struct EntryView<'a> {
    id: &'a str,
    title: &'a str,
    source: SourceView<'a>,
    similarity: f64,
    like: &'a str,
}

impl<'a> GroupView<'a> {
    fn new(group: &'a DuplicateGroup) -> Self {
        let entry = |entry: &'a DuplicateEntry| EntryView {
            id: &entry.id,
            title: &entry.title,
            source: SourceView::new(&entry.source),
            similarity: entry.similarity,
            like: &entry.like,
        };
        GroupView {
            similarity: group.similarity,
            entries: group.entries.iter().map(entry).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::terminal::tests::{COLOR, PLAIN, any_text, assert_harmless};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_same_text_is_rounded_to_one() {
        for (similarity, written) in [
            (1.0, "1.00"),
            (0.999, "0.99"),
            (0.8, "0.80"),
            (0.126, "0.13"),
        ] {
            assert_eq!(rounded(similarity), written);
        }
    }

    proptest! {
        #[test]
        fn duplicates_steer_no_terminal(text in any_text(), other in any_text()) {
            let entry = |title: String| DuplicateEntry {
                id: text.clone(),
                title,
                source: Source { path: text.clone(), ..Source::default() },
                similarity: 0.9,
                like: text.clone(),
            };
            let entries = vec![entry(text.clone()), entry(other)];
            let groups = [DuplicateGroup { similarity: 0.9, entries }];
            for medium in [PLAIN, COLOR] {
                assert_harmless(&super::text(&groups, medium));
            }
            assert_harmless(&json(0.8, &groups));
        }
    }
}
