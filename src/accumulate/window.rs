//! The scores of one window of documents, added up term by term.

use tantivy::DocId;
use wide::f32x8;

use super::FieldLengths;

/// Documents of one window: their scores fit into the first-level cache.
pub(super) const WINDOW: usize = 8_192;

/// So many scores are looked at together.
pub(crate) const CHUNK: usize = 64;
const CHUNKS: usize = WINDOW / CHUNK;

/// What is added up of a window: zeros between two windows.
pub(crate) struct Window {
    /// The scores, by the place in the window.
    scores: Box<[f32; WINDOW]>,
    /// Which documents have a score, as bits: most chunks of a rare word have none.
    pub(super) scored: [u64; CHUNKS],
    /// Which documents have a term that is only counted, as bits.
    pub(super) counted: [u64; CHUNKS],
    /// Of a term with alternatives, what scores most; empty until there is one.
    best: Vec<f32>,
    /// The places that such a term has scored, some of them more than once.
    touched: Vec<usize>,
}

impl Window {
    pub(super) fn new() -> Self {
        Window {
            scores: Box::new([0.0; WINDOW]),
            scored: [0; CHUNKS],
            counted: [0; CHUNKS],
            best: Vec::new(),
            touched: Vec::new(),
        }
    }

    /// Returns whether nothing is left of a window.
    pub(super) fn is_blank(&self) -> bool {
        let scores = self.scores.iter().chain(&self.best);
        let bits = self.scored.iter().chain(&self.counted);
        !self.has_kept()
            && scores.copied().all(|score| score == 0.0)
            && bits.copied().all(|bits| bits == 0)
    }

    /// Returns the scores of a chunk by its place; behind the window's last document they are 0.
    pub(super) fn chunk(&mut self, place: usize) -> &mut [f32; CHUNK] {
        &mut self.scores.as_chunks_mut::<CHUNK>().0[place]
    }

    /// Adds what a term scores, and marks its documents as scored.
    pub(super) fn add(&mut self, scoring: Scoring<'_>) {
        let (scores, scored) = (&mut *self.scores, &mut self.scored);
        scoring.each(|place, score| {
            scores[place] += score;
            scored[place / CHUNK] |= 1 << (place % CHUNK);
        });
    }

    /// Adds what a term scores in documents that are marked.
    pub(super) fn add_marked(&mut self, scoring: Scoring<'_>) {
        let scores = &mut *self.scores;
        scoring.each(|place, score| scores[place] += score);
    }

    /// Adds what a term scores, or what was kept where that is more, and marks its documents as scored.
    pub(super) fn add_better(&mut self, scoring: Scoring<'_>) {
        let (scores, scored) = (&mut *self.scores, &mut self.scored);
        let best = self.best.as_mut_slice();
        scoring.each(|place, score| {
            scores[place] += score.max(std::mem::take(&mut best[place]));
            scored[place / CHUNK] |= 1 << (place % CHUNK);
        });
    }

    /// Marks those documents from `start`, where the window begins, to `end` as scored that are in the words of a set of the
    /// segment's.
    pub(super) fn mark(&mut self, start: DocId, end: DocId, set: &[[u8; 8]]) {
        unite(&mut self.scored, start, end, set);
    }

    /// Counts documents of the window that begins at `start`, which are in order.
    pub(super) fn count(&mut self, start: DocId, documents: &[DocId]) {
        let (mut chunk, mut bits) = (0, 0);
        for document in documents {
            let place = place(start, *document);
            if place / CHUNK != chunk {
                self.counted[chunk] |= bits;
                (chunk, bits) = (place / CHUNK, 0);
            }
            bits |= 1 << (place % CHUNK);
        }
        self.counted[chunk] |= bits;
    }

    /// Counts those documents from `start`, where the window begins, to `end` that are in the words of a set of the segment's;
    /// returns whether there were any.
    pub(super) fn count_words(&mut self, start: DocId, end: DocId, words: &[[u8; 8]]) -> bool {
        unite(&mut self.counted, start, end, words) != 0
    }

    /// Keeps what something scores, where it is the best yet.
    pub(super) fn keep_best(&mut self, scoring: Scoring<'_>) {
        self.best.resize(WINDOW, 0.0);
        let (best, touched) = (self.best.as_mut_slice(), &mut self.touched);
        scoring.each(|place, score| {
            best[place] = f32::max(best[place], score);
            touched.push(place);
        });
    }

    /// Returns whether something was kept.
    pub(super) fn has_kept(&self) -> bool {
        !self.touched.is_empty()
    }

    /// Adds the best scores that were kept and not taken since.
    pub(super) fn add_best(&mut self) {
        for place in &self.touched {
            self.scores[*place] += std::mem::take(&mut self.best[*place]);
            self.scored[*place / CHUNK] |= 1 << (*place % CHUNK);
        }
        self.touched.clear();
    }
}

/// Returns the place of a document in the window that begins at `start`: the remainder is the place itself, and known to be in
/// the window without a test.
fn place(start: DocId, document: DocId) -> usize {
    (document - start) as usize % WINDOW
}

/// What a term scores in some documents of a window.
pub(super) struct Scoring<'a> {
    /// Where the window begins.
    pub(super) start: DocId,
    pub(super) weight: f32,
    pub(super) lengths: Option<&'a FieldLengths>,
    pub(super) documents: &'a [DocId],
    pub(super) frequencies: &'a [u32],
}

impl Scoring<'_> {
    /// Calls `visit` with the place of each document and what the term scores in it.
    #[inline]
    fn each(self, mut visit: impl FnMut(usize, f32)) {
        let (start, weight) = (self.start, self.weight);
        match self.lengths {
            Some(lengths) => {
                let visit =
                    |document, saturation| visit(place(start, document), weight * saturation);
                lengths.saturate_all(self.documents, self.frequencies, visit);
            }
            None => {
                let documents = self.documents.iter();
                documents.for_each(|document| visit(place(start, *document), weight));
            }
        }
    }
}

/// Adds what is from `start`, where a window begins, to `end` in the words of a segment's set to those of the window; returns all
/// of it together.
fn unite(chunks: &mut [u64; CHUNKS], start: DocId, end: DocId, set: &[[u8; 8]]) -> u64 {
    let (first, behind) = (start as usize / CHUNK, (end as usize).div_ceil(CHUNK));
    let words = set.get(first..behind).unwrap_or_default();
    let mut any = 0;
    for (chunk, word) in chunks.iter_mut().zip(words) {
        let word = u64::from_le_bytes(*word);
        *chunk |= word;
        any |= word;
    }
    any
}

/// Returns the highest score of a chunk.
pub(super) fn highest(scores: &[f32; CHUNK]) -> f32 {
    let eights = scores.as_chunks::<8>().0.iter();
    let highest = eights.fold(f32x8::ZERO, |most, eight| most.fast_max(f32x8::new(*eight)));
    highest.to_array().into_iter().fold(0.0, f32::max)
}
