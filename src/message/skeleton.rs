//! The skeleton of a message as terms of the index: the whole, and each pair of neighbouring words.
//!
//! The whole makes the same message with other values an exact match; pairs find it where an entry quotes a part of it,
//! or a version of the program words it a little differently.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use rustc_hash::FxHashSet;

use super::headline::{any_of, says_failure};
use super::{statement, words_without_values};
use crate::analysis::Lexer;
use crate::body::{Block, MarkKind};
use crate::entry::Entry;

/// A message of more words is a paragraph; its beginning identifies it.
const MAX_WORDS: usize = 24;
/// Terms of one entry: more messages are a log.
const MAX_ENTRY_TERMS: usize = 256;
/// Terms of one query.
const MAX_QUERY_TERMS: usize = 96;
/// A longer line holds no message that someone quotes.
const MAX_LINE_BYTES: usize = 600;

/// Returns the terms of a message: its whole skeleton, behind `=`, and its pairs.
pub(super) fn terms(message: &str, lexer: &mut Lexer) -> Vec<String> {
    let mut words = words_without_values(cut(message), lexer);
    words.truncate(MAX_WORDS);
    let mut terms: Vec<String> = words.windows(2).map(|pair| pair.join(" ")).collect();
    match words.as_slice() {
        [] => {}
        // One word is no message that could be told from others by it.
        [_] => {}
        _ => terms.insert(0, format!("={}", words.join(" "))),
    }
    terms
}

/// Returns a term as the index has it. The skeleton of a whole message is long, and stands in few entries: 48 bits of its hash tell it
/// from others in a tenth of the room.
pub(crate) fn indexed(term: &str) -> Cow<'_, str> {
    const DIGITS: &[u8; 64] = b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
    if !term.starts_with('=') {
        return Cow::Borrowed(term);
    }
    let hash = xxhash_rust::xxh3::xxh3_64(term.as_bytes());
    let digits = (0..8).map(|place| DIGITS[(hash >> (6 * place)) as usize % DIGITS.len()]);
    Cow::Owned(std::iter::once('=').chain(digits.map(char::from)).collect())
}

/// Returns the beginning of a text that is looked at.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_LINE_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Keeps each term once, with its greatest weight, and only as many as a query may have.
pub(super) fn keep_heaviest(terms: &mut Vec<(String, f32)>) {
    terms.sort_by(|left, right| right.1.total_cmp(&left.1));
    let mut known: HashSet<String> = HashSet::new();
    terms.retain(|(term, _)| known.insert(term.clone()));
    terms.truncate(MAX_QUERY_TERMS);
}

/// Finds the messages that entries quote. Keeps the stems it has seen; use one for many entries.
#[derive(Default)]
pub(crate) struct Quoted {
    lexer: Lexer,
    terms: Vec<String>,
    known: FxHashSet<String>,
}

impl Quoted {
    /// Returns the terms of all messages that an entry quotes: in its title, in quotes and inline code of its prose, and
    /// in lines of its code, comments included.
    pub(crate) fn read(&mut self, entry: &Entry) -> impl Iterator<Item = String> + use<'_> {
        self.known.clear();
        self.add_title(&entry.title);
        for block in entry.blocks() {
            match block {
                Block::Prose(prose) => {
                    for mark in &prose.marks {
                        if mark.kind == MarkKind::Code
                            && let Some(code) = prose.text.get(mark.start..mark.end)
                        {
                            self.add_quotation(code);
                        }
                    }
                    for quotation in quotations(&prose.text) {
                        self.add_quotation(quotation);
                    }
                    let text = cut(&prose.text);
                    if let Some(message) = statement(text) {
                        self.add(&text[message]);
                    }
                }
                Block::Code(code) => {
                    for line in code.text.lines() {
                        self.add_line(cut(line));
                    }
                }
            }
        }
        self.terms.drain(..)
    }

    fn add(&mut self, message: &str) {
        if self.terms.len() >= MAX_ENTRY_TERMS {
            return;
        }
        for term in terms(message, &mut self.lexer) {
            if self.terms.len() < MAX_ENTRY_TERMS && self.known.insert(term.clone()) {
                self.terms.push(term);
            }
        }
    }

    /// A title is a message, quotes one, or words one differently.
    fn add_title(&mut self, title: &str) {
        match statement(title) {
            Some(message) => self.add(&title[message]),
            None if may_be_message(title) => self.add(title),
            None => {}
        }
        for quotation in quotations(title) {
            self.add_quotation(quotation);
        }
    }

    fn add_quotation(&mut self, quotation: &str) {
        match statement(quotation) {
            Some(message) => self.add(&quotation[message]),
            // Two words are a name.
            None if quotation.split_whitespace().nth(2).is_some() && may_be_message(quotation) => {
                self.add(quotation);
            }
            None => {}
        }
    }

    fn add_line(&mut self, line: &str) {
        // Messages stand in comments behind the code that raises them, too.
        let bytes = line.as_bytes();
        let comments = memchr::memchr3_iter(b'#', b'/', b'-', bytes).filter_map(|at| {
            let marks: [&[u8]; 4] = [b"# ", b"// ", b"-- ", b"/* "];
            let found = marks.iter().find(|mark| bytes[at..].starts_with(mark))?;
            line.get(at + found.len()..)
        });
        let comment = comments.into_iter().next();
        for text in [Some(line), comment].into_iter().flatten() {
            if let Some(message) = statement(text) {
                self.add(&text[message]);
            }
        }
    }
}

/// Returns whether a text has a word of messages: most titles and quotations have none, and would only fill the index.
fn may_be_message(text: &str) -> bool {
    static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| any_of(&MESSAGES));
    says_failure(text) || WORDS.is_match(text)
}

/// Words of messages that need not be of failures.
const MESSAGES: [&str; 14] = [
    " not ",
    " no ",
    " must ",
    " out of ",
    "deadlock",
    "overflow",
    "undefined",
    "null",
    "leak",
    "lock",
    "requires",
    "does",
    "more than",
    "outside",
];

/// Returns what stands between double quotes in prose.
fn quotations(text: &str) -> impl Iterator<Item = &str> {
    let straight = text.split('"').skip(1).step_by(2);
    let curly = text.split('“').skip(1);
    let curly = curly.filter_map(|rest| rest.split_once('”').map(|(quotation, _)| quotation));
    straight.chain(curly).map(cut)
}
