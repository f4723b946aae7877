//! What holds for any text: it parses, its query is written and read alike, and warnings point into it.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::query::parse;

/// Checks what holds for any text.
pub(super) fn check(text: &str) {
    let parsed = parse(text);
    let printed = parsed.query.to_string();
    assert_eq!(parse(&printed).query, parsed.query, "{text:?}: {printed:?}");
    assert!(
        parsed
            .query
            .clauses
            .iter()
            .all(|clause| !clause.any_of.is_empty())
    );
    for warning in &parsed.warnings {
        let slice = text.get(warning.span.clone());
        assert!(
            slice.is_some_and(|slice| !slice.is_empty()),
            "{text:?}: {warning:?}"
        );
    }
    assert!(
        parsed
            .warnings
            .is_sorted_by_key(|warning| warning.span.start),
        "{text:?}"
    );
}

/// Pieces of the query language, and of what only looks like it.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        " ",
        " ",
        " ",
        " ",
        "\"",
        "\"",
        "\" ",
        " \"",
        "-",
        "OR",
        " OR ",
        "NOT",
        " NOT ",
        "[",
        "]",
        "[a]",
        "[C]",
        "tag:",
        "title:",
        "code:",
        "topic:",
        "difficulty:",
        "hard",
        "score:",
        "is:",
        "accepted",
        "hasaccepted:no",
        "after:",
        "2020",
        ":",
        ",",
        ">=",
        "5",
        "a",
        "b",
        "the",
        "X",
        "SELECT",
        "error:",
        "=",
        "(",
        "é",
        "\n",
        "\t",
        "\u{a0}",
        "\0",
        "'",
    ]);
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn queries_are_read_as_they_are_written(text in soup()) {
        check(&text);
    }

    #[test]
    fn any_text_parses(text in "\\PC*|[\\x00-\\x7f]*") {
        check(&text);
    }
}

/// What a careless parser would look at again and again when it is repeated.
#[rustfmt::skip]
const CARELESS: [&str; 23] = [
    "a ", "\"", " \"", "\" ", "\"a ", "-\"a\" ", "tag:\"a", " tag:\"a", "tag:a,", "tag:\"a\",", "a OR ", "a NOT ",
    "OR ", "[a] ", "[", "difficulty:x ", "score:x ", "code:\"", "title:\"a\" ", "error: \"a\" ", "é", "\0", "a\n",
];

#[test]
fn a_megabyte_of_anything_parses() {
    let all = CARELESS.concat();
    let text = all.repeat((1 << 20) / all.len() + 1);
    // Without its line breaks the text is no paste.
    for text in [text.replace('\n', " "), text] {
        assert!(text.len() >= 1 << 20);
        check(&text);
    }
}

#[test]
fn parsing_takes_linear_time() {
    const ATTEMPTS: usize = 5;
    for piece in CARELESS {
        // The best of some runs: another program's turn is not the parser's.
        let time = |bytes: usize| {
            let text = piece.repeat(bytes / piece.len());
            let run = |_| {
                let started = Instant::now();
                std::hint::black_box(parse(&text));
                started.elapsed()
            };
            (0..3).map(run).min().unwrap_or(Duration::MAX)
        };
        // Four times the text takes four times as long, or sixteen times when it is looked at again and again; then it
        // does so each time, and not only on a busy machine.
        let ratio = |_| time(1 << 14).as_secs_f64() / time(1 << 12).as_secs_f64();
        let mut ratios = (0..ATTEMPTS).map(ratio);
        assert!(
            ratios.any(|ratio| ratio < 10.0),
            "{piece:?}: 16 kB take more than 10 times as long as 4 kB, {ATTEMPTS} times out of {ATTEMPTS}"
        );
    }
}
