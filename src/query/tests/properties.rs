//! What holds for any text: it parses, its query is written and read alike, and warnings point into it.

use std::time::Instant;

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
        ",\"",
        "\",",
        "\"\"",
        "topic:/x,\"y\"",
        "\"NOT",
        "-\"a\"",
        "how",
        "Error: ",
        "at a.b(C.java:1)",
    ]);
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// What quotes, commas and signs are beside, where those that are written but were not typed may tip a text over.
fn edge() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        " ",
        "\"",
        "\" ",
        " \"",
        ",",
        ":",
        " NOT ",
        "NOT",
        "[C]",
        "a",
        "X",
        "tag:",
        "title: ",
        "code:",
        "topic:/x,\"y\"",
    ]);
    prop::collection::vec(piece, 2..9).prop_map(|pieces| pieces.concat())
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
    fn what_is_written_and_was_not_typed_tips_nothing_over(text in edge()) {
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
    const ATTEMPTS: usize = 10;
    for piece in CARELESS {
        let time = |bytes: usize, times: usize| {
            let text = piece.repeat(bytes / piece.len());
            let run = |_| {
                let started = Instant::now();
                for _ in 0..times {
                    std::hint::black_box(parse(&text));
                }
                started.elapsed().as_secs_f64()
            };
            // The best of some runs: another program's turn is not ours.
            (0..3).map(run).fold(f64::INFINITY, f64::min)
        };
        // As many bytes in one text take as long as in four, or four times as long when they are looked at again and
        // again; then they do so each time, and not only on a busy machine.
        let mut ratios = (0..ATTEMPTS).map(|_| time(1 << 14, 1) / time(1 << 12, 4));
        assert!(
            ratios.any(|ratio| ratio < 2.5),
            "{piece:?}: 16 kB take more than 2.5 times as long as four texts of 4 kB, {ATTEMPTS} times out of {ATTEMPTS}"
        );
    }
}
