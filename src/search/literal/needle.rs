//! Looking for a text in another one, in any white space and, unless case matters, in any case.

use crate::letters;

/// A text to look for.
#[derive(Debug, Clone)]
pub(super) struct Needle {
    /// With single blanks, and in lower case unless case matters.
    text: String,
    case_matters: bool,
    /// The byte of its first word that texts have least, and where it stands; none where that word is not of ASCII alone.
    rarest: Option<(usize, u8)>,
    /// The longest of its words of ASCII alone, with its rarest byte: it stands in one piece wherever the text does.
    longest: Option<(String, (usize, u8))>,
}

/// The letters beyond ASCII with ones of ASCII in lower case.
const FOLDING_TO_ASCII: [&str; 2] = ["\u{130}", "\u{212a}"];

impl Needle {
    pub(super) fn new(text: &str, case_matters: bool) -> Self {
        Needle::of(normalised(text, case_matters), case_matters)
    }

    /// Returns a needle of a text in its normal form.
    fn of(text: String, case_matters: bool) -> Self {
        let rarest = |word: &str| {
            let places = word.bytes().enumerate().filter(|_| word.is_ascii());
            places.min_by_key(|(_, byte)| letters::frequency(*byte))
        };
        let words = text.split(' ').filter(|word| word.is_ascii());
        let longest = words.max_by_key(|word| word.len());
        Needle {
            rarest: text.split(' ').next().and_then(rarest),
            longest: longest.and_then(|word| Some((word.to_owned(), rarest(word)?))),
            text,
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
        Needle::of(first.to_owned(), self.case_matters)
    }

    /// Returns false when no text among some bytes has it.
    pub(super) fn may_be_in(&self, bytes: &[u8]) -> bool {
        let Some((word, (place, byte))) = &self.longest else {
            return true;
        };
        let other = match self.case_matters {
            true => *byte,
            false => byte.to_ascii_uppercase(),
        };
        let is_same = |piece: &[u8]| match self.case_matters {
            true => piece == word.as_bytes(),
            false => piece.eq_ignore_ascii_case(word.as_bytes()),
        };
        let mut places = memchr::memchr2_iter(*byte, other, bytes);
        let stands = places.any(|at| {
            let start = at.checked_sub(*place);
            let piece = start.and_then(|start| bytes.get(start..start + word.len()));
            piece.is_some_and(is_same)
        });
        let may_fold = || {
            let mut letters = FOLDING_TO_ASCII.iter();
            letters.any(|letter| memchr::memmem::find(bytes, letter.as_bytes()).is_some())
        };
        stands || !self.case_matters && word.contains(['i', 'k']) && may_fold()
    }

    /// Returns whether a text has it somewhere where `is_good` holds of where it starts and ends. Copies nothing: hundreds of
    /// entries are looked at for one query.
    pub(super) fn is_in(&self, text: &str, mut is_good: impl FnMut(usize, usize) -> bool) -> bool {
        let Some(first) = self.text.bytes().next() else {
            return is_good(0, 0);
        };
        let mut is_at = |at: usize| {
            let end = self.end_in(&text[at..]).map(|length| at + length);
            end.is_some_and(|end| is_good(at, end))
        };
        // Few letters beyond ASCII fold into it, but some do.
        if let Some((place, byte)) = self.rarest
            && (self.case_matters || text.is_ascii())
        {
            let other = match self.case_matters {
                true => byte,
                false => byte.to_ascii_uppercase(),
            };
            let mut found = memchr::memchr2_iter(byte, other, text.as_bytes());
            return found.any(|at| {
                let start = at.checked_sub(place);
                start.is_some_and(|start| text.is_char_boundary(start) && is_at(start))
            });
        }
        let may_start = |byte: u8| match byte.is_ascii() {
            true if self.case_matters => byte == first,
            true => byte.to_ascii_lowercase() == first,
            false => true,
        };
        let mut starts = text.bytes().enumerate();
        starts.any(|(at, byte)| may_start(byte) && text.is_char_boundary(at) && is_at(at))
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
        fn bytes_of_a_text_may_have_what_it_has(
            text in "[aA \nÄi\u{130}\u{307}k\u{212a}_]{0,40}",
            looked_for in "[aA i\u{307}k_]{0,5}",
            case_matters in any::<bool>(),
        ) {
            let needle = Needle::new(&looked_for, case_matters);
            let has = needle.is_in(&text, |_, _| true);
            prop_assert!(needle.may_be_in(text.as_bytes()) || !has);
        }

        #[test]
        fn a_text_is_found_as_in_its_normal_form(
            text in "[aAbB \n\tÄä\u{a0}K_]{0,40}",
            looked_for in "[aAbB \nÄäk]{0,4}",
            case_matters in any::<bool>(),
        ) {
            let needle = Needle::new(&looked_for, case_matters);
            for text in [text.clone(), text.replace(|other: char| !other.is_ascii(), "k")] {
                let expected = normalised(&text, case_matters).contains(needle.text());
                prop_assert_eq!(needle.is_in(&text, |_, _| true), expected);
            }
        }
    }
}
