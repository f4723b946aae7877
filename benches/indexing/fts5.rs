//! SQLite's FTS5 over the same titles and texts, which it stores too: set up for a build as its documentation advises, in one
//! transaction without a journal, and merged at the end.

use std::path::Path;

use qdex::Entry;
use qdex::body::Block;
use rusqlite::Connection;

use crate::Result;

/// Indexes entries; returns how many the table holds.
pub(crate) fn build(dir: &Path, entries: &[Entry]) -> Result<u64> {
    let connection = Connection::open(dir.join("fts5.db"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;
         CREATE VIRTUAL TABLE texts USING fts5(title, body, tokenize = 'porter unicode61');
         BEGIN",
    )?;
    let mut insert = connection.prepare("INSERT INTO texts (title, body) VALUES (?1, ?2)")?;
    for entry in entries {
        let body: Vec<&str> = entry.blocks().map(Block::text).collect();
        insert.execute((&entry.title, body.join("\n\n")))?;
    }
    connection.execute_batch("INSERT INTO texts (texts) VALUES ('optimize'); COMMIT")?;
    let count: i64 = connection.query_row("SELECT count(*) FROM texts", [], |row| row.get(0))?;
    Ok(u64::try_from(count)?)
}
