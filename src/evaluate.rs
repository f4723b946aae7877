//! Evaluation: judged queries in, nDCG@10, MRR@10, recall@100 and P@1 out, with confidence intervals.
//!
//! The measures are those of trec_eval (NIST): gains are linear in the grade, a rank's discount is log2(rank + 1), the
//! ideal order is over all judged entries of the query, and a query without hits counts 0. Queries that have no entry
//! with a grade above 0 are left out.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How many hits of each query are looked at.
pub const DEPTH: usize = 100;

/// Queries with the entries that should win.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct JudgedSet {
    /// The judged queries, in the order of their file.
    pub queries: Vec<JudgedQuery>,
}

/// One query with its judgments.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedQuery {
    /// The query's id.
    pub id: String,
    /// The query as someone would type it.
    pub text: String,
    /// Entry id to grade; grades above 0 are relevant.
    pub grades: HashMap<String, u32>,
}

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

    fn from_values([ndcg_at_10, mrr_at_10, recall_at_100, precision_at_1]: [f64; 4]) -> Self {
        Measures {
            ndcg_at_10,
            mrr_at_10,
            recall_at_100,
            precision_at_1,
        }
    }
}

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

#[derive(Deserialize)]
struct QueryLine {
    #[serde(rename = "_id")]
    id: String,
    text: String,
}

impl JudgedSet {
    /// Returns a judged set in the BEIR layout: `queries.jsonl` and `qrels/NAME.tsv` in a folder.
    ///
    /// Fails when a file cannot be read or a line of it is not what the layout says. A query that the judgments name
    /// and the queries lack is such a line.
    pub fn read(dir: &Path, qrels: &str) -> Result<Self> {
        let path = dir.join("qrels").join(format!("{qrels}.tsv"));
        let mut grades: BTreeMap<String, HashMap<String, u32>> = BTreeMap::new();
        let mut line_of: HashMap<String, u64> = HashMap::new();
        for (number, line) in lines(&path)?.enumerate() {
            let number = number as u64 + 1;
            let line = line.map_err(|source| Error::Io {
                action: "read",
                path: path.clone(),
                source,
            })?;
            if line.trim().is_empty() || number == 1 && line.starts_with("query-id") {
                continue;
            }
            let fields: Vec<&str> = line.split('\t').collect();
            let [query, entry, grade] = fields[..] else {
                let message = format!(
                    "expected three fields parted by tabs, found {}",
                    fields.len()
                );
                return Err(Error::Judgments {
                    path,
                    line: number,
                    message,
                });
            };
            let Ok(grade) = grade.trim().parse() else {
                let message = format!("expected a grade of 0 or more, found `{grade}`");
                return Err(Error::Judgments {
                    path,
                    line: number,
                    message,
                });
            };
            line_of.entry(query.to_owned()).or_insert(number);
            grades
                .entry(query.to_owned())
                .or_default()
                .insert(entry.to_owned(), grade);
        }
        let queries_path = dir.join("queries.jsonl");
        let mut queries = Vec::new();
        for (number, line) in lines(&queries_path)?.enumerate() {
            let line = line.map_err(|source| Error::Io {
                action: "read",
                path: queries_path.clone(),
                source,
            })?;
            if line.trim().is_empty() {
                continue;
            }
            let query: QueryLine =
                serde_json::from_str(&line).map_err(|error| Error::Judgments {
                    path: queries_path.clone(),
                    line: number as u64 + 1,
                    message: error.to_string(),
                })?;
            if let Some(grades) = grades.remove(&query.id)
                && grades.values().any(|grade| *grade > 0)
            {
                queries.push(JudgedQuery {
                    id: query.id,
                    text: query.text,
                    grades,
                });
            }
        }
        if let Some((query, _)) = grades
            .iter()
            .find(|(_, grades)| grades.values().any(|grade| *grade > 0))
        {
            let message = format!(
                "no query in `{}` has the id `{query}`",
                queries_path.display()
            );
            return Err(Error::Judgments {
                path,
                line: line_of[query],
                message,
            });
        }
        Ok(JudgedSet { queries })
    }
}

fn lines(path: &PathBuf) -> Result<std::io::Lines<BufReader<File>>> {
    let file = File::open(path).map_err(|source| Error::Io {
        action: "read",
        path: path.clone(),
        source,
    })?;
    Ok(BufReader::new(file).lines())
}

/// Returns the measures of one query's hits, given as entry ids, best first. An id that stands twice counts once.
pub fn measure(grades: &HashMap<String, u32>, hits: &[String]) -> Measures {
    let mut seen = std::collections::HashSet::new();
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
    let discounted = |gains: &[u32]| -> f64 {
        gains
            .iter()
            .take(10)
            .zip(2u32..)
            .map(|(gain, rank)| f64::from(*gain) / f64::from(rank).log2())
            .sum()
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
    let values: Vec<[f64; 4]> = queries
        .iter()
        .map(|(_, measures)| measures.values())
        .collect();
    let mean = Measures::from_values(mean(&values));
    Ok(Evaluation {
        queries,
        mean,
        interval: interval(&values),
    })
}

fn mean(values: &[[f64; 4]]) -> [f64; 4] {
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
fn interval(values: &[[f64; 4]]) -> (Measures, Measures) {
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
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `limit`, which is above 0.
    fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
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
            assert!(is_equal, "{hits}: {found:?}, expected {expected:?}");
        }
    }

    /// Writes a judged set and reads it: each query with its grades, sorted, or the error without the folder.
    fn read(queries: &str, qrels: &str) -> String {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = folder.path();
        std::fs::create_dir(dir.join("qrels")).expect("is made");
        std::fs::write(dir.join("queries.jsonl"), queries).expect("is written");
        std::fs::write(dir.join("qrels/test.tsv"), qrels).expect("is written");
        let set = match JudgedSet::read(dir, "test") {
            Ok(set) => set,
            Err(error) => {
                let prefix = format!("{}{}", dir.display(), std::path::MAIN_SEPARATOR);
                return error.to_string().replace(&prefix, "").replace('\\', "/");
            }
        };
        let written = set.queries.iter().map(|query| {
            let mut grades: Vec<_> = query.grades.iter().collect();
            grades.sort();
            let grades = grades.iter().map(|(id, grade)| format!(" {id}={grade}"));
            format!("{} {}:{}", query.id, query.text, grades.collect::<String>())
        });
        written.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn judged_sets_are_read_and_their_flaws_have_lines() {
        let queries = "{\"_id\": \"q2\", \"text\": \"two\"}\n\n{\"_id\": \"q1\", \"text\": \"one\", \"metadata\": {}}\n";
        for (queries, qrels, expected) in [
            (
                queries,
                "query-id\tcorpus-id\tscore\nq1\ta b\t2\nq1\tc\t0\nq2\ta\t1\n",
                "q2 two: a=1; q1 one: a b=2 c=0",
            ),
            // Without a header, with blank lines and other line ends; a query without anything relevant is left out.
            (queries, "q1\ta\t1\r\n\r\nq2\ta\t0\r\n", "q1 one: a=1"),
            (queries, "", ""),
            (queries, "q1\ta\t1\nq9\ta\t0\n", "q1 one: a=1"),
            (
                queries,
                "q1\ta\t1\nq9\ta\t1\n",
                "qrels/test.tsv:2: no query in `queries.jsonl` has the id `q9`",
            ),
            (
                queries,
                "q1\ta\t1\nq1 b 1\n",
                "qrels/test.tsv:2: expected three fields parted by tabs, found 1",
            ),
            (
                queries,
                "q1\ta\t-1\n",
                "qrels/test.tsv:1: expected a grade of 0 or more, found `-1`",
            ),
            (
                "\n{\"_id\": \"q1\"}\n",
                "q1\ta\t1\n",
                "queries.jsonl:2: missing field `text` at line 1 column 13",
            ),
        ] {
            assert_eq!(read(queries, qrels), expected, "{qrels}");
        }
        let none = JudgedSet::read(Path::new("nowhere"), "test");
        assert!(matches!(none, Err(Error::Io { .. })));
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
