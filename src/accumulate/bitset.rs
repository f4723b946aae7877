//! Sets of documents, a bit each.

use tantivy::DocId;

/// A set of documents, a bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BitSet {
    words: Vec<u64>,
}

impl BitSet {
    /// Returns a set without documents that has room for ids below `documents`.
    pub(crate) fn empty(documents: DocId) -> Self {
        BitSet {
            words: vec![0; (documents as usize).div_ceil(64)],
        }
    }

    /// Returns the set of all documents below `documents`.
    pub(crate) fn full(documents: DocId) -> Self {
        let mut words = vec![u64::MAX; (documents as usize).div_ceil(64)];
        if let Some(last) = words.last_mut()
            && !documents.is_multiple_of(64)
        {
            *last = (1 << (documents % 64)) - 1;
        }
        BitSet { words }
    }

    /// Adds a document.
    pub(crate) fn insert(&mut self, document: DocId) {
        self.words[document as usize / 64] |= 1 << (document % 64);
    }

    /// Adds documents in their order, each counted from `base` on. Writes each word once.
    pub(crate) fn insert_sorted(&mut self, base: DocId, documents: &[DocId]) {
        let (mut place, mut bits) = (0, 0);
        for document in documents {
            let document = base + document;
            let next = document as usize / 64;
            if next != place {
                self.words[place] |= bits;
                (place, bits) = (next, 0);
            }
            bits |= 1 << (document % 64);
        }
        if bits != 0 {
            self.words[place] |= bits;
        }
    }

    /// Returns whether a document is in the set.
    pub(crate) fn contains(&self, document: DocId) -> bool {
        self.words[document as usize / 64] & (1 << (document % 64)) != 0
    }

    /// Takes a document out.
    pub(crate) fn remove(&mut self, document: DocId) {
        self.words[document as usize / 64] &= !(1 << (document % 64));
    }

    /// Keeps what is not in the other set.
    pub(crate) fn subtract(&mut self, other: &BitSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// Keeps what is in the other set too.
    pub(crate) fn intersect(&mut self, other: &BitSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Adds what is in the other set.
    pub(crate) fn unite(&mut self, other: &BitSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Returns which of the 64 documents from `start` on are in the set; the lowest bit is the first of them.
    pub(super) fn bits_from(&self, start: DocId) -> u64 {
        let (place, shift) = (start as usize / 64, start % 64);
        let word = |place: usize| self.words.get(place).copied().unwrap_or(0);
        match shift {
            0 => word(place),
            _ => word(place) >> shift | word(place + 1) << (64 - shift),
        }
    }

    /// Adds those of the 64 documents from `start` on whose bits are set.
    pub(crate) fn insert_bits(&mut self, start: DocId, bits: u64) {
        let (place, shift) = (start as usize / 64, start % 64);
        self.words[place] |= bits << shift;
        if shift > 0
            && let Some(next) = self.words.get_mut(place + 1)
        {
            *next |= bits >> (64 - shift);
        }
    }

    /// Adds the documents whose bits are set in little-endian words, the first of them `base`.
    pub(crate) fn insert_words(&mut self, base: DocId, words: &[[u8; 8]]) {
        for (start, word) in (base..).step_by(64).zip(words) {
            self.insert_bits(start, u64::from_le_bytes(*word));
        }
    }

    /// Returns how many documents are in the set.
    pub(crate) fn len(&self) -> u64 {
        self.words
            .iter()
            .map(|word| u64::from(word.count_ones()))
            .sum()
    }

    /// Returns the documents from `start` to `end`, lowest first.
    pub(crate) fn range(&self, start: DocId, end: DocId) -> impl Iterator<Item = DocId> + '_ {
        let first = start as usize / 64;
        let behind = (end as usize).div_ceil(64).min(self.words.len());
        let words = (first..behind).map(move |place| {
            let mut word = self.words[place];
            if place == first {
                word &= u64::MAX << (start % 64);
            }
            if place == end as usize / 64 {
                word &= (1 << (end % 64)) - 1;
            }
            word
        });
        documents_of(words, first as DocId * 64)
    }

    /// Returns the documents from `start` to `end`, when there are no more than `most`. Cheap.
    pub(super) fn few(&self, start: DocId, end: DocId, most: usize) -> Option<Vec<DocId>> {
        let mut documents = Vec::new();
        for document in self.range(start, end) {
            if documents.len() == most {
                return None;
            }
            documents.push(document);
        }
        Some(documents)
    }

    /// Returns the words of a set of its own of so many documents from `start` on.
    pub(crate) fn words_from(&self, start: DocId, count: DocId) -> Vec<u64> {
        let words = (0..count).step_by(64);
        let mut words: Vec<u64> = words.map(|place| self.bits_from(start + place)).collect();
        if let Some(last) = words.last_mut()
            && !count.is_multiple_of(64)
        {
            *last &= (1 << (count % 64)) - 1;
        }
        words
    }

    /// Returns the documents, lowest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = DocId> + '_ {
        documents_of(self.words.iter().copied(), 0)
    }
}

/// Returns the documents of the words of a set, the first of which begins at `base`.
fn documents_of(words: impl Iterator<Item = u64>, base: DocId) -> impl Iterator<Item = DocId> {
    words.enumerate().flat_map(move |(place, mut rest)| {
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let bit = rest.trailing_zeros();
                rest &= rest - 1;
                base + place as DocId * 64 + bit
            })
        })
    })
}

/// Returns whether a document is in a set that has a bit for each, in little-endian words; what the set does not reach may be.
#[inline]
pub(crate) fn has_document(documents: &[[u8; 8]], document: DocId) -> bool {
    let (place, bit) = (document as usize / 64, document as usize % 64);
    let word = documents.get(place);
    word.is_none_or(|word| u64::from_le_bytes(*word) >> bit & 1 == 1)
}
