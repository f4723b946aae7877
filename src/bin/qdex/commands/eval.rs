//! `qdex eval DIR` and `qdex eval --self`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueHint};
use qdex::evaluate::baseline::Unit;
use qdex::evaluate::compare::Comparison;
use qdex::evaluate::{self, Evaluation, JudgedQuery, JudgedSet, Run, baseline, own};
use qdex::{Error, Index, SearchOptions, Searcher};
use tempfile::TempDir;

use super::index::{self, Build};
use crate::args::{Global, above_zero};
use crate::render::evaluation::{self, Compared, Measured, MeasuredSelf, MeasuredSet};
use crate::render::{Output, text};
use crate::report::{self, Failure};
use crate::{Status, spelling};

#[derive(Debug, Args)]
#[command(after_long_help = "\
DIR is a judged set in the BEIR layout: `corpus.jsonl`, `queries.jsonl` and `qrels/NAME.tsv`.
Its corpus is indexed in a temporary folder and searched there; with --index that index is
searched instead, without `corpus.jsonl` the one that `qdex search` takes.

nDCG@10, MRR@10, recall@100 and P@1 are computed as trec_eval does, over 100 hits a query; a
query without hits counts 0. The intervals are 95% bootstrap intervals over the queries. The
scores of a run fall strictly, so that trec_eval, which sorts by score, keeps the ranks; blanks
in ids are written `%20`. Exit status: 0, or 2 when something failed.

Examples:
  qdex eval corpus/judgments
  qdex eval sets/cosqa --qrels dev --run before.run
  qdex eval sets/cosqa --qrels dev --compare before.run
  qdex eval --self --sample 200")]
pub(crate) struct EvalArgs {
    /// The folder of a judged set
    #[arg(
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        required_unless_present = "own",
        conflicts_with = "own"
    )]
    pub(crate) dir: Option<PathBuf>,
    /// Judgments to measure by (repeatable; lists parted by commas) [default: every file in DIR/qrels]
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        conflicts_with = "own"
    )]
    pub(crate) qrels: Vec<String>,
    /// Write the hits to a TREC run file, 100 a query
    #[arg(long, value_name = "FILE", conflicts_with = "own")]
    pub(crate) run: Option<PathBuf>,
    /// Compare with a TREC run file: an earlier --run, or another engine's
    #[arg(long, value_name = "RUN", conflicts_with = "own")]
    pub(crate) compare: Option<PathBuf>,
    /// Compare with plain BM25 over the same entries' stemmed words, and that with plain BM25 over code tokens
    #[arg(long, conflicts_with_all = ["own", "compare"])]
    pub(crate) baseline: bool,
    /// Count every word alike, also those of error messages
    #[arg(long)]
    pub(crate) literal: bool,
    /// Measure an index by queries made of its own entries
    #[arg(long = "self")]
    pub(crate) own: bool,
    /// Make queries of N entries [default: 500]
    #[arg(long, value_name = "N", requires = "own", conflicts_with = "dir", value_parser = above_zero)]
    pub(crate) sample: Option<usize>,
    /// Print JSON, with the measures of each query
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a comparison with the baseline is called.
const BASELINE: &str = "plain BM25";

/// How many entries `--self` makes queries of.
const SAMPLE: usize = 500;

pub(super) fn run(
    args: &EvalArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    match &args.dir {
        Some(dir) => judged(dir, args, global, output)?,
        None => of_itself(args, global, output)?,
    }
    Ok(Status::Found)
}

/// Measures by the judgments in a folder.
fn judged(
    dir: &Path,
    args: &EvalArgs,
    global: &Global,
    output: &mut Output,
) -> Result<(), Failure> {
    let names = names(dir, &args.qrels)?;
    let sets: Vec<JudgedSet> = names
        .iter()
        .map(|name| JudgedSet::read(dir, name))
        .collect::<Result<_, _>>()?;
    let queries = evaluate::all_queries(&sets);
    if queries.is_empty() {
        return Err(Failure::Request {
            message: format!("no query is judged in `{}`", dir.display()),
            hint: Some("a judged query has an entry with a grade above 0".to_owned()),
        });
    }
    // A run that cannot be read should not cost the time of all searches.
    let before = args.compare.as_deref().map(Run::read).transpose()?;
    if let (Some(before), Some(path)) = (&before, &args.compare) {
        warn_of_other_queries(before, path, &queries);
    }

    let searched = Searched::new(dir, global)?;
    warn_of_missing_entries(&sets, &searched.searcher)?;
    let plain = |unit| baseline::run(&searched.searcher, &queries, unit);
    let (before, tokens) = if args.baseline {
        (Some(plain(Unit::Word)?), Some(plain(Unit::CodeToken)?))
    } else {
        (before, None)
    };
    let compared_with = args
        .compare
        .as_deref()
        .or(args.baseline.then_some(Path::new(BASELINE)));
    let (found, took) = evaluate::run(&searched.searcher, &queries, &options(args))?;
    if let Some(path) = &args.run {
        found.write(path)?;
        warn_of_blanks(&found, path);
    }
    let mut measured = Vec::new();
    for (name, set) in names.iter().zip(&sets) {
        let compared = match (&before, compared_with) {
            (Some(before), Some(run)) => {
                let mut comparison = Comparison::new(set, before, &found);
                comparison.explain(set, &searched.searcher)?;
                Some(Compared { run, comparison })
            }
            _ => None,
        };
        let code_tokens = match (&before, &tokens) {
            (Some(words), Some(tokens)) => Some(Comparison::new(set, words, tokens)),
            _ => None,
        };
        measured.push(MeasuredSet {
            name,
            evaluation: evaluate::evaluate_run(set, &found),
            compared,
            code_tokens,
        });
    }
    let measured = Measured {
        index: searched.index.as_deref(),
        sets: measured,
        queries: queries.len(),
        took,
    };
    output.write(&if args.json {
        evaluation::json(&measured)
    } else {
        evaluation::text(&measured, output.medium)
    })?;
    Ok(())
}

fn options(args: &EvalArgs) -> SearchOptions {
    SearchOptions {
        reads_errors: !args.literal,
        ..SearchOptions::default()
    }
}

/// Measures an index by queries made of its own entries.
fn of_itself(args: &EvalArgs, global: &Global, output: &mut Output) -> Result<(), Failure> {
    let opened = super::open(global)?;
    let sample = args.sample.unwrap_or(SAMPLE);
    let judgments = own::judgments(&opened.searcher, sample)?;
    let mut kinds: Vec<(own::Kind, JudgedSet, Evaluation)> = Vec::new();
    let mut took = Duration::ZERO;
    for (kind, set) in judgments.sets {
        let queries: Vec<&JudgedQuery> = set.queries.iter().collect();
        let (mut found, searching) = evaluate::run(&opened.searcher, &queries, &options(args))?;
        kind.leave_out(&mut found);
        took += searching;
        let evaluation = evaluate::evaluate_run(&set, &found);
        kinds.push((kind, set, evaluation));
    }
    let measured = MeasuredSelf {
        index: &opened.index,
        entries: judgments.entries,
        kinds,
        took,
    };
    output.write(&if args.json {
        evaluation::self_json(&measured)
    } else {
        evaluation::self_text(&measured, output.medium)
    })?;
    Ok(())
}

/// Returns the names of the judgments that were asked for, each once, or all that there are.
fn names(dir: &Path, asked: &[String]) -> Result<Vec<String>, Failure> {
    if !dir.join("qrels").is_dir() {
        return Err(Failure::Request {
            message: format!(
                "there is no judged set at `{}`: it has no folder `qrels`",
                dir.display()
            ),
            hint: Some(
                "a judged set is a folder with `queries.jsonl` and `qrels/NAME.tsv`".to_owned(),
            ),
        });
    }
    let known = JudgedSet::names(dir)?;
    let mut names: Vec<String> = Vec::new();
    for name in asked {
        if !known.contains(name) {
            let hint = match spelling::nearest(name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are `{}`", known.join("`, `")),
            };
            return Err(Failure::Request {
                message: format!("`{}` has no judgments `{name}`", dir.display()),
                hint: Some(hint),
            });
        }
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    Ok(if names.is_empty() { known } else { names })
}

/// What is searched, and the folder that goes when this does.
struct Searched {
    searcher: Searcher,
    /// `None` for an index that was built for this evaluation.
    index: Option<PathBuf>,
    /// Removed when dropped; after the searcher, whose files are in it.
    _temporary: Option<TempDir>,
}

impl Searched {
    fn new(dir: &Path, global: &Global) -> Result<Self, Failure> {
        let corpus = dir.join("corpus.jsonl");
        if global.index.is_some() || !corpus.is_file() {
            let opened = super::open(global)?;
            return Ok(Searched {
                searcher: opened.searcher,
                index: Some(opened.index),
                _temporary: None,
            });
        }
        let folder = TempDir::with_prefix("qdex-eval-").map_err(|source| Error::Io {
            action: "create a folder in",
            path: std::env::temp_dir(),
            source,
        })?;
        let summary = Build::new(folder.path(), std::slice::from_ref(&corpus)).run()?;
        if summary.entries == 0 {
            return Err(Failure::Request {
                message: format!("there are no entries in `{}`", corpus.display()),
                hint: Some("search another index with `--index DIR`".to_owned()),
            });
        }
        report::note(&format!(
            "indexed {} of `{}` in {}",
            index::count(summary.entries, "entry"),
            corpus.display(),
            text::duration(Duration::from_millis(summary.took_ms))
        ));
        Ok(Searched {
            searcher: Searcher::new(Index::open(folder.path())?)
                .with_vocabulary(super::vocabulary(global, folder.path())?),
            index: None,
            _temporary: Some(folder),
        })
    }
}

/// Says when judgments are about entries that are not there: of another index, as a rule.
fn warn_of_missing_entries(sets: &[JudgedSet], searcher: &Searcher) -> Result<(), Failure> {
    let queries = sets.iter().flat_map(|set| &set.queries);
    let relevant = queries.flat_map(JudgedQuery::relevant);
    let mut ids: Vec<&str> = relevant.map(|(id, _)| id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut missing = Vec::new();
    for id in &ids {
        if !searcher.contains(id)? {
            missing.push(id);
        }
    }
    if let Some(first) = missing.first() {
        report::warning(&format!(
            "{} of {} relevant entries are not in the index and count as not found: `{first}`, …",
            missing.len(),
            ids.len()
        ));
    }
    Ok(())
}

fn warn_of_other_queries(run: &Run, path: &Path, queries: &[&JudgedQuery]) {
    let missing: Vec<&str> = run.lacking(queries);
    if let Some(first) = missing.first() {
        report::warning(&format!(
            "`{}` has no hits for {} of {} judged queries, which count 0: `{first}`, …",
            path.display(),
            missing.len(),
            queries.len()
        ));
    }
}

fn warn_of_blanks(run: &Run, path: &Path) {
    if run.has_blanks() {
        report::warning(&format!(
            "ids with blanks are written to `{}` with `%20`: fields of a run are parted by blanks",
            path.display()
        ));
    }
}
