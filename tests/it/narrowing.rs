//! Filters and counts on the command line.

use crate::support::Sandbox;

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
            .ends_with("\n\ntag  caching 1 · memory 1\n"),
        "{}",
        under_hits.stdout
    );
}

#[test]
fn topics_are_a_tree_with_bars() {
    let sandbox = Sandbox::indexed();
    let tree = sandbox.qdex(&["facets", "topic", "--bars", "ascii"]);
    let bar = |length| "#".repeat(length);
    let expected = format!(
        "topic\n    git          1  {}\n    python       2  {}\n      gc         2  {1}\n    rust         1  {0}\n      ownership  1  {0}\n",
        bar(20),
        bar(40),
    );
    assert_eq!(tree.stdout, expected);
    let tops = sandbox.qdex(&["facets", "topic", "--depth", "1"]);
    assert_eq!(
        tops.stdout,
        "topic\n    git     1\n    python  2\n    rust    1\n"
    );
    let json = sandbox
        .qdex(&["facets", "topic", "--depth", "1", "--json"])
        .json();
    assert_eq!(json["topic"].as_array().map(Vec::len), Some(3));
}

#[test]
fn values_can_be_left_out() {
    let sandbox = Sandbox::indexed();
    let left_out = sandbox.qdex(&["facets", "difficulty", "--not", "difficulty:hard,easy"]);
    assert_eq!(
        left_out.stdout,
        "difficulty\n  - easy    1\n    medium  2\n  - hard    1\n"
    );
    let json = sandbox.qdex(&["facets", "difficulty", "--not", "topic:gc", "--json"]);
    assert_eq!(
        json.json()["difficulty"],
        serde_json::json!([{"value": "easy", "count": 1, "selected": false}, {"value": "medium", "count": 1, "selected": false}])
    );
    let ids = sandbox.qdex(&[
        "search",
        "--not",
        "topic:python",
        "--not",
        "tag:memory",
        "--format",
        "ids",
    ]);
    assert_eq!(ids.stdout, "git#amend\n");
    for (value, said) in [
        ("tag", "expected a field and its values"),
        ("tga:x", "did you mean `tag`?"),
        ("tag:", "`tag:` needs a value"),
        ("difficulty:hrad", "did you mean `hard`?"),
    ] {
        let ran = sandbox.qdex(&["facets", "--not", value]);
        assert_eq!(ran.code, Some(2), "{value}");
        assert!(ran.stderr.contains(said), "{value}: {}", ran.stderr);
    }
}

#[test]
fn counts_are_not_dropped_silently() {
    let sandbox = Sandbox::indexed();
    for format in ["csv", "ids", "jsonl"] {
        let ran = sandbox.qdex(&["search", "weakref", "--facets", "--format", format]);
        assert_eq!(ran.code, Some(2), "{format}");
        assert_eq!(ran.stdout, "");
        assert!(
            ran.stderr.contains("no place for the counts"),
            "{}",
            ran.stderr
        );
        assert!(
            ran.stderr.contains("`qdex facets --json`"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn an_empty_result_says_what_stands_in_its_way() {
    let sandbox = Sandbox::indexed();
    let arguments = ["search", "reference", "-d", "easy", "tag:memory"];
    let text = sandbox.qdex(&arguments);
    assert_eq!(text.code, Some(1), "{}", text.stderr);
    assert_eq!(
        text.stderr,
        "no hits for `reference tag:memory`\nhint: without `difficulty:easy` there are 2 hits\n"
    );
    let json = sandbox.qdex(&[&arguments[..], &["--json"]].concat()).json();
    assert_eq!(
        json["warnings"],
        serde_json::json!(["without `difficulty:easy` there are 2 hits"])
    );
    let ids = sandbox.qdex(&[&arguments[..], &["--format", "ids"]].concat());
    assert!(
        ids.stderr.contains("without `difficulty:easy`"),
        "{}",
        ids.stderr
    );
    let in_query = sandbox.qdex(&["search", "reference difficulty:easy tag:memory", "--json"]);
    assert_eq!(in_query.json()["suggestion"], "reference tag:memory");
}
