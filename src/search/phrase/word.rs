//! A word of a phrase with the places where it stands, for some documents at a time.

use std::io;

use tantivy::positions::PositionReader;
use tantivy::postings::{BlockSegmentPostings, Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, TERMINATED};

use crate::accumulate::has_document;
use crate::index::segments::{FieldIndex, IndexedTerm};

/// A word that has more documents than so many for each one that is looked at has blocks that need not be read.
const PASSED: u32 = 128;

/// A document is looked for among so many of the next ones at once.
const NEAR: usize = 8;
/// One that is farther away than so many is looked for by halves.
const FAR: usize = 32;

/// Of so many pairs of places, all are compared.
const MAX_PAIRS: usize = 32;

/// So many places that nobody wants are read with those around them: asking twice takes longer.
const READ_OVER: u64 = 64;

/// A word with its place in the phrase.
pub(super) struct Word {
    reading: Reading,
    place: u32,
    /// Where its places are in each document of a batch.
    spans: Vec<Span>,
}

/// Where the places of a word in one document are among all of its places.
#[derive(Clone, Copy)]
struct Span {
    first: u64,
    count: u32,
}

enum Reading {
    /// From one document that is looked at to the next, over blocks that are not read.
    Skipping(Box<Skipping>),
    /// Block after block.
    Through(Box<Through>),
}

struct Skipping {
    postings: SegmentPostings,
    /// The places in the documents of a batch.
    places: Vec<u32>,
}

/// Postings that are read from the first to the last, so that where the places of a document begin is counted and not looked up.
struct Through {
    blocks: BlockSegmentPostings,
    places: PositionReader,
    /// How many places all documents before one of the block have, and which one.
    counted: (u64, usize),
}

impl Skipping {
    fn span(&mut self) -> Span {
        let first = self.places.len();
        self.postings
            .append_positions_with_offset(0, &mut self.places);
        Span {
            first: first as u64,
            count: (self.places.len() - first) as u32,
        }
    }
}

impl Through {
    fn pass_block(&mut self) {
        let (places, cursor) = self.counted;
        let rest = self.blocks.freqs()[cursor..].iter().sum::<u32>();
        self.counted = (places + u64::from(rest), 0);
        self.blocks.advance();
    }

    /// Calls `keep` with the numbers of those documents that have the word, and where its places are. The documents are in order, and
    /// behind those of the calls before.
    fn find(&mut self, documents: &[DocId], mut keep: impl FnMut(usize, Span)) {
        for (number, document) in documents.iter().enumerate() {
            let is_before = |other: &DocId| other < document;
            while self.blocks.docs().last().is_some_and(is_before) {
                self.pass_block();
            }
            let (there, counts) = (self.blocks.docs(), self.blocks.freqs());
            let (mut first, mut cursor) = self.counted;
            // Most often it is one of the next. Those before it are counted without a branch, which no processor could foresee.
            while let (Some(next), Some(next_counts)) = (
                there[cursor..].first_chunk::<NEAR>(),
                counts[cursor..].first_chunk::<NEAR>(),
            ) {
                let (mut passed, mut places) = (0, 0);
                for (other, count) in next.iter().zip(next_counts) {
                    let is_before = u32::from(other < document);
                    passed += is_before;
                    places += count * is_before;
                }
                first += u64::from(places);
                cursor += passed as usize;
                if (passed as usize) < NEAR {
                    break;
                }
                if there.get(cursor + FAR).is_some_and(is_before) {
                    let end = cursor + FAR + there[cursor + FAR..].partition_point(is_before);
                    first += u64::from(counts[cursor..end].iter().sum::<u32>());
                    cursor = end;
                }
            }
            while there.get(cursor).is_some_and(is_before) {
                first += u64::from(counts[cursor]);
                cursor += 1;
            }
            self.counted = (first, cursor);
            match there.get(cursor) {
                None => return,
                Some(found) if found == document => {
                    let count = counts[cursor];
                    keep(number, Span { first, count });
                }
                Some(_) => {}
            }
        }
    }

    /// Reads spans, which are in order: their places one behind the other, each as its distance from the one before, with others
    /// between them. Says where each begins.
    fn read(&mut self, spans: impl Iterator<Item = Span>, read: &mut Read) {
        // What is read at once.
        let (mut start, mut end) = (0, 0);
        for span in spans {
            let is_near = span.first <= end + READ_OVER;
            if !is_near || start == end {
                self.read_places(start, end, &mut read.distances);
                start = span.first;
            }
            end = span.first + u64::from(span.count);
            let from = read.distances.len() as u64 + span.first - start;
            read.from.push(from as usize);
        }
        self.read_places(start, end, &mut read.distances);
    }

    fn read_places(&mut self, start: u64, end: u64, distances: &mut Vec<u32>) {
        let before = distances.len();
        distances.resize(before + (end - start) as usize, 0);
        if start < end {
            self.places.read(start, &mut distances[before..]);
        }
    }
}

/// Places that were read.
#[derive(Default)]
struct Read {
    /// Each as its distance from the one before in its document.
    distances: Vec<u32>,
    /// Where those of each document begin.
    from: Vec<usize>,
}

impl Word {
    /// Returns a word of a segment, for looking at so many documents at most; `None` where no document has it.
    pub(super) fn open(
        index: &FieldIndex<'_>,
        term: &IndexedTerm,
        segment: usize,
        looked_at: u32,
        place: usize,
    ) -> io::Result<Option<Self>> {
        let is_skipping = index.documents_in(term, segment) / PASSED > looked_at;
        let reading = if is_skipping {
            let option = IndexRecordOption::WithFreqsAndPositions;
            let postings = index.postings(term, segment, option)?;
            let places = Vec::new();
            postings.map(|postings| Reading::Skipping(Box::new(Skipping { postings, places })))
        } else {
            let blocks = index.blocks(term, segment, IndexRecordOption::WithFreqs)?;
            let places = index.places(term, segment)?;
            blocks.zip(places).map(|(blocks, places)| {
                Reading::Through(Box::new(Through {
                    blocks,
                    places,
                    counted: (0, 0),
                }))
            })
        };
        let place = place as u32;
        Ok(reading.map(|reading| Word {
            reading,
            place,
            spans: Vec::new(),
        }))
    }

    /// Takes those of the next documents into the batch that are in some sets, all, a bit for each document in little-endian words;
    /// puts them into `documents`. Returns whether there were any more.
    pub(super) fn take_next(&mut self, sets: &[&[[u8; 8]]], documents: &mut Vec<DocId>) -> bool {
        documents.clear();
        let are_in_all = |document: DocId| {
            let sets = sets.iter();
            sets.fold(true, |all, set| all & has_document(set, document))
        };
        match &mut self.reading {
            Reading::Skipping(skipping) => {
                let document = skipping.postings.doc();
                if document == TERMINATED {
                    return false;
                }
                if are_in_all(document) {
                    documents.push(document);
                    self.spans.push(skipping.span());
                }
                skipping.postings.advance();
            }
            Reading::Through(through) => {
                let block = &through.blocks;
                if block.docs().is_empty() {
                    return false;
                }
                // All are written, and those that are in the sets stay.
                let (begin, mut taken) = (self.spans.len(), 0);
                documents.resize(block.docs().len(), 0);
                let none = Span { first: 0, count: 0 };
                self.spans.resize(begin + block.docs().len(), none);
                let spans = &mut self.spans[begin..];
                let mut first = through.counted.0;
                for (document, count) in block.docs().iter().zip(block.freqs()) {
                    let count = *count;
                    documents[taken] = *document;
                    spans[taken] = Span { first, count };
                    taken += usize::from(are_in_all(*document));
                    first += u64::from(count);
                }
                documents.truncate(taken);
                self.spans.truncate(begin + taken);
                through.counted.0 = first;
                through.blocks.advance();
            }
        }
        true
    }

    /// Takes those of some documents into the batch that have the word; says by their numbers which they are. The documents are in
    /// order, and behind those of the calls before.
    pub(super) fn take(&mut self, documents: &[DocId], taken: &mut Vec<usize>) {
        taken.clear();
        let spans = &mut self.spans;
        let mut keep = |number, span| {
            taken.push(number);
            spans.push(span);
        };
        match &mut self.reading {
            Reading::Skipping(skipping) => {
                for (number, document) in documents.iter().enumerate() {
                    if skipping.postings.doc() < *document {
                        skipping.postings.seek(*document);
                    }
                    if skipping.postings.doc() == *document {
                        keep(number, skipping.span());
                    }
                }
            }
            Reading::Through(through) => through.find(documents, keep),
        }
    }

    /// Leaves, of the documents of the batch from one on, those with some numbers, which are in order.
    pub(super) fn leave(&mut self, from: usize, numbers: &[usize]) {
        for (place, number) in numbers.iter().enumerate() {
            self.spans[from + place] = self.spans[from + number];
        }
        self.spans.truncate(from + numbers.len());
    }

    /// Reads the places in those documents of the batch.
    fn read(&mut self, documents: &[usize], read: &mut Read) {
        read.distances.clear();
        read.from.clear();
        let spans = documents.iter().map(|document| self.spans[*document]);
        match &mut self.reading {
            Reading::Skipping(skipping) => {
                for span in spans {
                    let from = span.first as usize;
                    read.from.push(read.distances.len());
                    let mut before = 0;
                    let places = &skipping.places[from..from + span.count as usize];
                    let distances = places.iter().map(|place| {
                        let before = std::mem::replace(&mut before, *place);
                        place - before
                    });
                    read.distances.extend(distances);
                }
            }
            Reading::Through(through) => through.read(spans, read),
        }
    }

    /// Begins another batch.
    fn clear(&mut self) {
        self.spans.clear();
        if let Reading::Skipping(skipping) = &mut self.reading {
            skipping.places.clear();
        }
    }
}

/// Compares the places of words in the documents of a batch.
#[derive(Default)]
pub(super) struct Comparison {
    read: Read,
    /// The documents of the batch in which the words before stand in order.
    documents: Vec<usize>,
    /// Where the phrase would begin for them to stand so.
    starts: Vec<u32>,
    /// Where those of each of these documents end.
    ends: Vec<usize>,
}

impl Comparison {
    /// Calls `found` with those documents of a batch in which the words stand as their places say, and the places of the first.
    /// Returns how many places were compared; the next batch is empty.
    pub(super) fn run(
        &mut self,
        words: &mut [Word],
        documents: &[DocId],
        mut found: impl FnMut(DocId, &[u32]),
    ) -> u64 {
        let mut compared = 0;
        // Room before the text, for a phrase that would begin there.
        let room = words.iter().map(|word| word.place).max().unwrap_or(0);
        self.documents.clear();
        self.documents.extend(0..documents.len());
        let Some((first, rest)) = words.split_first_mut() else {
            return 0;
        };
        first.read(&self.documents, &mut self.read);
        self.starts.clear();
        self.ends.clear();
        for (span, from) in first.spans.iter().zip(&self.read.from) {
            let mut place = room - first.place;
            let distances = &self.read.distances[*from..from + span.count as usize];
            self.starts.extend(distances.iter().map(|distance| {
                place += distance;
                place
            }));
            self.ends.push(self.starts.len());
        }
        compared += self.starts.len() as u64;
        for word in rest {
            word.read(&self.documents, &mut self.read);
            compared += self.keep(word, room - word.place);
        }
        let mut from = 0;
        for (number, end) in self.documents.iter().zip(&self.ends) {
            let starts = &mut self.starts[from..*end];
            starts.iter_mut().for_each(|start| *start -= room);
            found(documents[*number], starts);
            from = *end;
        }
        words.iter_mut().for_each(Word::clear);
        compared
    }

    /// Leaves the starts where a word stands, too, whose places begin at `first`, and the documents that have any.
    fn keep(&mut self, word: &Word, first: u32) -> u64 {
        let mut compared = 0;
        // What is left is written over what was looked at.
        let (mut from, mut starts_left, mut documents_left) = (0, 0, 0);
        for number in 0..self.documents.len() {
            let (document, end) = (self.documents[number], self.ends[number]);
            let count = word.spans[document].count as usize;
            compared += count as u64;
            let begin = self.read.from[number];
            let places = &mut self.read.distances[begin..begin + count];
            let mut place = first;
            for distance in &mut *places {
                place += *distance;
                *distance = place;
            }
            let left_before = starts_left;
            if (end - from) * count <= MAX_PAIRS {
                // Few are compared each with each: whether one is another's is not foreseen.
                for at in from..end {
                    let start = self.starts[at];
                    let is_there = places
                        .iter()
                        .fold(false, |is, place| is | (*place == start));
                    self.starts[starts_left] = start;
                    starts_left += usize::from(is_there);
                }
            } else {
                let mut places = places.iter().peekable();
                for at in from..end {
                    let start = self.starts[at];
                    while places.next_if(|place| **place < start).is_some() {}
                    if places.peek() == Some(&&start) {
                        self.starts[starts_left] = start;
                        starts_left += 1;
                    }
                }
            }
            from = end;
            if starts_left > left_before {
                self.documents[documents_left] = document;
                self.ends[documents_left] = starts_left;
                documents_left += 1;
            }
        }
        self.starts.truncate(starts_left);
        self.documents.truncate(documents_left);
        self.ends.truncate(documents_left);
        compared
    }
}
