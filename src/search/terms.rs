//! The query's terms as the index knows them: postings, rarity, and what each adds to a document's score.

use tantivy::postings::TermInfo;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, InvertedIndexReader, SegmentReader, Term};

use super::Contribution;
use crate::accumulate::{Bm25, FieldLengths, TermPostings};
use crate::query::compile::{BM25, QueryWord, TITLE_WEIGHT};
use crate::schema::Fields;

/// A query that names more terms than this is cut to its rarest ones, so that a pasted book is answered in bounded
/// time. A question has some ten, a traceback some hundred.
const MAX_TERMS: usize = 256;

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
                for (place, field) in scored.iter().enumerate() {
                    let term = Term::from_field_text(ids[place], &query_term.term);
                    let Some(info) = field.index.get_term_info(&term)? else {
                        continue;
                    };
                    let idf = Bm25::idf(documents, u64::from(info.doc_freq));
                    let field_weight = if place == 0 { 1.0 } else { TITLE_WEIGHT };
                    if place == 0 {
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

    /// Returns what each word of the query counts by its rarest term; 0 for a word that no entry has.
    pub(super) fn weights(&self) -> Vec<f32> {
        self.weights.clone()
    }

    /// Returns what each term adds to a document's score, in the order of the terms.
    pub(super) fn explain(&self, document: DocId) -> tantivy::Result<Vec<Contribution>> {
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
        Ok(contributions)
    }
}
