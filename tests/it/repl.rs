//! `qdex repl` with lines from a pipe.

use std::path::Path;

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
    check(&[":open 1"], 2, &[], &["error: there are no hits yet"]);
    check(&[":open"], 2, &[], &["hint: for example `:open 1`"]);
}

#[test]
fn filters_stay_until_they_are_lifted() {
    check(
        &[":difficulty medium", "reference"],
        0,
        &[CYCLES, &format!("!{WEAK}")],
        &[],
    );
    check(
        &["reference", ":d hard", ":tag memory", ":scope"],
        0,
        &["difficulty:hard tag:memory\n"],
        &[],
    );
    check(
        &[
            ":d medium",
            ":tag memory",
            ":clear difficulty",
            ":scope",
            ":clear",
            ":scope",
        ],
        0,
        &["tag:memory\nno filters\n"],
        &[],
    );
    // Who narrows results sees them narrowed.
    check(
        &["reference", ":t rust"],
        0,
        &[],
        &["no hits for `reference`"],
    );
}

#[test]
fn values_are_alternatives_exclusions_and_last_steps_of_topics() {
    for (line, scope) in [
        (":difficulty hard, easy", "difficulty:hard,easy"),
        (":tag -caching", "-tag:caching"),
        (":tag memory,-caching", "tag:memory -tag:caching"),
        (":topic ownership", "topic:/rust/ownership"),
        (":framework RUST", "framework:RUST"),
    ] {
        check(&[line, ":scope"], 0, &[&format!("{scope}\n")], &[]);
    }
    check(&["reference", ":tag -caching"], 0, &[CYCLES], &[]);
}

#[test]
fn a_filter_that_cannot_be_leaves_the_former_ones() {
    check(
        &[":framework Rust", ":framework Rusty", ":scope"],
        2,
        &["framework:Rust\n"],
        &["no entry has framework `Rusty`", "did you mean `Rust`?"],
    );
    check(
        &[":tag"],
        2,
        &[],
        &["`:tag` needs a value", "`:facets tag` lists them"],
    );
    check(&[":clear colour"], 2, &[], &["no facet is called `colour`"]);
}

#[test]
fn scopes_are_kept_from_one_session_to_the_next() {
    let sandbox = Sandbox::indexed();
    let first = [
        ":d medium",
        ":topic python",
        ":scope save mine",
        ":scope list",
    ];
    let ran = session(&sandbox, &first);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout, "mine  difficulty:medium topic:python\n");
    let ran = session(&sandbox, &["reference", ":scope mine", ":scope"]);
    assert!(
        ran.stdout.ends_with("difficulty:medium topic:python\n"),
        "{}",
        ran.stdout
    );
    let ran = session(
        &sandbox,
        &[
            ":scope mien",
            ":scope delete mine",
            ":scope mine",
            ":scope save",
        ],
    );
    assert_eq!(ran.code, Some(2));
    for said in [
        "did you mean `:scope mine`?",
        "no scope is called `mine`",
        "`:scope save` is no command",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = sandbox.home(".local/state/qdex/scopes.json");
        let mode = std::fs::metadata(file)
            .expect("is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
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
        &[":facet x", "weakref"],
        2,
        &[WEAK],
        &[
            "error: there is no command `:facet`",
            "hint: did you mean `:facets`?",
        ],
    );
}

#[test]
fn quit_ends_the_session() {
    check(&[":quit", "weakref"], 0, &[&format!("!{WEAK}")], &[]);
    check(&["", "  ", ":help"], 0, &[":topic VALUE[,VALUE…]"], &[]);
    check(
        &[":help copy"],
        0,
        &[":copy N|ID [code|answer|id|url]   (short: :y)", "OSC 52"],
        &[],
    );
}

#[test]
fn a_number_opens_the_hit_and_is_a_query_otherwise() {
    check(
        &["weakref", "1"],
        0,
        &["url      /python/gc#weak-references"],
        &[],
    );
    check(&["weakref", "9"], 0, &[], &["no hits for `9`"]);
    check(
        &["weakref", " 1"],
        0,
        &["!url      /python"],
        &["no hits for `1`"],
    );
    check(&["1"], 0, &[], &["no hits for `1`"]);
}

#[test]
fn code_relations_and_scores_of_a_hit() {
    let ran = session(&Sandbox::indexed(), &["weakref", ":code 1"]);
    let code = "import weakref\n\ncache = weakref.WeakValueDictionary()\n";
    assert!(ran.stdout.ends_with(code), "{}", ran.stdout);
    check(&[":code git#amend"], 0, &["git commit --amend\n"], &[]);
    check(
        &[":code python/gc#cycles"],
        0,
        &["!A collector"],
        &["`python/gc#cycles` has no code"],
    );
    check(
        &["weakref", ":related 1", "1"],
        0,
        &[CYCLES, "A collector looks"],
        &[],
    );
    check(&["weakref", ":explain 1"], 0, &["score "], &[]);
    check(
        &[":explain 1"],
        2,
        &[],
        &["`:explain` needs the number of a hit"],
    );
    check(
        &["weakref", ":explain 4"],
        2,
        &[],
        &["there is no hit 4 among the 1 printed"],
    );
    check(
        &["weakref", ":copy 1"],
        2,
        &[],
        &["there is no terminal", "`:code`"],
    );
}

#[test]
fn several_lines_are_one_query() {
    check(
        &[
            ":paste",
            "Traceback (most recent call last):",
            ":open 1",
            "weakref",
            ":end",
            ":history",
        ],
        0,
        &[
            WEAK,
            "    2  Traceback (most recent call last):\n       :open 1\n       weakref\n",
        ],
        &["read as an error: Traceback"],
    );
    // Whatever is left belongs to it.
    check(&[":paste", "weakref"], 0, &[WEAK], &[]);
}

#[test]
fn lines_are_repeated_and_listed() {
    check(
        &["weakref", "amend", "!1", "!!", "!-2", ":history 2"],
        0,
        &["    4  amend\n    5  :history 2\n"],
        &["weakref\nweakref\namend\n"],
    );
    check(
        &["!9", "!zebra"],
        2,
        &[],
        &["the history has no such line", "no hits for `!zebra`"],
    );
}

#[test]
fn settings_of_the_session() {
    check(
        &[":set limit 1", ":set", "reference", ":more"],
        0,
        &["limit   1\n", "sort    relevance\n", WEAK, CYCLES],
        &[],
    );
    check(
        &[":set sort id", ":set sort", "reference"],
        0,
        &["id\n", &format!("1. {CYCLES}")],
        &[],
    );
    check(&[":set limt 4"], 2, &[], &["did you mean `limit`?"]);
    check(&[":time on", "weakref"], 0, &[], &["took "]);
    check(
        &[":set bars ascii", ":facets lang"],
        0,
        &["python  1  ####"],
        &[],
    );
    check(&[":set color always", "weakref"], 0, &["\u{1b}["], &[]);
    let ran = Sandbox::indexed().with_env(&[("QDEX_KEYS", "vim")], &["repl"]);
    assert!(ran.stderr.contains("did you mean `vi`?"), "{}", ran.stderr);
}

#[test]
fn a_session_can_be_scripted() {
    let script = "\
:help time
weakref cache
:facets difficulty
:topic gc
:more
1
:clear
:set limit 1
reference
:more
:nonsense
:history 3
";
    let ran = Sandbox::indexed().with_input(&["repl"], script.as_bytes());
    assert_eq!(ran.code, Some(2));
    let written = format!("{}---- standard error\n{}", ran.stdout, ran.stderr);
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots/session.txt");
    if std::env::var_os("QDEX_ACCEPT").is_some() {
        std::fs::write(&snapshot, &written).expect("the snapshot is written");
    }
    // A clone may have other line ends.
    let committed = std::fs::read_to_string(&snapshot).unwrap_or_default();
    assert_eq!(
        written,
        committed.replace("\r\n", "\n"),
        "if this is meant: `QDEX_ACCEPT=1 cargo test --test it scripted`"
    );
}

#[test]
fn lines_that_are_not_utf8_are_queries_too() {
    let ran = Sandbox::indexed().with_input(&["repl"], b"\xff weakref\n");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains(WEAK));
}
