//! Errors as queries: what is pasted is searched by what identifies it, and nothing else is taken for one.

use std::collections::BTreeSet;
use std::fmt::Write;

use qdex::SearchOptions;
use qdex::evaluate::JudgedSet;

use crate::corpora::{own_corpus, read_well};
use crate::relevance::{HOW_TO_ACCEPT, best, committed};
use crate::sample::Sample;
use crate::support::Sandbox;

/// The views of the judged errors, each by the name of its file and what it holds.
const VIEWS: [(&str, &str); 2] = [
    ("errors", "as they are pasted"),
    ("logs", "the same in the output around them"),
];

/// Recall of the first hit and of the first five, and the queries whose best entry is not first.
fn recall(sample: &Sample, judged: &JudgedSet, reads_errors: bool) -> (f64, f64, Vec<String>) {
    let options = SearchOptions {
        reads_errors,
        ..SearchOptions::default()
    };
    let (mut at_1, mut at_5, mut behind) = (0, 0, Vec::new());
    for query in &judged.queries {
        let found = sample
            .searcher
            .rank(&query.text, &options)
            .expect("answers");
        let best = best(query);
        let rank = found.iter().position(|(id, _)| best.contains(&id.as_str()));
        at_1 += usize::from(rank == Some(0));
        at_5 += usize::from(rank.is_some_and(|rank| rank < 5));
        if rank != Some(0) {
            behind.push(query.id.clone());
        }
    }
    let share = |count: usize| count as f64 / judged.queries.len() as f64;
    (share(at_1), share(at_5), behind)
}

#[test]
fn judged_errors_are_found_as_recorded() {
    let entries = read_well(&[own_corpus()]);
    let known: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let sample = Sample::new(&entries);
    let dir = own_corpus().join("judgments-errors");
    let mut new = String::from("Judged errors of the sample corpus\n");
    for (name, what) in VIEWS {
        let judged = JudgedSet::read(&dir, name).expect("is well formed");
        for query in &judged.queries {
            for id in query.grades.keys() {
                assert!(known.contains(id.as_str()), "{}: no entry `{id}`", query.id);
            }
        }
        let (read_1, read_5, behind) = recall(&sample, &judged, true);
        let (literal_1, literal_5, _) = recall(&sample, &judged, false);
        assert!(read_1 > literal_1, "{name}: reading errors brings nothing");
        write!(
            new,
            "\n{} errors, {what}\n           recall@1  recall@5\nread       {read_1:.4}    {read_5:.4}\nas words   {literal_1:.4}    {literal_5:.4}\nNot first: {}\n",
            judged.queries.len(),
            behind.join(" ")
        )
        .expect("is written");
    }
    let Some(old) = committed("errors.txt", &new) else {
        return;
    };
    assert!(
        old == new,
        "relevance changed:\n{old}\nto\n{new}\n{HOW_TO_ACCEPT}"
    );
}

/// Entries about errors, one with the tag that a log's thread is called by.
const ENTRIES: &str = r#"{"id": "subscript", "title": "Why is a result not subscriptable?", "tags": ["main"], "answers": [{"body": "It is None.\n\n```text\nTypeError: 'NoneType' object is not subscriptable\n```"}]}
{"id": "callable", "title": "What does not callable mean?", "answers": [{"body": "A name hides a function.\n\n```text\nTypeError: 'str' object is not callable\n```"}]}
{"id": "moved", "title": "Why is a value moved?", "answers": [{"body": "It was given away.\n\n```rust\n// error[E0382]: borrow of moved value: `x`\n```"}]}
{"id": "report", "title": "How do I write a report about sales in a shop?", "answers": [{"body": "Load the sales, rank the products, and write the report of the shop at home."}]}
{"id": "app", "title": "How is an app started?", "answers": [{"body": "com.example.App is started by its main class, and logs with the level INFO."}]}
"#;

#[test]
fn what_a_terminal_shows_is_searched_from_standard_input() {
    let sandbox = Sandbox::indexed_from(ENTRIES);
    let traceback = "$ python3 report.py\nTraceback (most recent call last):\n  File \"/home/mira/shop/report.py\", line 88, in <module>\n    write_report(rank(sales))\n  File \"/home/mira/shop/report.py\", line 19, in rank\n    return products.sort()[0]\nTypeError: 'NoneType' object is not subscriptable\n";
    let windows = traceback.replace('\n', "\r\n");
    let indented: String = traceback
        .lines()
        .map(|line| format!("        {line}\n"))
        .collect();
    let in_colour = traceback.replace("TypeError", "\u{1b}[1;35mTypeError\u{1b}[0m");
    let in_log = format!(
        "{0}{traceback}{0}",
        "2025-03-02 09:14:55,201 INFO [shop] report about sales written for home\n".repeat(30)
    );
    for (input, id) in [
        (traceback, "subscript"),
        (windows.as_str(), "subscript"),
        (indented.as_str(), "subscript"),
        (in_colour.as_str(), "subscript"),
        (in_log.as_str(), "subscript"),
        ("TypeError: 'list' object is not callable", "callable"),
        (
            "\u{1b}[0m\u{1b}[1m\u{1b}[38;5;9merror[E0382]\u{1b}[0m\u{1b}[0m\u{1b}[1m: borrow of moved value: `shop`\u{1b}[0m\n \u{1b}[34m-->\u{1b}[0m src/report.rs:3:5\n",
            "moved",
        ),
    ] {
        let ran = sandbox.with_input(&["search", "-", "--format", "ids"], input.as_bytes());
        assert_eq!(ran.code, Some(0), "{input}: {}", ran.stderr);
        assert_eq!(ran.lines().first(), Some(&id), "{input}");
        let ran = sandbox.with_input(&["search", "-"], input.as_bytes());
        assert!(
            ran.stderr.contains("read as an error: "),
            "{input}: {}",
            ran.stderr
        );
        assert!(!ran.stderr.contains('\u{1b}'), "{input}: {}", ran.stderr);
    }
    let ran = sandbox.with_input(&["search", "-", "--literal", "--json"], in_log.as_bytes());
    assert_ne!(
        ran.json()["hits"][0]["id"],
        "subscript",
        "noise counts when every word does"
    );
}

#[test]
fn json_says_what_identifies_an_error() {
    let sandbox = Sandbox::indexed_from(ENTRIES);
    let error = "Caused by: java.io.IOException: cannot open '/tmp/x' (E1234): code 7";
    let ran = sandbox.qdex(&["search", "--json", error]);
    let json = ran.json();
    assert_eq!(json["query"], error);
    assert_eq!(
        json["error"],
        serde_json::json!({
            "class": "java.io.IOException",
            "codes": ["E1234", "7"],
            "message": "cannot open '…' (E1234): code 7",
        })
    );
    assert_eq!(
        json["read_as"],
        "java.io.IOException E1234 7: cannot open '…' (E1234): code 7"
    );
    for arguments in [
        &["search", "--json", "--literal", error][..],
        &["search", "--json", "why is a value moved"],
        &["search", "--json", "\"TypeError: not callable\""],
    ] {
        let json = sandbox.qdex(arguments).json();
        assert!(json["error"].is_null(), "{arguments:?}: {json}");
    }
}

#[test]
fn a_message_that_an_entry_quotes_is_a_signal_of_its_own() {
    let sandbox = Sandbox::indexed_from(ENTRIES);
    let ran = sandbox.qdex(&[
        "search",
        "--explain",
        "-n",
        "1",
        "TypeError: 'Basket' object is not callable",
    ]);
    assert!(
        ran.stdout.contains("message:=object callabl"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_line_of_a_log_is_no_filter() {
    let sandbox = Sandbox::indexed_from(ENTRIES);
    let ran = sandbox.qdex(&[
        "search",
        "--format",
        "ids",
        "[main] INFO com.example.App - started",
    ]);
    assert_eq!(ran.lines().first(), Some(&"app"), "{}", ran.stderr);
    let ran = sandbox.qdex(&["search", "--format", "ids", "[main] result"]);
    assert_eq!(ran.lines(), ["subscript"], "a tag filters: {}", ran.stderr);
}

/// Texts that other query languages refuse, exclude by, or match everything by, and what is found first.
#[test]
fn hard_texts_are_data_through_the_whole_program() {
    let sandbox = Sandbox::indexed_from(concat!(
        r#"{"id": "amend", "title": "Changing a commit", "answers": [{"body": "`git commit --amend`"}]}"#,
        "\n",
        r#"{"id": "wall", "title": "Warnings", "answers": [{"body": "`gcc -Wall`"}]}"#,
        "\n",
        r#"{"id": "key", "title": "Lookups", "answers": [{"body": "```text\nKeyError: 'x'\n```"}]}"#,
        "\n",
        r#"{"id": "select", "title": "Is `SELECT * FROM t` slow?", "answers": [{"body": "Yes."}]}"#,
        "\n",
        r#"{"id": "panic", "title": "Crash", "answers": [{"body": "Don't panic."}]}"#,
        "\n",
        r#"{"id": "list", "title": "What does list[0] need?", "answers": [{"body": "An element."}]}"#,
        "\n",
        r#"{"id": "vector", "title": "What is std::vector?", "answers": [{"body": "An array."}]}"#,
        "\n",
        r#"{"id": "regex", "title": "What does `^foo.*bar$` match?", "answers": [{"body": "Lines."}]}"#,
        "\n",
        r#"{"id": "shell", "title": "What is 2>&1?", "answers": [{"body": "`make > log 2>&1`"}]}"#,
        "\n",
        r#"{"id": "json", "title": "Trailing commas", "answers": [{"body": "```json\n{\"name\": [1, 2]}\n```"}]}"#,
        "\n",
    ));
    for (text, first) in [
        ("--amend", "amend"),
        ("git commit --amend", "amend"),
        ("-Wall", "wall"),
        ("KeyError: 'x'", "key"),
        ("SELECT * FROM t", "select"),
        ("don't panic", "panic"),
        ("list[0]", "list"),
        ("std::vector", "vector"),
        ("^foo.*bar$", "regex"),
        ("make > log 2>&1", "shell"),
        ("{\"name\": [1, 2]}", "json"),
        ("amend OR", "amend"),
        ("NOT amend", "amend"),
        ("AND (amend", "amend"),
        ("amend~ ^", "amend"),
        ("amend\u{0}\u{1b}[2J\u{7}", "amend"),
        ("title: amend", "amend"),
        ("\"amend", "amend"),
        ("[amend", "amend"),
        ("amend\r\n\r\n", "amend"),
    ] {
        let ran = sandbox.with_input(&["search", "-", "--json"], text.as_bytes());
        assert_eq!(ran.code, Some(0), "{text:?}: {}", ran.stderr);
        let json = ran.json();
        assert_eq!(json["hits"][0]["id"], first, "{text:?}");
        let total = json["total"].as_u64().expect("is a number");
        assert!(total < 10, "{text:?} matches everything");
    }
    // A megabyte of anything is answered, and so are bytes that are no text.
    let mut noise: Vec<u8> = Vec::with_capacity(1 << 20);
    let mut state = 1u64;
    while noise.len() < (1 << 20) - 64 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        noise.push((state >> 33) as u8);
    }
    let lines = "  File \"/a/b.py\", line 1, in f\n".repeat((1 << 17) / 31);
    let error = format!("{lines}KeyError: 'x'");
    for (input, code) in [
        (noise.as_slice(), None),
        (error.as_bytes(), Some("key")),
        (b"\xff\xfe amend \xff".as_slice(), Some("amend")),
    ] {
        let ran = sandbox.with_input(&["search", "-", "--format", "ids"], input);
        assert!(
            matches!(ran.code, Some(0 | 1)),
            "{:?}: {}",
            ran.code,
            &ran.stderr[..ran.stderr.len().min(400)]
        );
        if let Some(first) = code {
            assert_eq!(ran.lines().first(), Some(&first));
        }
    }
}
