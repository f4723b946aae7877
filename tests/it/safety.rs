//! The index on disk: whatever is interrupted, damaged or built at the same time, a reader sees the last good index or
//! the new one.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use qdex::index::IndexerOptions;
use qdex::{Entry, Error, Index, Indexer, SearchOptions, Searcher};

use crate::sample::{build, entry, folder, indexer, open};

/// Returns the entries of a build: each names its build, all have one word in common.
pub(crate) fn entries_of(build: &str, count: usize) -> Vec<Entry> {
    let one = |number: usize| {
        let body = format!("Common words of number {number}, and `{build}_{number}`.");
        entry(&format!("{number}"), &format!("build {build}"), &body)
    };
    (0..count).map(one).collect()
}

/// Returns which build an index is of, after making sure that it is whole.
fn build_of(searcher: &Searcher) -> String {
    let options = SearchOptions {
        limit: usize::MAX,
        ..SearchOptions::default()
    };
    let found = searcher.search("common", &options).expect("answers");
    assert_eq!(searcher.stats().expect("has figures").entries, found.total);
    assert_eq!(found.hits.len() as u64, found.total);
    let title = &found.hits[0].entry.title;
    assert!(found.hits.iter().all(|hit| hit.entry.title == *title));
    title.trim_start_matches("build ").to_owned()
}

/// Returns the names of the files in a folder, sorted.
fn names(dir: &Path) -> Vec<String> {
    let files = fs::read_dir(dir).expect("a folder");
    let mut names: Vec<String> = files
        .map(|file| {
            let name = file.expect("a file").file_name();
            name.into_string().expect("a plain name")
        })
        .collect();
    names.sort_unstable();
    names
}

/// Asserts that a folder holds an index and nothing else.
fn assert_clean(dir: &Path) {
    let names = names(dir);
    let generations = names.iter().filter(|name| name.starts_with("generation-"));
    assert_eq!(generations.count(), 1, "{names:?}");
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.iter().any(|name| name == ".lock"));
    assert!(names.iter().any(|name| name == "qdex.json"));
}

#[test]
fn a_build_that_is_dropped_leaves_the_former_index_and_nothing_else() {
    let folder = folder();
    let dir = folder.path();
    let mut first = indexer(dir);
    first.add(entry("1", "One", "Common.")).expect("is added");
    drop(first);
    assert_eq!(names(dir), [".lock"]);
    assert!(!Index::exists(dir));
    assert!(matches!(Index::open(dir), Err(Error::NoIndex { .. })));

    build(dir, &entries_of("a", 3));
    let mut second = indexer(dir);
    for entry in entries_of("b", 5) {
        second.add(entry).expect("is added");
    }
    assert_eq!(build_of(&open(dir)), "a");
    drop(second);
    assert_eq!(build_of(&open(dir)), "a");
    assert_clean(dir);
    build(dir, &entries_of("c", 2));
    assert_eq!(build_of(&open(dir)), "c");
    assert_clean(dir);
}

/// Names the folder of the build that [`a_build_to_kill`] makes.
const KILLED_DIR: &str = "QDEX_TEST_KILLED_DIR";

/// The build that is killed, in a process of its own: this very test program, told so by the environment.
#[test]
fn a_build_to_kill() {
    let Some(dir) = std::env::var_os(KILLED_DIR) else {
        return;
    };
    let mut build = indexer(Path::new(&dir));
    println!("\nstarted");
    for (place, entry) in entries_of("killed", 4_000).iter().enumerate() {
        build.add(entry.clone()).expect("is added");
        if place == 2_000 {
            println!("\nadding");
        }
    }
    println!("\ncommitting");
    build.commit().expect("is committed");
    println!("\ncommitted");
}

#[test]
fn a_build_that_is_killed_leaves_an_index_that_answers() {
    for (moment, later_ms) in [
        ("started", 0),
        ("adding", 0),
        ("committing", 0),
        ("committing", 10),
        ("committing", 40),
        ("committing", 80),
        ("committing", 160),
        ("committing", 320),
        ("committed", 0),
    ] {
        let folder = folder();
        let dir = folder.path();
        build(dir, &entries_of("former", 10));
        let program = std::env::current_exe().expect("this program has a path");
        let mut child = Command::new(program)
            .args(["safety::a_build_to_kill", "--exact", "--nocapture"])
            .env(KILLED_DIR, dir)
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(child.stdout.take().expect("is piped")).lines();
        let reached = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line == moment);
        assert!(reached, "{moment}");
        std::thread::sleep(Duration::from_millis(later_ms));
        child.kill().expect("is killed");
        child.wait().expect("ends");
        drop(lines);

        let found = build_of(&open(dir));
        match moment {
            "committing" => assert!(found == "former" || found == "killed"),
            "committed" => assert_eq!(found, "killed"),
            _ => {
                assert_eq!(found, "former");
                assert!(names(dir).len() > 3, "{moment}: the build left nothing");
            }
        }
        // A build that only starts cleans what the killed one left.
        drop(indexer(dir));
        assert_clean(dir);
        assert_eq!(build_of(&open(dir)), found);
        build(dir, &entries_of("next", 3));
        assert_eq!(build_of(&open(dir)), "next");
        assert_clean(dir);
    }
}

#[test]
fn what_a_build_left_before_its_last_step_is_cleaned_by_the_next() {
    let folder = folder();
    let dir = folder.path();
    build(dir, &entries_of("former", 10));
    // Killed between writing the meta file beside and renaming it.
    fs::write(dir.join("qdex.json.new"), "{\"format\":").expect("is written");
    fs::create_dir(dir.join("generation-2")).expect("is made");
    fs::write(dir.join("generation-2/meta.json"), "").expect("is written");
    fs::create_dir(dir.join("generation-77")).expect("is made");
    assert_eq!(build_of(&open(dir)), "former");
    drop(indexer(dir));
    assert_clean(dir);
    assert_eq!(build_of(&open(dir)), "former");
}

#[test]
fn of_two_builds_at_once_the_second_says_so() {
    let folder = folder();
    let dir = folder.path();
    let first = indexer(dir);
    let second = Indexer::create(dir, IndexerOptions::default());
    assert!(matches!(second, Err(Error::IndexLocked { path }) if path == dir));
    // The one that was refused must not have cleaned up behind the first one's back.
    let mut first = first;
    first
        .add(entry("1", "build x", "Common."))
        .expect("is added");
    first.commit().expect("is committed");
    assert_eq!(build_of(&open(dir)), "x");
    build(dir, &entries_of("y", 1));
    assert_eq!(build_of(&open(dir)), "y");
}

#[test]
fn a_reader_keeps_the_index_that_it_opened() {
    let folder = folder();
    let dir = folder.path();
    build(dir, &entries_of("a", 50));
    let reader = open(dir);
    for build_name in ["b", "c"] {
        build(dir, &entries_of(build_name, 3));
        assert_eq!(build_of(&reader), "a");
        assert_eq!(build_of(&open(dir)), build_name);
        assert_clean(dir);
    }
}

/// Sets a flag when it goes.
struct Until<'a>(&'a AtomicBool);

impl Drop for Until<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn readers_never_fail_while_builds_follow_each_other() {
    let folder = folder();
    let dir = folder.path();
    build(dir, &entries_of("0", 20));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = || {
            let (mut opened, mut latest) = (0, 0);
            while !done.load(Ordering::Relaxed) {
                let build: usize = build_of(&open(dir)).parse().expect("a number");
                assert!(build >= latest, "{build} after {latest}");
                latest = build;
                opened += 1;
            }
            opened
        };
        // More readers than processors, so that some are halted while they open.
        let readers: Vec<_> = (0..8).map(|_| scope.spawn(reader)).collect();
        // They end with the builds, also with one that fails.
        let until = Until(&done);
        for number in 1..60 {
            build(dir, &entries_of(&number.to_string(), number));
        }
        drop(until);
        for reader in readers {
            assert!(reader.join().expect("the reader ends well") > 0);
        }
    });
    assert_clean(dir);
}

#[derive(Debug, PartialEq)]
enum Failure {
    No,
    Damaged,
    Version,
    Other(String),
}

fn failure(dir: &Path) -> Option<Failure> {
    match Index::open(dir) {
        Ok(_) => None,
        Err(Error::NoIndex { .. }) => Some(Failure::No),
        Err(Error::IndexDamaged { .. }) => Some(Failure::Damaged),
        Err(Error::IndexVersion { .. }) => Some(Failure::Version),
        Err(other) => Some(Failure::Other(other.to_string())),
    }
}

/// Damages a fresh index, expects a failure of one kind, and expects the next build to mend it.
fn check_damage(what: &str, expected: Failure, damage: impl Fn(&Path)) {
    let folder = folder();
    let dir = folder.path();
    build(dir, &entries_of("a", 30));
    damage(dir);
    assert_eq!(failure(dir), Some(expected), "{what}");
    // A build that comes to nothing makes nothing worse; one that ends mends.
    drop(indexer(dir));
    build(dir, &entries_of("b", 3));
    assert_eq!(build_of(&open(dir)), "b", "{what}");
    assert_clean(dir);
}

pub(crate) fn engine_files(dir: &Path) -> Vec<PathBuf> {
    let generation = dir.join("generation-1");
    let names = names(&generation);
    let of_engine = names.iter().filter(|name| !name.starts_with('.'));
    of_engine.map(|name| generation.join(name)).collect()
}

#[test]
fn an_engine_file_that_is_cut_or_gone_is_damage_that_a_build_mends() {
    let folder = folder();
    build(folder.path(), &entries_of("a", 30));
    let files = engine_files(folder.path()).len();
    assert!(files > 5);
    for place in 0..files {
        check_damage("shorter", Failure::Damaged, |dir| {
            let file = &engine_files(dir)[place];
            let bytes = fs::read(file).expect("reads");
            fs::write(file, &bytes[..bytes.len() - 1]).expect("is written");
        });
        check_damage("empty", Failure::Damaged, |dir| {
            fs::write(&engine_files(dir)[place], "").expect("is written");
        });
        check_damage("gone", Failure::Damaged, |dir| {
            fs::remove_file(&engine_files(dir)[place]).expect("is removed");
        });
    }
    check_damage("no generation", Failure::Damaged, |dir| {
        fs::remove_dir_all(dir.join("generation-1")).expect("is removed");
    });
    check_damage("a file for the generation", Failure::Damaged, |dir| {
        fs::remove_dir_all(dir.join("generation-1")).expect("is removed");
        fs::write(dir.join("generation-1"), "x").expect("is written");
    });
    for junk in ["", "{", "[1"] {
        check_damage("the engine's own list", Failure::Damaged, |dir| {
            fs::write(dir.join("generation-1/.managed.json"), junk).expect("is written");
        });
    }
    check_damage("the engine's meta file", Failure::Damaged, |dir| {
        let path = dir.join("generation-1/meta.json");
        let bytes = fs::read(&path).expect("reads");
        fs::write(path, vec![b'#'; bytes.len()]).expect("is written");
    });
}

#[test]
fn a_meta_file_that_is_wrong_is_an_error_that_a_build_mends() {
    for junk in [
        "",
        "junk",
        "{",
        "null",
        "[]",
        "{}",
        "\u{0}",
        r#"{"format": "one", "analysis": 1}"#,
        r#"{"format": -1, "analysis": 1}"#,
        r#"{"generation": 1}"#,
    ] {
        check_damage(junk, Failure::Damaged, |dir| {
            fs::write(dir.join("qdex.json"), junk).expect("is written");
        });
    }
    check_damage("no text", Failure::Damaged, |dir| {
        fs::write(dir.join("qdex.json"), b"\xff\xfe{").expect("is written");
    });
    check_damage("gone", Failure::No, |dir| {
        fs::remove_file(dir.join("qdex.json")).expect("is removed");
    });
    let set = |key: &'static str, value: serde_json::Value| {
        move |dir: &Path| {
            let path = dir.join("qdex.json");
            let mut meta: serde_json::Value =
                serde_json::from_slice(&fs::read(&path).expect("reads")).expect("is JSON");
            meta[key] = value.clone();
            fs::write(&path, meta.to_string()).expect("is written");
        }
    };
    check_damage("format", Failure::Version, set("format", 999.into()));
    check_damage("analysis", Failure::Version, set("analysis", 0.into()));
    check_damage("files", Failure::Damaged, set("files", 7.into()));
    check_damage("entries", Failure::Damaged, set("entries", "many".into()));
    for generation in [0, 2, u64::MAX] {
        check_damage(
            "generation",
            Failure::Damaged,
            set("generation", generation.into()),
        );
    }
    // Another version's file keeps its generation until a build is through; then it goes.
    check_damage("another version", Failure::Version, |dir| {
        let later = r#"{"format": 999, "analysis": 1, "generation": 1, "new": {"things": []}}"#;
        fs::write(dir.join("qdex.json"), later).expect("is written");
    });
}

#[test]
fn a_folder_that_is_not_there_is_no_index() {
    let folder = folder();
    assert_eq!(failure(&folder.path().join("none")), Some(Failure::No));
    fs::write(folder.path().join("file"), "text").expect("is written");
    assert_eq!(failure(&folder.path().join("file")), Some(Failure::No));
    assert!(!Index::exists(&folder.path().join("none")));
}
