//! What Tab makes of a half-typed line.

use qdex::FacetField;

use super::commands::{Action, COMMANDS, Command, Line};
use super::knowledge::Knowledge;
use super::options;
use crate::render::terminal::clean;

/// How many words of the index, and ids, are offered.
const WORDS: usize = 12;
const IDS: usize = 50;

/// The fields of queries that are no facets.
const OTHER_FIELDS: [&str; 6] = ["title", "code", "is", "score", "after", "before"];

/// Something that a half-typed word may become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// What takes the word's place.
    pub(super) replacement: String,
    /// How it is listed.
    pub(super) display: String,
}

impl Candidate {
    fn plain(text: impl Into<String>) -> Self {
        let replacement = text.into();
        Candidate {
            display: replacement.clone(),
            replacement,
        }
    }

    fn counted(replacement: String, name: &str, count: u64) -> Self {
        Candidate {
            display: format!("{} ({count})", clean(name)),
            replacement,
        }
    }
}

/// Returns where the part of the line that is completed starts, and what it may become. `typed` is what stands before the
/// cursor.
pub(super) fn candidates(typed: &str, knowledge: &Knowledge) -> (usize, Vec<Candidate>) {
    let word_start = start_behind(typed, char::is_whitespace);
    let word = &typed[word_start..];
    if word_start == 0
        && let Some(name) = typed.strip_prefix(':')
    {
        let named = COMMANDS
            .iter()
            .filter(|command| command.name.starts_with(name));
        let named = named.map(|command| Candidate::plain(format!(":{} ", command.name)));
        return (0, named.collect());
    }
    match Line::of(typed) {
        Line::Command(action, _) => arguments(action, typed, word_start, knowledge),
        Line::Query(_) if !word.is_empty() => in_query(word_start, word, knowledge),
        _ => (word_start, Vec::new()),
    }
}

fn arguments(
    action: Action,
    typed: &str,
    word_start: usize,
    knowledge: &Knowledge,
) -> (usize, Vec<Candidate>) {
    let word = &typed[word_start..];
    let known = |names: Vec<String>| {
        let fitting = names.into_iter().filter(|name| name.starts_with(word));
        (word_start, fitting.map(Candidate::plain).collect())
    };
    let is_first = typed[..word_start].split_whitespace().count() == 1;
    match action {
        Action::Narrow(field) => {
            let start = start_behind(typed, |c| c == ',').max(
                typed
                    .find(char::is_whitespace)
                    .map_or(typed.len(), |at| at + 1),
            );
            let value = typed[start..].trim_start();
            let value = value.strip_prefix('-').unwrap_or(value);
            let start = typed.len() - value.len();
            (start, values(field, value, false, knowledge))
        }
        Action::Facets | Action::Clear => {
            known(FacetField::ALL.map(|field| field.to_string()).into())
        }
        Action::Open | Action::Code | Action::Related if is_first => {
            ids(word_start, word, knowledge)
        }
        Action::Copy if is_first => ids(word_start, word, knowledge),
        Action::Copy => known(super::hits::COPIED.map(str::to_owned).into()),
        Action::Scope => {
            let mut names: Vec<String> = match typed.split_whitespace().nth(1) {
                _ if is_first => ["save", "delete", "list"].map(str::to_owned).into(),
                Some("save" | "delete") => Vec::new(),
                _ => return (word_start, Vec::new()),
            };
            names.extend(knowledge.scopes.all().unwrap_or_default().into_keys());
            known(names)
        }
        Action::Set if is_first => known(options::NAMES.map(str::to_owned).into()),
        Action::Set => {
            let name = typed.split_whitespace().nth(1).unwrap_or_default();
            known(options::values_of(name))
        }
        Action::Time => known(options::values_of("time")),
        Action::Help => known(
            COMMANDS
                .iter()
                .map(|Command { name, .. }| (*name).to_owned())
                .collect(),
        ),
        _ => (word_start, Vec::new()),
    }
}

fn in_query(word_start: usize, word: &str, knowledge: &Knowledge) -> (usize, Vec<Candidate>) {
    let name = word.strip_prefix('-').unwrap_or(word);
    let name_start = word_start + word.len() - name.len();
    if let Some((field, listed)) = name.split_once(':') {
        if let Ok(field) = field.parse::<FacetField>() {
            let start = start_behind(listed, |c| c == ',');
            let start_in_line = name_start + name.len() - listed.len() + start;
            return (
                start_in_line,
                values(field, &listed[start..], true, knowledge),
            );
        }
        if field == "is" {
            let known = ["accepted", "answered"].into_iter();
            let known = known.filter(|value| value.starts_with(listed));
            return (
                name_start + "is:".len(),
                known.map(Candidate::plain).collect(),
            );
        }
    }
    let facets = FacetField::ALL.map(FacetField::as_str).into_iter();
    let fields = facets.chain(OTHER_FIELDS);
    let fields = fields.filter(|field| name.len() > 1 && field.starts_with(name));
    let fields: Vec<_> = fields
        .map(|field| Candidate::plain(format!("{field}:")))
        .collect();
    if name_start > word_start && !fields.is_empty() {
        return (name_start, fields);
    }
    let words = knowledge.searcher().words_starting_with(word, WORDS);
    let words = words.unwrap_or_default().into_iter();
    let words = words.map(|(word, count)| Candidate::counted(word.clone(), &word, count));
    (word_start, fields.into_iter().chain(words).collect())
}

/// Returns the values of a facet that start with what was typed; of paths, those with a step that does.
fn values(field: FacetField, typed: &str, in_query: bool, knowledge: &Knowledge) -> Vec<Candidate> {
    let folded = typed.trim_start_matches('"').to_lowercase();
    let fits = |value: &str| {
        let value = value.to_lowercase();
        let is_path = matches!(field, FacetField::Topic | FacetField::Source);
        value.starts_with(&folded) || is_path && value.contains(&format!("/{folded}"))
    };
    let known = knowledge.values(field);
    let fitting = known.iter().filter(|(value, _)| fits(value));
    fitting
        .map(|(value, count)| {
            let needs_quotes = in_query && value.contains(|c: char| c == ',' || c.is_whitespace());
            let replacement = match needs_quotes {
                true => format!("\"{value}\""),
                false => value.clone(),
            };
            Candidate::counted(replacement, value, *count)
        })
        .collect()
}

fn ids(start: usize, typed: &str, knowledge: &Knowledge) -> (usize, Vec<Candidate>) {
    let ids = knowledge.searcher().ids_with_prefix(typed, IDS);
    (
        start,
        ids.unwrap_or_default()
            .into_iter()
            .map(Candidate::plain)
            .collect(),
    )
}

/// Returns where what stands behind the last such character starts.
fn start_behind(text: &str, is_end: impl Fn(char) -> bool) -> usize {
    let last = text
        .char_indices()
        .rfind(|(_, character)| is_end(*character));
    last.map_or(0, |(at, character)| at + character.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::super::tests::knowledge;
    use super::*;

    #[test]
    fn commands_fields_values_ids_and_words_are_completed() {
        let (_folder, knowledge) = knowledge();
        for (typed, start, expected) in [
            (":cl", 0, ":clear "),
            (":to", 0, ":topic "),
            (":t ", 3, "/python (2) /python/gc (2) /rust (1)"),
            (":topic gc", 7, "/python/gc (2)"),
            (":topic rust,-GC", 13, "/python/gc (2)"),
            (":framework spring b", 11, "Spring Boot (1)"),
            (":difficulty h", 12, "hard (1)"),
            (":facets l", 8, "lang"),
            (":clear to", 7, "topic"),
            (":open a#", 6, "a#cycles a#weak"),
            (":copy a#weak u", 13, "url"),
            (":set so", 5, "sort"),
            (":set sort d", 10, "difficulty"),
            (":help o", 6, "open"),
            (":time o", 6, "on off"),
            ("gc diff", 3, "difficulty:"),
            ("gc -ta", 4, "tag:"),
            ("gc tag:me", 7, "memory (2)"),
            ("gc -tag:x,me", 10, "memory (2)"),
            ("framework:spr", 10, "\"Spring Boot\" (1)"),
            ("is:ac", 3, "accepted"),
            ("weak refe", 5, "reference (2)"),
            ("", 0, ""),
            ("weak ", 5, ""),
            (":nothing x", 9, ""),
        ] {
            let (at, found) = candidates(typed, &knowledge);
            let found: Vec<String> = found
                .iter()
                .map(|candidate| match candidate.display.split_once(" (") {
                    Some((_, count)) => format!("{} ({count}", candidate.replacement),
                    None => candidate.replacement.clone(),
                })
                .collect();
            assert_eq!(
                (at, found.join(" ").as_str()),
                (start, expected),
                "{typed:?}"
            );
        }
    }
}
