//! Mistakes, each with the exact message and exit status: what was attempted, on what, why it failed, what to do.
//!
//! They stand in `fixtures/mistakes.txt`, as a transcript. `QDEX_ACCEPT=1` writes down what is printed now.

use crate::support::Sandbox;
use crate::transcript::{self, Step};

const TRANSCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/it/fixtures/mistakes.txt"
);

/// Returns a sandbox with much that is wrong in it.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::indexed();
    for (path, text) in [
        ("file", "text\n"),
        ("folder/empty/.keep", ""),
        ("broken.jsonl", "{\"id\": \"x\", \"title\": \n"),
        (
            "wrong.jsonl",
            "{\"id\": 1, \"title\": \"a number for an id\"}\n",
        ),
        ("broken.json", "[{\"id\": \"x\"\n"),
        ("yaml.md", "---\nquestions: [\n---\ntext\n"),
        ("toml.md", "+++\ntitle = \"a\n+++\ntext\n"),
        (
            "set/queries.jsonl",
            "{\"_id\": \"1\", \"text\": \"weakref\"}\n",
        ),
        (
            "set/corpus.jsonl",
            "{\"_id\": \"x\", \"title\": \"weakref\", \"text\": \"a\"}\n",
        ),
        (
            "set/qrels/test.tsv",
            "query-id\tcorpus-id\tscore\n1\tx\t1\n",
        ),
        (
            "grades/queries.jsonl",
            "{\"_id\": \"1\", \"text\": \"weakref\"}\n",
        ),
        (
            "grades/qrels/test.tsv",
            "query-id\tcorpus-id\tscore\n1\tx\tmany\n",
        ),
        (
            "queryless/qrels/test.tsv",
            "query-id\tcorpus-id\tscore\n1\tx\t1\n",
        ),
        ("broken.run", "nonsense\n"),
        ("damaged/qdex.json", "{"),
        ("old/qdex.json", "{\"format\": 0, \"analysis\": 0}"),
        ("key.toml", "limit = 5\ncolour = \"auto\"\n"),
        ("value.toml", "\ncolor = \"sometimes\"\n"),
        ("syntax.toml", "limit = \n"),
        ("notes.jsonl", "{\"id\": \"n\", \"title\": \"note\"}\n"),
    ] {
        sandbox.file(path, text);
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("loop", sandbox.path("loop")).expect("a link to itself");
    sandbox
}

// What the system says about a file, and `/dev/full`, are Linux's.
#[cfg(target_os = "linux")]
#[test]
fn mistakes_are_explained() {
    if !transcript::has_shell() {
        return;
    }
    let sandbox = sandbox();
    // A build that runs all the while.
    let locked = sandbox.path("locked");
    let _build = qdex::Indexer::create(&locked, qdex::index::IndexerOptions::default())
        .expect("a build starts");
    let transcript = std::fs::read_to_string(TRANSCRIPT).expect("is there");
    let steps = transcript::steps(&transcript);
    assert!(steps.len() >= 40, "{}", steps.len());
    let mut wrong = Vec::new();
    let mut now = String::new();
    for Step { command, printed } in &steps {
        let found = transcript::run(&sandbox, command);
        now.push_str(&format!("$ {command}\n"));
        let fits = transcript::fits(printed, &found);
        for line in if fits { printed } else { &found } {
            now.push_str(&format!("{line}\n"));
        }
        now.push('\n');
        if !fits {
            wrong.push(format!("$ {command}\n{}\n", found.join("\n")));
        }
    }
    if std::env::var_os("QDEX_ACCEPT").is_some() {
        std::fs::write(TRANSCRIPT, now).expect("is written");
        return;
    }
    assert!(wrong.is_empty(), "printed otherwise:\n{}", wrong.join("\n"));
}
