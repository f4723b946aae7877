//! Where the lines of a session come from: an editor with a history on a terminal, else standard input.

use std::borrow::Cow;
use std::io::{self, BufRead, IsTerminal};
use std::path::PathBuf;
use std::rc::Rc;

use anstyle::Style;
use rustyline::completion::{Completer, Pair};
use rustyline::config::{BellStyle, Configurer};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter, HistoryHinter};
use rustyline::history::DefaultHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, EditMode, Editor, Helper};

use super::commands::Command;
use super::completion::candidates;
use super::highlight::highlighted;
use super::knowledge::Knowledge;
use crate::args::EditKeys;
use crate::report::{self, Failure};

/// How long Escape waits for the rest of a key.
const ESCAPE_MS: u16 = 50;
/// How many lines the history keeps.
const MAX_HISTORY: usize = 10_000;

/// The lines of a session.
pub(super) struct Lines {
    source: Source,
    /// Every line, those of former sessions first.
    history: Vec<String>,
    /// Where the history is kept; `None` when it is not.
    file: Option<PathBuf>,
}

enum Source {
    Typed(Box<Editor<Assistant, DefaultHistory>>),
    Piped,
}

impl Lines {
    /// Returns the lines that somebody types when both ends are a terminal, else those of standard input. `file` keeps the
    /// history of what is typed.
    pub(super) fn open(
        stdout_is_terminal: bool,
        knowledge: Rc<Knowledge>,
        file: Option<PathBuf>,
    ) -> Result<Self, Failure> {
        if !(stdout_is_terminal && io::stdin().is_terminal()) {
            return Ok(Lines {
                source: Source::Piped,
                history: Vec::new(),
                file: None,
            });
        }
        let config = Config::builder()
            .history_ignore_space(true)
            .max_history_size(MAX_HISTORY)
            .map_err(cannot_read)?
            .completion_type(CompletionType::List)
            .bell_style(BellStyle::None)
            .build();
        let mut editor = Editor::with_config(config).map_err(cannot_read)?;
        editor.set_helper(Some(Assistant {
            knowledge,
            history: HistoryHinter::new(),
        }));
        if let Some(file) = file.as_ref().filter(|file| file.exists())
            && let Err(error) = editor.load_history(file)
        {
            report::warning(&format!(
                "cannot read the history in `{}`, a new one is begun: {error}",
                file.display()
            ));
            let _ = editor.clear_history();
        }
        let history = editor.history().iter().cloned().collect();
        Ok(Lines {
            source: Source::Typed(Box::new(editor)),
            history,
            file,
        })
    }

    /// Returns whether somebody types the lines.
    pub(super) fn is_interactive(&self) -> bool {
        matches!(self.source, Source::Typed(_))
    }

    /// Returns every line so far, those of former sessions first.
    pub(super) fn history(&self) -> &[String] {
        &self.history
    }

    /// Binds the keys of another editor.
    pub(super) fn use_keys(&mut self, keys: EditKeys) {
        if let Source::Typed(editor) = &mut self.source {
            match keys {
                EditKeys::Emacs => editor.set_edit_mode(EditMode::Emacs),
                EditKeys::Vi => {
                    editor.set_edit_mode(EditMode::Vi);
                    // How long Escape may be the beginning of another key: nobody waits half a second for a command.
                    editor.set_keyseq_timeout(Some(ESCAPE_MS));
                }
            }
        }
    }

    /// Returns the next line, or `None` at the end. As in a shell, Ctrl-C drops the line and Ctrl-D ends.
    pub(super) fn next(&mut self, prompt: &str) -> Result<Option<String>, Failure> {
        match &mut self.source {
            Source::Piped => {
                let mut line = Vec::new();
                let read = io::stdin().lock().read_until(b'\n', &mut line);
                match read.map_err(|error| cannot_read(error.into()))? {
                    0 => Ok(None),
                    _ => {
                        let line = String::from_utf8_lossy(&line);
                        Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
                    }
                }
            }
            Source::Typed(editor) => loop {
                match editor.readline(prompt) {
                    Ok(line) => return Ok(Some(line)),
                    Err(ReadlineError::Interrupted) => {}
                    Err(ReadlineError::Eof) => return Ok(None),
                    Err(error) => return Err(cannot_read(error)),
                }
            },
        }
    }

    /// Adds a line to the history, and to its file at once: sessions end in many ways. Lines that begin with a blank are
    /// not kept.
    pub(super) fn remember(&mut self, line: &str) {
        let is_kept = !line.trim().is_empty() && !line.starts_with(char::is_whitespace);
        if !is_kept || self.history.last().is_some_and(|last| last == line) {
            return;
        }
        self.history.push(line.to_owned());
        let Source::Typed(editor) = &mut self.source else {
            return;
        };
        let added = editor.add_history_entry(line);
        let Some(file) = &self.file else {
            return;
        };
        let folder = file.parent().map_or_else(PathBuf::new, PathBuf::from);
        let saved = added
            .and_then(|_| Ok(std::fs::create_dir_all(&folder)?))
            .and_then(|()| editor.append_history(file));
        if let Err(error) = saved {
            report::warning(&format!(
                "cannot keep the history in `{}`: {error}",
                file.display()
            ));
            // Once is enough.
            self.file = None;
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

/// Completes, colours and hints at the line that is typed.
struct Assistant {
    knowledge: Rc<Knowledge>,
    history: HistoryHinter,
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, candidates) = candidates(line.get(..at).unwrap_or_default(), &self.knowledge);
        let pairs = candidates.into_iter().map(|candidate| Pair {
            display: candidate.display,
            replacement: candidate.replacement,
        });
        Ok((start, pairs.collect()))
    }
}

const PROMPT: Style = Style::new().bold();
const HINT: Style = Style::new().dimmed();

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        let is_colored = self.knowledge.color.get();
        let colored = is_colored
            .then(|| highlighted(line, &self.knowledge))
            .flatten();
        colored.map_or(Cow::Borrowed(line), Cow::Owned)
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        self.styled(prompt, PROMPT)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        self.styled(hint, HINT)
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.knowledge.color.get() && kind != CmdKind::MoveCursor
    }
}

impl Assistant {
    fn styled<'t>(&self, text: &'t str, style: Style) -> Cow<'t, str> {
        match self.knowledge.color.get() {
            true => Cow::Owned(format!("{style}{text}{style:#}")),
            false => Cow::Borrowed(text),
        }
    }
}

/// What may follow what was typed.
struct Rest {
    text: String,
    /// Whether it can be taken over: what a command takes is only told.
    is_text: bool,
}

impl Hint for Rest {
    fn display(&self) -> &str {
        &self.text
    }

    fn completion(&self) -> Option<&str> {
        self.is_text.then_some(self.text.as_str())
    }
}

impl Hinter for Assistant {
    type Hint = Rest;

    fn hint(&self, line: &str, at: usize, context: &Context<'_>) -> Option<Rest> {
        // Without colour it could not be told from what was typed.
        if !self.knowledge.color.get() || at < line.len() {
            return None;
        }
        let command = line
            .strip_prefix(':')
            .and_then(|line| line.strip_suffix(' '));
        if let Some(command) = command.and_then(Command::named) {
            return Some(Rest {
                text: command.synopsis.to_owned(),
                is_text: false,
            });
        }
        let text = self.history.hint(line, at, context)?;
        // The rest of a paste would be drawn over many lines.
        (!text.contains('\n')).then_some(Rest {
            text,
            is_text: true,
        })
    }
}

impl Helper for Assistant {}
impl Validator for Assistant {}
