//! `qdex bench`: what is asked, what is reported, and when a comparison fails. No test depends on a time.

use qdex::bench::{Class, sample};
use qdex::{Index, Searcher};

use crate::corpora::own_corpus;
use crate::support::Sandbox;

/// Returns a sandbox with the index of the sample corpus in `index`.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let corpus = own_corpus();
    let ran = sandbox.qdex(&["index", &corpus.to_string_lossy(), "--index", "index"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    sandbox
}

#[test]
fn every_class_has_queries_of_its_kind_and_the_same_every_time() {
    let sandbox = sandbox();
    let searcher = Searcher::new(Index::open(&sandbox.path("index")).expect("was built"));
    let queries = sample(&searcher, 5).expect("can be read");
    assert_eq!(queries, sample(&searcher, 5).expect("can be read"));
    for class in Class::ALL {
        let of_class: Vec<_> = queries
            .iter()
            .filter(|query| query.class == class)
            .collect();
        let expected = if class == Class::Given { 0 } else { 5 };
        assert_eq!(of_class.len(), expected, "{class}");
        for query in of_class {
            let results = searcher.search(&query.text, &query.options());
            let total = results.expect("is answered").total;
            match class {
                Class::NoHit => assert_eq!(total, 0, "{query:?}"),
                // One letter is no word of any entry, and a wrong word may stand alone.
                Class::AsYouType | Class::Misspelt => {}
                _ => assert!(total > 0, "{query:?}"),
            }
        }
    }
    let words = |class| {
        let of_class = queries.iter().filter(move |query| query.class == class);
        let totals = of_class.map(|query| {
            let results = searcher.search(&query.text, &query.options());
            results.expect("is answered").total
        });
        totals.sum::<u64>()
    };
    assert!(words(Class::RareWord) * 10 < words(Class::CommonWord));
}

#[test]
fn a_report_has_every_figure_and_compares_with_itself() {
    let sandbox = sandbox();
    let common = [
        "bench", "--index", "index", "--sample", "2", "--rounds", "3",
    ];
    let more = [
        "--threads",
        "1,2",
        "--seconds",
        "1",
        "--rate",
        "50",
        "--cold",
        "2",
        "--json",
    ];
    let ran = sandbox.qdex(&[&common[..], &more].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let report = ran.json();
    let classes = report["measured"]["classes"].as_array().expect("is a list");
    assert_eq!(classes.len(), 13);
    for class in classes {
        assert_eq!(class["queries"], 2, "{class}");
        assert_eq!(
            class["rounds_us"].as_array().map(Vec::len),
            Some(3),
            "{class}"
        );
        let figure = |name: &str| class["latency"][name].as_f64().expect("is a number");
        let ordered = ["p50_us", "p90_us", "p95_us", "p99_us", "max_us"].map(figure);
        assert!(ordered.is_sorted() && ordered[0] > 0.0, "{class}");
    }
    assert_eq!(report["throughput"].as_array().map(Vec::len), Some(2));
    for measured in [&report["throughput"][1], &report["at_rate"]] {
        assert!(
            measured["queries_per_second"]
                .as_f64()
                .expect("is a number")
                > 0.0
        );
    }
    assert_eq!(report["cold"]["searches"], 2);

    // The same report, so that nothing differs whatever the machine does.
    sandbox.file("before.json", &ran.stdout);
    let text = sandbox.qdex(&[&common[..], &["--compare", "before.json"]].concat());
    assert!(matches!(text.code, Some(0 | 1)), "{}", text.stderr);
    assert!(text.stdout.contains("new : old"), "{}", text.stdout);
    assert!(
        text.stdout.lines().all(|line| line.chars().count() <= 80),
        "{}",
        text.stdout
    );

    let csv = sandbox.qdex(
        &[
            &common[..],
            &["--class", "question,words", "--format", "csv"],
        ]
        .concat(),
    );
    let rows: Vec<&str> = csv
        .lines()
        .iter()
        .map(|line| line.split(',').next().unwrap_or_default())
        .collect();
    assert_eq!(rows, ["class", "words", "question"]);
}

#[test]
fn given_queries_are_asked_and_bad_ones_have_their_line() {
    let sandbox = Sandbox::indexed();
    sandbox.file("queries.txt", "weakref cache\n\n git commit --amend \n");
    sandbox.file(
        "queries.jsonl",
        "{\"_id\": \"1\", \"text\": \"weakref\"}\n{\"_id\": \"2\"}\n",
    );
    sandbox.file("empty.txt", "\n");
    sandbox.file("before.json", "[]");
    let ran = sandbox.qdex(&[
        "bench",
        "--index",
        "index",
        "--queries",
        "queries.txt",
        "--json",
    ]);
    assert_eq!(ran.json()["measured"]["classes"][0]["queries"], 2);
    for (arguments, said) in [
        (
            &["--queries", "queries.jsonl"][..],
            "queries.jsonl:2: missing field `text`",
        ),
        (&["--queries", "empty.txt"], "there is no query to ask"),
        (&["--queries", "nowhere.txt"], "cannot read `nowhere.txt`"),
        (
            &["--compare", "before.json"],
            "`before.json` is no report of a bench",
        ),
        (&["--class", "qestion"], "did you mean `question`?"),
        (&["--rate", "0"], "expected queries a second"),
    ] {
        let ran = sandbox.qdex(&[&["bench", "--index", "index"][..], arguments].concat());
        assert_eq!(ran.code, Some(2), "{arguments:?}");
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
    }
}
