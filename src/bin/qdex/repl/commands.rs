//! The commands of a session: their names, what they take, and their help. One table for parsing, completion, hints and
//! `:help`.

use qdex::FacetField;

use crate::report::Failure;
use crate::spelling;

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    More,
    Open,
    Code,
    Copy,
    Related,
    Explain,
    Facets,
    Narrow(FacetField),
    Clear,
    Scope,
    Set,
    Time,
    History,
    Paste,
    Help,
    Quit,
}

/// A command.
pub(super) struct Command {
    pub(super) action: Action,
    /// Its name, without the colon.
    pub(super) name: &'static str,
    /// A shorter name; empty for none.
    pub(super) short: &'static str,
    /// What stands behind it.
    pub(super) synopsis: &'static str,
    /// What it does, in a line.
    pub(super) about: &'static str,
    /// What else there is to know; empty for nothing.
    pub(super) more: &'static str,
}

/// What narrows searches, with what their values are.
const VALUES: &str = "\
A list means either. A value with a hyphen in front is left out: `-x`. The filter replaces the
former one on the same field and stays until `:clear`; the last query is searched again.
Tab completes values.";

const fn narrow(
    field: FacetField,
    name: &'static str,
    short: &'static str,
    about: &'static str,
) -> Command {
    Command {
        action: Action::Narrow(field),
        name,
        short,
        synopsis: "VALUE[,VALUE…]",
        about,
        more: VALUES,
    }
}

/// Every command, in the order in which `:help` lists them.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        action: Action::More,
        name: "more",
        short: "m",
        synopsis: "",
        about: "print the next hits",
        more: "Hits are numbered across pages. `:set limit N` changes how many there are on one.",
    },
    Command {
        action: Action::Open,
        name: "open",
        short: "o",
        synopsis: "N|ID",
        about: "print hit N whole; its number alone does the same",
        more: "An id names an entry that is no hit: `:open python/memory/garbage-collection#weak-references`.",
    },
    Command {
        action: Action::Code,
        name: "code",
        short: "c",
        synopsis: "N|ID",
        about: "print only the code of hit N that answers",
        more: "Of an entry that is named by its id, all code is printed.",
    },
    Command {
        action: Action::Copy,
        name: "copy",
        short: "y",
        synopsis: "N|ID [code|answer|id|url]",
        about: "copy the code of hit N to the clipboard",
        more: "\
Without code, the answer is copied. Inside tmux its buffer is used, over SSH and in terminals
without a clipboard program the terminal itself is asked (OSC 52), which most of them allow.",
    },
    Command {
        action: Action::Related,
        name: "related",
        short: "r",
        synopsis: "N|ID",
        about: "print entries like hit N; they are the hits then",
        more: "Filters apply, and `:more` prints the next ones.",
    },
    Command {
        action: Action::Explain,
        name: "explain",
        short: "e",
        synopsis: "N",
        about: "say how the score of hit N came about",
        more: "",
    },
    Command {
        action: Action::Facets,
        name: "facets",
        short: "f",
        synopsis: "[FIELD]",
        about: "count what the last results can be narrowed by",
        more: "\
Before the first query, the whole index is counted. A filter does not narrow the counts of its own
field: they say what there would be with another value.",
    },
    narrow(
        FacetField::Difficulty,
        "difficulty",
        "d",
        "keep to easy, medium or hard entries",
    ),
    narrow(
        FacetField::Topic,
        "topic",
        "t",
        "keep to topics and what is below them: python/internals",
    ),
    narrow(
        FacetField::Framework,
        "framework",
        "",
        "keep to languages, libraries or fields",
    ),
    narrow(FacetField::Tag, "tag", "", "keep to tags"),
    narrow(
        FacetField::Lang,
        "lang",
        "l",
        "keep to entries with code in a language",
    ),
    narrow(
        FacetField::Source,
        "source",
        "",
        "keep to files, or folders of them",
    ),
    Command {
        action: Action::Clear,
        name: "clear",
        short: "",
        synopsis: "[FIELD]",
        about: "lift all filters, or those on a field",
        more: "",
    },
    Command {
        action: Action::Scope,
        name: "scope",
        short: "",
        synopsis: "[NAME | save NAME | delete NAME | list]",
        about: "the filters in force; keep them under a name, or take those of a name",
        more: "Saved scopes are there in the next session too.",
    },
    Command {
        action: Action::Set,
        name: "set",
        short: "",
        synopsis: "[NAME [VALUE]]",
        about: "the settings of this session, or one of them, or change it",
        more: "",
    },
    Command {
        action: Action::Time,
        name: "time",
        short: "",
        synopsis: "on|off",
        about: "say how long each line took",
        more: "",
    },
    Command {
        action: Action::History,
        name: "history",
        short: "",
        synopsis: "[N]",
        about: "print the last N lines that were typed [20]",
        more: "`!!` repeats the last line, `!7` line 7, `!-2` the last but one.",
    },
    Command {
        action: Action::Paste,
        name: "paste",
        short: "",
        synopsis: "",
        about: "read lines up to `:end` as one query",
        more: "\
For piped input and terminals without bracketed paste; in others, what is pasted is one query by
itself, however many lines it has.",
    },
    Command {
        action: Action::Help,
        name: "help",
        short: "h",
        synopsis: "[COMMAND]",
        about: "print this, or what there is to know about a command",
        more: "",
    },
    Command {
        action: Action::Quit,
        name: "quit",
        short: "q",
        synopsis: "",
        about: "end; so does Ctrl-D",
        more: "",
    },
];

impl Command {
    /// Returns the command with a name, long or short.
    pub(super) fn named(name: &str) -> Option<&'static Command> {
        COMMANDS
            .iter()
            .find(|command| name == command.name || !name.is_empty() && name == command.short)
    }

    fn usage(&self) -> String {
        format!(":{} {}", self.name, self.synopsis)
            .trim_end()
            .to_owned()
    }
}

/// What a line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Nothing,
    Query(&'a str),
    /// A command with what stands behind it.
    Command(Action, &'a str),
    /// A command that there is not.
    Unknown(&'a str),
    /// A line of the history, by its number, or counted from the end when negative.
    Recall(i64),
}

impl<'a> Line<'a> {
    /// Returns what a line asks for. A line that begins with a blank, or has several lines, is a query whatever it says.
    pub(super) fn of(line: &'a str) -> Self {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            return Line::Nothing;
        }
        if line.starts_with(char::is_whitespace) || trimmed.contains('\n') {
            return Line::Query(trimmed);
        }
        if trimmed == "!!" {
            return Line::Recall(-1);
        }
        if let Some(number) = trimmed.strip_prefix('!')
            && let Ok(number) = number.parse::<i64>()
            && number != 0
        {
            return Line::Recall(number);
        }
        let Some(command) = trimmed.strip_prefix(':') else {
            return Line::Query(trimmed);
        };
        // `::before` and `:=` are no commands.
        if !command.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return Line::Query(trimmed);
        }
        let (name, rest) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        match Command::named(name) {
            Some(command) => Line::Command(command.action, rest.trim()),
            None => Line::Unknown(name),
        }
    }
}

/// Returns the help on a command, or the list of all.
pub(super) fn help(wanted: &str) -> Result<String, Failure> {
    let name = wanted.trim_start_matches(':');
    if name.is_empty() {
        return Ok(overview());
    }
    let command = Command::named(name).ok_or_else(|| unknown(name))?;
    let mut help = command.usage();
    if !command.short.is_empty() {
        help.push_str(&format!("   (short: :{})", command.short));
    }
    help.push_str(&format!("\n  {}\n", command.about));
    if !command.more.is_empty() {
        help.push_str(&format!("\n{}\n", command.more));
    }
    Ok(help)
}

fn overview() -> String {
    let usage = COMMANDS.iter().map(Command::usage);
    // A longer usage stands on a line of its own.
    const COLUMNS: usize = 28;
    let mut help = format!(
        "{:<COLUMNS$}search for the words; \"a phrase\", -tag:x and the like as in `qdex search`\n",
        "WORDS"
    );
    for (usage, command) in usage.zip(COMMANDS) {
        if usage.len() + 2 > COLUMNS {
            help.push_str(&usage);
            help.push('\n');
            help.push_str(&" ".repeat(COLUMNS));
        } else {
            help.push_str(&format!("{usage:<COLUMNS$}"));
        }
        help.push_str(command.about);
        help.push('\n');
    }
    help.push_str(
        "\nA line that begins with a blank is a query whatever it says. `!!` repeats the last line.\n",
    );
    help
}

/// Returns the failure of a command that there is not.
pub(super) fn unknown(name: &str) -> Failure {
    let known = COMMANDS.iter().map(|command| command.name);
    let hint = match spelling::nearest(name, known) {
        Some(near) => format!("did you mean `:{near}`?"),
        None => "`:help` lists the commands; with a blank in front the line is a query".to_owned(),
    };
    request(&format!("there is no command `:{name}`"), &hint)
}

/// Returns the failure of a line that makes no sense.
pub(super) fn request(message: &str, hint: &str) -> Failure {
    Failure::Request {
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_queries_unless_they_are_plainly_commands() {
        for (line, expected) in [
            ("", Line::Nothing),
            ("  ", Line::Nothing),
            ("weakref cache", Line::Query("weakref cache")),
            (":open 3", Line::Command(Action::Open, "3")),
            (":o 3 ", Line::Command(Action::Open, "3")),
            (
                ":t a, b",
                Line::Command(Action::Narrow(FacetField::Topic), "a, b"),
            ),
            (" :open 3", Line::Query(":open 3")),
            (":open 3\n:more", Line::Query(":open 3\n:more")),
            ("::before", Line::Query("::before")),
            (":=", Line::Query(":=")),
            (":hover", Line::Unknown("hover")),
            ("!!", Line::Recall(-1)),
            ("!7", Line::Recall(7)),
            ("!-2", Line::Recall(-2)),
            ("!0", Line::Query("!0")),
            ("!important", Line::Query("!important")),
            ("!=", Line::Query("!=")),
        ] {
            assert_eq!(Line::of(line), expected, "{line:?}");
        }
    }

    #[test]
    fn names_are_of_one_command_each() {
        for command in COMMANDS {
            for name in [command.name, command.short] {
                let same = COMMANDS.iter().filter(|other| {
                    !name.is_empty() && (other.name == name || other.short == name)
                });
                assert!(same.count() <= 1, "{name}");
            }
            assert!(help(command.name).is_ok_and(|help| help.contains(command.about)));
        }
        for line in overview().lines() {
            assert!(line.len() <= 110, "{line}");
        }
    }

    #[test]
    fn unknown_commands_name_the_nearest() {
        for (typed, expected) in [
            ("facet", "did you mean `:facets`?"),
            ("toipc", "did you mean `:topic`?"),
            (
                "xyz",
                "`:help` lists the commands; with a blank in front the line is a query",
            ),
        ] {
            let Failure::Request {
                hint: Some(hint), ..
            } = unknown(typed)
            else {
                panic!("`:{typed}` has no hint");
            };
            assert_eq!(hint, expected);
        }
    }
}
