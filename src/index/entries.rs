//! Entries as they are kept: each compressed alone, and found by the number of its record.
//!
//! A *record* is an entry as [`crate::schema::stored`] writes it, compressed with a dictionary of what the entries of an index have in common, behind its two
//! lengths. Records stand in *packs*, one file of them for each build or update until some are merged. Every record has a
//! number, which its document has in a column, and which is never given twice. The [`Table`] has a row for each number: where
//! the record is, and from which place of which file its entry came. What changes while an entry stays the same, the line it
//! stands in, is only there.

mod compression;
mod pack;
mod table;

use std::cell::{Cell, RefCell};
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use self_cell::self_cell;
use tantivy::DocId;
use tantivy::directory::{Directory, MmapDirectory, OwnedBytes};
use zstd::zstd_safe::{DCtx, DDict};

use super::segments::Segments;
use crate::entry::Entry;
use crate::idle::Idle;
use crate::schema::stored;
use crate::schema::stored::StoredTexts;

pub(super) use pack::Packs;
use table::Span;
pub(super) use table::{Place, Table};

/// The file of the table.
pub(super) const TABLE_FILE: &str = "entries.table";
/// The file of the dictionary; small indexes have none.
const DICTIONARY_FILE: &str = "entries.dictionary";
/// What the names of packs begin and end with, around their numbers.
const PACK_NAME: (&str, &str) = ("entries-", ".pack");

/// How many entries should be brought near at once: more would drive each other out again.
pub(crate) const FETCHED: usize = 16;

/// Returns the file name of a pack.
fn pack_name(pack: u16) -> String {
    let (before, behind) = PACK_NAME;
    format!("{before}{pack}{behind}")
}

/// Returns the number of the pack that a file is.
fn pack_number(name: &str) -> Option<u16> {
    let (before, behind) = PACK_NAME;
    name.strip_prefix(before)?
        .strip_suffix(behind)?
        .parse()
        .ok()
}

/// Returns whether a file of a generation holds entries.
pub(crate) fn is_of_entries(name: &str) -> bool {
    name == TABLE_FILE || name == DICTIONARY_FILE || pack_number(name).is_some()
}

/// The entries of an index, open for reading. Opening maps the files.
pub(crate) struct Entries {
    table: Table<OwnedBytes>,
    packs: Vec<(u16, OwnedBytes)>,
    dictionary: OwnedBytes,
    /// The same as it is decompressed with, from the first entry on.
    loaded: OnceLock<Loaded>,
    idle: Idle<Decompression>,
}

self_cell! {
    /// A dictionary as it is decompressed with, which refers to the file: a copy would cost a fresh process a tenth of its search.
    struct Loaded {
        owner: OwnedBytes,
        #[covariant]
        dependent: DDict,
    }
}

/// Decompresses one entry after another.
struct Decompression {
    decompressor: DCtx<'static>,
    /// The entry that was read last.
    entry: Vec<u8>,
}

/// A buffer for an entry that was larger than this is not kept.
const MAX_KEPT_BYTES: usize = 1 << 20;

impl Entries {
    /// Opens what is in the folder of a generation, which has files of these names.
    pub(super) fn open<'n>(
        directory: &MmapDirectory,
        names: impl Iterator<Item = &'n str>,
    ) -> tantivy::Result<Self> {
        let read = |name: &str| -> tantivy::Result<OwnedBytes> {
            Ok(directory.open_read(Path::new(name))?.read_bytes()?)
        };
        let mut entries = Entries {
            table: Table::new(OwnedBytes::empty()),
            packs: Vec::new(),
            dictionary: OwnedBytes::empty(),
            loaded: OnceLock::new(),
            idle: Idle::default(),
        };
        for name in names {
            if name == TABLE_FILE {
                entries.table = Table::new(read(name)?);
            } else if name == DICTIONARY_FILE {
                entries.dictionary = read(name)?;
            } else if let Some(number) = pack_number(name) {
                entries.packs.push((number, read(name)?));
            }
        }
        Ok(entries)
    }

    /// Returns where entries came from, by their records.
    pub(super) fn table(&self) -> &Table<OwnedBytes> {
        &self.table
    }

    /// Returns the dictionary; empty when there is none.
    pub(super) fn dictionary(&self) -> &[u8] {
        self.dictionary.as_slice()
    }

    /// Returns the numbers of the packs with their bytes.
    pub(super) fn packs(&self) -> impl Iterator<Item = (u16, &[u8])> {
        self.packs
            .iter()
            .map(|(number, pack)| (*number, pack.as_slice()))
    }

    /// Returns a record, with its lengths.
    fn record(&self, span: Span) -> io::Result<pack::Record<'_>> {
        let packs = self.packs.iter();
        let found = packs.into_iter().find(|(number, _)| *number == span.pack);
        let (_, pack) = found.ok_or_else(damaged)?;
        pack::Record::read(pack.as_slice(), span.offset).ok_or_else(damaged)
    }

    /// Returns the dictionary as entries are decompressed with it.
    fn loaded(&self) -> &DDict<'_> {
        let load = || {
            let dictionary = self.dictionary.clone();
            Loaded::new(dictionary, |bytes| DDict::create_by_reference(bytes))
        };
        self.loaded.get_or_init(load).borrow_dependent()
    }

    /// Returns what decompresses entries, for one thread.
    fn decompression(&self) -> Decompression {
        self.idle.take_or(|| Decompression {
            decompressor: DCtx::create(),
            entry: Vec::new(),
        })
    }

    /// Takes back what another thread may use.
    fn keep(&self, mut decompression: Decompression) {
        if decompression.entry.capacity() > MAX_KEPT_BYTES {
            decompression.entry = Vec::new();
        }
        self.idle.keep(decompression);
    }
}

fn damaged() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "an entry is not where it should be",
    )
}

/// Reads entries of documents, one at a time.
pub(crate) struct Store<'a> {
    entries: &'a Entries,
    segments: &'a Segments,
    /// From the first entry on.
    decompression: RefCell<Option<Decompression>>,
    entries_read: Cell<u64>,
}

impl<'a> Store<'a> {
    pub(super) fn new(entries: &'a Entries, segments: &'a Segments) -> Self {
        Store {
            entries,
            segments,
            decompression: RefCell::default(),
            entries_read: Cell::new(0),
        }
    }

    /// Returns an entry as it was read; `None` when what is stored is not one.
    pub(crate) fn entry(&self, document: DocId) -> tantivy::Result<Option<Entry>> {
        self.read(document, |stored, place| {
            let mut entry = stored::entry(stored)?;
            entry.source.line = place.line;
            Some(entry)
        })
    }

    /// Returns whether the texts of an entry pass a test; `None` when what is stored is no entry. They are not read where the bytes
    /// that are stored tell that they do not.
    pub(crate) fn passes(
        &self,
        document: DocId,
        may_pass: impl FnOnce(&[u8]) -> bool,
        passes: impl FnOnce(&StoredTexts<'_>) -> bool,
    ) -> tantivy::Result<Option<bool>> {
        self.read(document, |stored, _| match may_pass(stored) {
            true => Some(passes(&StoredTexts::read(stored)?)),
            false => Some(false),
        })
    }

    /// Brings near what is stored of a few documents that are read next: for what is read of one alone is waited, of several at
    /// once.
    pub(crate) fn fetch(&self, documents: &[DocId]) -> tantivy::Result<()> {
        let table = &self.entries.table;
        let mut records = Vec::with_capacity(documents.len());
        for document in documents {
            records.extend(self.segments.record(*document)?);
        }
        let spans: Vec<Span> = records
            .iter()
            .filter_map(|record| table.span(*record))
            .collect();
        let records = spans
            .iter()
            .filter_map(|span| self.entries.record(*span).ok());
        let records: Vec<pack::Record<'_>> = records.collect();
        let touched = records.iter().fold(0, |sum, record| sum ^ record.touch());
        std::hint::black_box(touched);
        Ok(())
    }

    /// Returns how many entries were read.
    pub(crate) fn entries_read(&self) -> u64 {
        self.entries_read.get()
    }

    fn read<R>(
        &self,
        document: DocId,
        look: impl FnOnce(&[u8], Place) -> Option<R>,
    ) -> tantivy::Result<Option<R>> {
        self.entries_read.set(self.entries_read.get() + 1);
        let Some(record) = self.segments.record(document)? else {
            return Ok(None);
        };
        let table = &self.entries.table;
        let (Some(span), Some(place)) = (table.span(record), table.place(record)) else {
            return Ok(None);
        };
        let record = self.entries.record(span)?;
        let mut decompression = self.decompression.borrow_mut();
        let Decompression {
            decompressor,
            entry,
        } = match &mut *decompression {
            Some(decompression) => decompression,
            none => none.insert(self.entries.decompression()),
        };
        record.decompress(decompressor, self.entries.loaded(), entry)?;
        Ok(look(entry, place))
    }
}

impl Drop for Store<'_> {
    fn drop(&mut self) {
        if let Some(decompression) = self.decompression.take() {
            self.entries.keep(decompression);
        }
    }
}
