//! What BM25 makes of how long texts are.

use std::io;

use tantivy::directory::OwnedBytes;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::Field;
use tantivy::{DocId, SegmentReader};

use super::Bm25;

/// Frequencies up to this have their saturation in a table: nearly all of them, and a division costs as much as all else
/// that is done for a posting.
const TABULATED: usize = 4;

/// The lengths of a field's texts, ready to score with.
pub(crate) struct FieldLengths {
    /// The engine's one-byte length of each text; `None` when all have one token.
    ids: Option<OwnedBytes>,
    /// k1 · (1 − b + b · length / average), by the one-byte length.
    table: [f32; 256],
    /// By frequency, from 1, and one-byte length.
    saturations: [[f32; 256]; TABULATED],
}

impl FieldLengths {
    /// Returns the lengths of a field whose texts have `average` tokens on average. `ids` has the one-byte length of each;
    /// without, all have one token.
    pub(crate) fn new(ids: Option<OwnedBytes>, average: f32, bm25: Bm25) -> Self {
        let table: [f32; 256] = std::array::from_fn(|id| {
            let length = FieldNormReader::id_to_fieldnorm(id as u8) as f32;
            bm25.k1 * (1.0 - bm25.b + bm25.b * length / average)
        });
        let saturation = |frequency: usize| {
            let frequency = (frequency + 1) as f32;
            table.map(|norm| frequency / (frequency + norm))
        };
        FieldLengths {
            ids,
            table,
            saturations: std::array::from_fn(saturation),
        }
    }

    /// Returns how many tokens a document has in the field, as exactly as one byte keeps it.
    pub(crate) fn length(&self, document: DocId) -> u32 {
        FieldNormReader::id_to_fieldnorm(self.id(document))
    }

    /// Returns what BM25 makes of a term frequency in a document, before weight: between 0 and 1.
    pub(crate) fn saturate(&self, document: DocId, frequency: u32) -> f32 {
        self.saturation(self.id(document), frequency)
    }

    /// Calls `visit` with documents and their saturations.
    #[inline]
    pub(super) fn saturate_all(
        &self,
        documents: &[DocId],
        frequencies: &[u32],
        mut visit: impl FnMut(DocId, f32),
    ) {
        let postings = documents.iter().zip(frequencies);
        match self.ids.as_deref() {
            Some(ids) => postings.for_each(|(document, frequency)| {
                let id = ids[*document as usize];
                visit(*document, self.saturation(id, *frequency));
            }),
            None => postings.for_each(|(document, frequency)| {
                visit(*document, self.saturation(ONE_TOKEN, *frequency));
            }),
        }
    }

    fn id(&self, document: DocId) -> u8 {
        let ids = self.ids.as_deref();
        ids.map_or(ONE_TOKEN, |ids| ids[document as usize])
    }

    #[inline]
    fn saturation(&self, id: u8, frequency: u32) -> f32 {
        match self.saturations.get((frequency as usize).wrapping_sub(1)) {
            Some(by_length) => by_length[usize::from(id)],
            None => {
                let frequency = frequency as f32;
                frequency / (frequency + self.table[usize::from(id)])
            }
        }
    }
}

/// Returns the one-byte length of the text of each document of a segment in a field; `None` for a field that keeps none.
pub(crate) fn lengths(reader: &SegmentReader, field: Field) -> io::Result<Option<OwnedBytes>> {
    let files = reader.fieldnorms_readers().get_inner_file();
    files
        .open_read(field)
        .map(|file| file.read_bytes())
        .transpose()
}

/// The one-byte length of a text of one token: short lengths stand for themselves.
const ONE_TOKEN: u8 = 1;
