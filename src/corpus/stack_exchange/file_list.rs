//! The list of files of a 7z archive, looked through before it is read: the library takes memory for whatever a list states,
//! and a list can state anything.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom};

use lzma_rust2::{Lzma2Reader, LzmaReader};

use super::archive::{START_BYTES, invalid};

/// An archive that needs more memory is not read. The largest dictionary that 7-Zip offers has four times as much, and those
/// of the Internet Archive's dumps have a sixteenth.
const MAX_MEMORY_BYTES: u64 = 1 << 30;

/// No dump has so many files. The library takes some hundred bytes for each byte of a list.
const MAX_LIST_BYTES: u64 = 8 << 20;

/// More steps from packed to plain data than this are not known to the format.
const MAX_CODERS: usize = 32;

/// The numbers by which parts of the list are told.
mod id {
    pub(super) const END: u8 = 0;
    pub(super) const LIST: u8 = 1;
    pub(super) const STREAMS: u8 = 4;
    pub(super) const FILES: u8 = 5;
    pub(super) const PACKED: u8 = 6;
    pub(super) const BLOCKS: u8 = 7;
    pub(super) const PARTS: u8 = 8;
    pub(super) const SIZES: u8 = 9;
    pub(super) const CHECKSUMS: u8 = 10;
    pub(super) const CODERS: u8 = 11;
    pub(super) const CODER_SIZES: u8 = 12;
    pub(super) const PART_COUNTS: u8 = 13;
    pub(super) const WITHOUT_CONTENT: u8 = 14;
    pub(super) const EMPTY: u8 = 15;
    pub(super) const ANTI: u8 = 16;
    pub(super) const NAMES: u8 = 17;
    pub(super) const TIMES: std::ops::RangeInclusive<u8> = 18..=20;
    pub(super) const ATTRIBUTES: u8 = 21;
    pub(super) const PACKED_LIST: u8 = 23;
}

const COPY: &[u8] = &[0];
const LZMA: &[u8] = &[3, 1, 1];
const LZMA2: &[u8] = &[33];
const PPMD: &[u8] = &[3, 4, 1];

/// Checks that a list of files agrees with itself, and that reading the archive takes no more memory than can be spared.
/// `range` is where it stands in the archive.
pub(super) fn check(
    archive: &mut (impl Read + Seek),
    range: std::ops::Range<u64>,
) -> io::Result<()> {
    let packed_bytes = range.start - START_BYTES as u64;
    let mut list = part(archive, range)?;
    if list.first() == Some(&id::PACKED_LIST) {
        list = unpacked(archive, &list[1..], packed_bytes)?;
    }
    let mut list = List(&list);
    match list.byte()? {
        id::LIST => {}
        _ => return Err(contradiction()),
    }
    let mut next = list.byte()?;
    if next == id::STREAMS {
        let streams = streams(&mut list, packed_bytes)?;
        streams.blocks.iter().try_for_each(Block::check_memory)?;
        next = list.byte()?;
    }
    if next == id::FILES {
        files(&mut list)?;
        next = list.byte()?;
    }
    match next {
        id::END => Ok(()),
        _ => Err(contradiction()),
    }
}

/// Returns a part of an archive that is not large.
fn part(archive: &mut (impl Read + Seek), range: std::ops::Range<u64>) -> io::Result<Vec<u8>> {
    let bytes = range.end - range.start;
    check_length(bytes)?;
    archive.seek(SeekFrom::Start(range.start))?;
    let mut part = vec![0; bytes as usize];
    archive.read_exact(&mut part)?;
    Ok(part)
}

/// Returns a list that is packed itself; where and how is in a list of its own.
fn unpacked(
    archive: &mut (impl Read + Seek),
    how: &[u8],
    packed_bytes: u64,
) -> io::Result<Vec<u8>> {
    let streams = streams(&mut List(how), packed_bytes)?;
    let (Some(block), Some(size)) = (streams.blocks.first(), streams.sizes.first()) else {
        return Err(contradiction());
    };
    block.check_memory()?;
    check_length(block.bytes)?;
    let start = START_BYTES as u64 + streams.start;
    let packed = part(archive, start..start + size)?;
    let [coder] = block.coders.as_slice() else {
        return Err(unknown());
    };
    // It looks back no further than its beginning.
    let dictionary = coder.memory_bytes()?.min(MAX_LIST_BYTES) as u32;
    let reader: Box<dyn Read + '_> = match (coder.method, coder.properties) {
        (COPY, _) => Box::new(packed.as_slice()),
        (LZMA, [properties, ..]) => Box::new(LzmaReader::new_with_props(
            packed.as_slice(),
            block.bytes,
            *properties,
            dictionary,
            None,
        )?),
        (LZMA2, _) => Box::new(Lzma2Reader::new(packed.as_slice(), dictionary, None)),
        _ => return Err(unknown()),
    };
    let mut list = Vec::new();
    reader.take(block.bytes).read_to_end(&mut list)?;
    Ok(list)
}

/// The packed data of an archive.
struct Streams<'a> {
    /// Where it begins, behind the header at the beginning.
    start: u64,
    /// How many bytes each stream has, one after the other.
    sizes: Vec<u64>,
    blocks: Vec<Block<'a>>,
}

/// What is packed together.
struct Block<'a> {
    coders: Vec<Coder<'a>>,
    /// Which coder's output is the block's.
    last: usize,
    /// How many bytes it has when it is unpacked.
    bytes: u64,
    has_checksum: bool,
    /// How many files it holds.
    parts: usize,
}

/// A step from packed to plain data.
struct Coder<'a> {
    method: &'a [u8],
    properties: &'a [u8],
}

impl Block<'_> {
    fn check_memory(&self) -> io::Result<()> {
        let mut memory = 0;
        for coder in &self.coders {
            memory += coder.memory_bytes()?;
        }
        if memory > MAX_MEMORY_BYTES {
            return Err(invalid(&format!(
                "it takes {} MiB of memory to unpack, more than {} MiB",
                memory >> 20,
                MAX_MEMORY_BYTES >> 20
            )));
        }
        Ok(())
    }
}

impl Coder<'_> {
    /// Returns how much memory it looks back into.
    fn memory_bytes(&self) -> io::Result<u64> {
        match (self.method, self.properties) {
            (LZMA | PPMD, [_, a, b, c, d, ..]) => {
                Ok(u64::from(u32::from_le_bytes([*a, *b, *c, *d])))
            }
            (LZMA2, [40, ..]) => Ok(u64::from(u32::MAX)),
            (LZMA2, [size @ 0..40, ..]) => Ok(u64::from(2 | size & 1) << (size / 2 + 11)),
            (LZMA | PPMD | LZMA2, _) => Err(contradiction()),
            _ => Ok(0),
        }
    }
}

/// Reads what is said of the packed data, which must lie in as many bytes.
fn streams<'a>(list: &mut List<'a>, packed_bytes: u64) -> io::Result<Streams<'a>> {
    let mut streams = Streams {
        start: 0,
        sizes: Vec::new(),
        blocks: Vec::new(),
    };
    let mut next = list.byte()?;
    if next == id::PACKED {
        streams.start = list.number()?;
        let count = list.count()?;
        next = list.byte()?;
        if next == id::SIZES {
            for _ in 0..count {
                streams.sizes.push(list.number()?);
            }
            next = list.byte()?;
        }
        if next == id::CHECKSUMS {
            list.defined(count, 4)?;
            next = list.byte()?;
        }
        let mut sizes = streams.sizes.iter();
        let end = sizes.try_fold(streams.start, |end, size| end.checked_add(*size));
        let is_there = end.is_some_and(|end| end <= packed_bytes);
        if next != id::END || streams.sizes.len() != count || !is_there {
            return Err(contradiction());
        }
        next = list.byte()?;
    }
    if next == id::BLOCKS {
        streams.blocks = blocks(list)?;
        next = list.byte()?;
    }
    if next == id::PARTS {
        parts(list, &mut streams.blocks)?;
        next = list.byte()?;
    }
    // Each block reads one stream.
    match next == id::END && streams.blocks.len() <= streams.sizes.len() {
        true => Ok(streams),
        false => Err(contradiction()),
    }
}

fn blocks<'a>(list: &mut List<'a>) -> io::Result<Vec<Block<'a>>> {
    if list.byte()? != id::CODERS {
        return Err(contradiction());
    }
    let count = list.count()?;
    // Where they stand elsewhere, nobody writes them.
    if list.byte()? != 0 {
        return Err(unknown());
    }
    let mut blocks = Vec::new();
    for _ in 0..count {
        blocks.push(block(list)?);
    }
    if list.byte()? != id::CODER_SIZES {
        return Err(contradiction());
    }
    for block in &mut blocks {
        for coder in 0..block.coders.len() {
            let bytes = list.number()?;
            if coder == block.last {
                block.bytes = bytes;
            }
        }
    }
    let mut next = list.byte()?;
    if next == id::CHECKSUMS {
        let defined = list.defined(count, 4)?;
        for (block, has_checksum) in blocks.iter_mut().zip(defined) {
            block.has_checksum = has_checksum;
        }
        next = list.byte()?;
    }
    match next {
        id::END => Ok(blocks),
        _ => Err(contradiction()),
    }
}

fn block<'a>(list: &mut List<'a>) -> io::Result<Block<'a>> {
    let count = list.count()?;
    if !(1..=MAX_CODERS).contains(&count) {
        return Err(contradiction());
    }
    let mut coders = Vec::new();
    for _ in 0..count {
        let flags = list.byte()?;
        // Several streams into one are for programs, and alternatives for nobody.
        if flags & 0x90 != 0 {
            return Err(unknown());
        }
        let method = list.bytes(u64::from(flags & 0xf))?;
        let properties = match flags & 0x20 {
            0 => &[],
            _ => {
                let length = list.number()?;
                list.bytes(length)?
            }
        };
        coders.push(Coder { method, properties });
    }
    // Which output goes into which coder: each once, so that the steps come to an end.
    let (mut into, mut from) = (BTreeSet::new(), BTreeSet::new());
    for _ in 1..count {
        let (to, of) = (list.number()?, list.number()?);
        let is_coder = |number: u64| number < count as u64;
        if !is_coder(to) || !is_coder(of) || !into.insert(to) || !from.insert(of) {
            return Err(contradiction());
        }
    }
    let last = (0..count)
        .rev()
        .find(|coder| !from.contains(&(*coder as u64)));
    Ok(Block {
        coders,
        last: last.ok_or_else(contradiction)?,
        bytes: 0,
        has_checksum: false,
        parts: 1,
    })
}

/// Reads how blocks are parted into files.
fn parts(list: &mut List<'_>, blocks: &mut [Block<'_>]) -> io::Result<()> {
    let mut next = list.byte()?;
    if next == id::PART_COUNTS {
        let mut all = 0_usize;
        for block in &mut *blocks {
            block.parts = list.count()?;
            all = all.saturating_add(block.parts);
        }
        next = list.byte()?;
        // All parts but the last of a block have a size.
        if all > blocks.len() + list.0.len() {
            return Err(contradiction());
        }
    }
    let has_sizes = next == id::SIZES;
    for block in &*blocks {
        let mut left = block.bytes;
        for _ in 1..block.parts {
            let size = match has_sizes {
                true => list.number()?,
                false => return Err(contradiction()),
            };
            left = left.checked_sub(size).ok_or_else(contradiction)?;
        }
    }
    if has_sizes {
        next = list.byte()?;
    }
    if next == id::CHECKSUMS {
        let missing = blocks
            .iter()
            .filter(|block| block.parts != 1 || !block.has_checksum);
        list.defined(missing.map(|block| block.parts).sum(), 4)?;
        next = list.byte()?;
    }
    match next {
        id::END => Ok(()),
        _ => Err(contradiction()),
    }
}

/// Reads what is said of the files. Whatever has another size than it states leads the library astray.
fn files(list: &mut List<'_>) -> io::Result<()> {
    let count = list.count()?;
    let mut without_content = 0;
    loop {
        let kind = list.byte()?;
        if kind == id::END {
            return Ok(());
        }
        let length = list.number()?;
        let mut said = List(list.bytes(length)?);
        let set = |bits: Vec<bool>| bits.into_iter().filter(|bit| *bit).count();
        match kind {
            id::WITHOUT_CONTENT => without_content = set(said.bits(count)?),
            id::EMPTY | id::ANTI => drop(said.bits(without_content)?),
            id::NAMES => {
                let is_here = said.byte()? == 0;
                let names = said.0.as_chunks::<2>().0.iter();
                let ends = names.filter(|letter| **letter == [0; 2]).count();
                let are_whole = said.0.len() % 2 == 0 && (count == 0 || said.0.ends_with(&[0; 2]));
                if !is_here || !are_whole || ends != count {
                    return Err(contradiction());
                }
                continue;
            }
            kind if id::TIMES.contains(&kind) || kind == id::ATTRIBUTES => {
                let bytes = if kind == id::ATTRIBUTES { 4 } else { 8 };
                let defined = set(said.all_or_bits(count)?);
                let is_here = said.byte()? == 0;
                said.bytes(defined as u64 * bytes)?;
                if !is_here {
                    return Err(unknown());
                }
            }
            _ => continue,
        }
        if !said.0.is_empty() {
            return Err(contradiction());
        }
    }
}

/// What is left of a list.
struct List<'a>(&'a [u8]);

impl<'a> List<'a> {
    fn byte(&mut self) -> io::Result<u8> {
        let (byte, rest) = self.0.split_first().ok_or_else(contradiction)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn bytes(&mut self, count: u64) -> io::Result<&'a [u8]> {
        let count = usize::try_from(count).map_err(|_| contradiction())?;
        let (bytes, rest) = self.0.split_at_checked(count).ok_or_else(contradiction)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// Reads a number: the ones that its first byte begins with say how many bytes follow.
    fn number(&mut self) -> io::Result<u64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let mut number = 0;
        for place in 0..more {
            number |= u64::from(self.byte()?) << (8 * place);
        }
        let high = u64::from(first) & (0x7f >> more.min(7));
        Ok(match more {
            8 => number,
            _ => number | high << (8 * more),
        })
    }

    /// Reads a number of things of which each takes a byte of the list or more.
    fn count(&mut self) -> io::Result<usize> {
        let count = self.number()?;
        match usize::try_from(count) {
            Ok(count) if count <= self.0.len() => Ok(count),
            _ => Err(contradiction()),
        }
    }

    fn bits(&mut self, count: usize) -> io::Result<Vec<bool>> {
        let bytes = self.bytes(count.div_ceil(8) as u64)?;
        let bit = |place: usize| bytes[place / 8] & (0x80 >> (place % 8)) != 0;
        Ok((0..count).map(bit).collect())
    }

    fn all_or_bits(&mut self, count: usize) -> io::Result<Vec<bool>> {
        match self.byte()? {
            0 => self.bits(count),
            _ => Ok(vec![true; count]),
        }
    }

    /// Reads which of some things have a value, and passes over the values.
    fn defined(&mut self, count: usize, bytes: u64) -> io::Result<Vec<bool>> {
        let defined = self.all_or_bits(count)?;
        let values = defined.iter().filter(|defined| **defined).count();
        self.bytes(values as u64 * bytes)?;
        Ok(defined)
    }
}

fn check_length(bytes: u64) -> io::Result<()> {
    match bytes > MAX_LIST_BYTES {
        true => Err(invalid(&format!(
            "its list of files has {} MiB, more than {} MiB",
            bytes >> 20,
            MAX_LIST_BYTES >> 20
        ))),
        false => Ok(()),
    }
}

fn contradiction() -> io::Error {
    invalid("its list of files contradicts itself")
}

fn unknown() -> io::Error {
    invalid("it is packed in a way that is not known")
}
