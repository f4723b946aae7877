//! Evaluation: judged queries in, nDCG@10, MRR@10, recall@100 and P@1 out, with confidence intervals.
//!
//! The measures are those of trec_eval (NIST): gains are linear in the grade, a rank's discount is log2(rank + 1), the
//! ideal order is over all judged entries of the query, and a query without hits counts 0. Queries that have no entry
//! with a grade above 0 are left out.

mod judged;
mod measures;
mod sampling;

use crate::error::Result;

pub use judged::{JudgedQuery, JudgedSet};
pub use measures::{Measures, measure};

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
