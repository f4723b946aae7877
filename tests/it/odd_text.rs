//! Odd text, as query and as entry: answered, in bounded time, with highlights that fit.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use qdex::{Error, FacetField, SearchOptions, Sort};

use crate::names::names;
use crate::sample::{Sample, entry, ids};

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
fn both_ends_of_a_text_that_is_too_long_count_and_a_warning_says_so() {
    let sample = names();
    let options = SearchOptions::default();
    let filler = "zzz yyy\n".repeat(12_000);
    let warned = |query: &str| {
        let found = sample.search(query, &options);
        assert_eq!(found.query, query);
        let warnings = found.warnings.iter();
        let told = warnings.filter(|warning| warning.contains("longer than 64 KiB"));
        (ids(&found), told.count())
    };
    let start = warned(&format!("Ferris\n{filler}"));
    assert_eq!(start, (vec!["crab".to_owned()], 1));
    let end = warned(&format!("{filler}\nFerris"));
    assert_eq!(end, (vec!["crab".to_owned()], 1));
    let middle = warned(&format!("{filler}\nFerris\n{filler}"));
    assert_eq!(middle, (vec![], 1));
    let line = filler.replace('\n', " ");
    let of_many_bytes = "文字🦀".repeat(20_000);
    for text in [&line, &of_many_bytes] {
        assert_eq!(warned(text).1, 1);
    }
    // Just what is read whole.
    let whole = format!("Ferris{}", &filler[..(64 << 10) - 6]);
    assert_eq!(warned(whole.trim_end()).1, 0);
    // Errors throughout are no error with news around it.
    let many: String = (0..9_000).map(|n| format!("KeyError: w{n}\n")).collect();
    assert_eq!(warned(&many).1, 1);
    // An error is found wherever it stands in a log.
    let news = "2025-03-02 09:00:00,201 INFO [worker-1] job 1 stored in 3ms\n".repeat(2_000);
    let error =
        "Traceback (most recent call last):\n  File \"a.py\", line 3, in f\nKeyError: 'x'\n";
    let (found, told) = warned(&format!("{news}{error}{news}"));
    assert_eq!(
        (found.first().map(String::as_str), told),
        (Some("key-error"), 0)
    );
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
