//! The vocabulary: which words stand for which, so that `gc` finds "garbage collection" and the other way round.
//!
//! A rule is a line: `a, b, c` says that each stands for the others, `a => b` that whoever asks for `a` also means `b`.
//! The built-in rules are a text that is never read as a whole: a table made by the compiler tells where the words
//! stand that start with the same two letters.

use std::collections::HashMap;

use super::compile::{Alternative, QueryWord, SYNONYM_WEIGHT};
use crate::analysis::{self, Token};

const BUILT_IN: &str = include_str!("synonyms.txt");

/// A word that stands for many is too vague to stand for any.
const MAX_ALTERNATIVES: usize = 12;
/// Longer queries say what they mean in words enough; see `synonyms.txt`.
const MAX_WORDS: usize = 32;
/// More words than this are a sentence.
const MAX_WORDS_OF_MEMBER: usize = 6;

/// Which words stand for which. The default is the built-in vocabulary.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    rules: Vec<OwnRule>,
    /// First term of a source to the places of its rule and of itself in it.
    sources: HashMap<String, Vec<(usize, usize)>>,
    /// Words that do not stand for one another any more; one alone for nothing, and nothing for it.
    removed: Vec<Vec<Member>>,
    is_without_built_in: bool,
}

/// A line that is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct VocabularyError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it, and what was expected.
    pub message: String,
}

#[derive(Debug, Clone)]
struct OwnRule {
    sources: Vec<Member>,
    targets: Vec<Member>,
}

/// A word or several, as analysed.
#[derive(Debug, Clone)]
struct Member {
    name: String,
    /// The terms by which it is recognised: of each word and name the whole.
    heads: Vec<String>,
    /// The terms by which it is found, with their places.
    terms: Vec<(String, usize)>,
}

impl Vocabulary {
    /// Returns the built-in vocabulary with rules of somebody's own, one a line:
    ///
    /// - `a, b, c`: each stands for the others;
    /// - `a, b => c`: `a` and `b` also mean `c`, and `c` does not mean them;
    /// - `- a, b`: the built-in vocabulary does not let these stand for one another; `- a`: nor `a` for anything;
    /// - `- *`: nothing of the built-in vocabulary is used.
    ///
    /// Lines that start with `#` are comments.
    ///
    /// ```
    /// let vocabulary = qdex::query::Vocabulary::with("# ours\nwidget, doohickey\n- map, dict")?;
    /// let error = qdex::query::Vocabulary::with("widget").unwrap_err();
    /// assert_eq!(error.to_string(), "line 1: `widget` stands alone: expected two words or more, parted by commas");
    /// # Ok::<(), qdex::query::VocabularyError>(())
    /// ```
    pub fn with(rules: &str) -> Result<Self, VocabularyError> {
        let mut vocabulary = Vocabulary::default();
        for (place, line) in rules.trim_start_matches('\u{feff}').lines().enumerate() {
            vocabulary
                .add(line.trim())
                .map_err(|message| VocabularyError {
                    line: place + 1,
                    message,
                })?;
        }
        Ok(vocabulary)
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if let Some(removed) = line.strip_prefix("- ") {
            if removed.trim() == "*" {
                self.is_without_built_in = true;
            } else {
                self.removed.push(members(removed)?);
            }
            return Ok(());
        }
        let (sources, targets) = match line.split_once("=>") {
            Some((_, targets)) if targets.contains("=>") => {
                return Err(format!("`{line}` has `=>` twice: expected `a, b => c`"));
            }
            Some((sources, targets)) => (members(sources)?, members(targets)?),
            None => (members(line)?, members(line)?),
        };
        if !line.contains("=>") && sources.len() < 2 {
            return Err(format!(
                "`{line}` stands alone: expected two words or more, parted by commas"
            ));
        }
        for (place, source) in sources.iter().enumerate() {
            let folded = analysis::fold(&source.name);
            if analysis::is_stop_word(&folded) || analysis::is_question_word(&folded) {
                return Err(format!(
                    "`{}` stands in every other question: expected a word that tells them apart",
                    source.name
                ));
            }
            let places = self.sources.entry(source.heads[0].clone()).or_default();
            places.push((self.rules.len(), place));
        }
        self.rules.push(OwnRule { sources, targets });
        Ok(())
    }

    /// Adds to the words of a query what stands for them. A word that was typed stands for itself only.
    pub(crate) fn expand(
        &self,
        tokens: &[Token],
        is_exact: impl Fn(&Token) -> bool,
        words: &mut [QueryWord],
    ) {
        if words.len() > MAX_WORDS {
            return;
        }
        let heads = heads(tokens);
        for (place, head) in heads.iter().enumerate() {
            for source in self.sources(&head.term) {
                let length = source.member.heads.len();
                let Some(typed) = heads.get(place..place + length) else {
                    continue;
                };
                let is_source = typed
                    .iter()
                    .zip(&source.member.heads)
                    .all(|(token, head)| token.term == *head && !is_exact(token));
                if is_source {
                    let others = source.targets.into_iter();
                    others.for_each(|target| stand_for(target, typed, words));
                }
            }
        }
    }

    /// Returns the sources that start with a term.
    fn sources(&self, term: &str) -> impl Iterator<Item = Source> {
        let own = self.sources.get(term).into_iter().flatten();
        let own = own.map(|(rule, place)| {
            let rule = &self.rules[*rule];
            Source::new(rule.sources[*place].clone(), rule.targets.iter().cloned())
        });
        let built_in = (!self.is_without_built_in).then(|| TABLE.starting_like(term));
        let built_in = built_in.into_iter().flatten();
        let built_in = built_in.filter_map(move |at| self.built_in(usize::from(*at), term));
        own.chain(built_in)
    }

    /// Returns the source at a place of the built-in text if it starts with a term.
    fn built_in(&self, at: usize, term: &str) -> Option<Source> {
        let from_name = &BUILT_IN.as_bytes()[at..];
        let length = memchr::memchr3(b',', b'=', b'\n', from_name);
        let name = BUILT_IN[at..][..length.unwrap_or(from_name.len())].trim_end();
        // Stemming leaves all but the last letter of what it keeps, and of short words at most one letter is dropped: most
        // words need not be analysed.
        let kept = &term.as_bytes()[..term.len() - 1];
        let first_word = name.split([' ', '.', ':', '/']).next().unwrap_or_default();
        let is_too_long = term.len() <= 2 && first_word.len() > term.len() + 1;
        if !name.contains('-') && (is_too_long || !name.as_bytes().starts_with(kept)) {
            return None;
        }
        let member = Member::new(name)
            .ok()
            .filter(|member| member.heads[0] == term)?;
        let line_start = BUILT_IN[..at].rfind('\n').map_or(0, |before| before + 1);
        let line = BUILT_IN[line_start..].lines().next()?;
        let (_, targets) = line.split_once("=>").unwrap_or((line, line));
        let targets = targets.split(',').filter_map(|name| Member::new(name).ok());
        let targets: Vec<Member> = targets
            .filter(|target| !self.is_removed(&member, target))
            .collect();
        Some(Source::new(member, targets.into_iter()))
    }

    /// Returns what of the built-in text stands for words in several words: the terms of each, with their places.
    pub(crate) fn built_in_phrases() -> Vec<Vec<(String, usize)>> {
        let rules = BUILT_IN.lines().filter(|line| !line.starts_with('#'));
        let names = rules
            .flat_map(|rule| rule.split("=>"))
            .flat_map(|names| names.split(','));
        let members = names.filter_map(|name| Member::new(name).ok());
        let mut phrases: Vec<Vec<(String, usize)>> = members
            .map(|member| member.terms)
            .filter(|terms| terms.len() > 1)
            .collect();
        phrases.sort_unstable();
        phrases.dedup();
        phrases
    }

    fn is_removed(&self, source: &Member, target: &Member) -> bool {
        let is_in = |removed: &[Member], member: &Member| {
            removed.iter().any(|removed| removed.heads == member.heads)
        };
        self.removed.iter().any(|removed| match removed.as_slice() {
            [_] => is_in(removed, source) || is_in(removed, target),
            _ => is_in(removed, source) && is_in(removed, target),
        })
    }
}

/// A word that others stand for.
struct Source {
    member: Member,
    targets: Vec<Member>,
}

impl Source {
    fn new(member: Member, targets: impl Iterator<Item = Member>) -> Self {
        Source {
            targets: targets
                .filter(|target| target.heads != member.heads)
                .collect(),
            member,
        }
    }
}

impl Member {
    fn new(name: &str) -> Result<Self, String> {
        let name = name.trim();
        let tokens = analysis::tokens(name);
        let heads: Vec<String> = heads(&tokens)
            .iter()
            .map(|head| head.term.clone())
            .collect();
        let terms = match heads.as_slice() {
            [] => return Err(format!("`{name}` has no word in it: expected one")),
            [head] => vec![(head.clone(), 0)],
            _ if heads.len() > MAX_WORDS_OF_MEMBER => {
                return Err(format!(
                    "`{name}` is too long: expected at most {MAX_WORDS_OF_MEMBER} words"
                ));
            }
            _ => {
                let leaves = analysis::leaves(name).into_iter();
                leaves.map(|leaf| (leaf.term, leaf.position)).collect()
            }
        };
        Ok(Member {
            name: name.to_owned(),
            heads,
            terms,
        })
    }
}

/// Returns the words of a list.
fn members(list: &str) -> Result<Vec<Member>, String> {
    let word = |word: &str| match word.trim() {
        "" => Err(format!("`{}` lacks a word: expected `a, b`", list.trim())),
        word => Member::new(word),
    };
    list.split(',').map(word).collect()
}

/// Returns the words and whole names among tokens.
fn heads(tokens: &[Token]) -> Vec<&Token> {
    let mut heads: Vec<&Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        if heads.last().is_none_or(|last| last.group != token.group) {
            heads.push(token);
        }
    }
    heads
}

/// Lets a word stand for what was typed.
fn stand_for(target: Member, typed: &[&Token], words: &mut [QueryWord]) {
    let is_asked_for = |term: &str| {
        let mut terms = words.iter().flat_map(|word| &word.terms);
        terms.any(|asked| asked.term == term)
    };
    if target.terms.iter().all(|(term, _)| is_asked_for(term)) {
        return;
    }
    let is_typed = |word: &QueryWord| {
        let head = word.terms.first();
        head.is_some_and(|head| typed.iter().any(|token| token.term == head.term))
    };
    // "use" in "use case" is no word that needs another.
    let stands_for = words.iter().filter(|word| is_typed(word)).count();
    for word in words.iter_mut().filter(|word| is_typed(word)) {
        let is_known = |known: &Alternative| known.terms == target.terms;
        let is_vague = stands_for == 1 && typed.len() == 1 && !word.is_content;
        if !is_vague
            && word.alternatives.len() < MAX_ALTERNATIVES
            && !word.alternatives.iter().any(is_known)
        {
            word.alternatives.push(Alternative {
                name: target.name.clone(),
                terms: target.terms.clone(),
                stands_for,
                weight: SYNONYM_WEIGHT,
            });
        }
    }
}

/// Where the sources of the built-in rules stand, by their first two letters.
struct Table {
    /// By the hash of the letters, where its sources start in `sources`.
    starts: [u16; BUCKETS + 1],
    sources: [u16; SOURCES],
}

const BUCKETS: usize = 1024;
const SOURCES: usize = count_sources(BUILT_IN.as_bytes());
static TABLE: Table = Table::new(BUILT_IN.as_bytes());

impl Table {
    const fn new(text: &[u8]) -> Self {
        assert!(text.len() <= u16::MAX as usize);
        let mut starts = [0; BUCKETS + 1];
        let mut at = source_from(text, 0);
        while at < text.len() {
            starts[bucket(text, at) + 1] += 1;
            at = source_behind(text, at);
        }
        let mut place = 0;
        while place < BUCKETS {
            starts[place + 1] += starts[place];
            place += 1;
        }
        let mut free = starts;
        let mut sources = [0; SOURCES];
        let mut at = source_from(text, 0);
        while at < text.len() {
            let place = &mut free[bucket(text, at)];
            sources[*place as usize] = at as u16;
            *place += 1;
            at = source_behind(text, at);
        }
        Table { starts, sources }
    }

    /// Returns where the words stand that may start with a term.
    fn starting_like(&self, term: &str) -> &[u16] {
        let bucket = bucket(term.as_bytes(), 0);
        let range = usize::from(self.starts[bucket])..usize::from(self.starts[bucket + 1]);
        &self.sources[range]
    }
}

const fn count_sources(text: &[u8]) -> usize {
    let mut count = 0;
    let mut at = source_from(text, 0);
    while at < text.len() {
        count += 1;
        at = source_behind(text, at);
    }
    count
}

/// Returns where the first source stands at or behind the start of a line.
const fn source_from(text: &[u8], mut line: usize) -> usize {
    while line < text.len() && (text[line] == b'#' || text[line] == b'\n' || text[line] == b'\r') {
        line = next_line(text, line);
    }
    line
}

/// Returns where the source behind another one stands.
const fn source_behind(text: &[u8], mut at: usize) -> usize {
    while at < text.len() {
        match text[at] {
            b',' => return at + ", ".len(),
            b'=' if text[at + 1] == b'>' => return source_from(text, next_line(text, at)),
            b'\n' => return source_from(text, at + 1),
            _ => at += 1,
        }
    }
    at
}

const fn next_line(text: &[u8], mut at: usize) -> usize {
    while at < text.len() && text[at] != b'\n' {
        at += 1;
    }
    at + 1
}

/// Returns the hash of the first two letters of a word. Stemming leaves those alone, and analysis drops hyphens.
const fn bucket(text: &[u8], mut at: usize) -> usize {
    let mut hash = 0;
    let mut letters = 0;
    while at < text.len() && letters < 2 {
        match text[at] {
            b',' | b' ' | b'\n' | b'\r' => break,
            b'-' | b'_' | b'\'' => {}
            byte => {
                hash = hash * 37 + byte as usize;
                letters += 1;
            }
        }
        at += 1;
    }
    hash % BUCKETS
}

#[cfg(test)]
mod tests;
