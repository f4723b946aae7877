//! Tables for spreadsheets, as RFC 4180 says: quoted where needed, lines ended with CR LF.

use qdex::search::Hit;

use super::terminal::clean;

/// Returns the hits as a table with a header.
pub(crate) fn hits(hits: &[Hit]) -> String {
    let mut table = "rank,id,score,title,difficulty,topic,framework,tags,url\r\n".to_owned();
    for hit in hits {
        let entry = &hit.entry;
        let cells = [
            hit.rank.to_string(),
            cell(&entry.id),
            hit.score.to_string(),
            cell(&entry.title),
            cell(
                entry
                    .difficulty
                    .map_or("", |difficulty| difficulty.as_str()),
            ),
            cell(entry.topic.as_ref().map_or("", |topic| topic.as_str())),
            cell(entry.framework.as_deref().unwrap_or_default()),
            cell(&entry.tags.join(";")),
            cell(entry.url.as_deref().unwrap_or_default()),
        ];
        table.push_str(&cells.join(","));
        table.push_str("\r\n");
    }
    table
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
