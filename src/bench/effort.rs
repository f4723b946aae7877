//! Where the time of a search went, and what it read for it.

use std::ops::AddAssign;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::search::{Phases, Work};

/// How long the parts of a search took, in microseconds; or a mean over searches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Parts {
    /// Understanding the query, looking its terms up, and finding what may be meant instead.
    pub look_up_us: f64,
    /// Scoring every entry that has a term.
    pub candidates_us: f64,
    /// Scoring the best again.
    pub rerank_us: f64,
    /// Counting facets.
    pub facets_us: f64,
    /// Reading the entries that are shown, and choosing their passages and code.
    pub snippets_us: f64,
    /// Drawing the results; 0 where nothing drew them.
    pub render_us: f64,
}

/// A part of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// See [`Parts::look_up_us`].
    LookUp,
    /// See [`Parts::candidates_us`].
    Candidates,
    /// See [`Parts::rerank_us`].
    Rerank,
    /// See [`Parts::facets_us`].
    Facets,
    /// See [`Parts::snippets_us`].
    Snippets,
    /// See [`Parts::render_us`].
    Render,
}

impl Part {
    /// Every part, in the order in which a search goes through them.
    pub const ALL: [Part; 6] = [
        Part::LookUp,
        Part::Candidates,
        Part::Rerank,
        Part::Facets,
        Part::Snippets,
        Part::Render,
    ];

    /// Returns the name used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Part::LookUp => "look-up",
            Part::Candidates => "candidates",
            Part::Rerank => "rerank",
            Part::Facets => "facets",
            Part::Snippets => "snippets",
            Part::Render => "render",
        }
    }
}

impl Parts {
    pub(super) fn new(phases: &Phases, render: Duration) -> Self {
        let [
            look_up_us,
            candidates_us,
            rerank_us,
            facets_us,
            snippets_us,
            render_us,
        ] = [
            phases.look_up,
            phases.candidates,
            phases.rerank,
            phases.facets,
            phases.snippets,
            render,
        ]
        .map(super::microseconds);
        Parts {
            look_up_us,
            candidates_us,
            rerank_us,
            facets_us,
            snippets_us,
            render_us,
        }
    }

    /// Returns how long a part took, in microseconds.
    pub fn of(&self, part: Part) -> f64 {
        match part {
            Part::LookUp => self.look_up_us,
            Part::Candidates => self.candidates_us,
            Part::Rerank => self.rerank_us,
            Part::Facets => self.facets_us,
            Part::Snippets => self.snippets_us,
            Part::Render => self.render_us,
        }
    }

    /// Returns the share of a part in all of them, from 0 to 1.
    pub fn share(&self, part: Part) -> f64 {
        let whole: f64 = Part::ALL.into_iter().map(|part| self.of(part)).sum();
        if whole > 0.0 {
            self.of(part) / whole
        } else {
            0.0
        }
    }

    /// Returns the part of a search, drawing left out, that took longest.
    pub fn largest(&self) -> Part {
        let parts = Part::ALL.into_iter().filter(|part| *part != Part::Render);
        parts
            .max_by(|left, right| self.of(*left).total_cmp(&self.of(*right)))
            .unwrap_or(Part::LookUp)
    }

    pub(super) fn divided(self, by: f64) -> Self {
        Parts {
            look_up_us: self.look_up_us / by,
            candidates_us: self.candidates_us / by,
            rerank_us: self.rerank_us / by,
            facets_us: self.facets_us / by,
            snippets_us: self.snippets_us / by,
            render_us: self.render_us / by,
        }
    }
}

impl AddAssign for Parts {
    fn add_assign(&mut self, other: Parts) {
        self.look_up_us += other.look_up_us;
        self.candidates_us += other.candidates_us;
        self.rerank_us += other.rerank_us;
        self.facets_us += other.facets_us;
        self.snippets_us += other.snippets_us;
        self.render_us += other.render_us;
    }
}

/// What searches read and scored, as a mean: see [`Work`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct MeanWork {
    /// Blocks of postings that were read.
    pub blocks_decoded: f64,
    /// Postings that added to a score.
    pub postings_scored: f64,
    /// Entries that have a term of the query.
    pub entries_matched: f64,
    /// Entries among them that pass the filters.
    pub entries_passed: f64,
    /// Candidates that were scored again.
    pub candidates_reranked: f64,
    /// Places of words that were read.
    pub positions_read: f64,
    /// Stored entries that were read.
    pub entries_read: f64,
}

impl MeanWork {
    /// Returns the mean of what some searches did; zeros for none.
    pub(super) fn of<'a>(searches: impl Iterator<Item = &'a Work>) -> Self {
        let (mut all, mut count) = (Work::default(), 0);
        for work in searches {
            all += *work;
            count += 1;
        }
        let mean = |sum: u64| sum as f64 / f64::from(count.max(1));
        MeanWork {
            blocks_decoded: mean(all.blocks_decoded),
            postings_scored: mean(all.postings_scored),
            entries_matched: mean(all.entries_matched),
            entries_passed: mean(all.entries_passed),
            candidates_reranked: mean(all.candidates_reranked),
            positions_read: mean(all.positions_read),
            entries_read: mean(all.entries_read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_all_parts_and_the_largest_is_of_the_search() {
        let parts = Parts {
            candidates_us: 30.0,
            snippets_us: 10.0,
            render_us: 60.0,
            ..Parts::default()
        };
        assert_eq!(parts.share(Part::Candidates), 0.3);
        assert_eq!(parts.largest(), Part::Candidates);
        let whole: f64 = Part::ALL.into_iter().map(|part| parts.share(part)).sum();
        assert!((whole - 1.0).abs() < 1e-9);
        assert_eq!(Parts::default().share(Part::Facets), 0.0);
    }
}
