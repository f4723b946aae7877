//! `qdex index PATH…`: streams a corpus into an index, and says what happened.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use qdex::corpus::{self, Choice, Corpus, FileCounts, Item, ReadOptions, Severity};
use qdex::index::{Duplicate, IndexerOptions};
use qdex::{Format, Indexer, Source};
use serde::Serialize;

use super::dry_run;
use crate::Status;
use crate::args::{Global, IndexArgs};
use crate::locate;
use crate::render::{Output, json, text};
use crate::report::{self, Failure};

/// How many records and files that were skipped are printed in full without `--verbose`, and how many warnings.
const PROBLEMS_SHOWN: u64 = 20;

/// From how much to read a run is long enough to say beforehand what it will take.
const LONG_RUN_BYTES: u64 = 100_000_000;

/// How fast a corpus is indexed, roughly: measured with a dump on two cores.
const BYTES_PER_SECOND: u64 = 10_000_000;

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
        strict: args.strict,
        verbose: args.verbose,
    };
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
    pub(super) paths: &'a [PathBuf],
    pub(super) read: ReadOptions,
    pub(super) memory_budget_bytes: usize,
    /// Whether a skipped record stops the build.
    pub(super) strict: bool,
    /// Whether every problem is printed.
    pub(super) verbose: bool,
}

/// What a build read and wrote. When nothing could be indexed the former index stays.
#[derive(Serialize)]
pub(super) struct Summary {
    index: PathBuf,
    pub(super) entries: u64,
    formats: BTreeMap<Format, u64>,
    files: Files,
    skipped: u64,
    warnings: u64,
    duplicates: Vec<DuplicateId>,
    bytes_read: u64,
    bytes: u64,
    pub(super) took_ms: u64,
    entries_per_second: u64,
    #[serde(skip)]
    not_shown: u64,
    /// Entries that were left out on purpose.
    unwanted: u64,
    other_posts: u64,
    orphans: u64,
}

#[derive(Serialize)]
struct Files {
    read: u64,
    without_entries: u64,
    unreadable: u64,
    other: u64,
    judgments: u64,
}

#[derive(Serialize)]
struct DuplicateId {
    id: String,
    kept: Source,
    replaced: Source,
}

impl<'a> Build<'a> {
    /// Returns a build with the settings that `qdex index` has when no option is given.
    pub(super) fn new(index: &'a Path, paths: &'a [PathBuf]) -> Self {
        Build {
            index,
            paths,
            read: ReadOptions::default(),
            memory_budget_bytes: IndexerOptions::default().memory_budget_bytes,
            strict: false,
            verbose: false,
        }
    }

    /// Builds the index. Problems are printed as they come.
    pub(super) fn run(self) -> Result<Summary, Failure> {
        let start = Instant::now();
        let read = ReadOptions {
            // Where the index fits, what is sorted for it does.
            spill: Some(self.index.to_owned()),
            ..self.read
        };
        let input = self.paths.iter().any(|path| path.as_os_str() == "-");
        let input = input.then(|| Box::new(io::stdin()) as Box<dyn Read + Send>);
        let mut corpus = Corpus::open_with_input(self.paths, read, input)?;
        let options = IndexerOptions {
            memory_budget_bytes: self.memory_budget_bytes,
            paths: self
                .paths
                .iter()
                .map(|path| path.display().to_string())
                .collect(),
        };
        let mut indexer = Indexer::create(self.index, options)?;
        let mut progress = Progress::new(&corpus, self.verbose);
        let mut formats = BTreeMap::new();
        for item in corpus.by_ref() {
            match item {
                Item::Entry(entry) => {
                    indexer.add(&entry)?;
                    *formats.entry(entry.source.format).or_default() += 1;
                }
                Item::Problem(problem) => {
                    progress.problem(problem.severity, &problem.to_string());
                    if self.strict && problem.severity == Severity::Skipped {
                        progress.bar.finish_and_clear();
                        return Err(stopped());
                    }
                }
            }
        }

        let mut entries = 0;
        let mut bytes = 0;
        let mut duplicates = Vec::new();
        if !formats.is_empty() {
            progress.bar.set_message("writing the index");
            let written = indexer.commit()?;
            entries = written.entries;
            bytes = written.bytes;
            for Duplicate { id, kept, replaced } in written.duplicates {
                progress.duplicate(&id, &kept, &replaced);
                let of_format = formats.entry(replaced.format).or_default();
                *of_format = u64::saturating_sub(*of_format, 1);
                duplicates.push(DuplicateId { id, kept, replaced });
            }
        }
        progress.bar.finish_and_clear();
        let took = start.elapsed();
        Ok(Summary {
            index: self.index.to_owned(),
            entries,
            formats,
            files: Files::new(corpus.counts()),
            skipped: progress.skipped,
            warnings: progress.warnings,
            duplicates,
            bytes_read: corpus.bytes_read(),
            bytes,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            entries_per_second: (entries as f64 / took.as_secs_f64().max(1e-6)) as u64,
            not_shown: progress.not_shown,
            unwanted: corpus.counts().unwanted,
            other_posts: corpus.counts().other_posts,
            orphans: corpus.counts().orphans,
        })
    }
}

fn stopped() -> Failure {
    Failure::Request {
        message: "stopped at a record that cannot be indexed; the former index stays as it was"
            .to_owned(),
        hint: Some("without `--strict` such records are left out".to_owned()),
    }
}

impl Files {
    fn new(counts: &FileCounts) -> Self {
        Files {
            read: counts.read.values().sum(),
            without_entries: counts.without_entries,
            unreadable: counts.unreadable,
            other: counts.other,
            judgments: counts.judged,
        }
    }
}

impl Summary {
    /// Prints the summary on standard error.
    pub(super) fn report(&self) {
        let took = text::duration(Duration::from_millis(self.took_ms));
        let read = text::bytes(self.bytes_read);
        let index = self.index.display();
        let files = count(self.files.read, "file");
        if self.entries == 0 {
            report::warning(&format!(
                "found no entries in {files} ({read}); nothing was written to `{index}`"
            ));
        } else {
            let formats: Vec<_> = self
                .formats
                .iter()
                .map(|(format, count)| format!("{format} {count}"))
                .collect();
            report::note(&format!(
                "indexed {} in `{index}` in {took} ({} entries/s): {}",
                count(self.entries, "entry"),
                self.entries_per_second,
                formats.join(", ")
            ));
            report::note(&format!(
                "read {read} in {files}, wrote {}",
                text::bytes(self.bytes)
            ));
        }
        let left_out = [
            (
                self.skipped,
                "record or file skipped",
                "records or files skipped",
            ),
            (
                self.files.without_entries,
                "file without entries",
                "files without entries",
            ),
            (
                self.files.other,
                "file of another kind",
                "files of other kinds",
            ),
            (
                self.files.judgments,
                "file of judgments",
                "files of judgments",
            ),
            (
                self.duplicates.len() as u64,
                "id replaced by a later entry",
                "ids replaced by later entries",
            ),
            (self.warnings, "warning", "warnings"),
            (self.unwanted, "entry not chosen", "entries not chosen"),
            (
                self.other_posts,
                "tag wiki or other post",
                "tag wikis and other posts",
            ),
            (
                self.orphans,
                "answer without its question",
                "answers without their questions",
            ),
        ];
        let left_out: Vec<_> = left_out
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
            .collect();
        if !left_out.is_empty() {
            report::note(&left_out.join(", "));
        }
        if self.not_shown > 0 {
            report::note(&format!(
                "{} not shown; `--verbose` shows all",
                count(self.not_shown, "problem")
            ));
        }
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

/// The progress bar, which is drawn on a terminal only, and the problems that were printed above it.
struct Progress {
    bar: ProgressBar,
    verbose: bool,
    skipped: u64,
    warnings: u64,
    duplicates: u64,
    not_shown: u64,
}

impl Progress {
    fn new(corpus: &Corpus, verbose: bool) -> Self {
        let bar = if io::stderr().is_terminal() {
            let style = "{wide_bar} {bytes} of {total_bytes}, {eta} left {msg}";
            let style = ProgressStyle::with_template(style).expect("the template is well-formed");
            let total = corpus.total_bytes();
            if total >= LONG_RUN_BYTES {
                report::note(&estimate(total));
            }
            let bar = ProgressBar::new(total).with_style(style);
            follow(corpus.progress(), bar.clone());
            bar
        } else {
            ProgressBar::hidden()
        };
        Progress {
            bar,
            verbose,
            skipped: 0,
            warnings: 0,
            duplicates: 0,
            not_shown: 0,
        }
    }

    fn problem(&mut self, severity: Severity, message: &str) {
        match severity {
            Severity::Skipped => self.skipped += 1,
            Severity::Warning => self.warnings += 1,
        }
        self.show(severity, message);
    }

    fn duplicate(&mut self, id: &str, kept: &Source, replaced: &Source) {
        let message = format!(
            "the id `{id}` stands at `{}` and `{}`; the later entry is indexed",
            place(replaced),
            place(kept)
        );
        self.duplicates += 1;
        self.show(Severity::Warning, &message);
    }

    fn show(&mut self, severity: Severity, message: &str) {
        // Each counts for itself: a corpus with many oddities must not hide the one file that is missing.
        let so_far = match severity {
            Severity::Skipped => self.skipped,
            Severity::Warning => self.warnings + self.duplicates,
        };
        if !self.verbose && so_far > PROBLEMS_SHOWN {
            self.not_shown += 1;
            return;
        }
        self.bar.suspend(|| match severity {
            Severity::Skipped => report::skipped(message),
            Severity::Warning => report::warning(message),
        });
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // Ends the thread that follows the progress, however the build ended.
        self.bar.finish_and_clear();
    }
}

/// Moves a bar while the corpus works on its next entry, which takes minutes for the first one of a large dump.
fn follow(progress: corpus::Progress, bar: ProgressBar) {
    std::thread::spawn(move || {
        while !bar.is_finished() {
            bar.set_position(progress.bytes());
            std::thread::sleep(Duration::from_millis(100));
        }
    });
}

/// Returns what a long run will take.
fn estimate(total_bytes: u64) -> String {
    let time = Duration::from_secs(total_bytes / BYTES_PER_SECOND);
    format!(
        "{} to read, which takes about {} and {} for the index and temporary files; compressed files take more",
        text::bytes(total_bytes),
        text::duration(time),
        text::bytes(total_bytes * 2)
    )
}

fn place(source: &Source) -> String {
    match source.line {
        Some(line) => format!("{}:{line}", source.path),
        None => source.path.clone(),
    }
}
