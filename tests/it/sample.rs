//! Entries made in a line, and indexes of them in temporary folders.

use std::path::Path;

use qdex::index::{IndexSummary, IndexerOptions};
use qdex::{Answer, Entry, Index, Indexer, SearchOptions, SearchResults, Searcher};
use tempfile::TempDir;

/// An index in a folder of its own.
pub(crate) struct Sample {
    _folder: TempDir,
    pub(crate) searcher: Searcher,
}

impl Sample {
    pub(crate) fn new(entries: &[Entry]) -> Self {
        let folder = folder();
        build(folder.path(), entries);
        let searcher = open(folder.path());
        Sample {
            _folder: folder,
            searcher,
        }
    }

    pub(crate) fn search(&self, query: &str, options: &SearchOptions) -> SearchResults {
        self.searcher
            .search(query, options)
            .unwrap_or_else(|error| panic!("{query:?}: {error}"))
    }

    /// Returns the ids of the first hits.
    pub(crate) fn ids(&self, query: &str) -> Vec<String> {
        ids(&self.search(query, &SearchOptions::default()))
    }
}

/// Returns the ids of hits, in order.
pub(crate) fn ids(results: &SearchResults) -> Vec<String> {
    let hits = results.hits.iter();
    hits.map(|hit| hit.entry.id.clone()).collect()
}

/// Returns an empty folder that goes away with the value.
pub(crate) fn folder() -> TempDir {
    TempDir::with_prefix("qdex-test-").expect("a temporary folder")
}

/// Returns an entry with one answer, written in Markdown.
pub(crate) fn entry(id: &str, title: &str, answer: &str) -> Entry {
    Entry {
        id: id.to_owned(),
        title: title.to_owned(),
        answers: vec![Answer {
            blocks: qdex::body::from_markdown(answer),
            ..Answer::default()
        }],
        ..Entry::default()
    }
}

/// Builds an index with the least memory that the engine takes.
pub(crate) fn build(dir: &Path, entries: &[Entry]) -> IndexSummary {
    let mut indexer = indexer(dir);
    for entry in entries {
        indexer.add(entry.clone()).expect("is added");
    }
    indexer.commit().expect("is committed")
}

/// Starts a build with the least memory that the engine takes.
pub(crate) fn indexer(dir: &Path) -> Indexer {
    let options = IndexerOptions {
        memory_budget_bytes: 0,
        ..IndexerOptions::default()
    };
    Indexer::create(dir, options).expect("a build starts")
}

/// Opens an index that must be there.
pub(crate) fn open(dir: &Path) -> Searcher {
    Searcher::new(Index::open(dir).expect("the index opens"))
}
