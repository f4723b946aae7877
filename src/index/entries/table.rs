//! Where records are, and where their entries came from.

use std::ops::Deref;

/// How many bytes a row has: 2 of the pack, 6 of the offset in it, 4 of the file, 4 of the place in it, 5 of the line.
const ROW_BYTES: usize = 21;
/// The offset of what was not written.
const NOWHERE: u64 = (1 << 48) - 1;
/// The line of entries of formats without lines.
const NO_LINE: u64 = (1 << 40) - 1;

/// Where an entry came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::index) struct Place {
    /// The number of the file; 0 is none.
    pub(in crate::index) file: u32,
    /// How many entries of the file stand before it.
    pub(in crate::index) place: u32,
    /// The line, counted from 1, where the format has lines.
    pub(in crate::index) line: Option<u64>,
}

/// Where a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) pack: u16,
    pub(super) offset: u64,
}

/// A row of numbers for each record, in the order of the numbers of records.
#[derive(Debug, Clone, Default)]
pub(in crate::index) struct Table<Bytes>(Bytes);

impl<Bytes: Deref<Target = [u8]>> Table<Bytes> {
    pub(in crate::index) fn new(bytes: Bytes) -> Self {
        Table(bytes)
    }

    /// Returns its bytes, as they are written.
    pub(in crate::index) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns one past the highest number of a record.
    pub(in crate::index) fn records(&self) -> u32 {
        u32::try_from(self.0.len() / ROW_BYTES).unwrap_or(u32::MAX)
    }

    /// Returns where an entry came from; `None` when there is no such record.
    pub(in crate::index) fn place(&self, record: u32) -> Option<Place> {
        let row = self.row(record)?;
        let line = number(&row[16..21]);
        Some(Place {
            file: number(&row[8..12]) as u32,
            place: number(&row[12..16]) as u32,
            line: (line != NO_LINE).then_some(line),
        })
    }

    /// Returns where a record is; `None` when there is no such record, or it was never written.
    pub(super) fn span(&self, record: u32) -> Option<Span> {
        let row = self.row(record)?;
        let offset = number(&row[2..8]);
        (offset != NOWHERE).then(|| Span {
            pack: number(&row[0..2]) as u16,
            offset,
        })
    }

    fn row(&self, record: u32) -> Option<&[u8; ROW_BYTES]> {
        let at = (record as usize).checked_mul(ROW_BYTES)?;
        self.0.get(at..)?.first_chunk()
    }
}

impl Table<Vec<u8>> {
    /// Adds the row of a record that is not written yet; returns its number, `None` when there are as many as can be.
    pub(in crate::index) fn push(&mut self, place: Place) -> Option<u32> {
        let record = self.records();
        if record == u32::MAX {
            return None;
        }
        self.0.extend([0; ROW_BYTES]);
        self.set_span(record, None);
        self.set_place(record, place);
        Some(record)
    }

    /// Says where an entry comes from now.
    pub(in crate::index) fn set_place(&mut self, record: u32, place: Place) {
        if let Some(row) = self.row_mut(record) {
            row[8..12].copy_from_slice(&place.file.to_le_bytes());
            row[12..16].copy_from_slice(&place.place.to_le_bytes());
            // A line beyond what a row has room for is not told.
            let line = place.line.unwrap_or(NO_LINE).min(NO_LINE);
            row[16..21].copy_from_slice(&line.to_le_bytes()[..5]);
        }
    }

    /// Says where a record is now.
    pub(super) fn set_span(&mut self, record: u32, span: Option<Span>) {
        let (pack, offset) = span.map_or((0, NOWHERE), |span| (span.pack, span.offset));
        if let Some(row) = self.row_mut(record) {
            row[0..2].copy_from_slice(&pack.to_le_bytes());
            row[2..8].copy_from_slice(&offset.to_le_bytes()[..6]);
        }
    }

    fn row_mut(&mut self, record: u32) -> Option<&mut [u8; ROW_BYTES]> {
        let at = (record as usize).checked_mul(ROW_BYTES)?;
        self.0.get_mut(at..)?.first_chunk_mut()
    }
}

/// Returns a number of up to eight bytes, the lowest first.
fn number(bytes: &[u8]) -> u64 {
    let mut number = [0; 8];
    number[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_what_was_put_in() {
        let mut table = Table::default();
        let places = [
            (0, 0, None),
            (7, u32::MAX, Some(1)),
            (u32::MAX, 3, Some(1 << 39)),
        ];
        let places = places.map(|(file, place, line)| Place { file, place, line });
        for (record, place) in (0..).zip(places) {
            assert_eq!(table.push(place), Some(record));
            assert_eq!(table.span(record), None);
        }
        let span = Span {
            pack: u16::MAX,
            offset: NOWHERE - 1,
        };
        table.set_span(1, Some(span));
        let moved = Place {
            line: Some(2),
            ..places[0]
        };
        table.set_place(0, moved);
        let table = Table::new(table.bytes());
        let found: Vec<_> = (0..4).map(|record| table.place(record)).collect();
        assert_eq!(found, [Some(moved), Some(places[1]), Some(places[2]), None]);
        let found: Vec<_> = (0..4).map(|record| table.span(record)).collect();
        assert_eq!(found, [None, Some(span), None, None]);
    }
}
