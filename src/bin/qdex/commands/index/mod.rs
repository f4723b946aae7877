//! `qdex index PATH…`: streams a corpus into an index, and says what happened.

mod progress;
mod sources;
mod summary;

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use qdex::corpus::{self, Choice, Corpus, FileState, Item, ReadOptions, Severity};
use qdex::index::{Duplicate, IndexSummary, IndexerOptions, Source};
use qdex::{Index, Indexer, Searcher};

use super::{dry_run, watch};
use crate::Status;
use crate::args::{Global, IndexArgs};
use crate::locate;
use crate::render::{Output, json};
use crate::report::{self, Failure};
use progress::Progress;
use summary::{DuplicateId, Summary, Total};

pub(super) fn run(
    args: &IndexArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    let read = ReadOptions {
        sections: args.sections,
        choice: Choice {
            tags: args.tags.clone(),
            min_score: args.min_score,
            since: args.since.clone(),
        },
        site: args.site.clone(),
        ..ReadOptions::default()
    };
    if args.dry_run {
        return dry_run::run(&args.paths, read, output);
    }
    let index = locate::for_writing(global.settings.index.value.as_deref())?;
    let build = Build {
        index: &index,
        paths: &args.paths,
        read,
        memory_budget_bytes: args.memory as usize * 1_000_000,
        threads: args.threads.unwrap_or(0) as usize,
        strict: args.strict,
        verbose: args.verbose,
        rebuild: args.rebuild,
        compact: args.compact,
    };
    if args.watch {
        return watch::run(&build);
    }
    let summary = build.run()?;
    summary.report();
    if args.json {
        output.write(&json::line(&summary))?;
    }
    Ok(if summary.entries == 0 {
        Status::Nothing
    } else {
        Status::Found
    })
}

/// What to build an index from, and how.
pub(super) struct Build<'a> {
    pub(super) index: &'a Path,
    /// The sources to read; all that the index knows when there are none.
    pub(super) paths: &'a [PathBuf],
    pub(super) read: ReadOptions,
    pub(super) memory_budget_bytes: usize,
    /// As many as the machine has when there are none.
    pub(super) threads: usize,
    /// Whether a skipped record stops the build.
    pub(super) strict: bool,
    /// Whether every problem is printed.
    pub(super) verbose: bool,
    /// Whether everything is read anew.
    pub(super) rebuild: bool,
    /// Whether all segments become one.
    pub(super) compact: bool,
}

impl<'a> Build<'a> {
    /// Returns a build with the settings that `qdex index` has when no option is given.
    pub(super) fn new(index: &'a Path, paths: &'a [PathBuf]) -> Self {
        Build {
            index,
            paths,
            read: ReadOptions::default(),
            memory_budget_bytes: IndexerOptions::default().memory_budget_bytes,
            threads: 0,
            strict: false,
            verbose: false,
            rebuild: false,
            compact: false,
        }
    }

    /// Builds the index or brings it up to date. Problems are printed as they come.
    pub(super) fn run(&self) -> Result<Summary, Failure> {
        let start = Instant::now();
        let options = IndexerOptions {
            memory_budget_bytes: self.memory_budget_bytes,
            threads: self.threads,
            ..IndexerOptions::default()
        };
        let (mut indexer, updated, sources) = self.begin(options)?;
        let known = indexer.sources();
        let is_known =
            |source: &Source| known.iter().any(|known| known.absolute == source.absolute);
        let knows_some = updated && sources.iter().any(is_known);
        let mut reading = Vec::with_capacity(sources.len());
        for source in sources {
            let read = source.options();
            let states = corpus::states(Path::new(&source.path), &read);
            if states.is_empty() && is_known(&source) {
                report::warning(&format!(
                    "there are no files in `{0}` any more; its entries stay: `qdex remove {0}` takes them out",
                    source.path
                ));
                continue;
            }
            reading.push((source, states));
        }
        let (mut progress, total) = self.read(reading, &mut indexer)?;
        let mut written = IndexSummary::default();
        // Sources that the index did not have, and that give nothing, are a mistake.
        if total.entries > 0 || knows_some {
            progress.bar.set_message("writing the index");
            if self.compact {
                indexer.merge_all();
            }
            written = indexer.commit()?;
            for Duplicate { id, kept, replaced } in &written.duplicates {
                progress.duplicate(id, kept, replaced);
            }
        }
        progress.bar.finish_and_clear();
        let took = start.elapsed();
        let (mut skipped_before, mut others) = (0, Vec::new());
        let mut formats = Vec::new();
        if written.entries > 0 {
            let index = Index::open(self.index)?;
            let sources = index.sources()?;
            formats = Searcher::new(index).stats()?.formats;
            for known in sources {
                if total.absolute.contains(&known.source.absolute) {
                    skipped_before += known.skipped;
                } else {
                    others.push((known.source.path, known.entries));
                }
            }
        }
        let duplicates = written.duplicates.into_iter();
        Ok(Summary {
            index: self.index.to_owned(),
            entries: written.entries,
            formats: formats.into_iter().collect(),
            files: total.files,
            skipped: skipped_before.max(progress.skipped),
            warnings: progress.warnings,
            duplicates: duplicates
                .map(|Duplicate { id, kept, replaced }| DuplicateId { id, kept, replaced })
                .collect(),
            bytes_read: total.bytes_read,
            bytes: written.bytes,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            entries_per_second: (written.entries as f64 / took.as_secs_f64().max(1e-6)) as u64,
            updated,
            added: written.added,
            removed: written.removed,
            changes: written.files,
            segments: written.segments,
            not_shown: progress.not_shown,
            skipped_before: skipped_before.saturating_sub(progress.skipped),
            others,
            unwanted: total.unwanted,
            other_posts: total.other_posts,
            orphans: total.orphans,
        })
    }

    /// Reads again what may have ids that come back when sources are taken out.
    pub(super) fn read_hidden(&self, indexer: &mut Indexer) -> Result<(), Failure> {
        let hidden = indexer.hidden_sources();
        let sources = hidden.iter().filter_map(sources::again_if_there);
        let reading = sources.map(|source| {
            let states = corpus::states(Path::new(&source.path), &source.options());
            (source, states)
        });
        self.read(reading.collect(), indexer)?;
        Ok(())
    }

    /// Reads what has changed of sources, from the state of their files.
    fn read(
        &self,
        reading: Vec<(Source, Vec<FileState>)>,
        indexer: &mut Indexer,
    ) -> Result<(Progress, Total), Failure> {
        let mut progress = Progress::new(&reading, self.verbose);
        let mut total = Total::default();
        let begin = |(source, states): (Source, _)| {
            let only = indexer.begin_source(source.clone(), states);
            (source, only)
        };
        let begun: Vec<_> = reading.into_iter().map(begin).collect();
        for (source, only) in begun {
            self.read_source(&source, only, indexer, &mut progress, &mut total)?;
        }
        Ok((progress, total))
    }

    fn read_source(
        &self,
        source: &Source,
        only: HashSet<PathBuf>,
        indexer: &mut Indexer,
        progress: &mut Progress,
        total: &mut Total,
    ) -> Result<(), Failure> {
        let read = ReadOptions {
            // Where the index fits, what is sorted for it does.
            spill: Some(self.index.to_owned()),
            only: Some(Arc::new(only)),
            ..source.options()
        };
        let input = source.is_stream();
        let input = input.then(|| Box::new(io::stdin()) as Box<dyn Read + Send>);
        let path = PathBuf::from(&source.path);
        let mut corpus = Corpus::open_with_input(&[path], read, input)?;
        indexer.enter_source(source);
        progress.follow(&corpus, total.bytes_read);
        while let Some(item) = corpus.next() {
            if let Some(file) = corpus.file() {
                indexer.set_file(file);
            }
            match item {
                Item::Entry(entry) => {
                    indexer.add(*entry)?;
                    total.entries += 1;
                }
                Item::Problem(problem) => {
                    indexer.count_problem(problem.severity);
                    progress.problem(problem.severity, &problem.to_string());
                    if self.strict && problem.severity == Severity::Skipped {
                        progress.bar.finish_and_clear();
                        return Err(stopped());
                    }
                }
            }
        }
        total.add(source, &corpus);
        Ok(())
    }
}

fn stopped() -> Failure {
    Failure::Request {
        message: "stopped at a record that cannot be indexed; the former index stays as it was"
            .to_owned(),
        hint: Some("without `--strict` such records are left out".to_owned()),
    }
}

/// Returns a number with its noun: `1 entry`, `2 entries`.
pub(super) fn count(count: u64, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        _ => format!("{count} {noun}s"),
    }
}
