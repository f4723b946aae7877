//! `show`, `facets` and `stats`: what stands in an index.

use crate::support::{Sandbox, WEAK};

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
fn stats_say_what_the_index_holds() {
    let sandbox = Sandbox::indexed();
    let json = sandbox.qdex(&["stats", "--json"]).json();
    assert_eq!(json["entries"], 4);
    assert_eq!(json["paths"], serde_json::json!(["entries.jsonl"]));
    assert_eq!(json["index"], "index");
    // The parts are the whole, but for the heads of files.
    let parts = json["parts"].as_array().expect("is a list");
    let bytes = |part: &serde_json::Value| part["bytes"].as_u64().expect("is a number");
    let (sum, whole) = (parts.iter().map(bytes).sum::<u64>(), bytes(&json));
    assert!(sum < whole && whole - sum < 8_000, "{sum} of {whole}");
    let of = |name: &str| parts.iter().find(|part| part["part"] == name);
    assert!(of("entries").is_some_and(|part| part["fields"].as_array().is_some_and(Vec::is_empty)));
    assert_eq!(of("positions").expect("is there")["fields"][0][0], "all");
    let text = sandbox.qdex(&["stats"]);
    assert!(
        text.stdout
            .contains("difficulty        easy 1, medium 2, hard 1\n"),
        "{}",
        text.stdout
    );
    assert!(
        text.stdout.contains("\n  positions       "),
        "{}",
        text.stdout
    );
}
