//! Bash hands over the line as it was typed, and takes text as it is to be inserted: both are quoted here.

use super::Candidate;

/// The words of a line up to the cursor.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Typed<'a> {
    /// What the words mean, without their quotes; the last one may be empty.
    pub(crate) words: Vec<String>,
    /// The last word as it was typed.
    last: &'a str,
    /// The quote that is open at the cursor.
    quote: Option<char>,
}

/// Returns the words of a line, quoted as a shell does it. What a variable or a command stands for is not known.
pub(crate) fn typed(line: &str) -> Typed<'_> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut start = line.len();
    let mut quote = None;
    let mut characters = line.char_indices();
    while let Some((at, character)) = characters.next() {
        if word.is_none() {
            start = at;
        }
        match (quote, character) {
            (None, ' ' | '\t' | '\n') => words.extend(word.take()),
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (Some(open), close) if open == close => quote = None,
            (None | Some('"'), '\\') => {
                let next = characters.next().map(|(_, next)| next);
                let word = word.get_or_insert_default();
                if quote.is_some() && !matches!(next, Some('"' | '\\' | '$' | '`')) {
                    word.push('\\');
                }
                word.extend(next);
            }
            (_, character) => word.get_or_insert_default().push(character),
        }
    }
    if word.is_none() {
        start = line.len();
    }
    words.push(word.unwrap_or_default());
    Typed {
        words,
        last: &line[start..],
        quote,
    }
}

/// Returns what is inserted for each candidate. `replaced` is what the shell takes the candidate for: the end of the
/// last word, behind a `:` or `=`, or behind an open quote.
pub(crate) fn insertions(
    typed: &Typed<'_>,
    replaced: &str,
    candidates: &[Candidate],
) -> Vec<String> {
    let replaced = replaced.strip_prefix(['"', '\'']).unwrap_or(replaced);
    let Some(kept) = typed.last.strip_suffix(replaced) else {
        return Vec::new();
    };
    let kept = match typed.quote {
        Some(quote) => kept.strip_prefix(quote).unwrap_or(kept),
        None => kept,
    };
    candidates
        .iter()
        .filter_map(|candidate| quoted(&candidate.word, typed.quote))
        .filter_map(|word| Some(word.strip_prefix(kept)?.to_owned()))
        .collect()
}

/// Returns a word as it is written on a command line; `None` for what cannot stand inside the open quote.
fn quoted(word: &str, quote: Option<char>) -> Option<String> {
    let is_special = |character: char| match quote {
        None => !character.is_alphanumeric() && !"-_./:=,@%+#".contains(character),
        Some('"') => "\"\\$`".contains(character),
        _ => false,
    };
    // No quoting keeps `!` from the history inside double quotes, nor a quote inside single ones.
    if (quote == Some('"') && word.contains('!')) || (quote == Some('\'') && word.contains('\'')) {
        return None;
    }
    let mut text = String::with_capacity(word.len());
    for (place, character) in word.chars().enumerate() {
        let begins_a_comment = place == 0 && character == '#' && quote.is_none();
        if is_special(character) || begins_a_comment {
            text.push('\\');
        }
        text.push(character);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_as_a_shell_does_it() {
        for (line, words, last, quote) in [
            ("qdex search ", &["qdex", "search", ""][..], "", None),
            ("qdex se", &["qdex", "se"], "se", None),
            ("a \"b c", &["a", "b c"], "\"b c", Some('"')),
            ("a 'b \\", &["a", "b \\"], "'b \\", Some('\'')),
            ("a b\\ c", &["a", "b c"], "b\\ c", None),
            (
                "a \"x\\\"y\\z\"w",
                &["a", "x\"y\\zw"],
                "\"x\\\"y\\z\"w",
                None,
            ),
            ("a '' ", &["a", "", ""], "", None),
            ("ä ö", &["ä", "ö"], "ö", None),
            ("", &[""], "", None),
        ] {
            let expected = Typed {
                words: words.iter().map(ToString::to_string).collect(),
                last,
                quote,
            };
            assert_eq!(typed(line), expected, "{line}");
        }
    }

    #[test]
    fn what_is_inserted_is_quoted_and_fits_behind_what_is_there() {
        for (line, replaced, word, inserted) in [
            ("qdex search --tag ca", "ca", "caching", Some("caching")),
            ("qdex search tag:ca", "ca", "tag:caching", Some("caching")),
            (
                "qdex search --tag=ca",
                "ca",
                "--tag=caching",
                Some("caching"),
            ),
            (
                "qdex search --framework Spr",
                "Spr",
                "Spring Boot",
                Some("Spring\\ Boot"),
            ),
            (
                "qdex search --framework \"Spr",
                "Spr",
                "Spring Boot",
                Some("Spring Boot"),
            ),
            (
                "qdex search --framework \"Spr",
                "\"Spr",
                "Spring Boot",
                Some("Spring Boot"),
            ),
            ("qdex show ", "", "#x", Some("\\#x")),
            ("qdex show a", "a", "a#x", Some("a#x")),
            // Text of a corpus does not run.
            (
                "qdex search --tag ",
                "",
                "$(rm x);`y`",
                Some("\\$\\(rm\\ x\\)\\;\\`y\\`"),
            ),
            ("qdex search --tag \"", "", "$(rm x)", Some("\\$(rm x)")),
            ("qdex search --tag '", "", "it's", None),
            ("qdex search --tag \"", "", "a!b", None),
            // The beginning was written in another way than we would: better nothing than something wrong.
            ("qdex search ta\"g\":ca", "ca", "tag:caching", None),
        ] {
            let candidate = Candidate::new(word, "");
            let found = insertions(&typed(line), replaced, &[candidate]);
            assert_eq!(found.first().map(String::as_str), inserted, "{line} {word}");
        }
    }
}
