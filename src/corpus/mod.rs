//! Corpora: which format a file has, and a stream of the entries in it. Only this module knows file formats.

mod content;
mod devalue;
mod nuxt;
mod page;

use std::fmt;

use crate::entry::Entry;

/// What to read besides questions.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Whether pages without questions become entries, one a heading section.
    pub sections: bool,
}

/// One item of a corpus: an entry, or what was wrong with one.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// An entry.
    Entry(Box<Entry>),
    /// Something that was skipped or looks wrong.
    Problem(Problem),
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
