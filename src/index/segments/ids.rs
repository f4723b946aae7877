//! The order of ids over segments: what breaks ties between equal scores.

use std::cell::{Cell, OnceCell};
use std::cmp::Ordering;
use std::io;

use tantivy::DocId;
use tantivy::columnar::StrColumn;

use super::Segments;

/// How many pairs of documents of different segments are compared by their ids as texts before the ids are put in order.
const COMPARED_AS_TEXT: usize = 256;

/// The order of ids, read only when two scores are equal.
pub(crate) struct IdOrder<'a> {
    segments: &'a Segments,
    compared: Cell<usize>,
    ranks: OnceCell<Vec<Vec<u32>>>,
}

impl<'a> IdOrder<'a> {
    pub(crate) fn new(segments: &'a Segments) -> Self {
        IdOrder {
            segments,
            compared: Cell::new(0),
            ranks: OnceCell::new(),
        }
    }

    /// Orders two documents by their ids.
    pub(crate) fn compare(&self, left: DocId, right: DocId) -> Ordering {
        let columns = self.segments.id_columns().unwrap_or_default();
        let ((left_segment, left), (right_segment, right)) =
            (self.segments.locate(left), self.segments.locate(right));
        let ordinal = |segment: usize, document: DocId| {
            let column = columns.get(segment)?.as_ref()?;
            column.term_ords(document).next()
        };
        let (left_place, right_place) =
            (ordinal(left_segment, left), ordinal(right_segment, right));
        let by_number = (left_segment, left).cmp(&(right_segment, right));
        if left_segment == right_segment {
            // A column's ordinals are in the order of its values.
            return left_place.cmp(&right_place).then(by_number);
        }
        let compared = self.compared.get();
        if compared < COMPARED_AS_TEXT && self.ranks.get().is_none() {
            self.compared.set(compared + 1);
            let text = |segment: usize, place: Option<u64>| {
                let mut text = String::new();
                let column = columns.get(segment)?.as_ref()?;
                let is_read = column.ord_to_str(place?, &mut text).unwrap_or_default();
                is_read.then_some(text)
            };
            let left = text(left_segment, left_place);
            return left.cmp(&text(right_segment, right_place)).then(by_number);
        }
        let ranks = self
            .ranks
            .get_or_init(|| ranks(columns).unwrap_or_default());
        let rank =
            |segment: usize, place: Option<u64>| ranks.get(segment)?.get(place? as usize).copied();
        let left = rank(left_segment, left_place);
        left.cmp(&rank(right_segment, right_place)).then(by_number)
    }
}

/// Returns for each segment's column the places of its values among those of all, by their ordinals. Reads the
/// dictionaries once.
pub(crate) fn ranks(columns: &[Option<StrColumn>]) -> io::Result<Vec<Vec<u32>>> {
    let mut ranks: Vec<Vec<u32>> = columns.iter().map(|_| Vec::new()).collect();
    let mut streams = Vec::with_capacity(columns.len());
    for (place, column) in columns.iter().enumerate() {
        let Some(column) = column else { continue };
        let mut stream = column.dictionary().stream()?;
        if stream.advance() {
            streams.push((place, stream));
        }
    }
    let (mut rank, mut key) = (0, Vec::new());
    while let Some(least) = streams.iter().map(|(_, stream)| stream.key()).min() {
        key.clear();
        key.extend_from_slice(least);
        streams.retain_mut(|(place, stream)| {
            if stream.key() != key {
                return true;
            }
            ranks[*place].push(rank);
            stream.advance()
        });
        rank += 1;
    }
    Ok(ranks)
}
