//! What others begin with: BM25 as Lucene has it, to measure against.
//!
//! One field of title and text, words as Unicode parts them in lower case, Lucene's 33 English stop words dropped,
//! Snowball's English stemmer, k1 = 1.2, b = 0.75, every entry scored in memory. No names, no titles that weigh more, no words that
//! weigh less. The same over the tokens of qdex tells what those are worth by themselves.

use std::collections::{BTreeMap, HashMap};

use super::{DEPTH, JudgedQuery, RankedQuery, Run};
use crate::analysis::{Lexer, Token, TokenKind, WordStemmer, is_stop_word};
use crate::entry::Entry;
use crate::error::Result;
use crate::schema;
use crate::search::Searcher;

const K1: f32 = 1.2;
const B: f32 = 0.75;

/// What the baseline counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Words as Unicode parts them, stemmed.
    Word,
    /// Tokens as qdex indexes them: stemmed words, whole names, and the parts of names.
    CodeToken,
}

/// Entries as the baseline knows them.
struct Baseline {
    /// In the order of their ids, which breaks ties.
    ids: Vec<String>,
    lengths: Vec<f32>,
    /// Word to the entries that have it, each with how often.
    postings: HashMap<String, Vec<(usize, f32)>>,
    units: Units,
}

/// Returns the first [`DEPTH`] hits of each query by plain BM25 over the entries of a searcher. Holds all words of all
/// entries in memory.
pub fn run(searcher: &Searcher, queries: &[&JudgedQuery], unit: Unit) -> Result<Run> {
    let mut texts = BTreeMap::new();
    for entry in searcher.entries()? {
        let entry = entry?;
        let text = text(&entry);
        texts.insert(entry.id, text);
    }
    let mut baseline = Baseline::of(texts, unit);
    let ranked = |query: &&JudgedQuery| RankedQuery {
        id: query.id.clone(),
        hits: baseline.rank(&query.text),
    };
    Ok(Run {
        queries: queries.iter().map(ranked).collect(),
    })
}

/// Returns the title, where it is one, and every block of an entry.
fn text(entry: &Entry) -> String {
    let mut text = String::new();
    if !schema::repeats_its_text(entry) {
        text.push_str(&entry.title);
    }
    for block in entry.blocks() {
        text.push('\n');
        text.push_str(block.text());
    }
    text
}

impl Baseline {
    fn of(texts: BTreeMap<String, String>, unit: Unit) -> Self {
        let mut baseline = Baseline {
            ids: Vec::new(),
            lengths: Vec::new(),
            postings: HashMap::new(),
            units: Units::new(unit),
        };
        for (place, (id, text)) in texts.into_iter().enumerate() {
            let mut times: HashMap<String, f32> = HashMap::new();
            let words = baseline.units.of(&text);
            baseline.lengths.push(words.len() as f32);
            for word in words {
                *times.entry(word).or_default() += 1.0;
            }
            for (word, times) in times {
                baseline
                    .postings
                    .entry(word)
                    .or_default()
                    .push((place, times));
            }
            baseline.ids.push(id);
        }
        baseline
    }

    /// Returns the best entries with their scores, best first.
    fn rank(&mut self, query: &str) -> Vec<(String, f32)> {
        let documents = self.ids.len() as f32;
        let average = self.lengths.iter().sum::<f32>() / documents.max(1.0);
        let mut scores = vec![0f32; self.ids.len()];
        for word in self.units.of(query) {
            let Some(postings) = self.postings.get(&word) else {
                continue;
            };
            let with_word = postings.len() as f32;
            let idf = (1.0 + (documents - with_word + 0.5) / (with_word + 0.5)).ln();
            for (place, times) in postings {
                let length = K1 * (1.0 - B + B * self.lengths[*place] / average);
                scores[*place] += idf * times / (times + length);
            }
        }
        let scored = scores
            .into_iter()
            .enumerate()
            .filter(|(_, score)| *score > 0.0);
        let mut scored: Vec<(usize, f32)> = scored.collect();
        scored.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        let best = scored.into_iter().take(DEPTH);
        best.map(|(place, score)| (self.ids[place].clone(), score))
            .collect()
    }
}

/// Turns text into what is counted.
enum Units {
    Words(Box<WordStemmer>),
    CodeTokens(Box<Lexer>),
}

impl Units {
    fn new(unit: Unit) -> Self {
        match unit {
            Unit::Word => Units::Words(Box::default()),
            Unit::CodeToken => Units::CodeTokens(Box::default()),
        }
    }

    fn of(&mut self, text: &str) -> Vec<String> {
        match self {
            Units::Words(stemmer) => words(text, stemmer),
            Units::CodeTokens(lexer) => code_tokens(text, lexer),
        }
    }
}

fn words(text: &str, stemmer: &mut WordStemmer) -> Vec<String> {
    let lower = text.to_lowercase();
    // As Unicode parts words, which Lucene's standard tokenizer follows: underscores, and dots and apostrophes
    // inside, belong to a word.
    let pieces = lower.split(|character: char| {
        !character.is_alphanumeric() && !matches!(character, '_' | '.' | '\'' | '’')
    });
    let words = pieces.map(|piece| piece.trim_matches(['.', '\'', '’']));
    let words = words.filter(|word| !word.is_empty() && !is_stop_word(word));
    let stem = |word: &str| {
        let mut word = word.to_owned();
        stemmer.stem(&mut word, 0);
        word
    };
    words.map(stem).collect()
}

fn code_tokens(text: &str, lexer: &mut Lexer) -> Vec<String> {
    let mut tokens = Vec::new();
    lexer.run(text, &mut tokens);
    // A token keeps the bytes that it came from: a stem may look like a stop word.
    let is_counted = |token: &Token| {
        token.kind == TokenKind::Name || !is_stop_word(&text[token.range.clone()].to_lowercase())
    };
    let counted = tokens.into_iter().filter(is_counted);
    counted.map(|token| token.term).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_worked_by_hand() {
        let texts = [
            ("b", "The cached caches, of C++"),
            ("a", "cache"),
            ("c", "other words here"),
        ];
        let texts = texts.map(|(id, text)| (id.to_owned(), text.to_owned()));
        let mut baseline = Baseline::of(BTreeMap::from(texts), Unit::Word);
        // Lengths 1 (a), 3 (b: cach cach c), 3 (c): 7/3 on average; two of three have the word.
        let idf = (1.0f32 + 1.5 / 2.5).ln();
        let expected = [
            ("a", idf * 1.0 / (1.0 + 1.2 * (0.25 + 0.75 * 3.0 / 7.0))),
            ("b", idf * 2.0 / (2.0 + 1.2 * (0.25 + 0.75 * 9.0 / 7.0))),
        ];
        let found = baseline.rank("Caching the");
        assert_eq!(found.len(), 2);
        for ((id, score), (expected_id, expected)) in found.iter().zip(expected) {
            assert_eq!(id, expected_id);
            assert!(
                (score - expected).abs() < 1e-6,
                "{id}: {score}, expected {expected}"
            );
        }
        assert_eq!(baseline.rank("the of"), []);
    }

    #[test]
    fn names_are_found_by_their_parts_where_tokens_count() {
        let texts = [("a", "Call getUserName."), ("b", "Call of the wild")];
        let texts = BTreeMap::from(texts.map(|(id, text)| (id.to_owned(), text.to_owned())));
        let first = |unit, query| {
            let found = Baseline::of(texts.clone(), unit).rank(query);
            found.into_iter().next().map(|(id, _)| id)
        };
        for query in ["user names", "get_user_name", "getUserName"] {
            assert_eq!(
                first(Unit::CodeToken, query).as_deref(),
                Some("a"),
                "{query}"
            );
        }
        assert_eq!(first(Unit::Word, "user names"), None);
        assert_eq!(first(Unit::Word, "getUserName").as_deref(), Some("a"));
        assert_eq!(first(Unit::CodeToken, "of the"), None);
    }
}
