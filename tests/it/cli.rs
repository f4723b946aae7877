//! The command line: exit codes, options and filters, what is read from standard input.

use std::io::Read;
use std::process::Stdio;

use crate::support::{Sandbox, WEAK};

#[test]
fn exit_codes_tell_hits_from_none_and_from_failure() {
    let sandbox = Sandbox::indexed();
    for (arguments, code) in [
        (&["search", "weakref"][..], 0),
        (&["search", "zzzzqqqq"], 1),
        (&["search", "weakref", "--offset", "99"], 1),
        (&["search", "weakref", "-n", "0"], 0),
        (&["search", "-d", "hard"], 0),
        (&["search"], 2),
        (&["search", "weakref", "-n", "x"], 2),
        (&["search", "--nonsense"], 2),
        (&["search", "weakref", "--index", "nowhere"], 2),
        (&["search", "weakref", "--code", "--json"], 2),
        (&["show", WEAK], 0),
        (&["show", "nothing#there"], 2),
        (&["show", "python/gc#cycles", "--code"], 1),
        (&["facets"], 0),
        (&["facets", "colour"], 2),
        (&["stats"], 0),
        (&["index", "nowhere"], 2),
        (&["completions", "bash"], 0),
        (&["completions", "nonsense"], 2),
        (&["weakref"], 2),
        (&["--help"], 0),
        (&["search", "--help"], 0),
        (&["--version"], 0),
        (&[], 2),
    ] {
        let ran = sandbox.qdex(arguments);
        assert_eq!(
            ran.code,
            Some(code),
            "{arguments:?}: {}{}",
            ran.stdout,
            ran.stderr
        );
        if code == 2 {
            assert_eq!(ran.stdout, "", "{arguments:?}");
            assert_ne!(ran.stderr, "", "{arguments:?}");
        }
    }
}

#[test]
fn options_stand_anywhere_and_other_hyphen_words_are_text() {
    let sandbox = Sandbox::indexed();
    for (arguments, query, first) in [
        (
            &["search", "git", "commit", "--amend"][..],
            "git commit --amend",
            "git#amend",
        ),
        (
            &["search", "weakref", "-n", "1", "cache"],
            "weakref cache",
            WEAK,
        ),
        (&["search", "weakref", "-Wall"], "weakref -Wall", WEAK),
        (&["search", "--", "--amend"], "--amend", "git#amend"),
        (
            &["--color", "never", "search", "borrow"],
            "borrow",
            "rust/ownership#borrow",
        ),
    ] {
        // `--json` last, as people add it; before `--`, after which it would be text.
        let mut arguments = arguments.to_vec();
        match arguments.iter().position(|argument| *argument == "--") {
            Some(at) => arguments.insert(at, "--json"),
            None => arguments.push("--json"),
        }
        let ran = sandbox.qdex(&arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
        assert_eq!(ran.json()["query"], query);
        assert_eq!(ran.json()["hits"][0]["id"], first);
        assert_eq!(ran.stderr, "");
    }

    let misspelt = sandbox.qdex(&["search", "weakref", "--jsn"]);
    assert_eq!(misspelt.code, Some(0));
    assert!(
        misspelt
            .stderr
            .contains("`--jsn` is searched for as text; the option is `--json`"),
        "{}",
        misspelt.stderr
    );

    let ours = sandbox.qdex(&["search", "sort", "-n", "file"]);
    assert_eq!(ours.code, Some(2));
    assert!(
        ours.stderr.contains("hint: after `--` every word"),
        "{}",
        ours.stderr
    );
}

#[test]
fn filters_narrow_and_wrong_values_are_named() {
    let sandbox = Sandbox::indexed();
    for (arguments, expected) in [
        (&["-d", "hard"][..], &[WEAK][..]),
        (&["-d", "easy,hard"], &["git#amend", WEAK]),
        (&["-d", "advanced"], &[WEAK]),
        (&["-t", "python"], &["python/gc#cycles", WEAK]),
        (
            &["-t", "/python/gc", "--difficulty", "medium"],
            &["python/gc#cycles"],
        ),
        (&["--framework", "rust"], &["rust/ownership#borrow"]),
        (&["--tag", "caching"], &[WEAK]),
        (
            &["--lang", "sh", "--lang", "rust"],
            &["git#amend", "rust/ownership#borrow"],
        ),
    ] {
        let mut all = vec!["search", "--sort", "id", "--format", "ids"];
        all.extend(arguments);
        let ran = sandbox.qdex(&all);
        assert_eq!(ran.lines(), expected, "{arguments:?}: {}", ran.stderr);
    }
    for (arguments, message, hint) in [
        (
            &["-d", "hrad"][..],
            "invalid value 'hrad'",
            "did you mean `hard`?",
        ),
        (
            &["--tag", "cachin"],
            "no entry has tag `cachin`",
            "hint: did you mean `caching`?",
        ),
        (
            &["--lang", "zzzzzz"],
            "no entry has lang `zzzzzz`",
            "hint: `qdex facets lang` lists",
        ),
        (
            &["--facets=langs"],
            "invalid value 'langs'",
            "did you mean `lang`?",
        ),
    ] {
        let mut all = vec!["search", "memory"];
        all.extend(arguments);
        let ran = sandbox.qdex(&all);
        assert_eq!(ran.code, Some(2), "{arguments:?}");
        for text in [message, hint] {
            assert!(ran.stderr.contains(text), "{arguments:?}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_query_is_read_from_standard_input() {
    let sandbox = Sandbox::indexed();
    let ran = sandbox.with_input(&["search", "-", "--json"], b"weakref\ncache\n");
    assert_eq!(ran.json()["query"], "weakref\ncache");
    assert_eq!(ran.json()["hits"][0]["id"], WEAK);

    let odd = sandbox.with_input(&["search", "-"], b"\xff\xfe weakref");
    assert_eq!(odd.code, Some(0), "{}", odd.stderr);

    let long = sandbox.with_input(&["search", "-"], &vec![b'x'; (1 << 20) + 1]);
    assert_eq!(long.code, Some(2));
    assert!(long.stderr.contains("longer than 1 MiB"), "{}", long.stderr);
}

#[test]
fn a_closed_pipe_is_success() {
    let body = "word ".repeat(2_000);
    let lines: String = (0..20)
        .map(|n| format!("{{\"id\": \"e{n}\", \"title\": \"word {n}\", \"answers\": [{{\"body\": \"{body}\\n\\n```\\n{body}\\n```\"}}]}}\n"))
        .collect();
    let sandbox = Sandbox::indexed_from(&lines);
    let mut child = sandbox
        .command(&["search", "word", "-n", "50"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut first = [0; 16];
    let mut stdout = child.stdout.take().expect("is piped");
    stdout.read_exact(&mut first).expect("there are hits");
    drop(stdout);
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn help_lists_what_there_is() {
    let sandbox = Sandbox::new();
    let help = sandbox.qdex(&["--help"]).stdout;
    for command in [
        "search",
        "repl",
        "index",
        "show",
        "related",
        "dupes",
        "export",
        "facets",
        "stats",
        "check",
        "eval",
        "bench",
        "completions",
    ] {
        assert!(help.contains(&format!("  {command} ")), "{help}");
    }
    let forgotten = sandbox.qdex(&["weakref"]);
    assert!(
        forgotten
            .stderr
            .contains("hint: search for it with `qdex search weakref`"),
        "{}",
        forgotten.stderr
    );
}
