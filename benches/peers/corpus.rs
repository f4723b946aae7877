//! The entries that every engine gets, and the questions that every engine is asked.

use std::path::Path;

use qdex::bench::{BenchQuery, Class, Generator};
use qdex::corpus::{Corpus, Item, ReadOptions};
use qdex::{Entry, FacetField};

/// An entry as engines that know no blocks get it.
pub(crate) struct Text {
    pub(crate) title: String,
    pub(crate) body: String,
    /// The values of each facet, as filters name them.
    pub(crate) facets: Vec<(FacetField, String)>,
}

impl From<&Entry> for Text {
    fn from(entry: &Entry) -> Self {
        let body: Vec<&str> = entry.blocks().map(|block| block.text()).collect();
        let mut facets = Vec::new();
        if let Some(difficulty) = entry.difficulty {
            facets.push((FacetField::Difficulty, difficulty.to_string()));
        }
        if let Some(topic) = &entry.topic {
            let steps = topic.with_ancestors();
            facets.extend(steps.map(|step| (FacetField::Topic, step.to_owned())));
        }
        if let Some(framework) = &entry.framework {
            facets.push((FacetField::Framework, framework.clone()));
        }
        facets.extend(entry.tags.iter().map(|tag| (FacetField::Tag, tag.clone())));
        Text {
            title: entry.title.clone(),
            body: body.join("\n"),
            facets,
        }
    }
}

/// Where the entries come from: made out of what those of some files have in common, the same every time.
pub(crate) struct Source {
    generator: Generator,
}

/// Where the made entries start; any number would do.
const SEED: u64 = 1;

impl Source {
    pub(crate) fn like(path: &Path) -> Self {
        let generator = Generator::learn(&read(path));
        Source {
            generator: generator.expect("the entries have words"),
        }
    }

    /// Calls `each` with `count` entries.
    pub(crate) fn for_each(&self, count: usize, mut each: impl FnMut(&Entry)) {
        for entry in self.generator.entries(SEED).take(count) {
            each(&entry);
        }
    }
}

fn read(path: &Path) -> Vec<Entry> {
    let items =
        Corpus::open(&[path.to_owned()], ReadOptions::default()).expect("the corpus can be read");
    let entries: Vec<Entry> = items
        .filter_map(|item| match item {
            Item::Entry(entry) => Some(*entry),
            Item::Problem(_) => None,
        })
        .collect();
    assert!(!entries.is_empty(), "{} has no entries", path.display());
    entries
}

/// A query in the forms that the engines need.
pub(crate) struct Question {
    pub(crate) query: BenchQuery,
    /// The title of the entry that it was made of, which a good answer has.
    pub(crate) expected: Option<String>,
    /// Its words: runs of letters and digits, in lower case. Those of the text in quotes, where it is a phrase.
    pub(crate) words: Vec<String>,
    /// The same without the commonest words, unless it has no others.
    pub(crate) content: Vec<String>,
}

impl Question {
    pub(crate) fn new(query: BenchQuery, expected: Option<String>) -> Self {
        let text = match query.class {
            Class::Literal => query.text.trim_start_matches("code:"),
            _ => &query.text,
        };
        let split = text.split(|letter: char| !letter.is_alphanumeric());
        let words: Vec<String> = split
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let is_content = |word: &&String| !STOP_WORDS.contains(&word.as_str());
        let mut content: Vec<String> = words.iter().filter(is_content).cloned().collect();
        if content.is_empty() {
            content.clone_from(&words);
        }
        Question {
            query,
            expected,
            words,
            content,
        }
    }

    /// Returns whether the words must stand side by side.
    pub(crate) fn is_phrase(&self) -> bool {
        matches!(self.query.class, Class::Phrase | Class::Literal)
    }

    /// Returns whether the last word may go on.
    pub(crate) fn is_prefix(&self) -> bool {
        self.query.class == Class::AsYouType
    }

    /// Returns the one value that an entry must have.
    pub(crate) fn filter(&self) -> Option<(FacetField, &str)> {
        let filter = self.query.filters.first()?;
        Some((filter.field, filter.values.first()?))
    }

    pub(crate) fn counts_facets(&self) -> bool {
        !self.query.facets.is_empty()
    }
}

/// The facets that the others count too: those whose values need no knowledge of blocks or files.
pub(crate) const COUNTED: [FacetField; 4] = [
    FacetField::Difficulty,
    FacetField::Topic,
    FacetField::Framework,
    FacetField::Tag,
];

/// Words that SQLite is spared: those that Lucene's English analysis drops.
const STOP_WORDS: [&str; 33] = [
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it",
    "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there", "these",
    "they", "this", "to", "was", "will", "with",
];
