//! Shingles: what the texts of two entries are compared by.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::analysis;
use crate::body::Block;
use crate::entry::Entry;

/// Words of a shingle. With two, questions made after one pattern look alike; with four, one other word in a short
/// answer makes it another one.
const WORDS: usize = 3;

/// The shingles of an entry, each once, as hashes in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shingles(pub(super) Vec<u64>);

impl Shingles {
    /// Returns the shingles of an entry: every run of three words of its title, its question and its answers, in this
    /// order; a shorter text is one shingle. Case, accents, white space and the punctuation of prose do not count; in
    /// code every mark is a word.
    pub(super) fn of(entry: &Entry) -> Self {
        let mut words = Words::default();
        words.add(&entry.title, false);
        for block in entry.blocks() {
            words.add(block.text(), matches!(block, Block::Code(_)));
        }
        if words.hashes.is_empty() {
            // A title of marks only, and no text.
            words.add(&entry.title, true);
        }
        let windows = words.hashes.windows(WORDS.min(words.hashes.len()).max(1));
        let mut shingles: Vec<u64> = windows.map(hash).collect();
        shingles.sort_unstable();
        shingles.dedup();
        Shingles(shingles)
    }

    /// Returns the resemblance of two entries: how many shingles they share, of all that either has (Broder 1997, "On the
    /// resemblance and containment of documents"; Jaccard's coefficient). 1 for the same text.
    pub(super) fn similarity(&self, other: &Shingles) -> f64 {
        let (left, right) = (&self.0, &other.0);
        let (mut at, mut shared) = (0, 0);
        for shingle in left {
            while right.get(at).is_some_and(|other| other < shingle) {
                at += 1;
            }
            shared += usize::from(right.get(at) == Some(shingle));
        }
        match left.len() + right.len() - shared {
            0 => 1.0,
            either => shared as f64 / either as f64,
        }
    }
}

/// The words of an entry, as hashes in their order.
#[derive(Default)]
struct Words {
    hashes: Vec<u64>,
}

impl Words {
    fn add(&mut self, text: &str, with_marks: bool) {
        let text = analysis::fold(text);
        let mut rest = text.as_str();
        while let Some(character) = rest.chars().next() {
            let mut length = character.len_utf8();
            if analysis::is_ideograph(character) {
                // Written without blanks: a word each is as close as one comes without a dictionary.
                self.hashes.push(hash(&rest[..length]));
            } else if is_of_word(character) {
                length = rest
                    .find(|c: char| !is_of_word(c) || analysis::is_ideograph(c))
                    .unwrap_or(rest.len());
                self.hashes.push(hash(&rest[..length]));
            } else if with_marks && !character.is_whitespace() {
                self.hashes.push(hash(&rest[..length]));
            }
            rest = &rest[length..];
        }
    }
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The same in every process: the hasher's keys are fixed.
pub(super) fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body;
    use crate::entry::Answer;

    fn entry(title: &str, markdown: &str) -> Entry {
        Entry {
            title: title.to_owned(),
            answers: vec![Answer {
                blocks: body::from_markdown(markdown),
                ..Answer::default()
            }],
            ..Entry::default()
        }
    }

    #[test]
    fn similarity_counts_runs_of_three_words() {
        for (left, right, expected) in [
            (("a b c d", ""), ("a b c d", ""), 1.0),
            // Where the title ends does not matter, nor do case, accents and marks of prose.
            (("a b", "c d"), ("À, b: C d!", ""), 1.0),
            (("a b c d e", ""), ("a b c d f", ""), 0.5),
            (("a b c", ""), ("c b a", ""), 0.0),
            (("a b", ""), ("a b c", ""), 0.0),
            // Marks are words in code only.
            (("x", "`a + b`"), ("x", "`a - b`"), 1.0),
            (("x", "```\na + b\n```"), ("x", "```\na-b\n```"), 0.0),
            (("x", "```\na + b\n```"), ("x", "```\na+b\n```"), 1.0),
            // Ideographs are words each; whatever has no words is compared by its marks.
            (("引用计数", ""), ("引用计算", ""), 1.0 / 3.0),
            (("???", ""), ("??", ""), 0.0),
            (("???", ""), ("? ? ?", ""), 1.0),
            (("", ""), ("", ""), 1.0),
            (("", ""), ("a", ""), 0.0),
        ] {
            let shingles = |(title, text)| Shingles::of(&entry(title, text));
            let found = shingles(left).similarity(&shingles(right));
            assert!(
                (found - expected).abs() < 1e-9,
                "{left:?} {right:?}: {found}"
            );
            assert_eq!(found, shingles(right).similarity(&shingles(left)));
        }
    }
}
