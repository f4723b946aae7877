//! The files below the paths of a corpus, in name order, without following links.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{Problem, Severity};

/// Folders that hold no corpus.
const SKIPPED_FOLDERS: [&str; 4] = [".git", ".hg", ".svn", "node_modules"];

/// The path that stands for a stream.
const INPUT: &str = "-";

/// One step of a walk.
pub(super) enum Step {
    /// A file that may belong to the corpus.
    File(Candidate),
    /// A file whose name says that it holds something else.
    Other,
    /// Queries or judgments that stand beside a corpus.
    Judged,
    /// A path that cannot be read, or that was named and is no corpus.
    Unreadable(Problem),
}

/// A file that may belong to the corpus.
pub(super) struct Candidate {
    pub(super) path: PathBuf,
    /// The path below the folder that was named, with `/` between steps.
    pub(super) relative: String,
    /// What the file's name says.
    pub(super) name: Name,
    /// Whether the file itself was named, and not a folder above it.
    pub(super) is_named: bool,
    pub(super) bytes: u64,
}

impl Candidate {
    /// Returns whether this is the stream that the path `-` stands for.
    pub(super) fn is_input(&self) -> bool {
        self.is_named && self.path.as_os_str() == INPUT
    }
}

/// What a file's name says of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Markdown,
    Json,
    JsonLines,
    Html,
    Xml,
    Archive,
    /// Nothing: no extension, or one for any text.
    Text,
    /// Something that is no corpus.
    Other,
}

impl Name {
    fn of(path: &Path) -> Self {
        let extension = path.extension().and_then(OsStr::to_str);
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("md" | "markdown" | "mdown" | "mkd" | "mdx") => Name::Markdown,
            Some("json") => Name::Json,
            Some("jsonl" | "ndjson") => Name::JsonLines,
            Some("html" | "htm") => Name::Html,
            Some("xml") => Name::Xml,
            Some("7z") => Name::Archive,
            None | Some("txt" | "text") => Name::Text,
            Some(_) => Name::Other,
        }
    }
}

/// Iterates over the files below some paths.
pub(super) struct Walk {
    roots: std::vec::IntoIter<PathBuf>,
    folder: Option<(PathBuf, walkdir::IntoIter)>,
}

impl Walk {
    pub(super) fn new(roots: Vec<PathBuf>) -> Self {
        Walk {
            roots: roots.into_iter(),
            folder: None,
        }
    }

    fn next_root(&mut self) -> Option<Option<Step>> {
        let root = self.roots.next()?;
        if root.is_dir() {
            let walk = walkdir::WalkDir::new(&root).sort_by_file_name();
            self.folder = Some((root, walk.into_iter()));
            return Some(None);
        }
        Some(Some(named_file(root)))
    }
}

impl Iterator for Walk {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        loop {
            let Some((root, walk)) = &mut self.folder else {
                match self.next_root()? {
                    Some(step) => return Some(step),
                    None => continue,
                }
            };
            let entry = match walk.next() {
                None => {
                    self.folder = None;
                    continue;
                }
                Some(Err(error)) => return Some(unreadable_entry(root, &error)),
                Some(Ok(entry)) => entry,
            };
            if entry.file_type().is_dir() {
                let name = entry.file_name().to_str();
                if entry.depth() > 0 && name.is_some_and(|name| SKIPPED_FOLDERS.contains(&name)) {
                    walk.skip_current_dir();
                }
                continue;
            }
            return Some(found_file(root, &entry));
        }
    }
}

fn named_file(path: PathBuf) -> Step {
    if path.as_os_str() == INPUT {
        return Step::File(Candidate {
            relative: INPUT.to_owned(),
            name: Name::Text,
            is_named: true,
            bytes: 0,
            path,
        });
    }
    if is_judged(&path) {
        let message = "holds the queries or judgments of a judged set, not a corpus; index its `corpus.jsonl`";
        return unreadable(&path, message.to_owned());
    }
    match std::fs::metadata(&path) {
        Ok(metadata) => Step::File(Candidate {
            relative: written(path.file_name().unwrap_or_default()),
            name: Name::of(&path),
            is_named: true,
            bytes: metadata.len(),
            path,
        }),
        Err(error) => unreadable(&path, format!("cannot read the file: {error}")),
    }
}

fn found_file(root: &Path, entry: &walkdir::DirEntry) -> Step {
    let name = Name::of(entry.path());
    if is_judged(entry.path()) {
        return Step::Judged;
    }
    if name == Name::Other || !entry.file_type().is_file() {
        return Step::Other;
    }
    let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
    let steps = relative.iter().map(written);
    match entry.metadata() {
        Ok(metadata) => Step::File(Candidate {
            path: entry.path().to_owned(),
            relative: steps.collect::<Vec<_>>().join("/"),
            name,
            is_named: false,
            bytes: metadata.len(),
        }),
        Err(error) => unreadable_entry(root, &error),
    }
}

/// Returns a name or a path as text: bytes that are none become `%FF`, so that two names stay two names and ids.
pub(super) fn written(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// Returns whether a file belongs to a judged set and is not its corpus: `queries.jsonl` beside a folder `qrels`, or
/// a file in that folder.
fn is_judged(path: &Path) -> bool {
    let Some(folder) = path.parent() else {
        return false;
    };
    match path.file_name().and_then(OsStr::to_str) {
        Some("queries.jsonl") => folder.join("qrels").is_dir(),
        _ => {
            folder.file_name() == Some(OsStr::new("qrels"))
                && folder.with_file_name("queries.jsonl").is_file()
        }
    }
}

fn unreadable_entry(root: &Path, error: &walkdir::Error) -> Step {
    let reason = error
        .io_error()
        .map_or_else(|| error.to_string(), ToString::to_string);
    unreadable(
        error.path().unwrap_or(root),
        format!("cannot read the file or folder: {reason}"),
    )
}

fn unreadable(path: &Path, message: String) -> Step {
    Step::Unreadable(Problem {
        severity: Severity::Skipped,
        path: written(path.as_os_str()),
        line: None,
        record: None,
        message,
    })
}
