//! Tables for spreadsheets, as RFC 4180 says: quoted where needed, lines ended with CR LF.

use qdex::Entry;
use qdex::search::{Hit, Related};

use super::terminal::clean;

/// Returns the hits as a table with a header.
pub(crate) fn hits(hits: &[Hit]) -> String {
    let mut table = format!("{COLUMNS}\r\n");
    for hit in hits {
        table.push_str(&cells(hit.rank, hit.score, &hit.entry).join(","));
        table.push_str("\r\n");
    }
    table
}

/// Returns related entries as a table with a header: that of hits, and why each is related.
pub(crate) fn related(related: &[Related]) -> String {
    let mut table = format!("{COLUMNS},why,shared\r\n");
    for related in related {
        let why: Vec<&str> = related.why.iter().map(|why| why.as_str()).collect();
        let mut cells = cells(related.rank, related.score, &related.entry);
        cells.extend([cell(&why.join(";")), cell(&related.shared.join(";"))]);
        table.push_str(&cells.join(","));
        table.push_str("\r\n");
    }
    table
}

const COLUMNS: &str = "rank,id,score,title,difficulty,topic,framework,tags,url";

fn cells(rank: usize, score: f32, entry: &Entry) -> Vec<String> {
    let difficulty = entry.difficulty.map(|difficulty| difficulty.as_str());
    let topic = entry.topic.as_ref().map(|topic| topic.as_str());
    vec![
        rank.to_string(),
        cell(&entry.id),
        score.to_string(),
        cell(&entry.title),
        cell(difficulty.unwrap_or_default()),
        cell(topic.unwrap_or_default()),
        cell(entry.framework.as_deref().unwrap_or_default()),
        cell(&entry.tags.join(";")),
        cell(entry.url.as_deref().unwrap_or_default()),
    ]
}

/// Returns text as a cell. A cell that a spreadsheet would take for a formula gets an apostrophe in front: a corpus
/// must not run anything on the machine of whoever opens the table. Programs that need the bytes read JSON.
fn cell(text: &str) -> String {
    let mut text = clean(text).into_owned();
    let trimmed = text.trim_start();
    if trimmed.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        text.insert(0, '\'');
    }
    if text.contains([',', '"']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "two lines"),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("@SUM(1,2)", "\"'@SUM(1,2)\""),
            ("\t=1", "'    =1"),
            ("\x1b[31m", "␛[31m"),
            ("", ""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
