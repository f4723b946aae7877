//! The scores of one window of documents, added up term by term.

use tantivy::DocId;

use super::FieldLengths;

/// Documents of one window: their scores fit into the first-level cache.
pub(super) const WINDOW: usize = 8_192;

/// So many scores are looked at together.
pub(crate) const CHUNK: usize = 64;
const CHUNKS: usize = WINDOW / CHUNK;

/// What is added up of a window: zeros between two windows.
pub(super) struct Window {
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

    /// Returns the scores of a chunk by its place; behind the window's last document they are 0.
    pub(super) fn chunk(&mut self, place: usize) -> &mut [f32; CHUNK] {
        &mut self.scores.as_chunks_mut::<CHUNK>().0[place]
    }

    /// Adds what a term scores in documents of the window that begins at `start`.
    pub(super) fn add(
        &mut self,
        start: DocId,
        weight: f32,
        lengths: Option<&FieldLengths>,
        documents: &[DocId],
        frequencies: &[u32],
    ) {
        let (scores, scored) = (&mut *self.scores, &mut self.scored);
        let mut add = |document: DocId, score: f32| {
            // The remainder is the place itself, and known to be in the window without a test.
            let place = (document - start) as usize % WINDOW;
            scores[place] += score;
            scored[place / CHUNK] |= 1 << (place % CHUNK);
        };
        match lengths {
            Some(lengths) => {
                lengths.saturate_all(documents, frequencies, |document, saturation| {
                    add(document, weight * saturation);
                });
            }
            None => documents.iter().for_each(|document| add(*document, weight)),
        }
    }

    /// Counts documents of the window that begins at `start`, which are in order.
    pub(super) fn count(&mut self, start: DocId, documents: &[DocId]) {
        let (mut chunk, mut bits) = (0, 0);
        for document in documents {
            let place = (document - start) as usize % WINDOW;
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
        let (first, behind) = (start as usize / CHUNK, (end as usize).div_ceil(CHUNK));
        let words = words.get(first..behind).unwrap_or_default();
        let mut any = 0;
        for (counted, word) in self.counted.iter_mut().zip(words) {
            let word = u64::from_le_bytes(*word);
            *counted |= word;
            any |= word;
        }
        any != 0
    }

    /// Keeps what a term scores in documents of the window that begins at `start`, where it is the best yet.
    pub(super) fn keep_best(
        &mut self,
        start: DocId,
        weight: f32,
        lengths: Option<&FieldLengths>,
        documents: &[DocId],
        frequencies: &[u32],
    ) {
        self.best.resize(WINDOW, 0.0);
        let (best, touched) = (self.best.as_mut_slice(), &mut self.touched);
        let mut keep = |document: DocId, score: f32| {
            let place = (document - start) as usize % WINDOW;
            best[place] = f32::max(best[place], score);
            touched.push(place);
        };
        match lengths {
            Some(lengths) => {
                lengths.saturate_all(documents, frequencies, |document, saturation| {
                    keep(document, weight * saturation);
                });
            }
            None => documents
                .iter()
                .for_each(|document| keep(*document, weight)),
        }
    }

    /// Adds the best scores that were kept; returns whether there were any.
    pub(super) fn add_best(&mut self) -> bool {
        for place in &self.touched {
            self.scores[*place] += std::mem::take(&mut self.best[*place]);
            self.scored[*place / CHUNK] |= 1 << (*place % CHUNK);
        }
        let is_touched = !self.touched.is_empty();
        self.touched.clear();
        is_touched
    }
}

/// Returns the highest score of a chunk: in lanes, so that the compiler makes vectors of them.
pub(super) fn highest(scores: &[f32; CHUNK]) -> f32 {
    let mut lanes = [0f32; 8];
    for eight in scores.as_chunks::<8>().0 {
        for (lane, score) in lanes.iter_mut().zip(eight) {
            *lane = if *score > *lane { *score } else { *lane };
        }
    }
    lanes.into_iter().fold(0.0, f32::max)
}
