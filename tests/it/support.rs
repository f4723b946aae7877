//! A folder of its own for each test, and the program run in it with an empty environment.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A temporary folder: `work` is the current folder of the program, `home` its home.
pub(crate) struct Sandbox {
    root: TempDir,
}

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The id of the first of [`ENTRIES`].
pub(crate) const WEAK: &str = "python/gc#weak-references";

/// Four entries that differ in every facet, one without code.
pub(crate) const ENTRIES: &str = r##"{"id": "python/gc#weak-references", "title": "What does a weak reference keep alive?", "difficulty": "hard", "topic": "/python/gc", "framework": "Python", "tags": ["memory", "caching"], "url": "/python/gc#weak-references", "answers": [{"body": "Nothing: `weakref` is used for caches, whose entries go away with their objects.\n\n```python\nimport weakref\n\ncache = weakref.WeakValueDictionary()\n```\n"}]}
{"id": "python/gc#cycles", "title": "How are reference cycles collected?", "difficulty": "medium", "topic": "/python/gc", "framework": "Python", "tags": ["memory"], "answers": [{"body": "A collector looks for groups of objects that only refer to each other."}]}
{"id": "rust/ownership#borrow", "title": "What does the borrow checker reject?", "difficulty": "medium", "topic": "/rust/ownership", "framework": "Rust", "tags": ["memory"], "answers": [{"body": "Two borrows of which one is mutable.\n\n```rust\nlet a = &mut x;\n```\n"}]}
{"id": "git#amend", "title": "What does `git commit --amend` do?", "difficulty": "easy", "topic": "/git", "framework": "Git", "answers": [{"body": "It replaces the last commit.\n\n```sh\ngit commit --amend\n```\n"}]}
"##;

impl Sandbox {
    /// Returns an empty sandbox.
    pub(crate) fn new() -> Self {
        let root = TempDir::with_prefix("qdex-test-").expect("a temporary folder");
        for folder in ["work", "home"] {
            std::fs::create_dir(root.path().join(folder)).expect("a folder in it");
        }
        Sandbox { root }
    }

    /// Returns a sandbox with [`ENTRIES`] indexed in `index`.
    pub(crate) fn indexed() -> Self {
        Sandbox::indexed_from(ENTRIES)
    }

    /// Returns a sandbox with the lines of entries indexed in `index`.
    pub(crate) fn indexed_from(lines: &str) -> Self {
        let sandbox = Sandbox::new();
        sandbox.file("entries.jsonl", lines);
        let ran = sandbox.qdex(&["index", "entries.jsonl", "--index", "index"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        sandbox
    }

    /// Returns a path in the program's current folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.path().join("work").join(path)
    }

    /// Returns a path in the user's home.
    pub(crate) fn home(&self, path: &str) -> PathBuf {
        self.root.path().join("home").join(path)
    }

    /// Writes a file, with the folders it needs.
    pub(crate) fn file(&self, path: &str, text: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().expect("is inside")).expect("its folders");
        std::fs::write(path, text).expect("the file");
    }

    /// Runs the program.
    pub(crate) fn qdex(&self, arguments: &[&str]) -> Ran {
        self.with_input(arguments, b"")
    }

    /// Runs the program with something on standard input.
    pub(crate) fn with_input(&self, arguments: &[&str], input: &[u8]) -> Ran {
        run(self.command(arguments), input)
    }

    /// Runs the program with environment variables.
    pub(crate) fn with_env(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        run(command, b"")
    }

    /// Returns the program, ready to run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qdex"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.root.path().join("home"))
            .current_dir(self.path(""));
        command
    }
}

fn run(mut command: Command, input: &[u8]) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("is piped");
    std::thread::scope(|scope| {
        // The program may end without reading all of it.
        scope.spawn(move || stdin.write_all(input));
        let Output {
            status,
            stdout,
            stderr,
        } = child.wait_with_output().expect("the program ends");
        Ran {
            code: status.code(),
            stdout: String::from_utf8(stdout).expect("is UTF-8"),
            stderr: String::from_utf8(stderr).expect("is UTF-8"),
        }
    })
}

impl Ran {
    /// Returns standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.stdout, self.stderr))
    }

    /// Returns the lines of standard output.
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.stdout.lines().collect()
    }
}
