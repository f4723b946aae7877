//! Words that no entry has: what was meant, if that can be told.
//!
//! A word of prose is corrected to one that entries have, found by a Levenshtein automaton over the words as they are
//! written. When one candidate stands out, it is searched for at once; else it is a suggestion. A word that any entry has
//! is never touched, nor what is quoted; a name only when the whole query found nothing.

mod close;

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use tantivy::DocId;
use tantivy::schema::IndexRecordOption;

use super::plan::Plan;
use super::{Correction, Searcher, phrase};
use crate::analysis::{self, Token, TokenKind};
use crate::error::Result;
use crate::index::segments::FieldIndex;
use crate::query::compile::{QueryWord, SYNONYM_WEIGHT};
use crate::query::{Clause, Operand, Query};
use crate::rank::exactness::go_to;
use crate::work::Work;
use close::Close;

/// A longer query has words enough; what is pasted is full of words that no entry has.
const MAX_WORDS: usize = 16;
/// From so many letters on, two of them may be wrong.
const MIN_LETTERS_OF_TWO_EDITS: usize = 8;
/// How much more frequent a candidate must be than the next one as close.
const TIMES_MORE_FREQUENT: u64 = 4;
/// A candidate may be misspelled itself unless the square root of the number of entries, divided by this, has it: one in
/// up to 1,600 entries, 4 of 25,000.
const ENTRIES_A_MISSPELLING: u64 = 40;
/// A word of so many letters need not stand beside another of the query in any entry.
const MIN_LETTERS_ALONE: usize = 7;
/// The shortest part of a word that was written together.
const MIN_LETTERS_OF_PART: usize = 3;

/// What a query probably means.
#[derive(Default)]
pub(super) struct Respelled {
    /// The query with its corrections; none when there are none.
    pub(super) query: Query,
    /// What was corrected.
    pub(super) corrections: Vec<Correction>,
    /// The query with what is less certain corrected too.
    pub(super) suggestion: Option<String>,
}

/// A word that may be meant.
struct Candidate {
    word: String,
    edits: usize,
    slip: Slip,
    /// People rarely miss the first letter.
    has_other_first_letter: bool,
    entries: u64,
}

/// What of a query is known and what is not, by its terms.
struct Asked<'a> {
    unknown: HashSet<&'a str>,
    /// The words that entries have, and that say what is asked.
    context: Vec<&'a str>,
    nothing_found: bool,
}

/// Where a word is looked for that was meant.
struct Spelling<'a> {
    documents: u64,
    words: &'a FieldIndex<'a>,
    all: &'a FieldIndex<'a>,
    context: &'a [&'a str],
}

/// What stands in the text of a query in place of something else.
struct Replacement {
    range: Range<usize>,
    meant: String,
    is_certain: bool,
}

impl Replacement {
    fn new(token: &Token, (meant, is_certain): (String, bool)) -> Self {
        Replacement {
            range: token.range.clone(),
            meant,
            is_certain,
        }
    }
}

impl Searcher {
    /// Returns what was probably meant by the words that no entry has: those of weight 0.
    pub(super) fn respelled(
        &self,
        plan: &Plan,
        weights: &[f32],
        found: u64,
        work: &mut Work,
    ) -> Result<Respelled> {
        let mut respelled = Respelled::default();
        if plan.words.len() > MAX_WORDS {
            return Ok(respelled);
        }
        let weighed = plan.words.iter().zip(weights);
        let unknown: HashSet<&str> = weighed
            // What the vocabulary knows is no misspelling.
            .filter(|(word, weight)| **weight == 0.0 && !is_of_vocabulary(word))
            .filter_map(|(word, _)| Some(word.terms.first()?.term.as_str()))
            .collect();
        if unknown.is_empty() {
            return Ok(respelled);
        }
        let context: Vec<&str> = plan
            .words
            .iter()
            .zip(weights)
            .filter(|(word, weight)| **weight > 0.0 && word.is_content)
            .filter_map(|(word, _)| Some(word.terms.first()?.term.as_str()))
            .collect();
        let asked = Asked {
            unknown,
            context,
            nothing_found: found == 0,
        };
        respelled.query = plan.query.clone();
        let mut suggested = plan.query.clone();
        let clauses = respelled
            .query
            .clauses
            .iter_mut()
            .zip(&mut suggested.clauses);
        let mut is_suggested = false;
        for (clause, suggested) in clauses {
            let (Some(text), Some(suggested)) = (words_of(clause), words_of(suggested)) else {
                continue;
            };
            if text.contains('\n') {
                continue;
            }
            let replacements = self
                .replacements(text, &asked, work)
                .map_err(|error| self.index.failed(error))?;
            // From the end, so that the ranges before stay.
            for replacement in replacements.into_iter().rev() {
                suggested.replace_range(replacement.range.clone(), &replacement.meant);
                if replacement.is_certain {
                    let typed = text[replacement.range.clone()].to_owned();
                    text.replace_range(replacement.range, &replacement.meant);
                    respelled.corrections.insert(
                        0,
                        Correction {
                            typed,
                            meant: replacement.meant,
                        },
                    );
                } else {
                    is_suggested = true;
                }
            }
        }
        respelled.suggestion = is_suggested.then(|| suggested.to_string());
        Ok(respelled)
    }

    /// Returns what may be meant in a text, in its order.
    fn replacements(
        &self,
        text: &str,
        asked: &Asked<'_>,
        work: &mut Work,
    ) -> tantivy::Result<Vec<Replacement>> {
        let tokens = analysis::tokens(text);
        let mut replacements: Vec<Replacement> = Vec::new();
        let fields = &self.index.fields;
        let segments = &self.index.segments;
        let all = segments.field(fields.all)?;
        let words = segments.field(fields.words)?;
        let mut last_group = None;
        for (at, token) in tokens.iter().enumerate() {
            let is_head = last_group != Some(token.group);
            last_group = Some(token.group);
            let is_done = replacements
                .last()
                .is_some_and(|last| token.range.start < last.range.end);
            if !is_head || is_done || !asked.unknown.contains(token.term.as_str()) {
                continue;
            }
            let typed = &text[token.range.clone()];
            if token.kind == TokenKind::Word && analysis::is_prose(typed) {
                if let Some(joined) = self.joined(&all, text, &tokens, at)? {
                    replacements.push(joined);
                    continue;
                }
                let folded = analysis::fold(typed);
                let spelled = Spelling {
                    documents: segments.entries(),
                    words: &words,
                    all: &all,
                    context: &asked.context,
                };
                let spelled = spelled.corrected(&folded)?;
                let meant = match spelled {
                    Some((meant, true)) => Some((meant, true)),
                    unsure => split(&all, &folded, work)?
                        .map(|parts| (parts, true))
                        .or(unsure),
                };
                let meant = match meant {
                    // It may be a name that is written like a word.
                    None if asked.nothing_found => self.name_like(&all, &folded, work)?,
                    meant => meant,
                };
                replacements.extend(meant.map(|meant| Replacement::new(token, meant)));
            } else if asked.nothing_found && token.kind == TokenKind::Name {
                let meant = self.name_like(&all, &token.term, work)?;
                replacements.extend(meant.map(|meant| Replacement::new(token, meant)));
            }
        }
        Ok(replacements)
    }

    /// Returns the word that a word makes with a neighbour, if entries have that: `weak ref` is `weakref`.
    fn joined(
        &self,
        all: &FieldIndex<'_>,
        text: &str,
        tokens: &[Token],
        at: usize,
    ) -> tantivy::Result<Option<Replacement>> {
        let pairs = [
            at.checked_sub(1).map(|before| (before, at)),
            Some((at, at + 1)),
        ];
        for (first, second) in pairs.into_iter().flatten() {
            let (Some(first), Some(second)) = (tokens.get(first), tokens.get(second)) else {
                continue;
            };
            let between = &text[first.range.end.min(second.range.start)..second.range.start];
            let are_words = [first, second].iter().all(|token| {
                let typed = analysis::fold(&text[token.range.clone()]);
                token.kind == TokenKind::Word
                    && typed.chars().count() > 1
                    && typed.chars().all(char::is_alphabetic)
                    && !tells_nothing(&typed)
            });
            if !are_words || between.is_empty() || !between.trim().is_empty() {
                continue;
            }
            let joined = format!(
                "{}{}",
                analysis::fold(&text[first.range.clone()]),
                analysis::fold(&text[second.range.clone()])
            );
            let heads = analysis::tokens(&joined);
            let Some(head) = heads.first() else { continue };
            if all.entries_with(&head.term)? > 0 {
                return Ok(Some(Replacement {
                    range: first.range.start..second.range.end,
                    meant: joined,
                    is_certain: true,
                }));
            }
        }
        Ok(None)
    }

    /// Returns the name that is spelled almost like one that no entry has, as an entry writes it, and whether no other is.
    fn name_like(
        &self,
        all: &FieldIndex<'_>,
        name: &str,
        work: &mut Work,
    ) -> tantivy::Result<Option<(String, bool)>> {
        let Some(edits) = edits_allowed(name) else {
            return Ok(None);
        };
        // `E0503` is another error than `E0502`, `utf16` another encoding than `utf8`.
        let mut candidates = candidates(all, name, edits)?;
        candidates.retain(|candidate| digits(&candidate.word).eq(digits(name)));
        let Some((best, next)) = best_of(candidates) else {
            return Ok(None);
        };
        let stands_out = best.entries >= next.saturating_mul(TIMES_MORE_FREQUENT);
        let Some(term) = all.term(&best.word)? else {
            return Ok(None);
        };
        let document = all.first(&term, 1)?;
        let Some(document) = document.first() else {
            return Ok(None);
        };
        work.entries_read += 1;
        let Ok(entry) = self.stored(&self.store(), *document) else {
            return Ok(None);
        };
        let texts = entry.blocks().map(|block| block.text());
        let written = std::iter::once(entry.title.as_str())
            .chain(texts)
            .find_map(|text| {
                let tokens = analysis::tokens(text);
                let token = tokens.iter().find(|token| token.term == best.word)?;
                Some(text[token.range.clone()].to_owned())
            });
        Ok(written.map(|written| (written, stands_out)))
    }
}

fn digits(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(char::is_ascii_digit)
}

/// Returns the text of a clause that is nothing but wanted words.
fn words_of(clause: &mut Clause) -> Option<&mut String> {
    match clause.any_of.as_mut_slice() {
        [Operand::Words(text)] if !clause.excluded => Some(text),
        _ => None,
    }
}

/// Returns how many letters may be wrong in a word.
fn edits_allowed(word: &str) -> Option<u8> {
    match word.chars().count() {
        0..4 => None,
        4..MIN_LETTERS_OF_TWO_EDITS => Some(1),
        _ => Some(2),
    }
}

fn is_of_vocabulary(word: &QueryWord) -> bool {
    let mut alternatives = word.alternatives.iter();
    alternatives.any(|alternative| alternative.weight == SYNONYM_WEIGHT)
}

fn tells_nothing(word: &str) -> bool {
    analysis::is_question_word(word) || analysis::is_stop_word(word)
}

fn stem(word: &str) -> Option<String> {
    let tokens = analysis::tokens(word).into_iter();
    tokens.map(|token| token.term).next()
}

impl Spelling<'_> {
    /// Returns the word that was meant by one that no entry has, and whether that is certain.
    fn corrected(&self, typed: &str) -> tantivy::Result<Option<(String, bool)>> {
        let Some(edits) = edits_allowed(typed) else {
            return Ok(None);
        };
        for edits in 1..=edits {
            let found = candidates(self.words, typed, edits)?;
            let Some((best, next)) = best_of(found) else {
                continue;
            };
            if tells_nothing(&best.word) {
                // `waht`: it would not tell anything anyway.
                return Ok(None);
            }
            let is_frequent = best.entries.pow(2) * ENTRIES_A_MISSPELLING.pow(2) >= self.documents;
            if !is_frequent || best.has_other_first_letter && best.slip != Slip::Typical {
                return Ok(None);
            }
            let beside = self.words_beside(&best.word)?;
            let context = self.context.len();
            let stands_out = best.entries >= next.saturating_mul(TIMES_MORE_FREQUENT);
            let is_certain = match best.slip {
                Slip::Typical => typed.len() >= MIN_LETTERS_ALONE || beside > 0 || context == 0,
                // Two words that entries have together, and one letter for another.
                Slip::Possible => context >= 2 && beside == context,
                Slip::None => false,
            };
            if is_certain && stands_out && !best.has_other_first_letter {
                return Ok(Some((best.word, true)));
            }
            // What no entry has together is not offered.
            return Ok((2 * beside >= context).then_some((best.word, false)));
        }
        Ok(None)
    }

    /// Returns how many of the query's known words an entry has beside a word, at most.
    fn words_beside(&self, word: &str) -> tantivy::Result<usize> {
        let Some(stem) = stem(word) else {
            return Ok(0);
        };
        let mut documents: Vec<(DocId, usize)> = Vec::new();
        if let Some(term) = self.all.term(&stem)? {
            self.all
                .visit(&term, |document| documents.push((document, 0)))?;
        }
        for term in self.context {
            let Some(term) = self.all.term(term)? else {
                continue;
            };
            for (place, segment) in self.all.segments().iter().enumerate() {
                let basic = IndexRecordOption::Basic;
                let Some(mut found) = self.all.postings(&term, place, basic)? else {
                    continue;
                };
                let end = segment.base + segment.documents();
                let first = documents.partition_point(|(document, _)| *document < segment.base);
                let behind = documents.partition_point(|(document, _)| *document < end);
                for (document, beside) in &mut documents[first..behind] {
                    let document = *document - segment.base;
                    *beside += usize::from(go_to(&mut found, document) == document);
                }
            }
        }
        Ok(documents
            .iter()
            .map(|(_, beside)| *beside)
            .max()
            .unwrap_or(0))
    }
}

/// How likely it is that a finger slipped, and that no other word was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slip {
    /// Two letters swapped, one left out or one too many inside the word, a vowel for another in a long word.
    Typical,
    /// One letter for another inside the word.
    Possible,
    /// Anything else: words that differ at their end are often both words.
    None,
}

/// Returns how likely it is that somebody typed one word for another that differs in one place.
fn slip(typed: &str, meant: &str) -> Slip {
    let typed: Vec<char> = typed.chars().collect();
    let meant: Vec<char> = meant.chars().collect();
    let start = typed.iter().zip(&meant);
    let start = start.take_while(|(a, b)| a == b).count();
    let end = typed.iter().rev().zip(meant.iter().rev());
    let end = end.take_while(|(a, b)| a == b).count();
    let letters = typed.len();
    let is_inside = start > 0 && end > 0;
    let is_vowel = |letter: char| "aeiouy".contains(letter);
    match letters.cmp(&meant.len()) {
        Ordering::Less if is_inside && letters >= 5 => Slip::Typical,
        Ordering::Greater if is_inside && letters >= 6 => Slip::Typical,
        Ordering::Equal => {
            let is_swap = letters >= 5
                && typed.get(start) == meant.get(start + 1)
                && typed.get(start + 1) == meant.get(start);
            let are_vowels = is_vowel(typed[start]) && is_vowel(meant[start]);
            match is_inside {
                _ if is_swap => Slip::Typical,
                true if letters >= 7 && are_vowels => Slip::Typical,
                true if letters >= 6 => Slip::Possible,
                _ => Slip::None,
            }
        }
        _ => Slip::None,
    }
}

/// Returns the words of a field that differ from one by at most so many letters; by two only with the same first.
fn candidates(index: &FieldIndex<'_>, word: &str, edits: u8) -> tantivy::Result<Vec<Candidate>> {
    let mut close: BTreeSet<String> = BTreeSet::new();
    let Some(wanted) = Close::new(word, edits, edits > 1) else {
        return Ok(Vec::new());
    };
    for segment in 0..index.segments().iter().len() {
        if let Some(letters) = index.letters(segment)? {
            wanted.find(&letters, |word| {
                close.extend(std::str::from_utf8(word).map(str::to_owned));
            });
        }
    }
    let mut found = Vec::with_capacity(close.len());
    for candidate in &close {
        let entries = index.entries_with(candidate)?;
        if entries == 0 {
            continue;
        }
        let edits = strsim::osa_distance(word, candidate);
        found.push(Candidate {
            edits,
            slip: match edits {
                1 => slip(word, candidate),
                _ => Slip::None,
            },
            has_other_first_letter: candidate.chars().next() != word.chars().next(),
            entries,
            word: candidate.to_owned(),
        });
    }
    Ok(found)
}

/// Returns the best candidate, and how many entries have the next best that is as close. Forms of one word are one.
fn best_of(mut candidates: Vec<Candidate>) -> Option<(Candidate, u64)> {
    candidates.sort_by(|left, right| {
        let key = |candidate: &Candidate| {
            let Candidate { edits, slip, .. } = *candidate;
            (edits, candidate.has_other_first_letter, slip)
        };
        key(left)
            .cmp(&key(right))
            .then(right.entries.cmp(&left.entries))
            .then(left.word.cmp(&right.word))
    });
    let mut candidates = candidates.into_iter();
    let best = candidates.next()?;
    let stem = |word: &str| {
        analysis::tokens(word)
            .into_iter()
            .next()
            .map(|token| token.term)
    };
    let of_best = stem(&best.word);
    let next = candidates
        .take_while(|next| (next.edits, next.slip) == (best.edits, best.slip))
        .find(|next| stem(&next.word) != of_best);
    let next = next.map_or(0, |next| next.entries);
    Some((best, next))
}

/// Returns the two words that a word was written together from, if entries have them next to each other.
fn split(all: &FieldIndex<'_>, word: &str, work: &mut Work) -> tantivy::Result<Option<String>> {
    let mut best: Option<(u64, String)> = None;
    let places = word.char_indices().map(|(at, _)| at);
    for at in places.filter(|at| *at >= MIN_LETTERS_OF_PART) {
        let (first, second) = word.split_at(at);
        if second.len() < MIN_LETTERS_OF_PART {
            break;
        }
        let is_part = |part: &str| part.len() > MIN_LETTERS_OF_PART || !tells_nothing(part);
        if !is_part(first) || !is_part(second) {
            continue;
        }
        let parts = format!("{first} {second}");
        let entries = phrase::entries_with(all, &parts, work)?;
        if entries > 0 && best.as_ref().is_none_or(|(most, _)| entries > *most) {
            best = Some((entries, parts));
        }
    }
    Ok(best.map(|(_, parts)| parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_other_words() {
        use Slip::{None, Possible, Typical};
        for (typed, meant, expected) in [
            ("obejct", "object", Typical),
            ("distributino", "distribution", Typical),
            ("adress", "address", Typical),
            ("lamba", "lambda", Typical),
            ("dictionarry", "dictionary", Typical),
            ("grammer", "grammar", Typical),
            ("pointer", "poinxer", Possible),
            ("locking", "looking", Possible),
            ("model", "mode", None),
            ("visio", "vision", None),
            ("scala", "scale", None),
            ("reply", "rely", None),
            ("flask", "flash", None),
            ("modal", "model", None),
        ] {
            assert_eq!(slip(typed, meant), expected, "{typed} {meant}");
        }
    }
}
