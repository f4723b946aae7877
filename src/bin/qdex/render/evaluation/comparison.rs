//! A comparison for people: by how much each mean differs, and which queries moved.

use qdex::evaluate::compare::{Comparison, MovedEntry, MovedQuery, Reason, Standing};
use qdex::evaluate::{DEPTH, Measures};

use super::super::terminal::{BOLD, DIM, Page, Span};
use super::{Compared, PLAIN, write_note};

/// Characters of a query that a list shows: some are whole pages.
const QUERY_CHARS: usize = 150;
/// Signals that a reason names: the rest differ little.
const SIGNALS: usize = 4;

/// Writes what differs from a run: the means, and the queries that moved most.
pub(super) fn write(page: &mut Page, name: &str, compared: &Compared<'_>) {
    let Compared { run, comparison } = compared;
    page.blank_line();
    let head = format!("{name}, compared with `{}`", run.display());
    write_note(page, &head, "");
    write_differences(page, ["before", "now"], comparison);
    for (label, moved) in [
        ("Most gained", &comparison.rose),
        ("Most lost", &comparison.fell),
    ] {
        if !moved.is_empty() {
            page.blank_line();
            write_note(page, label, "");
            for query in moved {
                write_moved(page, query);
            }
        }
    }
}

/// Writes, as a row, what plain BM25 gains when it counts code tokens instead of words.
pub(super) fn write_code_tokens(page: &mut Page, name: &str, comparison: &Comparison) {
    page.blank_line();
    let head = format!("{name}, plain BM25 over words and over code tokens");
    write_note(page, &head, "");
    write_differences(page, ["words", "tokens"], comparison);
}

/// Writes by how much each mean differs, and how many queries moved.
fn write_differences(page: &mut Page, [before, now]: [&str; 2], comparison: &Comparison) {
    let head = format!(
        "{:14}{before:>6} {now:>6}   difference   95% interval           p",
        ""
    );
    page.line(&[Span {
        text: &head,
        style: DIM,
    }]);
    for (measure, name) in Measures::NAMES.into_iter().enumerate() {
        let of = |measures: Measures| measures.values()[measure];
        let interval = format!(
            "[{:+.3}, {:+.3}]",
            of(comparison.lower),
            of(comparison.upper)
        );
        let row = format!(
            "{name:<12}   {:.3}  {:.3}       {:+.3}   {interval:<20}{:.4}",
            of(comparison.before),
            of(comparison.after),
            of(comparison.difference),
            of(comparison.p)
        );
        page.line(&[Span {
            text: &row,
            style: PLAIN,
        }]);
    }
    let counts = format!(
        "By nDCG@10, {} queries are better, {} worse, {} the same. p: how likely so large a difference is by chance.",
        comparison.better, comparison.worse, comparison.equal
    );
    write_note(page, "", &counts);
}

fn write_moved(page: &mut Page, moved: &MovedQuery) {
    let text: Vec<&str> = moved.text.split_whitespace().collect();
    let text = text.join(" ");
    let shown = match text.char_indices().nth(QUERY_CHARS) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    };
    let figures = format!("nDCG {:.3} → {:.3}", moved.before, moved.after);
    let spans = [
        Span {
            text: &moved.id,
            style: BOLD,
        },
        Span {
            text: &format!(" {figures}  {shown}"),
            style: PLAIN,
        },
    ];
    page.wrapped(&spans, "  ", "    ");
    for entry in &moved.entries {
        let line = format!(
            "{} `{}` (grade {}): {} → {}",
            verb(entry),
            entry.id,
            entry.grade,
            rank(entry.before),
            rank(entry.after)
        );
        write_indented(page, &line);
    }
    match &moved.reason {
        Some(reason) => write_indented(page, &why(reason)),
        None => write_indented(
            page,
            &format!("now no relevant entry is among the first {DEPTH} hits"),
        ),
    }
}

fn write_indented(page: &mut Page, line: &str) {
    let span = Span {
        text: line,
        style: DIM,
    };
    page.wrapped(&[span], "      ", "        ");
}

/// Returns how an entry moved over the edge of the first ten, or inside of it.
fn verb(entry: &MovedEntry) -> &'static str {
    let is_first = |rank: Option<usize>| rank.is_some_and(|rank| rank <= 10);
    match (is_first(entry.before), is_first(entry.after)) {
        (false, _) => "entered",
        (_, false) => "left",
        _ if entry.after < entry.before => "rose",
        _ => "fell",
    }
}

fn rank(rank: Option<usize>) -> String {
    rank.map_or("none".to_owned(), |rank| format!("rank {rank}"))
}

/// Returns one line: where the first relevant entry is now, beside whom, and which signals tell them apart.
fn why(reason: &Reason) -> String {
    let standing = |standing: &Standing| {
        let Standing { id, rank, score } = standing;
        format!("rank {rank} `{id}` {score:.2}")
    };
    let entry = standing(&reason.entry);
    let Some(rival) = &reason.rival else {
        return format!("now {entry}, the only hit");
    };
    let signals: Vec<String> = reason
        .signals
        .iter()
        .map(|pair| (pair.entry - pair.rival, &pair.signal))
        .filter(|(difference, _)| difference.abs() >= 0.005)
        .take(SIGNALS)
        .map(|(difference, signal)| format!("{signal} {difference:+.2}"))
        .collect();
    format!(
        "now {entry} against {}: {}",
        standing(rival),
        signals.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::terminal::tests::{COLOR, PLAIN, any_text, assert_harmless};
    use crate::render::{Medium, json};
    use proptest::prelude::*;
    use qdex::evaluate::compare::SignalPair;
    use std::path::Path;

    fn compared(text: &str) -> Compared<'_> {
        let standing = |rank| Standing {
            id: text.to_owned(),
            rank,
            score: 2.5,
        };
        let moved = MovedQuery {
            id: text.to_owned(),
            text: text.to_owned(),
            before: 0.0,
            after: 1.0,
            entries: vec![MovedEntry {
                id: text.to_owned(),
                grade: 2,
                before: None,
                after: Some(1),
            }],
            reason: Some(Reason {
                entry: standing(1),
                rival: Some(standing(2)),
                signals: vec![SignalPair {
                    signal: text.to_owned(),
                    entry: 1.5,
                    rival: 0.25,
                }],
            }),
        };
        Compared {
            run: Path::new(text),
            comparison: Comparison {
                before: Measures::default(),
                after: Measures::default(),
                difference: Measures::default(),
                lower: Measures::default(),
                upper: Measures::default(),
                p: Measures::default(),
                better: 1,
                worse: 0,
                equal: 0,
                rose: vec![moved],
                fell: Vec::new(),
            },
        }
    }

    #[test]
    fn a_query_that_moved_says_how_and_why() {
        let moved = &compared("gc").comparison.rose[0];
        let medium = Medium { width: 80, ..PLAIN };
        let mut page = Page::new(medium);
        write_moved(&mut page, moved);
        assert_eq!(
            page.into_text(),
            "  gc nDCG 0.000 → 1.000 gc
      entered `gc` (grade 2): none → rank 1
      now rank 1 `gc` 2.50 against rank 2 `gc` 2.50: gc +1.25
"
        );
    }

    #[test]
    fn entries_enter_leave_rise_or_fall() {
        for (before, after, expected) in [
            (None, Some(1), "entered"),
            (Some(11), Some(10), "entered"),
            (Some(10), None, "left"),
            (Some(1), Some(11), "left"),
            (Some(3), Some(2), "rose"),
            (Some(2), Some(3), "fell"),
        ] {
            let entry = MovedEntry {
                id: String::new(),
                grade: 1,
                before,
                after,
            };
            assert_eq!(verb(&entry), expected, "{before:?} {after:?}");
        }
    }

    proptest! {
        #[test]
        fn rendered_figures_are_harmless(text in any_text()) {
            for medium in [PLAIN, COLOR] {
                let mut page = Page::new(medium);
                write(&mut page, &text, &compared(&text));
                write_code_tokens(&mut page, &text, &compared(&text).comparison);
                assert_harmless(&page.into_text());
            }
            assert_harmless(&json::line(&compared(&text)));
        }
    }
}
