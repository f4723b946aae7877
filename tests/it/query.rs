//! The query language from outside: what each operator finds, and that no text fails, excludes or lists everything
//! by accident.

use qdex::{Difficulty, Entry, FacetField, Filter, SearchOptions};

use crate::sample::{Sample, entry, ids};
use crate::support::Sandbox;

/// Entries about names that are easily confused, with facets, votes and dates.
fn sample() -> Sample {
    let tagged = |id: &str, title: &str, answer: &str, tags: &[&str]| Entry {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..entry(id, title, answer)
    };
    let mut accepted = Entry {
        difficulty: Some(Difficulty::Hard),
        score: Some(12),
        updated: Some("2021-06-15T08:00:00Z".to_owned()),
        ..tagged(
            "weak",
            "What does a weak reference keep alive?",
            "Nothing: a weakref does not count.\n\n```python\nimport weakref\nr = weakref.ref(obj)\n```",
            &["python", "memory"],
        )
    };
    accepted.answers[0].accepted = true;
    let unanswered = Entry {
        answers: Vec::new(),
        score: Some(-3),
        ..tagged("open", "Is a reference to a weak lock safe?", "", &["c++"])
    };
    Sample::new(&[
        accepted,
        unanswered,
        Entry {
            difficulty: Some(Difficulty::Easy),
            score: Some(2),
            updated: Some("2019".to_owned()),
            ..tagged(
                "move",
                "How does one move a file?",
                "Use `mv`, which moves it.",
                &["shell"],
            )
        },
        Entry {
            difficulty: Some(Difficulty::Hard),
            created: Some("2020-12-31".to_owned()),
            ..tagged(
                "std-move",
                "What does it cast?",
                "It casts to an rvalue.\n\n```cpp\nauto b = std::move(a);\n```",
                &["c++"],
            )
        },
        entry("std", "What is in std?", "Collections."),
        entry("c", "Pointers in C", "A C array decays."),
        entry("cpp", "Pointers in C++", "C++ has smart pointers."),
        entry("csharp", "Pointers in C#", "C# needs an unsafe block."),
        entry("camel", "How is it named?", "Call `getUserName(id)`."),
        entry("snake", "How is it called?", "Call `get_user_name(id)`."),
        entry(
            "amend",
            "Changing the last commit",
            "With `git commit --amend`.",
        ),
        entry("contract", "Changing a contract", "The parties amend it."),
        entry(
            "wall",
            "Which warnings are on?",
            "`gcc -Wall` turns most on.",
        ),
        entry("brick", "What is a wall?", "Bricks."),
        entry(
            "key-error",
            "Lookups that fail",
            "```text\nKeyError: 'x'\n```",
        ),
        entry(
            "select",
            "Is `SELECT * FROM t` slow?",
            "It reads every column.",
        ),
        entry("panic", "What to do in a crash?", "Don't panic."),
        entry(
            "list",
            "What does list[0] need?",
            "A list that is not empty.",
        ),
        entry(
            "borrow",
            "What does the borrow checker reject?",
            "Two borrows of which one is mutable.",
        ),
    ])
}

const ENTRIES: usize = 19;

fn found(sample: &Sample, query: &str) -> String {
    let options = SearchOptions {
        limit: usize::MAX,
        ..SearchOptions::default()
    };
    let results = sample.search(query, &options);
    assert_eq!(results.total as usize, results.hits.len(), "{query}");
    let ranked = sample.searcher.rank(query, &options).expect("answers");
    let ranked: Vec<_> = ranked.into_iter().map(|(id, _)| id).collect();
    assert_eq!(ranked, ids(&results), "{query}");
    ranked.join(" ")
}

#[test]
fn operators_find_what_they_demand() {
    let sample = sample();
    // In the order of the ids, unless the query has words.
    for (query, expected) in [
        // Phrases: next to each other, in order; as they stand before any other way.
        ("\"weak reference\"", "weak"),
        ("\"reference weak\"", ""),
        ("\"checker borrow\"", ""),
        ("\"Borrow   CHECKER\"", "borrow"),
        ("\"user name\"", "camel snake"),
        ("\"getUserName\"", "camel"),
        ("\"get_user_name\"", "snake"),
        ("\"user_names\"", "camel snake"),
        ("\"git commit --amend\"", "amend"),
        ("\"don't panic\"", "panic"),
        ("\"smart pointers\" C", "cpp"),
        // Code, as it stands in code.
        ("code:\"std::move(\"", "std-move"),
        ("code:std::move(a)", "std-move"),
        ("code:\"b = std::move(a);\"", "std-move"),
        ("code:\"weakref.ref(obj)\"", "weak"),
        ("code:\"Weakref.ref\"", ""),
        ("code:\"rvalue\"", ""),
        ("code:\"=\"", "std-move weak"),
        ("code:getUserName", "camel"),
        // Titles.
        ("title:pointers", "c cpp csharp"),
        ("title:pointer", "c cpp csharp"),
        ("title:C++", "cpp"),
        ("title:\"borrow checker\"", "borrow"),
        ("title:bricks", ""),
        // Facets.
        ("difficulty:hard", "std-move weak"),
        ("difficulty:hard,easy", "move std-move weak"),
        ("tag:c++", "open std-move"),
        ("[c++]", "open std-move"),
        ("[c++] [shell]", "move open std-move"),
        ("[c++] difficulty:hard", "std-move"),
        ("[c++] -difficulty:hard", "open"),
        ("tag:memory cast", ""),
        ("-[c++] difficulty:hard", "weak"),
        // Votes, dates, answers.
        ("score:2", "move weak"),
        ("score:>2", "weak"),
        ("score:<0", "open"),
        ("-score:<0 score:<=2", "move"),
        ("after:2020", "std-move weak"),
        ("after:2021-06", "weak"),
        ("after:2021-06-16", ""),
        ("before:2020-12-31", "move"),
        ("before:2021", "move std-move"),
        ("is:accepted", "weak"),
        ("hasaccepted:no [c++]", "open std-move"),
        ("-is:answered", "open"),
        // OR and NOT.
        ("title:brick OR title:wall", "brick"),
        ("weakref OR rvalue", "std-move weak"),
        ("[shell] OR code:\"std::move(\"", "move std-move"),
        ("[shell] OR rvalue", "std-move move"),
        ("pointers NOT unsafe", "c cpp"),
        ("pointers -\"smart pointers\"", "c csharp"),
        ("pointers -title:C#", "c cpp"),
        ("call -code:getUserName", "snake"),
        ("amend NOT \"git commit\"", "contract"),
    ] {
        let has_words = !expected.is_empty();
        let in_order = |ids: &str| {
            let mut ids: Vec<&str> = ids.split(' ').collect();
            if has_words {
                ids.sort_unstable();
            }
            ids.join(" ")
        };
        assert_eq!(
            in_order(&found(&sample, query)),
            in_order(expected),
            "{query}"
        );
    }
}

#[test]
fn what_is_not_an_operator_never_fails_excludes_or_lists_everything() {
    let sample = sample();
    for (query, first) in [
        ("C", "c"),
        ("C++", "cpp"),
        ("C#", "csharp"),
        ("std::move", "std-move"),
        ("std::vector", "std"),
        ("--amend", "amend"),
        ("git commit --amend", "amend"),
        ("-Wall", "wall"),
        ("gcc -Wall", "wall"),
        ("KeyError: 'x'", "key-error"),
        ("SELECT * FROM t", "select"),
        ("SELECT * FROM t WHERE a OR b NOT NULL", "select"),
        ("don't panic", "panic"),
        ("list[0]", "list"),
        ("printf(\"wall\")", "brick"),
        ("bricks \"", "brick"),
        ("[ERROR] bricks", "brick"),
        ("tag: bricks", "brick"),
        ("bricks OR", "brick"),
        ("NOT bricks", "brick"),
    ] {
        let options = SearchOptions {
            limit: usize::MAX,
            ..SearchOptions::default()
        };
        let results = sample.search(query, &options);
        let found = ids(&results);
        assert_eq!(found.first().map(String::as_str), Some(first), "{query}");
        assert!(found.len() < ENTRIES, "{query} lists everything");
        assert_eq!(results.warnings, [""; 0], "{query}");
    }
    for (query, not) in [("C", "cpp csharp"), ("C++", "c csharp"), ("C#", "c cpp")] {
        let found = found(&sample, query);
        let is_found = |id: &str| found.split(' ').any(|found| found == id);
        assert!(!not.split(' ').any(is_found), "{query}: {found}");
    }
    assert!(found(&sample, "std::move").starts_with("std-move"));
    assert!(found(&sample, "--amend").contains("contract"));
}

#[test]
fn odd_queries_give_warnings_and_results() {
    let sample = sample();
    for (query, read_as, warning, first) in [
        (
            "bricks difficulty:spicy",
            "bricks difficulty:spicy",
            "`difficulty:spicy` is searched for as text: expected one of `easy`, `medium`, `hard`",
            "brick",
        ),
        (
            "weakref tag:pythn",
            "weakref tag:pythn",
            "`tag:pythn` is searched for as text: no entry has tag `pythn`; did you mean `python`?",
            "weak",
        ),
        (
            "weakref tag:python,nope",
            "weakref tag:python",
            "`nope` is left out of `tag:python,nope`: no entry has tag `nope`",
            "weak",
        ),
        (
            "[main] bricks",
            "[main] bricks",
            "`[main]` is searched for as text: no entry has tag `main`",
            "brick",
        ),
        (
            "bricks -tag:nope",
            "bricks",
            "`-tag:nope` excludes nothing: no entry has tag `nope`",
            "brick",
        ),
        (
            "bricks \"(\"",
            "bricks (",
            "`\"(\"` is searched for as text: there is no word in it",
            "brick",
        ),
        (
            "\"users name\"",
            "\"users name\"",
            "no entry has `users name` as it stands: these have its words next to each other",
            "camel",
        ),
        (
            "why does the wall NOT fall",
            "why does the wall NOT fall",
            "`NOT` excludes nothing in a sentence; did you mean `-\"fall\"`?",
            "brick",
        ),
    ] {
        let results = sample.search(query, &SearchOptions::default());
        assert_eq!(results.warnings, [warning], "{query}");
        assert_eq!(results.read_as, read_as);
        assert_eq!(ids(&results)[0], first, "{query}");
    }
    let nothing = sample.search("\"checker borrow\" rust", &SearchOptions::default());
    assert_eq!(nothing.total, 0);
    assert_eq!(nothing.suggestion.as_deref(), Some("checker borrow rust"));
    let many = sample.search(&"score:x1 is:y ".repeat(50), &SearchOptions::default());
    assert_eq!(many.warnings.len(), 2);
}

#[test]
fn plain_words_in_quotes_are_found_in_any_form_and_first_as_typed() {
    let sample = Sample::new(&[
        entry("one", "A memory leak", "It is never given back."),
        entry("many", "Memory leaks", "They are never given back."),
        entry("apart", "Memory, leaks", "A comma does not part them."),
        entry("other", "Leaks of memory", "In another order."),
    ]);
    for (query, expected) in [
        ("\"memory leaks\"", "many apart one"),
        ("\"memory leak\"", "one apart many"),
        ("title:\"memory leaks\"", "many apart one"),
        // With a sign in it, it is meant as it stands, and so is a word alone.
        ("\"memory, leaks\"", "apart"),
        ("\"leaks\"", "apart many other"),
    ] {
        let mut found = sample.ids(query);
        // Where none is as typed, they are in the order of their scores.
        if let Some(rest) = found.get_mut(1..) {
            rest.sort_unstable();
        }
        if query == "\"leaks\"" {
            found.sort_unstable();
        }
        assert_eq!(found.join(" "), expected, "{query}");
    }
    let explained = SearchOptions {
        explain: true,
        ..SearchOptions::default()
    };
    let results = sample.search("\"memory leaks\"", &explained);
    assert_eq!((results.total, results.warnings.len()), (3, 0));
    for (hit, is_as_typed) in results.hits.iter().zip([true, false, false]) {
        let contributions = hit.explanation.as_ref().expect("is explained");
        let has_phrase = contributions.iter().any(|part| part.signal == "phrase");
        assert_eq!(has_phrase, is_as_typed, "{}", hit.entry.id);
        let sum: f32 = contributions.iter().map(|part| part.score).sum();
        assert!((sum - hit.score).abs() < 1e-3, "{sum} {}", hit.score);
    }
}

#[test]
fn a_rare_word_is_found_beside_one_that_all_entries_have() {
    let made = |number: usize| {
        let title = match number {
            100 | 599 => "Rare common things",
            400 => "Common rare things",
            _ => "Common things",
        };
        entry(&format!("{number:03}"), title, "The common text.")
    };
    let sample = Sample::new(&(0..600).map(made).collect::<Vec<_>>());
    for (query, expected) in [
        ("\"rare common\"", "100 599"),
        ("\"common rare\"", "400"),
        ("\"common rare things\"", "400"),
        ("\"things rare\"", ""),
    ] {
        assert_eq!(sample.ids(query).join(" "), expected, "{query}");
    }
}

#[test]
fn filters_of_query_and_options_both_narrow_and_facets_count_beside_them() {
    let sample = sample();
    let options = |value: &str| SearchOptions {
        filters: vec![Filter {
            field: FacetField::Difficulty,
            values: vec![value.to_owned()],
            excluded: false,
        }],
        facets: vec![FacetField::Difficulty, FacetField::Tag],
        ..SearchOptions::default()
    };
    for (query, value, hits, counts) in [
        (
            "difficulty:hard",
            "hard",
            "std-move weak",
            "easy 1, hard* 2; c++ 1, memory 1, python 1",
        ),
        ("difficulty:hard", "easy", "", "easy* 1, hard* 2; "),
        (
            "[c++]",
            "hard",
            "std-move",
            "hard* 1; c++* 1, memory 1, python 1",
        ),
        (
            "code:\"weakref.ref(\"",
            "hard",
            "weak",
            "hard* 1; memory 1, python 1",
        ),
        ("code:\"weakref.ref(\"", "easy", "", "easy* 0, hard 1; "),
    ] {
        let results = sample.search(query, &options(value));
        let mut found = ids(&results);
        found.sort();
        assert_eq!(found.join(" "), hits, "{query}");
        let counted = results.facets.iter().map(|facet| {
            let values = facet.values.iter().map(|value| {
                let mark = if value.selected { "*" } else { "" };
                format!("{}{mark} {}", value.value, value.count)
            });
            values.collect::<Vec<_>>().join(", ")
        });
        assert_eq!(
            counted.collect::<Vec<_>>().join("; "),
            counts,
            "{query} {value}"
        );
    }
}

#[test]
fn more_entries_than_are_checked_are_not_left_out_in_silence() {
    let entries: Vec<Entry> = (0..1_200)
        .map(|number| {
            let code = if number % 3 == 0 { "A = b" } else { "a = b" };
            entry(
                &format!("e{number:04}"),
                "Comparing",
                &format!("```\n{code}\n```"),
            )
        })
        .collect();
    let sample = Sample::new(&entries);
    for (code, total) in [("A = b", 334), ("b", 1_000)] {
        let query = format!("code:\"{code}\"");
        let results = sample.search(&query, &SearchOptions::default());
        assert_eq!(results.total, total, "{query}");
        let warning = format!(
            "only the best 1000 of 1200 entries with its words were checked for `{code}`: \
             there may be more hits"
        );
        assert_eq!(results.warnings, [warning]);
    }
}

#[test]
fn hundreds_of_kilobytes_of_operators_are_answered() {
    let sample = sample();
    for piece in [
        "[a] ",
        "a OR ",
        "tag:a,b ",
        "tag:a,",
        "-\"wall\" ",
        "wall NOT x ",
        "score:x ",
    ] {
        let query = piece.repeat((1 << 18) / piece.len());
        let results = sample.search(&query, &SearchOptions::default());
        assert!(results.total < ENTRIES as u64, "{piece}");
        assert!(results.warnings.len() < 10, "{piece}");
    }
    let phrase = format!("\"{}\"", "wall ".repeat(200_000));
    let results = sample.search(&phrase, &SearchOptions::default());
    assert_eq!(results.total, 0);
}

#[test]
fn the_program_says_how_a_query_was_read() {
    let sandbox = Sandbox::indexed();
    let ran = sandbox.qdex(&[
        "search",
        "--format=ids",
        "[memory] -difficulty:hard score:5 OR borrow",
    ]);
    assert_eq!(ran.lines(), ["rust/ownership#borrow"], "{}", ran.stderr);
    let ran = sandbox.qdex(&["search", "[memory] hasaccepted:no NOT \"borrow checker\""]);
    assert!(
        ran.stderr
            .contains("read as: [memory] -is:accepted -\"borrow checker\""),
        "{}",
        ran.stderr
    );
    let ran = sandbox.qdex(&["search", "collector", "tag:memry"]);
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.stderr
            .contains("warning: `tag:memry` is searched for as text"),
        "{}",
        ran.stderr
    );
    let ran = sandbox.qdex(&["search", "\"cycles reference\""]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("did you mean: cycles reference"),
        "{}",
        ran.stderr
    );
    let ran = sandbox.qdex(&[
        "search",
        "--explain",
        "--json",
        "\"borrow checker\" -tag:caching",
    ]);
    assert_eq!(ran.json()["total"], 1);
    assert!(ran.json()["hits"][0]["explanation"].is_array());
    let ran = sandbox.with_input(&["repl"], b"[memory] NOT cycles\n:facets tag\n");
    assert!(ran.stdout.contains("caching"), "{}", ran.stdout);
    for query in [
        "std::vector",
        "KeyError: 'x'",
        "SELECT * FROM t",
        "don't panic",
        "list[0]",
        "x -Wall",
        "x --amend",
    ] {
        let arguments: Vec<&str> = ["search", "--format=ids"]
            .into_iter()
            .chain(query.split(' '))
            .collect();
        let ran = sandbox.qdex(&arguments);
        assert!(matches!(ran.code, Some(0 | 1)), "{query}: {}", ran.stderr);
        assert!(ran.lines().len() < 4, "{query} lists everything");
    }
}
