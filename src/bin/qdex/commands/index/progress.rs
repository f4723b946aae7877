//! What is shown while an index is built: a bar, and the problems above it.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use qdex::corpus::{self, Corpus, FileState, Severity};
use qdex::index::Source;

use crate::render::text;
use crate::report;

/// How many records and files that were skipped are printed in full without `--verbose`, and how many warnings.
const PROBLEMS_SHOWN: u64 = 20;

/// From how much to read a run is long enough to say beforehand what it will take.
const LONG_RUN_BYTES: u64 = 100_000_000;

/// How fast a corpus is indexed, roughly: measured with a dump on two cores.
const BYTES_PER_SECOND: u64 = 10_000_000;

/// The progress bar, which is drawn on a terminal only, and the problems that were printed above it.
pub(super) struct Progress {
    pub(super) bar: ProgressBar,
    verbose: bool,
    pub(super) skipped: u64,
    pub(super) warnings: u64,
    duplicates: u64,
    pub(super) not_shown: u64,
}

impl Progress {
    pub(super) fn new(sources: &[(Source, Vec<FileState>)], verbose: bool) -> Self {
        let bar = if io::stderr().is_terminal() {
            let style = "{wide_bar} {bytes} of {total_bytes}, {eta} left {msg}";
            let style = ProgressStyle::with_template(style).expect("the template is well-formed");
            let size =
                |state: &FileState| std::fs::metadata(&state.path).map_or(0, |file| file.len());
            let files = sources.iter().flat_map(|(_, states)| states);
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
    pub(super) fn follow(&self, corpus: &Corpus, before: u64) {
        if !self.bar.is_hidden() {
            follow(corpus.progress(), before, self.bar.clone());
        }
    }

    pub(super) fn problem(&mut self, severity: Severity, message: &str) {
        match severity {
            Severity::Skipped => self.skipped += 1,
            Severity::Warning => self.warnings += 1,
        }
        self.show(severity, message);
    }

    pub(super) fn duplicate(&mut self, id: &str, kept: &qdex::Source, replaced: &qdex::Source) {
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
