//! What a search is asked for and what it found: plain data.

use std::ops::Range;
use std::time::Duration;

use crate::entry::{Difficulty, Entry};
use crate::facets::{FacetCounts, FacetField, Filter};
use crate::message::ErrorIdentity;
use crate::snippet::Snippet;

pub use crate::rank::exactness::Rung;
pub use crate::work::{Phases, Work};

/// What to return of a search, and what to search in.
#[derive(Debug, Clone)]
pub struct SearchOptions {
    /// How many hits to return at most.
    pub limit: usize,
    /// How many hits to leave out before the first one returned.
    pub offset: usize,
    /// Filters; an entry must pass all of them, and those that the query itself names.
    pub filters: Vec<Filter>,
    /// The facets to count.
    pub facets: Vec<FacetField>,
    /// How many values of a facet are returned at most, beside those that filters name; difficulties and topics are returned all.
    /// All of some ten thousand tags take longer to be named and put in order than to be counted.
    pub facet_values: usize,
    /// The order of the hits.
    pub sort: Sort,
    /// Whether each hit says how its score came about.
    pub explain: bool,
    /// Whether the best candidates are scored again by what a sum over words cannot see. Without, the order is that of BM25
    /// alone: for measuring what the second phase brings and costs.
    pub rerank: bool,
    /// Whether a text that is the output of something that failed is read as an error: its message counts, the paths,
    /// times and names in it do not.
    pub reads_errors: bool,
}

impl Default for SearchOptions {
    fn default() -> Self {
        SearchOptions {
            limit: 10,
            offset: 0,
            filters: Vec::new(),
            facets: Vec::new(),
            facet_values: usize::MAX,
            sort: Sort::Relevance,
            explain: false,
            rerank: true,
            reads_errors: true,
        }
    }
}

/// The order of hits. Ties fall in the order of the entries' ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// Best match first.
    #[default]
    Relevance,
    /// Most votes first; entries without votes last.
    Score,
    /// Last changed first; entries without a date last.
    Updated,
    /// Easiest first; entries without a difficulty last.
    Difficulty,
    /// In the order of the ids.
    Id,
}

/// What a search found.
#[derive(Debug, Clone)]
pub struct SearchResults {
    /// The query as it was typed.
    pub query: String,
    /// The query as it was understood.
    pub read_as: String,
    /// What identifies the error that the query is, if it was read as one.
    pub error: Option<ErrorIdentity>,
    /// What is odd about the query, and how it was taken. [`crate::query::parse`] has the places of what it finds odd.
    pub warnings: Vec<String>,
    /// A query that is more likely to be meant, if there is one.
    pub suggestion: Option<String>,
    /// What was searched for in place of words that no entry has.
    pub corrections: Vec<Correction>,
    /// Of a search that found nothing: the demands without any one of which it finds something, or if no single one
    /// stands in the way, all filters together.
    pub relaxations: Vec<Relaxation>,
    /// How many entries match: exactly, unless a warning says that only the best were checked for text as it stands.
    pub total: u64,
    /// How long the search took, from the typed text to these results.
    pub took: Duration,
    /// How long its parts took.
    pub phases: Phases,
    /// What it read and scored.
    pub work: Work,
    /// The hits, best first.
    pub hits: Vec<Hit>,
    /// The counts of the facets asked for, in the order of the asking.
    pub facets: Vec<FacetCounts>,
}

/// A word that no entry has, and what was searched for in its place.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Correction {
    /// What was typed.
    pub typed: String,
    /// What was searched for.
    pub meant: String,
}

/// What a search may do without, and what it finds then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relaxation {
    /// What is given up, each as the query language writes it: `difficulty:hard`, `-tag:async`, `"weak reference"`.
    pub without: Vec<String>,
    /// How many entries match without it.
    pub total: u64,
}

/// One entry that matches.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The hit's place, counted from 1 over all pages.
    pub rank: usize,
    /// The score; comparable within one result only. 0 when nothing but filters was asked.
    pub score: f32,
    /// The whole entry.
    pub entry: Entry,
    /// Where query words stand in the entry's title: sorted, disjoint, on char boundaries.
    pub title_highlights: Vec<Range<usize>>,
    /// The passage that answers best.
    pub snippet: Snippet,
    /// The code block that answers best, whole.
    pub code: Option<Snippet>,
    /// The sentence before that block, where prose leads to it.
    pub code_lead: Option<Snippet>,
    /// The query's words that the entry lacks, as typed.
    pub missing: Vec<String>,
    /// How exactly the entry has each name of the query, in the order of the query.
    pub names: Vec<NamedMatch>,
    /// How the score came about, when asked for.
    pub explanation: Option<Vec<Contribution>>,
}

/// How exactly an entry has a name of the query.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct NamedMatch {
    /// The name as typed.
    pub name: String,
    /// How exactly the entry has it.
    pub rung: Rung,
}

/// One part of a hit's score.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// What contributed: a query word in a field, or a named signal.
    pub signal: String,
    /// What it added to the score.
    pub score: f32,
    /// How it came to that, in words and figures.
    pub detail: String,
}

/// Figures about an index.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Stats {
    /// How many entries it holds.
    pub entries: u64,
    /// How many of them by difficulty; entries without one are not counted.
    pub difficulties: Vec<(Difficulty, u64)>,
    /// How many of them by format.
    pub formats: Vec<(String, u64)>,
    /// How many distinct terms its text has.
    pub terms: u64,
    /// How many tokens its text has.
    pub tokens: u64,
    /// Its size on disk in bytes.
    pub bytes: u64,
    /// What these bytes are for, largest first; the heads of files are in none.
    pub parts: Vec<SizePart>,
    /// When it was built, in seconds since 1970.
    pub built_unix_seconds: u64,
    /// The paths it was built from.
    pub paths: Vec<String>,
    /// The format version of its files.
    pub format_version: u32,
    /// The version of the analysis of its text.
    pub analysis_version: u32,
}

/// A part of an index by what it is for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SizePart {
    /// `entries` as they are stored, `dictionaries` of terms, `postings` (which entries have a term), `positions` (where they
    /// have it), `lengths` of texts, `columns` of values to filter, sort and count by, or `deletions`.
    pub part: &'static str,
    /// Its size in bytes.
    pub bytes: u64,
    /// The bytes of each field that has some, largest first; none where the part is of no field.
    pub fields: Vec<(String, u64)>,
}
