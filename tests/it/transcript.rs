//! Sessions in a shell, written down: commands with what they print, run again and compared.
//!
//! A line that starts with `$ ` is a command; the lines up to the next one are what it prints, on both outputs. `…` stands
//! for any text in a line, and alone for any number of lines. `[2]` at the end is an exit status other than 0.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::Sandbox;

/// A command and what it prints.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) command: String,
    pub(crate) printed: Vec<String>,
}

/// Returns the commands of a transcript. Empty lines at the end of what is printed do not count.
pub(crate) fn steps(transcript: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in transcript.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                command: command.to_owned(),
                printed: Vec::new(),
            });
        } else if let Some(step) = steps.last_mut() {
            step.printed.push(line.trim_end().to_owned());
        }
    }
    for step in &mut steps {
        while step.printed.last().is_some_and(String::is_empty) {
            step.printed.pop();
        }
    }
    steps
}

/// Runs a command in a sandbox, by a shell that finds `qdex`, and returns what it prints.
pub(crate) fn run(sandbox: &Sandbox, command: &str) -> Vec<String> {
    let program = Path::new(env!("CARGO_BIN_EXE_qdex"));
    let folder = program.parent().expect("stands in a folder");
    let output = Command::new("bash")
        .args(["--norc", "-c", &format!("exec 2>&1; {command}")])
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .env("HOME", sandbox.path("../home"))
        .env("COLUMNS", "80")
        .current_dir(sandbox.path(""))
        .stdin(Stdio::null())
        .output()
        .expect("bash runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let work = sandbox.path("").canonicalize().expect("is there");
    let home = sandbox.path("../home").canonicalize().expect("is there");
    let printed = printed
        .replace(home.to_str().expect("is text"), "/home/you")
        .replace(work.to_str().expect("is text"), "/work");
    let mut printed: Vec<String> = printed
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    while printed.last().is_some_and(String::is_empty) {
        printed.pop();
    }
    match output.status.code() {
        Some(0) => {}
        Some(code) => printed.push(format!("[{code}]")),
        None => printed.push("[killed]".to_owned()),
    }
    printed
}

/// Returns whether lines are those that are expected.
pub(crate) fn fits(expected: &[String], printed: &[String]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first.trim() == "…" => {
            (0..=printed.len()).any(|skipped| fits(rest, &printed[skipped..]))
        }
        Some((first, rest)) => match printed.split_first() {
            Some((line, more)) => line_fits(first, line) && fits(rest, more),
            None => false,
        },
    }
}

fn line_fits(expected: &str, line: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(rest) = line.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut rest = rest;
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// Returns whether there is a shell that runs transcripts; says so when there is none.
pub(crate) fn has_shell() -> bool {
    let has_shell = Command::new("bash").arg("--version").output().is_ok();
    if !has_shell {
        println!("skipped: `bash` is not installed");
    }
    has_shell
}

#[test]
fn ellipses_stand_for_text_and_for_lines() {
    for (expected, printed, is_right) in [
        ("a", "a", true),
        ("a", "b", false),
        ("a", "a\nb", false),
        ("a\n…", "a\nb\nc", true),
        ("…\nc", "a\nb\nc", true),
        ("…\nb", "a\nb\nc", false),
        ("in … ms", "in 12 ms", true),
        ("in … ms, … left", "in 12 ms, 3 left", true),
        ("in … ms", "in 12 s", false),
        ("", "", true),
        ("…", "", true),
    ] {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            fits(&lines(expected), &lines(printed)),
            is_right,
            "{expected} / {printed}"
        );
    }
}
