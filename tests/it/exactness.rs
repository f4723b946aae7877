//! The exactness ladder: a name as it was typed comes before the same name in another style, that before its parts in
//! order, and those before its parts anywhere.

use qdex::{Entry, Rung, SearchOptions};

use crate::sample::{Sample, entry, ids};
use crate::support::Sandbox;

/// Every entry has the parts of the names; those that only have the parts have them often, and in the title.
fn sample() -> Sample {
    let entries = [
        parts_everywhere("parts-move", "move std on"),
        parts_everywhere("parts-user", "name user get"),
        parts_everywhere("parts-amend", "amend"),
        entry(
            "std-move",
            "What is taken out of a value?",
            "Whatever is said about it at length, in many words, with examples and asides that have nothing to do with \
             it, and much else besides, in the end `std::move(x)` is only a cast, and moves nothing.",
        ),
        entry(
            "in-order-move",
            "Which header has it?",
            "In std, `move` comes from `<utility>`.",
        ),
        entry(
            "camel",
            "How is it named in Java?",
            "Call `getUserName(id)` for the name that this user was given when an account was made.",
        ),
        entry(
            "snake",
            "How is it named in Python?",
            "Call `get_user_name(id)`.",
        ),
        entry(
            "pascal",
            "How is it named in Go?",
            "Call `GetUserName(id)`.",
        ),
        entry(
            "prose",
            "What is told to a guest?",
            "How to get user name and password.",
        ),
        entry(
            "amend",
            "How is the last commit changed?",
            "With `git commit --amend`, which writes a new commit in place of it, with another message if one is given.",
        ),
        entry(
            "c",
            "What is a pointer?",
            "In C, an address, with a type: what it points to.",
        ),
        entry(
            "cpp",
            "C++, C++17 and C++20",
            "C++ has references. So has C++/CLI. c is a variable: `char c;`",
        ),
        entry("csharp", "C# and C# 12", "C# has references."),
    ];
    Sample::new(&entries)
}

/// An entry that has words in its title and all over its text.
fn parts_everywhere(id: &str, words: &str) -> Entry {
    let title = format!("{words} {words}: {words}?");
    entry(id, &title, &[words; 20].join(", "))
}

#[test]
fn an_exact_name_comes_before_its_parts() {
    let sample = sample();
    for (query, first) in [
        ("std::move", "std-move in-order-move parts-move"),
        ("what does std::move do", "std-move in-order-move"),
        ("getUserName", "camel pascal snake prose parts-user"),
        ("get_user_name", "snake pascal camel prose parts-user"),
        ("GetUserName", "pascal snake camel prose parts-user"),
        ("get-user-name", "pascal snake camel prose parts-user"),
        ("--amend", "amend parts-amend"),
        ("git commit --amend", "amend parts-amend"),
        ("C", "c cpp"),
        ("pointer in C", "c"),
        ("C++", "cpp"),
        ("c#", "csharp"),
    ] {
        let found = sample.ids(query);
        let expected: Vec<&str> = first.split(' ').collect();
        assert!(found.len() >= expected.len(), "{query}: {found:?}");
        assert_eq!(found[..expected.len()], expected, "{query}");
    }
}

#[test]
fn a_hit_says_its_rung() {
    let sample = sample();
    for (query, id, name, rung) in [
        ("std::move", "std-move", "std::move", Rung::Exact),
        (
            "std::move",
            "in-order-move",
            "std::move",
            Rung::PartsInOrder,
        ),
        ("std::move", "parts-move", "std::move", Rung::Parts),
        ("call getUserName", "camel", "getUserName", Rung::Exact),
        ("call getUserName", "snake", "getUserName", Rung::OtherStyle),
        ("what is --amend?", "parts-amend", "--amend", Rung::Parts),
        ("std::forward", "std-move", "std::forward", Rung::SomeParts),
        ("getUserName commit", "amend", "getUserName", Rung::None),
        ("c++", "cpp", "c++", Rung::OtherStyle),
    ] {
        let options = SearchOptions {
            limit: 400,
            ..SearchOptions::default()
        };
        let found = sample.search(query, &options);
        let hit = found.hits.iter().find(|hit| hit.entry.id == id);
        let hit = hit.unwrap_or_else(|| panic!("{query}: {id} is not among {:?}", ids(&found)));
        let [found] = hit.names.as_slice() else {
            panic!("{query}: {:?}", hit.names)
        };
        assert_eq!(
            (found.name.as_str(), found.rung),
            (name, rung),
            "{query}: {id}"
        );
        let lacks = hit.missing.iter().any(|missing| missing == name);
        assert_eq!(
            lacks,
            matches!(rung, Rung::SomeParts | Rung::None),
            "{query}: {id} {:?}",
            hit.missing
        );
    }
}

#[test]
fn an_exact_name_comes_before_any_number_of_its_parts() {
    // More than phase 2 looks at.
    let parts = (0..300).map(|place| parts_everywhere(&format!("x{place:03}"), "user get name"));
    let mut entries: Vec<Entry> = parts.collect();
    let long = "Much is said about names, and little of it is of use to anyone. ".repeat(200);
    let buried = |id: &str, name: &str| entry(id, "Names", &format!("{long} `{name}` {long}"));
    entries.push(buried("snake", "get_user_name"));
    entries.push(buried("camel", "getUserName"));
    let sample = Sample::new(&entries);
    for (query, first) in [
        ("getUserName", ["camel", "snake"]),
        ("what is get_user_name?", ["snake", "camel"]),
    ] {
        assert_eq!(sample.ids(query)[..2], first, "{query}");
    }
}

#[test]
fn names_are_found_in_an_index_of_several_windows() {
    // Scores are added up over 8,192 entries at a time, and postings stand in blocks of 128: neither ends with the other.
    let entry = |number: usize| {
        let name = match number % 3 {
            0 => "getUserName",
            1 => "get_user_name",
            _ => "neither",
        };
        format!("{{\"id\": \"{number:05}\", \"title\": \"Why does {name} fail?\"}}\n")
    };
    let sandbox = Sandbox::indexed_from(&(0..9_000).map(entry).collect::<String>());
    let arguments = ["search", "--json", "--explain", "-n", "3001", "getUserName"];
    let found = sandbox.qdex(&arguments).json();
    assert_eq!(found["total"], 6_000);
    let hits = found["hits"].as_array().expect("is a list");
    let exact = hits.iter().take_while(|hit| {
        let title = hit["title"].as_str().unwrap_or_default();
        title.contains("getUserName")
    });
    assert_eq!(exact.count(), 3_000);
    assert!(
        hits[3_000]["title"]
            .as_str()
            .expect("is text")
            .contains("get_user_name")
    );
}
