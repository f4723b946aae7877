//! What each operand of a query demands, as the set of entries that have it.

use tantivy::{DocId, SegmentReader};

use super::literal::{Literal, MAX_CHECKED, cut_off};
use super::plan::Plan;
use super::{Searcher, phrase};
use crate::accumulate::BitSet;
use crate::error::Result;
use crate::facets::{self, FacetField, Filter};
use crate::index::segments::{Segments, text_column};
use crate::query::Operand;
use crate::schema;
use crate::work::Work;

impl Searcher {
    /// Returns the entries that have what an operand demands. Words are looked up by their places alone; code is
    /// checked in the entries, in no order of theirs.
    pub(super) fn matching(&self, operand: &Operand, plan: &mut Plan) -> Result<BitSet> {
        let documents = self.index.documents();
        let filter = |field, values: &[String]| Filter::any_of(field, values.to_vec());
        match operand {
            Operand::Words(text) | Operand::Phrase(text) => self.with_words(text, &mut plan.work),
            Operand::Title { text, .. } => {
                let title = self.index.fields.title;
                let found = self.read(|segments| {
                    let titles = segments.field(title)?;
                    Ok(phrase::documents(&titles, text, &mut plan.work)?)
                })?;
                Ok(found.unwrap_or_else(|| BitSet::empty(documents)))
            }
            Operand::Code(code) => {
                let Some(literal) = Literal::of(operand) else {
                    return Ok(BitSet::empty(documents));
                };
                let candidates = self.with_piece(code, &mut plan.work)?;
                if candidates.len() > MAX_CHECKED as u64 {
                    plan.warn(cut_off(candidates.len(), literal.text()));
                }
                let living = candidates.iter();
                let living = living.filter(|found| self.index.segments.is_living(*found));
                let some: Vec<DocId> = living.take(MAX_CHECKED).collect();
                self.holding(&some, &[&literal], &mut plan.work)
            }
            Operand::Facet { field, values } => {
                facets::matching(&self.index, &filter(*field, values))
            }
            Operand::Tag(tag) => facets::matching(
                &self.index,
                &filter(FacetField::Tag, std::slice::from_ref(tag)),
            ),
            Operand::Score(..)
            | Operand::After(_)
            | Operand::Before(_)
            | Operand::Accepted
            | Operand::Answered => {
                let mut passing = BitSet::empty(documents);
                self.read(|segments| {
                    for segment in segments.iter() {
                        by_column(&segment.reader, operand, |document| {
                            passing.insert(segment.base + document);
                        })?;
                    }
                    Ok(())
                })?;
                Ok(passing)
            }
        }
    }

    /// Returns the entries that have the words of a text next to each other; all for a text without words.
    pub(super) fn with_words(&self, text: &str, work: &mut Work) -> Result<BitSet> {
        let all = self.index.fields.all;
        let found =
            self.read(|segments| Ok(phrase::documents(&segments.field(all)?, text, work)?))?;
        Ok(found.unwrap_or_else(|| self.index.segments.all()))
    }

    /// Returns the entries that may have a piece of code, by the places of its words; all for a text without words.
    pub(super) fn with_piece(&self, code: &str, work: &mut Work) -> Result<BitSet> {
        let all = self.index.fields.all;
        let found = self.read(|segments| {
            Ok(phrase::documents_of_piece(
                &segments.field(all)?,
                code,
                work,
            )?)
        })?;
        Ok(found.unwrap_or_else(|| self.index.segments.all()))
    }

    /// Returns what a reading of the segments gives, with a failure as one of this index.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Segments) -> tantivy::Result<T>) -> Result<T> {
        read(&self.index.segments).map_err(|error| self.index.failed(error))
    }
}

/// Calls `pass` with the documents of a segment whose votes, date or answers are as demanded.
fn by_column(
    segment: &SegmentReader,
    operand: &Operand,
    mut pass: impl FnMut(DocId),
) -> tantivy::Result<()> {
    let columns = segment.fast_fields();
    let documents = 0..segment.max_doc();
    match operand {
        Operand::Score(comparison, score) => {
            if let Some(votes) = columns.column_opt::<i64>(schema::SCORE)? {
                documents
                    .filter(|document| {
                        let votes = votes.first(*document);
                        votes.is_some_and(|votes| comparison.holds(votes, *score))
                    })
                    .for_each(pass);
            }
        }
        Operand::After(date) | Operand::Before(date) => {
            let is_after = matches!(operand, Operand::After(_));
            let Some(dates) = text_column(segment, schema::UPDATED)? else {
                return Ok(());
            };
            let mut passes = Vec::with_capacity(dates.num_terms());
            let mut written = String::new();
            for place in 0..dates.num_terms() {
                dates.ord_to_str(place as u64, &mut written)?;
                // ISO 8601 sorts as it is written; other dates count as none.
                let written = written.trim();
                let year = written.split(['-', 'T']).next().unwrap_or_default();
                let is_iso = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
                passes.push(is_iso && (written >= date.as_str()) == is_after);
            }
            for document in documents {
                let mut places = dates.term_ords(document);
                if places.any(|place| passes.get(place as usize) == Some(&true)) {
                    pass(document);
                }
            }
        }
        _ => {
            let name = match operand {
                Operand::Accepted => schema::ACCEPTED,
                _ => schema::ANSWERED,
            };
            if let Some(column) = columns.column_opt::<bool>(name)? {
                documents
                    .filter(|document| column.first(*document) == Some(true))
                    .for_each(pass);
            }
        }
    }
    Ok(())
}
