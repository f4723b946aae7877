//! Queries to measure with, made of an index's own entries: the same for the same entries, whatever their order.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::analysis;
use crate::body::Block;
use crate::entry::Entry;
use crate::error::Result;
use crate::evaluate::own::{is_content, mistyped, names, seed, shuffle};
use crate::evaluate::sampling::SplitMix;
use crate::facets::{FacetField, Filter};
use crate::search::Searcher;

/// What kind of query it is: searches of different kinds cost very different time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// One word that few entries have.
    RareWord,
    /// One word that many entries have.
    CommonWord,
    /// Two to five words of a title.
    Words,
    /// A whole title.
    Question,
    /// Two neighbouring words, in quotes.
    Phrase,
    /// A name out of code.
    Identifier,
    /// Words with a filter on difficulty, topic, framework or tag.
    Filter,
    /// The same, and every facet counted.
    FilterAndFacets,
    /// A title and a code block below it, as somebody would paste them.
    Paste,
    /// A title with one or two letters wrong.
    Misspelt,
    /// A word that no entry has.
    NoHit,
    /// A piece of code, literally.
    Literal,
    /// What stands in the line after each key, while a title is typed.
    AsYouType,
    /// A query that was given, and not made.
    Given,
}

impl Class {
    /// Every class, in the order of reports.
    pub const ALL: [Class; 14] = [
        Class::RareWord,
        Class::CommonWord,
        Class::Words,
        Class::Question,
        Class::Phrase,
        Class::Identifier,
        Class::Filter,
        Class::FilterAndFacets,
        Class::Paste,
        Class::Misspelt,
        Class::NoHit,
        Class::Literal,
        Class::AsYouType,
        Class::Given,
    ];

    /// Returns the name used on the command line and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::RareWord => "rare-word",
            Class::CommonWord => "common-word",
            Class::Words => "words",
            Class::Question => "question",
            Class::Phrase => "phrase",
            Class::Identifier => "identifier",
            Class::Filter => "filter",
            Class::FilterAndFacets => "filter-and-facets",
            Class::Paste => "paste",
            Class::Misspelt => "misspelt",
            Class::NoHit => "no-hit",
            Class::Literal => "literal",
            Class::AsYouType => "as-you-type",
            Class::Given => "given",
        }
    }

    /// Returns what a search of this class may take in an index of some entries before it is called slow.
    ///
    /// A fixed part and one for each million entries: between one and two times what 99 of 100 searches took at most in indexes of
    /// 100,000 and 1,000,000 made entries (docs/BENCHMARKS.md), so that a healthy index has few that are slow, and one that does its work
    /// several times many.
    pub fn budget(self, entries: u64) -> Duration {
        let (fixed_ms, per_million_ms) = match self {
            Class::RareWord | Class::NoHit => (0.5, 1.0),
            Class::CommonWord => (1.0, 2.0),
            Class::Identifier => (1.5, 4.0),
            Class::Words | Class::Filter => (3.0, 12.0),
            Class::AsYouType => (2.0, 18.0),
            Class::Question | Class::FilterAndFacets => (3.0, 22.0),
            Class::Phrase | Class::Literal => (4.0, 30.0),
            Class::Misspelt => (5.0, 45.0),
            Class::Paste | Class::Given => (8.0, 52.0),
        };
        let millions = entries as f64 / 1e6;
        Duration::from_secs_f64((fixed_ms + per_million_ms * millions) / 1e3)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A query to measure with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenchQuery {
    /// What kind it is.
    pub class: Class,
    /// The query.
    pub text: String,
    /// Filters beside it.
    pub filters: Vec<Filter>,
    /// Facets to count.
    pub facets: Vec<FacetField>,
    /// The id of the entry that it was made of: a good answer has it. `None` where nothing says so.
    pub made_of: Option<String>,
}

impl BenchQuery {
    /// Returns a query of text alone.
    pub fn new(class: Class, text: impl Into<String>) -> Self {
        BenchQuery {
            class,
            text: text.into(),
            filters: Vec::new(),
            facets: Vec::new(),
            made_of: None,
        }
    }
}

/// How many entries are looked at for each query of a class.
const ENTRIES_PER_QUERY: usize = 4;

/// Returns up to `per_class` queries of each class, made of the index's entries. Reads the whole index once.
///
/// A class has fewer where the entries do not give them: without code there are no identifiers.
pub fn sample(searcher: &Searcher, per_class: usize) -> Result<Vec<BenchQuery>> {
    let wanted = per_class.saturating_mul(ENTRIES_PER_QUERY);
    let mut taken: BTreeMap<(u64, String), Entry> = BTreeMap::new();
    for entry in searcher.entries()? {
        let entry = entry?;
        taken.insert((SplitMix(seed(&entry.id)).next(), entry.id.clone()), entry);
        if taken.len() > wanted {
            taken.pop_last();
        }
    }
    let entries: Vec<Entry> = taken.into_values().collect();
    let mut queries = Vec::new();
    let (rare, common) = by_frequency(searcher, &entries, per_class)?;
    queries.extend(rare);
    queries.extend(common);
    for class in Class::ALL {
        let mut made: Vec<BenchQuery> = Vec::new();
        let mut texts: BTreeSet<String> = BTreeSet::new();
        for entry in &entries {
            if made.len() >= per_class {
                break;
            }
            // Each class has random numbers of its own, so that a new one leaves the others' queries as they are.
            let mut random = SplitMix(seed(&entry.id).wrapping_add(101 + class as u64));
            for mut query in of_entry(entry, class, &mut random) {
                query.made_of = is_about(class).then(|| entry.id.clone());
                if made.len() < per_class && texts.insert(query.text.clone()) {
                    made.push(query);
                }
            }
        }
        queries.extend(made);
    }
    queries.sort_by_key(|query| query.class);
    Ok(queries)
}

/// Returns whether a query of the class says enough of its entry to find it.
fn is_about(class: Class) -> bool {
    !matches!(class, Class::NoHit | Class::AsYouType)
}

/// Returns the queries of a class that an entry gives: none, one, or as many as it has keys.
fn of_entry(entry: &Entry, class: Class, random: &mut SplitMix) -> Vec<BenchQuery> {
    let title = entry.title.split_whitespace().collect::<Vec<_>>().join(" ");
    let one = |text: Option<String>| -> Vec<BenchQuery> {
        let text = text.filter(|text| !text.trim().is_empty());
        text.map(|text| BenchQuery::new(class, text))
            .into_iter()
            .collect()
    };
    match class {
        Class::RareWord | Class::CommonWord | Class::Given => Vec::new(),
        Class::Words => one(some_words(&title, random)),
        Class::Question => one(Some(title)),
        Class::Phrase => one(phrase(entry, random)),
        Class::Identifier => {
            let names: Vec<&str> = names(entry.blocks()).into_iter().collect();
            one((!names.is_empty()).then(|| names[random.below(names.len())].to_owned()))
        }
        Class::Filter | Class::FilterAndFacets => {
            let mut made = one(some_words(&title, random));
            let filters = filters(entry);
            if filters.is_empty() {
                return Vec::new();
            }
            for query in &mut made {
                query.filters = vec![filters[random.below(filters.len())].clone()];
                if class == Class::FilterAndFacets {
                    query.facets = FacetField::ALL.to_vec();
                }
            }
            made
        }
        Class::Paste => one(first_code(entry).map(|code| format!("{title}\n\n{code}"))),
        Class::Misspelt => one(mistyped(&title, &BTreeSet::new(), random)),
        Class::NoHit => {
            let letter =
                |random: &mut SplitMix| char::from(b"bcdfghjklmnpqrstvwxz"[random.below(20)]);
            one(Some((0..12).map(|_| letter(random)).collect()))
        }
        Class::Literal => one(code_line(entry, random).map(|line| format!("code:\"{line}\""))),
        Class::AsYouType => {
            let ends = title
                .char_indices()
                .map(|(at, letter)| at + letter.len_utf8());
            let typed = ends
                .map(|end| title[..end].to_owned())
                .filter(|text| !text.ends_with(' '));
            typed.map(|text| BenchQuery::new(class, text)).collect()
        }
    }
}

/// Returns queries of one rare and of one common word each.
fn by_frequency(
    searcher: &Searcher,
    entries: &[Entry],
    per_class: usize,
) -> Result<(Vec<BenchQuery>, Vec<BenchQuery>)> {
    let mut words: BTreeMap<String, String> = BTreeMap::new();
    for entry in entries {
        for word in entry
            .title
            .split(|character: char| !character.is_alphabetic())
        {
            if word.chars().count() >= 3
                && is_content(word)
                && let [token] = analysis::tokens(word).as_slice()
            {
                words
                    .entry(token.term.clone())
                    .or_insert(word.to_lowercase());
            }
        }
    }
    let mut frequencies = Vec::with_capacity(words.len());
    for (term, word) in words {
        frequencies.push((searcher.entries_with(&term)?, word));
    }
    frequencies.sort_unstable();
    let query =
        |class: Class| move |(_, word): &(u64, String)| BenchQuery::new(class, word.clone());
    let half = per_class.min(frequencies.len() / 2);
    let rare = frequencies.iter().take(half);
    let common = frequencies.iter().rev().take(half);
    Ok((
        rare.map(query(Class::RareWord)).collect(),
        common.map(query(Class::CommonWord)).collect(),
    ))
}

/// Returns two to five neighbouring words of a title that say what is asked.
fn some_words(title: &str, random: &mut SplitMix) -> Option<String> {
    let words: Vec<&str> = title.split(' ').filter(|word| is_content(word)).collect();
    if words.len() < 2 {
        return None;
    }
    let count = (2 + random.below(4)).min(words.len());
    let start = random.below(words.len() - count + 1);
    Some(words[start..start + count].join(" "))
}

/// Returns two neighbouring words of the entry's prose, in quotes.
fn phrase(entry: &Entry, random: &mut SplitMix) -> Option<String> {
    let mut pairs = Vec::new();
    for block in entry.blocks() {
        if let Block::Prose(prose) = block {
            let words: Vec<&str> = prose.text.split_whitespace().collect();
            let is_plain = |word: &str| word.chars().all(char::is_alphabetic) && is_content(word);
            let pair = |pair: &[&str]| {
                (is_plain(pair[0]) && is_plain(pair[1]))
                    .then(|| format!("\"{} {}\"", pair[0], pair[1]))
            };
            pairs.extend(words.windows(2).filter_map(pair));
        }
    }
    (!pairs.is_empty()).then(|| pairs.swap_remove(random.below(pairs.len())))
}

fn filters(entry: &Entry) -> Vec<Filter> {
    let mut values = Vec::new();
    if let Some(difficulty) = entry.difficulty {
        values.push((FacetField::Difficulty, difficulty.to_string()));
    }
    if let Some(topic) = &entry.topic {
        values.push((FacetField::Topic, topic.to_string()));
    }
    if let Some(framework) = &entry.framework {
        values.push((FacetField::Framework, framework.clone()));
    }
    values.extend(entry.tags.iter().map(|tag| (FacetField::Tag, tag.clone())));
    values
        .into_iter()
        .map(|(field, value)| Filter::any_of(field, vec![value]))
        .collect()
}

fn first_code(entry: &Entry) -> Option<&str> {
    entry.blocks().find_map(|block| match block {
        Block::Code(code) if !code.text.trim().is_empty() => Some(code.text.as_str()),
        _ => None,
    })
}

/// Returns a line of code that can stand in quotes.
fn code_line(entry: &Entry, random: &mut SplitMix) -> Option<String> {
    let mut lines = Vec::new();
    for block in entry.blocks() {
        if let Block::Code(code) = block {
            let fits = |line: &&str| (4..60).contains(&line.len()) && !line.contains(['"', '\\']);
            lines.extend(code.text.lines().map(str::trim).filter(fits));
        }
    }
    shuffle(&mut lines, random);
    lines.first().map(|line| (*line).to_owned())
}

/// Returns the words of a query that say what is asked and that entries have, as typed, with how many.
pub(super) fn frequencies(
    searcher: &Searcher,
    class: Class,
    text: &str,
) -> Result<Vec<(String, u64)>> {
    let text = match class {
        Class::Literal => text.trim_start_matches("code:"),
        _ => text,
    };
    let mut words = Vec::new();
    for token in analysis::tokens(text) {
        let word = &text[token.range.clone()];
        if analysis::is_stop_word(&analysis::fold(word)) {
            continue;
        }
        let entries = searcher.entries_with(&token.term)?;
        if entries > 0 {
            words.push((word.to_owned(), entries));
        }
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_grow_with_the_corpus_and_less_than_it() {
        for class in Class::ALL {
            let [small, large] = [100_000, 1_000_000].map(|entries| class.budget(entries));
            assert!(small < large && large < small * 10, "{class}");
            assert!(class.budget(0) > Duration::ZERO, "{class}");
        }
    }
}
