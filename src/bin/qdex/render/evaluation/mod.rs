//! Figures of an evaluation, as tables for people and as JSON.

mod comparison;
mod json;

use std::path::Path;
use std::time::Duration;

use anstyle::Style;
use qdex::evaluate::compare::Comparison;
use qdex::evaluate::{DEPTH, Evaluation, JudgedSet, Measures, own};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::terminal::{BOLD, DIM, Page, Span, clean};
use super::{Medium, text};

pub(crate) use json::{json, self_json};

const PLAIN: Style = Style::new();
/// Columns of the names of sets: what 80 leave beside the figures.
const NAME_WIDTH: usize = 17;
/// Columns of the number of queries.
const COUNT_WIDTH: usize = 9;
/// Columns of a measure and its interval, with what parts them from the next.
const MEASURE_WIDTH: usize = 13;

/// What `qdex eval DIR` measured.
pub(crate) struct Measured<'a> {
    /// The index; `None` for a temporary one.
    pub(crate) index: Option<&'a Path>,
    pub(crate) sets: Vec<MeasuredSet<'a>>,
    /// How many queries were searched for, and how long that took.
    pub(crate) queries: usize,
    pub(crate) took: Duration,
}

/// The figures of one file of judgments.
pub(crate) struct MeasuredSet<'a> {
    pub(crate) name: &'a str,
    pub(crate) evaluation: Evaluation,
    pub(crate) compared: Option<Compared<'a>>,
    /// Plain BM25 over words against the same over code tokens.
    pub(crate) code_tokens: Option<Comparison>,
}

/// A comparison with a run file.
#[derive(Serialize)]
pub(crate) struct Compared<'a> {
    pub(crate) run: &'a Path,
    #[serde(flatten)]
    pub(crate) comparison: Comparison,
}

/// What `qdex eval --self` measured.
pub(crate) struct MeasuredSelf<'a> {
    pub(crate) index: &'a Path,
    /// How many entries the queries were made of.
    pub(crate) entries: usize,
    pub(crate) kinds: Vec<(own::Kind, JudgedSet, Evaluation)>,
    pub(crate) took: Duration,
}

impl MeasuredSelf<'_> {
    /// Returns what could not be measured, and why.
    fn not_measured(&self) -> Vec<&'static str> {
        let is_empty = |(kind, set, _): &(own::Kind, JudgedSet, Evaluation)| {
            *kind == own::Kind::Duplicates && set.queries.is_empty()
        };
        let missing = self.kinds.iter().any(is_empty);
        missing.then_some(DUPLICATES).into_iter().collect()
    }
}

/// What the figures of `--self` mean.
const MEASURES: &str = "how well an entry is found again by what somebody remembers of it: each query is made of one \
                        entry, and that entry is the right answer";
/// What they do not mean.
const CANNOT: &str = "how well people's own questions are answered: but for duplicates, every query shares words with its \
                      entry, nothing is asked in other words, and another entry that answers as well counts as wrong";
/// Why duplicates are missing, where they are.
const DUPLICATES: &str = "duplicates: no entry names another one that it duplicates";

/// Returns the tables of `qdex eval DIR`.
pub(crate) fn text(measured: &Measured<'_>, medium: Medium) -> String {
    let mut page = Page::new(medium);
    write_head(&mut page, "qrels");
    for set in &measured.sets {
        write_row(&mut page, set.name, &set.evaluation);
    }
    page.blank_line();
    write_speed(&mut page, measured.queries, measured.took);
    for set in &measured.sets {
        if let Some(compared) = &set.compared {
            comparison::write(&mut page, set.name, compared);
        }
        if let Some(comparison) = &set.code_tokens {
            comparison::write_code_tokens(&mut page, set.name, comparison);
        }
    }
    page.into_text()
}

/// Returns the table of `qdex eval --self`.
pub(crate) fn self_text(measured: &MeasuredSelf<'_>, medium: Medium) -> String {
    let mut page = Page::new(medium);
    write_head(&mut page, "queries made by");
    for (kind, _, evaluation) in &measured.kinds {
        write_row(&mut page, kind.as_str(), evaluation);
    }
    page.blank_line();
    let source = format!(
        "Made of {} entries of `{}`; the same every time.",
        measured.entries,
        measured.index.display()
    );
    write_note(&mut page, "", &source);
    let queries = measured.kinds.iter().map(|(_, set, _)| set.queries.len());
    write_speed(&mut page, queries.sum(), measured.took);
    page.blank_line();
    write_note(&mut page, "Measures ", &format!("{MEASURES}."));
    write_note(&mut page, "Does not measure ", &format!("{CANNOT}."));
    for reason in measured.not_measured() {
        write_note(&mut page, "Not measured: ", &format!("{reason}."));
    }
    page.into_text()
}

fn write_note(page: &mut Page, label: &str, note: &str) {
    let spans = [
        Span {
            text: label,
            style: BOLD,
        },
        Span {
            text: note,
            style: PLAIN,
        },
    ];
    page.wrapped(&spans, "", "");
}

fn write_speed(page: &mut Page, queries: usize, took: Duration) {
    let speed = format!(
        "{queries} searches for {DEPTH} hits in {}: {:.0} queries/s.",
        text::duration(took),
        per_second(queries, took)
    );
    write_note(page, "", &speed);
    write_note(page, "", "In brackets: 95% intervals.");
}

fn per_second(queries: usize, took: Duration) -> f64 {
    queries as f64 / took.as_secs_f64().max(1e-6)
}

fn write_head(page: &mut Page, name: &str) {
    let mut head = format!("{name:<NAME_WIDTH$}{:>COUNT_WIDTH$}  ", "queries");
    for name in Measures::NAMES {
        head.push_str(&format!(" {name:<width$}", width = MEASURE_WIDTH - 1));
    }
    page.line(&[Span {
        text: head.trim_end(),
        style: BOLD,
    }]);
}

/// Writes the means with their intervals under them.
fn write_row(page: &mut Page, name: &str, evaluation: &Evaluation) {
    let name = clean(name);
    // A long name has a line of its own.
    let mut row = if name.width() < NAME_WIDTH {
        format!("{name}{}", " ".repeat(NAME_WIDTH - name.width()))
    } else {
        page.line(&[Span {
            text: &name,
            style: PLAIN,
        }]);
        " ".repeat(NAME_WIDTH)
    };
    row.push_str(&format!("{:>COUNT_WIDTH$}  ", evaluation.queries.len()));
    let mut intervals = " ".repeat(NAME_WIDTH + COUNT_WIDTH + 2);
    if evaluation.queries.is_empty() {
        row.push_str(" none could be made");
    } else {
        let (lower, upper) = evaluation.interval;
        let ends = lower.values().into_iter().zip(upper.values());
        for (mean, (lower, upper)) in evaluation.mean.values().into_iter().zip(ends) {
            row.push_str(&format!(" {mean:<width$.3}", width = MEASURE_WIDTH - 1));
            let interval = format!("[{lower:.2}, {upper:.2}]");
            intervals.push_str(&format!("{interval:<MEASURE_WIDTH$}"));
        }
    }
    page.line(&[Span {
        text: row.trim_end(),
        style: PLAIN,
    }]);
    if !intervals.trim().is_empty() {
        page.line(&[Span {
            text: intervals.trim_end(),
            style: DIM,
        }]);
    }
}
