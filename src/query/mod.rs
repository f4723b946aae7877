//! Queries: what a typed text means, and which terms it asks for. Parsing never fails; any text is a good query.

pub(crate) mod compile;

use std::fmt;

/// A query as it was understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// The words, names and operators to look for, as typed. The first of several lines counts as a title.
    pub text: String,
}

/// Returns what a typed text means. Total: any text gives a query.
pub fn parse(text: &str) -> Query {
    Query {
        text: text.trim().to_owned(),
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}
