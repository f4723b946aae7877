//! Searching through the library: orders, pages, filters alone.

use qdex::{Difficulty, Entry, FacetField, Filter, SearchOptions, Sort};

use crate::sample::{Sample, entry, ids};

const SORTS: [Sort; 5] = [
    Sort::Relevance,
    Sort::Score,
    Sort::Updated,
    Sort::Difficulty,
    Sort::Id,
];

fn only(field: FacetField, value: &str) -> Vec<Filter> {
    vec![Filter {
        field,
        values: vec![value.to_owned()],
        excluded: false,
    }]
}

/// Entries that differ in what they are sorted by; `e` has nothing of it.
fn sortable() -> Sample {
    let of = |id: &str, difficulty, score, updated: &str, body: &str| Entry {
        difficulty: Some(difficulty),
        score: Some(score),
        updated: Some(updated.to_owned()),
        tags: vec!["all".to_owned()],
        ..entry(id, "Question", body)
    };
    Sample::new(&[
        of("b", Difficulty::Hard, 7, "2024-05-01", "cache"),
        of(
            "a",
            Difficulty::Easy,
            -2,
            "2024-05-01T10:00:00Z",
            "cache cache weakref",
        ),
        of(
            "d",
            Difficulty::Medium,
            7,
            "2023-12-31",
            "weakref in other words, many of them",
        ),
        of(
            "c",
            Difficulty::Medium,
            i64::MAX,
            "2025-01-01",
            "cache weakref and other words",
        ),
        Entry {
            tags: vec!["all".to_owned()],
            ..entry(
                "e",
                "Question",
                "cache, and other words that make the text a longer one",
            )
        },
        Entry {
            created: Some("2024-06-01".to_owned()),
            score: Some(i64::MIN),
            tags: vec!["all".to_owned()],
            ..entry("f", "Question", "cache")
        },
    ])
}

#[test]
fn hits_come_in_the_order_asked_for() {
    let sample = sortable();
    for (sort, order) in [
        (Sort::Score, "c b d a e f"),
        (Sort::Updated, "c f a b d e"),
        (Sort::Difficulty, "a c d b e f"),
        (Sort::Id, "a b c d e f"),
    ] {
        for query in ["cache weakref", ""] {
            let options = SearchOptions {
                sort,
                filters: only(FacetField::Tag, "all"),
                ..SearchOptions::default()
            };
            let found = sample.search(query, &options);
            assert_eq!(ids(&found).join(" "), order, "{sort:?} {query:?}");
        }
    }
}

#[test]
fn entries_without_what_they_are_sorted_by_come_in_the_order_of_their_ids() {
    let sample = Sample::new(&[
        entry("b", "Cache", "Body."),
        entry("c", "Other cache", "Body."),
        entry("a", "Cache of a longer title", "Body."),
    ]);
    for sort in SORTS {
        let options = SearchOptions {
            sort,
            ..SearchOptions::default()
        };
        let found = sample.search("cache", &options);
        if sort != Sort::Relevance {
            assert_eq!(ids(&found), ["a", "b", "c"], "{sort:?}");
            assert!(found.hits.iter().all(|hit| hit.score > 0.0));
        }
    }
}

#[test]
fn filters_alone_list_what_passes_them_and_nothing_lists_nothing() {
    let sample = sortable();
    let listed = |query: &str, filters: Vec<Filter>| {
        let options = SearchOptions {
            filters,
            ..SearchOptions::default()
        };
        let found = sample.search(query, &options);
        assert_eq!(found.total as usize, found.hits.len());
        ids(&found).join(" ")
    };
    for query in ["", "  \n", ",;", "\u{200b}"] {
        assert_eq!(
            listed(query, only(FacetField::Difficulty, "medium")),
            "c d",
            "{query:?}"
        );
        assert_eq!(listed(query, Vec::new()), "", "{query:?}");
    }
    let medium = only(FacetField::Difficulty, "medium");
    assert_eq!(listed("nowhere", medium), "");
}

#[test]
fn pages_put_together_are_one_large_page() {
    // More than phase 2 looks at.
    const COUNT: usize = 260;
    let sample = Sample::new(
        &(0..COUNT as i64)
            .map(|number| Entry {
                score: (number % 4 > 0).then_some(number % 3),
                difficulty: (number % 5 > 0).then_some(Difficulty::ALL[number as usize % 3]),
                tags: vec!["all".to_owned()],
                ..entry(
                    &format!("id{}", number * 37 % COUNT as i64),
                    ["Cache", "Weakref cache"][number as usize % 2],
                    ["Many words about it.", "Few."][number as usize / 2 % 2],
                )
            })
            .collect::<Vec<_>>(),
    );
    for sort in SORTS {
        for query in ["weakref cache", ""] {
            let page = |offset: usize, limit: usize| {
                let options = SearchOptions {
                    offset,
                    limit,
                    sort,
                    filters: only(FacetField::Tag, "all"),
                    explain: true,
                    ..SearchOptions::default()
                };
                let found = sample.search(query, &options);
                assert_eq!(found.total, COUNT as u64);
                for (place, hit) in found.hits.iter().enumerate() {
                    assert_eq!(hit.rank, offset + place + 1);
                }
                let hits = found.hits.iter();
                hits.map(|hit| (hit.entry.id.clone(), hit.score, hit.explanation.clone()))
                    .collect::<Vec<_>>()
            };
            let all = page(0, usize::MAX);
            assert_eq!(all.len(), COUNT);
            for size in [7, 90, COUNT, COUNT + 1] {
                let pages: Vec<_> = (0..COUNT)
                    .step_by(size)
                    .flat_map(|at| page(at, size))
                    .collect();
                assert!(pages == all, "{sort:?} {query:?} by {size}");
            }
            for (offset, limit) in [(COUNT, 10), (usize::MAX, usize::MAX), (0, 0)] {
                assert!(page(offset, limit).is_empty());
            }
        }
    }
}

#[test]
fn ranked_ids_are_those_of_the_hits() {
    let sample = sortable();
    for sort in SORTS {
        let options = SearchOptions {
            sort,
            offset: 1,
            limit: 3,
            ..SearchOptions::default()
        };
        let hits = sample.search("cache weakref", &options).hits;
        let hits: Vec<_> = hits
            .into_iter()
            .map(|hit| (hit.entry.id, hit.score))
            .collect();
        let ranked = sample.searcher.rank("cache weakref", &options);
        assert_eq!(ranked.expect("answers"), hits);
    }
}
