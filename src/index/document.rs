//! Entries on their way into the engine.
//!
//! The engine writes on one thread, in the order of the entries, so that an index is the same whatever the machine has. What that thread is handed
//! is made ready by others: they take texts apart and store entries ahead of it, and when it is faster it does so, too. How much may
//! wait is bounded in bytes: the engine's own bound counts documents, and one may be a page of a kilobyte or a book.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tantivy::TantivyDocument;
use tantivy::schema::document::{CompactDocValue, Document};

use super::entries::Packs;
use crate::body::{Block, Mark};
use crate::entry::Entry;
use crate::idle::Idle;
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
    idle: Idle<Room>,
    waiting: Mutex<Waiting>,
    /// Told when there is more room.
    shrunk: Condvar,
    /// Told when there is more to make, and at the end.
    grown: Condvar,
}

/// What takes the texts of entries apart, and where they are written as they are stored.
type Room = (Texts, Vec<u8>);

#[derive(Debug, Default)]
struct Waiting {
    bytes: usize,
    /// The documents that nobody has begun to make, in order.
    unmade: VecDeque<Arc<Making>>,
    is_ended: bool,
}

/// The threads that make documents ahead of the engine. They end when this goes.
#[derive(Debug)]
pub(super) struct Makers {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

/// An entry that the engine takes for a document.
#[derive(Debug)]
pub(super) struct EntryDocument {
    making: Arc<Making>,
    bytes: usize,
    queue: Arc<Queue>,
}

/// A document that is made once, by whichever thread comes first.
#[derive(Debug)]
struct Making {
    /// What it is made of, until somebody begins.
    entry: Mutex<Option<Entry>>,
    record: u32,
    /// Whether the record is written already.
    is_stored: bool,
    /// `None` when making it panicked.
    document: OnceLock<Option<TantivyDocument>>,
}

impl Queue {
    pub(super) fn new(fields: Fields, packs: Packs) -> Arc<Self> {
        Arc::new(Queue {
            fields,
            packs,
            idle: Idle::default(),
            waiting: Mutex::default(),
            shrunk: Condvar::new(),
            grown: Condvar::new(),
        })
    }

    /// Returns the document of an entry without its line, which is stored as the record unless it is already. Waits until there is room
    /// for it, a second at most: when no thread is left that takes documents, it is the engine that says so.
    pub(super) fn document(
        self: &Arc<Self>,
        entry: Entry,
        record: u32,
        is_stored: bool,
    ) -> EntryDocument {
        let bytes = bytes_of(&entry);
        let making = Arc::new(Making {
            entry: Mutex::new(Some(entry)),
            record,
            is_stored,
            document: OnceLock::new(),
        });
        let is_full =
            |waiting: &mut Waiting| waiting.bytes > 0 && waiting.bytes + bytes > MAX_WAITING_BYTES;
        let (mut waiting, _) = self
            .shrunk
            .wait_timeout_while(self.waiting(), MAX_WAIT, is_full)
            .unwrap_or_else(PoisonError::into_inner);
        waiting.bytes += bytes;
        waiting.unmade.push_back(Arc::clone(&making));
        drop(waiting);
        self.grown.notify_one();
        EntryDocument {
            making,
            bytes,
            queue: Arc::clone(self),
        }
    }

    /// Makes the next document that nobody has begun; returns whether there was one.
    fn make_next(&self) -> bool {
        let next = self.waiting().unmade.pop_front();
        match next {
            Some(making) => self.make(&making),
            None => return false,
        }
        true
    }

    fn make(&self, making: &Making) {
        let entry = making.entry.lock();
        let Some(entry) = entry.unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        // Whoever waits for it must be told, whatever happens.
        let made = catch_unwind(AssertUnwindSafe(|| {
            let (mut texts, mut stored) = self.idle.take_or(Room::default);
            stored.clear();
            stored::write(&mut stored, &entry);
            if !making.is_stored {
                self.packs.write(making.record, &stored);
            }
            let hash = schema::hash(&stored);
            let document = self
                .fields
                .document(&entry, making.record, hash, &mut texts);
            self.idle.keep((texts, stored));
            document
        }));
        // It is set once: the entry was there once.
        let _ = making.document.set(made.ok());
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Makers {
    /// Starts so many threads.
    pub(super) fn start(queue: &Arc<Queue>, threads: usize) -> Self {
        let make = |queue: Arc<Queue>| {
            move || {
                loop {
                    let is_idle =
                        |waiting: &mut Waiting| waiting.unmade.is_empty() && !waiting.is_ended;
                    let waiting = queue.grown.wait_while(queue.waiting(), is_idle);
                    let next = waiting
                        .unwrap_or_else(PoisonError::into_inner)
                        .unmade
                        .pop_front();
                    match next {
                        Some(making) => queue.make(&making),
                        None => return,
                    }
                }
            }
        };
        let threads = (0..threads).filter_map(|number| {
            let named = std::thread::Builder::new().name(format!("make-{number}"));
            // Where there can be no more threads, the engine's does it all.
            named.spawn(make(Arc::clone(queue))).ok()
        });
        Makers {
            queue: Arc::clone(queue),
            threads: threads.collect(),
        }
    }
}

impl Drop for Makers {
    fn drop(&mut self) {
        let mut waiting = self.queue.waiting();
        waiting.is_ended = true;
        // Of a build that is given up, nobody wants the rest.
        waiting.unmade.clear();
        drop(waiting);
        self.queue.grown.notify_all();
        for thread in self.threads.drain(..) {
            // Making a document does not panic the thread.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
impl EntryDocument {
    /// Returns a document that was made already.
    pub(super) fn made(queue: &Arc<Queue>, document: TantivyDocument) -> Self {
        EntryDocument {
            making: Arc::new(Making {
                entry: Mutex::default(),
                record: 0,
                is_stored: true,
                document: OnceLock::from(Some(document)),
            }),
            bytes: 0,
            queue: Arc::clone(queue),
        }
    }
}

impl Drop for EntryDocument {
    fn drop(&mut self) {
        self.queue.waiting().bytes -= self.bytes;
        self.queue.shrunk.notify_one();
    }
}

impl Document for EntryDocument {
    type Value<'a> = CompactDocValue<'a>;
    type FieldsValuesIter<'a> = <TantivyDocument as Document>::FieldsValuesIter<'a>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        // While another thread makes this one, there are others to make.
        while self.making.document.get().is_none() && self.queue.make_next() {}
        self.making
            .document
            .wait()
            .as_ref()
            .expect("an entry was read without a panic")
            .iter_fields_and_values()
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
    size_of::<Making>() + entry.title.len() + entry.blocks().map(block).sum::<usize>()
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
        let large = queue.document(entry(MAX_WAITING_BYTES), 0, true);
        let (sender, freed) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                drop(queue.document(entry(1), 1, true));
                sender.send(Instant::now()).expect("somebody listens");
            });
            let dropped = Instant::now();
            drop(large);
            assert!(freed.recv().expect("it goes") >= dropped);
        });
        assert_eq!(queue.waiting().bytes, 0);
    }

    #[test]
    fn nobody_waits_for_ever() {
        let (_dir, queue) = queue();
        let _stuck = queue.document(entry(MAX_WAITING_BYTES), 0, true);
        let started = Instant::now();
        drop(queue.document(entry(1), 1, true));
        assert!(started.elapsed() >= MAX_WAIT);
    }
}
