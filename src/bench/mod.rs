//! Measuring speed: how long searches take, by class of query.
//!
//! A measurement searches every query once unmeasured, so that the index is in memory, and then in rounds: each round
//! asks every query once, so that a disturbance of the machine meets all classes alike. Each query must find the same in
//! every round. Figures are of this process only; what a fresh process costs is for the program to measure.

mod compare;
mod generator;
mod load;
mod queries;

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::search::{SearchOptions, Searcher};

pub use compare::{ClassComparison, Verdict, compare};
pub use generator::Generator;
pub use load::{Throughput, open_loop, throughput};
pub use queries::{BenchQuery, Class, sample};

/// What was measured of some queries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// How many times each query was asked.
    pub rounds: usize,
    /// Each class that has queries, in the order of [`Class::ALL`].
    pub classes: Vec<ClassMeasured>,
    /// All queries together.
    pub all: Latency,
    /// The queries of the slowest medians, slowest first.
    pub slowest: Vec<SlowQuery>,
}

/// The figures of a class of queries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassMeasured {
    /// The class.
    pub class: Class,
    /// How many queries it has.
    pub queries: usize,
    /// How many entries its queries found, on average.
    pub mean_total: f64,
    /// How long they took.
    pub latency: Latency,
    /// The geometric mean of each round, in microseconds: what two measurements are compared by.
    pub rounds_us: Vec<f64>,
}

/// How long searches took, in microseconds. Percentiles are right to three digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Half of the searches took no longer.
    pub p50_us: f64,
    /// Nine of ten took no longer.
    pub p90_us: f64,
    /// 95 of 100 took no longer.
    pub p95_us: f64,
    /// 99 of 100 took no longer.
    pub p99_us: f64,
    /// The longest.
    pub max_us: f64,
    /// The mean.
    pub mean_us: f64,
}

/// A query that took long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlowQuery {
    /// The query.
    pub query: String,
    /// Its class.
    pub class: Class,
    /// The median of its rounds, in microseconds.
    pub median_us: f64,
    /// How many entries it found.
    pub total: u64,
    /// Its word that most entries have, and how many: postings are what a search costs.
    pub most_frequent: Option<(String, u64)>,
}

/// How many slow queries are named.
const SLOWEST: usize = 5;

/// Latencies as they come: in nanoseconds, three digits, whatever their range.
pub(crate) struct Latencies(Histogram<u64>);

impl Latencies {
    pub(crate) fn new() -> Self {
        Latencies(Histogram::new(3).expect("three digits are allowed"))
    }

    pub(crate) fn add(&mut self, took: Duration) {
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        // It grows with what it is given, and fails only where memory does.
        let _ = self.0.record(nanoseconds.max(1));
    }

    pub(crate) fn merge(&mut self, other: &Latencies) {
        // Histograms that grow take whatever another one holds.
        let _ = self.0.add(&other.0);
    }

    pub(crate) fn figures(&self) -> Latency {
        let at = |share: f64| self.0.value_at_quantile(share) as f64 / 1e3;
        Latency {
            p50_us: at(0.50),
            p90_us: at(0.90),
            p95_us: at(0.95),
            p99_us: at(0.99),
            max_us: self.0.max() as f64 / 1e3,
            mean_us: self.0.mean() / 1e3,
        }
    }
}

/// Returns how long each class of queries takes on one thread: the whole search, its hits with passages and code included.
///
/// Fails as [`Searcher::search`] does, and with [`crate::Error::Unstable`] for a query that finds something else in
/// another round.
pub fn measure(searcher: &Searcher, queries: &[BenchQuery], rounds: usize) -> Result<Measured> {
    let mut totals = Vec::with_capacity(queries.len());
    for query in queries {
        totals.push(searcher.search(&query.text, &query.options())?.total);
    }
    let mut took: Vec<Vec<Duration>> = vec![Vec::with_capacity(rounds); queries.len()];
    for _ in 0..rounds {
        for ((query, total), took) in queries.iter().zip(&totals).zip(&mut took) {
            let options = query.options();
            let started = Instant::now();
            let results = searcher.search(&query.text, &options)?;
            took.push(started.elapsed());
            if results.total != *total {
                return Err(crate::Error::Unstable {
                    query: query.text.clone(),
                    totals: (*total, results.total),
                });
            }
        }
    }
    let mut all = Latencies::new();
    let mut classes = Vec::new();
    for class in Class::ALL {
        let members: Vec<usize> = (0..queries.len())
            .filter(|place| queries[*place].class == class)
            .collect();
        if members.is_empty() {
            continue;
        }
        let mut latencies = Latencies::new();
        for place in &members {
            took[*place].iter().for_each(|took| latencies.add(*took));
        }
        let geometric_mean = |round: usize| {
            let logarithms = members
                .iter()
                .map(|place| took[*place][round].as_secs_f64().max(1e-9).ln());
            (logarithms.sum::<f64>() / members.len() as f64).exp() * 1e6
        };
        let found = members.iter().map(|place| totals[*place] as f64);
        classes.push(ClassMeasured {
            class,
            queries: members.len(),
            mean_total: found.sum::<f64>() / members.len() as f64,
            latency: latencies.figures(),
            rounds_us: (0..rounds).map(geometric_mean).collect(),
        });
        all.merge(&latencies);
    }
    Ok(Measured {
        rounds,
        classes,
        all: all.figures(),
        slowest: slowest(searcher, queries, &totals, took)?,
    })
}

fn slowest(
    searcher: &Searcher,
    queries: &[BenchQuery],
    totals: &[u64],
    took: Vec<Vec<Duration>>,
) -> Result<Vec<SlowQuery>> {
    let mut medians: Vec<(Duration, usize)> = took
        .into_iter()
        .map(|mut rounds| {
            rounds.sort_unstable();
            rounds.get(rounds.len() / 2).copied().unwrap_or_default()
        })
        .zip(0..)
        .collect();
    medians.sort_by(|left, right| right.cmp(left));
    medians
        .into_iter()
        .take(SLOWEST)
        .map(|(median, place)| {
            let query = &queries[place];
            Ok(SlowQuery {
                query: query.text.clone(),
                class: query.class,
                median_us: median.as_secs_f64() * 1e6,
                total: totals[place],
                most_frequent: queries::most_frequent_word(searcher, &query.text)?,
            })
        })
        .collect()
}

impl BenchQuery {
    /// Returns the options that it is asked with.
    pub fn options(&self) -> SearchOptions {
        SearchOptions {
            filters: self.filters.clone(),
            facets: self.facets.clone(),
            ..SearchOptions::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_right_to_three_digits() {
        let mut latencies = Latencies::new();
        let mut others = Latencies::new();
        for milliseconds in 1..=1_000 {
            let half = if milliseconds % 2 == 0 {
                &mut latencies
            } else {
                &mut others
            };
            half.add(Duration::from_millis(milliseconds));
        }
        latencies.merge(&others);
        let figures = latencies.figures();
        for (figure, expected_ms) in [
            (figures.p50_us, 500.0),
            (figures.p90_us, 900.0),
            (figures.p95_us, 950.0),
            (figures.p99_us, 990.0),
            (figures.max_us, 1_000.0),
            (figures.mean_us, 500.5),
        ] {
            let ratio = figure / (expected_ms * 1e3);
            assert!((ratio - 1.0).abs() < 0.001, "{figure} for {expected_ms} ms");
        }
    }
}
