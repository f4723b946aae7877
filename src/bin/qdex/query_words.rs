//! Which arguments of `qdex search` are options and which are words of the query.
//!
//! People paste `git commit --amend` and `gcc -Wall`, and they add `--json` at the end. clap can have one or the
//! other; so the arguments are sorted before clap sees them: our own options wherever they stand, then `--`, then the
//! words.

use std::ffi::{OsStr, OsString};

use clap::{Arg, ArgAction, Command};
use qdex::Difficulty;

use crate::spelling;

/// The arguments of a command line, sorted.
pub(crate) struct Sorted {
    /// What clap is to parse, the program's name first.
    pub(crate) arguments: Vec<OsString>,
    /// The words of the query, which stand at the end of `arguments` too.
    pub(crate) words: Vec<String>,
    /// Words that look like a misspelt option.
    pub(crate) warnings: Vec<String>,
}

/// Returns the arguments with the options of `search` before its words. Arguments of other commands stay as they are.
///
/// - Before the first word, everything that starts with a hyphen is an option, known or not.
/// - After it, only what is an option of ours; any other hyphen word is text. A short option with its value attached
///   counts only when the value can be one (`-n3`, `-dhard`), for `-name` and `-Dfoo` are options of other programs.
/// - `-tag:async` and the like are words wherever they stand: the query language has them.
/// - After `--` everything is text.
pub(crate) fn sort(command: &Command, arguments: Vec<OsString>) -> Sorted {
    let unsorted = |arguments| Sorted {
        arguments,
        words: Vec::new(),
        warnings: Vec::new(),
    };
    let Some(at) = command_at(command, &arguments) else {
        return unsorted(arguments);
    };
    let name = &arguments[at];
    let Some(search) = command
        .find_subcommand("search")
        .filter(|_| name == "search")
    else {
        return unsorted(arguments);
    };

    let options: Vec<&Arg> = search
        .get_arguments()
        .chain(command.get_arguments())
        .filter(|option| !option.is_positional())
        .collect();
    let mut sorted = unsorted(arguments[..=at].to_vec());
    let mut rest = arguments.into_iter().skip(at + 1);
    while let Some(argument) = rest.next() {
        if argument == "--" {
            sorted.words.extend(rest.map(text));
            break;
        }
        let after_first_word = !sorted.words.is_empty();
        match kind_of(&argument, &options) {
            Kind::Option { value_follows } => {
                sorted.arguments.push(argument);
                if value_follows {
                    sorted.arguments.extend(rest.next());
                }
            }
            Kind::Unknown { meant } if after_first_word => {
                let word = text(argument);
                if let Some(meant) = meant {
                    let warning =
                        format!("`{word}` is searched for as text; the option is `--{meant}`");
                    sorted.warnings.push(warning);
                }
                sorted.words.push(word);
            }
            Kind::Unknown { .. } => sorted.arguments.push(argument),
            Kind::Attached if after_first_word => sorted.words.push(text(argument)),
            Kind::Attached => sorted.arguments.push(argument),
            Kind::Word => sorted.words.push(text(argument)),
        }
    }
    if !sorted.words.is_empty() {
        sorted.arguments.push("--".into());
        let words = sorted.words.iter().map(OsString::from);
        sorted.arguments.extend(words);
    }
    sorted
}

/// Returns where the name of the command stands.
fn command_at(command: &Command, arguments: &[OsString]) -> Option<usize> {
    let options: Vec<&Arg> = command.get_arguments().collect();
    let mut at = 1;
    while at < arguments.len() {
        match kind_of(&arguments[at], &options) {
            Kind::Word => return Some(at),
            Kind::Option {
                value_follows: true,
            } => at += 2,
            _ => at += 1,
        }
    }
    None
}

enum Kind<'a> {
    /// An option of ours.
    Option { value_follows: bool },
    /// A short option of ours with something attached that cannot be its value.
    Attached,
    /// A hyphen word that is none of our options, with the one that was probably meant.
    Unknown { meant: Option<&'a str> },
    /// A word without a hyphen, or a hyphen alone.
    Word,
}

fn kind_of<'a>(argument: &OsStr, options: &[&'a Arg]) -> Kind<'a> {
    let Some(argument) = argument.to_str() else {
        return Kind::Word;
    };
    if let Some(long) = argument.strip_prefix("--") {
        let (name, has_value) = match long.split_once('=') {
            Some((name, _)) => (name, true),
            None => (long, false),
        };
        if name == "help" {
            return Kind::Option {
                value_follows: false,
            };
        }
        return match options
            .iter()
            .find(|option| option.get_long() == Some(name))
        {
            Some(option) => Kind::Option {
                value_follows: takes_value(option) && !has_value,
            },
            None => Kind::Unknown {
                meant: spelling::nearest(
                    name,
                    options.iter().filter_map(|option| option.get_long()),
                ),
            },
        };
    }
    let Some(short) = argument.strip_prefix('-').filter(|short| !short.is_empty()) else {
        return Kind::Word;
    };
    if is_exclusion(short) {
        return Kind::Word;
    }
    let mut letters = short.chars();
    let letter = letters.next();
    let attached = letters.as_str();
    if short == "h" {
        return Kind::Option {
            value_follows: false,
        };
    }
    let known = options
        .iter()
        .find(|option| letter.is_some() && option.get_short() == letter);
    match known {
        None => Kind::Unknown { meant: None },
        Some(option) if attached.is_empty() => Kind::Option {
            value_follows: takes_value(option),
        },
        Some(_) if can_be_value(attached.trim_start_matches('=')) => Kind::Option {
            value_follows: false,
        },
        Some(_) => Kind::Attached,
    }
}

/// Returns whether a hyphen and this is the query language's way to exclude something: `-tag:async`, `-[async]`,
/// `-"a phrase"`.
fn is_exclusion(excluded: &str) -> bool {
    let field = excluded.split_once(':').map(|(field, _)| field);
    excluded.starts_with(['"', '['])
        || field.is_some_and(|field| {
            field.len() > 1 && field.chars().all(|letter| letter.is_ascii_lowercase())
        })
}

/// Returns whether the next argument is the option's value.
fn takes_value(option: &Arg) -> bool {
    let has_value = matches!(option.get_action(), ArgAction::Set | ArgAction::Append);
    has_value && !option.is_require_equals_set()
}

fn can_be_value(attached: &str) -> bool {
    attached.parse::<usize>().is_ok()
        || attached
            .split(',')
            .all(|word| Difficulty::from_any_scale(word).is_some())
}

fn text(argument: OsString) -> String {
    argument.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::CommandFactory;

    #[test]
    fn options_are_told_from_words() {
        // Command line, what clap gets before the words, the words.
        for (line, options, words) in [
            ("search weakref cache", "search", "weakref cache"),
            (
                "search weakref cache --json",
                "search --json",
                "weakref cache",
            ),
            ("search weakref -n 3 cache", "search -n 3", "weakref cache"),
            ("search weakref -n3 -dhard", "search -n3 -dhard", "weakref"),
            ("search -d hard weakref", "search -d hard", "weakref"),
            ("search weakref --limit=3", "search --limit=3", "weakref"),
            ("search gc --index dir x", "search --index dir", "gc x"),
            ("--index search search gc", "--index search search", "gc"),
            ("--color=never search gc", "--color=never search", "gc"),
            ("search gc --facets tag", "search --facets", "gc tag"),
            ("search gc --facets=tag", "search --facets=tag", "gc"),
            ("search git commit --amend", "search", "git commit --amend"),
            ("search git push --force=x", "search", "git push --force=x"),
            ("search gcc -Wall -O2 a.c", "search", "gcc -Wall -O2 a.c"),
            (
                "search find -name x -type f",
                "search",
                "find -name x -type f",
            ),
            ("search tar -tzf x", "search", "tar -tzf x"),
            (
                "search python --version -V",
                "search",
                "python --version -V",
            ),
            ("search git -- --json -n 3", "search", "git --json -n 3"),
            ("search -tag:async gc -[x]", "search", "-tag:async gc -[x]"),
            ("search -- --amend", "search", "--amend"),
            ("search --amend x", "search --amend", "x"),
            ("search -x y", "search -x", "y"),
            ("search a - b", "search", "a - b"),
            ("search - --json", "search --json", "-"),
            ("search x -h", "search -h", "x"),
            ("search x --help", "search --help", "x"),
            ("search x -n", "search -n", "x"),
        ] {
            let arguments = ["qdex"].into_iter().chain(line.split(' '));
            let sorted = sort(&Cli::command(), arguments.map(OsString::from).collect());
            assert_eq!(sorted.words.join(" "), words, "{line}");
            let passed: Vec<_> = sorted.arguments.iter().skip(1).cloned().map(text).collect();
            let expected = match words {
                "" => options.to_owned(),
                words => format!("{options} -- {words}"),
            };
            assert_eq!(passed.join(" "), expected, "{line}");
        }
    }

    #[test]
    fn misspelt_options_among_the_words_are_named() {
        for (line, warnings) in [
            ("search gc --jsn", 1),
            ("search gc --dificulty hard", 1),
            ("search git commit --amend", 0),
            ("search vite --mode production", 0),
            ("search gc -- --jsn", 0),
            ("search --jsn gc", 0),
        ] {
            let arguments = ["qdex"].into_iter().chain(line.split(' '));
            let sorted = sort(&Cli::command(), arguments.map(OsString::from).collect());
            assert_eq!(sorted.warnings.len(), warnings, "{line}");
        }
    }

    #[test]
    fn other_commands_are_left_to_clap() {
        for line in [
            "index corpus --strict",
            "show --json x",
            "--help",
            "--nonsense",
            "",
        ] {
            let arguments: Vec<_> = ["qdex"]
                .into_iter()
                .chain(line.split(' '))
                .map(OsString::from)
                .collect();
            let sorted = sort(&Cli::command(), arguments.clone());
            assert_eq!(sorted.arguments, arguments, "{line}");
        }
    }
}
