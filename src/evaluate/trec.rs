//! Run files as TREC has them: `query Q0 entry rank score tag`, a line a hit.
//!
//! trec_eval ignores the ranks: it sorts by score, as 32-bit numbers, and puts of two equal scores the greater id first.
//! What is written here survives that: where two hits of a query score alike, the later one's score is the next lower
//! number. What is read here is sorted as trec_eval does.
//!
//! Fields are parted by blanks, so that a blank in an id is written as URLs have it, `%20`; nothing else is escaped, for
//! judgments name ids as they are. [`word`] is that form.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use super::JudgedQuery;
use crate::error::{Error, Result};

/// The last field of the lines written here: which system found the hits.
const TAG: &str = "qdex";

/// The hits of several queries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Run {
    /// The queries, each once.
    pub queries: Vec<RankedQuery>,
}

/// The hits of one query.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RankedQuery {
    /// The query's id.
    pub id: String,
    /// Entry ids and scores, best first.
    pub hits: Vec<(String, f32)>,
}

impl Run {
    /// Returns the run in a file. Queries stand in the order of their first lines. Ids keep the form that the file has.
    ///
    /// Fails when the file cannot be read, or with [`Error::Judgments`] when a line of it is no hit or names one twice.
    pub fn read(path: &Path) -> Result<Self> {
        let failed = |source| Error::Io {
            action: "read",
            path: path.to_owned(),
            source,
        };
        let mut run = Run::default();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut seen: HashSet<(usize, String)> = HashSet::new();
        let file = File::open(path).map_err(failed)?;
        for (number, line) in BufReader::new(file).lines().enumerate() {
            let line = line.map_err(failed)?;
            if line.trim().is_empty() {
                continue;
            }
            let wrong = |message| Error::Judgments {
                path: path.to_owned(),
                line: number as u64 + 1,
                message,
            };
            let (query, entry, score) = hit(&line).map_err(wrong)?;
            let place = *places.entry(query.to_owned()).or_insert_with(|| {
                run.queries.push(RankedQuery {
                    id: query.to_owned(),
                    ..RankedQuery::default()
                });
                run.queries.len() - 1
            });
            if !seen.insert((place, entry.to_owned())) {
                let message = format!("`{entry}` stands twice among the hits of `{query}`");
                return Err(wrong(message));
            }
            run.queries[place].hits.push((entry.to_owned(), score));
        }
        for query in &mut run.queries {
            query
                .hits
                .sort_by(|(left, left_score), (right, right_score)| {
                    right_score
                        .total_cmp(left_score)
                        .then_with(|| right.cmp(left))
                });
        }
        Ok(run)
    }

    /// Writes the run to a file.
    pub fn write(&self, path: &Path) -> Result<()> {
        let failed = |source| Error::Io {
            action: "write",
            path: path.to_owned(),
            source,
        };
        let file = File::create(path).map_err(failed)?;
        self.write_lines(BufWriter::new(file)).map_err(failed)
    }

    fn write_lines(&self, mut file: impl Write) -> io::Result<()> {
        for query in &self.queries {
            let mut last = f32::INFINITY;
            for ((entry, score), rank) in query.hits.iter().zip(1..) {
                last = score.min(last.next_down());
                let (query, entry) = (word(&query.id), word(entry));
                writeln!(file, "{query} Q0 {entry} {rank} {last} {TAG}")?;
            }
        }
        file.flush()
    }

    /// Returns the ids of the queries that the run lacks.
    pub fn lacking<'a>(&self, queries: &[&'a JudgedQuery]) -> Vec<&'a str> {
        let known: HashSet<Cow<'_, str>> =
            self.queries.iter().map(|query| word(&query.id)).collect();
        let ids = queries.iter().map(|query| query.id.as_str());
        ids.filter(|id| !known.contains(&word(id))).collect()
    }

    /// Returns whether an id has a blank, which a file cannot hold as it is.
    pub fn has_blanks(&self) -> bool {
        let is_changed = |id: &str| matches!(word(id), Cow::Owned(_));
        let has_blanks = |query: &RankedQuery| {
            is_changed(&query.id) || query.hits.iter().any(|(entry, _)| is_changed(entry))
        };
        self.queries.iter().any(has_blanks)
    }

    /// Returns the words of each query's hits, best first, by the word of its id.
    pub(super) fn words(&self) -> HashMap<String, Vec<String>> {
        let words = |query: &RankedQuery| {
            let hits = query.hits.iter().map(|(entry, _)| word(entry).into_owned());
            (word(&query.id).into_owned(), hits.collect())
        };
        self.queries.iter().map(words).collect()
    }
}

/// Returns an id as a run file has it: blanks are written as in URLs.
pub fn word(id: &str) -> Cow<'_, str> {
    if !id.contains(char::is_whitespace) {
        return Cow::Borrowed(id);
    }
    let mut word = String::with_capacity(id.len() + 2);
    for character in id.chars() {
        if character.is_whitespace() {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                word.push_str(&format!("%{byte:02X}"));
            }
        } else {
            word.push(character);
        }
    }
    Cow::Owned(word)
}

/// Returns query, entry and score of a line.
fn hit(line: &str) -> std::result::Result<(&str, &str, f32), String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [query, _, entry, _, score, _] = fields[..] else {
        return Err(format!(
            "expected a hit of six fields parted by blanks (query, Q0, entry, rank, score, tag), found {}",
            fields.len()
        ));
    };
    match score.parse::<f64>() {
        Ok(score) if !score.is_nan() => Ok((query, entry, score as f32)),
        _ => Err(format!("expected a score, found `{score}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(hits: &[(&str, f32)]) -> String {
        let run = Run {
            queries: vec![RankedQuery {
                id: "q".to_owned(),
                hits: hits
                    .iter()
                    .map(|(id, score)| ((*id).to_owned(), *score))
                    .collect(),
            }],
        };
        let mut file = Vec::new();
        run.write_lines(&mut file)
            .expect("memory can be written to");
        String::from_utf8(file).expect("is text")
    }

    #[test]
    fn hits_that_score_alike_keep_their_order() {
        for (hits, expected) in [
            (
                &[("a", 2.5), ("b", 1.0)][..],
                "q Q0 a 1 2.5 qdex\nq Q0 b 2 1 qdex\n",
            ),
            (
                &[("a", 1.0), ("b", 1.0), ("c", 1.0)],
                "q Q0 a 1 1 qdex\nq Q0 b 2 0.99999994 qdex\nq Q0 c 3 0.9999999 qdex\n",
            ),
            (
                &[("a b\u{a0}c", 1.0), ("50%", 0.5)],
                "q Q0 a%20b%C2%A0c 1 1 qdex\nq Q0 50% 2 0.5 qdex\n",
            ),
        ] {
            assert_eq!(written(hits), expected);
        }
    }

    proptest! {
        #[test]
        fn ranks_survive_what_trec_eval_does(
            mut scores in prop::collection::vec(prop_oneof![0f32..3.0, Just(0.0), Just(1.0)], 1..40),
        ) {
            scores.sort_by(|left, right| right.total_cmp(left));
            let ids: Vec<String> = (0..scores.len()).map(|place| format!("d{place:02}")).collect();
            let hits: Vec<(&str, f32)> = ids.iter().map(String::as_str).zip(scores).collect();
            let dir = tempfile::tempdir().expect("a temporary folder");
            let path = dir.path().join("x.run");
            std::fs::write(&path, written(&hits)).expect("the file");
            let read = Run::read(&path).expect("is a run");
            let read: Vec<&str> = read.queries[0].hits.iter().map(|(id, _)| id.as_str()).collect();
            prop_assert_eq!(read, ids);
        }
    }

    #[test]
    fn lines_that_are_no_hits_are_named() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("x.run");
        for (text, expected) in [
            (
                "q Q0 a 1 2 x\n\nq Q0 b\n",
                "3: expected a hit of six fields parted by blanks (query, Q0, entry, rank, score, tag), found 3",
            ),
            ("q Q0 a 1 high x\n", "1: expected a score, found `high`"),
            ("q Q0 a 1 nan x\n", "1: expected a score, found `nan`"),
            (
                "q Q0 a 1 2 x\nq Q0 a 2 1 x\n",
                "2: `a` stands twice among the hits of `q`",
            ),
        ] {
            std::fs::write(&path, text).expect("the file");
            let error = Run::read(&path).expect_err(text).to_string();
            assert_eq!(error, format!("{}:{expected}", path.display()));
        }
    }
}
