//! Records sorted by key in bounded memory: what does not fit is written to files in sorted runs, which are merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::PathBuf;

/// How many runs are merged at once: it bounds the open files and their buffers.
const MAX_FAN_IN: usize = 32;

/// The buffer of a run's file.
const BUFFER_BYTES: usize = 128 << 10;

/// What records are sorted by. Those with the same key stay in the order in which they came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    /// What belongs together.
    pub(super) group: u64,
    /// The part of the group.
    pub(super) part: u64,
    /// What the record is.
    pub(super) kind: u8,
    /// Tells records of one kind apart.
    pub(super) item: u64,
}

impl Key {
    const BYTES: usize = 25;

    pub(super) fn new(group: u64, part: u64, kind: u8, item: u64) -> Self {
        Key {
            group,
            part,
            kind,
            item,
        }
    }

    fn to_bytes(self) -> [u8; Key::BYTES] {
        let mut bytes = [0; Key::BYTES];
        bytes[..8].copy_from_slice(&self.group.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.part.to_le_bytes());
        bytes[16] = self.kind;
        bytes[17..].copy_from_slice(&self.item.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: [u8; Key::BYTES]) -> Self {
        let number = |at: usize| {
            let mut number = [0; 8];
            number.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(number)
        };
        Key {
            group: number(0),
            part: number(8),
            kind: bytes[16],
            item: number(17),
        }
    }
}

/// Where records go that do not fit into memory.
#[derive(Debug, Clone)]
pub(super) struct Spill {
    /// The folder of the files, which have no name and go when they are closed.
    pub(super) dir: PathBuf,
    /// How much stays in memory.
    pub(super) budget_bytes: usize,
}

/// Takes records in any order.
pub(super) struct Sorter {
    /// Without it everything stays in memory.
    spill: Option<Spill>,
    records: Vec<Record>,
    payloads: Vec<u8>,
    /// Files of sorted records. Those of a level are merges of as many of the level before; earlier ones hold earlier
    /// records.
    levels: Vec<Vec<File>>,
}

#[derive(Clone, Copy)]
pub(super) struct Record {
    key: Key,
    start: usize,
    length: usize,
}

impl Sorter {
    pub(super) fn new(spill: Option<Spill>) -> Self {
        Sorter {
            spill,
            records: Vec::new(),
            payloads: Vec::new(),
            levels: Vec::new(),
        }
    }

    /// Adds a record, whose payload may come in two parts.
    pub(super) fn push(&mut self, key: Key, head: &[u8], tail: &[u8]) -> io::Result<()> {
        let length = head.len() + tail.len();
        if u32::try_from(length).is_err() {
            return Err(io::Error::other("a record is larger than 4 GiB"));
        }
        if let Some(spill) = &self.spill
            && !self.records.is_empty()
            && self.used_bytes() + length + size_of::<Record>() > spill.budget_bytes
        {
            self.write_run()?;
        }
        self.records.push(Record {
            key,
            start: self.payloads.len(),
            length,
        });
        self.payloads.extend_from_slice(head);
        self.payloads.extend_from_slice(tail);
        Ok(())
    }

    /// Returns the records in the order of their keys.
    pub(super) fn finish(mut self) -> io::Result<Merge> {
        if self.levels.is_empty() {
            self.sort();
            return Ok(Merge::Memory {
                records: self.records.into_iter(),
                payloads: self.payloads,
            });
        }
        if !self.records.is_empty() {
            self.write_run()?;
        }
        drop((self.records, self.payloads));
        // From the earliest run to the last one, so that equal keys keep their order.
        let runs = self.levels.into_iter().rev().flatten();
        Ok(Merge::Runs(Runs::new(runs)?))
    }

    fn used_bytes(&self) -> usize {
        self.payloads.len() + self.records.len() * size_of::<Record>()
    }

    fn sort(&mut self) {
        self.records.sort_by_key(|record| record.key);
    }

    /// Writes what is in memory as a run, and merges runs when there are many.
    fn write_run(&mut self) -> io::Result<()> {
        let Some(spill) = self.spill.clone() else {
            return Ok(());
        };
        self.sort();
        let mut run = Writer::new(&spill)?;
        for record in &self.records {
            run.write(
                record.key,
                &self.payloads[record.start..record.start + record.length],
            )?;
        }
        self.records.clear();
        self.payloads.clear();
        let mut run = run.finish()?;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            self.levels[level].push(run);
            if self.levels[level].len() < MAX_FAN_IN {
                break;
            }
            let runs = std::mem::take(&mut self.levels[level]);
            let mut merged = Writer::new(&spill)?;
            let mut merge = Runs::new(runs.into_iter())?;
            while let Some((key, payload)) = merge.next()? {
                merged.write(key, &payload)?;
            }
            run = merged.finish()?;
        }
        Ok(())
    }
}

struct Writer(BufWriter<File>);

impl Writer {
    fn new(spill: &Spill) -> io::Result<Self> {
        let file = tempfile::tempfile_in(&spill.dir)?;
        Ok(Writer(BufWriter::with_capacity(BUFFER_BYTES, file)))
    }

    fn write(&mut self, key: Key, payload: &[u8]) -> io::Result<()> {
        self.0.write_all(&key.to_bytes())?;
        // `push` saw to it that the length fits.
        self.0.write_all(&(payload.len() as u32).to_le_bytes())?;
        self.0.write_all(payload)
    }

    fn finish(self) -> io::Result<File> {
        let mut file = self
            .0
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    }
}

/// Sorted records.
pub(super) enum Merge {
    Memory {
        records: std::vec::IntoIter<Record>,
        payloads: Vec<u8>,
    },
    Runs(Runs),
}

impl Merge {
    /// Returns the next record, `None` after the last.
    pub(super) fn next(&mut self) -> io::Result<Option<(Key, Vec<u8>)>> {
        match self {
            Merge::Runs(runs) => runs.next(),
            Merge::Memory { records, payloads } => Ok(records.next().map(|record| {
                let payload = &payloads[record.start..record.start + record.length];
                (record.key, payload.to_vec())
            })),
        }
    }
}

/// Runs that are merged.
pub(super) struct Runs {
    files: Vec<BufReader<File>>,
    /// The next key of every file that has one.
    heads: BinaryHeap<Reverse<(Key, usize)>>,
}

impl Runs {
    fn new(runs: impl Iterator<Item = File>) -> io::Result<Self> {
        let files: Vec<_> = runs
            .map(|run| BufReader::with_capacity(BUFFER_BYTES, run))
            .collect();
        let mut runs = Runs {
            heads: BinaryHeap::with_capacity(files.len()),
            files,
        };
        for place in 0..runs.files.len() {
            runs.read_key(place)?;
        }
        Ok(runs)
    }

    fn next(&mut self) -> io::Result<Option<(Key, Vec<u8>)>> {
        let Some(Reverse((key, place))) = self.heads.pop() else {
            return Ok(None);
        };
        let mut length = [0; 4];
        self.files[place].read_exact(&mut length)?;
        let mut payload = vec![0; u32::from_le_bytes(length) as usize];
        self.files[place].read_exact(&mut payload)?;
        self.read_key(place)?;
        Ok(Some((key, payload)))
    }

    fn read_key(&mut self, place: usize) -> io::Result<()> {
        let mut key = [0; Key::BYTES];
        let file = &mut self.files[place];
        if io::BufRead::fill_buf(file)?.is_empty() {
            return Ok(());
        }
        file.read_exact(&mut key)?;
        self.heads.push(Reverse((Key::from_bytes(key), place)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(records: &[(Key, Vec<u8>)], budget_bytes: Option<usize>) -> Vec<(Key, Vec<u8>)> {
        let dir = tempfile::tempdir().expect("a folder");
        let mut sorter = Sorter::new(budget_bytes.map(|budget_bytes| Spill {
            dir: dir.path().to_owned(),
            budget_bytes,
        }));
        for (key, payload) in records {
            let (head, tail) = payload.split_at(payload.len() / 2);
            sorter.push(*key, head, tail).expect("written");
        }
        let mut merge = sorter.finish().expect("finished");
        let left = std::fs::read_dir(dir.path()).expect("a folder").count();
        assert_eq!(left, 0, "the files have no names");
        std::iter::from_fn(|| merge.next().expect("read")).collect()
    }

    proptest! {
        #[test]
        fn records_come_sorted_whatever_the_memory(
            records in proptest::collection::vec(
                (0..4u64, 0..3u64, 0..2u8, any::<u64>(), proptest::collection::vec(any::<u8>(), 0..9)), 0..120),
            budget_bytes in 1..2000usize,
        ) {
            let records: Vec<_> = records
                .into_iter()
                .map(|(group, part, kind, item, payload)| {
                    (Key { group, part, kind, item: item % 3 }, payload)
                })
                .collect();
            let mut expected = records.clone();
            expected.sort_by_key(|(key, _)| *key);
            prop_assert_eq!(&sorted(&records, Some(budget_bytes)), &expected);
            prop_assert_eq!(&sorted(&records, None), &expected);
        }
    }

    #[test]
    fn many_runs_are_merged_in_levels() {
        let records: Vec<_> = (0..3000u64)
            .map(|item| {
                let key = Key {
                    group: item * 7919 % 101,
                    ..Key::default()
                };
                (key, item.to_le_bytes().to_vec())
            })
            .collect();
        let mut expected = records.clone();
        expected.sort_by_key(|(key, _)| *key);
        // A run a record: three levels of them.
        assert_eq!(sorted(&records, Some(1)), expected);
    }
}
