//! The documents that have a term: of the index, block by block, or listed.

use tantivy::DocId;
use tantivy::postings::BlockSegmentPostings;

use crate::work::Work;

/// The documents that have a term, in order, with how often.
#[derive(Clone)]
pub(crate) enum Postings<'a> {
    /// Those of the index, block by block.
    Indexed {
        /// The block that is read.
        block: Box<BlockSegmentPostings>,
        /// How much of it was read.
        cursor: usize,
    },
    /// Those that a phrase was found in; none for a term that no entry has.
    Listed {
        /// The documents that are left.
        documents: &'a [DocId],
        /// How often each has it.
        frequencies: &'a [u32],
    },
}

impl From<BlockSegmentPostings> for Postings<'_> {
    fn from(block: BlockSegmentPostings) -> Self {
        Postings::Indexed {
            block: Box::new(block),
            cursor: 0,
        }
    }
}

impl Postings<'_> {
    /// Returns how many documents of the segment have the term, deleted ones too; of a list, those that are left.
    pub(crate) fn documents(&self) -> u64 {
        match self {
            Postings::Indexed { block, .. } => u64::from(block.doc_freq()),
            Postings::Listed { documents, .. } => documents.len() as u64,
        }
    }

    /// Calls `visit` with the documents before `end` and their frequencies, some at a time, and passes them; returns how many
    /// they were.
    pub(crate) fn visit(
        &mut self,
        end: DocId,
        work: &mut Work,
        mut visit: impl FnMut(&[DocId], &[u32]),
    ) -> u64 {
        // Most blocks lie in one window; only the last one is looked at document by document.
        let in_window = |documents: &[DocId]| match documents.last() {
            Some(last) if *last >= end => documents.partition_point(|id| *id < end),
            _ => documents.len(),
        };
        match self {
            Postings::Listed {
                documents,
                frequencies,
            } => {
                let count = in_window(documents);
                let (now, later) = documents.split_at(count);
                visit(now, frequencies);
                *documents = later;
                *frequencies = &frequencies[count..];
                count as u64
            }
            Postings::Indexed { block, cursor } => {
                let mut visited = 0;
                loop {
                    let documents = &block.docs()[*cursor..];
                    if documents.is_empty() {
                        return visited;
                    }
                    let count = in_window(documents);
                    // A field without frequencies has no list of them.
                    let frequencies = block.freqs().get(*cursor..).unwrap_or_default();
                    if count > 0 {
                        visit(&documents[..count], frequencies);
                        visited += count as u64;
                    }
                    if count < documents.len() {
                        *cursor += count;
                        return visited;
                    }
                    block.advance();
                    work.blocks_decoded += 1;
                    *cursor = 0;
                }
            }
        }
    }

    /// Passes over the documents before `start`; blocks without others are not decoded.
    pub(super) fn skip_to(&mut self, start: DocId, work: &mut Work) {
        match self {
            Postings::Indexed { block, cursor } => {
                let is_behind = |document: &DocId| *document < start;
                if !block.docs().get(*cursor).is_some_and(is_behind) {
                    return;
                }
                if block.docs().last().is_some_and(is_behind) {
                    *cursor = block.seek(start);
                    work.blocks_decoded += 1;
                } else {
                    let left = &block.docs()[*cursor..];
                    *cursor += left.partition_point(is_behind);
                }
            }
            Postings::Listed {
                documents,
                frequencies,
            } => {
                let passed = documents.partition_point(|document| *document < start);
                *documents = &documents[passed..];
                *frequencies = &frequencies[passed..];
            }
        }
    }

    /// Returns how often a document has the term, if it does. Goes forwards only.
    pub(crate) fn frequency(&mut self, document: DocId, work: &mut Work) -> Option<u32> {
        self.skip_to(document, work);
        match self {
            Postings::Indexed { block, cursor } => {
                let is_there = block.docs().get(*cursor) == Some(&document);
                is_there.then(|| block.freq(*cursor))
            }
            Postings::Listed {
                documents,
                frequencies,
            } => (documents.first() == Some(&document)).then(|| frequencies[0]),
        }
    }
}
