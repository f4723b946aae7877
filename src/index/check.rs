//! Checking: whether an index is what was written. Every byte is read, and every entry.

mod facets;
mod sources;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tantivy::columnar::{Column, StrColumn};
use tantivy::schema::{Field, FieldType, OwnedValue, Value};
use tantivy::{DocId, SegmentReader, TantivyDocument};

use self::facets::Sums;
pub use self::sources::{Freshness, SourceState};
use super::segments::Segment;
use super::{GENERATION_PREFIX, Index, META_FILE, Meta, checksum};
use crate::entry::Entry;
use crate::error::{Error, Result};
use crate::schema::{self, stored};

/// An index that is damaged throughout is told from one with a flaw; more is not of use.
const MAX_PROBLEMS: usize = 100;

/// What a check looked at, and what it found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct CheckReport {
    /// The version of the fields and files.
    pub format_version: u32,
    /// The version of the analysis.
    pub analysis_version: u32,
    /// How many files were read and compared with their checksums.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many entries were fetched, decoded and compared with their columns; 0 when a file is damaged, since the engine
    /// does not read those.
    pub entries: u64,
    /// How many of the entries were read from each source.
    pub sources: BTreeMap<String, u64>,
    /// What is wrong; empty for an index that is whole. At most a hundred.
    pub problems: Vec<String>,
    /// What is odd, but does no harm.
    pub notes: Vec<String>,
}

impl CheckReport {
    fn problem(&mut self, problem: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }
}

impl Index {
    /// Returns what a check of the index in a folder found: sizes and checksums of all files, versions, counts, whether
    /// every entry can be fetched, decoded, and agrees with its columns, the dictionary of ids and what filters find.
    /// Reads the whole index.
    ///
    /// Fails with [`Error::NoIndex`] and [`Error::IndexVersion`], and with [`Error::IndexDamaged`] when not even the meta
    /// file can be read. Other damage is in the report.
    pub fn check(dir: &Path) -> Result<CheckReport> {
        let read = || {
            let meta = Meta::read(dir)?;
            meta.ok_or_else(|| Error::NoIndex {
                path: dir.to_owned(),
            })
        };
        let mut meta = read()?;
        loop {
            let report = check_generation(dir, &meta);
            // A build may have swapped the index meanwhile, and removed files of the former one.
            let now = read()?;
            if now.generation == meta.generation {
                return Ok(report);
            }
            meta = now;
        }
    }
}

fn check_generation(dir: &Path, meta: &Meta) -> CheckReport {
    let mut report = CheckReport {
        format_version: meta.format,
        analysis_version: meta.analysis,
        ..CheckReport::default()
    };
    check_files(dir, meta, &mut report);
    if !report.problems.is_empty() {
        return report;
    }
    match Index::open_generation(dir, meta) {
        Ok(index) => {
            if let Err(error) = check_entries(&index, &mut report) {
                report.problem(format!("the engine cannot read it: {error}"));
            }
        }
        Err(Error::IndexDamaged { what, .. }) => report.problem(what),
        Err(error) => report.problem(error.to_string()),
    }
    report
}

/// Compares every file with what the meta file says of it, and the meta file with its own checksum.
fn check_files(dir: &Path, meta: &Meta, report: &mut CheckReport) {
    let path = dir.join(META_FILE);
    match fs::read(&path) {
        // Not a blank of it may be another one.
        Ok(json) if json == meta.clone().written() => {
            report.files += 1;
            report.bytes += json.len() as u64;
        }
        Ok(_) => report.problem(format!("`{META_FILE}` is not as it was written")),
        Err(error) => report.problem(format!("`{META_FILE}`: {error}")),
    }
    let generation = Meta::generation_dir(dir, meta.generation);
    for (name, expected) in &meta.files {
        match checksum(&generation.join(name)) {
            Ok(found) if found == *expected => {
                report.files += 1;
                report.bytes += found.bytes;
            }
            Ok(found) if found.bytes != expected.bytes => report.problem(format!(
                "`{name}` has {} bytes, expected {}",
                found.bytes, expected.bytes
            )),
            Ok(found) => report.problem(format!(
                "`{name}` has the checksum {}, expected {}: its content has changed",
                found.crc32, expected.crc32
            )),
            Err(error) => report.problem(format!("`{name}`: {error}")),
        }
    }
    for name in names(&generation) {
        if !meta.files.contains_key(&name) && !name.ends_with(".lock") {
            report
                .notes
                .push(format!("`{name}` is no file of the index"));
        }
    }
    for name in names(dir) {
        let is_other = name.starts_with(GENERATION_PREFIX) && !generation.ends_with(&name);
        if is_other {
            let note = format!("`{name}` is left of another build; the next one removes it");
            report.notes.push(note);
        }
    }
}

/// Returns the names in a folder, sorted.
fn names(dir: &Path) -> Vec<String> {
    let files = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> = files
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    names
}

/// Fetches every entry and compares it with what else the index says of it.
fn check_entries(index: &Index, report: &mut CheckReport) -> tantivy::Result<()> {
    let expected = index.meta.entries;
    let segments = &index.segments;
    let found = segments.all().len();
    if found != expected {
        report.problem(match found {
            0 => format!("it has no entries, expected {expected}"),
            _ => format!("it has {found} entries, expected {expected}"),
        });
    }
    if index.meta.is_numbered_by_record && !segments.are_numbered_by_record()? {
        report.problem("documents do not have the numbers of their records".to_owned());
    }
    segments.check_frequent(&index.fields)?;
    check_ids(index, report)?;
    sources::check(index, report)?;
    let store = index.store();
    let mut sums = Sums::default();
    for segment in segments.iter() {
        let columns = Columns::new(index, &segment.reader)?;
        for document in segment.reader.doc_ids_alive() {
            let stored = store.entry(segment.base + document);
            let place = (segment, document);
            check_entry(
                index,
                &columns,
                stored.ok().flatten(),
                place,
                &mut sums,
                report,
            )?;
        }
    }
    // What cannot be decoded has no values to compare, and was told.
    if report.entries == found {
        for field in Sums::of_filters(index)?.differing(&sums) {
            report.problem(format!(
                "filters on `{field}` find other entries than those that have its values"
            ));
        }
    }
    Ok(())
}

/// Checks that each id of the dictionary is that of one entry, the one whose column has it, and that no entry is left.
fn check_ids(index: &Index, report: &mut CheckReport) -> tantivy::Result<()> {
    let segments = &index.segments;
    let ids = segments.field(index.fields.id)?;
    let columns = segments.text_column(schema::ID)?;
    let mut without = segments.all();
    let mut written = String::new();
    let mut terms = ids.terms_from(b"")?;
    while let Some((id, term)) = terms.next()? {
        let id = String::from_utf8_lossy(id);
        let documents = ids.first(&term, 2)?;
        let [document] = documents.as_slice() else {
            let entries = term.entries();
            report.problem(format!("the id `{id}` is that of {entries} entries"));
            continue;
        };
        without.remove(*document);
        written.clear();
        let (segment, place) = segments.locate(*document);
        if let Some(column) = &columns[segment]
            && let Some(place) = column.term_ords(place).next()
        {
            column.ord_to_str(place, &mut written)?;
        }
        if written != id {
            report.problem(format!(
                "entry {document} has the id `{id}` in one place and `{written}` in another"
            ));
        }
    }
    for document in without.iter() {
        report.problem(format!("entry {document} cannot be found by an id"));
    }
    Ok(())
}

fn check_entry(
    index: &Index,
    columns: &Columns,
    stored: Option<Entry>,
    (segment, document): (&Segment, DocId),
    sums: &mut Sums,
    report: &mut CheckReport,
) -> tantivy::Result<()> {
    let Some(mut entry) = stored else {
        let document = segment.base + document;
        report.problem(format!("entry {document} cannot be decoded"));
        return Ok(());
    };
    entry.source.line = None;
    let hash = schema::hash(&stored::bytes(&entry));
    let written = index.fields.facts(&entry, 0, hash);
    for name in columns.differing(document, &written)? {
        let id = &entry.id;
        report.problem(format!("the entry `{id}` and its column `{name}` differ"));
    }
    sums.add(index, segment.base + document, &written);
    report.entries += 1;
    *report.sources.entry(entry.source.path).or_default() += 1;
    Ok(())
}

/// The columns that repeat what an entry says.
struct Columns {
    texts: Vec<(Field, String, Option<StrColumn>)>,
    numbers: Vec<(Field, String, Option<Column<i64>>)>,
    flags: Vec<(Field, String, Option<Column<bool>>)>,
    hash: Option<(Field, Column<u64>)>,
}

impl Columns {
    fn new(index: &Index, segment: &SegmentReader) -> tantivy::Result<Self> {
        let readers = segment.fast_fields();
        let mut columns = Columns {
            texts: Vec::new(),
            numbers: Vec::new(),
            flags: Vec::new(),
            hash: None,
        };
        for (field, described) in index.fields.schema.fields() {
            let name = described.name().to_owned();
            match described.field_type() {
                kind if !kind.is_fast() => {}
                FieldType::Str(_) => {
                    let column = readers.str(&name)?;
                    columns.texts.push((field, name, column));
                }
                FieldType::U64(_) if name == schema::HASH => {
                    columns.hash = readers.column_opt(&name)?.map(|column| (field, column));
                }
                FieldType::I64(_) => {
                    let column = readers.column_opt(&name)?;
                    columns.numbers.push((field, name, column));
                }
                FieldType::Bool(_) => {
                    let column = readers.column_opt(&name)?;
                    columns.flags.push((field, name, column));
                }
                // The number of an entry's record is in no entry.
                _ => {}
            }
        }
        Ok(columns)
    }

    /// Returns the names of the columns that have other values for a document than its entry gives.
    fn differing(&self, document: DocId, written: &TantivyDocument) -> tantivy::Result<Vec<&str>> {
        let mut differing = Vec::new();
        for (field, name, column) in &self.texts {
            let values = written.get_all(*field);
            let mut expected: Vec<&str> = values.filter_map(|value| value.as_str()).collect();
            let mut found: Vec<String> = Vec::new();
            if let Some(column) = column {
                for place in column.term_ords(document) {
                    let mut value = String::new();
                    column.ord_to_str(place, &mut value)?;
                    found.push(value);
                }
            }
            expected.sort_unstable();
            found.sort_unstable();
            if !found.iter().eq(&expected) {
                differing.push(name.as_str());
            }
        }
        let first = |field| written.get_first(field).map(OwnedValue::from);
        for (field, name, column) in &self.numbers {
            let found = column.as_ref().and_then(|column| column.first(document));
            if found.map(OwnedValue::I64) != first(*field) {
                differing.push(name.as_str());
            }
        }
        if let Some((field, column)) = &self.hash
            && column.first(document).map(OwnedValue::U64) != first(*field)
        {
            differing.push(schema::HASH);
        }
        for (field, name, column) in &self.flags {
            let found = column.as_ref().and_then(|column| column.first(document));
            if found.map(OwnedValue::Bool) != first(*field) {
                differing.push(name.as_str());
            }
        }
        Ok(differing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::document::EntryDocument;
    use crate::index::entries::Place;
    use crate::index::{Indexer, IndexerOptions};

    /// Builds an index of documents as they come, and returns what a check finds wrong.
    fn problems(documents: &[(TantivyDocument, &[u8])]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = IndexerOptions {
            memory_budget_bytes: 0,
            ..IndexerOptions::default()
        };
        let mut indexer = Indexer::create(folder.path(), options).expect("a build starts");
        for (document, stored) in documents {
            let packs = &indexer.queue.packs;
            let record = packs.add(Place::default()).expect("there is room");
            packs.write(record, stored);
            let document = EntryDocument::made(&indexer.queue, document.clone());
            indexer.writer().add_document(document).expect("is added");
        }
        indexer.commit().expect("is committed");
        Index::check(folder.path()).expect("is checked").problems
    }

    fn document(entry: &Entry) -> TantivyDocument {
        let hash = schema::hash(&stored::bytes(entry));
        let mut texts = schema::Texts::default();
        schema::Fields::new().document(entry, 0, hash, &mut texts)
    }

    /// Returns the document of an entry with another value in a field.
    fn with(entry: &Entry, field: Field, value: &OwnedValue) -> TantivyDocument {
        let mut changed = TantivyDocument::new();
        changed.add_field_value(field, value);
        let written = document(entry);
        for (other, value) in written.field_values() {
            if other != field {
                changed.add_field_value(other, value);
            }
        }
        changed
    }

    #[test]
    fn what_contradicts_itself_is_found_though_every_file_is_as_it_was_written() {
        let fields = schema::Fields::new();
        let field = |name: &str| fields.schema.get_field(name).expect("is a field");
        let entry = Entry {
            id: "a".to_owned(),
            title: "t".to_owned(),
            score: Some(1),
            tags: vec!["x".to_owned()],
            ..Entry::default()
        };
        let text = |text: &str| OwnedValue::Str(text.to_owned());
        let stored = stored::bytes(&entry);
        assert_eq!(problems(&[(document(&entry), &stored)]), [""; 0]);
        for (name, value, expected) in [
            ("id", text("b"), "the entry `a` and its column `id` differ"),
            (
                "tag",
                text("y"),
                "the entry `a` and its column `tag` differ\n\
                 filters on `tag` find other entries than those that have its values",
            ),
            (
                "format",
                text("z"),
                "the entry `a` and its column `format` differ",
            ),
            (
                "score",
                OwnedValue::I64(2),
                "the entry `a` and its column `score` differ",
            ),
            (
                "answered",
                OwnedValue::Bool(true),
                "the entry `a` and its column `answered` differ",
            ),
            (
                "hash",
                OwnedValue::U64(3),
                "the entry `a` and its column `hash` differ",
            ),
            ("record", OwnedValue::U64(1), "entry 0 cannot be decoded"),
        ] {
            let found = problems(&[(with(&entry, field(name), &value), &stored)]);
            assert_eq!(found.join("\n"), expected, "{name}");
        }
        let mut without_id = TantivyDocument::new();
        without_id.add_u64(field("record"), 0);
        assert_eq!(
            problems(&[(without_id, &stored)])[0],
            "entry 0 cannot be found by an id"
        );
        assert_eq!(
            problems(&[(document(&entry), &stored[1..])]),
            ["entry 0 cannot be decoded"]
        );
    }

    #[test]
    fn counts_are_compared() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = folder.path();
        let indexer = Indexer::create(dir, IndexerOptions::default()).expect("a build starts");
        indexer.commit().expect("is committed");
        let mut meta = Meta::read(dir).expect("reads").expect("is there");
        meta.entries = 7;
        fs::write(dir.join(META_FILE), meta.written()).expect("is written");
        let problems = Index::check(dir).expect("is checked").problems;
        assert_eq!(problems, ["it has no entries, expected 7"]);
    }
}
