//! The rows of a dump's tables: `<row Id="1" … />`, one a line as a rule, whatever the root is called.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use quick_xml::escape::unescape;
use quick_xml::events::attributes::{Attribute, Attributes};

/// Longest row that is read; a longer one is a problem.
const MAX_ROW_BYTES: usize = 64 << 20;

/// How much of a line is read at once.
const PIECE_BYTES: u64 = 1 << 20;

const TAG: &[u8] = b"<row";

/// A row as it stands in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawRow {
    /// Its line, counted from 1.
    pub(super) line: u64,
    /// Its text from `<row` to `>`, or why there is none.
    pub(super) text: Result<String, &'static str>,
}

/// The rows of a table. A broken row does not hide those on later lines.
pub(super) struct Rows<R> {
    reader: R,
    max_row_bytes: usize,
    /// What was read and not given out yet: no more than a row and the piece of a line that its end stands in.
    buffer: Vec<u8>,
    /// The line of the piece that was read last.
    line: u64,
    ended_lines: u64,
}

impl<R: BufRead> Rows<R> {
    pub(super) fn new(reader: R) -> Self {
        Rows {
            reader,
            max_row_bytes: MAX_ROW_BYTES,
            buffer: Vec::new(),
            line: 1,
            ended_lines: 0,
        }
    }

    /// Returns the next row, `None` after the last.
    pub(super) fn next(&mut self) -> io::Result<Option<RawRow>> {
        while !self.drop_to_tag() {
            if self.read_piece()?.is_none() {
                return Ok(None);
            }
        }
        let line = self.line;
        let row = |text| Ok(Some(RawRow { line, text }));
        let mut end = End::default();
        loop {
            if let Some(length) = end.find(&self.buffer) {
                let rest = self.buffer.split_off(length);
                let bytes = std::mem::replace(&mut self.buffer, rest);
                return row(String::from_utf8(bytes).map_err(|_| "the row is not valid UTF-8"));
            }
            if self.buffer.len() > self.max_row_bytes {
                self.buffer.clear();
                return row(Err("the row is longer than 64 MiB"));
            }
            let at_line_start = self.buffer.last() == Some(&b'\n');
            let Some(start) = self.read_piece()? else {
                self.buffer.clear();
                return row(Err("the file ends inside the row"));
            };
            // A value may hold line breaks, but never a tag: `<` is escaped there.
            let next = self.buffer[start..].trim_ascii_start();
            if at_line_start && (next.starts_with(TAG) || next.starts_with(b"</")) {
                self.buffer.drain(..start);
                return row(Err(
                    "the row has no end; is there a quotation mark too many?",
                ));
            }
        }
    }

    /// Drops what stands before the next `<row`; returns whether there is one.
    fn drop_to_tag(&mut self) -> bool {
        let start = self.buffer.windows(TAG.len() + 1).position(|window| {
            let after = window[TAG.len()];
            window.starts_with(TAG) && (after.is_ascii_whitespace() || after == b'/')
        });
        // The tag itself may come in two pieces.
        let is_line_over = self.buffer.last() == Some(&b'\n');
        let kept = if is_line_over { 0 } else { TAG.len() };
        let dropped = start.unwrap_or(self.buffer.len().saturating_sub(kept));
        self.buffer.drain(..dropped);
        start.is_some()
    }

    /// Reads a line, or as much of it as is read at once, and returns where it starts in the buffer.
    fn read_piece(&mut self) -> io::Result<Option<usize>> {
        let start = self.buffer.len();
        let mut piece = self.reader.by_ref().take(PIECE_BYTES);
        if piece.read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(None);
        }
        self.line = self.ended_lines + 1;
        self.ended_lines += u64::from(self.buffer.last() == Some(&b'\n'));
        Ok(Some(start))
    }
}

/// Looks for the end of a tag, which may come in pieces.
#[derive(Default)]
struct End {
    looked_at: usize,
    quote: Option<u8>,
}

impl End {
    /// Returns the length of the tag at the beginning of the bytes, once its end is among them.
    fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        for (place, byte) in bytes.iter().enumerate().skip(self.looked_at) {
            match (self.quote, byte) {
                (None, b'>') => return Some(place + 1),
                (None, b'"' | b'\'') => self.quote = Some(*byte),
                (Some(quote), _) if quote == *byte => self.quote = None,
                _ => {}
            }
        }
        self.looked_at = bytes.len();
        None
    }
}

/// A row's attributes, whose values are still escaped.
pub(super) struct Row<'a> {
    attributes: Vec<Attribute<'a>>,
}

impl<'a> Row<'a> {
    /// Returns the row of a text from `<row` to `>`, or what is wrong with it.
    pub(super) fn parse(text: &'a str) -> Result<Self, String> {
        let inner = text.strip_suffix('>').unwrap_or(text);
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        // Checked for names that stand twice as well.
        Attributes::new(inner, TAG.len())
            .collect::<Result<Vec<_>, _>>()
            .map(|attributes| Row { attributes })
            .map_err(|error| format!("broken XML: {error}"))
    }

    /// Returns whether the row has an attribute.
    pub(super) fn has(&self, name: &str) -> bool {
        let mut attributes = self.attributes.iter();
        attributes.any(|attribute| attribute.key.as_ref() == name)
    }

    /// Returns an attribute's value; `None` when it is absent or empty.
    pub(super) fn text(&self, name: &str) -> Result<Option<Cow<'a, str>>, String> {
        let attribute = self
            .attributes
            .iter()
            .find(|attribute| attribute.key.as_ref() == name);
        let Some(attribute) = attribute else {
            return Ok(None);
        };
        let value = match &attribute.value {
            Cow::Borrowed(value) => unescape(value),
            Cow::Owned(value) => unescape(value).map(|value| value.into_owned().into()),
        };
        let value =
            value.map_err(|error| format!("broken XML in the attribute `{name}`: {error}"))?;
        Ok((!value.is_empty()).then_some(value))
    }

    /// Returns an attribute that is a number.
    pub(super) fn number<N: std::str::FromStr>(&self, name: &str) -> Result<Option<N>, String> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        match text.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(format!(
                "expected a number in the attribute `{name}`, found `{text}`"
            )),
        }
    }

    /// Returns the id in an attribute that the row must have.
    pub(super) fn id(&self, name: &str) -> Result<u64, String> {
        self.number(name)?
            .ok_or_else(|| format!("the attribute `{name}` is missing"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_whatever_stands_around_them() {
        let read = |text: &str| {
            let mut rows = Rows::new(text.as_bytes());
            rows.max_row_bytes = 60;
            std::iter::from_fn(|| rows.next().expect("in memory"))
                .map(|row| match row.text {
                    Ok(text) => {
                        let id = Row::parse(&text).and_then(|row| row.id("Id"));
                        format!("{} {:?}", row.line, id)
                    }
                    Err(message) => format!("{} {}", row.line, message),
                })
                .collect::<Vec<_>>()
        };
        for (text, expected) in [
            (
                "\u{feff}<?xml version=\"1.0\"?>\r\n<!DOCTYPE posts SYSTEM 'posts.dtd'>\r\n<posts>\r\n  <row Id=\"1\" />\r\n</posts>",
                vec!["4 Ok(1)"],
            ),
            (
                "<xml><row Id='1'/><row Id=\"2\" ></row>\n<row  Id = \"3\"/></xml>",
                vec!["1 Ok(1)", "1 Ok(2)", "2 Ok(3)"],
            ),
            (
                "<rows>\n<row\n  Id=\"1\" Body=\"a > b\nc\"\n/>\n<row Id=\"2\"/>",
                vec!["2 Ok(1)", "6 Ok(2)"],
            ),
            (
                "<rowing Id=\"1\"/><row/>",
                vec!["1 Err(\"the attribute `Id` is missing\")"],
            ),
            (
                "<row Id=\"1\" Body=\"\"a\" />\n<row Id=\"2\"/>",
                vec![
                    "1 the row has no end; is there a quotation mark too many?",
                    "2 Ok(2)",
                ],
            ),
            ("<row Id=\"1\"", vec!["1 the file ends inside the row"]),
            (
                "<row Id=\"1\" Body=\"0123456789012345678901234567890123456789012345678901234567890\n\"/>\n<row Id=\"2\"/>",
                vec!["1 the row is longer than 64 MiB", "3 Ok(2)"],
            ),
            ("", vec![]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn values_are_unescaped_once() {
        let row = Row::parse(
            "<row Id=\"7\" Body=\"&lt;code&gt;a &amp;lt; b&#xA;c&#9;&lt;/code&gt;\" Empty=\"\" Score=\"-3\" />",
        )
        .expect("a row");
        let text = |name| row.text(name).expect("well-formed").map(Cow::into_owned);
        assert_eq!(text("Body").as_deref(), Some("<code>a &lt; b\nc\t</code>"));
        assert_eq!(text("Empty"), None);
        assert_eq!(text("Absent"), None);
        assert_eq!(row.number::<i64>("Score"), Ok(Some(-3)));
        assert!(row.number::<u64>("Score").is_err());
        for broken in ["<row Id=\"1\" Id=\"2\"/>", "<row Id=1/>", "<row Id />"] {
            assert!(Row::parse(broken).is_err(), "{broken}");
        }
        for broken in ["&nope;", "&#0;", "&", "&#xD800;"] {
            let text = format!("<row A=\"{broken}\"/>");
            let row = Row::parse(&text).expect("attributes");
            assert!(row.text("A").is_err(), "{broken}");
        }
    }
}
