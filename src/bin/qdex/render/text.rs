//! Hits and tables for people.

use std::path::Path;
use std::time::Duration;

use anstyle::Style;
use qdex::Entry;
use qdex::search::{Hit, Relaxation, SearchResults, Stats};
use qdex::snippet::{Snippet, SnippetKind};
use unicode_width::UnicodeWidthStr;

use super::terminal::{BOLD, DIM, Page, Span, highlighted};
use super::{Medium, facets};

const PLAIN: Style = Style::new();
/// How many hits of a page show their code whatever its length: ten long ones would push the best hit off the screen.
const HITS_WITH_CODE: usize = 3;
/// Code of so many lines is always shown.
const SHORT_CODE_LINES: usize = 6;

/// Returns the hits, each with its title, facts, passage and code, and the facets that were asked for.
pub(crate) fn results(results: &SearchResults, leading_values: usize, medium: Medium) -> String {
    let mut page = Page::new(medium);
    let last_rank = results.hits.last().map_or(0, |hit| hit.rank);
    let rank_width = last_rank.to_string().len();
    for (place, hit) in results.hits.iter().enumerate() {
        page.blank_line();
        write_hit(&mut page, hit, rank_width, place < HITS_WITH_CODE);
    }
    let mut text = page.into_text();
    if !results.facets.is_empty() {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&facets::lines(&results.facets, leading_values, medium));
    }
    text
}

/// Returns the line under the hits: `3 of 120 hits in 0.4 ms`.
pub(crate) fn footer(results: &SearchResults) -> String {
    let total = results.total;
    let hits = if total == 1 { "hit" } else { "hits" };
    let took = duration(results.took);
    format!("{} of {total} {hits} in {took}", results.hits.len())
}

/// Returns what a search that found nothing could do without: ``without `difficulty:hard` there are 12 hits``.
pub(crate) fn relaxation(relaxation: &Relaxation) -> String {
    let without: Vec<_> = relaxation
        .without
        .iter()
        .map(|part| format!("`{part}`"))
        .collect();
    let without = without.join(", ");
    match relaxation.total {
        1 => format!("without {without} there is 1 hit"),
        total => format!("without {without} there are {total} hits"),
    }
}

/// Returns figures about an index.
pub(crate) fn stats(stats: &Stats, index: &Path, medium: Medium) -> String {
    let counted = |counts: Vec<String>| {
        if counts.is_empty() {
            "none".to_owned()
        } else {
            counts.join(", ")
        }
    };
    let difficulties = stats
        .difficulties
        .iter()
        .map(|(level, count)| format!("{level} {count}"));
    let formats = stats
        .formats
        .iter()
        .map(|(format, count)| format!("{format} {count}"));
    let built = Duration::from_secs(stats.built_unix_seconds);
    let age = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
        .saturating_sub(built);
    let mut page = Page::new(medium);
    for (name, value) in [
        ("index", index.display().to_string()),
        ("built", format!("{} ago", rough_duration(age))),
        ("from", counted(stats.paths.clone())),
        ("entries", stats.entries.to_string()),
        ("difficulty", counted(difficulties.collect())),
        ("formats", counted(formats.collect())),
        ("terms", stats.terms.to_string()),
        ("tokens", stats.tokens.to_string()),
        ("size", bytes(stats.bytes)),
        ("format version", stats.format_version.to_string()),
        ("analysis version", stats.analysis_version.to_string()),
    ] {
        let name = format!("{name:<18}");
        page.line(&[
            Span {
                text: &name,
                style: DIM,
            },
            Span {
                text: &value,
                style: PLAIN,
            },
        ]);
    }
    page.into_text()
}

/// Returns a span of time as people say it: `0.4 ms`, `1.2 s`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        _ if seconds < 0.1 => format!("{:.1} ms", seconds * 1e3),
        _ if seconds < 1.0 => format!("{:.0} ms", seconds * 1e3),
        _ => format!("{seconds:.1} s"),
    }
}

/// Returns a size as people say it: `812 B`, `3.4 MB`.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64 / 1e3;
    let mut unit = 0;
    while size >= 999.95 && unit + 1 < UNITS.len() {
        size /= 1e3;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

fn rough_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn write_hit(page: &mut Page, hit: &Hit, rank_width: usize, with_code: bool) {
    let rank = format!("{:>rank_width$}. ", hit.rank);
    let indent = " ".repeat(rank.len());
    page.wrapped(
        &highlighted(&hit.entry.title, &hit.title_highlights, BOLD),
        &rank,
        &indent,
    );
    let facts = facts(&hit.entry);
    page.wrapped(
        &[Span {
            text: &facts,
            style: DIM,
        }],
        &indent,
        &indent,
    );
    if !hit.missing.is_empty() {
        let missing = format!("without: {}", hit.missing.join(", "));
        page.wrapped(
            &[Span {
                text: &missing,
                style: DIM,
            }],
            &indent,
            &indent,
        );
    }

    // A snippet that is the title or the code block says nothing new.
    let is_repeated = hit.snippet.text == hit.entry.title
        || hit
            .code
            .as_ref()
            .is_some_and(|code| code.text == hit.snippet.text);
    if !is_repeated && !hit.snippet.text.trim().is_empty() {
        page.blank_line();
        write_snippet(page, &hit.snippet, &indent);
    }
    if let Some(code) = &hit.code {
        page.blank_line();
        let lines = code.text.lines().count();
        if with_code || lines <= SHORT_CODE_LINES {
            write_snippet(page, code, &indent);
        } else {
            // Whole or not at all: half a block is no answer.
            let lang = code.lang.as_deref().unwrap_or("code");
            let label = format!("{indent}{lang}: {lines} lines, not shown");
            page.line(&[Span {
                text: &label,
                style: DIM,
            }]);
        }
    }
    if let Some(explanation) = &hit.explanation {
        page.blank_line();
        let score = format!("score {:.3}", hit.score);
        page.wrapped(
            &[Span {
                text: &score,
                style: BOLD,
            }],
            &indent,
            &indent,
        );
        for part in explanation {
            let first = format!("{indent}{:>+9.3}  ", part.score);
            let rest = " ".repeat(first.width());
            let detail = format!("  {}", part.detail);
            let spans = [
                Span {
                    text: &part.signal,
                    style: PLAIN,
                },
                Span {
                    text: &detail,
                    style: DIM,
                },
            ];
            page.wrapped(&spans, &first, &rest);
        }
    }
}

/// Returns what tells one hit from another: difficulty, topic and id. Ids as a rule begin with the topic, which is not
/// said twice.
pub(super) fn facts(entry: &Entry) -> String {
    let mut facts = Vec::new();
    if let Some(difficulty) = entry.difficulty {
        facts.push(difficulty.as_str());
    }
    let topic = entry.topic.as_ref().map(|topic| topic.as_str());
    let topic = topic.filter(|topic| !entry.id.to_lowercase().starts_with(&topic[1..]));
    facts.extend(topic);
    facts.push(&entry.id);
    facts.join(" · ")
}

fn write_snippet(page: &mut Page, snippet: &Snippet, indent: &str) {
    let spans = highlighted(&snippet.text, &snippet.highlights, PLAIN);
    match snippet.kind {
        SnippetKind::Prose => page.wrapped(&spans, indent, indent),
        SnippetKind::Code => write_code(page, &spans, snippet.lang.as_deref(), indent.len()),
    }
}

/// Writes a code block under the name of its language.
pub(super) fn write_code(page: &mut Page, spans: &[Span<'_>], lang: Option<&str>, indent: usize) {
    let label = format!("{}{}:", " ".repeat(indent), lang.unwrap_or("code"));
    page.line(&[Span {
        text: &label,
        style: DIM,
    }]);
    page.code(spans, indent + 4);
}

#[cfg(test)]
mod tests {
    use super::super::terminal::tests::{COLOR, PLAIN, any_text, assert_harmless};
    use super::*;
    use proptest::prelude::*;
    use qdex::facets::{FacetCounts, FacetValue};
    use qdex::search::Contribution;
    use qdex::{Difficulty, FacetField, Topic};

    fn hit(text: &str) -> Hit {
        Hit {
            rank: 1,
            score: 2.0,
            entry: Entry {
                id: text.to_owned(),
                title: text.to_owned(),
                difficulty: Some(Difficulty::Hard),
                topic: Topic::new(text),
                ..Entry::default()
            },
            title_highlights: Vec::new(),
            snippet: Snippet {
                text: format!("{text}."),
                ..Snippet::default()
            },
            code: Some(Snippet {
                text: text.to_owned(),
                kind: SnippetKind::Code,
                lang: Some(text.to_owned()),
                ..Snippet::default()
            }),
            missing: vec![text.to_owned()],
            explanation: Some(vec![Contribution {
                signal: text.to_owned(),
                score: 2.0,
                detail: text.to_owned(),
            }]),
        }
    }

    fn results_of(hit: Hit) -> SearchResults {
        SearchResults {
            query: String::new(),
            read_as: String::new(),
            warnings: Vec::new(),
            suggestion: None,
            relaxations: Vec::new(),
            total: 1,
            took: Duration::from_micros(412),
            facets: vec![FacetCounts {
                field: FacetField::Tag,
                values: vec![FacetValue {
                    value: hit.entry.title.clone(),
                    count: 3,
                    selected: true,
                    excluded: false,
                }],
            }],
            hits: vec![hit],
        }
    }

    #[test]
    fn a_hit_is_laid_out_for_people() {
        let mut hit = hit("gc");
        hit.entry.id = "gc#weak".to_owned();
        hit.entry.title = "What does a weak reference keep alive?".to_owned();
        hit.snippet.text = "Nothing: a weakref does not count.".to_owned();
        hit.snippet.highlights = vec![0..7, 11..18];
        hit.code = Some(Snippet {
            text: "import weakref\nr = weakref.ref(a)".to_owned(),
            kind: SnippetKind::Code,
            ..Snippet::default()
        });
        let mut results = results_of(hit);
        results.facets[0].values[0].value = "memory".to_owned();
        assert_eq!(
            super::results(&results, 10, PLAIN),
            "\
1. What does a weak reference
   keep alive?
   hard · gc#weak
   without: gc

   Nothing: a weakref does not
   count.

   code:
       import weakref
       r = weakref.ref(a)

   score 2.000
      +2.000  gc gc

tag  *memory 3
"
        );
        assert_eq!(footer(&results), "1 of 1 hit in 0.4 ms");
    }

    #[test]
    fn sizes_and_times_are_said_as_people_say_them() {
        for (size, said) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_960, "1.0 MB"),
            (3_400_000, "3.4 MB"),
        ] {
            assert_eq!(bytes(size), said);
        }
        for (micros, said) in [
            (412, "0.4 ms"),
            (99_000, "99.0 ms"),
            (120_000, "120 ms"),
            (1_234_000, "1.2 s"),
        ] {
            assert_eq!(duration(Duration::from_micros(micros)), said);
        }
    }

    proptest! {
        #[test]
        fn rendered_hits_are_harmless(text in any_text()) {
            for medium in [PLAIN, COLOR] {
                assert_harmless(&results(&results_of(hit(&text)), 1, medium));
            }
        }
    }
}
