//! Where the lines of a session come from: an editor with a history on a terminal, else standard input.

use std::io::{self, BufRead, IsTerminal};
use std::path::PathBuf;

use qdex::FacetField;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::COMMANDS;
use crate::locate;
use crate::report::{self, Failure};

/// The lines of a session.
pub(super) enum Lines {
    Typed(Box<Editor<Completions, DefaultHistory>>),
    Piped,
}

impl Lines {
    /// Returns the lines that somebody types when both ends are a terminal, else those of standard input.
    pub(super) fn open(stdout_is_terminal: bool) -> Result<Self, Failure> {
        if !(stdout_is_terminal && io::stdin().is_terminal()) {
            return Ok(Lines::Piped);
        }
        let config = Config::builder()
            .auto_add_history(true)
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .build();
        let mut editor = Editor::with_config(config).map_err(cannot_read)?;
        editor.set_helper(Some(Completions));
        if let Some(history) = locate::history() {
            // There is none before the first session.
            let _ = editor.load_history(&history);
        }
        Ok(Lines::Typed(Box::new(editor)))
    }

    /// Returns whether somebody types the lines.
    pub(super) fn is_interactive(&self) -> bool {
        matches!(self, Lines::Typed(_))
    }

    /// Returns the next line, or `None` at the end. As in a shell, Ctrl-C drops the line and Ctrl-D ends.
    pub(super) fn next(&mut self, prompt: &str) -> Result<Option<String>, Failure> {
        match self {
            Lines::Piped => {
                let mut line = Vec::new();
                let read = io::stdin().lock().read_until(b'\n', &mut line);
                match read.map_err(|error| cannot_read(error.into()))? {
                    0 => Ok(None),
                    _ => Ok(Some(String::from_utf8_lossy(&line).into_owned())),
                }
            }
            Lines::Typed(editor) => loop {
                match editor.readline(prompt) {
                    Ok(line) => return Ok(Some(line)),
                    Err(ReadlineError::Interrupted) => {}
                    Err(ReadlineError::Eof) => return Ok(None),
                    Err(error) => return Err(cannot_read(error)),
                }
            },
        }
    }

    /// Keeps the history for the next session.
    pub(super) fn close(self) {
        let (Lines::Typed(mut editor), Some(history)) = (self, locate::history()) else {
            return;
        };
        let folder = history.parent().map_or_else(PathBuf::new, PathBuf::from);
        let saved = std::fs::create_dir_all(&folder)
            .map_err(ReadlineError::from)
            .and_then(|()| editor.append_history(&history));
        if let Err(error) = saved {
            report::warning(&format!(
                "cannot keep the history in `{}`: {error}",
                history.display()
            ));
        }
    }
}

fn cannot_read(error: ReadlineError) -> Failure {
    Failure::Library(qdex::Error::Io {
        action: "read lines from",
        path: PathBuf::from("standard input"),
        source: io::Error::other(error),
    })
}

/// Completes the names of commands, and of the fields that `:filter` and `:facets` take.
pub(super) struct Completions;

impl Completer for Completions {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(completed(line.get(..at).unwrap_or_default()))
    }
}

impl Helper for Completions {}
impl Highlighter for Completions {}
impl Validator for Completions {}
impl Hinter for Completions {
    type Hint = String;
}

/// Returns where the word that is being typed starts, and what it may become.
fn completed(typed: &str) -> (usize, Vec<String>) {
    let start = typed
        .rfind(char::is_whitespace)
        .map_or(0, |blank| blank + 1);
    let word = &typed[start..];
    let candidates: Vec<String> = match typed.split_whitespace().next() {
        Some(_) if start == 0 => COMMANDS.map(|command| format!("{command} ")).into(),
        Some(":filter" | ":f") => FacetField::ALL.map(|field| format!("{field}=")).into(),
        Some(":facets") => FacetField::ALL.map(|field| field.to_string()).into(),
        _ => Vec::new(),
    };
    let fits = |candidate: &String| candidate.starts_with(word);
    (start, candidates.into_iter().filter(fits).collect())
}

#[cfg(test)]
mod tests {
    use super::completed;

    #[test]
    fn commands_and_fields_are_completed() {
        for (typed, start, expected) in [
            (":fi", 0, &[":filter "][..]),
            (":f", 0, &[":facets ", ":filter "]),
            (":filter to", 8, &["topic="]),
            (":filter tag=x d", 14, &["difficulty="]),
            (":facets l", 8, &["lang"]),
            ("weakref ca", 8, &[]),
            ("", 0, &[]),
        ] {
            let (at, candidates) = completed(typed);
            assert_eq!(
                (at, candidates.as_slice()),
                (
                    start,
                    expected
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .as_slice()
                ),
                "{typed}"
            );
        }
    }
}
