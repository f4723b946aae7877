//! How the cost of a search grows with the corpus: the same queries over indexes of different sizes.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{BenchQuery, Class, Generator, Measured, measure};
use crate::entry::Entry;
use crate::error::Result;
use crate::evaluate::own::seed;
use crate::evaluate::sampling::{SEED, SplitMix};
use crate::index::{Index, Indexer, IndexerOptions};
use crate::search::Searcher;

/// A corpus of some size, and what searches in it took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScalePoint {
    /// How many entries it has.
    pub entries: u64,
    /// The size of its index in bytes.
    pub bytes: u64,
    /// How long its index took to build, in seconds, the making of the entries included.
    pub build_seconds: f64,
    /// What searches took.
    pub measured: Measured,
}

/// How the time of a class grows where the corpus grows tenfold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    /// The class.
    pub class: Class,
    /// By what its median is multiplied.
    pub p50: f64,
    /// By what its 99th percentile is multiplied.
    pub p99: f64,
}

/// How many entries a generator learns from.
const LEARNED: usize = 2_000;

/// Returns a generator of entries like those of an index; `None` when it has no words. Reads the whole index once.
pub fn generator_like(searcher: &Searcher) -> Result<Option<Generator>> {
    let mut taken = std::collections::BTreeMap::new();
    for entry in searcher.entries()? {
        let entry: Entry = entry?;
        taken.insert((SplitMix(seed(&entry.id)).next(), entry.id.clone()), entry);
        if taken.len() > LEARNED {
            taken.pop_last();
        }
    }
    Ok(Generator::learn(taken.values()))
}

/// Builds an index of `entries` made entries in a folder. The entries of a smaller one are among those of a larger one.
pub fn build(generator: &Generator, entries: u64, dir: &Path) -> Result<Searcher> {
    let mut indexer = Indexer::create(dir, IndexerOptions::default())?;
    for number in 0..entries {
        indexer.add(generator.entry(SEED, number))?;
    }
    indexer.commit()?;
    Ok(Searcher::new(Index::open(dir)?))
}

impl ScalePoint {
    /// Returns what the queries take in an index that took so long to build.
    pub fn measure(
        searcher: &Searcher,
        build: Duration,
        queries: &[BenchQuery],
        rounds: usize,
    ) -> Result<Self> {
        let stats = searcher.stats()?;
        Ok(ScalePoint {
            entries: stats.entries,
            bytes: stats.bytes,
            build_seconds: build.as_secs_f64(),
            measured: measure(searcher, queries, rounds, &mut |_| {})?,
        })
    }
}

/// Returns how each class grows from the smallest corpus to the largest, for each ten times between them; nothing with one size.
pub fn growth(points: &[ScalePoint]) -> Vec<Growth> {
    let smallest = points.iter().min_by_key(|point| point.entries);
    let largest = points.iter().max_by_key(|point| point.entries);
    let (Some(smallest), Some(largest)) = (smallest, largest) else {
        return Vec::new();
    };
    let tenfolds = (largest.entries as f64 / smallest.entries.max(1) as f64).log10();
    if tenfolds <= 0.0 {
        return Vec::new();
    }
    let per_tenfold = |small: f64, large: f64| (large / small.max(1e-3)).powf(1.0 / tenfolds);
    let classes = smallest.measured.classes.iter();
    let grown = classes.filter_map(|small| {
        let mut of_largest = largest.measured.classes.iter();
        let large = of_largest.find(|large| large.class == small.class)?;
        Some(Growth {
            class: small.class,
            p50: per_tenfold(small.latency.p50_us, large.latency.p50_us),
            p99: per_tenfold(small.latency.p99_us, large.latency.p99_us),
        })
    });
    grown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{ClassMeasured, Latency, MeanWork, Parts};

    #[test]
    fn growth_is_that_of_ten_times_the_corpus() {
        let point = |entries, p50_us, p99_us| ScalePoint {
            entries,
            bytes: 0,
            build_seconds: 0.0,
            measured: Measured {
                rounds: 1,
                classes: vec![ClassMeasured {
                    class: Class::Question,
                    queries: 1,
                    mean_total: 1.0,
                    latency: Latency {
                        p50_us,
                        p99_us,
                        ..Latency::default()
                    },
                    rounds_us: Vec::new(),
                    parts: Parts::default(),
                    work: MeanWork::default(),
                    distribution_us: Vec::new(),
                    asked: Vec::new(),
                }],
                all: Latency::default(),
                slowest: Vec::new(),
            },
        };
        let points = [
            point(100, 10.0, 10.0),
            point(1_000, 1.0, 1.0),
            point(10_000, 40.0, 10.0),
        ];
        let grown = growth(&points);
        assert!(
            (grown[0].p50 - 2.0).abs() < 1e-9 && (grown[0].p99 - 1.0).abs() < 1e-9,
            "{grown:?}"
        );
        assert!(growth(&points[..1]).is_empty() && growth(&[]).is_empty());
    }
}
