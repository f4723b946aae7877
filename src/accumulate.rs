//! Phase 1 of ranking: every posting of every query term is scored, window by window, into an array.
//!
//! Scores are exact BM25 with our own k1, b, field and term weights; totals are exact; filters cost one test per
//! match. The cost is the number of postings, whatever the number of hits asked for. Faster than skipping for
//! questions of five to ten words, since nearly every document has one of them.

use std::cmp::Ordering;

use tantivy::DocId;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::BlockSegmentPostings;

use crate::work::Work;

/// Documents of one window: their scores fit into the first-level cache.
const WINDOW: usize = 8_192;

/// The constants of BM25.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bm25 {
    /// How soon more occurrences of a term stop to matter.
    pub(crate) k1: f32,
    /// How much longer texts are held back, from 0 (not) to 1.
    pub(crate) b: f32,
}

impl Bm25 {
    /// Returns how rare a term is: ln(1 + (N − n + ½) / (n + ½)), as Lucene and tantivy have it.
    pub(crate) fn idf(documents: u64, with_term: u64) -> f32 {
        let (documents, with_term) = (documents as f32, with_term as f32);
        (1.0 + (documents - with_term + 0.5) / (with_term + 0.5)).ln()
    }
}

/// The lengths of a field's texts, ready to score with.
pub(crate) struct FieldLengths {
    norms: FieldNormReader,
    /// k1 · (1 − b + b · length / average), by tantivy's one-byte length.
    table: [f32; 256],
}

impl FieldLengths {
    /// Returns the lengths of a field whose texts have `average` tokens on average.
    pub(crate) fn new(norms: FieldNormReader, average: f32, bm25: Bm25) -> Self {
        let table = std::array::from_fn(|id| {
            let length = FieldNormReader::id_to_fieldnorm(id as u8) as f32;
            bm25.k1 * (1.0 - bm25.b + bm25.b * length / average)
        });
        FieldLengths { norms, table }
    }

    /// Returns how many tokens a document has in the field, as exactly as one byte keeps it.
    pub(crate) fn length(&self, document: DocId) -> u32 {
        self.norms.fieldnorm(document)
    }

    /// Returns what BM25 makes of a term frequency in a document, before weight: between 0 and 1.
    pub(crate) fn saturate(&self, document: DocId, frequency: u32) -> f32 {
        let frequency = frequency as f32;
        frequency / (frequency + self.table[usize::from(self.norms.fieldnorm_id(document))])
    }
}

/// One term in one field.
pub(crate) struct TermPostings<'a> {
    /// Its postings, at their beginning.
    pub(crate) postings: Postings<'a>,
    /// The lengths of its field; without them every posting adds the whole weight.
    pub(crate) lengths: Option<&'a FieldLengths>,
    /// What a posting can add at most: idf · (k1 + 1) · every weight.
    pub(crate) weight: f32,
    /// What stands for the term: of it and all of these, a document is scored by the one that gives the most.
    pub(crate) alternatives: Vec<TermPostings<'a>>,
}

/// The documents that have a term, in order, with how often.
pub(crate) enum Postings<'a> {
    /// Those of the index, block by block.
    Indexed {
        /// The block that is read.
        block: Box<BlockSegmentPostings>,
        /// How much of it was read.
        cursor: usize,
    },
    /// Those that a phrase was found in; none for a term that no entry has.
    Listed {
        /// The documents that are left.
        documents: &'a [DocId],
        /// How often each has it.
        frequencies: &'a [u32],
    },
}

impl From<BlockSegmentPostings> for Postings<'_> {
    fn from(block: BlockSegmentPostings) -> Self {
        Postings::Indexed {
            block: Box::new(block),
            cursor: 0,
        }
    }
}

/// The terms of a query in one segment.
pub(crate) struct Part<'a> {
    /// The number of the segment's first document among those of all.
    pub(crate) base: DocId,
    /// How many documents the segment has.
    pub(crate) documents: DocId,
    /// The terms, with postings of that segment.
    pub(crate) terms: Vec<TermPostings<'a>>,
}

/// A document with its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scored {
    /// The score, above 0.
    pub(crate) score: f32,
    /// The document.
    pub(crate) document: DocId,
}

/// What a scan found.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    /// The best documents, best first.
    pub(crate) best: Vec<Scored>,
    /// How many documents match and pass the filter.
    pub(crate) total: u64,
    /// What it took.
    pub(crate) work: Work,
}

/// Scores every document that has one of the terms; keeps the best `keep` of those in `filter`.
///
/// `tie` orders documents of equal score. `matches` gets every document that has a term, whether it passes the filter or
/// not.
pub(crate) fn accumulate(
    parts: &mut [Part<'_>],
    filter: Option<&BitSet>,
    keep: usize,
    tie: &dyn Fn(DocId, DocId) -> Ordering,
    mut matches: Option<&mut BitSet>,
) -> Candidates {
    let most = parts.iter().map(|part| part.documents).max().unwrap_or(0);
    let mut scores = vec![0f32; WINDOW.min(most as usize)];
    let mut best_of_alternatives = Vec::new();
    let mut best = Best {
        scored: Vec::with_capacity(keep.saturating_mul(2).min(4_096)),
        keep,
        floor: 0.0,
        tie,
    };
    let (mut total, mut held_back) = (0, 0);
    let mut work = Work::default();
    for part in parts {
        let mut start = 0;
        while start < part.documents {
            let end = start.saturating_add(WINDOW as DocId).min(part.documents);
            let scores = &mut scores[..(end - start) as usize];
            let mut is_touched = false;
            for term in &mut part.terms {
                let best = &mut best_of_alternatives;
                is_touched |= term.add_window(start, end, scores, best, &mut work);
            }
            if is_touched {
                for (offset, score) in scores.iter_mut().enumerate() {
                    if *score > 0.0 {
                        let document = part.base + start + offset as DocId;
                        if let Some(matches) = matches.as_deref_mut() {
                            matches.insert(document);
                        }
                        if filter.is_none_or(|filter| filter.contains(document)) {
                            total += 1;
                            if *score >= best.floor {
                                best.push(Scored {
                                    score: *score,
                                    document,
                                });
                            }
                        } else {
                            held_back += 1;
                        }
                        *score = 0.0;
                    }
                }
            }
            start = end;
        }
    }
    work.entries_matched = total + held_back;
    work.entries_passed = total;
    Candidates {
        best: best.finish(),
        total,
        work,
    }
}

impl Postings<'_> {
    /// Returns how often a document has the term, if it does. Goes forwards only.
    pub(crate) fn frequency(&mut self, document: DocId) -> Option<u32> {
        match self {
            // A seek moves to the block that would hold the document, and tells where in it.
            Postings::Indexed { block, .. } => {
                let place = block.seek(document);
                let is_there = block.docs().get(place) == Some(&document);
                is_there.then(|| block.freq(place))
            }
            Postings::Listed {
                documents,
                frequencies,
            } => {
                let place = documents.binary_search(&document).ok();
                place.map(|place| frequencies[place])
            }
        }
    }
}

impl TermPostings<'_> {
    /// Returns what the term adds to the score of a document that has it so often.
    pub(crate) fn score(&self, document: DocId, frequency: u32) -> f32 {
        let saturation = |lengths: &FieldLengths| lengths.saturate(document, frequency);
        self.weight * self.lengths.map_or(1.0, saturation)
    }

    /// Adds the scores of the documents from `start` to `end`; returns whether there were any. `best` is a window of
    /// zeros, and is left so.
    fn add_window(
        &mut self,
        start: DocId,
        end: DocId,
        scores: &mut [f32],
        best: &mut Vec<f32>,
        work: &mut Work,
    ) -> bool {
        if self.alternatives.is_empty() {
            return self.visit_window(start, end, work, |offset, score| scores[offset] += score);
        }
        best.resize(scores.len(), 0.0);
        let mut keep_best = |offset: usize, score| best[offset] = f32::max(best[offset], score);
        let mut is_touched = self.visit_window(start, end, work, &mut keep_best);
        for alternative in &mut self.alternatives {
            is_touched |= alternative.visit_window(start, end, work, &mut keep_best);
        }
        if is_touched {
            for (score, best) in scores.iter_mut().zip(best) {
                *score += std::mem::take(best);
            }
        }
        is_touched
    }

    /// Calls `visit` with the place in the window and the score of each document from `start` to `end`; returns
    /// whether there were any.
    fn visit_window(
        &mut self,
        start: DocId,
        end: DocId,
        work: &mut Work,
        mut visit: impl FnMut(usize, f32),
    ) -> bool {
        let (weight, lengths) = (self.weight, self.lengths);
        // Most blocks lie in one window; only the last one is looked at document by document.
        let in_window = |documents: &[DocId]| match documents.last() {
            Some(last) if *last >= end => documents.partition_point(|id| *id < end),
            _ => documents.len(),
        };
        let postings_scored = &mut work.postings_scored;
        let mut visit_all = |documents: &[DocId], frequencies: &[u32]| {
            *postings_scored += documents.len() as u64;
            if let Some(lengths) = lengths {
                for (document, frequency) in documents.iter().zip(frequencies) {
                    visit(
                        (document - start) as usize,
                        weight * lengths.saturate(*document, *frequency),
                    );
                }
            } else {
                let documents = documents.iter();
                documents.for_each(|document| visit((document - start) as usize, weight));
            }
            !documents.is_empty()
        };
        match &mut self.postings {
            Postings::Listed {
                documents,
                frequencies,
            } => {
                let count = in_window(documents);
                let (now, later) = documents.split_at(count);
                let is_touched = visit_all(now, frequencies);
                *documents = later;
                *frequencies = &frequencies[count..];
                is_touched
            }
            Postings::Indexed { block, cursor } => {
                let mut is_touched = false;
                loop {
                    let documents = &block.docs()[*cursor..];
                    if documents.is_empty() {
                        return is_touched;
                    }
                    let count = in_window(documents);
                    // A field without frequencies has no list of them.
                    let frequencies = block.freqs().get(*cursor..).unwrap_or_default();
                    is_touched |= visit_all(&documents[..count], frequencies);
                    if count < documents.len() {
                        *cursor += count;
                        return is_touched;
                    }
                    block.advance();
                    *cursor = 0;
                    work.blocks_decoded += 1;
                }
            }
        }
    }
}

/// Keeps the best documents seen so far.
struct Best<'a> {
    scored: Vec<Scored>,
    keep: usize,
    /// What a document must score to be among the best, as far as is known.
    floor: f32,
    tie: &'a dyn Fn(DocId, DocId) -> Ordering,
}

impl Best<'_> {
    fn push(&mut self, scored: Scored) {
        if self.keep == 0 {
            return;
        }
        self.scored.push(scored);
        // Cutting at twice the number costs one comparison a document on average.
        if self.scored.len() >= self.keep.saturating_mul(2).max(64) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.scored.len() > self.keep {
            let tie = self.tie;
            self.scored
                .select_nth_unstable_by(self.keep - 1, |left, right| order(left, right, tie));
            self.scored.truncate(self.keep);
            self.floor = self.scored[self.keep - 1].score;
        }
    }

    fn finish(mut self) -> Vec<Scored> {
        self.cut();
        let tie = self.tie;
        self.scored
            .sort_unstable_by(|left, right| order(left, right, tie));
        self.scored
    }
}

/// Orders the better document first.
pub(crate) fn order(
    left: &Scored,
    right: &Scored,
    tie: &dyn Fn(DocId, DocId) -> Ordering,
) -> Ordering {
    right
        .score
        .total_cmp(&left.score)
        .then_with(|| tie(left.document, right.document))
}

/// A set of documents, a bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BitSet {
    words: Vec<u64>,
}

impl BitSet {
    /// Returns a set without documents that has room for ids below `documents`.
    pub(crate) fn empty(documents: DocId) -> Self {
        BitSet {
            words: vec![0; (documents as usize).div_ceil(64)],
        }
    }

    /// Returns the set of all documents below `documents`.
    pub(crate) fn full(documents: DocId) -> Self {
        let mut words = vec![u64::MAX; (documents as usize).div_ceil(64)];
        if let Some(last) = words.last_mut()
            && !documents.is_multiple_of(64)
        {
            *last = (1 << (documents % 64)) - 1;
        }
        BitSet { words }
    }

    /// Adds a document.
    pub(crate) fn insert(&mut self, document: DocId) {
        self.words[document as usize / 64] |= 1 << (document % 64);
    }

    /// Returns whether a document is in the set.
    pub(crate) fn contains(&self, document: DocId) -> bool {
        self.words[document as usize / 64] & (1 << (document % 64)) != 0
    }

    /// Takes a document out.
    pub(crate) fn remove(&mut self, document: DocId) {
        self.words[document as usize / 64] &= !(1 << (document % 64));
    }

    /// Keeps what is not in the other set.
    pub(crate) fn subtract(&mut self, other: &BitSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// Keeps what is in the other set too.
    pub(crate) fn intersect(&mut self, other: &BitSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Adds what is in the other set.
    pub(crate) fn unite(&mut self, other: &BitSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Returns how many documents are in the set.
    pub(crate) fn len(&self) -> u64 {
        self.words
            .iter()
            .map(|word| u64::from(word.count_ones()))
            .sum()
    }

    /// Returns the documents from `start` to `end`, lowest first.
    pub(crate) fn range(&self, start: DocId, end: DocId) -> impl Iterator<Item = DocId> + '_ {
        let first = start as usize / 64;
        let behind = (end as usize).div_ceil(64).min(self.words.len());
        let words = self.words.get(first..behind).unwrap_or_default();
        documents_of(words, first as DocId * 64)
            .skip_while(move |document| *document < start)
            .take_while(move |document| *document < end)
    }

    /// Returns the documents, lowest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = DocId> + '_ {
        documents_of(&self.words, 0)
    }
}

/// Returns the documents of the words of a set, the first of which begins at `base`.
fn documents_of(words: &[u64], base: DocId) -> impl Iterator<Item = DocId> + '_ {
    words.iter().enumerate().flat_map(move |(place, word)| {
        let mut rest = *word;
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let bit = rest.trailing_zeros();
                rest &= rest - 1;
                base + place as DocId * 64 + bit
            })
        })
    })
}

#[cfg(test)]
mod tests;
