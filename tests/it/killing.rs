//! The program is killed at random moments of its builds: whatever happens, the former index answers or the new one.
//!
//! Twelve kills a test by default; `QDEX_KILLS=200` makes it two hundred.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use qdex::{Error, Index, SearchOptions, Searcher};

use crate::random::Numbers;
use crate::support::Sandbox;

/// Names how many kills are made.
const KILLS: &str = "QDEX_KILLS";
const INDEX: &str = "index";
const BUILD: [&str; 4] = ["index", "corpus", "--index", INDEX];
const REMOVE: [&str; 4] = ["remove", "more", "--index", INDEX];
const COMPACT: [&str; 4] = ["index", "--compact", "--index", INDEX];
const REBUILD: [&str; 4] = ["index", "--rebuild", "--index", INDEX];

/// A corpus: the contents of its files by their paths.
type Files = BTreeMap<String, String>;

fn kills() -> u64 {
    match std::env::var(KILLS) {
        Ok(kills) => kills.parse().expect("a number of kills"),
        Err(_) => 12,
    }
}

/// Returns the corpora between which the index is sent to and fro. Each differs from the others in a few files and lines.
fn corpora() -> Vec<Files> {
    let corpus = |version: usize| {
        let mut files = Files::new();
        for page in (0..24).filter(|page| page % 5 != version) {
            let words = if page % 7 == version {
                "changed"
            } else {
                "common"
            };
            let question = |number| {
                format!(
                    "# What is {page} of {number}?\n\nSome {words} words, and `name_{number}`.\n\n"
                )
            };
            // Some files move.
            let folder = if page % 11 == version {
                "moved"
            } else {
                "pages"
            };
            let text = (0..6).map(question).collect();
            files.insert(format!("corpus/{folder}/{page}.md"), text);
        }
        let line = |number| {
            let said = if number % 9 == version {
                "other"
            } else {
                "common"
            };
            format!(
                "{{\"id\": \"line-{number}\", \"title\": \"Line {number}\", \"answers\": [{{\"body\": \"{said} words\"}}]}}\n"
            )
        };
        let lines = (0..90 + 20 * version).map(line).collect();
        files.insert("corpus/lines.jsonl".to_owned(), lines);
        files
    };
    (0..3).map(corpus).collect()
}

/// Makes a corpus another one; what is the same stays untouched.
fn change(sandbox: &Sandbox, to: &Files) {
    for folder in ["corpus/pages", "corpus/moved"] {
        fs::create_dir_all(sandbox.path(folder)).expect("a folder");
        for file in fs::read_dir(sandbox.path(folder)).expect("a folder") {
            let name = file.expect("a file").file_name();
            let path = format!("{folder}/{}", name.to_str().expect("a plain name"));
            if !to.contains_key(&path) {
                fs::remove_file(sandbox.path(&path)).expect("is removed");
            }
        }
    }
    for (path, text) in to {
        if fs::read_to_string(sandbox.path(path)).ok().as_ref() != Some(text) {
            sandbox.file(path, text);
        }
    }
}

/// Returns everything that an index holds.
fn listing(index: &Searcher) -> Vec<String> {
    let entries = index.entries_by_id(&[]).expect("are listed");
    let json = entries.map(|entry| serde_json::to_string(&entry.expect("is read")));
    json.collect::<Result<_, _>>().expect("is JSON")
}

/// Returns everything that the index in a folder holds; `None` when no index is there.
fn listing_of(dir: &Path) -> Option<Vec<String>> {
    match Index::open(dir) {
        Ok(index) => Some(listing(&Searcher::new(index))),
        Err(Error::NoIndex { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

/// When a run is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So long after its start.
    After(Duration),
    /// So long after it began to write its files.
    Writing(Duration),
    /// When it has written the file that replaces the meta file.
    Replacing,
}

impl Moment {
    /// Draws a moment of a run that takes so long.
    fn draw(numbers: &mut Numbers, full: Duration) -> Moment {
        let part = |numbers: &mut Numbers| full.mul_f64(numbers.below(1_000) as f64 / 1_000.0);
        match numbers.below(6) {
            0..3 => Moment::After(part(numbers).mul_f64(1.1)),
            3..5 => Moment::Writing(part(numbers) / 2),
            _ => Moment::Replacing,
        }
    }

    fn is_reached(
        self,
        dir: &Path,
        former: usize,
        started: Instant,
        wrote: &mut Option<Instant>,
    ) -> bool {
        match self {
            Moment::After(time) => started.elapsed() >= time,
            Moment::Replacing => dir.join("qdex.json.new").exists(),
            Moment::Writing(time) => {
                if wrote.is_none() && generations(dir) > former {
                    *wrote = Some(Instant::now());
                }
                wrote.is_some_and(|wrote| wrote.elapsed() >= time)
            }
        }
    }
}

fn generations(dir: &Path) -> usize {
    let names = fs::read_dir(dir).into_iter().flatten().flatten();
    names
        .filter(|file| {
            file.file_name()
                .to_string_lossy()
                .starts_with("generation-")
        })
        .count()
}

/// Runs the program and kills it. Returns whether it had ended well before.
fn run_and_kill(sandbox: &Sandbox, arguments: &[&str], moment: Moment) -> bool {
    let dir = sandbox.path(INDEX);
    let former = generations(&dir);
    let mut child = sandbox
        .command(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let started = Instant::now();
    let mut wrote = None;
    loop {
        if let Some(status) = child.try_wait().expect("is waited for") {
            assert!(status.success(), "{arguments:?}: {status}");
            return true;
        }
        if moment.is_reached(&dir, former, started, &mut wrote) {
            break;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    child.kill().expect("is killed");
    let status = child.wait().expect("ends");
    // It may have ended between the two.
    status.success()
}

/// Runs the program to its end, and returns how long that takes.
fn run(sandbox: &Sandbox, arguments: &[&str]) -> Duration {
    let started = Instant::now();
    let ran = sandbox.qdex(arguments);
    assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
    started.elapsed()
}

/// Asserts that a folder holds an index that is whole, and nothing else.
fn assert_clean(dir: &Path) {
    let report = Index::check(dir).expect("is checked");
    assert_eq!((report.problems, report.notes), (vec![], vec![]));
    let files = fs::read_dir(dir).expect("a folder").flatten();
    let mut names: Vec<_> = files.map(|file| file.file_name()).collect();
    names.sort();
    assert!(names.len() == 3 && generations(dir) == 1, "{names:?}");
}

/// Reads the index again and again until it is told to stop, and returns how often.
fn read_all_the_while(dir: &Path, known: &[Vec<String>], done: &AtomicBool) -> u64 {
    let mut read = 0;
    while !done.load(Ordering::Relaxed) {
        let searcher = Searcher::new(Index::open(dir).expect("an index is there"));
        let found = searcher
            .search("common words", &SearchOptions::default())
            .expect("answers");
        assert!(found.total > 50);
        assert!(
            known.contains(&listing(&searcher)),
            "neither the one nor the other"
        );
        read += 1;
        std::thread::sleep(Duration::from_millis(5));
    }
    read
}

/// Stops the reader when it goes, also when a kill shows a fault.
struct Until<'a>(&'a AtomicBool);

impl Drop for Until<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_killed_build_leaves_the_former_index_or_the_new_one() {
    let sandbox = Sandbox::new();
    let dir = sandbox.path(INDEX);
    let corpora = corpora();
    let mut known = Vec::new();
    let mut full = Duration::ZERO;
    for files in &corpora {
        change(&sandbox, files);
        full = run(&sandbox, &BUILD);
        known.push(listing_of(&dir).expect("was built"));
        assert_clean(&dir);
    }
    assert!(known[0] != known[1] && known[1] != known[2] && known[0] != known[2]);

    let (done, read) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut numbers = Numbers::new(5);
    let mut holds = known.len() - 1;
    let (mut former, mut new) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| read.store(read_all_the_while(&dir, &known, &done), Ordering::Relaxed));
        let _until = Until(&done);
        for kill in 0..kills() {
            let next = (holds + 1 + numbers.below(2)) % known.len();
            change(&sandbox, &corpora[next]);
            let moment = Moment::draw(&mut numbers, full);
            let ended = run_and_kill(&sandbox, &BUILD, moment);

            let found = listing_of(&dir).expect("an index is there");
            let is_new = found == known[next];
            assert!(
                is_new || found == known[holds],
                "{moment:?}: nothing between"
            );
            assert!(is_new || !ended, "{moment:?}: what was committed is there");
            let report = Index::check(&dir).expect("is checked");
            assert_eq!(report.problems, [""; 0], "{moment:?}");
            if is_new {
                holds = next;
                new += 1;
            } else {
                former += 1;
            }
            // Left-overs of several kills come together, then a run takes them away, and the lock is free.
            if kill % 3 == 2 {
                assert_eq!(sandbox.qdex(&["check"]).code, Some(0));
                full = (full + run(&sandbox, &BUILD)) / 2;
                holds = next;
                assert_eq!(listing_of(&dir).as_ref(), Some(&known[holds]));
                assert_clean(&dir);
            }
        }
    });
    let read = read.into_inner();
    println!(
        "of {} killed builds {new} were through, {former} were not; read {read} times meanwhile",
        new + former
    );
    assert!(former > 0 && read > 0);
}

#[test]
fn a_killed_first_build_leaves_no_index_or_a_whole_one() {
    let sandbox = Sandbox::new();
    let dir = sandbox.path(INDEX);
    change(&sandbox, &corpora()[1]);
    let mut full = run(&sandbox, &BUILD);
    let whole = listing_of(&dir);
    let mut numbers = Numbers::new(6);
    let (mut none, mut new) = (0, 0);
    for kill in 0..kills().div_ceil(2) {
        if listing_of(&dir).is_some() {
            fs::remove_dir_all(&dir).expect("is removed");
        }
        let moment = Moment::draw(&mut numbers, full);
        let ended = run_and_kill(&sandbox, &BUILD, moment);
        let found = listing_of(&dir);
        match found {
            None => {
                assert!(!ended, "{moment:?}: what was committed is there");
                let check = sandbox.qdex(&["check", "--index", INDEX]);
                assert_eq!(check.code, Some(2));
                assert!(
                    check.stderr.contains("hint: build it with"),
                    "{}",
                    check.stderr
                );
                none += 1;
            }
            found => {
                assert_eq!(found, whole, "{moment:?}");
                let report = Index::check(&dir).expect("is checked");
                assert_eq!(report.problems, [""; 0], "{moment:?}");
                new += 1;
            }
        }
        if kill % 3 == 2 {
            full = (full + run(&sandbox, &BUILD)) / 2;
            assert_eq!(listing_of(&dir), whole);
            assert_clean(&dir);
        }
    }
    println!(
        "of {} killed first builds {new} were through, {none} were not",
        new + none
    );
    assert!(none > 0);
}

#[test]
fn a_killed_removal_compaction_or_rebuild_leaves_the_former_index_or_the_new_one() {
    let sandbox = Sandbox::new();
    let dir = sandbox.path(INDEX);
    let corpora = corpora();
    let page = |number| format!("# What is more of {number}?\n\nMore common words.\n\n");
    let pages: String = (0..40).map(page).collect();
    sandbox.file("more/pages.md", &pages);
    // What whole builds hold, of each corpus without the other source and with it.
    let known: Vec<[Vec<String>; 2]> = corpora
        .iter()
        .map(|files| {
            change(&sandbox, files);
            [&["corpus"][..], &["corpus", "more"]].map(|sources| {
                let options = ["--rebuild", "--index", INDEX];
                run(&sandbox, &[&["index"][..], sources, &options[..]].concat());
                listing_of(&dir).expect("was built")
            })
        })
        .collect();
    let all = known.as_flattened();
    assert!((1..all.len()).all(|place| !all[..place].contains(&all[place])));

    let commands = [REMOVE, COMPACT, REBUILD];
    let (done, read) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut numbers = Numbers::new(7);
    let mut full = [Duration::from_millis(100); 3];
    let (mut former, mut new) = ([0_u64; 3], [0_u64; 3]);
    let (mut version, mut with_more) = (known.len() - 1, true);
    std::thread::scope(|scope| {
        scope.spawn(|| read.store(read_all_the_while(&dir, all, &done), Ordering::Relaxed));
        let _until = Until(&done);
        for kill in 0..kills() {
            let command = (kill % 3) as usize;
            if !with_more {
                run(&sandbox, &["index", "more", "--index", INDEX]);
                with_more = true;
            }
            let (next, next_with_more) = match command {
                0 => (version, false),
                _ => ((version + 1 + numbers.below(2)) % known.len(), with_more),
            };
            change(&sandbox, &corpora[next]);
            let moment = Moment::draw(&mut numbers, full[command]);
            let arguments = commands[command];
            let ended = run_and_kill(&sandbox, &arguments, moment);

            let found = listing_of(&dir).expect("an index is there");
            let expected = &known[next][usize::from(next_with_more)];
            let is_new = found == *expected;
            let is_former = found == known[version][usize::from(with_more)];
            assert!(
                is_new || is_former,
                "{arguments:?} {moment:?}: nothing between"
            );
            assert!(
                is_new || !ended,
                "{arguments:?} {moment:?}: what was committed is there"
            );
            let report = Index::check(&dir).expect("is checked");
            assert_eq!(report.problems, [""; 0], "{arguments:?} {moment:?}");
            if is_new {
                (version, with_more) = (next, next_with_more);
                new[command] += 1;
            } else {
                former[command] += 1;
            }
            // The next run goes on where the killed one was, and takes away what that left.
            if !is_new && numbers.below(2) == 0 {
                let took = run(&sandbox, &arguments);
                full[command] = (full[command] + took) / 2;
                assert_eq!(listing_of(&dir).as_ref(), Some(expected), "{arguments:?}");
                assert_clean(&dir);
                (version, with_more) = (next, next_with_more);
            }
        }
    });
    let read = read.into_inner();
    for (command, (new, former)) in commands.iter().zip(new.into_iter().zip(former)) {
        let command = command[..2].join(" ");
        println!(
            "of {} killed `{command}` {new} were through, {former} were not",
            new + former
        );
    }
    println!("read {read} times meanwhile");
    assert!(former.iter().sum::<u64>() > 0 && read > 0);
}
