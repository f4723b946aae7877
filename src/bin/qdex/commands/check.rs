//! `qdex check`.

use std::path::{Path, PathBuf};

use clap::Args;
use qdex::index::CheckReport;
use qdex::{Error, Index};
use serde::Serialize;

use super::index::count;
use crate::Status;
use crate::args::Global;
use crate::locate::{self, Place};
use crate::render::{Output, json, text};
use crate::report::{self, Failure};

/// How many problems the message of a damaged index names.
const PROBLEMS_NAMED: usize = 5;

#[derive(Debug, Args)]
#[command(after_long_help = "\
Every file is read and compared with the size and the checksum that the build wrote down; then
every entry is fetched, decoded, and compared with the columns, the dictionary of ids, and what
filters find. Nothing is changed, and searches go on meanwhile.

Exit status: 0 when the index is whole, 2 when it is not, with what to do.

Examples:
  qdex check
  qdex check --index /srv/questions --json | jq .problems")]
pub(crate) struct CheckArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct CheckOfIndex<'a> {
    index: &'a Path,
    whole: bool,
    #[serde(flatten)]
    report: &'a CheckReport,
}

pub(super) fn run(
    args: &CheckArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    let named = global.settings.index.value.as_deref();
    let index = match locate::for_reading(named)? {
        Place::Index(index) => index,
        Place::Corpus { index, .. } => return Err(Error::NoIndex { path: index }.into()),
    };
    let report = Index::check(&index)?;
    let whole = report.problems.is_empty();
    if args.json {
        output.write(&json::line(&CheckOfIndex {
            index: &index,
            whole,
            report: &report,
        }))?;
    } else {
        output.write(&text::table(&lines(&report, &index), output.medium))?;
    }
    output.flush()?;
    report.notes.iter().for_each(|note| report::warning(note));
    if whole {
        return Ok(Status::Found);
    }
    Err(damaged(index, &report).into())
}

/// Returns the error of an index in which a check found problems.
fn damaged(index: PathBuf, report: &CheckReport) -> Error {
    let mut what = report.problems[..report.problems.len().min(PROBLEMS_NAMED)].join("; ");
    if report.problems.len() > PROBLEMS_NAMED {
        what.push_str(&format!(
            "; {} more",
            report.problems.len() - PROBLEMS_NAMED
        ));
    }
    Error::IndexDamaged { path: index, what }
}

/// Returns what is wrong with the index that a command read; `None` when nothing is, or there is none. Reads all of it.
pub(crate) fn damage(named_index: Option<&Path>) -> Option<Error> {
    let Ok(Place::Index(index)) = locate::for_reading(named_index) else {
        return None;
    };
    match Index::check(&index) {
        Ok(report) if report.problems.is_empty() => None,
        Ok(report) => Some(damaged(index, &report)),
        Err(error @ Error::IndexDamaged { .. }) => Some(error),
        Err(_) => None,
    }
}

/// Returns what was checked, with how it came out.
fn lines(report: &CheckReport, index: &Path) -> Vec<(&'static str, String)> {
    let problems = report.problems.len() as u64;
    let files = format!(
        "{} whole, {}",
        count(report.files, "file"),
        text::bytes(report.bytes)
    );
    let entries = format!(
        "{} read, from {}",
        count(report.entries, "entry"),
        count(report.sources.len() as u64, "source")
    );
    let outcome = match problems {
        0 => "whole".to_owned(),
        problems => format!("damaged: {}", count(problems, "problem")),
    };
    let mut lines = vec![
        ("index", index.display().to_string()),
        ("format version", report.format_version.to_string()),
        ("analysis version", report.analysis_version.to_string()),
        ("files", files),
    ];
    // Entries of an index with a damaged file are not looked at.
    if problems == 0 || report.entries > 0 {
        lines.push(("entries", entries));
    }
    lines.push(("outcome", outcome));
    lines
}
