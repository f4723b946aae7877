//! How long does a search take inside a process, beside tantivy's own way of doing it?
//!
//! Corpus: the sample corpus a hundred times, 45,400 entries, under different ids. Queries: its judged queries, one
//! round of all 196 a sample. Four ways: `candidates` is phase 1 alone, `rank` finds the best ten ids with phase 2 over 200
//! candidates (their difference, divided by 196, is what reranking a query costs), `search` also reads them, cuts their snippets
//! and computes their highlights; `tantivy` parses the same text for two fields and collects the best ten and
//! the number of hits, without reading anything. Quote the figures as ratios of one run.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use qdex::corpus::{Corpus, Item, ReadOptions};
use qdex::evaluate::JudgedSet;
use qdex::{Entry, Index, Indexer, SearchOptions, Searcher};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::QueryParser;
use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{LowerCaser, RemoveLongFilter, SimpleTokenizer, TextAnalyzer};

/// How many times the sample corpus is indexed.
const COPIES: usize = 100;

fn entries() -> Vec<Entry> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let items =
        Corpus::open(&[corpus], ReadOptions::default()).expect("the sample corpus is there");
    let entry = |item| match item {
        Item::Entry(entry) => Some(*entry),
        Item::Problem(_) => None,
    };
    items.filter_map(entry).collect()
}

fn queries() -> Vec<String> {
    let judgments = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/judgments");
    let set = JudgedSet::read(&judgments, "all").expect("the judgments are there");
    set.queries.into_iter().map(|query| query.text).collect()
}

fn qdex_searcher(dir: &Path, entries: &[Entry]) -> Searcher {
    let mut indexer = Indexer::create(dir, Default::default()).expect("the folder can be written");
    for copy in 0..COPIES {
        for entry in entries {
            let id = format!("{}-{copy}", entry.id);
            indexer
                .add(Entry {
                    id,
                    ..entry.clone()
                })
                .expect("the folder can be written");
        }
    }
    indexer.commit().expect("the folder can be written");
    Searcher::new(Index::open(dir).expect("it was just built"))
}

/// Stock tantivy: simple words, lower case; one merged segment as qdex has it.
fn tantivy_searcher(dir: &Path, entries: &[Entry]) -> (tantivy::Searcher, QueryParser) {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("words")
        .set_index_option(IndexRecordOption::WithFreqs);
    let text = TextOptions::default().set_indexing_options(indexing);
    let title = schema.add_text_field("title", text.clone());
    let body = schema.add_text_field("body", text);
    let index =
        tantivy::Index::create_in_dir(dir, schema.build()).expect("the folder can be written");
    let words = TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(40))
        .filter(LowerCaser);
    index.tokenizers().register("words", words.build());
    let mut writer: tantivy::IndexWriter = index
        .writer_with_num_threads(1, 200_000_000)
        .expect("enough memory");
    for _ in 0..COPIES {
        for entry in entries {
            let mut document = tantivy::TantivyDocument::new();
            document.add_text(title, &entry.title);
            entry
                .blocks()
                .for_each(|block| document.add_text(body, block.text()));
            writer
                .add_document(document)
                .expect("the folder can be written");
        }
    }
    writer.commit().expect("the folder can be written");
    let segments = index.searchable_segment_ids().expect("it was just written");
    if segments.len() > 1 {
        writer
            .merge(&segments)
            .wait()
            .expect("the folder can be written");
    }
    let searcher = index.reader().expect("it was just written").searcher();
    (searcher, QueryParser::for_index(&index, vec![title, body]))
}

fn search(criterion: &mut Criterion) {
    let (ours, theirs) = (
        tempfile::tempdir().expect("a temp dir"),
        tempfile::tempdir().expect("a temp dir"),
    );
    let (entries, queries) = (entries(), queries());
    let searcher = qdex_searcher(ours.path(), &entries);
    let (tantivy, parser) = tantivy_searcher(theirs.path(), &entries);
    let options = SearchOptions::default();

    // A bench of the wrong answer is worth nothing.
    let ranked = searcher
        .rank("weakref cache", &options)
        .expect("the index can be read");
    assert!(
        ranked[0]
            .0
            .starts_with("python/memory/garbage-collection#weak-references-"),
        "{ranked:?}"
    );

    let mut group = criterion.benchmark_group("196 queries over 45,400 entries");
    group.sample_size(10);
    group.bench_function("rank", |bencher| {
        bencher.iter(|| {
            queries
                .iter()
                .for_each(|query| drop(black_box(searcher.rank(query, &options))))
        });
    });
    let candidates = SearchOptions {
        rerank: false,
        ..SearchOptions::default()
    };
    group.bench_function("candidates", |bencher| {
        bencher.iter(|| {
            queries
                .iter()
                .for_each(|query| drop(black_box(searcher.rank(query, &candidates))))
        });
    });
    group.bench_function("search", |bencher| {
        bencher.iter(|| {
            queries
                .iter()
                .for_each(|query| drop(black_box(searcher.search(query, &options))))
        });
    });
    group.bench_function("tantivy", |bencher| {
        bencher.iter(|| {
            for query in &queries {
                let query = parser.parse_query_lenient(query).0;
                let collectors = (TopDocs::with_limit(10).order_by_score(), Count);
                drop(black_box(tantivy.search(&query, &collectors)));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, search);
criterion_main!(benches);
