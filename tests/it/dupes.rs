//! `qdex dupes`: near-duplicates as editors see them.

use crate::support::Sandbox;

const ENTRIES: &str = r##"{"id": "b/closures#closure", "title": "What is a closure in JavaScript?", "answers": [{"body": "A function together with the variables of the scope that it was made in, which it keeps alive as long as it lives itself."}], "source": {"path": "b/closures.md", "line": 7, "format": "markdown"}}
{"id": "a/basics#closure", "title": "What is a closure in JavaScript?", "answers": [{"body": "a function, together with the variables of the *scope* that it was made in, which it keeps alive as long as it lives itself!"}], "source": {"path": "a/basics.md", "line": 41, "format": "markdown"}}
{"id": "a/basics#closures", "title": "What is a closure in JavaScript?", "tags": ["new"], "answers": [{"body": "A function together with the variables of the scope that it was made in, which it keeps alive as long as it exists itself."}], "source": {"path": "a/basics.md", "line": 90, "format": "markdown"}}
{"id": "a/basics#hoisting", "title": "What is hoisting?", "tags": ["new"], "answers": [{"body": "Declarations count from the beginning of their scope."}]}
{"id": "c#hoisting", "title": "What is  Hoisting", "answers": [{"body": "Declarations count from the beginning of their scope."}]}
"##;

#[test]
fn groups_are_listed_with_their_places() {
    let sandbox = Sandbox::indexed_from(ENTRIES);
    let ran = sandbox.qdex(&["dupes"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(
        ran.stdout,
        "1. What is a closure in JavaScript?\n   \
            1.00  a/basics#closure · a/basics.md:41\n   \
            0.87  a/basics#closures · a/basics.md:90\n   \
            1.00  b/closures#closure · b/closures.md:7\n\
         \n\
         2. What is hoisting?\n   \
            1.00  a/basics#hoisting · entries.jsonl:4\n   \
            1.00  c#hoisting · entries.jsonl:5\n         \
                  What is Hoisting\n"
    );
}

#[test]
fn scripts_get_fixed_keys() {
    let sandbox = Sandbox::indexed_from(ENTRIES);
    let ran = sandbox.qdex(&["dupes", "--json", "--min", "1"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let json = ran.json();
    assert_eq!(json["min"], 1.0);
    let groups = json["groups"].as_array().expect("is a list");
    assert_eq!(groups.len(), 2);
    assert_eq!(
        groups[0],
        serde_json::json!({"similarity": 1.0, "entries": [
            {"id": "a/basics#closure", "title": "What is a closure in JavaScript?",
             "source": {"path": "a/basics.md", "line": 41}, "similarity": 1.0, "like": "b/closures#closure"},
            {"id": "b/closures#closure", "title": "What is a closure in JavaScript?",
             "source": {"path": "b/closures.md", "line": 7}, "similarity": 1.0, "like": "a/basics#closure"},
        ]})
    );
}

#[test]
fn filters_and_thresholds_narrow_and_nothing_is_exit_status_1() {
    let sandbox = Sandbox::indexed_from(ENTRIES);
    for (arguments, code, told) in [
        (
            &["dupes", "--tag", "new"][..],
            1,
            "no two entries are alike by 0.8 or more\n",
        ),
        (
            &["dupes", "--source", "a", "--min", "0.88"],
            1,
            "no two entries are alike by 0.88 or more\n",
        ),
        (&["dupes", "--source", "a", "--min", "0.7"], 0, ""),
        (
            &["dupes", "--min", "0"],
            2,
            "error: invalid value '0' for '--min <SIMILARITY>': expected a number above 0 and up to 1",
        ),
        (&["dupes", "--min", "1.5"], 2, "error: invalid value '1.5'"),
        (&["dupes", "--min", "NaN"], 2, "error: invalid value 'NaN'"),
        (
            &["dupes", "--tag", "nw"],
            2,
            "error: no entry has tag `nw`\nhint: ",
        ),
    ] {
        let ran = sandbox.qdex(arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?} {}", ran.stderr);
        assert!(
            ran.stderr.starts_with(told) && (code == 2 || ran.stderr == told),
            "{arguments:?} {:?}",
            ran.stderr
        );
    }
    let json = sandbox.qdex(&["dupes", "--tag", "new", "--json"]);
    assert_eq!(json.code, Some(1));
    assert_eq!(json.json(), serde_json::json!({"min": 0.8, "groups": []}));
}
