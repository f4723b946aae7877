//! How long does a build take, beside the engine's own work, and how do its time and memory grow with the corpus?
//!
//! Corpus: entries made by `qdex::bench::Generator`, which learned them from the sample corpus. Three questions, each answered in one
//! run, and each answer with its count of entries checked:
//!
//! - What does a build cost beside plain tantivy that is fed ready-made tokens (`plain.rs` says what is equal)? Turn by turn,
//!   the medians of a few rounds as a ratio. With `--features peers` also beside SQLite's FTS5, which indexes the same titles and
//!   texts as words, on one thread.
//! - How many megabytes a second are read of each format, and indexed?
//! - How do time and memory grow from 10,000 entries to 100,000, and with `--long` to 1,000,000? Each size in a process of its
//!   own. Of memory, `RssAnon` is what the process holds, `VmHWM` also has the pages of mapped files, which the system takes back when it
//!   needs them. Linux only.
//!
//! `--entries N` sets how many entries the first two take, `--rounds N` the rounds. `--write FILE --entries N` writes entries as JSONL, for
//! `qdex index FILE` and other programs; `--seed S` makes others.

#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]

mod formats;
#[cfg(feature = "peers")]
mod fts5;
mod growth;
mod plain;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use qdex::bench::Generator;
use qdex::corpus::{Corpus, Item, ReadOptions};
use qdex::index::IndexerOptions;
use qdex::{Entry, Indexer};

/// The program's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What was asked for on the command line.
struct Arguments {
    write: Option<PathBuf>,
    /// Builds an index of entries in this process, and says what it took: a part of the question of growth.
    child: Option<PathBuf>,
    entries: u64,
    rounds: usize,
    seed: u64,
    is_long: bool,
}

fn main() -> Result<()> {
    let arguments = arguments()?;
    let generator = generator()?;
    if let Some(path) = &arguments.write {
        return write(&generator, &arguments, path);
    }
    if let Some(dir) = &arguments.child {
        return growth::child(&generator, arguments.seed, arguments.entries, dir);
    }
    let entries: Vec<Entry> = generator
        .entries(arguments.seed)
        .take(usize::try_from(arguments.entries)?)
        .collect();
    beside_others(&entries, arguments.rounds)?;
    by_format(&entries)?;
    let sizes: &[u64] = if arguments.is_long {
        &[10_000, 100_000, 1_000_000]
    } else {
        &[10_000, 100_000]
    };
    growth::report(sizes, arguments.seed)
}

fn arguments() -> Result<Arguments> {
    let mut arguments = Arguments {
        write: None,
        child: None,
        entries: 20_000,
        rounds: 3,
        seed: 1,
        is_long: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
        match word.as_str() {
            // Cargo says so to every bench.
            "--bench" => {}
            "--write" => arguments.write = Some(value()?.into()),
            "--child" => arguments.child = Some(value()?.into()),
            "--entries" => arguments.entries = value()?.parse()?,
            "--rounds" => arguments.rounds = value()?.parse()?,
            "--seed" => arguments.seed = value()?.parse()?,
            "--long" => arguments.is_long = true,
            _ => return Err(format!("no such option: `{word}`").into()),
        }
    }
    Ok(arguments)
}

fn generator() -> Result<Generator> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let entries = read(&corpus)?;
    Generator::learn(&entries).ok_or_else(|| "the sample corpus has no words".into())
}

fn read(path: &Path) -> Result<Vec<Entry>> {
    let items = Corpus::open(&[path.to_owned()], ReadOptions::default())?;
    let entry = |item| match item {
        Item::Entry(entry) => Some(*entry),
        Item::Problem(_) => None,
    };
    Ok(items.filter_map(entry).collect())
}

/// Writes entries as JSONL.
fn write(generator: &Generator, arguments: &Arguments, path: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for number in 0..arguments.entries {
        serde_json::to_writer(&mut file, &generator.entry(arguments.seed, number))?;
        file.write_all(b"\n")?;
    }
    Ok(file.flush()?)
}

/// Builds an index; returns how many entries it holds.
fn build(dir: &Path, entries: Vec<Entry>) -> Result<u64> {
    let mut indexer = Indexer::create(dir, IndexerOptions::default())?;
    for entry in entries {
        indexer.add(entry)?;
    }
    Ok(indexer.commit()?.entries)
}

fn beside_others(entries: &[Entry], rounds: usize) -> Result<()> {
    let (schema, documents) = plain::documents(entries);
    let budget_bytes = IndexerOptions::default().memory_budget_bytes;
    let mut engine = Vec::new();
    let mut qdex = Vec::new();
    #[cfg(feature = "peers")]
    let mut sqlite = Vec::new();
    for _ in 0..rounds {
        let documents = documents.clone();
        let ready = |dir: &Path| plain::build(dir, &schema, documents, budget_bytes);
        engine.push(timed(entries, ready)?);
        let made = entries.to_vec();
        qdex.push(timed(entries, |dir| build(dir, made))?);
        #[cfg(feature = "peers")]
        sqlite.push(timed(entries, |dir| fts5::build(dir, entries))?);
    }
    let qdex = median(qdex);
    println!("{} entries: qdex {qdex:.2} s", entries.len());
    let beside = |name: &str, took: Vec<f64>| {
        let took = median(took);
        println!(
            "{name} {took:.2} s: qdex takes {:.2} times that",
            qdex / took
        );
    };
    beside("plain tantivy with ready-made tokens", engine);
    #[cfg(feature = "peers")]
    beside("SQLite FTS5", sqlite);
    Ok(())
}

/// Returns how many seconds a build in a new folder takes.
fn timed(entries: &[Entry], build: impl FnOnce(&Path) -> Result<u64>) -> Result<f64> {
    let dir = tempfile::tempdir()?;
    let started = Instant::now();
    let count = build(dir.path())?;
    let took = started.elapsed().as_secs_f64();
    expect(count, entries)?;
    Ok(took)
}

fn by_format(entries: &[Entry]) -> Result<()> {
    for format in formats::FORMATS {
        let dir = tempfile::tempdir()?;
        let corpus = dir.path().join("example.org");
        let bytes = formats::write(&corpus, format, entries)?;
        let megabytes = |since: Instant| bytes as f64 / 1e6 / since.elapsed().as_secs_f64();
        let started = Instant::now();
        let found = read(&corpus)?;
        let reading = megabytes(started);
        expect(found.len() as u64, entries)?;
        drop(found);
        let started = Instant::now();
        let mut indexer = Indexer::create(&dir.path().join("index"), IndexerOptions::default())?;
        for item in Corpus::open(&[corpus], ReadOptions::default())? {
            if let Item::Entry(entry) = item {
                indexer.add(*entry)?;
            }
        }
        expect(indexer.commit()?.entries, entries)?;
        println!(
            "{format}: {:.1} MB, read at {reading:.1} MB/s, indexed at {:.1} MB/s",
            bytes as f64 / 1e6,
            megabytes(started)
        );
    }
    Ok(())
}

/// Fails when an index does not hold what it should.
fn expect(found: u64, entries: &[Entry]) -> Result<()> {
    let wanted = entries.len();
    if found == wanted as u64 {
        return Ok(());
    }
    Err(format!("{found} entries where there should be {wanted}").into())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
