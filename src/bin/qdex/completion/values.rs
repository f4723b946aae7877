//! Values that an index has: facets, ids, and words of the query language.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use qdex::facets::FacetValue;
use qdex::{Difficulty, FacetField, Filter, Index, Searcher};

use super::Candidate;
use crate::locate::{self, Place};
use crate::render::terminal::{clean, is_hostile};
use crate::settings::Settings;

/// How many words are offered at once: what a screen holds.
const MAX_CANDIDATES: usize = 60;

/// What the command line in front of the cursor says about the index.
#[derive(Default)]
pub(super) struct Known {
    /// The value of `--index`.
    pub(super) index: Option<PathBuf>,
    /// The filters: values are counted among what passes them.
    pub(super) filters: Vec<Filter>,
    searcher: OnceCell<Option<Searcher>>,
}

impl Known {
    fn searcher(&self) -> Option<&Searcher> {
        let open = || {
            let settings = || Settings::of_user().ok()?.index.value;
            let named = self.index.clone().or_else(settings);
            match locate::for_reading(named.as_deref()).ok()? {
                Place::Index(index) => Some(Searcher::new(Index::open(&index).ok()?)),
                Place::Corpus { .. } => None,
            }
        };
        self.searcher.get_or_init(open).as_ref()
    }

    /// Returns the values of a facet that begin with what was typed; in any case when none does as it stands.
    pub(super) fn facet_values(&self, field: FacetField, typed: &str) -> Vec<Candidate> {
        let counted = self.counted(field);
        let values = counted
            .iter()
            .map(|value| (value.value.as_str(), value.count));
        match field {
            FacetField::Difficulty if counted.is_empty() => {
                let levels = Difficulty::ALL.map(|level| Candidate::new(level.as_str(), ""));
                let levels = levels.into_iter();
                levels
                    .filter(|level| level.word.starts_with(typed))
                    .collect()
            }
            FacetField::Topic => topics(values, typed),
            FacetField::Source => by_folder(values, typed),
            _ => {
                let mut values: Vec<_> = values.filter(|(value, _)| begins(value, typed)).collect();
                // What was typed as it stands is meant; a beginning that all have in common must not lose letters.
                if values.iter().any(|(value, _)| value.starts_with(typed)) {
                    values.retain(|(value, _)| value.starts_with(typed));
                }
                values
                    .into_iter()
                    .map(|(value, count)| counted_candidate(value, count))
                    .filter(is_safe)
                    .take(MAX_CANDIDATES)
                    .collect()
            }
        }
    }

    /// Returns the counts of a facet's values under the filters on the other facets; under none when they are wrong.
    fn counted(&self, field: FacetField) -> Vec<FacetValue> {
        let Some(searcher) = self.searcher() else {
            return Vec::new();
        };
        let others: Vec<Filter> = self
            .filters
            .iter()
            .filter(|filter| filter.field != field)
            .cloned()
            .collect();
        let counted = searcher
            .facets(&[field], &others)
            .or_else(|_| searcher.facets(&[field], &[]));
        let facet = counted.ok().and_then(|mut counted| counted.pop());
        facet.map_or_else(Vec::new, |facet| facet.values)
    }

    /// Returns the ids that begin with what was typed, or the steps towards them, with their titles.
    pub(super) fn ids(&self, typed: &str) -> Vec<Candidate> {
        let Some(searcher) = self.searcher() else {
            return Vec::new();
        };
        // The path of a URL is typed with its slash.
        let (slash, typed) = match typed.strip_prefix('/') {
            Some(rest) => ("/", rest),
            None => ("", typed),
        };
        let ids = searcher
            .ids_with_prefix(typed, MAX_CANDIDATES)
            .unwrap_or_default();
        ids.iter()
            .map(|id| {
                let title = searcher.entry(id).map(|entry| entry.title);
                Candidate::new(format!("{slash}{id}"), clean(&title.unwrap_or_default()))
            })
            .filter(is_safe)
            .collect()
    }

    /// Returns words of the query language: fields, and behind a field its values.
    pub(super) fn query_words(&self, typed: &str) -> Vec<Candidate> {
        let (minus, word) = match typed.strip_prefix('-') {
            Some(word) => ("-", word),
            None => ("", typed),
        };
        let with = |before: &str, behind: &str, value: Candidate| Candidate {
            word: format!("{minus}{before}{}{behind}", value.word),
            ..value
        };
        if let Some(tag) = word.strip_prefix('[') {
            let tags = self.facet_values(FacetField::Tag, tag).into_iter();
            return tags.map(|tag| with("[", "]", tag)).collect();
        }
        if let Some(typed) = word.strip_prefix("is:") {
            let states = ["accepted", "answered"].map(|state| Candidate::new(state, ""));
            let states = states.into_iter();
            return states
                .filter(|state| state.word.starts_with(typed))
                .map(|state| with("is:", "", state))
                .collect();
        }
        let more = ["title:", "code:", "score:", "after:", "before:", "is:"];
        let more = more.map(|field| Candidate::new(field, "")).into_iter();
        self.field_words(word)
            .into_iter()
            .chain(more.filter(|field| !word.is_empty() && field.word.starts_with(word)))
            .map(|word| with("", "", word))
            .collect()
    }

    /// Returns facets with a colon, and behind a colon the facet's values.
    pub(super) fn field_words(&self, typed: &str) -> Vec<Candidate> {
        let Some((name, typed)) = typed.split_once(':') else {
            let fields = facet_names(typed).into_iter().filter(|_| !typed.is_empty());
            return fields
                .map(|field| Candidate::new(format!("{}:", field.word), ""))
                .collect();
        };
        let Ok(field) = name.parse() else {
            return Vec::new();
        };
        // Of a list, the last value is typed.
        let (list, typed) = typed.split_at(typed.rfind(',').map_or(0, |comma| comma + 1));
        let values = self.facet_values(field, typed.trim_start_matches('"'));
        values
            .into_iter()
            .map(|value| {
                // A value of several words stands in quotes.
                let quote = if value.word.contains(' ') { "\"" } else { "" };
                Candidate {
                    word: format!("{name}:{list}{quote}{}{quote}", value.word),
                    ..value
                }
            })
            .collect()
    }
}

/// Returns the names of facets that begin with what was typed.
pub(super) fn facet_names(typed: &str) -> Vec<Candidate> {
    let names = FacetField::ALL.map(|field| Candidate::new(field.as_str(), ""));
    let names = names.into_iter();
    names.filter(|name| name.word.starts_with(typed)).collect()
}

/// Returns the topics that go one step further than what was typed.
fn topics<'a>(values: impl Iterator<Item = (&'a str, u64)>, typed: &str) -> Vec<Candidate> {
    let root = if typed.starts_with('/') { "/" } else { "" };
    let typed = typed.trim_start_matches('/');
    values
        .filter_map(|(topic, count)| {
            let topic = topic.trim_start_matches('/');
            let rest = begins(topic, typed).then(|| &topic[typed.len()..])?;
            let is_next = !rest.trim_start_matches('/').contains('/');
            is_next.then(|| counted_candidate(&format!("{root}{topic}"), count))
        })
        .filter(is_safe)
        .take(MAX_CANDIDATES)
        .collect()
}

/// Returns files and folders that go one step further than what was typed.
fn by_folder<'a>(values: impl Iterator<Item = (&'a str, u64)>, typed: &str) -> Vec<Candidate> {
    let mut steps: BTreeMap<&str, u64> = BTreeMap::new();
    for (path, count) in values.filter(|(path, _)| begins(path, typed)) {
        let end = path[typed.len()..].find('/');
        let step = end.map_or(path, |end| &path[..=typed.len() + end]);
        *steps.entry(step).or_default() += count;
    }
    steps
        .into_iter()
        .map(|(step, count)| counted_candidate(step, count))
        .filter(is_safe)
        .take(MAX_CANDIDATES)
        .collect()
}

fn counted_candidate(value: &str, count: u64) -> Candidate {
    let noun = if count == 1 { "entry" } else { "entries" };
    Candidate::new(value, format!("{count} {noun}"))
}

/// Returns whether a value begins with a text, in any case.
fn begins(value: &str, typed: &str) -> bool {
    value
        .get(..typed.len())
        .is_some_and(|beginning| beginning.to_lowercase() == typed.to_lowercase())
}

/// Returns whether a word can be inserted into a command line: one that steers a terminal, or would run with the line
/// break that it holds, is not offered.
fn is_safe(candidate: &Candidate) -> bool {
    !candidate.word.contains(is_hostile)
}
