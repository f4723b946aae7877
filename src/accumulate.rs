//! Phase 1 of ranking: postings of query terms are scored, window by window, into an array.
//!
//! Scores are exact BM25 with our own k1, b, field and term weights; totals are exact; filters cost one test per match. What a
//! term can add at most is known, so that the terms of the most postings need not be scored once many documents are better
//! than those with nothing else: they are counted, at half the cost or from bits that say which documents have them, and looked
//! up where it matters. Of one word alone the best documents may be known, and nothing is scored but those.

mod best;
mod bitset;
mod lengths;
mod postings;
mod window;

use std::cmp::Ordering;

use tantivy::DocId;

use crate::idle::Idle;
use crate::work::Work;

use best::Best;
pub(crate) use best::{Scored, order};
pub(crate) use bitset::{BitSet, has_document};
pub(crate) use lengths::{FieldLengths, lengths};
pub(crate) use postings::Postings;
pub(crate) use window::{CHUNK, Window};
use window::{Scoring, WINDOW, highest};

/// When no more documents of a window pass the filter, they are looked up one by one. A look-up decodes a block at most, a
/// window of a frequent word has 64 of them.
const FEW: usize = 16;

/// So many scores of a chunk are looked at one by one; of more, the highest is told first.
const LOOKED_AT: u32 = 6;

/// A look-up costs as much as scoring so many postings in a row.
pub(crate) const LOOK_UP_COST: u64 = 16;

/// For so many windows, a term that was looked up too often is scored instead.
const SCORED_WINDOWS: u32 = 8;

/// What a sum of bounds may be short of the sum of scores below them: many times what rounding takes.
pub(crate) const ROUNDING: f32 = 1.000_01;

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
#[derive(Clone)]
pub(crate) struct TermPostings<'a> {
    /// Its postings, at their beginning.
    pub(crate) postings: Postings<'a>,
    /// The lengths of its field; without them every posting adds the whole weight.
    pub(crate) lengths: Option<&'a FieldLengths>,
    /// What a posting can add at most: idf · (k1 + 1) · every weight.
    pub(crate) weight: f32,
    /// How many documents of the index have it, or what stands for it, roughly: what has the most is scored last.
    pub(crate) entries: u64,
    /// What stands for the term: of it and all of these, a document is scored by the one that gives the most.
    pub(crate) alternatives: Vec<TermPostings<'a>>,
    /// The postings once more, for counting documents that the term alone takes nowhere. Without them every posting is scored,
    /// which is as good where none of the terms is frequent.
    pub(crate) counted: Option<Postings<'a>>,
    /// Whether each of its documents has another of the terms, which counts it: those with a word in the title have it anywhere.
    pub(crate) is_covered: bool,
    /// Which documents of the segment have it, a bit each in little-endian words; known of terms that many have.
    pub(crate) documents: Option<&'a [[u8; 8]]>,
}

/// The terms of a query in one segment.
pub(crate) struct Part<'a> {
    /// The number of the segment's first document among those of all.
    pub(crate) base: DocId,
    /// How many documents the segment has.
    pub(crate) documents: DocId,
    /// The terms, with postings of that segment.
    pub(crate) terms: Vec<TermPostings<'a>>,
    /// How many documents have a term, where that is known beforehand.
    pub(crate) matching: Option<u64>,
    /// The documents that score the most, first the fewest, where they are known beforehand.
    pub(crate) best: Vec<KnownBest>,
    /// What it took to know that.
    pub(crate) work: Work,
}

/// The documents of a segment that score the most for a word.
#[derive(Debug, Clone)]
pub(crate) struct KnownBest {
    /// Their numbers in order.
    pub(crate) documents: Vec<DocId>,
    /// What every other document scores at most.
    pub(crate) others: f32,
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
/// not. The scores are added up in one of `windows`.
pub(crate) fn accumulate(
    parts: &mut [Part<'_>],
    filter: Option<&BitSet>,
    keep: usize,
    tie: &dyn Fn(DocId, DocId) -> Ordering,
    matches: Option<&mut BitSet>,
    windows: &Idle<Window>,
) -> Candidates {
    let mut scan = Scan {
        filter,
        matches,
        best: Best::new(keep, tie),
        work: Work::default(),
        window: windows.take_or(Window::new),
    };
    for part in parts {
        scan.part(part);
    }
    debug_assert!(scan.window.is_blank());
    windows.keep(scan.window);
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
        let (base, mut documents) = (part.base, part.documents);
        let known = std::mem::take(&mut part.best);
        self.work += part.work;
        let mut terms = Terms::new(part);
        if self.filter.is_some() || self.matches.is_some() {
            terms.matching = None;
        }
        if self.filter.is_none() && known.iter().any(|known| self.takes(&terms, known)) {
            match terms.matching {
                Some(_) => documents = 0,
                None => terms.is_taken = true,
            }
        }
        let mut start = 0;
        while start < documents {
            let end = start.saturating_add(WINDOW as DocId).min(documents);
            let few = match self.filter {
                Some(filter) if self.matches.is_none() => filter.few(base + start, base + end, FEW),
                _ => None,
            };
            match few {
                // Of few documents, each is a window of its own: the postings between them are passed over unread.
                Some(documents) => {
                    terms.scored = terms.all.len();
                    for document in documents {
                        let document = document - base;
                        self.score(&mut terms, document, document + 1);
                    }
                }
                None => {
                    terms.split(self.best.floor);
                    self.score(&mut terms, start, end);
                }
            }
            start = end;
        }
        let matching = terms.matching.unwrap_or(0);
        self.work.entries_matched += matching;
        self.work.entries_passed += matching;
    }

    /// Takes the documents that are known to score the most for a word, if no other can be among the best: then the others are
    /// only to be counted.
    fn takes(&mut self, terms: &Terms<'_, '_>, known: &KnownBest) -> bool {
        if known.documents.len() <= self.best.keep {
            return false;
        }
        let tried = Best::new(self.best.keep, self.best.tie);
        let former = std::mem::replace(&mut self.best, tried);
        let mut all = terms.all.to_vec();
        for document in known.documents.iter().copied() {
            let mut score = 0.0;
            for term in &mut all {
                score += term.look_up(document, &mut self.work);
            }
            // One without a score is none of the segment's: a bit of the list has changed.
            if score > 0.0 {
                let document = terms.base + document;
                self.best.push(Scored { score, document });
            }
        }
        self.best.cut();
        let tried = std::mem::replace(&mut self.best, former);
        let floor = tried.floor.max(self.best.floor);
        let is_countable =
            terms.matching.is_some() || terms.all.iter().all(TermPostings::is_countable);
        let is_enough = is_countable && floor > known.others * ROUNDING;
        if is_enough {
            let wanted = tried.scored.into_iter();
            wanted.for_each(|scored| self.best.push(scored));
        } else {
            // So much is known of what others must score.
            self.best.floor = floor;
        }
        is_enough
    }

    /// Scores the documents from `start` to `end` as far as they may be among the best, and counts them.
    fn score(&mut self, terms: &mut Terms<'_, '_>, start: DocId, end: DocId) {
        let mut is_touched = false;
        let (scored, counted) = terms.all.split_at_mut(terms.scored);
        for term in scored {
            term.skip_to(start, &mut self.work);
            is_touched |= term.add_window(start, end, &mut self.window, &mut self.work);
        }
        if terms.matching.is_none() {
            for term in counted {
                is_touched |= term.count(start, end, &mut self.window, &mut self.work);
            }
        }
        if is_touched {
            self.collect(terms, start, end);
        }
    }

    /// Takes what a window has scored and counted.
    fn collect(&mut self, terms: &mut Terms<'_, '_>, start: DocId, end: DocId) {
        let rest = terms.most_of_counted();
        let chunks = (end - start).div_ceil(CHUNK as DocId) as usize;
        for place in 0..chunks {
            let scored = std::mem::take(&mut self.window.scored[place]);
            let matching = scored | std::mem::take(&mut self.window.counted[place]);
            if matching == 0 {
                continue;
            }
            let scores = self.window.chunk(place);
            let first = terms.base + start + (CHUNK * place) as DocId;
            let passing = self.filter.map(|filter| filter.bits_from(first));
            let passing = passing.unwrap_or(u64::MAX);
            if let Some(matches) = self.matches.as_deref_mut() {
                matches.insert_bits(first, matching);
            }
            if terms.matching.is_none() && (passing != 0 || self.matches.is_some()) {
                self.work.entries_matched += u64::from(matching.count_ones());
                self.work.entries_passed += u64::from((matching & passing).count_ones());
            }
            let mut hits = scored & passing;
            if hits.count_ones() > LOOKED_AT
                && (highest(scores) + rest) * ROUNDING < self.best.floor
            {
                hits = 0;
            }
            while hits != 0 {
                let place = hits.trailing_zeros();
                hits &= hits - 1;
                let (document, score) = (first + place, scores[place as usize]);
                if (score + rest) * ROUNDING < self.best.floor {
                    continue;
                }
                let floor = self.best.floor;
                if let Some(score) = terms.whole_score(document, score, floor, &mut self.work) {
                    self.best.push(Scored { score, document });
                }
            }
            if scored != 0 {
                scores.fill(0.0);
            }
        }
    }
}

/// The terms of a segment, those that most documents have last: they cost the most and tell the least.
struct Terms<'t, 'a> {
    all: &'t mut [TermPostings<'a>],
    /// What the terms from each on can add at most, and 0 behind the last.
    most: Vec<f32>,
    /// So many terms are scored in every document that has them. The others together take no document among the best: what
    /// has only those is counted, and they are looked up where one of the first brings a document near enough.
    scored: usize,
    /// Those of each term.
    look_ups: Vec<LookUps>,
    /// How many documents have a term, where they need not be counted.
    matching: Option<u64>,
    /// Whether the best documents are taken already, and all are only counted.
    is_taken: bool,
    base: DocId,
}

/// How often a term is looked up.
struct LookUps {
    /// So often in this window.
    count: u64,
    /// No more often than this, where it is worth it.
    worth: u64,
    /// For so many windows not at all, since it was more often.
    none_for: u32,
}

impl<'t, 'a> Terms<'t, 'a> {
    fn new(part: &'t mut Part<'a>) -> Self {
        // By what is the same in every segment, so that the scores of a document add up to the same in whichever way.
        part.terms.sort_by_key(|term| term.entries);
        let mut most = vec![0.0; part.terms.len() + 1];
        for (place, term) in part.terms.iter().enumerate().rev() {
            most[place] = most[place + 1] + term.most();
        }
        let windows = u64::from(part.documents).div_ceil(WINDOW as u64).max(1);
        let look_ups = part.terms.iter().map(|term| LookUps {
            count: 0,
            worth: term.documents() / windows / LOOK_UP_COST,
            none_for: 0,
        });
        Terms {
            scored: part.terms.len(),
            look_ups: look_ups.collect(),
            all: &mut part.terms,
            most,
            matching: part.matching,
            is_taken: false,
            base: part.base,
        }
    }

    /// Leaves as many terms to be counted in the next window as cannot reach a score together, and are not looked up for so
    /// many documents that scoring them were cheaper.
    fn split(&mut self, floor: f32) {
        if self.is_taken {
            self.scored = 0;
            return;
        }
        self.scored = self.all.len();
        let mut is_counted = true;
        for (place, look_ups) in self.look_ups.iter_mut().enumerate().rev() {
            if std::mem::take(&mut look_ups.count) > look_ups.worth {
                look_ups.none_for = SCORED_WINDOWS;
            }
            let is_scored = look_ups.none_for > 0;
            look_ups.none_for = look_ups.none_for.saturating_sub(1);
            is_counted &= !is_scored
                && self.most[place] * ROUNDING < floor
                && self.all[place].counted.is_some();
            if is_counted {
                self.scored = place;
            }
        }
    }

    fn most_of_counted(&self) -> f32 {
        self.most[self.scored]
    }

    /// Returns the score of a document with what the terms add that are only counted; `None` where it is below `floor`.
    fn whole_score(
        &mut self,
        document: DocId,
        mut score: f32,
        floor: f32,
        work: &mut Work,
    ) -> Option<f32> {
        for place in self.scored..self.all.len() {
            if (score + self.most[place]) * ROUNDING < floor {
                return None;
            }
            self.look_ups[place].count += 1;
            score += self.all[place].look_up(document - self.base, work);
        }
        (score >= floor).then_some(score)
    }
}

impl TermPostings<'_> {
    /// Returns how many documents of the segment have the term or what stands for it; those that have both count twice.
    fn documents(&self) -> u64 {
        let alternatives = self.alternatives.iter().map(TermPostings::documents);
        self.postings.documents() + alternatives.sum::<u64>()
    }

    /// Returns what the term adds to the score of a document that has it so often.
    pub(crate) fn score(&self, document: DocId, frequency: u32) -> f32 {
        let saturation = |lengths: &FieldLengths| lengths.saturate(document, frequency);
        self.weight * self.lengths.map_or(1.0, saturation)
    }

    /// Returns what the term, or what stands for it, adds to a score at most.
    fn most(&self) -> f32 {
        let alternatives = self.alternatives.iter().map(|other| other.weight);
        alternatives.fold(self.weight, f32::max)
    }

    /// Returns what the term, or what stands for it, adds to a document's score. Goes forwards only.
    fn look_up(&mut self, document: DocId, work: &mut Work) -> f32 {
        let mut score = 0.0;
        if self.may_have(document)
            && let Some(frequency) = self.postings.frequency(document, work)
        {
            work.postings_scored += 1;
            score = self.score(document, frequency);
        }
        for other in &mut self.alternatives {
            if other.weight > score {
                score = score.max(other.look_up(document, work));
            }
        }
        score
    }

    /// Returns whether a document has the term, as far as that is known without its postings.
    fn may_have(&self, document: DocId) -> bool {
        let has = |documents| has_document(documents, document);
        self.documents.is_none_or(has)
    }

    /// Returns whether its documents can be counted without their scores.
    fn is_countable(&self) -> bool {
        let is_known = self.documents.is_some() || self.counted.is_some();
        let mut alternatives = self.alternatives.iter();
        self.is_covered || is_known && alternatives.all(TermPostings::is_countable)
    }

    /// Passes over the postings before `start`.
    fn skip_to(&mut self, start: DocId, work: &mut Work) {
        self.postings.skip_to(start, work);
        for alternative in &mut self.alternatives {
            alternative.skip_to(start, work);
        }
    }

    /// Adds the documents from `start` to `end` to those that a window counts; returns whether there were any.
    fn count(&mut self, start: DocId, end: DocId, window: &mut Window, work: &mut Work) -> bool {
        if self.is_covered {
            return false;
        }
        let mut is_touched = false;
        if let Some(documents) = self.documents {
            is_touched = window.count_words(start, end, documents);
        } else if let Some(counted) = &mut self.counted {
            counted.skip_to(start, work);
            let count = |documents: &[DocId], _: &[u32]| window.count(start, documents);
            is_touched = counted.visit(end, work, count) > 0;
        }
        for alternative in &mut self.alternatives {
            is_touched |= alternative.count(start, end, window, work);
        }
        is_touched
    }

    /// Adds the scores of the documents from `start` to `end` to a window; returns whether there were any.
    fn add_window(
        &mut self,
        start: DocId,
        end: DocId,
        window: &mut Window,
        work: &mut Work,
    ) -> bool {
        for alternative in &mut self.alternatives {
            alternative.keep_best(start, end, window, work);
        }
        let (weight, lengths) = (self.weight, self.lengths);
        let has_kept = window.has_kept();
        // Of one document alone, the bits of its neighbours are not asked for.
        let is_marked = self.documents.is_some_and(|documents| {
            let is_known = !has_kept && end - start > 1;
            if is_known {
                window.mark(start, end, documents);
            }
            is_known
        });
        let visit = |documents: &[DocId], frequencies: &[u32]| {
            let scoring = Scoring {
                start,
                weight,
                lengths,
                documents,
                frequencies,
            };
            if has_kept {
                window.add_better(scoring);
            } else if is_marked {
                window.add_marked(scoring);
            } else {
                window.add(scoring);
            }
        };
        let scored = self.postings.visit(end, work, visit);
        work.postings_scored += scored;
        if has_kept {
            window.add_best();
        }
        has_kept || scored > 0
    }

    /// Keeps the scores of the documents from `start` to `end`, where they are the best of what stands for a term.
    fn keep_best(&mut self, start: DocId, end: DocId, window: &mut Window, work: &mut Work) {
        let (weight, lengths) = (self.weight, self.lengths);
        work.postings_scored += self.postings.visit(end, work, |documents, frequencies| {
            window.keep_best(Scoring {
                start,
                weight,
                lengths,
                documents,
                frequencies,
            });
        });
    }
}

#[cfg(test)]
mod tests;
