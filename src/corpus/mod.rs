//! Corpora: which format a file has, and a stream of the entries in it. Only this module knows file formats.
//!
//! [`Corpus::open`] takes files and folders. What a file is read as depends on its content; its name only says what is
//! worth trying:
//!
//! - **Nuxt payloads**, as `_payload.json` or inside of an HTML page: pages with `questions`.
//! - **Markdown** with YAML, TOML or JSON front matter, or without: `questions` in the front matter, answered there or in
//!   the body; or headings that ask something. See [`ReadOptions::sections`] for pages that ask nothing.
//! - **JSON**: one [`Entry`] in its serde form, or a list of them.
//! - **JSONL**: an [`Entry`] a line, or BEIR's `{"_id", "title", "text", "metadata"}`.
//! - **Dumps of Stack Exchange sites**: `Posts.xml`, with `PostLinks.xml`, `Comments.xml`, `Users.xml` and `Tags.xml` beside it, or 7z
//!   archives of them. The folder or the archive names the site.
//!
//! A record that has a `source` with a path keeps it: what `qdex show --json` printed is the same entry when it is read
//! again, and says where it was first written. Other records get the file and line that they were read from.
//!
//! A file with another kind of content is counted and passed over, unless it was named itself; `queries.jsonl` beside a
//! folder `qrels`, and the files in there, are judgments and passed over too. Text is UTF-8, or UTF-16 with a byte order
//! mark.

mod beir;
mod beside;
mod choice;
mod collection;
mod content;
mod detect;
mod devalue;
mod folds;
mod front_matter;
mod headings;
mod json;
mod jsonl;
mod markdown;
mod nuxt;
mod page;
mod records;
mod stack_exchange;
mod state;
mod stream;
#[cfg(test)]
mod tests;
mod text;
mod walk;
mod yaml;

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::entry::Entry;

pub use choice::Choice;
pub use state::{FileState, states};
pub use stream::{Corpus, FileCounts, Progress};

/// What to read, and how.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Whether pages without questions become entries, one a heading section.
    pub sections: bool,
    /// Which entries are wanted.
    pub choice: Choice,
    /// Whether [`Corpus::outlines`] tells how the questions of Markdown files were found.
    pub outline: bool,
    /// The site that dumps are of, when their folders or archives are not named after it: `stackoverflow.com`.
    pub site: Option<String>,
    /// The folder for temporary files of dumps that are too large to be joined in memory; they have no names there and
    /// go when they are closed. Without it everything is joined in memory.
    pub spill: Option<PathBuf>,
    /// The files to read of those below the paths; the others are counted and passed over. `None` for all.
    pub only: Option<Arc<HashSet<PathBuf>>>,
}

/// One item of a corpus: an entry, or what was wrong with one.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// An entry.
    Entry(Box<Entry>),
    /// Something that was skipped or looks wrong.
    Problem(Problem),
}

/// How the questions of a Markdown file were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// The file.
    pub path: String,
    /// What marks its questions, such as `headings 3`; a `qdex.toml` beside the corpus can name another as `convention`.
    pub convention: Option<String>,
    /// Headings that belong to no question: their line, their text, and why.
    pub left_over: Vec<(u64, String, &'static str)>,
}

/// What is wrong with a file or a record of a corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether the entry was lost.
    pub severity: Severity,
    /// The file.
    pub path: String,
    /// The line, counted from 1, where it is known.
    pub line: Option<u64>,
    /// The record inside the file: a question's id, a slot, ….
    pub record: Option<String>,
    /// What was expected, what was found, what to do.
    pub message: String,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The entry is indexed; something about it looks wrong.
    Warning,
    /// The record or file is not indexed.
    Skipped,
}

impl fmt::Display for Problem {
    /// Writes `path:line: record: message`, without the parts that are not known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(record) = &self.record {
            write!(f, ": {record}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// One file of a corpus whose text is in memory.
pub(crate) struct TextFile<'a> {
    /// The file as it was named to the indexer.
    pub(crate) path: &'a str,
    /// The path below the folder that was given to the indexer, with `/` between steps: ids are made of it.
    pub(crate) relative: &'a str,
    /// The whole text, without a byte order mark.
    pub(crate) text: &'a str,
    /// What to read.
    pub(crate) options: &'a ReadOptions,
    /// What stands beside it, where that is known.
    pub(crate) beside: Option<&'a beside::Beside>,
}

/// Where readers put what they find.
pub(crate) type Sink<'a> = dyn FnMut(Item) + 'a;

impl TextFile<'_> {
    /// Returns a problem of this file.
    pub(crate) fn problem(
        &self,
        severity: Severity,
        line: Option<u64>,
        message: impl Into<String>,
    ) -> Item {
        Item::Problem(Problem {
            severity,
            path: self.path.to_owned(),
            line,
            record: None,
            message: message.into(),
        })
    }
}
