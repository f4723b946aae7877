//! How long does a build take, and how does that grow with the corpus?
//!
//! Corpus: entries made by `qdex::bench::Generator`, which learned them from the sample corpus. `--write FILE --entries N` writes
//! them as JSONL, for `qdex index FILE` and other programs; `--seed S` makes others.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use qdex::Entry;
use qdex::bench::Generator;
use qdex::corpus::{Corpus, Item, ReadOptions};

/// What was asked for on the command line.
struct Arguments {
    write: Option<PathBuf>,
    entries: u64,
    seed: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments()?;
    let generator = generator()?;
    if let Some(path) = &arguments.write {
        return write(&generator, &arguments, path);
    }
    Ok(())
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut arguments = Arguments {
        write: None,
        entries: 10_000,
        seed: 1,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("`{word}` needs a value"));
        match word.as_str() {
            // Cargo says so to every bench.
            "--bench" => {}
            "--write" => arguments.write = Some(value()?.into()),
            "--entries" => arguments.entries = value()?.parse()?,
            "--seed" => arguments.seed = value()?.parse()?,
            _ => return Err(format!("no such option: `{word}`").into()),
        }
    }
    Ok(arguments)
}

fn generator() -> Result<Generator, Box<dyn Error>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let items = Corpus::open(&[corpus], ReadOptions::default())?;
    let entry = |item| match item {
        Item::Entry(entry) => Some(*entry),
        Item::Problem(_) => None,
    };
    let entries: Vec<Entry> = items.filter_map(entry).collect();
    Generator::learn(&entries).ok_or_else(|| "the sample corpus has no words".into())
}

/// Writes entries as JSONL.
fn write(generator: &Generator, arguments: &Arguments, path: &Path) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(File::create(path)?);
    for number in 0..arguments.entries {
        serde_json::to_writer(&mut file, &generator.entry(arguments.seed, number))?;
        file.write_all(b"\n")?;
    }
    file.flush()?;
    Ok(())
}
