//! The entry: one question with its answers, as plain data. One entry becomes one document of the index.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::body::Block;

/// One question with its answers and everything its source said about it.
///
/// The JSON form is the schema that [`crate::corpus`] reads back: `qdex show --json` prints it, and an index
/// built from those lines holds the same entries.
///
/// ```
/// let entry: qdex::Entry = serde_json::from_str(
///     r#"{"id": "git#amend", "title": "What does `--amend` do?", "answers": [{"body": "It makes a *new* commit."}]}"#,
/// )?;
/// assert_eq!(entry.answers[0].blocks[0].text(), "It makes a new commit.");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Stable across rebuilds, unique in an index, readable: `python/internals/garbage-collection#weak-references`.
    pub id: String,
    /// The question in one line, plain text.
    pub title: String,
    /// What the question says beyond its title.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        with = "crate::body::markdown_or_blocks"
    )]
    pub question: Vec<Block>,
    /// The answers in the source's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// How hard the question is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difficulty: Option<Difficulty>,
    /// The source's own word for the difficulty, when it is not one of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difficulty_original: Option<String>,
    /// Where the question stands in the hierarchy of topics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Topic>,
    /// Language, library or field, as the source writes it: `Python`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework: Option<String>,
    /// Tags in the source's order, without duplicates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Votes on the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// When the question was asked, as the source writes it (ISO 8601 as a rule).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When the page or question last changed, as the source writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// Where a reader finds the question on its site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// The licence of the question, as the source names it: `CC BY-SA 4.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// The page that holds the question, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
    /// Pages or questions that the source calls related.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Link>,
    /// Where the entry was read.
    #[serde(default)]
    pub source: Source,
}

impl Entry {
    /// Returns every block of the entry: the question's, then each answer's.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.question
            .iter()
            .chain(self.answers.iter().flat_map(|answer| &answer.blocks))
    }

    /// Returns the name of the answer at a place: its id, else its place counted from 1.
    pub fn answer_name(&self, place: usize) -> String {
        let id = self.answers.get(place).and_then(|answer| answer.id.clone());
        id.unwrap_or_else(|| (place + 1).to_string())
    }

    /// Returns the place of the answer with a name: its id, else its place counted from 1, else `accepted`.
    pub fn answer_place(&self, name: &str) -> Option<usize> {
        let mut answers = self.answers.iter();
        let by_id = answers.position(|answer| answer.id.as_deref() == Some(name));
        let by_place = || {
            let place = name.parse::<usize>().ok()?.checked_sub(1)?;
            (place < self.answers.len()).then_some(place)
        };
        let accepted = || {
            let place = self.answers.iter().position(|answer| answer.accepted)?;
            (name == "accepted").then_some(place)
        };
        by_id.or_else(by_place).or_else(accepted)
    }
}

/// One answer to a question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The source's id for the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The answer's text, block by block. Reading accepts a string of Markdown in its place.
    #[serde(rename = "body", default, with = "crate::body::markdown_or_blocks")]
    pub blocks: Vec<Block>,
    /// Votes on the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
    /// Whether whoever asked accepted it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accepted: bool,
    /// When the answer was written, as the source writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Where a reader finds the answer on its site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// Its licence, as the source names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
}

/// Whoever wrote a question or an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The name, as it is shown on the site.
    pub name: String,
    /// The author's page on the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The page that a question stands on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The page's title.
    pub title: String,
    /// The page's path on its site: `/python/internals/garbage-collection`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What the page says of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The topic's name for people: `Memory & Internals`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The subtopic's name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtopic: Option<String>,
    /// The page's place among its siblings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<i64>,
    /// The other pages of the same topic.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub siblings: Vec<Link>,
}

/// A pointer to another page or question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Its path or id.
    pub path: String,
    /// Its title, or empty when the source gives none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What it is to the one that points.
    #[serde(default, skip_serializing_if = "LinkKind::is_related")]
    pub kind: LinkKind,
}

/// What a [`Link`]'s target is to the one that points to it.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum LinkKind {
    /// The question that this one was closed as a duplicate of.
    Duplicate,
    /// Related, says the source.
    #[default]
    Related,
    /// Mentioned: its text, its answers or its comments point to it.
    Linked,
}

impl LinkKind {
    fn is_related(&self) -> bool {
        *self == LinkKind::Related
    }
}

/// Where an entry was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The file, as it was named to the indexer.
    pub path: String,
    /// The line of the record's first byte, counted from 1, where the format has lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The corpus format it was read as.
    #[serde(default)]
    pub format: Format,
}

/// The formats of corpus files.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A Nuxt payload, in a file of its own or inside an HTML page.
    Nuxt,
    /// Markdown, with or without front matter.
    Markdown,
    /// Our own JSON schema, one entry or a list of them.
    #[default]
    Json,
    /// Our own JSON schema, one entry a line.
    Jsonl,
    /// The BEIR corpus layout: `{"_id", "title", "text"}` a line.
    Beir,
    /// A dump of a Stack Exchange site: `Posts.xml` and the tables beside it.
    StackExchange,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Nuxt => "nuxt",
            Format::Markdown => "markdown",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Beir => "beir",
            Format::StackExchange => "stack-exchange",
        })
    }
}

/// How hard a question is. Ordered: `Easy < Medium < Hard`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Difficulty {
    /// For beginners.
    Easy,
    /// For people who use the thing.
    Medium,
    /// For people who know how it works.
    Hard,
}

impl Difficulty {
    /// Every difficulty, easiest first.
    pub const ALL: [Difficulty; 3] = [Difficulty::Easy, Difficulty::Medium, Difficulty::Hard];

    /// Returns the word used in JSON, filters and facets.
    pub fn as_str(self) -> &'static str {
        match self {
            Difficulty::Easy => "easy",
            Difficulty::Medium => "medium",
            Difficulty::Hard => "hard",
        }
    }

    /// Returns the difficulty that a source means, whatever its scale calls it; `None` for a word that is on no
    /// scale we know. Numbers count 0 to 2.
    pub fn from_any_scale(word: &str) -> Option<Self> {
        match word.trim().to_lowercase().as_str() {
            "easy" | "beginner" | "basic" | "basics" | "simple" | "junior" | "novice" | "entry"
            | "0" => Some(Difficulty::Easy),
            "medium" | "intermediate" | "moderate" | "normal" | "middle" | "mid" | "1" => {
                Some(Difficulty::Medium)
            }
            "hard" | "advanced" | "difficult" | "expert" | "senior" | "2" => Some(Difficulty::Hard),
            _ => None,
        }
    }
}

impl fmt::Display for Difficulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Difficulty {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Difficulty::from_any_scale(word).ok_or(())
    }
}

/// A place in the hierarchy of topics, written as a path: `/python/internals/garbage-collection`.
///
/// Always starts with a slash, never ends with one, and has no empty step; [`Topic::new`] sees to that.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Topic(String);

impl Topic {
    /// Returns the topic for a path, or `None` when no step is left after trimming. Case is folded, blanks inside a
    /// step become hyphens.
    pub fn new(path: &str) -> Option<Self> {
        if is_normal(path) {
            return Some(Topic(path.to_owned()));
        }
        let mut topic = String::with_capacity(path.len() + 1);
        for step in path.split('/') {
            let step = step
                .split_whitespace()
                .collect::<Vec<_>>()
                .join("-")
                .to_lowercase();
            if !step.is_empty() {
                topic.push('/');
                topic.push_str(&step);
            }
        }
        (!topic.is_empty()).then_some(Topic(topic))
    }

    /// Returns the path, starting with a slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the topic and everything above it, topmost first: `/python`, `/python/internals`, ….
    pub fn with_ancestors(&self) -> impl Iterator<Item = &str> {
        let ends = self.0.match_indices('/').skip(1).map(|(end, _)| end);
        ends.chain([self.0.len()]).map(|end| &self.0[..end])
    }
}

/// Returns whether a path is one that a topic has, as far as that can be told at a glance: stored ones are read for every hit.
fn is_normal(path: &str) -> bool {
    let bytes = path.as_bytes();
    let is_kept = |byte: &u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
    bytes.first() == Some(&b'/')
        && bytes.iter().all(is_kept)
        && bytes.windows(2).all(|pair| pair != b"//")
        && bytes.len() > 1
        && !bytes.ends_with(b"/")
}

impl<'de> Deserialize<'de> for Topic {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let path = String::deserialize(deserializer)?;
        Topic::new(&path).ok_or_else(|| {
            serde::de::Error::custom("a topic needs at least one step, like `/python`")
        })
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Returns whether a text is a year, a month or a day: `2020`, `2020-06`, `2020-06-30`.
pub fn is_date(value: &str) -> bool {
    let mut parts = value.split('-');
    let mut is_part = |digits: usize, most: u32| match parts.next() {
        None => true,
        Some(part) => {
            part.len() == digits
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && part.parse().is_ok_and(|part| (1..=most).contains(&part))
        }
    };
    is_part(4, 9999) && is_part(2, 12) && is_part(2, 31) && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_normalised_paths() {
        for (path, topic) in [
            ("python/internals", Some("/python/internals")),
            ("/Python//Memory & GC/", Some("/python/memory-&-gc")),
            ("/python/internals", Some("/python/internals")),
            ("/python/Internals", Some("/python/internals")),
            ("/python/internals/", Some("/python/internals")),
            ("/python//internals", Some("/python/internals")),
            ("/python/in\tternals", Some("/python/in-ternals")),
            ("/Ä/é", Some("/ä/é")),
            ("c++", Some("/c++")),
            ("/", None),
            ("", None),
            (" / ", None),
        ] {
            assert_eq!(
                Topic::new(path).as_ref().map(Topic::as_str),
                topic,
                "{path}"
            );
        }
    }

    #[test]
    fn a_topic_lists_its_ancestors_topmost_first() {
        let topic = Topic::new("/a/b/c").expect("has steps");
        assert_eq!(
            topic.with_ancestors().collect::<Vec<_>>(),
            ["/a", "/a/b", "/a/b/c"]
        );
    }

    #[test]
    fn difficulties_of_other_scales_are_mapped() {
        for (word, difficulty) in [
            ("Intermediate", Some(Difficulty::Medium)),
            (" hard ", Some(Difficulty::Hard)),
            ("0", Some(Difficulty::Easy)),
            ("spicy", None),
        ] {
            assert_eq!(Difficulty::from_any_scale(word), difficulty, "{word}");
        }
    }
}
