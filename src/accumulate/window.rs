//! The scores of one window of documents, added up term by term.

use tantivy::DocId;

use super::FieldLengths;

/// Documents of one window: their scores fit into the first-level cache.
pub(super) const WINDOW: usize = 8_192;

/// So many scores are looked at together.
pub(super) const CHUNK: usize = 64;
const CHUNKS: usize = WINDOW / CHUNK;

/// What is added up of a window: zeros between two windows.
pub(super) struct Window {
    /// The scores, by the place in the window.
    pub(super) scores: Box<[f32; WINDOW]>,
    /// Whether any of so many scores may be above 0: most windows of a rare word have one.
    pub(super) has_scores: [bool; CHUNKS],
    /// Of a term with alternatives, what scores most; empty until there is one.
    best: Vec<f32>,
    /// The places that such a term has scored, some of them more than once.
    touched: Vec<usize>,
}

impl Window {
    pub(super) fn new() -> Self {
        Window {
            scores: Box::new([0.0; WINDOW]),
            has_scores: [false; CHUNKS],
            best: Vec::new(),
            touched: Vec::new(),
        }
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
        let (scores, has_scores) = (&mut *self.scores, &mut self.has_scores);
        let mut add = |document: DocId, score: f32| {
            // The remainder is the place itself, and known to be in the window without a test.
            let place = (document - start) as usize % WINDOW;
            scores[place] += score;
            has_scores[place / CHUNK] = true;
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
            self.has_scores[*place / CHUNK] = true;
        }
        let is_touched = !self.touched.is_empty();
        self.touched.clear();
        is_touched
    }
}

/// Returns which of up to 64 scores are above 0, the lowest bit for the first, and the highest of them. Without branches and
/// in lanes, so that the compiler makes vectors of it.
pub(super) fn scored(scores: &[f32]) -> (u64, f32) {
    let mut highest = [0f32; 8];
    let mut bits = 0;
    let (lanes, rest) = scores.as_chunks::<8>();
    for (place, lane) in lanes.iter().enumerate() {
        let mut bytes = [0; 8];
        for at in 0..8 {
            bytes[at] = u8::from(lane[at] > 0.0);
            highest[at] = if lane[at] > highest[at] {
                lane[at]
            } else {
                highest[at]
            };
        }
        // The eight lowest bits of eight bytes, gathered in the highest byte.
        let byte = u64::from_le_bytes(bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= byte << (8 * place);
    }
    for (place, score) in rest.iter().enumerate() {
        bits |= u64::from(*score > 0.0) << (8 * lanes.len() + place);
    }
    let highest = highest.into_iter().chain(rest.iter().copied());
    (bits, highest.fold(0.0, f32::max))
}
