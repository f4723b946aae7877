//! Records: written by every indexing thread, merged, read.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use tantivy::directory::{MmapDirectory, OwnedBytes};
use zstd::zstd_safe::{self, DCtx, DDict};

use super::compression::{Compression, Waiting, WaitingEntry, train};
use super::table::{Place, Span, Table};
use super::{DICTIONARY_FILE, Entries, TABLE_FILE, damaged, pack_name};
use crate::accumulate::BitSet;
use crate::index::merging::{self, Size};
use crate::varint;

/// How many bytes are read or written at once.
const BUFFER_BYTES: usize = 256 << 10;
/// How much of memory comes near at once.
const LINE_BYTES: usize = 64;
/// What stands behind so many bytes of a record comes near while these are decompressed.
const MAX_TOUCHED_BYTES: usize = 1 << 10;

/// A record where it stands.
pub(super) struct Record<'a>(&'a [u8]);

impl<'a> Record<'a> {
    /// Returns the record at an offset of a pack; `None` when there is none.
    pub(super) fn read(pack: &'a [u8], offset: u64) -> Option<Self> {
        let mut rest = pack.get(usize::try_from(offset).ok()?..)?;
        let length = varint::read(|| {
            let (byte, behind) = rest.split_first()?;
            rest = behind;
            Some(*byte)
        })?;
        rest.get(..usize::try_from(length).ok()?).map(Record)
    }

    /// Reads something of every line of memory that it stands in, so that it is near when it is decompressed.
    pub(super) fn touch(&self) -> u8 {
        let lines = self.0.iter().take(MAX_TOUCHED_BYTES).step_by(LINE_BYTES);
        lines.fold(0, |sum, byte| sum ^ byte)
    }

    /// Puts the entry in place of what is in a buffer.
    pub(super) fn decompress(
        &self,
        decompressor: &mut DCtx<'_>,
        dictionary: &DDict<'_>,
        entry: &mut Vec<u8>,
    ) -> io::Result<()> {
        let length = zstd_safe::get_frame_content_size(self.0).ok().flatten();
        let length = length.and_then(|length| usize::try_from(length).ok());
        entry.clear();
        // A length that was damaged may be anything.
        entry
            .try_reserve(length.ok_or_else(damaged)?)
            .map_err(|_| damaged())?;
        let read = decompressor.decompress_using_ddict(entry, self.0, dictionary);
        read.map_err(|code| io::Error::other(zstd_safe::get_error_name(code)))?;
        Ok(())
    }
}

/// The packs of a build, with their table. Every thread that makes documents writes to them.
#[derive(Debug)]
pub(in crate::index) struct Packs {
    generation: PathBuf,
    written: Mutex<Written>,
    compression: Mutex<Compression>,
}

#[derive(Debug, Default)]
struct Written {
    table: Table<Vec<u8>>,
    /// The pack that is written, once something is.
    pack: Option<Pack>,
    /// The number that it has.
    number: u16,
    /// What went wrong first.
    failed: Option<io::Error>,
}

impl Packs {
    /// Returns the packs of a whole build.
    pub(in crate::index) fn new(generation: &Path) -> Self {
        let compression = Compression {
            waiting: Some(Waiting::default()),
            ..Compression::default()
        };
        Packs {
            generation: generation.to_owned(),
            written: Mutex::default(),
            compression: Mutex::new(compression),
        }
    }

    /// Returns the packs of an update, whose folder has those of the former index already.
    pub(in crate::index) fn update(generation: &Path, former: &Entries) -> Self {
        let packs = Packs::new(generation);
        *packs.compression() = Compression {
            dictionary: former.dictionary().to_vec(),
            ..Compression::default()
        };
        let mut written = packs.written();
        written.table = Table::new(former.table().bytes().to_vec());
        let taken: Vec<u16> = former.packs().map(|(number, _)| number).collect();
        written.number = free(&taken);
        drop(written);
        packs
    }

    /// Adds a row for an entry that is going to be written, and returns the number of its record.
    pub(in crate::index) fn add(&self, place: Place) -> io::Result<u32> {
        let mut written = self.written();
        if let Some(error) = written.failed.take() {
            return Err(error);
        }
        let full = || io::Error::other("an index has room for no more than 4 billion entries");
        written.table.push(place).ok_or_else(full)
    }

    /// Returns how many of some records are of entries from each file, by its number.
    pub(in crate::index) fn by_file(&self, records: &BitSet) -> FxHashMap<u32, u64> {
        let written = self.written();
        let mut counts = FxHashMap::default();
        for record in records.iter() {
            if let Some(place) = written.table.place(record) {
                *counts.entry(place.file).or_default() += 1;
            }
        }
        counts
    }

    /// Returns one past the highest number of a record.
    pub(in crate::index) fn records(&self) -> u32 {
        self.written().table.records()
    }

    /// Returns what was written until now, open for reading. Copies the table.
    pub(in crate::index) fn entries(&self) -> tantivy::Result<Entries> {
        self.end_waiting();
        let mut written = self.written();
        if let Some(pack) = &mut written.pack {
            pack.file.flush()?;
        }
        let mut names = Vec::new();
        for file in fs::read_dir(&self.generation)? {
            names.extend(file?.file_name().into_string().ok());
        }
        let directory = MmapDirectory::open(&self.generation)?;
        let mut entries = Entries::open(&directory, names.iter().map(String::as_str))?;
        entries.table = Table::new(OwnedBytes::new(written.table.bytes().to_vec()));
        Ok(entries)
    }

    /// Says where an entry comes from now; returns whether it came from elsewhere.
    pub(in crate::index) fn set_place(&self, record: u32, place: Place) -> bool {
        let mut written = self.written();
        let is_moved = written.table.place(record) != Some(place);
        written.table.set_place(record, place);
        is_moved
    }

    /// Writes an entry. What goes wrong is told by the next [`Packs::add`], or by [`Packs::finish`].
    ///
    /// The first entries of a whole build wait for their dictionary; it is made by the thread that brings the last of them, while
    /// others go on.
    pub(in crate::index) fn write(&self, record: u32, entry: &[u8]) {
        let mut compression = self.compression();
        let samples = match &mut compression.waiting {
            Some(waiting) => waiting.add(record, entry),
            None => {
                drop(compression);
                return self.write_now(record, entry);
            }
        };
        drop(compression);
        if let Some(samples) = samples {
            self.end_sample(samples);
        }
    }

    /// Makes the dictionary of fewer entries than it should have, if some wait for it still.
    fn end_waiting(&self) {
        let mut waiting = match &mut self.compression().waiting {
            Some(waiting) => std::mem::take(&mut waiting.entries),
            None => return,
        };
        waiting.sort_unstable_by_key(|entry| entry.record);
        self.end_sample(waiting);
    }

    /// Makes the dictionary, and writes what waits for it.
    fn end_sample(&self, samples: Vec<WaitingEntry>) {
        let dictionary = train(&samples);
        let is_saved = match dictionary.is_empty() {
            true => Ok(()),
            false => fs::write(self.generation.join(DICTIONARY_FILE), &dictionary),
        };
        if let Err(error) = is_saved {
            self.written().failed.get_or_insert(error);
        }
        let mut compression = self.compression();
        compression.dictionary = dictionary;
        let waiting = compression.waiting.take().unwrap_or_default();
        drop(compression);
        for WaitingEntry { record, entry } in samples.into_iter().chain(waiting.entries) {
            self.write_now(record, &entry);
        }
    }

    fn write_now(&self, record: u32, entry: &[u8]) {
        let compressed = self.compress(entry);
        let mut written = self.written();
        if let Err(error) =
            compressed.and_then(|bytes| written.write(&self.generation, record, &bytes))
        {
            written.failed.get_or_insert(error);
        }
    }

    /// Returns the record of an entry.
    fn compress(&self, entry: &[u8]) -> io::Result<Vec<u8>> {
        let mut compressor = self.compression().compressor()?;
        let compressed = compressor.compress(entry)?;
        self.compression().idle.push(compressor);
        let mut record = Vec::with_capacity(compressed.len() + 5);
        varint::write(&mut record, compressed.len() as u64);
        record.extend_from_slice(&compressed);
        Ok(record)
    }

    /// Ends the packs: merges those that should be, without the records that are not wanted any more, or all, and writes the
    /// table.
    pub(in crate::index) fn finish(&self, wanted: &BitSet, merges_all: bool) -> io::Result<()> {
        self.end_waiting();
        let mut written = self.written();
        if let Some(error) = written.failed.take() {
            return Err(error);
        }
        written.end()?;
        let mut by_pack: BTreeMap<u16, Size> = BTreeMap::new();
        for record in 0..written.table.records() {
            if let Some(span) = written.table.span(record) {
                let size = by_pack.entry(span.pack).or_insert(Size {
                    id: usize::from(span.pack),
                    ..Size::default()
                });
                match wanted.contains(record) {
                    true => size.living += 1,
                    false => size.deleted += 1,
                }
            }
        }
        let taken: Vec<u16> = by_pack.keys().copied().collect();
        let merged = merging::chosen(by_pack.into_values().collect(), merges_all);
        let merged: Vec<u16> = taken
            .iter()
            .copied()
            .filter(|number| merged.contains(&usize::from(*number)))
            .collect();
        if !merged.is_empty() {
            written.number = free(&taken);
            written.merge(&self.generation, &merged, wanted)?;
            for number in merged {
                fs::remove_file(self.generation.join(pack_name(number)))?;
            }
        }
        fs::write(self.generation.join(TABLE_FILE), written.table.bytes())
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compression(&self) -> MutexGuard<'_, Compression> {
        let compression = self.compression.lock();
        compression.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Written {
    /// Appends a record to the pack.
    fn write(&mut self, generation: &Path, record: u32, bytes: &[u8]) -> io::Result<()> {
        let pack = match &mut self.pack {
            Some(pack) => pack,
            None => self
                .pack
                .insert(Pack::create(&generation.join(pack_name(self.number)))?),
        };
        let span = Span {
            pack: self.number,
            offset: pack.length,
        };
        pack.append(bytes)?;
        self.table.set_span(record, Some(span));
        Ok(())
    }

    /// Ends the pack that is written.
    fn end(&mut self) -> io::Result<()> {
        self.pack.take().map_or(Ok(()), Pack::end)
    }

    /// Puts the wanted records of packs into one.
    fn merge(&mut self, generation: &Path, merged: &[u16], wanted: &BitSet) -> io::Result<()> {
        let mut records: Vec<(Span, u32)> = Vec::new();
        for record in 0..self.table.records() {
            let Some(span) = self.table.span(record) else {
                continue;
            };
            if merged.contains(&span.pack) {
                match wanted.contains(record) {
                    true => records.push((span, record)),
                    false => self.table.set_span(record, None),
                }
            }
        }
        records.sort_unstable();
        let mut from: Option<(u16, Reading)> = None;
        for (span, record) in records {
            let reading = match &mut from {
                Some((number, reading)) if *number == span.pack => reading,
                _ => {
                    let reading = Reading::open(&generation.join(pack_name(span.pack)))?;
                    &mut from.insert((span.pack, reading)).1
                }
            };
            let bytes = reading.record(span.offset)?;
            self.write(generation, record, &bytes)?;
        }
        self.end()
    }
}

/// Returns a number that no pack has.
fn free(taken: &[u16]) -> u16 {
    let mut numbers = 1..=u16::MAX;
    numbers
        .find(|number| !taken.contains(number))
        .unwrap_or_default()
}

/// A pack that is written. The disk is waited for when the generation is complete.
#[derive(Debug)]
struct Pack {
    file: BufWriter<File>,
    length: u64,
}

impl Pack {
    fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(BUFFER_BYTES, File::create_new(path)?);
        Ok(Pack { file, length: 0 })
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A pack that is read from its beginning to its end.
struct Reading {
    file: BufReader<File>,
    at: u64,
}

impl Reading {
    fn open(path: &Path) -> io::Result<Self> {
        let file = BufReader::with_capacity(BUFFER_BYTES, File::open(path)?);
        Ok(Reading { file, at: 0 })
    }

    /// Returns a record that stands behind the one before.
    fn record(&mut self, offset: u64) -> io::Result<Vec<u8>> {
        let behind = offset.checked_sub(self.at).ok_or_else(damaged)?;
        self.file
            .seek_relative(i64::try_from(behind).map_err(|_| damaged())?)?;
        let mut bytes = Vec::new();
        let mut failed = None;
        let length = varint::read(|| {
            let mut byte = [0];
            let read = self.file.read_exact(&mut byte);
            failed = read.err();
            bytes.extend(byte);
            failed.is_none().then_some(byte[0])
        });
        if let Some(error) = failed {
            return Err(error);
        }
        let length = length.ok_or_else(damaged)?;
        // A length that was damaged may be anything.
        let read = self.file.by_ref().take(length).read_to_end(&mut bytes)?;
        if read as u64 != length {
            return Err(damaged());
        }
        self.at = offset + bytes.len() as u64;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::index::entries::compression::{MIN_SAMPLES, SAMPLE_BYTES};

    /// Returns the entries of the wanted records as they are read from the files.
    fn read(dir: &Path, wanted: &BitSet) -> Vec<(u32, String)> {
        let names = fs::read_dir(dir).expect("is read");
        let names = names.map(|file| file.expect("is read").file_name().into_string());
        let names: Vec<String> = names.map(|name| name.expect("is text")).collect();
        let directory = MmapDirectory::open(dir).expect("opens");
        let entries = Entries::open(&directory, names.iter().map(String::as_str)).expect("opens");
        let mut decompressor = entries.decompression().decompressor;
        let read = wanted.iter().map(|record| {
            let span = entries.table().span(record).expect("was written");
            let mut bytes = Vec::new();
            let found = entries.record(span).expect("is there");
            found
                .decompress(&mut decompressor, entries.loaded(), &mut bytes)
                .expect("is whole");
            (record, String::from_utf8(bytes).expect("is text"))
        });
        read.collect()
    }

    fn text(seed: usize) -> String {
        let names = ["future", "borrow", "cache", "weak reference", "commit"];
        let words = (0..seed % 90).map(|place| names[(seed + place * place) % names.len()]);
        format!(
            "{{\"id\":\"{seed}\",\"title\":\"{}\"}}",
            words.collect::<String>()
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        /// Builds that add and drop records and merge packs leave each record that is wanted as it was written.
        #[test]
        fn records_are_read_as_they_were_written(
            builds in prop::collection::vec(
                (prop::collection::vec(0..5_000usize, 0..40), prop::collection::vec(any::<prop::sample::Index>(), 0..20), any::<bool>()),
                1..8,
            ),
            has_dictionary: bool,
        ) {
            let root = tempfile::tempdir().expect("a temporary folder");
            let mut dir = root.path().join("0");
            fs::create_dir(&dir).expect("is made");
            let mut packs = Packs::new(&dir);
            if has_dictionary {
                for seed in 0..600 {
                    let record = packs.add(Place::default()).expect("there is room");
                    packs.write(record, text(seed).as_bytes());
                }
            }
            let mut expected: BTreeMap<u32, String> = BTreeMap::new();
            for (step, (added, removed, merges_all)) in builds.into_iter().enumerate() {
                for seed in added {
                    let record = packs.add(Place::default()).expect("there is room");
                    packs.write(record, text(seed).as_bytes());
                    expected.insert(record, text(seed));
                }
                for place in removed {
                    let records: Vec<u32> = expected.keys().copied().collect();
                    if !records.is_empty() {
                        expected.remove(place.get(&records));
                    }
                }
                let mut wanted = BitSet::empty(packs.records());
                expected.keys().for_each(|record| wanted.insert(*record));
                packs.finish(&wanted, merges_all).expect("is written");
                prop_assert!(!has_dictionary || dir.join(DICTIONARY_FILE).is_file());
                let found = read(&dir, &wanted);
                prop_assert_eq!(found, expected.clone().into_iter().collect::<Vec<_>>());
                let is_pack = |file: &fs::DirEntry| file.path().extension().is_some_and(|end| end == "pack");
                let files = fs::read_dir(&dir).expect("is read").map(|file| file.expect("is read"));
                let count = files.filter(is_pack).count();
                let most = if merges_all { 1 } else { 5 };
                prop_assert!(count <= most, "{} packs", count);
                // The next generation begins with the files of this one.
                let next = root.path().join((step + 1).to_string());
                fs::create_dir(&next).expect("is made");
                let mut names = Vec::new();
                for file in fs::read_dir(&dir).expect("is read") {
                    let file = file.expect("is read");
                    fs::copy(file.path(), next.join(file.file_name())).expect("is copied");
                    names.push(file.file_name().into_string().expect("is text"));
                }
                let directory = MmapDirectory::open(&dir).expect("opens");
                let names = names.iter().map(String::as_str);
                let former = Entries::open(&directory, names).expect("opens");
                packs = Packs::update(&next, &former);
                dir = next;
            }
        }

        #[test]
        fn a_dictionary_is_made_of_anything(
            samples in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..40),
            times in 1..60usize,
        ) {
            let samples: Vec<Vec<u8>> = std::iter::repeat_n(samples, times).flatten().collect();
            let packs = Packs::new(Path::new(""));
            packs.compression().dictionary = train(&samples);
            for sample in samples.iter().take(9) {
                prop_assert!(packs.compress(sample).is_ok());
            }
        }

        #[test]
        fn whatever_stands_in_a_pack_is_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), offset in 0..300u64) {
            if let Some(record) = Record::read(&bytes, offset) {
                let mut entry = Vec::new();
                let none = DDict::create_by_reference(&[]);
                let _ = record.decompress(&mut DCtx::create(), &none, &mut entry);
            }
        }
    }

    #[test]
    fn a_dictionary_is_the_same_in_whatever_order_threads_write() {
        let mut texts = Vec::new();
        let mut bytes = 0;
        while bytes < SAMPLE_BYTES + 1_000 {
            let seed = texts.len();
            texts.push(format!("{} {}", text(seed * 7 + 89), text(seed * 3)));
            bytes += texts[seed].len();
        }
        let written = |order: &[u32]| {
            let dir = tempfile::tempdir().expect("a temporary folder");
            let packs = Packs::new(dir.path());
            for _ in &texts {
                packs.add(Place::default()).expect("there is room");
            }
            for record in order {
                packs.write(*record, texts[*record as usize].as_bytes());
            }
            let mut wanted = BitSet::empty(packs.records());
            (0..packs.records()).for_each(|record| wanted.insert(record));
            packs.finish(&wanted, false).expect("is written");
            let dictionary = fs::read(dir.path().join(DICTIONARY_FILE)).expect("was made");
            (dictionary, read(dir.path(), &wanted))
        };
        let order: Vec<u32> = (0..texts.len() as u32).collect();
        let mut other = order.clone();
        other.chunks_mut(7).for_each(<[u32]>::reverse);
        // The first one comes when all others wait.
        other.rotate_left(7);
        let (dictionary, found) = written(&order);
        assert!(found.iter().map(|(_, text)| text).eq(&texts));
        assert_eq!((dictionary, found), written(&other));
    }

    #[test]
    fn a_dictionary_makes_entries_smaller() {
        let samples: Vec<Vec<u8>> = (0..600).map(|seed| text(seed).into_bytes()).collect();
        let dir = tempfile::tempdir().expect("a temporary folder");
        let packs = Packs::new(dir.path());
        let size = |packs: &Packs| -> usize {
            let sizes = (600..700).map(|seed| packs.compress(text(seed).as_bytes()));
            sizes
                .map(|record| record.expect("is compressed").len())
                .sum()
        };
        let without = size(&packs);
        packs.compression().idle.clear();
        packs.compression().dictionary = train(&samples);
        assert!(size(&packs) * 3 < without * 2);
        assert!(train(&samples[..MIN_SAMPLES - 1]).is_empty());
    }
}
