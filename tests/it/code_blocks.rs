//! The block of code that answers: of threads with several, and of the sample corpus from the query on.
//!
//! `QDEX_ACCEPT=1 cargo test --test it code_blocks` writes the figures anew.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use qdex::body::Block;
use qdex::{Entry, SearchOptions};

use crate::corpora::{own_corpus, read_well};
use crate::relevance::committed;
use crate::sample::Sample;

/// A query, the entry that has the answer, and what only the block that should win has.
struct Judged {
    query: String,
    id: String,
    has: String,
}

fn fixture(name: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/code_blocks");
    fixtures.join(name)
}

fn judged(name: &str) -> Vec<Judged> {
    let text = std::fs::read_to_string(fixture(name)).expect("is there");
    let row = |line: &str| {
        let mut cells = line.split('\t').map(str::to_owned);
        let mut cell = || {
            cells
                .next()
                .unwrap_or_else(|| panic!("three cells in {line:?}"))
        };
        Judged {
            query: cell(),
            id: cell(),
            has: cell(),
        }
    };
    text.lines().map(row).collect()
}

fn code(entry: &Entry) -> impl Iterator<Item = &str> {
    let code = entry
        .blocks()
        .filter(|block| matches!(block, Block::Code(_)));
    code.map(Block::text)
}

/// Measures a set. `is_from_query` asks for the first hit that has code, as `search --code` does.
fn measure(sample: &Sample, set: &[Judged], is_from_query: bool) -> (f64, f64, String) {
    let (mut right, mut first, mut wrong) = (0, 0, String::new());
    for judged in set {
        let entry = sample.searcher.entry(&judged.id).expect("is there");
        let with = code(&entry)
            .filter(|code| code.contains(&judged.has))
            .count();
        assert_eq!(with, 1, "blocks of {} with {:?}", judged.id, judged.has);
        let of_answers = entry.answers.iter().flat_map(|answer| &answer.blocks);
        let mut of_answers = of_answers.filter(|block| matches!(block, Block::Code(_)));
        first += usize::from(
            of_answers
                .next()
                .is_some_and(|code| code.text().contains(&judged.has)),
        );

        let found = sample
            .searcher
            .search(&judged.query, &SearchOptions::default());
        let hits = found.expect("answers").hits;
        let hit = hits.iter().find(|hit| {
            if is_from_query {
                hit.code.is_some()
            } else {
                hit.entry.id == judged.id
            }
        });
        let hit = hit.filter(|hit| hit.entry.id == judged.id);
        let shown = hit.and_then(|hit| hit.code.as_ref());
        if shown.is_some_and(|code| code.text.contains(&judged.has)) {
            right += 1;
        } else {
            let shown = shown.and_then(|code| code.text.lines().next());
            writeln!(
                wrong,
                "{}: {} rather than {:?}",
                judged.query,
                shown.unwrap_or("nothing"),
                judged.has
            )
            .expect("memory can be written to");
        }
    }
    let share = |count: usize| count as f64 / set.len() as f64;
    (share(right), share(first), wrong)
}

#[test]
fn the_code_that_answers_is_shown() {
    let threads = judged("queries.tsv");
    let sample = judged("sample.tsv");
    assert!(threads.len() + sample.len() >= 100);
    let threads_sample = Sample::new(&read_well(&[fixture("threads.jsonl")]));
    let (accuracy, of_first, wrong) = measure(&threads_sample, &threads, false);
    let (from_query, _, wrong_from_query) =
        measure(&Sample::new(&read_well(&[own_corpus()])), &sample, true);
    let figures = format!(
        "{} queries, of threads with several blocks: the right one {accuracy:.3} (the first of the answers {of_first:.3})\n{wrong}\n\
         {} queries of the sample corpus: `search --code` prints the right one {from_query:.3}\n{wrong_from_query}",
        threads.len(),
        sample.len(),
    );
    assert!(accuracy >= 0.9 && from_query >= 0.9, "{figures}");
    if let Some(recorded) = committed("code_blocks.txt", &figures) {
        assert_eq!(recorded, figures);
    }
}
