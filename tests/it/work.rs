//! What searches of the sample corpus read and score: the same on every machine, so that lost speed is seen without a clock.
//!
//! `QDEX_ACCEPT=1 cargo test --test it work::` writes the counters anew.

use qdex::search::Work;
use qdex::{FacetField, Filter, SearchOptions, Sort};

use crate::corpora::{own_corpus, read_well};
use crate::relevance::committed;
use crate::sample::Sample;

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
        // So few that each is looked up, and what lies between them is passed over.
        ("function", filtered(FacetField::Tag, "functions")),
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
    // Written by one thread, so that the files are the same everywhere.
    let sample = Sample::new(&read_well(&[own_corpus()]));
    let mut table = "blocks postings matched passed reranked positions entries  query\n".to_owned();
    for (query, options) in asked() {
        let work = sample.search(query, &options).work;
        assert_eq!(work, sample.search(query, &options).work, "{query}");
        table.push_str(&row(&work, query, &options));
    }
    if let Some(recorded) = committed("work.txt", &table) {
        assert_eq!(
            table, recorded,
            "if this is meant: `QDEX_ACCEPT=1 cargo test --test it work::`"
        );
    }
}
