//! What is printed: the formats that scripts rely on, and text that is safe on a terminal.

use crate::support::{Sandbox, WEAK};

/// Fails if the text has a control character besides line breaks.
#[track_caller]
fn assert_harmless(text: &str) {
    let hostile = text.chars().find(|c| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    });
    assert_eq!(hostile, None, "{text:?}");
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
    assert_eq!(listed.lines(), expected);

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
fn explanations_are_given_when_asked_for() {
    let sandbox = Sandbox::indexed();
    let plain = sandbox.qdex(&["search", "weakref", "--json"]).json();
    assert!(plain["hits"][0].get("explanation").is_none());
    for query in [
        "weakref",
        "memory of objects",
        "borrow",
        "git commit --amend",
    ] {
        let json = sandbox
            .qdex(&["search", query, "--json", "--explain"])
            .json();
        let hits = json["hits"].as_array().expect("is a list");
        assert!(!hits.is_empty(), "{query}");
        for hit in hits {
            let parts = hit["explanation"].as_array().expect("is a list");
            let scores = parts.iter().map(|part| part["score"].as_f64());
            let sum: f64 = scores.map(|score| score.expect("is a number")).sum();
            let score = hit["score"].as_f64().expect("is a number");
            assert!(
                !parts.is_empty() && (sum - score).abs() < 1e-3,
                "{query}: {hit}"
            );
        }

        let text = sandbox.qdex(&["search", query, "--explain"]).stdout;
        let lines = text.lines().map(str::trim_start);
        let lines: Vec<&str> = lines
            .skip_while(|line| !line.starts_with("score "))
            .collect();
        let tables = lines.split(|line| line.starts_with("score "));
        let tables: Vec<_> = tables.skip(1).collect();
        assert_eq!(tables.len(), hits.len(), "{text}");
        for (rows, hit) in tables.iter().zip(hits) {
            let signed = |line: &str| {
                let (score, rest) = line.split_once("  ")?;
                let is_signed = score.starts_with(['+', '-']);
                let score = is_signed
                    .then(|| score.parse::<f64>())
                    .and_then(Result::ok)?;
                Some((score, rest == "sum"))
            };
            let rows: Vec<(f64, bool)> = rows.iter().filter_map(|line| signed(line)).collect();
            let end = rows
                .iter()
                .position(|(_, is_sum)| *is_sum)
                .expect("has a sum");
            let sum: f64 = rows[..end].iter().map(|(score, _)| score).sum();
            assert!((sum - rows[end].0).abs() < 1e-6, "{text}");
            let score = hit["score"].as_f64().expect("is a number");
            assert!((score - rows[end].0).abs() < 1e-3, "{text}");
        }
    }
}
