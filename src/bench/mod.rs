//! Measuring speed: how long searches take, by class of query.
//!
//! A measurement searches every query once unmeasured, so that the index is in memory, and then in rounds: each round
//! asks every query once, so that a disturbance of the machine meets all classes alike. Each query must find the same in
//! every round. Figures are of this process only; what a fresh process costs is for the program to measure.

mod compare;
mod effort;
mod generator;
mod load;
mod queries;
mod ready_made;
mod scale;

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::search::{SearchOptions, SearchResults, Searcher, Work};

pub use compare::{
    ClassComparison, PairedQuantiles, Verdict, compare, compare_runs, paired_quantiles,
};
pub use effort::{MeanWork, Part, Parts};
pub use generator::Generator;
pub use load::{Throughput, open_loop, throughput};
pub use queries::{BenchQuery, Class, sample};
pub use ready_made::{ReadyMade, ReadyValue};
pub use scale::{Growth, ScalePoint, build, generator_like, growth, per_tenfold};

/// What was measured of some queries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// How many times each query was asked.
    pub rounds: usize,
    /// Each class that has queries, in the order of [`Class::ALL`].
    pub classes: Vec<ClassMeasured>,
    /// All queries together.
    pub all: Latency,
    /// The queries of the slowest medians, some of each class, slowest first.
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
    /// The geometric mean of each round, in microseconds.
    pub rounds_us: Vec<f64>,
    /// What the parts of a search took, on average.
    #[serde(default)]
    pub parts: Parts,
    /// What a search read, on average.
    #[serde(default)]
    pub work: MeanWork,
    /// How long the searches took, as percentiles from 0 to 100 and microseconds: what a plot of them needs.
    #[serde(default)]
    pub distribution_us: Vec<(f64, f64)>,
    /// What each query took, in the order of the asking: what two measurements of the same queries are compared by.
    #[serde(default)]
    pub asked: Vec<Asked>,
}

/// What a query took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The query.
    pub query: String,
    /// The median of its rounds, in microseconds.
    pub median_us: f64,
    /// What the first time took, before the rounds, in microseconds: much more where the index was not in memory.
    pub first_us: f64,
    /// How many entries it found.
    pub total: u64,
    /// How many entries have the word of it that fewest have, of those that say what is asked; `None` where no entry has any.
    #[serde(default)]
    pub rarest_word: Option<u64>,
    /// What its parts took, on average.
    #[serde(default)]
    pub parts: Parts,
    /// What it read.
    #[serde(default)]
    pub work: Work,
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
    /// What the first time took, before the rounds, in microseconds.
    #[serde(default)]
    pub first_us: f64,
    /// How many entries it found.
    pub total: u64,
    /// Its word that most entries have, and how many: postings are what a search costs.
    pub most_frequent: Option<(String, u64)>,
    /// What its parts took, on average.
    #[serde(default)]
    pub parts: Parts,
    /// What it read.
    #[serde(default)]
    pub work: Work,
}

/// How many slow queries of each class are named.
const SLOWEST: usize = 3;

/// The percentiles of a distribution.
const PERCENTILES: [f64; 15] = [
    0.0, 10.0, 25.0, 50.0, 60.0, 75.0, 85.0, 90.0, 95.0, 97.5, 99.0, 99.5, 99.9, 99.99, 100.0,
];

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

    /// Returns percentiles with their microseconds, closer to one another towards 100, as far as there are searches.
    pub(crate) fn distribution(&self) -> Vec<(f64, f64)> {
        let known = |percentile: &f64| {
            *percentile == 100.0 || (1.0 - percentile / 100.0) * self.0.len() as f64 >= 1.0
        };
        let percentiles = PERCENTILES.into_iter().filter(known);
        let at = |percentile: f64| {
            (
                percentile,
                self.0.value_at_percentile(percentile) as f64 / 1e3,
            )
        };
        percentiles.map(at).collect()
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

/// Returns how many tokens the index takes from a text: for measuring how fast it does.
pub fn analyse(text: &str) -> usize {
    crate::analysis::tokens(text).len()
}

/// Returns how long each class of queries takes on one thread: the whole search, its hits with passages and code included. What `render`
/// does with the results is measured apart.
///
/// Fails as [`Searcher::search`] does, and with [`crate::Error::Unstable`] for a query that finds something else in
/// another round.
pub fn measure(
    searcher: &Searcher,
    queries: &[BenchQuery],
    rounds: usize,
    render: &mut dyn FnMut(&SearchResults),
) -> Result<Measured> {
    let mut totals = Vec::with_capacity(queries.len());
    let mut work = Vec::with_capacity(queries.len());
    let mut first_us = Vec::with_capacity(queries.len());
    let mut rarest_word = Vec::with_capacity(queries.len());
    for query in queries {
        let started = Instant::now();
        let results = searcher.search(&query.text, &query.options())?;
        first_us.push(microseconds(started.elapsed()));
        totals.push(results.total);
        work.push(results.work);
        let words = queries::frequencies(searcher, query.class, &query.text)?;
        rarest_word.push(words.iter().map(|(_, entries)| *entries).min());
    }
    let mut parts = vec![Parts::default(); queries.len()];
    let mut took: Vec<Vec<Duration>> = vec![Vec::with_capacity(rounds); queries.len()];
    for _ in 0..rounds {
        for (place, (query, total)) in queries.iter().zip(&totals).enumerate() {
            let options = query.options();
            let started = Instant::now();
            let results = searcher.search(&query.text, &options)?;
            took[place].push(started.elapsed());
            let drawing = Instant::now();
            render(&results);
            parts[place] += Parts::new(&results.phases, drawing.elapsed()).divided(rounds as f64);
            if results.total != *total {
                return Err(crate::Error::Unstable {
                    query: query.text.clone(),
                    totals: (*total, results.total),
                });
            }
        }
    }
    let median_us: Vec<f64> = took
        .iter()
        .map(|rounds| microseconds(median(rounds)))
        .collect();
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
            parts: mean_parts(members.iter().map(|place| parts[*place])),
            work: MeanWork::of(members.iter().map(|place| &work[*place])),
            distribution_us: latencies.distribution(),
            asked: members
                .iter()
                .map(|place| Asked {
                    query: queries[*place].text.clone(),
                    median_us: median_us[*place],
                    first_us: first_us[*place],
                    total: totals[*place],
                    rarest_word: rarest_word[*place],
                    parts: parts[*place],
                    work: work[*place],
                })
                .collect(),
        });
        all.merge(&latencies);
    }
    Ok(Measured {
        rounds,
        all: all.figures(),
        slowest: slowest(searcher, &classes)?,
        classes,
    })
}

fn mean_parts(searches: impl ExactSizeIterator<Item = Parts>) -> Parts {
    let count = searches.len().max(1) as f64;
    let mut all = Parts::default();
    searches.for_each(|parts| all += parts);
    all.divided(count)
}

fn microseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1e6
}

fn median(rounds: &[Duration]) -> Duration {
    let mut rounds = rounds.to_vec();
    rounds.sort_unstable();
    rounds.get(rounds.len() / 2).copied().unwrap_or_default()
}

/// Returns the slowest queries of each class, slowest first.
fn slowest(searcher: &Searcher, classes: &[ClassMeasured]) -> Result<Vec<SlowQuery>> {
    let mut slowest = Vec::new();
    for class in classes {
        let mut asked: Vec<&Asked> = class.asked.iter().collect();
        asked.sort_by(|left, right| right.median_us.total_cmp(&left.median_us));
        for asked in asked.into_iter().take(SLOWEST) {
            slowest.push(SlowQuery {
                query: asked.query.clone(),
                class: class.class,
                median_us: asked.median_us,
                first_us: asked.first_us,
                total: asked.total,
                most_frequent: queries::frequencies(searcher, class.class, &asked.query)?
                    .into_iter()
                    .rev()
                    .max_by_key(|(_, entries)| *entries),
                parts: asked.parts,
                work: asked.work,
            });
        }
    }
    slowest.sort_by(|left, right| right.median_us.total_cmp(&left.median_us));
    Ok(slowest)
}

/// How many values of each facet are asked for: as many as `qdex search` shows.
const FACET_VALUES: usize = 10;

impl BenchQuery {
    /// Returns the options that it is asked with.
    pub fn options(&self) -> SearchOptions {
        SearchOptions {
            filters: self.filters.clone(),
            facets: self.facets.clone(),
            facet_values: FACET_VALUES,
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
