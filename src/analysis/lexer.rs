//! The lexer: one pass over a text that knows prose and code at once.
//!
//! A *compound* is what a programmer calls one thing: words joined by `.`, `::`, `->`, `-` or an apostrophe, with a
//! prefix such as `--`, `$` or `@`, or a suffix such as `++` or `#`. It becomes one group of tokens: the whole name,
//! the name of each segment, and the parts of each segment at successive places, so that phrases work on parts.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::prose::{WordStemmer, fold_into};
use super::tokens::Tokens;
use super::{Token, TokenKind, code};

/// Longer terms are cut here, alike in entries and queries, so that they are still found. tantivy's own limit is far
/// higher, but a base64 line is no name and should not fill the dictionary.
const MAX_TERM_BYTES: usize = 128;
/// A compound of more segments is a table of contents or generated text: its parts are enough.
const MAX_SEGMENTS: usize = 12;

/// Turns text into tokens. Keeps its buffers and the stems it has seen; use one for many texts.
#[derive(Clone, Default)]
pub(crate) struct Lexer {
    stemmer: WordStemmer,
    humps: Vec<Range<usize>>,
    segments: Vec<Segment>,
    position: usize,
    group: usize,
    tokens: Tokens,
}

/// A word of a compound, with what joins it to the one before.
#[derive(Clone)]
struct Segment {
    range: Range<usize>,
    joint: &'static str,
}

impl Lexer {
    /// Appends the tokens of a text, in the order of their places.
    pub(crate) fn run(&mut self, text: &str, tokens: &mut Vec<Token>) {
        let mut read = std::mem::take(&mut self.tokens);
        read.clear();
        self.read(text, &mut read);
        tokens.extend(read.iter().map(|(term, token)| Token {
            term: term.to_owned(),
            kind: token.kind,
            range: token.range.clone(),
            position: token.position,
            group: token.group,
        }));
        self.tokens = read;
    }

    /// Returns how many places the text has that was read last: what stands behind it begins there.
    pub(crate) fn places(&self) -> usize {
        self.position
    }

    /// Appends the tokens of a text, in the order of their places, and [`spelling`] of each of them.
    pub(super) fn read(&mut self, text: &str, tokens: &mut Tokens) {
        self.position = 0;
        self.group = 0;
        let mut at = 0;
        let mut before = None;
        while let Some(character) = text[at..].chars().next() {
            if character == ' ' {
                before = Some(character);
                at += 1;
                continue;
            }
            let end = if is_ideograph(character) {
                self.ideographs(text, at, tokens)
            } else if let Some(end) = plain_word_end(text, at) {
                self.plain_word(text, at..end, tokens);
                end
            } else if is_word(character) {
                self.compound(text, at, at, tokens)
            } else if character.is_ascii_punctuation() {
                self.punctuation(text, at, before, tokens)
            } else if is_pictograph(character) {
                let end = at + character.len_utf8();
                self.push_alone(tokens, &text[at..end], at..end);
                end
            } else {
                at + character.len_utf8()
            };
            before = text[at..end].chars().next_back();
            at = end;
        }
    }

    /// Pushes the token of a word that is no name and no part of one: what [`Lexer::compound`] makes of it, at a third of the
    /// cost. Most of a text is such words.
    fn plain_word(&mut self, text: &str, range: Range<usize>, tokens: &mut Tokens) {
        let word = &text[range.clone()];
        if is_capital(word) {
            tokens.spell(word);
        }
        let start = tokens.begin();
        tokens.terms.push_str(word);
        tokens.terms[start..].make_ascii_lowercase();
        self.stemmer.stem(&mut tokens.terms, start);
        // It is short enough, and the first of its group.
        tokens.end(TokenKind::Word, range, self.position, self.group);
        self.position += 1;
        self.group += 1;
    }

    /// Reads punctuation: the prefix of a compound, an operator, or nothing.
    fn punctuation(
        &mut self,
        text: &str,
        at: usize,
        before: Option<char>,
        tokens: &mut Tokens,
    ) -> usize {
        let rest = &text[at..];
        let is_free = before.is_none_or(|before| {
            !is_word(before) && !matches!(before, ')' | ']' | '}' | '.' | '-')
        });
        if is_free && let Some(prefix_bytes) = prefix(rest) {
            return self.compound(text, at, at + prefix_bytes, tokens);
        }
        let is_edge = |neighbour: Option<char>| {
            neighbour.is_none_or(|neighbour| {
                neighbour.is_whitespace() || matches!(neighbour, '`' | '"' | '\'')
            })
        };
        if is_edge(before)
            && let Some(variable) = code::lone_variable(rest)
            && is_edge(rest[variable.len()..].chars().next())
        {
            let end = at + variable.len();
            self.push_alone(tokens, variable, at..end);
            return end;
        }
        if let Some(operator) = code::operator(rest) {
            // A rule such as `-----` or `=====` is no operator.
            let run = rest
                .bytes()
                .take_while(|byte| byte.is_ascii_punctuation() && *byte == rest.as_bytes()[0])
                .count();
            if run > 4 {
                return at + run;
            }
            let end = at + operator.len();
            self.push_alone(tokens, operator, at..end);
            return end;
        }
        let mut characters = rest.chars();
        let character = characters.next().unwrap_or(' ');
        if code::is_lone_operator(character) && is_edge(before) && is_edge(characters.next()) {
            self.push_alone(tokens, &rest[..1], at..at + 1);
        }
        at + character.len_utf8()
    }

    /// Reads a compound whose prefix starts at `start` and whose first word starts at `word`; returns where it ends.
    fn compound(&mut self, text: &str, start: usize, word: usize, tokens: &mut Tokens) -> usize {
        self.segments.clear();
        let mut joint = "";
        let mut at = word;
        loop {
            let end = segment_end(text, at);
            self.segments.push(Segment {
                range: at..end,
                joint,
            });
            at = end;
            let next = next_joint(&text[at..]).or_else(|| slash(text, word..at));
            match next {
                Some(next) => {
                    joint = next;
                    at += next.len();
                }
                None => break,
            }
        }
        let first_place = self.position;
        let segments = std::mem::take(&mut self.segments);
        let mut end = at;
        let suffix = suffix(text, &segments);
        end += suffix.len();
        let prefix = &text[start..word];
        let is_path = segments.len() > 1 && segments.len() <= MAX_SEGMENTS;
        if !prefix.is_empty() || !suffix.is_empty() || is_path {
            if segments.len() <= MAX_SEGMENTS {
                let written = &text[start..end];
                let name = without_genitive(written);
                if written.contains(char::is_alphabetic) {
                    tokens.spell(name);
                }
                let whole = tokens.begin();
                tokens.terms.push_str(prefix.trim_end_matches('{'));
                for segment in &segments {
                    // `I/O` is `IO`.
                    let joint = segment.joint.trim_start_matches('/');
                    tokens.terms.push_str(joint);
                    let word = without_genitive(&text[segment.range.clone()]);
                    fold_name(word, &mut tokens.terms);
                }
                tokens.terms.push_str(suffix);
                self.push(tokens, whole, TokenKind::Name, start..start + name.len());
            }
            if is_path && prefix.is_empty() && segments.len() > 2 && is_version(text, &segments) {
                // `3.11.7` is also found as `3.11`.
                let two = segments[0].range.start..segments[1].range.end;
                let term = tokens.begin();
                tokens.terms.push_str(&text[two.clone()]);
                self.push(tokens, term, TokenKind::Part, two);
            }
        }
        // The `C` of `C++` is another language.
        let is_one_letter = segments.len() == 1 && segments[0].range.len() == 1;
        if is_one_letter && !suffix.is_empty() {
            let version = &text[at
                + suffix
                    .trim_end_matches(|digit: char| digit.is_ascii_digit())
                    .len()..end];
            if !version.is_empty() {
                let name = start..end - version.len();
                tokens.spell(&text[name.clone()]);
                let term = tokens.begin();
                fold_name(&text[name.clone()], &mut tokens.terms);
                self.push(tokens, term, TokenKind::Name, name);
            }
            self.position += 1;
        } else {
            for segment in &segments {
                self.segment(text, segment.range.clone(), tokens);
            }
        }
        if self.position == first_place {
            self.position += 1;
        }
        self.group += 1;
        self.segments = segments;
        end
    }

    /// Pushes the tokens of one word of a compound: its name if it has several humps, and its humps.
    fn segment(&mut self, text: &str, range: Range<usize>, tokens: &mut Tokens) {
        let range = range.start..range.start + without_genitive(&text[range]).len();
        let segment = &text[range.clone()];
        let start = tokens.begin();
        if let Some((word, end)) = segment.split_once(['\'', '’']) {
            // `don't` is `dont`.
            fold_into(word, &mut tokens.terms);
            fold_into(end, &mut tokens.terms);
            self.stemmer.stem(&mut tokens.terms, start);
            self.push(tokens, start, TokenKind::Word, range);
            self.position += 1;
            return;
        }
        let mut humps = std::mem::take(&mut self.humps);
        humps.clear();
        code::humps(segment, &mut humps);
        let is_plain = humps.len() == 1 && humps[0] == (0..segment.len());
        let is_number = segment.starts_with(|first: char| first.is_ascii_digit());
        let is_letter = |letter: char| letter.is_alphabetic() || is_combining_mark(letter);
        fold_name(segment, &mut tokens.terms);
        let name = &tokens.terms[start..];
        // Of marks without a letter under them folding leaves nothing.
        let is_blank = name.bytes().all(|byte| byte == b'_');
        if is_plain && segment.chars().all(is_letter) {
            if is_capital(segment) {
                tokens.spell(segment);
            }
            self.stemmer.stem(&mut tokens.terms, start);
            self.push(tokens, start, TokenKind::Word, range);
            self.position += 1;
        } else if is_blank {
            tokens.terms.truncate(start);
        } else if code::is_brand(name) {
            // A brand is a word however it is written: `jquery` finds `jQuery`.
            self.stemmer.stem(&mut tokens.terms, start);
            self.push(tokens, start, TokenKind::Name, range);
            self.position += 1;
        } else {
            if segment.contains(char::is_alphabetic) {
                tokens.spell(segment);
            }
            self.push(tokens, start, TokenKind::Name, range.clone());
            if is_number {
                self.position += 1;
            } else {
                self.parts(segment, range.start, &humps, is_plain, tokens);
            }
        }
        self.humps = humps;
    }

    /// Pushes the humps of a name, which begins at `start`.
    fn parts(
        &mut self,
        name: &str,
        start: usize,
        humps: &[Range<usize>],
        is_plain: bool,
        tokens: &mut Tokens,
    ) {
        for hump in humps {
            let range = start + hump.start..start + hump.end;
            let hump = &name[hump.clone()];
            let letters = hump.trim_end_matches(|character: char| !character.is_alphabetic());
            let has_digits = letters.len() < hump.len();
            if !(is_plain && has_digits) {
                self.part(hump, range.clone(), tokens);
            }
            // `utf8` is also found as `utf`; `E0502` is no `e`.
            if has_digits && letters.len() >= 2 && letters.chars().all(char::is_alphabetic) {
                self.part(letters, range.start..range.start + letters.len(), tokens);
            }
            self.position += 1;
        }
    }

    fn part(&mut self, part: &str, range: Range<usize>, tokens: &mut Tokens) {
        let start = tokens.begin();
        fold_into(part, &mut tokens.terms);
        self.stemmer.stem(&mut tokens.terms, start);
        self.push(tokens, start, TokenKind::Part, range);
    }

    /// Pushes pairs of neighbouring ideographs, as their languages write words without blanks between them.
    fn ideographs(&mut self, text: &str, start: usize, tokens: &mut Tokens) -> usize {
        let mut run = text[start..]
            .char_indices()
            .take_while(|(_, character)| is_ideograph(*character))
            .peekable();
        let mut end = start;
        let mut is_first = true;
        while let Some((at, character)) = run.next() {
            let own_end = start + at + character.len_utf8();
            end = own_end;
            let pair_end = match run.peek() {
                Some((_, next)) => own_end + next.len_utf8(),
                None if is_first => own_end,
                None => break,
            };
            let term = tokens.begin();
            fold_into(&text[start + at..pair_end], &mut tokens.terms);
            self.push(tokens, term, TokenKind::Word, start + at..pair_end);
            self.position += 1;
            is_first = false;
        }
        self.group += 1;
        end
    }

    /// Pushes the token whose term was written from `start` on.
    fn push(&self, tokens: &mut Tokens, start: usize, kind: TokenKind, range: Range<usize>) {
        let end = start + cut(&tokens.terms[start..]).len();
        tokens.terms.truncate(end);
        // A name that is spelled like its only part is one token.
        let repeats = |term: &str| {
            let same = tokens.iter_back().take_while(|(_, token)| {
                token.position == self.position && token.group == self.group
            });
            same.into_iter().any(|(other, _)| other == term)
        };
        if start == end || repeats(&tokens.terms[start..]) {
            tokens.terms.truncate(start);
            return;
        }
        tokens.end(kind, range, self.position, self.group);
    }

    /// Pushes a token that is a group of its own.
    fn push_alone(&mut self, tokens: &mut Tokens, term: &str, range: Range<usize>) {
        let start = tokens.begin();
        tokens.terms.push_str(term);
        self.push(tokens, start, TokenKind::Operator, range);
        self.position += 1;
        self.group += 1;
    }
}

/// Returns a name as it was written; `None` for what is no name. A capital that stands alone is one, as `C` and `R` are
/// languages and `c` and `r` are variables; a brand is a word that has humps.
pub(crate) fn spelling<'a>(text: &'a str, token: &Token) -> Option<&'a str> {
    let written = &text[token.range.clone()];
    let is_name = match token.kind {
        TokenKind::Name => written.contains(char::is_alphabetic) && !code::is_brand(&token.term),
        TokenKind::Word => is_capital(written),
        TokenKind::Part | TokenKind::Operator => false,
    };
    is_name.then(|| cut(written))
}

/// Returns where a plain word ends that starts at `start`: ASCII letters, all but the first one small, with nothing behind
/// them that could make a name of it.
fn plain_word_end(text: &str, start: usize) -> Option<usize> {
    let bytes = &text.as_bytes()[start..];
    let (first, rest) = bytes.split_first()?;
    if !first.is_ascii_alphabetic() {
        return None;
    }
    let small = rest.iter().take_while(|byte| byte.is_ascii_lowercase());
    let length = 1 + small.count();
    let ends = match bytes.get(length) {
        None => true,
        Some(b'.' | b':') => bytes.get(length + 1).is_none_or(u8::is_ascii_whitespace),
        Some(behind) => behind.is_ascii_whitespace() || b",;!?()[]{}\"`=<>|&".contains(behind),
    };
    (ends && length <= MAX_TERM_BYTES).then_some(start + length)
}

/// Returns whether a text is one capital.
fn is_capital(text: &str) -> bool {
    text.len() == 1 && text.as_bytes()[0].is_ascii_uppercase()
}

/// Returns as much of a text as a term may have.
pub(super) fn cut(text: &str) -> &str {
    if text.len() <= MAX_TERM_BYTES {
        return text;
    }
    let end = (0..=MAX_TERM_BYTES)
        .rev()
        .find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

/// Returns a word without the end of a genitive: `Python` of `Python's`.
fn without_genitive(word: &str) -> &str {
    let stripped = word
        .strip_suffix(['s', 'S'])
        .and_then(|word| word.strip_suffix(['\'', '’']));
    stripped.filter(|word| !word.is_empty()).unwrap_or(word)
}

/// Appends a name with case and accents folded and the separators inside it gone: `Get_User-Name` gives
/// `getusername`. Underscores at its edges stay, since `__del__` is not `del`.
fn fold_name(name: &str, folded: &mut String) {
    let inner_start = name.len() - name.trim_start_matches('_').len();
    let inner = name[inner_start..].trim_end_matches('_');
    folded.push_str(&name[..inner_start]);
    if inner.contains(['_', '-', '\'', '’']) {
        inner
            .split(['_', '-'])
            .for_each(|piece| fold_into(piece, folded));
    } else {
        fold_into(inner, folded);
    }
    folded.push_str(&name[inner_start + inner.len()..]);
}

/// Returns how many bytes of prefix a compound has at the start of a text, if one starts there.
fn prefix(text: &str) -> Option<usize> {
    let starts_word = |rest: &str| {
        rest.starts_with(|first: char| {
            (first.is_alphabetic() || first == '_') && !is_ideograph(first)
        })
    };
    let bytes = ["--", "-", "${", "$", "@", "#", "%", "."]
        .into_iter()
        .find(|prefix| text.starts_with(prefix))?
        .len();
    let rest = &text[bytes..];
    let follows = match &text[..bytes] {
        "$" => starts_word(rest) || rest.starts_with(|first: char| first.is_ascii_digit()),
        // `%20` and `%2F` are bytes of a URL; `%s` and `%name%` are conversions and variables.
        "%" => {
            let mut following = rest.bytes();
            let is_letter = following
                .next()
                .is_some_and(|first| first.is_ascii_alphabetic());
            is_letter
                && !following
                    .next()
                    .is_some_and(|second| second.is_ascii_digit())
        }
        _ => starts_word(rest),
    };
    follows.then_some(bytes)
}

/// Returns where the word that starts at `start` ends: letters, digits, underscores, hyphens
/// between letters, and the end of a contraction.
fn segment_end(text: &str, start: usize) -> usize {
    let mut end = start;
    loop {
        let word = text[end..]
            .char_indices()
            .find(|(_, character)| !is_word(*character) || is_ideograph(*character));
        end = word.map_or(text.len(), |(at, _)| end + at);
        if let Some(bytes) = contraction(&text[start..end], &text[end..]) {
            return end + bytes;
        }
        let mut rest = text[end..].chars();
        let is_hyphen = rest.next() == Some('-');
        let next = rest.next();
        let after_next_is_word = rest.next().is_some_and(is_word);
        let so_far = &text[start..end];
        let begins_with_letter = so_far.starts_with(char::is_alphabetic);
        let joins = is_hyphen
            && begins_with_letter
            // `utf-8` and `x-ray` are names, `i-1` and `a-b` are sums.
            && next.is_some_and(|next| {
                !is_ideograph(next) && (next.is_alphabetic() && (so_far.len() > 1 || after_next_is_word) || next.is_ascii_digit() && so_far.len() > 1)
            });
        if !joins {
            return end;
        }
        end += 1;
    }
}

/// Returns the bytes of a contraction's or genitive's end (`'t`, `'s`) behind a word; none for a quoted `'s'`.
fn contraction(word: &str, rest: &str) -> Option<usize> {
    let quote = rest
        .chars()
        .next()
        .filter(|quote| matches!(quote, '\'' | '’'))?;
    if !word.chars().all(char::is_alphabetic) {
        return None;
    }
    let after = &rest[quote.len_utf8()..];
    let end = after
        .find(|character| !is_word(character))
        .unwrap_or(after.len());
    let is_known = ["s", "t", "re", "ve", "ll", "d", "m"]
        .iter()
        .any(|known| after[..end].eq_ignore_ascii_case(known));
    (is_known && !after[end..].starts_with(['\'', '’'])).then_some(quote.len_utf8() + end)
}

/// Returns what joins a word to the next one at the start of a text.
fn next_joint(rest: &str) -> Option<&'static str> {
    for joint in [".", "::", "->"] {
        let Some(after) = rest.strip_prefix(joint) else {
            continue;
        };
        let next = after.chars().next()?;
        let joins =
            is_word(next) && !is_ideograph(next) && !(joint == "->" && next.is_ascii_digit());
        return joins.then_some(joint);
    }
    None
}

/// Returns the slash between two short words in capitals: `I/O`, `TCP/IP`, `CI/CD`.
fn slash(text: &str, before: Range<usize>) -> Option<&'static str> {
    let is_short = |word: &str| {
        (1..=3).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    let after = text[before.end..].strip_prefix('/')?;
    let end = after.find(|character| !is_word(character));
    let (word, behind) = after.split_at(end.unwrap_or(after.len()));
    // `C/C++` are two languages, `A/B/C` are three choices.
    let is_pair = !behind.starts_with(['+', '#', '/']) && !text[..before.start].ends_with('/');
    (is_pair && is_short(&text[before]) && is_short(word)).then_some("/")
}

/// Returns what belongs to a compound behind its last word: `++` or `#` of a language, with the version behind it.
fn suffix<'a>(text: &'a str, segments: &[Segment]) -> &'a str {
    let Some(last) = segments.last() else {
        return "";
    };
    let rest = &text[last.range.end..];
    let is_one_letter = text[last.range.clone()].len() == 1
        && text[last.range.clone()].starts_with(|letter: char| letter.is_ascii_alphabetic());
    if let Some(behind) = rest.strip_prefix("++") {
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        let after = &behind[digits..];
        if digits > 0 && after.starts_with(['x', 'y', 'z', 'a', 'b']) {
            // A standard before it had its year: `C++0x`, `C++2a`.
            return &rest[..2 + digits + 1];
        }
        return if after.starts_with(is_word) {
            ""
        } else {
            &rest[..2 + digits]
        };
    }
    if is_one_letter && rest.starts_with(":\\") {
        // The drive of a path is no language.
        return ":";
    }
    if is_one_letter && rest.starts_with('#') && !rest[1..].starts_with(is_word) {
        return "#";
    }
    if is_one_letter
        && rest.starts_with('*')
        && !rest[1..].starts_with(|next: char| is_word(next) || next == '*')
    {
        return "*";
    }
    ""
}

/// Returns whether all segments are numbers joined by dots.
fn is_version(text: &str, segments: &[Segment]) -> bool {
    let is_number = |segment: &Segment| {
        text[segment.range.clone()]
            .bytes()
            .all(|byte| byte.is_ascii_digit())
    };
    segments.iter().all(is_number) && segments.iter().skip(1).all(|segment| segment.joint == ".")
}

/// Returns whether a character is part of a word.
fn is_word(character: char) -> bool {
    character == '_'
        || character.is_alphanumeric()
        || !character.is_ascii() && is_combining_mark(character)
}

/// Returns whether a character belongs to a script that writes words without blanks, or in which words change at their
/// ends: Han, kana, Hangul, Thai, Lao, Burmese, Khmer.
pub(crate) fn is_ideograph(character: char) -> bool {
    matches!(u32::from(character),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

/// Returns whether a character is a picture or an arrow that someone may search for.
fn is_pictograph(character: char) -> bool {
    matches!(u32::from(character), 0x2190..=0x22ff | 0x2600..=0x27bf | 0x1f300..=0x1faff)
}

#[cfg(test)]
mod tests;
