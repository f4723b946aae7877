//! How often searches of the sample corpus ask for memory, and for how much: a count, so that a spree is seen without a clock.
//!
//! A test of its own, since it counts what the whole process allocates. `QDEX_ACCEPT=1 cargo test --test allocations` writes the
//! figures anew; they are compared within a few per cent, both ways, as libraries change a little from release to release.

use std::fs;
use std::path::Path;

use allocation_counter::{AllocationInfo, measure};
use qdex::corpus::{Corpus, Item, ReadOptions};
use qdex::index::IndexerOptions;
use qdex::{Index, Indexer, SearchOptions, Searcher};

const QUERIES: [&str; 7] = [
    "weakref",
    "function",
    "getUserName",
    "how do I undo the last commit without losing work",
    "\"garbage collection\"",
    "KeyError: 'name'",
    "zzzzqqqq",
];

/// By how many per cent a figure may differ.
const TOLERANCE: u64 = 4;

fn searcher(dir: &Path) -> Searcher {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let options = IndexerOptions {
        // One thread, so that the files are the same everywhere.
        memory_budget_bytes: 0,
        ..IndexerOptions::default()
    };
    let mut indexer = Indexer::create(dir, options).expect("a build starts");
    let items = Corpus::open(&[corpus], ReadOptions::default()).expect("the corpus is there");
    for item in items {
        if let Item::Entry(entry) = item {
            indexer.add(*entry).expect("is added");
        }
    }
    indexer.commit().expect("is committed");
    Searcher::new(Index::open(dir).expect("the index opens"))
}

fn is_near(found: u64, recorded: u64) -> bool {
    found.abs_diff(recorded) * 100 <= recorded * TOLERANCE
}

#[test]
fn searches_allocate_as_recorded() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let searcher = searcher(folder.path());
    let figures = |query: &str| -> (u64, u64) {
        let search = || {
            let results = searcher.search(query, &SearchOptions::default());
            drop(results.expect("is answered"));
        };
        // What is read once and kept is no part of a search.
        search();
        let AllocationInfo {
            count_total,
            bytes_total,
            ..
        } = measure(search);
        (count_total, bytes_total)
    };
    let rows: Vec<(u64, u64, &str)> = QUERIES
        .iter()
        .map(|query| {
            let (count, bytes) = figures(query);
            (count, bytes, *query)
        })
        .collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots/allocations.txt");
    let head = "allocations    bytes  query\n".to_owned();
    let table = rows.iter().fold(head, |table, (count, bytes, query)| {
        format!("{table}{count:>11} {bytes:>8}  {query}\n")
    });
    if std::env::var_os("QDEX_ACCEPT").is_some() {
        fs::write(&path, table).expect("the figures are written");
        return;
    }
    let recorded = fs::read_to_string(&path).expect("the figures are there");
    let recorded: Vec<(u64, u64)> = recorded
        .lines()
        .skip(1)
        .map(|line| {
            let mut figures = line
                .split_whitespace()
                .map(|figure| figure.parse().expect("is a figure"));
            (
                figures.next().expect("is there"),
                figures.next().expect("is there"),
            )
        })
        .collect();
    assert_eq!(recorded.len(), rows.len());
    let as_recorded = rows
        .iter()
        .zip(&recorded)
        .all(|((count, bytes, _), recorded)| {
            is_near(*count, recorded.0) && is_near(*bytes, recorded.1)
        });
    assert!(
        as_recorded,
        "found\n{table}recorded\n{recorded:?}\nif this is meant: `QDEX_ACCEPT=1 cargo test --test allocations`"
    );
}
