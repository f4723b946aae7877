//! Made of the engine's columns.

use std::io::{self, Write};

use rustc_hash::FxHashMap;
use tantivy::columnar::StrColumn;
use tantivy::{DocId, SegmentReader};

use super::{BLOCK_NAMES, CODES, HEAD};
use crate::facets::FacetField;
use crate::index::segments::text_column;
use crate::varint;

/// How many planes a column has at most: a document with more frequent values is among the others of the rest.
const MAX_PLANES: usize = 8;

/// In how many ways at most facets go together that have one plane: so many counters stay near the processor.
const MAX_JOINED: usize = 4_096;

/// Writes the columns of all facets of a segment, each behind its length.
pub(in crate::index) fn write(
    segment: &SegmentReader,
    out: &mut impl Write,
) -> tantivy::Result<()> {
    let mut columns = Vec::with_capacity(FacetField::ALL.len());
    for field in FacetField::ALL {
        let column = text_column(segment, field.as_str())?;
        let column = column.map(|column| Column::read(&column, segment.max_doc()));
        columns.push(column.transpose()?);
    }
    write_columns(&mut columns, out)?;
    Ok(())
}

fn write_columns(columns: &mut [Option<Column>], out: &mut impl Write) -> io::Result<()> {
    join(columns);
    for column in columns {
        let bytes = column.as_ref().map_or_else(Vec::new, Column::written);
        out.write_all(&(bytes.len() as u64).to_le_bytes())?;
        out.write_all(&bytes)?;
    }
    Ok(())
}

/// Returns an engine's column of a segment with so many documents as it is counted; nothing where no document has a value. Reads
/// all of it.
pub(in crate::index) fn encode(
    column: Option<&StrColumn>,
    documents: DocId,
) -> io::Result<Vec<u8>> {
    match column {
        Some(column) => Ok(Column::read(column, documents)?.written()),
        None => Ok(Vec::new()),
    }
}

/// A column that is written.
struct Column {
    names: Names,
    layout: Layout,
    /// The place of the facet whose planes it has, where these are not its own.
    with: Option<usize>,
}

/// The values of a column as they are written.
#[derive(Default)]
struct Names {
    count: u32,
    text: Vec<u8>,
    /// Where each block of them begins.
    blocks: Vec<u32>,
    /// The places of those that differ in case only from the one before.
    spellings: Vec<u32>,
}

impl Column {
    fn read(column: &StrColumn, documents: DocId) -> io::Result<Self> {
        let names = names(column)?;
        let mut places = vec![0; names.len()];
        for (place, (_, ordinal)) in (0..).zip(&names) {
            places[*ordinal] = place;
        }
        let mut lists = Lists::default();
        let ordinals = column.ords();
        for document in 0..documents {
            let rows = ordinals.index.value_row_ids(document);
            let values = rows.map(|row| ordinals.values.get_val(row) as usize);
            lists.push(values.filter_map(|value| places.get(value).copied()));
        }
        Ok(Column::new(&names, &lists))
    }

    fn new(names: &[(String, usize)], lists: &Lists) -> Self {
        Column {
            names: Names::new(names),
            layout: Layout::new(lists, names.len()),
            with: None,
        }
    }

    fn written(&self) -> Vec<u8> {
        let Names {
            count,
            text,
            blocks,
            spellings,
        } = &self.names;
        let Layout {
            width,
            planes,
            sets,
            others,
        } = &self.layout;
        let head: [usize; HEAD] = [
            *count as usize,
            text.len(),
            spellings.len(),
            sets.ends.len(),
            sets.numbers.len(),
            others.numbers.len(),
            *width,
            planes.len(),
            self.with.map_or(0, |other| other + 1),
        ];
        let head = head.map(|number| number as u32);
        let mut bytes =
            Vec::with_capacity(4 * HEAD + self.layout.bytes() + text.len() + 4 * blocks.len());
        for numbers in [
            &head[..],
            blocks,
            spellings,
            &sets.ends,
            &sets.numbers,
            &others.ends,
            &others.numbers,
        ] {
            numbers
                .iter()
                .for_each(|number| bytes.extend(number.to_le_bytes()));
        }
        bytes.extend(text);
        for code in planes.iter().flatten() {
            bytes.extend(&code.to_le_bytes()[..*width]);
        }
        bytes
    }
}

/// Gives one plane to facets whose ways go together in few ways: the first of them has it.
fn join(columns: &mut [Option<Column>]) {
    let mut joined: Vec<usize> = Vec::new();
    let mut codes: Vec<u16> = Vec::new();
    // For each code of the plane, that of each facet.
    let mut ways: Vec<Vec<u16>> = vec![Vec::new()];
    for (place, column) in columns.iter().enumerate() {
        let Some(Column { layout, .. }) = column else {
            continue;
        };
        let [plane] = layout.planes.as_slice() else {
            continue;
        };
        if layout.width > 1 || !layout.others.ends.is_empty() {
            continue;
        }
        codes.resize(plane.len(), 0);
        let mut known: FxHashMap<(u16, u16), u16> = FxHashMap::default();
        let mut more: Vec<Vec<u16>> = Vec::new();
        let with = codes.iter().zip(plane).map(|(code, other)| {
            if let Some(code) = known.get(&(*code, *other)) {
                return Some(*code);
            }
            let next = u16::try_from(known.len()).ok()?;
            let mut way = ways[usize::from(*code)].clone();
            way.push(*other);
            more.push(way);
            known.insert((*code, *other), next);
            (known.len() <= MAX_JOINED).then_some(next)
        });
        let with: Option<Vec<u16>> = with.collect();
        if let Some(with) = with {
            (codes, ways) = (with, more);
            joined.push(place);
        }
    }
    let [first, _, ..] = joined.as_slice() else {
        return;
    };
    let (first, width) = (*first, if ways.len() > CODES[0] { 2 } else { 1 });
    let mut plane = Some(codes);
    for (facet, place) in joined.into_iter().enumerate() {
        if let Some(column) = &mut columns[place] {
            let mut sets = Lists::default();
            for way in &ways {
                let code = usize::from(way[facet]);
                // The highest codes stand for no value, and have no set.
                let has_set = code < column.layout.sets.ends.len();
                let set = has_set.then(|| column.layout.sets.get(code));
                sets.push(set.into_iter().flatten().copied());
            }
            column.layout = Layout {
                width,
                planes: plane.take().into_iter().collect(),
                sets,
                others: Lists::default(),
            };
            column.with = (place != first).then_some(first);
        }
    }
}

/// Returns the values of a column with their ordinals, in the order of what they are in lower case.
fn names(column: &StrColumn) -> io::Result<Vec<(String, usize)>> {
    let mut names = Vec::with_capacity(column.num_terms());
    let mut stream = column.dictionary().stream()?;
    while stream.advance() {
        names.push((
            String::from_utf8_lossy(stream.key()).into_owned(),
            names.len(),
        ));
    }
    // The engine's order is that of the bytes: most often the same.
    let is_lower = |name: &str| {
        name.bytes()
            .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
    };
    if !names.iter().all(|(name, _)| is_lower(name)) {
        names.sort_by_cached_key(|(name, _)| (name.to_lowercase(), name.clone()));
    }
    Ok(names)
}

impl Names {
    fn new(names: &[(String, usize)]) -> Self {
        let mut written = Names {
            count: names.len() as u32,
            ..Names::default()
        };
        let mut before = "";
        for (place, (name, _)) in names.iter().enumerate() {
            if place > 0 && before.to_lowercase() == name.to_lowercase() {
                written.spellings.push(place as u32);
            }
            if place.is_multiple_of(BLOCK_NAMES) {
                written.blocks.push(written.text.len() as u32);
                before = "";
            }
            let pairs = before.bytes().zip(name.bytes());
            let shared = pairs.take_while(|(left, right)| left == right).count();
            varint::write(&mut written.text, shared as u64);
            varint::write(&mut written.text, (name.len() - shared) as u64);
            written.text.extend(&name.as_bytes()[shared..]);
            before = name;
        }
        written
    }
}

/// Lists of numbers, one behind the other.
#[derive(Debug, Default)]
struct Lists {
    /// Where each list ends.
    ends: Vec<u32>,
    numbers: Vec<u32>,
}

impl Lists {
    fn get(&self, list: usize) -> &[u32] {
        let start = list.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.numbers[start as usize..self.ends[list] as usize]
    }

    fn push(&mut self, list: impl IntoIterator<Item = u32>) {
        self.numbers.extend(list);
        self.ends.push(self.numbers.len() as u32);
    }

    fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.ends.len()).map(|list| self.get(list))
    }

    fn bytes(&self) -> usize {
        4 * (self.ends.len() + self.numbers.len())
    }
}

/// What documents have: codes, what these stand for, and others.
struct Layout {
    /// How many bytes a code has.
    width: usize,
    planes: Vec<Vec<u16>>,
    sets: Lists,
    /// By value; no lists where there are none.
    others: Lists,
}

impl Layout {
    fn new(lists: &Lists, names: usize) -> Self {
        let slots = Layout::slots(lists, names);
        match Layout::sets(lists) {
            Some(sets) if sets.bytes() <= slots.bytes() => sets,
            _ => slots,
        }
    }

    /// Returns a code for each way in which values go together; `None` when there are too many.
    fn sets(lists: &Lists) -> Option<Self> {
        let mut known: FxHashMap<&[u32], u16> = FxHashMap::default();
        let mut sets = Lists::default();
        let mut codes = Vec::with_capacity(lists.ends.len());
        for list in lists.iter() {
            let code = match known.get(list) {
                Some(code) => *code,
                None => {
                    let code = u16::try_from(known.len()).ok()?;
                    known.insert(list, code);
                    sets.push(list.iter().copied());
                    code
                }
            };
            codes.push(code);
        }
        Some(Layout {
            width: if known.len() > CODES[0] { 2 } else { 1 },
            planes: vec![codes],
            sets,
            others: Lists::default(),
        })
    }

    /// Returns a code for each of the most frequent values, in as many planes as take the fewest bytes.
    fn slots(lists: &Lists, names: usize) -> Self {
        let mut frequency = vec![0_u32; names];
        lists
            .numbers
            .iter()
            .for_each(|value| frequency[*value as usize] += 1);
        let mut frequent: Vec<u32> = (0..names as u32).collect();
        frequent.sort_by_key(|value| std::cmp::Reverse(frequency[*value as usize]));
        // The highest codes say that a document has no value in a plane, each in its own.
        frequent.truncate(CODES[0] - MAX_PLANES);
        let mut code_of: Vec<Option<u16>> = vec![None; names];
        for (code, value) in (0..).zip(&frequent) {
            code_of[*value as usize] = Some(code);
        }
        let has_code = |value: &&u32| code_of[**value as usize].is_some();
        let mut by_count = [0_usize; MAX_PLANES + 1];
        for list in lists.iter() {
            let count = list.iter().filter(has_code).count();
            by_count[..=count.min(MAX_PLANES)]
                .iter_mut()
                .for_each(|documents| *documents += 1);
        }
        // A plane is worth its bytes while it takes the place of as many.
        let is_worth_it = |plane: &usize| 4 * by_count[*plane] >= lists.ends.len();
        let planes = 1 + (2..=MAX_PLANES).take_while(is_worth_it).count();
        let mut layout = Layout {
            width: 1,
            planes: (0..planes)
                .map(|_| Vec::with_capacity(lists.ends.len()))
                .collect(),
            sets: Lists::default(),
            others: Lists::default(),
        };
        frequent.iter().for_each(|value| layout.sets.push([*value]));
        let mut others: Vec<(u32, DocId)> = Vec::new();
        for (document, list) in (0..).zip(lists.iter()) {
            let mut plane = 0;
            for value in list {
                match code_of[*value as usize] {
                    Some(code) if plane < planes => {
                        layout.planes[plane].push(code);
                        plane += 1;
                    }
                    _ => others.push((*value, document)),
                }
            }
            for plane in plane..planes {
                layout.planes[plane].push((CODES[0] - 1 - plane) as u16);
            }
        }
        others.sort_unstable();
        if !others.is_empty() {
            let mut others = others.into_iter().peekable();
            for value in 0..names as u32 {
                let of_value = std::iter::from_fn(|| others.next_if(|(other, _)| *other == value));
                layout.others.push(of_value.map(|(_, document)| document));
            }
        }
        layout
    }

    fn bytes(&self) -> usize {
        let codes: usize = self.planes.iter().map(Vec::len).sum();
        self.width * codes + self.sets.bytes() + self.others.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accumulate::BitSet;
    use crate::index::facet_columns::{FacetColumn, count};

    /// More than two batches.
    const DOCUMENTS: usize = 5_000;

    /// Returns how many documents have each value in each facet, of which `values` tells those of a document; every third document
    /// is left out.
    fn by_hand(values: &dyn Fn(usize, usize) -> Vec<u32>, names: usize) -> Vec<Vec<u32>> {
        let mut counts = vec![vec![0; names]; FacetField::ALL.len()];
        for (facet, counts) in counts.iter_mut().enumerate() {
            for document in (0..DOCUMENTS).filter(|document| document % 3 > 0) {
                for value in values(facet, document) {
                    counts[value as usize] += 1;
                }
            }
        }
        counts
    }

    fn name(place: u32) -> (String, usize) {
        (format!("{}/{place:05}", place / 40), place as usize)
    }

    fn written(values: &dyn Fn(usize, usize) -> Vec<u32>, names: usize) -> Vec<u8> {
        let names: Vec<(String, usize)> = (0..names as u32).map(name).collect();
        let column = |facet: usize| {
            let mut lists = Lists::default();
            (0..DOCUMENTS).for_each(|document| lists.push(values(facet, document)));
            (!lists.numbers.is_empty()).then(|| Column::new(&names, &lists))
        };
        let mut columns: Vec<Option<Column>> = (0..FacetField::ALL.len()).map(column).collect();
        let mut bytes = Vec::new();
        write_columns(&mut columns, &mut bytes).expect("is written");
        bytes
    }

    fn opened(bytes: &[u8]) -> Option<Vec<FacetColumn<'_>>> {
        let open = |field| FacetColumn::open(bytes, field, DOCUMENTS as DocId);
        FacetField::ALL.into_iter().map(open).collect()
    }

    /// The documents stand somewhere among others.
    fn counted(columns: &[FacetColumn<'_>]) -> Vec<Vec<u32>> {
        let base = 77;
        let mut entries = BitSet::full(base + DOCUMENTS as DocId + 99);
        let left_out = (0..DOCUMENTS as DocId).step_by(3);
        left_out.for_each(|document| entries.remove(base + document));
        count(columns, &entries, base)
    }

    #[test]
    fn every_layout_counts_the_same() {
        type Values<'a> = &'a dyn Fn(usize, usize) -> Vec<u32>;
        // So many values, what each document has, and whether facets have a plane together, and how it is made.
        let rows: [(usize, Values<'_>, usize, usize); 6] = [
            (10, &|_, _| Vec::new(), 0, 1),
            // In a few ways, alone and with others.
            (
                40,
                &|facet, document| {
                    if facet == 2 {
                        vec![document as u32 * 7 % 40, 1 + document as u32 % 3]
                    } else {
                        Vec::new()
                    }
                },
                0,
                1,
            ),
            (
                9,
                &|facet, document| (0..(document / (facet + 1)) as u32 % 3).collect(),
                5,
                1,
            ),
            (
                60,
                &|facet, document| vec![(document * (facet + 1)) as u32 % 60],
                5,
                1,
            ),
            // In many, so that not all go together.
            (
                600,
                &|facet, document| vec![(document * (facet + 1)) as u32 % 600],
                0,
                2,
            ),
            // In as many as there are documents, nine of them in some.
            (
                3_000,
                &|_, document| {
                    let length = if document % 100 == 7 { 9 } else { document % 5 };
                    let value = |value: usize| {
                        (((document * 9 + value) * 2_654_435_761) >> 7) as u32 % 3_000
                    };
                    let values: std::collections::BTreeSet<u32> = (0..length).map(value).collect();
                    values.into_iter().collect()
                },
                0,
                1,
            ),
        ];
        for (row, (names, values, joined, width)) in rows.into_iter().enumerate() {
            let bytes = written(values, names);
            let columns = opened(&bytes).expect("is as it was written");
            let first = columns[0].planes;
            let with_first = columns[1..]
                .iter()
                .filter(|column| !first.is_empty() && std::ptr::eq(column.planes, first));
            assert_eq!(with_first.count(), joined, "{row}");
            assert_eq!(columns[2].width, width, "{row}");
            assert_eq!(columns[2].others.is_empty(), names != 3_000, "{row}");
            for (found, expected) in counted(&columns).into_iter().zip(by_hand(values, names)) {
                match found.len() {
                    0 => assert!(expected.iter().all(|count| *count == 0), "{row}"),
                    _ => assert_eq!(found, expected, "{row}"),
                }
            }
            for column in columns.iter().filter(|column| column.names() > 0) {
                let places: Vec<usize> = (0..names).filter(|place| place % 7 < 3).collect();
                let mut read = Vec::new();
                column.read_names(&places, |place, name| read.push((name.to_owned(), place)));
                let expected: Vec<(String, usize)> =
                    places.iter().map(|place| name(*place as u32)).collect();
                assert_eq!(read, expected);
            }
        }
    }

    #[test]
    fn no_changed_bit_stops_a_count() {
        let values = |facet: usize, document: usize| match facet {
            3 => (0..document as u32 % 8)
                .map(|value| (document as u32 * 31 + value * 53) % 400)
                .collect(),
            _ => vec![(document % (facet + 2)) as u32],
        };
        let whole = written(&values, 400);
        let planes = opened(&whole).expect("is as it was written")[0]
            .planes
            .len();
        let mut looked_past = 0;
        // All of what is no code, and some of the codes.
        for at in (0..whole.len()).filter(|at| *at < 600 || at % 97 == 0) {
            for bit in [0, 6] {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                match opened(&bytes) {
                    Some(columns) => {
                        assert_eq!(counted(&columns).len(), FacetField::ALL.len());
                        for column in &columns {
                            let places: Vec<usize> = (0..column.names()).collect();
                            column.read_names(&places, |place, _| assert!(place < column.names()));
                        }
                    }
                    None => looked_past += 1,
                }
            }
        }
        assert!(looked_past > 0 && planes == DOCUMENTS);
    }

    #[test]
    fn names_that_differ_in_case_only_are_told() {
        let names: Vec<(String, usize)> = ["MEMORY", "Memory", "memory", "other", "Über", "über"]
            .into_iter()
            .zip(0..)
            .map(|(name, place)| (name.to_owned(), place))
            .collect();
        let written = Names::new(&names);
        assert_eq!((written.count, written.spellings), (6, vec![1, 2, 5]));
    }
}
