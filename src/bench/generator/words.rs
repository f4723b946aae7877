//! Words of prose and titles: walks over those of the source, and words that the source does not have.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::skewed;
use crate::body::{Mark, MarkKind};
use crate::evaluate::sampling::SplitMix;

/// What stands between two texts.
const BREAK: u32 = u32::MAX;

/// A word that stands for more than one of so many is grammar rather than content.
const COMMON: usize = 400;

/// Texts as one sequence of pieces, which are what stands between blanks.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    pieces: Vec<String>,
    numbers: FxHashMap<String, u32>,
    tokens: Vec<u32>,
    /// Whether a token is marked as code.
    codes: Vec<bool>,
    /// The first token of each text.
    starts: Vec<u32>,
    /// The tokens of each piece.
    places: Vec<Vec<u32>>,
    /// Whether each piece is a word of content.
    contents: Vec<bool>,
    /// How often the word of each piece occurs, whatever its case.
    counts: Vec<usize>,
    /// How many different words there are.
    different: usize,
}

impl Words {
    /// Takes in a text; returns how many pieces it has.
    pub(super) fn learn(&mut self, text: &str, marks: &[Mark]) -> usize {
        let first = self.tokens.len();
        for piece in text.split_whitespace() {
            let start = piece.as_ptr() as usize - text.as_ptr() as usize;
            let (before, core, _) = core_of(piece);
            let core = start + before.len()..start + before.len() + core.len();
            let is_code = marks.iter().any(|mark| {
                mark.kind == MarkKind::Code && mark.start <= core.start && core.end <= mark.end
            });
            let next = self.pieces.len() as u32;
            let number = match self.numbers.get(piece) {
                Some(number) => *number,
                None => {
                    self.numbers.insert(piece.to_owned(), next);
                    self.pieces.push(piece.to_owned());
                    self.places.push(Vec::new());
                    next
                }
            };
            self.places[number as usize].push(self.tokens.len() as u32);
            self.tokens.push(number);
            self.codes.push(is_code);
        }
        let count = self.tokens.len() - first;
        if count > 0 {
            self.starts.push(first as u32);
            self.tokens.push(BREAK);
            self.codes.push(false);
        }
        count
    }

    /// Counts what walks need; behind the last text.
    pub(super) fn finish(&mut self) {
        self.numbers = FxHashMap::default();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (piece, places) in self.pieces.iter().zip(&self.places) {
            *counts.entry(core_of(piece).1.to_lowercase()).or_default() += places.len();
        }
        self.different = counts.len();
        let count = |piece: &String| counts[&core_of(piece).1.to_lowercase()];
        self.counts = self.pieces.iter().map(count).collect();
        let content = |(piece, count): (&String, &usize)| {
            let core = core_of(piece).1;
            let is_word = core.chars().count() > 3 && core.chars().all(char::is_alphanumeric);
            is_word && count * COMMON <= self.tokens.len().max(COMMON)
        };
        let pieces = self.pieces.iter().zip(&self.counts);
        self.contents = pieces.map(content).collect();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Returns a walk that starts as a text does.
    pub(super) fn walk(&self, random: &mut SplitMix) -> Walk<'_> {
        Walk {
            words: self,
            next: self.starts[random.below(self.starts.len())],
        }
    }

    pub(super) fn piece(&self, token: u32) -> &str {
        &self.pieces[self.tokens[token as usize] as usize]
    }

    pub(super) fn is_code(&self, token: u32) -> bool {
        self.codes[token as usize]
    }

    pub(super) fn is_content(&self, token: u32) -> bool {
        self.contents[self.tokens[token as usize] as usize]
    }

    /// Returns whether more text would have a word that is not here in place of a token's. What words that were never seen
    /// take, rare ones lose: those seen once are half as frequent as they look.
    pub(super) fn is_unseen(&self, token: u32, random: &mut SplitMix) -> bool {
        let count = self.counts[self.tokens[token as usize] as usize];
        count < 4 && random.below(2 * count) == 0
    }

    /// Returns a word of content, as often as it stands in the texts.
    pub(super) fn content_word(&self, random: &mut SplitMix) -> &str {
        let mut token = self.any(random);
        for _ in 0..16 {
            if self.is_content(token) {
                break;
            }
            token = self.any(random);
        }
        core_of(self.piece(token)).1
    }

    fn any(&self, random: &mut SplitMix) -> u32 {
        loop {
            let token = random.below(self.tokens.len());
            if self.tokens[token] != BREAK {
                return token as u32;
            }
        }
    }
}

/// A way through texts, from word to word.
pub(super) struct Walk<'a> {
    words: &'a Words,
    next: u32,
}

impl Walk<'_> {
    /// Returns the next token of the walk.
    pub(super) fn next(&mut self, random: &mut SplitMix) -> u32 {
        let words = self.words;
        if words.tokens[self.next as usize] == BREAK || random.below(4) == 0 {
            self.next = words.any(random);
        }
        let token = self.next;
        // On from another place where the same stands.
        let places = &words.places[words.tokens[token as usize] as usize];
        self.next = places[random.below(places.len())] + 1;
        token
    }
}

/// Words that the source does not have.
#[derive(Debug)]
pub(super) struct Tail {
    /// What they are made of: the source's words, of three letters and more, in lower case.
    parts: Vec<String>,
    /// How many different words the source has: the ranks of the others begin there.
    seen: f64,
}

impl Tail {
    pub(super) fn new(prose: &Words, titles: &Words) -> Self {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for words in [prose, titles] {
            for (piece, places) in words.pieces.iter().zip(&words.places) {
                let core = core_of(piece).1.to_lowercase();
                let letters = core.chars().count();
                if (3..=10).contains(&letters) && core.chars().all(char::is_alphabetic) {
                    *counts.entry(core).or_default() += places.len();
                }
            }
        }
        let mut parts: Vec<(usize, String)> = counts
            .into_iter()
            .map(|(part, count)| (count, part))
            .collect();
        // Frequent ones first, ties by name.
        parts.sort_by(|left, right| right.0.cmp(&left.0).then_with(|| left.1.cmp(&right.1)));
        Tail {
            parts: parts.into_iter().map(|(_, part)| part).collect(),
            seen: prose.different.max(titles.different).max(1) as f64,
        }
    }

    /// Returns a word or a name. That its rank is above `r` has the probability `(seen / (seen + r))^(1/2)`.
    pub(super) fn word(&self, random: &mut SplitMix) -> String {
        let rank = self.rank(random);
        match rank % 2 {
            0 => self.name_of(rank),
            _ => self.blend(rank),
        }
    }

    /// Returns a name.
    pub(super) fn name(&self, random: &mut SplitMix) -> String {
        self.name_of(self.rank(random))
    }

    fn rank(&self, random: &mut SplitMix) -> u64 {
        // Above 0, up to 1, a multiple of 2^-53: exact.
        let share = ((random.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        (self.seen * (1.0 / (share * share) - 1.0)) as u64
    }

    /// Returns the name with a rank, the same every time: `lockTable`, `parse_queue_entry`, `RetryBuffer`.
    fn name_of(&self, rank: u64) -> String {
        let mut random = SplitMix(rank);
        let style = random.below(5);
        let parts = 2 + random.below(2);
        let mut name = String::new();
        for part in 0..parts {
            let Some(word) = self.part(&mut random) else {
                return format!("n{rank}");
            };
            if style < 2 && part > 0 {
                name.push('_');
            }
            if style == 4 || style > 1 && part > 0 {
                let mut letters = word.chars();
                name.extend(letters.next().into_iter().flat_map(char::to_uppercase));
                name.push_str(letters.as_str());
            } else {
                name.push_str(word);
            }
        }
        name
    }

    /// Returns the word with a rank: the beginning of one of the source's words and the end of another one.
    fn blend(&self, rank: u64) -> String {
        let mut random = SplitMix(rank);
        let (Some(first), Some(second)) = (self.part(&mut random), self.part(&mut random)) else {
            return format!("w{rank}");
        };
        let half = |word: &str| word.chars().count().div_ceil(2);
        let beginning = first.chars().take(half(first));
        beginning
            .chain(second.chars().skip(half(second) - 1))
            .collect()
    }

    fn part(&self, random: &mut SplitMix) -> Option<&str> {
        if self.parts.is_empty() {
            return None;
        }
        Some(&self.parts[skewed(self.parts.len(), random)])
    }
}

/// Returns a piece without the punctuation around it, and that punctuation.
pub(super) fn core_of(piece: &str) -> (&str, &str, &str) {
    let is_outside = |letter: char| !letter.is_alphanumeric() && letter != '_';
    let rest = piece.trim_start_matches(is_outside);
    let core = rest.trim_end_matches(is_outside);
    if core.is_empty() {
        // An operator, an arrow, a dash.
        return ("", piece, "");
    }
    let before = &piece[..piece.len() - rest.len()];
    (before, core, &rest[core.len()..])
}
