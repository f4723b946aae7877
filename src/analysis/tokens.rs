//! Tokens side by side: the terms of many texts in one string, so that none takes memory of its own.

use std::ops::Range;

use super::TokenKind;
use super::lexer::cut;

/// What the lexer read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Tokens {
    /// The terms one after another; the lexer writes the next one behind them.
    pub(super) terms: String,
    tokens: Vec<PlacedToken>,
    /// Names as they were written, one after another, and where each ends.
    spellings: String,
    spelling_ends: Vec<usize>,
}

/// A token beside its term.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlacedToken {
    term: Range<usize>,
    pub(super) kind: TokenKind,
    pub(super) range: Range<usize>,
    pub(super) position: usize,
    pub(super) group: usize,
}

impl Tokens {
    /// Forgets all tokens, and keeps their room.
    pub(super) fn clear(&mut self) {
        self.terms.clear();
        self.tokens.clear();
        self.spellings.clear();
        self.spelling_ends.clear();
    }

    /// Returns where the next term begins.
    pub(super) fn begin(&self) -> usize {
        self.terms.len()
    }

    /// Makes a token of what was written behind the last one.
    pub(super) fn end(
        &mut self,
        kind: TokenKind,
        range: Range<usize>,
        position: usize,
        group: usize,
    ) {
        let start = self.tokens.last().map_or(0, |token| token.term.end);
        self.tokens.push(PlacedToken {
            term: start..self.terms.len(),
            kind,
            range,
            position,
            group,
        });
    }

    /// Adds a name as it was written.
    pub(super) fn spell(&mut self, name: &str) {
        self.spellings.push_str(cut(name));
        self.spelling_ends.push(self.spellings.len());
    }

    /// Returns the tokens with their terms.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &PlacedToken)> {
        let tokens = self.tokens.iter();
        tokens.map(|token| (&self.terms[token.term.clone()], token))
    }

    /// Returns the tokens with their terms, the last one first.
    pub(super) fn iter_back(&self) -> impl Iterator<Item = (&str, &PlacedToken)> {
        let tokens = self.tokens.iter().rev();
        tokens.map(|token| (&self.terms[token.term.clone()], token))
    }

    /// Returns the names as they were written.
    pub(super) fn spellings(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.spelling_ends
            .iter()
            .map(move |end| &self.spellings[std::mem::replace(&mut start, *end)..*end])
    }
}
