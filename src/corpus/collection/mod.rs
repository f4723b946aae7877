//! Collections of questions in plain Markdown, each in a convention of its own.
//!
//! Every convention is a way to cut a document into questions. All are tried, and the one that explains the document
//! best is taken: its titles look like questions, its answers are not empty, and it covers the text ([`score`]).

mod evidence;
mod marks;
mod questions;
mod segments;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use super::headings::Heading;
use crate::entry::Difficulty;
pub(super) use evidence::{names_questions, of_title as evidence_of_title};
use segments::{Reader, Segment};

/// How a document marks its questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Convention {
    /// Headings of any level that ask.
    Asking,
    /// The headings of a level.
    Headings(u8),
    /// `<summary>` inside as many `<details>`.
    Summaries(usize),
    /// Paragraphs that begin with `Q:`.
    Prefixed,
    /// Bold paragraphs.
    Bold,
    /// Items of lists, at a depth.
    Items(usize),
    /// Rows of tables with a column of questions and one of answers.
    Rows,
    /// The file is one question.
    File,
}

impl fmt::Display for Convention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Convention::Asking => f.write_str("asking headings"),
            Convention::Headings(level) => write!(f, "headings {level}"),
            Convention::Summaries(1) => f.write_str("summaries"),
            Convention::Summaries(depth) => write!(f, "summaries {depth}"),
            Convention::Prefixed => f.write_str("prefixed paragraphs"),
            Convention::Bold => f.write_str("bold paragraphs"),
            Convention::Items(1) => f.write_str("list items"),
            Convention::Items(depth) => write!(f, "list items {depth}"),
            Convention::Rows => f.write_str("table rows"),
            Convention::File => f.write_str("file"),
        }
    }
}

impl FromStr for Convention {
    type Err = ();

    /// Reads what `Display` writes.
    fn from_str(name: &str) -> Result<Self, ()> {
        let levels = (1..=6).map(Convention::Headings);
        let depths =
            (1..=3).flat_map(|depth| [Convention::Summaries(depth), Convention::Items(depth)]);
        [
            Convention::Asking,
            Convention::Prefixed,
            Convention::Bold,
            Convention::Rows,
            Convention::File,
        ]
        .into_iter()
        .chain(levels)
        .chain(depths)
        .find(|convention| convention.to_string() == name.trim())
        .ok_or(())
    }
}

/// A file and what stands beside it.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    pub(super) body: &'a str,
    /// The line of the body's first line in its file.
    pub(super) body_line: u64,
    pub(super) headings: &'a [Heading<'a>],
    /// The title that the file gives itself, else its name.
    pub(super) title: String,
    /// Whether something beside the file says that it is one question: facts about it, or siblings named like questions.
    pub(super) is_one_question: bool,
    /// Whether its title, its name or its folder says that it holds questions.
    pub(super) names_questions: bool,
    /// The convention, when the user chose one.
    pub(super) choice: Option<Convention>,
}

/// A question of a collection.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    /// The question, in Markdown: its title, and what else it asks in paragraphs below.
    pub(super) asked: String,
    pub(super) answer: String,
    /// The id that its heading gives it.
    pub(super) id: Option<String>,
    pub(super) line: u64,
    pub(super) difficulty: Option<Difficulty>,
    /// The headings that it stands under, topmost first.
    pub(super) sections: Vec<String>,
}

/// The questions of a document, and how they were found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) convention: Convention,
    pub(super) questions: Vec<Question>,
    /// Headings that belong to no question: line, title, why.
    pub(super) left_over: Vec<(u64, String, &'static str)>,
}

/// Returns the questions of a document in the convention that explains it best; `None` when none does.
pub(super) fn find(document: &Document<'_>) -> Option<Found> {
    let reader = Reader::new(document);
    let mut best: Option<(f64, Convention, Vec<Segment>)> = None;
    for (convention, segments) in reader.candidates() {
        if document.choice.is_some_and(|choice| choice != convention) {
            continue;
        }
        let score = score(
            &segments,
            document.body.trim().len(),
            reader.weight(convention),
        );
        if best.as_ref().is_none_or(|(most, ..)| score > most + 1e-9) {
            best = Some((score, convention, segments));
        }
    }
    let (_, convention, segments) = best?;
    Some(reader.found(convention, segments))
}

/// Returns how well a segmentation explains a document: the part of the text that it covers, times how sure it is that its
/// titles are questions. Of two that explain as much, the one with more questions is the better one.
fn score(segments: &[Segment], body_bytes: usize, alone: f64) -> f64 {
    let covered: usize = segments
        .iter()
        .map(|segment| segment.end.saturating_sub(segment.mark.start))
        .sum();
    let believed: f64 = segments
        .iter()
        .map(|segment| segment.evidence * if segment.is_answered { 1.0 } else { 0.5 })
        .sum();
    let count = segments.len().max(1) as f64;
    let coverage = covered as f64 / body_bytes.max(1) as f64;
    coverage.min(1.0) * (believed / count) * (1.0 - alone / count)
}
