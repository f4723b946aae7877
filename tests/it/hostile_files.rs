//! Files and disks as they should not be: a clear outcome each, and what is well is indexed all the same.

use std::fs;

use qdex::corpus::{Corpus, Item, Problem, ReadOptions, Severity};

use crate::sample::folder;
use crate::support::Sandbox;

/// Names how many small files are indexed.
const FILES: &str = "QDEX_FILES";

/// A file of a corpus, with one question.
const PAGE: &str = "# What is a page?\n\nCommon words.\n";

/// Reads a corpus and returns the titles of its entries and its problems.
fn read(corpus: Corpus) -> (Vec<String>, Vec<Problem>) {
    let (mut titles, mut problems) = (Vec::new(), Vec::new());
    for item in corpus {
        match item {
            Item::Entry(entry) => titles.push(entry.title),
            Item::Problem(problem) => problems.push(problem),
        }
    }
    (titles, problems)
}

#[test]
fn files_that_change_while_they_are_read_give_what_they_hold_or_a_problem() {
    let folder = folder();
    const COUNT: usize = 60;
    let path = |number: usize| folder.path().join(format!("{number:03}.jsonl"));
    let line =
        |number: usize| format!("{{\"id\": \"{number}\", \"title\": \"Number {number}\"}}\n");
    for number in 0..COUNT {
        fs::write(path(number), line(number)).expect("is written");
    }
    let long: String = (1_000..60_000).map(line).collect();
    fs::write(path(0), &long).expect("is written");
    let mut corpus =
        Corpus::open(&[folder.path().to_owned()], ReadOptions::default()).expect("opens");
    assert!(matches!(corpus.next(), Some(Item::Entry(_))));
    // The first file shrinks while it is read; of the others some vanish, some become longer, some become folders.
    let half = long.len() / 2;
    fs::File::options()
        .write(true)
        .open(path(0))
        .and_then(|file| file.set_len(half as u64))
        .expect("is cut");
    for number in 1..COUNT {
        match number % 4 {
            0 => fs::remove_file(path(number)).expect("is removed"),
            1 => fs::write(path(number), line(number) + &line(number + 500)).expect("is written"),
            2 => {
                fs::remove_file(path(number)).expect("is removed");
                fs::create_dir(path(number)).expect("is made");
            }
            _ => {}
        }
    }
    let (titles, problems) = read(corpus);
    // A file that was read ahead is as it was; one that is gone says so. None is lost without a word.
    for number in 1..COUNT {
        let has_entry = titles.contains(&format!("Number {number}"));
        let path = path(number).to_string_lossy().into_owned();
        let problem = problems.iter().find(|problem| problem.path == path);
        assert!(has_entry != problem.is_some(), "{number}: {problem:?}");
        if let Some(problem) = problem {
            assert_eq!(problem.severity, Severity::Skipped);
            assert!(
                problem.message.starts_with("cannot read the file"),
                "{problem:?}"
            );
        }
    }
    let of_first = titles
        .iter()
        .filter(|title| title.len() > "Number 999".len())
        .count();
    assert!(of_first > 1_000, "{of_first}");
    let first = path(0).to_string_lossy().into_owned();
    let broken = problems
        .iter()
        .filter(|problem| problem.path == first)
        .count();
    assert!(
        broken <= 1,
        "only the line that was cut is skipped: {problems:?}"
    );
}

#[test]
fn many_small_files_are_indexed() {
    let count: usize = match std::env::var(FILES) {
        Ok(files) => files.parse().expect("a number of files"),
        Err(_) => 1_000,
    };
    let sandbox = Sandbox::new();
    for number in 0..count {
        let text = format!("# What is number {number}?\n\nCommon words.\n");
        sandbox.file(&format!("corpus/{}/{number}.md", number / 500), &text);
    }
    let ran = sandbox.qdex(&["index", "corpus", "--index", "index"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let said = format!("indexed {count} entries in `index`");
    assert!(ran.stderr.contains(&said), "{}", ran.stderr);
    let last = (count - 1).to_string();
    let found = sandbox.qdex(&["search", &last, "--format", "ids", "-n", "1"]);
    assert!(
        found.stdout.contains(&format!("what-is-number-{last}")),
        "{found:?}"
    );
    assert_eq!(sandbox.qdex(&["check"]).code, Some(0));
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;
    use std::process::Command;

    use super::*;

    /// Runs a script in a sandbox, in which `qdex` is the program; `None` without what the script needs.
    fn script(sandbox: &Sandbox, script: &str) -> (Option<i32>, String) {
        let folder = Path::new(env!("CARGO_BIN_EXE_qdex"))
            .parent()
            .expect("stands in a folder");
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {script}")])
            .env_clear()
            .env(
                "PATH",
                format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", folder.display()),
            )
            .env("HOME", sandbox.home(""))
            .current_dir(sandbox.path(""))
            .output()
            .expect("sh runs");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), printed)
    }

    #[test]
    fn what_is_no_file_does_not_stop_a_build() {
        let sandbox = Sandbox::new();
        sandbox.file("corpus/page.md", PAGE);
        sandbox.file("elsewhere/more.md", "# What is elsewhere?\n\nWords.\n");
        let at = |path: &str| sandbox.path(path);
        symlink("..", at("corpus/up")).expect("is linked");
        symlink("loop.md", at("corpus/loop.md")).expect("is linked");
        symlink("nowhere.md", at("corpus/nowhere.md")).expect("is linked");
        std::os::unix::net::UnixListener::bind(at("corpus/socket.md")).expect("a socket");
        // Nobody writes into this one; whoever opened it would wait for ever.
        let (code, printed) = script(&sandbox, "mkfifo corpus/pipe.md corpus/pipe.jsonl");
        assert_eq!(code, Some(0), "{printed}");
        let mut others = 6;
        if script(&sandbox, "mknod corpus/zero.jsonl c 1 5").0 == Some(0) {
            others += 1;
        } else {
            println!("devices cannot be made here; /dev/zero stands for them");
        }
        let (code, printed) = script(&sandbox, "timeout 60 qdex index corpus --index index");
        assert_eq!(code, Some(0), "{printed}");
        assert!(printed.contains("indexed 1 entry in `index`"), "{printed}");
        assert!(
            printed.contains(&format!("{others} files of other kinds")),
            "{printed}"
        );
        // What is named is read: a device without end and one without content are no corpus, a link leads to one.
        for (path, code, said) in [
            ("/dev/zero", 1, "skipped: /dev/zero: expected "),
            ("/dev/null", 1, "skipped: /dev/null: expected "),
            (
                "corpus/loop.md",
                2,
                "error: cannot read `corpus/loop.md`\ncaused by: ",
            ),
            (
                "corpus/nowhere.md",
                2,
                "error: cannot read `corpus/nowhere.md`\ncaused by: ",
            ),
            ("corpus/up/elsewhere", 0, "indexed 1 entry in `other`"),
        ] {
            let run = format!("timeout 60 qdex index {path} --index other");
            let (ended, printed) = script(&sandbox, &run);
            assert_eq!(ended, Some(code), "{path}: {printed}");
            assert!(printed.contains(said), "{path}: {printed}");
        }
    }

    // Other systems refuse such names.
    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_no_text_are_told_apart_and_searched() {
        let sandbox = Sandbox::new();
        fs::create_dir(sandbox.path("corpus")).expect("a folder");
        let name = |bytes: &'static [u8]| sandbox.path("corpus").join(OsStr::from_bytes(bytes));
        fs::write(name(b"\xff.md"), PAGE).expect("is written");
        fs::write(name(b"\xfe.md"), PAGE).expect("is written");
        fs::create_dir(name(b"d\xe9")).expect("a folder");
        fs::write(name(b"d\xe9/page.md"), PAGE).expect("is written");
        fs::write(
            name(b"d\xe9/lines.jsonl"),
            "{\"id\": \"l\", \"title\": \"Line\"}\nnot JSON\n",
        )
        .expect("is written");
        let ran = sandbox.qdex(&["index", "corpus", "--index", "index"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains("indexed 4 entries"), "{}", ran.stderr);
        assert!(
            ran.stderr.contains("skipped: corpus/d%E9/lines.jsonl:2: "),
            "{}",
            ran.stderr
        );
        let found = sandbox.qdex(&["search", "page", "--format", "ids"]);
        let mut ids = found.lines();
        ids.sort_unstable();
        assert_eq!(
            ids,
            [
                "%FE#what-is-a-page",
                "%FF#what-is-a-page",
                "d%E9/page#what-is-a-page"
            ]
        );
        for id in ids {
            assert_eq!(sandbox.qdex(&["show", id]).code, Some(0), "{id}");
        }
        assert_eq!(sandbox.qdex(&["check"]).code, Some(0));
    }

    #[test]
    fn names_with_line_ends_and_escapes_reach_no_terminal() {
        let sandbox = Sandbox::new();
        let odd = "corpus/new\nline \u{1b}]0;title\u{7}\u{1b}[31m\u{202e}";
        sandbox.file(&format!("{odd}/page.md"), PAGE);
        sandbox.file(&format!("{odd}/broken.jsonl"), "not JSON\n");
        sandbox.file(&format!("{odd}/long.json"), "{\"id\": \"x\"");
        let ran = sandbox.qdex(&["index", "corpus", "--index", "index"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(ran.stderr.matches("skipped: ").count(), 2, "{}", ran.stderr);
        let id = sandbox.qdex(&["search", "page", "--json"]).json()["hits"][0]["id"].clone();
        let id = id.as_str().expect("an id").to_owned();
        for arguments in [
            &["search", "page"][..],
            &["search", "page", "--explain"],
            &["search", "page", "--format", "ids"],
            &["show", &id],
            &["facets"],
            &["facets", "source"],
            &["stats"],
            &["check"],
        ] {
            let read = sandbox.qdex(arguments);
            assert_eq!(read.code, Some(0), "{arguments:?}: {}", read.stderr);
            for printed in [&read.stdout, &read.stderr, &ran.stderr] {
                let is_hostile = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
                assert!(!printed.contains(is_hostile), "{arguments:?}: {printed:?}");
            }
        }
    }

    #[test]
    fn what_may_not_be_read_or_written_is_told_and_the_rest_goes_on() {
        let sandbox = Sandbox::new();
        sandbox.file("corpus/page.md", PAGE);
        sandbox.file("corpus/secret.md", PAGE);
        sandbox.file("corpus/folder/hidden.md", PAGE);
        sandbox.file("closed/.keep", "");
        let set = |path: &str, mode: u32| {
            fs::set_permissions(sandbox.path(path), fs::Permissions::from_mode(mode))
                .expect("is set");
        };
        set("corpus/secret.md", 0o000);
        set("corpus/folder", 0o000);
        set("closed", 0o555);
        if fs::read(sandbox.path("corpus/secret.md")).is_ok() {
            println!("skipped: this user may read and write everything");
        } else {
            let ran = sandbox.qdex(&["index", "corpus", "--index", "index"]);
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            for said in [
                "indexed 1 entry",
                "skipped: corpus/secret.md: cannot read the file: Permission denied",
                "skipped: corpus/folder: cannot read the file or folder: Permission denied",
            ] {
                assert!(
                    ran.stderr.contains(said),
                    "`{said}` is not in {}",
                    ran.stderr
                );
            }
            let ran = sandbox.qdex(&["index", "corpus", "--index", "closed/index"]);
            assert_eq!(ran.code, Some(2), "{}", ran.stderr);
            let said = "error: cannot create `closed/index`\ncaused by: Permission denied";
            assert!(ran.stderr.starts_with(said), "{}", ran.stderr);
            // An index in a folder that is read-only is read all the same.
            set("index", 0o555);
            assert_eq!(sandbox.qdex(&["search", "page"]).code, Some(0));
            assert_eq!(sandbox.qdex(&["check"]).code, Some(0));
            let ran = sandbox.qdex(&["index", "corpus", "--index", "index"]);
            assert_eq!(ran.code, Some(2), "{}", ran.stderr);
            assert!(ran.stderr.contains("\nhint: "), "{}", ran.stderr);
            set("index", 0o755);
            assert_eq!(sandbox.qdex(&["search", "page"]).code, Some(0));
        }
        set("corpus/folder", 0o755);
        set("closed", 0o755);
    }

    #[test]
    fn folders_as_deep_as_can_be_are_read_or_told() {
        let sandbox = Sandbox::new();
        sandbox.file("corpus/page.md", PAGE);
        sandbox.file(&format!("corpus/{}deep.md", "d/".repeat(400)), PAGE);
        // Two halves make a path that is longer than any may be.
        let half: String = (0..11).map(|step| format!("folder-{step:0200}/")).collect();
        sandbox.file(&format!("far/{half}far.md"), PAGE);
        fs::create_dir_all(sandbox.path(&format!("corpus/far/{half}"))).expect("folders");
        fs::rename(
            sandbox.path("far"),
            sandbox.path(&format!("corpus/far/{half}far")),
        )
        .expect("is moved");
        let ran = sandbox.qdex(&["index", "corpus", "--index", "index"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stderr.contains("indexed 2 entries"), "{}", ran.stderr);
        assert!(
            ran.stderr.starts_with("skipped: corpus/far/folder-"),
            "{}",
            ran.stderr
        );
        assert!(
            ran.stderr.contains(": cannot read the file or folder: "),
            "{}",
            ran.stderr
        );
        assert!(
            ran.stderr.contains("1 record or file skipped"),
            "{}",
            ran.stderr
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_stops_a_build_and_leaves_the_former_index() {
        let sandbox = Sandbox::new();
        sandbox.file("small/page.md", PAGE);
        let question = |number| {
            let words: Vec<String> = (0..40)
                .map(|word| format!("word{}", number * 31 + word * 7))
                .collect();
            format!("# What is {number}?\n\n{}\n\n", words.join(" "))
        };
        sandbox.file(
            "large/pages.md",
            &(0..3_000).map(question).collect::<String>(),
        );
        fs::create_dir(sandbox.path("disk")).expect("a folder");
        // A disk of its own, in a namespace of its own: nothing of it is left.
        if script(
            &sandbox,
            "unshare -rm mount -t tmpfs -o size=400k tmpfs disk",
        )
        .0 != Some(0)
        {
            println!("skipped: no small disk can be mounted here");
            return;
        }
        let steps = [
            "mount -t tmpfs -o size=400k tmpfs disk || exit 9",
            "qdex index small --index disk/index; echo first: $?",
            "qdex index large --index disk/index; echo full: $?",
            "qdex search page --index disk/index --format ids; echo searched: $?",
            "qdex check --index disk/index; echo checked: $?",
            "qdex index small --index disk/index; echo again: $?",
            "ls -A disk/index | wc -l",
        ];
        let (code, printed) = script(
            &sandbox,
            &format!("unshare -rm sh -c '{}'", steps.join("\n")),
        );
        assert_eq!(code, Some(0), "{printed}");
        for said in [
            "first: 0",
            "full: 2",
            "No space left on device",
            "hint: make room",
            "page#what-is-a-page\nsearched: 0",
            "checked: 0",
            "again: 0\n3\n",
        ] {
            assert!(printed.contains(said), "`{said}` is not in {printed}");
        }
        assert!(!printed.contains("left of another build"), "{printed}");
    }
}
