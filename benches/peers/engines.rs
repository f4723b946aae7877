//! What an engine is to this bench, and qdex itself.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use qdex::{Index, Indexer, Searcher};

use crate::corpus::{Question, Source};

/// An engine over one corpus.
pub(crate) trait Engine {
    fn name(&self) -> &str;

    /// Returns whether its best come first.
    fn ranks(&self) -> bool {
        true
    }

    /// Answers a question: finds the ten best entries and what is to be shown of them. Returns their titles, best first, or
    /// `None` when the engine does not do such questions.
    fn answer(&mut self, question: &Question) -> Option<Vec<String>>;

    /// Answers a question and says how long it took.
    fn timed(&mut self, question: &Question) -> Option<(Vec<String>, Duration)> {
        let started = Instant::now();
        let titles = self.answer(question)?;
        Some((titles, started.elapsed()))
    }
}

/// qdex: exact totals, two phases, passages and code.
pub(crate) struct Qdex {
    pub(crate) searcher: Searcher,
}

impl Qdex {
    pub(crate) fn build(dir: &Path, source: &Source, count: usize) {
        let mut indexer =
            Indexer::create(dir, Default::default()).expect("the folder can be written");
        source.for_each(count, |entry| {
            indexer
                .add(entry.clone())
                .expect("the folder can be written");
        });
        indexer.commit().expect("the folder can be written");
    }

    pub(crate) fn open(dir: &Path) -> Self {
        Qdex {
            searcher: Searcher::new(Index::open(dir).expect("it was just built")),
        }
    }
}

impl Engine for Qdex {
    fn name(&self) -> &str {
        "qdex"
    }

    fn answer(&mut self, question: &Question) -> Option<Vec<String>> {
        let options = question.query.options();
        let results = self.searcher.search(&question.query.text, &options);
        let results = black_box(results.expect("the index can be read"));
        Some(
            results
                .hits
                .into_iter()
                .map(|hit| hit.entry.title)
                .collect(),
        )
    }
}
