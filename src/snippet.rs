//! Snippets: the passage and the code block of an entry that answer a query, as text with byte ranges.

use std::ops::Range;

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::analysis::{Lexer, Token};
use crate::body::{Block, MarkKind, Prose, ProseStyle};
use crate::entry::Entry;
use crate::query::compile::QueryWord;

/// A part of an entry, with the places where query words stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// Plain text as the source wrote it, not yet safe for any medium: a renderer must neutralise it.
    pub text: String,
    /// Byte ranges of `text`: sorted, disjoint, on char boundaries.
    #[serde(serialize_with = "pairs")]
    pub highlights: Vec<Range<usize>>,
    /// Prose or code.
    pub kind: SnippetKind,
    /// The code's language, where its source names it.
    pub lang: Option<String>,
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

/// Writes ranges as the pairs of the JSON contract.
pub(crate) fn pairs<S: serde::Serializer>(
    ranges: &[Range<usize>],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(ranges.iter().map(|range| [range.start, range.end]))
}

/// The longest passage, in characters: three lines of a terminal.
const MAX_PASSAGE_CHARS: usize = 280;
/// How much of its worth a passage keeps when it stands in the question: the answer is what was asked for.
const QUESTION_FACTOR: f32 = 0.8;
/// The same for a heading, which announces and does not answer.
const HEADING_FACTOR: f32 = 0.5;
/// What a passage gains when its words stand close together, at most. Less than any further word is worth.
const CLOSENESS: f32 = 0.1;

/// Finds the parts of entries that answer one query.
pub(crate) struct Finder<'a> {
    words: &'a [QueryWord],
    weights: &'a [f32],
    /// Term to the words of the query that ask for it.
    terms: FxHashMap<&'a str, Vec<usize>>,
    /// What stands for words of the query in several words.
    phrases: Vec<Phrase<'a>>,
    lexer: Lexer,
    /// How texts that hold a term must hold it: what analysis leaves of the beginning of a word.
    beginnings: Vec<String>,
    folded: String,
}

/// What of an entry is shown.
pub(crate) struct Shown {
    pub(crate) title_highlights: Vec<Range<usize>>,
    pub(crate) snippet: Snippet,
    pub(crate) code: Option<Snippet>,
    /// Words of the query that the entry lacks, as typed.
    pub(crate) missing: Vec<String>,
}

/// A place where a word of the query stands.
struct Match {
    range: Range<usize>,
    word: usize,
}

/// Several words that stand for one of the query.
struct Phrase<'a> {
    terms: &'a [(String, usize)],
    /// The word of the query.
    word: usize,
    /// How texts that hold it must hold each of its terms.
    beginnings: Vec<String>,
}

/// A block with the query's words in it.
struct Searched<'e> {
    block: &'e Block,
    /// The answer's place; 0 is the question.
    part: usize,
    /// In the order of their starts.
    matches: Vec<Match>,
}

impl<'a> Finder<'a> {
    /// Returns a finder for a query whose words have these weights, by their rarity.
    pub(crate) fn new(words: &'a [QueryWord], weights: &'a [f32]) -> Self {
        let mut terms: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
        let mut phrases = Vec::new();
        for (place, word) in words.iter().enumerate() {
            for term in &word.terms {
                terms.entry(term.term.as_str()).or_default().push(place);
            }
            for alternative in &word.alternatives {
                match alternative.terms.as_slice() {
                    [(term, _)] => terms.entry(term.as_str()).or_default().push(place),
                    several => phrases.push(Phrase {
                        terms: several,
                        word: place,
                        beginnings: several.iter().map(|(term, _)| beginning(term)).collect(),
                    }),
                }
            }
        }
        Finder {
            words,
            weights,
            beginnings: terms.keys().map(|term| beginning(term)).collect(),
            terms,
            phrases,
            lexer: Lexer::default(),
            folded: String::new(),
        }
    }

    /// Returns what to show of an entry.
    pub(crate) fn find(&mut self, entry: &Entry) -> Shown {
        let title = self.matches(&entry.title);
        let answers = entry.answers.iter().enumerate();
        let answers = answers
            .flat_map(|(place, answer)| answer.blocks.iter().map(move |block| (place + 1, block)));
        let blocks: Vec<Searched<'_>> = entry
            .question
            .iter()
            .map(|block| (0, block))
            .chain(answers)
            .map(|(part, block)| Searched {
                block,
                part,
                matches: self.matches(block.text()),
            })
            .collect();
        let missing = self.missing(&title, &blocks, entry);
        let code = self.best_code(&blocks);
        let passage = self.best_passage(
            &blocks,
            code.filter(|place| !blocks[*place].matches.is_empty()),
        );
        let code = code
            .filter(|place| !blocks[*place].matches.is_empty())
            .or_else(|| nearest_code(&blocks, passage.as_ref().map(|passage| passage.0)));
        Shown {
            title_highlights: merged(&title),
            snippet: passage.map(|(_, snippet)| snippet).unwrap_or_default(),
            code: code.map(|place| code_snippet(&blocks[place])),
            missing,
        }
    }

    fn matches(&mut self, text: &str) -> Vec<Match> {
        let mut matches = Vec::new();
        if self.terms.is_empty() {
            return matches;
        }
        // No token reaches over a blank or depends on what is behind one, so that each word can be looked at alone.
        if self.may_match(text) {
            let mut tokens: Vec<Token> = Vec::new();
            for piece in text.split_whitespace() {
                if !self.may_match(piece) {
                    continue;
                }
                let start = piece.as_ptr() as usize - text.as_ptr() as usize;
                tokens.clear();
                self.lexer.run(piece, &mut tokens);
                for token in &tokens {
                    for word in self.terms.get(token.term.as_str()).into_iter().flatten() {
                        matches.push(Match {
                            range: start + token.range.start..start + token.range.end,
                            word: *word,
                        });
                    }
                }
            }
        }
        if !self.phrases.is_empty() {
            self.add_phrases(text, &mut matches);
            matches.sort_by_key(|found| found.range.start);
        }
        debug_assert!(matches.is_sorted_by_key(|found| found.range.start));
        matches
    }

    fn add_phrases(&mut self, text: &str, matches: &mut Vec<Match>) {
        let is_ascii = self.fold(text);
        let may_hold = |phrase: &Phrase<'_>| {
            let mut beginnings = phrase.beginnings.iter();
            !is_ascii || beginnings.all(|beginning| self.folded.contains(beginning.as_str()))
        };
        if !self.phrases.iter().any(may_hold) {
            return;
        }
        let mut tokens: Vec<Token> = Vec::new();
        self.lexer.run(text, &mut tokens);
        for phrase in &self.phrases {
            let Some(((first, first_place), others)) = phrase.terms.split_first() else {
                continue;
            };
            for (at, start) in tokens.iter().enumerate() {
                if start.term != *first {
                    continue;
                }
                let mut range = start.range.clone();
                let is_whole = others.iter().all(|(term, place)| {
                    let place = start.position + place - first_place;
                    let behind = tokens[at..].iter();
                    let other = behind
                        .take_while(|token| token.position <= place)
                        .find(|token| token.position == place && token.term == *term);
                    range.end = other.map_or(range.end, |other| range.end.max(other.range.end));
                    other.is_some()
                });
                if is_whole {
                    matches.push(Match {
                        range,
                        word: phrase.word,
                    });
                }
            }
        }
    }

    /// Returns false when no token of a text can be one of the terms: most texts of an entry need not be analysed.
    fn may_match(&mut self, text: &str) -> bool {
        !self.fold(text)
            || self
                .beginnings
                .iter()
                .any(|beginning| self.folded.contains(beginning.as_str()))
    }

    /// Keeps an ASCII text folded, without what analysis drops; returns whether it is one.
    fn fold(&mut self, text: &str) -> bool {
        let is_ascii = text.is_ascii();
        self.folded.clear();
        if is_ascii {
            let kept = text.bytes().filter(|byte| !is_dropped(*byte));
            self.folded
                .extend(kept.map(|byte| char::from(byte.to_ascii_lowercase())));
        }
        is_ascii
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

    /// Returns what the distinct words among matches are worth.
    fn coverage<'m>(&self, matches: impl Iterator<Item = &'m Match>) -> f32 {
        let mut words: Vec<usize> = matches.map(|found| found.word).collect();
        words.sort_unstable();
        words.dedup();
        let weight = |place: usize| self.weights.get(place).copied().unwrap_or_default();
        words.into_iter().map(weight).sum()
    }

    /// Returns the place of the code block with the most of the query's words; the first one when none has any.
    fn best_code(&self, blocks: &[Searched<'_>]) -> Option<usize> {
        let mut best: Option<(f32, usize)> = None;
        for (place, searched) in blocks.iter().enumerate() {
            if matches!(searched.block, Block::Code(_)) {
                let factor = if searched.part == 0 {
                    QUESTION_FACTOR
                } else {
                    1.0
                };
                let worth = factor * self.coverage(searched.matches.iter());
                if best.is_none_or(|(most, _)| worth > most) {
                    best = Some((worth, place));
                }
            }
        }
        best.map(|(_, place)| place)
    }

    /// Returns the passage to show and the place of its block: the one with the most of the query's words, else the
    /// text before the code that has them, else the beginning of the first answer.
    fn best_passage(
        &self,
        blocks: &[Searched<'_>],
        code: Option<usize>,
    ) -> Option<(usize, Snippet)> {
        let mut best: Option<(f32, usize, Range<usize>)> = None;
        for (place, searched) in blocks.iter().enumerate() {
            let Block::Prose(prose) = searched.block else {
                continue;
            };
            if searched.matches.is_empty() {
                continue;
            }
            let factor = match (searched.part, prose.style) {
                (_, ProseStyle::Heading(_)) => HEADING_FACTOR,
                (0, _) => QUESTION_FACTOR,
                _ => 1.0,
            };
            for window in windows(prose) {
                let from = searched
                    .matches
                    .partition_point(|found| found.range.start < window.start);
                let inside = || {
                    searched.matches[from..]
                        .iter()
                        .take_while(|found| found.range.start < window.end)
                        .filter(|found| found.range.end <= window.end)
                };
                let Some(first) = inside().next().map(|found| found.range.start) else {
                    continue;
                };
                let last = inside().map(|found| found.range.end).max().unwrap_or(first);
                let closeness = CLOSENESS / (1.0 + (last - first) as f32 / 80.0);
                let worth = factor * (self.coverage(inside()) + closeness);
                if best.as_ref().is_none_or(|(most, _, _)| worth > *most) {
                    best = Some((worth, place, window));
                }
            }
        }
        if let Some((_, place, window)) = best {
            return Some((place, passage(&blocks[place], window)));
        }
        let is_text = |searched: &Searched<'_>| {
            matches!(searched.block, Block::Prose(Prose { style, text, .. })
                if !matches!(style, ProseStyle::Heading(_)) && !text.trim().is_empty())
        };
        let before_code =
            code.and_then(|code| (0..code).rev().find(|place| is_text(&blocks[*place])));
        let first = || {
            let in_answers = blocks
                .iter()
                .position(|searched| searched.part > 0 && is_text(searched));
            in_answers.or_else(|| blocks.iter().position(is_text))
        };
        if let Some(place) = before_code.or_else(first)
            && let Block::Prose(prose) = blocks[place].block
        {
            let window = windows(prose)
                .into_iter()
                .next()
                .unwrap_or(0..prose.text.len());
            return Some((place, passage(&blocks[place], window)));
        }
        // An entry of code alone shows its code.
        let code = code.or_else(|| {
            blocks
                .iter()
                .position(|searched| matches!(searched.block, Block::Code(_)))
        })?;
        Some((code, first_lines(&blocks[code])))
    }
}

/// Returns whether analysis may drop a byte inside a name or word: separators and apostrophes.
fn is_dropped(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'\'')
}

/// Returns what every ASCII text with a term has, once folded and without what analysis drops. Stemming leaves the
/// first three letters alone, except in words whose stem has no more than three (`dying` and `die`, `cry` and `cri`).
fn beginning(term: &str) -> String {
    let kept: Vec<char> = term
        .chars()
        .filter(|character| u8::try_from(*character).map_or(true, |byte| !is_dropped(byte)))
        .collect();
    let letters = if kept.len() <= 3 { 1 } else { 3 };
    kept.into_iter().take(letters).collect()
}

fn is_inside(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    inner.start >= outer.start && inner.end <= outer.end
}

/// Returns the code that goes with a passage: the next one in its answer, else the one before, else any.
fn nearest_code(blocks: &[Searched<'_>], passage: Option<usize>) -> Option<usize> {
    let is_code = |place: &usize| matches!(blocks[*place].block, Block::Code(_));
    let passage = passage.unwrap_or(0);
    let part = blocks.get(passage)?.part;
    let in_part = |place: &usize| blocks[*place].part == part;
    (passage..blocks.len())
        .take_while(in_part)
        .find(is_code)
        .or_else(|| (0..passage).rev().take_while(in_part).find(is_code))
        .or_else(|| (0..blocks.len()).find(is_code))
}

/// Returns the ranges of a text that may become a passage: runs of whole sentences that fit, and pieces of a sentence
/// that does not.
fn windows(prose: &Prose) -> Vec<Range<usize>> {
    let text = &prose.text;
    let mut pieces = Vec::new();
    for sentence in sentences(prose) {
        if text[sentence.clone()].chars().count() <= MAX_PASSAGE_CHARS {
            pieces.push(sentence);
        } else {
            pieces.extend(word_runs(text, sentence));
        }
    }
    let starts = char_places(text, pieces.iter().map(|piece| piece.start));
    let ends = char_places(text, pieces.iter().map(|piece| piece.end));
    let mut last = 0;
    (0..pieces.len())
        .map(|first| {
            last = last.max(first);
            while last + 1 < pieces.len() && ends[last + 1] - starts[first] <= MAX_PASSAGE_CHARS {
                last += 1;
            }
            pieces[first].start..pieces[last].end
        })
        .collect()
}

/// Returns how many characters stand before each of some bytes of a text, which are in order.
fn char_places(text: &str, bytes: impl Iterator<Item = usize>) -> Vec<usize> {
    let (mut from, mut characters) = (0, 0);
    bytes
        .map(|at| {
            characters += text[from..at].chars().count();
            from = at;
            characters
        })
        .collect()
}

/// Returns the sentences of a text, without the blanks around them.
fn sentences(prose: &Prose) -> Vec<Range<usize>> {
    let text = &prose.text;
    let mut code = prose.marks.clone();
    code.retain(|mark| mark.kind == MarkKind::Code);
    let in_code = |at: usize| {
        let begun = code.partition_point(|mark| mark.start < at);
        begun > 0 && at < code[begun - 1].end
    };
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let end = at + character.len_utf8();
        let next = characters.peek().map(|(_, next)| *next);
        let stops = match character {
            '.' | '!' | '?' => {
                let after = text[end..].trim_start().chars().next();
                // `e.g. this` goes on.
                next.is_some_and(char::is_whitespace)
                    && !after.is_some_and(char::is_lowercase)
                    && !in_code(at)
            }
            '。' | '！' | '？' | '\n' => true,
            _ => false,
        };
        if stops {
            push_trimmed(text, start..end, &mut sentences);
            start = end;
        }
    }
    push_trimmed(text, start..text.len(), &mut sentences);
    sentences
}

/// Returns overlapping runs of whole words of a text that is too long for a passage. A run without a blank is cut
/// anywhere.
fn word_runs(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = range.start;
    loop {
        let rest = &text[start..range.end];
        let place = |character: usize| rest.char_indices().nth(character).map(|(at, _)| at);
        let (Some(limit), Some(third)) = (place(MAX_PASSAGE_CHARS), place(MAX_PASSAGE_CHARS / 3))
        else {
            push_trimmed(text, start..range.end, &mut runs);
            return runs;
        };
        let blank = rest[..limit].rfind(char::is_whitespace);
        let end = blank.filter(|at| *at > 0).unwrap_or(limit);
        push_trimmed(text, start..start + end, &mut runs);
        // A step of a third of a passage loses little, and keeps a page without a full stop from costing its square.
        let next_word = rest[third.min(end)..end].find(char::is_whitespace);
        start += match next_word {
            Some(at) => third + at,
            None if end == limit => third,
            None => end,
        };
        start += text[start..].len() - text[start..].trim_start().len();
    }
}

fn push_trimmed(text: &str, range: Range<usize>, ranges: &mut Vec<Range<usize>>) {
    let slice = &text[range.clone()];
    let start = range.start + (slice.len() - slice.trim_start().len());
    let end = start + slice.trim().len();
    if start < end {
        ranges.push(start..end);
    }
}

/// Returns a range of a block as a snippet, with an ellipsis where it cuts a sentence.
fn passage(searched: &Searched<'_>, window: Range<usize>) -> Snippet {
    let whole = searched.block.text();
    let before = whole[..window.start].trim_end();
    let after = whole[window.end..].trim_start();
    let ends_sentence = |text: &str| {
        text.is_empty() || text.ends_with(['.', '!', '?', ':', '。', '！', '？', '\n'])
    };
    let prefix = if ends_sentence(before) || whole[..window.start].ends_with('\n') {
        ""
    } else {
        "… "
    };
    let slice = &whole[window.clone()];
    let suffix =
        if after.is_empty() || ends_sentence(slice) || whole[window.end..].starts_with('\n') {
            ""
        } else {
            " …"
        };
    let shift = |range: Range<usize>| {
        range.start - window.start + prefix.len()..range.end - window.start + prefix.len()
    };
    let inside = merged(&searched.matches)
        .into_iter()
        .filter(|range| is_inside(range, &window));
    Snippet {
        text: format!("{prefix}{slice}{suffix}"),
        highlights: inside.map(shift).collect(),
        kind: SnippetKind::Prose,
        lang: None,
    }
}

fn code_snippet(searched: &Searched<'_>) -> Snippet {
    let lang = match searched.block {
        Block::Code(code) => code.lang.clone(),
        Block::Prose(_) => None,
    };
    Snippet {
        text: searched.block.text().to_owned(),
        highlights: merged(&searched.matches),
        kind: SnippetKind::Code,
        lang,
    }
}

/// How many lines of code stand for an entry that has nothing else.
const MAX_CODE_LINES: usize = 8;

fn first_lines(searched: &Searched<'_>) -> Snippet {
    let mut snippet = code_snippet(searched);
    let end = snippet
        .text
        .match_indices('\n')
        .nth(MAX_CODE_LINES - 1)
        .map_or(snippet.text.len(), |(at, _)| at);
    snippet.text.truncate(end);
    snippet.highlights.retain(|range| range.end <= end);
    snippet
}

/// Returns the ranges of matches, sorted, with those that touch made one.
fn merged(matches: &[Match]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = matches.iter().map(|found| found.range.clone()).collect();
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests;
