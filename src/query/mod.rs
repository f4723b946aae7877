//! Queries: what a typed text means. Parsing never fails; any text is a good query.
//!
//! Text is data unless it is plainly an operator:
//!
//! | typed | an entry … |
//! | --- | --- |
//! | `weakref cache` | with either word is a hit, with both a better one |
//! | `"weak reference"` | must have these words next to each other, in any form |
//! | `"std::move"`, `"leaks"` | must have this as it stands: there are signs in it, or it is one word |
//! | `code:"std::move("` | must have this in its code, as it stands |
//! | `title:cache`, `title:"weak reference"` | must have the words in its title |
//! | `difficulty:hard`, `tag:async,await`, `topic:python/internals` | must have one of the values |
//! | `[python]` | must have the tag, if any entry has it |
//! | `score:>=5`, `after:2020`, `before:2021-06` | must have the votes, or the date of its last change |
//! | `is:accepted`, `is:answered` | must have an accepted answer, or any |
//! | `a OR b` | must have one of the two |
//! | `a NOT b`, `-"a phrase"`, `-[tag]`, `-tag:async` | must not have it |
//!
//! A text of several lines, or with dozens of operators, is a paste, and data throughout. In an error message, in code,
//! in a sentence of four words and in a text of six, quotes are data; in a sentence, in SQL, and in a text in capitals,
//! so are `OR` and `NOT`.
//!
//! A search reads 64 KiB whole, not counting the news around an error; of a longer text it takes the first 48 and the last
//! 16 KiB, and warns of it.

pub(crate) mod compile;
mod field;
mod parse;
#[cfg(test)]
mod tests;
pub(crate) mod vocabulary;

use std::fmt;
use std::ops::Range;

use crate::facets::FacetField;

pub use parse::parse;
pub use vocabulary::{Vocabulary, VocabularyError};

/// A query as it was understood. [`Display`](fmt::Display) writes it in the query language: parsing that gives the
/// same query again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// What is asked for, in the order of the text.
    pub clauses: Vec<Clause>,
}

/// One demand of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Whether an entry must *not* have it.
    pub excluded: bool,
    /// What is demanded: one operand, or several joined by `OR`. Never empty.
    pub any_of: Vec<Operand>,
}

/// What an entry may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// Words, names and operators as typed, with single blanks between them; a pasted text keeps its line breaks.
    /// Alone they are wanted, not required; joined by `OR` there is one word in each.
    Words(String),
    /// Words that stand next to each other.
    Phrase(String),
    /// A piece of code, as it stands.
    Code(String),
    /// Words next to each other in the title.
    Title {
        /// The words.
        text: String,
        /// Whether they are meant as they stand, and not in any form.
        quoted: bool,
    },
    /// A value of a facet; one of several.
    Facet {
        /// The facet.
        field: FacetField,
        /// The values, at least one.
        values: Vec<String>,
    },
    /// `[python]`, as Stack Overflow writes a tag. Text where no entry has the tag.
    Tag(String),
    /// Votes.
    Score(Comparison, i64),
    /// Changed at a date or later: `2020`, `2020-06` or `2020-06-30`.
    After(String),
    /// Changed before a date.
    Before(String),
    /// Has an accepted answer.
    Accepted,
    /// Has an answer.
    Answered,
}

/// How a number compares with another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
}

/// What [`parse()`] makes of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The query.
    pub query: Query,
    /// The bytes of the typed text that are no plain words: phrases, fields, tags, `OR` and `NOT`, in order.
    pub operators: Vec<Range<usize>>,
    /// What looks like an operator and is taken as text, in the order of the text.
    pub warnings: Vec<Warning>,
}

/// Something odd about a query, which is answered all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The bytes of the typed text that are odd.
    pub span: Range<usize>,
    /// What is odd, and how it was taken.
    pub message: String,
    /// What may be meant in its place.
    pub suggestion: Option<String>,
}

impl Query {
    /// Returns whether nothing but text was understood.
    pub fn is_plain(&self) -> bool {
        let is_text = |clause: &Clause| matches!(clause.any_of[..], [Operand::Words(_)]);
        self.clauses.iter().all(is_text)
    }

    /// Returns the text of a query that is nothing but one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self.clauses.as_slice() {
            [
                Clause {
                    excluded: false,
                    any_of,
                },
            ] => match any_of.as_slice() {
                [Operand::Words(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns how many operands there are that are not plain text, each value of a list counted.
    fn operators(&self) -> usize {
        let operators = |clause: &Clause| match clause.any_of.as_slice() {
            [Operand::Words(_)] => 0,
            [Operand::Facet { values, .. }] => values.len(),
            any_of => any_of.len(),
        };
        self.clauses.iter().map(operators).sum()
    }
}

impl Clause {
    /// Returns a clause that demands one thing.
    pub(crate) fn of(operand: Operand) -> Self {
        Clause {
            excluded: false,
            any_of: vec![operand],
        }
    }
}

impl Operand {
    /// Returns whether it is about the text of an entry, and not about what is said of the entry.
    pub(crate) fn is_text(&self) -> bool {
        matches!(
            self,
            Operand::Words(_) | Operand::Phrase(_) | Operand::Code(_) | Operand::Title { .. }
        )
    }
}

impl Comparison {
    /// Every comparison with its sign, longer signs first.
    const SIGNS: [(&'static str, Comparison); 5] = [
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("<", Comparison::Below),
        (">", Comparison::Above),
        ("=", Comparison::Equal),
    ];

    /// Returns whether `left` stands in this relation to `right`.
    pub fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Comparison::Below => left < right,
            Comparison::AtMost => left <= right,
            Comparison::Equal => left == right,
            Comparison::AtLeast => left >= right,
            Comparison::Above => left > right,
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, clause) in self.clauses.iter().enumerate() {
            let blank = if place > 0 { " " } else { "" };
            write!(f, "{blank}{clause}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.excluded {
            f.write_str("-")?;
        }
        for (place, operand) in self.any_of.iter().enumerate() {
            let joint = if place > 0 { " OR " } else { "" };
            write!(f, "{joint}{operand}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operand::Words(text) => f.write_str(text),
            Operand::Phrase(text) => write!(f, "\"{text}\""),
            // Only what was typed without quotes can hold one, and has no blank.
            Operand::Code(text) if text.contains('"') => write!(f, "code:{text}"),
            Operand::Code(text) => write!(f, "code:\"{text}\""),
            Operand::Title { text, quoted: true } => write!(f, "title:\"{text}\""),
            Operand::Title { text, .. } => write!(f, "title:{text}"),
            Operand::Facet { field, values } => {
                for (place, value) in values.iter().enumerate() {
                    match place {
                        0 => write!(f, "{field}:")?,
                        _ => f.write_str(",")?,
                    }
                    let is_bare = !value.starts_with(['"', ':'])
                        && !value.contains(|c: char| c == ',' || c.is_whitespace());
                    if is_bare {
                        f.write_str(value)?;
                    } else {
                        write!(f, "\"{value}\"")?;
                    }
                }
                Ok(())
            }
            Operand::Tag(tag) => write!(f, "[{tag}]"),
            Operand::Score(comparison, score) => write!(f, "score:{comparison}{score}"),
            Operand::After(date) => write!(f, "after:{date}"),
            Operand::Before(date) => write!(f, "before:{date}"),
            Operand::Accepted => f.write_str("is:accepted"),
            Operand::Answered => f.write_str("is:answered"),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = Comparison::SIGNS.iter().find(|(_, known)| known == self);
        f.write_str(sign.map_or("", |(sign, _)| sign))
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; did you mean `{suggestion}`?"),
            None => Ok(()),
        }
    }
}
