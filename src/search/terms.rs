//! The query's terms as the index knows them: postings, rarity, and what each adds to a document's score.

mod known;
mod reranked;

use tantivy::DocId;
use tantivy::schema::{Field, IndexRecordOption};

use super::Contribution;
use super::names::{Names, Wanted};
use super::phrase::{self, Occurrences};
use crate::accumulate::{Bm25, Part, Postings, TermPostings};
use crate::index::Index;
use crate::index::lengths::Lengths;
use crate::index::segments::{FieldIndex, IndexedTerm, Segments};
use crate::message;
use crate::query::compile::{Alternative, BM25, QueryTerm, QueryWord, TITLE_WEIGHT};
use crate::rank::Ranked;
use crate::rank::exactness::Rung;
use crate::schema;
use crate::work::Work;

/// A query of more terms, counted in each field, is cut to its heaviest ones, so that a pasted book is answered in
/// bounded time. A question has some twenty, a whole page of question and code some five hundred.
const MAX_TERMS: usize = 1_024;

/// From so many entries on it is worth telling where a term need not be scored: scoring them all takes some ten
/// microseconds.
const FREQUENT: u64 = 4_096;

/// The place of the field of all text among the scored fields.
const ALL: usize = 0;
/// The place of the field of titles among them.
const TITLE: usize = 1;

/// The terms of a query in the fields that are scored.
pub(super) struct TermTable<'i> {
    segments: &'i Segments,
    fields: Vec<ScoredField<'i>>,
    terms: Vec<FoundTerm>,
    names: Names<'i>,
    /// By the place of the query's word.
    weights: Vec<f32>,
    /// So many of all entries are wanted; `None` where only those are that pass a filter.
    wanted_of_all: Option<usize>,
    /// What looking them up took.
    pub(super) work: Work,
}

struct ScoredField<'i> {
    name: &'static str,
    index: FieldIndex<'i>,
    lengths: &'i Lengths,
}

/// A term of the query, or what stands for one, in a field.
struct FoundTerm {
    /// As it is explained: the term, and the words that stand for it.
    name: String,
    field: usize,
    places: Places,
    idf: f32,
    /// idf · (k1 + 1) · the weights of the term and the field.
    weight: f32,
    alternatives: Vec<FoundTerm>,
}

impl FoundTerm {
    /// Returns how many entries have the term or something that stands for it; those that have both count twice.
    fn entries(&self) -> u64 {
        let alternatives = self.alternatives.iter().map(FoundTerm::entries);
        self.places.entries() + alternatives.sum::<u64>()
    }
}

/// Where a term stands.
enum Places {
    /// In postings of the index.
    Indexed(IndexedTerm),
    /// Where its words stand next to each other, segment by segment.
    Phrase(Vec<Occurrences>),
    /// Nowhere, but something that stands for it does.
    None,
}

impl Places {
    fn entries(&self) -> u64 {
        match self {
            Places::Indexed(term) => term.entries(),
            Places::Phrase(found) => {
                let found = found.iter();
                found.map(|found| found.documents.len() as u64).sum()
            }
            Places::None => 0,
        }
    }

    fn idf(&self, segments: &Segments) -> f32 {
        let entries = self.entries();
        Bm25::idf(segments.counted_among(entries), entries)
    }
}

impl<'i> TermTable<'i> {
    /// Looks every term up in every scored field of text, and messages in theirs. It is good for the best entries, as many as are
    /// wanted.
    pub(super) fn new(
        index: &'i Index,
        words: &[QueryWord],
        messages: &[QueryTerm],
        wanted: Wanted<'_>,
    ) -> tantivy::Result<Self> {
        let (segments, fields) = (&index.segments, &index.fields);
        let mut table = TermTable {
            segments,
            fields: vec![
                ScoredField::new("all", index, fields.all)?,
                ScoredField::new("title", index, fields.title)?,
            ],
            terms: Vec::new(),
            names: Names::default(),
            weights: vec![0f32; words.len()],
            wanted_of_all: wanted.filter.is_none().then_some(wanted.entries),
            work: Work::default(),
        };
        for (place, word) in words.iter().enumerate() {
            for (of_word, query_term) in word.terms.iter().enumerate() {
                // What stands for a name stands for the whole of it.
                let alternatives = match of_word {
                    0 => word.alternatives.as_slice(),
                    _ => &[],
                };
                let weight = table.look_up(query_term, alternatives)?;
                table.weights[place] = table.weights[place].max(weight);
            }
        }
        table.add_messages(index, messages)?;
        let terms = &mut table.terms;
        if terms.len() > MAX_TERMS {
            terms.sort_by(|left, right| {
                right
                    .weight
                    .total_cmp(&left.weight)
                    .then_with(|| left.name.cmp(&right.name))
            });
            terms.truncate(MAX_TERMS);
        }
        let most = |term: &FoundTerm| {
            let alternatives = term.alternatives.iter().map(|other| other.weight);
            alternatives.fold(term.weight, f32::max)
        };
        let most: f32 = table.terms.iter().map(most).sum();
        let own = |word: &QueryWord| {
            let is_own = |term: &&FoundTerm| {
                term.field == ALL && word.terms.iter().any(|own| own.term == term.name)
            };
            table
                .terms
                .iter()
                .filter(is_own)
                .map(|term| term.weight)
                .sum()
        };
        let mut work = table.work;
        let weights = &table.weights;
        table.names = Names::find(
            segments, fields, words, weights, most, own, wanted, &mut work,
        )?;
        table.work = work;
        Ok(table)
    }

    /// Adds the messages of an error that entries have.
    fn add_messages(&mut self, index: &'i Index, messages: &[QueryTerm]) -> tantivy::Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        let place = self.fields.len();
        let field = ScoredField::new(schema::MESSAGE, index, index.fields.message)?;
        self.fields.push(field);
        for message in messages {
            let places = self.fields[place].term(&message::indexed(&message.term))?;
            if places.entries() == 0 {
                continue;
            }
            let idf = places.idf(self.segments);
            self.terms.push(FoundTerm {
                name: message.term.clone(),
                field: place,
                places,
                idf,
                weight: idf * (BM25.k1 + 1.0) * message.weight,
                alternatives: Vec::new(),
            });
        }
        Ok(())
    }

    /// Adds a term in every field that has it or an alternative to it; returns what it counts by its rarity.
    fn look_up(
        &mut self,
        query_term: &QueryTerm,
        alternatives: &[Alternative],
    ) -> tantivy::Result<f32> {
        // A word's rarity is that in all text; every word of a title is there too.
        let mut idf = 0.0;
        let mut idfs: Vec<f32> = Vec::new();
        for (place, field) in self.fields.iter().enumerate() {
            let field_weight = if place == ALL { 1.0 } else { TITLE_WEIGHT };
            let weight = |idf: f32| idf * (BM25.k1 + 1.0) * query_term.weight * field_weight;
            let places = field.term(&query_term.term)?;
            if place == ALL && places.entries() > 0 {
                idf = places.idf(self.segments);
            }
            if place != ALL && query_term.is_subject && places.entries() > 0 {
                idf = places.idf(self.segments);
            }
            let mut found = Vec::new();
            for (of_term, alternative) in alternatives.iter().enumerate() {
                let places = field.alternative(alternative, &mut self.work)?;
                if place == ALL {
                    idfs.push(match places.entries() {
                        0 => 0.0,
                        _ => alternative_idf(idf, alternative, places.idf(self.segments)),
                    });
                }
                if places.entries() > 0 {
                    found.push(FoundTerm {
                        name: format!("{} → {}", query_term.term, alternative.name),
                        field: place,
                        places,
                        idf: idfs[of_term],
                        weight: weight(alternative.weight * idfs[of_term]),
                        alternatives: Vec::new(),
                    });
                }
            }
            if places.entries() > 0 || !found.is_empty() {
                self.terms.push(FoundTerm {
                    name: query_term.term.clone(),
                    field: place,
                    places,
                    idf,
                    weight: weight(idf),
                    alternatives: found,
                });
            }
        }
        let weighted = idfs.iter().zip(alternatives);
        let best = weighted.map(|(idf, alternative)| idf * alternative.weight);
        let counted = if idf > 0.0 {
            idf
        } else {
            best.fold(0.0, f32::max)
        };
        Ok(counted * query_term.weight)
    }

    /// Returns the postings of every term, at their beginnings, segment by segment.
    pub(super) fn parts(&self) -> tantivy::Result<Vec<Part<'_>>> {
        let is_counted = self.terms.iter().any(|term| term.entries() >= FREQUENT);
        let part = |(place, segment): (usize, &crate::index::segments::Segment)| {
            let terms = self.postings(place, is_counted)?;
            let known = self.known(place, &terms)?;
            Ok(Part {
                base: segment.base,
                documents: segment.documents(),
                best: known.best,
                work: known.work,
                matching: known.matching.or_else(|| self.matching(&terms)),
                terms,
            })
        };
        self.segments.iter().enumerate().map(part).collect()
    }

    /// Returns how many documents of a segment have one of the terms, where that need not be counted: those with a word have
    /// it anywhere, and some of them also in their title.
    fn matching(&self, terms: &[TermPostings<'_>]) -> Option<u64> {
        let (anywhere, others) = self.terms.split_first()?;
        let is_in_title = |other: &FoundTerm| other.field == TITLE && other.name == anywhere.name;
        let is_one_word = anywhere.field == ALL
            && matches!(anywhere.places, Places::Indexed(_))
            && anywhere.alternatives.is_empty()
            && others.iter().all(is_in_title)
            && others.iter().all(|other| other.alternatives.is_empty())
            && terms.len() == self.terms.len()
            && self.segments.living().is_none();
        let first = terms.first().filter(|_| is_one_word)?;
        Some(first.postings.documents())
    }

    /// Returns the postings of every term in a segment: first those of the terms, in their order.
    fn postings(&self, segment: usize, is_counted: bool) -> tantivy::Result<Vec<TermPostings<'_>>> {
        let terms = self.terms.iter();
        let terms = terms.map(|term| self.open(term, segment, is_counted));
        let mut postings: Vec<TermPostings<'_>> = terms.collect::<tantivy::Result<_>>()?;
        self.names
            .add_postings(segment, is_counted, &mut postings)?;
        Ok(postings)
    }

    fn open<'a>(
        &'a self,
        term: &'a FoundTerm,
        segment: usize,
        is_counted: bool,
    ) -> tantivy::Result<TermPostings<'a>> {
        let field = &self.fields[term.field];
        let alternatives = term.alternatives.iter();
        let alternatives = alternatives.map(|term| self.open(term, segment, is_counted));
        let counted = is_counted.then(|| self.read(term, segment, IndexRecordOption::Basic));
        let is_covering = |other: &FoundTerm| other.field == ALL && other.name == term.name;
        Ok(TermPostings {
            is_covered: term.field == TITLE && self.terms.iter().any(is_covering),
            postings: self.read(term, segment, IndexRecordOption::WithFreqs)?,
            lengths: Some(&field.lengths.of_segments[segment]),
            weight: term.weight,
            entries: term.entries(),
            alternatives: alternatives.collect::<tantivy::Result<_>>()?,
            counted: counted.transpose()?,
            documents: match &term.places {
                Places::Indexed(term) => field.index.documents(term, segment),
                _ => None,
            },
        })
    }

    /// Returns the postings of a term in a segment, without what stands for it.
    fn read<'a>(
        &self,
        term: &'a FoundTerm,
        segment: usize,
        option: IndexRecordOption,
    ) -> tantivy::Result<Postings<'a>> {
        let none = Postings::Listed {
            documents: &[],
            frequencies: &[],
        };
        Ok(match &term.places {
            Places::Indexed(found) => {
                let index = &self.fields[term.field].index;
                let blocks = index.blocks(found, segment, option)?;
                blocks.map_or(none, Postings::from)
            }
            Places::Phrase(found) => Postings::Listed {
                documents: &found[segment].documents,
                frequencies: &found[segment].frequencies,
            },
            Places::None => none,
        })
    }

    /// Returns how exactly documents have each name of the query: for each document, in their order, the place of the
    /// query's word with its rung.
    pub(super) fn rungs(
        &self,
        documents: &[DocId],
        work: &mut Work,
    ) -> tantivy::Result<Vec<Vec<(usize, Rung)>>> {
        Ok(self.names.rungs(documents, work)?)
    }

    /// Returns what each word of the query counts by its rarest term; 0 for a word that no entry has.
    pub(super) fn weights(&self) -> Vec<f32> {
        self.weights.clone()
    }

    /// Returns for each document the terms that it has, with what they add to its score over all fields.
    pub(super) fn shares(&self, documents: &[DocId]) -> tantivy::Result<Vec<Vec<(&str, f32)>>> {
        let mut shares: Vec<Vec<(&str, f32)>> = vec![Vec::new(); documents.len()];
        for (segment, places) in self.segments.by_segment(documents) {
            let mut postings = self.postings(segment, false)?;
            for place in places {
                let (_, document) = self.segments.locate(documents[place]);
                let shares = &mut shares[place];
                for (term, postings) in self.terms.iter().zip(&mut postings) {
                    let frequency = postings.postings.frequency(document, &mut Work::default());
                    let Some(frequency) = frequency else {
                        continue;
                    };
                    let score = postings.score(document, frequency);
                    match shares.last_mut() {
                        Some((last, sum)) if *last == term.name => *sum += score,
                        _ => shares.push((&term.name, score)),
                    }
                }
            }
        }
        Ok(shares)
    }

    /// Returns what each term and each signal of phase 2 adds to a document's score.
    pub(super) fn explain(
        &self,
        words: &[QueryWord],
        document: DocId,
        ranked: Option<&Ranked>,
        rungs: &[(usize, Rung)],
    ) -> tantivy::Result<Vec<Contribution>> {
        let mut contributions = Vec::new();
        let (segment, document) = self.segments.locate(document);
        for (term, mut postings) in self.terms.iter().zip(self.postings(segment, false)?) {
            let mut best = self.contribution(term, &mut postings, segment, document);
            for (term, postings) in term.alternatives.iter().zip(&mut postings.alternatives) {
                let other = self.contribution(term, postings, segment, document);
                let score = |contribution: &Option<Contribution>| {
                    contribution.as_ref().map_or(0.0, |found| found.score)
                };
                if score(&other) > score(&best) {
                    best = other;
                }
            }
            contributions.extend(best);
        }
        if !rungs.is_empty() {
            let name = |(word, rung): &(usize, Rung)| {
                format!("`{}`: {}", words[*word].typed, rung.as_str())
            };
            let names: Vec<String> = rungs.iter().map(name).collect();
            let of_phase_1 = || self.names.seen_exactness(rungs);
            contributions.push(Contribution {
                signal: "exactness".to_owned(),
                score: ranked.map_or_else(of_phase_1, |ranked| ranked.exactness_score),
                detail: names.join(", "),
            });
        }
        let mut signal = |name: &str, score: f32, detail: String| {
            if score != 0.0 {
                contributions.push(Contribution {
                    signal: name.to_owned(),
                    score,
                    detail,
                });
            }
        };
        if let Some(ranked) = ranked {
            let share = format!(
                "has {:.0}% of the query's words by weight",
                100.0 * ranked.coverage
            );
            signal("coverage", ranked.coverage_score, share);
            let near = "words of the query that stand together".to_owned();
            signal("proximity", ranked.proximity_score, near);
            let as_typed = "has the phrase as it was typed".to_owned();
            signal("phrase", ranked.preferred_score, as_typed);
        }
        Ok(contributions)
    }

    /// Returns what a term adds to a document's score, if the document has it.
    fn contribution(
        &self,
        term: &FoundTerm,
        postings: &mut TermPostings<'_>,
        segment: usize,
        document: DocId,
    ) -> Option<Contribution> {
        let frequency = postings
            .postings
            .frequency(document, &mut Work::default())?;
        let entries = match term.places.entries() {
            1 => "1 entry".to_owned(),
            entries => format!("{entries} entries"),
        };
        Some(Contribution {
            signal: format!("{}:{}", self.fields[term.field].name, term.name),
            score: postings.score(document, frequency),
            detail: format!(
                "idf {:.2}, {frequency} in {} tokens, in {entries}",
                term.idf,
                self.fields[term.field].lengths.of_segments[segment].length(document),
            ),
        })
    }
}

impl<'i> ScoredField<'i> {
    fn new(name: &'static str, index: &'i Index, field: Field) -> tantivy::Result<Self> {
        Ok(ScoredField {
            name,
            index: index.segments.field(field)?,
            lengths: index.lengths(field)?,
        })
    }

    /// Returns where a term stands in the field.
    fn term(&self, term: &str) -> tantivy::Result<Places> {
        Ok(self.index.term(term)?.map_or(Places::None, Places::Indexed))
    }

    /// Returns where something stands that a word of the query does not name.
    fn alternative(&self, alternative: &Alternative, work: &mut Work) -> tantivy::Result<Places> {
        if let [(term, _)] = alternative.terms.as_slice() {
            return self.term(term);
        }
        let terms = alternative.terms.iter();
        let words: Vec<(&str, usize)> =
            terms.map(|(term, place)| (term.as_str(), *place)).collect();
        let found = Places::Phrase(phrase::occurrences(&self.index, &words, work)?);
        Ok(match found.entries() {
            0 => Places::None,
            _ => found,
        })
    }
}

/// Returns the rarity by which something counts for a typed word of the rarity `typed`: never more than the word, and no
/// more than its own for all the words that it stands for.
fn alternative_idf(typed: f32, alternative: &Alternative, own: f32) -> f32 {
    let own = own / alternative.stands_for.max(1) as f32;
    if typed > 0.0 { own.min(typed) } else { own }
}
