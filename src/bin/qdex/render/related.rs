//! Related entries: for people, and as JSON with fixed keys.

use anstyle::Style;
use qdex::search::{Related, RelatedEntries, Why};
use serde::Serialize;

use super::json::{self, SourceView};
use super::terminal::{BOLD, DIM, Page, Span};
use super::{Medium, hits};

/// Returns the related entries, each with its title, facts, and why it is here.
pub(crate) fn text(related: &[Related], medium: Medium) -> String {
    let mut page = Page::new(medium);
    let last_rank = related.last().map_or(0, |related| related.rank);
    let rank_width = last_rank.to_string().len();
    for related in related {
        page.blank_line();
        let rank = format!("{:>rank_width$}. ", related.rank);
        let indent = " ".repeat(rank.len());
        let title = &related.entry.title;
        page.wrapped(&[span(title, BOLD)], &rank, &indent);
        let facts = hits::facts(&related.entry);
        page.wrapped(&[span(&facts, DIM)], &indent, &indent);
        let why = reasons(related);
        page.wrapped(&[span(&why, Style::new())], &indent, &indent);
    }
    page.into_text()
}

fn span(text: &str, style: Style) -> Span<'_> {
    Span { text, style }
}

/// Returns why an entry is related, as people say it: `linked · shares quicksort, pivot`.
fn reasons(related: &Related) -> String {
    let reason = |why: &Why| match why {
        Why::SharedTerms => format!("shares {}", related.shared.join(", ")),
        why => why.as_str().to_owned(),
    };
    let reasons: Vec<String> = related.why.iter().map(reason).collect();
    reasons.join(" · ")
}

/// Returns the object of `related --json`.
pub(crate) fn json(found: &RelatedEntries) -> String {
    json::line(&RelatedEntriesView {
        id: &found.of.id,
        title: &found.of.title,
        total: found.total,
        took_us: found.took.as_micros(),
        related: found.related.iter().map(RelatedView::new).collect(),
    })
}

/// Returns the lines of `related --format jsonl`.
pub(crate) fn json_lines(related: &[Related]) -> String {
    let line = |related| json::line(&RelatedView::new(related));
    related.iter().map(line).collect()
}

#[derive(Serialize)]
struct RelatedEntriesView<'a> {
    id: &'a str,
    title: &'a str,
    total: u64,
    took_us: u128,
    related: Vec<RelatedView<'a>>,
}

#[derive(Serialize)]
struct RelatedView<'a> {
    rank: usize,
    id: &'a str,
    score: f32,
    title: &'a str,
    difficulty: Option<&'a str>,
    topic: Option<&'a str>,
    framework: Option<&'a str>,
    tags: &'a [String],
    url: Option<&'a str>,
    source: SourceView<'a>,
    why: Vec<&'static str>,
    shared: &'a [String],
}

impl<'a> RelatedView<'a> {
    fn new(related: &'a Related) -> Self {
        let entry = &related.entry;
        RelatedView {
            rank: related.rank,
            id: &entry.id,
            score: related.score,
            title: &entry.title,
            difficulty: entry.difficulty.map(|difficulty| difficulty.as_str()),
            topic: entry.topic.as_ref().map(|topic| topic.as_str()),
            framework: entry.framework.as_deref(),
            tags: &entry.tags,
            url: entry.url.as_deref(),
            source: SourceView::new(&entry.source),
            why: related.why.iter().map(|why| why.as_str()).collect(),
            shared: &related.shared,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::terminal::tests::{COLOR, PLAIN, any_text, assert_harmless};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn related_entries_steer_no_terminal(text in any_text()) {
            let related = [Related {
                rank: 1,
                score: 1.0,
                entry: qdex::Entry { id: text.clone(), title: text.clone(), ..qdex::Entry::default() },
                why: vec![Why::Linked, Why::SharedTerms],
                shared: vec![text],
            }];
            for medium in [PLAIN, COLOR] {
                assert_harmless(&super::text(&related, medium));
            }
            assert_harmless(&json_lines(&related));
        }
    }
}
