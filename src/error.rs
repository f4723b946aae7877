//! Every way in which the library fails, as one enum. What a corpus holds wrongly is not a failure but a
//! [`crate::corpus::Problem`].

use std::io;
use std::path::PathBuf;

/// A failed operation: what was attempted, and on what. The cause is its [`source`](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No index stands at the path.
    #[error("no index at `{}`", path.display())]
    NoIndex {
        /// Where one was looked for.
        path: PathBuf,
    },
    /// The index was written by a version of qdex whose format or analysis differs.
    #[error(
        "the index at `{}` has format {found_format} and analysis {found_analysis}, \
         this program reads format {format} and analysis {analysis}",
        path.display()
    )]
    IndexVersion {
        /// The index.
        path: PathBuf,
        /// The format that its meta file names.
        found_format: u32,
        /// The analysis that its meta file names.
        found_analysis: u32,
        /// The format this library reads and writes.
        format: u32,
        /// The analysis this library applies.
        analysis: u32,
    },
    /// The index is there, but a part of it is missing or unreadable.
    #[error("the index at `{}` is damaged: {what}", path.display())]
    IndexDamaged {
        /// The index.
        path: PathBuf,
        /// Which part, and what is wrong with it.
        what: String,
    },
    /// Another process is building the index.
    #[error("another build of the index at `{}` is running", path.display())]
    IndexLocked {
        /// The index.
        path: PathBuf,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was attempted: `read`, `write`, `create`, ….
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The engine failed while it searched or wrote.
    #[error("cannot {action} the index at `{}`", path.display())]
    Engine {
        /// What was attempted: `search`, `write`, ….
        action: &'static str,
        /// The index.
        path: PathBuf,
        /// The engine's own error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A line of a judged set or of a run is not what its layout says.
    #[error("{}:{line}: {message}", path.display())]
    Judgments {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What was expected and found.
        message: String,
    },
    /// A filter names a value that no entry has.
    #[error("no entry has {field} `{value}`")]
    UnknownFacetValue {
        /// The facet.
        field: &'static str,
        /// The value as given.
        value: String,
        /// Values that look like it, nearest first.
        near: Vec<String>,
    },
    /// No entry has the id.
    #[error("no entry has the id `{id}`")]
    UnknownId {
        /// The id as given.
        id: String,
        /// Ids that look like it, nearest first.
        near: Vec<String>,
    },
    /// A query that is measured found something else the second time: no index changes while it is open, so that the
    /// figures cannot be trusted.
    #[error("`{query}` found {} entries at first and {} later", totals.0, totals.1)]
    Unstable {
        /// The query.
        query: String,
        /// How many entries it found, at first and later.
        totals: (u64, u64),
    },
}

/// The library's result.
pub type Result<T> = std::result::Result<T, Error>;
