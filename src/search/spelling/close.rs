//! The words of a dictionary that differ from one by a letter or two: others are passed over with their common beginnings.

use tantivy::directory::OwnedBytes;
use tantivy_fst::raw::{CompiledAddr, Fst};

/// The most letters of a word that can be looked for.
const MAX_LETTERS: usize = 63;
/// The most edits.
const MAX_EDITS: usize = 2;

/// Tells what becomes a word by at most so many edits: a letter left out, put in or taken for another, or two neighbours swapped.
/// A table of all states, as the engine makes one, takes longer to fill than the dictionary to walk through.
pub(super) struct Close {
    letters: Vec<char>,
    is_ascii: bool,
    edits: usize,
    has_same_first: bool,
    /// By a letter of ASCII, the places where the word has it.
    places: [u64; 128],
}

/// How much of a word was read, in every way in which the text so far may be read as the word: bit *n* stands for *n* letters.
#[derive(Clone, Copy, Default)]
struct State {
    /// By the number of edits.
    read: [u64; 1 + MAX_EDITS],
    /// The same where the second of two swapped letters has been read, and the first has not.
    swapped: [u64; 1 + MAX_EDITS],
    /// What of a letter was read, and how many of its bytes are left.
    letter: (u32, u8),
    has_begun: bool,
}

impl Close {
    /// Returns what tells the words close to one, if they are to, only those with its first letter; `None` for a word that is too
    /// long to be misspelled.
    pub(super) fn new(word: &str, edits: u8, has_same_first: bool) -> Option<Self> {
        let letters: Vec<char> = word.chars().collect();
        if letters.len() > MAX_LETTERS {
            return None;
        }
        let mut places = [0; 128];
        for (place, letter) in letters.iter().enumerate() {
            if let Some(places) = places.get_mut(*letter as usize) {
                *places |= 1 << place;
            }
        }
        Some(Close {
            is_ascii: word.is_ascii(),
            letters,
            edits: usize::from(edits).min(MAX_EDITS),
            has_same_first,
            places,
        })
    }

    fn places(&self, letter: u32) -> u64 {
        if let Some(places) = self.places.get(letter as usize) {
            return *places;
        }
        let same = self.letters.iter().enumerate();
        let same = same.filter(|(_, other)| u32::from(**other) == letter);
        same.fold(0, |places, (place, _)| places | 1 << place)
    }

    /// Returns the numbers of letters that there are in the word.
    fn all(&self) -> u64 {
        u64::MAX >> (MAX_LETTERS - self.letters.len())
    }

    fn step(&self, before: &State, letter: u32) -> State {
        let places = self.places(letter);
        let mut state = State {
            has_begun: true,
            ..State::default()
        };
        if !before.has_begun && self.has_same_first && places & 1 == 0 {
            return state;
        }
        for edits in 0..=self.edits {
            let mut read = (before.read[edits] & places) << 1;
            if let Some(fewer) = edits.checked_sub(1) {
                let (put_in, taken) = (before.read[fewer], before.read[fewer] << 1);
                let left_out = state.read[fewer] << 1;
                let swapped = (before.swapped[edits] & places) << 2;
                read |= put_in | taken | left_out | swapped;
                state.swapped[edits] = before.read[fewer] & (places >> 1);
            }
            state.read[edits] = read & self.all();
        }
        state
    }

    fn start(&self) -> State {
        let mut state = State::default();
        for edits in 0..=self.edits {
            // So many letters may be left out.
            state.read[edits] = ((2 << edits) - 1) & self.all();
        }
        state
    }

    fn is_match(&self, state: &State) -> bool {
        let (_, bytes_left) = state.letter;
        let read = state.read.iter().fold(0, |all, read| all | read);
        bytes_left == 0 && read & (1 << self.letters.len()) != 0
    }

    fn can_match(&self, state: &State) -> bool {
        let ways = state.read.iter().chain(&state.swapped);
        ways.fold(0, |all, ways| all | ways) != 0
    }

    fn accept(&self, state: &State, byte: u8) -> State {
        let (begun, bytes_left) = state.letter;
        let letter = match (bytes_left, byte) {
            (0, ..0x80) => (u32::from(byte), 0),
            (0, ..0xE0) => (u32::from(byte & 0x1F), 1),
            (0, ..0xF0) => (u32::from(byte & 0x0F), 2),
            (0, _) => (u32::from(byte & 0x07), 3),
            (left, _) => (begun << 6 | u32::from(byte & 0x3F), left - 1),
        };
        match letter {
            (whole, 0) => self.step(state, whole),
            _ => State { letter, ..*state },
        }
    }

    /// Returns the bytes that may follow, where no edit is left: few words of a dictionary go on so. `None` where any may.
    fn only_next(&self, state: &State) -> Option<impl Iterator<Item = u8>> {
        let ways = |edits: usize| state.read[edits] | state.swapped[edits];
        if !self.is_ascii || (0..self.edits).any(|edits| ways(edits) != 0) || state.letter != (0, 0)
        {
            return None;
        }
        let mut left = ways(self.edits) & (self.all() >> 1);
        Some(std::iter::from_fn(move || {
            let place = left.trailing_zeros() as usize;
            let letter = *self.letters.get(place)?;
            left &= !self.places(u32::from(letter));
            Some(letter as u8)
        }))
    }

    /// Calls `found` with each close word of a dictionary.
    pub(super) fn find(&self, words: &Fst<OwnedBytes>, mut found: impl FnMut(&[u8])) {
        // What is left to look at: a node, the letters so far, how many bytes led to it, and the last of them.
        let mut left: Vec<(CompiledAddr, State, usize, u8)> = Vec::new();
        let mut word: Vec<u8> = Vec::new();
        let mut node = words.root();
        let mut state = self.start();
        loop {
            if node.is_final() && self.is_match(&state) {
                found(&word);
            }
            let follow = |place: usize| {
                let next = node.transition(place);
                let state = self.accept(&state, next.inp);
                if self.can_match(&state) {
                    left.push((next.addr, state, word.len(), next.inp));
                }
            };
            match self.only_next(&state) {
                Some(bytes) => bytes
                    .filter_map(|byte| node.find_input(byte))
                    .for_each(follow),
                None => (0..node.len()).for_each(follow),
            }
            let Some((address, next, bytes, byte)) = left.pop() else {
                return;
            };
            word.truncate(bytes);
            word.push(byte);
            node = words.node(address);
            state = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns whether one word of a dictionary of two is found.
    fn finds(close: &Close, word: &str) -> bool {
        let mut words = [word, "zz"];
        words.sort_unstable();
        let mut builder = tantivy_fst::raw::Builder::memory();
        for word in words {
            builder.add(word).expect("is sorted");
        }
        let words = builder.into_inner().expect("is in memory");
        let words = Fst::new(OwnedBytes::new(words)).expect("is whole");
        let mut is_found = false;
        close.find(&words, |found| is_found |= found == word.as_bytes());
        is_found
    }

    proptest! {
        #[test]
        fn words_are_found_by_their_distance(
            word in "[abcé日]{1,9}",
            other in "[abcé日]{1,10}",
            edits in 1u8..3,
            has_same_first in any::<bool>(),
        ) {
            let close = Close::new(&word, edits, has_same_first).expect("is short");
            let is_close = strsim::osa_distance(&word, &other) <= usize::from(edits);
            let is_first = !has_same_first || word.chars().next() == other.chars().next();
            prop_assert_eq!(finds(&close, &other), is_close && is_first);
        }
    }

    #[test]
    fn the_longest_words_are_looked_for() {
        let long = "a".repeat(MAX_LETTERS);
        let close = Close::new(&long, 1, false).expect("is short enough");
        assert!(finds(&close, &long));
        assert!(finds(&close, &format!("{long}b")));
        assert!(!finds(&close, &format!("{long}bb")));
        assert!(Close::new(&format!("{long}a"), 1, false).is_none());
    }
}
