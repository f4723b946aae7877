//! A scan of the whole text for any of the words, as grep would: no ranking, no ten best, nothing kept between questions.
//!
//! In its favour: the text is one piece of memory, and the first ten lines that match would do, but all are counted, as qdex counts.

use std::path::Path;

use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{Searcher, SearcherBuilder, Sink, SinkMatch};
use qdex::bench::Class;

use crate::corpus::{Question, Source, Text};
use crate::engines::Engine;

pub(crate) struct Scan {
    text: Vec<u8>,
}

impl Scan {
    pub(crate) fn build(dir: &Path, source: &Source, count: usize) {
        use std::io::Write;
        std::fs::create_dir_all(dir).expect("the folder can be written");
        let file =
            std::fs::File::create(dir.join("corpus.txt")).expect("the folder can be written");
        let mut file = std::io::BufWriter::new(file);
        source.for_each(count, |entry| {
            let text = Text::from(entry);
            writeln!(file, "{}\n{}\n", text.title, text.body).expect("the folder can be written");
        });
        file.flush().expect("the folder can be written");
    }

    pub(crate) fn open(dir: &Path) -> Self {
        Scan {
            text: std::fs::read(dir.join("corpus.txt")).expect("it was just written"),
        }
    }
}

/// Returns what to search for: any of the words, or all of them side by side.
pub(crate) fn pattern(question: &Question) -> String {
    if question.is_phrase() {
        return question.words.join(r"\W+");
    }
    format!(r"\b({})\b", question.content.join("|"))
}

impl Engine for Scan {
    fn name(&self) -> &str {
        "grep"
    }

    fn ranks(&self) -> bool {
        false
    }

    fn answer(&mut self, question: &Question) -> Option<Vec<String>> {
        if question.filter().is_some()
            || matches!(
                question.query.class,
                Class::Misspelt | Class::Paste | Class::AsYouType
            )
        {
            return None;
        }
        let matcher: RegexMatcher = RegexMatcherBuilder::new()
            .case_insensitive(true)
            .build(&pattern(question))
            .expect("words make a pattern");
        let mut lines = Lines::default();
        let mut searcher = SearcherBuilder::new().line_number(false).build();
        let searched = searcher.search_slice(&matcher, &self.text, &mut lines);
        searched.expect("memory can be read");
        std::hint::black_box(lines.count);
        Some(lines.first)
    }
}

/// Counts the lines that match, and keeps the first ten.
#[derive(Default)]
struct Lines {
    count: u64,
    first: Vec<String>,
}

impl Sink for Lines {
    type Error = std::io::Error;

    fn matched(&mut self, _: &Searcher, line: &SinkMatch<'_>) -> Result<bool, Self::Error> {
        self.count += 1;
        if self.first.len() < 10 {
            let text = String::from_utf8_lossy(line.bytes());
            self.first.push(text.trim_end().to_owned());
        }
        Ok(true)
    }
}
