//! The segments of an index as one: documents are counted through, terms have the statistics of all.
//!
//! A whole build leaves one segment. An update adds another and marks documents of the older ones as deleted, until a merge
//! makes one of them again. *Documents* are numbered over all segments: the number that the engine gives them in their
//! segment, and the segment's base. What is opened on demand is opened a segment at a time, under its place among them.
//!
//! What is deleted is nowhere to be seen. Only the statistics of terms in more than [`COUNTED_ENTRIES`] entries have it until
//! it is merged away.

mod columns;
mod field;
mod ids;

use std::cmp::Reverse;
use std::sync::OnceLock;

use tantivy::columnar::{Column, StrColumn};
use tantivy::directory::{CompositeFile, FileSlice, MmapDirectory};
use tantivy::index::SegmentComponent;
use tantivy::schema::Field;
use tantivy::{DocId, SegmentReader};

use super::Tokens;
use super::facet_columns::{self, FacetColumn};
use super::frequent::FrequentTerms;
use crate::accumulate::BitSet;
use crate::facets::FacetField;
use crate::schema::{self, Fields};

pub(crate) use columns::text_column;
pub(crate) use field::{FieldIndex, IndexedTerm};
pub(crate) use ids::{IdOrder, ranks};

/// In an index with deleted documents, terms that at most so many documents have are counted without those: a rare term
/// must be as rare as after a merge, and one that is gone must be gone.
const COUNTED_ENTRIES: u64 = 1_024;

/// One segment of an index.
pub(crate) struct Segment {
    pub(crate) reader: SegmentReader,
    /// Its files.
    files: tantivy::index::Segment,
    /// Those of dictionaries and of places, in parts by field, opened when they are first needed: that reads the end of each.
    parts: [OnceLock<CompositeFile>; 2],
    /// The number of its first document.
    pub(crate) base: DocId,
    /// The file of what is not deleted, where something is.
    living: Option<FileSlice>,
    /// What is known of its frequent terms; none in a small one.
    pub(super) frequent: Option<FrequentTerms>,
    /// The columns of facets that no file has, made when they are first needed.
    facets: [OnceLock<Vec<u8>>; FacetField::ALL.len()],
}

impl Segment {
    /// Returns how many documents it has, deleted ones too.
    pub(crate) fn documents(&self) -> DocId {
        self.reader.max_doc()
    }

    /// Returns the part of a field in the file of the dictionaries; `None` where it has none.
    fn dictionary(&self, field: Field) -> tantivy::Result<Option<FileSlice>> {
        self.part(0, SegmentComponent::Terms, field)
    }

    /// Returns the part of a field in the file of places; `None` where it has none.
    fn places(&self, field: Field) -> tantivy::Result<Option<FileSlice>> {
        self.part(1, SegmentComponent::Positions, field)
    }

    fn part(
        &self,
        number: usize,
        file: SegmentComponent,
        field: Field,
    ) -> tantivy::Result<Option<FileSlice>> {
        let known = &self.parts[number];
        if let Some(parts) = known.get() {
            return Ok(parts.open_read(field));
        }
        let opened = CompositeFile::open(&self.files.open_read(file)?)?;
        Ok(known.get_or_init(|| opened).open_read(field))
    }

    /// Returns whether a document, by its number in the segment, is not deleted.
    fn is_living(&self, document: DocId) -> bool {
        let living = self.reader.alive_bitset();
        living.is_none_or(|living| living.is_alive(document))
    }

    /// Returns the column of a facet as it lies in the segment's file; `None` where it has none. Cheap.
    pub(crate) fn written_facet(&self, field: FacetField) -> Option<FacetColumn<'_>> {
        self.frequent.as_ref()?.facet(field)
    }

    /// Returns the column of a facet. Where no file has it, it is made of the engine's once, and kept.
    pub(crate) fn facet(&self, field: FacetField) -> tantivy::Result<FacetColumn<'_>> {
        if let Some(column) = self.written_facet(field) {
            return Ok(column);
        }
        let cell = &self.facets[field as usize];
        let bytes = match cell.get() {
            Some(bytes) => bytes,
            None => {
                let column = text_column(&self.reader, field.as_str())?;
                let made = facet_columns::encode(column.as_ref(), self.documents())?;
                cell.get_or_init(|| made)
            }
        };
        let column = FacetColumn::read(bytes, self.documents());
        column.map(|(column, _)| column).ok_or_else(|| {
            let message = format!("the column `{field}` cannot be made ready");
            tantivy::TantivyError::InternalError(message)
        })
    }

    /// Adds the documents that are not deleted, 64 at a time: the engine would say them one by one.
    fn add_living(&self, set: &mut BitSet) {
        let bytes = self.living.as_ref().map(FileSlice::read_bytes);
        let Some(Ok(bytes)) = bytes else {
            let documents = self.reader.doc_ids_alive();
            return documents.for_each(|document| set.insert(self.base + document));
        };
        // Behind how many documents there are, a bit for each.
        let words = bytes.get(size_of::<u32>()..).unwrap_or_default();
        let (words, _) = words.as_chunks();
        set.insert_words(self.base, words);
    }
}

/// The segments of an index, the largest first.
pub(crate) struct Segments {
    list: Vec<Segment>,
    documents: DocId,
    /// The documents that are not deleted, made when somebody asks for all; `None` when none is.
    living: OnceLock<Option<BitSet>>,
    /// How many they are.
    entries: u64,
    /// The columns of ids, opened when they are first needed: that reads a part of each.
    ids: OnceLock<Vec<Option<StrColumn>>>,
    /// The columns of the numbers of records, opened when they are first needed: that reads the head of each block, which takes
    /// longer than reading ten entries.
    records: OnceLock<Vec<Option<Column<u64>>>>,
    /// Whether none of that need be read, since each document has the number of its record.
    pub(super) is_numbered_by_record: bool,
}

impl Segments {
    /// Opens the segments of an engine's index.
    pub(super) fn open(inner: &tantivy::Index) -> tantivy::Result<Self> {
        let segments = inner.searchable_segments()?;
        let mut readers = Vec::with_capacity(segments.len());
        for segment in segments {
            let has_deleted = segment.meta().has_deletes();
            let living = has_deleted.then(|| segment.open_read(SegmentComponent::Delete));
            readers.push((SegmentReader::open(&segment)?, living.transpose()?, segment));
        }
        readers.sort_by_key(|(reader, ..)| (Reverse(reader.max_doc()), reader.segment_id()));
        let mut list = Vec::with_capacity(readers.len());
        let mut documents: DocId = 0;
        let mut entries = 0;
        for (reader, living, files) in readers {
            entries += u64::from(reader.num_docs());
            let base = documents;
            documents = base.checked_add(reader.max_doc()).ok_or_else(|| {
                let message = "an index holds no more than 4 billion entries";
                tantivy::TantivyError::InternalError(message.to_owned())
            })?;
            list.push(Segment {
                reader,
                files,
                parts: Default::default(),
                base,
                living,
                frequent: None,
                facets: Default::default(),
            });
        }
        Ok(Segments {
            entries,
            list,
            documents,
            living: OnceLock::new(),
            ids: OnceLock::new(),
            records: OnceLock::new(),
            is_numbered_by_record: false,
        })
    }

    /// Opens what is known of frequent terms, which lies in the folder of a generation.
    pub(super) fn open_frequent(
        &mut self,
        directory: &MmapDirectory,
        fields: &Fields,
    ) -> tantivy::Result<()> {
        for segment in &mut self.list {
            segment.frequent = FrequentTerms::open(directory, &segment.reader, fields)?;
        }
        Ok(())
    }

    /// Fails when what is known of frequent terms is not what the postings say.
    pub(super) fn check_frequent(&self, fields: &Fields) -> tantivy::Result<()> {
        let whole = self.whole();
        for (place, segment) in self.list.iter().enumerate() {
            if let Some(known) = &segment.frequent {
                known.check(&whole, place, fields)?;
            }
        }
        Ok(())
    }

    /// Returns the segments as if nothing of them were deleted, and without what is known of frequent terms.
    pub(super) fn whole(&self) -> Segments {
        let segment = |segment: &Segment| Segment {
            reader: segment.reader.clone(),
            files: segment.files.clone(),
            parts: Default::default(),
            base: segment.base,
            living: None,
            frequent: None,
            facets: Default::default(),
        };
        Segments {
            list: self.list.iter().map(segment).collect(),
            documents: self.documents,
            living: OnceLock::new(),
            entries: u64::from(self.documents),
            ids: OnceLock::new(),
            records: OnceLock::new(),
            is_numbered_by_record: false,
        }
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Segment> {
        self.list.iter()
    }

    /// Returns one past the highest document.
    pub(crate) fn documents(&self) -> DocId {
        self.documents
    }

    /// Returns how many documents are not deleted.
    pub(crate) fn entries(&self) -> u64 {
        self.entries
    }

    /// Returns among how many documents so many have a term: where those are counted with deleted ones, so are all.
    pub(crate) fn counted_among(&self, with_term: u64) -> u64 {
        match with_term {
            ..=COUNTED_ENTRIES => self.entries,
            _ => u64::from(self.documents),
        }
    }

    /// Returns how many tokens documents that are not deleted have. Reads the lengths of all.
    pub(super) fn tokens(&self, fields: &Fields) -> tantivy::Result<Tokens> {
        let tokens = |field: Field| -> tantivy::Result<u64> {
            let mut sum = 0;
            for segment in &self.list {
                let lengths = segment.reader.get_fieldnorms_reader(field)?;
                let living = segment.reader.doc_ids_alive();
                sum += living
                    .map(|document| u64::from(lengths.fieldnorm(document)))
                    .sum::<u64>();
            }
            Ok(sum)
        };
        Ok(Tokens {
            all: tokens(fields.all)?,
            title: tokens(fields.title)?,
        })
    }

    /// Returns the documents that are not deleted; `None` when none is.
    pub(crate) fn living(&self) -> Option<&BitSet> {
        let made = || {
            self.has_deleted().then(|| {
                let mut living = BitSet::empty(self.documents);
                for segment in &self.list {
                    segment.add_living(&mut living);
                }
                living
            })
        };
        self.living.get_or_init(made).as_ref()
    }

    /// Returns the documents that are not deleted.
    pub(crate) fn all(&self) -> BitSet {
        let full = || BitSet::full(self.documents);
        self.living().cloned().unwrap_or_else(full)
    }

    pub(crate) fn has_deleted(&self) -> bool {
        self.entries < u64::from(self.documents)
    }

    /// Takes deleted documents out of a set.
    pub(crate) fn keep_living(&self, documents: &mut BitSet) {
        if let Some(living) = self.living() {
            documents.intersect(living);
        }
    }

    pub(crate) fn is_living(&self, document: DocId) -> bool {
        if !self.has_deleted() {
            return true;
        }
        let (place, document) = self.locate(document);
        self.list[place].is_living(document)
    }

    /// Returns the place of a document's segment, and the document's number in it.
    pub(crate) fn locate(&self, document: DocId) -> (usize, DocId) {
        let behind = self
            .list
            .partition_point(|segment| segment.base <= document);
        let place = behind.saturating_sub(1);
        let base = self.list.get(place).map_or(0, |segment| segment.base);
        (place, document - base)
    }

    /// Returns the documents by segment: the place of each segment that has some of them, and which of the documents, by their
    /// places in the list, in the order of their numbers.
    pub(crate) fn by_segment(&self, documents: &[DocId]) -> Vec<(usize, Vec<usize>)> {
        let mut places: Vec<usize> = (0..documents.len()).collect();
        places.sort_unstable_by_key(|place| documents[*place]);
        let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
        for place in places {
            let (segment, _) = self.locate(documents[place]);
            match groups.last_mut() {
                Some((last, group)) if *last == segment => group.push(place),
                _ => groups.push((segment, vec![place])),
            }
        }
        groups
    }

    /// Returns a field of terms over all segments.
    pub(crate) fn field(&self, field: Field) -> tantivy::Result<FieldIndex<'_>> {
        let readers = self.list.iter();
        let readers = readers.map(|segment| segment.reader.inverted_index(field));
        Ok(FieldIndex {
            segments: self,
            field,
            readers: readers.collect::<tantivy::Result<_>>()?,
        })
    }

    /// Returns a column of texts, segment by segment; none where no document has a value. Fails as [`text_column()`] does.
    pub(crate) fn text_column(&self, name: &str) -> tantivy::Result<Vec<Option<StrColumn>>> {
        let columns = self.list.iter();
        let columns = columns.map(|segment| text_column(&segment.reader, name));
        columns.collect()
    }

    /// Returns the column of ids, segment by segment.
    pub(crate) fn id_columns(&self) -> tantivy::Result<&[Option<StrColumn>]> {
        if let Some(columns) = self.ids.get() {
            return Ok(columns);
        }
        let columns = self.text_column(schema::ID)?;
        Ok(self.ids.get_or_init(|| columns))
    }

    /// Returns the number of a document's record.
    pub(crate) fn record(&self, document: DocId) -> tantivy::Result<Option<u32>> {
        if self.is_numbered_by_record {
            return Ok(Some(document));
        }
        self.written_record(document)
    }

    /// Returns whether each document has the number of its record, as columns say. Reads them until one has not.
    pub(super) fn are_numbered_by_record(&self) -> tantivy::Result<bool> {
        for document in 0..self.documents {
            if self.written_record(document)? != Some(document) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn written_record(&self, document: DocId) -> tantivy::Result<Option<u32>> {
        let columns = match self.records.get() {
            Some(columns) => columns,
            None => {
                let columns = self.list.iter();
                let columns = columns.map(|segment| {
                    let columns = segment.reader.fast_fields();
                    columns.column_opt::<u64>(schema::RECORD)
                });
                let columns = columns.collect::<tantivy::Result<_>>()?;
                self.records.get_or_init(|| columns)
            }
        };
        let (place, document) = self.locate(document);
        let column = columns.get(place).and_then(Option::as_ref);
        let record = column.and_then(|column| column.first(document));
        Ok(record.and_then(|record| u32::try_from(record).ok()))
    }

    /// Returns the ids of documents. The dictionaries are read forwards once: an id looked up alone costs the reading of the
    /// block that it stands in.
    pub(crate) fn ids(&self, documents: &[DocId]) -> tantivy::Result<Vec<String>> {
        let mut ids = vec![String::new(); documents.len()];
        let columns = self.id_columns()?;
        for (segment, places) in self.by_segment(documents) {
            let Some(column) = &columns[segment] else {
                continue;
            };
            let ordinal = |place: &usize| {
                let (_, document) = self.locate(documents[*place]);
                Some((column.term_ords(document).next()?, *place))
            };
            let mut ordinals: Vec<(u64, usize)> = places.iter().filter_map(ordinal).collect();
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
        }
        Ok(ids)
    }
}

#[cfg(test)]
mod tests;
