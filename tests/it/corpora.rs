//! The repository's own corpus, and real ones where they are at hand: read, indexed, and answering.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use qdex::corpus::{Corpus, Item, Problem, ReadOptions, Severity};
use qdex::evaluate::JudgedSet;
use qdex::snippet::SnippetKind;
use qdex::{Entry, FacetField, Filter, Format, SearchOptions};

use crate::sample::{Sample, ids};

/// Returns the folder of the repository's own corpus.
pub(crate) fn own_corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// Returns the folder of test data that is not part of the repository; says so where there is none.
pub(crate) fn test_data() -> Option<PathBuf> {
    let data = std::env::var_os("QDEX_TEST_DATA").map(PathBuf::from);
    if data.is_none() {
        println!("skipped: `QDEX_TEST_DATA` names no folder of test data");
    }
    data
}

/// Reads files and folders.
pub(crate) fn read(paths: &[PathBuf], options: ReadOptions) -> (Vec<Entry>, Vec<Problem>) {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for item in Corpus::open(paths, options).expect("the paths are there") {
        match item {
            Item::Entry(entry) => entries.push(*entry),
            Item::Problem(problem) => problems.push(problem),
        }
    }
    (entries, problems)
}

/// Reads files and folders that have no flaw.
pub(crate) fn read_well(paths: &[PathBuf]) -> Vec<Entry> {
    let (entries, problems) = read(paths, ReadOptions::default());
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    entries
}

#[test]
fn the_sample_corpus_is_large_broad_and_without_a_flaw() {
    let entries = read_well(&[own_corpus()]);
    assert!(entries.len() >= 150, "{}", entries.len());
    let of_nuxt = entries
        .iter()
        .filter(|entry| entry.source.format == Format::Nuxt);
    assert!(of_nuxt.count() >= 5);
    assert!(
        entries
            .iter()
            .all(|entry| !entry.answers.is_empty() && entry.topic.is_some())
    );

    let sample = Sample::new(&entries);
    let counts = sample
        .searcher
        .facets(&[FacetField::Difficulty, FacetField::Framework], &[])
        .expect("counts");
    let difficulties: Vec<&str> = counts[0]
        .values
        .iter()
        .map(|value| value.value.as_str())
        .collect();
    assert_eq!(difficulties, ["easy", "medium", "hard"]);
    assert!(counts[1].values.len() >= 10);
    let stats = sample.searcher.stats().expect("has figures");
    assert_eq!(
        stats.entries as usize,
        entries.len(),
        "two entries have one id"
    );

    let judged = JudgedSet::read(&own_corpus().join("judgments"), "all").expect("is well formed");
    assert!(judged.queries.len() >= 60);
    let text = std::fs::read_to_string(own_corpus().join("judgments/queries.jsonl"));
    let lines = text.expect("reads").lines().count();
    assert_eq!(judged.queries.len(), lines, "a query has no judgment");
    let known: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    for query in &judged.queries {
        for id in query.grades.keys() {
            assert!(known.contains(id.as_str()), "{}: no entry `{id}`", query.id);
        }
    }
}

fn seed(data: &Path) -> PathBuf {
    data.join("native/nuxt/seed/_payload.json")
}

const WEAK_REFERENCES: &str = "python/internals/garbage-collection#weak-references";

/// Asserts that the first page's question about weak references is answered as it should.
fn check_weakref_cache(sample: &Sample) {
    let found = sample.search("weakref cache", &SearchOptions::default());
    let hit = &found.hits[0];
    assert_eq!(hit.entry.id, WEAK_REFERENCES, "{:?}", ids(&found));
    for word in ["weakref", "caches"] {
        assert!(hit.snippet.text.contains(word), "{}", hit.snippet.text);
    }
    let code = hit.code.as_ref().expect("has code");
    let blocks = hit.entry.blocks();
    let whole = blocks.filter(|block| matches!(block, qdex::body::Block::Code(_)));
    let whole: Vec<&str> = whole.map(|block| block.text()).collect();
    assert_eq!(
        (whole.as_slice(), code.kind),
        (&[code.text.as_str()][..], SnippetKind::Code)
    );
    assert!(code.text.lines().count() > 5);

    let options = SearchOptions {
        limit: usize::MAX,
        filters: vec![Filter {
            field: FacetField::Difficulty,
            values: vec!["medium".to_owned()],
            excluded: false,
        }],
        ..SearchOptions::default()
    };
    let medium = sample.search("weakref cache", &options);
    assert!(!ids(&medium).iter().any(|id| id == WEAK_REFERENCES));
}

#[test]
fn the_first_page_alone_answers_about_weak_references() {
    let Some(data) = test_data() else { return };
    let sample = Sample::new(&read_well(&[seed(&data)]));
    check_weakref_cache(&sample);
    let counts = sample
        .searcher
        .facets(&[FacetField::Difficulty], &[])
        .expect("counts");
    let counts: Vec<(&str, u64)> = counts[0]
        .values
        .iter()
        .map(|value| (value.value.as_str(), value.count))
        .collect();
    assert_eq!(counts, [("medium", 2), ("hard", 4)]);
}

#[test]
fn the_first_page_beside_the_sample_corpus_answers_about_weak_references() {
    let Some(data) = test_data() else { return };
    check_weakref_cache(&Sample::new(&read_well(&[own_corpus(), seed(&data)])));
}

#[test]
fn real_pages_are_read_and_indexed() {
    let Some(data) = test_data() else { return };
    for (folder, sections, at_least) in [
        ("native/nuxt/real", false, 0),
        ("native/nuxt/real", true, 100),
        ("native/frontmatter", false, 100),
        ("native/frontmatter", true, 1_000),
    ] {
        let (entries, problems) = read(
            &[data.join(folder)],
            ReadOptions {
                sections,
                ..ReadOptions::default()
            },
        );
        let skipped = problems
            .iter()
            .filter(|problem| problem.severity == Severity::Skipped);
        println!(
            "{folder}: {} entries, {} skipped",
            entries.len(),
            skipped.count()
        );
        assert!(entries.len() >= at_least, "{folder}: {}", entries.len());
        let sample = Sample::new(&entries);
        let distinct: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
        let stats = sample.searcher.stats().expect("has figures");
        assert_eq!(stats.entries as usize, distinct.len());
        // The last entry of an id is in the index, as it was read.
        let last: BTreeMap<&str, &Entry> = entries
            .iter()
            .map(|entry| (entry.id.as_str(), entry))
            .collect();
        for (id, entry) in last.iter().step_by(37) {
            assert_eq!(sample.searcher.entry(id).as_ref().ok(), Some(*entry));
        }
        let options = SearchOptions {
            facets: FacetField::ALL.to_vec(),
            ..SearchOptions::default()
        };
        sample.search("how to use a list", &options);
    }
}
