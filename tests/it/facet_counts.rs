//! Counts of facets, against a count by hand over random entries.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use qdex::facets::FacetCounts;
use qdex::{Difficulty, Entry, FacetField, Filter, SearchOptions, Source, Topic};

use crate::sample::{Sample, entry, ids};

const TOPICS: [&str; 6] = [
    "/c",
    "/c++",
    "/c/pointers",
    "/c/pointers/arrays",
    "/c-sharp",
    "/git",
];
const FRAMEWORKS: [&str; 4] = ["React", "react", "Vue", "C++"];
const TAGS: [&str; 6] = ["Memory", "memory", "MEMORY", "async", "c#", "two words"];
const LANGS: [&str; 3] = ["rust", "c", "Rust"];
const SOURCES: [&str; 5] = ["a/x.md", "a/b/y.md", "a/b/Z.md", "ab/x.md", "top.md"];
const WORDS: [&str; 3] = ["alpha", "beta", "gamma"];

/// An entry by the places of its values in the lists above.
type Drawn = (
    Option<u8>,
    Option<usize>,
    Option<usize>,
    Vec<usize>,
    Vec<usize>,
    usize,
    Vec<usize>,
);

fn drawn() -> impl Strategy<Value = Drawn> {
    (
        prop::option::of(0u8..3),
        prop::option::of(0..TOPICS.len()),
        prop::option::of(0..FRAMEWORKS.len()),
        prop::collection::vec(0..TAGS.len(), 0..4),
        prop::collection::vec(0..LANGS.len(), 0..3),
        0..SOURCES.len(),
        prop::collection::vec(0..WORDS.len(), 0..3),
    )
}

fn made(number: usize, drawn: &Drawn) -> Entry {
    let (difficulty, topic, framework, tags, langs, source, words) = drawn;
    let mut body: String = words
        .iter()
        .map(|word| format!("{} ", WORDS[*word]))
        .collect();
    for lang in langs {
        body.push_str(&format!("\n\n```{}\nx\n```\n", LANGS[*lang]));
    }
    Entry {
        difficulty: difficulty.map(|place| Difficulty::ALL[usize::from(place)]),
        topic: topic.and_then(|place| Topic::new(TOPICS[place])),
        framework: framework.map(|place| FRAMEWORKS[place].to_owned()),
        tags: tags.iter().map(|place| TAGS[*place].to_owned()).collect(),
        source: Source {
            path: SOURCES[*source].to_owned(),
            ..Source::default()
        },
        ..entry(&format!("{number:03}"), "title", &body)
    }
}

/// Returns an entry's values in a facet, as it writes them; the first of those that differ in case only.
fn values(entry: &Entry, field: FacetField) -> Vec<String> {
    let all: Vec<String> = match field {
        FacetField::Difficulty => entry
            .difficulty
            .iter()
            .map(|value| value.to_string())
            .collect(),
        FacetField::Topic => {
            let topic = entry.topic.as_ref().map_or("", |topic| topic.as_str());
            let steps: Vec<&str> = topic.split('/').collect();
            (2..=steps.len())
                .map(|length| steps[..length].join("/"))
                .collect()
        }
        FacetField::Framework => entry.framework.iter().cloned().collect(),
        FacetField::Tag => entry.tags.clone(),
        FacetField::Lang => entry
            .blocks()
            .filter_map(|block| match block {
                qdex::body::Block::Code(code) => code.lang.clone(),
                qdex::body::Block::Prose(_) => None,
            })
            .collect(),
        FacetField::Source => vec![entry.source.path.clone()],
    };
    let mut seen = BTreeSet::new();
    all.into_iter()
        .filter(|value| seen.insert(value.to_lowercase()))
        .collect()
}

fn passes(entry: &Entry, field: FacetField, wanted: &[String]) -> bool {
    values(entry, field).iter().any(|value| {
        let value = value.to_lowercase();
        wanted.iter().any(|wanted| {
            let wanted = wanted.to_lowercase();
            let folder = format!("{}/", wanted.trim_end_matches('/'));
            value == wanted || field == FacetField::Source && value.starts_with(&folder)
        })
    })
}

fn matches(entry: &Entry, query: &[usize]) -> bool {
    let has = |word: &usize| {
        entry
            .blocks()
            .any(|block| block.text().contains(WORDS[*word]))
    };
    query.is_empty() || query.iter().any(has)
}

/// Counts a facet by hand: folded value to its count and how often each spelling was seen.
fn counted<'e>(
    entries: impl Iterator<Item = &'e Entry>,
    field: FacetField,
) -> BTreeMap<String, (u64, BTreeMap<String, u64>)> {
    let mut counts: BTreeMap<String, (u64, BTreeMap<String, u64>)> = BTreeMap::new();
    for entry in entries {
        for value in values(entry, field) {
            let (count, spellings) = counts.entry(value.to_lowercase()).or_default();
            *count += 1;
            *spellings.entry(value).or_default() += 1;
        }
    }
    counts
}

fn check_counts(
    found: &FacetCounts,
    mut expected: BTreeMap<String, (u64, BTreeMap<String, u64>)>,
    selected: &BTreeSet<String>,
    excluded: &BTreeMap<String, u64>,
) {
    for value in &found.values {
        let folded = value.value.to_lowercase();
        assert_eq!(value.selected, selected.contains(&folded), "{value:?}");
        assert_eq!(value.excluded, excluded.contains_key(&folded), "{value:?}");
        if let Some(out) = excluded.get(&folded) {
            assert_eq!(value.count, *out, "{value:?}");
            assert!(expected.remove(&folded).is_none(), "{value:?} is left out");
            continue;
        }
        match expected.remove(&folded) {
            Some((count, spellings)) => {
                assert_eq!(value.count, count, "{value:?}");
                let most = spellings.values().max();
                assert_eq!(
                    spellings.get(&value.value),
                    most,
                    "{value:?} of {spellings:?}"
                );
            }
            None => assert!(value.count == 0 && value.selected, "{value:?}"),
        }
    }
    assert!(expected.is_empty(), "not counted: {expected:?}");
    let steps = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
    let is_ordered = found.values.is_sorted_by(|left, right| match found.field {
        FacetField::Difficulty => {
            Difficulty::from_any_scale(&left.value) < Difficulty::from_any_scale(&right.value)
        }
        FacetField::Topic => steps(&left.value) < steps(&right.value),
        _ => {
            left.count > right.count
                || left.count == right.count
                    && left.value.to_lowercase() < right.value.to_lowercase()
        }
    });
    assert!(is_ordered, "{found:?}");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn filters_and_counts_are_those_counted_by_hand(
        drawn in prop::collection::vec(drawn(), 1..60),
        searches in prop::collection::vec(
            (
                prop::collection::vec(0..WORDS.len(), 0..3),
                prop::collection::vec(
                    (0..FacetField::ALL.len(), prop::collection::vec(0..100usize, 1..3), any::<bool>(), prop::bool::weighted(0.3)),
                    0..5,
                ),
                any::<bool>(),
            ),
            12,
        ),
    ) {
        let entries: Vec<Entry> = drawn.iter().enumerate().map(|(number, drawn)| made(number, drawn)).collect();
        let sample = Sample::new(&entries);
        for (query, filters, in_query) in searches {
            let mut wanted: BTreeMap<FacetField, Vec<String>> = BTreeMap::new();
            let mut unwanted: BTreeMap<FacetField, Vec<String>> = BTreeMap::new();
            let mut text: Vec<String> = query.iter().map(|word| WORDS[*word].to_owned()).collect();
            let mut options = SearchOptions {
                limit: 100,
                facets: FacetField::ALL.to_vec(),
                ..SearchOptions::default()
            };
            for (field, places, is_upper, excluded) in filters {
                let field = FacetField::ALL[field];
                // Values that some entry has, and the folders above its file.
                let mut known: Vec<String> = counted(entries.iter(), field).into_keys().collect();
                if field == FacetField::Source {
                    known.extend(known.clone().iter().filter_map(|path| {
                        path.rsplit_once('/').map(|(folder, _)| folder.to_owned())
                    }));
                }
                if known.is_empty() {
                    continue;
                }
                let values: Vec<String> = places
                    .iter()
                    .map(|place| &known[place % known.len()])
                    .map(|value| if is_upper { value.to_uppercase() } else { value.clone() })
                    .collect();
                // A value that is wanted and excluded would be counted by either rule.
                let of_other_kind = if excluded { &wanted } else { &unwanted };
                let folded: Vec<String> = values.iter().map(|value| value.to_lowercase()).collect();
                if of_other_kind.get(&field).is_some_and(|other| other.iter().any(|value| folded.contains(value))) {
                    continue;
                }
                let same_kind = if excluded { &mut unwanted } else { &mut wanted };
                // Two lists on one facet in a query would both have to pass.
                if excluded && in_query && text.len() < 4 {
                    text.push(Filter::none_of(field, values).to_string());
                } else {
                    options.filters.push(Filter { field, values, excluded });
                }
                same_kind.entry(field).or_default().extend(folded);
            }
            let found = sample.search(&text.join(" "), &options);
            let is_listing = query.is_empty() && wanted.is_empty() && unwanted.is_empty();
            // `but` is a facet whose filters are not applied.
            let others = |entry: &&Entry, but: Option<FacetField>| {
                !is_listing
                    && matches(entry, &query)
                    && wanted.iter().all(|(field, values)| but == Some(*field) || passes(entry, *field, values))
                    && unwanted.iter().all(|(field, values)| but == Some(*field) || !passes(entry, *field, values))
            };
            let keeps = |entry: &&Entry, field: FacetField| {
                unwanted.get(&field).is_none_or(|values| !passes(entry, field, values))
            };
            let expected: BTreeSet<String> = entries
                .iter()
                .filter(|entry| others(entry, None))
                .map(|entry| entry.id.clone())
                .collect();
            prop_assert_eq!(found.total, expected.len() as u64);
            prop_assert_eq!(ids(&found).into_iter().collect::<BTreeSet<_>>(), expected);
            let fields: Vec<FacetField> = found.facets.iter().map(|facet| facet.field).collect();
            prop_assert_eq!(fields, FacetField::ALL);
            for facet in &found.facets {
                let field = facet.field;
                let of_others = || entries.iter().filter(|entry| others(entry, Some(field)));
                let by_hand = counted(of_others().filter(|entry| keeps(entry, field)), field);
                let selected = wanted.get(&field).into_iter().flatten().cloned().collect();
                let known = counted(entries.iter(), field);
                // A folder is no value of its own.
                let excluded = unwanted.get(&field).into_iter().flatten().filter(|value| known.contains_key(*value));
                let excluded = excluded
                    .map(|value| {
                        let out = of_others().filter(|entry| passes(entry, field, std::slice::from_ref(value)));
                        (value.clone(), out.count() as u64)
                    })
                    .collect();
                check_counts(facet, by_hand, &selected, &excluded);
            }
            let leading = SearchOptions { facet_values: 1, ..options.clone() };
            let leading = sample.search(&text.join(" "), &leading);
            for (all, leading) in found.facets.iter().zip(&leading.facets) {
                let mut expected = all.values.clone();
                if !matches!(all.field, FacetField::Difficulty | FacetField::Topic) {
                    let mut place = 0;
                    expected.retain(|value| {
                        place += 1;
                        place == 1 || value.selected || value.excluded
                    });
                }
                prop_assert_eq!(leading.more, all.values.len() - expected.len());
                prop_assert_eq!(&leading.values, &expected);
            }
            // Without a query, the counts are over all entries that pass.
            if text.is_empty() && !is_listing {
                let listed = sample.searcher.facets(&FacetField::ALL, &options.filters).expect("counts");
                prop_assert_eq!(listed, found.facets);
            }
        }
    }
}
