//! Seeded random numbers, and what they say about means: intervals by the bootstrap.

use super::Measures;

/// Returns the means over the queries; 0 when there are none.
pub(super) fn mean(values: &[[f64; 4]]) -> [f64; 4] {
    let mut sums = [0.0; 4];
    for value in values {
        sums.iter_mut()
            .zip(value)
            .for_each(|(sum, value)| *sum += value);
    }
    sums.map(|sum| sum / values.len().max(1) as f64)
}

/// Where random numbers start; any number would do.
pub(crate) const SEED: u64 = 20_261_122;

/// How many samples the bootstrap draws: enough for two digits of a 95% interval.
const SAMPLES: usize = 1_000;

/// Returns the 2.5th and 97.5th percentile of the means of samples drawn with replacement (Efron's percentile
/// bootstrap).
pub(super) fn interval(values: &[[f64; 4]]) -> (Measures, Measures) {
    let mut random = SplitMix(SEED);
    let mut means: Vec<[f64; 4]> = Vec::with_capacity(SAMPLES);
    let mut sample = Vec::with_capacity(values.len());
    for _ in 0..SAMPLES {
        sample.clear();
        sample.extend((0..values.len()).map(|_| values[random.below(values.len())]));
        means.push(mean(&sample));
    }
    let percentile = |share: f64| {
        let mut ends = [0.0; 4];
        for (measure, end) in ends.iter_mut().enumerate() {
            let mut of_measure: Vec<f64> = means.iter().map(|mean| mean[measure]).collect();
            of_measure.sort_by(f64::total_cmp);
            *end = of_measure[(share * (SAMPLES - 1) as f64).round() as usize];
        }
        Measures::from_values(ends)
    };
    (percentile(0.025), percentile(0.975))
}

/// How many times the permutation test flips signs: the least p it can give is 1 in 10,000.
const FLIPS: usize = 9_999;

/// Returns how likely a mean as far from 0 as that of the differences is when each difference could as well have the
/// other sign (Fisher's randomisation test for pairs, two-sided); 1 when nothing differs.
pub(super) fn p_value(differences: impl Iterator<Item = f64>) -> f64 {
    let differences: Vec<f64> = differences
        .filter(|difference| *difference != 0.0)
        .collect();
    let sum = differences.iter().sum::<f64>().abs();
    let mut random = SplitMix(SEED);
    let mut as_far = 1;
    for _ in 0..FLIPS {
        let mut bits = 0;
        let mut flipped = 0.0;
        for (place, difference) in differences.iter().enumerate() {
            if place % 64 == 0 {
                bits = random.next();
            }
            flipped += if bits & 1 == 0 {
                *difference
            } else {
                -difference
            };
            bits >>= 1;
        }
        // Sums of the same numbers in another order differ by a rounding.
        as_far += usize::from(flipped.abs() >= sum - 1e-9);
    }
    as_far as f64 / (FLIPS + 1) as f64
}

/// Vigna's SplitMix64: a few lines, and the same numbers on every machine.
pub(crate) struct SplitMix(pub(crate) u64);

impl SplitMix {
    /// Returns the next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `limit`, which is above 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_are_those_of_the_binomial_distribution_where_all_differences_are_alike() {
        for (differences, expected) in [
            (&[][..], 1.0),
            (&[0.0, 0.0], 1.0),
            (&[0.5], 1.0),
            (&[0.5, -0.5], 1.0),
            (&[0.5; 5], 2.0 / 32.0),
            (&[-0.5; 8], 2.0 / 256.0),
            (&[0.5, 0.5, 0.5, 0.5, 0.5, -0.5], 14.0 / 64.0),
        ] {
            let p = p_value(differences.iter().copied());
            assert!(
                (p - expected).abs() < 0.01,
                "{differences:?}: {p}, expected {expected}"
            );
        }
    }

    #[test]
    fn intervals_hold_the_mean_and_are_the_same_every_time() {
        let values: Vec<[f64; 4]> = (0..200)
            .map(|query| [f64::from(query % 3) / 2.0; 4])
            .collect();
        let (lower, upper) = interval(&values);
        let mean = mean(&values)[0];
        assert!(lower.ndcg_at_10 < mean && mean < upper.ndcg_at_10);
        assert!(upper.ndcg_at_10 - lower.ndcg_at_10 < 0.15);
        assert_eq!(interval(&values), (lower, upper));
    }
}
