//! Long output goes through a pager, as git's does.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueEnum;

use crate::report;

/// When output goes through a pager; never when it goes to a file or a pipe.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Paging {
    /// When it is longer than the screen
    #[default]
    Auto,
    /// Even when it fits the screen
    Always,
    /// Never
    Never,
}

/// A program that shows text a screen at a time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pager {
    words: Vec<String>,
    /// Who names it; `None` for the default, which nobody misses when it is not installed.
    named_by: Option<&'static str>,
}

/// The status with which programs end that Ctrl-C ends.
const INTERRUPTED: i32 = 130;

/// Whether a pager has the terminal.
static IS_SHOWING: AtomicBool = AtomicBool::new(false);

impl Pager {
    /// Returns the pager of the settings, else the one that `$PAGER` names, else `less`; `None` when it is empty or
    /// `cat`, and on a terminal that can do nothing.
    pub(crate) fn chosen(of_settings: Option<&str>) -> Option<Pager> {
        if std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb") {
            return None;
        }
        if let Some(command) = of_settings {
            return Pager::named(command, Some("the settings"));
        }
        match std::env::var("PAGER") {
            Ok(command) => Pager::named(&command, Some("$PAGER")),
            Err(_) => Pager::named("less", None),
        }
    }

    fn named(command: &str, named_by: Option<&'static str>) -> Option<Pager> {
        let words = words(command);
        let is_none = words.is_empty() || words == ["cat"];
        (!is_none).then_some(Pager { words, named_by })
    }

    /// Shows text and waits until its reader has seen enough. Returns false when the pager could not be started.
    pub(crate) fn show(&self, text: &str, paging: Paging) -> bool {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).stdin(Stdio::piped());
        let is_less = Path::new(&self.words[0]).file_stem() == Some(OsStr::new("less"));
        if std::env::var_os("LESS").is_none() {
            // End on a short text, pass colours on, leave the text on the screen.
            command.env(
                "LESS",
                if paging == Paging::Always {
                    "RX"
                } else {
                    "FRX"
                },
            );
        } else if is_less {
            command.arg("-R");
        }
        if std::env::var_os("LV").is_none() {
            command.env("LV", "-c");
        }
        survive_interrupts();
        IS_SHOWING.store(true, Ordering::Relaxed);
        let is_shown = match command.spawn() {
            Ok(mut child) => {
                if let Some(mut stdin) = child.stdin.take() {
                    // Whoever reads may stop before the end.
                    let _ = stdin.write_all(text.as_bytes());
                }
                // Without waiting, the shell and the pager would read the same keys.
                let _ = child.wait();
                true
            }
            Err(error) => {
                self.warn(&error);
                false
            }
        };
        IS_SHOWING.store(false, Ordering::Relaxed);
        is_shown
    }

    fn warn(&self, error: &io::Error) {
        if let Some(named_by) = self.named_by {
            let program = &self.words[0];
            report::warning(&format!(
                "cannot start the pager `{program}` of {named_by}: {error}"
            ));
        }
    }
}

/// Keeps Ctrl-C, which goes to the pager too, from ending this program before it.
fn survive_interrupts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Where there is no handling of signals, Ctrl-C ends both.
        let _ = ctrlc::try_set_handler(|| {
            if !IS_SHOWING.load(Ordering::Relaxed) {
                std::process::exit(INTERRUPTED);
            }
        });
    });
}

/// Returns the words of a command, of which quotes may hold blanks together. There is no shell: not every system has one.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in command.chars() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_taken_apart_without_a_shell() {
        for (command, expected) in [
            ("less -FR", &["less", "-FR"][..]),
            (
                "'C:\\Program Files\\less.exe'  -R \"a b\"'c'",
                &["C:\\Program Files\\less.exe", "-R", "a bc"],
            ),
            ("", &[]),
            ("  ", &[]),
            ("less ''", &["less", ""]),
        ] {
            assert_eq!(words(command), expected, "{command}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pager_that_ends_early_is_quiet_and_one_that_is_not_there_is_told() {
        let text = "a line of text\n".repeat(100_000);
        for (command, is_shown) in [("true", true), ("/no/such/pager -R", false)] {
            let pager = Pager::named(command, None).expect("is a pager");
            assert_eq!(pager.show(&text, Paging::Auto), is_shown, "{command}");
        }
    }

    #[test]
    fn cat_and_nothing_are_no_pagers() {
        for (command, is_pager) in [
            ("less", true),
            ("cat", false),
            ("", false),
            ("cat -n", true),
        ] {
            assert_eq!(Pager::named(command, None).is_some(), is_pager, "{command}");
        }
    }
}
