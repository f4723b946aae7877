//! Names that are not to be confused, and what a hit says about the words of the query.

use qdex::{Entry, SearchOptions};

use crate::sample::{Sample, entry, ids};

/// Entries about names that are easily confused.
pub(crate) fn names() -> Sample {
    Sample::new(&[
        entry("c", "Pointers in C", "A C array decays to a pointer."),
        entry("cpp", "Pointers in C++", "C++ has smart pointers."),
        entry(
            "csharp",
            "Pointers in C#",
            "C# needs an unsafe block for pointers.",
        ),
        entry("fsharp", "Values in F#", "Immutable."),
        entry("dotnet", "What is .NET?", "A runtime of F# and others."),
        entry("move", "How does one move a file?", "Use `mv` to move it."),
        entry(
            "std-move",
            "What does it cast?",
            "`std::move(x)` casts `x` to an rvalue, so that its content may be taken.",
        ),
        entry("std", "What is in std?", "Collections."),
        entry("camel", "How do I name it?", "Call `getUserName(id)`."),
        entry("snake", "What is it called?", "Call `get_user_name(id)`."),
        entry(
            "amend",
            "How do I change the last commit?",
            "With `git commit --amend`.",
        ),
        entry(
            "make-amends",
            "When is a contract changed?",
            "The parties amend it.",
        ),
        entry(
            "key-error",
            "Why is a lookup in a dict an error?",
            "```text\nKeyError: 'x'\n```",
        ),
        entry(
            "index-error",
            "What does list[0] need?",
            "A list that is not empty.",
        ),
        entry(
            "del",
            "When is `__del__` called?",
            "Some time after the last reference went.",
        ),
        entry("statement", "How do I delete a name?", "With `del name`."),
        entry(
            "select",
            "Is `SELECT * FROM t` slow?",
            "It reads every column.",
        ),
        entry("crab", "Who is Ferris? 🦀", "The crab."),
        entry("kanji", "日本語の文字列", "文字列の長さを数える方法。"),
    ])
}

#[test]
fn names_find_what_they_name_first() {
    let sample = names();
    for (query, first) in [
        ("C", "c"),
        ("c", "c"),
        ("C++", "cpp"),
        ("c++ pointers", "cpp"),
        ("C#", "csharp"),
        ("pointers in C#", "csharp"),
        ("F#", "fsharp"),
        (".NET", "dotnet"),
        ("std::move", "std-move"),
        ("what does std::move do", "std-move"),
        ("getUserName", "camel"),
        ("get_user_name", "snake"),
        ("user name", "camel"),
        ("--amend", "amend"),
        ("git commit --amend", "amend"),
        ("KeyError: 'x'", "key-error"),
        ("list[0]", "index-error"),
        ("__del__", "del"),
        ("SELECT * FROM t", "select"),
        ("🦀", "crab"),
        ("文字列", "kanji"),
        ("長さ", "kanji"),
    ] {
        let found = sample.ids(query);
        assert_eq!(
            found.first().map(String::as_str),
            Some(first),
            "{query}: {found:?}"
        );
    }
}

#[test]
fn names_that_look_alike_are_not_found_for_each_other() {
    let sample = names();
    for (query, not) in [
        ("C", &["cpp", "csharp", "fsharp"][..]),
        ("C++", &["c", "csharp", "fsharp"]),
        ("C#", &["c", "cpp", "fsharp"]),
        ("F#", &["csharp", "cpp"]),
    ] {
        let found = sample.ids(query);
        assert!(
            found.iter().all(|id| !not.contains(&id.as_str())),
            "{query}: {found:?}"
        );
    }
}

#[test]
fn a_language_is_found_in_every_sentence() {
    for (query, other, texts) in [
        (
            "C++",
            "C#",
            &[
                "What is C++?",
                "(C++)",
                "C++, and",
                "in C++.",
                "C/C++",
                "C++/CLI",
                "C++-style",
                "c++",
                "C++'s",
                "**C++**",
                "`C++`",
                "C++17",
                "C++; x",
                "\"C++\"",
                "C++:",
                "C++\n",
                "C++!",
                "[C++]",
                "C++20's",
                "C++…",
            ][..],
        ),
        (
            "C#",
            "C++",
            &[
                "What is C#?",
                "(C#)",
                "C#, and",
                "in C#.",
                "F#/C#",
                "C#/F#",
                "C#-style",
                "c#",
                "C#'s",
                "**C#**",
                "`C#`",
                "C#; x",
                "\"C#\"",
                "C#:",
                "[C#]",
                "C#!",
            ],
        ),
        (
            ".NET",
            "C",
            &[
                "What is .NET?",
                "(.NET)",
                "the .NET runtime",
                ".NET's",
                "`.NET`",
                ".net",
                ".NET-based",
            ],
        ),
        ("F#", "F", &["What is F#?", "F#'s", "(F#)"]),
        (
            "node.js",
            "node",
            &["What is Node.js?", "(node.js)", "Node.js's", "node.js."],
        ),
        ("R", "C", &["What is R?", "R's data", "(R)", "in R."]),
    ] {
        let mut entries: Vec<Entry> = (0..texts.len())
            .map(|place| entry(&place.to_string(), texts[place], ""))
            .collect();
        entries.push(entry("other", other, other));
        let sample = Sample::new(&entries);
        let options = SearchOptions {
            limit: 100,
            ..SearchOptions::default()
        };
        let found = ids(&sample.search(query, &options));
        let first = &found[..texts.len().min(found.len())];
        for (place, text) in texts.iter().enumerate() {
            assert!(
                first.contains(&place.to_string()),
                "{query} is not found in {text:?}"
            );
        }
    }
}

#[test]
fn parts_of_a_name_find_every_way_to_write_it() {
    let sample = names();
    for query in [
        "getUserName",
        "get_user_name",
        "GetUserName",
        "user",
        "user name",
        "get-user-name",
    ] {
        let found = sample.ids(query);
        for id in ["camel", "snake"] {
            assert!(found.iter().any(|found| found == id), "{query}: {found:?}");
        }
    }
}

#[test]
fn stop_words_alone_are_words() {
    let sample = Sample::new(&[
        entry("be", "To be or not to be", "That is the question."),
        entry("other", "What is a question?", "A sentence."),
    ]);
    assert_eq!(sample.ids("to be or not to be")[0], "be");
    assert!(!sample.ids("the").is_empty());
    // Beside a word that tells something they count nothing.
    assert_eq!(sample.ids("to be a sentence"), ["other"]);
}

#[test]
fn a_hit_says_which_words_it_lacks() {
    let sample = Sample::new(&[entry("a", "Weak references", "For caches.")]);
    let found = sample.search(
        "How do weakref caches leak std::vector",
        &SearchOptions::default(),
    );
    assert_eq!(found.hits[0].missing, ["weakref", "leak", "std::vector"]);
    // What an entry is filed under is no less a part of it, the language of its code included.
    let filed = Entry {
        tags: vec!["asyncio".to_owned()],
        framework: Some("Django".to_owned()),
        ..entry("a", "Sorting", "```python\nsorted(x)\n```")
    };
    let found = Sample::new(&[filed]).search(
        "python asyncio django sorting lists",
        &SearchOptions::default(),
    );
    assert_eq!(found.hits[0].missing, ["lists"]);
}

#[test]
fn an_explanation_adds_up_to_the_score() {
    let sample = names();
    let options = SearchOptions {
        explain: true,
        ..SearchOptions::default()
    };
    for query in [
        "pointers in c++",
        "get_user_name of a file",
        "commit --amend",
    ] {
        for hit in sample.search(query, &options).hits {
            let parts = hit.explanation.expect("was asked for");
            let sum: f32 = parts.iter().map(|part| part.score).sum();
            assert!(
                (sum - hit.score).abs() <= 1e-4 * hit.score,
                "{query}: {parts:?}"
            );
        }
    }
}
