//! What a search did, counted, and how long its parts took.

use std::ops::AddAssign;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// What a search read and scored. The same search of the same files does the same work on every machine, so that a change that
/// makes searches do more is seen without a clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Blocks of postings, of up to 128 each, that were read to the end for candidates.
    pub blocks_decoded: u64,
    /// Postings that added to a score.
    pub postings_scored: u64,
    /// Entries that have a term of the query and were seen to, whether they pass the filters or not.
    pub entries_matched: u64,
    /// Entries among them that pass the filters.
    pub entries_passed: u64,
    /// Candidates that were scored again.
    pub candidates_reranked: u64,
    /// Places of words that were read in postings: for phrases, names, and what stands near what.
    pub positions_read: u64,
    /// Stored entries that were read: those that are shown, and those in which text was looked for as it stands.
    pub entries_read: u64,
}

impl AddAssign for Work {
    fn add_assign(&mut self, other: Work) {
        self.blocks_decoded += other.blocks_decoded;
        self.postings_scored += other.postings_scored;
        self.entries_matched += other.entries_matched;
        self.entries_passed += other.entries_passed;
        self.candidates_reranked += other.candidates_reranked;
        self.positions_read += other.positions_read;
        self.entries_read += other.entries_read;
    }
}

/// How long the parts of a search took. They make up nearly all of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// Understanding the query, filters and phrases, looking its terms up, and finding what may be meant instead.
    pub look_up: Duration,
    /// Scoring every entry that has a term.
    pub candidates: Duration,
    /// Scoring the best again, or putting them in the order that was asked for.
    pub rerank: Duration,
    /// Counting facets.
    pub facets: Duration,
    /// Reading the entries that are shown, and choosing their passages and code.
    pub snippets: Duration,
}

/// Counts what a search does and times its parts, one after the other.
pub(crate) struct Meter {
    pub(crate) work: Work,
    pub(crate) phases: Phases,
    started: Instant,
    last: Instant,
}

impl Meter {
    /// Returns a meter that starts now.
    pub(crate) fn start() -> Self {
        let now = Instant::now();
        Meter {
            work: Work::default(),
            phases: Phases::default(),
            started: now,
            last: now,
        }
    }

    /// Adds the time since the last call to a phase.
    pub(crate) fn lap(&mut self, phase: fn(&mut Phases) -> &mut Duration) {
        let now = Instant::now();
        *phase(&mut self.phases) += now - self.last;
        self.last = now;
    }

    /// Returns the time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}
