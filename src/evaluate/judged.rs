//! Judged sets: queries with the entries that should win, read from the BEIR layout.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};

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
    /// The query's place in its file, by which the queries of several sets are put in one order.
    pub line: u64,
}

#[derive(Deserialize)]
struct QueryLine {
    #[serde(rename = "_id")]
    id: String,
    text: String,
}

impl JudgedQuery {
    /// Returns the entries that are relevant, best grade first, and of equal grades in the order of their ids.
    pub fn relevant(&self) -> Vec<(&str, u32)> {
        let mut relevant: Vec<_> = self
            .grades
            .iter()
            .map(|(id, grade)| (id.as_str(), *grade))
            .filter(|(_, grade)| *grade > 0)
            .collect();
        relevant.sort_unstable_by_key(|(id, grade)| (Reverse(*grade), *id));
        relevant
    }
}

impl JudgedSet {
    /// Returns the names of the sets in a folder in the BEIR layout, sorted: those of the files `qrels/NAME.tsv`.
    pub fn names(dir: &Path) -> Result<Vec<String>> {
        let path = dir.join("qrels");
        let failed = |source| Error::Io {
            action: "read",
            path: path.clone(),
            source,
        };
        let mut names = Vec::new();
        for file in std::fs::read_dir(&path).map_err(failed)? {
            let file = file.map_err(failed)?.file_name();
            let name = file.to_str().and_then(|name| name.strip_suffix(".tsv"));
            names.extend(name.map(str::to_owned));
        }
        names.sort_unstable();
        Ok(names)
    }

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
                    line: number as u64 + 1,
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
