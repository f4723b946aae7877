//! How the cost of a search grows with the corpus: the same queries over indexes of different sizes.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    Asked, BenchQuery, Class, ClassMeasured, Generator, Measured, measure, paired_quantiles,
};
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
    /// Whether only its queries count of which a word is rare: one that at most one in a thousand entries of the smallest corpus has.
    #[serde(default)]
    pub with_rare_word: bool,
    /// By what its median is multiplied.
    pub p50: f64,
    /// By what its 99th percentile is multiplied.
    pub p99: f64,
}

/// Where fewer than one in so many entries have a word, it is rare.
const RARE: u64 = 1_000;

impl Growth {
    /// Returns what it should not be beyond; `None` where nothing was promised. Ten times the entries have ten times the postings; what a
    /// question costs beside them, and what need not be read where a word is rare, is the room below.
    pub fn limit(&self) -> Option<f64> {
        match (self.class, self.with_rare_word) {
            (Class::Question, true) => Some(4.0),
            (Class::Question, false) => Some(8.0),
            _ => None,
        }
    }

    /// Returns whether it is beyond that.
    pub fn is_over(&self) -> bool {
        self.limit()
            .is_some_and(|limit| self.p50.max(self.p99) > limit)
    }
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
    if largest.entries <= smallest.entries {
        return Vec::new();
    }
    let grown =
        |small: f64, large: f64| per_tenfold((smallest.entries, small), (largest.entries, large));
    let mut growths = Vec::new();
    for small in &smallest.measured.classes {
        let mut of_largest = largest.measured.classes.iter();
        let Some(large) = of_largest.find(|large| large.class == small.class) else {
            continue;
        };
        growths.push(Growth {
            class: small.class,
            with_rare_word: false,
            p50: grown(small.latency.p50_us, large.latency.p50_us),
            p99: grown(small.latency.p99_us, large.latency.p99_us),
        });
        let (small_us, large_us) = with_rare_word(small, large, smallest.entries / RARE);
        let compared = [0.5, 0.99].map(|share| paired_quantiles(&small_us, &large_us, share));
        if small.class == Class::Question
            && let [Some(p50), Some(p99)] = compared
        {
            growths.push(Growth {
                class: small.class,
                with_rare_word: true,
                p50: grown(p50.old, p50.new),
                p99: grown(p99.old, p99.new),
            });
        }
    }
    growths
}

/// Returns the medians in both corpora of the queries that have a word which at most so many entries of the smaller one have.
fn with_rare_word(small: &ClassMeasured, large: &ClassMeasured, most: u64) -> (Vec<f64>, Vec<f64>) {
    // Both asked the same queries in the same order.
    let pairs = small.asked.iter().zip(&large.asked);
    let has_rare =
        |(small, _): &(&Asked, &Asked)| small.rarest_word.is_some_and(|rarest| rarest <= most);
    let medians = |(small, large): (&Asked, &Asked)| (small.median_us, large.median_us);
    pairs.filter(has_rare).map(medians).unzip()
}

/// Returns by what a time is multiplied where a corpus grows tenfold, of a smaller and a larger one: how many entries each has, and the
/// time there.
pub fn per_tenfold(small: (u64, f64), large: (u64, f64)) -> f64 {
    let tenfolds = (large.0 as f64 / small.0.max(1) as f64).log10();
    (large.1 / small.1.max(1e-3)).powf(1.0 / tenfolds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{Latency, MeanWork, Parts};
    use crate::search::Work;

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
                    // Of two queries one has a rare word, and grows half as much.
                    asked: [(p50_us, 50_000), (p50_us.sqrt(), 10)]
                        .map(|(median_us, rarest)| Asked {
                            query: rarest.to_string(),
                            median_us,
                            first_us: 1.0,
                            total: 1,
                            rarest_word: Some(rarest),
                            parts: Parts::default(),
                            work: Work::default(),
                        })
                        .to_vec(),
                }],
                all: Latency::default(),
                slowest: Vec::new(),
            },
        };
        let points = [
            point(10_000, 1.0, 10.0),
            point(100_000, 9.0, 1.0),
            point(1_000_000, 16.0, 10.0),
        ];
        let grown = growth(&points);
        for (grown, (with_rare_word, p50, p99)) in
            grown.iter().zip([(false, 4.0, 1.0), (true, 2.0, 2.0)])
        {
            assert_eq!(grown.with_rare_word, with_rare_word);
            assert!(
                (grown.p50 - p50).abs() < 1e-9 && (grown.p99 - p99).abs() < 1e-9,
                "{grown:?}"
            );
            assert!(!grown.is_over());
        }
        assert_eq!(grown.len(), 2);
        let [fast, slow] = [79.0, 81.0]
            .map(|p50_us| growth(&[points[0].clone(), point(100_000, p50_us / 10.0, 10.0)]));
        assert!(!fast[0].is_over() && slow[0].is_over());
        assert!(growth(&points[..1]).is_empty() && growth(&[]).is_empty());
    }
}
