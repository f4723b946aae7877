//! The stream of a corpus: file after file, record after record.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::beside::Beside;
use super::detect::{self, Head, Shape};
use super::json::Found;
use super::jsonl::Lines;
use super::stack_exchange::{self, Dump, LeftOut, Table};
use super::walk::{self, Candidate, Name, Step, Walk};
use super::{Item, Outline, Problem, ReadOptions, Severity, TextFile, json, markdown, nuxt, text};
use crate::entry::Format;
use crate::{Error, Result};

/// Largest file that is read whole; JSONL is read by line and has no limit.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// Sorting a dump takes about this part of the time that it takes to index it.
const SORTING_PART: u64 = 4;

/// How much of a file is read to see what it is.
const HEAD_BYTES: u64 = 1 << 20;

/// The entries of files and folders, in the order of the paths and, in a folder, of the names.
///
/// Holds one file at a time, and of a JSONL file one line; files that are read whole are at most 256 MiB large. What
/// cannot be read is a [`Problem`] in the stream, which then goes on.
///
/// ```
/// # let folder = std::env::temp_dir().join("qdex-corpus-example");
/// # std::fs::create_dir_all(&folder)?;
/// std::fs::write(folder.join("git.jsonl"), r#"{"id": "git#amend", "title": "What does `--amend` do?"}"#)?;
/// let mut corpus = qdex::corpus::Corpus::open(&[folder], Default::default())?;
/// assert!(matches!(corpus.next(), Some(qdex::corpus::Item::Entry(entry)) if entry.id == "git#amend"));
/// assert!(corpus.next().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Corpus {
    paths: Vec<PathBuf>,
    options: ReadOptions,
    walk: Walk,
    /// What the path `-` stands for.
    input: Option<Box<dyn Read + Send>>,
    /// What was read of the last file and not handed out yet.
    pending: VecDeque<Item>,
    /// The file that is being read record by record.
    open: Option<Open>,
    counts: FileCounts,
    /// The bytes of the files that are done with.
    bytes_done: u64,
    progress: Progress,
    /// What stands beside the Markdown file that was read last.
    beside: Beside,
    outlines: Vec<Outline>,
    /// The file that the last item came from.
    file: Option<PathBuf>,
}

/// How many bytes of a corpus were read, told from any thread.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// Returns how many bytes were read so far, of those that [`Corpus::total_bytes`] tells. Cheap.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Returns whether the corpus is gone that it tells of.
    pub fn is_abandoned(&self) -> bool {
        Arc::strong_count(&self.0) < 2
    }

    fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}

/// How many files of a corpus were read, and how many not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileCounts {
    /// Files that were read, by format.
    pub read: BTreeMap<Format, u64>,
    /// How many of those gave no entry.
    pub without_entries: u64,
    /// Files that could not be read at all; each has a problem in the stream.
    pub unreadable: u64,
    /// Files that were passed over because [`ReadOptions::only`] does not name them.
    pub unchanged: u64,
    /// Files of other kinds.
    pub other: u64,
    /// Queries and judgments beside a corpus.
    pub judged: u64,
    /// Entries that were not wanted.
    pub unwanted: u64,
    /// Posts of dumps that are neither questions nor answers: tag wikis, placeholders.
    pub other_posts: u64,
    /// Answers whose question is not in the dump.
    pub orphans: u64,
}

impl Corpus {
    /// Returns the entries of files and folders. Reads nothing yet; fails when a path does not exist.
    pub fn open(paths: &[PathBuf], options: ReadOptions) -> Result<Corpus> {
        Corpus::open_with_input(paths, options, None)
    }

    /// Returns the entries of files and folders, and of a stream where the path is `-`. Fails as [`Corpus::open`] does.
    pub fn open_with_input(
        paths: &[PathBuf],
        options: ReadOptions,
        input: Option<Box<dyn Read + Send>>,
    ) -> Result<Corpus> {
        let is_input = |path: &&PathBuf| input.is_some() && path.as_os_str() == "-";
        for path in paths.iter().filter(|path| !is_input(path)) {
            std::fs::metadata(path).map_err(|source| Error::Io {
                action: "read",
                path: path.clone(),
                source,
            })?;
        }
        Ok(Corpus {
            paths: paths.to_vec(),
            options,
            walk: Walk::new(paths.to_vec()),
            input,
            pending: VecDeque::new(),
            open: None,
            counts: FileCounts::default(),
            bytes_done: 0,
            progress: Progress::default(),
            beside: Beside::default(),
            outlines: Vec::new(),
            file: None,
        })
    }

    /// Returns how many files were read so far, and how many not.
    pub fn counts(&self) -> &FileCounts {
        &self.counts
    }

    /// Returns the file that the last item came from; `None` before the first, and for a path that is no file.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Returns how many bytes were read so far, of those that [`Corpus::total_bytes`] tells. Cheap.
    pub fn bytes_read(&self) -> u64 {
        self.progress.bytes()
    }

    /// Returns a handle that tells the same while an item is waited for: the first one of a large dump takes minutes.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Returns how the questions of the Markdown files were found that were read since the last call, when
    /// [`ReadOptions::outline`] asks for it.
    pub fn outlines(&mut self) -> Vec<Outline> {
        std::mem::take(&mut self.outlines)
    }

    /// Returns how large the files are that may belong to the corpus. Walks through all folders once more, without
    /// opening a file.
    pub fn total_bytes(&self) -> u64 {
        Walk::new(self.paths.clone())
            .map(|step| match step {
                Step::File(file) => file.bytes,
                _ => 0,
            })
            .sum()
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Other => self.counts.other += 1,
            Step::Judged => self.counts.judged += 1,
            Step::Unreadable(problem) => {
                self.file = None;
                self.counts.unreadable += 1;
                self.pending.push_back(Item::Problem(problem));
            }
            Step::File(file) => {
                let is_wanted = |only: &Arc<HashSet<PathBuf>>| only.contains(&file.path);
                if !self.options.only.as_ref().is_none_or(is_wanted) {
                    self.counts.unchanged += 1;
                    self.close(file.bytes);
                    return;
                }
                self.file = Some(file.path.clone());
                if let Err(unread) = self.open_file(&file) {
                    self.leave(&file, unread);
                }
                if self.open.is_none() {
                    self.close(file.bytes);
                }
            }
        }
    }

    /// Reads a file into `pending`, or opens it as `open`.
    fn open_file(&mut self, file: &Candidate) -> std::result::Result<(), Unread> {
        let mut reader: Box<dyn Read + Send> = match self.input.take_if(|_| file.is_input()) {
            Some(input) => input,
            None => Box::new(File::open(&file.path)?),
        };
        let mut bytes = Vec::new();
        reader.by_ref().take(HEAD_BYTES).read_to_end(&mut bytes)?;
        let is_whole = (bytes.len() as u64) < HEAD_BYTES;
        if file.name != Name::Markdown {
            if file.is_input() && Table::of(&bytes) == Some(Table::Posts) {
                let reader = BufReader::new(Cursor::new(bytes).chain(reader));
                let dumps = stack_exchange::open_stream("-", reader, &self.options)?;
                self.open = Some(Open::Dumps(OpenDumps::new(dumps, 0)));
                return Ok(());
            }
            if let Some(holds_posts) = holds_posts(file, &bytes)? {
                return self.open_dump(file, holds_posts);
            }
        }
        let is_utf16 = text::is_utf16(&bytes);
        if !is_utf16 && bytes.contains(&0) {
            return Err(Unread::OtherContent);
        }
        let path = walk::written(file.path.as_os_str());
        if !is_utf16 {
            match detect::head(file.name, text::without_bom(&bytes), is_whole) {
                Head::OtherLines => return Err(Unread::OtherContent),
                Head::Lines => {
                    let reader = BufReader::new(Cursor::new(bytes).chain(reader));
                    self.open = Some(Open::Lines(OpenLines::new(
                        path,
                        Box::new(reader),
                        file.bytes,
                    )));
                    return Ok(());
                }
                Head::Unknown => {}
            }
        }
        if file.bytes > MAX_FILE_BYTES {
            return Err(Unread::TooLarge);
        }
        reader.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
        let text = text::decode(bytes).map_err(Unread::NotText)?;
        if is_utf16 && detect::head(file.name, text.as_bytes(), true) == Head::Lines {
            let reader = Cursor::new(text.into_bytes());
            self.open = Some(Open::Lines(OpenLines::new(
                path,
                Box::new(reader),
                file.bytes,
            )));
            return Ok(());
        }
        let shape = detect::shape(file.name, &text, &self.options).ok_or(Unread::OtherContent)?;
        let format = self.read_whole(shape, &path, &file.relative, &text);
        let format = format.ok_or(Unread::OtherContent)?;
        *self.counts.read.entry(format).or_default() += 1;
        let has_entry = self
            .pending
            .iter()
            .any(|item| matches!(item, Item::Entry(_)));
        self.counts.without_entries += u64::from(!has_entry);
        Ok(())
    }

    /// Opens a dump at its posts; tables beside them are read with them.
    fn open_dump(
        &mut self,
        file: &Candidate,
        holds_posts: bool,
    ) -> std::result::Result<(), Unread> {
        if holds_posts {
            let done = self.bytes_done;
            let progress = self.progress.clone();
            let read = |bytes| progress.set(done + bytes / SORTING_PART);
            let dumps = stack_exchange::open(&file.path, &self.options, &read)?;
            self.open = Some(Open::Dumps(OpenDumps::new(dumps, file.bytes)));
            return Ok(());
        }
        match stack_exchange::posts_beside(&file.path) {
            Some(_) => Ok(()),
            None => Err(Unread::OtherContent),
        }
    }

    /// Reads a text into `pending` and returns its format, or `None` for JSON without records.
    fn read_whole(
        &mut self,
        shape: Shape,
        path: &str,
        relative: &str,
        text: &str,
    ) -> Option<Format> {
        if shape == Shape::Markdown && !self.beside.is_of(Path::new(path)) {
            let folders_above = relative.matches('/').count();
            self.beside = Beside::of(Path::new(path), folders_above, &self.beside);
        }
        let file = TextFile {
            path,
            relative,
            text,
            options: &self.options,
            beside: Some(&self.beside),
        };
        let mut out = |item| self.pending.push_back(item);
        match shape {
            Shape::Payload => nuxt::read_payload(&file, &mut out),
            Shape::Html => nuxt::read_html(&file, &mut out),
            Shape::Markdown => {
                let outline = markdown::read(&file, &mut out);
                if self.options.outline {
                    self.outlines.push(outline);
                }
                return Some(Format::Markdown);
            }
            Shape::Json => {
                return match json::read(&file, &mut out) {
                    Found::Records(format) => Some(format),
                    Found::NoRecords => None,
                };
            }
        }
        Some(Format::Nuxt)
    }

    /// Counts a file that was not read and reports it, unless it is a chance find of another kind.
    fn leave(&mut self, file: &Candidate, unread: Unread) {
        let is_expected = match unread {
            Unread::OtherContent => false,
            Unread::NotText(_) | Unread::TooLarge => !matches!(file.name, Name::Text | Name::Html),
            Unread::Io(_) => true,
        };
        if !file.is_named && !is_expected {
            self.counts.other += 1;
            return;
        }
        let (line, message) = match unread {
            Unread::OtherContent => (
                None,
                "expected a Nuxt payload, Markdown, JSON or JSONL with `id` and `title`, BEIR's `_id` and `text`, or the posts of a Stack Exchange dump"
                    .to_owned(),
            ),
            Unread::NotText(not_text) => (not_text.line, not_text.message.to_owned()),
            Unread::TooLarge => (
                None,
                format!(
                    "the file is larger than {} MiB; split it, or write it as JSONL",
                    MAX_FILE_BYTES >> 20
                ),
            ),
            Unread::Io(error) => (None, format!("cannot read the file: {error}")),
        };
        self.counts.unreadable += 1;
        self.pending.push_back(Item::Problem(Problem {
            severity: Severity::Skipped,
            path: walk::written(file.path.as_os_str()),
            line,
            record: None,
            message,
        }));
    }

    /// Returns the next item of the file that is being read record by record.
    fn next_record(&mut self) -> Option<Item> {
        let open = self.open.as_mut()?;
        if let Some(item) = open.next() {
            self.progress.set(self.bytes_done + open.bytes_read());
            return Some(item);
        }
        let (format, has_entry, file_bytes) = match open {
            Open::Lines(open) => {
                let format = open.lines.format.unwrap_or(Format::Jsonl);
                (format, open.has_entry, open.file_bytes)
            }
            Open::Dumps(open) => {
                for LeftOut {
                    other_posts,
                    orphans,
                    unwanted,
                } in open.dumps.iter().map(|dump| dump.left_out)
                {
                    self.counts.other_posts += other_posts;
                    self.counts.orphans += orphans;
                    self.counts.unwanted += unwanted;
                }
                (Format::StackExchange, open.has_entry, open.file_bytes)
            }
        };
        self.counts.without_entries += u64::from(!has_entry);
        *self.counts.read.entry(format).or_default() += 1;
        self.open = None;
        self.close(file_bytes);
        None
    }

    /// Counts a file that is done with.
    fn close(&mut self, file_bytes: u64) {
        self.bytes_done += file_bytes;
        self.progress.set(self.bytes_done);
    }

    /// Returns the next item, wanted or not.
    fn next_item(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.pending.pop_front() {
                return Some(item);
            }
            if let Some(item) = self.next_record() {
                return Some(item);
            }
            let step = self.walk.next()?;
            self.step(step);
        }
    }
}

impl Iterator for Corpus {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            match self.next_item()? {
                Item::Entry(entry) if !self.options.choice.wants(&entry) => {
                    self.counts.unwanted += 1;
                }
                item => return Some(item),
            }
        }
    }
}

/// A file that is being read record by record.
enum Open {
    Lines(OpenLines),
    Dumps(OpenDumps),
}

impl Open {
    /// Returns how many of the file's bytes were read.
    fn bytes_read(&self) -> u64 {
        match self {
            Open::Lines(open) => open.lines.bytes_read.min(open.file_bytes),
            Open::Dumps(open) => open.bytes_read(),
        }
    }
}

impl Iterator for Open {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let (item, has_entry) = match self {
            Open::Lines(open) => (open.lines.next(), &mut open.has_entry),
            Open::Dumps(open) => (
                open.dumps.iter_mut().find_map(Iterator::next),
                &mut open.has_entry,
            ),
        };
        *has_entry |= matches!(item, Some(Item::Entry(_)));
        item
    }
}

/// The dumps of a file, whose posts are joined.
struct OpenDumps {
    dumps: Vec<Dump>,
    has_entry: bool,
    file_bytes: u64,
}

impl OpenDumps {
    fn new(dumps: Vec<Dump>, file_bytes: u64) -> Self {
        OpenDumps {
            dumps,
            has_entry: false,
            file_bytes,
        }
    }

    fn bytes_read(&self) -> u64 {
        let sorted = self.file_bytes / SORTING_PART;
        let rows: u64 = self.dumps.iter().map(|dump| dump.rows).sum();
        let joined: u64 = self.dumps.iter().map(|dump| dump.rows_joined).sum();
        let part = joined as f64 / rows.max(1) as f64;
        sorted + ((self.file_bytes - sorted) as f64 * part) as u64
    }
}

/// Returns whether a file holds the posts of a dump; `None` when it belongs to none.
fn holds_posts(file: &Candidate, head: &[u8]) -> io::Result<Option<bool>> {
    if file.is_input() {
        return Ok(None);
    }
    if stack_exchange::begins_as_archive(head) {
        return stack_exchange::holds_posts(&file.path).map(Some);
    }
    Ok(Table::of(head).map(|table| table == Table::Posts))
}

/// A JSONL file that is being read.
struct OpenLines {
    lines: Lines,
    has_entry: bool,
    /// The file's size, which differs from that of its text in UTF-16.
    file_bytes: u64,
}

impl OpenLines {
    fn new(path: String, reader: Box<dyn BufRead + Send>, file_bytes: u64) -> Self {
        OpenLines {
            lines: Lines::new(path, reader),
            has_entry: false,
            file_bytes,
        }
    }
}

/// Why a file was not read.
enum Unread {
    OtherContent,
    NotText(text::NotText),
    TooLarge,
    Io(io::Error),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Unread::Io(error)
    }
}
