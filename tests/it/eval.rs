//! Evaluation: figures, runs and comparisons, as other programs compute and read them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use qdex::evaluate::{JudgedSet, Run, evaluate_run};
use qdex::{Index, SearchOptions, Searcher};

use crate::support::{ENTRIES, Sandbox};

fn searcher(sandbox: &Sandbox) -> Searcher {
    Searcher::new(Index::open(&sandbox.path("index")).expect("was built"))
}

#[test]
fn every_entry_can_be_streamed() {
    let sandbox = Sandbox::indexed();
    let searcher = searcher(&sandbox);
    let entries = searcher.entries().expect("can be read");
    let ids: BTreeSet<String> = entries
        .map(|entry| entry.expect("is an entry").id)
        .collect();
    let expected = [
        "git#amend",
        "python/gc#cycles",
        "python/gc#weak-references",
        "rust/ownership#borrow",
    ];
    assert_eq!(ids, BTreeSet::from(expected.map(str::to_owned)));
    for id in expected {
        assert!(searcher.contains(id).expect("can be read"), "{id}");
    }
    assert!(!searcher.contains("git").expect("can be read"));
}

#[test]
fn ranking_gives_the_ids_and_scores_of_searching() {
    let sandbox = Sandbox::indexed();
    let searcher = searcher(&sandbox);
    for (query, limit, offset) in [
        ("memory", 10, 0),
        ("memory objects", 2, 1),
        ("memory", 10, 99),
        ("nothing of this kind", 10, 0),
        ("", 10, 0),
    ] {
        let options = SearchOptions {
            limit,
            offset,
            ..SearchOptions::default()
        };
        let found = searcher.search(query, &options).expect("is searched");
        let expected: Vec<_> = found
            .hits
            .into_iter()
            .map(|hit| (hit.entry.id, hit.score))
            .collect();
        let ranked = searcher.rank(query, &options).expect("is ranked");
        assert_eq!(ranked, expected, "{query}");
    }
}

/// Two entries answer each question; one of them is named in `b.tsv` only, and one id has a blank.
pub(crate) fn judged() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file(
        "set/corpus.jsonl",
        r#"{"_id": "weak", "title": "What does a weak reference keep alive?", "text": "Nothing: a weak reference does not count."}
{"_id": "a cycle", "title": "How are cycles of references collected?", "text": "By a collector of cycles."}
{"_id": "borrow", "title": "What does the borrow checker reject?", "text": "Two borrows of which one is mutable."}
"#,
    );
    sandbox.file(
        "set/queries.jsonl",
        r#"{"_id": "q2", "text": "borrow checker"}
{"_id": "q1", "text": "weak reference"}
{"_id": "q3", "text": "nothing of the kind here zzz"}
{"_id": "q4", "text": "reference cycles"}
"#,
    );
    sandbox.file(
        "set/qrels/a.tsv",
        "query-id\tcorpus-id\tscore\nq1\tweak\t2\nq1\ta cycle\t1\nq2\tborrow\t1\n",
    );
    sandbox.file(
        "set/qrels/b.tsv",
        "query-id\tcorpus-id\tscore\nq4\ta cycle\t1\nq1\tweak\t1\n",
    );
    sandbox
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/judged")
}

#[test]
fn measures_are_those_of_trec_eval() {
    let set = JudgedSet::read(&fixture(), "graded").expect("is well formed");
    let run = Run::read(&fixture().join("system.run")).expect("is a run");
    let found = evaluate_run(&set, &run);
    let queries = found.queries.iter().map(|(id, of)| (id.as_str(), of));
    let found: Vec<_> = queries.chain([("mean", &found.mean)]).collect();
    let expected = fs::read_to_string(fixture().join("expected.tsv")).expect("can be read");
    let expected = expected.lines().filter(|line| !line.starts_with('#'));
    let mut checked = 0;
    for (line, (id, measures)) in expected.zip(&found) {
        let mut fields = line.split('\t');
        assert_eq!(fields.next(), Some(*id));
        for (value, field) in measures.values().into_iter().zip(fields) {
            let field: f64 = field.parse().expect("a figure");
            assert!((value - field).abs() < 1e-6, "{line}: {measures:?}");
            checked += 1;
        }
    }
    assert_eq!(checked, 4 * found.len());
}

#[test]
fn a_judged_set_is_measured_in_an_index_of_its_own() {
    let sandbox = judged();
    let ran = sandbox.qdex(&["eval", "set"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines = ran.lines();
    for (place, expected) in [
        (
            0,
            "qrels              queries   nDCG@10      MRR@10       recall@100   P@1",
        ),
        (
            1,
            "a                        2   1.000        1.000        1.000        1.000",
        ),
        (
            2,
            "                            [1.00, 1.00] [1.00, 1.00] [1.00, 1.00] [1.00, 1.00]",
        ),
        (
            3,
            "b                        2   1.000        1.000        1.000        1.000",
        ),
    ] {
        assert_eq!(lines[place], expected, "{}", ran.stdout);
    }
    assert!(lines[6].starts_with("3 searches for 100 hits in "));
    assert!(
        ran.stderr
            .contains("indexed 3 entries of `set/corpus.jsonl` in "),
        "{}",
        ran.stderr
    );
    assert!(!sandbox.path("index").exists());
}

#[test]
fn json_has_the_measures_of_each_query() {
    let sandbox = judged();
    for (qrels, sets) in [
        (&[][..], &[("a", 2), ("b", 2)][..]),
        (&["--qrels", "b"], &[("b", 2)]),
        (&["--qrels", "b,a"], &[("b", 2), ("a", 2)]),
        (&["--qrels", "b", "--qrels", "a,b"], &[("b", 2), ("a", 2)]),
    ] {
        let arguments = [&["eval", "set", "--json"], qrels].concat();
        let json = sandbox.qdex(&arguments).json();
        let found: Vec<_> = json["sets"].as_array().expect("a list").iter().collect();
        assert_eq!(found.len(), sets.len(), "{qrels:?}");
        for (set, (name, queries)) in found.iter().zip(sets) {
            assert_eq!(set["qrels"], *name);
            assert_eq!(set["queries"], *queries);
            assert_eq!(set["per_query"].as_array().map(Vec::len), Some(*queries));
            assert_eq!(set["per_query"][0]["ndcg_at_10"], 1.0);
            assert_eq!(set["mean"]["recall_at_100"], 1.0);
            assert!(set["lower"]["mrr_at_10"].is_number() && set["upper"]["mrr_at_10"].is_number());
        }
        assert_eq!(json["index"], serde_json::Value::Null);
        assert!(json["queries_per_second"].as_f64() > Some(0.0));
    }
}

#[test]
fn a_run_has_the_judged_queries_in_their_order_and_survives_reading() {
    let sandbox = judged();
    let ran = sandbox.qdex(&["eval", "set", "--run", "now.run"]);
    assert!(
        ran.stderr.contains("ids with blanks are written"),
        "{}",
        ran.stderr
    );
    let run = fs::read_to_string(sandbox.path("now.run")).expect("was written");
    let fields: Vec<Vec<&str>> = run.lines().map(|line| line.split(' ').collect()).collect();
    let mut queries: Vec<&str> = fields.iter().map(|fields| fields[0]).collect();
    queries.dedup();
    assert_eq!(queries, ["q2", "q1", "q4"]);
    let first: Vec<_> = fields.iter().find(|f| f[0] == "q4").into_iter().collect();
    let [first] = first[..] else {
        panic!("no hits in {run}")
    };
    assert_eq!(first[1..4], ["Q0", "a%20cycle", "1"]);
    assert!(
        fields
            .iter()
            .all(|fields| fields.len() == 6 && fields[5] == "qdex")
    );

    let compared = sandbox.qdex(&["eval", "set", "--compare", "now.run", "--json"]);
    for set in compared.json()["sets"].as_array().expect("a list") {
        let comparison = &set["comparison"];
        assert_eq!(comparison["equal"], 2, "{comparison}");
        assert_eq!(comparison["difference"]["ndcg_at_10"], 0.0);
        assert_eq!(comparison["p"]["ndcg_at_10"], 1.0);
        assert_eq!(comparison["rose"], serde_json::json!([]));
    }
}

#[test]
fn a_comparison_says_what_moved_and_why() {
    let sandbox = judged();
    sandbox.file(
        "other.run",
        "q1 Q0 borrow 1 9 other\nq1 Q0 a%20cycle 2 8 other\nq1 Q0 weak 3 7 other\n\
         q2 Q0 weak 1 9 other\nq2 Q0 borrow 2 8 other\n",
    );
    let arguments = ["eval", "set", "--qrels", "a", "--compare", "other.run"];
    let json = sandbox.qdex(&[&arguments[..], &["--json"]].concat()).json();
    let comparison = &json["sets"][0]["comparison"];
    assert_eq!(comparison["better"], 2);
    let rose = &comparison["rose"];
    // q1 had (1/log2 3 + 2/log2 4) / (2 + 1/log2 3) = .620, q2 1/log2 3 = .631.
    assert_eq!(rose[0]["id"], "q1");
    assert_eq!(rose[0]["text"], "weak reference");
    assert_eq!(
        rose[0]["entries"],
        serde_json::json!([{"id": "weak", "grade": 2, "before": 3, "after": 1}])
    );
    assert_eq!(rose[1]["id"], "q2");
    let reason = &rose[0]["reason"];
    assert_eq!(reason["entry"]["id"], "weak");
    assert_eq!(reason["rival"]["id"], "a cycle");
    let sum = |side: &str| -> f64 {
        let signals = reason["signals"].as_array().expect("a list");
        signals.iter().filter_map(|pair| pair[side].as_f64()).sum()
    };
    for side in ["entry", "rival"] {
        let score = reason[side]["score"].as_f64().expect("a score");
        assert!((sum(side) - score).abs() < 1e-3, "{reason}");
    }

    let text = sandbox.qdex(&arguments);
    for expected in [
        "a, compared with `other.run`\n",
        "nDCG@10        0.625  1.000       +0.375",
        "By nDCG@10, 2 queries are better, 0 worse, 0 the same.",
        "Most gained\n  q1 nDCG 0.620 → 1.000 weak reference\n      rose `weak` (grade 2): rank 3 → rank 1\n",
        "now rank 1 `weak` ",
    ] {
        assert!(
            text.stdout.contains(expected),
            "{expected}: {}",
            text.stdout
        );
    }
    assert!(!text.stdout.contains("Most lost"));
    let width = text.stdout.lines().map(|line| line.chars().count()).max();
    assert!(width <= Some(80), "{}", text.stdout);
}

#[test]
fn without_a_corpus_or_with_an_index_named_that_index_is_measured() {
    let sandbox = judged();
    for arguments in [
        &["index", "set/corpus.jsonl", "--index", "index"][..],
        &["index", "set/corpus.jsonl", "--index", "named"],
    ] {
        assert_eq!(sandbox.qdex(arguments).code, Some(0));
    }
    let named = sandbox.qdex(&["eval", "set", "--json", "--index", "named"]);
    assert_eq!(named.json()["index"], "named");
    let elsewhere = [("QDEX_INDEX", "nowhere")];
    let own = sandbox.with_env(&elsewhere, &["eval", "set", "--json"]);
    assert_eq!(own.json()["index"], serde_json::Value::Null);
    fs::remove_file(sandbox.path("set/corpus.jsonl")).expect("is there");
    let found = sandbox.qdex(&["eval", "set", "--json"]);
    assert_eq!(found.json()["index"], "index");
    assert_eq!(found.json()["sets"], named.json()["sets"]);

    let other = Sandbox::indexed();
    fs::rename(sandbox.path("set"), other.path("set")).expect("can be moved");
    let ran = other.qdex(&["eval", "set"]);
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.stderr
            .contains("3 of 3 relevant entries are not in the index and count as not found"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_cannot_be_measured_is_named_with_its_place() {
    let sandbox = judged();
    sandbox.file("empty/queries.jsonl", "");
    sandbox.file("empty/qrels/a.tsv", "q1\tweak\t0\n");
    sandbox.file("fields/queries.jsonl", "");
    sandbox.file("fields/qrels/a.tsv", "q1\tweak\t1\nq2 weak 1\n");
    sandbox.file("grade/queries.jsonl", "");
    sandbox.file("grade/qrels/a.tsv", "q1\tweak\thigh\n");
    sandbox.file("unknown/queries.jsonl", "");
    sandbox.file("unknown/qrels/a.tsv", "q1\tweak\t1\n");
    sandbox.file("query/queries.jsonl", "{\"_id\": 1}\n");
    sandbox.file("query/qrels/a.tsv", "q1\tweak\t1\n");
    sandbox.file("bad.run", "q1 Q0 weak 1 1 x\nq1 weak\n");
    for (arguments, expected) in [
        (&["eval"][..], "required"),
        (&["eval", "nowhere"], "there is no judged set at `nowhere`"),
        (
            &["eval", "set", "--qrels", "c"],
            "`set` has no judgments `c`\nhint: there are `a`, `b`",
        ),
        (&["eval", "empty"], "no query is judged in `empty`"),
        (
            &["eval", "fields"],
            "fields/qrels/a.tsv:2: expected three fields parted by tabs, found 1",
        ),
        (
            &["eval", "grade"],
            "grade/qrels/a.tsv:1: expected a grade of 0 or more, found `high`",
        ),
        (
            &["eval", "unknown"],
            "unknown/qrels/a.tsv:1: no query in `unknown/queries.jsonl` has the id `q1`",
        ),
        (&["eval", "query"], "query/queries.jsonl:1: invalid type"),
        (
            &["eval", "set", "--compare", "bad.run"],
            "bad.run:2: expected a hit of six fields",
        ),
        (
            &["eval", "set", "--compare", "none.run"],
            "cannot read `none.run`",
        ),
        (
            &["eval", "set", "--run", "none/now.run"],
            "cannot write `none/now.run`",
        ),
        (
            &["eval", "set", "--index", "nowhere"],
            "no index at `nowhere`",
        ),
        (&["eval", "set", "--self"], "cannot be used with"),
        (&["eval", "set", "--sample", "3"], "cannot be used with"),
        (&["eval", "--sample", "3"], "--self"),
        (&["eval", "--self", "--sample", "0"], "above 0"),
    ] {
        let ran = sandbox.qdex(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}");
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert!(
            ran.stderr.contains(expected),
            "{arguments:?}: {}",
            ran.stderr
        );
    }
}

#[test]
fn an_index_is_measured_by_queries_of_its_own() {
    let sandbox = Sandbox::indexed();
    let text = sandbox.qdex(&["eval", "--self"]);
    assert_eq!(text.code, Some(0), "{}", text.stderr);
    for expected in [
        "words dropped            4   ",
        "names in code            1   ",
        "Made of 4 entries of `index`; the same every time.",
        "Does not measure how well people's own questions are answered",
        "Not measured: duplicates",
    ] {
        assert!(
            text.stdout.contains(expected),
            "{expected}: {}",
            text.stdout
        );
    }
    let width = text.stdout.lines().map(|line| line.chars().count()).max();
    assert!(width <= Some(80), "{}", text.stdout);

    // The same entries give the same queries, whatever order they were indexed in.
    let mut lines: Vec<&str> = ENTRIES.lines().collect();
    lines.reverse();
    let reversed = Sandbox::indexed_from(&lines.join("\n"));
    for sample in ["2", "100"] {
        let arguments = ["eval", "--self", "--json", "--sample", sample];
        let kinds = sandbox.qdex(&arguments).json()["kinds"].clone();
        assert_eq!(reversed.qdex(&arguments).json()["kinds"], kinds);
        assert_eq!(kinds.as_array().map(Vec::len), Some(5));
    }
    let few = sandbox.qdex(&["eval", "--self", "--json", "--sample", "2"]);
    assert_eq!(few.json()["entries"], 2);
}

#[test]
fn the_titles_of_duplicates_should_find_the_originals() {
    let link = |id: &str| format!("[{{\"path\": \"{id}\", \"kind\": \"duplicate\"}}]");
    let entry = |id: &str, title: &str, related: &str| {
        format!("{{\"id\": \"{id}\", \"title\": \"{title}\", \"related\": {related}}}\n")
    };
    let sandbox = Sandbox::indexed_from(
        &[
            entry("original", "How do I reverse a linked list?", "[]"),
            entry("found", "Reverse a list that is linked", &link("original")),
            entry("lost", "Turn pointers round", &link("original")),
            entry("dangling", "Reverse a queue", &link("nowhere")),
            entry("related", "Reverse a list", "[{\"path\": \"original\"}]"),
        ]
        .concat(),
    );
    let ran = sandbox.qdex(&["eval", "--self", "--json"]);
    let kind = ran.json()["kinds"][4].clone();
    assert_eq!(kind["kind"], "duplicates");
    let queries = kind["per_query"].as_array().expect("is a list");
    let figures: Vec<_> = queries
        .iter()
        .map(|query| (&query["id"], &query["recall_at_100"]))
        .collect();
    assert_eq!(figures.len(), 2, "{figures:?}");
    // The entry that asks is its own best hit, which does not count.
    assert_eq!(figures[0].0, "found");
    assert!(
        kind["per_query"][0]["mrr_at_10"].as_f64() >= Some(0.5),
        "{queries:?}"
    );
    assert_eq!(kind["per_query"][1]["mrr_at_10"], 0.0);
    assert_eq!(ran.json()["not_measured"], serde_json::json!([]));
}
