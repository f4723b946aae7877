//! How entries are compressed: each alone, with a dictionary that is made of the first ones of a build.

use std::io;

use zstd::bulk::Compressor;
use zstd::zstd_safe::CParameter;

/// How hard entries are compressed: 9 saves 3% of the room.
const LEVEL: i32 = 6;
/// A dictionary is made of so many bytes of entries, the first of a build, which wait for it.
pub(super) const SAMPLE_BYTES: usize = 2 << 20;
/// How large a dictionary becomes that is made of so much. With one of 64 KB entries take a fifth more room, with one of 1 MB
/// 3% less, and are read from memory that is further away.
const DICTIONARY_BYTES: usize = 512 << 10;
/// Where there is less to make it of, it has this part of that: else it costs more than it saves.
const DICTIONARY_PART: usize = 16;
/// Of fewer entries no dictionary is made.
pub(super) const MIN_SAMPLES: usize = 128;

/// Returns a dictionary of what texts have in common; empty where there are too few.
pub(super) fn train<S: AsRef<[u8]>>(samples: &[S]) -> Vec<u8> {
    let bytes: usize = samples.iter().map(|sample| sample.as_ref().len()).sum();
    if samples.len() < MIN_SAMPLES {
        return Vec::new();
    }
    // It fails where texts have nothing in common; then nothing would be won.
    let most = match bytes >= SAMPLE_BYTES {
        true => DICTIONARY_BYTES,
        false => bytes / DICTIONARY_PART,
    };
    zstd::dict::from_samples(samples, most).unwrap_or_default()
}

/// What compresses entries.
#[derive(Default)]
pub(super) struct Compression {
    pub(super) dictionary: Vec<u8>,
    /// Those that no thread is using.
    pub(super) idle: Vec<Compressor<'static>>,
    /// The entries that wait, until there is a dictionary.
    pub(super) waiting: Option<Waiting>,
}

/// Entries that wait for the dictionary, which is made of the first of them.
#[derive(Default)]
pub(super) struct Waiting {
    pub(super) entries: Vec<WaitingEntry>,
    bytes: usize,
    /// Whether a thread makes the dictionary already.
    is_sampled: bool,
}

pub(super) struct WaitingEntry {
    pub(super) record: u32,
    pub(super) entry: Vec<u8>,
}

impl AsRef<[u8]> for WaitingEntry {
    fn as_ref(&self) -> &[u8] {
        &self.entry
    }
}

impl Waiting {
    /// Adds an entry; returns what a dictionary is to be made of, once it is complete. That are the first records, so that it is the same
    /// in whatever order threads write them.
    pub(super) fn add(&mut self, record: u32, entry: &[u8]) -> Option<Vec<WaitingEntry>> {
        self.bytes += entry.len();
        self.entries.push(WaitingEntry {
            record,
            entry: entry.to_vec(),
        });
        if self.is_sampled || self.bytes < SAMPLE_BYTES {
            return None;
        }
        self.entries.sort_unstable_by_key(|entry| entry.record);
        let mut bytes = 0;
        for (place, entry) in self.entries.iter().enumerate() {
            if entry.record as usize != place {
                return None;
            }
            bytes += entry.entry.len();
            if bytes >= SAMPLE_BYTES {
                self.is_sampled = true;
                let rest = self.entries.split_off(place + 1);
                return Some(std::mem::replace(&mut self.entries, rest));
            }
        }
        None
    }
}

impl std::fmt::Debug for Compression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compression").finish_non_exhaustive()
    }
}

impl Compression {
    /// Returns what compresses entries, for one thread; it goes back to the idle ones.
    pub(super) fn compressor(&mut self) -> io::Result<Compressor<'static>> {
        if let Some(idle) = self.idle.pop() {
            return Ok(idle);
        }
        let mut compressor = Compressor::with_dictionary(LEVEL, &self.dictionary)?;
        // There is one dictionary, and the meta file has checksums.
        compressor.set_parameter(CParameter::DictIdFlag(false))?;
        Ok(compressor)
    }
}
