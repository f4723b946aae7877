//! Prose: folding, stemming, and the words that carry little.

use rustc_hash::FxHashMap;
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
    stems: FxHashMap<String, String>,
}

/// At about 60 bytes a stem this is some 2 MB a thread, and holds all but the rarest words of a large corpus.
const MAX_REMEMBERED_STEMS: usize = 32_768;

impl Default for WordStemmer {
    fn default() -> Self {
        WordStemmer {
            stemmer: frostem::Stemmer::new(frostem::Algorithm::English),
            stems: FxHashMap::default(),
        }
    }
}

impl WordStemmer {
    /// Replaces a folded word by its stem. Words with anything but letters a to z stay as they are: Snowball's English
    /// rules are for those only.
    pub(crate) fn stem(&mut self, word: &mut String) {
        if word.len() < 3 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return;
        }
        if let Some(stem) = self.stems.get(word.as_str()) {
            word.truncate(0);
            word.push_str(stem);
            return;
        }
        let stem = self.stemmer.stem(word).into_owned();
        if self.stems.len() < MAX_REMEMBERED_STEMS {
            self.stems.insert(word.clone(), stem.clone());
        }
        *word = stem;
    }
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
            stemmer.stem(&mut folded);
            assert_eq!(folded, stem, "{word}");
        }
    }
}
