//! What searches of the sample corpus, and of some thousand made entries, read and score: the same on every machine, so that
//! lost speed is seen without a clock.
//!
//! `QDEX_ACCEPT=1 cargo test --test it work::` writes the counters anew.

use qdex::search::Work;
use qdex::{Entry, FacetField, Filter, SearchOptions, Sort};

use crate::corpora::{own_corpus, read_well};
use crate::relevance::committed;
use crate::sample::{Sample, entry};

/// A query of every class, some with a filter, facets or an order.
fn asked() -> Vec<(&'static str, SearchOptions)> {
    let plain = SearchOptions::default;
    let filtered = |field: FacetField, value: &str| SearchOptions {
        filters: vec![Filter {
            field,
            values: vec![value.to_owned()],
            excluded: false,
        }],
        ..plain()
    };
    let counted = SearchOptions {
        facets: FacetField::ALL.to_vec(),
        ..plain()
    };
    let by_votes = SearchOptions {
        sort: Sort::Score,
        ..plain()
    };
    let second_page = SearchOptions {
        offset: 10,
        ..plain()
    };
    let shallow = SearchOptions {
        rerank: false,
        ..plain()
    };
    vec![
        ("weakref", plain()),
        ("the", plain()),
        ("function", plain()),
        ("memory leak", plain()),
        ("reverse a linked list", plain()),
        ("how do I undo the last commit without losing work", plain()),
        (
            "what is the difference between a process and a thread in python",
            plain(),
        ),
        ("\"garbage collection\"", plain()),
        ("\"of the\"", plain()),
        ("getUserName", plain()),
        ("std::move", plain()),
        ("WeakValueDictionary cache", plain()),
        ("code:\"import weakref\"", plain()),
        ("code:\"=\"", plain()),
        ("function -\"the function\"", plain()),
        ("thread OR process", plain()),
        ("memory", filtered(FacetField::Difficulty, "hard")),
        ("function", filtered(FacetField::Framework, "Python")),
        ("difficulty:easy", plain()),
        ("function", counted),
        ("function", by_votes),
        ("function", second_page),
        ("function", shallow),
        ("KeyError: 'name'", plain()),
        (
            "error[E0502]: cannot borrow `v` as mutable because it is also borrowed as immutable",
            plain(),
        ),
        ("memroy leak", plain()),
        ("zzzzqqqq", plain()),
        ("zzzzqqqq difficulty:hard", plain()),
        ("gc", plain()),
    ]
}

/// Words of made entries, each with how many entries there are for one that has it.
const WORDS: [(&str, u64); 5] = [
    ("program", 2),
    ("thread", 5),
    ("mutex", 40),
    ("deadlock", 300),
    ("livelock", 4_000),
];

/// Returns entries enough for what a search passes over: several windows, each with many blocks of postings.
fn many() -> Vec<Entry> {
    let has = |number: u64, every: u64| {
        // Fibonacci hashing: any pattern that is the same every time would do.
        let mixed = (number * 7 + every).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 33).is_multiple_of(every)
    };
    let made = (0..MANY).map(|number| {
        let words = WORDS.iter().filter(|(_, every)| has(number, *every));
        let words: Vec<&str> = words.map(|(word, _)| *word).collect();
        let title = format!("Question {}", words.join(" "));
        let mut made = entry(&format!("{number:05}"), &title, "Text.");
        made.tags = if has(number, 5_000) {
            vec!["few".to_owned()]
        } else {
            Vec::new()
        };
        made
    });
    made.collect()
}

const MANY: u64 = 24_000;

/// Queries of the made entries, in which not everything need be read, scored or scored again.
fn asked_of_many() -> Vec<(&'static str, SearchOptions)> {
    let plain = SearchOptions::default;
    let few = SearchOptions {
        filters: vec![Filter::any_of(FacetField::Tag, vec!["few".to_owned()])],
        ..plain()
    };
    vec![
        ("program", plain()),
        ("program thread", plain()),
        ("program thread deadlock", plain()),
        ("thread mutex livelock program", plain()),
        ("program thread", few),
    ]
}

fn row(work: &Work, query: &str, options: &SearchOptions) -> String {
    let Work {
        blocks_decoded,
        postings_scored,
        entries_matched,
        entries_passed,
        candidates_reranked,
        positions_read,
        entries_read,
    } = work;
    let mut asked = query.to_owned();
    for filter in &options.filters {
        asked.push_str(&format!(" + {filter}"));
    }
    if !options.facets.is_empty() {
        asked.push_str(" + facets");
    }
    if options.sort != Sort::Relevance {
        asked.push_str(" + sorted");
    }
    if options.offset > 0 {
        asked.push_str(" + offset");
    }
    if !options.rerank {
        asked.push_str(" + not reranked");
    }
    format!(
        "{blocks_decoded:>6} {postings_scored:>8} {entries_matched:>7} {entries_passed:>6} {candidates_reranked:>8} \
         {positions_read:>9} {entries_read:>7}  {asked}\n"
    )
}

#[test]
fn searches_do_the_work_that_is_recorded() {
    let sample = Sample::new(&read_well(&[own_corpus()]));
    let made = Sample::new(&many());
    let mut table = "blocks postings matched passed reranked positions entries  query\n".to_owned();
    let mut add = |sample: &Sample, asked: Vec<(&str, SearchOptions)>| {
        for (query, options) in asked {
            let work = sample.search(query, &options).work;
            assert_eq!(work, sample.search(query, &options).work, "{query}");
            table.push_str(&row(&work, query, &options));
        }
    };
    add(&sample, asked());
    add(&made, asked_of_many());
    if let Some(recorded) = committed("work.txt", &table) {
        assert_eq!(
            table, recorded,
            "if this is meant: `QDEX_ACCEPT=1 cargo test --test it work::`"
        );
    }
}

#[test]
fn what_is_left_out_is_none_of_the_hits() {
    let sample = Sample::new(&read_well(&[own_corpus()]));
    for (query, options) in asked() {
        let ranked = |limit: usize| {
            let options = SearchOptions {
                limit,
                ..options.clone()
            };
            sample.searcher.rank(query, &options).expect("answers")
        };
        let all = ranked(200);
        for limit in [1, 10, 35] {
            let best = &all[..all.len().min(limit)];
            assert_eq!(ranked(limit), best, "{limit} of `{query}`");
        }
    }
}
