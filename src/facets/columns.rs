//! Columns of facets as they are kept in memory, once counting has cost as much as reading them whole.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tantivy::DocId;
use tantivy::columnar::{ColumnIndex, StrColumn};

use super::FacetField;
use crate::index::Index;
use crate::index::segments::Segment;

/// The columns that an open index keeps: none at first. Whoever counts once, as the program does, pays for no more than that;
/// whoever counts again and again pays about twice for the first times, and a tenth for all others. A column takes some
/// four bytes an entry and two a value.
#[derive(Debug, Default)]
pub(crate) struct KeptColumns {
    of: [OnceLock<Vec<Option<Kept>>>; FacetField::ALL.len()],
    /// Over how many entries each was counted without being kept.
    counted: [AtomicU64; FacetField::ALL.len()],
}

/// A column of a segment.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Where the values of each document start, and where the last ones end; `None` where each document has one.
    starts: Option<Vec<u32>>,
    /// The values of all documents, by their places in `names`.
    values: Values,
    /// The values, in their order.
    names: Vec<String>,
}

#[derive(Debug)]
enum Values {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl KeptColumns {
    /// Returns a facet's column, segment by segment, if it is kept. `entries` are now to be counted.
    pub(super) fn get(
        &self,
        index: &Index,
        field: FacetField,
        entries: u64,
    ) -> tantivy::Result<Option<&[Option<Kept>]>> {
        let cell = &self.of[field as usize];
        if let Some(kept) = cell.get() {
            return Ok(Some(kept));
        }
        let counted = &self.counted[field as usize];
        let before = counted.fetch_add(entries, Ordering::Relaxed);
        if before < u64::from(index.documents()) {
            return Ok(None);
        }
        let columns = index.segments.text_column(field.as_str())?;
        let segments = index.segments.iter().zip(&columns);
        let kept = segments.map(|(segment, column)| {
            let column = column.as_ref();
            column.map(|column| Kept::read(segment, column)).transpose()
        });
        let kept = kept.collect::<tantivy::Result<Vec<_>>>()?;
        Ok(Some(cell.get_or_init(|| kept)))
    }
}

impl Kept {
    fn read(segment: &Segment, column: &StrColumn) -> tantivy::Result<Self> {
        let mut names = Vec::with_capacity(column.num_terms());
        let mut stream = column.dictionary().stream()?;
        while stream.advance() {
            names.push(String::from_utf8_lossy(stream.key()).into_owned());
        }
        let ordinals = column.ords();
        let starts = (!matches!(ordinals.index, ColumnIndex::Full)).then(|| {
            let mut starts = Vec::with_capacity(segment.documents() as usize + 1);
            let mut end = 0;
            for document in 0..segment.documents() {
                let rows = ordinals.index.value_row_ids(document);
                // Where a document has none, the range is empty, wherever it is said to be.
                starts.push(end);
                end += rows.len() as u32;
            }
            starts.push(end);
            starts
        });
        let rows = 0..ordinals.values.num_vals();
        let values = rows.map(|row| ordinals.values.get_val(row));
        let values = match u16::try_from(names.len()) {
            Ok(_) => Values::Narrow(values.map(|value| value as u16).collect()),
            Err(_) => Values::Wide(values.map(|value| value as u32).collect()),
        };
        Ok(Kept {
            starts,
            values,
            names,
        })
    }

    /// Returns the values, in their order.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Adds the values that documents have to how often each value is there.
    pub(super) fn count(&self, documents: &[DocId], counts: &mut [u32]) {
        match &self.values {
            Values::Narrow(values) => count(self.starts.as_deref(), values, documents, counts),
            Values::Wide(values) => count(self.starts.as_deref(), values, documents, counts),
        }
    }
}

fn count<V: Copy + Into<u32>>(
    starts: Option<&[u32]>,
    values: &[V],
    documents: &[DocId],
    counts: &mut [u32],
) {
    let mut add = |value: V| counts[value.into() as usize] += 1;
    match starts {
        None => documents
            .iter()
            .for_each(|document| add(values[*document as usize])),
        Some(starts) => {
            for document in documents {
                let document = *document as usize;
                let (start, end) = (starts[document] as usize, starts[document + 1] as usize);
                values[start..end].iter().copied().for_each(&mut add);
            }
        }
    }
}
