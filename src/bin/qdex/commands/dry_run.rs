//! `qdex index --dry-run`: what a corpus would give, file by file.

use std::fmt::Write as _;
use std::path::PathBuf;

use qdex::Entry;
use qdex::corpus::{Corpus, Item, Outline, ReadOptions};

use super::index::count;
use crate::Status;
use crate::render::Output;
use crate::render::terminal::clean;
use crate::report::{self, Failure};

/// How many questions of a file are printed.
const QUESTIONS_SHOWN: usize = 3;

/// How many headings that belong to no question are printed.
const LEFT_OVER_SHOWN: usize = 5;

pub(super) fn run(
    paths: &[PathBuf],
    read: ReadOptions,
    output: &mut Output,
) -> Result<Status, Failure> {
    let read = ReadOptions {
        outline: true,
        ..read
    };
    let mut corpus = Corpus::open(paths, read)?;
    let mut file = File::default();
    let mut total = 0;
    loop {
        let item = corpus.next();
        // Outlines come no later than the entries of their file.
        for outline in corpus.outlines() {
            file.print(output)?;
            file = File {
                path: outline.path.clone(),
                outline: Some(outline),
                ..File::default()
            };
        }
        match item {
            None => break,
            Some(Item::Problem(problem)) => report::warning(&problem.to_string()),
            Some(Item::Entry(entry)) => {
                if entry.source.path != file.path {
                    file.print(output)?;
                    file = File {
                        path: entry.source.path.clone(),
                        ..File::default()
                    };
                }
                total += 1;
                file.add(&entry);
            }
        }
    }
    file.print(output)?;
    report::note(&format!(
        "{} in all; nothing was written",
        count(total, "entry")
    ));
    Ok(if total == 0 {
        Status::Nothing
    } else {
        Status::Found
    })
}

/// What was found in a file.
#[derive(Default)]
struct File {
    path: String,
    outline: Option<Outline>,
    format: Option<String>,
    entries: u64,
    first: Vec<String>,
}

impl File {
    fn add(&mut self, entry: &Entry) {
        self.entries += 1;
        self.format
            .get_or_insert_with(|| entry.source.format.to_string());
        if self.first.len() < QUESTIONS_SHOWN {
            self.first.push(entry.title.clone());
        }
    }

    fn print(&self, output: &mut Output) -> Result<(), Failure> {
        if self.path.is_empty() {
            return Ok(());
        }
        let outline = self.outline.as_ref();
        let convention = outline
            .and_then(|outline| outline.convention.clone())
            .or_else(|| self.format.clone())
            .unwrap_or_else(|| "no convention fits".to_owned());
        let mut text = format!(
            "{}: {}, {convention}\n",
            clean(&self.path),
            count(self.entries, "entry")
        );
        for title in &self.first {
            let _ = writeln!(text, "  {}", clean(title));
        }
        let left_over = outline.map_or(&[][..], |outline| &outline.left_over);
        for (line, title, reason) in left_over.iter().take(LEFT_OVER_SHOWN) {
            let _ = writeln!(text, "  left out: {line}: {} ({reason})", clean(title));
        }
        if left_over.len() > LEFT_OVER_SHOWN {
            let more = left_over.len() - LEFT_OVER_SHOWN;
            let _ = writeln!(text, "  left out: {}", count(more as u64, "more heading"));
        }
        Ok(output.write(&text)?)
    }
}
