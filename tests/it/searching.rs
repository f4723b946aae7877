//! Searching through the library: orders, pages, odd queries, and names that are not to be confused.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use qdex::{Difficulty, Entry, Error, FacetField, Filter, SearchOptions, Sort};

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

/// Entries about names that are easily confused.
fn names() -> Sample {
    Sample::new(&[
        entry("c", "Pointers in C", "A C array decays to a pointer."),
        entry("cpp", "Pointers in C++", "C++ has smart pointers."),
        entry(
            "csharp",
            "Pointers in C#",
            "C# needs an unsafe block for pointers.",
        ),
        entry("fsharp", "Values in F#", "Immutable."),
        entry("dotnet", "What is .NET?", "A runtime of F# and others."),
        entry("move", "How does one move a file?", "Use `mv` to move it."),
        entry(
            "std-move",
            "What does it cast?",
            "`std::move(x)` casts `x` to an rvalue, so that its content may be taken.",
        ),
        entry("std", "What is in std?", "Collections."),
        entry("camel", "How do I name it?", "Call `getUserName(id)`."),
        entry("snake", "What is it called?", "Call `get_user_name(id)`."),
        entry(
            "amend",
            "How do I change the last commit?",
            "With `git commit --amend`.",
        ),
        entry(
            "make-amends",
            "When is a contract changed?",
            "The parties amend it.",
        ),
        entry(
            "key-error",
            "Why is a lookup in a dict an error?",
            "```text\nKeyError: 'x'\n```",
        ),
        entry(
            "index-error",
            "What does list[0] need?",
            "A list that is not empty.",
        ),
        entry(
            "del",
            "When is `__del__` called?",
            "Some time after the last reference went.",
        ),
        entry("statement", "How do I delete a name?", "With `del name`."),
        entry(
            "select",
            "Is `SELECT * FROM t` slow?",
            "It reads every column.",
        ),
        entry("crab", "Who is Ferris? 🦀", "The crab."),
        entry("kanji", "日本語の文字列", "文字列の長さを数える方法。"),
    ])
}

#[test]
fn names_find_what_they_name_first() {
    let sample = names();
    for (query, first) in [
        ("C", "c"),
        ("c", "c"),
        ("C++", "cpp"),
        ("c++ pointers", "cpp"),
        ("C#", "csharp"),
        ("pointers in C#", "csharp"),
        ("F#", "fsharp"),
        (".NET", "dotnet"),
        ("std::move", "std-move"),
        ("what does std::move do", "std-move"),
        ("getUserName", "camel"),
        ("get_user_name", "camel"),
        ("user name", "camel"),
        ("--amend", "amend"),
        ("git commit --amend", "amend"),
        ("KeyError: 'x'", "key-error"),
        ("list[0]", "index-error"),
        ("__del__", "del"),
        ("SELECT * FROM t", "select"),
        ("🦀", "crab"),
        ("文字列", "kanji"),
        ("長さ", "kanji"),
    ] {
        let found = sample.ids(query);
        assert_eq!(
            found.first().map(String::as_str),
            Some(first),
            "{query}: {found:?}"
        );
    }
}

#[test]
fn names_that_look_alike_are_not_found_for_each_other() {
    let sample = names();
    for (query, not) in [
        ("C", &["cpp", "csharp", "fsharp"][..]),
        ("C++", &["c", "csharp", "fsharp"]),
        ("C#", &["c", "cpp", "fsharp"]),
        ("F#", &["csharp", "cpp"]),
    ] {
        let found = sample.ids(query);
        assert!(
            found.iter().all(|id| !not.contains(&id.as_str())),
            "{query}: {found:?}"
        );
    }
}

#[test]
fn a_language_is_found_in_every_sentence() {
    for (query, other, texts) in [
        (
            "C++",
            "C#",
            &[
                "What is C++?",
                "(C++)",
                "C++, and",
                "in C++.",
                "C/C++",
                "C++/CLI",
                "C++-style",
                "c++",
                "C++'s",
                "**C++**",
                "`C++`",
                "C++17",
                "C++; x",
                "\"C++\"",
                "C++:",
                "C++\n",
                "C++!",
                "[C++]",
                "C++20's",
                "C++…",
            ][..],
        ),
        (
            "C#",
            "C++",
            &[
                "What is C#?",
                "(C#)",
                "C#, and",
                "in C#.",
                "F#/C#",
                "C#/F#",
                "C#-style",
                "c#",
                "C#'s",
                "**C#**",
                "`C#`",
                "C#; x",
                "\"C#\"",
                "C#:",
                "[C#]",
                "C#!",
            ],
        ),
        (
            ".NET",
            "C",
            &[
                "What is .NET?",
                "(.NET)",
                "the .NET runtime",
                ".NET's",
                "`.NET`",
                ".net",
                ".NET-based",
            ],
        ),
        ("F#", "F", &["What is F#?", "F#'s", "(F#)"]),
        (
            "node.js",
            "node",
            &["What is Node.js?", "(node.js)", "Node.js's", "node.js."],
        ),
        ("R", "C", &["What is R?", "R's data", "(R)", "in R."]),
    ] {
        let mut entries: Vec<Entry> = (0..texts.len())
            .map(|place| entry(&place.to_string(), texts[place], ""))
            .collect();
        entries.push(entry("other", other, other));
        let sample = Sample::new(&entries);
        let options = SearchOptions {
            limit: 100,
            ..SearchOptions::default()
        };
        let found = ids(&sample.search(query, &options));
        let first = &found[..texts.len().min(found.len())];
        for (place, text) in texts.iter().enumerate() {
            assert!(
                first.contains(&place.to_string()),
                "{query} is not found in {text:?}"
            );
        }
    }
}

#[test]
fn parts_of_a_name_find_every_way_to_write_it() {
    let sample = names();
    for query in [
        "getUserName",
        "get_user_name",
        "GetUserName",
        "user",
        "user name",
        "get-user-name",
    ] {
        let found = sample.ids(query);
        for id in ["camel", "snake"] {
            assert!(found.iter().any(|found| found == id), "{query}: {found:?}");
        }
    }
}

#[test]
fn stop_words_alone_are_words() {
    let sample = Sample::new(&[
        entry("be", "To be or not to be", "That is the question."),
        entry("other", "What is a question?", "A sentence."),
    ]);
    assert_eq!(sample.ids("to be or not to be")[0], "be");
    assert!(!sample.ids("the").is_empty());
    // Beside a word that tells something they count nothing.
    assert_eq!(sample.ids("to be a sentence"), ["other"]);
}

#[test]
fn a_hit_says_which_words_it_lacks() {
    let sample = Sample::new(&[entry("a", "Weak references", "For caches.")]);
    let found = sample.search(
        "How do weakref caches leak std::vector",
        &SearchOptions::default(),
    );
    assert_eq!(found.hits[0].missing, ["weakref", "leak", "std::vector"]);
    // What an entry is filed under is no less a part of it, the language of its code included.
    let filed = Entry {
        tags: vec!["asyncio".to_owned()],
        framework: Some("Django".to_owned()),
        ..entry("a", "Sorting", "```python\nsorted(x)\n```")
    };
    let found = Sample::new(&[filed]).search(
        "python asyncio django sorting lists",
        &SearchOptions::default(),
    );
    assert_eq!(found.hits[0].missing, ["lists"]);
}

#[test]
fn an_explanation_adds_up_to_the_score() {
    let sample = names();
    let options = SearchOptions {
        explain: true,
        ..SearchOptions::default()
    };
    for query in [
        "pointers in c++",
        "get_user_name of a file",
        "commit --amend",
    ] {
        for hit in sample.search(query, &options).hits {
            let parts = hit.explanation.expect("was asked for");
            let sum: f32 = parts.iter().map(|part| part.score).sum();
            assert!(
                (sum - hit.score).abs() <= 1e-4 * hit.score,
                "{query}: {parts:?}"
            );
        }
    }
}

/// Asserts that highlights are sorted, disjoint and slice their text.
fn check_highlights(text: &str, highlights: &[std::ops::Range<usize>]) {
    let mut end = 0;
    for range in highlights {
        assert!(range.start >= end, "{highlights:?}");
        assert!(
            text.get(range.clone())
                .is_some_and(|slice| !slice.is_empty())
        );
        end = range.end;
    }
}

fn check_any(sample: &Sample, query: &str) {
    for sort in [Sort::Relevance, Sort::Updated] {
        let options = SearchOptions {
            sort,
            facets: FacetField::ALL.to_vec(),
            explain: true,
            ..SearchOptions::default()
        };
        let found = sample.search(query, &options);
        assert_eq!(found.query, query);
        assert_eq!(found.total.min(10), found.hits.len() as u64);
        for hit in &found.hits {
            assert!(hit.score.is_finite() && hit.score > 0.0);
            check_highlights(&hit.entry.title, &hit.title_highlights);
            check_highlights(&hit.snippet.text, &hit.snippet.highlights);
            if let Some(code) = &hit.code {
                check_highlights(&code.text, &code.highlights);
            }
        }
    }
}

#[test]
fn odd_text_is_a_query() {
    let sample = names();
    for query in [
        "\0",
        "\u{1b}[31mred\u{7}",
        "\"",
        "'",
        "\"unclosed",
        "''",
        "`",
        "((((",
        "))",
        "AND",
        "OR",
        "NOT",
        "OR OR",
        "NOT NOT",
        "-",
        "--",
        "---",
        "- -",
        ":",
        "::",
        "a:",
        ":b",
        "field:",
        "difficulty:",
        "[",
        "]",
        "[]",
        "[tag",
        "*",
        "?",
        "**",
        "a*",
        "~",
        "a~2",
        "^",
        "a^2",
        "\\",
        "\\\"",
        "/",
        "//",
        "/a/",
        "{",
        "}",
        "{a TO b}",
        "[a TO b]",
        "+",
        "++",
        "+a -b",
        "!",
        "&&",
        "||",
        "<",
        ">",
        ">=5",
        "score:>=x",
        "\u{feff}",
        "\u{202e}abc",
        "e\u{301}",
        "\u{301}",
        "👩‍👩‍👧‍👦",
        "🏳️‍🌈",
        "日本語",
        "한국어",
        "العربية",
        "ﬁ",
        "ß",
        "İ",
        "ǆ",
        "𝒳",
        "a\u{0}b",
        "\r\n\t",
        "std::",
        "::move",
        "a::b::c::d::e::f::g::h::i::j::k::l::m::n",
        "._.",
        "C++++",
        "C##",
        "'x",
        "x'",
        "don't",
        "https://example.org/a?b=c#d",
        "%s %d %20",
        "${}",
        "$",
        "@",
        "#",
        "#[derive(Debug)]",
        "=> -> ?. ..= |>",
        "Traceback (most recent call last):\n  File \"x.py\", line 1, in <module>\nKeyError: 'x'",
    ] {
        check_any(&sample, query);
    }
}

#[test]
fn a_pasted_book_is_answered_in_bounded_time() {
    let sample = names();
    let distinct: String = (0..15_000).map(|number| format!("word{number} ")).collect();
    for (name, query) in [
        ("distinct words", format!("{distinct} std::move")),
        ("one word", "move ".repeat(20_000)),
        ("one name", "move".repeat(25_000)),
        ("a path", "std::".repeat(20_000)),
        ("humps", "moveStd".repeat(14_000)),
        ("underscores", "_".repeat(100_000)),
        ("operators", "->".repeat(50_000)),
        ("quotes", "\" '".repeat(30_000)),
        ("brackets", "[(".repeat(50_000)),
        ("fields", "tag:a ".repeat(16_000)),
        ("marks", "e\u{301}".repeat(30_000)),
        ("ideographs", "文字列".repeat(10_000)),
        ("blanks", " ".repeat(100_000)),
    ] {
        let started = Instant::now();
        check_any(&sample, &query);
        // Not optimised, and beside other tests, it takes a second at most.
        assert!(
            started.elapsed() < Duration::from_secs(15),
            "{name}: {:?}",
            started.elapsed()
        );
    }
}

#[test]
fn a_long_entry_is_shown_in_bounded_time() {
    let prose = |text: String| {
        qdex::body::Block::Prose(qdex::body::Prose {
            text,
            ..Default::default()
        })
    };
    let mut long = entry("long", "Long", "");
    for text in [
        "cache ".repeat(50_000),
        "cache. A. ".repeat(30_000),
        "cache\n".repeat(50_000),
        "a|b\n".repeat(60_000),
        "。".repeat(100_000),
        "cache文".repeat(30_000),
        "x".repeat(300_000),
    ] {
        long.answers[0].blocks = vec![prose(text)];
        let sample = Sample::new(std::slice::from_ref(&long));
        let started = Instant::now();
        check_any(&sample, "long cache b");
        assert!(
            started.elapsed() < Duration::from_secs(15),
            "{:?}",
            started.elapsed()
        );
    }
}

#[test]
fn an_unknown_id_is_an_error_with_near_ones() {
    let sample = Sample::new(&[
        entry("python/gc#weak-references", "Weak", "Body."),
        entry("python/gc#cycles", "Cycles", "Body."),
        entry("rust#borrow", "Borrow", "Body."),
    ]);
    let found = sample.searcher.entry("rust#borrow").expect("is there");
    assert_eq!(found.title, "Borrow");
    for (id, near) in [
        (
            "/python/gc#weak-refrences",
            Some("python/gc#weak-references"),
        ),
        ("weak-references", Some("python/gc#weak-references")),
        ("Rust#borrow", Some("rust#borrow")),
        ("", None),
        ("zzz", None),
    ] {
        match sample.searcher.entry(id) {
            Err(Error::UnknownId { near: found, .. }) => {
                assert_eq!(found.first().map(String::as_str), near, "{id}");
            }
            other => panic!("{id}: {other:?}"),
        }
    }
}

#[test]
fn entries_of_any_text_are_indexed_and_found() {
    let mut odd = entry("\0 odd\n\u{1b}", "\u{202e}title \0", "cache");
    odd.tags = vec![String::new(), "\0".to_owned(), "x".repeat(70_000)];
    odd.source.path = "\u{1b}[31m".to_owned();
    let long = entry(&"long".repeat(20_000), "Long", "cache");
    let empty = entry("", "", "");
    let sample = Sample::new(&[odd, long.clone(), empty, long]);
    check_any(&sample, "cache");
    check_any(&sample, "title");
    // An id of more bytes than the engine takes for a term cannot be looked up, so that both of them are kept. Wrong, and
    // harmless: no reader makes such ids.
    assert_eq!(sample.search("cache", &SearchOptions::default()).total, 3);
    assert_eq!(sample.searcher.entry("").expect("is there").title, "");
    assert!(sample.searcher.entry("\0 odd\n\u{1b}").is_ok());
}

#[test]
fn any_text_is_a_query() {
    let sample = names();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let text = "\\PC{0,40}|[-a-zC+#:.\"'\\[\\]()*!?<>&|_ \\n\u{0}\u{1b}文é🦀]{0,60}";
    runner
        .run(&text, |query| {
            check_any(&sample, &query);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}
