//! What does each part of a search cost?
//!
//! Corpus: 20,000 entries made out of what those of the sample corpus have in common. `analysis` takes words out of prose, code and pasted
//! output, in bytes a second; `parse` reads the judged queries; `open` opens the index; the others are the parts of whole searches for the
//! judged queries, as [`SearchResults::phases`] tells them, a round of all queries a sample.
//!
//! [`SearchResults::phases`]: qdex::SearchResults

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use qdex::bench::{Generator, analyse, build};
use qdex::body::Block;
use qdex::corpus::{Corpus, Item, ReadOptions};
use qdex::evaluate::JudgedSet;
use qdex::search::Phases;
use qdex::{Entry, FacetField, Index, SearchOptions, Searcher, query};

const ENTRIES: u64 = 20_000;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn entries() -> Vec<Entry> {
    let items = Corpus::open(&[root().join("corpus")], ReadOptions::default());
    let entry = |item| match item {
        Item::Entry(entry) => Some(*entry),
        Item::Problem(_) => None,
    };
    items
        .expect("the sample corpus is there")
        .filter_map(entry)
        .collect()
}

/// Returns the judged queries of a folder of the sample corpus that its view `qrels` has.
fn queries(folder: &str, qrels: &str) -> Vec<String> {
    let set = JudgedSet::read(&root().join("corpus").join(folder), qrels);
    let queries = set.expect("the judgments are there").queries;
    queries.into_iter().map(|query| query.text).collect()
}

/// Returns the prose, the code, and the pasted output of the sample corpus.
fn texts(entries: &[Entry]) -> [(&'static str, String); 3] {
    let (mut prose, mut code) = (String::new(), String::new());
    for block in entries.iter().flat_map(Entry::blocks) {
        let text = match block {
            Block::Prose(_) => &mut prose,
            Block::Code(_) => &mut code,
        };
        text.push_str(block.text());
        text.push('\n');
    }
    let output = queries("judgments-errors", "errors").join("\n");
    [("prose", prose), ("code", code), ("output", output)]
}

fn analysis(criterion: &mut Criterion) {
    assert_eq!(
        analyse("the getUserName of a"),
        4 + 3,
        "four words, three parts of a name"
    );
    let mut group = criterion.benchmark_group("analysis");
    for (kind, text) in texts(&entries()) {
        assert!(analyse(&text) > text.len() / 20, "{kind} has words");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(kind, |bencher| bencher.iter(|| analyse(black_box(&text))));
    }
    group.finish();
}

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    for (kind, folder, qrels) in [
        ("questions", "judgments", "all"),
        ("errors", "judgments-errors", "errors"),
    ] {
        let queries = queries(folder, qrels);
        for text in &queries {
            let read = query::parse(text).query.to_string();
            assert_eq!(query::parse(&read).query.to_string(), read, "{text}");
        }
        group.bench_function(format!("{} {kind}", queries.len()), |bencher| {
            bencher.iter(|| {
                queries
                    .iter()
                    .for_each(|text| drop(black_box(query::parse(text))))
            });
        });
    }
    group.finish();
}

fn parts(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a temp dir");
    let generator = Generator::learn(&entries()).expect("the entries have words");
    let searcher = build(&generator, ENTRIES, dir.path()).expect("the folder can be written");
    let queries = queries("judgments", "all");
    let options = SearchOptions {
        facets: FacetField::ALL.to_vec(),
        ..SearchOptions::default()
    };
    criterion.bench_function("open", |bencher| {
        bencher.iter(|| {
            let searcher = Searcher::new(Index::open(dir.path()).expect("was just built"));
            black_box(searcher.fingerprint().len())
        });
    });
    let mut group =
        criterion.benchmark_group(format!("{} queries over {ENTRIES} entries", queries.len()));
    group.sample_size(10);
    type Part = fn(&Phases) -> Duration;
    let parts: [(&str, Part); 6] = [
        ("look-up", |phases| phases.look_up),
        ("candidates", |phases| phases.candidates),
        ("rerank", |phases| phases.rerank),
        ("facets", |phases| phases.facets),
        ("snippets", |phases| phases.snippets),
        ("whole", |phases| {
            phases.look_up + phases.candidates + phases.rerank + phases.facets + phases.snippets
        }),
    ];
    for (name, part) in parts {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|rounds| {
                let mut took = Duration::ZERO;
                for _ in 0..rounds {
                    for query in &queries {
                        let results = searcher
                            .search(query, &options)
                            .expect("the index can be read");
                        assert!(results.total == 0 || !results.hits.is_empty(), "{query}");
                        took += part(&results.phases);
                    }
                }
                took
            });
        });
    }
    group.finish();
}

criterion_group!(benches, analysis, parse, parts);
criterion_main!(benches);
