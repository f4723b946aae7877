//! Updating in place: the result is that of a whole build, whatever was done to the files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::Index as Any;
use qdex::corpus::{Corpus, Item, ReadOptions, states};
use qdex::index::{IndexSummary, IndexerOptions, Source};
use qdex::{FacetField, Filter, Index, Indexer, SearchOptions, Searcher, Sort};

use crate::support::Sandbox;

/// Brings the index up to date with folders, or builds it.
fn index(dir: &Path, folders: &[&Path], compacts: bool) -> IndexSummary {
    let options = IndexerOptions {
        memory_budget_bytes: 0,
        ..IndexerOptions::default()
    };
    let mut indexer = match Index::exists(dir) {
        true => Indexer::update(dir, options).expect("an update starts"),
        false => Indexer::create(dir, options).expect("a build starts"),
    };
    for known in indexer.sources() {
        if !folders
            .iter()
            .any(|folder| fs::canonicalize(folder).expect("there") == known.absolute)
        {
            assert!(indexer.remove_source(&known.absolute));
        }
    }
    let begun = folders.iter().map(|folder| {
        let read = ReadOptions::default();
        let source = Source::new(folder, &read).expect("the folder is there");
        let only = indexer.begin_source(source.clone(), states(folder, &read));
        (folder, source, only)
    });
    let begun: Vec<_> = begun.collect();
    for (folder, source, only) in begun {
        indexer.enter_source(&source);
        let read = ReadOptions {
            only: Some(Arc::new(only)),
            ..ReadOptions::default()
        };
        let mut corpus = Corpus::open(&[folder.to_path_buf()], read).expect("the folder is there");
        while let Some(item) = corpus.next() {
            if let Some(file) = corpus.file() {
                indexer.set_file(file);
            }
            if let Item::Entry(entry) = item {
                indexer.add(*entry).expect("is added");
            }
        }
    }
    if compacts {
        indexer.merge_all();
    }
    indexer.commit().expect("is committed")
}

const QUERIES: [&str; 10] = [
    "alpha beta",
    "getUserName",
    "\"gamma delta\"",
    "code:\"get_user_name(\"",
    "alpha -tag:x",
    "difficulty:hard beta",
    "gama",
    "alpha OR delta",
    "is:answered",
    "nothing that is there",
];

/// What searches say: hits with their scores, totals, facets.
fn said(dir: &Path, with_scores: bool) -> String {
    let searcher = Searcher::new(Index::open(dir).expect("the index opens"));
    let mut said = String::new();
    for query in QUERIES {
        for sort in [Sort::Relevance, Sort::Id, Sort::Difficulty] {
            let options = SearchOptions {
                sort,
                limit: 100,
                facets: FacetField::ALL.to_vec(),
                ..SearchOptions::default()
            };
            let results = searcher.search(query, &options).expect("answers");
            let mut hits: Vec<String> = results
                .hits
                .iter()
                .map(|hit| match with_scores {
                    true => format!("{} {:?}", hit.entry.id, hit.score),
                    false => hit.entry.id.clone(),
                })
                .collect();
            if !with_scores && sort == Sort::Relevance {
                // Deleted entries still count among the frequent words.
                hits.sort();
            }
            let facets: Vec<String> = results
                .facets
                .iter()
                .map(|facet| format!("{facet:?}"))
                .collect();
            said.push_str(&format!(
                "{query} {sort:?} {} {hits:?} {facets:?} {:?}\n",
                results.total, results.warnings
            ));
        }
    }
    for prefix in ["al", "get"] {
        let words = searcher.words_starting_with(prefix, 5).expect("answers");
        said.push_str(&format!("{prefix} {words:?}\n"));
    }
    said.push_str(&format!(
        "{:?}\n",
        searcher.ids_with_prefix("", 100).expect("answers")
    ));
    let hard = Filter::any_of(FacetField::Difficulty, vec!["hard".to_owned()]);
    for entry in searcher.entries_by_id(&[]).expect("answers") {
        let entry = entry.expect("is read");
        said.push_str(&serde_json::to_string(&entry).expect("is JSON"));
        said.push('\n');
        assert_eq!(searcher.entry(&entry.id).expect("is there").id, entry.id);
        let related = searcher
            .related(&entry.id, &Default::default())
            .expect("answers");
        let mut ids: Vec<String> = related
            .related
            .iter()
            .map(|related| related.entry.id.clone())
            .collect();
        ids.sort();
        said.push_str(&format!("{} {ids:?}\n", related.total));
    }
    said.push_str(&format!(
        "{:?}\n",
        searcher.facets(&FacetField::ALL, &[hard])
    ));
    let groups = searcher.duplicates(&Default::default()).expect("answers");
    said.push_str(&format!("{} groups\n", groups.len()));
    said
}

/// One change of the files.
#[derive(Debug, Clone)]
enum Edit {
    Page { file: Any, texts: Vec<usize> },
    Records { file: Any, ids: Vec<(usize, usize)> },
    Remove { file: Any },
    Rename { from: Any, to: Any },
    Facts { text: usize },
    Convention { level: usize },
    Second(bool),
    Compact,
}

fn edit() -> impl Strategy<Value = Edit> {
    let texts = || prop::collection::vec(0..TEXTS.len(), 0..4);
    prop_oneof![
        4 => (any::<Any>(), texts()).prop_map(|(file, texts)| Edit::Page { file, texts }),
        4 => (any::<Any>(), prop::collection::vec((0..6usize, 0..TEXTS.len()), 0..5))
            .prop_map(|(file, ids)| Edit::Records { file, ids }),
        2 => any::<Any>().prop_map(|file| Edit::Remove { file }),
        2 => (any::<Any>(), any::<Any>()).prop_map(|(from, to)| Edit::Rename { from, to }),
        1 => (0..3usize).prop_map(|text| Edit::Facts { text }),
        1 => (0..3usize).prop_map(|level| Edit::Convention { level }),
        1 => any::<bool>().prop_map(Edit::Second),
        1 => Just(Edit::Compact),
    ]
}

const TEXTS: [&str; 7] = [
    "alpha beta gamma delta",
    "Call `getUserName` for alpha.",
    "```js\nget_user_name(alpha)\n```",
    "delta gamma beta",
    "What of gamma delta here",
    "",
    "alpha alpha alpha, see get-user-name",
];

const PAGES: [&str; 6] = [
    "one/a.md",
    "one/b.md",
    "one/deep/c.md",
    "two/d.md",
    "two/a.md",
    "one/deep/index.md",
];
const RECORDS: [&str; 4] = [
    "one/r.jsonl",
    "one/s.jsonl",
    "two/r.jsonl",
    "one/deep/t.json",
];

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("has a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

fn records(ids: &[(usize, usize)]) -> String {
    let levels = ["easy", "medium", "hard"];
    let record = |(id, text): &(usize, usize)| {
        let block = serde_json::json!({"kind": "prose", "text": TEXTS[*text].replace('`', "")});
        let record = serde_json::json!({
            "id": format!("id{id}"),
            "title": format!("What about {id}?"),
            "difficulty": levels[(id + text) % 3],
            "tags": if text % 2 == 0 { vec!["x"] } else { vec!["Y", "z"] },
            "answers": [{"blocks": [block]}],
        });
        format!("{record}\n")
    };
    ids.iter().map(record).collect()
}

fn apply(edit: &Edit, root: &Path, uses_second: &mut bool, compacts: &mut bool) {
    match edit {
        Edit::Page { file, texts } => {
            let questions: String = texts
                .iter()
                .enumerate()
                .map(|(place, text)| format!("## What is {place}?\n\n{}\n\n", TEXTS[*text]))
                .collect();
            write(
                &root.join(PAGES[file.index(PAGES.len())]),
                &format!("# Page\n\n{questions}"),
            );
        }
        Edit::Records { file, ids } => {
            let name = RECORDS[file.index(RECORDS.len())];
            let text = match name.ends_with(".json") {
                true => format!("[{}]", records(ids).trim_end().replace('\n', ",")),
                false => records(ids),
            };
            write(&root.join(name), &text);
        }
        Edit::Remove { file } => {
            let all: Vec<&str> = PAGES.into_iter().chain(RECORDS).collect();
            let _ = fs::remove_file(root.join(all[file.index(all.len())]));
        }
        Edit::Rename { from, to } => {
            let names = if from.index(2) == 0 {
                &PAGES[..]
            } else {
                &RECORDS[..3]
            };
            let (from, to) = (names[from.index(names.len())], names[to.index(names.len())]);
            let to = root.join(to);
            fs::create_dir_all(to.parent().expect("has a folder")).expect("a folder");
            let _ = fs::rename(root.join(from), to);
        }
        Edit::Facts { text } => {
            let facts = ["{\"difficulty\": \"hard\"}", "{\"tags\": [\"x\"]}", "[]"];
            write(&root.join("one/deep/metadata.json"), facts[*text]);
        }
        Edit::Convention { level } => {
            let choice = [
                "",
                "convention = \"headings 1\"\n",
                "convention = \"headings 2\"\n",
            ];
            write(&root.join("one/qdex.toml"), choice[*level]);
        }
        Edit::Second(is_used) => *uses_second = *is_used,
        Edit::Compact => *compacts = true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn an_update_is_a_build(steps in prop::collection::vec(prop::collection::vec(edit(), 1..4), 1..6)) {
        let root = tempfile::tempdir().expect("a temporary folder");
        let root = root.path();
        let folders = [root.join("one"), root.join("two")];
        folders.iter().for_each(|folder| fs::create_dir_all(folder).expect("a folder"));
        // Something stays, so that there is an index.
        write(&root.join("one/z.jsonl"), &records(&[(9, 0)]));
        let updated = root.join("updated");
        let mut uses_second = true;
        for (step, edits) in steps.iter().enumerate() {
            let mut compacts = false;
            for edit in edits {
                apply(edit, root, &mut uses_second, &mut compacts);
            }
            let used: Vec<&Path> = folders[..1 + usize::from(uses_second)].iter().map(PathBuf::as_path).collect();
            let summary = index(&updated, &used, compacts);
            prop_assert!(summary.segments <= 5);
            let fresh = root.join(format!("fresh-{step}"));
            let whole = index(&fresh, &used, false);
            prop_assert_eq!(summary.entries, whole.entries);
            prop_assert_eq!(said(&updated, compacts), said(&fresh, compacts));
            prop_assert_eq!(Index::check(&updated).expect("is checked").problems, Vec::<String>::new());
            let by_source = |dir: &Path| -> BTreeMap<String, u64> {
                let sources = Index::open(dir).expect("opens").sources().expect("are read");
                sources.into_iter().map(|known| (known.source.path, known.entries)).collect()
            };
            prop_assert_eq!(by_source(&updated), by_source(&fresh));
            // Nothing has changed since.
            let again = index(&updated, &used, false);
            prop_assert_eq!((again.added, again.removed), (0, 0));
        }
        index(&updated, &folders.iter().map(PathBuf::as_path).collect::<Vec<_>>(), true);
        let fresh = root.join("fresh");
        index(&fresh, &folders.iter().map(PathBuf::as_path).collect::<Vec<_>>(), false);
        prop_assert_eq!(said(&updated, true), said(&fresh, true));
    }
}

#[test]
fn a_source_without_entries_is_one_of_the_sources() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let [one, two] = ["one", "two"].map(|name| root.path().join(name));
    write(&one.join("z.jsonl"), &records(&[(9, 0)]));
    fs::create_dir_all(&two).expect("a folder");
    let dir = root.path().join("index");
    index(&dir, &[&one], false);
    index(&dir, &[&one, &two], false);
    let sources = Index::open(&dir)
        .expect("opens")
        .sources()
        .expect("are read");
    let entries: Vec<u64> = sources.iter().map(|known| known.entries).collect();
    assert_eq!(entries, [1, 0]);
}

#[test]
fn sources_are_added_listed_updated_and_removed() {
    let sandbox = Sandbox::new();
    sandbox.file("notes/a.md", "# A\n\n## What is alpha?\n\nFirst.\n");
    sandbox.file(
        "more.jsonl",
        "{\"id\": \"one\", \"title\": \"Uno\"}\n{\"id\":\n",
    );
    let said = |arguments: &[&str], code: i32| {
        let ran = sandbox.qdex(arguments);
        assert_eq!(
            ran.code,
            Some(code),
            "{arguments:?}: {}{}",
            ran.stdout,
            ran.stderr
        );
        format!("{}{}", ran.stdout, ran.stderr)
    };
    let contains = |said: String, texts: &[&str]| {
        for text in texts {
            assert!(said.contains(text), "`{text}` is not in {said}");
        }
    };
    contains(
        said(&["index", "notes", "--index", "index"], 0),
        &["indexed 1 entry"],
    );
    contains(
        said(&["index", "more.jsonl"], 0),
        &[
            "updated `index`",
            "1 file new, 1 entry written",
            "skipped: more.jsonl:2",
            "holds 1 entry of `notes`; `qdex remove notes`",
        ],
    );
    contains(
        said(&["index"], 0),
        &[
            "`index` is up to date: 2 entries, 2 files unchanged",
            "1 skipped record in unchanged files",
        ],
    );
    assert_eq!(
        said(&["sources"], 0),
        "notes  1 entry in 1 file\nmore.jsonl  1 entry in 1 file, 1 skipped\n"
    );
    let sources = sandbox.qdex(&["sources", "--json"]).json();
    assert_eq!(sources[1]["path"], "more.jsonl");
    assert_eq!(sources[1]["entries"], 1);

    sandbox.file("notes/a.md", "# A\n\n## What is alpha?\n\nSecond.\n");
    sandbox.file("notes/b/c.md", "# C\n\n## What is gamma?\n\nThird.\n");
    // Another spelling of the path is the same source.
    contains(
        said(&["index", "./notes/../notes"], 0),
        &["1 file new, 1 file changed, 2 entries written; 3 entries now"],
    );
    assert_eq!(
        said(&["search", "second", "--format", "ids"], 0),
        "a#what-is-alpha\n"
    );
    assert_eq!(said(&["search", "first", "--format", "ids"], 1), "");
    fs::rename(sandbox.path("notes/b/c.md"), sandbox.path("notes/b/d.md")).expect("is renamed");
    contains(
        said(&["index", "notes"], 0),
        &["1 file moved", "3 entries now"],
    );
    contains(said(&["check"], 0), &["whole"]);

    contains(
        said(&["index", "notes/b"], 2),
        &["`notes/b` lies in `notes`"],
    );
    contains(
        said(&["remove", "nots"], 2),
        &["`nots` is no source", "`notes`, `more.jsonl`"],
    );
    contains(
        said(&["remove", "./notes"], 0),
        &["removed 2 entries", "1 entry now"],
    );
    assert_eq!(
        said(&["sources"], 0),
        "more.jsonl  1 entry in 1 file, 1 skipped\n"
    );
    fs::remove_file(sandbox.path("more.jsonl")).expect("is removed");
    contains(
        said(&["index"], 2),
        &[
            "is not there any more; the index stays as it was",
            "qdex remove more.jsonl",
        ],
    );
    assert_eq!(said(&["search", "uno", "--format", "ids"], 0), "one\n");
    contains(said(&["remove", "more.jsonl"], 0), &["0 entries now"]);
    assert_eq!(said(&["sources"], 1), "");
    contains(said(&["index"], 2), &["there is nothing to index"]);
}

/// What stands behind a line that goes or comes is elsewhere then, and is not written again.
#[test]
fn entries_that_only_move_in_their_file_stay_and_have_their_new_lines() {
    let sandbox = Sandbox::new();
    let line =
        |number: usize| format!("{{\"id\": \"e{number}\", \"title\": \"Number {number}\"}}\n");
    let lines: Vec<String> = (1..=9).map(line).collect();
    sandbox.file("a.jsonl", &lines.concat());
    let index = || {
        let ran = sandbox.qdex(&["index", "a.jsonl", "--index", "index"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        format!("{}{}", ran.stdout, ran.stderr)
    };
    let line_of = |id: &str| sandbox.qdex(&["show", id, "--json"]).json()["source"]["line"].clone();
    index();
    assert_eq!(line_of("e7"), 7);
    sandbox.file("a.jsonl", &[&lines[..2], &lines[3..]].concat().concat());
    let said = index();
    assert!(
        said.contains("0 entries written, 1 entry removed"),
        "{said}"
    );
    assert_eq!((line_of("e2"), line_of("e7")), (2.into(), 6.into()));
    sandbox.file("a.jsonl", &format!("\n\n{}", lines.concat()));
    let said = index();
    assert!(said.contains("1 entry written; 9 entries now"), "{said}");
    assert_eq!(
        (line_of("e2"), line_of("e3"), line_of("e7")),
        (4.into(), 5.into(), 9.into())
    );
    // Nothing but the lines is otherwise.
    sandbox.file("a.jsonl", &format!("\n{}", lines.concat()));
    let said = index();
    assert!(said.contains("0 entries written"), "{said}");
    assert_eq!(line_of("e3"), 4);
    assert!(index().contains("is up to date"));
    assert_eq!(sandbox.qdex(&["check"]).code, Some(0));
}

/// Two sources have an id; however the later one loses it, the earlier one's entry is found again.
#[test]
fn an_entry_comes_back_when_what_hid_it_goes() {
    let with = "{\"id\": \"x\", \"title\": \"Second\"}\n{\"id\": \"y\", \"title\": \"Other\"}\n";
    let without = "{\"id\": \"y\", \"title\": \"Other\"}\n";
    for (arguments, drops) in [
        (&["index"][..], true),
        (&["index", "two.jsonl"], true),
        (&["index", "one.jsonl", "two.jsonl"], true),
        (&["remove", "two.jsonl"], false),
    ] {
        let sandbox = Sandbox::new();
        sandbox.file("one.jsonl", "{\"id\": \"x\", \"title\": \"First\"}\n");
        sandbox.file("two.jsonl", with);
        let ran = sandbox.qdex(&["index", "one.jsonl", "two.jsonl", "--index", "index"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let title = || sandbox.qdex(&["show", "--json", "x"]).json()["title"].clone();
        assert_eq!(title(), "Second");
        if drops {
            sandbox.file("two.jsonl", without);
        }
        let ran = sandbox.qdex(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
        assert_eq!(title(), "First", "{arguments:?}: {}", ran.stderr);
        if drops {
            sandbox.file("two.jsonl", with);
            assert_eq!(sandbox.qdex(arguments).code, Some(0));
            assert_eq!(title(), "Second", "{arguments:?}");
        }
    }
}

#[test]
fn pipes_are_read_once_and_whole() {
    let sandbox = Sandbox::new();
    let pipe = sandbox.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: there is no `mkfifo` here");
        return;
    }
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || {
            fs::write(
                pipe,
                "{\"id\": \"one\", \"title\": \"Uno\"}\n{\"id\": \"two\", \"title\": \"Dos\"}\n",
            )
        }
    });
    let ran = sandbox.qdex(&["index", "pipe", "--index", "index"]);
    writer.join().expect("no panic").expect("somebody reads");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("indexed 2 entries"), "{}", ran.stderr);
}

#[test]
fn a_folder_that_was_emptied_keeps_its_entries() {
    let sandbox = Sandbox::new();
    sandbox.file("notes/a.md", "# A\n\n## What is alpha?\n\nFirst.\n");
    assert_eq!(
        sandbox.qdex(&["index", "notes", "--index", "index"]).code,
        Some(0)
    );
    fs::remove_file(sandbox.path("notes/a.md")).expect("is removed");
    let ran = sandbox.qdex(&["index"]);
    assert!(
        ran.stderr.contains("its entries stay: `qdex remove notes`"),
        "{}",
        ran.stderr
    );
    let found = sandbox.qdex(&["search", "alpha", "--format", "ids"]);
    assert_eq!(found.stdout, "a#what-is-alpha\n");
}

#[test]
fn an_index_of_another_version_is_built_anew_from_its_sources() {
    let sandbox = Sandbox::new();
    sandbox.file("notes/a.md", "# A\n\n## What is alpha?\n\nFirst.\n");
    sandbox.file("more.jsonl", "{\"id\": \"one\", \"title\": \"Uno\"}\n");
    assert_eq!(
        sandbox
            .qdex(&["index", "notes", "more.jsonl", "--index", "index"])
            .code,
        Some(0)
    );
    let meta = sandbox.path("index/qdex.json");
    let text = fs::read_to_string(&meta).expect("is read");
    let other = text.replacen("\"format\": ", "\"format\": 9", 1);
    assert_ne!(text, other);
    fs::write(&meta, other).expect("is written");
    let ran = sandbox.qdex(&["index", "notes"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("it is built anew"), "{}", ran.stderr);
    assert_eq!(sandbox.qdex(&["stats", "--json"]).json()["entries"], 2);
}

#[test]
fn a_watch_follows_files() {
    let sandbox = Sandbox::new();
    sandbox.file("notes/a.md", "# A\n\n## What is alpha?\n\nFirst.\n");
    let mut watch = sandbox
        .command(&["index", "notes", "--watch", "--index", "index"])
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the program runs");
    let finds = |query: &str, code: i32| {
        let started = std::time::Instant::now();
        while started.elapsed() < std::time::Duration::from_secs(60) {
            if sandbox
                .qdex(&["search", query, "--index", "index", "--format", "ids"])
                .code
                == Some(code)
            {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        false
    };
    let first = finds("alpha", 0);
    // As editors do it: beside, and renamed into place; then in a folder that was not there.
    fs::write(
        sandbox.path("notes/new"),
        "# A\n\n## What is beta?\n\nSecond.\n",
    )
    .expect("a file");
    fs::rename(sandbox.path("notes/new"), sandbox.path("notes/a.md")).expect("is renamed");
    let second = finds("beta", 0) && finds("alpha", 1);
    fs::create_dir_all(sandbox.path("notes/deep")).expect("a folder");
    sandbox.file("notes/deep/b.md", "# B\n\n## What is gamma?\n\nThird.\n");
    let third = finds("gamma", 0);
    fs::remove_dir_all(sandbox.path("notes/deep")).expect("is removed");
    let steps = (first, second, third, finds("gamma", 1));
    watch.kill().expect("is stopped");
    watch.wait().expect("ends");
    let missing = sandbox.qdex(&["index", "nots", "--watch"]);
    assert_eq!(missing.code, Some(2));
    assert!(
        missing.stderr.contains("cannot read `nots`"),
        "{}",
        missing.stderr
    );
    assert_eq!(steps, (true, true, true, true));
    assert_eq!(sandbox.qdex(&["check", "--index", "index"]).code, Some(0));
}
