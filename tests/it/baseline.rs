//! What qdex is measured against: plain BM25 over the same entries, by words and by code tokens.

use qdex::evaluate::JudgedSet;
use qdex::evaluate::baseline::{self, Unit};
use qdex::evaluate::compare::Comparison;

use crate::corpora::{read_well, test_data};
use crate::eval::judged;
use crate::sample::Sample;
use crate::support::Sandbox;

#[test]
fn the_baseline_is_measured_over_the_same_entries() {
    let sandbox = judged();
    let ran = sandbox.qdex(&["eval", "set", "--qrels", "a", "--baseline", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let set = &ran.json()["sets"][0];
    let compared = &set["comparison"];
    assert_eq!(compared["run"], "plain BM25");
    assert!(
        compared["before"]["ndcg_at_10"].as_f64() > Some(0.0),
        "{set}"
    );
    assert_eq!(compared["after"], set["mean"]);
    assert_eq!(set["code_tokens"]["words"], compared["before"]);
    let ran = sandbox.qdex(&["eval", "set", "--baseline", "--compare", "x.run"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    let ran = sandbox.qdex(&["eval", "set", "--json"]);
    assert!(ran.json()["sets"][0].get("code_tokens").is_none());
}

#[test]
fn the_baseline_tells_what_code_tokens_are_worth() {
    let sandbox = Sandbox::new();
    sandbox.file(
        "set/corpus.jsonl",
        r#"{"_id": "name", "title": "Who is it?", "text": "Call getUserName and print the result."}
{"_id": "size", "title": "How large is it?", "text": "Take the file_size of what was opened."}
{"_id": "other", "title": "Anything else?", "text": "Print the name of nobody."}
"#,
    );
    sandbox.file(
        "set/queries.jsonl",
        r#"{"_id": "parts", "text": "size"}
{"_id": "style", "text": "get_user_name"}
{"_id": "word", "text": "nobody"}
"#,
    );
    sandbox.file(
        "set/qrels/a.tsv",
        "query-id\tcorpus-id\tscore\nparts\tsize\t1\nstyle\tname\t1\nword\tother\t1\n",
    );
    let ran = sandbox.qdex(&["eval", "set", "--baseline", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    // Words find the entry of one query, tokens those of all three.
    let found = &ran.json()["sets"][0]["code_tokens"];
    let ndcg = |of: &str| found[of]["ndcg_at_10"].as_f64().expect("is a number");
    for (of, expected) in [
        ("words", 1.0 / 3.0),
        ("tokens", 1.0),
        ("difference", 2.0 / 3.0),
    ] {
        assert!((ndcg(of) - expected).abs() < 1e-9, "{of}: {found}");
    }
    assert!(ndcg("lower") <= ndcg("difference") && ndcg("difference") <= ndcg("upper"));
    let counts = ["better", "worse", "equal"].map(|of| found[of].as_u64());
    assert_eq!(counts, [Some(2), Some(0), Some(1)]);

    let ran = sandbox.qdex(&["eval", "set", "--baseline"]);
    let (_, table) = ran
        .stdout
        .split_once("a, plain BM25 over words and over code tokens\n")
        .expect("has the table");
    assert!(table.lines().all(|line| line.len() <= 80), "{table}");
    let row = table.lines().find(|line| line.starts_with("nDCG@10"));
    let row = row.expect("has the row").split_whitespace();
    let row: Vec<&str> = row.take(4).collect();
    assert_eq!(row, ["nDCG@10", "0.333", "1.000", "+0.667"], "{table}");
    assert!(
        table.contains("2 queries are better, 0 worse, 1 the same"),
        "{table}"
    );
}

#[test]
fn code_tokens_help_where_questions_have_code_and_cost_little_elsewhere() {
    let Some(data) = test_data() else { return };
    // Prose without names gains nothing of tokens, and parts that match by chance cost it a little.
    for (name, bar) in [
        ("so-stackeval-qa", 0.03),
        ("cosqa", 0.03),
        ("stackfaq", -0.015),
        ("quantum-se-qa", -0.015),
        ("cs-se-dup", -0.015),
    ] {
        let dir = data.join("judged").join(name);
        let sample = Sample::new(&read_well(&[dir.join("corpus.jsonl")]));
        let set = JudgedSet::read(&dir, "dev").expect("is well formed");
        let queries: Vec<_> = set.queries.iter().collect();
        let plain = |unit| baseline::run(&sample.searcher, &queries, unit).expect("is ranked");
        let found = Comparison::new(&set, &plain(Unit::Word), &plain(Unit::CodeToken));
        let of = [found.difference, found.lower, found.upper];
        let [difference, lower, upper] = of.map(|measures| measures.ndcg_at_10);
        println!("{name}: nDCG@10 {difference:+.4} [{lower:+.4}, {upper:+.4}]");
        assert!(
            difference >= bar,
            "{name}: {difference:+.4}, at least {bar:+.3} expected"
        );
    }
}
