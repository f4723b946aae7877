//! SQLite's FTS5 as its documentation advises: external content, stemming, an index of prefixes, optimised, statements prepared
//! once, mapped into memory.
//!
//! In its favour: the commonest words are taken out of its queries, which it has no list for. `fts5` asks for any of the words,
//! as the others do; `fts5-all` for all of them, as its own query language does where nothing is said, which finds less.

use std::hint::black_box;
use std::path::Path;

use rusqlite::{Connection, params_from_iter};

use crate::corpus::{Question, Source, Text};
use crate::engines::Engine;

pub(crate) struct Fts5 {
    connection: Connection,
    wants: Wants,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Wants {
    Any,
    All,
}

const SCHEMA: &str = "
    CREATE TABLE entries (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL);
    CREATE TABLE facets (field TEXT, value TEXT, entry INTEGER, PRIMARY KEY (field, value, entry)) WITHOUT ROWID;
    CREATE VIRTUAL TABLE texts USING fts5(title, body, content='entries', content_rowid='id', tokenize='porter unicode61', prefix='2 3');";

impl Fts5 {
    pub(crate) fn build(dir: &Path, source: &Source, count: usize) {
        std::fs::create_dir_all(dir).expect("the folder can be written");
        let connection = Connection::open(dir.join("fts5.db")).expect("the folder can be written");
        let failed = "SQLite can write";
        connection
            .execute_batch(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;",
            )
            .expect(failed);
        connection.execute_batch(SCHEMA).expect(failed);
        connection.execute_batch("BEGIN").expect(failed);
        {
            let mut entries = connection
                .prepare("INSERT INTO entries VALUES (?1, ?2, ?3)")
                .expect(failed);
            let mut texts = connection
                .prepare("INSERT INTO texts (rowid, title, body) VALUES (?1, ?2, ?3)")
                .expect(failed);
            let mut facets = connection
                .prepare("INSERT OR IGNORE INTO facets VALUES (?1, ?2, ?3)")
                .expect(failed);
            let mut id = 0;
            source.for_each(count, |entry| {
                let text = Text::from(entry);
                id += 1;
                entries
                    .execute((id, &text.title, &text.body))
                    .expect(failed);
                texts.execute((id, &text.title, &text.body)).expect(failed);
                for (field, value) in &text.facets {
                    facets.execute((field.as_str(), value, id)).expect(failed);
                }
            });
        }
        connection
            .execute_batch(
                "CREATE INDEX facets_of ON facets (entry, field, value);
                 INSERT INTO texts (texts) VALUES ('optimize');
                 COMMIT;
                 ANALYZE;",
            )
            .expect(failed);
    }

    pub(crate) fn open(dir: &Path, wants: Wants) -> Self {
        let connection = Connection::open(dir.join("fts5.db")).expect("it was just built");
        connection
            .execute_batch("PRAGMA query_only = ON; PRAGMA mmap_size = 68719476736; PRAGMA cache_size = -200000;")
            .expect("SQLite can read");
        Fts5 { connection, wants }
    }

    fn expression(&self, question: &Question) -> String {
        if question.is_phrase() {
            return format!("\"{}\"", question.words.join(" "));
        }
        let words = if question.is_prefix() {
            &question.words
        } else {
            &question.content
        };
        let last = words.len().saturating_sub(1);
        let quoted = words.iter().enumerate().map(|(place, word)| {
            let goes_on = if question.is_prefix() && place == last {
                "*"
            } else {
                ""
            };
            format!("\"{word}\"{goes_on}")
        });
        let quoted: Vec<String> = quoted.collect();
        quoted.join(match self.wants {
            Wants::Any => " OR ",
            Wants::All => " ",
        })
    }
}

impl Engine for Fts5 {
    fn name(&self) -> &str {
        match self.wants {
            Wants::Any => "fts5",
            Wants::All => "fts5-all",
        }
    }

    fn answer(&mut self, question: &Question) -> Option<Vec<String>> {
        let failed = "SQLite can read";
        let expression = self.expression(question);
        if expression.is_empty() {
            return Some(Vec::new());
        }
        let filter = question.filter();
        // The plus keeps SQLite from asking the text index once for each entry that passes.
        let narrowed = match filter {
            Some(_) => {
                "AND +texts.rowid IN (SELECT entry FROM facets WHERE field = ?2 AND value = ?3)"
            }
            None => "",
        };
        let mut values = vec![expression.as_str()];
        if let Some((facet, value)) = &filter {
            values.extend([facet.as_str(), *value]);
        }
        let sql = format!(
            "SELECT title, snippet(texts, 1, '[', ']', '…', 40) FROM texts WHERE texts MATCH ?1 {narrowed} ORDER BY rank LIMIT 10"
        );
        let mut statement = self.connection.prepare_cached(&sql).expect(failed);
        let rows = statement.query_map(params_from_iter(&values), |row| {
            let snippet: String = row.get(1)?;
            black_box(snippet);
            row.get::<_, String>(0)
        });
        let titles: Vec<String> = rows
            .expect(failed)
            .map(|title| title.expect(failed))
            .collect();
        if question.counts_facets() {
            let sql = format!(
                "SELECT facets.field, facets.value, count(*) FROM texts CROSS JOIN facets ON facets.entry = texts.rowid
                 WHERE texts MATCH ?1 {narrowed} GROUP BY facets.field, facets.value"
            );
            let mut statement = self.connection.prepare_cached(&sql).expect(failed);
            let counts = statement.query_map(params_from_iter(&values), |row| row.get::<_, i64>(2));
            black_box(
                counts
                    .expect(failed)
                    .map(|count| count.expect(failed))
                    .sum::<i64>(),
            );
        }
        Some(titles)
    }
}
