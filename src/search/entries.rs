//! Stored entries and their ids: looked up, streamed, and named when they were mistyped.

use tantivy::DocId;

use super::Searcher;
use crate::accumulate::{BitSet, Scored};
use crate::entry::Entry;
use crate::error::{Error, Result};
use crate::facets::{self, Filter};
use crate::index::entries::Store;
use crate::index::segments;
use crate::schema;

/// How many ids "did you mean" looks at: enough for any mistyped id of a page, bounded for an index of millions.
const MAX_IDS_COMPARED: usize = 200_000;

impl Searcher {
    /// Returns the entry with the id. [`Error::UnknownId`] when there is none, with ids that look like it.
    pub fn entry(&self, id: &str) -> Result<Entry> {
        let document = self
            .document(id)
            .map_err(|error| self.index.failed(error))?;
        match document {
            Some(document) => self.stored(&self.store(), document),
            None => Err(Error::UnknownId {
                id: id.to_owned(),
                near: self.near_ids(id),
            }),
        }
    }

    /// Returns every entry, in no particular order. Reads the whole index, an entry at a time; memory does not grow with
    /// the index.
    pub fn entries(&self) -> Result<impl Iterator<Item = Result<Entry>> + '_> {
        let store = self.store();
        let living =
            (0..self.index.documents()).filter(|document| self.index.segments.is_living(*document));
        Ok(living.map(move |document| self.stored(&store, document)))
    }

    /// Returns the place of each document's id among all ids.
    pub(crate) fn id_order(&self) -> Result<Vec<u32>> {
        self.read(|segments| {
            let columns = segments.text_column(schema::ID)?;
            // In one segment, the places of a column's values are those among all.
            let ranks = match columns.as_slice() {
                [_, _, ..] => Some(segments::ranks(&columns)?),
                _ => None,
            };
            let mut order = Vec::with_capacity(segments.documents() as usize);
            for (at, segment) in segments.iter().enumerate() {
                let rank = |document| {
                    let place = columns[at].as_ref()?.term_ords(document).next()?;
                    match &ranks {
                        Some(ranks) => ranks[at].get(place as usize).copied(),
                        None => u32::try_from(place).ok(),
                    }
                };
                let documents = 0..segment.documents();
                order.extend(documents.map(|document| rank(document).unwrap_or(u32::MAX)));
            }
            Ok(order)
        })
    }

    /// Returns how many tokens the texts of all entries have. Cheap.
    pub(crate) fn tokens(&self) -> Result<u64> {
        let all = self.index.fields.all;
        self.read(|segments| Ok(segments.field(all)?.tokens()))
    }

    /// Returns the entries that pass the filters, in the order of their ids (that of their bytes). Reads an entry at a
    /// time; memory grows by 8 bytes an entry.
    pub fn entries_by_id(
        &self,
        filters: &[Filter],
    ) -> Result<impl Iterator<Item = Result<Entry>> + '_> {
        let order = self.id_order()?;
        let mut documents: Vec<DocId> = self.passing(filters)?.iter().collect();
        documents.sort_unstable_by_key(|document| order.get(*document as usize));
        let store = self.store();
        let documents = documents.into_iter();
        Ok(documents.map(move |document| self.stored(&store, document)))
    }

    /// Returns whether an entry has the id. Cheap.
    pub fn contains(&self, id: &str) -> Result<bool> {
        let document = self
            .document(id)
            .map_err(|error| self.index.failed(error))?;
        Ok(document.is_some())
    }

    /// Returns the documents that pass all filters.
    pub(crate) fn passing(&self, filters: &[Filter]) -> Result<BitSet> {
        let filters = self.resolve(filters)?;
        let mut passing = self.index.segments.all();
        for group in facets::groups(&self.index, &filters)? {
            passing.intersect(&group.passing);
        }
        Ok(passing)
    }

    /// Returns the ids that begin with a text, in their order. When there are more than `limit`, ids that go on alike
    /// are one: their common beginning up to the next `/` or `#`; of those the first `limit`. Cheap: ids in between are
    /// not read.
    pub fn ids_with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<String>> {
        let field = self.index.fields.id;
        self.read(|segments| {
            let ids = segments.field(field)?;
            let mut whole = Vec::new();
            let mut from_prefix = ids.terms_from(prefix.as_bytes())?;
            while whole.len() <= limit
                && let Some((id, _)) = from_prefix.next()?
            {
                match std::str::from_utf8(id) {
                    Ok(id) if id.starts_with(prefix) => whole.push(id.to_owned()),
                    _ => break,
                }
            }
            if whole.len() <= limit {
                return Ok(whole);
            }
            let mut steps = Vec::new();
            let mut from = prefix.as_bytes().to_vec();
            while steps.len() < limit {
                let mut rest = ids.terms_from(&from)?;
                let Some((id, _)) = rest.next()? else {
                    break;
                };
                let Ok(id) = std::str::from_utf8(id) else {
                    break;
                };
                let Some(end) = id.strip_prefix(prefix).map(|rest| rest.find(['/', '#'])) else {
                    break;
                };
                let step = end.map_or(id, |end| &id[..=prefix.len() + end]);
                from = step.as_bytes().to_vec();
                match (end, from.last_mut()) {
                    // Behind everything that begins with this step: both separators have a successor.
                    (Some(_), Some(separator)) => *separator += 1,
                    // Behind this very id.
                    _ => from.push(0),
                }
                steps.push(step.to_owned());
            }
            Ok(steps)
        })
    }

    /// Returns the ids of documents.
    pub(super) fn ids(&self, documents: &[Scored]) -> tantivy::Result<Vec<String>> {
        let documents: Vec<DocId> = documents.iter().map(|scored| scored.document).collect();
        self.index.segments.ids(&documents)
    }

    /// Returns the document of an entry's id.
    pub(super) fn document(&self, id: &str) -> tantivy::Result<Option<DocId>> {
        let ids = self.index.segments.field(self.index.fields.id)?;
        let Some(term) = ids.term(id)? else {
            return Ok(None);
        };
        Ok(ids.first(&term, 1)?.first().copied())
    }

    /// Returns a reader of stored entries.
    pub(crate) fn store(&self) -> Store<'_> {
        self.index.store()
    }

    pub(crate) fn stored(&self, store: &Store<'_>, document: DocId) -> Result<Entry> {
        let entry = store
            .entry(document)
            .map_err(|error| self.index.failed(error))?;
        entry.ok_or_else(|| self.unreadable(document))
    }

    pub(super) fn unreadable(&self, document: DocId) -> Error {
        Error::IndexDamaged {
            path: self.index.dir.clone(),
            what: format!("entry {document} cannot be read"),
        }
    }

    /// Returns ids that look like a mistyped one, nearest first.
    pub(super) fn near_ids(&self, id: &str) -> Vec<String> {
        let read = self.read(|segments| {
            let ids = segments.field(self.index.fields.id)?;
            let mut terms = ids.terms_from(b"")?;
            let mut known = Vec::new();
            while known.len() < MAX_IDS_COMPARED
                && let Some((id, _)) = terms.next()?
            {
                known.push(String::from_utf8_lossy(id).into_owned());
            }
            Ok(known)
        });
        let known = read.unwrap_or_default();
        facets::near(id.trim_start_matches('/'), known.iter())
    }
}
