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
    let mut term = String::new();
    for piece in text.split_whitespace() {
        if let Some(word) = plain_word(piece) {
            if (MIN_LETTERS..=MAX_LETTERS).contains(&word.len()) {
                term.clear();
                term.push_str(word);
                term.make_ascii_lowercase();
                found(&term);
            }
            continue;
        }
        let before = piece.trim_start_matches(['(', '"', '\'', '“', '‘', '*', '[']);
        let word = before.trim_end_matches(|c: char| ".,;:!?)]*\"'”’…".contains(c));
        let word = word.strip_suffix("'s").unwrap_or(word);
        let word = word.strip_suffix("’s").unwrap_or(word);
        // What else stands in a piece makes code of it; hyphens part words.
        let words = (!word.starts_with('-')).then(|| word.split('-'));
        for word in words.into_iter().flatten() {
            if is_prose(word) {
                term.clear();
                fold_into(word, &mut term);
                found(&term);
            }
        }
    }
}

/// Returns the word of a piece that is one, of ASCII letters, with at most a mark of punctuation behind it: most are, and
/// are told so at a fraction of the cost.
fn plain_word(piece: &str) -> Option<&str> {
    let word = piece.strip_suffix(['.', ',', ';', ':', '!', '?', ')']);
    let word = word.unwrap_or(piece);
    let (first, rest) = word.as_bytes().split_first()?;
    (first.is_ascii_alphabetic() && rest.iter().all(u8::is_ascii_lowercase)).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

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
