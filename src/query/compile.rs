//! From a query to weighted terms. All weights of phase 1 stand here, each with its reason.

use super::Query;
use crate::accumulate::Bm25;
use crate::analysis::{self, TokenKind};

/// tantivy's and Lucene's constants: the best of a grid gained less than .003 nDCG@10 on the mean of all judged sets.
pub(crate) const BM25: Bm25 = Bm25 { k1: 1.2, b: 0.75 };

/// A match in the title counts half again: the best or near the best of 0.25 to 3 on every judged set with titles.
pub(crate) const TITLE_WEIGHT: f32 = 0.5;

/// "how", "best" and "using" say that something is asked, not what. Dropping them costs where they tell two
/// questions apart; at full weight they drown rare words.
const QUESTION_WORD_WEIGHT: f32 = 0.4;

/// One thing that a query asks for: a word, or a name with its parts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueryWord {
    /// As typed.
    pub(crate) typed: String,
    /// The terms that stand for it.
    pub(crate) terms: Vec<QueryTerm>,
}

/// A term to look up, and what it counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueryTerm {
    /// The term as it stands in the index.
    pub(crate) term: String,
    /// What kind of token it is.
    pub(crate) kind: TokenKind,
    /// What it counts beside its rarity.
    pub(crate) weight: f32,
}

/// Returns what a query asks for. Each term counts once, however often it was typed. Stop words are left out unless
/// there is nothing else.
pub(crate) fn compile(query: &Query) -> Vec<QueryWord> {
    let tokens = analysis::tokens(&query.text);
    let surface = |token: &analysis::Token| analysis::fold(&query.text[token.range.clone()]);
    let is_stop = |token: &analysis::Token| {
        token.kind == TokenKind::Word && analysis::is_stop_word(&surface(token))
    };
    let only_stop_words = tokens.iter().all(is_stop);
    let mut words: Vec<QueryWord> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut group = None;
    for token in &tokens {
        if !only_stop_words && is_stop(token) || !seen.insert(token.term.clone()) {
            continue;
        }
        let is_question_word =
            token.kind == TokenKind::Word && analysis::is_question_word(&surface(token));
        let term = QueryTerm {
            term: token.term.clone(),
            kind: token.kind,
            weight: if is_question_word {
                QUESTION_WORD_WEIGHT
            } else {
                1.0
            },
        };
        match words.last_mut() {
            Some(word) if group == Some(token.group) => word.terms.push(term),
            _ => words.push(QueryWord {
                typed: query.text[token.range.clone()].to_owned(),
                terms: vec![term],
            }),
        }
        group = Some(token.group);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_carry_their_terms_and_weights() {
        let compiled = |text: &str| {
            let words = compile(&super::super::parse(text));
            let term = |term: &QueryTerm| match term.weight {
                1.0 => term.term.clone(),
                weight => format!("{}^{weight}", term.term),
            };
            let word = |word: &QueryWord| {
                format!(
                    "{}={}",
                    word.typed,
                    word.terms.iter().map(term).collect::<Vec<_>>().join(",")
                )
            };
            words.iter().map(word).collect::<Vec<_>>().join(" ")
        };
        for (text, expected) in [
            ("weakref  cache", "weakref=weakref cache=cach"),
            ("how to use the cache", "how=how^0.4 use=use^0.4 cache=cach"),
            ("to be or not to be", "to=to be=be or=or not=not"),
            ("cache caches Cache", "cache=cach"),
            ("std::move", "std::move=std::move,std,move"),
            (
                "git commit --amend",
                "git=git commit=commit --amend=--amend,amend",
            ),
            ("", ""),
        ] {
            assert_eq!(compiled(text), expected, "{text}");
        }
    }
}
