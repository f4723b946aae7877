//! The best documents of a scan.

use std::cmp::Ordering;

use tantivy::DocId;

/// A document with its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scored {
    /// The score, above 0.
    pub(crate) score: f32,
    /// The document.
    pub(crate) document: DocId,
}

/// Keeps the best documents seen so far.
pub(super) struct Best<'a> {
    pub(super) scored: Vec<Scored>,
    pub(super) keep: usize,
    /// What a document must score to be among the best, as far as is known.
    pub(super) floor: f32,
    pub(super) tie: &'a dyn Fn(DocId, DocId) -> Ordering,
}

impl<'a> Best<'a> {
    pub(super) fn new(keep: usize, tie: &'a dyn Fn(DocId, DocId) -> Ordering) -> Self {
        Best {
            scored: Vec::with_capacity(keep.saturating_mul(2).min(4_096)),
            keep,
            // Where none is kept, none need be scored.
            floor: if keep == 0 { f32::INFINITY } else { 0.0 },
            tie,
        }
    }

    pub(super) fn push(&mut self, scored: Scored) {
        if self.keep == 0 {
            return;
        }
        self.scored.push(scored);
        // Cutting at twice the number costs one comparison a document on average.
        if self.scored.len() >= self.keep.saturating_mul(2).max(64) {
            self.cut();
        }
    }

    pub(super) fn cut(&mut self) {
        if self.scored.len() > self.keep {
            let tie = self.tie;
            self.scored
                .select_nth_unstable_by(self.keep - 1, |left, right| order(left, right, tie));
            self.scored.truncate(self.keep);
            self.floor = self.scored[self.keep - 1].score;
        }
    }

    pub(super) fn finish(mut self) -> Vec<Scored> {
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
