//! Words next to each other: which entries have them, by the places of their parts.
//!
//! A phrase is looked up by the parts of its names, which stand at successive places whatever joins them: `user name`,
//! `userName` and `user_name` are the same phrase here. What stands between them is left to [`super::literal`].

mod word;

use std::io;

use tantivy::{DocId, TERMINATED};

use crate::accumulate::BitSet;
use crate::analysis::{self, TokenKind};
use crate::index::segments::{FieldIndex, Segment};
use crate::work::Work;
use word::{Word, starts_in_order};

/// The places of more words than this tell nothing more apart, and a pasted page must not open a thousand postings.
const MAX_WORDS: usize = 64;

/// Returns whether a text is several words and nothing else, so that where they stand tells all that it demands.
pub(super) fn is_plain(text: &str) -> bool {
    let is_blank_or_letter = |character: char| character.is_alphanumeric() || character == ' ';
    let words = analysis::tokens(text);
    (2..=MAX_WORDS).contains(&words.len())
        && words.iter().all(|word| word.kind == TokenKind::Word)
        && text.chars().all(is_blank_or_letter)
}

/// Returns whether a text has anything to look up.
pub(super) fn has_words(text: &str) -> bool {
    !analysis::leaves(text).is_empty()
}

/// Returns the documents that have the words of a text next to each other in a field; `None` for a text without words.
pub(super) fn documents(
    index: &FieldIndex<'_>,
    text: &str,
    work: &mut Work,
) -> io::Result<Option<BitSet>> {
    let leaves = analysis::leaves(text).into_iter();
    let terms: Vec<(String, usize)> = leaves.map(|leaf| (leaf.term, leaf.position)).collect();
    documents_with(index, &terms, work)
}

/// Returns the documents that may have a text as a piece of theirs in a field, by the places of its words; `None` for a text without
/// words.
pub(super) fn documents_of_piece(
    index: &FieldIndex<'_>,
    piece: &str,
    work: &mut Work,
) -> io::Result<Option<BitSet>> {
    documents_with(index, &analysis::terms_of_piece(piece), work)
}

/// Returns how many entries have the words of a text next to each other in a field. Makes no set of them.
pub(super) fn entries_with(index: &FieldIndex<'_>, text: &str, work: &mut Work) -> io::Result<u64> {
    let leaves = analysis::leaves(text);
    let words: Vec<(&str, usize)> = leaves
        .iter()
        .map(|leaf| (leaf.term.as_str(), leaf.position))
        .collect();
    let mut entries = 0;
    for (place, segment) in index.segments().iter().enumerate() {
        visit(index, place, segment, &words, work, |_, _| entries += 1)?;
    }
    Ok(entries)
}

fn documents_with(
    index: &FieldIndex<'_>,
    terms: &[(String, usize)],
    work: &mut Work,
) -> io::Result<Option<BitSet>> {
    let mut found = BitSet::empty(index.segments().documents());
    match terms {
        [] => return Ok(None),
        // Where one word stands does not matter.
        [(term, _)] => {
            if let Some(term) = index.term(term)? {
                index.insert_all(&term, &mut found)?;
            }
        }
        _ => {
            let terms = terms.iter();
            let terms: Vec<(&str, usize)> =
                terms.map(|(term, place)| (term.as_str(), *place)).collect();
            for (place, segment) in index.segments().iter().enumerate() {
                visit(index, place, segment, &terms, work, |document, _| {
                    found.insert(segment.base + document);
                })?;
            }
        }
    }
    Ok(Some(found))
}

/// Where words stand next to each other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Occurrences {
    /// The documents, in order.
    pub(crate) documents: Vec<DocId>,
    /// How often each has them.
    pub(crate) frequencies: Vec<u32>,
    /// The places of their first words, document by document.
    pub(crate) places: Vec<u32>,
}

impl Occurrences {
    /// Leaves those in documents that pass a test.
    pub(crate) fn retain(&mut self, keep: impl Fn(DocId) -> bool) {
        let all = std::mem::take(self);
        let mut places = all.places.as_slice();
        for (document, frequency) in all.documents.into_iter().zip(all.frequencies) {
            let (here, behind) = places.split_at(frequency as usize);
            places = behind;
            if keep(document) {
                self.documents.push(document);
                self.frequencies.push(frequency);
                self.places.extend_from_slice(here);
            }
        }
    }
}

/// Returns where the words, each with its place in the phrase, stand next to each other in a field, segment by segment;
/// documents have the numbers of their segment.
pub(super) fn occurrences(
    index: &FieldIndex<'_>,
    words: &[(&str, usize)],
    work: &mut Work,
) -> io::Result<Vec<Occurrences>> {
    let segments = 0..index.segments().iter().len();
    let of_segment = |segment| match index.known_phrase(segment, words) {
        Some(known) => Ok(known),
        None => occurrences_in(index, segment, words, work),
    };
    segments.map(of_segment).collect()
}

/// Returns the same of one segment, from its postings.
pub(crate) fn occurrences_in(
    index: &FieldIndex<'_>,
    place: usize,
    words: &[(&str, usize)],
    work: &mut Work,
) -> io::Result<Occurrences> {
    let mut found = Occurrences::default();
    if let Some(segment) = index.segments().iter().nth(place) {
        visit(index, place, segment, words, work, |document, places| {
            found.documents.push(document);
            found.frequencies.push(places.len() as u32);
            found.places.extend_from_slice(places);
        })?;
    }
    Ok(found)
}

/// Returns the first document from one on that all of some sets have, a bit each in little-endian words; [`TERMINATED`] when there
/// is none.
fn next_of_all(sets: &[&[[u8; 8]]], document: DocId) -> DocId {
    let Some(chunks) = sets.iter().map(|set| set.len()).min() else {
        return document;
    };
    let first = document as usize / 64;
    let mut from = u64::MAX << (document % 64);
    for chunk in first..chunks {
        let words = sets.iter().map(|set| u64::from_le_bytes(set[chunk]));
        let word = words.fold(from, |all, word| all & word);
        if word != 0 {
            return chunk as DocId * 64 + word.trailing_zeros();
        }
        from = u64::MAX;
    }
    TERMINATED
}

/// Calls `found` with each document of a segment that has the words next to each other, in order, and the places of the
/// first word.
fn visit(
    index: &FieldIndex<'_>,
    place: usize,
    segment: &Segment,
    phrase: &[(&str, usize)],
    work: &mut Work,
    mut found: impl FnMut(DocId, &[u32]),
) -> io::Result<()> {
    let mut terms = Vec::with_capacity(phrase.len().min(MAX_WORDS));
    for (term, position) in phrase.iter().take(MAX_WORDS) {
        let Some(term) = index.term(term)? else {
            return Ok(());
        };
        terms.push((term, position));
    }
    // The rarest word leads.
    terms.sort_by_key(|(term, _)| index.documents_in(term, place));
    let Some((rarest, _)) = terms.first() else {
        return Ok(());
    };
    let looked_at = index.documents_in(rarest, place);
    let mut words = Vec::with_capacity(terms.len());
    for (term, position) in &terms {
        let Some(word) = Word::open(index, term, place, looked_at, **position)? else {
            return Ok(());
        };
        words.push(word);
    }
    // Of the most frequent words it is known which documents have them.
    let known = terms.iter();
    let known: Vec<&[[u8; 8]]> = known
        .filter_map(|(term, _)| index.documents(term, place))
        .collect();
    let mut document = words[0].document();
    let (mut starts, mut others) = (Vec::new(), Vec::new());
    while document != TERMINATED {
        let next = next_of_all(&known, document);
        if next != document {
            document = match next {
                TERMINATED => break,
                _ => words[0].go_to(next),
            };
            continue;
        }
        let behind = words[1..]
            .iter_mut()
            .map(|word| word.go_to(document))
            .find(|next| *next != document);
        document = match behind {
            // Nothing is left of a word.
            Some(TERMINATED) => return Ok(()),
            Some(next) => words[0].go_to(next),
            None => {
                if index.segments().is_living(segment.base + document) {
                    work.positions_read += starts_in_order(&mut words, &mut starts, &mut others);
                    if !starts.is_empty() {
                        found(document, &starts);
                    }
                }
                words[0].go_on()
            }
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_document_of_all_sets_is_in_each() {
        let set = |documents: &[DocId]| {
            let mut words = vec![0u64; 4];
            for document in documents {
                words[*document as usize / 64] |= 1 << (document % 64);
            }
            words.into_iter().map(u64::to_le_bytes).collect::<Vec<_>>()
        };
        let (left, right) = (set(&[3, 64, 70, 130, 255]), set(&[4, 64, 70, 131, 255]));
        let both = [left.as_slice(), right.as_slice()];
        for (from, expected) in [
            (0, 64),
            (64, 64),
            (65, 70),
            (71, 255),
            (255, 255),
            (256, TERMINATED),
        ] {
            assert_eq!(next_of_all(&both, from), expected, "{from}");
        }
        assert_eq!(next_of_all(&both[..1], 65), 70);
        assert_eq!(next_of_all(&[], 65), 65);
    }
}
