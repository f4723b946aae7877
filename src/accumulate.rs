//! Phase 1 of ranking: every posting of every query term is scored, window by window, into an array.
//!
//! Scores are exact BM25 with our own k1, b, field and term weights; totals are exact; filters cost one test per
//! match. The cost is the number of postings, whatever the number of hits asked for. Faster than skipping for
//! questions of five to ten words, since nearly every document has one of them.

use std::cmp::Ordering;

use tantivy::DocId;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::BlockSegmentPostings;

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
    /// Its postings, at their first block.
    pub(crate) postings: BlockSegmentPostings,
    /// The lengths of its field.
    pub(crate) lengths: &'a FieldLengths,
    /// What a posting can add at most: idf · (k1 + 1) · every weight.
    pub(crate) weight: f32,
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
}

/// Scores every document that has one of the terms; keeps the best `keep` of those in `filter`.
///
/// `tie` orders documents of equal score. `matches` is called with every document that has a term, in order, whether
/// it passes the filter or not.
pub(crate) fn accumulate(
    terms: &mut [TermPostings<'_>],
    documents: DocId,
    filter: Option<&BitSet>,
    keep: usize,
    tie: &dyn Fn(DocId, DocId) -> Ordering,
    mut matches: Option<&mut BitSet>,
) -> Candidates {
    let mut scores = vec![0f32; WINDOW.min(documents as usize)];
    let mut cursors = vec![0usize; terms.len()];
    let mut best = Best {
        scored: Vec::with_capacity(keep.saturating_mul(2).min(4_096)),
        keep,
        floor: 0.0,
        tie,
    };
    let mut total = 0;
    let mut start = 0;
    while start < documents {
        let end = start.saturating_add(WINDOW as DocId).min(documents);
        let mut is_touched = false;
        for (term, cursor) in terms.iter_mut().zip(&mut cursors) {
            is_touched |= add_window(term, cursor, start, end, &mut scores);
        }
        if is_touched {
            for (offset, score) in scores.iter_mut().enumerate().take((end - start) as usize) {
                if *score > 0.0 {
                    let document = start + offset as DocId;
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
                    }
                    *score = 0.0;
                }
            }
        }
        start = end;
    }
    Candidates {
        best: best.finish(),
        total,
    }
}

/// Adds a term's scores for the documents from `start` to `end`; returns whether there were any.
fn add_window(
    term: &mut TermPostings<'_>,
    cursor: &mut usize,
    start: DocId,
    end: DocId,
    scores: &mut [f32],
) -> bool {
    let mut is_touched = false;
    loop {
        let documents = &term.postings.docs()[*cursor..];
        let Some(last) = documents.last() else {
            return is_touched;
        };
        // Most blocks lie in one window; only the last one is looked at document by document.
        let in_window = if *last < end {
            documents.len()
        } else {
            documents.partition_point(|id| *id < end)
        };
        let frequencies = &term.postings.freqs()[*cursor..];
        for (document, frequency) in documents[..in_window].iter().zip(frequencies) {
            scores[(document - start) as usize] +=
                term.weight * term.lengths.saturate(*document, *frequency);
        }
        is_touched |= in_window > 0;
        if in_window < documents.len() {
            *cursor += in_window;
            return is_touched;
        }
        term.postings.advance();
        *cursor = 0;
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

    /// Returns the documents, lowest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = DocId> + '_ {
        self.words.iter().enumerate().flat_map(|(place, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros();
                    rest &= rest - 1;
                    place as DocId * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests;
