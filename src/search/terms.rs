//! The query's terms as the index knows them: postings, rarity, and what each adds to a document's score.

use std::collections::HashMap;

use tantivy::postings::TermInfo;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, InvertedIndexReader, SegmentReader, Term};

use super::Contribution;
use crate::accumulate::{Bm25, FieldLengths, TermPostings};
use crate::query::compile::{BM25, QueryWord, TITLE_WEIGHT};
use crate::rank::{Ranked, RankedWord};
use crate::schema::Fields;

/// A query of more terms, counted in each field, is cut to its heaviest ones, so that a pasted book is answered in
/// bounded time. A question has some twenty, a whole page of question and code some five hundred.
const MAX_TERMS: usize = 1_024;

/// The place of the field of all text among the scored fields.
const ALL: usize = 0;

/// The terms of a query in the fields that are scored.
pub(super) struct TermTable {
    fields: Vec<ScoredField>,
    terms: Vec<FoundTerm>,
    /// By the place of the query's word.
    weights: Vec<f32>,
}

struct ScoredField {
    name: &'static str,
    index: std::sync::Arc<InvertedIndexReader>,
    lengths: FieldLengths,
}

struct FoundTerm {
    term: String,
    field: usize,
    info: TermInfo,
    idf: f32,
    /// idf · (k1 + 1) · the weights of the term and the field.
    weight: f32,
}

impl TermTable {
    /// Looks every term up in every scored field.
    pub(super) fn new(
        segment: &SegmentReader,
        fields: &Fields,
        words: &[QueryWord],
    ) -> tantivy::Result<Self> {
        let documents = u64::from(segment.num_docs());
        let scored = |name, field: Field| -> tantivy::Result<ScoredField> {
            let index = segment.inverted_index(field)?;
            let average = index.total_num_tokens() as f32 / documents as f32;
            let lengths = FieldLengths::new(segment.get_fieldnorms_reader(field)?, average, BM25);
            Ok(ScoredField {
                name,
                index,
                lengths,
            })
        };
        let ids = [fields.all, fields.title];
        let scored = vec![scored("all", fields.all)?, scored("title", fields.title)?];
        let mut terms = Vec::new();
        let mut weights = vec![0f32; words.len()];
        for (word, weight) in words.iter().zip(&mut weights) {
            for query_term in &word.terms {
                // A word's rarity is that in all text; every word of a title is there too.
                let mut idf = 0.0;
                for (place, field) in scored.iter().enumerate() {
                    let term = Term::from_field_text(ids[place], &query_term.term);
                    let Some(info) = field.index.get_term_info(&term)? else {
                        continue;
                    };
                    let mut field_weight = TITLE_WEIGHT;
                    if place == ALL {
                        field_weight = 1.0;
                        idf = Bm25::idf(documents, u64::from(info.doc_freq));
                        *weight = weight.max(idf * query_term.weight);
                    }
                    terms.push(FoundTerm {
                        term: query_term.term.clone(),
                        field: place,
                        info,
                        idf,
                        weight: idf * (BM25.k1 + 1.0) * query_term.weight * field_weight,
                    });
                }
            }
        }
        if terms.len() > MAX_TERMS {
            terms.sort_by(|left, right| {
                right
                    .weight
                    .total_cmp(&left.weight)
                    .then_with(|| left.term.cmp(&right.term))
            });
            terms.truncate(MAX_TERMS);
        }
        Ok(TermTable {
            fields: scored,
            terms,
            weights,
        })
    }

    /// Returns the postings of every term, at their beginnings.
    pub(super) fn postings(&self) -> tantivy::Result<Vec<TermPostings<'_>>> {
        let open = |term: &FoundTerm| {
            let field = &self.fields[term.field];
            let postings = field
                .index
                .read_block_postings_from_terminfo(&term.info, IndexRecordOption::WithFreqs)?;
            Ok(TermPostings {
                postings,
                lengths: &field.lengths,
                weight: term.weight,
            })
        };
        self.terms.iter().map(open).collect()
    }

    /// Returns the words of the query with their postings in all text, for phase 2.
    pub(super) fn ranked_words(&self, words: &[QueryWord]) -> tantivy::Result<Vec<RankedWord>> {
        let field = &self.fields[ALL];
        let in_all: HashMap<&str, &FoundTerm> = self
            .terms
            .iter()
            .filter(|term| term.field == ALL)
            .map(|term| (term.term.as_str(), term))
            .collect();
        let ranked = |(word, weight): (&QueryWord, &f32)| {
            let found = word
                .terms
                .iter()
                .filter_map(|term| in_all.get(term.term.as_str()));
            let open = |term: &&FoundTerm| {
                let option = IndexRecordOption::WithFreqsAndPositions;
                field.index.read_postings_from_terminfo(&term.info, option)
            };
            let terms = found.map(open).collect::<std::io::Result<_>>()?;
            Ok(RankedWord {
                weight: *weight,
                place: word.place,
                terms,
            })
        };
        words.iter().zip(&self.weights).map(ranked).collect()
    }

    /// Returns what each word of the query counts by its rarest term; 0 for a word that no entry has.
    pub(super) fn weights(&self) -> Vec<f32> {
        self.weights.clone()
    }

    /// Returns for each document the terms that it has, with what they add to its score over all fields.
    pub(super) fn shares(&self, documents: &[DocId]) -> tantivy::Result<Vec<Vec<(&str, f32)>>> {
        let mut shares: Vec<Vec<(&str, f32)>> = vec![Vec::new(); documents.len()];
        let mut postings = self.postings()?;
        // Postings go forwards only.
        let mut places: Vec<usize> = (0..documents.len()).collect();
        places.sort_unstable_by_key(|place| documents[*place]);
        for place in places {
            let document = documents[place];
            let shares = &mut shares[place];
            for (term, postings) in self.terms.iter().zip(&mut postings) {
                let at = postings.postings.seek(document);
                if postings.postings.docs().get(at) != Some(&document) {
                    continue;
                }
                let frequency = postings.postings.freqs()[at];
                let score = postings.weight * postings.lengths.saturate(document, frequency);
                match shares.last_mut() {
                    Some((last, sum)) if *last == term.term => *sum += score,
                    _ => shares.push((&term.term, score)),
                }
            }
        }
        Ok(shares)
    }

    /// Returns what each term and each signal of phase 2 adds to a document's score.
    pub(super) fn explain(
        &self,
        document: DocId,
        ranked: Option<&Ranked>,
    ) -> tantivy::Result<Vec<Contribution>> {
        let mut contributions = Vec::new();
        for (term, mut postings) in self.terms.iter().zip(self.postings()?) {
            // A seek moves to the block that would hold the document, and tells where in it.
            let place = postings.postings.seek(document);
            if postings.postings.docs().get(place) == Some(&document) {
                let frequency = postings.postings.freqs()[place];
                contributions.push(Contribution {
                    signal: format!("{}:{}", self.fields[term.field].name, term.term),
                    score: postings.weight * postings.lengths.saturate(document, frequency),
                    detail: format!(
                        "idf {:.2}, {frequency} in {} tokens, in {} entries",
                        term.idf,
                        postings.lengths.length(document),
                        term.info.doc_freq
                    ),
                });
            }
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
        }
        Ok(contributions)
    }
}
