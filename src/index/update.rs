//! What an update keeps, replaces and takes out of the former index.
//!
//! Every entry has the number of its file with its place there, and its hash. One that is read again is looked up by its
//! id: where the same file had it with the same hash, only its place is written down, else it is replaced. What a file had and has no
//! more goes at the end, when every entry was met. Ids that then stand in several places are settled as a whole build would.

use std::collections::{BTreeSet, HashMap, HashSet};

use rustc_hash::FxHashSet;
use tantivy::columnar::Column;
use tantivy::{DocId, Term};

use super::Index;
use super::build::Duplicate;
use super::entries::{Packs, Store};
use super::segments::{FieldIndex, Segment, Segments};
use crate::accumulate::BitSet;
use crate::entry::Entry;
use crate::schema::{self, Fields};

/// A column of numbers, segment by segment.
struct Numbers(Vec<Option<Column<u64>>>);

impl Numbers {
    fn new(segments: &Segments, name: &str) -> tantivy::Result<Self> {
        let columns = segments.iter();
        let columns = columns.map(|segment| segment.reader.fast_fields().column_opt(name));
        Ok(Numbers(columns.collect::<tantivy::Result<_>>()?))
    }

    fn of(&self, segments: &Segments, document: DocId) -> u64 {
        let (segment, document) = segments.locate(document);
        let column = self.0[segment].as_ref();
        column
            .and_then(|column| column.first(document))
            .unwrap_or_default()
    }
}

/// The index that is updated.
pub(super) struct Former {
    pub(super) index: Index,
    records: Numbers,
    hashes: Numbers,
    /// The numbers of files that are read again or are gone: what is not met of theirs goes.
    pub(super) stale: HashSet<u32>,
    /// The documents whose entries were met, as they are or otherwise.
    met: BitSet,
    /// The documents whose entries are otherwise now, and that are still there.
    dropped: BitSet,
    /// Ids that were met in another file than the index has them from.
    contested: FxHashSet<String>,
}

/// What the former index has of an entry.
pub(super) enum Known {
    /// It, as it is, in this record.
    Same(u32),
    /// Another one of the same file, which the term deletes.
    Replaced(Term),
    /// One of a file that stays as it is and comes later: the document that wins.
    Shadowed(DocId),
    /// Nothing, or one of another file, which is settled at the end.
    Other,
}

impl Former {
    pub(super) fn new(index: Index) -> tantivy::Result<Self> {
        let segments = &index.segments;
        Ok(Former {
            records: Numbers::new(segments, schema::RECORD)?,
            hashes: Numbers::new(segments, schema::HASH)?,
            stale: HashSet::new(),
            met: BitSet::empty(segments.documents()),
            dropped: BitSet::empty(segments.documents()),
            contested: FxHashSet::default(),
            index,
        })
    }

    /// Takes note of an entry that was read in a file, and returns what the index has of it.
    pub(super) fn meet(
        &mut self,
        id: &str,
        file: u32,
        hash: u64,
        ranks: &HashMap<u32, usize>,
    ) -> tantivy::Result<Known> {
        let segments = &self.index.segments;
        let ids = segments.field(self.index.fields.id)?;
        let Some(term) = ids.term(id)? else {
            return Ok(Known::Other);
        };
        let Some(document) = ids.first(&term, 1)?.first().copied() else {
            return Ok(Known::Other);
        };
        let record = self.records.of(segments, document) as u32;
        let other = self.file_of(record);
        if other != file {
            if !self.stale.contains(&other) && ranks.get(&other) > ranks.get(&file) {
                return Ok(Known::Shadowed(document));
            }
            self.contested.insert(id.to_owned());
            return Ok(Known::Other);
        }
        if self.met.contains(document) {
            return Ok(Known::Other);
        }
        self.met.insert(document);
        if self.hashes.of(segments, document) == hash {
            return Ok(Known::Same(record));
        }
        if self.contested.contains(id) {
            // The term would take what was added of another file, too.
            self.dropped.insert(document);
            return Ok(Known::Other);
        }
        Ok(Known::Replaced(ids.query_term(id)))
    }

    /// Returns the number of the file that an entry came from.
    fn file_of(&self, record: u32) -> u32 {
        let place = self.index.entries.table().place(record);
        place.map_or(0, |place| place.file)
    }

    /// Returns whether a segment is one of the former index, and where its documents began there.
    fn base_of(&self, segment: &Segment) -> Option<DocId> {
        let id = segment.reader.segment_id();
        let mut former = self.index.segments.iter();
        let former = former.find(|former| former.reader.segment_id() == id)?;
        Some(former.base)
    }

    /// Returns whether a document of it is not wanted any more.
    pub(super) fn has_unwanted(&self) -> bool {
        !self.stale.is_empty() && self.unwanted(&self.index.segments).len() > 0
    }

    /// Returns that an id is met whose entry another one hides.
    pub(super) fn hidden(
        &self,
        entry: &Entry,
        file: u32,
        winner: DocId,
    ) -> tantivy::Result<Option<(u32, Duplicate)>> {
        let winner = self.index.store().entry(winner)?;
        Ok(winner.map(|winner| {
            let duplicate = Duplicate {
                id: entry.id.clone(),
                kept: winner.source,
                replaced: entry.source.clone(),
            };
            (file, duplicate)
        }))
    }

    /// Returns the documents that were of the former index, and are not wanted any more.
    fn unwanted(&self, segments: &Segments) -> BitSet {
        let mut unwanted = BitSet::empty(segments.documents());
        for segment in segments.iter() {
            let Some(base) = self.base_of(segment) else {
                continue;
            };
            for document in segment.reader.doc_ids_alive() {
                let before = base + document;
                let is_stale = || {
                    let record = self.records.of(&self.index.segments, before);
                    let file = self.file_of(record as u32);
                    !self.met.contains(before) && self.stale.contains(&file)
                };
                if self.dropped.contains(before) || is_stale() {
                    unwanted.insert(segment.base + document);
                }
            }
        }
        unwanted
    }
}

/// An entry that stays of several with its id.
pub(super) struct Winner {
    pub(super) entry: Entry,
    /// The record that it is stored in.
    pub(super) record: u32,
}

/// What becomes of ids that stand in several places, or in none any more.
#[derive(Default)]
pub(super) struct Settled {
    /// Ids whose entries go.
    pub(super) gone: Vec<String>,
    /// Entries that stay alone; all others of their ids go.
    pub(super) winners: Vec<Winner>,
    /// Ids that stand in two places, with the number of the file whose entry another file's hides, else 0; in the order of
    /// the ids.
    pub(super) duplicates: Vec<(u32, Duplicate)>,
}

/// Finds what becomes of each id that is not as it should be; costs memory only for those. A whole build reads the
/// dictionary of ids once, an update that of what was added.
pub(super) fn settle(
    segments: &Segments,
    fields: &Fields,
    former: Option<&Former>,
    packs: &Packs,
    ranks: &HashMap<u32, usize>,
) -> tantivy::Result<Settled> {
    let mut settled = Settled::default();
    let ids = segments.field(fields.id)?;
    let unwanted = match former {
        Some(former) => former.unwanted(segments),
        None => BitSet::empty(segments.documents()),
    };
    let unsettled = match former {
        Some(former) => unsettled(segments, &ids, former, &unwanted)?,
        None => repeated(&ids)?,
    };
    if unsettled.is_empty() {
        return Ok(settled);
    }
    let records = Numbers::new(segments, schema::RECORD)?;
    let entries = packs.entries()?;
    let store = Store::new(&entries, segments);
    let file_of = |record| entries.table().place(record).map_or(0, |place| place.file);
    for id in unsettled {
        let Some(term) = ids.term(&id)? else {
            continue;
        };
        let mut wanted: Vec<(usize, u32, u32, DocId)> = Vec::new();
        ids.visit(&term, |document| {
            if !unwanted.contains(document) {
                let record = records.of(segments, document) as u32;
                let place = entries.table().place(record).unwrap_or_default();
                let rank = ranks.get(&place.file).copied().unwrap_or_default();
                wanted.push((rank, place.place, record, document));
            }
        })?;
        wanted.sort_unstable();
        let mut rivals = Vec::with_capacity(wanted.len());
        for (_, _, record, document) in wanted {
            if let Some(entry) = store.entry(document)? {
                rivals.push(Winner { entry, record });
            }
        }
        let Some(winner) = rivals.pop() else {
            settled.gone.push(id);
            continue;
        };
        settled
            .duplicates
            .extend(rivals.into_iter().map(|replaced| {
                let duplicate = Duplicate {
                    id: winner.entry.id.clone(),
                    kept: winner.entry.source.clone(),
                    replaced: replaced.entry.source,
                };
                // A file that has an id twice is read as a whole whenever it is read.
                let file = file_of(replaced.record);
                let is_hidden = file != file_of(winner.record);
                (if is_hidden { file } else { 0 }, duplicate)
            }));
        settled.winners.push(winner);
    }
    Ok(settled)
}

/// Returns the ids that stand in several places, in their order.
fn repeated(ids: &FieldIndex<'_>) -> tantivy::Result<BTreeSet<String>> {
    let mut repeated = BTreeSet::new();
    let mut terms = ids.terms_from(b"")?;
    while let Some((id, term)) = terms.next()? {
        if term.entries() > 1 {
            repeated.insert(String::from_utf8_lossy(id).into_owned());
        }
    }
    Ok(repeated)
}

/// Returns the ids of unwanted documents, and of added ones that stand in several places.
fn unsettled(
    segments: &Segments,
    ids: &FieldIndex<'_>,
    former: &Former,
    unwanted: &BitSet,
) -> tantivy::Result<BTreeSet<String>> {
    let unwanted: Vec<DocId> = unwanted.iter().collect();
    let mut unsettled: BTreeSet<String> = segments.ids(&unwanted)?.into_iter().collect();
    for (place, segment) in segments.iter().enumerate() {
        if former.base_of(segment).is_some() {
            continue;
        }
        let mut added = ids.reader(place).terms().stream()?;
        while added.advance() {
            let id = String::from_utf8_lossy(added.key()).into_owned();
            if ids.entries_with(&id)? > 1 {
                unsettled.insert(id);
            }
        }
    }
    Ok(unsettled)
}

/// Returns the records that entries are stored in.
pub(super) fn living_records(segments: &Segments, packs: &Packs) -> tantivy::Result<BitSet> {
    let mut living = BitSet::empty(packs.records());
    let records = Numbers::new(segments, schema::RECORD)?;
    for document in segments.all().iter() {
        living.insert(records.of(segments, document) as u32);
    }
    Ok(living)
}
