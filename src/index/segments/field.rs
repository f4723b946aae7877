//! The terms of one field over all segments.

use std::io;
use std::sync::Arc;

use tantivy::directory::OwnedBytes;
use tantivy::positions::PositionReader;
use tantivy::postings::{BlockSegmentPostings, SegmentPostings, TermInfo};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::termdict::TermStreamer;
use tantivy::{DocId, HasLen, InvertedIndexReader, Term};
use tantivy_fst::raw::Fst;

use super::{COUNTED_ENTRIES, Segments};
use crate::accumulate::BitSet;
use crate::index::frequent::BestDocuments;
use crate::search::phrase::Occurrences;

/// A field of terms over all segments.
pub(crate) struct FieldIndex<'a> {
    pub(super) segments: &'a Segments,
    pub(super) field: Field,
    pub(super) readers: Vec<Arc<InvertedIndexReader>>,
}

/// A term that some document has, as each segment knows it.
#[derive(Debug, Clone)]
pub(crate) struct IndexedTerm {
    infos: Vec<Option<TermInfo>>,
    entries: u64,
}

impl IndexedTerm {
    /// Returns how many entries have the term: exactly up to [`COUNTED_ENTRIES`], else with deleted ones.
    pub(crate) fn entries(&self) -> u64 {
        self.entries
    }
}

impl<'a> FieldIndex<'a> {
    pub(crate) fn segments(&self) -> &'a Segments {
        self.segments
    }

    /// Returns a text as a term of the field.
    pub(crate) fn query_term(&self, text: &str) -> Term {
        Term::from_field_text(self.field, text)
    }

    /// Returns how many tokens the field has.
    pub(crate) fn tokens(&self) -> u64 {
        let readers = self.readers.iter();
        readers.map(|reader| reader.total_num_tokens()).sum()
    }

    /// Returns how many different terms the segments have, added up.
    pub(crate) fn terms(&self) -> u64 {
        let readers = self.readers.iter();
        readers
            .map(|reader| reader.terms().num_terms() as u64)
            .sum()
    }

    /// Returns the dictionary of one segment.
    pub(crate) fn reader(&self, segment: usize) -> &InvertedIndexReader {
        &self.readers[segment]
    }

    /// Returns the words of the dictionary of one segment as the engine keeps them, to be walked through letter by letter; `None`
    /// where there are none.
    pub(crate) fn letters(&self, segment: usize) -> tantivy::Result<Option<Fst<OwnedBytes>>> {
        let Some(dictionary) = self.segments.list[segment].dictionary(self.field)? else {
            return Ok(None);
        };
        // Behind it are where the postings of the terms are, how many bytes those are, and two numbers of versions.
        let of_length = dictionary
            .len()
            .checked_sub(size_of::<u64>() + 2 * size_of::<u32>());
        let of_length = of_length.ok_or_else(damaged)?;
        let length = dictionary.slice(of_length..of_length + size_of::<u64>());
        let length = length.read_bytes()?.as_slice().try_into();
        let places = u64::from_le_bytes(length.map_err(|_| damaged())?);
        let end = usize::try_from(places)
            .ok()
            .and_then(|places| of_length.checked_sub(places));
        let letters = dictionary.slice_to(end.ok_or_else(damaged)?).read_bytes()?;
        Ok(Some(Fst::new(letters).map_err(|_| damaged())?))
    }

    /// Returns a term; `None` when no entry has it.
    pub(crate) fn term(&self, text: &str) -> io::Result<Option<IndexedTerm>> {
        let term = self.query_term(text);
        let infos = self.readers.iter();
        let infos = infos.map(|reader| reader.get_term_info(&term));
        self.counted(infos.collect::<io::Result<_>>()?)
    }

    /// Returns how many entries have a term.
    pub(crate) fn entries_with(&self, text: &str) -> io::Result<u64> {
        Ok(self.term(text)?.map_or(0, |term| term.entries))
    }

    fn counted(&self, infos: Vec<Option<TermInfo>>) -> io::Result<Option<IndexedTerm>> {
        let known = infos.iter().flatten();
        let entries = known.map(|info| u64::from(info.doc_freq)).sum();
        let mut term = IndexedTerm { infos, entries };
        if entries > 0 && entries <= COUNTED_ENTRIES && self.segments.has_deleted() {
            term.entries = 0;
            let mut living = 0;
            self.visit(&term, |_| living += 1)?;
            term.entries = living;
        }
        Ok((term.entries > 0).then_some(term))
    }

    /// Returns a term's postings in one segment, block by block.
    pub(crate) fn blocks(
        &self,
        term: &IndexedTerm,
        segment: usize,
        option: IndexRecordOption,
    ) -> io::Result<Option<BlockSegmentPostings>> {
        let info = term.infos[segment].as_ref();
        let reader = &self.readers[segment];
        info.map(|info| reader.read_block_postings_from_terminfo(info, option))
            .transpose()
    }

    /// Returns the documents of a segment that have a term, a bit each in little-endian words, where they are known.
    pub(crate) fn documents(&self, term: &IndexedTerm, segment: usize) -> Option<&'a [[u8; 8]]> {
        let known = self.segments.list[segment].frequent.as_ref()?;
        known.documents(self.field, term.infos[segment].as_ref()?)
    }

    /// Returns where words stand next to each other in a segment, each with its place in the phrase, where that is known
    /// without looking.
    pub(crate) fn known_phrase(
        &self,
        segment: usize,
        words: &[(&str, usize)],
    ) -> Option<Occurrences> {
        let of_segment = &self.segments.list[segment];
        let mut known = of_segment.frequent.as_ref()?.phrase(self.field, words)?;
        if self.segments.has_deleted() {
            known.retain(|document| of_segment.is_living(document));
        }
        Some(known)
    }

    /// Returns the best documents of a segment for a term of all text that is asked for alone, first the fewest, when the
    /// texts of the scored fields are so long on average.
    pub(crate) fn best(
        &self,
        term: &IndexedTerm,
        segment: usize,
        averages: [f32; 2],
    ) -> Option<[BestDocuments<'a>; 2]> {
        let known = self.segments.list[segment].frequent.as_ref()?;
        known.best(term.infos[segment].as_ref()?, averages)
    }

    /// Returns a term's postings in one segment, document by document.
    pub(crate) fn postings(
        &self,
        term: &IndexedTerm,
        segment: usize,
        option: IndexRecordOption,
    ) -> io::Result<Option<SegmentPostings>> {
        let info = term.infos[segment].as_ref();
        let reader = &self.readers[segment];
        info.map(|info| reader.read_postings_from_terminfo(info, option))
            .transpose()
    }

    /// Returns how many documents of a segment have a term, deleted ones too.
    pub(crate) fn documents_in(&self, term: &IndexedTerm, segment: usize) -> u32 {
        let info = term.infos.get(segment).and_then(Option::as_ref);
        info.map_or(0, |info| info.doc_freq)
    }

    /// Returns where a term stands in the documents of a segment, one after another.
    pub(crate) fn places(
        &self,
        term: &IndexedTerm,
        segment: usize,
    ) -> io::Result<Option<PositionReader>> {
        let Some(info) = &term.infos[segment] else {
            return Ok(None);
        };
        let places = self.segments.list[segment].places(self.field);
        let Some(places) = places.map_err(io::Error::other)? else {
            return Ok(None);
        };
        let places = places.slice(info.positions_range.clone());
        Ok(Some(PositionReader::open(places.read_bytes()?)?))
    }

    /// Calls `visit` with every document that has a term.
    pub(crate) fn visit(&self, term: &IndexedTerm, mut visit: impl FnMut(DocId)) -> io::Result<()> {
        for (place, segment) in self.segments.iter().enumerate() {
            let Some(mut blocks) = self.blocks(term, place, IndexRecordOption::Basic)? else {
                continue;
            };
            while !blocks.docs().is_empty() {
                let documents = blocks.docs().iter();
                documents
                    .filter(|document| segment.is_living(**document))
                    .for_each(|document| visit(segment.base + document));
                blocks.advance();
            }
        }
        Ok(())
    }

    /// Adds every document that has a term to a set of documents that are not deleted.
    pub(crate) fn insert_all(&self, term: &IndexedTerm, set: &mut BitSet) -> io::Result<()> {
        for (place, segment) in self.segments.iter().enumerate() {
            if let Some(words) = self.documents(term, place) {
                set.insert_words(segment.base, words);
                continue;
            }
            let Some(mut blocks) = self.blocks(term, place, IndexRecordOption::Basic)? else {
                continue;
            };
            while !blocks.docs().is_empty() {
                set.insert_sorted(segment.base, blocks.docs());
                blocks.advance();
            }
        }
        self.segments.keep_living(set);
        Ok(())
    }

    /// Returns the first documents that have a term, at most so many.
    pub(crate) fn first(&self, term: &IndexedTerm, most: usize) -> io::Result<Vec<DocId>> {
        let mut first = Vec::new();
        for (place, segment) in self.segments.iter().enumerate() {
            let Some(mut blocks) = self.blocks(term, place, IndexRecordOption::Basic)? else {
                continue;
            };
            while !blocks.docs().is_empty() && first.len() < most {
                let documents = blocks.docs().iter();
                let living = documents.filter(|document| segment.is_living(**document));
                let living = living.map(|document| segment.base + document);
                first.extend(living.take(most - first.len()));
                blocks.advance();
            }
        }
        Ok(first)
    }

    /// Returns the terms from one on, in their order.
    pub(crate) fn terms_from<'s>(&'s self, from: &[u8]) -> io::Result<Terms<'s, 'a>> {
        let mut streams = Vec::with_capacity(self.readers.len());
        for reader in &self.readers {
            let mut stream = reader.terms().range().ge(from).into_stream()?;
            let is_there = stream.advance();
            streams.push(is_there.then_some(stream));
        }
        Ok(Terms {
            index: self,
            streams,
            key: Vec::new(),
        })
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a dictionary is damaged")
}

/// The terms of a field in their order, over all segments.
pub(crate) struct Terms<'s, 'a> {
    index: &'s FieldIndex<'a>,
    /// Each at the next term of its segment.
    streams: Vec<Option<TermStreamer<'s>>>,
    key: Vec<u8>,
}

impl Terms<'_, '_> {
    /// Returns the next term that an entry has.
    pub(crate) fn next(&mut self) -> io::Result<Option<(&[u8], IndexedTerm)>> {
        loop {
            let heads = self.streams.iter().flatten().map(TermStreamer::key);
            let Some(least) = heads.min() else {
                return Ok(None);
            };
            self.key.clear();
            self.key.extend_from_slice(least);
            let mut infos = Vec::with_capacity(self.streams.len());
            for stream in &mut self.streams {
                let mut info = None;
                if let Some(head) = stream
                    && head.key() == self.key
                {
                    info = Some(head.value().clone());
                    if !head.advance() {
                        *stream = None;
                    }
                }
                infos.push(info);
            }
            if let Some(term) = self.index.counted(infos)? {
                return Ok(Some((&self.key, term)));
            }
        }
    }
}
