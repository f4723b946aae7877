//! A search engine for programming questions and answers.

mod accumulate;
mod analysis;
pub mod body;
pub mod corpus;
mod entry;
mod error;
pub mod evaluate;
pub mod facets;
pub mod index;
pub mod query;
mod rank;
mod schema;
pub mod search;
pub mod snippet;

pub use entry::{Answer, Difficulty, Entry, Format, Link, Page, Source, Topic};
pub use error::{Error, Result};
pub use facets::{FacetField, Filter};
pub use index::{Index, Indexer};
pub use search::{Hit, SearchOptions, SearchResults, Searcher, Sort};
