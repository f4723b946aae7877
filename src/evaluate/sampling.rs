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

/// How many samples the bootstrap draws: enough for two digits of a 95% interval.
const SAMPLES: usize = 1_000;

/// Returns the 2.5th and 97.5th percentile of the means of samples drawn with replacement (Efron's percentile
/// bootstrap).
pub(super) fn interval(values: &[[f64; 4]]) -> (Measures, Measures) {
    let mut random = SplitMix(20_261_122);
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

/// Vigna's SplitMix64: a few lines, and the same numbers on every machine.
pub(super) struct SplitMix(pub(super) u64);

impl SplitMix {
    /// Returns the next number.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `limit`, which is above 0.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
