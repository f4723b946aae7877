//! `qdex sources` and `qdex remove`.

use std::path::{Path, PathBuf};

use clap::Args;
use qdex::index::{IndexerOptions, Source, SourceSummary};
use qdex::{Error, Index, Indexer};

use super::index::{Build, count};
use crate::Status;
use crate::args::Global;
use crate::locate::{self, Place};
use crate::render::{Output, json, terminal};
use crate::report::{self, Failure};

#[derive(Debug, Args)]
#[command(after_long_help = "\
`qdex index PATH…` adds a source or brings it up to date, `qdex index` all of them, and
`qdex remove SOURCE` takes one out.

Examples:
  qdex sources
  qdex sources --json | jq -r '.[].path'")]
pub(crate) struct SourcesArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qdex remove ~/notes
  qdex remove archive/cs.stackexchange.com.7z")]
pub(crate) struct RemoveArgs {
    /// Sources as `qdex sources` lists them, or any path that leads to one
    #[arg(value_name = "SOURCE", required = true)]
    sources: Vec<PathBuf>,
}

/// Returns the index that is there.
fn existing(global: &Global) -> Result<PathBuf, Failure> {
    match locate::for_reading(global.settings.index.value.as_deref())? {
        Place::Index(index) => Ok(index),
        Place::Corpus { index, .. } => Err(Error::NoIndex { path: index }.into()),
    }
}

pub(super) fn run(
    args: &SourcesArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    let index = existing(global)?;
    let sources = Index::open(&index)?.sources()?;
    if args.json {
        output.write(&json::line(&sources))?;
    } else {
        for source in &sources {
            output.write(&line(source))?;
        }
    }
    Ok(match sources.is_empty() {
        true => Status::Nothing,
        false => Status::Found,
    })
}

/// Returns a source as a line: what it is, what it gave, how it is read.
fn line(summary: &SourceSummary) -> String {
    let source = &summary.source;
    let mut line = format!(
        "{}  {} in {}",
        terminal::clean(&source.path),
        count(summary.entries, "entry"),
        count(summary.files, "file")
    );
    if summary.skipped > 0 {
        line.push_str(&format!(", {} skipped", summary.skipped));
    }
    let mut option = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let value = terminal::clean(&value);
            line.push_str(&format!("  {name}"));
            if !value.is_empty() {
                line.push_str(&format!(" {value}"));
            }
        }
    };
    option("--sections", source.sections.then(String::new));
    for tag in &source.tags {
        option("--tag", Some(tag.clone()));
    }
    option(
        "--min-score",
        source.min_score.map(|score| score.to_string()),
    );
    option("--since", source.since.clone());
    option("--site", source.site.clone());
    line.push('\n');
    line
}

/// `qdex remove SOURCE…`
pub(super) fn remove(args: &RemoveArgs, global: &Global) -> Result<Status, Failure> {
    let index = existing(global)?;
    let mut indexer = Indexer::update(&index, IndexerOptions::default())?;
    let known = indexer.sources();
    for named in &args.sources {
        let Some(source) = known.iter().find(|source| is(source, named)) else {
            let mut hint = "the index has no sources".to_owned();
            if !known.is_empty() {
                let names: Vec<String> = known
                    .iter()
                    .map(|known| format!("`{}`", known.path))
                    .collect();
                hint = format!("its sources are {}", names.join(", "));
            }
            return Err(Failure::Request {
                message: format!("`{}` is no source of the index", named.display()),
                hint: Some(hint),
            });
        };
        indexer.remove_source(&source.absolute);
    }
    Build::new(&index, &[]).read_hidden(&mut indexer)?;
    let summary = indexer.commit()?;
    report::note(&format!(
        "removed {} from `{}`; {} now",
        count(summary.removed, "entry"),
        index.display(),
        count(summary.entries, "entry")
    ));
    Ok(Status::Found)
}

/// Returns whether a path is a source: as it was named, or by where it leads.
fn is(source: &Source, named: &Path) -> bool {
    let absolute = std::fs::canonicalize(named).ok();
    let absolute = absolute.or_else(|| std::path::absolute(named).ok());
    named == Path::new(&source.path)
        || named == source.absolute
        || absolute.as_ref() == Some(&source.absolute)
}
