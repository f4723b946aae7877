//! Phase 1 of ranking: every posting of every query term is scored, window by window, into an array.
//!
//! Scores are exact BM25 with our own k1, b, field and term weights; totals are exact; filters cost one test per
//! match. The cost is the number of postings, whatever the number of hits asked for. Faster than skipping for
//! questions of five to ten words, since nearly every document has one of them.

mod bitset;
mod lengths;
mod postings;
mod window;

use std::cmp::Ordering;

use tantivy::DocId;

use crate::work::Work;

pub(crate) use bitset::BitSet;
pub(crate) use lengths::{FieldLengths, lengths};
pub(crate) use postings::Postings;
use window::{CHUNK, WINDOW, Window, scored};

/// When no more documents of a window pass the filter, they are looked up one by one. A look-up decodes a block at most, a
/// window of a frequent word has 64 of them.
const FEW: usize = 16;

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
    matches: Option<&mut BitSet>,
) -> Candidates {
    let mut scan = Scan {
        filter,
        matches,
        best: Best {
            scored: Vec::with_capacity(keep.saturating_mul(2).min(4_096)),
            keep,
            floor: 0.0,
            tie,
        },
        work: Work::default(),
        window: Window::new(),
    };
    for part in parts {
        scan.part(part);
    }
    Candidates {
        best: scan.best.finish(),
        total: scan.work.entries_passed,
        work: scan.work,
    }
}

/// A scan over all documents.
struct Scan<'a> {
    filter: Option<&'a BitSet>,
    matches: Option<&'a mut BitSet>,
    best: Best<'a>,
    work: Work,
    window: Window,
}

impl Scan<'_> {
    fn part(&mut self, part: &mut Part<'_>) {
        let mut scored_to = 0;
        let mut start = 0;
        while start < part.documents {
            let end = start.saturating_add(WINDOW as DocId).min(part.documents);
            match self.filter {
                // Of few documents, each is a window of its own: the postings between them are passed over unread.
                Some(filter) if self.matches.is_none() => {
                    let few = filter.few(part.base + start, part.base + end, FEW);
                    match few {
                        Some(documents) => documents.iter().for_each(|document| {
                            let document = document - part.base;
                            self.score(part, document, document + 1, &mut scored_to);
                        }),
                        None => self.score(part, start, end, &mut scored_to),
                    }
                }
                _ => self.score(part, start, end, &mut scored_to),
            }
            start = end;
        }
    }

    /// Scores the documents from `start` to `end`, all those before `scored_to` being passed.
    fn score(&mut self, part: &mut Part<'_>, start: DocId, end: DocId, scored_to: &mut DocId) {
        let mut is_touched = false;
        for term in &mut part.terms {
            if *scored_to < start {
                term.skip_to(start, &mut self.work);
            }
            is_touched |= term.add_window(start, end, &mut self.window, &mut self.work);
        }
        *scored_to = end;
        if is_touched {
            self.collect(part.base + start, (end - start) as usize);
        }
    }

    /// Takes what a window of `count` documents from `first` on has scored.
    fn collect(&mut self, first: DocId, count: usize) {
        let chunks = self.window.scores[..count].chunks_mut(CHUNK);
        for ((place, scores), has_scores) in chunks.enumerate().zip(&mut self.window.has_scores) {
            if !std::mem::take(has_scores) {
                continue;
            }
            let first = first + (CHUNK * place) as DocId;
            let passing = self.filter.map(|filter| filter.bits_from(first));
            if passing != Some(0) || self.matches.is_some() {
                let (scored, highest) = scored(scores);
                if let Some(matches) = self.matches.as_deref_mut() {
                    matches.insert_bits(first, scored);
                }
                let mut hits = scored & passing.unwrap_or(u64::MAX);
                self.work.entries_matched += u64::from(scored.count_ones());
                self.work.entries_passed += u64::from(hits.count_ones());
                while highest >= self.best.floor && hits != 0 {
                    let place = hits.trailing_zeros();
                    hits &= hits - 1;
                    let score = scores[place as usize];
                    if score >= self.best.floor {
                        let document = first + place;
                        self.best.push(Scored { score, document });
                    }
                }
            }
            scores.fill(0.0);
        }
    }
}

impl TermPostings<'_> {
    /// Returns what the term adds to the score of a document that has it so often.
    pub(crate) fn score(&self, document: DocId, frequency: u32) -> f32 {
        let saturation = |lengths: &FieldLengths| lengths.saturate(document, frequency);
        self.weight * self.lengths.map_or(1.0, saturation)
    }

    /// Passes over the postings before `start`.
    fn skip_to(&mut self, start: DocId, work: &mut Work) {
        self.postings.skip_to(start, work);
        for alternative in &mut self.alternatives {
            alternative.skip_to(start, work);
        }
    }

    /// Adds the scores of the documents from `start` to `end` to a window; returns whether there were any.
    fn add_window(
        &mut self,
        start: DocId,
        end: DocId,
        window: &mut Window,
        work: &mut Work,
    ) -> bool {
        if self.alternatives.is_empty() {
            let (weight, lengths) = (self.weight, self.lengths);
            return self.postings.visit(end, work, |documents, frequencies| {
                window.add(start, weight, lengths, documents, frequencies);
            });
        }
        self.keep_best(start, end, window, work);
        for alternative in &mut self.alternatives {
            alternative.keep_best(start, end, window, work);
        }
        window.add_best()
    }

    /// Keeps the scores of the documents from `start` to `end` that are the best of a term and its alternatives.
    fn keep_best(&mut self, start: DocId, end: DocId, window: &mut Window, work: &mut Work) {
        let (weight, lengths) = (self.weight, self.lengths);
        self.postings.visit(end, work, |documents, frequencies| {
            window.keep_best(start, weight, lengths, documents, frequencies);
        });
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

#[cfg(test)]
mod tests;
