//! How texts that hold a term must hold it: most words of an entry are seen not to be one of the query's without being analysed.

use crate::letters;

/// What analysis leaves of the beginnings of words, each with the number of what begins so.
#[derive(Default)]
pub(super) struct Beginnings {
    all: Vec<(Beginning, usize)>,
    /// Tells where one may stand, where there are many.
    sieve: Option<Box<Sieve>>,
    /// Those of which analysis leaves nothing, so that any text may hold them.
    anywhere: Vec<usize>,
}

/// So many beginnings are looked for one after another, each by vectors; more at once, byte by byte.
const MAX_ALONE: usize = 4;

/// What is left of the beginning of a word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Beginning {
    /// Folded, filled up with zeros.
    letters: [u8; MAX_LETTERS],
    length: usize,
    /// The place of the one that texts have least.
    rarest: usize,
}

/// The most letters of a beginning.
const MAX_LETTERS: usize = 8;

impl Beginnings {
    /// Returns the beginnings of terms, each with its number.
    pub(super) fn new<'a>(terms: impl Iterator<Item = (&'a str, usize)>) -> Self {
        let mut beginnings = Beginnings::default();
        for (term, number) in terms {
            let is_kept = |kept: &char| !u8::try_from(*kept).is_ok_and(is_dropped);
            let kept: Vec<char> = term.chars().filter(is_kept).collect();
            // Stemming replaces the last two letters of a stem at most (`probabl` of `probability`), and leaves the first three alone,
            // except in words whose stem has no more than three (`dying` and `die`, `cry` and `cri`).
            let sure = match kept.len() {
                0..=3 => 1,
                letters => (letters - 2).clamp(3, MAX_LETTERS),
            };
            match kept.get(..sure) {
                None => beginnings.anywhere.push(number),
                // What is not of ASCII stands in no text of ASCII; others are not looked at here.
                Some(kept) if kept.iter().all(char::is_ascii) => {
                    beginnings.all.push((Beginning::new(kept), number));
                }
                Some(_) => {}
            }
        }
        beginnings.all.sort_unstable();
        beginnings.all.dedup();
        let are_many = beginnings.all.len() > MAX_ALONE;
        beginnings.sieve = are_many.then(|| Box::new(Sieve::new(&beginnings.all)));
        beginnings
    }

    /// Returns whether any token may be a term.
    pub(super) fn may_be_any(&self, number: usize) -> bool {
        self.anywhere.contains(&number)
    }

    /// Calls `begins` with the number of each term that a token of an ASCII text may be, and where that starts, in any order.
    pub(super) fn visit(&self, text: &str, mut begins: impl FnMut(usize, usize)) {
        self.anywhere.iter().for_each(|number| begins(0, *number));
        let text = text.as_bytes();
        if let Some(sieve) = &self.sieve {
            for at in 0..text.len() {
                let next = text.get(at + 1).copied().unwrap_or_default();
                if sieve.passes(text[at], next) && may_start(text, at) {
                    let here = &text[at..];
                    let begun = self.all.iter().filter(|(begun, _)| begun.is_at(here));
                    begun.for_each(|(_, number)| begins(at, *number));
                }
            }
            return;
        }
        for (beginning, number) in &self.all {
            let rarest = beginning.letters[beginning.rarest];
            for at in memchr::memchr2_iter(rarest, rarest.to_ascii_uppercase(), text) {
                if let Some(start) = beginning.start(text, at)
                    && may_start(text, start)
                    && beginning.is_at(&text[start..])
                {
                    begins(start, *number);
                }
            }
        }
    }
}

impl Beginning {
    fn new(kept: &[char]) -> Self {
        let mut letters = [0; MAX_LETTERS];
        let both = letters.iter_mut().zip(kept);
        both.for_each(|(letter, kept)| *letter = *kept as u8);
        let rarest = (0..kept.len()).min_by_key(|place| letters::frequency(letters[*place]));
        Beginning {
            letters,
            length: kept.len(),
            rarest: rarest.unwrap_or_default(),
        }
    }

    /// Returns where it starts if its rarest letter is at a byte of a text.
    fn start(&self, text: &[u8], mut at: usize) -> Option<usize> {
        for letter in self.letters[..self.rarest].iter().rev() {
            at = at.checked_sub(1)?;
            while is_dropped(text[at]) {
                at = at.checked_sub(1)?;
            }
            if text[at].to_ascii_lowercase() != *letter {
                return None;
            }
        }
        Some(at)
    }

    /// Returns whether a text starts with it.
    fn is_at(&self, text: &[u8]) -> bool {
        let mut letters = self.letters[..self.length].iter();
        let mut wanted = letters.next();
        for byte in text {
            let Some(letter) = wanted else { return true };
            if byte.to_ascii_lowercase() == *letter {
                wanted = letters.next();
            } else if !is_dropped(*byte) {
                return false;
            }
        }
        wanted.is_none()
    }
}

/// Returns whether a token may start at a byte of a text: none does at a small letter behind a letter.
fn may_start(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).map_or(b' ', |before| text[before]);
    !(before.is_ascii_alphabetic() && text[at].is_ascii_lowercase())
}

/// By a byte of a text, which beginnings have it as their first one, and which may have it as the next, a bit each. More than there
/// are bits share them.
struct Sieve {
    firsts: [u32; 256],
    seconds: [u32; 256],
}

impl Sieve {
    fn new(beginnings: &[(Beginning, usize)]) -> Self {
        let mut sieve = Sieve {
            firsts: [0; 256],
            seconds: [0; 256],
        };
        for (number, (beginning, _)) in beginnings.iter().enumerate() {
            let bit = 1 << (number % 32);
            let [first, second, ..] = beginning.letters;
            for byte in [first, first.to_ascii_uppercase()] {
                sieve.firsts[usize::from(byte)] |= bit;
            }
            if beginning.length == 1 {
                sieve.seconds.iter_mut().for_each(|of| *of |= bit);
                continue;
            }
            let seconds = [second, second.to_ascii_uppercase()];
            for byte in seconds.into_iter().chain(DROPPED) {
                sieve.seconds[usize::from(byte)] |= bit;
            }
        }
        sieve
    }

    /// Returns whether a beginning may stand where these bytes do.
    fn passes(&self, first: u8, second: u8) -> bool {
        self.firsts[usize::from(first)] & self.seconds[usize::from(second)] != 0
    }
}

/// What analysis may drop inside a name or word: separators, apostrophes, the brace of `${name}`, the slash of `TCP/IP`.
const DROPPED: [u8; 5] = [b'_', b'-', b'\'', b'{', b'/'];

fn is_dropped(byte: u8) -> bool {
    DROPPED.contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analysis;

    const ENDINGS: &[&str] = &[
        "s", "es", "ies", "ied", "sses", "us", "ss", "eed", "eedly", "ed", "edly", "ing", "ingly",
        "at", "bl", "iz", "y", "tional", "enci", "ency", "anci", "ancy", "abli", "ably", "ability",
        "entli", "ently", "izer", "ization", "ational", "ation", "ator", "alism", "aliti", "ality",
        "alli", "ally", "fulness", "ousli", "ously", "ousness", "iveness", "iviti", "ivity",
        "biliti", "bility", "bli", "bly", "ogi", "ogy", "ogist", "fulli", "fully", "lessli",
        "lessly", "li", "ly", "alize", "icate", "iciti", "icity", "ical", "ful", "ness", "ative",
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ism",
        "ate", "iti", "ous", "ive", "ize", "ion", "sion", "e", "le", "ll", "pp", "tt", "ying",
        "yed", "'s", "'", "s'",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

        #[test]
        fn whatever_has_a_term_has_its_beginning(
            start in "[a-zA-Z]{0,5}",
            joint in prop::sample::select(vec!["", "", "", "_", "-", ".", "::", "/", "7", "'"]),
            middle in "[a-zA-Z]{0,4}",
            endings in prop::collection::vec(prop::sample::select(ENDINGS), 0..4),
        ) {
            let text = format!("{start}{joint}{middle}{}", endings.concat());
            for token in analysis::tokens(&text) {
                let beginnings = Beginnings::new([(token.term.as_str(), 7)].into_iter());
                let mut is_found = false;
                beginnings.visit(&text, |at, _| is_found |= token.range.contains(&at));
                prop_assert!(is_found, "{} in {}", token.term, text);
            }
        }
    }

    #[test]
    fn beginnings_are_found_wherever_they_stand_in_a_text() {
        for before in 0..70 {
            let text = format!("{}Ob-ject", ". ".repeat(before));
            for others in [0, 1, 9] {
                let others =
                    (b'a'..b'a' + others).map(|letter| char::from(letter).to_string().repeat(5));
                let terms: Vec<String> = others.chain(["object".to_owned()]).collect();
                let beginnings = terms.iter().map(|term| (term.as_str(), 0));
                let beginnings = Beginnings::new(beginnings);
                let mut found = Vec::new();
                beginnings.visit(&text, |at, _| found.push(at));
                assert_eq!(found, [2 * before], "{text}");
            }
        }
    }
}
