//! How fast is qdex beside other engines, over the same entries, asked the same questions?
//!
//! ```sh
//! cargo bench --features peers --bench peers -- --entries 10k,100k --keep DIR
//! cargo bench --features peers --bench peers -- --entries 1m --keep DIR --engines qdex,tantivy,fts5 --sample 100 --rounds 3
//! ```
//!
//! Each engine gets the same titles and bodies and is asked for the best ten with what is to be shown of each; each is set up as its own
//! documentation advises, and what that leaves unfair stands at the top of its file. All run in this process on one thread. Every question
//! is asked once unmeasured, then once a round, of one engine after the other, each round beginning with another one, so that a
//! disturbance meets all alike. An engine that a class costs more than `--patience` seconds leaves that class to the others, and is
//! compared by what it did answer. p50 and p99 are of the questions' medians, so that what the machine does beside them is no part of
//! them; ratios are of those quantiles over the same questions, with 95% intervals by a bootstrap over the questions. `found` is the share
//! of questions whose own entry is among the ten: an engine that is fast at finding something else is not fast.
//!
//! The entries are made out of what those of the sample corpus have in common, or those of `--corpus PATH`, one at a time, so that a
//! million need no more memory than an engine takes to index them. `--keep DIR` keeps the indexes, and the next run only measures. With
//! several sizes all are asked the questions of the smallest one, whose entries the others have too, and the growth is printed.
//!
//! `--cold N` also measures N fresh processes. `--with NAME=COMMAND` adds an engine that runs in a process of its own, such as those
//! in `benches/others`, in turn with the others.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench is a program that prints"
)]

mod cold;
mod corpus;
mod engines;
mod fts5;
mod measure;
mod other;
mod scan;
mod stock;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use qdex::bench::sample;

use corpus::{Question, Source};
use engines::{Engine, Qdex};
use fts5::{Fts5, Wants};
use measure::Quantiles;
use other::Other;
use scan::Scan;
use stock::{Stock, Words};

/// The program's, for all that is written in Rust.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Arguments {
    entries: Vec<usize>,
    corpus: PathBuf,
    sample: usize,
    rounds: usize,
    patience: Duration,
    keep: Option<PathBuf>,
    cold: usize,
    engines: Vec<String>,
    /// Names and commands of engines in processes of their own.
    others: Vec<(String, String)>,
}

impl Arguments {
    fn wants(&self, name: &str) -> bool {
        self.engines.iter().any(|engine| engine == name)
    }
}

const NAMES: [&str; 6] = [
    "qdex",
    "tantivy",
    "tantivy-stemmed",
    "fts5",
    "fts5-all",
    "grep",
];

fn main() {
    let arguments = arguments();
    let mut questions = Vec::new();
    let mut sizes = Vec::new();
    for count in &arguments.entries {
        let temporary = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temp dir");
        let dir = match &arguments.keep {
            Some(kept) => kept.join(count.to_string()),
            None => temporary.path().to_owned(),
        };
        println!("\n## {count} entries\n");
        sizes.push((*count, compare(&arguments, *count, &dir, &mut questions)));
    }
    measure::print_growth(&sizes);
}

/// Measures all engines over some entries. The first time there are no questions yet, and they are made.
fn compare(
    arguments: &Arguments,
    count: usize,
    dir: &Path,
    questions: &mut Vec<Question>,
) -> Quantiles {
    let source = Source::like(&arguments.corpus);
    let qdex_dir = dir.join("qdex");
    built(&qdex_dir, || Qdex::build(&qdex_dir, &source, count));
    let qdex = Qdex::open(&qdex_dir);
    if questions.is_empty() {
        *questions = made_questions(&qdex, arguments.sample);
    }
    let text = dir.join("grep");
    if arguments.wants("grep") || arguments.cold > 0 {
        built(&text, || Scan::build(&text, &source, count));
    }
    let mut engines = engines(arguments, count, dir, &source, qdex);
    let measured = measure::measure(
        &mut engines,
        questions,
        arguments.rounds,
        arguments.patience,
    );
    let quantiles = measure::print(&engines, questions, &measured);
    drop(engines);
    if arguments.cold > 0 {
        let text = text.join("corpus.txt");
        cold::compare(&qdex_dir, &text, questions, arguments.cold);
    }
    quantiles
}

/// Builds and opens the engines that are wanted, qdex first.
fn engines(
    arguments: &Arguments,
    count: usize,
    dir: &Path,
    source: &Source,
    qdex: Qdex,
) -> Vec<Box<dyn Engine>> {
    let mut engines: Vec<Box<dyn Engine>> = vec![Box::new(qdex)];
    for (name, words) in [
        ("tantivy", Words::Plain),
        ("tantivy-stemmed", Words::Stemmed),
    ] {
        if arguments.wants(name) {
            let dir = dir.join(name);
            built(&dir, || Stock::build(&dir, words, source, count));
            engines.push(Box::new(Stock::open(&dir, words)));
        }
    }
    if arguments.wants("fts5") || arguments.wants("fts5-all") {
        let dir = dir.join("fts5");
        built(&dir, || Fts5::build(&dir, source, count));
        for (name, wants) in [("fts5", Wants::Any), ("fts5-all", Wants::All)] {
            if arguments.wants(name) {
                engines.push(Box::new(Fts5::open(&dir, wants)));
            }
        }
    }
    if arguments.wants("grep") {
        engines.push(Box::new(Scan::open(&dir.join("grep"))));
    }
    let beir = dir.join("others");
    if !arguments.others.is_empty() {
        built(&beir, || other::write_corpus(&beir, source, count));
    }
    for (name, command) in &arguments.others {
        engines.push(Box::new(Other::start(name, command, &beir)));
    }
    engines
}

/// Returns questions of each class, made of the entries that qdex holds.
fn made_questions(qdex: &Qdex, per_class: usize) -> Vec<Question> {
    let made = sample(&qdex.searcher, per_class).expect("the index can be read");
    let question = |query: qdex::bench::BenchQuery| {
        let entry = query
            .made_of
            .as_ref()
            .map(|id| qdex.searcher.entry(id).expect("the index can be read"));
        let title = entry.map(|entry| entry.title);
        Question::new(query, title)
    };
    made.into_iter().map(question).collect()
}

/// Builds what is not there from an earlier run, and says how large it is.
fn built(dir: &Path, build: impl FnOnce()) {
    let marker = dir.with_extension("built");
    let name = dir
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    if marker.exists() {
        println!(
            "- {name}: kept from an earlier run, {:.1} MB",
            bytes(dir) as f64 / 1e6
        );
        return;
    }
    let started = Instant::now();
    build();
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "- {name}: built in {seconds:.1} s, {:.1} MB",
        bytes(dir) as f64 / 1e6
    );
    std::fs::write(marker, "").expect("the folder can be written");
}

fn bytes(dir: &Path) -> u64 {
    let files = walkdir::WalkDir::new(dir).into_iter().flatten();
    files
        .flat_map(|file| file.metadata())
        .filter(|file| file.is_file())
        .map(|file| file.len())
        .sum()
}

fn arguments() -> Arguments {
    let mut arguments = Arguments {
        entries: vec![10_000],
        corpus: Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"),
        sample: 30,
        rounds: 7,
        patience: Duration::from_secs(20),
        keep: None,
        cold: 0,
        engines: NAMES.map(str::to_owned).to_vec(),
        others: Vec::new(),
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--bench" {
            continue; // said by Cargo
        }
        let value = words.next().unwrap_or_else(|| usage(&word));
        let number = || size(&value).unwrap_or_else(|| usage(&value));
        match word.as_str() {
            "--entries" => {
                let sizes = value
                    .split(',')
                    .map(|value| size(value).unwrap_or_else(|| usage(value)));
                arguments.entries = sizes.collect();
                arguments.entries.sort_unstable();
            }
            "--corpus" => arguments.corpus = PathBuf::from(value),
            "--sample" => arguments.sample = number(),
            "--rounds" => arguments.rounds = number(),
            "--patience" => arguments.patience = Duration::from_secs(number() as u64),
            "--keep" => arguments.keep = Some(PathBuf::from(value)),
            "--with" => {
                let (name, command) = value.split_once('=').unwrap_or_else(|| usage(&value));
                arguments.others.push((name.to_owned(), command.to_owned()));
            }
            "--cold" => arguments.cold = number(),
            "--engines" => {
                arguments.engines = value.split(',').map(str::to_owned).collect();
                if let Some(other) = arguments
                    .engines
                    .iter()
                    .find(|name| !NAMES.contains(&name.as_str()))
                {
                    usage(other);
                }
            }
            other => usage(other),
        }
    }
    arguments
}

/// Reads `1000`, `10k`, `1m`.
fn size(word: &str) -> Option<usize> {
    let (digits, unit) = match word.strip_suffix(['k', 'm']) {
        Some(digits) if word.ends_with('k') => (digits, 1_000),
        Some(digits) => (digits, 1_000_000),
        None => (word, 1),
    };
    let number: usize = digits.parse().ok()?;
    number.checked_mul(unit).filter(|number| *number > 0)
}

fn usage(word: &str) -> ! {
    eprintln!(
        "cannot read `{word}`\nusage: cargo bench --features peers --bench peers -- [--entries 10k,100k] [--corpus PATH] [--sample N] \
         [--rounds N] [--patience SECONDS] [--keep DIR] [--cold N] [--with NAME=COMMAND] [--engines {}]",
        NAMES.join(",")
    );
    std::process::exit(2)
}
