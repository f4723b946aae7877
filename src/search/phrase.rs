//! Words next to each other: which entries have them, by the places of their parts.
//!
//! A phrase is looked up by the parts of its names, which stand at successive places whatever joins them: `user name`,
//! `userName` and `user_name` are the same phrase here. What stands between them is left to [`super::literal`].

mod word;

use std::io;

use tantivy::DocId;

use crate::accumulate::BitSet;
use crate::analysis::{self, TokenKind};
use crate::index::segments::{FieldIndex, Segment};
use crate::work::Work;
use word::{Comparison, Word};

/// The places of more words than this tell nothing more apart, and a pasted page must not open a thousand postings.
const MAX_WORDS: usize = 64;
/// The places of words are compared in so many documents at a time.
const BATCH: usize = 128;

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
    let known = terms[1..].iter();
    let known: Vec<&[[u8; 8]]> = known
        .filter_map(|(term, _)| index.documents(term, place))
        .collect();
    let mut comparison = Comparison::default();
    let mut batch: Vec<DocId> = Vec::with_capacity(2 * BATCH);
    let (mut documents, mut taken) = (Vec::new(), Vec::new());
    while words[0].take_next(&known, &mut documents) {
        let leave = |words: &mut [Word], documents: &mut Vec<DocId>, numbers: &[usize]| {
            if numbers.len() < documents.len() {
                let words = words.iter_mut();
                words.for_each(|word| word.leave(batch.len(), numbers));
                *documents = numbers.iter().map(|number| documents[*number]).collect();
            }
        };
        if index.segments().has_deleted() {
            taken.clear();
            let is_living = |document: DocId| index.segments().is_living(segment.base + document);
            let numbers = 0..documents.len();
            taken.extend(numbers.filter(|number| is_living(documents[*number])));
            leave(&mut words[..1], &mut documents, &taken);
        }
        for word in 1..words.len() {
            words[word].take(&documents, &mut taken);
            leave(&mut words[..word], &mut documents, &taken);
        }
        batch.append(&mut documents);
        if batch.len() >= BATCH {
            work.positions_read += comparison.run(&mut words, &batch, &mut found);
            batch.clear();
        }
    }
    work.positions_read += comparison.run(&mut words, &batch, &mut found);
    Ok(())
}
