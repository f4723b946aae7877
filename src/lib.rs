//! qdex is a search engine for programming questions and answers: it reads a Q&A corpus, keeps it in an index on disk,
//! and answers any text a developer pastes with ranked questions, the passage that answers, and the code, whole.
//!
//! ```
//! use qdex::{Answer, Entry, Index, Indexer, SearchOptions, Searcher};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let dir = std::env::temp_dir().join(format!("qdex-example-{}", std::process::id()));
//! let mut indexer = Indexer::create(&dir, Default::default())?;
//! indexer.add(Entry {
//!     id: "cpp#move".to_owned(),
//!     title: "What does std::move do?".to_owned(),
//!     answers: vec![Answer {
//!         blocks: qdex::body::from_markdown("Nothing at run time: it is a cast.\n\n```cpp\nauto b = std::move(a);\n```"),
//!         ..Answer::default()
//!     }],
//!     ..Entry::default()
//! })?;
//! indexer.commit()?;
//!
//! let searcher = Searcher::new(Index::open(&dir)?);
//! let results = searcher.search("std::move(x)", &SearchOptions::default())?;
//! assert_eq!(results.hits[0].entry.id, "cpp#move");
//! assert_eq!(results.hits[0].code.as_ref().map(|code| code.text.as_str()), Some("auto b = std::move(a);"));
//! # std::fs::remove_dir_all(&dir)?;
//! # Ok(())
//! # }
//! ```
//!
//! The modules in reading order: an [`entry`](Entry) is a question with its answers, whose texts are
//! [`body`] blocks; [`corpus`] reads entries out of files; [`index`] keeps them; [`query`] says what a typed text
//! means; [`search`] ranks, with [`facets`] to narrow and [`snippet`]s to show; [`evaluate`] measures the ranking,
//! and [`mod@bench`] the speed.
//!
//! The library does not print, read the environment, or exit.

mod entry;
mod error;

pub mod body;
pub mod corpus;

mod analysis;
pub mod index;
pub mod message;
mod schema;

mod accumulate;
pub mod facets;
mod idle;
mod letters;
pub mod query;
mod rank;
pub mod search;
pub mod snippet;
mod varint;
mod work;

pub mod bench;
pub mod duplicates;
pub mod evaluate;

pub use entry::{
    Answer, Author, Difficulty, Entry, Format, Link, LinkKind, Page, Source, Topic, is_date,
};
pub use error::{Error, Result};
pub use facets::{FacetField, Filter};
pub use index::{Index, Indexer};
pub use search::{Hit, Rung, SearchOptions, SearchResults, Searcher, Sort};
