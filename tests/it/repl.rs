//! `qdex repl` with lines from a pipe.

use crate::support::{Ran, Sandbox};

fn session(sandbox: &Sandbox, lines: &[&str]) -> Ran {
    sandbox.with_input(&["repl"], lines.join("\n").as_bytes())
}

/// Runs a session and checks which of the texts standard output and standard error hold.
#[track_caller]
fn check(lines: &[&str], code: i32, on_stdout: &[&str], on_stderr: &[&str]) {
    let ran = session(&Sandbox::indexed(), lines);
    assert_eq!(ran.code, Some(code), "{lines:?}: {}", ran.stderr);
    for (stream, texts) in [(&ran.stdout, on_stdout), (&ran.stderr, on_stderr)] {
        for text in texts {
            match text.strip_prefix('!') {
                Some(absent) => assert!(
                    !stream.contains(absent),
                    "{lines:?}: `{absent}` is in {stream}"
                ),
                None => assert!(
                    stream.contains(text),
                    "{lines:?}: `{text}` is not in {stream}"
                ),
            }
        }
    }
}

const WEAK: &str = "What does a weak reference keep alive?";
const CYCLES: &str = "How are reference cycles collected?";

#[test]
fn a_plain_line_is_a_query() {
    check(
        &["weakref"],
        0,
        &[WEAK, "import weakref", "!qdex>"],
        &["!error"],
    );
}

#[test]
fn hits_are_opened_by_their_number_or_id() {
    check(
        &["weakref", ":open 1"],
        0,
        &["url      /python/gc#weak-references"],
        &[],
    );
    check(
        &[":open git#amend"],
        0,
        &["It replaces the last commit."],
        &[],
    );
    check(
        &["weakref", ":open 9"],
        2,
        &[],
        &["error: there is no hit 9 among the 1 printed"],
    );
    check(&[":open 1"], 2, &[], &["error: there are no hits to open"]);
    check(&[":open"], 2, &[], &["hint: for example `:open 1`"]);
}

#[test]
fn filters_stay_until_they_are_lifted() {
    check(
        &[":filter difficulty=medium", "reference"],
        0,
        &[CYCLES, &format!("!{WEAK}")],
        &[],
    );
    check(
        &["reference", ":filter difficulty=hard tag=memory", ":filter"],
        0,
        &["difficulty=hard tag=memory\n"],
        &[],
    );
    check(
        &[
            ":filter difficulty=medium",
            ":filter clear",
            "weakref",
            ":filter",
        ],
        0,
        &[WEAK, "no filters"],
        &[],
    );
}

#[test]
fn a_filter_that_cannot_be_leaves_the_former_ones() {
    let lines = [
        ":filter framework=Rust",
        ":filter framework=Rusty",
        ":filter",
    ];
    check(
        &lines,
        2,
        &["framework=Rust\n"],
        &["no entry has framework `Rusty`"],
    );
    check(
        &[":filter colour=red"],
        2,
        &[],
        &["no facet is called `colour`"],
    );
}

#[test]
fn facets_are_those_of_the_last_results_or_of_all() {
    check(
        &[":facets difficulty"],
        0,
        &["easy    1", "medium  2", "hard    1"],
        &[],
    );
    check(&["weakref", ":facets difficulty"], 0, &["hard  1"], &[]);
    check(&[":facets"], 0, &["topic\n", "framework\n", "lang\n"], &[]);
}

#[test]
fn more_prints_the_next_page_once() {
    let sandbox = Sandbox::indexed();
    let lines = "reference\n:more\n:more\n:open 2\n";
    let ran = sandbox.with_input(&["repl", "-n", "1"], lines.as_bytes());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for title in [WEAK, CYCLES] {
        assert!(ran.stdout.contains(title), "{}", ran.stdout);
    }
    assert!(ran.stdout.contains("2. "), "{}", ran.stdout);
    assert!(ran.stderr.contains("no more hits"), "{}", ran.stderr);
}

#[test]
fn a_line_that_fails_does_not_end_the_session() {
    check(
        &[":fliter x", "weakref"],
        2,
        &[WEAK],
        &[
            "error: there is no command `:fliter`",
            "hint: did you mean `:filter`?",
        ],
    );
}

#[test]
fn quit_ends_the_session() {
    check(&[":quit", "weakref"], 0, &[&format!("!{WEAK}")], &[]);
    check(&["", "  ", ":help"], 0, &[":filter FIELD=VALUE"], &[]);
}

#[test]
fn lines_that_are_not_utf8_are_queries_too() {
    let ran = Sandbox::indexed().with_input(&["repl"], b"\xff weakref\n");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains(WEAK));
}
