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
use crate::sample::{build, folder};

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
