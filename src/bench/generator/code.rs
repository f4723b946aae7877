//! Code: lines of the source's, with other names.

use rustc_hash::FxHashMap;

use super::words::Tail;
use crate::body::Code;
use crate::evaluate::sampling::SplitMix;

/// A name that stands in so many blocks belongs to the language or its library.
const COMMON_BLOCKS: usize = 4;

/// The lines of all code blocks, by language.
#[derive(Debug, Default)]
pub(super) struct CodeLines {
    languages: Vec<Language>,
    numbers: FxHashMap<Option<String>, usize>,
    /// In how many blocks a name stands.
    blocks: FxHashMap<String, usize>,
    /// Names that few blocks have, sorted.
    rare: Vec<String>,
}

#[derive(Debug)]
struct Language {
    name: Option<String>,
    lines: Vec<String>,
}

/// What the names of an entry's code became.
#[derive(Debug, Default)]
pub(super) struct Renamed(FxHashMap<String, String>);

impl CodeLines {
    /// Takes in a block; returns the number of its language.
    pub(super) fn learn(&mut self, code: &Code) -> usize {
        let next = self.languages.len();
        let language = *self.numbers.entry(code.lang.clone()).or_insert(next);
        if language == next {
            self.languages.push(Language {
                name: code.lang.clone(),
                lines: Vec::new(),
            });
        }
        let mut names: Vec<&str> = code.text.lines().flat_map(names_in).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            *self.blocks.entry(name.to_owned()).or_default() += 1;
        }
        let lines = code.text.lines().map(str::to_owned);
        self.languages[language].lines.extend(lines);
        language
    }

    /// Finds the rare names; behind the last block.
    pub(super) fn finish(&mut self) {
        self.numbers = FxHashMap::default();
        let is_rare = |(_, blocks): &(&String, &usize)| **blocks < COMMON_BLOCKS;
        let rare = self.blocks.iter().filter(is_rare);
        self.rare = rare.map(|(name, _)| name.clone()).collect();
        self.rare.sort_unstable();
    }

    /// Returns a block of `count` lines in a language. New names come from the tail and from what the entry is about.
    pub(super) fn block(
        &self,
        language: usize,
        count: usize,
        (tail, topical): (&Tail, &[String]),
        renamed: &mut Renamed,
        random: &mut SplitMix,
    ) -> Code {
        let Language { name, lines } = &self.languages[language];
        let mut text = String::new();
        let mut next = 0;
        for line in 0..count {
            if lines.is_empty() {
                break;
            }
            if line == 0 || next >= lines.len() || random.below(4) == 0 {
                next = random.below(lines.len());
            }
            if line > 0 {
                text.push('\n');
            }
            let mut rest = lines[next].as_str();
            next += 1;
            for old in names_in(rest) {
                let start = old.as_ptr() as usize - rest.as_ptr() as usize;
                text.push_str(&rest[..start]);
                rest = &rest[start + old.len()..];
                text.push_str(self.renamed(old, (tail, topical), renamed, random));
            }
            text.push_str(rest);
        }
        Code {
            text,
            lang: name.clone(),
        }
    }

    /// Returns what a name is called in an entry.
    fn renamed<'a>(
        &self,
        old: &'a str,
        (tail, topical): (&Tail, &[String]),
        renamed: &'a mut Renamed,
        random: &mut SplitMix,
    ) -> &'a str {
        if old.len() < 3
            || self
                .blocks
                .get(old)
                .is_none_or(|blocks| *blocks >= COMMON_BLOCKS)
        {
            return old;
        }
        if !renamed.0.contains_key(old) {
            let new = match random.below(6) {
                0 | 1 => tail.name(random),
                2 => topical[random.below(topical.len())].clone(),
                3 => self.rare[random.below(self.rare.len())].clone(),
                _ => old.to_owned(),
            };
            renamed.0.insert(old.to_owned(), new);
        }
        &renamed.0[old]
    }
}

/// Returns the names in a line: letters, digits and underscores that do not begin with a digit.
fn names_in(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|name| name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_'))
}
