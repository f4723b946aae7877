//! Analysis: text to tokens, the same way for entries and for queries. This is the one place that registers analyzers.

mod code;
mod lexer;
mod prose;
mod ready;
mod tokens;
mod words;

use std::ops::Range;

pub(crate) use lexer::{Lexer, is_ideograph, spelling};
pub(crate) use prose::{WordStemmer, is_question_word, is_stop_word};
pub(crate) use ready::{FieldTokens, Reader, read_words};
pub(crate) use words::is_prose;

/// The version of everything in this module. An index holds the version it was written with; another one is refused,
/// since its terms are not those that a query asks for. Raise it with every change of a token.
pub(crate) const VERSION: u32 = 3;

/// The name of the tokenizer of texts.
pub(crate) const TEXT: &str = "qdex_text";
/// The name of the tokenizer of spellings: names as they were written.
pub(crate) const SPELLING: &str = "qdex_spelling";
/// The name of the tokenizer of facet values: the whole value, case folded.
pub(crate) const FACET: &str = "qdex_facet";
/// The name of the tokenizer of words as they are written.
pub(crate) const WORDS: &str = "qdex_words";

/// One token of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// The term that stands in the index.
    pub(crate) term: String,
    /// What the term is.
    pub(crate) kind: TokenKind,
    /// The bytes of the text that it came from.
    pub(crate) range: Range<usize>,
    /// Its place in the text, in words. A whole name and its first part share one place.
    pub(crate) position: usize,
    /// Which piece of the text it came from; a name and its parts share one.
    pub(crate) group: usize,
}

/// What a token's term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TokenKind {
    /// A plain word, folded and stemmed.
    Word,
    /// A whole name: an identifier, a path through identifiers, a flag, a number with letters. Not stemmed.
    Name,
    /// A part of a name, folded and stemmed like a word.
    Part,
    /// An operator.
    Operator,
}

/// Returns the tokens of a text.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    Lexer::default().run(text, &mut tokens);
    tokens
}

/// Returns the tokens of a text that have no parts of their own. Operators at its edges are left out: `std::` is no
/// other name than `std`, and in `std::move` the index has no operator.
pub(crate) fn leaves(text: &str) -> Vec<Token> {
    let mut leaves = all_leaves(&mut Lexer::default(), text);
    let is_word = |token: &Token| token.kind != TokenKind::Operator;
    if let (Some(first), Some(last)) = (
        leaves.iter().position(is_word),
        leaves.iter().rposition(is_word),
    ) {
        leaves.truncate(last + 1);
        leaves.drain(..first);
    }
    leaves
}

/// Returns the tokens of a text that have no parts of their own.
pub(crate) fn all_leaves(lexer: &mut Lexer, text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    lexer.run(text, &mut tokens);
    let mut leaves: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        // Parts stand right behind the whole.
        let has_parts = tokens.peek().is_some_and(|next| {
            next.group == token.group
                && next.range != token.range
                && next.range.start >= token.range.start
                && next.range.end <= token.range.end
        });
        if !has_parts {
            leaves.push(token);
        }
    }
    leaves
}

/// Returns the terms that stand next to each other wherever a text stands as a piece of another one, each with its place. Names are
/// whole where the piece shows that they are; what may go on outside has its parts.
pub(crate) fn terms_of_piece(piece: &str) -> Vec<(String, usize)> {
    let names = whole_names(piece);
    let mut terms: Vec<(String, usize)> = Vec::new();
    for leaf in leaves(piece) {
        let is_of_it = |name: &&Token| {
            name.group == leaf.group
                && name.range.start <= leaf.range.start
                && leaf.range.end <= name.range.end
        };
        let term = match names.iter().find(is_of_it) {
            Some(name) => (name.term.clone(), name.position),
            None => (leaf.term, leaf.position),
        };
        if terms.last() != Some(&term) {
            terms.push(term);
        }
    }
    terms
}

/// Returns the names in a piece of text that are the same in every text with that piece.
fn whole_names(piece: &str) -> Vec<Token> {
    // None of these is inside a name or an operator, and no token depends on what is beyond one.
    let parts_tokens = |character: char| {
        character.is_whitespace() || matches!(character, '(' | ')' | ',' | ';' | '[' | ']' | '"')
    };
    let (Some(first), Some(last)) = (piece.find(parts_tokens), piece.rfind(parts_tokens)) else {
        return Vec::new();
    };
    let mut names = tokens(piece);
    names.retain(|token| {
        token.kind == TokenKind::Name && first < token.range.start && token.range.end <= last
    });
    names
}

/// Writes a piece of text into `parts` in lower case, with blanks where its names part: `my.getUserName()` gives `my.get user name()`.
pub(crate) fn parts(piece: &str, parts: &mut String) {
    parts.clear();
    let mut humps = Vec::new();
    code::humps(piece, &mut humps);
    for hump in humps {
        if !parts.is_empty() {
            parts.push(' ');
        }
        parts.extend(piece[hump].chars().flat_map(char::to_lowercase));
    }
}

/// Returns a text with its case folded and its accents gone: `Élan` gives `elan`.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    prose::fold_into(text, &mut folded);
    folded
}

/// Registers the tokenizers that the schema names. Texts come to the engine as [`FieldTokens`] that a [`Reader`] made.
pub(crate) fn register(index: &tantivy::Index) {
    for name in [TEXT, SPELLING, WORDS] {
        index
            .tokenizers()
            .register(name, ready::ReadyTokenizer::default());
    }
    index
        .tokenizers()
        .register(FACET, FacetTokenizer::default());
}

/// Makes a facet's value one term, with its case folded.
#[derive(Clone, Default)]
struct FacetTokenizer {
    token: tantivy::tokenizer::Token,
}

struct FacetStream<'a> {
    token: &'a mut tantivy::tokenizer::Token,
    done: bool,
}

impl tantivy::tokenizer::Tokenizer for FacetTokenizer {
    type TokenStream<'a> = FacetStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> FacetStream<'a> {
        self.token.reset();
        self.token.text = text.to_lowercase();
        self.token.position = 0;
        self.token.offset_to = text.len();
        FacetStream {
            token: &mut self.token,
            done: false,
        }
    }
}

impl tantivy::tokenizer::TokenStream for FacetStream<'_> {
    fn advance(&mut self) -> bool {
        !std::mem::replace(&mut self.done, true)
    }

    fn token(&self) -> &tantivy::tokenizer::Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut tantivy::tokenizer::Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whole_names_of_a_piece_are_names_of_the_text(
            text in "([a-zA-Z_'#$%@+*/:.<>{}`!?=&|\"-]{0,3}[a-z]{0,3}[A-Z0-9_.:]{0,2}[a-z(),; \n\\[\\]\"]{0,3}){1,9}",
            start in 0usize..40,
            length in 0usize..60,
        ) {
            let start = start.min(text.len());
            let end = (start + length).min(text.len());
            let of_text = tokens(&text);
            for name in whole_names(&text[start..end]) {
                let range = name.range.start + start..name.range.end + start;
                let is_same = |token: &Token| token.term == name.term && token.range == range;
                prop_assert!(of_text.iter().any(is_same), "{} of {text:?}", name.term);
            }
        }
    }

    #[test]
    fn pieces_of_code_are_looked_up_by_whole_names() {
        for (piece, expected) in [
            ("std::move(", "0:std 1:move"),
            ("x = getUserName(user_id)", "0:x 1:getusername 4:userid"),
            ("getUserName(user_id)", "0:get 1:user 2:name 3:userid"),
            ("call(std::move(a))", "0:call 1:std::move 3:a"),
            ("(std::move", "0:std 1:move"),
        ] {
            let terms = terms_of_piece(piece).into_iter();
            let terms = terms.map(|(term, place)| format!("{place}:{term}"));
            assert_eq!(terms.collect::<Vec<_>>().join(" "), expected, "{piece}");
        }
    }

    #[test]
    fn phrases_are_looked_up_by_parts() {
        for (text, expected) in [
            ("user name", "0:user 1:name"),
            ("getUserName", "0:get 1:user 2:name"),
            ("get_user_name", "0:get 1:user 2:name"),
            ("std::move(", "0:std 1:move"),
            ("std::", "0:std"),
            ("git commit --amend", "0:git 1:commit 2:amend"),
            ("a && b", "0:a 1:&& 2:b"),
            ("=> x", "1:x"),
            ("=>", "0:=>"),
            ("C++17 templates", "0:c++ 1:templat"),
            ("3.11.7", "0:3 1:11 2:7"),
            ("utf8", "0:utf"),
            ("HTTP2Server", "0:http 1:server"),
            ("日本語", "0:日本 1:本語"),
            ("(", ""),
        ] {
            let leaves = leaves(text);
            let leaves = leaves
                .iter()
                .map(|leaf| format!("{}:{}", leaf.position, leaf.term));
            assert_eq!(leaves.collect::<Vec<_>>().join(" "), expected, "{text}");
        }
    }
}
