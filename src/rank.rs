//! Phase 2 of ranking: the best candidates are scored again by what a sum over terms cannot see.
//!
//! final = lexical · (1 − share + share · coverage) + exactness + proximity, where the score of phase 1 is *lexical* and what
//! exactness adds for names that stand there whole.

pub(crate) mod exactness;

use tantivy::DocId;
use tantivy::postings::{Postings, SegmentPostings};

use crate::accumulate::Scored;
use crate::work::Work;
use exactness::{RankedName, Steps, go_to};

/// How many candidates of phase 1 may be scored again, as far as they can end among the hits. On the judged sets, 98 of 100 entries that end among the first ten
/// come from the first hundred.
pub(crate) const CANDIDATES: usize = 200;
/// A longer query is judged by its heaviest words alone: what is near what in a pasted page says little, and the cost
/// of this phase stays bounded.
const MAX_WORDS: usize = 48;

/// How much of the score of a query of one or two words hangs on having all of them. `weakref cache` wants both; of
/// nine words of a question some are always missing, so the share falls with their number. On the judged sets, which
/// are mostly long questions, this is worth +.001 nDCG@10, a constant share −.003.
const COVERAGE_SHARE: f32 = 0.6;
/// The number of words up to which coverage has its whole share.
const COVERAGE_WORDS: f32 = 2.0;

/// What two neighbouring words of the query add when they are neighbours in the text, as a part of the lighter one's
/// weight: +.002 to +.008 nDCG@10 on sets with code, nothing elsewhere. Twice as much loses on two sets.
const PROXIMITY_WEIGHT: f32 = 0.5;
/// Words further apart than this are not near. The best of 4 to 16, by little.
const PROXIMITY_WINDOW: i64 = 8;

/// A word of the query with its postings in the field of all text.
pub(crate) struct RankedWord<'a> {
    /// What it counts: its rarity times its weight in the query. 0 for a word that no entry has.
    pub(crate) weight: f32,
    /// Its place in the query, in words.
    pub(crate) place: usize,
    /// Where its terms stand: the whole name before its parts, and what stands for it behind them.
    pub(crate) terms: Vec<PlacedTerm<'a>>,
    /// What tells how exactly a document has it; for names only.
    pub(crate) name: Option<RankedName>,
}

/// Where a term stands, document by document.
pub(crate) enum PlacedTerm<'a> {
    /// As the index has it.
    Indexed(Box<SegmentPostings>),
    /// As a phrase was found.
    Listed {
        /// The documents that are left, in order.
        documents: &'a [DocId],
        /// How often each has it.
        frequencies: &'a [u32],
        /// Where, document by document.
        places: &'a [u32],
    },
}

impl PlacedTerm<'_> {
    /// Reads where the term stands in a document, which is not before the one of the last call; returns whether it does.
    fn read(&mut self, document: DocId, positions: &mut Vec<u32>) -> bool {
        match self {
            PlacedTerm::Indexed(postings) => {
                let is_there = go_to(postings, document) == document;
                if is_there {
                    postings.positions(positions);
                }
                is_there
            }
            PlacedTerm::Listed {
                documents,
                frequencies,
                places,
            } => {
                let passed = documents.partition_point(|id| *id < document);
                let count = |frequencies: &[u32]| -> usize {
                    frequencies.iter().map(|times| *times as usize).sum()
                };
                *places = &places[count(&frequencies[..passed])..];
                *documents = &documents[passed..];
                *frequencies = &frequencies[passed..];
                let is_there = documents.first() == Some(&document);
                if is_there {
                    positions.extend_from_slice(&places[..frequencies[0] as usize]);
                }
                is_there
            }
        }
    }
}

/// A candidate with the signals of this phase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ranked {
    /// The document and its final score.
    pub(crate) scored: Scored,
    /// The share of the query's words that it has, by weight, from 0 to 1.
    pub(crate) coverage: f32,
    /// What the words that it lacks took from its score: 0 or less.
    pub(crate) coverage_score: f32,
    /// What its names added by how exactly it has them: 0 or more.
    pub(crate) exactness_score: f32,
    /// What words that stand together added: 0 or more.
    pub(crate) proximity_score: f32,
    /// What it has gained for the plain phrases of the query as they were typed: 0 or more.
    pub(crate) preferred_score: f32,
}

impl Ranked {
    /// Returns a candidate with the score of phase 1.
    pub(crate) fn unchanged(scored: Scored) -> Self {
        Ranked {
            scored,
            coverage: 1.0,
            coverage_score: 0.0,
            exactness_score: 0.0,
            proximity_score: 0.0,
            preferred_score: 0.0,
        }
    }
}

/// How much a name gains by its rung in a query of other words, as parts of the most that its terms add to a score: as typed,
/// in other style, its parts in order. On the judged sets, whose names are few and often not what is asked, this is worth
/// +.002 nDCG@10 on two sets and −.002 on two; twice as much loses .001 on the mean.
const STEPS: [f32; 3] = [0.6, 0.5, 0.2];
/// Up to so many words that say what is asked, names have their whole steps; of more words, the share falls with the square of
/// their number. With the number itself it loses .001 on the mean, without a fall .009.
const STEP_WORDS: f32 = 2.0;

/// Returns the most that a score can be without exactness, from the most that phase 1 adds and the words' weights.
pub(crate) fn most(lexical: f32, weights: &[f32]) -> f32 {
    lexical + PROXIMITY_WEIGHT * weights.iter().sum::<f32>()
}

/// Returns what the rungs of a name add that nothing else is asked beside. Whoever asks for one name wants it before
/// anything else, whatever the rest adds up to.
pub(crate) fn steps_alone(most: f32) -> Steps {
    Steps::of_unit([3.0, 2.0, 1.0], most)
}

/// Returns what the rungs of a name add beside other words. `own` is the most that its terms add in the field of all text.
pub(crate) fn steps_beside(own: f32, content_words: usize) -> Steps {
    let share = (STEP_WORDS / content_words as f32).min(1.0);
    Steps::of_unit(STEPS, own * share * share)
}

/// Returns the most that this phase adds to the score of any candidate.
pub(crate) fn most_added(words: &[RankedWord<'_>]) -> f32 {
    let steps = words.iter().filter_map(|word| word.name.as_ref());
    let steps = steps.map(|name| name.steps.most()).sum::<f32>();
    let weights = words.iter().map(|word| word.weight);
    let near: f32 = match words.len() <= MAX_WORDS {
        true => words
            .windows(2)
            .map(|pair| pair[0].weight.min(pair[1].weight))
            .sum(),
        // Which of them are neighbours is told later.
        false => weights.sum(),
    };
    steps + PROXIMITY_WEIGHT * near
}

/// Returns the candidates with their final scores, in the order in which they came. Reads each term's positions in
/// those documents only.
pub(crate) fn rerank(
    candidates: &[Scored],
    mut words: Vec<RankedWord<'_>>,
    work: &mut Work,
) -> Vec<Ranked> {
    if words.len() > MAX_WORDS {
        words.sort_by(|left, right| {
            right
                .weight
                .total_cmp(&left.weight)
                .then(left.place.cmp(&right.place))
        });
        words.truncate(MAX_WORDS);
        words.sort_by_key(|word| word.place);
    }
    let total: f32 = words.iter().map(|word| word.weight).sum();
    let known = words.iter().filter(|word| word.weight > 0.0).count();
    let share = COVERAGE_SHARE * (COVERAGE_WORDS / known.max(1) as f32).min(1.0);
    let mut ranked: Vec<Ranked> = candidates
        .iter()
        .map(|scored| Ranked::unchanged(*scored))
        .collect();
    // Postings go forwards only.
    let mut by_document: Vec<usize> = (0..ranked.len()).collect();
    by_document.sort_unstable_by_key(|place| ranked[*place].scored.document);
    let mut positions: Vec<Vec<u32>> = vec![Vec::new(); words.len()];
    for place in by_document {
        let candidate = &mut ranked[place];
        let mut covered = 0.0;
        let mut lexical = candidate.scored.score;
        for (word, positions) in words.iter_mut().zip(&mut positions) {
            if read_positions(word, candidate.scored.document, positions) {
                covered += word.weight;
                work.positions_read += positions.len() as u64;
            }
            if let Some(name) = &mut word.name {
                let rung = name.rung(candidate.scored.document);
                let gain = name.steps.of(rung);
                candidate.exactness_score += gain;
                if rung <= name.lowest_seen {
                    lexical -= gain;
                }
            }
        }
        candidate.coverage = if total > 0.0 { covered / total } else { 1.0 };
        candidate.coverage_score = -lexical * share * (1.0 - candidate.coverage);
        candidate.proximity_score = PROXIMITY_WEIGHT * proximity(&words, &positions);
        candidate.scored.score = lexical
            + candidate.coverage_score
            + candidate.exactness_score
            + candidate.proximity_score;
    }
    let names = words.iter().filter_map(|word| word.name.as_ref());
    work.positions_read += names.map(|name| name.positions_read).sum::<u64>();
    work.candidates_reranked += ranked.len() as u64;
    ranked
}

/// Reads where a word stands in a document; returns whether it does.
fn read_positions(word: &mut RankedWord<'_>, document: DocId, positions: &mut Vec<u32>) -> bool {
    positions.clear();
    let mut terms = word.terms.iter_mut();
    terms.any(|term| term.read(document, positions))
}

/// Returns the weights of neighbouring pairs of words, each divided by one more than how far they are out of place.
fn proximity(words: &[RankedWord<'_>], positions: &[Vec<u32>]) -> f32 {
    let mut sum = 0.0;
    for (pair, places) in words.windows(2).zip(positions.windows(2)) {
        let apart = (pair[1].place as i64 - pair[0].place as i64).clamp(1, PROXIMITY_WINDOW);
        if let Some(displaced) = displacement(&places[0], &places[1], apart) {
            sum += pair[0].weight.min(pair[1].weight) / (1.0 + displaced as f32);
        }
    }
    sum
}

/// Returns by how many places two words miss standing `apart` places from one another, in order, at best; standing in
/// the other order counts as one more. `None` when they are nowhere near.
fn displacement(first: &[u32], second: &[u32], apart: i64) -> Option<i64> {
    let in_order = nearest_behind(first, second).map(|distance| (distance - apart).max(0));
    let reversed = nearest_behind(second, first).map(|distance| distance + 1);
    in_order
        .into_iter()
        .chain(reversed)
        .min()
        .filter(|displaced| *displaced < PROXIMITY_WINDOW)
}

/// Returns the smallest distance from a place of `first` to a later place of `second`; both are sorted.
fn nearest_behind(first: &[u32], second: &[u32]) -> Option<i64> {
    let mut behind = 0;
    let mut nearest: Option<i64> = None;
    for place in first {
        while second.get(behind).is_some_and(|later| later <= place) {
            behind += 1;
        }
        let Some(later) = second.get(behind) else {
            break;
        };
        let distance = i64::from(*later) - i64::from(*place);
        nearest = Some(nearest.map_or(distance, |nearest| nearest.min(distance)));
        if nearest == Some(1) {
            return nearest;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_stand_as_in_the_query_are_not_displaced() {
        for (first, second, apart, expected) in [
            (&[3][..], &[4][..], 1, Some(0)),
            (&[3], &[5], 2, Some(0)),
            (&[3], &[6], 1, Some(2)),
            (&[4], &[3], 1, Some(2)),
            (&[1, 50], &[20, 51, 90], 1, Some(0)),
            (&[1, 99], &[2], 1, Some(0)),
            (&[1], &[20], 1, None),
            (&[5], &[5], 1, None),
            (&[], &[5], 1, None),
        ] {
            assert_eq!(
                displacement(first, second, apart),
                expected,
                "{first:?} {second:?} {apart}"
            );
        }
    }
}
