//! The command line: what scripts and people rely on.

use std::io::Read;
use std::process::Stdio;

use crate::support::{ENTRIES, Ran, Sandbox};

const WEAK: &str = "python/gc#weak-references";

/// Fails if the text has a control character besides line breaks.
#[track_caller]
fn assert_harmless(text: &str) {
    let hostile = text.chars().find(|c| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    });
    assert_eq!(hostile, None, "{text:?}");
}

fn ids(ran: &Ran) -> Vec<&str> {
    ran.lines()
}

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
fn json_follows_the_contract() {
    let sandbox = Sandbox::indexed();
    let ran = sandbox.qdex(&[
        "search",
        "--json",
        "weakref",
        "cache",
        "--facets=difficulty",
    ]);
    let mut keys_in_order = ran.stdout.as_str();
    for key in [
        "query",
        "read_as",
        "warnings",
        "suggestion",
        "total",
        "took_us",
        "hits",
        "rank",
        "id",
        "score",
        "title",
        "difficulty",
        "topic",
        "framework",
        "tags",
        "url",
        "source",
        "path",
        "line",
        "snippet",
        "text",
        "highlights",
        "kind",
        "lang",
        "code",
        "text",
        "highlights",
        "kind",
        "lang",
        "facets",
        "difficulty",
        "value",
        "count",
        "selected",
    ] {
        let key = format!("\"{key}\":");
        let at = keys_in_order
            .find(&key)
            .unwrap_or_else(|| panic!("{key} is not where it belongs in {}", ran.stdout));
        keys_in_order = &keys_in_order[at + key.len()..];
    }
    let json = ran.json();
    assert_eq!(json["query"], "weakref cache");
    let hit = &json["hits"][0];
    assert_eq!(hit["rank"], 1);
    assert_eq!(hit["id"], WEAK);
    assert_eq!(hit["difficulty"], "hard");
    assert_eq!(hit["topic"], "/python/gc");
    assert_eq!(hit["url"], "/python/gc#weak-references");
    assert_eq!(hit["source"]["path"], "entries.jsonl");
    assert_eq!(hit["source"]["line"], 1);
    assert_eq!(hit["code"]["kind"], "code");
    assert_eq!(hit["code"]["lang"], "python");
    assert_eq!(
        hit["code"]["text"],
        "import weakref\n\ncache = weakref.WeakValueDictionary()"
    );
    assert_eq!(ran.stdout.lines().count(), 1);
    assert_eq!(ran.stderr, "");

    let without_facets = sandbox.qdex(&["search", "--json", "weakref"]).json();
    assert_eq!(without_facets["facets"], serde_json::json!({}));
}

#[test]
fn every_format_names_the_same_hits() {
    let sandbox = Sandbox::indexed();
    let json = sandbox
        .qdex(&["search", "memory", "--format", "json"])
        .json();
    let expected: Vec<_> = json["hits"]
        .as_array()
        .expect("is a list")
        .iter()
        .map(|hit| hit["id"].as_str().expect("is text"))
        .collect();
    assert!(!expected.is_empty());

    let listed = sandbox.qdex(&["search", "memory", "--format", "ids"]);
    assert_eq!(ids(&listed), expected);

    let jsonl = sandbox.qdex(&["search", "memory", "--format", "jsonl"]);
    let from_lines: Vec<serde_json::Value> = jsonl
        .lines()
        .iter()
        .map(|line| serde_json::from_str(line).expect("is JSON"))
        .collect();
    assert_eq!(json["hits"].as_array(), Some(&from_lines));

    let csv = sandbox.qdex(&["search", "memory", "--format", "csv"]);
    assert!(
        csv.stdout
            .starts_with("rank,id,score,title,difficulty,topic,framework,tags,url\r\n1,"),
        "{}",
        csv.stdout
    );
    assert_eq!(csv.lines().len(), expected.len() + 1);
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
        assert_eq!(ids(&ran), expected, "{arguments:?}: {}", ran.stderr);
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
fn code_alone_can_be_piped_on() {
    let sandbox = Sandbox::indexed();
    let best = sandbox.qdex(&["search", "--code", "weakref"]);
    assert_eq!(
        best.stdout,
        "import weakref\n\ncache = weakref.WeakValueDictionary()\n"
    );
    // The entry about cycles has no code; the two others have.
    let more = sandbox.qdex(&[
        "search", "--code", "--tag", "memory", "--sort", "id", "-n", "3",
    ]);
    assert_eq!(
        more.stdout,
        "import weakref\n\ncache = weakref.WeakValueDictionary()\n\nlet a = &mut x;\n"
    );
    let none = sandbox.qdex(&["search", "--code", "-d", "medium", "-t", "python"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(1), ""));
    assert!(none.stderr.contains("has code"), "{}", none.stderr);
    let shown = sandbox.qdex(&["show", "git#amend", "--code"]);
    assert_eq!(shown.stdout, "git commit --amend\n");
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
fn text_reads_without_colour_and_colour_is_only_used_when_wanted() {
    let sandbox = Sandbox::indexed();
    let plain = sandbox.qdex(&["search", "weakref", "cache"]);
    assert_harmless(&plain.stdout);
    for text in [
        "1. What does a weak reference keep alive?",
        "hard · python/gc#weak-references",
        "python:\n",
    ] {
        assert!(
            plain.stdout.contains(text),
            "`{text}` is not in {}",
            plain.stdout
        );
    }
    for (variables, option, is_colored) in [
        (&[][..], "auto", false),
        (&[("CLICOLOR_FORCE", "1")], "auto", true),
        (
            &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")],
            "never",
            false,
        ),
        (&[("NO_COLOR", "1")], "auto", false),
        (&[("NO_COLOR", "1")], "always", true),
        (&[], "always", true),
    ] {
        let ran = sandbox.with_env(variables, &["search", "weakref", "--color", option]);
        assert_eq!(
            ran.stdout.contains("\x1b["),
            is_colored,
            "{variables:?} --color {option}"
        );
    }
}

#[test]
fn lines_are_wrapped_to_the_columns() {
    let sandbox = Sandbox::indexed();
    for (columns, width) in [("40", 40), ("nonsense", 80), ("0", 80)] {
        let ran = sandbox.with_env(&[("COLUMNS", columns)], &["search", "cycles", "collector"]);
        let longest = ran.stdout.lines().map(|line| line.chars().count()).max();
        assert!(longest.expect("there are lines") <= width, "{}", ran.stdout);
    }
}

#[test]
fn hostile_text_never_reaches_a_terminal() {
    let hostile = r"\u001b[2J\u0007\u009b31m\u202e\u200b\u2028x weakref";
    let lines = format!(
        r#"{{"id": "a{hostile}", "title": "{hostile}", "framework": "{hostile}", "tags": ["{hostile}"], "url": "{hostile}", "answers": [{{"body": "{hostile}\n\n```{hostile}\n{hostile}\n```"}}]}}"#
    );
    let sandbox = Sandbox::indexed_from(&(lines + "\n"));
    for arguments in [
        &["search", "weakref", "--explain", "--facets"][..],
        &["search", "weakref", "--json"],
        &["search", "weakref", "--format", "ids"],
        &["search", "weakref", "\x1b[31mecho\u{202e}"],
        &["search", "zzz\x1b[31mecho"],
        &["search", "weakref", "--tag", "\x1b[31m"],
        &["show", "\x1b[31m\u{202e}"],
        &["facets"],
        &["index", "\x1b[31m"],
        &[
            "search",
            "weakref",
            "--color=always",
            "-d",
            "\x1b[31m\u{202e}",
        ],
        &["\x1b]0;title\x07", "--color=always"],
        &["stats", "--index", "\x1b[31m"],
    ] {
        let ran = sandbox.qdex(arguments);
        assert!(!ran.stdout.is_empty() || !ran.stderr.is_empty());
        assert_harmless(&ran.stdout);
        assert_harmless(&ran.stderr);
    }
    let json = sandbox.qdex(&["search", "weakref", "--json"]).json();
    let title = json["hits"][0]["title"].as_str().expect("is text");
    assert!(
        title.contains("\x1b[2J"),
        "JSON keeps what the entry says: {title:?}"
    );
}

#[test]
fn an_entry_is_shown_whole() {
    let sandbox = Sandbox::indexed();
    let shown = sandbox.qdex(&["show", WEAK]);
    for text in [
        "What does a weak reference keep alive?\nhard · /python/gc · Python · tags: memory, caching\n",
        "`weakref` is used for caches",
        "python:\n    import weakref\n\n    cache = weakref.WeakValueDictionary()\n",
        "source   entries.jsonl:1\n",
    ] {
        assert!(
            shown.stdout.contains(text),
            "`{text}` is not in {}",
            shown.stdout
        );
    }
    // The path of its URL names it too.
    assert_eq!(
        sandbox.qdex(&["show", "/python/gc#weak-references"]).stdout,
        shown.stdout
    );

    let missing = sandbox.qdex(&["show", "python/gc#weak-reference"]);
    assert_eq!(missing.code, Some(2));
    assert!(
        missing
            .stderr
            .contains(&format!("hint: did you mean `{WEAK}`")),
        "{}",
        missing.stderr
    );
}

#[test]
fn shown_json_builds_the_same_index() {
    let sandbox = Sandbox::indexed();
    let shown = sandbox.qdex(&["show", WEAK, "--json"]);
    assert_eq!(shown.json()["id"], WEAK);
    sandbox.file("again.jsonl", &shown.stdout);
    let built = sandbox.qdex(&["index", "again.jsonl", "--index", "again"]);
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    let again = sandbox.qdex(&["show", WEAK, "--json", "--index", "again"]);
    assert_eq!(again.stdout, shown.stdout);
}

#[test]
fn facets_are_counted() {
    let sandbox = Sandbox::indexed();
    let difficulty = sandbox.qdex(&["facets", "difficulty"]);
    assert_eq!(
        difficulty.stdout,
        "difficulty\n    easy    1\n    medium  2\n    hard    1\n"
    );
    let selected = sandbox.qdex(&["facets", "difficulty", "-d", "hard", "-t", "python"]);
    assert_eq!(
        selected.stdout,
        "difficulty\n    medium  1\n  * hard    1\n"
    );
    let json = sandbox
        .qdex(&["facets", "--json", "--framework", "git"])
        .json();
    assert_eq!(
        json["topic"],
        serde_json::json!([{"value": "/git", "count": 1, "selected": false}])
    );
    assert_eq!(json.as_object().map(serde_json::Map::len), Some(6));
    let under_hits = sandbox.qdex(&["search", "weakref", "--facets=tag"]);
    assert!(
        under_hits
            .stdout
            .ends_with("\ntag\n    caching  1\n    memory   1\n"),
        "{}",
        under_hits.stdout
    );
}

#[test]
fn stats_say_what_the_index_holds() {
    let sandbox = Sandbox::indexed();
    let json = sandbox.qdex(&["stats", "--json"]).json();
    assert_eq!(json["entries"], 4);
    assert_eq!(json["paths"], serde_json::json!(["entries.jsonl"]));
    assert_eq!(json["index"], "index");
    let text = sandbox.qdex(&["stats"]);
    assert!(
        text.stdout
            .contains("difficulty        easy 1, medium 2, hard 1\n"),
        "{}",
        text.stdout
    );
}

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
        (ran.code, ids(&ran)),
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
    let lenient = sandbox.qdex(&["index", "bad.jsonl", "--index", "index"]);
    assert_eq!(lenient.code, Some(0), "{}", lenient.stderr);
    assert_eq!(sandbox.qdex(&["stats", "--json"]).json()["entries"], 1);
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
        "facets",
        "stats",
        "eval",
        "completions",
    ] {
        assert!(help.contains(&format!("  {command} ")), "{help}");
    }
    for later in ["related", "bench"] {
        assert!(!help.contains(later), "{help}");
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

#[test]
fn explanations_are_given_when_asked_for() {
    let sandbox = Sandbox::indexed();
    let plain = sandbox.qdex(&["search", "weakref", "--json"]).json();
    assert!(plain["hits"][0].get("explanation").is_none());
    let explained = sandbox
        .qdex(&["search", "weakref", "--json", "--explain"])
        .json();
    assert!(
        explained["hits"][0]["explanation"]
            .as_array()
            .is_some_and(|parts| !parts.is_empty())
    );
    let text = sandbox.qdex(&["search", "weakref", "--explain"]);
    assert!(text.stdout.contains("score "), "{}", text.stdout);
}
