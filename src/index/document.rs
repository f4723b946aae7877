//! Entries on their way into the engine.
//!
//! An entry becomes a document, and is stored, on the thread that indexes it, so that whoever reads the corpus only reads it. How much
//! may wait for those threads is bounded in bytes: the engine's own bound counts documents, and one may be a page of
//! a kilobyte or a book.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tantivy::TantivyDocument;
use tantivy::schema::document::{CompactDocValue, Document};

use super::entries::Packs;
use crate::body::{Block, Mark};
use crate::entry::Entry;
use crate::schema::{self, Fields, Texts, stored};

/// How many bytes may wait to be indexed: thousands of entries as a rule, so that no thread waits for the reader.
const MAX_WAITING_BYTES: usize = 8 << 20;

/// How long an entry waits for room.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// What every entry of a build shares.
#[derive(Debug)]
pub(super) struct Queue {
    fields: Fields,
    pub(super) packs: Packs,
    /// Those that no thread is using.
    idle: Mutex<Vec<Texts>>,
    waiting_bytes: Mutex<usize>,
    shrunk: Condvar,
}

/// An entry that the engine takes for a document.
#[derive(Debug)]
pub(super) struct EntryDocument {
    entry: Entry,
    record: u32,
    /// Whether the record is written already.
    is_stored: bool,
    bytes: usize,
    queue: Arc<Queue>,
    document: OnceLock<TantivyDocument>,
}

impl Queue {
    pub(super) fn new(fields: Fields, packs: Packs) -> Arc<Self> {
        Arc::new(Queue {
            fields,
            packs,
            idle: Mutex::default(),
            waiting_bytes: Mutex::new(0),
            shrunk: Condvar::new(),
        })
    }

    /// Returns the document of an entry without its line, which is stored as the record, once there is room for it. Waits a second at most: when no thread is left that takes
    /// documents, it is the engine that says so.
    pub(super) fn document(self: &Arc<Self>, entry: Entry, record: u32) -> EntryDocument {
        let bytes = bytes_of(&entry);
        let waiting = self
            .waiting_bytes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_full = |waiting: &mut usize| *waiting > 0 && *waiting + bytes > MAX_WAITING_BYTES;
        let (mut waiting, _) = self
            .shrunk
            .wait_timeout_while(waiting, MAX_WAIT, is_full)
            .unwrap_or_else(PoisonError::into_inner);
        *waiting += bytes;
        drop(waiting);
        EntryDocument {
            entry,
            record,
            is_stored: false,
            bytes,
            queue: Arc::clone(self),
            document: OnceLock::new(),
        }
    }
}

impl Queue {
    fn idle(&self) -> MutexGuard<'_, Vec<Texts>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EntryDocument {
    /// Returns the document of an entry whose record is written already.
    pub(super) fn stored(mut self) -> Self {
        self.is_stored = true;
        self
    }
}

#[cfg(test)]
impl EntryDocument {
    /// Returns a document that was made already.
    pub(super) fn made(queue: &Arc<Queue>, document: TantivyDocument) -> Self {
        let made = queue.document(Entry::default(), 0);
        made.document
            .set(document)
            .expect("nothing was made before");
        made
    }
}

impl Drop for EntryDocument {
    fn drop(&mut self) {
        let waiting = self.queue.waiting_bytes.lock();
        *waiting.unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.queue.shrunk.notify_one();
    }
}

impl Document for EntryDocument {
    type Value<'a> = CompactDocValue<'a>;
    type FieldsValuesIter<'a> = <TantivyDocument as Document>::FieldsValuesIter<'a>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        let made = || {
            let stored = stored::bytes(&self.entry);
            if !self.is_stored {
                self.queue.packs.write(self.record, &stored);
            }
            let hash = schema::hash(&stored);
            let mut texts = self.queue.idle().pop().unwrap_or_default();
            let fields = &self.queue.fields;
            let document = fields.document(&self.entry, self.record, hash, &mut texts);
            self.queue.idle().push(texts);
            document
        };
        self.document.get_or_init(made).iter_fields_and_values()
    }
}

/// Returns about how many bytes an entry takes in memory.
fn bytes_of(entry: &Entry) -> usize {
    let block = |block: &Block| {
        let marks = match block {
            Block::Prose(prose) => prose.marks.len() * size_of::<Mark>(),
            Block::Code(_) => 0,
        };
        size_of::<Block>() + block.text().len() + marks
    };
    size_of::<EntryDocument>() + entry.title.len() + entry.blocks().map(block).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tempfile::TempDir;

    use super::*;

    fn queue() -> (TempDir, Arc<Queue>) {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let packs = Packs::new(dir.path());
        (dir, Queue::new(Fields::new(), packs))
    }

    fn entry(bytes: usize) -> Entry {
        Entry {
            title: "x".repeat(bytes),
            ..Entry::default()
        }
    }

    #[test]
    fn entries_wait_for_room_and_go_when_there_is_some() {
        let (_dir, queue) = queue();
        // One that is larger than all the room goes alone.
        let large = queue.document(entry(MAX_WAITING_BYTES), 0);
        let (sender, freed) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                drop(queue.document(entry(1), 1));
                sender.send(Instant::now()).expect("somebody listens");
            });
            let dropped = Instant::now();
            drop(large);
            assert!(freed.recv().expect("it goes") >= dropped);
        });
        assert_eq!(*queue.waiting_bytes.lock().expect("no thread panicked"), 0);
    }

    #[test]
    fn nobody_waits_for_ever() {
        let (_dir, queue) = queue();
        let _stuck = queue.document(entry(MAX_WAITING_BYTES), 0);
        let started = Instant::now();
        drop(queue.document(entry(1), 1));
        assert!(started.elapsed() >= MAX_WAIT);
    }
}
