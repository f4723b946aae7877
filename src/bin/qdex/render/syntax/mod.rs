//! Comments, strings, numbers and keywords of code, for colours.
//!
//! A lexer of our own, a table a language: it costs a search nothing at its start and microseconds a block, where grammars
//! that colour more would have to be read first. Code that it knows no language of stays as it is.

mod languages;
mod markup;

use std::ops::Range;

use anstyle::{AnsiColor, Color, Style};

use languages::{Kind, Quote};
pub(super) use languages::{Language, named};

/// What a piece of code is to its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Comment,
    Text,
    /// A number, or a constant with a name.
    Value,
    Keyword,
    /// A line that a patch adds.
    Added,
    /// A line that a patch removes.
    Removed,
}

impl Class {
    /// Returns the style of the class: base colours that can be read on light and dark backgrounds.
    pub(super) fn style(self) -> Style {
        let color = |color| Style::new().fg_color(Some(Color::Ansi(color)));
        match self {
            Class::Comment => Style::new().dimmed(),
            Class::Text | Class::Added => color(AnsiColor::Green),
            Class::Value => color(AnsiColor::Cyan),
            Class::Keyword => color(AnsiColor::Magenta),
            Class::Removed => color(AnsiColor::Red),
        }
    }
}

/// Returns the pieces of code that have a class: sorted, disjoint, on char boundaries.
pub(super) fn classes(code: &str, language: &Language) -> Vec<(Range<usize>, Class)> {
    match language.kind {
        Kind::Code => Lexer {
            code,
            language,
            at: 0,
            found: Vec::new(),
        }
        .run(),
        Kind::Markup => markup::classes(code),
        Kind::Patch => patch(code),
    }
}

fn patch(code: &str) -> Vec<(Range<usize>, Class)> {
    let mut found = Vec::new();
    for line in code.lines() {
        let start = line.as_ptr() as usize - code.as_ptr() as usize;
        let class = match line.as_bytes() {
            [b'+', ..] => Class::Added,
            [b'-', ..] => Class::Removed,
            [b'@', b'@', ..] => Class::Value,
            _ => continue,
        };
        found.push((start..start + line.len(), class));
    }
    found
}

struct Lexer<'a> {
    code: &'a str,
    language: &'a Language,
    at: usize,
    found: Vec<(Range<usize>, Class)>,
}

impl Lexer<'_> {
    fn run(mut self) -> Vec<(Range<usize>, Class)> {
        while let Some(character) = self.rest().chars().next() {
            let start = self.at;
            if let Some(end) = self.comment_end() {
                self.push(end, Class::Comment);
            } else if let Some(end) = self.text_end() {
                self.push(end, Class::Text);
            } else if character.is_ascii_digit() {
                let end = self.number_end();
                self.push(end, Class::Value);
            } else if self.is_word_start(character) {
                let end = self.word_end();
                let word = &self.code[start..end];
                match self.class_of(word, start) {
                    Some(class) => self.push(end, class),
                    None => self.at = end,
                }
            } else {
                self.at += character.len_utf8();
            }
        }
        self.found
    }

    fn rest(&self) -> &str {
        &self.code[self.at..]
    }

    fn push(&mut self, end: usize, class: Class) {
        self.found.push((self.at..end, class));
        self.at = end;
    }

    fn line_end(&self) -> usize {
        self.rest()
            .find('\n')
            .map_or(self.code.len(), |end| self.at + end)
    }

    /// Returns where the comment that begins here ends.
    fn comment_end(&self) -> Option<usize> {
        let rest = self.rest();
        for (open, close) in self.language.block_comments {
            if let Some(inside) = rest.strip_prefix(open) {
                let end = inside.find(close);
                return Some(end.map_or(self.code.len(), |end| {
                    self.at + open.len() + end + close.len()
                }));
            }
        }
        for open in self.language.line_comments {
            // `$#`, `${#name}`, `a#b` and URLs are no comments.
            let needs_blank = matches!(*open, "#" | ";" | "%");
            let before = self.code[..self.at].chars().next_back();
            let stands = !needs_blank || before.is_none_or(char::is_whitespace);
            let is_url = *open == "//" && before == Some(':');
            if stands && !is_url && rest.starts_with(open) {
                return Some(self.line_end());
            }
        }
        None
    }

    /// Returns where the string that begins here ends. A quotation mark without its counterpart begins none.
    fn text_end(&self) -> Option<usize> {
        let rest = self.rest();
        self.language.quotes.iter().find_map(|quote| {
            let inside = rest.strip_prefix(quote.open)?;
            let length = quoted(inside, quote)?;
            Some(self.at + quote.open.len() + length)
        })
    }

    fn number_end(&self) -> usize {
        let bytes = self.rest().as_bytes();
        let mut end = 0;
        while let Some(byte) = bytes.get(end) {
            let next_is_digit = bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
            let goes_on = byte.is_ascii_alphanumeric()
                || *byte == b'_'
                || (*byte == b'.' && next_is_digit)
                || (matches!(byte, b'+' | b'-')
                    && end > 0
                    && matches!(bytes[end - 1], b'e' | b'E')
                    && next_is_digit
                    && !bytes.starts_with(b"0x"));
            if !goes_on {
                break;
            }
            end += 1;
        }
        self.at + end
    }

    fn is_word_start(&self, character: char) -> bool {
        character.is_alphabetic()
            || character == '_'
            || self.language.word_marks.contains(character)
    }

    fn word_end(&self) -> usize {
        let rest = self.rest();
        let is_inside = |character: char| {
            character.is_alphanumeric()
                || character == '_'
                || self.language.word_marks.contains(character)
        };
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let length = rest[first..].find(|character| !is_inside(character));
        length.map_or(self.code.len(), |length| self.at + first + length)
    }

    fn class_of(&self, word: &str, start: usize) -> Option<Class> {
        let before = self.code[..start].chars().next_back();
        // `self.type` and `obj.class` are names.
        if before == Some('.') && !self.code[..start].ends_with("..") {
            return None;
        }
        let has = |words: &str| {
            words.split(' ').any(|other| {
                other == word || (self.language.any_case && other.eq_ignore_ascii_case(word))
            })
        };
        if has(self.language.keywords) {
            Some(Class::Keyword)
        } else if has(self.language.constants) {
            Some(Class::Value)
        } else if self.language.keys && self.is_key(start, start + word.len()) {
            Some(Class::Keyword)
        } else {
            None
        }
    }

    /// Returns whether a word is the first of its line and followed by a colon or an equals sign.
    fn is_key(&self, start: usize, end: usize) -> bool {
        let line = self.code[..start].rfind('\n').map_or(0, |at| at + 1);
        let before = self.code[line..start].trim_start();
        let after = self.code[end..].trim_start_matches(' ');
        matches!(before, "" | "- ") && after.starts_with([':', '='])
    }
}

/// Returns how long the rest of a string is with its end; `None` when it has no end.
fn quoted(inside: &str, quote: &Quote) -> Option<usize> {
    let mut at = 0;
    let mut characters = 0;
    while at < inside.len() {
        let rest = &inside[at..];
        if rest.starts_with(quote.close) && (characters > 0 || !quote.one_character) {
            return Some(at + quote.close.len());
        }
        let character = rest.chars().next()?;
        if character == '\n' && !quote.many_lines {
            return None;
        }
        if quote.one_character && characters > 0 {
            return None;
        }
        at += character.len_utf8();
        characters += 1;
        if character == '\\' && quote.escapes {
            let escaped = &inside[at..];
            let length = if quote.one_character {
                // `'\u{1f600}'`, `'\x41'`
                escaped
                    .find(quote.close)
                    .filter(|length| *length > 0 && *length < 12)
            } else {
                None
            };
            at += length.unwrap_or_else(|| escaped.chars().next().map_or(0, char::len_utf8));
        }
    }
    None
}

#[cfg(test)]
mod tests;
