//! Building and updating: entries in, a new generation out.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;
use tantivy::IndexWriter;
use tantivy::indexer::NoMergePolicy;

use super::document::{EntryDocument, Makers, Queue};
use super::entries::{Packs, Place};
use super::folder::Folder;
use super::frequent;
use super::generation::{self, Lock};
use super::segments::Segments;
use super::sources::{FileChanges, Source, Sources, now};
use super::update::{self, Former, Winner};
use super::{Index, Meta, Tokens};
use crate::accumulate::BitSet;
use crate::corpus::{FileState, Severity};
use crate::entry::{self, Entry};
use crate::error::{Error, Result};
use crate::schema::{self, Fields, stored};
use crate::{analysis, index::merging};

/// tantivy refuses writers with less memory.
const MIN_BUDGET_BYTES: usize = 15_000_000;
/// tantivy refuses writers with more than the addresses of its arenas reach.
const MAX_BUDGET_BYTES: usize = 4_000_000_000;
/// More threads than this wait for the one that writes.
const MAX_THREADS: usize = 8;

/// How an index is built.
#[derive(Debug, Clone)]
pub struct IndexerOptions {
    /// How much memory the writer may fill before it writes a segment, in bytes. At least 15 MB is used, and at most 4 GB.
    pub memory_budget_bytes: usize,
    /// How many threads index, beside the one that adds entries: one writes, the others take texts apart ahead of it. As many as the
    /// machine has when there are none. The index is the same with any number.
    pub threads: usize,
    /// The paths that the entries come from, for the record; those of sources are added.
    pub paths: Vec<String>,
}

impl Default for IndexerOptions {
    fn default() -> Self {
        IndexerOptions {
            // Of larger segments there are fewer to merge, and their dictionaries, which a merge has in memory, repeat less.
            memory_budget_bytes: 232_000_000,
            threads: 0,
            paths: Vec::new(),
        }
    }
}

/// An id that stood in two places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The id.
    pub id: String,
    /// Where the entry stands that is in the index: the later one.
    pub kept: entry::Source,
    /// Where the entry stood that is not.
    pub replaced: entry::Source,
}

/// What a build wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexSummary {
    /// How many entries the index holds.
    pub entries: u64,
    /// Its size on disk in bytes.
    pub bytes: u64,
    /// Ids that stood in two places, in the order of the ids.
    pub duplicates: Vec<Duplicate>,
    /// How many entries were added, in place of others or anew.
    pub added: u64,
    /// How many of the former index are not in it any more, and no other in their place.
    pub removed: u64,
    /// What was found of the files of the sources.
    pub files: FileChanges,
    /// How many segments it has.
    pub segments: u64,
}

/// Builds an index, or brings one up to date, beside the one that is there, and swaps it in at the end.
///
/// Dropping an indexer without [`Indexer::commit`] leaves the former index as it was.
pub struct Indexer {
    dir: PathBuf,
    generation: u64,
    fields: Fields,
    pub(super) queue: Arc<Queue>,
    inner: tantivy::Index,
    writer: Option<IndexWriter<EntryDocument>>,
    /// Outlives the writer, whose thread may wait for what they make.
    _makers: Makers,
    /// What is updated; `None` for a whole build.
    former: Option<Former>,
    sources: Sources,
    /// The source whose files are read now: its place, and its files by their paths.
    source: Option<(usize, HashMap<PathBuf, usize>)>,
    /// The file whose entries are added now: its path, its number, the place of the next entry in it.
    file: (PathBuf, u32, u32),
    added: u64,
    /// The places of files by their numbers.
    ranks: HashMap<u32, usize>,
    /// Ids that were read and are hidden by those of files that stay as they are.
    hidden: Vec<(u32, Duplicate)>,
    files: FileChanges,
    paths: Vec<String>,
    merges_all: bool,
    /// Whether a source is taken out, and may have been the last.
    is_removing: bool,
    is_changed: bool,
    is_committed: bool,
    /// Held until the indexer goes.
    _lock: Lock,
}

impl std::fmt::Debug for Indexer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Indexer")
            .field("dir", &self.dir)
            .field("added", &self.added)
            .finish_non_exhaustive()
    }
}

impl Indexer {
    /// Returns an indexer that builds a whole index in a folder, which is created if it is missing. Takes the folder's
    /// build lock ([`Error::IndexLocked`] if another build holds it) and removes what interrupted builds left.
    pub fn create(dir: &Path, options: IndexerOptions) -> Result<Self> {
        let lock = generation::lock(dir)?;
        let generation = generation::create_next(dir)?;
        let path = Meta::generation_dir(dir, generation);
        let create = |folder: Folder| {
            let settings = tantivy::IndexSettings::default();
            tantivy::Index::create(folder, Fields::new().schema, settings)
        };
        let inner = Folder::open(&path)
            .and_then(create)
            .map_err(|error| engine(dir, error))?;
        let packs = Packs::new(&path);
        Indexer::open(dir, generation, packs, inner, options, lock)
    }

    /// Returns an indexer that brings the index in a folder up to date. Takes the lock as [`Indexer::create`] does.
    ///
    /// Fails as [`Index::open`] does when there is no index to update: then only a whole build helps.
    pub fn update(dir: &Path, options: IndexerOptions) -> Result<Self> {
        if !Index::exists(dir) {
            return Err(Error::NoIndex {
                path: dir.to_owned(),
            });
        }
        let lock = generation::lock(dir)?;
        let index = Index::open(dir)?;
        generation::verify(dir, &index.meta)?;
        let sources = Sources::read(dir, &index.meta)?;
        let generation = generation::create_next(dir)?;
        let linked = generation::link(dir, &index.meta, generation);
        let path = Meta::generation_dir(dir, generation);
        let opened = linked.and_then(|()| {
            let inner = Folder::open(&path)
                .and_then(tantivy::Index::open)
                .map_err(|error| engine(dir, error))?;
            let packs = Packs::update(&path, &index.entries);
            Indexer::open(dir, generation, packs, inner, options, lock)
        });
        let mut indexer = opened.inspect_err(|_| {
            let _ = fs::remove_dir_all(&path);
        })?;
        indexer.paths = index.meta.paths.clone();
        indexer.former = Some(Former::new(index).map_err(|error| engine(dir, error))?);
        indexer.sources = sources;
        Ok(indexer)
    }

    fn open(
        dir: &Path,
        generation: u64,
        packs: Packs,
        inner: tantivy::Index,
        options: IndexerOptions,
        lock: Lock,
    ) -> Result<Self> {
        analysis::register(&inner);
        let threads = match options.threads {
            0 => std::thread::available_parallelism()
                .map_or(1, usize::from)
                .clamp(2, MAX_THREADS),
            threads => threads.min(MAX_THREADS),
        };
        let budget = options
            .memory_budget_bytes
            .clamp(MIN_BUDGET_BYTES, MAX_BUDGET_BYTES);
        let writer: IndexWriter<EntryDocument> = inner
            .writer_with_num_threads(1, budget)
            .map_err(|error| engine(dir, error))?;
        // What is merged is decided at the end.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        let fields = Fields::new();
        let queue = Queue::new(fields.clone(), packs);
        Ok(Indexer {
            dir: dir.to_owned(),
            generation,
            _makers: Makers::start(&queue, threads - 1),
            queue,
            fields,
            inner,
            writer: Some(writer),
            former: None,
            sources: Sources::default(),
            source: None,
            file: (PathBuf::new(), 0, 0),
            added: 0,
            ranks: HashMap::new(),
            hidden: Vec::new(),
            files: FileChanges::default(),
            paths: options.paths,
            merges_all: false,
            is_removing: false,
            is_changed: false,
            is_committed: false,
            _lock: lock,
        })
    }

    /// Returns the sources of the index, in the order in which they are read.
    pub fn sources(&self) -> Vec<Source> {
        let records = self.sources.list.iter();
        records.map(|record| record.source.clone()).collect()
    }

    /// Returns the sources that have ids under those of other files. Whenever one of the others changes, these must be
    /// read, too.
    pub fn hidden_sources(&self) -> Vec<Source> {
        let records = self.sources.list.iter();
        let hidden = records.filter(|record| {
            let mut files = record.files.iter();
            files.any(|file| !file.shadowed.is_empty())
        });
        hidden.map(|record| record.source.clone()).collect()
    }

    /// Begins a source, or the comparison with it, from the state of its files; returns those that must be read. All
    /// sources must have begun before the first entry is added: which entry of an id stays depends on all of them.
    pub fn begin_source(&mut self, source: Source, states: Vec<FileState>) -> HashSet<PathBuf> {
        let mut known = self.sources.list.iter();
        // A source without an entry is one, too.
        let is_new = !known.any(|known| known.source.absolute == source.absolute);
        let plan = self.sources.put(source, states);
        let changes = plan.changes.counts();
        self.files.add(changes);
        self.is_changed |= is_new || !changes.is_none() || self.former.is_none();
        if let Some(former) = &mut self.former {
            former.stale.extend(plan.stale);
        }
        self.ranks = self.sources.ranks();
        plan.read
    }

    /// Says which source the next entries belong to; it must have begun.
    pub fn enter_source(&mut self, source: &Source) {
        let mut records = self.sources.list.iter();
        let place = records.position(|record| record.source.absolute == source.absolute);
        self.source = place.map(|place| (place, self.sources.by_path(place)));
        self.file = (PathBuf::new(), 0, 0);
    }

    /// Takes a source with its entries out; returns whether there was one at that path.
    pub fn remove_source(&mut self, absolute: &Path) -> bool {
        let Some(numbers) = self.sources.remove(absolute) else {
            return false;
        };
        (self.is_changed, self.is_removing) = (true, true);
        if let Some(former) = &mut self.former {
            former.stale.extend(numbers);
        }
        true
    }

    /// Makes one segment of the index, whatever it costs.
    pub fn merge_all(&mut self) {
        self.merges_all = true;
        self.is_changed = true;
    }

    /// Says which file the next entries come from.
    pub fn set_file(&mut self, path: &Path) {
        if self.file.0 == path {
            return;
        }
        let number = self.source.as_ref().and_then(|(place, files)| {
            let file = *files.get(path)?;
            Some(self.sources.list[*place].files[file].number)
        });
        self.file = (path.to_owned(), number.unwrap_or(0), 0);
    }

    /// Counts a problem of the file that [`Indexer::set_file`] named.
    pub fn count_problem(&mut self, severity: Severity) {
        if let Some((place, files)) = &self.source
            && let Some(file) = files.get(&self.file.0)
        {
            self.sources.list[*place].files[*file].count(severity);
        }
    }

    /// Adds an entry. Of two entries with one id the later one wins: in a later source, a later file, a later place. In an
    /// update, an entry that the index has as it is is left alone.
    pub fn add(&mut self, mut entry: Entry) -> Result<()> {
        let (_, file, count) = &mut self.file;
        let place = Place {
            file: *file,
            place: *count,
            line: entry.source.line.take(),
        };
        *count = count.saturating_add(1);
        if let Some(former) = &mut self.former {
            let hash = schema::hash(&stored::bytes(&entry));
            let known = former.meet(&entry.id, place.file, hash, &self.ranks);
            match known.map_err(|error| engine(&self.dir, error))? {
                update::Known::Same(record) => {
                    self.is_changed |= self.queue.packs.set_place(record, place);
                    return Ok(());
                }
                update::Known::Shadowed(winner) => {
                    entry.source.line = place.line;
                    let hidden = former.hidden(&entry, place.file, winner);
                    self.hidden
                        .extend(hidden.map_err(|error| engine(&self.dir, error))?);
                    return Ok(());
                }
                update::Known::Replaced(term) => {
                    self.writer().delete_term(term);
                }
                update::Known::Other => {}
            }
        }
        let record = self.queue.packs.add(place);
        let record = record.map_err(|error| self.unwritten(error))?;
        self.added += 1;
        self.is_changed = true;
        self.index(entry, record)
    }

    fn index(&mut self, entry: Entry, record: u32) -> Result<()> {
        let document = self.queue.document(entry, record, false);
        if let Err(error) = self.writer().add_document(document) {
            // Only the thread that failed knows why: that the disk is full, as a rule. Committing waits for it.
            let cause = self.writer().commit().err();
            return Err(engine(&self.dir, cause.unwrap_or(error)));
        }
        Ok(())
    }

    /// Settles which entry of each id stays, merges segments, and swaps the index in for the former one, in one step.
    ///
    /// When nothing is otherwise than in the former index, that one stays; also when no entry would be left though no source
    /// was taken out: then the summary has none.
    pub fn commit(mut self) -> Result<IndexSummary> {
        if let Some(former) = &self.former
            && !self.is_changed
            && !former.has_unwanted()
        {
            let former = &former.index;
            let hidden = std::mem::take(&mut self.hidden).into_iter();
            return Ok(IndexSummary {
                duplicates: hidden.map(|(_, duplicate)| duplicate).collect(),
                entries: former.meta.entries,
                bytes: former.meta.bytes(),
                files: self.files,
                segments: former.segments.iter().len() as u64,
                ..IndexSummary::default()
            });
        }
        let is_emptied = !self.is_removing && self.former.is_some();
        let settled = self.settle();
        let (mut duplicates, removed) = settled.map_err(|error| engine(&self.dir, error))?;
        duplicates.append(&mut self.hidden);
        duplicates.sort_by(|left, right| left.1.id.cmp(&right.1.id));
        let left = self.inner.searchable_segment_metas();
        let left = left.map_err(|error| engine(&self.dir, error))?;
        if is_emptied && left.iter().all(|segment| segment.num_docs() == 0) {
            // An empty folder is a disk that is not there more often than a wish: the former index stays.
            return Ok(IndexSummary {
                files: self.files,
                ..IndexSummary::default()
            });
        }
        drop(left);
        let merges_all = self.merges_all || self.former.is_none();
        let inner = self.inner.clone();
        merging::merge(&inner, self.writer(), merges_all)
            .map_err(|error| engine(&self.dir, error))?;
        let writer = self
            .writer
            .take()
            .expect("only `commit` takes the writer, and it takes the indexer");
        writer
            .wait_merging_threads()
            .map_err(|error| engine(&self.dir, error))?;
        let living = Segments::open(&self.inner)
            .and_then(|segments| update::living_records(&segments, &self.queue.packs))
            .map_err(|error| engine(&self.dir, error))?;
        self.count_entries(&duplicates, &living);
        self.queue
            .packs
            .finish(&living, self.merges_all)
            .map_err(|error| self.unwritten(error))?;
        let (tokens, is_numbered_by_record) = self
            .of_segments()
            .map_err(|error| engine(&self.dir, error))?;
        if self.former.is_some() || !self.sources.list.is_empty() {
            self.sources.write(&self.dir, self.generation)?;
        }
        let meta = self.meta(tokens, is_numbered_by_record)?;
        let segments = self.inner.searchable_segment_metas();
        let segments = segments.map_err(|error| engine(&self.dir, error))?;
        generation::swap_in(&self.dir, &meta)?;
        self.is_committed = true;
        generation::remove_all_but(&self.dir, Some(self.generation));
        Ok(IndexSummary {
            entries: meta.entries,
            bytes: meta.bytes(),
            duplicates: duplicates
                .into_iter()
                .map(|(_, duplicate)| duplicate)
                .collect(),
            added: self.added,
            removed,
            files: self.files,
            segments: segments.len() as u64,
        })
    }

    /// Returns that entries cannot be stored.
    fn unwritten(&self, source: std::io::Error) -> Error {
        Error::Io {
            action: "write",
            path: Meta::generation_dir(&self.dir, self.generation),
            source,
        }
    }

    pub(super) fn writer(&mut self) -> &mut IndexWriter<EntryDocument> {
        self.writer
            .as_mut()
            .expect("only `commit` takes the writer, and it takes the indexer")
    }

    /// Leaves one entry of each id, and none that its sources do not have any more. Returns the ids that stood in two
    /// places, each with the file whose entry is not in the index, and how many entries went.
    fn settle(&mut self) -> tantivy::Result<(Vec<(u32, Duplicate)>, u64)> {
        self.writer().commit()?;
        let segments = Segments::open(&self.inner)?;
        let settled = update::settle(
            &segments,
            &self.fields,
            self.former.as_ref(),
            &self.queue.packs,
            &self.sources.ranks(),
        )?;
        drop(segments);
        let is_done = settled.gone.is_empty() && settled.winners.is_empty();
        for id in &settled.gone {
            let term = self.fields.id_term(id);
            self.writer().delete_term(term);
        }
        for Winner { mut entry, record } in settled.winners {
            entry.source.line = None;
            let term = self.fields.id_term(&entry.id);
            let document = self.queue.document(entry, record, true);
            let writer = self.writer();
            writer.delete_term(term);
            writer.add_document(document)?;
        }
        if !is_done {
            self.writer().commit()?;
        }
        Ok((settled.duplicates, settled.gone.len() as u64))
    }

    /// Writes down how many entries each file has, and which ids of it stand under those of others.
    fn count_entries(&mut self, duplicates: &[(u32, Duplicate)], living: &BitSet) {
        let counts = self.queue.packs.by_file(living);
        let mut files = self.sources.by_number();
        for (number, file) in &mut files {
            file.entries = counts.get(number).copied().unwrap_or(0);
        }
        let mut seen = FxHashSet::default();
        for (number, duplicate) in duplicates {
            if let Some(file) = files.get_mut(number)
                && seen.insert((number, duplicate.id.as_str()))
            {
                file.shadowed.push(duplicate.id.clone());
            }
        }
    }

    /// Counts the tokens of what is on disk now, and writes what a search wants to know of frequent terms. Says whether documents have
    /// the numbers of their records.
    fn of_segments(&self) -> tantivy::Result<(Tokens, bool)> {
        let segments = Segments::open(&self.inner)?;
        let tokens = segments.tokens(&self.fields)?;
        let averages = frequent::averages(&tokens, segments.entries());
        let generation = Meta::generation_dir(&self.dir, self.generation);
        frequent::update(&generation, &segments, &self.fields, averages)?;
        Ok((tokens, segments.are_numbered_by_record()?))
    }

    /// Returns the meta file's content for what is on disk now.
    fn meta(&self, tokens: Tokens, is_numbered_by_record: bool) -> Result<Meta> {
        let metas = self
            .inner
            .searchable_segment_metas()
            .map_err(|error| engine(&self.dir, error))?;
        let former = self.former.as_ref().map(|former| &former.index.meta);
        let mut paths = self.paths.clone();
        if !self.sources.list.is_empty() {
            let sources = self.sources.list.iter();
            paths = sources.map(|record| record.source.path.clone()).collect();
        }
        Ok(Meta {
            format: schema::FORMAT,
            analysis: analysis::VERSION,
            generation: self.generation,
            entries: metas.iter().map(|meta| u64::from(meta.num_docs())).sum(),
            tokens,
            is_numbered_by_record,
            built_unix_seconds: now(),
            paths,
            files: generation::files(&self.dir, self.generation, former)?,
            crc32: String::new(),
        })
    }
}

impl Drop for Indexer {
    fn drop(&mut self) {
        if !self.is_committed {
            // The writer's threads must let go of the files first.
            if let Some(writer) = self.writer.take() {
                drop(writer);
            }
            // Left-overs harm nobody: the next build removes what could not be removed now.
            let _ = fs::remove_dir_all(Meta::generation_dir(&self.dir, self.generation));
        }
    }
}

fn engine(dir: &Path, error: tantivy::TantivyError) -> Error {
    Error::Engine {
        action: "write",
        path: dir.to_owned(),
        source: Box::new(error),
    }
}
