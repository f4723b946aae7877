//! Facets: what filters take, and what is said when they take nothing.

use qdex::facets::FacetCounts;
use qdex::{Difficulty, Entry, Error, FacetField, Filter, SearchOptions, Source, Topic};

use crate::sample::{Sample, entry, ids};

/// Six entries, two of them medium and four hard, in three topics.
fn six() -> Sample {
    let of = |id: &str, difficulty, topic: &str, tags: &[&str]| Entry {
        difficulty: Some(difficulty),
        topic: Topic::new(topic),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..entry(id, "Question", "Body.")
    };
    Sample::new(&[
        of("1", Difficulty::Medium, "/python/gc", &["Memory"]),
        of("2", Difficulty::Medium, "/rust", &["memory"]),
        of("3", Difficulty::Hard, "/python/gc", &["memory", "asyncio"]),
        of("4", Difficulty::Hard, "/python/gc/weakref", &["asyncio"]),
        of("5", Difficulty::Hard, "/python-2", &[]),
        of("6", Difficulty::Hard, "/rust/ownership", &["c++"]),
    ])
}

/// Writes counts as `medium 2, *hard 4`; a star marks what is selected, a hyphen what is excluded.
fn written(counts: &FacetCounts) -> String {
    let write = |value: &qdex::facets::FacetValue| {
        let star = match (value.selected, value.excluded) {
            (true, _) => "*",
            (_, true) => "-",
            _ => "",
        };
        format!("{star}{} {}", value.value, value.count)
    };
    counts
        .values
        .iter()
        .map(write)
        .collect::<Vec<_>>()
        .join(", ")
}

fn filters(written: &str) -> Vec<Filter> {
    let filter = |filter: &str| {
        let (field, values) = filter.split_once('=').expect("field=values");
        Filter {
            field: field.trim_start_matches('-').parse().expect("a facet"),
            values: values.split(',').map(str::to_owned).collect(),
            excluded: field.starts_with('-'),
        }
    };
    written.split_whitespace().map(filter).collect()
}

#[test]
fn a_filter_narrows_every_facet_but_its_own() {
    let sample = six();
    for (filtered_by, field, expected) in [
        ("", FacetField::Difficulty, "medium 2, hard 4"),
        (
            "difficulty=hard",
            FacetField::Difficulty,
            "medium 2, *hard 4",
        ),
        (
            "difficulty=easy",
            FacetField::Difficulty,
            "*easy 0, medium 2, hard 4",
        ),
        ("topic=rust", FacetField::Difficulty, "medium 1, hard 1"),
        (
            "topic=/Python/GC difficulty=hard",
            FacetField::Difficulty,
            "medium 1, *hard 2",
        ),
        (
            "difficulty=hard,medium",
            FacetField::Difficulty,
            "*medium 2, *hard 4",
        ),
        (
            "difficulty=hard difficulty=medium",
            FacetField::Tag,
            "memory 3, asyncio 2, c++ 1",
        ),
        ("difficulty=medium", FacetField::Tag, "Memory 2"),
        ("tag=MEMORY", FacetField::Tag, "*memory 3, asyncio 2, c++ 1"),
        (
            "",
            FacetField::Topic,
            "/python 3, /python/gc 3, /python/gc/weakref 1, /python-2 1, /rust 2, /rust/ownership 1",
        ),
        (
            "difficulty=medium",
            FacetField::Topic,
            "/python 1, /python/gc 1, /rust 1",
        ),
        (
            "-difficulty=hard",
            FacetField::Difficulty,
            "medium 2, -hard 4",
        ),
        (
            "-difficulty=easy",
            FacetField::Difficulty,
            "-easy 0, medium 2, hard 4",
        ),
        ("-difficulty=hard", FacetField::Tag, "Memory 2"),
        (
            "-tag=asyncio",
            FacetField::Tag,
            "-asyncio 2, Memory 2, c++ 1",
        ),
        (
            "tag=memory -tag=asyncio",
            FacetField::Tag,
            "-asyncio 2, *Memory 2, c++ 1",
        ),
        (
            "-topic=/python/gc",
            FacetField::Topic,
            "-/python/gc 3, /python-2 1, /rust 2, /rust/ownership 1",
        ),
        (
            "-tag=MEMORY",
            FacetField::Tag,
            "-memory 3, asyncio 1, c++ 1",
        ),
        ("topic=gc", FacetField::Difficulty, "medium 1, hard 2"),
        (
            "-topic=gc,ownership",
            FacetField::Difficulty,
            "medium 1, hard 1",
        ),
        (
            "topic=Gc/Weakref",
            FacetField::Topic,
            "/python 3, /python/gc 3, */python/gc/weakref 1, /python-2 1, /rust 2, /rust/ownership 1",
        ),
    ] {
        let counts = sample
            .searcher
            .facets(&[field], &filters(filtered_by))
            .expect("counts");
        assert_eq!(written(&counts[0]), expected, "{filtered_by} {field}");
    }
}

#[test]
fn an_unknown_value_is_an_error_with_near_ones() {
    let sample = six();
    for (filtered_by, near) in [
        ("difficulty=spicy", &[][..]),
        ("difficulty=hrad", &["hard"]),
        ("tag=memroy", &["Memory", "memory"]),
        ("tag=asyn", &["asyncio"]),
        ("topic=/", &[]),
        (
            "topic=pyhton/gc",
            &["/python/gc", "/python", "/python/gc/weakref"],
        ),
        ("topic=wekref", &["/python/gc/weakref"]),
        ("topic=ownershp", &["/rust/ownership"]),
        ("-tag=memroy", &["Memory", "memory"]),
        ("tag=zzz", &[]),
        ("difficulty=hard tag=c", &[]),
    ] {
        let options = SearchOptions {
            filters: filters(filtered_by),
            ..SearchOptions::default()
        };
        let (field, value) = filtered_by.rsplit_once('=').expect("field=value");
        match sample.searcher.search("question", &options) {
            Err(Error::UnknownFacetValue {
                field: found_field,
                value: found_value,
                near: found,
            }) => {
                assert!(field.ends_with(found_field) && found_value == value);
                assert_eq!(found, near, "{filtered_by}");
            }
            other => panic!("{filtered_by}: {other:?}"),
        }
    }
}

#[test]
fn blanks_around_a_value_are_no_part_of_it() {
    let padded = Entry {
        tags: vec![" padded ".to_owned(), "  ".to_owned()],
        framework: Some("Vue\n".to_owned()),
        ..entry("1", "Question", "Body.")
    };
    let sample = Sample::new(&[padded]);
    for (filtered_by, field) in [
        ("tag=padded", FacetField::Tag),
        ("framework=vue", FacetField::Framework),
    ] {
        let counts = sample
            .searcher
            .facets(&[field], &filters(filtered_by))
            .expect("counts");
        let value = if field == FacetField::Tag {
            "padded"
        } else {
            "Vue"
        };
        assert_eq!(written(&counts[0]), format!("*{value} 1"));
    }
}

#[test]
fn a_source_filter_takes_files_and_folders() {
    let of = |id: &str, path: &str| Entry {
        source: Source {
            path: path.to_owned(),
            ..Source::default()
        },
        ..entry(id, "Question", "Body.")
    };
    let sample = Sample::new(&[
        of("1", "corpus/python/gc.md"),
        of("2", "corpus/python/GC2.md"),
        of("3", "corpus/python-2/gc.md"),
        of("4", "corpus/rust.md"),
    ]);
    for (source, expected) in [
        ("corpus", Some("1 2 3 4")),
        ("corpus/", Some("1 2 3 4")),
        ("corpus/python", Some("1 2")),
        ("Corpus/Python/", Some("1 2")),
        ("corpus/python/gc.md", Some("1")),
        ("corpus/python/gc2.md", Some("2")),
        ("corpus/rust.md", Some("4")),
        ("corp", None),
        ("python", None),
    ] {
        let options = SearchOptions {
            filters: filters(&format!("source={source}")),
            ..SearchOptions::default()
        };
        let found = sample.searcher.search("", &options).ok();
        let found = found.map(|found| ids(&found).join(" "));
        assert_eq!(found.as_deref(), expected, "{source}");
    }
}

/// Checks what an empty result names as standing in its way, `without … total` each, and the query it suggests.
#[track_caller]
fn check_empty(query: &str, filtered_by: &str, relaxed: &[&str], suggestion: Option<&str>) {
    let options = SearchOptions {
        filters: filters(filtered_by),
        ..SearchOptions::default()
    };
    let found = six().search(query, &options);
    assert_eq!(found.total, 0, "{query} {filtered_by}");
    let written = found
        .relaxations
        .iter()
        .map(|relaxation| format!("{} {}", relaxation.without.join(" "), relaxation.total));
    assert_eq!(
        written.collect::<Vec<_>>(),
        relaxed,
        "{query} {filtered_by}"
    );
    assert_eq!(
        found.suggestion.as_deref(),
        suggestion,
        "{query} {filtered_by}"
    );
}

#[test]
fn an_empty_result_says_which_filter_emptied_it() {
    let both = ["difficulty:medium 1", "tag:c++ 2"];
    check_empty("question", "difficulty=medium tag=c++", &both, None);
    check_empty("", "difficulty=medium tag=c++", &both, None);
    check_empty(
        "question difficulty:medium",
        "tag=c++",
        &["tag:c++ 2", "difficulty:medium 1"],
        Some("question"),
    );
    check_empty(
        "question tag:c++ -topic:rust",
        "",
        &["tag:c++ 4", "-topic:rust 1"],
        Some("question -topic:rust"),
    );
    // No single one stands in the way.
    check_empty(
        "question",
        "difficulty=medium tag=c++ topic=python-2",
        &["difficulty:medium tag:c++ topic:python-2 6"],
        None,
    );
    check_empty(
        "question \"never seen\"",
        "",
        &["\"never seen\" 6"],
        Some("question never seen"),
    );
    check_empty(
        "question score:>5 is:accepted",
        "",
        &["score:>5 is:accepted 6"],
        None,
    );
    // Nothing helps words that no entry has.
    check_empty("unheard", "difficulty=medium", &[], None);
    check_empty("unheard", "", &[], None);
}

#[test]
fn what_finds_something_needs_no_advice() {
    let found = six().search("question tag:memory", &SearchOptions::default());
    assert_eq!((found.total, found.relaxations.len()), (3, 0));
}

#[test]
fn a_topic_named_by_its_last_steps_is_written_out() {
    let sample = six();
    let options = SearchOptions {
        filters: filters("topic=ownership"),
        ..SearchOptions::default()
    };
    let found = sample.search("", &options);
    assert_eq!(ids(&found), ["6"]);
    assert_eq!(
        found.warnings,
        ["`topic:ownership` is taken as `topic:/rust/ownership`"]
    );
    let found = sample.search("topic:gc", &SearchOptions::default());
    assert_eq!(ids(&found), ["1", "3", "4"]);
    assert_eq!(found.read_as, "topic:/python/gc");
}
