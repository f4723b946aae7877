//! The documents that score the most for one word, where they are known without scoring all that have it.
//!
//! The index knows the best documents of a word that many have. With what stands for it, whoever has something seldom is looked at as
//! well, and of what remains no document scores more than the bounds of its words say.

use tantivy::schema::IndexRecordOption;

use super::{ALL, FoundTerm, Places, TITLE, TermTable};
use crate::accumulate::{KnownBest, LOOK_UP_COST, TermPostings};
use crate::query::compile::TITLE_WEIGHT;
use crate::work::Work;

/// What is known of the word that is asked for in a segment.
#[derive(Default)]
pub(super) struct Known {
    /// Its best documents, first the fewest.
    pub(super) best: Vec<KnownBest>,
    /// How many documents have it, or what stands for it.
    pub(super) matching: Option<u64>,
}

/// The word, or what stands for it, as many documents have it.
struct Frequent<'t> {
    term: &'t FoundTerm,
    /// What it adds in a title at most; 0 when it stands in none.
    in_title: f32,
    /// What every document scores that is none of its best: for each of the lists.
    others: [f32; 2],
}

impl Frequent<'_> {
    /// Returns the most that a document scores that is among the best of neither, with this in its text and the other in its
    /// title.
    fn beside(&self, other: &Self, list: usize) -> f32 {
        if std::ptr::eq(self, other) {
            return self.others[list];
        }
        let in_text = self.term.weight.min(self.others[list]);
        in_text + other.in_title.min(other.others[list])
    }
}

impl TermTable<'_> {
    /// Returns what is known of the word of a query that has no other, from its postings.
    pub(super) fn known(
        &self,
        segment: usize,
        terms: &[TermPostings<'_>],
    ) -> tantivy::Result<Known> {
        let Some((anywhere, others)) = self.terms.split_first() else {
            return Ok(Known::default());
        };
        if self.weights.len() != 1 || anywhere.field != ALL {
            return Ok(Known::default());
        }
        let is_in_title = |other: &FoundTerm| other.field == TITLE && other.name == anywhere.name;
        let is_alone = terms.len() == self.terms.len() && others.iter().all(is_in_title);
        let averages = [ALL, TITLE].map(|field| self.fields[field].average);
        let index = &self.fields[ALL].index;
        let (mut frequent, mut lists) = (Vec::new(), [Vec::new(), Vec::new()]);
        let mut few: Vec<u32> = Vec::new();
        let mut is_known = is_alone;
        for term in std::iter::once(anywhere).chain(&anywhere.alternatives) {
            let best = match &term.places {
                Places::Indexed(found) => index.best(found, segment, averages),
                Places::Phrase(_) | Places::None => None,
            };
            if let Some(best) = best {
                let titles = self.in_title(term);
                // In titles it counts as it did when the best were told.
                is_known &= titles.is_none_or(|weight| weight == TITLE_WEIGHT * term.weight);
                for (list, best) in lists.iter_mut().zip(&best) {
                    let documents = best.documents.iter();
                    list.extend(documents.map(|document| u32::from_le_bytes(*document)));
                }
                frequent.push(Frequent {
                    term,
                    in_title: titles.unwrap_or(0.0),
                    others: best.map(|best| term.weight * best.others),
                });
            } else {
                let mut postings = self.read(term, segment, IndexRecordOption::WithFreqs)?;
                is_known &=
                    (few.len() as u64 + postings.documents()) * LOOK_UP_COST <= anywhere.entries();
                if is_known {
                    postings.visit(u32::MAX, &mut Work::default(), |documents, _| {
                        few.extend_from_slice(documents);
                    });
                }
            }
        }
        if frequent.is_empty() {
            return Ok(Known::default());
        }
        let best = lists.into_iter().enumerate().map(|(list, mut documents)| {
            documents.extend_from_slice(&few);
            documents.sort_unstable();
            documents.dedup();
            let pairs = frequent.iter().flat_map(|term| {
                let others = frequent.iter();
                others.map(move |other| term.beside(other, list))
            });
            KnownBest {
                documents,
                others: match is_known {
                    true => pairs.fold(0.0, f32::max),
                    // What else there is to the word may make others better.
                    false => f32::INFINITY,
                },
            }
        });
        // The fewest tell what others must score as well as many.
        let best = best.take(if is_known { 2 } else { 1 }).collect();
        let matching = match frequent.as_slice() {
            [only] if is_known && self.segments.living().is_none() => {
                few.sort_unstable();
                few.dedup();
                Some(self.with_or_among(only.term, &few, segment)?)
            }
            _ => None,
        };
        Ok(Known { best, matching })
    }

    /// Returns what a term of all text adds in titles at most; `None` when it stands in none.
    fn in_title(&self, term: &FoundTerm) -> Option<f32> {
        let titles = self.terms.iter().filter(|other| other.field == TITLE);
        let mut titles = titles.flat_map(|title| std::iter::once(title).chain(&title.alternatives));
        let title = titles.find(|title| title.name == term.name)?;
        Some(title.weight)
    }

    /// Returns how many documents of a segment have a term or are among others, which are in order.
    fn with_or_among(
        &self,
        term: &FoundTerm,
        others: &[u32],
        segment: usize,
    ) -> tantivy::Result<u64> {
        let mut postings = self.read(term, segment, IndexRecordOption::WithFreqs)?;
        let with = postings.documents();
        let is_without = |document: &&u32| {
            let frequency = postings.frequency(**document, &mut Work::default());
            frequency.is_none()
        };
        Ok(with + others.iter().filter(is_without).count() as u64)
    }
}
