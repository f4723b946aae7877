//! Prose: folding, stemming, and the words that carry little.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Appends a text with its case folded and its accents gone.
pub(crate) fn fold_into(text: &str, folded: &mut String) {
    if text.is_ascii() {
        folded.extend(
            text.bytes()
                .map(|byte| char::from(byte.to_ascii_lowercase())),
        );
        return;
    }
    let characters = text
        .nfkd()
        .filter(|character| !is_combining_mark(*character));
    for character in characters.flat_map(char::to_lowercase) {
        match character {
            // Typed as often with two letters, and written so in capitals.
            'ß' => folded.push_str("ss"),
            character => folded.push(character),
        }
    }
}

/// Stems English words and remembers the stems, as a corpus has few distinct words and many words.
#[derive(Clone)]
pub(crate) struct WordStemmer {
    stemmer: frostem::Stemmer,
    /// For each hash the last word that had it, so that a word is found with one look. Grows with the words.
    stems: Vec<Stem>,
    remembered: usize,
}

/// A word with its stem.
#[derive(Clone, Copy, Default)]
struct Stem {
    /// The word, filled up with zeros.
    word: [u8; MAX_REMEMBERED_BYTES],
    /// How many bytes of the word its stem begins with.
    kept: u8,
    /// How many bytes of the end the stem has behind those.
    added: u8,
    /// What stands behind those in the stem: the `i` of `happi`.
    end: [u8; 6],
}

/// Longer words are stemmed whenever they are met.
const MAX_REMEMBERED_BYTES: usize = 16;
/// How many words are remembered at first, which is enough for a query, and at most: at 24 bytes a word 400 kB a thread, and all but the
/// rarest words of a large corpus. Powers of two.
const REMEMBERED: (usize, usize) = (64, 1 << 14);

impl Default for WordStemmer {
    fn default() -> Self {
        WordStemmer {
            stemmer: frostem::Stemmer::new(frostem::Algorithm::English),
            stems: Vec::new(),
            remembered: 0,
        }
    }
}

impl WordStemmer {
    /// Replaces the folded word that a text ends with, from a byte on, by its stem. Words with anything but letters a to z stay as they
    /// are: Snowball's English rules are for those only.
    pub(crate) fn stem(&mut self, text: &mut String, start: usize) {
        let word = &text[start..];
        if word.len() < 3 {
            return;
        }
        // Of the zeros that it is filled up with, none is its own.
        let packed = packed(word).filter(|_| !word.ends_with('\0'));
        // Only words of small letters are remembered: one that is needs no look at each letter.
        if let Some(packed) = packed
            && let Some(stem) = self.stems.get(place(&packed, self.stems.len()))
            && stem.word == packed
        {
            text.truncate(start + usize::from(stem.kept));
            let end = stem.end.iter().take(usize::from(stem.added));
            text.extend(end.map(|byte| char::from(*byte)));
            return;
        }
        if !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return;
        }
        let Some(packed) = packed else {
            let stem = self.stemmer.stem(word).into_owned();
            text.truncate(start);
            text.push_str(&stem);
            return;
        };
        let stem = self.stemmer.stem(word).into_owned();
        self.remember(word, packed, &stem);
        text.truncate(start);
        text.push_str(&stem);
    }

    fn remember(&mut self, word: &str, packed: [u8; MAX_REMEMBERED_BYTES], stem: &str) {
        let same = word.bytes().zip(stem.bytes());
        let kept = same.take_while(|(left, right)| left == right).count();
        let mut end = [0; 6];
        let Some(room) = end.get_mut(..stem.len() - kept) else {
            return;
        };
        room.copy_from_slice(&stem.as_bytes()[kept..]);
        let (least, most) = REMEMBERED;
        if self.remembered >= self.stems.len() && self.stems.len() < most {
            // What was known is met again soon.
            let more = (self.stems.len() * 4).clamp(least, most);
            self.stems = vec![Stem::default(); more];
            self.remembered = 0;
        }
        self.remembered += 1;
        let place = place(&packed, self.stems.len());
        self.stems[place] = Stem {
            word: packed,
            kept: kept as u8,
            added: (stem.len() - kept) as u8,
            end,
        };
    }
}

/// Returns a word filled up with zeros; `None` when it is too long.
fn packed(word: &str) -> Option<[u8; MAX_REMEMBERED_BYTES]> {
    let mut packed = [0; MAX_REMEMBERED_BYTES];
    packed
        .get_mut(..word.len())?
        .copy_from_slice(word.as_bytes());
    Some(packed)
}

/// Returns the place of a word among so many, a power of two.
fn place(packed: &[u8; MAX_REMEMBERED_BYTES], places: usize) -> usize {
    let number = u128::from_le_bytes(*packed);
    let mixed = (number as u64) ^ ((number >> 64) as u64).rotate_left(23);
    let mixed = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as usize & places.wrapping_sub(1)
}

/// The words that Lucene's English analyzer drops: sorted.
#[rustfmt::skip]
const STOP_WORDS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it",
    "no", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there", "these", "they",
    "this", "to", "was", "will", "with",
];

/// Returns whether a folded word stands in nearly every text and tells nothing. Such words are indexed, for phrases, and left out of queries.
pub(crate) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// Words that say that something is asked, not what: sorted, folded, not stemmed.
#[rustfmt::skip]
const QUESTION_WORDS: &[&str] = &[
    "about", "actually", "advantage", "advantages", "all", "also", "am", "another", "any",
    "anybody", "anyone", "anything", "appropriate", "available", "avoid", "bad", "because", "been",
    "being", "best", "better", "between", "both", "can", "cannot", "cant", "compare", "compared",
    "correct", "correctly", "could", "define", "describe", "did", "difference", "differences",
    "different", "do", "does", "doesnt", "doing", "done", "dont", "each", "easiest", "easily",
    "easy", "either", "else", "ever", "exact", "exactly", "example", "examples", "exist", "exists",
    "explain", "fastest", "find", "from", "get", "gets", "getting", "give", "given", "go", "good",
    "got", "had", "happen", "happens", "has", "have", "having", "help", "here", "how", "i", "ideal",
    "im", "instead", "its", "ive", "just", "know", "like", "made", "make", "makes", "making",
    "many", "may", "me", "mean", "meaning", "means", "might", "more", "most", "much", "must", "my",
    "need", "needed", "one", "only", "our", "please", "possible", "prefer", "preferred", "proper",
    "properly", "purpose", "question", "reason", "recommended", "same", "several", "should", "show",
    "simple", "simplest", "so", "some", "someone", "something", "than", "them", "thing", "things",
    "try", "trying", "understand", "use", "used", "useful", "using", "versus", "vs", "want", "way",
    "ways", "we", "what", "when", "where", "which", "while", "who", "why", "work", "would", "you",
    "your",
];

/// Returns whether a folded word is one that questions are made of, whatever they ask about: "how", "best", "using".
pub(crate) fn is_question_word(word: &str) -> bool {
    QUESTION_WORDS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_words_are_sorted() {
        assert!(QUESTION_WORDS.is_sorted() && STOP_WORDS.is_sorted());
        assert!(
            QUESTION_WORDS
                .iter()
                .all(|word| is_question_word(word) && !is_stop_word(word))
        );
    }

    #[test]
    fn words_are_folded_and_stemmed() {
        let mut stemmer = WordStemmer::default();
        for (word, stem) in [
            ("Caching", "cach"),
            ("caches", "cach"),
            ("Élan", "elan"),
            ("naïve", "naiv"),
            ("Straße", "strass"),
            ("ＦＵＬＬ", "full"),
            ("is", "is"),
            ("Москва", "москва"),
        ] {
            let mut folded = String::new();
            fold_into(word, &mut folded);
            stemmer.stem(&mut folded, 0);
            assert_eq!(folded, stem, "{word}");
        }
    }

    #[test]
    fn remembered_stems_are_those_of_the_algorithm() {
        let algorithm = frostem::Stemmer::new(frostem::Algorithm::English);
        let mut stemmer = WordStemmer::default();
        let endings = [
            "",
            "s",
            "ies",
            "ing",
            "ational",
            "y",
            "ously",
            "fulness",
            "izationsomething",
        ];
        // More words than are remembered, each of them twice in a row and once again later.
        for _ in 0..2 {
            for number in 0..3 * REMEMBERED.1 {
                let letter =
                    |place: u32| char::from(b'a' + (number / 26_usize.pow(place) % 26) as u8);
                let word: String = (0..4).map(letter).collect();
                let word = word + endings[number % endings.len()];
                for _ in 0..2 {
                    let mut stem = format!("before {word}");
                    stemmer.stem(&mut stem, "before ".len());
                    assert_eq!(stem, format!("before {}", algorithm.stem(&word)));
                }
            }
        }
    }
}
