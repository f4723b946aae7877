//! Words next to each other: which entries have them, by the places of their parts.
//!
//! A phrase is looked up by the parts of its names, which stand at successive places whatever joins them: `user name`,
//! `userName` and `user_name` are the same phrase here. What stands between them is left to [`super::literal`].

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, Term};

use crate::accumulate::BitSet;
use crate::analysis::{self, Token, TokenKind};

/// The places of more words than this tell nothing more apart, and a pasted page must not open a thousand postings.
const MAX_WORDS: usize = 64;

/// Returns whether a text has anything to look up.
pub(super) fn has_words(text: &str) -> bool {
    !leaves(text).is_empty()
}

/// Returns the documents that have the words of a text next to each other in a field; `None` for a text without words.
pub(super) fn documents(
    segment: &SegmentReader,
    field: Field,
    text: &str,
) -> tantivy::Result<Option<BitSet>> {
    let leaves = leaves(text);
    if leaves.is_empty() {
        return Ok(None);
    }
    let mut found = BitSet::empty(segment.max_doc());
    let index = segment.inverted_index(field)?;
    let mut words = Vec::new();
    for leaf in leaves.iter().take(MAX_WORDS) {
        let term = Term::from_field_text(field, &leaf.term);
        let Some(info) = index.get_term_info(&term)? else {
            return Ok(Some(found));
        };
        let option = IndexRecordOption::WithFreqsAndPositions;
        words.push(Word {
            postings: index.read_postings_from_terminfo(&info, option)?,
            documents: info.doc_freq,
            place: leaf.position as u32,
        });
    }
    // The rarest word leads.
    words.sort_by_key(|word| word.documents);
    let mut document = words[0].postings.doc();
    let (mut starts, mut places) = (Vec::new(), Vec::new());
    while document != TERMINATED {
        let behind = words.iter_mut().find_map(|word| word.next_if_not(document));
        document = match behind {
            Some(next) => words[0].seek(next),
            None => {
                if are_in_order(&mut words, &mut starts, &mut places) {
                    found.insert(document);
                }
                words[0].postings.advance()
            }
        };
    }
    Ok(Some(found))
}

struct Word {
    postings: SegmentPostings,
    documents: u32,
    /// Its place in the phrase.
    place: u32,
}

impl Word {
    /// Goes to a document, or to the next one that has the word.
    fn seek(&mut self, document: DocId) -> DocId {
        if self.postings.doc() < document {
            self.postings.seek(document);
        }
        self.postings.doc()
    }

    /// Returns the next document that has the word, if this one has not.
    fn next_if_not(&mut self, document: DocId) -> Option<DocId> {
        let next = self.seek(document);
        (next != document).then_some(next)
    }
}

/// Returns whether the words, all at one document, stand somewhere as in the phrase.
fn are_in_order(words: &mut [Word], starts: &mut Vec<u32>, places: &mut Vec<u32>) -> bool {
    // Places are counted from the end of the phrase's room, so that none is below 0.
    let room = words.iter().map(|word| word.place).max().unwrap_or(0);
    for (at, word) in words.iter_mut().enumerate() {
        word.postings.positions(places);
        places
            .iter_mut()
            .for_each(|place| *place += room - word.place);
        if at == 0 {
            starts.clone_from(places);
        } else {
            starts.retain(|start| places.binary_search(start).is_ok());
        }
        if starts.is_empty() {
            return false;
        }
    }
    true
}

/// Returns the tokens of a text that have no parts of their own. Operators at its edges are left out: `std::` is no
/// other name than `std`, and in `std::move` the index has no operator.
fn leaves(text: &str) -> Vec<Token> {
    let tokens = analysis::tokens(text);
    let mut leaves: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        // Parts stand right behind the whole.
        let has_parts = tokens.peek().is_some_and(|next| {
            next.group == token.group
                && next.range != token.range
                && next.range.start >= token.range.start
                && next.range.end <= token.range.end
        });
        if !has_parts {
            leaves.push(token);
        }
    }
    let is_word = |token: &Token| token.kind != TokenKind::Operator;
    if let (Some(first), Some(last)) = (
        leaves.iter().position(is_word),
        leaves.iter().rposition(is_word),
    ) {
        leaves.truncate(last + 1);
        leaves.drain(..first);
    }
    leaves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_looked_up_by_parts() {
        for (text, expected) in [
            ("user name", "0:user 1:name"),
            ("getUserName", "0:get 1:user 2:name"),
            ("get_user_name", "0:get 1:user 2:name"),
            ("std::move(", "0:std 1:move"),
            ("std::", "0:std"),
            ("git commit --amend", "0:git 1:commit 2:amend"),
            ("a && b", "0:a 1:&& 2:b"),
            ("=> x", "1:x"),
            ("=>", "0:=>"),
            ("C++17 templates", "0:c++ 1:templat"),
            ("3.11.7", "0:3 1:11 2:7"),
            ("utf8", "0:utf"),
            ("HTTP2Server", "0:http 1:server"),
            ("日本語", "0:日本 1:本語"),
            ("(", ""),
        ] {
            let leaves = leaves(text);
            let leaves = leaves
                .iter()
                .map(|leaf| format!("{}:{}", leaf.position, leaf.term));
            assert_eq!(leaves.collect::<Vec<_>>().join(" "), expected, "{text}");
        }
    }
}
