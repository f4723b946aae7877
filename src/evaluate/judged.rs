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
