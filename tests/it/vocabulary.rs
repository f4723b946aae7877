//! The built-in vocabulary, measured: what each rule does to each judged set.
//!
//! `QDEX_MEASURE=1 cargo test --release --test it every_rule -- --nocapture` prints each rule that moves a query.

use std::collections::BTreeMap;
use std::path::Path;

use qdex::evaluate::{JudgedQuery, JudgedSet, measure};
use qdex::query::Vocabulary;
use qdex::{Index, SearchOptions, Searcher};

use crate::corpora::{own_corpus, read_well, test_data};
use crate::relevance::SETS;
use crate::sample::{Sample, build, entry, folder};
use crate::support::Sandbox;

fn rules() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/query/synonyms.txt");
    let text = std::fs::read_to_string(path).expect("is read");
    let lines = text.lines().map(str::trim);
    let rules = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    rules.map(str::to_owned).collect()
}

fn searcher(index: &Path, rules: &str) -> Searcher {
    let index = Index::open(index).expect("the index opens");
    let vocabulary = Vocabulary::with(rules).expect("is read");
    Searcher::new(index).with_vocabulary(vocabulary)
}

fn ndcg(searcher: &Searcher, query: &JudgedQuery) -> f64 {
    let ranked = searcher.rank(&query.text, &SearchOptions::default());
    let ids: Vec<String> = ranked
        .expect("answers")
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    measure(&query.grades, &ids).ndcg_at_10
}

#[test]
fn synonyms_are_read_from_a_file() {
    let sandbox = Sandbox::indexed();
    let ids = |arguments: &[&str]| {
        let ran = sandbox.qdex(&[&["search", "--format", "ids"], arguments].concat());
        (ran.code, ran.stdout)
    };
    assert_eq!(ids(&["doohickey"]).0, Some(1));
    sandbox.file("own.txt", "# ours\ndoohickey, weak reference\n");
    let found = ids(&["doohickey", "--synonyms", "own.txt"]);
    assert_eq!(found.0, Some(0));
    let ran = sandbox.with_env(&[("QDEX_SYNONYMS", "own.txt")], &["search", "doohickey"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let ran = sandbox.qdex(&[
        "search",
        "--explain",
        "--json",
        "doohickey",
        "--synonyms",
        "own.txt",
    ]);
    let signal = ran.json()["hits"][0]["explanation"][0]["signal"].to_string();
    assert!(signal.contains("doohickey → weak reference"), "{signal}");

    // The file in the folder of the index belongs to it.
    let index = sandbox.path("index");
    assert!(index.is_dir());
    sandbox.file("index/synonyms.txt", "doohickey => weak reference");
    assert_eq!(ids(&["doohickey"]), found);

    sandbox.file("own.txt", "doohickey, gadget\n\ngizmo =>\n");
    let ran = sandbox.qdex(&["search", "doohickey", "--synonyms", "own.txt"]);
    assert_eq!(ran.code, Some(2));
    for part in ["`own.txt`", "line 3: ", "lacks a word", "hint: a line is"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    let ran = sandbox.qdex(&["search", "doohickey", "--synonyms", "none.txt"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("none.txt"), "{}", ran.stderr);
}

#[test]
fn a_word_that_stands_for_the_typed_one_never_beats_it() {
    let text = |word: &str| format!("It is about {word} and four other things.");
    let sample = Sample::new(&[
        entry("a", "What is it about?", &text("gc")),
        entry("b", "What is it about?", &text("garbage collection")),
        entry("c", "What is it about?", &text("neither")),
        entry(
            "d",
            "What is it about?",
            &text("gc, that is garbage collection"),
        ),
    ]);
    let search = |query: &str| sample.search(query, &SearchOptions::default());
    for (query, first, second) in [("gc", "a", "b"), ("garbage collection", "b", "a")] {
        let found = search(query);
        let hit = |id: &str| found.hits.iter().find(|hit| hit.entry.id == id);
        let (first, second) = (
            hit(first).expect("is found"),
            hit(second).expect("is found"),
        );
        assert!(first.score > second.score, "{query}");
        assert!(hit("c").is_none(), "{query}");
        for hit in [first, second] {
            assert_eq!(hit.missing, [""; 0], "{query}");
            let text = &hit.snippet.text;
            let marked: Vec<&str> = hit
                .snippet
                .highlights
                .iter()
                .map(|range| &text[range.clone()])
                .collect();
            let marked = marked.join(" ");
            assert!(
                ["gc", "garbage collection"].contains(&marked.as_str()),
                "{query}: {marked}"
            );
        }
    }
    // It counts once with its word.
    let found = search("gc");
    let both = found
        .hits
        .iter()
        .find(|hit| hit.entry.id == "d")
        .expect("is found");
    assert!(both.score <= found.hits[0].score);
    // Next to each other, and not in a name.
    assert_eq!(sample.ids("\"gc\""), ["a", "d"]);
    assert_eq!(sample.ids("runGc"), ["a", "d"]);
}

#[test]
fn every_rule_is_measured() {
    if std::env::var_os("QDEX_MEASURE").is_none() {
        println!("skipped: QDEX_MEASURE is not set");
        return;
    }
    let mut sets = vec![(
        "sample".to_owned(),
        own_corpus().join("judgments"),
        "all",
        own_corpus(),
    )];
    if let Some(data) = test_data() {
        for (name, views) in SETS {
            let dir = data.join("judged").join(name);
            for view in views {
                let corpus = dir.join("corpus.jsonl");
                sets.push((format!("{name}/{view}"), dir.clone(), view, corpus));
            }
        }
    }
    // Rule to the sum of its differences, and what they are in each set.
    let mut moved: BTreeMap<String, (f64, Vec<String>)> = BTreeMap::new();
    let mut totals = Vec::new();
    for (name, dir, view, corpus) in &sets {
        let judged = JudgedSet::read(dir, view).expect("is well formed");
        let index = folder();
        build(index.path(), &read_well(std::slice::from_ref(corpus)));
        let plain = searcher(index.path(), "- *");
        let without: Vec<f64> = judged
            .queries
            .iter()
            .map(|query| ndcg(&plain, query))
            .collect();
        let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
        let with = searcher(index.path(), "");
        let with: Vec<f64> = judged
            .queries
            .iter()
            .map(|query| ndcg(&with, query))
            .collect();
        totals.push(format!(
            "{name}: {:.4} without, {:.4} with",
            mean(&without),
            mean(&with)
        ));
        for rule in rules() {
            let alone = searcher(index.path(), &format!("- *\n{rule}"));
            let (mut sum, mut up, mut down, mut touched) = (0.0, 0, 0, 0);
            for (query, without) in judged.queries.iter().zip(&without) {
                if !alone.expands(&query.text) {
                    continue;
                }
                touched += 1;
                let change = ndcg(&alone, query) - without;
                sum += change;
                up += u32::from(change > 1e-9);
                down += u32::from(change < -1e-9);
            }
            if touched > 0 {
                let (all, sets) = moved.entry(rule).or_default();
                *all += sum;
                sets.push(format!("{name} {sum:+.2} (+{up} -{down} of {touched})"));
            }
        }
    }
    for (rule, (all, sets)) in &moved {
        println!("{all:+.2}\t{rule}\t{}", sets.join("; "));
    }
    println!("{}", totals.join("\n"));
}
