//! The index on disk: created whole or not at all, opened only when this program can read it.
//!
//! An index folder holds `qdex.json`, the meta file, and one folder of engine files, the *generation* that the meta
//! file names. A build writes a new generation beside the old one and then replaces the meta file by a rename: that
//! is the moment at which the new index exists. Readers take no lock; builds take `.lock`, which the system releases
//! when a process dies, however it dies.

mod build;
mod check;
mod document;
pub(crate) mod entries;
pub(crate) mod facet_columns;
mod folder;
pub(crate) mod frequent;
mod generation;
pub(crate) mod lengths;
mod merging;
pub(crate) mod segments;
mod sources;
mod update;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::analysis;
use crate::error::{Error, Result};
use crate::schema::{self, Fields};
use entries::{Entries, Store};
use lengths::KnownLengths;
use segments::Segments;
use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;

pub use build::{Duplicate, IndexSummary, Indexer, IndexerOptions};
pub use check::{CheckReport, Freshness, SourceState};
pub use sources::{ChangedFiles, FileChanges, Source, SourceSummary};

/// The file that makes a folder an index.
const META_FILE: &str = "qdex.json";
/// What the names of generations start with.
const GENERATION_PREFIX: &str = "generation-";

/// What the meta file says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Meta {
    /// The version of the fields and files.
    pub(crate) format: u32,
    /// The version of the analysis.
    pub(crate) analysis: u32,
    /// The number of the generation, and the end of its folder's name.
    pub(crate) generation: u64,
    /// How many entries it holds.
    pub(crate) entries: u64,
    /// How many tokens their texts have.
    pub(crate) tokens: Tokens,
    /// Whether each document has the number of its record: then no column need be opened to tell that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_numbered_by_record: bool,
    /// When it was built, in seconds since 1970.
    pub(crate) built_unix_seconds: u64,
    /// What it was built from.
    pub(crate) paths: Vec<String>,
    /// The engine's files; whatever is otherwise than here means damage.
    pub(crate) files: BTreeMap<String, EngineFile>,
    /// The CRC-32 of this file's content without this line, in hexadecimal digits.
    pub(crate) crc32: String,
}

/// How many tokens the texts of all entries have, by field, each length as exactly as the engine's byte for it tells.
///
/// The engine's own sum is exact until it merges deleted documents away, and made of these bytes from then on. Scores must not
/// tell how an index came about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tokens {
    pub(crate) all: u64,
    pub(crate) title: u64,
}

/// One of the engine's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EngineFile {
    /// Its size in bytes, which opening looks at.
    pub(crate) bytes: u64,
    /// The CRC-32 of its content in hexadecimal digits, which only a check looks at.
    pub(crate) crc32: String,
}

/// The two versions, read first: the rest of another format's meta file may be anything.
#[derive(Deserialize)]
struct Versions {
    format: u32,
    analysis: u32,
}

impl Meta {
    /// Returns the meta file of an index folder; `None` when there is none.
    fn read(dir: &Path) -> Result<Option<Meta>> {
        let path = dir.join(META_FILE);
        let json = match fs::read(&path) {
            Ok(json) => json,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(None);
            }
            Err(source) => {
                return Err(Error::Io {
                    action: "read",
                    path,
                    source,
                });
            }
        };
        let damaged = |error: serde_json::Error| Error::IndexDamaged {
            path: dir.to_owned(),
            what: format!("`{META_FILE}` cannot be read: {error}"),
        };
        let found: Versions = serde_json::from_slice(&json).map_err(damaged)?;
        if (found.format, found.analysis) != (schema::FORMAT, analysis::VERSION) {
            return Err(Error::IndexVersion {
                path: dir.to_owned(),
                found_format: found.format,
                found_analysis: found.analysis,
                format: schema::FORMAT,
                analysis: analysis::VERSION,
            });
        }
        serde_json::from_slice(&json).map(Some).map_err(damaged)
    }

    /// Returns the file's content, with its checksum.
    fn written(mut self) -> Vec<u8> {
        self.crc32.clear();
        let json = |meta: &Meta| {
            serde_json::to_vec_pretty(meta).expect("a meta file holds nothing that JSON cannot")
        };
        self.crc32 = hexadecimal(crc32fast::hash(&json(&self)));
        json(&self)
    }

    /// Returns the size of the engine's files in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.values().map(|file| file.bytes).sum()
    }

    /// Returns the folder of a generation.
    fn generation_dir(dir: &Path, generation: u64) -> PathBuf {
        dir.join(format!("{GENERATION_PREFIX}{generation}"))
    }
}

/// Returns a checksum as it stands in the meta file.
fn hexadecimal(crc32: u32) -> String {
    format!("{crc32:08x}")
}

/// Returns the CRC-32 of a file, and how many bytes it has.
fn checksum(path: &Path) -> io::Result<EngineFile> {
    let mut file = fs::File::open(path)?;
    let mut hasher = crc32fast::Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => {
                hasher.update(&buffer[..length]);
                bytes += length as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(EngineFile {
        bytes,
        crc32: hexadecimal(hasher.finalize()),
    })
}

/// An index that is open for reading. It stays as it was when it was opened, whatever is built meanwhile.
pub struct Index {
    pub(crate) dir: PathBuf,
    pub(crate) meta: Meta,
    pub(crate) fields: Fields,
    pub(crate) segments: Segments,
    pub(crate) entries: Entries,
    lengths: KnownLengths,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("dir", &self.dir)
            .field("meta", &self.meta)
            .finish_non_exhaustive()
    }
}

impl Index {
    /// Returns the index in a folder. Cheap: maps a few files and reads a few hundred bytes.
    ///
    /// Fails with [`Error::NoIndex`], [`Error::IndexVersion`] or [`Error::IndexDamaged`], which a new build mends.
    pub fn open(dir: &Path) -> Result<Self> {
        let mut meta = Meta::read(dir)?.ok_or_else(|| Error::NoIndex {
            path: dir.to_owned(),
        })?;
        loop {
            match Index::open_generation(dir, &meta) {
                Ok(index) => return Ok(index),
                // A build may have swapped the index between the two reads; then there is a newer one to open.
                Err(error) => match Meta::read(dir)? {
                    Some(newer) if newer.generation != meta.generation => meta = newer,
                    _ => return Err(error),
                },
            }
        }
    }

    /// Returns whether a folder holds an index, of whatever version or health. Cheap.
    pub fn exists(dir: &Path) -> bool {
        dir.join(META_FILE).is_file()
    }

    /// Returns what the index was made of, in the order in which it is read; nothing for an index that was not made of files.
    /// Reads a file that grows with their number.
    pub fn sources(&self) -> Result<Vec<SourceSummary>> {
        Ok(sources::Sources::read(&self.dir, &self.meta)?.summaries())
    }

    /// Returns the sources that the index in a folder was made of, whatever its version and health: as many as can be told.
    pub fn known_sources(dir: &Path) -> Vec<Source> {
        let Some(generation) = generation::current(dir) else {
            return Vec::new();
        };
        sources::known(&Meta::generation_dir(dir, generation), &dir.join(META_FILE))
    }

    /// Returns whether the folder still names this generation. What cannot be read is no newer index.
    pub(crate) fn is_current(&self) -> bool {
        let version = |meta: &Meta| (meta.generation, meta.built_unix_seconds);
        match Meta::read(&self.dir) {
            Ok(Some(found)) => version(&found) == version(&self.meta),
            _ => true,
        }
    }

    fn open_generation(dir: &Path, meta: &Meta) -> Result<Self> {
        let generation = Meta::generation_dir(dir, meta.generation);
        let damaged = |what: String| Error::IndexDamaged {
            path: dir.to_owned(),
            what,
        };
        let check_files = || -> Result<()> {
            for (name, EngineFile { bytes, .. }) in &meta.files {
                let found = fs::metadata(generation.join(name))
                    .map_err(|error| damaged(format!("`{name}`: {error}")))?;
                if found.len() != *bytes {
                    let found = found.len();
                    return Err(damaged(format!(
                        "`{name}` has {found} bytes, expected {bytes}"
                    )));
                }
            }
            Ok(())
        };
        // The engine may panic on a file that is cut short, so that none is opened before all are seen to be whole.
        check_files()?;
        let engine = |error: tantivy::TantivyError| damaged(error.to_string());
        let directory = MmapDirectory::open(&generation).map_err(|error| engine(error.into()))?;
        let inner = tantivy::Index::open(directory.clone()).map_err(engine)?;
        analysis::register(&inner);
        let fields = Fields::new();
        if inner.schema() != fields.schema {
            return Err(damaged("its fields are not those of its format".to_owned()));
        }
        let mut segments = Segments::open(&inner).map_err(engine)?;
        segments
            .open_frequent(&directory, &fields)
            .map_err(engine)?;
        segments.is_numbered_by_record = meta.is_numbered_by_record;
        let names = meta.files.keys().map(String::as_str);
        let entries = Entries::open(&directory, names).map_err(engine)?;
        // A build that is through removes this generation file by file. The engine takes missing positions for a
        // segment without any; what is still there now was there when it was opened.
        check_files()?;
        Ok(Index {
            dir: dir.to_owned(),
            meta: meta.clone(),
            fields,
            segments,
            entries,
            lengths: KnownLengths::default(),
        })
    }

    /// Returns a reader of stored entries.
    pub(crate) fn store(&self) -> Store<'_> {
        Store::new(&self.entries, &self.segments)
    }

    /// Returns one past the highest document, deleted ones counted.
    pub(crate) fn documents(&self) -> tantivy::DocId {
        self.segments.documents()
    }

    /// Returns an engine's failure as an error of this index.
    pub(crate) fn failed(
        &self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Error {
        Error::Engine {
            action: "search",
            path: self.dir.clone(),
            source: source.into(),
        }
    }
}
