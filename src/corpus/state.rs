//! The files of a corpus as they are now, without reading entries: what an update compares with what it knows.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use xxhash_rust::xxh3::Xxh3;

use super::beside::{self, Beside};
use super::walk::{Candidate, Name, Step, Walk};
use super::{Choice, ReadOptions};

/// Larger files are told apart by size and time of their last change; smaller ones by their content, whatever the times.
const MAX_HASHED_BYTES: u64 = 64 << 20;

/// A file that may belong to a corpus, as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState {
    /// The path below the folder that was named, with `/` between steps; the same on every machine.
    pub relative: String,
    /// The file.
    pub path: PathBuf,
    /// What its entries are made of: its content, what stands beside it and how it is read. `None` for a file that cannot be
    /// known without reading it, such as a stream.
    pub fingerprint: Option<String>,
    /// The content alone: a file that moved has it under another path.
    pub content: Option<String>,
}

/// Returns the files below a path that may belong to a corpus, in the order in which they are read. Reads files up to 64 MiB
/// whole, at the speed of the disk; a file that cannot be read has no fingerprint.
pub fn states(path: &Path, options: &ReadOptions) -> Vec<FileState> {
    let mut beside = Beside::default();
    let how = how(options);
    let steps = Walk::new(vec![path.to_owned()]);
    let candidates = steps.filter_map(|step| match step {
        Step::File(file) => Some(file),
        Step::Other | Step::Judged | Step::Unreadable(_) => None,
    });
    candidates
        .map(|file| {
            let hashed = match file.is_input() {
                true => None,
                false => hashed(&file, &mut beside, &how).ok(),
            };
            let (content, fingerprint) = hashed.unzip();
            FileState {
                relative: file.relative,
                path: file.path,
                fingerprint,
                content,
            }
        })
        .collect()
}

/// Returns the options that change what is read.
fn how(options: &ReadOptions) -> String {
    let ReadOptions {
        sections,
        choice: Choice {
            tags,
            min_score,
            since,
        },
        site,
        ..
    } = options;
    format!("{sections} {tags:?} {min_score:?} {since:?} {site:?}")
}

/// Returns what tells a file's content, and what tells everything that its entries are made of.
fn hashed(file: &Candidate, beside: &mut Beside, how: &str) -> io::Result<(String, String)> {
    let mut hasher = Xxh3::new();
    let metadata = fs::metadata(&file.path)?;
    if !metadata.is_file() {
        // A device or a pipe need not end; reading says what is wrong with it.
        return Err(io::ErrorKind::InvalidInput.into());
    }
    if metadata.len() > MAX_HASHED_BYTES {
        hasher.update(changed(&metadata).as_bytes());
    } else {
        let mut open = File::open(&file.path)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            match open.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => hasher.update(&buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
    let content = format!("{:032x}", hasher.digest128());
    let around = match file.name {
        Name::Markdown | Name::Text => {
            if !beside.is_of(&file.path) {
                let folders_above = file.relative.matches('/').count();
                *beside = Beside::of(&file.path, folders_above, beside);
            }
            let code = beside::code(&file.path);
            format!("{} {code:?}", beside.described())
        }
        Name::Xml => tables(&file.path),
        _ => String::new(),
    };
    for part in [&around, how, &file.relative] {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    Ok((content, format!("{:032x}", hasher.digest128())))
}

/// Returns the size of a file and when it changed.
fn changed(metadata: &Metadata) -> String {
    let time = metadata.modified().ok();
    let time = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("{} {:?}", metadata.len(), time)
}

/// Returns the state of the tables beside one of a dump, which are read together.
fn tables(file: &Path) -> String {
    let folder = file.parent().unwrap_or(Path::new(""));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut tables: Vec<String> = entries
        .filter(|entry| {
            Path::new(&entry.file_name())
                .extension()
                .is_some_and(|name| name.eq_ignore_ascii_case("xml"))
        })
        .filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            Some(format!("{:?} {}", entry.file_name(), changed(&metadata)))
        })
        .collect();
    tables.sort();
    tables.join("\n")
}
