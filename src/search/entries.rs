//! Stored entries and their ids: looked up, streamed, and named when they were mistyped.

use tantivy::schema::IndexRecordOption;
use tantivy::store::StoreReader;
use tantivy::{DocId, Term};

use super::Searcher;
use crate::accumulate::{BitSet, Scored};
use crate::entry::Entry;
use crate::error::{Error, Result};
use crate::facets::{self, Filter};
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
            Some(document) => self.stored(&self.store()?, document),
            None => Err(Error::UnknownId {
                id: id.to_owned(),
                near: self.near_ids(id),
            }),
        }
    }

    /// Returns every entry, in no particular order. Reads the whole index, an entry at a time; memory does not grow with
    /// the index.
    pub fn entries(&self) -> Result<impl Iterator<Item = Result<Entry>> + '_> {
        // An index without entries has no store.
        let store = match self.index.documents() {
            0 => None,
            _ => Some(self.store()?),
        };
        let read = move |document| match &store {
            Some(store) => self.stored(store, document),
            None => Err(self.unreadable(document)),
        };
        Ok((0..self.index.documents()).map(read))
    }

    /// Returns the place of each document's id among all ids.
    pub(crate) fn id_order(&self) -> Result<Vec<u32>> {
        let order = self.in_segment(|segment| {
            let column = segment.fast_fields().str(schema::ID)?;
            let place = |document| {
                let place = column.as_ref()?.term_ords(document).next()?;
                u32::try_from(place).ok()
            };
            let places = (0..segment.max_doc()).map(|document| place(document).unwrap_or(u32::MAX));
            Ok(places.collect())
        })?;
        Ok(order.unwrap_or_default())
    }

    /// Returns how many tokens the texts of all entries have. Cheap.
    pub(crate) fn tokens(&self) -> Result<u64> {
        let all = self.index.fields.all;
        let tokens =
            self.in_segment(|segment| Ok(segment.inverted_index(all)?.total_num_tokens()))?;
        Ok(tokens.unwrap_or_default())
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
        let store = match documents.as_slice() {
            [] => None,
            _ => Some(self.store()?),
        };
        let read = move |document| match &store {
            Some(store) => self.stored(store, document),
            None => Err(self.unreadable(document)),
        };
        Ok(documents.into_iter().map(read))
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
        let mut passing = BitSet::full(self.index.documents());
        for group in facets::groups(&self.index, &filters)? {
            passing.intersect(&group.passing);
        }
        Ok(passing)
    }

    /// Returns the ids that begin with a text, in their order. When there are more than `limit`, ids that go on alike
    /// are one: their common beginning up to the next `/` or `#`; of those the first `limit`. Cheap: ids in between are
    /// not read.
    pub fn ids_with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<String>> {
        let Some(segment) = &self.index.segment else {
            return Ok(Vec::new());
        };
        let read = || -> std::io::Result<Vec<String>> {
            let ids = segment
                .inverted_index(self.index.fields.id)
                .map_err(std::io::Error::other)?;
            let ids = ids.terms();
            let mut whole = Vec::new();
            let mut from_prefix = ids.range().ge(prefix).into_stream()?;
            while whole.len() <= limit && from_prefix.advance() {
                match std::str::from_utf8(from_prefix.key()) {
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
                let mut rest = ids.range().ge(&from).into_stream()?;
                if !rest.advance() {
                    break;
                }
                let Ok(id) = std::str::from_utf8(rest.key()) else {
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
        };
        read().map_err(|error| self.index.failed(error))
    }

    /// Returns the documents' ids. The dictionary is read forwards once: an id looked up alone costs the reading of the
    /// block that it stands in.
    pub(super) fn ids(&self, documents: &[Scored]) -> tantivy::Result<Vec<String>> {
        let mut ids = vec![String::new(); documents.len()];
        let column = match &self.index.segment {
            Some(segment) => segment.fast_fields().str(schema::ID)?,
            None => None,
        };
        let Some(column) = column else {
            return Ok(ids);
        };
        let mut ordinals: Vec<(u64, usize)> = documents
            .iter()
            .enumerate()
            .filter_map(|(place, scored)| Some((column.term_ords(scored.document).next()?, place)))
            .collect();
        ordinals.sort_unstable();
        let (ordinals, places): (Vec<u64>, Vec<usize>) = ordinals.into_iter().unzip();
        let mut places = places.into_iter();
        column
            .dictionary()
            .sorted_ords_to_term_cb(&ordinals, |id| {
                if let Some(place) = places.next() {
                    ids[place] = String::from_utf8_lossy(id).into_owned();
                }
            })?;
        Ok(ids)
    }

    /// Returns the document of an entry's id.
    pub(super) fn document(&self, id: &str) -> tantivy::Result<Option<DocId>> {
        let Some(segment) = &self.index.segment else {
            return Ok(None);
        };
        let term = Term::from_field_text(self.index.fields.id, id);
        let ids = segment.inverted_index(self.index.fields.id)?;
        let postings = ids.read_block_postings(&term, IndexRecordOption::Basic)?;
        Ok(postings.and_then(|postings| postings.docs().first().copied()))
    }

    /// Returns a reader of stored entries that keeps a few decompressed blocks of them.
    pub(crate) fn store(&self) -> Result<StoreReader> {
        let segment = self
            .index
            .segment
            .as_ref()
            .ok_or_else(|| self.unreadable(0))?;
        segment
            .get_store_reader(8)
            .map_err(|error| self.index.failed(error))
    }

    pub(crate) fn stored(&self, store: &StoreReader, document: DocId) -> Result<Entry> {
        let stored = store
            .get(document)
            .map_err(|error| self.index.failed(error))?;
        self.index
            .fields
            .entry(&stored)
            .ok_or_else(|| self.unreadable(document))
    }

    pub(super) fn unreadable(&self, document: DocId) -> Error {
        Error::IndexDamaged {
            path: self.index.dir.clone(),
            what: format!("entry {document} cannot be read"),
        }
    }

    /// Returns ids that look like a mistyped one, nearest first.
    pub(super) fn near_ids(&self, id: &str) -> Vec<String> {
        let Some(segment) = &self.index.segment else {
            return Vec::new();
        };
        let Ok(ids) = segment.inverted_index(self.index.fields.id) else {
            return Vec::new();
        };
        let Ok(mut terms) = ids.terms().stream() else {
            return Vec::new();
        };
        let mut known = Vec::new();
        while known.len() < MAX_IDS_COMPARED && terms.advance() {
            known.push(String::from_utf8_lossy(terms.key()).into_owned());
        }
        facets::near(id.trim_start_matches('/'), known.iter())
    }
}
