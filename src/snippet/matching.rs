//! Where the words and phrases of a query stand in a text.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};
use unicode_segmentation::GraphemeCursor;

use super::beginnings::Beginnings;
use super::{Finder, Searched};
use crate::analysis::{self, Token};
use crate::query::compile::QueryWord;
use crate::query::{Operand, Query};

/// What so many pieces of texts hold is known once they have been looked at.
const MAX_KNOWN: usize = 4_096;
/// A longer piece hardly stands anywhere else.
const MAX_KNOWN_BYTES: usize = 64;

/// A place where a word of the query stands.
#[derive(Debug, Clone)]
pub(super) struct Match {
    pub(super) range: Range<usize>,
    pub(super) word: usize,
    /// Which of the word's terms; 0 is the word or name itself.
    pub(super) term: usize,
    /// For a word that is only asked for in a phrase: which, and how much of it stands here.
    phrase: Option<(usize, Likeness)>,
}

/// How much of a phrase stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// One of its words.
    Word,
    /// Its words next to each other, in any form.
    Words,
    /// The phrase, but for case and white space.
    Letters,
}

/// A place in the query that asks for a term.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    word: usize,
    term: usize,
    /// The phrase, when nothing else asks for the term.
    phrase: Option<usize>,
}

/// What a query wants next to each other.
pub(super) struct Phrase {
    /// The parts of its names and words with their places.
    leaves: Vec<(String, usize)>,
    /// Every term in it, whole names too.
    terms: FxHashSet<String>,
    letters: String,
}

/// Returns what the query wants next to each other: phrases, and code as it stands.
pub(super) fn phrases(query: &Query) -> Vec<Phrase> {
    let mut phrases = Vec::new();
    for operand in wanted(query) {
        let (Operand::Phrase(text) | Operand::Code(text)) = operand else {
            continue;
        };
        let leaves = analysis::leaves(text);
        let (Some(first), Some(last)) = (leaves.first(), leaves.last()) else {
            continue;
        };
        let terms = analysis::tokens(text).into_iter().map(|token| token.term);
        phrases.push(Phrase {
            letters: letters(&text[first.range.start..last.range.end]),
            leaves: leaves
                .iter()
                .map(|leaf| (leaf.term.clone(), leaf.position))
                .collect(),
            terms: terms.collect(),
        });
    }
    phrases
}

/// Returns the places of the query that ask for each term.
pub(super) fn places<'a>(
    query: &Query,
    words: &'a [QueryWord],
    phrases: &[Phrase],
) -> FxHashMap<&'a str, Vec<Place>> {
    let mut free: FxHashSet<String> = FxHashSet::default();
    if !phrases.is_empty() {
        for operand in wanted(query) {
            if let Operand::Words(text) | Operand::Title { text, .. } = operand {
                free.extend(analysis::tokens(text).into_iter().map(|token| token.term));
            }
        }
    }
    let phrase_of = |term: &str| {
        let is_bound = !free.contains(term);
        let mut holding = phrases.iter().enumerate();
        let holding = holding.find(|(_, phrase)| phrase.terms.contains(term));
        holding.map(|(place, _)| place).filter(|_| is_bound)
    };
    let mut places: FxHashMap<&str, Vec<Place>> = FxHashMap::default();
    for (word, asked) in words.iter().enumerate() {
        let whole = asked.terms.first().and_then(|term| phrase_of(&term.term));
        for (place, term) in asked.terms.iter().enumerate() {
            // What else stands for a word, such as a synonym, is bound like the word.
            let phrase = if free.contains(&term.term) {
                None
            } else {
                phrase_of(&term.term).or(whole)
            };
            places.entry(term.term.as_str()).or_default().push(Place {
                word,
                term: place,
                phrase,
            });
        }
        for alternative in &asked.alternatives {
            if let [(term, _)] = alternative.terms.as_slice() {
                places.entry(term.as_str()).or_default().push(Place {
                    word,
                    term: asked.terms.len(),
                    phrase: whole,
                });
            }
        }
    }
    places
}

/// Several words that stand for one of the query.
pub(super) struct Equivalent<'a> {
    /// With their places.
    pub(super) terms: &'a [(String, usize)],
    /// Where the query asks for it.
    place: Place,
}

/// Returns what stands for words of the query in several words.
pub(super) fn equivalents(words: &[QueryWord]) -> Vec<Equivalent<'_>> {
    let mut equivalents = Vec::new();
    for (word, asked) in words.iter().enumerate() {
        let several = asked.alternatives.iter();
        for alternative in several.filter(|alternative| alternative.terms.len() > 1) {
            equivalents.push(Equivalent {
                terms: &alternative.terms,
                place: Place {
                    word,
                    term: asked.terms.len(),
                    phrase: None,
                },
            });
        }
    }
    equivalents
}

/// The number of the beginnings of terms; that of an equivalent's term is behind it.
const OF_A_TERM: usize = 0;

/// Returns the beginnings of terms, and of those of equivalents.
pub(super) fn beginnings<'a>(
    terms: impl Iterator<Item = &'a str>,
    equivalents: &[Equivalent<'a>],
) -> Beginnings {
    let of_equivalents = equivalents.iter().flat_map(|equivalent| equivalent.terms);
    let of_equivalents = of_equivalents.map(|(term, _)| term.as_str());
    let numbered = (OF_A_TERM + 1..).zip(of_equivalents);
    let terms = terms.map(|term| (term, OF_A_TERM));
    Beginnings::new(terms.chain(numbered.map(|(number, term)| (term, number))))
}

fn wanted(query: &Query) -> impl Iterator<Item = &Operand> {
    let clauses = query.clauses.iter().filter(|clause| !clause.excluded);
    clauses.flat_map(|clause| &clause.any_of)
}

impl Finder<'_> {
    /// Returns where the query's words stand in a text, in the order of their starts.
    pub(super) fn matches(&mut self, text: &str) -> Vec<Match> {
        let mut matches = Vec::new();
        if self.terms.is_empty() {
            return matches;
        }
        // No token reaches over a blank or depends on what is behind one, so that each word can be looked at alone.
        let may_hold_equivalents = if text.is_ascii() && !self.beginnings.may_be_any(OF_A_TERM) {
            let mut starts = std::mem::take(&mut self.starts);
            let may_hold_equivalents = self.find_beginnings(text, &mut starts);
            let mut done = 0;
            for start in &starts {
                if *start < done {
                    continue;
                }
                let bytes = text.as_bytes();
                let blank_before = bytes[done..*start].iter().rposition(is_blank);
                let from = blank_before.map_or(done, |at| done + at + 1);
                let blank_behind = bytes[*start..].iter().position(is_blank);
                done = blank_behind.map_or(text.len(), |at| start + at);
                self.add_matches(text, from..done, &mut matches);
            }
            self.starts = starts;
            may_hold_equivalents
        } else {
            for piece in text.split_whitespace() {
                if self.may_match(piece) {
                    let start = piece.as_ptr() as usize - text.as_ptr() as usize;
                    self.add_matches(text, start..start + piece.len(), &mut matches);
                }
            }
            !self.equivalents.is_empty()
        };
        let words = matches.len();
        if !self.phrases.is_empty() && words > 0 {
            self.find_phrases(text, &mut matches);
        }
        if may_hold_equivalents {
            self.find_equivalents(text, &mut matches);
        }
        if matches.len() > words {
            matches.sort_by_key(|found| (found.range.start, found.range.end));
        }
        debug_assert!(matches.is_sorted_by_key(|found| found.range.start));
        matches
    }

    /// Adds the places of words in a piece of a text that has no blanks.
    fn add_matches(&mut self, text: &str, piece: Range<usize>, matches: &mut Vec<Match>) {
        let at = piece.start;
        let in_text = |found: &Match| Match {
            range: at + found.range.start..at + found.range.end,
            ..*found
        };
        let piece = &text[piece];
        if let Some(known) = self.pieces.get(piece) {
            return matches.extend(known.iter().map(in_text));
        }
        self.tokens.clear();
        self.lexer.run(piece, &mut self.tokens);
        let mut found = Vec::new();
        for token in &self.tokens {
            for place in self.terms.get(token.term.as_str()).into_iter().flatten() {
                found.push(Match {
                    range: token.range.clone(),
                    word: place.word,
                    term: place.term,
                    phrase: place.phrase.map(|phrase| (phrase, Likeness::Word)),
                });
            }
        }
        matches.extend(found.iter().map(in_text));
        if piece.len() <= MAX_KNOWN_BYTES && self.pieces.len() < MAX_KNOWN {
            self.pieces.insert(piece.to_owned(), found);
        }
    }

    /// Adds the places where whole phrases stand.
    fn find_phrases(&mut self, text: &str, matches: &mut Vec<Match>) {
        // Most texts do not have all words of one.
        let has_all = |number: usize| {
            let asked = self.terms.values().flatten();
            let mut asked = asked.filter(|place| place.phrase == Some(number));
            asked.all(|place| matches.iter().any(|found| found.word == place.word))
        };
        let whole: Vec<usize> = (0..self.phrases.len())
            .filter(|number| has_all(*number))
            .collect();
        if whole.is_empty() {
            return;
        }
        let words = matches.len();
        for number in whole {
            let ranges = self.runs_of(number, text, &matches[..words]);
            for range in ranges {
                let likeness = if letters(&text[range.clone()]) == self.phrases[number].letters {
                    Likeness::Letters
                } else {
                    Likeness::Words
                };
                let asked = self.terms.values().flatten();
                for place in asked.filter(|place| place.phrase == Some(number)) {
                    matches.push(Match {
                        range: range.clone(),
                        word: place.word,
                        term: place.term,
                        phrase: Some((number, likeness)),
                    });
                }
            }
        }
    }

    /// Returns where the words of a phrase stand next to each other in a text, of which the places of single words are known. Only what
    /// begins with the first one is analysed once more.
    fn runs_of(&mut self, number: usize, text: &str, matches: &[Match]) -> Vec<Range<usize>> {
        let phrase = &self.phrases[number];
        let first = phrase.leaves.first();
        let Some((first, asked)) =
            first.and_then(|(term, place)| Some((*place, self.terms.get(term.as_str())?)))
        else {
            return runs(&analysis::all_leaves(&mut self.lexer, text), &phrase.leaves);
        };
        let reach = phrase.leaves.iter().map(|(_, place)| place - first).max();
        let reach = reach.unwrap_or_default();
        let begins = |found: &&Match| {
            let mut asked = asked.iter();
            asked.any(|place| (place.word, place.term) == (found.word, found.term))
        };
        let mut found = Vec::new();
        let mut done = 0;
        for begun in matches.iter().filter(begins) {
            let start = begun.range.start;
            if start < done {
                continue;
            }
            let blank = text[done..start].rfind(char::is_whitespace);
            let from = blank.map_or(done, |at| done + at);
            let mut leaves: Vec<Token> = Vec::new();
            let (mut places, mut wanted) = (0, usize::MAX);
            done = 0;
            for piece in text[from..].split_whitespace() {
                let at = piece.as_ptr() as usize - text.as_ptr() as usize;
                let of_piece = analysis::all_leaves(&mut self.lexer, piece).into_iter();
                leaves.extend(of_piece.map(|leaf| Token {
                    range: at + leaf.range.start..at + leaf.range.end,
                    position: places + leaf.position,
                    ..leaf
                }));
                places += self.lexer.places();
                if done == 0 {
                    done = at + piece.len();
                    wanted = places + reach;
                }
                if places >= wanted {
                    break;
                }
            }
            let of_these = runs(&leaves, &phrase.leaves).into_iter();
            found.extend(of_these.filter(|range| range.start < done));
        }
        found
    }

    /// Adds the places of what stands for words of the query in several words.
    fn find_equivalents(&mut self, text: &str, matches: &mut Vec<Match>) {
        let mut tokens: Vec<Token> = Vec::new();
        self.lexer.run(text, &mut tokens);
        for equivalent in &self.equivalents {
            let place = equivalent.place;
            matches.extend(
                runs(&tokens, equivalent.terms)
                    .into_iter()
                    .map(|range| Match {
                        range,
                        word: place.word,
                        term: place.term,
                        phrase: None,
                    }),
            );
        }
    }

    /// Leaves out stray words of phrases that stand somewhere in the entry as they should.
    pub(super) fn keep_phrases(&self, title: &mut Vec<Match>, blocks: &mut [Searched<'_>]) {
        if self.phrases.is_empty() {
            return;
        }
        let mut best = vec![Likeness::Word; self.phrases.len()];
        let in_blocks = blocks.iter().flat_map(|searched| &searched.matches);
        for (phrase, likeness) in title
            .iter()
            .chain(in_blocks)
            .filter_map(|found| found.phrase)
        {
            best[phrase] = best[phrase].max(likeness);
        }
        let is_best = |found: &Match| {
            let kept = |(phrase, likeness): (usize, Likeness)| likeness == best[phrase];
            found.phrase.is_none_or(kept)
        };
        title.retain(is_best);
        for searched in blocks {
            searched.matches.retain(is_best);
        }
    }

    /// Returns false when no token of a text can be one of the terms: most texts of an entry need not be analysed.
    pub(super) fn may_match(&self, text: &str) -> bool {
        let mut may_match = !text.is_ascii();
        if !may_match {
            let visit = |_, number| may_match |= number == OF_A_TERM;
            self.beginnings.visit(text, visit);
        }
        may_match
    }

    /// Finds where tokens of an ASCII text start that may be one of the terms; returns whether it may hold an equivalent.
    fn find_beginnings(&mut self, text: &str, starts: &mut Vec<usize>) -> bool {
        starts.clear();
        let seen = &mut self.seen;
        seen.fill(false);
        self.beginnings.visit(text, |at, number| match number {
            OF_A_TERM => starts.push(at),
            _ => seen[number] = true,
        });
        starts.sort_unstable();
        let mut first = OF_A_TERM + 1;
        self.equivalents.iter().any(|equivalent| {
            let of_this = first..first + equivalent.terms.len();
            first = of_this.end;
            self.seen[of_this].iter().all(|is_seen| *is_seen)
        })
    }
}

/// Returns whether a byte of an ASCII text is white space, as `char` has it.
fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Returns where terms stand in a text as far from each other as their places say.
fn runs(tokens: &[Token], terms: &[(String, usize)]) -> Vec<Range<usize>> {
    let Some(((first, first_place), others)) = terms.split_first() else {
        return Vec::new();
    };
    let mut runs = Vec::new();
    for (at, start) in tokens.iter().enumerate() {
        if start.term != *first {
            continue;
        }
        let mut range = start.range.clone();
        let is_whole = others.iter().all(|(term, place)| {
            let position = start.position + place - first_place;
            let behind = tokens[at..].iter();
            let other = behind
                .take_while(|token| token.position <= position)
                .find(|token| token.position == position && token.term == *term);
            range.end = other.map_or(range.end, |other| range.end.max(other.range.end));
            other.is_some()
        });
        if is_whole {
            runs.push(range);
        }
    }
    runs
}

/// Returns a text in lower case with single blanks.
fn letters(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// Returns the ranges of matches in a text, sorted, with those that overlap made one, widened to whole characters as
/// people count them: an accent or a skin tone goes with what it stands on.
pub(super) fn merged(text: &str, matches: &[Match]) -> Vec<Range<usize>> {
    let is_simple = text.is_ascii();
    let whole = |range: &Range<usize>| {
        if is_simple {
            range.clone()
        } else {
            floor(text, range.start)..ceil(text, range.end)
        }
    };
    let mut ranges: Vec<Range<usize>> = matches.iter().map(|found| whole(&found.range)).collect();
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

/// Returns the last place up to a byte where a text may be cut: between two characters as people count them.
pub(super) fn floor(text: &str, mut at: usize) -> usize {
    while !may_cut(text, at) {
        at -= 1;
    }
    at
}

/// Returns the first place from a byte on where a text may be cut.
fn ceil(text: &str, mut at: usize) -> usize {
    while !may_cut(text, at) {
        at += 1;
    }
    at
}

fn may_cut(text: &str, at: usize) -> bool {
    if at == 0 || at >= text.len() {
        return true;
    }
    // Of ASCII, only what ends a line is a character of two.
    if let [before, behind, ..] = text.as_bytes()[at - 1..]
        && before.is_ascii()
        && behind.is_ascii()
    {
        return (before, behind) != (b'\r', b'\n');
    }
    text.is_char_boundary(at)
        && GraphemeCursor::new(at, text.len(), true)
            .is_boundary(text, 0)
            .unwrap_or(true)
}
