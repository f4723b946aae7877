//! Several answers to one question: whose a snippet is, and how to go straight there.

use crate::support::Sandbox;

/// A thread with three answers, of which the second one was accepted, and an entry with an `@` in its id.
const THREADS: &str = r##"{"id": "threads/7", "title": "How do I sum a list?", "question": "I tried this:\n\n```python\ntotal = items.sum()\n```", "score": 4, "answers": [{"id": "71", "score": 2, "body": "With a loop:\n\n```python\nfor item in items: total += item\n```"}, {"id": "72", "score": 9, "accepted": true, "body": "There is a function for that. Call `sum`:\n\n```python\ntotal = sum(items)\n```"}, {"score": -1, "body": "Use numpy, whose arrays have a method."}]}
{"id": "@scope/pkg#a", "title": "What is a scope?", "answers": [{"body": "A prefix of packages."}]}
{"id": "lonely", "title": "Why does nobody answer?"}
"##;

#[test]
fn a_hit_says_whose_its_passage_and_its_code_are() {
    let sandbox = Sandbox::indexed_from(THREADS);
    let hit = &sandbox
        .qdex(&["search", "--json", "sum items function"])
        .json()["hits"][0];
    for part in ["snippet", "code", "code_lead"] {
        assert_eq!(
            hit[part]["answer"],
            serde_json::json!({"name": "72", "id": "72", "score": 9, "accepted": true}),
            "{part}"
        );
    }
    assert_eq!(hit["code"]["text"], "total = sum(items)");
    assert_eq!(
        hit["code"]["lines"],
        serde_json::json!({"first": 1, "of": 1})
    );
    assert_eq!(hit["code_lead"]["text"], "Call sum:");
    let hit = &sandbox.qdex(&["search", "--json", "numpy arrays"]).json()["hits"][0];
    assert_eq!(
        hit["snippet"]["answer"],
        serde_json::json!({"name": "3", "id": null, "score": -1, "accepted": false})
    );
    let hit = &sandbox.qdex(&["search", "--json", "tried"]).json()["hits"][0];
    assert_eq!(hit["snippet"]["answer"], serde_json::Value::Null);

    let text = sandbox.qdex(&["search", "numpy arrays"]).stdout;
    assert!(text.contains("   answer @3, 3 of 3 · -1 votes\n"), "{text}");
    let text = sandbox.qdex(&["search", "sum function"]).stdout;
    assert_eq!(
        text.matches("answer @72, 2 of 3 · accepted · 9 votes")
            .count(),
        1,
        "{text}"
    );
    let text = sandbox.qdex(&["search", "tried"]).stdout;
    assert!(text.contains("   from the question\n"), "{text}");
    // The only answer, of which nothing else is known, needs no name.
    let text = sandbox.qdex(&["search", "scope"]).stdout;
    assert!(!text.contains("answer"), "{text}");
}

#[test]
fn an_answer_is_shown_by_its_name() {
    let sandbox = Sandbox::indexed_from(THREADS);
    for (id, shown, not_shown) in [
        ("threads/7@72", "Call `sum`", "With a loop"),
        ("threads/7@accepted", "Call `sum`", "With a loop"),
        ("threads/7@1", "With a loop", "Call `sum`"),
        ("/threads/7@3", "Use numpy", "I tried this"),
        ("@scope/pkg#a", "A prefix", "nothing else"),
        ("@scope/pkg#a@1", "A prefix", "nothing else"),
    ] {
        let ran = sandbox.qdex(&["show", id]);
        assert_eq!(ran.code, Some(0), "{id}: {}", ran.stderr);
        assert!(
            ran.stdout.contains(shown) && !ran.stdout.contains(not_shown),
            "{id}: {}",
            ran.stdout
        );
    }
    let whole = sandbox.qdex(&["show", "threads/7"]).stdout;
    for heading in [
        "Answer 1 of 3 · 2 votes · @71",
        "Answer 2 of 3 · accepted · 9 votes · @72",
        "Answer 3 of 3 · -1 votes",
    ] {
        assert!(whole.contains(&format!("\n{heading}\n")), "{whole}");
    }
    assert_eq!(
        sandbox.qdex(&["show", "--code", "threads/7@72"]).stdout,
        "total = sum(items)\n"
    );
    let json = sandbox.qdex(&["show", "--json", "threads/7@72"]).json();
    assert_eq!(json["answers"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["answers"][0]["id"], "72");
    assert_eq!(
        sandbox.qdex(&["show", "--code", "threads/7@3"]).code,
        Some(1)
    );
}

#[test]
fn an_unknown_answer_is_an_error_with_those_there_are() {
    let sandbox = Sandbox::indexed_from(THREADS);
    for (id, message) in [
        (
            "threads/7@73",
            "error: `threads/7` has no answer `73`\nhint: there are `@71` (2 votes), `@72` (accepted, 9 votes), `@3` (-1 votes)\n",
        ),
        ("threads/7@0", "error: `threads/7` has no answer `0`\n"),
        (
            "lonely@1",
            "error: `lonely` has no answer `1`\nhint: it has no answers\n",
        ),
        ("@scope/pkg#a@accepted", "has no answer `accepted`"),
        ("threads/8@1", "error: no entry has the id `threads/8`"),
        ("nothing@", "error: no entry has the id `nothing`"),
    ] {
        let ran = sandbox.qdex(&["show", id]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{id}");
        assert!(ran.stderr.contains(message), "{id}: {}", ran.stderr);
    }
}
