//! JSONL files: a record a line, read line by line, so that a file may be larger than memory.

use std::io::{self, BufRead, Read};

use super::{Item, Problem, Severity, records, text};
use crate::entry::Format;

/// Longest line that is read; a longer one is a problem.
const MAX_LINE_BYTES: u64 = 64 << 20;

/// A JSONL file that is being read. Iterates over its entries and problems.
pub(super) struct Lines {
    path: String,
    /// `None` once the file has ended or failed.
    reader: Option<Box<dyn BufRead + Send>>,
    line: u64,
    max_line_bytes: u64,
    /// Bytes read so far.
    pub(super) bytes_read: u64,
    /// The format of the first record that was read.
    pub(super) format: Option<Format>,
}

impl Lines {
    /// Returns the records of a file, read from its first byte.
    pub(super) fn new(path: String, reader: Box<dyn BufRead + Send>) -> Self {
        Lines {
            path,
            reader: Some(reader),
            line: 0,
            max_line_bytes: MAX_LINE_BYTES,
            bytes_read: 0,
            format: None,
        }
    }

    /// Returns the next line with its line break, `None` at the end of the file.
    fn next_line(&mut self) -> io::Result<Option<Line>> {
        let Some(reader) = &mut self.reader else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let limit = self.max_line_bytes + 1;
        let length = reader.by_ref().take(limit).read_until(b'\n', &mut bytes)? as u64;
        self.bytes_read += length;
        if length == 0 {
            return Ok(None);
        }
        self.line += 1;
        if length == limit && bytes.last() != Some(&b'\n') {
            drop(bytes);
            self.bytes_read += skip_line(reader)?;
            return Ok(Some(Line::TooLong));
        }
        Ok(Some(Line::Bytes(bytes)))
    }

    fn problem(&self, message: impl Into<String>) -> Item {
        Item::Problem(Problem {
            severity: Severity::Skipped,
            path: self.path.clone(),
            line: Some(self.line),
            record: None,
            message: message.into(),
        })
    }

    fn record(&mut self, json: &str) -> Item {
        let place = records::Place {
            path: &self.path,
            line: self.line,
            format: Format::Jsonl,
        };
        if self.format.is_none() {
            self.format = records::schema(json).map(|schema| match schema {
                records::Schema::Own => Format::Jsonl,
                records::Schema::Beir => Format::Beir,
            });
        }
        records::read(json, &place)
    }
}

enum Line {
    Bytes(Vec<u8>),
    TooLong,
}

impl Iterator for Lines {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            let bytes = match self.next_line() {
                Ok(Some(Line::Bytes(bytes))) => bytes,
                Ok(Some(Line::TooLong)) => {
                    let mib = self.max_line_bytes >> 20;
                    return Some(self.problem(format!("the line is longer than {mib} MiB")));
                }
                Ok(None) => {
                    self.reader = None;
                    return None;
                }
                Err(error) => {
                    self.reader = None;
                    self.line += 1;
                    return Some(self.problem(format!("cannot read on from here: {error}")));
                }
            };
            let bytes = match self.line {
                1 => text::without_bom(&bytes),
                _ => &bytes,
            };
            match std::str::from_utf8(bytes) {
                Ok(json) if json.trim().is_empty() => {}
                Ok(json) => return Some(self.record(json.trim_end())),
                Err(_) => return Some(self.problem("the line is not valid UTF-8")),
            }
        }
    }
}

/// Reads to the end of the line and returns how many bytes that took.
fn skip_line(reader: &mut dyn BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = reader.fill_buf()?;
        let (length, is_end) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        reader.consume(length);
        skipped += length as u64;
        if is_end {
            return Ok(skipped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// Returns the ids of entries and the `line: message` of problems.
    fn read(text: &[u8], max_line_bytes: u64) -> Vec<String> {
        let mut lines = Lines::new("x.jsonl".to_owned(), Box::new(Cursor::new(text.to_vec())));
        lines.max_line_bytes = max_line_bytes;
        let read = lines
            .by_ref()
            .map(|item| match item {
                Item::Entry(entry) => {
                    format!("{} {}", entry.source.line.unwrap_or_default(), entry.id)
                }
                Item::Problem(problem) => {
                    format!("{}: {}", problem.line.unwrap_or_default(), problem.message)
                }
            })
            .collect();
        assert_eq!(lines.bytes_read, text.len() as u64);
        read
    }

    #[test]
    fn a_bad_line_does_not_stop_the_next_one() {
        let good = r#"{"id": "a", "title": "A?"}"#;
        let long = format!(r#"{{"id": "{}", "title": "A?"}}"#, "x".repeat(200));
        for (text, expected) in [
            (String::new(), vec![]),
            (good.to_owned(), vec!["1 a"]),
            (
                format!("\u{feff}{good}\r\n\n  \n{good}\n"),
                vec!["1 a", "4 a"],
            ),
            (
                format!("{long}\n{good}"),
                vec!["1: the line is longer than 0 MiB", "2 a"],
            ),
            (
                format!("{good}\n{long}"),
                vec!["1 a", "2: the line is longer than 0 MiB"],
            ),
            (
                format!("{{\"id\": \n{good}\n"),
                vec![
                    "1: broken JSON at column 6: EOF while parsing a value",
                    "2 a",
                ],
            ),
            (
                format!("[1]\n{good}\n"),
                vec![
                    "1: expected a JSON object with the fields `id` and `title`, or `_id` and `text`",
                    "2 a",
                ],
            ),
        ] {
            assert_eq!(read(text.as_bytes(), 100), expected, "{text}");
        }
        assert_eq!(
            read(b"\"\xff\"\n{\"id\": \"a\", \"title\": \"A?\"}", 100),
            ["1: the line is not valid UTF-8", "2 a"]
        );
    }
}
