//! `qdex check`.

use std::path::{Path, PathBuf};

use clap::Args;
use qdex::index::{ChangedFiles, CheckReport, Freshness, SourceState};
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

/// How many files of a kind a note names.
const FILES_NAMED: usize = 3;

#[derive(Debug, Args)]
#[command(after_long_help = "\
Every file is read and compared with the size and the checksum that the build wrote down; then
every entry is fetched, decoded, and compared with the columns, the dictionary of ids, and what
filters find. The files of its sources are compared with what they were when they were
indexed; what is new, changed, moved or gone is told. Nothing is changed, and searches go on
meanwhile.

Exit status: 0 when the index is whole, also when its sources have changed since; 2 when it is
not, with what to do.

Examples:
  qdex check
  qdex check --index /srv/questions --json | jq .problems
  qdex check --json | jq '.compared[] | select(.state != \"current\") | .path'")]
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
    /// The sources; none for an index that is damaged.
    compared: &'a [SourceState],
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
    let compared = match whole {
        true => Index::compare_sources(&index)?,
        false => Vec::new(),
    };
    if args.json {
        output.write(&json::line(&CheckOfIndex {
            index: &index,
            whole,
            report: &report,
            compared: &compared,
        }))?;
    } else {
        let lines = lines(&report, &compared, &index);
        output.write(&text::table(&lines, output.medium))?;
    }
    output.flush()?;
    report.notes.iter().for_each(|note| report::warning(note));
    report_sources(&compared);
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

/// Says which sources are not as they were indexed, and what to do.
fn report_sources(compared: &[SourceState]) {
    let mut is_behind = false;
    for state in compared {
        match state.state {
            Freshness::Current | Freshness::Stream => {}
            Freshness::Changed => {
                is_behind = true;
                report::warning(&format!(
                    "the source `{}` is not as it was indexed: {}",
                    state.source.path,
                    changes(&state.files)
                ));
            }
            Freshness::Missing => report::warning(&format!(
                "there is nothing at the source `{0}` any more; bring it back, or take its entries out with `qdex remove {0}`",
                state.source.path
            )),
        }
        let unknown = &state.files.unknown;
        if !unknown.is_empty() {
            report::warning(&format!(
                "{} of the source `{}` cannot be compared: {}",
                count(unknown.len() as u64, "file"),
                state.source.path,
                names(unknown)
            ));
        }
    }
    if is_behind {
        report::note(
            "the index is whole, and older than its sources; `qdex index` brings it up to date",
        );
    }
}

/// Returns which files are otherwise: ``2 files changed (`a`, `b`), 1 file new (`c`)``.
fn changes(files: &ChangedFiles) -> String {
    let kinds = [
        (&files.changed, "changed"),
        (&files.new, "new"),
        (&files.moved, "moved"),
        (&files.gone, "gone"),
    ];
    let kinds = kinds.iter().filter(|(files, _)| !files.is_empty());
    let kinds = kinds.map(|(files, how)| {
        let number = count(files.len() as u64, "file");
        format!("{number} {how} ({})", names(files))
    });
    kinds.collect::<Vec<_>>().join(", ")
}

/// Returns the first names of a list.
fn names(files: &[String]) -> String {
    let named = files.iter().take(FILES_NAMED);
    let mut named: Vec<String> = named.map(|file| format!("`{file}`")).collect();
    if files.len() > FILES_NAMED {
        named.push("…".to_owned());
    }
    named.join(", ")
}

/// Returns how many sources are as they were indexed.
fn freshness(compared: &[SourceState]) -> String {
    let is = |state: Freshness| {
        let sources = compared.iter();
        sources.filter(|source| source.state == state).count()
    };
    let states = [
        (is(Freshness::Current), "as indexed"),
        (is(Freshness::Changed), "changed since"),
        (is(Freshness::Missing), "not there"),
        (is(Freshness::Stream), "read from a stream"),
    ];
    let states = states.iter().filter(|(sources, _)| *sources > 0);
    let states = states.map(|(sources, how)| format!("{sources} {how}"));
    states.collect::<Vec<_>>().join(", ")
}

/// Returns what was checked, with how it came out.
fn lines(
    report: &CheckReport,
    compared: &[SourceState],
    index: &Path,
) -> Vec<(&'static str, String)> {
    let problems = report.problems.len() as u64;
    let files = format!(
        "{} whole, {}",
        count(report.files, "file"),
        text::bytes(report.bytes)
    );
    let entries = format!(
        "{} read, from {}",
        count(report.entries, "entry"),
        count(report.sources.len() as u64, "file")
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
    if !compared.is_empty() {
        lines.push(("sources", freshness(compared)));
    }
    lines.push(("outcome", outcome));
    lines
}
