//! Snippets: the passage and the code block of an entry that answer a query, as text with byte ranges.

mod beginnings;
mod code;
mod excerpt;
mod matching;
mod passage;

use std::ops::Range;

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::analysis::{Lexer, Token};
use crate::body::Block;
use crate::entry::Entry;
use crate::query::compile::{QueryWord, compile};
use crate::query::{self, Query, Vocabulary};

use matching::{Equivalent, Match, Phrase, Place, merged};

/// A part of an entry, with the places where query words stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snippet {
    /// Plain text as the source wrote it, not yet safe for any medium: a renderer must neutralise it.
    pub text: String,
    /// Byte ranges of `text`: sorted, disjoint, around whole characters as people count them.
    pub highlights: Vec<Range<usize>>,
    /// Prose or code.
    pub kind: SnippetKind,
    /// The code's language, where its source names it.
    pub lang: Option<String>,
    /// The place of the answer that it was cut from among the entry's; `None` for a part of the question.
    pub answer: Option<usize>,
    /// Which lines of a block of code these are; `None` for prose, whose cuts are ellipses in the text.
    pub lines: Option<Lines>,
}

/// Which lines of a block of code a snippet has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Lines {
    /// The first one, counted from 1.
    pub first: usize,
    /// How many lines the block has in all.
    pub of: usize,
}

/// What a snippet was cut from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SnippetKind {
    /// Running text, cut at word and sentence edges.
    #[default]
    Prose,
    /// Code, whole lines only.
    Code,
}

/// What all the parts of a name are worth beside the name.
const PARTS: f32 = 0.8;
/// What a synonym of a word is worth beside the word.
const SYNONYM: f32 = 0.9;

/// Finds the parts of entries that answer one query.
pub(crate) struct Finder<'a> {
    words: &'a [QueryWord],
    weights: &'a [f32],
    /// Term to the places in the query that ask for it.
    terms: FxHashMap<&'a str, Vec<Place>>,
    /// What the query wants next to each other.
    phrases: Vec<Phrase>,
    /// What stands for words of the query in several words.
    equivalents: Vec<Equivalent<'a>>,
    /// May come from a search before, since it knows the stems of words that it has seen.
    pub(crate) lexer: Lexer,
    /// The tokens of the piece of text that is looked at.
    tokens: Vec<Token>,
    /// What pieces of texts without blanks hold, with places in them: the same words stand in entry after entry.
    pieces: FxHashMap<String, Vec<Match>>,
    /// How texts that hold a term must hold it.
    beginnings: beginnings::Beginnings,
    /// Where words of a text may be terms.
    starts: Vec<usize>,
    /// By the number of a beginning, whether a text has it.
    seen: Vec<bool>,
}

/// What of an entry is shown.
pub(crate) struct Shown {
    pub(crate) title_highlights: Vec<Range<usize>>,
    pub(crate) snippet: Snippet,
    pub(crate) code: Option<Snippet>,
    pub(crate) code_lead: Option<Snippet>,
    /// Words of the query that the entry lacks, as typed.
    pub(crate) missing: Vec<String>,
}

/// Returns what would be shown of an entry that is in no index, every word of the query counting alike: the passage, and
/// the block of code. Total, whatever the query; the cost is that of reading the entry once.
///
/// ```
/// let entry = qdex::Entry {
///     title: "Amend".to_owned(),
///     question: qdex::body::from_markdown("How do I change the last commit?\n\n```sh\ngit commit --amend\n```"),
///     ..Default::default()
/// };
/// let (passage, code) = qdex::snippet::of_entry(&entry, "last commit");
/// assert_eq!(&passage.text[passage.highlights[1].clone()], "commit");
/// assert_eq!(code.map(|code| code.text).as_deref(), Some("git commit --amend"));
/// ```
pub fn of_entry(entry: &Entry, query: &str) -> (Snippet, Option<Snippet>) {
    let query = query::parse(query).query;
    let words = compile(&query, &Vocabulary::default(), None);
    let weights = vec![1.0; words.len()];
    let shown = Finder::new(&query, &words, &weights).find(entry);
    (shown.snippet, shown.code)
}

/// A block with the query's words in it.
struct Searched<'e> {
    block: &'e Block,
    /// The answer's place; `None` is the question.
    answer: Option<usize>,
    /// In the order of their starts.
    matches: Vec<Match>,
    /// The same in the name of the code's language.
    language: Vec<Match>,
}

impl<'a> Finder<'a> {
    /// Returns a finder for a query whose words have these weights, by their rarity.
    pub(crate) fn new(query: &Query, words: &'a [QueryWord], weights: &'a [f32]) -> Self {
        let phrases = matching::phrases(query);
        let terms = matching::places(query, words, &phrases);
        let equivalents = matching::equivalents(words);
        let beginnings = matching::beginnings(terms.keys().copied(), &equivalents);
        let of_equivalents: usize = equivalents.iter().map(|found| found.terms.len()).sum();
        Finder {
            words,
            weights,
            beginnings,
            terms,
            phrases,
            seen: vec![false; 1 + of_equivalents],
            equivalents,
            lexer: Lexer::default(),
            tokens: Vec::new(),
            pieces: FxHashMap::default(),
            starts: Vec::new(),
        }
    }

    /// Returns what to show of an entry.
    pub(crate) fn find(&mut self, entry: &Entry) -> Shown {
        let mut title = self.matches(&entry.title);
        let answers = entry.answers.iter().enumerate();
        let answers = answers.flat_map(|(place, answer)| {
            let blocks = answer.blocks.iter();
            blocks.map(move |block| (Some(place), block))
        });
        let question = entry.question.iter().map(|block| (None, block));
        let mut blocks: Vec<Searched<'_>> = question
            .chain(answers)
            .map(|(answer, block)| Searched {
                block,
                answer,
                matches: self.matches(block.text()),
                language: match block {
                    Block::Code(code) => self.matches(code.lang.as_deref().unwrap_or_default()),
                    Block::Prose(_) => Vec::new(),
                },
            })
            .collect();
        self.keep_phrases(&mut title, &mut blocks);
        let missing = self.missing(&title, &blocks, entry);
        let passage = self.best_passage(entry, &blocks);
        let code = self.best_code(entry, &title, &blocks, passage.as_ref());
        let passage = passage.map_or_else(
            || {
                passage::fallback(
                    &blocks,
                    code.filter(|place| !blocks[*place].matches.is_empty()),
                )
            },
            |passage| Some(passage::cut(&blocks, &passage)),
        );
        Shown {
            title_highlights: merged(&entry.title, &title),
            snippet: passage.unwrap_or_default(),
            code: code.map(|place| blocks[place].code()),
            code_lead: code.and_then(|place| passage::lead(&blocks, place)),
            missing,
        }
    }

    /// Returns the words that no text of the entry has. Words that only make a question of the query are no loss.
    fn missing(&mut self, title: &[Match], blocks: &[Searched<'_>], entry: &Entry) -> Vec<String> {
        let mut is_found = vec![false; self.words.len()];
        let in_blocks = blocks.iter().flat_map(|searched| &searched.matches);
        title
            .iter()
            .chain(in_blocks)
            .for_each(|found| is_found[found.word] = true);
        if is_found.iter().any(|found| !found) {
            for name in crate::schema::names(entry) {
                self.matches(&name)
                    .iter()
                    .for_each(|found| is_found[found.word] = true);
            }
        }
        let lacks = |(word, found): (&QueryWord, bool)| {
            (!found && word.is_content).then(|| word.typed.clone())
        };
        self.words.iter().zip(is_found).filter_map(lacks).collect()
    }

    /// Returns what the distinct words among matches are worth. A word or name itself is worth more than a
    /// synonym or some of its parts.
    fn coverage<'m>(&self, weights: &[f32], matches: impl Iterator<Item = &'m Match>) -> f32 {
        let mut found: Vec<(usize, usize)> =
            matches.map(|found| (found.word, found.term)).collect();
        found.sort_unstable();
        found.dedup();
        found
            .chunk_by(|left, right| left.0 == right.0)
            .map(|terms| {
                let (word, first) = terms[0];
                let weight = weights.get(word).copied().unwrap_or_default();
                let own = self.words[word].terms.len();
                let parts = terms.iter().filter(|(_, term)| *term < own).count();
                if first == 0 {
                    weight
                } else if parts < terms.len() {
                    weight * SYNONYM
                } else {
                    weight * PARTS * parts as f32 / (own - 1) as f32
                }
            })
            .sum()
    }
}

impl Searched<'_> {
    /// Returns a block of code, whole.
    fn code(&self) -> Snippet {
        let lang = match self.block {
            Block::Code(code) => code.lang.clone(),
            Block::Prose(_) => None,
        };
        let text = self.block.text();
        Snippet {
            text: text.to_owned(),
            highlights: merged(text, &self.matches),
            kind: SnippetKind::Code,
            lang,
            answer: self.answer,
            lines: Some(Lines {
                first: 1,
                of: lines(text),
            }),
        }
    }

    fn is_code(&self) -> bool {
        matches!(self.block, Block::Code(_))
    }
}

/// Returns how many lines a text has.
fn lines(text: &str) -> usize {
    let ended = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    ended + usize::from(!text.is_empty() && !text.ends_with('\n'))
}

#[cfg(test)]
mod tests;
