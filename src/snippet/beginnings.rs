//! How texts that hold a term must hold it: most words of an entry are seen not to be one of the query's without being analysed.

/// What analysis leaves of the beginnings of words, each with the number of what begins so.
#[derive(Default)]
pub(super) struct Beginnings {
    /// Folded, of one letter or three, the first in the lowest byte: sorted.
    all: Vec<(u32, usize)>,
    /// By a byte of a text, whether one of them starts with it.
    firsts: Firsts,
    /// The same bytes, sorted.
    first_bytes: Vec<u8>,
    /// Those of which analysis leaves nothing, so that any text may hold them.
    anywhere: Vec<usize>,
}

struct Firsts([bool; 256]);

impl Default for Firsts {
    fn default() -> Self {
        Firsts([false; 256])
    }
}

impl Beginnings {
    /// Returns the beginnings of terms, each with its number.
    pub(super) fn new<'a>(terms: impl Iterator<Item = (&'a str, usize)>) -> Self {
        let mut beginnings = Beginnings::default();
        for (term, number) in terms {
            let kept: Vec<char> = term.chars().filter(|kept| !is_dropped(*kept)).collect();
            // Stemming leaves the first three letters alone, except in words whose stem has no more than three (`dying` and
            // `die`, `cry` and `cri`).
            let kept = if kept.len() <= 3 {
                kept.get(..1)
            } else {
                kept.get(..3)
            };
            let Some(kept) = kept else {
                beginnings.anywhere.push(number);
                continue;
            };
            // What is not of ASCII stands in no text of ASCII; others are not looked at here.
            if kept.iter().all(char::is_ascii) {
                let bytes = kept.iter().map(|kept| *kept as u8);
                let first = kept[0] as u8;
                beginnings.all.push((packed(bytes), number));
                beginnings.firsts.0[usize::from(first)] = true;
                beginnings.firsts.0[usize::from(first.to_ascii_uppercase())] = true;
            }
        }
        beginnings.all.sort_unstable();
        beginnings.all.dedup();
        let firsts = &beginnings.firsts.0;
        beginnings.first_bytes = (0..=u8::MAX)
            .filter(|byte| firsts[usize::from(*byte)])
            .collect();
        beginnings
    }

    /// Returns whether any token may be a term.
    pub(super) fn may_be_any(&self, number: usize) -> bool {
        self.anywhere.contains(&number)
    }

    /// Calls `begins` with the number of each term that a token of an ASCII text may be, and where that starts, from first to last.
    pub(super) fn visit(&self, text: &str, mut begins: impl FnMut(usize, usize)) {
        self.anywhere.iter().for_each(|number| begins(0, *number));
        let bytes = text.as_bytes();
        let mut look = |at: usize| {
            let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
            // No token starts at a small letter behind a letter.
            if !(before.is_ascii_alphabetic() && bytes[at].is_ascii_lowercase()) {
                self.visit_at(&bytes[at..], |number| begins(at, number));
            }
        };
        // A query of one word is looked for by vectors.
        match *self.first_bytes.as_slice() {
            [] => {}
            [first] => memchr::memchr_iter(first, bytes).for_each(look),
            [first, second] => memchr::memchr2_iter(first, second, bytes).for_each(look),
            [first, second, third] => {
                memchr::memchr3_iter(first, second, third, bytes).for_each(look);
            }
            _ => {
                for (at, byte) in bytes.iter().enumerate() {
                    if self.firsts.0[usize::from(*byte)] {
                        look(at);
                    }
                }
            }
        }
    }

    fn visit_at(&self, text: &[u8], mut begins: impl FnMut(usize)) {
        let mut kept = text.iter().filter(|byte| !is_dropped(char::from(**byte)));
        let mut next = || kept.next().map(u8::to_ascii_lowercase);
        let Some(first) = next() else { return };
        let mut visit = |beginning: u32| {
            let from = self.all.partition_point(|(other, _)| *other < beginning);
            let same = self.all[from..].iter();
            let same = same.take_while(|(other, _)| *other == beginning);
            same.for_each(|(_, number)| begins(*number));
        };
        visit(u32::from(first));
        if let (Some(second), Some(third)) = (next(), next()) {
            visit(packed([first, second, third].into_iter()));
        }
    }
}

fn packed(bytes: impl Iterator<Item = u8>) -> u32 {
    let places = bytes.zip([0, 8, 16]);
    places.fold(0, |packed, (byte, place)| packed | u32::from(byte) << place)
}

/// Returns whether analysis may drop a character inside a name or word: separators, apostrophes, the brace of `${name}`.
fn is_dropped(character: char) -> bool {
    matches!(character, '_' | '-' | '\'' | '{')
}
