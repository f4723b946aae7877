//! What a build did, as it is reported.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use qdex::corpus::Corpus;
use qdex::index::{FileChanges, Source};
use serde::Serialize;

use super::count;
use crate::render::text;
use crate::report;

/// What a build read and wrote. When nothing could be indexed the former index stays.
#[derive(Serialize)]
pub(in crate::commands) struct Summary {
    pub(super) index: PathBuf,
    pub(in crate::commands) entries: u64,
    /// How many entries of the index were read from each format.
    pub(super) formats: BTreeMap<String, u64>,
    pub(super) files: Files,
    pub(super) skipped: u64,
    pub(super) warnings: u64,
    pub(super) duplicates: Vec<DuplicateId>,
    pub(super) bytes_read: u64,
    pub(super) bytes: u64,
    pub(in crate::commands) took_ms: u64,
    pub(super) entries_per_second: u64,
    /// Whether a former index was brought up to date.
    pub(super) updated: bool,
    pub(super) added: u64,
    pub(super) removed: u64,
    pub(super) changes: FileChanges,
    pub(super) segments: u64,
    #[serde(skip)]
    pub(super) not_shown: u64,
    /// Records and files that were skipped when unchanged files were read.
    pub(super) skipped_before: u64,
    /// Other sources of the index, with how many entries each has.
    #[serde(skip)]
    pub(super) others: Vec<(String, u64)>,
    /// Entries that were left out on purpose.
    pub(super) unwanted: u64,
    pub(super) other_posts: u64,
    pub(super) orphans: u64,
}

#[derive(Default, Serialize)]
pub(super) struct Files {
    pub(super) read: u64,
    pub(super) unchanged: u64,
    pub(super) without_entries: u64,
    pub(super) unreadable: u64,
    pub(super) other: u64,
    pub(super) judgments: u64,
}

#[derive(Serialize)]
pub(super) struct DuplicateId {
    pub(super) id: String,
    pub(super) kept: qdex::Source,
    pub(super) replaced: qdex::Source,
}

/// What was read of all sources.
#[derive(Default)]
pub(super) struct Total {
    pub(super) absolute: HashSet<PathBuf>,
    /// How many entries were read, changed or not.
    pub(super) entries: u64,
    pub(super) files: Files,
    pub(super) bytes_read: u64,
    pub(super) unwanted: u64,
    pub(super) other_posts: u64,
    pub(super) orphans: u64,
}

impl Total {
    pub(super) fn add(&mut self, source: &Source, corpus: &Corpus) {
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

impl Summary {
    /// Prints the summary on standard error.
    pub(in crate::commands) fn report(&self) {
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
    /// Returns whether the index is as it was before.
    pub(in crate::commands) fn is_unchanged(&self) -> bool {
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
