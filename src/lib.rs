//! A search engine for programming questions and answers.

pub mod body;
pub mod corpus;
mod entry;
mod error;

pub use entry::{Answer, Difficulty, Entry, Format, Link, Page, Source, Topic};
pub use error::{Error, Result};
