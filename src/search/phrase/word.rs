//! A word of a phrase with the places where it stands, document by document.

use std::io;

use tantivy::positions::PositionReader;
use tantivy::postings::{BlockSegmentPostings, Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, TERMINATED};

use crate::index::segments::{FieldIndex, IndexedTerm};

/// A word that has more documents than so many for each one that is looked at has blocks that need not be read.
const PASSED: u32 = 128;

/// A word with its place in the phrase.
pub(super) struct Word {
    reading: Reading,
    place: u32,
}

enum Reading {
    /// From one document that is looked at to the next, over blocks that are not read.
    Skipping(Box<SegmentPostings>),
    /// Block after block.
    Through(Box<Through>),
}

/// Postings that are read from the first to the last, so that where the places of a document begin is counted and not looked up.
struct Through {
    blocks: BlockSegmentPostings,
    /// The document in the block.
    cursor: usize,
    places: PositionReader,
    /// How many places all documents before one of the block have, and which one.
    counted: (u64, usize),
}

impl Through {
    fn pass_block(&mut self) {
        self.count_to(self.blocks.freqs().len());
        self.counted.1 = 0;
        self.cursor = 0;
        self.blocks.advance();
    }

    fn count_to(&mut self, cursor: usize) {
        let (places, from) = self.counted;
        let passed = self.blocks.freqs()[from..cursor].iter().sum::<u32>();
        self.counted = (places + u64::from(passed), cursor);
    }
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
            postings.map(|postings| Reading::Skipping(Box::new(postings)))
        } else {
            let blocks = index.blocks(term, segment, IndexRecordOption::WithFreqs)?;
            let places = index.places(term, segment)?;
            blocks.zip(places).map(|(blocks, places)| {
                Reading::Through(Box::new(Through {
                    blocks,
                    cursor: 0,
                    places,
                    counted: (0, 0),
                }))
            })
        };
        let place = place as u32;
        Ok(reading.map(|reading| Word { reading, place }))
    }

    /// Returns the document that it is at; [`TERMINATED`] behind the last one.
    pub(super) fn document(&self) -> DocId {
        match &self.reading {
            Reading::Skipping(postings) => postings.doc(),
            Reading::Through(through) => {
                let document = through.blocks.docs().get(through.cursor);
                document.copied().unwrap_or(TERMINATED)
            }
        }
    }

    /// Goes to the next document and returns it.
    pub(super) fn go_on(&mut self) -> DocId {
        match &mut self.reading {
            Reading::Skipping(postings) => postings.advance(),
            Reading::Through(through) => {
                through.cursor += 1;
                if through.cursor == through.blocks.docs().len() {
                    through.pass_block();
                }
                self.document()
            }
        }
    }

    /// Goes to a document, or to the next one that has the word, and returns it. Never goes back.
    pub(super) fn go_to(&mut self, document: DocId) -> DocId {
        match &mut self.reading {
            Reading::Skipping(postings) => {
                if postings.doc() < document {
                    postings.seek(document);
                }
            }
            Reading::Through(through) => {
                let is_before = |other: &DocId| *other < document;
                while through.blocks.docs().last().is_some_and(is_before) {
                    through.pass_block();
                }
                let left = &through.blocks.docs()[through.cursor..];
                // Most often it is one of the next.
                let near = left.iter().take(4).position(|other| !is_before(other));
                through.cursor += near.unwrap_or_else(|| left.partition_point(is_before));
            }
        }
        self.document()
    }

    /// Reads where the phrase would begin for the word to stand as it does, in a room of some places before the text.
    fn starts(&mut self, room: u32, starts: &mut Vec<u32>) {
        let first = room - self.place;
        match &mut self.reading {
            Reading::Skipping(postings) => postings.positions_with_offset(first, starts),
            Reading::Through(through) => {
                through.count_to(through.cursor);
                starts.clear();
                starts.resize(through.blocks.freq(through.cursor) as usize, 0);
                through.places.read(through.counted.0, starts);
                let mut place = first;
                for start in starts {
                    place += *start;
                    *start = place;
                }
            }
        }
    }
}

/// Reads into `starts` where words, all at one document, stand as their places say: the places of the first. Returns how many
/// places it read.
pub(super) fn starts_in_order(
    words: &mut [Word],
    starts: &mut Vec<u32>,
    others: &mut Vec<u32>,
) -> u64 {
    let room = words.iter().map(|word| word.place).max().unwrap_or(0);
    let Some((first, rest)) = words.split_first_mut() else {
        return 0;
    };
    first.starts(room, starts);
    let mut read = starts.len();
    for word in rest {
        word.starts(room, others);
        read += others.len();
        let mut left = others.as_slice();
        starts.retain(|start| {
            while let [before, behind @ ..] = left
                && before < start
            {
                left = behind;
            }
            left.first() == Some(start)
        });
        if starts.is_empty() {
            return read as u64;
        }
    }
    starts.iter_mut().for_each(|start| *start -= room);
    read as u64
}
