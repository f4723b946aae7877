//! The index on disk: created whole or not at all, opened only when this program can read it.

use std::path::{Path, PathBuf};

use crate::entry::{Entry, Source};
use crate::error::Result;

/// An index that is open for reading.
#[derive(Debug)]
pub struct Index {
    _dir: PathBuf,
}

impl Index {
    /// Returns the index in a folder. Cheap: maps files, reads a few hundred bytes.
    pub fn open(_dir: &Path) -> Result<Self> {
        unimplemented!()
    }

    /// Returns whether a folder holds an index, of whatever version or health.
    pub fn exists(_dir: &Path) -> bool {
        unimplemented!()
    }
}

/// Builds an index beside the one that is there, and swaps it in at the end.
///
/// Dropping an indexer without [`Indexer::commit`] leaves the former index as it was.
#[derive(Debug)]
pub struct Indexer {
    _dir: PathBuf,
}

/// How an index is built.
#[derive(Debug, Clone)]
pub struct IndexerOptions {
    /// How much memory the writer may fill before it writes a segment, in bytes.
    pub memory_budget_bytes: usize,
    /// The paths that the entries come from, for the record.
    pub paths: Vec<String>,
}

impl Default for IndexerOptions {
    fn default() -> Self {
        IndexerOptions {
            memory_budget_bytes: 128 << 20,
            paths: Vec::new(),
        }
    }
}

/// An id that stood in two places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The id.
    pub id: String,
    /// Where the entry stands that is in the index: the later one.
    pub kept: Source,
    /// Where the entry stood that is not.
    pub replaced: Source,
}

/// What a build wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexSummary {
    /// How many entries the index holds.
    pub entries: u64,
    /// Its size on disk in bytes.
    pub bytes: u64,
    /// Ids that stood in two places.
    pub duplicates: Vec<Duplicate>,
}

impl Indexer {
    /// Returns an indexer for a folder, which is created if it is missing. Takes the folder's build lock
    /// ([`crate::Error::IndexLocked`] if another build holds it) and removes what interrupted builds left.
    pub fn create(_dir: &Path, _options: IndexerOptions) -> Result<Self> {
        unimplemented!()
    }

    /// Adds an entry. Of two entries with one id the later one wins.
    pub fn add(&mut self, _entry: &Entry) -> Result<()> {
        unimplemented!()
    }

    /// Merges what was added to one segment and swaps it in for the former index, in one step.
    pub fn commit(self) -> Result<IndexSummary> {
        unimplemented!()
    }
}
