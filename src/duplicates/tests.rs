//! Pairs found without comparing all, against pairs found by comparing all.

use proptest::prelude::*;

use super::*;
use crate::entry::Entry;
use crate::index::{Index, Indexer, IndexerOptions};

fn entry(id: &str, text: &str) -> Entry {
    Entry {
        id: id.to_owned(),
        title: text.to_owned(),
        ..Entry::default()
    }
}

fn found(entries: &[Entry], min_similarity: f64) -> Vec<DuplicateGroup> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = IndexerOptions {
        memory_budget_bytes: 0,
        ..IndexerOptions::default()
    };
    let mut indexer = Indexer::create(folder.path(), options).expect("a build starts");
    for entry in entries {
        indexer.add(entry.clone()).expect("is added");
    }
    indexer.commit().expect("is committed");
    let searcher = Searcher::new(Index::open(folder.path()).expect("opens"));
    let options = DuplicateOptions {
        min_similarity,
        ..DuplicateOptions::default()
    };
    searcher.duplicates(&options).expect("is found")
}

/// Compares every entry with every other. `entries` are sorted by id.
fn by_all_pairs(entries: &[Entry], min_similarity: f64) -> Vec<DuplicateGroup> {
    let shingles: Vec<Shingles> = entries.iter().map(Shingles::of).collect();
    let mut group: Vec<usize> = (0..entries.len()).collect();
    let mut nearest: Vec<Option<(usize, f64)>> = vec![None; entries.len()];
    for left in 0..entries.len() {
        for right in 0..entries.len() {
            let similarity = shingles[left].similarity(&shingles[right]);
            if left == right || similarity < min_similarity {
                continue;
            }
            if nearest[left].is_none_or(|(_, highest)| similarity > highest) {
                nearest[left] = Some((right, similarity));
            }
            let (from, to) = (group[left], group[right]);
            for group in &mut group {
                if *group == from {
                    *group = to;
                }
            }
        }
    }
    let mut groups: Vec<DuplicateGroup> = Vec::new();
    for number in 0..entries.len() {
        let members = (0..entries.len()).filter(|place| group[*place] == number);
        let entries: Vec<DuplicateEntry> = members
            .filter_map(|place| Some((place, nearest[place]?)))
            .map(|(place, (like, similarity))| DuplicateEntry {
                id: entries[place].id.clone(),
                title: entries[place].title.clone(),
                source: entries[place].source.clone(),
                similarity,
                like: entries[like].id.clone(),
            })
            .collect();
        let similarities = entries.iter().map(|entry| entry.similarity);
        let similarity = similarities.fold(0.0, f64::max);
        if !entries.is_empty() {
            groups.push(DuplicateGroup {
                similarity,
                entries,
            });
        }
    }
    groups.sort_by(|left, right| {
        let by_similarity = right.similarity.total_cmp(&left.similarity);
        by_similarity.then_with(|| left.entries[0].id.cmp(&right.entries[0].id))
    });
    groups
}

/// Texts of few words, and what becomes of them when some words are changed, left out or added.
fn texts() -> impl Strategy<Value = Vec<String>> {
    let word = || "[a-e]";
    let text = prop::collection::vec(word(), 0..24);
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..3u8, word()), 0..4);
    let copies = prop::collection::vec(edits, 1..4);
    let family = (text, copies).prop_map(|(text, copies)| {
        let edited = |edits: Vec<(prop::sample::Index, u8, String)>| {
            let mut words = text.clone();
            for (place, kind, word) in edits {
                let place = place.index(words.len() + 1);
                match kind {
                    0 if place < words.len() => words[place] = word,
                    1 if place < words.len() => drop(words.remove(place)),
                    _ => words.insert(place, word),
                }
            }
            words.join(" ")
        };
        copies.into_iter().map(edited).collect::<Vec<String>>()
    });
    prop::collection::vec(family, 1..8).prop_map(|families| families.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_pairs_are_those_that_comparing_all_finds(
        texts in texts(),
        min in prop::sample::select(vec![0.05, 0.2, 0.5, 2.0 / 3.0, 0.8, 0.95, 1.0]),
        order in any::<u64>(),
    ) {
        let mut entries: Vec<Entry> = texts
            .iter()
            .enumerate()
            .map(|(place, text)| entry(&format!("{place:03}"), text))
            .collect();
        let expected = by_all_pairs(&entries, min);
        // The order of reading must not matter.
        entries.sort_by_key(|entry| shingles::hash((order, &entry.id)));
        prop_assert_eq!(found(&entries, min), expected);
    }
}

#[test]
fn the_same_text_is_one_group_whatever_else_differs() {
    let mut twin = entry("b", "Eins, zwei: DREI vier!");
    twin.tags = vec!["other".to_owned()];
    let entries = [
        entry("c", "eins zwei drei vier"),
        twin,
        entry("a", "eins zwei drei vier"),
        entry("d", "fünf sechs sieben acht"),
    ];
    let groups = found(&entries, 1.0);
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0].similarity, 1.0);
    let members: Vec<_> = groups[0]
        .entries
        .iter()
        .map(|entry| (entry.id.as_str(), entry.like.as_str(), entry.similarity))
        .collect();
    assert_eq!(members, [("a", "b", 1.0), ("b", "a", 1.0), ("c", "a", 1.0)]);
    assert_eq!(found(&[], 0.8), []);
    assert_eq!(found(&entries[..1], 0.8), []);
}

/// A table that is too small makes shingles look more frequent; pairs are found all the same.
#[test]
fn counts_may_be_too_high_but_the_first_shingles_are_shared() {
    let texts = ["a b c d e f g h", "a b c d e f g i", "x a b c d e f g"];
    let shingles = texts.map(|text| Shingles::of(&entry("", text)));
    for places in [1, 2, 4, 64] {
        let mut counters = Counters {
            counts: vec![0; places],
        };
        for shingles in &shingles {
            shingles.0.iter().for_each(|shingle| counters.add(*shingle));
        }
        for left in &shingles {
            for right in &shingles {
                let similarity = left.similarity(right);
                let (of_left, of_right) = (
                    counters.first(left, similarity),
                    counters.first(right, similarity),
                );
                let is_first = |shingle: &u64| of_right.iter().any(|(_, other)| other == shingle);
                assert!(of_left.iter().any(|(_, shingle)| is_first(shingle)));
            }
        }
    }
}
