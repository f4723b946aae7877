//! Building: entries in, a new generation out.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tantivy::indexer::NoMergePolicy;
use tantivy::{DocSet, IndexWriter, SegmentReader, TERMINATED, Term};

use super::document::{EntryDocument, Queue};
use super::segments::Segments;
use super::{GENERATION_PREFIX, META_FILE, Meta};
use crate::analysis;
use crate::entry::{Entry, Source};
use crate::error::{Error, Result};
use crate::schema::{self, Fields};

/// The file whose lock a build holds.
const LOCK_FILE: &str = ".lock";
/// Where the next meta file is written before it replaces the one that is there.
const NEW_META_FILE: &str = "qdex.json.new";
/// tantivy refuses writers with less memory a thread.
const MIN_THREAD_BUDGET_BYTES: usize = 15_000_000;
/// tantivy refuses writers with more than the addresses of its arenas reach.
const MAX_THREAD_BUDGET_BYTES: usize = 4_000_000_000;
/// More threads than this wait for the disk and leave more segments to merge.
const MAX_THREADS: usize = 8;

/// How an index is built.
#[derive(Debug, Clone)]
pub struct IndexerOptions {
    /// How much memory the writer may fill before it writes a segment, in bytes. At least 15 MB is used, and at most
    /// 4 GB a thread.
    pub memory_budget_bytes: usize,
    /// The paths that the entries come from, for the record.
    pub paths: Vec<String>,
}

impl Default for IndexerOptions {
    fn default() -> Self {
        IndexerOptions {
            memory_budget_bytes: 128 << 20,
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
    pub kept: Source,
    /// Where the entry stood that is not.
    pub replaced: Source,
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
}

/// Builds an index beside the one that is there, and swaps it in at the end.
///
/// Dropping an indexer without [`Indexer::commit`] leaves the former index as it was.
pub struct Indexer {
    dir: PathBuf,
    generation: u64,
    fields: Fields,
    pub(super) queue: Arc<Queue>,
    inner: tantivy::Index,
    writer: Option<IndexWriter<EntryDocument>>,
    added: u64,
    paths: Vec<String>,
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
    /// Returns an indexer for a folder, which is created if it is missing. Takes the folder's build lock
    /// ([`Error::IndexLocked`] if another build holds it) and removes what interrupted builds left.
    pub fn create(dir: &Path, options: IndexerOptions) -> Result<Self> {
        fs::create_dir_all(dir).map_err(|source| Error::Io {
            action: "create",
            path: dir.to_owned(),
            source,
        })?;
        let lock = lock(dir)?;
        // A meta file of another version, or a broken one, still says which generation readers may be using.
        let former = current_generation(dir);
        remove_generations(dir, former);
        let _ = fs::remove_file(dir.join(NEW_META_FILE));
        // Only a meta file that someone wrote by hand names the last number; the folder of the first is free then.
        let generation = former.map_or(1, |former| former.checked_add(1).unwrap_or(1));
        let path = Meta::generation_dir(dir, generation);
        fs::create_dir_all(&path).map_err(|source| Error::Io {
            action: "create",
            path: path.clone(),
            source,
        })?;
        let fields = Fields::new();
        let failed = |error: tantivy::TantivyError| engine(dir, error);
        let inner = tantivy::Index::create_in_dir(&path, fields.schema.clone()).map_err(failed)?;
        analysis::register(&inner);
        let threads = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(MAX_THREADS);
        let threads = threads
            .min(options.memory_budget_bytes / MIN_THREAD_BUDGET_BYTES)
            .max(1);
        let budget = options.memory_budget_bytes.clamp(
            threads * MIN_THREAD_BUDGET_BYTES,
            threads.saturating_mul(MAX_THREAD_BUDGET_BYTES),
        );
        let writer: IndexWriter<EntryDocument> = inner
            .writer_with_num_threads(threads, budget)
            .map_err(failed)?;
        // Everything is merged once, at the end.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(Indexer {
            dir: dir.to_owned(),
            generation,
            queue: Queue::new(fields.clone()),
            fields,
            inner,
            writer: Some(writer),
            added: 0,
            paths: options.paths,
            is_committed: false,
            _lock: lock,
        })
    }

    /// Adds an entry. Of two entries with one id the later one wins.
    pub fn add(&mut self, entry: &Entry) -> Result<()> {
        let document = self.queue.document(entry.clone(), self.added);
        self.added += 1;
        if let Err(error) = self.writer().add_document(document) {
            // Only the thread that failed knows why: that the disk is full, as a rule. Committing waits for it.
            let cause = self.writer().commit().err();
            return Err(engine(&self.dir, cause.unwrap_or(error)));
        }
        Ok(())
    }

    /// Merges what was added to one segment and swaps it in for the former index, in one step.
    pub fn commit(mut self) -> Result<IndexSummary> {
        self.merge()?;
        let duplicates = self.remove_duplicates()?;
        if !duplicates.is_empty() {
            self.merge()?;
        }
        let writer = self
            .writer
            .take()
            .expect("only `commit` takes the writer, and it takes the indexer");
        writer
            .wait_merging_threads()
            .map_err(|error| engine(&self.dir, error))?;
        let meta = self.meta()?;
        self.swap_in(&meta)?;
        self.is_committed = true;
        remove_generations(&self.dir, Some(self.generation));
        Ok(IndexSummary {
            entries: meta.entries,
            bytes: meta.bytes(),
            duplicates,
        })
    }

    pub(super) fn writer(&mut self) -> &mut IndexWriter<EntryDocument> {
        self.writer
            .as_mut()
            .expect("only `commit` takes the writer, and it takes the indexer")
    }

    /// Commits to the engine and leaves one segment without deleted documents, or none.
    fn merge(&mut self) -> Result<()> {
        let result: tantivy::Result<()> = (|| {
            let inner = self.inner.clone();
            let writer = self.writer();
            writer.commit()?;
            let segments = inner.searchable_segment_metas()?;
            let is_clean =
                segments.len() <= 1 && segments.iter().all(|segment| !segment.has_deletes());
            if !is_clean {
                let ids: Vec<_> = segments.iter().map(|segment| segment.id()).collect();
                // The engine keeps the files of every segment that somebody still holds.
                drop(segments);
                drop(writer.merge(&ids).wait()?);
                writer.garbage_collect_files().wait()?;
            }
            Ok(())
        })();
        result.map_err(|error| engine(&self.dir, error))
    }

    /// Keeps the latest entry of each id. Reads the dictionary of ids once; costs memory only for ids that stand twice.
    fn remove_duplicates(&mut self) -> Result<Vec<Duplicate>> {
        let mut duplicates = Vec::new();
        let result: tantivy::Result<()> = (|| {
            let segments = self.inner.searchable_segments()?;
            let Some(segment) = segments.first().map(SegmentReader::open).transpose()? else {
                return Ok(());
            };
            let sequences = segment.fast_fields().u64(schema::SEQUENCE)?;
            let store = segment.get_store_reader(16)?;
            let ids = segment.inverted_index(self.fields.id)?;
            let mut terms = ids.terms().stream()?;
            while let Some((id, info)) = terms.next() {
                if info.doc_freq < 2 {
                    continue;
                }
                let mut postings = ids
                    .read_postings_from_terminfo(info, tantivy::schema::IndexRecordOption::Basic)?;
                let mut documents = Vec::new();
                while postings.doc() != TERMINATED {
                    documents.push((sequences.first(postings.doc()), postings.doc()));
                    postings.advance();
                }
                documents.sort_unstable();
                let mut entries = Vec::with_capacity(documents.len());
                for (sequence, document) in documents {
                    if let Some(entry) = self.fields.entry(&store.get(document)?) {
                        entries.push((sequence.unwrap_or_default(), entry));
                    }
                }
                let Some((sequence, kept)) = entries.pop() else {
                    continue;
                };
                let id = String::from_utf8_lossy(id).into_owned();
                let source = kept.source.clone();
                let document = self.queue.document(kept, sequence);
                let term = Term::from_field_text(self.fields.id, &id);
                let writer = self.writer();
                writer.delete_term(term);
                writer.add_document(document)?;
                duplicates.extend(entries.into_iter().map(|(_, replaced)| Duplicate {
                    id: id.clone(),
                    kept: source.clone(),
                    replaced: replaced.source,
                }));
            }
            Ok(())
        })();
        result.map_err(|error| engine(&self.dir, error))?;
        Ok(duplicates)
    }

    /// Returns the meta file's content for what is on disk now.
    fn meta(&self) -> Result<Meta> {
        let dir = Meta::generation_dir(&self.dir, self.generation);
        let read = |source: io::Error| Error::Io {
            action: "read",
            path: dir.clone(),
            source,
        };
        let metas = self
            .inner
            .searchable_segment_metas()
            .map_err(|error| engine(&self.dir, error))?;
        let tokens = Segments::open(&self.inner).and_then(|segments| segments.tokens(&self.fields));
        let mut files = BTreeMap::new();
        for file in fs::read_dir(&dir).map_err(read)? {
            let file = file.map_err(read)?;
            let name = file.file_name().to_string_lossy().into_owned();
            // Its locks are empty, and may come and go.
            if !name.ends_with(".lock") {
                files.insert(name, super::checksum(&file.path()).map_err(read)?);
            }
        }
        Ok(Meta {
            format: schema::FORMAT,
            analysis: analysis::VERSION,
            generation: self.generation,
            entries: metas.iter().map(|meta| u64::from(meta.num_docs())).sum(),
            tokens: tokens.map_err(|error| engine(&self.dir, error))?,
            built_unix_seconds: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
            paths: self.paths.clone(),
            files,
            crc32: String::new(),
        })
    }

    /// Makes the new generation the index, by one rename.
    fn swap_in(&self, meta: &Meta) -> Result<()> {
        let target = self.dir.join(META_FILE);
        let beside = self.dir.join(NEW_META_FILE);
        let json = meta.clone().written();
        let write = || -> io::Result<()> {
            let mut file = File::create(&beside)?;
            file.write_all(&json)?;
            file.sync_all()?;
            fs::rename(&beside, &target)?;
            // The rename itself must survive a power cut; not every system can sync a folder.
            if let Ok(dir) = File::open(&self.dir) {
                let _ = dir.sync_all();
            }
            Ok(())
        };
        write().map_err(|source| Error::Io {
            action: "write",
            path: target.clone(),
            source,
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

/// The lock of a folder, held until it goes.
///
/// It is let go of, and not only closed: a process that another thread is starting has the file for a moment, too.
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file unlocks it where this fails.
        let _ = self.0.unlock();
    }
}

fn lock(dir: &Path) -> Result<Lock> {
    let path = dir.join(LOCK_FILE);
    let failed = |source| Error::Io {
        action: "lock",
        path: path.clone(),
        source,
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(Error::IndexLocked {
            path: dir.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Returns the generation that the meta file names, whatever else the file says.
fn current_generation(dir: &Path) -> Option<u64> {
    let json = fs::read(dir.join(META_FILE)).ok()?;
    serde_json::from_slice::<serde_json::Value>(&json)
        .ok()?
        .get("generation")?
        .as_u64()
}

/// Removes every generation but one. A file that cannot be removed stays for the next build.
fn remove_generations(dir: &Path, keep: Option<u64>) {
    for file in fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = file.file_name();
        let generation = name
            .to_str()
            .and_then(|name| name.strip_prefix(GENERATION_PREFIX)?.parse::<u64>().ok());
        if generation.is_some() && generation != keep {
            let _ = fs::remove_dir_all(file.path()).or_else(|_| fs::remove_file(file.path()));
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
