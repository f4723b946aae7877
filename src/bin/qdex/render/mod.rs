//! What values look like on each medium, and standard output itself. Every renderer neutralises text for its medium.

pub(crate) mod bench;
mod body;
mod code;
pub(crate) mod csv;
pub(crate) mod duplicates;
pub(crate) mod entry;
pub(crate) mod evaluation;
mod explanation;
pub(crate) mod facets;
pub(crate) mod hits;
pub(crate) mod json;
pub(crate) mod man;
mod marks;
pub(crate) mod related;
mod syntax;
mod table;
pub(crate) mod terminal;
pub(crate) mod text;

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use anstream::{AutoStream, ColorChoice};
use unicode_width::UnicodeWidthStr;

use crate::pager::{Pager, Paging};

/// What text is rendered for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Medium {
    /// Whether styles are written.
    pub(crate) color: bool,
    /// How many columns a line has.
    pub(crate) width: usize,
    /// Whether somebody is looking: controls must be neutralised in verbatim text too.
    pub(crate) terminal: bool,
}

/// Standard output, buffered, and what is known about it.
pub(crate) struct Output {
    writer: BufWriter<AutoStream<StdoutLock<'static>>>,
    pub(crate) medium: Medium,
    pub(crate) paging: Paging,
    pager: Option<String>,
}

impl Output {
    /// Returns standard output, locked.
    pub(crate) fn new(paging: Paging, pager: Option<String>) -> Self {
        let stdout = io::stdout().lock();
        let terminal = stdout.is_terminal();
        let color = AutoStream::choice(&stdout) != ColorChoice::Never;
        let medium = Medium {
            color,
            width: width(terminal),
            terminal,
        };
        // The renderers write no styles when there is no colour, so nothing is to be stripped; stripping would damage
        // verbatim text. `Always` lets old Windows consoles translate.
        let choice = if color {
            ColorChoice::Always
        } else {
            ColorChoice::AlwaysAnsi
        };
        let writer = BufWriter::with_capacity(64 * 1024, AutoStream::new(stdout, choice));
        Output {
            writer,
            medium,
            paging,
            pager,
        }
    }

    /// Takes the columns that the terminal has by now.
    pub(crate) fn measure(&mut self) {
        self.medium.width = width(self.medium.terminal);
    }

    /// Writes text, through a pager when it is longer than the screen that it goes to.
    pub(crate) fn page(&mut self, text: &str) -> io::Result<()> {
        let wants_pager = self.medium.terminal
            && match self.paging {
                Paging::Auto => is_longer_than_screen(text),
                Paging::Always => true,
                Paging::Never => false,
            };
        if wants_pager && let Some(pager) = Pager::chosen(self.pager.as_deref()) {
            self.flush()?;
            if pager.show(text, self.paging) {
                return Ok(());
            }
        }
        self.write(text)
    }

    /// Writes text as it is.
    pub(crate) fn write(&mut self, text: &str) -> io::Result<()> {
        self.writer.write_all(text.as_bytes())
    }

    /// Writes what is buffered.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Returns whether text and a prompt below it need more rows than the terminal has.
fn is_longer_than_screen(text: &str) -> bool {
    let Some((columns, rows)) = terminal_size::terminal_size_of(io::stdout()) else {
        return false;
    };
    let columns = usize::from(columns.0.max(1));
    let plain = anstream::adapter::strip_str(text).to_string();
    let taken = plain
        .lines()
        .map(|line| line.width().div_ceil(columns).max(1));
    taken.sum::<usize>() >= usize::from(rows.0)
}

/// Returns the columns of a line: those of the terminal, else `$COLUMNS`, else 80. Long lines are hard to read, so 100
/// are enough; below 20 nothing can be laid out.
fn width(terminal: bool) -> usize {
    let of_terminal = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0);
    let of_environment = || std::env::var("COLUMNS").ok()?.trim().parse().ok();
    let columns: Option<u16> = if terminal { of_terminal() } else { None };
    let columns = columns
        .filter(|columns| *columns > 0)
        .or_else(of_environment)
        .unwrap_or(80);
    usize::from(columns).clamp(20, 100)
}
