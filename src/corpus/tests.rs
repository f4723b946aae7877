//! Tests of whole corpora: folders that are written for the purpose, and real data where it is at hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::entry::Format;

/// What a corpus gave: `id` of entries and `file: line: message` of problems, with the files' names only.
fn read(paths: &[PathBuf], options: ReadOptions) -> (Vec<String>, FileCounts) {
    let mut corpus = Corpus::open(paths, options).expect("the paths exist");
    let total_bytes = corpus.total_bytes();
    let items = corpus
        .by_ref()
        .map(|item| match item {
            Item::Entry(entry) => entry.id,
            Item::Problem(problem) => {
                let name = Path::new(&problem.path).file_name().unwrap_or_default();
                let line = problem.line.unwrap_or_default();
                format!("{}:{line}: {}", name.to_string_lossy(), problem.message)
            }
        })
        .collect();
    assert_eq!(corpus.bytes_read(), total_bytes);
    (items, corpus.counts().clone())
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder");
        fs::write(path, content).expect("the file");
    }
    folder
}

fn record(id: &str) -> String {
    format!("{{\"id\": \"{id}\", \"title\": \"T\"}}\n")
}

#[test]
fn folders_are_read_in_name_order_and_other_files_are_counted() {
    let (a, b, c, d) = (record("a"), record("b"), record("c"), record("d"));
    let list = format!("[{c}, {{\"id\": \"x\"}},\n {d}]");
    let folder = folder(&[
        ("b.jsonl", b.as_bytes()),
        ("a/z.json", a.as_bytes()),
        ("c.json", list.as_bytes()),
        ("d.json", b"{\"name\": \"other\"}"),
        ("e.json", b"{\n\"id\": }"),
        ("f.md", b"No questions.\n"),
        ("g.rs", b"fn main() {}"),
        ("h.md", b"\0\x01\x02"),
        ("i.md", b"fine\nnot \xff\n"),
        ("j", b"#!/bin/sh\n# why not\n"),
        (".git/k.jsonl", b.as_bytes()),
        ("node_modules/l.jsonl", b.as_bytes()),
        ("m/queries.jsonl", b.as_bytes()),
        (
            "m/corpus.jsonl",
            b"{\"_id\": \"m\", \"title\": \"M\", \"text\": \"m\"}\n",
        ),
        ("m/qrels/dev.tsv", b"q\tm\t1\n"),
        ("m/qrels/more.jsonl", b.as_bytes()),
        ("n/queries.jsonl", record("n").as_bytes()),
    ]);
    let (items, counts) = read(&[folder.path().to_owned()], ReadOptions::default());
    assert_eq!(
        items,
        [
            "a",
            "b",
            "c",
            "c.json:2: missing field `title`",
            "d",
            "e.json:2: broken JSON at column 7: expected value",
            "i.md:2: the line is not valid UTF-8; save the file as UTF-8",
            "m",
            "n",
        ]
    );
    assert_eq!(
        counts,
        FileCounts {
            read: BTreeMap::from([
                (Format::Markdown, 1),
                (Format::Json, 3),
                (Format::Jsonl, 2),
                (Format::Beir, 1),
            ]),
            without_entries: 2,
            unreadable: 1,
            other: 4,
            judged: 3,
            ..FileCounts::default()
        }
    );
}

#[test]
fn a_named_file_that_is_no_corpus_is_a_problem() {
    let folder = folder(&[
        ("a.rs", b"fn main() {}"),
        ("b.json", b"{}"),
        ("c.bin", b"\0"),
        ("d/queries.jsonl", record("d").as_bytes()),
        ("d/qrels/dev.tsv", b""),
        ("e.bak", record("e").repeat(2).as_bytes()),
        ("f.txt", b""),
    ]);
    let expected = "expected a Nuxt payload";
    for (name, item) in [
        ("a.rs", format!("a.rs:0: {expected}")),
        ("b.json", format!("b.json:0: {expected}")),
        ("c.bin", format!("c.bin:0: {expected}")),
        (
            "d/queries.jsonl",
            "queries.jsonl:0: holds the queries".to_owned(),
        ),
        ("e.bak", "e".to_owned()),
        ("f.txt", format!("f.txt:0: {expected}")),
    ] {
        let (items, _) = read(&[folder.path().join(name)], ReadOptions::default());
        assert!(items[0].starts_with(&item), "{items:?}");
    }
    let missing = folder.path().join("missing");
    assert!(matches!(
        Corpus::open(std::slice::from_ref(&missing), ReadOptions::default()),
        Err(crate::Error::Io { path, .. }) if path == missing
    ));
}

#[test]
fn byte_order_marks_are_accepted() {
    let utf16 = |text: &str| {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect::<Vec<u8>>()
    };
    let folder = folder(&[
        ("a.jsonl", format!("\u{feff}{}", record("a")).as_bytes()),
        ("b.json", format!("\u{feff}{}", record("b")).as_bytes()),
        ("c.json", &utf16(&record("c"))),
        ("d.jsonl", &utf16(&record("d"))),
    ]);
    let (items, _) = read(&[folder.path().to_owned()], ReadOptions::default());
    assert_eq!(items, ["a", "b", "c", "d"]);
}

fn entries(corpus: Corpus) -> Vec<Entry> {
    corpus
        .filter_map(|item| match item {
            Item::Entry(entry) => Some(*entry),
            Item::Problem(_) => None,
        })
        .collect()
}

#[test]
fn questions_of_a_body_have_the_facts_of_their_page() {
    let folder = folder(&[(
        "git/index.md",
        b"---\r\ntitle: Git\r\nframework: no\r\ndifficulty: hard\r\ntags: [vcs]\r\n---\r\n\r\n\
          ## 1. What is `HEAD`?\r\n\r\nA *pointer*.\r\n\r\n```sh\r\ncat .git/HEAD\r\n\r\nls\r\n```\r\n",
    )]);
    let corpus = Corpus::open(&[folder.path().to_owned()], ReadOptions::default());
    let entries = entries(corpus.expect("the folder"));
    let [entry] = entries.as_slice() else {
        panic!("{entries:?}")
    };
    assert_eq!(entry.id, "git#what-is-head");
    assert_eq!(entry.title, "What is HEAD?");
    assert_eq!(entry.framework.as_deref(), Some("no"));
    assert_eq!(entry.tags, ["vcs"]);
    assert_eq!(entry.source.line, Some(8));
    let blocks = entry.answers[0].blocks.iter().map(|block| block.text());
    assert_eq!(
        blocks.collect::<Vec<_>>(),
        ["A pointer.", "cat .git/HEAD\n\nls"]
    );
}

#[test]
fn a_listed_question_without_an_answer_is_a_warning() {
    let folder = folder(&[(
        "a.md",
        b"---\nquestions:\n  - {id: x, q: What is X?}\n  - {id: y, q: What is Y?}\n---\n## What is x?\nX.\n",
    )]);
    let (items, counts) = read(&[folder.path().to_owned()], ReadOptions::default());
    assert_eq!(
        items,
        [
            "a#x",
            "a.md:4: the question has no answer; expected its text in the field `a`",
            "a#y",
        ]
    );
    assert_eq!(counts.unreadable, 0);
}

#[test]
fn sections_are_entries_when_asked_for() {
    let folder = folder(&[
        ("a.md", b"# A\n\nTop.\n\n## Use\n\nUsed.\n"),
        ("b.md", b"# B\n\n## Why?\n\nSo.\n\n## Use\n\nUsed.\n"),
    ]);
    let paths = [folder.path().to_owned()];
    assert_eq!(read(&paths, ReadOptions::default()).0, ["b#why"]);
    let options = ReadOptions {
        sections: true,
        ..ReadOptions::default()
    };
    assert_eq!(read(&paths, options.clone()).0, ["a#a", "a#use", "b#why"]);
    let corpus = Corpus::open(&paths, options).expect("the folder");
    let titles = entries(corpus).into_iter().map(|entry| entry.title);
    assert_eq!(titles.collect::<Vec<_>>(), ["A", "A: Use", "Why?"]);
}

#[test]
fn entries_survive_being_written_and_read() {
    let folder = folder(&[(
        "a.md",
        "# A\n\n## What is `x`?\n\nA **b** [c](d).\n\n1. é\n   - f\n\n```rust\nfn x() {}\n```\n\n| g | h |\n|---|---|\n| i | j |\n"
            .as_bytes(),
    )]);
    let open = |path: PathBuf| Corpus::open(&[path], ReadOptions::default()).expect("the file");
    let written = entries(open(folder.path().join("a.md")));
    assert_eq!(written.len(), 1);
    let json = serde_json::to_string(&written[0]).expect("JSON");
    for name in ["b.jsonl", "b.json", "b.txt"] {
        let path = folder.path().join(name);
        fs::write(&path, &json).expect("the file");
        assert_eq!(entries(open(path)), written, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let folder = folder(&[("a/a.jsonl", record("a").as_bytes())]);
    let link = |from: &str, to: &str| {
        std::os::unix::fs::symlink(folder.path().join(from), folder.path().join(to))
            .expect("a link");
    };
    link("a", "a/loop");
    link("a/a.jsonl", "b.jsonl");
    let (items, counts) = read(&[folder.path().to_owned()], ReadOptions::default());
    assert_eq!((items, counts.other), (vec!["a".to_owned()], 2));
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in r#"(---\n|\+\+\+\n|\{)?([-+{}\[\]#:=\n\r\t a"'>|&*!?1.é`\\<]|## |questions:\n|  - q: |\n---\n|```\n){0,40}"#) {
        for sections in [false, true] {
            for name in [walk::Name::Markdown, walk::Name::Json, walk::Name::JsonLines, walk::Name::Text] {
                let options = ReadOptions { sections, ..ReadOptions::default() };
                let file = TextFile { path: "x", relative: "x", text: &text, options: &options, beside: None };
                detect::head(name, text.as_bytes(), true);
                match detect::shape(name, &text, &options) {
                    Some(detect::Shape::Markdown) => {
                        markdown::read(&file, &mut |_| {});
                    }
                    Some(detect::Shape::Json) => {
                        json::read(&file, &mut |_| {});
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Returns a folder of the test data, or `None` after saying that there is none.
#[expect(clippy::print_stderr, reason = "a test that did not run has to say so")]
fn test_data(name: &str) -> Option<PathBuf> {
    let Some(data) = std::env::var_os("QDEX_TEST_DATA") else {
        eprintln!("not run: `QDEX_TEST_DATA` names no folder of test data");
        return None;
    };
    let folder = Path::new(&data).join(name);
    assert!(folder.is_dir(), "no folder `{}`", folder.display());
    Some(folder)
}

#[test]
fn front_matter_reads_alike_however_it_is_written() {
    let Some(folder) = test_data("native/frontmatter/synthetic-from-seed") else {
        return;
    };
    let expected = fs::read_to_string(folder.join("EXPECTED-01.json")).expect("the file");
    let expected: Value = serde_json::from_str(&expected).expect("JSON");
    let files = fs::read_dir(&folder).expect("the folder");
    let mut checked = 0;
    for path in files.map(|file| file.expect("a file").path()) {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if !matches!(
            name.get(..2),
            Some("01" | "02" | "03" | "04" | "05" | "06" | "07" | "08")
        ) {
            continue;
        }
        let text = text::decode(fs::read(&path).expect("the file")).expect("UTF-8");
        let page = front_matter::split(&text).expect("front matter");
        assert_eq!(Value::Object(page.fields), expected, "{name}");
        let questions = expected["questions"].as_array().map_or(0, Vec::len);
        assert_eq!(page.question_lines.len(), questions, "{name}");
        checked += 1;
    }
    assert_eq!(checked, 8);
}

#[test]
fn the_oddities_of_front_matter_are_entries() {
    let Some(folder) = test_data("native/frontmatter/synthetic-from-seed") else {
        return;
    };
    for (name, expected) in [
        (
            "09-folded-scalars.md",
            vec![
                "09-folded-scalars#folded",
                "09-folded-scalars#indent-indicator",
            ],
        ),
        ("10-yaml-traps.md", vec![]),
        (
            "11-toml.md",
            vec!["rust/ownership#move", "rust/ownership#raw"],
        ),
        ("12-json-front-matter.md", vec!["12-json-front-matter#x"]),
        ("13-empty-front-matter.md", vec![]),
        (
            "14-unterminated.md",
            vec![
                "14-unterminated.md:1: the front matter never ends; close it with a line of `---`",
            ],
        ),
        ("15-not-front-matter-hr.md", vec![]),
        ("16-four-dashes.md", vec![]),
        ("17-body-only.md", vec!["17-body-only#what-is-x"]),
    ] {
        let (items, _) = read(&[folder.join(name)], ReadOptions::default());
        assert_eq!(items, expected, "{name}");
    }
}

#[test]
fn real_front_matter_is_read() {
    let Some(folder) = test_data("native/frontmatter") else {
        return;
    };
    let corpus = Corpus::open(
        &[folder],
        ReadOptions {
            sections: true,
            ..ReadOptions::default()
        },
    )
    .expect("the folder");
    let skipped = corpus
        .filter_map(|item| match item {
            Item::Problem(problem) if problem.severity == Severity::Skipped => {
                Some(problem.to_string())
            }
            _ => None,
        })
        .filter(|problem| !problem.contains("14-unterminated.md"))
        .collect::<Vec<_>>();
    assert_eq!(skipped, Vec::<String>::new());
}

#[test]
fn judged_corpora_are_read_without_loss() {
    let Some(folder) = test_data("judged") else {
        return;
    };
    let mut checked = 0;
    for set in fs::read_dir(folder).expect("the folder") {
        let set = set.expect("a folder").path();
        let corpus = fs::read_to_string(set.join("corpus.jsonl")).expect("a corpus");
        let (items, counts) = read(&[set], ReadOptions::default());
        let ids = corpus.lines().map(|line| {
            let record: Value = serde_json::from_str(line).expect("JSON");
            record["_id"].as_str().expect("an id").to_owned()
        });
        assert_eq!(items, ids.collect::<Vec<_>>());
        assert_eq!(counts.read, BTreeMap::from([(Format::Beir, 1)]));
        assert!(counts.judged >= 2);
        checked += 1;
    }
    assert!(checked >= 5);
}
