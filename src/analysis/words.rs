//! Words of prose as they are written: what a misspelled word can be corrected to. Stems would not do, since a word that
//! is misspelled at its end has another stem, and nobody is to read one.

use super::prose::fold_into;

/// Shorter words are misspelled into one another.
const MIN_LETTERS: usize = 4;
/// Longer ones are no words.
const MAX_LETTERS: usize = 24;

/// Returns whether a text is a word of prose: letters, none of them a capital but the first.
pub(crate) fn is_prose(word: &str) -> bool {
    let letters = word.chars().count();
    (MIN_LETTERS..=MAX_LETTERS).contains(&letters)
        && word.chars().all(char::is_alphabetic)
        && word.chars().skip(1).all(char::is_lowercase)
}

/// Calls `found` with each word of prose of a text, folded.
pub(super) fn words(text: &str, mut found: impl FnMut(&str)) {
    let bytes = text.as_bytes();
    let is_blank = |at: usize| matches!(bytes.get(at), None | Some(b'\t'..=b'\r' | b' '));
    let mut term = String::new();
    let mut at = 0;
    while at < bytes.len() {
        if is_blank(at) {
            at += 1;
            continue;
        }
        // Most are of ASCII letters, with at most a mark of punctuation behind them, and are told so at a fraction of the cost.
        let start = at;
        let small = bytes[start + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_lowercase());
        let end = start + 1 + small.count();
        let is_marked = matches!(
            bytes.get(end),
            Some(b'.' | b',' | b';' | b':' | b'!' | b'?' | b')')
        );
        at = end + usize::from(is_marked);
        if bytes[start].is_ascii_alphabetic() && is_blank(at) {
            if (MIN_LETTERS..=MAX_LETTERS).contains(&(end - start)) {
                term.clear();
                term.push_str(&text[start..end]);
                term.make_ascii_lowercase();
                found(&term);
            }
            continue;
        }
        while !is_blank(at) {
            at += 1;
        }
        // Blanks of other scripts are none of those bytes.
        for piece in text[start..at].split_whitespace() {
            words_of(piece, &mut term, &mut found);
        }
    }
}

/// Calls `found` with each word of prose of what stands between blanks.
fn words_of(piece: &str, term: &mut String, found: &mut impl FnMut(&str)) {
    let before = piece.trim_start_matches(['(', '"', '\'', '“', '‘', '*', '[']);
    let word = before.trim_end_matches(|c: char| ".,;:!?)]*\"'”’…".contains(c));
    let word = word.strip_suffix("'s").unwrap_or(word);
    let word = word.strip_suffix("’s").unwrap_or(word);
    // What else stands in a piece makes code of it; hyphens part words.
    let words = (!word.starts_with('-')).then(|| word.split('-'));
    for word in words.into_iter().flatten() {
        if is_prose(word) {
            term.clear();
            fold_into(word, term);
            found(term);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What is plain is read as the rest is.
        #[test]
        fn words_stand_between_blanks(text in "([a-eA-C]{1,6}|[(\"'\\[.,;:!?)*_-]|'s|[ \t\u{b}\r\u{a0}\u{3000}]|[é日\u{1f}\u{85}]){0,24}") {
            let (mut term, mut expected, mut terms) = (String::new(), Vec::new(), Vec::new());
            for piece in text.split_whitespace() {
                words_of(piece, &mut term, &mut |word: &str| expected.push(word.to_owned()));
            }
            words(&text, |word| terms.push(word.to_owned()));
            prop_assert_eq!(terms, expected);
        }
    }

    #[test]
    fn words_of_prose_are_told_from_code() {
        for (text, expected) in [
            (
                "The Cache, caching (well-known) caches.",
                "cache caching well known caches",
            ),
            (
                "Python's \u{201c}references\u{201d}; naïve",
                "python references naive",
            ),
            ("call list.append or getUser() in snake_case", "call"),
            ("utf8 v1.2 https://example.org HTTP --amend", ""),
            ("what?! [link] *stress*", "what link stress"),
        ] {
            let mut terms = Vec::new();
            words(text, |word| terms.push(word.to_owned()));
            assert_eq!(terms.join(" "), expected, "{text}");
        }
    }
}
