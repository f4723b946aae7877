//! `qdex bench`: how fast searches are, on this index and this machine.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use qdex::bench::{self, BenchQuery, Class, ClassComparison, Measured, Throughput, Verdict};
use qdex::search::Stats;
use qdex::{Error, Searcher};
use serde::{Deserialize, Serialize};

use crate::args::{Global, above_zero};
use crate::render::{self, Output, json};
use crate::report::{self, Failure};
use crate::{Status, spelling};

#[derive(Debug, Args)]
#[command(after_long_help = "\
Without --queries, queries of each class are made of the index's own entries: the same for the
same entries. Each is asked once unmeasured, then once a round; every time is that of the whole
search, hits with passages and code included. Percentiles are right to three digits.

--rate asks at a steady rate, whether the searches before are done or not, and counts each from
when it was due. --cold starts the program anew for each search. --compare tells a ratio from
noise by a bootstrap over the rounds of both reports: measure both on a quiet machine, in turn.
Exit status: 0; 1 when --compare finds a class slower; 2 when something failed.

Classes: rare-word, common-word, words, question, phrase, identifier, filter, filter-and-facets,
paste, misspelt, no-hit, literal, as-you-type

Examples:
  qdex bench
  qdex bench --class question,identifier --rounds 20 --json > before.json
  qdex bench --class question,identifier --rounds 20 --compare before.json
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
    /// Compare with the JSON of an earlier bench
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
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
}

/// What was measured, where.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) version: String,
    pub(crate) machine: Machine,
    pub(crate) index: IndexFigures,
    pub(crate) measured: Measured,
    pub(crate) throughput: Vec<Throughput>,
    pub(crate) rate: Option<f64>,
    pub(crate) at_rate: Option<Throughput>,
    pub(crate) cold: Option<Cold>,
    #[serde(skip_deserializing)]
    pub(crate) comparison: Option<Vec<ClassComparison>>,
}

/// The machine a report is from.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) os: String,
    pub(crate) arch: String,
    pub(crate) processors: usize,
    pub(crate) processor: Option<String>,
}

/// The index a report is of.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct IndexFigures {
    pub(crate) entries: u64,
    pub(crate) terms: u64,
    pub(crate) tokens: u64,
    pub(crate) bytes: u64,
}

impl From<Stats> for IndexFigures {
    fn from(stats: Stats) -> Self {
        IndexFigures {
            entries: stats.entries,
            terms: stats.terms,
            tokens: stats.tokens,
            bytes: stats.bytes,
        }
    }
}

/// Fresh processes, in milliseconds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Cold {
    /// How many searches.
    pub(crate) searches: usize,
    pub(crate) search_p50_ms: f64,
    pub(crate) search_p95_ms: f64,
    /// The same program asked for its version, in turn with the searches: what a process costs that does nothing.
    pub(crate) nothing_p50_ms: f64,
    pub(crate) nothing_p95_ms: f64,
}

pub(super) fn run(
    args: &BenchArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    // A report that cannot be read should not cost the time of a measurement.
    let before = args.compare.as_deref().map(read_report).transpose()?;
    let opened = super::open(global)?;
    let searcher = &opened.searcher;
    let queries = queries(args, searcher)?;
    let measured = bench::measure(searcher, &queries, args.rounds)?;
    let duration = Duration::from_secs(args.seconds as u64);
    let mut throughput = Vec::new();
    for threads in &args.threads {
        throughput.push(bench::throughput(searcher, &queries, *threads, duration)?);
    }
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let at_rate = args
        .rate
        .map(|rate| bench::open_loop(searcher, &queries, processors, duration, rate))
        .transpose()?;
    let cold = args
        .cold
        .map(|searches| cold(&queries, &opened.index, searches))
        .transpose()?;
    let index = IndexFigures::from(searcher.stats()?);
    let comparison = before.map(|before| {
        if before.index != index {
            report::warning("the other report is of another index");
        }
        bench::compare(&before.measured, &measured)
    });
    let report = Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: machine(processors),
        index,
        measured,
        throughput,
        rate: args.rate,
        at_rate,
        cold,
        comparison,
    };
    output.write(&match args.format {
        _ if args.json => json::line(&report),
        BenchFormat::Json => json::line(&report),
        BenchFormat::Text => render::bench::text(&report, output.medium),
        BenchFormat::Csv => render::bench::csv(&report),
    })?;
    let is_slower = |class: &ClassComparison| class.verdict == Verdict::Slower;
    let any_slower = report.comparison.iter().flatten().any(is_slower);
    Ok(if any_slower {
        Status::Nothing
    } else {
        Status::Found
    })
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

/// Times searches by fresh processes, each followed by one that only prints its version.
fn cold(queries: &[BenchQuery], index: &Path, searches: usize) -> Result<Cold, Failure> {
    let mut search = Vec::with_capacity(searches);
    let mut nothing = Vec::with_capacity(searches);
    for query in queries.iter().cycle().take(searches) {
        let index = index.to_string_lossy();
        let arguments = ["search", "--index", &*index, "--", query.text.as_str()];
        search.push(process(&arguments)?);
        nothing.push(process(&["--version"])?);
    }
    search.sort_unstable();
    nothing.sort_unstable();
    let at = |times: &[Duration], share: f64| {
        let place = (share * (times.len() - 1) as f64).round() as usize;
        times[place].as_secs_f64() * 1e3
    };
    Ok(Cold {
        searches,
        search_p50_ms: at(&search, 0.5),
        search_p95_ms: at(&search, 0.95),
        nothing_p50_ms: at(&nothing, 0.5),
        nothing_p95_ms: at(&nothing, 0.95),
    })
}

/// Returns how long a process of this program takes, from its start to its end.
fn process(arguments: &[&str]) -> Result<Duration, Failure> {
    let failed = |source| Error::Io {
        action: "start",
        path: PathBuf::from("qdex"),
        source,
    };
    let program = std::env::current_exe().map_err(failed)?;
    let started = Instant::now();
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(failed)?;
    Ok(started.elapsed())
}

fn machine(processors: usize) -> Machine {
    // Where the system tells; elsewhere the report does without.
    let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == "model name").then(|| value.trim().to_owned())
    });
    Machine {
        os: std::env::consts::OS.to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        processors,
        processor: model,
    }
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
