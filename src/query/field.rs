//! `field:value`: the known fields, and how their values are written.

use std::ops::Range;

use super::parse::MAX_OPERATORS;
use super::{Comparison, Operand, Warning};
use crate::entry::{self, Difficulty};
use crate::facets::{self, FacetField};

/// What a word that begins with the name of a field turns out to be.
pub(super) enum Field {
    /// An operand that ends before a byte. `negated` when the value says no: `hasaccepted:no`.
    Operand {
        operand: Operand,
        negated: bool,
        end: usize,
        warning: Option<Warning>,
    },
    /// Text, since the value cannot be one of the field's.
    Text(Warning),
}

/// The fields that are no facets.
const OTHERS: [&str; 7] = [
    "title",
    "code",
    "is",
    "hasaccepted",
    "score",
    "after",
    "before",
];

/// Returns the field that begins at a word, with its value, if a known one does.
pub(super) fn read(text: &str, word: Range<usize>) -> Option<Field> {
    let name = |name: &str| {
        let value = text[word.clone()].strip_prefix(name)?.strip_prefix(':')?;
        // `title: x` is prose, `source::x` a path through names.
        (!value.is_empty() && !value.starts_with(':')).then_some(word.end - value.len())
    };
    for field in FacetField::ALL {
        if let Some(at) = name(field.as_str()) {
            return facet(text, field, word, at);
        }
    }
    let (field, at) = OTHERS
        .into_iter()
        .find_map(|field| Some((field, name(field)?)))?;
    if field == "title" || field == "code" {
        return literal(text, field, word, at);
    }
    let value = &text[at..word.end];
    let (operand, negated) = match field {
        "is" => (is(value), false),
        "hasaccepted" => {
            let negated = matches!(value, "no" | "false" | "0");
            let is_known = negated || matches!(value, "yes" | "true" | "1");
            (is_known.then_some(Operand::Accepted), negated)
        }
        "score" => (score(value), false),
        "after" => (
            entry::is_date(value).then(|| Operand::After(value.into())),
            false,
        ),
        _ => (
            entry::is_date(value).then(|| Operand::Before(value.into())),
            false,
        ),
    };
    let end = word.end;
    Some(match operand {
        Some(operand) => Field::Operand {
            operand,
            negated,
            end,
            warning: None,
        },
        None => Field::Text(odd_value(field, value, word)),
    })
}

fn odd_value(field: &str, value: &str, word: Range<usize>) -> Warning {
    let (expected, near) = match field {
        "is" => {
            let known = ["accepted".to_owned(), "answered".to_owned()];
            let near = facets::near(value, known.iter()).into_iter().next();
            ("`accepted` or `answered`", near)
        }
        "hasaccepted" => ("`yes` or `no`", None),
        "score" => ("a number, as in `score:>=5`", None),
        _ => ("a date, as in `2020`, `2020-06` or `2020-06-30`", None),
    };
    Warning {
        span: word,
        message: format!("`{field}:{value}` is searched for as text: expected {expected}"),
        suggestion: near.map(|near| format!("{field}:{near}")),
    }
}

fn is(value: &str) -> Option<Operand> {
    match value {
        "accepted" => Some(Operand::Accepted),
        "answered" => Some(Operand::Answered),
        _ => None,
    }
}

/// Reads `>=5`; a number alone means at least that many, as on Stack Overflow.
fn score(value: &str) -> Option<Operand> {
    let signed = |(sign, comparison)| Some((comparison, value.strip_prefix(sign)?));
    let (comparison, number) = Comparison::SIGNS
        .into_iter()
        .find_map(signed)
        .unwrap_or((Comparison::AtLeast, value));
    // `+5` would be printed as `5`; it is not a number that people write.
    let number = number.parse().ok().filter(|_| !number.starts_with('+'))?;
    Some(Operand::Score(comparison, number))
}

/// Reads the values of a facet: a list parted by commas, each value bare or in quotes.
fn facet(text: &str, field: FacetField, word: Range<usize>, at: usize) -> Option<Field> {
    let (typed, end) = list(text, at)?;
    if typed.len() > MAX_OPERATORS {
        return None;
    }
    let span = word.start..end;
    let mut values: Vec<String> = Vec::new();
    let mut unknown = Vec::new();
    for value in typed {
        let value = if field == FacetField::Difficulty {
            match Difficulty::from_any_scale(&value) {
                Some(difficulty) => difficulty.to_string(),
                None => {
                    unknown.push(value);
                    continue;
                }
            }
        } else {
            value
        };
        if !values.contains(&value) {
            values.push(value);
        }
    }
    let warning = unknown.first().map(|value| {
        let levels = Difficulty::ALL.map(|level| level.to_string());
        let near = facets::near(value, levels.iter()).into_iter().next();
        let taken = if values.is_empty() {
            format!("`{}` is searched for as text", &text[span.clone()])
        } else {
            format!("`{value}` is left out of `{}`", &text[span.clone()])
        };
        Warning {
            span: span.clone(),
            message: format!("{taken}: expected one of `{}`", levels.join("`, `")),
            suggestion: near.map(|near| format!("{field}:{near}")),
        }
    });
    match warning {
        Some(warning) if values.is_empty() => Some(Field::Text(warning)),
        _ if values.is_empty() => None,
        warning => Some(Field::Operand {
            operand: Operand::Facet { field, values },
            negated: false,
            end,
            warning,
        }),
    }
}

/// Returns the values of a list that ends at a blank, without empty ones, and where it ends.
fn list(text: &str, mut at: usize) -> Option<(Vec<String>, usize)> {
    let mut values = Vec::new();
    loop {
        let value = match quoted(text, at) {
            Some((value, end)) => {
                at = end;
                value
            }
            None if text[at..].starts_with('"') => return None,
            None => {
                let rest = &text[at..];
                let length = rest
                    .find(|c: char| c == ',' || c.is_whitespace())
                    .unwrap_or(rest.len());
                at += length;
                &rest[..length]
            }
        };
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        if !value.is_empty() {
            values.push(value);
        }
        if !text[at..].starts_with(',') {
            break;
        }
        at += 1;
    }
    is_word_end(text, at).then_some((values, at))
}

/// Reads the text of `title:` and `code:`: in quotes, or up to the next blank.
fn literal(text: &str, field: &str, word: Range<usize>, at: usize) -> Option<Field> {
    let in_quotes = quoted(text, at).filter(|(_, end)| is_word_end(text, *end));
    let (value, end) = match in_quotes {
        Some(found) => found,
        None if text[at..].starts_with('"') => return None,
        None => (&text[at..word.end], word.end),
    };
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if value.is_empty() {
        return None;
    }
    let operand = match field {
        "code" => Operand::Code(value),
        _ => Operand::Title {
            text: value,
            quoted: in_quotes.is_some(),
        },
    };
    Some(Field::Operand {
        operand,
        negated: false,
        end,
        warning: None,
    })
}

/// Returns what stands between the quote at `at` and the next one, and where that one ends.
pub(super) fn quoted(text: &str, at: usize) -> Option<(&str, usize)> {
    let inside = text[at..].strip_prefix('"')?;
    let length = inside.find('"')?;
    Some((&inside[..length], at + length + 2))
}

/// Returns whether a word may end at a byte: behind it stands a blank, or nothing.
pub(super) fn is_word_end(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_none_or(char::is_whitespace)
}
