//! What an index was made of: its sources, their files, and what was found in each.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::Meta;
use crate::corpus::{Choice, FileState, ReadOptions, Severity};
use crate::error::{Error, Result};

/// The file of a generation that holds the sources. Only updates and `Index::sources` read it.
const SOURCES_FILE: &str = "sources.json";

/// A path that entries come from, and how it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The path as it was named.
    pub path: String,
    /// The path from the root on; `-` for a stream.
    pub absolute: PathBuf,
    /// Whether pages without questions become entries.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sections: bool,
    /// Which tags are wanted; all when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The fewest votes of a wanted entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_score: Option<i64>,
    /// The first day of wanted entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The site of a dump.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
}

impl Source {
    /// Returns the source that a path is, with the options that say how to read it. Fails when the path does not exist.
    pub fn new(path: &Path, options: &ReadOptions) -> Result<Self> {
        let failed = |source| Error::Io {
            action: "read",
            path: path.to_owned(),
            source,
        };
        let absolute = if path.as_os_str() == "-" {
            path.to_owned()
        } else if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            // What a pipe of a shell is called leads nowhere.
            std::path::absolute(path).map_err(failed)?
        } else {
            fs::canonicalize(path).map_err(failed)?
        };
        Ok(Source {
            path: path.display().to_string(),
            absolute,
            sections: options.sections,
            tags: options.choice.tags.clone(),
            min_score: options.choice.min_score,
            since: options.choice.since.clone(),
            site: options.site.clone(),
        })
    }

    /// Returns whether it is a stream, which cannot be read again.
    pub fn is_stream(&self) -> bool {
        self.absolute.as_os_str() == "-"
    }

    /// Returns how it is read.
    pub fn options(&self) -> ReadOptions {
        ReadOptions {
            sections: self.sections,
            choice: Choice {
                tags: self.tags.clone(),
                min_score: self.min_score,
                since: self.since.clone(),
            },
            site: self.site.clone(),
            ..ReadOptions::default()
        }
    }
}

/// What an index has of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceSummary {
    /// The source.
    #[serde(flatten)]
    pub source: Source,
    /// How many files it has that may hold entries.
    pub files: u64,
    /// How many entries of the index come from it.
    pub entries: u64,
    /// How many records and files of it were skipped.
    pub skipped: u64,
    /// When it was last compared with the index, in seconds since 1970.
    pub updated_unix_seconds: u64,
}

/// A source with its files.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    #[serde(flatten)]
    pub(super) source: Source,
    pub(super) updated_unix_seconds: u64,
    pub(super) files: Vec<FileRecord>,
}

/// What is known of a file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct FileRecord {
    /// Its path below the source.
    pub(super) relative: String,
    /// The file; written only where the path is no text.
    #[serde(skip)]
    pub(super) path: PathBuf,
    /// Its number, which the entries have; never given twice in an index.
    pub(super) number: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fingerprint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<String>,
    #[serde(default)]
    pub(super) entries: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) skipped: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) warnings: u64,
    /// Ids that stand in it and, later, in another file: the other one has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) shadowed: Vec<String>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The sources of an index, in the order in which they are read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Sources {
    pub(super) list: Vec<Record>,
    /// The number that the next new file gets; 0 is no file.
    next_number: u32,
}

/// What an update has to do with the files of a source.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The files to read.
    pub(super) read: HashSet<PathBuf>,
    /// The numbers of the files whose entries are compared with those that are read, or go.
    pub(super) stale: HashSet<u32>,
    /// Which files are new, changed, moved, gone.
    pub(super) changes: ChangedFiles,
}

/// Files of a source that are otherwise than the index has them, by their paths below it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ChangedFiles {
    /// Files that were not there.
    pub new: Vec<String>,
    /// Files with other content, or other things beside them.
    pub changed: Vec<String>,
    /// Where files are that were elsewhere.
    pub moved: Vec<String>,
    /// Files that are gone.
    pub gone: Vec<String>,
    /// Files of which nothing can be told without reading entries, such as those that may not be read.
    pub unknown: Vec<String>,
    /// How many files are as they were.
    pub unchanged: u64,
}

impl ChangedFiles {
    /// Returns whether nothing is known to be otherwise.
    pub fn is_none(&self) -> bool {
        let lists = [&self.new, &self.changed, &self.moved, &self.gone];
        lists.iter().all(|list| list.is_empty())
    }

    /// Returns how many files there are of each kind; what is not known is read, as what has changed is.
    pub(super) fn counts(&self) -> FileChanges {
        FileChanges {
            new: self.new.len() as u64,
            changed: (self.changed.len() + self.unknown.len()) as u64,
            moved: self.moved.len() as u64,
            gone: self.gone.len() as u64,
            unchanged: self.unchanged,
        }
    }
}

/// How many files an update found in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct FileChanges {
    /// Files that were not there.
    pub new: u64,
    /// Files with other content, or other things beside them.
    pub changed: u64,
    /// Files that are elsewhere now.
    pub moved: u64,
    /// Files that are gone.
    pub gone: u64,
    /// Files that are as they were, and were not read.
    pub unchanged: u64,
}

impl FileChanges {
    /// Adds the changes of another source.
    pub(super) fn add(&mut self, other: FileChanges) {
        self.new += other.new;
        self.changed += other.changed;
        self.moved += other.moved;
        self.gone += other.gone;
        self.unchanged += other.unchanged;
    }

    /// Returns whether nothing is otherwise than it was.
    pub fn is_none(&self) -> bool {
        self.new + self.changed + self.moved + self.gone == 0
    }
}

impl Sources {
    /// Returns the sources of an index; none for one that was not made of files.
    pub(super) fn read(dir: &Path, meta: &Meta) -> Result<Self> {
        let path = Meta::generation_dir(dir, meta.generation).join(SOURCES_FILE);
        let json = match fs::read(&path) {
            Ok(json) => json,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => {
                return Err(Error::Io {
                    action: "read",
                    path,
                    source,
                });
            }
        };
        serde_json::from_slice(&json).map_err(|error| Error::IndexDamaged {
            path: dir.to_owned(),
            what: format!("`{SOURCES_FILE}` cannot be read: {error}"),
        })
    }

    /// Writes the sources into a generation's folder.
    pub(super) fn write(&self, dir: &Path, generation: u64) -> Result<()> {
        let path = Meta::generation_dir(dir, generation).join(SOURCES_FILE);
        let json = serde_json::to_vec(self).expect("sources hold nothing that JSON cannot");
        let beside = path.with_extension("new");
        // The file may be one with that of another generation.
        let write = || {
            fs::write(&beside, json)?;
            fs::rename(&beside, &path)
        };
        write().map_err(|source| Error::Io {
            action: "write",
            path: path.clone(),
            source,
        })
    }

    /// Returns what is known of each source.
    pub(super) fn summaries(&self) -> Vec<SourceSummary> {
        let summary = |record: &Record| {
            let sum = |of: fn(&FileRecord) -> u64| record.files.iter().map(of).sum();
            SourceSummary {
                source: record.source.clone(),
                files: record.files.len() as u64,
                entries: sum(|file| file.entries),
                skipped: sum(|file| file.skipped),
                updated_unix_seconds: record.updated_unix_seconds,
            }
        };
        self.list.iter().map(summary).collect()
    }

    /// Puts a source with its files as they are now in the place of the one with that path, or behind the others.
    pub(super) fn put(&mut self, source: Source, states: Vec<FileState>) -> Plan {
        let known = self
            .list
            .iter()
            .position(|record| record.source.absolute == source.absolute);
        let former = match known {
            Some(place) => std::mem::take(&mut self.list[place].files),
            None => Vec::new(),
        };
        let mut former: HashMap<String, FileRecord> = former
            .into_iter()
            .map(|file| (file.relative.clone(), file))
            .collect();
        let mut plan = Plan::default();
        let mut files = Vec::with_capacity(states.len());
        let mut new = Vec::new();
        for state in states {
            let FileState {
                relative,
                path,
                fingerprint,
                content,
            } = state;
            let mut file = match former.remove(&relative) {
                Some(mut known) => {
                    let is_same = fingerprint.is_some() && known.fingerprint == fingerprint;
                    match (is_same, &fingerprint, &known.fingerprint) {
                        (true, ..) => plan.changes.unchanged += 1,
                        (false, None, None) => plan.changes.unknown.push(relative),
                        (false, ..) => plan.changes.changed.push(relative),
                    }
                    // An id of a file that is the same may come back from under another's.
                    if !is_same || !known.shadowed.is_empty() {
                        plan.read.insert(path.clone());
                        plan.stale.insert(known.number);
                        (known.skipped, known.warnings) = (0, 0);
                        known.shadowed.clear();
                    }
                    known
                }
                None => {
                    plan.read.insert(path.clone());
                    new.push(files.len());
                    self.next_number += 1;
                    FileRecord {
                        relative,
                        number: self.next_number,
                        ..FileRecord::default()
                    }
                }
            };
            (file.path, file.fingerprint, file.content) = (path, fingerprint, content);
            files.push(file);
        }
        let (mut gone, mut by_content) = (BTreeSet::new(), HashMap::new());
        for file in former.into_values() {
            plan.stale.insert(file.number);
            by_content.extend(file.content.map(|content| (content, file.relative.clone())));
            gone.insert(file.relative);
        }
        for place in new {
            let FileRecord {
                relative, content, ..
            } = &files[place];
            let from = content
                .as_ref()
                .and_then(|content| by_content.remove(content));
            match from {
                Some(from) => {
                    gone.remove(&from);
                    plan.changes.moved.push(relative.clone());
                }
                None => plan.changes.new.push(relative.clone()),
            }
        }
        plan.changes.gone = gone.into_iter().collect();
        let record = Record {
            source,
            updated_unix_seconds: now(),
            files,
        };
        match known {
            Some(place) => self.list[place] = record,
            None => self.list.push(record),
        }
        plan
    }

    /// Takes a source out; returns the numbers of its files.
    pub(super) fn remove(&mut self, absolute: &Path) -> Option<HashSet<u32>> {
        let is_it = |record: &Record| record.source.absolute == absolute;
        let place = self.list.iter().position(is_it)?;
        let record = self.list.remove(place);
        Some(record.files.iter().map(|file| file.number).collect())
    }

    /// Returns the places of files by their numbers: what stands later wins.
    pub(super) fn ranks(&self) -> HashMap<u32, usize> {
        let files = self.list.iter().flat_map(|record| &record.files);
        files
            .enumerate()
            .map(|(place, file)| (file.number, place))
            .collect()
    }

    /// Returns the files of a source by their paths.
    pub(super) fn by_path(&self, place: usize) -> HashMap<PathBuf, usize> {
        let files = self.list[place].files.iter().enumerate();
        files
            .map(|(place, file)| (file.path.clone(), place))
            .collect()
    }

    /// Returns all files by their numbers.
    pub(super) fn by_number(&mut self) -> HashMap<u32, &mut FileRecord> {
        let files = self.list.iter_mut().flat_map(|record| &mut record.files);
        files.map(|file| (file.number, file)).collect()
    }
}

impl FileRecord {
    pub(super) fn count(&mut self, severity: Severity) {
        match severity {
            Severity::Skipped => self.skipped += 1,
            Severity::Warning => self.warnings += 1,
        }
    }
}

/// Returns the sources that a generation names, or those of the paths in the meta file of a format that had no sources.
pub(super) fn known(generation: &Path, meta: &Path) -> Vec<Source> {
    #[derive(Deserialize)]
    struct Named {
        list: Vec<Source>,
    }
    #[derive(Deserialize)]
    struct Paths {
        paths: Vec<PathBuf>,
    }
    let named = || {
        let json = fs::read(generation.join(SOURCES_FILE)).ok()?;
        serde_json::from_slice::<Named>(&json).ok()
    };
    let paths = || {
        let json = fs::read(meta).ok()?;
        let paths = serde_json::from_slice::<Paths>(&json).ok()?.paths;
        let sources = paths.iter();
        let sources = sources.map(|path| Source::new(path, &ReadOptions::default()));
        Some(sources.flatten().collect())
    };
    named()
        .map(|named| named.list)
        .or_else(paths)
        .unwrap_or_default()
}

/// Returns the time in seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
