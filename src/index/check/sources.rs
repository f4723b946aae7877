//! Whether the sources on disk are as they were indexed. A source that is not is no damage: only the index is older.

use std::collections::HashMap;
use std::path::Path;

use serde::Serialize;

use super::super::sources::{ChangedFiles, Source, Sources};
use super::super::{Index, Meta};
use super::CheckReport;
use crate::corpus;
use crate::error::{Error, Result};

/// How a source stands to what the index has of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceState {
    /// The source.
    #[serde(flatten)]
    pub source: Source,
    /// Whether it can be compared, and how that came out.
    pub state: Freshness,
    /// Which of its files are otherwise; empty for a source that cannot be compared.
    pub files: ChangedFiles,
}

/// Whether a source is as it was indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Freshness {
    /// Every file is as it was.
    Current,
    /// Some files are new, changed, moved or gone.
    Changed,
    /// It is not there any more, or has no files: entries of a disk that is away must not go with it.
    Missing,
    /// It was a stream, which cannot be read again.
    Stream,
}

impl Index {
    /// Returns how the sources of the index in a folder stand to what is on disk now, in the order in which they are read.
    /// Reads files up to 64 MiB whole and no entries; larger ones are told by their size and the time of their change.
    ///
    /// Fails as [`Index::check`] does, and when the list of sources cannot be read.
    pub fn compare_sources(dir: &Path) -> Result<Vec<SourceState>> {
        let meta = Meta::read(dir)?.ok_or_else(|| Error::NoIndex {
            path: dir.to_owned(),
        })?;
        let mut sources = Sources::read(dir, &meta)?;
        let known: Vec<Source> = sources
            .list
            .iter()
            .map(|record| record.source.clone())
            .collect();
        let compared = known.into_iter().map(|source| {
            let mut files = ChangedFiles::default();
            let state = if source.is_stream() {
                Freshness::Stream
            } else {
                let states = corpus::states(&source.absolute, &source.options());
                let is_there = source.absolute.exists() && !states.is_empty();
                if is_there {
                    files = sources.put(source.clone(), states).changes;
                }
                match (is_there, files.is_none()) {
                    (false, _) => Freshness::Missing,
                    (true, true) => Freshness::Current,
                    (true, false) => Freshness::Changed,
                }
            };
            SourceState {
                source,
                state,
                files,
            }
        });
        Ok(compared.collect())
    }
}

/// Checks that each file of the sources has as many entries in the index as are written down for it, and that no entry is of
/// another file. An index that was not made of files has no list of them.
pub(super) fn check(index: &Index, report: &mut CheckReport) -> tantivy::Result<()> {
    let sources = match Sources::read(&index.dir, &index.meta) {
        Ok(sources) => sources,
        Err(error) => {
            report.problem(error.to_string());
            return Ok(());
        }
    };
    if sources.list.is_empty() {
        return Ok(());
    }
    let table = index.entries.table();
    let mut counts: HashMap<u32, u64> = HashMap::new();
    for document in index.segments.all().iter() {
        let place = index
            .segments
            .record(document)?
            .and_then(|record| table.place(record));
        *counts.entry(place.unwrap_or_default().file).or_default() += 1;
    }
    for record in &sources.list {
        for file in &record.files {
            let found = counts.remove(&file.number).unwrap_or(0);
            if found != file.entries {
                let (path, relative) = (&record.source.path, &file.relative);
                report.problem(format!(
                    "entries of `{relative}` in the source `{path}`: {found}, expected {}",
                    file.entries
                ));
            }
        }
    }
    let left: u64 = counts.values().sum();
    if left > 0 {
        report.problem(format!("entries of no file of its sources: {left}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::corpus::{Corpus, Item, ReadOptions};
    use crate::index::{Indexer, IndexerOptions, META_FILE, checksum};

    #[test]
    fn entries_are_counted_by_file() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (dir, pages) = (folder.path().join("index"), folder.path().join("pages"));
        fs::create_dir(&pages).expect("a folder");
        for name in ["a", "b"] {
            let page = format!("# What is {name}?\n\nWords.\n");
            fs::write(pages.join(format!("{name}.md")), page).expect("a file");
        }
        let options = ReadOptions::default();
        let source = Source::new(&pages, &options).expect("is there");
        let mut indexer = Indexer::create(&dir, IndexerOptions::default()).expect("begins");
        indexer.begin_source(source.clone(), corpus::states(&pages, &options));
        indexer.enter_source(&source);
        let mut corpus = Corpus::open(&[pages], options).expect("is there");
        while let Some(item) = corpus.next() {
            let Item::Entry(entry) = item else {
                panic!("{item:?}");
            };
            indexer.set_file(corpus.file().expect("is of a file"));
            indexer.add(*entry).expect("is added");
        }
        indexer.commit().expect("is committed");
        let problems = || Index::check(&dir).expect("is checked").problems;
        assert_eq!(problems(), [""; 0]);

        // Every checksum is right, and what is written is not.
        let mut meta = Meta::read(&dir).expect("reads").expect("is there");
        let mut sources = Sources::read(&dir, &meta).expect("reads");
        sources.list[0].files[1].entries = 3;
        sources.list[0].files.remove(0);
        sources.write(&dir, meta.generation).expect("is written");
        let generation = Meta::generation_dir(&dir, meta.generation);
        for (name, file) in &mut meta.files {
            *file = checksum(&generation.join(name)).expect("reads");
        }
        let path = source.path;
        fs::write(dir.join(META_FILE), meta.written()).expect("is written");
        assert_eq!(
            problems(),
            [
                format!("entries of `b.md` in the source `{path}`: 1, expected 3"),
                "entries of no file of its sources: 1".to_owned(),
            ]
        );
    }
}
