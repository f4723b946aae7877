//! `qdex check`: an index that is whole is said to be, and one byte that has changed is found.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use qdex::{Error, Index, SearchOptions};

use crate::corpora::{own_corpus, read_well};
use crate::sample::{build, entry, folder, open};
use crate::support::{ENTRIES, Sandbox};

/// Returns every file of an index that has a content.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for file in fs::read_dir(folder).expect("is a folder") {
            let path = file.expect("is there").path();
            match fs::metadata(&path).expect("is there") {
                found if found.is_dir() => folders.push(path),
                found if found.len() > 0 => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    files
}

/// Returns whether a check finds fault.
fn is_damaged(dir: &Path) -> bool {
    match Index::check(dir) {
        Ok(report) => !report.problems.is_empty(),
        Err(Error::IndexDamaged { .. } | Error::IndexVersion { .. }) => true,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_whole_index_is_said_to_be() {
    let sandbox = Sandbox::indexed();
    let ran = sandbox.qdex(&["check"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let lines = ran.lines();
    assert_eq!(lines[0], "index             index");
    assert!(lines[3].starts_with("files             "), "{}", ran.stdout);
    assert!(lines[3].contains(" files whole, "), "{}", ran.stdout);
    assert_eq!(lines[4], "entries           4 entries read, from 1 file");
    assert_eq!(lines[5], "sources           1 as indexed");
    assert_eq!(lines[6], "outcome           whole");
    assert!(lines.iter().all(|line| line.chars().count() <= 80));

    let json = sandbox.qdex(&["check", "--json"]).json();
    assert_eq!(json["whole"], true);
    assert_eq!(json["entries"], 4);
    assert_eq!(json["sources"], serde_json::json!({"entries.jsonl": 4}));
    assert_eq!(json["problems"], serde_json::json!([]));
    assert_eq!(json["files"], files(&sandbox.path("index")).len());
}

#[test]
fn sources_that_are_not_as_they_were_indexed_are_told() {
    let sandbox = Sandbox::new();
    for name in ["same", "changes", "moves", "goes"] {
        let page = format!("# What is {name}?\n\nWords of {name}.\n");
        sandbox.file(&format!("notes/{name}.md"), &page);
    }
    sandbox.file("more/entries.jsonl", ENTRIES);
    sandbox.file("gone/page.md", "# What is away?\n\nWords.\n");
    let built = sandbox.qdex(&["index", "notes", "more", "gone", "--index", "index"]);
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    let fresh = sandbox.qdex(&["check"]);
    assert_eq!((fresh.code, fresh.stderr.as_str()), (Some(0), ""));
    assert_eq!(fresh.lines()[5], "sources           3 as indexed");

    sandbox.file("notes/changes.md", "# What is other?\n\nWords.\n");
    sandbox.file("notes/new\u{7}.md", "# What is new?\n\nWords.\n");
    fs::rename(sandbox.path("notes/moves.md"), sandbox.path("notes/z.md")).expect("moves");
    fs::remove_file(sandbox.path("notes/goes.md")).expect("is removed");
    fs::remove_dir_all(sandbox.path("gone")).expect("is removed");
    let ran = sandbox.qdex(&["check"]);
    assert_eq!(ran.code, Some(0), "an index that is behind is not damaged");
    assert_eq!(
        ran.lines()[5..],
        [
            "sources           1 as indexed, 1 changed since, 1 not there",
            "outcome           whole"
        ]
    );
    assert_eq!(
        ran.stderr,
        "warning: the source `notes` is not as it was indexed: 1 file changed (`changes.md`), \
         1 file new (`new␇.md`), 1 file moved (`z.md`), 1 file gone (`goes.md`)\n\
         warning: there is nothing at the source `gone` any more; bring it back, or take its entries out with \
         `qdex remove gone`\n\
         the index is whole, and older than its sources; `qdex index` brings it up to date\n"
    );
    let json = sandbox.qdex(&["check", "--json"]).json();
    assert_eq!(json["whole"], true);
    let compared = &json["compared"];
    assert_eq!(compared[0]["path"], "notes");
    assert_eq!(compared[0]["state"], "changed");
    assert_eq!(
        compared[0]["files"],
        serde_json::json!({
            "new": ["new\u{7}.md"], "changed": ["changes.md"], "moved": ["z.md"], "gone": ["goes.md"],
            "unknown": [], "unchanged": 1
        })
    );
    assert_eq!(compared[1]["state"], "current");
    assert_eq!(compared[2]["state"], "missing");

    // What is said to be done helps.
    for arguments in [&["remove", "gone"][..], &["index"]] {
        let ran = sandbox.qdex(arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
    let fresh = sandbox.qdex(&["check"]);
    assert_eq!((fresh.code, fresh.stderr.as_str()), (Some(0), ""));
    assert_eq!(fresh.lines()[5], "sources           2 as indexed");
}

#[test]
fn sources_are_compared_from_any_folder() {
    let sandbox = Sandbox::new();
    sandbox.file("a/notes/page.md", "# What is a page?\n\nWords.\n");
    sandbox.file("a/notes/metadata.json", "{\"difficulty\": \"Hard\"}");
    let built = sandbox.qdex(&["index", "a/notes", "--index", "index"]);
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    let check = || {
        let mut command = sandbox.command(&["check", "--index", "../index"]);
        let ran = command.current_dir(sandbox.path("a")).output();
        let ran = ran.expect("runs");
        String::from_utf8(ran.stderr).expect("is text")
    };
    assert_eq!(check(), "");
    // What stands beside a page says how it is read.
    sandbox.file("a/notes/metadata.json", "{\"difficulty\": \"Easy\"}");
    let told = check();
    assert!(
        told.contains("2 files changed (`metadata.json`, `page.md`)"),
        "{told}"
    );
}

#[test]
fn a_stream_is_not_compared() {
    let sandbox = Sandbox::new();
    let built = sandbox.with_input(&["index", "-", "--index", "index"], ENTRIES.as_bytes());
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    let ran = sandbox.qdex(&["check"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(ran.lines()[5], "sources           1 read from a stream");
}

#[test]
fn damage_is_told_with_what_to_do() {
    let sandbox = Sandbox::indexed();
    let store = files(&sandbox.path("index"));
    let store = store
        .iter()
        .find(|file| file.extension() == Some("store".as_ref()));
    let store = store.expect("the engine has one");
    let mut bytes = fs::read(store).expect("reads");
    bytes[7] ^= 0x20;
    fs::write(store, bytes).expect("is written");
    let ran = sandbox.qdex(&["check"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stdout
            .ends_with("outcome           damaged: 1 problem\n"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stderr
            .starts_with("error: the index at `index` is damaged: `"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains(".store` has the checksum ")
            && ran.stderr.contains(": its content has changed\n"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr
            .ends_with("hint: rebuild it with `qdex index PATH…`\n"),
        "{}",
        ran.stderr
    );
    let json = sandbox.qdex(&["check", "--json"]);
    assert_eq!(json.code, Some(2));
    assert_eq!(json.json()["whole"], false);
    assert_eq!(json.json()["problems"].as_array().map(Vec::len), Some(1));

    sandbox.file("entries.jsonl", ENTRIES);
    let rebuilt = sandbox.qdex(&["index", "entries.jsonl", "--index", "index"]);
    assert_eq!(rebuilt.code, Some(0), "{}", rebuilt.stderr);
    assert_eq!(sandbox.qdex(&["check"]).code, Some(0));
}

#[test]
fn no_index_and_left_overs_are_told() {
    let sandbox = Sandbox::new();
    let none = sandbox.qdex(&["check", "--index", "none"]);
    assert_eq!(none.code, Some(2));
    assert!(
        none.stderr.starts_with("error: no index at `none`\nhint: "),
        "{}",
        none.stderr
    );
    sandbox.file("corpus/entries.jsonl", ENTRIES);
    let corpus = sandbox.qdex(&["check"]);
    assert_eq!(corpus.code, Some(2), "a check builds nothing");
    assert!(
        corpus.stderr.starts_with("error: no index at `index`\n"),
        "{}",
        corpus.stderr
    );

    let sandbox = Sandbox::indexed();
    sandbox.file("index/generation-9/x", "left");
    sandbox.file("index/generation-1/y", "other");
    let ran = sandbox.qdex(&["check"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(
        ran.stderr,
        "warning: `y` is no file of the index\n\
         warning: `generation-9` is left of another build; the next one removes it\n"
    );
}

#[test]
fn real_entries_agree_with_what_the_index_says_of_them() {
    let folder = folder();
    let entries = read_well(&[own_corpus()]);
    build(folder.path(), &entries);
    // Searching changes nothing.
    let searcher = open(folder.path());
    let found = searcher.search("cache", &SearchOptions::default());
    assert!(found.expect("answers").total > 0);
    let report = Index::check(folder.path()).expect("is checked");
    assert_eq!(report.problems, [""; 0]);
    assert_eq!(report.notes, [""; 0]);
    assert_eq!(report.entries, entries.len() as u64);
    assert_eq!(report.sources.values().sum::<u64>(), report.entries);
}

#[test]
fn an_index_without_entries_is_whole() {
    let folder = folder();
    build(folder.path(), &[]);
    let report = Index::check(folder.path()).expect("is checked");
    assert_eq!((report.entries, report.problems), (0, Vec::new()));
}

#[test]
fn one_byte_that_has_changed_is_found_in_every_file() {
    let folder = folder();
    let dir = folder.path();
    let entries: Vec<_> = (0..30)
        .map(|number| entry(&format!("e{number}"), "A title", "Some `text` and words."))
        .collect();
    build(dir, &entries);
    assert!(!is_damaged(dir));
    let files = files(dir);
    assert!(files.len() >= 8, "{files:?}");
    for file in &files {
        let whole = fs::read(file).expect("reads");
        let last = whole.len() - 1;
        let flip = |at: usize, bits: u8| {
            let mut bytes = whole.clone();
            bytes[at] ^= bits;
            fs::write(file, bytes).expect("is written");
            assert!(
                is_damaged(dir),
                "byte {at} of {} changed by {bits:#x}",
                file.display()
            );
        };
        flip(0, 1);
        flip(last, 0x80);
        let strategy = (0..=last, 1..=u8::MAX);
        proptest!(ProptestConfig::with_cases(24), |((at, bits) in strategy)| flip(at, bits));
        // Also where a file grew or was cut.
        fs::write(file, &whole[..last]).expect("is written");
        assert!(is_damaged(dir), "{} was cut", file.display());
        fs::write(file, [&whole[..], b" "].concat()).expect("is written");
        assert!(is_damaged(dir), "{} has grown", file.display());
        fs::remove_file(file).expect("is removed");
        let is_meta_file = file.ends_with("qdex.json");
        assert!(
            is_meta_file || is_damaged(dir),
            "{} is gone",
            file.display()
        );
        fs::write(file, &whole).expect("is written");
    }
    assert!(!is_damaged(dir));
}
