//! What a build makes of its entries: one segment, one entry an id, and the same hits whatever the order and the memory.

use std::fs;

use qdex::index::IndexerOptions;
use qdex::{Entry, Error, Indexer, SearchOptions, Source};

use crate::corpora::{own_corpus, read_well};
use crate::safety::{engine_files, entries_of};
use crate::sample::{build, entry, folder, open};

#[test]
fn an_index_is_one_segment_without_files_of_others() {
    let folder = folder();
    // Ids that stand twice cost a merge.
    let mut entries = entries_of("one", 200);
    entries.extend(entries_of("two", 50));
    build(folder.path(), &entries);
    let files = engine_files(folder.path());
    let segments: std::collections::BTreeSet<_> = files
        .iter()
        .filter_map(|file| file.file_stem())
        .filter(|stem| stem.len() == 32)
        .collect();
    assert_eq!(segments.len(), 1, "{files:?}");
}

#[test]
fn an_index_without_entries_answers() {
    let folder = folder();
    let summary = build(folder.path(), &[]);
    assert_eq!((summary.entries, summary.duplicates.len()), (0, 0));
    let searcher = open(folder.path());
    let options = SearchOptions {
        facets: qdex::FacetField::ALL.to_vec(),
        filters: vec![qdex::Filter {
            field: qdex::FacetField::Difficulty,
            values: vec!["hard".to_owned()],
            excluded: false,
        }],
        ..SearchOptions::default()
    };
    for query in ["", "anything", "std::move"] {
        let found = searcher.search(query, &options).expect("answers");
        assert_eq!((found.total, found.hits.len()), (0, 0));
        let counted: Vec<_> = found.facets.iter().map(|facet| facet.field).collect();
        assert_eq!(counted, qdex::FacetField::ALL);
        assert!(searcher.rank(query, &options).expect("answers").is_empty());
    }
    assert_eq!(searcher.stats().expect("has figures").entries, 0);
    assert!(matches!(searcher.entry("x"), Err(Error::UnknownId { near, .. }) if near.is_empty()));
}

fn from(id: &str, title: &str, path: &str, line: u64) -> Entry {
    Entry {
        source: Source {
            path: path.to_owned(),
            line: Some(line),
            ..Source::default()
        },
        ..entry(id, title, "Common.")
    }
}

#[test]
fn of_entries_with_one_id_the_last_wins_and_every_other_is_named() {
    let folder = folder();
    let dir = folder.path();
    let mut entries = vec![
        from("b", "two 1", "x.jsonl", 1),
        from("a", "three 1", "x.jsonl", 2),
        from("c", "alone", "x.jsonl", 3),
        from("b", "two 2", "x.jsonl", 4),
        from("a", "three 2", "y.jsonl", 1),
        from("a", "three 3", "z.jsonl", 9),
    ];
    // Enough others that the engine spreads them over its threads.
    entries.extend((0..500).map(|number| from(&format!("n{number}"), "other", "w.jsonl", number)));
    entries.push(from("c", "not alone", "last.jsonl", 1));
    let options = IndexerOptions::default();
    let mut indexer = Indexer::create(dir, options).expect("a build starts");
    for entry in &entries {
        indexer.add(entry.clone()).expect("is added");
    }
    let summary = indexer.commit().expect("is committed");
    assert_eq!(summary.entries, 503);
    let named: Vec<String> = summary
        .duplicates
        .iter()
        .map(|duplicate| {
            let place =
                |source: &Source| format!("{}:{}", source.path, source.line.unwrap_or_default());
            format!(
                "{} {} {}",
                duplicate.id,
                place(&duplicate.kept),
                place(&duplicate.replaced)
            )
        })
        .collect();
    assert_eq!(
        named,
        [
            "a z.jsonl:9 x.jsonl:2",
            "a z.jsonl:9 y.jsonl:1",
            "b x.jsonl:4 x.jsonl:1",
            "c last.jsonl:1 x.jsonl:3",
        ]
    );
    let searcher = open(dir);
    for (id, title) in [("a", "three 3"), ("b", "two 2"), ("c", "not alone")] {
        assert_eq!(searcher.entry(id).expect("is there").title, title);
    }
    assert_eq!(searcher.stats().expect("has figures").entries, 503);
    let found = searcher
        .search("common", &SearchOptions::default())
        .expect("answers");
    assert_eq!(found.total, 503);
    let found = searcher
        .search("three", &SearchOptions::default())
        .expect("answers");
    assert_eq!(found.total, 1);
}

#[test]
fn the_same_entries_give_the_same_hits_however_they_are_built() {
    // Few words and lengths, so that many scores are equal.
    let entries: Vec<Entry> = (0..3_000usize)
        .map(|number| {
            let words = ["cache", "weakref", "get_user_name", "std::move", "lock"];
            let body: Vec<&str> = (0..1 + number % 4)
                .map(|place| words[(number / 3 + place * place) % words.len()])
                .collect();
            entry(
                &format!("id{:04}", number * 7_919 % 3_000),
                words[number % words.len()],
                &body.join(" "),
            )
        })
        .collect();
    let mut reversed = entries.clone();
    reversed.reverse();
    let ranked = |entries: &[Entry], memory_budget_bytes: usize| {
        let folder = folder();
        let options = IndexerOptions {
            memory_budget_bytes,
            ..IndexerOptions::default()
        };
        let mut indexer = Indexer::create(folder.path(), options).expect("a build starts");
        for entry in entries {
            indexer.add(entry.clone()).expect("is added");
        }
        indexer.commit().expect("is committed");
        let searcher = open(folder.path());
        let options = SearchOptions {
            limit: 500,
            ..SearchOptions::default()
        };
        [
            "cache",
            "weakref cache lock",
            "user name move",
            "how to lock",
            "std::move",
        ]
        .map(|query| searcher.rank(query, &options).expect("answers"))
    };
    let expected = ranked(&entries, 0);
    assert!(expected.iter().all(|hits| hits.len() == 500));
    for (entries, budget) in [
        (&entries, 256 << 20),
        (&reversed, 0),
        (&reversed, 64 << 20),
        (&entries, usize::MAX),
    ] {
        assert!(ranked(entries, budget) == expected, "{budget}");
    }
}

#[test]
fn an_index_is_the_same_with_any_number_of_threads() {
    let entries = read_well(&[own_corpus()]);
    let built = |threads: usize| {
        let folder = folder();
        let options = IndexerOptions {
            threads,
            ..IndexerOptions::default()
        };
        let mut indexer = Indexer::create(folder.path(), options).expect("a build starts");
        for entry in &entries {
            indexer.add(entry.clone()).expect("is added");
        }
        let summary = indexer.commit().expect("is committed");
        assert_eq!(
            (summary.entries, summary.segments),
            (entries.len() as u64, 1)
        );
        // Names are made up, and threads store entries as they come to it.
        let is_compared = |kind: &str| {
            let kinds = [
                "term",
                "idx",
                "pos",
                "fieldnorm",
                "fast",
                "frequent",
                "dictionary",
            ];
            kinds.contains(&kind)
        };
        let files = engine_files(folder.path());
        let files = files.iter().filter_map(|path| {
            let kind = path
                .extension()?
                .to_str()
                .filter(|kind| is_compared(kind))?;
            Some((kind.to_owned(), fs::read(path).expect("is read")))
        });
        let mut files: Vec<(String, Vec<u8>)> = files.collect();
        files.sort_unstable();
        files
    };
    let expected = built(1);
    assert!(expected.len() >= 6);
    for threads in [2, 3, 8, 0] {
        assert!(built(threads) == expected, "{threads} threads");
    }
}
