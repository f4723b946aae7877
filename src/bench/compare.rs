//! Two measurements compared: ratios, and whether they are more than noise.

use std::collections::HashMap;

use serde::Serialize;

use super::{Asked, Class, ClassMeasured, Measured};
use crate::evaluate::sampling::{SEED, SplitMix};

/// A class of queries in two measurements.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassComparison {
    /// The class.
    pub class: Class,
    /// The new time over the old one: below 1 is faster.
    pub ratio: f64,
    /// The 95% interval of the ratio, by a bootstrap.
    pub interval: (f64, f64),
    /// What to make of it.
    pub verdict: Verdict,
}

/// What a ratio says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The whole interval lies below 1 − 5%.
    Faster,
    /// Neither faster nor slower beyond the noise.
    Same,
    /// The whole interval lies above 1 + 5%.
    Slower,
}

/// Rounds of one process share its luck, such as where its memory lies: without a margin, two runs of one program
/// differ "significantly".
const MARGIN: f64 = 0.05;

/// How many samples the bootstrap draws.
const SAMPLES: usize = 2_000;

/// Returns the ratio of the new times to the old ones of the same queries, with its 95% interval: the geometric mean of
/// the ratios of each, and a bootstrap over the queries. `None` without any.
fn paired_ratio(old: &[f64], new: &[f64]) -> Option<(f64, (f64, f64))> {
    let logarithms: Vec<f64> = old
        .iter()
        .zip(new)
        .map(|(old, new)| (new / old).ln())
        .collect();
    if logarithms.is_empty() {
        return None;
    }
    let mean = |sum: f64| (sum / logarithms.len() as f64).exp();
    let mut random = SplitMix(SEED);
    let mut drawn: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let sample = (0..logarithms.len()).map(|_| logarithms[random.below(logarithms.len())]);
            mean(sample.sum())
        })
        .collect();
    Some((mean(logarithms.iter().sum()), interval(&mut drawn)))
}

/// A quantile of two measurements of the same queries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairedQuantiles {
    /// That of the old times.
    pub old: f64,
    /// That of the new times.
    pub new: f64,
    /// The new one over the old one.
    pub ratio: f64,
    /// The 95% interval of the ratio, by a bootstrap over the queries.
    pub interval: (f64, f64),
}

/// Returns a quantile, from 0 to 1, of the old and the new times of the same queries. `None` without any.
///
/// A quantile near 1 of few queries is the time of one or two of them; the interval says so.
pub fn paired_quantiles(old: &[f64], new: &[f64], share: f64) -> Option<PairedQuantiles> {
    let count = old.len().min(new.len());
    let last = count.checked_sub(1)?;
    let quantile = |mut times: Vec<f64>| {
        let place = (share.clamp(0.0, 1.0) * last as f64).round() as usize;
        *times.select_nth_unstable_by(place, f64::total_cmp).1
    };
    let mut random = SplitMix(SEED);
    let mut drawn: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let places: Vec<usize> = (0..count).map(|_| random.below(count)).collect();
            let of = |times: &[f64]| quantile(places.iter().map(|place| times[*place]).collect());
            of(new) / of(old)
        })
        .collect();
    let (old, new) = (
        quantile(old[..count].to_vec()),
        quantile(new[..count].to_vec()),
    );
    Some(PairedQuantiles {
        old,
        new,
        ratio: new / old,
        interval: interval(&mut drawn),
    })
}

/// Returns the 2.5th and 97.5th percentile.
fn interval(drawn: &mut [f64]) -> (f64, f64) {
    drawn.sort_by(f64::total_cmp);
    let at = |share: f64| drawn[(share * (drawn.len() - 1) as f64).round() as usize];
    (at(0.025), at(0.975))
}

/// Returns the classes that both measurements have, in the order of the new one.
///
/// Where both asked the same queries, the ratio is the mean over them, and its interval a bootstrap over the queries; else the ratio
/// is that of the rounds.
pub fn compare(old: &Measured, new: &Measured) -> Vec<ClassComparison> {
    let mut compared = Vec::new();
    for class in &new.classes {
        let before = old.classes.iter().find(|other| other.class == class.class);
        let Some(before) = before else { continue };
        if before.rounds_us.is_empty() || class.rounds_us.is_empty() {
            continue;
        }
        let (old, new) = same_queries(before, class);
        let (ratio, interval) = match paired_ratio(&old, &new) {
            Some(paired) if old.len() == class.queries && old.len() > 1 => paired,
            _ => ratio(&before.rounds_us, &class.rounds_us),
        };
        compared.push(ClassComparison::new(class.class, ratio, interval));
    }
    compared
}

/// Returns the medians of the queries that both measurements asked.
fn same_queries(before: &ClassMeasured, after: &ClassMeasured) -> (Vec<f64>, Vec<f64>) {
    let old: HashMap<&str, f64> = before
        .asked
        .iter()
        .map(|asked| (asked.query.as_str(), asked.median_us))
        .collect();
    let both = |asked: &Asked| Some((*old.get(asked.query.as_str())?, asked.median_us));
    after.asked.iter().filter_map(both).unzip()
}

/// Returns the comparison of two programs by runs of each in turn: each pair of neighbouring runs gives a ratio for each class, and
/// their bootstrap the interval, so that the luck of a process is in it.
pub fn compare_runs(old: &[Measured], new: &[Measured]) -> Vec<ClassComparison> {
    let Some(first) = new.first() else {
        return Vec::new();
    };
    let of_class = |runs: &[Measured], class: Class| -> Option<Vec<f64>> {
        let time = |run: &Measured| {
            let measured = run
                .classes
                .iter()
                .find(|measured| measured.class == class)?;
            (!measured.rounds_us.is_empty()).then(|| median(&mut measured.rounds_us.clone()))
        };
        runs.iter().map(time).collect()
    };
    let classes = first.classes.iter().map(|measured| measured.class);
    let compared = classes.filter_map(|class| {
        let (old, new) = (of_class(old, class)?, of_class(new, class)?);
        let (ratio, interval) = paired_ratio(&old, &new)?;
        Some(ClassComparison::new(class, ratio, interval))
    });
    compared.collect()
}

impl ClassComparison {
    fn new(class: Class, ratio: f64, interval: (f64, f64)) -> Self {
        let verdict = if interval.0 > 1.0 + MARGIN {
            Verdict::Slower
        } else if interval.1 < 1.0 - MARGIN {
            Verdict::Faster
        } else {
            Verdict::Same
        };
        ClassComparison {
            class,
            ratio,
            interval,
            verdict,
        }
    }
}

/// Returns the ratio of the medians of rounds with its percentile interval.
fn ratio(old: &[f64], new: &[f64]) -> (f64, (f64, f64)) {
    let mut random = SplitMix(SEED);
    let mut drawn = |values: &[f64]| {
        let mut sample: Vec<f64> = (0..values.len())
            .map(|_| values[random.below(values.len())])
            .collect();
        median(&mut sample)
    };
    let mut ratios: Vec<f64> = (0..SAMPLES).map(|_| drawn(new) / drawn(old)).collect();
    let whole = median(&mut new.to_vec()) / median(&mut old.to_vec());
    (whole, interval(&mut ratios))
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) {
        (values[middle - 1] + values[middle]) / 2.0
    } else {
        values[middle]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{Latency, MeanWork, Parts};

    fn measured(rounds_us: &[f64]) -> Measured {
        Measured {
            rounds: rounds_us.len(),
            classes: vec![ClassMeasured {
                class: Class::Question,
                queries: 1,
                mean_total: 1.0,
                latency: Latency::default(),
                rounds_us: rounds_us.to_vec(),
                parts: Parts::default(),
                work: MeanWork::default(),
                distribution_us: Vec::new(),
                asked: Vec::new(),
            }],
            all: Latency::default(),
            slowest: Vec::new(),
        }
    }

    #[test]
    fn only_what_is_beyond_noise_is_faster_or_slower() {
        let steady = [100.0, 101.0, 99.0, 100.0, 102.0];
        for (old, new, verdict) in [
            (&steady[..], &steady[..], Verdict::Same),
            (&steady, &[103.0, 104.0, 103.0, 102.0], Verdict::Same),
            (&steady, &[120.0, 121.0, 119.0, 122.0], Verdict::Slower),
            (&steady, &[80.0, 81.0, 79.0, 82.0], Verdict::Faster),
            // Rounds that scatter widely prove nothing.
            (&steady, &[60.0, 180.0, 90.0, 150.0], Verdict::Same),
        ] {
            let compared = compare(&measured(old), &measured(new));
            assert_eq!(compared[0].verdict, verdict, "{new:?} {compared:?}");
            let (lower, upper) = compared[0].interval;
            assert!(lower <= compared[0].ratio && compared[0].ratio <= upper);
        }
        assert!(compare(&measured(&steady), &measured(&[])).is_empty());
    }
    #[test]
    fn the_same_queries_are_compared_one_by_one() {
        let with = |factor: f64| {
            let mut measured = measured(&[100.0, 100.0]);
            let class = &mut measured.classes[0];
            class.queries = 3;
            class.asked = [1.0, 1_000.0, 1_000_000.0]
                .map(|median_us| Asked {
                    query: median_us.to_string(),
                    median_us: median_us * factor,
                    first_us: 1.0,
                    total: 1,
                    rarest_word: None,
                    parts: Parts::default(),
                    work: Default::default(),
                })
                .to_vec();
            measured
        };
        // Queries that differ a million times from one another are no noise.
        let compared = compare(&with(1.0), &with(1.2));
        assert_eq!(compared[0].verdict, Verdict::Slower);
        assert!((compared[0].ratio - 1.2).abs() < 1e-9, "{compared:?}");
    }

    #[test]
    fn quantiles_of_pairs_are_compared_and_few_of_them_prove_little() {
        let old: Vec<f64> = (1..=101).map(f64::from).collect();
        let twice: Vec<f64> = old.iter().map(|time| time * 2.0).collect();
        for (share, expected) in [(0.0, 1.0), (0.5, 51.0), (0.99, 100.0), (1.0, 101.0)] {
            let compared = paired_quantiles(&old, &twice, share).expect("there are some");
            assert_eq!((compared.old, compared.new), (expected, expected * 2.0));
            assert_eq!((compared.ratio, compared.interval), (2.0, (2.0, 2.0)));
        }
        // One slow query of a hundred may be drawn, or not.
        let mut one_slow = old.clone();
        one_slow[0] = 1e6;
        let compared = paired_quantiles(&old, &one_slow, 1.0).expect("there are some");
        let (low, high) = compared.interval;
        assert!(low <= 1.0 && high > 9_000.0, "{compared:?}");
        assert_eq!(paired_quantiles(&[], &[], 0.5), None);
    }

    #[test]
    fn what_one_run_of_several_says_is_not_enough() {
        let runs = |times: &[f64]| -> Vec<Measured> {
            times.iter().map(|time| measured(&[*time])).collect()
        };
        let old = runs(&[100.0, 101.0, 99.0, 100.0, 100.0]);
        for (new, verdict) in [
            (&[121.0, 119.0, 120.0, 122.0, 120.0][..], Verdict::Slower),
            (&[100.0, 101.0, 160.0, 99.0, 100.0], Verdict::Same),
            (&[80.0, 82.0, 81.0, 80.0, 79.0], Verdict::Faster),
        ] {
            let compared = compare_runs(&old, &runs(new));
            assert_eq!(compared[0].verdict, verdict, "{new:?} {compared:?}");
        }
        assert!(compare_runs(&old, &[]).is_empty());
    }
}
