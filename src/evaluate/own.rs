//! Judgments out of an index itself: queries made of an entry, for which that entry is the right one.
//!
//! What this measures is known-item search: whether somebody who has seen an entry finds it again by what they remember.
//! Another entry that answers as well counts as wrong, and every query shares words with its entry; so the figures are
//! higher than those of people's own questions, and say nothing of questions in other words. Where the source names
//! duplicates, these are questions in other words: the title of one should find the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use serde::{Serialize, Serializer};

use super::sampling::{SEED, SplitMix};
use super::{JudgedQuery, JudgedSet, Run};
use crate::analysis;
use crate::body::Block;
use crate::entry::{Answer, Entry, LinkKind};
use crate::error::Result;
use crate::search::Searcher;

/// How queries are made of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The title without a third of its words.
    Dropped,
    /// The title's words in another order.
    Reordered,
    /// The title with a letter wrong in one or two words of five letters and more, none of them a name in code.
    Typos,
    /// The three rarest names in the code of the accepted answer, else of the first one.
    Names,
    /// The title; right are the entries that the source calls duplicates of this one, and this one does not count.
    Duplicates,
}

impl Kind {
    /// Every kind, in the order of reports.
    pub const ALL: [Kind; 5] = [
        Kind::Dropped,
        Kind::Reordered,
        Kind::Typos,
        Kind::Names,
        Kind::Duplicates,
    ];

    /// Returns the kind's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Dropped => "words dropped",
            Kind::Reordered => "reordered",
            Kind::Typos => "typos",
            Kind::Names => "names in code",
            Kind::Duplicates => "duplicates",
        }
    }

    /// Takes the hits out of a run that do not count: a title finds its own entry before any duplicate.
    pub fn leave_out(self, run: &mut Run) {
        if self == Kind::Duplicates {
            for query in &mut run.queries {
                query.hits.retain(|(id, _)| *id != query.id);
            }
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Judgments made out of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnJudgments {
    /// How many entries the queries are made of.
    pub entries: usize,
    /// A set a kind, in the order of [`Kind::ALL`]. A query has its entry's id. An entry has no query of a kind that
    /// cannot be made of it: a title of one word has no other order.
    pub sets: Vec<(Kind, JudgedSet)>,
}

/// Returns judgments made of `sample` entries of an index, or of all when there are no more. Reads the whole index once.
///
/// The same entries give the same queries, in whatever order they were indexed: which are taken hangs on their ids.
pub fn judgments(searcher: &Searcher, sample: usize) -> Result<OwnJudgments> {
    let mut taken = Sample::new(sample);
    let mut duplicates = Sample::new(sample);
    for entry in searcher.entries()? {
        let entry = entry?;
        if duplicates_of(&entry).next().is_some() {
            duplicates.offer(&entry);
        }
        taken.offer(&entry);
    }
    let (entries, duplicates) = (taken.into_entries(), duplicates.into_entries());
    let mut sets = Vec::new();
    for kind in Kind::ALL {
        let mut set = JudgedSet::default();
        let made_of = match kind {
            Kind::Duplicates => &duplicates,
            _ => &entries,
        };
        for (entry, line) in made_of.iter().zip(1..) {
            let grades = match kind {
                Kind::Duplicates => known_duplicates(entry, searcher)?,
                _ => HashMap::from([(entry.id.clone(), 1)]),
            };
            if !grades.is_empty()
                && let Some(text) = query(entry, kind, searcher)?
            {
                set.queries.push(JudgedQuery {
                    id: entry.id.clone(),
                    text,
                    grades,
                    line,
                });
            }
        }
        sets.push((kind, set));
    }
    Ok(OwnJudgments {
        entries: entries.len(),
        sets,
    })
}

/// Entries taken by a hash of their ids: any order of offering gives the same ones.
struct Sample {
    size: usize,
    taken: BTreeMap<(u64, String), Entry>,
}

impl Sample {
    fn new(size: usize) -> Self {
        Sample {
            size,
            taken: BTreeMap::new(),
        }
    }

    fn offer(&mut self, entry: &Entry) {
        let key = (SplitMix(seed(&entry.id)).next(), entry.id.clone());
        let last = self.taken.last_key_value().map(|(last, _)| last);
        if self.taken.len() < self.size || last.is_some_and(|last| key < *last) {
            self.taken.insert(key, entry.clone());
            if self.taken.len() > self.size {
                self.taken.pop_last();
            }
        }
    }

    /// Returns the entries in the order of their ids.
    fn into_entries(self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self.taken.into_values().collect();
        entries.sort_by(|left, right| left.id.cmp(&right.id));
        entries
    }
}

/// Returns the ids of the entries that the source calls duplicates of an entry.
fn duplicates_of(entry: &Entry) -> impl Iterator<Item = &str> {
    let duplicates = entry.related.iter();
    let duplicates = duplicates.filter(|link| link.kind == LinkKind::Duplicate);
    duplicates.map(|link| link.path.as_str())
}

/// Returns those of them that the index has, as right answers.
fn known_duplicates(entry: &Entry, searcher: &Searcher) -> Result<HashMap<String, u32>> {
    let mut grades = HashMap::new();
    for id in duplicates_of(entry) {
        if id != entry.id && searcher.contains(id)? {
            grades.insert(id.to_owned(), 1);
        }
    }
    Ok(grades)
}

fn query(entry: &Entry, kind: Kind, searcher: &Searcher) -> Result<Option<String>> {
    // Each kind has random numbers of its own, so that a new one leaves the others' queries as they are.
    let mut random = SplitMix(seed(&entry.id).wrapping_add(1 + kind as u64));
    Ok(match kind {
        Kind::Dropped => dropped(&entry.title, &mut random),
        Kind::Reordered => reordered(&entry.title, &mut random),
        Kind::Typos => {
            let names = names(entry.blocks());
            let folded: BTreeSet<String> = names.iter().map(|name| analysis::fold(name)).collect();
            mistyped(&entry.title, &folded, &mut random)
        }
        Kind::Names => rarest_names(entry, searcher)?,
        Kind::Duplicates => {
            let title = joined(entry.title.split_whitespace());
            (!title.is_empty()).then_some(title)
        }
    })
}

/// Returns where the random numbers of an entry start: FNV-1a of its id.
pub(crate) fn seed(id: &str) -> u64 {
    let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    id.bytes().fold(0xcbf2_9ce4_8422_2325 ^ SEED, hash)
}

/// Returns a title without a third of its words. Two words that say what is asked stay, where there are two.
fn dropped(title: &str, random: &mut SplitMix) -> Option<String> {
    let words: Vec<&str> = title.split_whitespace().collect();
    let is_content: Vec<bool> = words.iter().map(|word| is_content(word)).collect();
    let mut content = is_content.iter().filter(|is_content| **is_content).count();
    let mut order: Vec<usize> = (0..words.len()).collect();
    shuffle(&mut order, random);
    let mut left_out = BTreeSet::new();
    for place in order {
        if left_out.len() == (words.len() / 3).max(1) {
            break;
        }
        if is_content[place] && content <= 2 {
            continue;
        }
        content -= usize::from(is_content[place]);
        left_out.insert(place);
    }
    if content == 0 || left_out.is_empty() {
        return None;
    }
    let kept = words.iter().enumerate();
    let kept = kept.filter(|(place, _)| !left_out.contains(place));
    Some(joined(kept.map(|(_, word)| *word)))
}

/// Returns a title's words in another order.
fn reordered(title: &str, random: &mut SplitMix) -> Option<String> {
    let words: Vec<&str> = title.split_whitespace().collect();
    let mut shuffled = words.clone();
    // Of two words, every second shuffle changes nothing.
    for _ in 0..16 {
        shuffle(&mut shuffled, random);
        if shuffled != words {
            return Some(joined(shuffled.into_iter()));
        }
    }
    None
}

/// Returns a title with one letter wrong in one or two of its words.
pub(crate) fn mistyped(
    title: &str,
    names: &BTreeSet<String>,
    random: &mut SplitMix,
) -> Option<String> {
    let mut words: Vec<String> = title.split_whitespace().map(str::to_owned).collect();
    let mut places: Vec<usize> = (0..words.len())
        .filter(|place| {
            let core = plain_word(&words[*place]);
            core.is_some_and(|core| !names.contains(&analysis::fold(core)))
        })
        .collect();
    if places.is_empty() {
        return None;
    }
    shuffle(&mut places, random);
    places.truncate(1 + random.below(2));
    for place in places {
        if let Some(core) = plain_word(&words[place]) {
            let mistyped = one_edit(core, random);
            words[place] = words[place].replacen(core, &mistyped, 1);
        }
    }
    Some(joined(words.iter().map(String::as_str)))
}

/// Returns a word of prose of five letters and more, without the punctuation around it.
fn plain_word(word: &str) -> Option<&str> {
    let core = word.trim_matches(['?', '!', ',', ';', ':', '.', '"', '\'', '“', '”', '‘', '’']);
    let is_plain = core.chars().count() >= 5
        && core.chars().all(char::is_alphabetic)
        && core.chars().skip(1).all(char::is_lowercase);
    is_plain.then_some(core)
}

/// Returns a word with a letter swapped with the next, left out, replaced or added. Its first letter stays: people
/// rarely miss that.
fn one_edit(word: &str, random: &mut SplitMix) -> String {
    let letters: Vec<char> = word.chars().collect();
    loop {
        let mut edited = letters.clone();
        let place = 1 + random.below(letters.len() - 1);
        let letter = char::from(b'a' + random.below(26) as u8);
        match random.below(4) {
            0 if place + 1 < letters.len() => edited.swap(place, place + 1),
            1 => drop(edited.remove(place)),
            2 => edited[place] = letter,
            _ => edited.insert(place, letter),
        }
        // Of two letters that are the same, a swap changes nothing.
        if edited != letters {
            return edited.into_iter().collect();
        }
    }
}

/// Returns the names in an answer's code that the fewest entries have, rarest first.
fn rarest_names(entry: &Entry, searcher: &Searcher) -> Result<Option<String>> {
    let accepted = entry.answers.iter().find(|answer| answer.accepted);
    let Some(Answer { blocks, .. }) = accepted.or(entry.answers.first()) else {
        return Ok(None);
    };
    let mut rarest = Vec::new();
    for name in names(blocks.iter()) {
        // The whole name comes before its parts.
        if let Some(token) = analysis::tokens(name).first() {
            rarest.push((searcher.entries_with(&token.term)?, name));
        }
    }
    rarest.sort_unstable();
    let names: Vec<&str> = rarest.into_iter().map(|(_, name)| name).take(3).collect();
    Ok((!names.is_empty()).then(|| names.join(" ")))
}

/// Returns the names in code: what is called, what is reached through a dot, `::` or `->`, and what has humps or
/// underscores. Without knowing the language this tells names from comments and text well enough.
pub(crate) fn names<'a>(blocks: impl Iterator<Item = &'a Block>) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for block in blocks {
        if let Block::Code(code) = block {
            add_names(&code.text, &mut names);
        }
    }
    names
}

fn add_names<'a>(code: &'a str, names: &mut BTreeSet<&'a str>) {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let mut at = 0;
    while let Some(start) = code[at..].find(is_part) {
        let start = at + start;
        let end = code[start..]
            .find(|character| !is_part(character))
            .map_or(code.len(), |length| start + length);
        at = end;
        let (name, before, behind) = (&code[start..end], &code[..start], &code[end..]);
        let letters = name.trim_matches('_');
        let is_reached = [".", "::", "->"].iter().any(|joint| {
            let next = behind.strip_prefix(joint);
            // A sentence in a comment ends with a dot, too.
            let goes_on = next.is_some_and(|next| next.starts_with(char::is_alphabetic));
            goes_on || before.ends_with(joint)
        });
        let has_humps = letters
            .chars()
            .zip(letters.chars().skip(1))
            .any(|(left, right)| left.is_lowercase() && right.is_uppercase());
        let is_name = is_reached || has_humps || name.contains('_') || behind.starts_with('(');
        if is_name && letters.chars().count() >= 3 && !name.starts_with(char::is_numeric) {
            names.insert(name);
        }
    }
}

/// Returns whether a word says what is asked, and not only that something is.
pub(crate) fn is_content(word: &str) -> bool {
    let folded = analysis::fold(word.trim_matches(|character: char| !character.is_alphanumeric()));
    !folded.is_empty() && !analysis::is_stop_word(&folded) && !analysis::is_question_word(&folded)
}

/// Puts values in a random order (Fisher and Yates).
pub(crate) fn shuffle<T>(values: &mut [T], random: &mut SplitMix) {
    for place in (1..values.len()).rev() {
        values.swap(place, random.below(place + 1));
    }
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_told_from_prose_and_keywords() {
        for (code, expected) in [
            ("import weakref\nr = weakref.ref(a)", "ref weakref"),
            ("// The end. Next one\nreturn getUserName;", "getUserName"),
            ("std::move(p->next)", "move next std"),
            ("let max_len = 10; x1.y2()", "max_len"),
            ("__init__ = 5", "__init__"),
            ("if (x) { foo (); }", ""),
            ("größe_in_cm(3)", "größe_in_cm"),
            ("", ""),
        ] {
            let mut names = BTreeSet::new();
            add_names(code, &mut names);
            assert_eq!(joined(names.into_iter()), expected, "{code}");
        }
    }

    #[test]
    fn only_words_of_prose_are_mistyped() {
        for (word, core) in [
            ("reference?", Some("reference")),
            ("“Closures”", Some("Closures")),
            ("short", Some("short")),
            ("list", None),
            ("`weakref`", None),
            ("append()", None),
            ("getUser", None),
            ("SELECT", None),
            ("utf8mb", None),
            ("user_name", None),
        ] {
            assert_eq!(plain_word(word), core, "{word}");
        }
        let names = BTreeSet::from(["asyncio".to_owned()]);
        assert_eq!(mistyped("Asyncio vs list", &names, &mut SplitMix(1)), None);
    }

    #[test]
    fn titles_that_leave_nothing_to_change_make_no_query() {
        let mut random = SplitMix(1);
        assert_eq!(dropped("weakref", &mut random), None);
        assert_eq!(dropped("what is it", &mut random), None);
        assert_eq!(dropped("weakref caches", &mut random), None);
        assert_eq!(reordered("weakref", &mut random), None);
        assert_eq!(reordered("a a", &mut random), None);
        assert_eq!(reordered("b a", &mut random).as_deref(), Some("a b"));
        assert_eq!(
            dropped("the weakref caches", &mut random).as_deref(),
            Some("weakref caches")
        );
    }

    proptest! {
        #[test]
        fn queries_hold_what_their_kind_says(title in "([a-zé?]{1,9} ?){0,9}|.{0,30}", start: u64) {
            let mut random = SplitMix(start);
            let words: Vec<&str> = title.split_whitespace().collect();
            if let Some(query) = dropped(&title, &mut random) {
                let left = query.split_whitespace().count();
                prop_assert!(left < words.len() && left >= words.len() - (words.len() / 3).max(1));
            }
            if let Some(query) = reordered(&title, &mut random) {
                let mut found: Vec<&str> = query.split_whitespace().collect();
                let mut expected = words.clone();
                prop_assert_ne!(&found, &expected);
                found.sort_unstable();
                expected.sort_unstable();
                prop_assert_eq!(found, expected);
            }
            if let Some(query) = mistyped(&title, &BTreeSet::new(), &mut random) {
                let found: Vec<&str> = query.split_whitespace().collect();
                prop_assert_eq!(found.len(), words.len());
                let wrong: Vec<_> = words.iter().zip(&found).filter(|(word, found)| word != found).collect();
                prop_assert!(wrong.len() == 1 || wrong.len() == 2);
                for (word, found) in wrong {
                    prop_assert!(plain_word(word).is_some());
                    prop_assert!(strsim::damerau_levenshtein(word, found) == 1, "{} {}", word, found);
                }
            }
        }
    }
}
