//! `qdex repl` in a real terminal, which tmux plays. Where tmux is not installed, the tests say so and prove nothing.

#![cfg(unix)]

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::Sandbox;

/// Longer than any answer takes on a machine under load.
const DEADLINE: Duration = Duration::from_secs(60);

/// A terminal of 80 columns with a session in it.
struct Terminal {
    /// The socket of its server: one that has just ended may still hold its own.
    socket: PathBuf,
}

impl Terminal {
    /// Starts a session; `None` where there is no tmux.
    fn start(sandbox: &Sandbox) -> Option<Self> {
        let version = Command::new("tmux")
            .arg("-V")
            .stdout(Stdio::null())
            .status();
        if !version.is_ok_and(|status| status.success()) {
            println!("skipped: tmux is not installed");
            return None;
        }
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let terminal = Terminal {
            socket: sandbox.home(&format!("tmux-{number}")),
        };
        let home = sandbox.home("");
        let program = env!("CARGO_BIN_EXE_qdex");
        // What stands behind the program tells that it ended.
        let command = format!(
            "env -i TERM=xterm-256color LANG=C.UTF-8 PATH=\"$PATH\" TMUX=\"$TMUX\" HOME='{}' '{program}' repl -n 1 --index index; echo ended with $?; read wait",
            home.display()
        );
        let folder = sandbox.path("");
        let folder = folder.to_str().expect("is UTF-8");
        terminal.tmux(&[
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            "80",
            "-y",
            "30",
            "-c",
            folder,
            &command,
        ]);
        terminal.shows("qdex> ");
        Some(terminal)
    }

    /// Runs a command of tmux; returns what it prints.
    fn tmux(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("tmux runs");
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command
            .arg("-S")
            .arg(&self.socket)
            .args(arguments)
            .env_remove("TMUX");
        command
    }

    /// Types text as it is.
    fn types(&self, text: &str) -> &Self {
        self.tmux(&["send-keys", "-l", text]);
        self
    }

    /// Presses keys by their names.
    fn presses(&self, keys: &[&str]) -> &Self {
        self.tmux(&[&["send-keys"], keys].concat());
        self
    }

    /// Types a line and waits for the next prompt: what is typed before it may be lost.
    #[track_caller]
    fn enters(&self, line: &str) -> &Self {
        self.types(line).presses(&["Enter"]);
        let is_prompt = |screen: &str| {
            let last = screen
                .trim_end()
                .lines()
                .last()
                .unwrap_or_default()
                .trim_end();
            last.starts_with("qdex") && last.ends_with('>')
        };
        self.waits(&["capture-pane", "-p", "-J"], is_prompt, "a prompt")
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    fn shows(&self, text: &str) -> &Self {
        self.waits(
            &["capture-pane", "-p", "-J"],
            |screen| screen.contains(text),
            text,
        )
    }

    /// Waits until the last line that is not empty is this one.
    #[track_caller]
    fn ends_with(&self, line: &str) -> &Self {
        let is_last =
            |screen: &str| screen.trim_end().lines().last().map(str::trim_end) == Some(line);
        self.waits(&["capture-pane", "-p", "-J"], is_last, line)
    }

    /// Waits until the screen shows a text with its styles.
    #[track_caller]
    fn shows_styled(&self, text: &str) -> &Self {
        self.waits(
            &["capture-pane", "-p", "-e"],
            |screen| screen.contains(text),
            text,
        )
    }

    #[track_caller]
    fn waits(&self, capture: &[&str], is_there: impl Fn(&str) -> bool, wanted: &str) -> &Self {
        let started = Instant::now();
        loop {
            let screen = self.tmux(capture);
            if is_there(&screen) {
                return self;
            }
            assert!(
                started.elapsed() < DEADLINE,
                "`{wanted}` is not shown:\n{screen}"
            );
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed may have left none.
        let _ = self.command(&["kill-server"]).output();
    }
}

#[test]
fn a_line_is_coloured_hinted_and_completed_as_it_is_typed() {
    let sandbox = Sandbox::indexed();
    let Some(terminal) = Terminal::start(&sandbox) else {
        return;
    };
    terminal
        .types("gc tag:memory")
        .shows_styled("\u{1b}[36mtag:\u{1b}[32mmemory");
    terminal
        .presses(&["C-u"])
        .types(":opne")
        .shows_styled("\u{1b}[31m:opne");
    terminal
        .presses(&["C-u"])
        .types(":open ")
        .shows(":open N|ID");
    terminal
        .presses(&["C-u"])
        .types(":framework R")
        .presses(&["Tab"])
        .ends_with("qdex> :framework Rust");
    terminal
        .presses(&["C-u"])
        .types("difficulty:")
        .presses(&["Tab", "Tab"])
        .shows("medium (2)");
    terminal
        .presses(&["C-u"])
        .types("coll")
        .presses(&["Tab", "Tab"])
        .shows("collector (1)");
    terminal
        .presses(&["C-u"])
        .enters("weakref cache")
        .shows("1 of 1 hit");
    // What is typed while a line is run is not lost.
    terminal
        .types(":set limit 3\r:set limit\r:help time\r")
        .shows("say how long each line took");
    // What was typed before is offered, and the right arrow takes it.
    terminal
        .types("weak")
        .shows("qdex> weakref cache")
        .presses(&["Right"])
        .types("s")
        .ends_with("qdex> weakref caches");
}

#[test]
fn a_pasted_traceback_is_one_query() {
    let sandbox = Sandbox::indexed();
    let Some(terminal) = Terminal::start(&sandbox) else {
        return;
    };
    let traceback = "Traceback (most recent call last):\n  File \"a.py\", line 1\nReferenceError: weakref is gone";
    terminal.tmux(&["set-buffer", traceback]);
    terminal.tmux(&["paste-buffer", "-p"]);
    terminal
        .shows("is gone")
        .presses(&["Enter"])
        .shows("What does a weak reference keep alive?");
    terminal
        .presses(&["C-l"])
        .enters(":history")
        .shows("    1  Traceback")
        .shows("       ReferenceError")
        .shows("    2  :history");
}

#[test]
fn a_session_lasts_until_it_is_ended_and_is_remembered() {
    let sandbox = Sandbox::indexed();
    let Some(terminal) = Terminal::start(&sandbox) else {
        return;
    };
    terminal.enters(":topic gc").shows("qdex [/python/gc]> ");
    terminal
        .enters(":tag nowhere")
        .shows("error: no entry has tag `nowhere`");
    terminal
        .types("half a li")
        .shows("half a li")
        .presses(&["C-c"])
        .ends_with("qdex [/python/gc]>");
    terminal
        .enters("cycles")
        .shows("How are reference cycles collected?");
    // Somebody builds the index anew.
    sandbox.file(
        "entries.jsonl",
        r#"{"id": "new", "title": "A new cycle", "topic": "/python/gc"}"#,
    );
    let built = sandbox.qdex(&["index", "entries.jsonl", "--index", "index"]);
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    terminal
        .presses(&["C-l"])
        .enters("cycles")
        .shows("the index was built anew")
        .shows("1. A new cycle");
    terminal.presses(&["C-d"]).shows("ended with 0");
    drop(terminal);

    use std::os::unix::fs::PermissionsExt;
    let history = sandbox.home(".local/state/qdex/history");
    let mode = std::fs::metadata(&history)
        .expect("is kept")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let Some(terminal) = Terminal::start(&sandbox) else {
        return;
    };
    terminal
        .presses(&["Up"])
        .ends_with("qdex> cycles")
        .presses(&["C-u", "C-d"])
        .shows("ended with 0");
    drop(terminal);

    // Noise in place of the history.
    std::fs::write(&history, b"\xff\xfe\x00noise").expect("is written");
    let Some(terminal) = Terminal::start(&sandbox) else {
        return;
    };
    terminal.shows("cannot read the history");
    terminal
        .enters("cycles")
        .shows("1. A new cycle")
        .presses(&["C-d"])
        .shows("ended with 0");
}

#[test]
fn code_is_copied_and_keys_are_those_of_vi() {
    let sandbox = Sandbox::indexed();
    let Some(terminal) = Terminal::start(&sandbox) else {
        return;
    };
    terminal
        .enters("weakref")
        .shows("1 of 1 hit")
        .enters(":copy 1")
        .shows("copied the code of `python/gc#weak-references`, 3 lines, by tmux");
    assert_eq!(
        terminal.tmux(&["show-buffer"]),
        "import weakref\n\ncache = weakref.WeakValueDictionary()"
    );
    terminal
        .enters(":set keys vi")
        .types("xcycles")
        .ends_with("qdex> xcycles");
    // Escape leads to commands, and the cursor back by one.
    let cursor = &["display-message", "-p", "#{cursor_x}"];
    let column = |column: usize| move |screen: &str| screen.trim() == column.to_string();
    let end = "qdex> xcycles".len();
    terminal.waits(cursor, column(end), "the cursor");
    terminal
        .presses(&["Escape"])
        .waits(cursor, column(end - 1), "the cursor further left");
    terminal.types("0x").presses(&["Enter"]);
    terminal.shows("How are reference cycles collected?");
}
