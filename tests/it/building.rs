//! `index`: where an index goes, what a build says, and what stays when it comes to nothing.

use crate::support::{ENTRIES, Sandbox, WEAK};

#[test]
fn without_an_index_the_command_that_builds_one_is_named() {
    let sandbox = Sandbox::new();
    let ran = sandbox.qdex(&["search", "weakref"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(
        ran.stderr
            .contains("error: there is no index at `index` or `/"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr
            .contains("hint: build one with `qdex index PATH…`"),
        "{}",
        ran.stderr
    );

    let hint = "hint: build it with `qdex index PATH… --index 'no where'`";
    let named = sandbox.qdex(&["search", "weakref", "--index", "no where"]);
    assert!(named.stderr.contains(hint), "{}", named.stderr);
    assert!(!sandbox.path("no where").exists());

    // What the environment names needs no option in the hint.
    let named = sandbox.with_env(&[("QDEX_INDEX", "nowhere")], &["search", "weakref"]);
    assert!(
        named
            .stderr
            .contains("hint: build it with `qdex index PATH…`\n"),
        "{}",
        named.stderr
    );
}

#[test]
fn an_index_is_found_where_the_builder_puts_it() {
    let sandbox = Sandbox::new();
    sandbox.file("notes/entries.jsonl", ENTRIES);
    // Neither `corpus` nor an index is here, and a folder of that name is none.
    sandbox.file("index/index.html", "<p>something else</p>");
    let built = sandbox.qdex(&["index", "notes"]);
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    assert!(
        built.stderr.contains("/.local/share/qdex/index`"),
        "{}",
        built.stderr
    );
    assert_eq!(sandbox.qdex(&["search", "weakref"]).code, Some(0));

    // An index that is named wins, the option over the environment.
    sandbox.qdex(&["index", "notes", "--index", "other"]);
    let other = [("QDEX_INDEX", "other")];
    assert_eq!(
        sandbox.with_env(&other, &["stats", "--json"]).json()["index"],
        "other"
    );
    assert_eq!(
        sandbox
            .with_env(&other, &["search", "x", "--index", "nowhere"])
            .code,
        Some(2)
    );

    // An index in the current folder wins over the user's, and is built beside a corpus.
    std::fs::create_dir(sandbox.path("corpus")).expect("a folder");
    sandbox.qdex(&["index", "notes"]);
    assert_eq!(sandbox.qdex(&["stats", "--json"]).json()["index"], "index");
}

#[test]
fn a_corpus_in_the_current_folder_is_indexed_at_once() {
    let sandbox = Sandbox::new();
    sandbox.file("corpus/entries.jsonl", ENTRIES);
    let ran = sandbox.qdex(&["search", "weakref", "cache", "--format", "ids", "-n", "1"]);
    assert_eq!(
        (ran.code, ran.lines()),
        (Some(0), vec![WEAK]),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("building `index` from `corpus`"),
        "{}",
        ran.stderr
    );
    let again = sandbox.qdex(&["search", "weakref", "cache", "--format", "ids", "-n", "1"]);
    assert_eq!(again.stderr, "");
}

#[test]
fn a_build_says_what_it_read_and_what_it_left_out() {
    let sandbox = Sandbox::new();
    sandbox.file("corpus/a.jsonl", ENTRIES);
    sandbox.file(
        "corpus/b.jsonl",
        &format!("{}\nnot JSON\n", ENTRIES.lines().next().expect("has lines")),
    );
    let ran = sandbox.qdex(&["index", "corpus"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), ""),
        "{}",
        ran.stderr
    );
    for text in [
        "skipped: corpus/b.jsonl:2: ",
        "warning: the id `python/gc#weak-references` stands at `corpus/a.jsonl:1` and `corpus/b.jsonl:1`; the later",
        "indexed 4 entries in `index` in ",
        ": jsonl 4\n",
        " in 2 files, wrote ",
        "1 record or file skipped, 1 id replaced by a later entry\n",
    ] {
        assert!(
            ran.stderr.contains(text),
            "`{text}` is not in {}",
            ran.stderr
        );
    }

    let json = sandbox.qdex(&["index", "corpus", "--json"]).json();
    assert_eq!(json["entries"], 4);
    assert_eq!(json["formats"], serde_json::json!({"jsonl": 4}));
    assert_eq!(json["skipped"], 1);
    assert_eq!(json["duplicates"][0]["kept"]["path"], "corpus/b.jsonl");
}

#[test]
fn many_problems_are_counted_and_verbose_prints_them_all() {
    let sandbox = Sandbox::new();
    sandbox.file(
        "notes.jsonl",
        &format!("{ENTRIES}{}", "nonsense\n".repeat(50)),
    );
    for (option, printed) in [("--sections", 20), ("--verbose", 50)] {
        let ran = sandbox.qdex(&["index", "notes.jsonl", option, "--index", "index"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(ran.stderr.matches("skipped: ").count(), printed);
        assert!(
            ran.stderr.contains("50 records or files skipped"),
            "{}",
            ran.stderr
        );
        assert_eq!(
            ran.stderr
                .contains("30 problems not shown; `--verbose` shows all"),
            printed == 20
        );
    }
}

#[test]
fn strict_and_empty_builds_leave_the_former_index() {
    let sandbox = Sandbox::indexed();
    sandbox.file(
        "bad.jsonl",
        "{\"id\": \"new\", \"title\": \"weakref\"}\nnot JSON\n",
    );
    sandbox.file("empty/readme.txt", "nothing");
    for (arguments, code, message) in [
        (
            &["index", "bad.jsonl", "--strict", "--index", "index"][..],
            2,
            "error: stopped at a record",
        ),
        (
            &["index", "empty", "--index", "index"],
            1,
            "found no entries",
        ),
        (
            &["index", "nowhere", "--index", "index"],
            2,
            "cannot read `nowhere`",
        ),
    ] {
        let ran = sandbox.qdex(arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?}: {}", ran.stderr);
        assert!(
            ran.stderr.contains(message),
            "{arguments:?}: {}",
            ran.stderr
        );
        assert_eq!(
            sandbox.qdex(&["stats", "--json"]).json()["entries"],
            4,
            "{arguments:?}"
        );
    }
    let lenient = sandbox.qdex(&["index", "bad.jsonl", "--rebuild", "--index", "index"]);
    assert_eq!(lenient.code, Some(0), "{}", lenient.stderr);
    assert_eq!(sandbox.qdex(&["stats", "--json"]).json()["entries"], 1);
}

#[test]
fn documents_have_the_numbers_of_their_records_until_some_are_left_out() {
    let line =
        |number: usize| format!("{{\"id\": \"e{number}\", \"title\": \"Entry {number}\"}}\n");
    let lines = |numbers: &[usize]| numbers.iter().copied().map(line).collect::<String>();
    let sandbox = Sandbox::indexed_from(&lines(&[1, 2, 3, 4, 5]));
    let says_so = || {
        let meta = std::fs::read_to_string(sandbox.path("index/qdex.json")).expect("is read");
        meta.contains("\"is_numbered_by_record\": true")
    };
    let finds = |numbers: &[usize]| {
        for number in numbers {
            let ran = sandbox.qdex(&[
                "search",
                &format!("entry {number}"),
                "--format",
                "ids",
                "-n",
                "1",
            ]);
            assert_eq!(ran.stdout, format!("e{number}\n"), "{}", ran.stderr);
            let shown = sandbox.qdex(&["show", &format!("e{number}")]);
            assert!(
                shown.stdout.contains(&format!("Entry {number}")),
                "{}",
                shown.stdout
            );
        }
        let check = sandbox.qdex(&["check", "--index", "index"]);
        assert_eq!(check.code, Some(0), "{}", check.stderr);
    };
    assert!(says_so());
    finds(&[1, 2, 3, 4, 5]);
    // Of an id that stands twice only one entry stays, so that the numbers of others move.
    sandbox.file("entries.jsonl", &lines(&[1, 3, 1, 4, 6, 5]));
    for arguments in [&["--rebuild"][..], &["--compact"], &[]] {
        let index = ["index", "entries.jsonl", "--index", "index"];
        let ran = sandbox.qdex(&[&index, arguments].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(!says_so(), "{arguments:?}");
        finds(&[1, 3, 4, 5, 6]);
    }
    sandbox.file("entries.jsonl", &lines(&[3, 5, 7, 2]));
    let ran = sandbox.qdex(&["index", "entries.jsonl", "--index", "index"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    finds(&[3, 5, 7, 2]);
}
