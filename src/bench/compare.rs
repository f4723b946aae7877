//! Two measurements compared: ratios, and whether they are more than noise.

use serde::Serialize;

use super::{Class, Measured};
use crate::evaluate::sampling::{SEED, SplitMix};

/// A class of queries in two measurements.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassComparison {
    /// The class.
    pub class: Class,
    /// The new time over the old one: below 1 is faster.
    pub ratio: f64,
    /// The 95% interval of the ratio, by a bootstrap over the rounds of both.
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

/// Returns the classes that both measurements have, in the order of the new one.
pub fn compare(old: &Measured, new: &Measured) -> Vec<ClassComparison> {
    let mut compared = Vec::new();
    for class in &new.classes {
        let before = old.classes.iter().find(|other| other.class == class.class);
        let Some(before) = before else { continue };
        if before.rounds_us.is_empty() || class.rounds_us.is_empty() {
            continue;
        }
        let (ratio, interval) = ratio(&before.rounds_us, &class.rounds_us);
        let verdict = if interval.0 > 1.0 + MARGIN {
            Verdict::Slower
        } else if interval.1 < 1.0 - MARGIN {
            Verdict::Faster
        } else {
            Verdict::Same
        };
        compared.push(ClassComparison {
            class: class.class,
            ratio,
            interval,
            verdict,
        });
    }
    compared
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
    ratios.sort_by(f64::total_cmp);
    let at = |share: f64| ratios[(share * (SAMPLES - 1) as f64).round() as usize];
    let whole = median(&mut new.to_vec()) / median(&mut old.to_vec());
    (whole, (at(0.025), at(0.975)))
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
    use crate::bench::{ClassMeasured, Latency};

    fn measured(rounds_us: &[f64]) -> Measured {
        Measured {
            rounds: rounds_us.len(),
            classes: vec![ClassMeasured {
                class: Class::Question,
                queries: 1,
                mean_total: 1.0,
                latency: Latency::default(),
                rounds_us: rounds_us.to_vec(),
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
}
