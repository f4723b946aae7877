//! What may stand at the cursor of a shell: commands, options, and values of the index, with their counts.
//!
//! The scripts of `qdex completions` only ask and insert, so that all shells complete alike and a script that was
//! installed once stays right. Our own, because clap's dynamic completion inserts values unquoted in bash, and values
//! are text of a corpus. Nothing here fails: without an index there is less to offer.

pub(crate) mod bash;
mod values;

use clap::{Arg, ArgAction, Command, CommandFactory, ValueHint};
use qdex::{FacetField, Filter};

use crate::args::Cli;
use crate::completion::values::Known;

/// What may stand at the cursor.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Candidates {
    /// Any file: the shell knows best.
    Files,
    /// Any folder.
    Folders,
    /// These words, each whole.
    Words(Vec<Candidate>),
}

/// A word that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) word: String,
    /// What it is, in a few words.
    pub(crate) about: String,
}

impl Candidate {
    fn new(word: impl Into<String>, about: impl Into<String>) -> Self {
        Candidate {
            word: word.into(),
            about: about.into(),
        }
    }

    /// Returns whether the word is only the beginning of one: no blank belongs behind it.
    pub(crate) fn is_open(&self) -> bool {
        self.word.ends_with(['/', '#', ':', '='])
    }
}

/// Returns what may stand at the cursor. `words` are those of the command line behind the program's name, the last one
/// up to the cursor.
pub(crate) fn complete(words: &[String]) -> Candidates {
    let (typed, before) = match words.split_last() {
        Some((typed, before)) => (typed.as_str(), before),
        None => ("", words),
    };
    let mut root = Cli::command();
    root.build();
    let mut line = Line::new(&root);
    for word in before {
        line.read(word);
    }
    line.complete(typed)
}

/// The command line in front of the cursor.
struct Line<'a> {
    command: &'a Command,
    /// The option whose value comes next.
    pending: Option<&'a Arg>,
    /// How many words that are no options the command has so far.
    positionals: usize,
    /// Whether `--` was there: everything behind it is a word.
    only_words: bool,
    known: Known,
}

impl<'a> Line<'a> {
    fn new(root: &'a Command) -> Self {
        Line {
            command: root,
            pending: None,
            positionals: 0,
            only_words: false,
            known: Known::default(),
        }
    }

    /// Takes a word in front of the cursor.
    fn read(&mut self, word: &str) {
        if let Some(option) = self.pending.take() {
            self.take_value(option, word);
        } else if self.only_words || !word.starts_with('-') || word == "-" {
            match self.command.find_subcommand(word) {
                Some(command) if self.positionals == 0 && !self.only_words => {
                    self.command = command;
                }
                _ => self.positionals += 1,
            }
        } else if word == "--" {
            self.only_words = true;
        } else if let Some((option, value)) = self.with_value(word) {
            self.take_value(option, value);
        } else if let Some(option) = self.option(word) {
            self.pending = Some(option).filter(|option| takes_value(option));
        }
    }

    fn take_value(&mut self, option: &Arg, value: &str) {
        if option.get_long() == Some("index") {
            self.known.index = Some(value.into());
        }
        if let Some(field) = facet_of(option) {
            let values = value.split(',').map(str::to_owned).collect();
            self.known.filters.push(Filter::any_of(field, values));
        }
    }

    fn complete(&self, typed: &str) -> Candidates {
        if let Some(option) = self.pending {
            return self.values(option, "", typed);
        }
        let mut words = Vec::new();
        if !self.only_words && typed.starts_with('-') {
            if let Some((option, value)) = self.with_value(typed) {
                let given = &typed[..typed.len() - value.len()];
                return self.values(option, given, value);
            }
            words = self.options(typed);
        }
        if self.only_words || !typed.starts_with("--") {
            if self.command.has_subcommands() {
                // Behind a command that does not exist, nothing does.
                if self.positionals == 0 {
                    words.extend(commands(self.command, typed));
                }
            } else if let Some(positional) = self.positional()
                && (positional.get_id() == "words" || !typed.starts_with('-'))
            {
                match self.values(positional, "", typed) {
                    Candidates::Words(more) => words.extend(more),
                    paths => return paths,
                }
            }
        }
        Candidates::Words(words)
    }

    /// Returns the option of a word such as `--tag=`, `-t=` or `-dhard`, and the value that is attached to it.
    fn with_value<'w>(&self, word: &'w str) -> Option<(&'a Arg, &'w str)> {
        if word.starts_with("--") {
            let (name, value) = word.split_once('=')?;
            return Some((self.option(name)?, value));
        }
        let (at, _) = word.char_indices().nth(2)?;
        let option = self
            .option(&word[..at])
            .filter(|option| takes_value(option))?;
        // `-tag:x` is a word of the query language, and no topic.
        (!word.contains(':')).then(|| (option, word[at..].trim_start_matches('=')))
    }

    fn option(&self, word: &str) -> Option<&'a Arg> {
        self.command.get_arguments().find(|option| {
            let long = option.get_long().map(|long| format!("--{long}"));
            let short = option.get_short().map(|short| format!("-{short}"));
            long.as_deref() == Some(word) || short.as_deref() == Some(word)
        })
    }

    fn options(&self, typed: &str) -> Vec<Candidate> {
        let options = self
            .command
            .get_arguments()
            .filter(|option| !option.is_hide_set());
        let candidate = |option: &Arg| {
            let long = option.get_long()?;
            let word = match option.is_require_equals_set() {
                // Its value is optional, and most often left out.
                true if typed == format!("--{long}") => format!("--{long}="),
                _ => format!("--{long}"),
            };
            Some(Candidate::new(word, about(option.get_help())))
        };
        options
            .filter_map(candidate)
            .filter(|candidate| candidate.word.starts_with(typed))
            .collect()
    }

    fn positional(&self) -> Option<&'a Arg> {
        let positionals: Vec<&Arg> = self.command.get_positionals().collect();
        let last = positionals.last().copied();
        let takes_more = last.filter(|last| matches!(last.get_action(), ArgAction::Append));
        positionals.get(self.positionals).copied().or(takes_more)
    }

    /// Returns the values of an argument, each with what stands before it in the same word.
    fn values(&self, argument: &Arg, given: &str, typed: &str) -> Candidates {
        // Of a list, the last item is typed.
        let (given, typed, items) = match typed.rfind(',') {
            Some(at) if argument.get_value_delimiter() == Some(',') => {
                let (list, typed) = typed.split_at(at + 1);
                (format!("{given}{list}"), typed, list)
            }
            _ => (given.to_owned(), typed, ""),
        };
        let name = argument.get_value_names().and_then(|names| names.first());
        let values = if let Some(field) = facet_of(argument) {
            self.known.facet_values(field, typed)
        } else if argument.get_id() == "words" {
            self.known.query_words(typed)
        } else {
            match name.map(|name| name.as_str()) {
                Some("ID") => self.known.ids(typed),
                Some("FIELD" | "FIELDS") => values::facet_names(typed),
                Some("FIELD:VALUES") => self.known.field_words(typed),
                _ => match argument.get_value_hint() {
                    ValueHint::DirPath => return Candidates::Folders,
                    ValueHint::AnyPath | ValueHint::FilePath => return Candidates::Files,
                    _ => possible_values(argument, typed),
                },
            }
        };
        let values = values.into_iter();
        let values = values.filter(|value| items.split(',').all(|item| item != value.word));
        let whole = |value: Candidate| Candidate {
            word: format!("{given}{}", value.word),
            ..value
        };
        Candidates::Words(values.map(whole).collect())
    }
}

fn commands(command: &Command, typed: &str) -> Vec<Candidate> {
    command
        .get_subcommands()
        .filter(|command| !command.is_hide_set() && command.get_name().starts_with(typed))
        .map(|command| Candidate::new(command.get_name(), about(command.get_about())))
        .collect()
}

fn possible_values(argument: &Arg, typed: &str) -> Vec<Candidate> {
    argument
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set() && value.get_name().starts_with(typed))
        .map(|value| Candidate::new(value.get_name(), about(value.get_help())))
        .collect()
}

/// Returns the facet that an option filters by.
fn facet_of(argument: &Arg) -> Option<FacetField> {
    argument.get_long()?.parse().ok()
}

fn takes_value(option: &Arg) -> bool {
    option.get_action().takes_values() && !option.is_require_equals_set()
}

/// Returns a help text as far as it fits beside a word: its first line, up to the first bracket.
fn about(help: Option<&clap::builder::StyledStr>) -> String {
    let help = help.map(ToString::to_string).unwrap_or_default();
    let line = help.lines().next().unwrap_or_default();
    line.split(" [").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        let line: Vec<String> = line.split(' ').map(str::to_owned).collect();
        match complete(&line) {
            Candidates::Words(words) => words.into_iter().map(|word| word.word).collect(),
            paths => vec![format!("{paths:?}")],
        }
    }

    #[test]
    fn commands_options_and_their_values_are_offered_where_they_may_stand() {
        for (line, expected) in [
            ("sea", &["search"][..]),
            ("--ind", &["--index"]),
            ("--index", &["--index"]),
            ("--index ", &["Folders"]),
            ("--index x sea", &["search"]),
            ("--index=", &["Folders"]),
            ("stats --color a", &["auto", "always"]),
            ("stats --color=n", &["--color=never"]),
            ("search --sort upd", &["updated"]),
            ("search x --form", &["--format"]),
            ("search --facets", &["--facets="]),
            ("search --facets=tag,to", &["--facets=tag,topic"]),
            ("search --facets=tag,ta", &[]),
            ("search -- --form", &[]),
            ("search dif", &["difficulty:"]),
            ("search -d h", &["hard"]),
            ("search -dh", &["-dhard"]),
            ("search -d easy,h", &["easy,hard"]),
            ("search difficulty:e", &["difficulty:easy"]),
            ("search x -difficulty:e", &["-difficulty:easy"]),
            ("search is:a", &["is:accepted", "is:answered"]),
            ("search --not dif", &["difficulty:"]),
            ("search --not difficulty:easy,h", &["difficulty:easy,hard"]),
            ("facets to", &["topic"]),
            ("facets topic to", &[]),
            ("index a b", &["Files"]),
            ("index --memory ", &[]),
            ("eval se", &["Folders"]),
            ("completions f", &["fish"]),
            ("nonsense ", &[]),
            ("complet", &["completions"]),
        ] {
            assert_eq!(words(line), expected, "{line}");
        }
    }
}
