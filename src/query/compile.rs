//! From a query to weighted terms. All weights of phase 1 stand here, each with its reason.
//!
//! The figures in the reasons are nDCG@10 on five judged sets of questions about programming (see ARCHITECTURE.md).

use std::collections::HashMap;
use std::ops::Range;

use super::vocabulary::Vocabulary;
use super::{Operand, Query};
use crate::accumulate::Bm25;
use crate::analysis::{self, Token, TokenKind};
use crate::message::Reading;

/// A little more k1 than the usual 1.2 helps long questions (+.005) and costs short ones nothing. Answers differ in
/// length by their code more than by their subject, so that b = 0.9 gains +.004 on the mean, and +.017 on whole
/// questions, over 0.75.
pub(crate) const BM25: Bm25 = Bm25 { k1: 1.3, b: 0.9 };

/// A match in the title counts three quarters again, by the word's rarity in all text: by its rarity in titles it
/// would depend on how many titles there are. 0.5 loses .006 on one set, 1.0 loses .005 on another.
pub(crate) const TITLE_WEIGHT: f32 = 0.75;

/// "how", "best" and "using" say that something is asked, not what. At 0.2 they are missed where they tell two
/// questions apart (−.005), at 0.6 they drown rarer words (−.002).
const QUESTION_WORD_WEIGHT: f32 = 0.45;

/// The first line of a query of several lines is its title: +.010 on whole questions. 2.0 gains on one set and loses
/// on the other.
const FIRST_LINE_WEIGHT: f32 = 1.5;

/// What a word that stands for the typed one counts beside it. Against 0.5 this gains .004 on paraphrases and on web queries,
/// .005 on the sample corpus, .002 on theory, and loses nowhere; it must stay below 1, so that the typed word comes first.
pub(crate) const SYNONYM_WEIGHT: f32 = 0.85;

/// What a name counts that is spelled like the typed word: `datetime` for `DateTime`, which is not stemmed. It may be
/// another thing, though seldom.
const SAME_NAME_WEIGHT: f32 = 0.9;

/// A pair of words that follow each other in the message of an error, in an entry that quotes such a message. With the
/// whole message, worth +.014 recall@1 on errors in an index of 15,000 entries; at 0.1 half of that.
const MESSAGE_PAIR_WEIGHT: f32 = 0.3;

/// The whole message but for its values. At 1 it drowns what tells two entries with the same message apart (−.005).
const MESSAGE_WEIGHT: f32 = 0.5;

/// The language of the files that an error names: `index out of range` is said in many. Without it −.02 recall@1.
const LANGUAGE_WEIGHT: f32 = 1.0;

/// A word of an error that counts less is none that an entry should have.
const SAID_WEIGHT: f32 = 0.6;

/// One thing that a query asks for: a word, or a name with its parts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueryWord {
    /// As typed.
    pub(crate) typed: String,
    /// Its place in the query, in words.
    pub(crate) place: usize,
    /// Whether an entry without it lacks something: it says what is asked, and has no alternative.
    pub(crate) is_content: bool,
    /// The terms that stand for it, the whole name before its parts.
    pub(crate) terms: Vec<QueryTerm>,
    /// What stands for it.
    pub(crate) alternatives: Vec<Alternative>,
    /// What tells how exactly an entry has it; for names only.
    pub(crate) name: Option<QueryName>,
}

/// A name of the query: all of it, also what stands elsewhere in the query and is scored there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueryName {
    /// As typed, without what is around it.
    pub(crate) spelling: String,
    /// The whole name, folded, as it stands in the index.
    pub(crate) whole: String,
    /// Its parts and their places.
    pub(crate) parts: Vec<(String, usize)>,
}

impl QueryName {
    /// Returns the name that a token of a query is, if it is one.
    fn of(text: &str, whole: &Token) -> Option<Self> {
        let spelling = analysis::spelling(text, whole)?;
        let parts = analysis::leaves(spelling).into_iter();
        let parts = parts.filter(|part| part.term != whole.term);
        Some(QueryName {
            spelling: spelling.to_owned(),
            whole: whole.term.clone(),
            parts: parts.map(|part| (part.term, part.position)).collect(),
        })
    }

    /// Returns whether it is made of lower-case words and hyphens alone, like many words of prose.
    pub(crate) fn is_hyphenated(&self) -> bool {
        self.spelling.starts_with(char::is_lowercase)
            && self
                .spelling
                .chars()
                .all(|character| character == '-' || character.is_lowercase())
    }
}

/// What stands for a word of the query, or for several: `garbage collection` for `gc`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alternative {
    /// As the vocabulary writes it.
    pub(crate) name: String,
    /// Its terms, which stand next to each other, each with its place among them.
    pub(crate) terms: Vec<(String, usize)>,
    /// For how many words of the query it stands.
    pub(crate) stands_for: usize,
    /// What it counts beside what was typed.
    pub(crate) weight: f32,
}

/// A term to look up, and what it counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueryTerm {
    /// The term as it stands in the index.
    pub(crate) term: String,
    /// What it counts beside its rarity.
    pub(crate) weight: f32,
    /// Whether it stands in nearly every text and is asked about all the same: then it counts by its rarity in titles.
    pub(crate) is_subject: bool,
}

/// Returns whether a stop word or question word is what a query is about: `is vs ==`, `with statement`, `NOT IN (…)`, `` `as` ``.
///
/// The judged sets hold few such questions: +.0002 nDCG@10 on their mean, nothing lost.
fn is_subject(text: &str, tokens: &[Token], place: usize, has_lower_case: bool) -> bool {
    const COMPARED: [&str; 2] = ["vs", "versus"];
    const NAMED: [&str; 4] = ["operator", "keyword", "statement", "clause"];
    let is_one_of = |place: Option<usize>, words: &[&str]| {
        let token = place.and_then(|place| tokens.get(place));
        token.is_some_and(|token| {
            words.contains(&analysis::fold(&text[token.range.clone()]).as_str())
        })
    };
    if is_one_of(Some(place), &COMPARED) {
        return false;
    }
    if is_one_of(place.checked_sub(1), &COMPARED)
        || is_one_of(Some(place + 1), &COMPARED)
        || is_one_of(Some(place + 1), &NAMED)
    {
        return true;
    }
    let range = tokens[place].range.clone();
    let typed = &text[range.clone()];
    // In a query that is not all capitals, they name a keyword of SQL as a rule.
    let is_loud = typed.len() > 1 && typed.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_code = text[..range.start].ends_with('`') && text[range.end..].starts_with('`');
    is_code || is_loud && has_lower_case
}

/// Returns what a query asks for, each term once. Stop words are left out unless there is nothing else.
///
/// What must be there counts like what is wanted: a phrase, a piece of code or a title by its words.
///
/// A text that is read as an error counts by what its words are: the message, not the paths around it. Nothing else
/// stands for its words, which a program wrote.
pub(crate) fn compile(
    query: &Query,
    vocabulary: &Vocabulary,
    reading: Option<&Reading>,
) -> Vec<QueryWord> {
    let Scored {
        text,
        optional,
        exact,
    } = scored(query);
    let tokens = analysis::tokens(&text);
    let surface = |token: &Token| analysis::fold(&text[token.range.clone()]);
    let is_stop =
        |token: &Token| token.kind == TokenKind::Word && analysis::is_stop_word(&surface(token));
    let only_stop_words = tokens.iter().all(is_stop);
    let first_line = match reading {
        None => text.find('\n').unwrap_or(0),
        Some(_) => 0,
    };
    let has_lower_case = text.bytes().any(|byte| byte.is_ascii_lowercase());
    let is_subject_at = |place: usize, token: &Token| {
        reading.is_none()
            && token.kind == TokenKind::Word
            && is_subject(&text, &tokens, place, has_lower_case)
    };
    let is_left_out = |place: usize, token: &Token| {
        !only_stop_words && is_stop(token) && !is_subject_at(place, token)
    };
    let occurrences = occurrences(&tokens, reading, is_left_out);
    let is_in = |ranges: &[Range<usize>], token: &Token| {
        let before = ranges.partition_point(|range| range.end <= token.range.start);
        let range = ranges.get(before);
        range.is_some_and(|range| range.contains(&token.range.start))
    };
    let mut words: Vec<QueryWord> = Vec::new();
    let mut group = None;
    for (place, token) in tokens.iter().enumerate() {
        let is_subject = is_subject_at(place, token);
        let occurrence = &occurrences[token.term.as_str()];
        if occurrence.place != Some(place) || occurrence.weight == 0.0 {
            continue;
        }
        // A mark behind a blank ends a sentence more often than it is Rust's operator.
        let is_mark = matches!(token.term.as_str(), "?" | "!");
        let is_question_word = token.kind == TokenKind::Word
            && !is_subject
            && analysis::is_question_word(&surface(token));
        let is_content = !is_question_word && !is_mark;
        let is_said = reading.is_none() || occurrence.weight >= SAID_WEIGHT;
        let mut weight = occurrence.weight;
        if !is_content {
            weight *= QUESTION_WORD_WEIGHT;
        }
        if token.range.start < first_line {
            weight *= FIRST_LINE_WEIGHT;
        }
        let term = QueryTerm {
            term: token.term.clone(),
            weight,
            is_subject: is_subject && is_stop(token),
        };
        match words.last_mut() {
            Some(word) if group == Some(token.group) => word.terms.push(term),
            _ => words.push(QueryWord {
                typed: text[token.range.clone()].to_owned(),
                place: token.position,
                is_content: is_content && is_said && !is_in(&optional, token),
                terms: vec![term],
                alternatives: Vec::new(),
                name: QueryName::of(&text, token).filter(|_| is_content && is_said),
            }),
        }
        if group != Some(token.group)
            && let Some(other) = spelled_alike(token, &surface(token))
            && let Some(word) = words.last_mut()
        {
            word.alternatives.push(Alternative {
                terms: vec![(other.clone(), 0)],
                name: other,
                stands_for: 1,
                weight: SAME_NAME_WEIGHT,
            });
        }
        group = Some(token.group);
    }
    // What is quoted is meant as it stands.
    let is_exact = |token: &Token| reading.is_some() || is_in(&exact, token);
    vocabulary.expand(&tokens, is_exact, &mut words);
    if let Some(language) = reading.and_then(|reading| reading.language)
        && !words.is_empty()
    {
        words.push(QueryWord {
            typed: language.to_owned(),
            place: tokens.len() + 1,
            is_content: false,
            terms: vec![QueryTerm {
                term: language_term(language),
                weight: LANGUAGE_WEIGHT,
                is_subject: false,
            }],
            alternatives: Vec::new(),
            name: None,
        });
    }
    words
}

/// Returns how a word would stand in the index as a name of several humps, and a name of letters as a word, where stemming
/// makes these two.
fn spelled_alike(token: &Token, surface: &str) -> Option<String> {
    let is_ascii_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase());
    match token.kind {
        TokenKind::Word if is_ascii_word(surface) && token.term != surface => {
            Some(surface.to_owned())
        }
        TokenKind::Name if is_ascii_word(&token.term) => {
            let word = analysis::tokens(&token.term).into_iter().next()?;
            (word.term != token.term).then_some(word.term)
        }
        _ => None,
    }
}

/// Returns the messages that an error asks for, as terms of the field that holds the messages of entries.
pub(crate) fn messages(reading: &Reading) -> Vec<QueryTerm> {
    let weighted = |(term, weight): &(String, f32)| QueryTerm {
        term: term.clone(),
        is_subject: false,
        weight: weight
            * if term.starts_with('=') {
                MESSAGE_WEIGHT
            } else {
                MESSAGE_PAIR_WEIGHT
            },
    };
    reading.terms.iter().map(weighted).collect()
}

/// Returns the word of the index for a language: stems, but `c#` is whole.
fn language_term(language: &str) -> String {
    let first = analysis::tokens(language).into_iter().next();
    first.map_or_else(String::new, |token| token.term)
}

/// Where a term of the query stands, and what it counts there.
struct Occurrence {
    /// The place of the token that is taken for all of them; `None` when all are left out.
    place: Option<usize>,
    weight: f32,
}

/// Returns for each term the token that stands for it: the first one that is not left out, and in an error the one that
/// counts most.
fn occurrences<'a>(
    tokens: &'a [Token],
    reading: Option<&Reading>,
    is_left_out: impl Fn(usize, &Token) -> bool,
) -> HashMap<&'a str, Occurrence> {
    let mut occurrences: HashMap<&str, Occurrence> = HashMap::with_capacity(tokens.len());
    for (place, token) in tokens.iter().enumerate() {
        let occurrence = occurrences
            .entry(token.term.as_str())
            .or_insert(Occurrence {
                place: None,
                weight: 0.0,
            });
        let is_first = occurrence.place.is_none();
        match reading {
            None => {
                occurrence.weight += 1.0;
                if is_first && !is_left_out(place, token) {
                    occurrence.place = Some(place);
                }
            }
            // A stack names its functions over and over, and they are not what it is about.
            Some(reading) => {
                let weight = reading.weight_at(token.range.start);
                if (is_first || weight > occurrence.weight) && !is_left_out(place, token) {
                    *occurrence = Occurrence {
                        place: Some(place),
                        weight,
                    };
                }
            }
        }
    }
    if reading.is_none() {
        // What a long question says again is what it is about. Each further time counts less: the square root is as
        // good as the logarithm, and both gain +.03 on whole questions over counting once.
        occurrences
            .values_mut()
            .for_each(|occurrence| occurrence.weight = occurrence.weight.sqrt());
    }
    occurrences
}

/// The text of a query that is scored.
#[derive(Default)]
struct Scored {
    text: String,
    /// The bytes of it to which there are alternatives.
    optional: Vec<Range<usize>>,
    /// The bytes of it that are quoted.
    exact: Vec<Range<usize>>,
}

fn scored(query: &Query) -> Scored {
    let mut scored = Scored::default();
    for clause in query.clauses.iter().filter(|clause| !clause.excluded) {
        for operand in &clause.any_of {
            let (Operand::Words(text)
            | Operand::Phrase(text)
            | Operand::Code(text)
            | Operand::Title { text, .. }) = operand
            else {
                continue;
            };
            if !scored.text.is_empty() {
                scored.text.push(' ');
            }
            let start = scored.text.len();
            scored.text.push_str(text);
            if !matches!(operand, Operand::Words(_)) {
                scored.exact.push(start..scored.text.len());
            }
            if clause.any_of.len() > 1 {
                scored.optional.push(start..scored.text.len());
            }
        }
    }
    scored
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_carry_their_terms_and_weights() {
        let compiled = |text: &str| {
            let words = compile(
                &super::super::parse(text).query,
                &Vocabulary::default(),
                None,
            );
            let term = |term: &QueryTerm| match term.weight {
                1.0 => term.term.clone(),
                weight => format!("{}^{weight:.2}", term.term),
            };
            let word = |word: &QueryWord| {
                let of_vocabulary = word.alternatives.iter();
                let of_vocabulary = of_vocabulary.filter(|other| other.weight == SYNONYM_WEIGHT);
                let names = of_vocabulary.map(|other| other.name.clone());
                let names: Vec<String> = names.collect();
                let terms: Vec<String> = word.terms.iter().map(term).collect();
                let otherwise = if names.is_empty() { "" } else { "|" };
                format!(
                    "{}={}{otherwise}{}",
                    word.typed,
                    terms.join(","),
                    names.join("|")
                )
            };
            words.iter().map(word).collect::<Vec<_>>().join(" ")
        };
        for (text, expected) in [
            ("weakref  cache", "weakref=weakref cache=cach"),
            (
                "how to use the cache",
                "how=how^0.45 use=use^0.45 cache=cach",
            ),
            ("to be or not to be", "to=to^1.41 be=be^1.41 or=or not=not"),
            ("cache caches Cache hit", "cache=cach^1.73 hit=hit"),
            ("std::move", "std::move=std::move,std,move"),
            (
                "git commit --amend",
                "git=git commit=commit --amend=--amend,amend",
            ),
            ("title\nbody", "title=titl^1.50 body=bodi"),
            (
                "\"weak references\" tag:python OR gc -\"cache\" is:accepted",
                "weak=weak references=refer gc=gc",
            ),
            (
                "code:\"std::move(\" title:cache",
                "std::move=std::move,std,move cache=cach",
            ),
            ("is vs ==", "is=is vs=vs^0.45 ====="),
            ("for versus while", "for=for versus=versus^0.45 while=while"),
            ("the with statement", "with=with statement=statement"),
            ("NOT IN vs exists", "NOT=not IN=in vs=vs^0.45 exists=exist"),
            ("NOT IN NULL", "NULL=null|nil"),
            (
                "what does `as` do",
                "what=what^0.45 does=doe^0.45 as=as do=do^0.45",
            ),
            ("", ""),
        ] {
            assert_eq!(compiled(text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_that_stems_otherwise_is_asked_for_too() {
        for (text, expected) in [
            ("datetime", Some("datetime")),
            ("StringBuilder", Some("stringbuild")),
            ("weakref", None),
            ("utf8", None),
            ("std::move", None),
        ] {
            let words = compile(
                &super::super::parse(text).query,
                &Vocabulary::default(),
                None,
            );
            let alternatives = words[0].alternatives.iter();
            let mut alike = alternatives.filter(|other| other.weight == SAME_NAME_WEIGHT);
            let found = alike.next().map(|other| other.name.as_str());
            assert_eq!(found, expected, "{text}");
        }
    }

    /// The work of a search is in its words: a log of any length asks for no more than the error in it.
    #[test]
    fn news_around_an_error_ask_for_nothing() {
        let words = |text: &str| {
            let query = super::super::parse(text).query;
            let reading = crate::message::read(query.as_text().expect("is text"));
            compile(
                &query,
                &Vocabulary::default(),
                Some(&reading.expect("is an error")),
            )
        };
        let error = "Traceback (most recent call last):\n  File \"/srv/app/a.py\", line 3, in f\n    g(x)\nKeyError: 'user'";
        let news = |from: usize| {
            let line = |n| {
                format!(
                    "2025-03-02 09:{}:{},201 INFO [worker-{n}] job {n} stored in {n}ms word{n}\n",
                    n / 60 % 60,
                    n % 60
                )
            };
            (from..from + 5_000).map(line).collect::<String>()
        };
        let alone: Vec<String> = words(error).into_iter().map(|word| word.typed).collect();
        let long = format!("{}{error}\n{}", news(0), news(5_000));
        let in_log: Vec<String> = words(&long).into_iter().map(|word| word.typed).collect();
        assert_eq!(in_log, alone);
        assert!(alone.len() < 16, "{alone:?}");
    }
}
