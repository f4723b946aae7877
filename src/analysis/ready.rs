//! Tokens on their way into the engine, which takes texts and has a tokenizer for each field: texts are taken apart before, once for
//! all fields, and the engine's tokenizers only read what was found.
//!
//! A token is written as two numbers and its term: how many places it stands behind the one before, and how many bytes the
//! term has. Numbers are groups of six bits, the lowest first, each a byte; all but the last have the bit of 64. So the whole is text.

use super::tokens::Tokens;
use super::{Lexer, words};

/// The tokens of a field of an entry, as a text for the engine.
#[derive(Debug, Clone, Default)]
pub(crate) struct FieldTokens {
    written: String,
    /// The place of the last token.
    position: usize,
    /// The place where the next text begins.
    next: usize,
}

impl FieldTokens {
    /// Forgets all tokens, and keeps their room.
    pub(crate) fn clear(&mut self) {
        self.written.clear();
        (self.position, self.next) = (0, 0);
    }

    /// Returns what the engine takes.
    pub(crate) fn as_str(&self) -> &str {
        &self.written
    }

    fn push(&mut self, position: usize, term: &str) {
        write_number(&mut self.written, position - self.position);
        write_number(&mut self.written, term.len());
        self.written.push_str(term);
        self.position = position;
    }

    /// Adds the tokens of a text, two places behind the last one: no phrase reaches from one text into another.
    fn push_text(&mut self, tokens: &Tokens) {
        let base = self.next;
        let mut end = base;
        for (term, token) in tokens.iter() {
            self.push(base + token.position, term);
            end = base + token.position + 1;
        }
        self.next = end + 1;
    }
}

/// Takes texts apart for the index. Keeps what it has learned and its room; use one for many texts.
#[derive(Default)]
pub(crate) struct Reader {
    lexer: Lexer,
    tokens: Tokens,
}

impl Reader {
    /// Adds the tokens of a text to each of the fields, and the names in it as they were written to `spellings`. Places mean
    /// something in the fields only.
    pub(crate) fn read<'f>(
        &mut self,
        text: &str,
        fields: impl IntoIterator<Item = &'f mut FieldTokens>,
        spellings: &mut FieldTokens,
    ) {
        self.tokens.clear();
        self.lexer.read(text, &mut self.tokens);
        for field in fields {
            field.push_text(&self.tokens);
        }
        for name in self.tokens.spellings() {
            spellings.push(0, name);
        }
    }
}

/// Adds the words of prose of a text, without places.
pub(crate) fn read_words(text: &str, words: &mut FieldTokens) {
    words::words(text, |word| words.push(0, word));
}

fn write_number(written: &mut String, mut number: usize) {
    loop {
        let group = (number & 63) as u8;
        number >>= 6;
        if number == 0 {
            written.push(char::from(group));
            return;
        }
        written.push(char::from(group | 64));
    }
}

/// Reads a number at the start of a text, and what stands behind it; `None` at the end of the text.
fn read_number(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        number |= usize::from(byte & 63).checked_shl(shift)?;
        if byte < 64 {
            return Some(number);
        }
        shift += 6;
    }
}

/// Gives the engine the tokens of [`FieldTokens`].
#[derive(Clone, Default)]
pub(super) struct ReadyTokenizer {
    token: tantivy::tokenizer::Token,
}

pub(super) struct ReadyStream<'a> {
    written: &'a str,
    at: usize,
    token: &'a mut tantivy::tokenizer::Token,
}

impl tantivy::tokenizer::Tokenizer for ReadyTokenizer {
    type TokenStream<'a> = ReadyStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> ReadyStream<'a> {
        self.token.reset();
        self.token.position = 0;
        ReadyStream {
            written: text,
            at: 0,
            token: &mut self.token,
        }
    }
}

impl tantivy::tokenizer::TokenStream for ReadyStream<'_> {
    fn advance(&mut self) -> bool {
        let bytes = self.written.as_bytes();
        let mut at = self.at;
        let Some(places) = read_number(bytes, &mut at) else {
            return false;
        };
        let Some(length) = read_number(bytes, &mut at) else {
            return false;
        };
        let Some(term) = self.written.get(at..at.saturating_add(length)) else {
            return false;
        };
        self.at = at + length;
        self.token.position = self.token.position.saturating_add(places);
        self.token.text.clear();
        self.token.text.push_str(term);
        true
    }

    fn token(&self) -> &tantivy::tokenizer::Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut tantivy::tokenizer::Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tantivy::tokenizer::{TokenStream, Tokenizer};

    use super::*;
    use crate::analysis;

    fn replayed(field: &FieldTokens) -> Vec<(usize, String)> {
        let mut tokenizer = ReadyTokenizer::default();
        let mut stream = tokenizer.token_stream(field.as_str());
        let mut found = Vec::new();
        stream.process(&mut |token| found.push((token.position, token.text.clone())));
        found
    }

    proptest! {
        #[test]
        fn the_engine_gets_the_tokens_of_all_texts(texts in prop::collection::vec("\\PC*|[-a-zA-Z0-9_.:+#*'>$%@{ 日é\u{301}]{0,40}", 0..4)) {
            let (mut field, mut spellings) = (FieldTokens::default(), FieldTokens::default());
            let mut reader = Reader::default();
            let (mut expected, mut names) = (Vec::new(), Vec::new());
            // What the engine does with several values of a field.
            let mut base = 0;
            for text in &texts {
                reader.read(text, [&mut field], &mut spellings);
                let mut end = base;
                for token in analysis::tokens(text) {
                    names.extend(analysis::spelling(text, &token).map(str::to_owned));
                    end = base + token.position + 1;
                    expected.push((base + token.position, token.term));
                }
                base = end + 1;
            }
            prop_assert_eq!(replayed(&field), expected);
            let found = replayed(&spellings);
            prop_assert!(found.iter().all(|(position, _)| *position == 0));
            let mut found: Vec<String> = found.into_iter().map(|(_, name)| name).collect();
            found.sort_unstable();
            found.dedup();
            names.sort_unstable();
            names.dedup();
            prop_assert_eq!(found, names);
        }

        #[test]
        fn numbers_are_text_and_read_as_they_were(numbers in prop::collection::vec(0..usize::MAX >> 4, 0..4)) {
            let mut written = String::new();
            numbers.iter().for_each(|number| write_number(&mut written, *number));
            prop_assert!(written.is_ascii());
            let mut at = 0;
            for number in numbers {
                prop_assert_eq!(read_number(written.as_bytes(), &mut at), Some(number));
            }
            prop_assert_eq!(read_number(written.as_bytes(), &mut at), None);
        }
    }

    #[test]
    fn what_is_cut_short_gives_no_token() {
        let mut field = FieldTokens::default();
        field.push(70, &"a".repeat(70));
        for end in 0..field.as_str().len() {
            let cut = FieldTokens {
                written: field.as_str()[..end].to_owned(),
                ..FieldTokens::default()
            };
            assert!(replayed(&cut).is_empty());
        }
    }
}
