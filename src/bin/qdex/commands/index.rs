//! `qdex index PATH…`: streams a corpus into an index, and says what happened.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use qdex::corpus::{self, Choice, Corpus, FileState, Item, ReadOptions, Severity};
use qdex::index::{Duplicate, FileChanges, IndexSummary, IndexerOptions, Source};
use qdex::{Error, Format, Index, Indexer, Searcher};
use serde::Serialize;

use super::{dry_run, watch};
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
    /// Whether a skipped record stops the build.
    pub(super) strict: bool,
    /// Whether every problem is printed.
    pub(super) verbose: bool,
    /// Whether everything is read anew.
    pub(super) rebuild: bool,
    /// Whether all segments become one.
    pub(super) compact: bool,
}

/// What a build read and wrote. When nothing could be indexed the former index stays.
#[derive(Serialize)]
pub(super) struct Summary {
    index: PathBuf,
    pub(super) entries: u64,
    /// How many entries of the index were read from each format.
    formats: BTreeMap<String, u64>,
    files: Files,
    skipped: u64,
    warnings: u64,
    duplicates: Vec<DuplicateId>,
    bytes_read: u64,
    bytes: u64,
    pub(super) took_ms: u64,
    entries_per_second: u64,
    /// Whether a former index was brought up to date.
    updated: bool,
    added: u64,
    removed: u64,
    changes: FileChanges,
    segments: u64,
    #[serde(skip)]
    not_shown: u64,
    /// Records and files that were skipped when unchanged files were read.
    skipped_before: u64,
    /// Other sources of the index, with how many entries each has.
    #[serde(skip)]
    others: Vec<(String, u64)>,
    /// Entries that were left out on purpose.
    unwanted: u64,
    other_posts: u64,
    orphans: u64,
}

#[derive(Default, Serialize)]
struct Files {
    read: u64,
    unchanged: u64,
    without_entries: u64,
    unreadable: u64,
    other: u64,
    judgments: u64,
}

#[derive(Serialize)]
struct DuplicateId {
    id: String,
    kept: qdex::Source,
    replaced: qdex::Source,
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
            rebuild: false,
            compact: false,
        }
    }

    /// Builds the index or brings it up to date. Problems are printed as they come.
    pub(super) fn run(&self) -> Result<Summary, Failure> {
        let start = Instant::now();
        let options = IndexerOptions {
            memory_budget_bytes: self.memory_budget_bytes,
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
            let path = PathBuf::from(&source.path);
            let states = corpus::states(&path, &read);
            if states.is_empty() && is_known(&source) {
                report::warning(&format!(
                    "there are no files in `{0}` any more; its entries stay: `qdex remove {0}` takes them out",
                    source.path
                ));
                continue;
            }
            reading.push((source, path, states));
        }
        let mut progress = Progress::new(&reading, self.verbose);
        let mut total = Total::default();
        for (source, path, states) in reading {
            let only = indexer.begin_source(source.clone(), states);
            self.read_source(&source, path, only, &mut indexer, &mut progress, &mut total)?;
        }
        let mut written = IndexSummary::default();
        // Sources that the index did not have, and that give nothing, are a mistake.
        if !total.formats.is_empty() || knows_some {
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

    /// Returns the indexer, whether it updates a former index, and the sources to read, in the order of the index.
    fn begin(&self, options: IndexerOptions) -> Result<(Indexer, bool, Vec<Source>), Failure> {
        let given = self.paths.iter().map(|path| Source::new(path, &self.read));
        let given: Vec<Source> = given.collect::<qdex::Result<_>>()?;
        let opened = match self.rebuild {
            true => None,
            false => match Indexer::update(self.index, options.clone()) {
                Ok(indexer) => Some(indexer),
                Err(Error::NoIndex { .. }) => None,
                Err(error @ (Error::IndexVersion { .. } | Error::IndexDamaged { .. })) => {
                    report::note(&format!("{error}; it is built anew"));
                    None
                }
                Err(error) => return Err(error.into()),
            },
        };
        let known = match &opened {
            Some(indexer) => indexer.sources(),
            // What is built anew from given paths has those alone.
            None if self.rebuild && !given.is_empty() => Vec::new(),
            None => Index::known_sources(self.index),
        };
        let rebuilds_known = opened.is_none();
        let mut sources: Vec<Source> = Vec::new();
        let mut new = given.clone();
        for source in &known {
            let place = new.iter().position(|new| new.absolute == source.absolute);
            match place.map(|place| new.remove(place)) {
                // How it was named stays, so that its entries do.
                Some(given) => sources.push(Source {
                    path: still_named(source).unwrap_or(given.path.clone()),
                    ..given
                }),
                None if given.is_empty() || rebuilds_known => sources.push(again(source)?),
                None => {}
            }
        }
        for source in new {
            if !sources
                .iter()
                .any(|known| known.absolute == source.absolute)
            {
                sources.push(source);
            }
        }
        let all = known.iter().filter(|known| {
            let is_it = |source: &&Source| source.absolute == known.absolute;
            !sources.iter().any(|source| is_it(&source))
        });
        let all: Vec<&Source> = sources.iter().chain(all).collect();
        apart(&all)?;
        if sources.is_empty() {
            return Err(Failure::Request {
                message: "there is nothing to index".to_owned(),
                hint: Some("name files and folders: `qdex index PATH…`".to_owned()),
            });
        }
        let updated = opened.is_some();
        let indexer = match opened {
            Some(indexer) => indexer,
            None => Indexer::create(self.index, options)?,
        };
        Ok((indexer, updated, sources))
    }

    fn read_source(
        &self,
        source: &Source,
        path: PathBuf,
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
        let mut corpus = Corpus::open_with_input(&[path], read, input)?;
        progress.follow(&corpus, total.bytes_read);
        while let Some(item) = corpus.next() {
            if let Some(file) = corpus.file() {
                indexer.set_file(file);
            }
            match item {
                Item::Entry(entry) => {
                    indexer.add(&entry)?;
                    *total.formats.entry(entry.source.format).or_default() += 1;
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

/// Returns how a known source was named, if that still leads to it from here.
fn still_named(source: &Source) -> Option<String> {
    let leads_to = std::fs::canonicalize(&source.path).ok();
    (source.is_stream() || leads_to.as_ref() == Some(&source.absolute)).then(|| source.path.clone())
}

/// Returns a known source to be read again. Fails when it is gone: its entries would go with it.
fn again(source: &Source) -> Result<Source, Failure> {
    let gone = |why: String| Failure::Request {
        message: why,
        hint: Some(format!(
            "bring it back, take it out with `qdex remove {}`, or name what to index: `qdex index PATH…`",
            source.path
        )),
    };
    if source.is_stream() {
        return Err(gone(
            "the source `-` was a stream, which cannot be read again".to_owned(),
        ));
    }
    if !source.absolute.exists() {
        return Err(gone(format!(
            "the source `{}` is not there any more; the index stays as it was",
            source.absolute.display()
        )));
    }
    let path = still_named(source).unwrap_or_else(|| source.absolute.display().to_string());
    Ok(Source {
        path,
        ..source.clone()
    })
}

/// Fails when a source lies in another one, whose entries it would repeat.
fn apart(sources: &[&Source]) -> Result<(), Failure> {
    for inner in sources {
        let holds = |outer: &&&Source| {
            outer.absolute != inner.absolute && inner.absolute.starts_with(&outer.absolute)
        };
        if let Some(outer) = sources.iter().find(holds) {
            return Err(Failure::Request {
                message: format!(
                    "`{}` lies in `{}`: its entries would be indexed twice",
                    inner.path, outer.path
                ),
                hint: Some(format!(
                    "name one of them; `qdex remove {}` takes the one out that the index has",
                    inner.path
                )),
            });
        }
    }
    Ok(())
}

/// What was read of all sources.
#[derive(Default)]
struct Total {
    absolute: HashSet<PathBuf>,
    formats: BTreeMap<Format, u64>,
    files: Files,
    bytes_read: u64,
    unwanted: u64,
    other_posts: u64,
    orphans: u64,
}

impl Total {
    fn add(&mut self, source: &Source, corpus: &Corpus) {
        let counts = corpus.counts();
        self.absolute.insert(source.absolute.clone());
        self.files.read += counts.read.values().sum::<u64>();
        self.files.without_entries += counts.without_entries;
        self.files.unreadable += counts.unreadable;
        self.files.other += counts.other;
        self.files.judgments += counts.judged;
        self.files.unchanged += counts.unchanged;
        self.bytes_read += corpus.bytes_read();
        self.unwanted += counts.unwanted;
        self.other_posts += counts.other_posts;
        self.orphans += counts.orphans;
    }
}

fn stopped() -> Failure {
    Failure::Request {
        message: "stopped at a record that cannot be indexed; the former index stays as it was"
            .to_owned(),
        hint: Some("without `--strict` such records are left out".to_owned()),
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
        } else if self.updated {
            self.report_update(&took);
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
                self.skipped - self.skipped_before,
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
        if self.skipped_before > 0 {
            report::note(&format!(
                "{} in unchanged files; `qdex index --rebuild` shows what is wrong",
                count(self.skipped_before, "skipped record")
            ));
        }
        for (source, entries) in &self.others {
            report::note(&format!(
                "the index also holds {} of `{source}`; `qdex remove {source}` takes them out",
                count(*entries, "entry")
            ));
        }
        if self.not_shown > 0 {
            report::note(&format!(
                "{} not shown; `--verbose` shows all",
                count(self.not_shown, "problem")
            ));
        }
    }
}

impl Summary {
    /// Returns whether the index is as it was before.
    pub(super) fn is_unchanged(&self) -> bool {
        self.updated && self.added + self.removed == 0 && self.changes.is_none()
    }

    fn report_update(&self, took: &str) {
        let index = self.index.display();
        let entries = count(self.entries, "entry");
        if self.is_unchanged() {
            report::note(&format!(
                "`{index}` is up to date: {entries}, {} unchanged ({took})",
                count(self.changes.unchanged, "file")
            ));
            return;
        }
        let FileChanges {
            new,
            changed,
            moved,
            gone,
            ..
        } = self.changes;
        let files = [
            (new, "new"),
            (changed, "changed"),
            (moved, "moved"),
            (gone, "gone"),
        ];
        let files = files.iter().filter(|(files, _)| *files > 0);
        let mut parts: Vec<String> = files
            .map(|(files, how)| format!("{} {how}", count(*files, "file")))
            .collect();
        parts.push(format!("{} written", count(self.added, "entry")));
        if self.removed > 0 {
            parts.push(format!("{} removed", count(self.removed, "entry")));
        }
        report::note(&format!(
            "updated `{index}` in {took}: {}; {entries} now",
            parts.join(", ")
        ));
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
    fn new(sources: &[(Source, PathBuf, Vec<FileState>)], verbose: bool) -> Self {
        let bar = if io::stderr().is_terminal() {
            let style = "{wide_bar} {bytes} of {total_bytes}, {eta} left {msg}";
            let style = ProgressStyle::with_template(style).expect("the template is well-formed");
            let size =
                |state: &FileState| std::fs::metadata(&state.path).map_or(0, |file| file.len());
            let files = sources.iter().flat_map(|(.., states)| states);
            let total = files.map(size).sum();
            if total >= LONG_RUN_BYTES {
                report::note(&estimate(total));
            }
            ProgressBar::new(total).with_style(style)
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

    /// Moves the bar while a source is read, of which so much lies behind those before.
    fn follow(&self, corpus: &Corpus, before: u64) {
        if !self.bar.is_hidden() {
            follow(corpus.progress(), before, self.bar.clone());
        }
    }

    fn problem(&mut self, severity: Severity, message: &str) {
        match severity {
            Severity::Skipped => self.skipped += 1,
            Severity::Warning => self.warnings += 1,
        }
        self.show(severity, message);
    }

    fn duplicate(&mut self, id: &str, kept: &qdex::Source, replaced: &qdex::Source) {
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
fn follow(progress: corpus::Progress, before: u64, bar: ProgressBar) {
    std::thread::spawn(move || {
        // The source is done with when nobody else has its progress.
        while !bar.is_finished() && !progress.is_abandoned() {
            bar.set_position(before + progress.bytes());
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

fn place(source: &qdex::Source) -> String {
    match source.line {
        Some(line) => format!("{}:{line}", source.path),
        None => source.path.clone(),
    }
}
