//! The documents that score the most for one word, where they are known without scoring all that have it.
//!
//! The index knows the best documents of a word that many have. With what stands for it, whoever has something seldom is looked at as
//! well, and whoever has one of two words in its title and the other in its text, where both together may be enough. Of what remains no
//! document scores more than the bounds of its words say.

use tantivy::DocId;
use tantivy::schema::IndexRecordOption;

use super::{ALL, FoundTerm, Places, TITLE, TermTable};
use crate::accumulate::{KnownBest, LOOK_UP_COST, ROUNDING, TermPostings, has_document};
use crate::query::compile::TITLE_WEIGHT;
use crate::work::Work;

/// What is known of the word that is asked for in a segment.
#[derive(Default)]
pub(super) struct Known {
    /// Its best documents, first the fewest.
    pub(super) best: Vec<KnownBest>,
    /// How many documents have it, or what stands for it.
    pub(super) matching: Option<u64>,
    /// What it took to find that out.
    pub(super) work: Work,
}

/// The word, or what stands for it, as many documents have it.
struct Frequent<'t> {
    term: &'t FoundTerm,
    /// The same in titles, where it stands in some.
    title: Option<&'t FoundTerm>,
    /// Which documents have it, a bit each, where that is known.
    documents: Option<&'t [[u8; 8]]>,
    /// What every document scores that is none of its best: for each of the lists.
    others: [f32; 2],
}

impl Frequent<'_> {
    /// Returns the most that this adds in the text of a document that is none of its best.
    fn in_text(&self, list: usize) -> f32 {
        self.term.weight.min(self.others[list])
    }

    /// Returns the most that a document scores that is among the best of neither, with this in its text and the other in its
    /// title.
    fn beside(&self, other: &Self, list: usize) -> f32 {
        if std::ptr::eq(self, other) {
            return self.others[list];
        }
        let in_title = other.title.map_or(0.0, |title| title.weight);
        self.in_text(list) + in_title.min(other.others[list])
    }

    fn may_be_in(&self, document: DocId) -> bool {
        let has = |documents| has_document(documents, document);
        self.documents.is_none_or(has)
    }
}

impl TermTable<'_> {
    /// Returns what is known of the word of a query that has no other, from its postings. Of entries that pass a filter nothing is.
    pub(super) fn known(
        &self,
        segment: usize,
        terms: &[TermPostings<'_>],
    ) -> tantivy::Result<Known> {
        let (Some((anywhere, others)), Some(wanted)) =
            (self.terms.split_first(), self.wanted_of_all)
        else {
            return Ok(Known::default());
        };
        if self.weights.len() != 1 || anywhere.field != ALL {
            return Ok(Known::default());
        }
        let is_in_title = |other: &FoundTerm| other.field == TITLE && other.name == anywhere.name;
        let is_alone = terms.len() == self.terms.len() && others.iter().all(is_in_title);
        let averages = [ALL, TITLE].map(|field| self.fields[field].lengths.average);
        let index = &self.fields[ALL].index;
        let (mut frequent, mut lists) = (Vec::new(), [Vec::new(), Vec::new()]);
        let mut few: Vec<DocId> = Vec::new();
        let mut work = Work::default();
        let mut is_known = is_alone;
        for term in std::iter::once(anywhere).chain(&anywhere.alternatives) {
            let best = match &term.places {
                Places::Indexed(found) => index.best(found, segment, averages),
                Places::Phrase(_) | Places::None => None,
            };
            if let Some(best) = best {
                let title = self.in_titles(term);
                // In titles it counts as it did when the best were told.
                is_known &= title.is_none_or(|title| title.weight == TITLE_WEIGHT * term.weight);
                for (list, best) in lists.iter_mut().zip(&best) {
                    let documents = best.documents.iter();
                    list.extend(documents.map(|document| u32::from_le_bytes(*document)));
                }
                frequent.push(Frequent {
                    term,
                    title,
                    documents: match &term.places {
                        Places::Indexed(found) => index.documents(found, segment),
                        Places::Phrase(_) | Places::None => None,
                    },
                    others: best.map(|best| term.weight * best.others),
                });
            } else {
                let mut postings = self.read(term, segment, IndexRecordOption::WithFreqs)?;
                is_known &=
                    (few.len() as u64 + postings.documents()) * LOOK_UP_COST <= anywhere.entries();
                if is_known {
                    postings.visit(u32::MAX, &mut work, |documents, _| {
                        few.extend_from_slice(documents);
                    });
                }
            }
        }
        if frequent.is_empty() {
            return Ok(Known::default());
        }
        // Beside the fewest, where they are as many as are wanted, those with one word in the title and another in the text are looked
        // at; with the many, that seldom wins.
        let most_alone = |list: usize| {
            let alone = frequent.iter().map(|term| term.others[list]);
            alone.fold(0.0, f32::max)
        };
        let may_be_enough = 0 < wanted && wanted < lists[0].len();
        let mixed = match is_known && frequent.len() > 1 && may_be_enough {
            true => self.mixed(
                &frequent,
                most_alone(0),
                anywhere.entries(),
                segment,
                &mut work,
            )?,
            false => None,
        };
        let best = lists.into_iter().enumerate().map(|(list, mut documents)| {
            let mixed = mixed.as_ref().filter(|_| list == 0);
            documents.extend_from_slice(&few);
            documents.extend(mixed.into_iter().flatten());
            documents.sort_unstable();
            documents.dedup();
            let pairs = frequent.iter().flat_map(|term| {
                let others = frequent.iter();
                others.map(move |other| term.beside(other, list))
            });
            KnownBest {
                documents,
                others: match (is_known, mixed) {
                    (true, Some(_)) => most_alone(list),
                    (true, None) => pairs.fold(0.0, f32::max),
                    // What else there is to the word may make others better.
                    (false, _) => f32::INFINITY,
                },
            }
        });
        // The fewest tell what others must score as well as many.
        let best = best.take(if is_known { 2 } else { 1 }).collect();
        let matching = match frequent.as_slice() {
            [only] if is_known && self.segments.living().is_none() => {
                few.sort_unstable();
                few.dedup();
                Some(self.with_or_among(only.term, &few, segment, &mut work)?)
            }
            _ => None,
        };
        Ok(Known {
            best,
            matching,
            work,
        })
    }

    /// Returns the documents of a segment that may score `least` with one word in their title and another in their text; `None` where
    /// they are too many to be looked up for a word of so many entries.
    fn mixed(
        &self,
        frequent: &[Frequent<'_>],
        least: f32,
        entries: u64,
        segment: usize,
        work: &mut Work,
    ) -> tantivy::Result<Option<Vec<DocId>>> {
        let mut mixed = Vec::new();
        for (place, word) in frequent.iter().enumerate() {
            let Some(title) = word.title else {
                continue;
            };
            let others = frequent.iter().enumerate();
            let others = others.filter(|(other, _)| *other != place);
            let others: Vec<(f32, &Frequent<'_>)> =
                others.map(|(_, other)| (other.in_text(0), other)).collect();
            let lengths = &self.fields[TITLE].lengths.of_segments[segment];
            let mut postings = self.read(title, segment, IndexRecordOption::WithFreqs)?;
            let scored = postings.visit(u32::MAX, work, |documents, frequencies| {
                for (document, frequency) in documents.iter().zip(frequencies) {
                    let in_title = title.weight * lengths.saturate(*document, *frequency);
                    let is_near = |(in_text, other): &(f32, &Frequent<'_>)| {
                        (in_text + in_title) * ROUNDING >= least && other.may_be_in(*document)
                    };
                    if others.iter().any(is_near) {
                        mixed.push(*document);
                    }
                }
            });
            work.postings_scored += scored;
            if mixed.len() as u64 * LOOK_UP_COST > entries {
                return Ok(None);
            }
        }
        Ok(Some(mixed))
    }

    /// Returns a term of all text in titles; `None` when it stands in none.
    fn in_titles(&self, term: &FoundTerm) -> Option<&FoundTerm> {
        let titles = self.terms.iter().filter(|other| other.field == TITLE);
        let mut titles = titles.flat_map(|title| std::iter::once(title).chain(&title.alternatives));
        titles.find(|title| title.name == term.name)
    }

    /// Returns how many documents of a segment have a term or are among others, which are in order.
    fn with_or_among(
        &self,
        term: &FoundTerm,
        others: &[DocId],
        segment: usize,
        work: &mut Work,
    ) -> tantivy::Result<u64> {
        let mut postings = self.read(term, segment, IndexRecordOption::WithFreqs)?;
        let with = postings.documents();
        let mut is_without = |document: &DocId| postings.frequency(*document, work).is_none();
        let without = others.iter().filter(|document| is_without(document));
        Ok(with + without.count() as u64)
    }
}
