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
        let parts = class["parts"].as_object().expect("is an object");
        let took: f64 = parts.values().filter_map(|part| part.as_f64()).sum();
        assert!(parts.len() == 6 && took > 0.0, "{class}");
        let work = |name: &str| class["work"][name].as_f64().expect("is a number");
        let matched = work("entries_matched");
        assert!(
            work("postings_scored") >= matched && matched >= work("entries_passed"),
            "{class}"
        );
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

/// Whatever a query or an entry says, the page has no markup but its own.
#[test]
fn a_page_escapes_what_is_hostile_and_loads_nothing() {
    let sandbox = Sandbox::indexed();
    let hostile = [
        "</td><script>alert(1)</script>",
        "<img src=x onerror=\"alert(1)\">",
        "\u{202e}gnp.exe \u{1b}[31m & 'quotes'",
    ];
    sandbox.file("queries.txt", &hostile.join("\n"));
    let ran = sandbox.qdex(&[
        "bench",
        "--index",
        "index",
        "--queries",
        "queries.txt",
        "--rounds",
        "2",
        "--threads",
        "1,2",
        "--seconds",
        "1",
        "--cold",
        "1",
        "--format",
        "html",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let page = &ran.stdout;
    for forbidden in [
        "<script", "<img", "<link", " src=\"", "url(", "@import", "\u{202e}", "\u{1b}",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}: {page}");
    }
    assert!(
        page.contains("&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
        "{page}"
    );
    let count = |tag: &str| page.matches(tag).count();
    for tag in [
        "table", "tr", "td", "th", "svg", "figure", "text", "span", "dl",
    ] {
        let opened = count(&format!("<{tag}>")) + count(&format!("<{tag} "));
        assert_eq!(opened, count(&format!("</{tag}>")), "{tag}");
        assert!(tag == "span" || opened > 0, "{tag}");
    }
    // One plot of the class, one of the threads.
    assert_eq!(count("<svg"), 2);
}

#[test]
fn a_query_over_its_budget_is_named_with_the_reason() {
    let sandbox = Sandbox::indexed();
    sandbox.file("queries.txt", "weakref cache\n");
    let run = |budget: &str| {
        let ran = sandbox.qdex(&[
            "bench",
            "--index",
            "index",
            "--queries",
            "queries.txt",
            "--rounds",
            "2",
            "--budget",
            budget,
        ]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stdout
    };
    let slow = run("0.001");
    assert!(slow.contains("over the budgets of their classes"), "{slow}");
    assert!(
        slow.lines().any(|line| line.contains("weakref cache")),
        "{slow}"
    );
    // The budget of another class, and the last one said, count.
    for budget in ["1000000", "1000000,question=0.001", "0.001,1000000"] {
        let text = run(budget);
        assert!(!text.contains("over the budgets"), "{budget}: {text}");
    }
    for (budget, said) in [
        ("0", "expected milliseconds"),
        ("qestion=5", "did you mean `question`?"),
    ] {
        let ran = sandbox.qdex(&["bench", "--index", "index", "--budget", budget]);
        assert_eq!(ran.code, Some(2), "{budget}");
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}

#[test]
fn growth_is_measured_over_made_corpora_which_are_removed() {
    let sandbox = sandbox();
    let temporary = sandbox.path("temporary");
    std::fs::create_dir(&temporary).expect("can be made");
    let ran = sandbox.with_env(
        &[("TMPDIR", &*temporary.to_string_lossy())],
        &[
            "bench", "--index", "index", "--class", "question", "--sample", "2", "--rounds", "2",
            "--scale", "400,100", "--json",
        ],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let report = ran.json();
    let sizes: Vec<u64> = report["scale"]
        .as_array()
        .expect("is a list")
        .iter()
        .filter_map(|point| point["entries"].as_u64())
        .collect();
    assert_eq!(sizes, [100, 400]);
    for point in report["scale"].as_array().expect("is a list") {
        assert!(
            point["measured"]["classes"]
                .as_array()
                .is_some_and(|classes| classes.len() == 1),
            "{point}"
        );
        assert!(point["bytes"].as_u64() > Some(0), "{point}");
    }
    assert_eq!(report["growth"][0]["class"], "question");
    let left: Vec<_> = std::fs::read_dir(&temporary).expect("is there").collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(ran.stderr.contains("of disk"), "{}", ran.stderr);
}

/// The program against itself: nothing but the wiring is tested, the verdict is up to the machine.
#[test]
fn another_build_is_run_in_turn() {
    let sandbox = Sandbox::indexed();
    sandbox.file("queries.txt", "weakref cache\n");
    let common = [
        "bench",
        "--index",
        "index",
        "--queries",
        "queries.txt",
        "--rounds",
        "2",
    ];
    let ran = sandbox.qdex(&[&common[..], &["--against", env!("CARGO_BIN_EXE_qdex")]].concat());
    assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.stderr);
    assert!(ran.stdout.contains("new : old"), "{}", ran.stdout);
    let ran = sandbox.qdex(&[&common[..], &["--against", "nowhere"]].concat());
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("cannot run `nowhere`"),
        "{}",
        ran.stderr
    );
}
