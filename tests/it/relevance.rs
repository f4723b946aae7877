//! Relevance as a test: the figures of judged queries stand in `snapshots/`, and a change of ranking shows there.
//!
//! `QDEX_ACCEPT=1 cargo test --test it relevance` writes the figures anew.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use qdex::SearchOptions;
use qdex::evaluate::{JudgedQuery, JudgedSet, evaluate};

use crate::corpora::{own_corpus, read_well, test_data};
use crate::sample::Sample;

fn snapshot(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/snapshots")
        .join(name)
}

/// Returns the committed snapshot, or writes the new one and returns `None` when that is asked for.
pub(crate) fn committed(name: &str, new: &str) -> Option<String> {
    let path = snapshot(name);
    if std::env::var_os("QDEX_ACCEPT").is_some() {
        fs::write(&path, new).expect("the snapshot is written");
        return None;
    }
    // A clone may have other line ends.
    let text = fs::read_to_string(&path).unwrap_or_default();
    Some(text.replace("\r\n", "\n"))
}

pub(crate) const HOW_TO_ACCEPT: &str = "if this is meant, write the figures anew with `QDEX_ACCEPT=1 cargo test --test it relevance` and commit them";

fn ranked(sample: &Sample, query: &str) -> Vec<String> {
    let ranked = sample.searcher.rank(query, &SearchOptions::default());
    let ranked = ranked.expect("answers").into_iter();
    ranked.map(|(id, _)| id).collect()
}

/// The best entries of a query: those with its highest grade.
pub(crate) fn best(query: &JudgedQuery) -> Vec<&str> {
    let most = query.grades.values().max();
    let best = query
        .grades
        .iter()
        .filter(|(_, grade)| Some(*grade) == most);
    best.map(|(id, _)| id.as_str()).collect()
}

#[test]
fn the_sample_corpus_answers_as_recorded() {
    let sample = Sample::new(&read_well(&[own_corpus()]));
    let judged = JudgedSet::read(&own_corpus().join("judgments"), "all").expect("is well formed");
    let (mut at_1, mut at_5, mut reciprocal) = (0.0, 0.0, 0.0);
    let mut behind = String::new();
    for query in &judged.queries {
        let found = ranked(&sample, &query.text);
        let best = best(query);
        let recall = |k: usize| {
            let among = found
                .iter()
                .take(k)
                .filter(|id| best.contains(&id.as_str()));
            among.count() as f64 / best.len().min(k) as f64
        };
        at_1 += recall(1);
        at_5 += recall(5);
        let rank = found.iter().position(|id| best.contains(&id.as_str()));
        reciprocal += rank.map_or(0.0, |rank| 1.0 / (rank as f64 + 1.0));
        if rank != Some(0) {
            let rank = rank.map_or("-".to_owned(), |rank| (rank + 1).to_string());
            writeln!(behind, "{rank:>2}  {}  {}", query.id, query.text).expect("is written");
        }
    }
    let mean = |sum: f64| sum / judged.queries.len() as f64;
    let new = format!(
        "{} queries of corpus/judgments, by their best entries among the first ten hits\n\n\
         recall@1  {:.4}\nrecall@5  {:.4}\nMRR       {:.4}\n\n\
         Queries whose best entry is not first, with its rank:\n{behind}",
        judged.queries.len(),
        mean(at_1),
        mean(at_5),
        mean(reciprocal),
    );
    let Some(old) = committed("relevance.txt", &new) else {
        return;
    };
    let is_only_in = |line: &&str, other: &str| !other.lines().any(|other| other == *line);
    let gone = old.lines().filter(|line| is_only_in(line, &new));
    let come = new.lines().filter(|line| is_only_in(line, &old));
    let moved: Vec<String> = gone
        .map(|line| format!("- {line}"))
        .chain(come.map(|line| format!("+ {line}")))
        .collect();
    assert!(
        old == new,
        "relevance changed:\n{}\n{HOW_TO_ACCEPT}",
        moved.join("\n")
    );
}

/// The judged sets with the judgments to measure by.
pub(crate) const SETS: [(&str, &[&str]); 5] = [
    ("stackfaq", &["dev"]),
    ("so-stackeval-qa", &["dev", "dev-full"]),
    ("cosqa", &["dev"]),
    ("quantum-se-qa", &["dev"]),
    ("cs-se-dup", &["dev", "dev-full"]),
];

/// A fall of a mean below this is noise of a change that means something else.
const TOLERANCE: f64 = 0.005;

/// nDCG@10 of a set, and of each of its queries in hundredths.
#[derive(Debug, Default, PartialEq)]
struct Figures {
    mean: f64,
    queries: BTreeMap<String, u32>,
}

/// Writes figures as a line with the name and the mean, and indented lines of `query=hundredths`.
fn written(figures: &BTreeMap<String, Figures>) -> String {
    let mut text = String::from(
        "nDCG@10 of judged sets and, in hundredths, of their queries that are not without any\n",
    );
    for (name, figures) in figures {
        write!(text, "\n{name} {:.4}", figures.mean).expect("is written");
        let queries = figures
            .queries
            .iter()
            .filter(|(_, hundredths)| **hundredths > 0);
        for (place, (query, hundredths)) in queries.enumerate() {
            let lead = if place % 12 == 0 { "\n  " } else { " " };
            write!(text, "{lead}{query}={hundredths}").expect("is written");
        }
        text.push('\n');
    }
    text
}

fn parsed(text: &str) -> BTreeMap<String, Figures> {
    let mut all: BTreeMap<String, Figures> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines().skip(1).filter(|line| !line.is_empty()) {
        if let Some(queries) = line.strip_prefix("  ") {
            let figures = all.entry(current.clone()).or_default();
            for query in queries.split(' ') {
                let (id, hundredths) = query.rsplit_once('=').expect("query=hundredths");
                let hundredths = hundredths.parse().expect("a number");
                figures.queries.insert(id.to_owned(), hundredths);
            }
        } else {
            let (name, mean) = line.split_once(' ').expect("a name and a mean");
            current = name.to_owned();
            all.entry(current.clone()).or_default().mean = mean.parse().expect("a number");
        }
    }
    all
}

/// Returns what fell by more than the tolerance, with the queries that fell most.
fn falls(old: &BTreeMap<String, Figures>, new: &BTreeMap<String, Figures>) -> Vec<String> {
    let mut falls = Vec::new();
    for (name, new) in new {
        let Some(old) = old.get(name) else {
            falls.push(format!("{name}: not recorded"));
            continue;
        };
        if new.mean >= old.mean - TOLERANCE {
            continue;
        }
        let mut fallen: Vec<(u32, &String, u32)> = Vec::new();
        for (query, now) in &new.queries {
            let before = old.queries.get(query).copied().unwrap_or_default();
            if before > *now {
                fallen.push((before - now, query, before));
            }
        }
        fallen.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(right.1)));
        let most = fallen
            .iter()
            .take(10)
            .map(|(fall, query, before)| format!("{query} .{before:02} to .{:02}", before - fall));
        falls.push(format!(
            "{name}: {:.4} to {:.4}; most: {}",
            old.mean,
            new.mean,
            most.collect::<Vec<_>>().join(", ")
        ));
    }
    falls
}

#[test]
fn judged_sets_are_answered_no_worse_than_recorded() {
    let Some(data) = test_data() else { return };
    let mut new = BTreeMap::new();
    for (set, views) in SETS {
        let dir = data.join("judged").join(set);
        let sample = Sample::new(&read_well(&[dir.join("corpus.jsonl")]));
        for view in views {
            let judged = JudgedSet::read(&dir, view).expect("is well formed");
            let found = evaluate(&judged, |query| Ok(ranked(&sample, query))).expect("is measured");
            let hundredths = |ndcg: f64| (ndcg * 100.0).round() as u32;
            let queries = found.queries.iter();
            let figures = Figures {
                mean: found.mean.ndcg_at_10,
                queries: queries
                    .map(|(id, measures)| (id.clone(), hundredths(measures.ndcg_at_10)))
                    .collect(),
            };
            println!("{set} {view}: nDCG@10 {:.4}", figures.mean);
            new.insert(format!("{set}/{view}"), figures);
        }
    }
    let Some(old) = committed("judged.txt", &written(&new)) else {
        return;
    };
    let falls = falls(&parsed(&old), &new);
    assert!(falls.is_empty(), "{}\n{HOW_TO_ACCEPT}", falls.join("\n"));
}

#[test]
fn a_fall_names_the_queries_that_fell() {
    let figures = |mean: f64, queries: &[(&str, u32)]| Figures {
        mean,
        queries: queries
            .iter()
            .map(|(id, ndcg)| ((*id).to_owned(), *ndcg))
            .collect(),
    };
    let old = BTreeMap::from([
        (
            "a/dev".to_owned(),
            figures(0.75, &[("q1", 100), ("q2", 50), ("q=3", 63)]),
        ),
        ("b/dev".to_owned(), figures(0.5, &[("q1", 50)])),
    ]);
    assert_eq!(parsed(&written(&old)), old);
    assert_eq!(falls(&old, &old), [""; 0]);
    let new = BTreeMap::from([
        (
            "a/dev".to_owned(),
            figures(0.744, &[("q1", 63), ("q2", 70), ("q=3", 0)]),
        ),
        ("b/dev".to_owned(), figures(0.496, &[("q1", 49)])),
        ("c/dev".to_owned(), figures(0.5, &[])),
    ]);
    assert_eq!(
        falls(&old, &new),
        [
            "a/dev: 0.7500 to 0.7440; most: q=3 .63 to .00, q1 .100 to .63",
            "c/dev: not recorded",
        ]
    );
}
