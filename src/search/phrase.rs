//! Words next to each other: which entries have them, by the places of their parts.
//!
//! A phrase is looked up by the parts of its names, which stand at successive places whatever joins them: `user name`,
//! `userName` and `user_name` are the same phrase here. What stands between them is left to [`super::literal`].

use std::io;

use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, TERMINATED};

use crate::accumulate::BitSet;
use crate::analysis;
use crate::index::segments::{FieldIndex, Segment};
use crate::rank::exactness::{PlacedPostings, go_to, starts_in_order};
use crate::work::Work;

/// The places of more words than this tell nothing more apart, and a pasted page must not open a thousand postings.
const MAX_WORDS: usize = 64;

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
    let leaves = analysis::leaves(text);
    if leaves.is_empty() {
        return Ok(None);
    }
    let mut found = BitSet::empty(index.segments().documents());
    let places: Vec<(&str, usize)> = leaves
        .iter()
        .map(|leaf| (leaf.term.as_str(), leaf.position))
        .collect();
    for (place, segment) in index.segments().iter().enumerate() {
        visit(index, place, segment, &places, work, |document, _| {
            found.insert(segment.base + document);
        })?;
    }
    Ok(Some(found))
}

/// Where words stand next to each other.
#[derive(Debug, Default)]
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
    let mut words = Vec::new();
    for (term, position) in phrase.iter().take(MAX_WORDS) {
        let Some(term) = index.term(term)? else {
            return Ok(());
        };
        let option = IndexRecordOption::WithFreqsAndPositions;
        let Some(postings) = index.postings(&term, place, option)? else {
            return Ok(());
        };
        let documents = postings.doc_freq();
        let word = PlacedPostings {
            postings,
            place: *position as u32,
        };
        words.push((documents, word));
    }
    // The rarest word leads.
    words.sort_by_key(|(documents, _)| *documents);
    let mut words: Vec<PlacedPostings> = words.into_iter().map(|(_, word)| word).collect();
    let Some(first) = words.first() else {
        return Ok(());
    };
    let mut document = first.postings.doc();
    let (mut starts, mut places) = (Vec::new(), Vec::new());
    while document != TERMINATED {
        let behind = words
            .iter_mut()
            .map(|word| go_to(&mut word.postings, document))
            .find(|next| *next != document);
        document = match behind {
            Some(next) => go_to(&mut words[0].postings, next),
            None => {
                if index.segments().is_living(segment.base + document) {
                    work.positions_read += starts_in_order(&mut words, &mut starts, &mut places);
                    if !starts.is_empty() {
                        found(document, &starts);
                    }
                }
                words[0].postings.advance()
            }
        };
    }
    Ok(())
}
