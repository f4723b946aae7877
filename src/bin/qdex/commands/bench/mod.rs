//! `qdex bench`: how fast searches are, on this index and this machine.

mod against;
mod cold;
mod growth;
pub(crate) mod report;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use qdex::bench::{self, BenchQuery, Class, ClassComparison, Verdict};
use qdex::{Error, SearchResults, Searcher};
use serde::Deserialize;

use self::report::{IndexFigures, Machine, Report, Settings};
use super::Opened;
use crate::args::{Global, above_zero};
use crate::render::{self, Medium, Output, hits, json};
use crate::report::{self as said, Failure};
use crate::{Status, spelling};

#[derive(Debug, Args)]
#[command(after_long_help = "\
Without --queries, queries of each class are made of the index's own entries: the same for the
same entries. Each is asked once before the rounds, then once a round; every time is that of the
whole search, hits with passages and code included. Percentiles are right to three digits.

--rate asks at a steady rate, whether the searches before are done or not, and counts each from
when it was due. --cold starts the program anew for each search, with the index in memory, and
once more after the system was asked to drop it from its page cache (Linux; no rights needed).
--scale makes corpora of those sizes out of what the index's entries have in common, indexes
each in a temporary folder, and asks the same queries of each. For ten times the entries a question
should take no more than 8 times as long, and 4 times where at most one entry in 1,000 has a word.

--compare tells a ratio from noise by a bootstrap over the queries of both reports, with 5% of
doubt for the luck of a process; --against runs both programs five times in turn, which is surer.
Exit status: 0; 1 when a class is slower than before; 2 when something failed.

A query over the budget of its class is named, with what it spent the time on. Milliseconds, and
how many more for each million entries:
  0.5 + 1   rare-word, no-hit
  1   + 2   common-word
  1.5 + 4   identifier
  2   + 18  as-you-type
  3   + 12  words, filter
  3   + 22  question, filter-and-facets
  4   + 30  phrase, literal
  5   + 45  misspelt
  8   + 52  paste, and queries that were given

Examples:
  qdex bench
  qdex bench --format html --threads 1,2,4 --scale 10k,100k > bench.html
  qdex bench --class question,identifier --rounds 20 --json > before.json
  qdex bench --class question,identifier --rounds 20 --compare before.json
  qdex bench --against ~/old/qdex --class words
  qdex bench --budget 5,paste=100
  qdex bench --queries questions.txt --threads 1,2 --rate 500")]
pub(crate) struct BenchArgs {
    /// Ask the queries of a file, one a line, or the `text` of each line of a queries.jsonl
    #[arg(long, value_name = "FILE")]
    queries: Option<PathBuf>,
    /// Classes to measure (repeatable; lists parted by commas) [default: all]
    #[arg(long = "class", value_name = "NAME", value_delimiter = ',', value_parser = class, conflicts_with = "queries")]
    classes: Vec<Class>,
    /// Make N queries of each class
    #[arg(long, value_name = "N", default_value = "50", value_parser = above_zero, conflicts_with = "queries")]
    sample: usize,
    /// Ask each query N times
    #[arg(long, value_name = "N", default_value = "10", value_parser = above_zero)]
    rounds: usize,
    /// Measure queries a second with these numbers of threads, too
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = above_zero)]
    threads: Vec<usize>,
    /// Ask at a steady rate, in queries a second, with as many threads as there are processors
    #[arg(long, value_name = "RATE", value_parser = rate)]
    rate: Option<f64>,
    /// How long each measurement of --threads and --rate takes
    #[arg(long, value_name = "SECONDS", default_value = "3", value_parser = above_zero)]
    seconds: usize,
    /// Measure N searches by fresh processes, too
    #[arg(long, value_name = "N", value_parser = above_zero)]
    cold: Option<usize>,
    /// Measure made corpora of these sizes, too, such as 10k,100k,1m
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = growth::size, conflicts_with = "queries")]
    scale: Vec<u64>,
    /// Call a query slow from MS milliseconds on; of one class with CLASS=MS (repeatable, lists parted by commas)
    #[arg(long = "budget", value_name = "[CLASS=]MS", value_delimiter = ',', value_parser = budget)]
    budgets: Vec<Budget>,
    /// Compare with the JSON of an earlier bench
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    compare: Option<PathBuf>,
    /// Compare with another build of qdex, run in turn with this one
    #[arg(long, value_name = "PROGRAM", value_hint = ValueHint::ExecutablePath, conflicts_with = "compare")]
    against: Option<PathBuf>,
    /// The index for that program, where it cannot read this one
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, requires = "against")]
    against_index: Option<PathBuf>,
    /// How to print the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: BenchFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

/// The formats of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum BenchFormat {
    /// For people
    Text,
    /// One object
    Json,
    /// A class a line
    Csv,
    /// A page with plots, which needs nothing else to be opened
    Html,
}

pub(super) fn run(
    args: &BenchArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    // A report that cannot be read should not cost the time of a measurement.
    let before = args.compare.as_deref().map(read_report).transpose()?;
    let Opened { searcher, index } = super::open(global)?;
    let queries = queries(args, &searcher)?;
    let page = Medium {
        color: false,
        width: 80,
        terminal: false,
    };
    let mut draw = |results: &SearchResults| {
        std::hint::black_box(hits::results(results, 0, page));
    };
    let measured = bench::measure(&searcher, &queries, args.rounds, &mut draw)?;
    let duration = Duration::from_secs(args.seconds as u64);
    let mut throughput = Vec::new();
    for threads in &args.threads {
        throughput.push(bench::throughput(&searcher, &queries, *threads, duration)?);
    }
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let at_rate = args
        .rate
        .map(|rate| bench::open_loop(&searcher, &queries, processors, duration, rate))
        .transpose()?;
    let scale = match args.scale.is_empty() {
        true => Vec::new(),
        false => growth::measure(args, &searcher)?,
    };
    let figures = IndexFigures::new(&searcher.stats()?, searcher.fingerprint());
    drop(searcher);
    let cold = args
        .cold
        .map(|searches| cold::measure(&queries, &index, searches))
        .transpose()?;
    let mut comparison = before.map(|before| {
        if !before.index.holds_as_much_as(&figures) {
            said::warning("the other report is of another index");
        }
        bench::compare(&before.measured, &measured)
    });
    if let Some(other) = &args.against {
        let other_index = args.against_index.as_deref().unwrap_or(&index);
        let (old, new) = against::measure(args, other, &index, other_index)?;
        comparison = Some(bench::compare_runs(&old, &new));
    }
    let entries = figures.entries;
    let report = Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: Machine::here(processors),
        index: figures,
        settings: Settings {
            sample: args.queries.is_none().then_some(args.sample),
            rounds: args.rounds,
            seconds: args.seconds,
            budgets_us: budgets(&args.budgets, entries),
        },
        measured,
        throughput,
        rate: args.rate,
        at_rate,
        cold,
        growth: bench::growth(&scale),
        scale,
        comparison,
    };
    output.write(&match args.format {
        _ if args.json => json::line(&report),
        BenchFormat::Json => json::line(&report),
        BenchFormat::Text => render::bench::text(&report, output.medium),
        BenchFormat::Csv => render::bench::csv(&report),
        BenchFormat::Html => render::bench::page(&report),
    })?;
    let is_slower = |class: &ClassComparison| class.verdict == Verdict::Slower;
    let any_slower = report.comparison.iter().flatten().any(is_slower);
    Ok(if any_slower {
        Status::Nothing
    } else {
        Status::Found
    })
}

/// Returns what a query of each class may take, in microseconds: what was said last of it, or what fits an index of so many entries.
fn budgets(said: &[Budget], entries: u64) -> BTreeMap<String, f64> {
    let of_class = |class: Class| {
        let about = |budget: &&Budget| budget.class.is_none_or(|about| about == class);
        let said = said.iter().rev().find(about);
        let budget = said.map_or(class.budget(entries), |budget| budget.time);
        (class.as_str().to_owned(), budget.as_secs_f64() * 1e6)
    };
    Class::ALL.into_iter().map(of_class).collect()
}

/// A budget that was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Budget {
    /// The class it is of; `None` for all.
    class: Option<Class>,
    time: Duration,
}

/// Reads `20` or `question=20`: milliseconds.
fn budget(word: &str) -> Result<Budget, String> {
    let (class, milliseconds) = match word.split_once('=') {
        Some((name, milliseconds)) => (Some(class(name)?), milliseconds),
        None => (None, word),
    };
    match milliseconds.parse::<f64>() {
        Ok(milliseconds) if (0.001..=1e6).contains(&milliseconds) => Ok(Budget {
            class,
            time: Duration::from_secs_f64(milliseconds / 1e3),
        }),
        _ => Err("expected milliseconds, such as 20 or question=20".to_owned()),
    }
}

/// Returns the queries to ask: those of the file, or made ones.
fn queries(args: &BenchArgs, searcher: &Searcher) -> Result<Vec<BenchQuery>, Failure> {
    let queries = match &args.queries {
        Some(path) => given(path)?,
        None => {
            let mut sampled = bench::sample(searcher, args.sample)?;
            sampled.retain(|query| args.classes.is_empty() || args.classes.contains(&query.class));
            sampled
        }
    };
    if queries.is_empty() {
        return Err(Failure::Request {
            message: "there is no query to ask".to_owned(),
            hint: Some(match &args.queries {
                Some(_) => "the file needs a query a line".to_owned(),
                None => "the index has no entries that such queries can be made of".to_owned(),
            }),
        });
    }
    Ok(queries)
}

#[derive(Deserialize)]
struct QueryLine {
    text: String,
}

fn given(path: &Path) -> Result<Vec<BenchQuery>, Failure> {
    let text = read(path)?;
    let mut queries = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let text = if line.starts_with('{') && path.extension().is_some_and(|end| end == "jsonl") {
            let query: Result<QueryLine, _> = serde_json::from_str(line);
            let query = query.map_err(|error| Failure::Request {
                message: format!("{}:{number}: {error}", path.display()),
                hint: Some("each line is an object with a `text`".to_owned()),
            })?;
            query.text
        } else {
            line.to_owned()
        };
        queries.push(BenchQuery::new(Class::Given, text));
    }
    Ok(queries)
}

fn read(path: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    Ok(text)
}

fn read_report(path: &Path) -> Result<Report, Failure> {
    serde_json::from_str(&read(path)?).map_err(|error| Failure::Request {
        message: format!("`{}` is no report of a bench: {error}", path.display()),
        hint: Some("`qdex bench --json > FILE` writes one".to_owned()),
    })
}

fn class(name: &str) -> Result<Class, String> {
    let known = Class::ALL
        .into_iter()
        .filter(|class| *class != Class::Given);
    let names: Vec<&str> = known.clone().map(Class::as_str).collect();
    let found = known.clone().find(|class| class.as_str() == name);
    found.ok_or_else(|| match spelling::nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected one of `{}`", names.join("`, `")),
    })
}

fn rate(word: &str) -> Result<f64, String> {
    match word.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate <= 1e6 => Ok(rate),
        _ => Err("expected queries a second, such as 200".to_owned()),
    }
}
