//! Evaluation: judged queries in, nDCG@10, MRR@10, recall@100 and P@1 out, with confidence intervals.
//!
//! The measures are those of trec_eval (NIST): gains are linear in the grade, a rank's discount is log2(rank + 1), the
//! ideal order is over all judged entries of the query, and a query without hits counts 0. Queries that have no entry
//! with a grade above 0 are left out.

pub mod baseline;
pub mod compare;
mod judged;
mod measures;
pub mod own;
pub(crate) mod sampling;
pub mod trec;

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::search::{SearchOptions, Searcher};

pub use judged::{JudgedQuery, JudgedSet};
pub use measures::{Measures, measure};
pub use trec::{RankedQuery, Run};

/// How many hits of each query are looked at.
pub const DEPTH: usize = 100;

/// The measures of a judged set.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Each query's id and measures, in the order of the set.
    pub queries: Vec<(String, Measures)>,
    /// The means over the queries.
    pub mean: Measures,
    /// The lower and upper end of the 95% interval of each mean, by the percentile bootstrap over queries.
    pub interval: (Measures, Measures),
}

/// Returns the measures of a set whose queries `search` answers with entry ids, best first.
///
/// The intervals are the same in every run: the bootstrap's random numbers start from a fixed seed.
pub fn evaluate(
    set: &JudgedSet,
    mut search: impl FnMut(&str) -> Result<Vec<String>>,
) -> Result<Evaluation> {
    let mut queries = Vec::with_capacity(set.queries.len());
    for query in &set.queries {
        queries.push((
            query.id.clone(),
            measure(&query.grades, &search(&query.text)?),
        ));
    }
    Ok(Evaluation::new(queries))
}

/// Returns the measures of a set whose queries were answered before. A query that the run lacks counts 0.
pub fn evaluate_run(set: &JudgedSet, run: &Run) -> Evaluation {
    let hits = run.words();
    let measured = |query: &JudgedQuery| {
        let hits = hits.get(&*trec::word(&query.id)).map(Vec::as_slice);
        let measures = measure(&grades_by_word(query), hits.unwrap_or_default());
        (query.id.clone(), measures)
    };
    Evaluation::new(set.queries.iter().map(measured).collect())
}

/// Returns a query's grades by the words of the entries' ids, which runs name.
fn grades_by_word(query: &JudgedQuery) -> HashMap<String, u32> {
    let word = |(id, grade): (&String, &u32)| (trec::word(id).into_owned(), *grade);
    query.grades.iter().map(word).collect()
}

/// Returns the queries of several sets of one folder, each once, in the order of their file.
pub fn all_queries(sets: &[JudgedSet]) -> Vec<&JudgedQuery> {
    let queries = sets.iter().flat_map(|set| &set.queries);
    let by_line: BTreeMap<u64, &JudgedQuery> = queries.map(|query| (query.line, query)).collect();
    by_line.into_values().collect()
}

/// Returns the first [`DEPTH`] hits of each query, and how long the searches took. Their number is the only one of the
/// options that is not heeded.
pub fn run(
    searcher: &Searcher,
    queries: &[&JudgedQuery],
    options: &SearchOptions,
) -> Result<(Run, Duration)> {
    let options = SearchOptions {
        limit: DEPTH,
        ..options.clone()
    };
    let started = Instant::now();
    let search = |query: &&JudgedQuery| {
        Ok(RankedQuery {
            id: query.id.clone(),
            hits: searcher.rank(&query.text, &options)?,
        })
    };
    let queries = queries.iter().map(search).collect::<Result<_>>()?;
    Ok((Run { queries }, started.elapsed()))
}

impl Evaluation {
    fn new(queries: Vec<(String, Measures)>) -> Self {
        let values: Vec<[f64; 4]> = queries
            .iter()
            .map(|(_, measures)| measures.values())
            .collect();
        Evaluation {
            queries,
            mean: Measures::from_values(sampling::mean(&values)),
            interval: sampling::interval(&values),
        }
    }
}
