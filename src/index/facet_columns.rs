//! Columns of facets as they are counted: the values of each document in numbers of one width, read where they lie.
//!
//! The engine's columns are packed bit by bit, and opening one reads parts of all of it, which a process that counts once pays for
//! every time. These lie behind what is known of frequent terms ([`super::frequent`]) and are made of the engine's. A document has a
//! *code* or several of them in the *planes* of a column, each plane with one code for every document. A code stands for a set of
//! values: where values go together in few ways, as topics and languages do, there is one plane, with a code for each way; facets
//! whose ways go together in few ways have that plane together, and are counted at the price of one. Else each of the most frequent
//! values has a code of its own, and what has no code or no room is kept by value, a list of *others* for each.

mod places;
mod write;

use tantivy::DocId;

use crate::accumulate::BitSet;
use crate::facets::FacetField;
use crate::varint;

use places::{BATCH, Places};
pub(in crate::index) use write::{encode, write};

/// How many codes of one byte there are, and of two.
const CODES: [usize; 2] = [1 << 8, 1 << 16];
/// Of so many names, the first is written whole, and of the others what they do not share with the one before.
const BLOCK_NAMES: usize = 16;
/// How many numbers a column begins with.
const HEAD: usize = 9;

/// The column of a facet in a segment. Its values have *places*: those that differ in case only stand together, in the order of
/// what they are in lower case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FacetColumn<'a> {
    /// How many documents the segment has.
    documents: usize,
    /// How many different values there are.
    names: usize,
    /// How many bytes a code has, 1 or 2.
    width: usize,
    /// Where each block of names begins in the text.
    blocks: &'a [[u8; 4]],
    /// The places of names that differ in case only from the one before.
    spellings: &'a [[u8; 4]],
    /// Where the values of each code end, and the values, by their places.
    set_ends: &'a [[u8; 4]],
    set_values: &'a [[u8; 4]],
    /// Where the others of each value end, and these documents.
    other_ends: &'a [[u8; 4]],
    others: &'a [[u8; 4]],
    text: &'a [u8],
    /// The codes, plane by plane.
    planes: &'a [u8],
}

fn number(bytes: &[u8; 4]) -> usize {
    u32::from_le_bytes(*bytes) as usize
}

impl<'a> FacetColumn<'a> {
    /// Returns the column of a facet in the bytes that [`write()`] has written for a segment with so many documents; `None` where a
    /// changed bit has made something else of them. Cheap.
    pub(in crate::index) fn open(
        bytes: &'a [u8],
        field: FacetField,
        documents: DocId,
    ) -> Option<Self> {
        let mut all = [&bytes[..0]; FacetField::ALL.len()];
        let mut rest = bytes;
        for column in &mut all {
            let (length, behind) = rest.split_first_chunk()?;
            let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
            (*column, rest) = behind.split_at_checked(length)?;
        }
        let (mut column, with) = FacetColumn::read(all[field as usize], documents)?;
        if let Some(other) = with {
            let (other, None) = FacetColumn::read(all.get(other)?, documents)? else {
                return None;
            };
            (column.width, column.planes) = (other.width, other.planes);
        }
        Some(column)
    }

    /// Returns the column that bytes are, and the place of the facet whose planes it has, where these are not its own.
    pub(in crate::index) fn read(
        bytes: &'a [u8],
        documents: DocId,
    ) -> Option<(Self, Option<usize>)> {
        let documents = documents as usize;
        if bytes.is_empty() {
            return Some((FacetColumn::none(documents), None));
        }
        let (head, mut rest) = bytes.split_at_checked(4 * HEAD)?;
        let head = head.as_chunks().0.first_chunk::<HEAD>()?;
        let [
            names,
            text,
            spellings,
            sets,
            set_values,
            others,
            width,
            planes,
            with,
        ] = head.each_ref().map(number);
        let mut take = |bytes: usize| -> Option<&'a [u8]> {
            let (taken, behind) = rest.split_at_checked(bytes)?;
            rest = behind;
            Some(taken)
        };
        let mut numbers = |count: usize| Some(take(4 * count)?.as_chunks::<4>().0);
        let column = FacetColumn {
            documents,
            names,
            width,
            blocks: numbers(names.div_ceil(BLOCK_NAMES))?,
            spellings: numbers(spellings)?,
            set_ends: numbers(sets)?,
            set_values: numbers(set_values)?,
            other_ends: numbers(if others > 0 { names } else { 0 })?,
            others: numbers(others)?,
            text: take(text)?,
            planes: take(documents.checked_mul(width)?.checked_mul(planes)?)?,
        };
        let is_whole = rest.is_empty() && (1..=CODES.len()).contains(&width);
        is_whole.then_some((column, with.checked_sub(1)))
    }

    /// Returns the column of a facet that no document has a value in.
    fn none(documents: usize) -> Self {
        FacetColumn {
            documents,
            names: 0,
            width: 1,
            blocks: &[],
            spellings: &[],
            set_ends: &[],
            set_values: &[],
            other_ends: &[],
            others: &[],
            text: &[],
            planes: &[],
        }
    }

    /// Returns how many values there are, spellings told apart.
    pub(crate) fn names(&self) -> usize {
        self.names
    }

    /// Returns the places of values that differ in case only from the one before, in order.
    pub(crate) fn spellings(&self) -> impl Iterator<Item = usize> + 'a {
        self.spellings.iter().map(number)
    }

    /// Calls `read` with the values at places, which are in order. What a changed bit has made unreadable is left out.
    pub(crate) fn read_names(&self, places: &[usize], mut read: impl FnMut(usize, &str)) {
        let mut names = Names::default();
        for place in places {
            let block = place / BLOCK_NAMES;
            if names.next <= block * BLOCK_NAMES || names.next > *place {
                let Some(start) = self.blocks.get(block).map(number) else {
                    continue;
                };
                names = Names {
                    text: self.text.get(start..).unwrap_or_default(),
                    name: Vec::new(),
                    next: block * BLOCK_NAMES,
                };
            }
            while names.next <= *place && names.advance().is_some() {}
            if names.next == place + 1 {
                read(*place, &String::from_utf8_lossy(&names.name));
            }
        }
    }

    fn set(&self, code: usize) -> &'a [[u8; 4]] {
        list(self.set_ends, self.set_values, code)
    }
}

/// Returns a list of several that lie one behind the other; none where a changed bit has made something else of it.
fn list<'a>(ends: &[[u8; 4]], numbers: &'a [[u8; 4]], place: usize) -> &'a [[u8; 4]] {
    let start = place
        .checked_sub(1)
        .map_or(0, |before| number(&ends[before]));
    numbers.get(start..number(&ends[place])).unwrap_or_default()
}

/// Names of a block, read forwards.
#[derive(Default)]
struct Names<'a> {
    text: &'a [u8],
    /// The one that was read last.
    name: Vec<u8>,
    /// The place of the next one.
    next: usize,
}

impl Names<'_> {
    /// Reads the next name; `None` when there is none.
    fn advance(&mut self) -> Option<()> {
        let mut left = self.text.iter();
        let mut next = || left.next().copied();
        let shared = usize::try_from(varint::read(&mut next)?).ok()?;
        let length = usize::try_from(varint::read(&mut next)?).ok()?;
        let (own, rest) = left.as_slice().split_at_checked(length)?;
        self.text = rest;
        self.name.truncate(shared);
        self.name.extend(own);
        self.next += 1;
        Some(())
    }
}

/// Returns how many of the entries have each value of columns of one segment, by its place. `base` is the number of the segment's
/// first document among the entries.
pub(crate) fn count(columns: &[FacetColumn<'_>], entries: &BitSet, base: DocId) -> Vec<Vec<u32>> {
    let mut tallies: Vec<Tally<'_>> = Vec::new();
    let mut tally_of = Vec::with_capacity(columns.len());
    for column in columns {
        let known = tallies
            .iter()
            .position(|tally| std::ptr::eq(tally.planes, column.planes));
        tally_of.push(known.unwrap_or(tallies.len()));
        if known.is_none() {
            tallies.push(Tally::new(column));
        }
    }
    let documents = columns.first().map_or(0, |column| column.documents);
    let entries = entries.words_from(base, documents as DocId);
    let mut places = Places::default();
    for (start, words) in (0..).step_by(BATCH).zip(entries.chunks(BATCH / 64)) {
        let found = places.read(words);
        if !found.is_empty() {
            tallies.iter_mut().for_each(|tally| tally.add(start, found));
        }
    }
    let columns = columns.iter().zip(tally_of);
    columns
        .map(|(column, tally)| tallies[tally].counts(column, &entries))
        .collect()
}

/// How many documents have each code. Two that follow each other often have the same; one counter would wait for itself.
struct Tally<'a> {
    documents: usize,
    width: usize,
    planes: &'a [u8],
    counts: Vec<[u32; 2]>,
}

impl<'a> Tally<'a> {
    fn new(column: &FacetColumn<'a>) -> Self {
        Tally {
            documents: column.documents,
            width: column.width,
            planes: column.planes,
            counts: vec![[0; 2]; CODES[column.width - 1]],
        }
    }

    /// Adds documents, by their places behind `start`.
    fn add(&mut self, start: usize, places: &[u16]) {
        match self.width {
            1 => self.add_codes::<1, { CODES[0] }>(start, places, |[code]| code.into()),
            _ => self.add_codes::<2, { CODES[1] }>(start, places, |code| {
                u16::from_le_bytes(code).into()
            }),
        }
    }

    fn add_codes<const WIDTH: usize, const CODES: usize>(
        &mut self,
        start: usize,
        places: &[u16],
        code: impl Fn([u8; WIDTH]) -> usize,
    ) {
        let Some(counts) = self.counts.first_chunk_mut::<CODES>() else {
            return;
        };
        let planes = self.planes.as_chunks::<WIDTH>().0;
        for plane in planes.chunks_exact(self.documents) {
            let behind = &plane[start..];
            match behind.first_chunk::<BATCH>() {
                Some(batch) => add(batch, places, &code, counts),
                None => {
                    let mut batch = [[0; WIDTH]; BATCH];
                    batch[..behind.len()].copy_from_slice(behind);
                    add(&batch, places, &code, counts);
                }
            }
        }
    }

    /// Returns how many documents have each value of a column that has these codes. `entries` are the words of the documents' set.
    fn counts(&self, column: &FacetColumn<'_>, entries: &[u64]) -> Vec<u32> {
        let mut counts = vec![0_u32; column.names];
        let codes = self.counts.iter().take(column.set_ends.len());
        for (code, [even, odd]) in codes.enumerate() {
            if even + odd > 0 {
                for value in column.set(code) {
                    if let Some(count) = counts.get_mut(number(value)) {
                        *count += even + odd;
                    }
                }
            }
        }
        // Without a branch on what the bit is, which nobody can guess.
        let has = |document: &[u8; 4]| {
            let document = number(document);
            let word = entries.get(document / 64).copied().unwrap_or_default();
            (word >> (document % 64)) as u32 & 1
        };
        let mut start = 0;
        for (count, end) in counts.iter_mut().zip(column.other_ends) {
            let end = number(end);
            // A changed bit may have made the end any number.
            let others = column.others.get(start..end).unwrap_or_default();
            *count += others.iter().map(has).sum::<u32>();
            start = end;
        }
        counts
    }
}

/// Counts the codes of documents by their places in a batch, of which the remainder is the place itself.
fn add<const WIDTH: usize, const CODES: usize>(
    batch: &[[u8; WIDTH]; BATCH],
    places: &[u16],
    code: impl Fn([u8; WIDTH]) -> usize,
    counts: &mut [[u32; 2]; CODES],
) {
    let code = |place: &u16| code(batch[usize::from(*place) % BATCH]);
    let (pairs, rest) = places.as_chunks::<2>();
    for [first, second] in pairs {
        counts[code(first)][0] += 1;
        counts[code(second)][1] += 1;
    }
    for place in rest {
        counts[code(place)][0] += 1;
    }
}
