//! From bytes to text, and from offsets in a text to its lines.

/// Bytes that are no text.
#[derive(Debug, PartialEq)]
pub(super) struct NotText {
    /// The line of the first byte that does not fit, where one can be told.
    pub(super) line: Option<u64>,
    /// What was found, and what to do.
    pub(super) message: &'static str,
}

const BOM: char = '\u{feff}';

/// Returns the text of a file without its byte order mark: UTF-8, or UTF-16 when a byte order mark says so.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String, NotText> {
    let units = |order: fn([u8; 2]) -> u16| {
        let pairs = bytes[2..].chunks_exact(2);
        let is_whole = pairs.remainder().is_empty();
        let text = char::decode_utf16(pairs.map(|pair| order([pair[0], pair[1]]))).collect();
        match text {
            Ok(text) if is_whole => Ok(text),
            _ => Err(NotText {
                line: None,
                message: "the file is not valid UTF-16; save it as UTF-8",
            }),
        }
    };
    match bytes.get(..2) {
        Some([0xff, 0xfe]) => units(u16::from_le_bytes),
        Some([0xfe, 0xff]) => units(u16::from_be_bytes),
        _ => {
            let mut text = String::from_utf8(bytes).map_err(|error| {
                let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                NotText {
                    line: Some(1 + count_line_breaks(valid)),
                    message: "the line is not valid UTF-8; save the file as UTF-8",
                }
            })?;
            if text.starts_with(BOM) {
                text.drain(..BOM.len_utf8());
            }
            Ok(text)
        }
    }
}

/// Returns whether a file's first bytes say that it is UTF-16.
pub(super) fn is_utf16(head: &[u8]) -> bool {
    head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff])
}

/// Returns a file's first bytes without the UTF-8 byte order mark.
pub(super) fn without_bom(head: &[u8]) -> &[u8] {
    head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head)
}

/// Tells the lines of offsets that ascend, reading the text once.
pub(super) struct LineCounter<'a> {
    text: &'a str,
    offset: usize,
    line: u64,
}

impl<'a> LineCounter<'a> {
    /// Returns a counter for a text whose first line has the given number.
    pub(super) fn new(text: &'a str, first_line: u64) -> Self {
        LineCounter {
            text,
            offset: 0,
            line: first_line,
        }
    }

    /// Returns the line of an offset, which must not lie before the one asked for last.
    pub(super) fn line_at(&mut self, offset: usize) -> u64 {
        let offset = offset.clamp(self.offset, self.text.len());
        self.line += count_line_breaks(&self.text.as_bytes()[self.offset..offset]);
        self.offset = offset;
        self.line
    }
}

fn count_line_breaks(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded_by_its_byte_order_mark() {
        let invalid = |line, message| Err(NotText { line, message });
        for (bytes, text) in [
            (&b"abc"[..], Ok("abc".to_owned())),
            (b"", Ok(String::new())),
            (b"\xef\xbb\xbfa", Ok("a".to_owned())),
            (b"\xff\xfea\0\xe9\0", Ok("a\u{e9}".to_owned())),
            (b"\xfe\xff\0a\0\xe9", Ok("a\u{e9}".to_owned())),
            (
                b"\xff\xfea\0b",
                invalid(None, "the file is not valid UTF-16; save it as UTF-8"),
            ),
            (
                b"one\ntwo \xff\n",
                invalid(
                    Some(2),
                    "the line is not valid UTF-8; save the file as UTF-8",
                ),
            ),
        ] {
            assert_eq!(decode(bytes.to_vec()), text, "{bytes:?}");
        }
    }

    #[test]
    fn offsets_have_lines() {
        let mut lines = LineCounter::new("a\nbc\n\nd", 10);
        for (offset, line) in [(0, 10), (1, 10), (2, 11), (3, 11), (6, 13), (99, 13)] {
            assert_eq!(lines.line_at(offset), line, "{offset}");
        }
    }
}
