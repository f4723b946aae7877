//! Looking for a text in another one, in any white space and, unless case matters, in any case.

/// A text to look for.
#[derive(Debug, Clone)]
pub(super) struct Needle {
    /// With single blanks, and in lower case unless case matters.
    text: String,
    case_matters: bool,
}

impl Needle {
    pub(super) fn new(text: &str, case_matters: bool) -> Self {
        Needle {
            text: normalised(text, case_matters),
            case_matters,
        }
    }

    /// Returns the text with single blanks for white space, in lower case unless case matters.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text up to its first blank.
    pub(super) fn first_word(&self) -> Needle {
        let first = self.text.split(' ').next().unwrap_or_default();
        Needle {
            text: first.to_owned(),
            case_matters: self.case_matters,
        }
    }

    /// Returns whether a text has it somewhere where `is_good` holds of where it starts and ends. Copies nothing: hundreds of
    /// entries are looked at for one query.
    pub(super) fn is_in(&self, text: &str, is_good: impl Fn(usize, usize) -> bool) -> bool {
        let Some(first) = self.text.bytes().next() else {
            return is_good(0, 0);
        };
        let may_start = |byte: u8| match byte.is_ascii() {
            true if self.case_matters => byte == first,
            true => byte.to_ascii_lowercase() == first,
            // Few letters beyond ASCII fold into it, but some do.
            false => true,
        };
        let starts = text.bytes().enumerate();
        let starts = starts.filter(|(at, byte)| may_start(*byte) && text.is_char_boundary(*at));
        starts.into_iter().any(|(at, _)| {
            let end = self.end_in(&text[at..]).map(|length| at + length);
            end.is_some_and(|end| is_good(at, end))
        })
    }

    /// Returns how many bytes of a text it takes if the text begins with it.
    fn end_in(&self, text: &str) -> Option<usize> {
        let mut rest = text;
        let mut wanted = self.text.chars();
        while let Some(character) = wanted.next() {
            if character == ' ' {
                let behind = rest.trim_start();
                if behind.len() == rest.len() {
                    return None;
                }
                rest = behind;
                continue;
            }
            let found = rest.chars().next()?;
            rest = &rest[found.len_utf8()..];
            if self.case_matters || found.is_ascii() {
                let found = match self.case_matters {
                    true => found,
                    false => found.to_ascii_lowercase(),
                };
                if found != character {
                    return None;
                }
                continue;
            }
            // A letter may have several in lower case.
            let mut folded = found.to_lowercase();
            if folded.next() != Some(character) || !folded.all(|next| wanted.next() == Some(next)) {
                return None;
            }
        }
        Some(text.len() - rest.len())
    }
}

/// Returns a text with single blanks for white space, in lower case unless case matters.
fn normalised(text: &str, case_matters: bool) -> String {
    let mut normalised = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !normalised.is_empty() {
            normalised.push(' ');
        }
        match case_matters {
            true => normalised.push_str(word),
            false => normalised.extend(word.chars().flat_map(char::to_lowercase)),
        }
    }
    normalised
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_found_as_in_its_normal_form(
            text in "[aAbB \n\tÄä\u{a0}K_]{0,40}",
            looked_for in "[aAbB \nÄäk]{0,4}",
            case_matters in any::<bool>(),
        ) {
            let needle = Needle::new(&looked_for, case_matters);
            let expected = normalised(&text, case_matters).contains(needle.text());
            prop_assert_eq!(needle.is_in(&text, |_, _| true), expected);
        }
    }
}
