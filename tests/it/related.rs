//! Related entries: through the program as people and scripts ask for them, and through the library.

use qdex::search::{Related, RelatedOptions, Why};
use qdex::{Answer, Entry, FacetField, Filter, Link, LinkKind};

use crate::sample::{Sample, entry};
use crate::support::Sandbox;

/// Entries of which three are about one thing, and one links to others.
const LINKED: &str = r##"{"id": "sorting#quicksort", "title": "How does quicksort choose a pivot?", "topic": "/sorting", "difficulty": "hard", "tags": ["sorting"], "answers": [{"body": "A pivot splits the partition; `median_of_three` is a good choice."}]}
{"id": "sorting#partition", "title": "What does the partition step of quicksort do?", "topic": "/sorting", "difficulty": "easy", "tags": ["sorting"], "answers": [{"body": "It moves what is below the pivot before it."}]}
{"id": "sorting#heap", "title": "When is heapsort better?", "topic": "/sorting", "difficulty": "easy", "tags": ["sorting"], "answers": [{"body": "When memory is short and the pivot of a quicksort may be bad."}]}
{"id": "graphs#paths", "title": "What is a shortest path?", "topic": "/graphs", "answers": [{"body": "The one with the least weight."}], "related": [{"path": "/sorting#heap"}, {"path": "sorting"}, {"path": "nowhere"}]}
{"id": "graphs#trees", "title": "What is a spanning tree?", "topic": "/graphs", "answers": [{"body": "It has the least weight of all trees that span the graph."}]}
{"id": "alone", "title": "Zymurgy?", "answers": [{"body": "Xylophones."}]}
"##;

fn reasons(related: &[Related]) -> Vec<String> {
    let reason = |related: &Related| {
        let why: Vec<&str> = related.why.iter().map(|why| why.as_str()).collect();
        format!(
            "{}: {} ({})",
            related.entry.id,
            why.join(", "),
            related.shared.join(" ")
        )
    };
    related.iter().map(reason).collect()
}

#[test]
fn related_entries_are_listed_with_the_reason() {
    let sandbox = Sandbox::indexed_from(LINKED);
    let ran = sandbox.qdex(&["related", "sorting#quicksort", "-n", "2"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(
        ran.stdout,
        "1. What does the partition step of quicksort do?\n   \
            easy · sorting#partition\n   \
            shares quicksort, pivot, partition, sorting\n\n\
         2. When is heapsort better?\n   \
            easy · sorting#heap\n   \
            shares pivot, quicksort, sorting\n"
    );
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn links_come_first_and_pages_are_marked() {
    let sandbox = Sandbox::indexed_from(LINKED);
    let ran = sandbox.qdex(&["related", "/graphs#paths", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let json = ran.json();
    assert_eq!(json["id"], "graphs#paths");
    assert_eq!(json["title"], "What is a shortest path?");
    let related = json["related"].as_array().expect("is a list");
    assert_eq!(related[0]["id"], "sorting#heap");
    assert_eq!(
        related[0]["why"],
        serde_json::json!(["linked", "on a linked page"])
    );
    assert_eq!(related[1]["id"], "graphs#trees");
    assert_eq!(related[1]["why"], serde_json::json!(["shared terms"]));
    assert_eq!(json["total"], related.len());
    for key in [
        "rank",
        "score",
        "title",
        "difficulty",
        "topic",
        "framework",
        "tags",
        "url",
        "source",
        "shared",
    ] {
        assert!(related[0].get(key).is_some(), "{key}");
    }
}

#[test]
fn scripts_get_ids_lines_and_tables() {
    let sandbox = Sandbox::indexed_from(LINKED);
    let of = |format: &str| {
        let ran = sandbox.qdex(&["related", "sorting#quicksort", "-n1", "--format", format]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        ran.stdout
    };
    assert_eq!(of("ids"), "sorting#partition\n");
    let line: serde_json::Value = serde_json::from_str(&of("jsonl")).expect("is JSON");
    assert_eq!(line["id"], "sorting#partition");
    let table = of("csv");
    let lines: Vec<&str> = table.split("\r\n").collect();
    assert!(lines[0].ends_with(",url,why,shared"), "{table}");
    assert!(lines[1].contains(",shared terms,quicksort;"), "{table}");
}

#[test]
fn filters_narrow_what_is_related() {
    let sandbox = Sandbox::indexed_from(LINKED);
    let ids = |arguments: &[&str]| {
        let base = ["related", "graphs#paths", "--format", "ids"];
        sandbox.qdex(&[&base, arguments].concat()).stdout
    };
    assert_eq!(ids(&["-t", "graphs"]), "graphs#trees\n");
    assert!(ids(&["-t", "sorting"]).starts_with("sorting#heap\n"));
}

#[test]
fn what_cannot_be_related_is_told() {
    let sandbox = Sandbox::indexed_from(LINKED);
    for (arguments, code, told) in [
        (
            &["related", "sorting#quicksrt"][..],
            2,
            "error: no entry has the id `sorting#quicksrt`\nhint: did you mean `sorting#quicksort`",
        ),
        (&["related", "alone"], 1, "nothing is related to `alone`"),
        (
            &["related", "alone", "-d", "absurd"],
            2,
            "error: invalid value 'absurd'",
        ),
        (&["related", "alone", "-n", "0"], 2, "error: invalid value"),
        (
            &["related"],
            2,
            "error: the following required arguments were not provided",
        ),
    ] {
        let ran = sandbox.qdex(arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?} {}", ran.stderr);
        assert!(
            ran.stderr.starts_with(told),
            "{arguments:?} {:?}",
            ran.stderr
        );
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn names_tags_and_titles_relate_and_ties_fall_by_id() {
    let tagged = |id: &str, title: &str, tag: &str| Entry {
        tags: vec![tag.to_owned()],
        ..entry(id, title, "")
    };
    let sample = Sample::new(&[
        entry("name", "One", "`weakref.WeakValueDictionary` is a cache."),
        entry("part", "Two", "A `WeakValueDictionary` forgets."),
        tagged("b", "Three", "unusual"),
        tagged("a", "Four", "unusual"),
        tagged("c", "Five", "unusual"),
        entry("title", "Weakly held caches", "Nothing else."),
    ]);
    let related = |id: &str| {
        let found = sample.searcher.related(id, &RelatedOptions::default());
        reasons(&found.expect("is found").related)
    };
    assert_eq!(
        related("name"),
        [
            "part: shared terms (WeakValueDictionary)",
            "title: shared terms (cache Weak)"
        ]
    );
    assert_eq!(
        related("c"),
        ["a: shared terms (unusual)", "b: shared terms (unusual)"]
    );
    assert_eq!(
        related("title"),
        [
            "name: shared terms (caches Weakly)",
            "part: shared terms (Weakly)"
        ]
    );
}

#[test]
fn an_entry_is_not_related_to_itself_and_links_may_be_broken() {
    let link = |path: &str| Link {
        path: path.to_owned(),
        ..Link::default()
    };
    let own = Entry {
        related: ["a", "/a", "", "/", "b", "/b/", "#", "\u{10ffff}"]
            .map(link)
            .to_vec(),
        answers: vec![Answer::default()],
        ..entry("a", "Same words", "")
    };
    let sample = Sample::new(&[own, entry("b", "Other", ""), entry("c", "Same words", "")]);
    let of = |options: &RelatedOptions| {
        let found = sample.searcher.related("a", options).expect("is found");
        (found.total, reasons(&found.related))
    };
    assert_eq!(
        of(&RelatedOptions::default()),
        (
            2,
            vec![
                "b: linked ()".to_owned(),
                "c: shared terms (words)".to_owned()
            ]
        )
    );
    let none = RelatedOptions {
        limit: 0,
        ..RelatedOptions::default()
    };
    assert_eq!(of(&none), (2, Vec::new()));
    let filtered = RelatedOptions {
        filters: vec![Filter::any_of(
            FacetField::Difficulty,
            vec!["easy".to_owned()],
        )],
        ..RelatedOptions::default()
    };
    assert_eq!(of(&filtered), (0, Vec::new()));
    assert_eq!(Why::LinkedPage.as_str(), "on a linked page");
}

#[test]
fn duplicates_come_before_other_links() {
    let link = |path: &str, kind| Link {
        path: path.to_owned(),
        kind,
        ..Link::default()
    };
    let links = [
        ("closest", LinkKind::Linked),
        ("far", LinkKind::Duplicate),
        ("far", LinkKind::Linked),
        ("same", LinkKind::Related),
    ];
    let own = Entry {
        related: links.map(|(path, kind)| link(path, kind)).to_vec(),
        ..entry("own", "Borrow checker", "Two borrows overlap.")
    };
    let sample = Sample::new(&[
        own,
        entry("closest", "Borrow checker", "Two borrows overlap."),
        entry("far", "Lifetimes", "Elision."),
        entry("same", "Borrow", "Nothing."),
        entry("other", "Borrow checker", "Overlap."),
    ]);
    let found = sample.searcher.related("own", &RelatedOptions::default());
    assert_eq!(
        reasons(&found.expect("is found").related),
        [
            "far: duplicate ()",
            "closest: linked, shared terms (checker Borrow Two overlap)",
            "same: linked, shared terms (Borrow)",
            "other: shared terms (checker Borrow overlap)",
        ]
    );
}
