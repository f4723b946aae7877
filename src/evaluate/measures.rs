//! The measures of one query, as trec_eval (NIST) computes them.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::DEPTH;

/// The measures of one query or the means over several, each from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Measures {
    /// Normalised discounted cumulative gain of the first ten hits.
    pub ndcg_at_10: f64,
    /// The reciprocal rank of the first relevant hit, 0 when it is not among the first ten.
    pub mrr_at_10: f64,
    /// How much of what is relevant is among the first hundred hits.
    pub recall_at_100: f64,
    /// Whether the first hit is relevant.
    pub precision_at_1: f64,
}

impl Measures {
    /// The names of the measures, as reports write them, in the order of [`Measures::values`].
    pub const NAMES: [&str; 4] = ["nDCG@10", "MRR@10", "recall@100", "P@1"];

    /// Returns the measures in the order of their names.
    pub fn values(&self) -> [f64; 4] {
        [
            self.ndcg_at_10,
            self.mrr_at_10,
            self.recall_at_100,
            self.precision_at_1,
        ]
    }

    pub(super) fn from_values(
        [ndcg_at_10, mrr_at_10, recall_at_100, precision_at_1]: [f64; 4],
    ) -> Self {
        Measures {
            ndcg_at_10,
            mrr_at_10,
            recall_at_100,
            precision_at_1,
        }
    }
}

/// Returns the measures of one query's hits, given as entry ids, best first. An id that stands twice counts once.
pub fn measure(grades: &HashMap<String, u32>, hits: &[String]) -> Measures {
    let mut seen = HashSet::new();
    let gains: Vec<u32> = hits
        .iter()
        .filter(|id| seen.insert(id.as_str()))
        .take(DEPTH)
        .map(|id| grades.get(id).copied().unwrap_or_default())
        .collect();
    let mut ideal: Vec<u32> = grades
        .values()
        .copied()
        .filter(|grade| *grade > 0)
        .collect();
    ideal.sort_unstable_by(|left, right| right.cmp(left));
    // A sum over nothing is -0, which is no figure to print.
    let discounted = |gains: &[u32]| -> f64 {
        gains
            .iter()
            .take(10)
            .zip(2u32..)
            .map(|(gain, rank)| f64::from(*gain) / f64::from(rank).log2())
            .fold(0.0, |sum, gain| sum + gain)
    };
    let best = discounted(&ideal);
    if best == 0.0 {
        return Measures::default();
    }
    let first = gains.iter().take(10).position(|gain| *gain > 0);
    let found = gains.iter().filter(|gain| **gain > 0).count();
    Measures {
        ndcg_at_10: discounted(&gains) / best,
        mrr_at_10: first.map_or(0.0, |place| 1.0 / (place as f64 + 1.0)),
        recall_at_100: found as f64 / ideal.len() as f64,
        precision_at_1: f64::from(u8::from(first == Some(0))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_agree_with_hand_worked_cases() {
        let log3 = 3f64.log2();
        for (grades, hits, expected) in [
            // One relevant entry at the first place, at the second, at the eleventh, nowhere.
            ("a1", "a b c", [1.0, 1.0, 1.0, 1.0]),
            ("a1", "b a c", [1.0 / log3, 0.5, 1.0, 0.0]),
            ("a1", "b c d e f g h i j k a", [0.0, 0.0, 1.0, 0.0]),
            ("a1", "", [0.0, 0.0, 0.0, 0.0]),
            ("a0", "a", [0.0, 0.0, 0.0, 0.0]),
            // Grades 2 and 1 in the wrong order: (1 + 2/log2 3) / (2 + 1/log2 3).
            (
                "a1 b2",
                "a b",
                [(1.0 + 2.0 / log3) / (2.0 + 1.0 / log3), 1.0, 1.0, 1.0],
            ),
            // Half of what is relevant; a grade of 0 is not relevant; an entry that comes twice counts once.
            (
                "a1 b1 c0",
                "c a a",
                [(1.0 / log3) / (1.0 + 1.0 / log3), 0.5, 0.5, 0.0],
            ),
        ] {
            let grades: HashMap<String, u32> = grades
                .split(' ')
                .map(|judgment| {
                    let (id, grade) = judgment.split_at(1);
                    (id.to_owned(), grade.parse().expect("a digit"))
                })
                .collect();
            let ids: Vec<String> = hits.split_whitespace().map(str::to_owned).collect();
            let found = measure(&grades, &ids).values();
            let is_equal = found
                .iter()
                .zip(expected)
                .all(|(found, expected)| (found - expected).abs() < 1e-12);
            let is_positive = found.iter().all(|found| found.is_sign_positive());
            assert!(
                is_equal && is_positive,
                "{hits}: {found:?}, expected {expected:?}"
            );
        }
    }
}
