//! Failures, warnings and notes for people, on standard error.

use std::error::Error as _;
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Color, Style};
use qdex::Error;

use crate::locate;
use crate::render::terminal::clean;

const RED: Style = label_style(AnsiColor::Red);
const YELLOW: Style = label_style(AnsiColor::Yellow);
const CYAN: Style = label_style(AnsiColor::Cyan);

const fn label_style(color: AnsiColor) -> Style {
    Style::new().bold().fg_color(Some(Color::Ansi(color)))
}

/// Why a command could not be carried out.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The library failed.
    Library(Error),
    /// Standard output could not be written to.
    Output(io::Error),
    /// A file of the user's own could not be read or written.
    File {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
        hint: Option<String>,
    },
    /// What was asked for makes no sense here.
    Request {
        message: String,
        hint: Option<String>,
    },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Library(error)
    }
}

/// Standard output is all that the program writes to by itself; what it reads names its failures.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

/// Prints a failure: what was attempted, why it failed, and what to do. `named_index` is the index of commands that name
/// none, as far as the settings say.
pub(crate) fn failure(failure: &Failure, named_index: Option<&Path>) {
    let (message, mut cause, advice) = match failure {
        Failure::Library(error) => (
            error.to_string(),
            error.source(),
            hint_for(error, named_index),
        ),
        Failure::File {
            action,
            path,
            source,
            hint,
        } => (
            format!("cannot {action} `{}`", path.display()),
            Some(source as &dyn std::error::Error),
            hint.clone(),
        ),
        Failure::Output(error) => (
            "cannot write to standard output".to_owned(),
            Some(error as &dyn std::error::Error),
            None,
        ),
        Failure::Request { message, hint } => (message.clone(), None, hint.clone()),
    };
    line("error", RED, &message);
    while let Some(error) = cause {
        line("caused by", RED, &error);
        cause = error.source();
    }
    if let Some(advice) = advice {
        hint(&advice);
    }
}

/// Prints what is odd but does not stop anything.
pub(crate) fn warning(message: &str) {
    line("warning", YELLOW, &message);
}

/// Prints what was left out, and why.
pub(crate) fn skipped(message: &str) {
    line("skipped", YELLOW, &message);
}

/// Prints what to do.
pub(crate) fn hint(message: &str) {
    line("hint", CYAN, &message);
}

/// Prints what is good to know.
pub(crate) fn note(message: &str) {
    // A standard error that is closed is no reason to fail.
    let _ = writeln!(io::stderr().lock(), "{}", clean(message));
}

fn line(label: &str, style: Style, message: &dyn fmt::Display) {
    let message = message.to_string();
    let _ = writeln!(
        anstream::stderr().lock(),
        "{style}{label}{style:#}: {}",
        clean(&message)
    );
}

fn hint_for(error: &Error, named_index: Option<&Path>) -> Option<String> {
    let build_command = |path: &Path| build_command(path, named_index);
    match error {
        Error::NoIndex { path } => Some(format!("build it with `{}`", build_command(path))),
        Error::IndexVersion { path, .. } | Error::IndexDamaged { path, .. } => {
            Some(format!("rebuild it with `{}`", build_command(path)))
        }
        // What the engine cannot read is damaged as a rule; a disk that is full says so in the cause.
        Error::Engine {
            action: "search",
            path,
            ..
        } => Some(format!(
            "rebuild it with `{}` if it is damaged",
            build_command(path)
        )),
        Error::Engine {
            action: "write", ..
        } => Some("make room for it; what was there before still answers".to_owned()),
        Error::IndexLocked { .. } => Some("wait until that build is done".to_owned()),
        Error::UnknownFacetValue { field, near, .. } => Some(match near.as_slice() {
            [] => format!("`qdex facets {field}` lists what there is"),
            near => format!("did you mean {}?", quoted(near)),
        }),
        Error::UnknownId { near, .. } => Some(match near.as_slice() {
            [] => "`qdex search --format ids WORDS` finds ids".to_owned(),
            near => format!("did you mean {}?", quoted(near)),
        }),
        Error::Io {
            action,
            path,
            source,
        } => hint_for_path(action, path, source.kind()),
        _ => None,
    }
}

/// Returns what to do about a path that could not be read or written.
fn hint_for_path(action: &str, path: &Path, kind: io::ErrorKind) -> Option<String> {
    match kind {
        io::ErrorKind::NotFound if path.is_relative() => {
            let folder = std::env::current_dir().ok()?;
            Some(format!("the path starts in `{}`", folder.display()))
        }
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory if action == "create" => {
            Some("an index is a folder; name another one with `--index DIR`".to_owned())
        }
        io::ErrorKind::StorageFull | io::ErrorKind::FileTooLarge => {
            Some("make room, or write to another disk".to_owned())
        }
        io::ErrorKind::PermissionDenied => Some("you may not; `ls -l` says who may".to_owned()),
        _ => None,
    }
}

/// Returns the command that builds the index at a path, as far as it can be known here.
fn build_command(index: &Path, named_index: Option<&Path>) -> String {
    let paths = if locate::is_corpus_here() {
        "corpus"
    } else {
        "PATH…"
    };
    match locate::for_writing(named_index) {
        Ok(default) if default == index => format!("qdex index {paths}"),
        _ => format!(
            "qdex index {paths} --index {}",
            shell_word(&index.to_string_lossy())
        ),
    }
}

fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%=,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn quoted(values: &[String]) -> String {
    let quoted: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_words_are_quoted_as_they_are_read() {
        for (values, said) in [
            (&["a"][..], "`a`"),
            (&["a", "b"], "`a` or `b`"),
            (&["a", "b", "c"], "`a`, `b` or `c`"),
        ] {
            let values: Vec<_> = values.iter().map(ToString::to_string).collect();
            assert_eq!(quoted(&values), said);
        }
        for (word, quoted) in [
            ("/tmp/a-b", "/tmp/a-b"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
        ] {
            assert_eq!(shell_word(word), quoted);
        }
    }
}
