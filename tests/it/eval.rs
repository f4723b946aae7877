//! Evaluation: figures, runs and comparisons, as other programs compute and read them.

use std::collections::BTreeSet;

use qdex::{Index, SearchOptions, Searcher};

use crate::support::Sandbox;

fn searcher(sandbox: &Sandbox) -> Searcher {
    Searcher::new(Index::open(&sandbox.path("index")).expect("was built"))
}

#[test]
fn every_entry_can_be_streamed() {
    let sandbox = Sandbox::indexed();
    let searcher = searcher(&sandbox);
    let entries = searcher.entries().expect("can be read");
    let ids: BTreeSet<String> = entries
        .map(|entry| entry.expect("is an entry").id)
        .collect();
    let expected = [
        "git#amend",
        "python/gc#cycles",
        "python/gc#weak-references",
        "rust/ownership#borrow",
    ];
    assert_eq!(ids, BTreeSet::from(expected.map(str::to_owned)));
    for id in expected {
        assert!(searcher.contains(id).expect("can be read"), "{id}");
    }
    assert!(!searcher.contains("git").expect("can be read"));
}

#[test]
fn ranking_gives_the_ids_and_scores_of_searching() {
    let sandbox = Sandbox::indexed();
    let searcher = searcher(&sandbox);
    for (query, limit, offset) in [
        ("memory", 10, 0),
        ("memory objects", 2, 1),
        ("memory", 10, 99),
        ("nothing of this kind", 10, 0),
        ("", 10, 0),
    ] {
        let options = SearchOptions {
            limit,
            offset,
            ..SearchOptions::default()
        };
        let found = searcher.search(query, &options).expect("is searched");
        let expected: Vec<_> = found
            .hits
            .into_iter()
            .map(|hit| (hit.entry.id, hit.score))
            .collect();
        let ranked = searcher.rank(query, &options).expect("is ranked");
        assert_eq!(ranked, expected, "{query}");
    }
}
