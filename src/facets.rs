//! Facets: the fields that a search can be narrowed by, and how many entries each of their values has.

mod columns;
mod counting;
mod filters;
mod near;

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::query::Operand;

pub(crate) use columns::KeptColumns;
pub(crate) use counting::{Asked, column_counts, count};
pub(crate) use filters::{Group, groups, matching, resolve};
pub(crate) use near::near;

/// A field that entries can be narrowed by and counted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FacetField {
    /// `easy`, `medium` or `hard`.
    Difficulty,
    /// The hierarchy of topics: an entry counts for its topic and for everything above it.
    Topic,
    /// Language, library or field.
    Framework,
    /// The source's tags.
    Tag,
    /// Languages of the entry's code blocks.
    Lang,
    /// The file the entry was read from; a filter may also name a folder above it.
    Source,
}

impl FacetField {
    /// Every facet, in the order in which they are shown.
    pub const ALL: [FacetField; 6] = [
        FacetField::Difficulty,
        FacetField::Topic,
        FacetField::Framework,
        FacetField::Tag,
        FacetField::Lang,
        FacetField::Source,
    ];

    /// Returns the name used on the command line, in queries and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            FacetField::Difficulty => "difficulty",
            FacetField::Topic => "topic",
            FacetField::Framework => "framework",
            FacetField::Tag => "tag",
            FacetField::Lang => "lang",
            FacetField::Source => "source",
        }
    }
}

impl fmt::Display for FacetField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for FacetField {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Self, String> {
        let known = FacetField::ALL
            .into_iter()
            .find(|field| field.as_str() == name);
        known.ok_or_else(|| {
            let names = FacetField::ALL.map(FacetField::as_str).join("`, `");
            format!("no facet is called `{name}`; expected one of `{names}`")
        })
    }
}

/// A filter on one facet: an entry passes when it has any of the values, or with `excluded` when it has none. Case does
/// not matter, and a topic may be named by its last steps: `internals` for `/python/internals`.
///
/// [`Display`](fmt::Display) writes it in the query language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The facet.
    pub field: FacetField,
    /// The values; an entry needs one of them.
    pub values: Vec<String>,
    /// Whether entries with one of the values are left out instead.
    pub excluded: bool,
}

impl Filter {
    /// Returns a filter that lets pass what has any of the values.
    pub fn any_of(field: FacetField, values: Vec<String>) -> Self {
        Filter {
            field,
            values,
            excluded: false,
        }
    }

    /// Returns a filter that lets pass what has none of the values.
    pub fn none_of(field: FacetField, values: Vec<String>) -> Self {
        Filter {
            field,
            values,
            excluded: true,
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.excluded { "-" } else { "" };
        let operand = Operand::Facet {
            field: self.field,
            values: self.values.clone(),
        };
        write!(f, "{sign}{operand}")
    }
}

/// How many entries each value of a facet has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCounts {
    /// The facet.
    pub field: FacetField,
    /// The values that at least one entry has, and those that filters name: `easy < medium < hard` for difficulty, paths for
    /// topics, each followed by what is below it, and the most frequent first for the others.
    pub values: Vec<FacetValue>,
    /// How many more values there are, where [`SearchOptions::facet_values`](crate::search::SearchOptions::facet_values) leaves
    /// some out.
    pub more: usize,
}

/// One value of a facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// The value as most of its entries write it.
    pub value: String,
    /// How many entries have it and match the query, pass every filter on the other facets, and have no excluded value
    /// of this one; of an excluded value, how many entries only the filters on this facet keep out.
    pub count: u64,
    /// Whether a filter of the search names it.
    pub selected: bool,
    /// Whether a filter of the search excludes it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub excluded: bool,
}
