//! The command line: commands, options and their help.

mod filters;

mod search_alone;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum, ValueHint};
use qdex::FacetField;
use qdex::search::Sort;

pub(crate) use self::filters::{FilterArgs, facet_field};
use crate::commands::bench::BenchArgs;
use crate::commands::check::CheckArgs;
use crate::commands::complete::CompleteArgs;
use crate::commands::completions::CompletionsArgs;
use crate::commands::config::ConfigArgs;
use crate::commands::dupes::DupesArgs;
use crate::commands::eval::EvalArgs;
use crate::commands::export::ExportArgs;
use crate::commands::facets;
use crate::commands::man::ManArgs;
use crate::commands::related::RelatedArgs;
use crate::commands::schema::SchemaArgs;
use crate::commands::sources::{RemoveArgs, SourcesArgs};
use crate::pager::Paging;
use crate::query_words::{self, Sorted};
use crate::settings::Settings;

/// Search programming questions and answers: offline, in milliseconds, code included.
#[derive(Debug, Parser)]
#[command(name = "qdex", version, max_term_width = 100, after_help = EXAMPLES, after_long_help = MORE)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  qdex index corpus                     build an index from a folder
  qdex search weakref cache             search it
  qdex search -d hard -t python gc      narrow the search
  qdex COMMAND --help                   explain a command and its options";

const MORE: &str = "\
The index is the one that --index names, else $QDEX_INDEX, else the configuration file, else ./index
if it holds one, else the one in your data folder. When there is none and a folder `corpus` is in the
current folder, that is indexed first.

Data goes to standard output, everything else to standard error. A closed pipe is no failure. Exit
status: 0 when something was found, 1 when nothing was, 2 when something failed.

Examples:
  qdex index corpus                     build an index from a folder
  qdex search weakref cache             search it
  qdex search -d hard -t python gc      narrow the search
  cargo build 2>&1 | qdex search -      the query from standard input
  qdex show git#amend                   print an entry whole
  qdex repl                             search again and again

`qdex COMMAND --help` explains each command.";

/// Options that stand before or after the command.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Global {
    /// The folder of the index
    ///
    /// By default $QDEX_INDEX, else the one that the configuration file names, else ./index if it holds one, else the
    /// one in your data folder.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        help_heading = "Global options"
    )]
    pub(crate) index: Option<PathBuf>,
    /// When to use colour [default: auto]
    ///
    /// `auto` means on a terminal; NO_COLOR and CLICOLOR_FORCE are honoured.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        help_heading = "Global options"
    )]
    pub(crate) color: Option<ColorWhen>,
    /// When long output goes through a pager [default: auto]
    ///
    /// Only on a terminal: through $QDEX_PAGER, else $PAGER, else less.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        hide_short_help = true,
        help_heading = "Global options"
    )]
    pub(crate) paging: Option<Paging>,
    /// The same as --paging never
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        help_heading = "Global options"
    )]
    pub(crate) no_pager: bool,
    /// Leave out the configuration file
    ///
    /// For scripts that must do the same everywhere; `qdex config` says what the file sets.
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        help_heading = "Global options"
    )]
    pub(crate) no_config: bool,
    /// Your own words that stand for one another
    ///
    /// A rule a line: `a, b` both ways, `a => b` one way, `- a, b` not any more. By default $QDEX_SYNONYMS, else
    /// `synonyms.txt` in the folder of the index.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        hide_short_help = true,
        help_heading = "Global options"
    )]
    pub(crate) synonyms: Option<PathBuf>,
    /// What these options, the environment and the configuration file come to.
    #[arg(skip)]
    pub(crate) settings: Settings,
}

impl Global {
    /// Returns when output goes through a pager, as far as the options say.
    pub(crate) fn paging(&self) -> Option<Paging> {
        if self.no_pager {
            Some(Paging::Never)
        } else {
            self.paging
        }
    }
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Search for questions; prints the best first
    Search(SearchArgs),
    /// Search again and again, with filters that stay
    Repl(ReplArgs),
    /// Build an index from files and folders, or bring it up to date
    Index(IndexArgs),
    /// List what the index was made of
    Sources(SourcesArgs),
    /// Take sources out of the index
    Remove(RemoveArgs),
    /// Print a whole entry
    Show(ShowArgs),
    /// Find the entries that are related to one
    Related(RelatedArgs),
    /// Find entries that are nearly the same
    Dupes(DupesArgs),
    /// Write the entries as JSONL
    Export(ExportArgs),
    /// Count the values that searches can be narrowed by
    Facets(facets::Args),
    /// Print figures about the index
    Stats(StatsArgs),
    /// Check that the index is whole
    Check(CheckArgs),
    /// Measure how well searching does on judged queries
    Eval(EvalArgs),
    /// Show which settings are in force, and who said so
    Config(ConfigArgs),
    /// Measure how fast searches are
    Bench(BenchArgs),
    /// Print a script that completes commands and options in a shell
    Completions(CompletionsArgs),
    /// Print the JSON Schema of what `search --json` prints
    Schema(SchemaArgs),
    /// Print a manual page, or write all of them into a folder
    Man(ManArgs),
    /// Say what may stand at the cursor; the scripts of `completions` ask this
    #[command(hide = true)]
    Complete(CompleteArgs),
}

impl Command {
    /// Returns whether the command has to do with settings: one that only prints text must work with a configuration
    /// that is broken, and `config` reads it by itself.
    pub(crate) fn has_settings(&self) -> bool {
        !matches!(
            self,
            Command::Completions(_)
                | Command::Complete(_)
                | Command::Config(_)
                | Command::Schema(_)
                | Command::Man(_)
        )
    }
}

#[derive(Debug, Args)]
#[command(after_long_help = SEARCH_EXAMPLES)]
pub(crate) struct SearchArgs {
    /// What to search for; `-` alone reads it from standard input
    ///
    /// Text as you have it: words, names, flags, error messages, code, of any length. Not all words are required, but
    /// entries that have all of them come first as a rule. Options may stand among the words; a word behind the first
    /// that starts with a hyphen and is no option of ours is text, and behind `--` every word is.
    #[arg(value_name = "WORDS")]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    /// Print at most N hits [default: 10]
    ///
    /// 0 only counts them. `qdex config` says how to change the default.
    #[arg(short = 'n', long, value_name = "N", value_parser = number)]
    pub(crate) limit: Option<usize>,
    /// Leave out the first N hits
    #[arg(
        long,
        value_name = "N",
        default_value = "0",
        hide_default_value = true,
        value_parser = number
    )]
    pub(crate) offset: usize,
    /// The order of the hits
    #[arg(long, value_name = "ORDER", default_value = "relevance")]
    pub(crate) sort: SortOrder,
    /// Count facets too: all of them, or those named (`--facets=tag,lang`)
    ///
    /// Counts are over all hits, not only those printed, and a facet's own filter does not narrow it: with -d hard,
    /// `medium` keeps its count.
    #[arg(
        long,
        value_name = "FIELDS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "difficulty,topic,framework,tag,lang,source",
        value_delimiter = ',',
        value_parser = facet_field
    )]
    pub(crate) facets: Vec<FacetField>,
    /// Print only code: of the best hit that has any, or with -n of the N best
    ///
    /// As it is, to be piped into a file or a program.
    #[arg(long, conflicts_with_all = ["format", "json", "facets", "explain"])]
    pub(crate) code: bool,
    /// Say how each score came about
    ///
    /// In JSON also what the search read, and how long its parts took.
    #[arg(long)]
    pub(crate) explain: bool,
    /// Count every word alike, also those of an error message
    #[arg(long)]
    pub(crate) literal: bool,
    /// How to print the hits
    ///
    /// All but text are made for programs: their keys and columns stay. In csv, a cell that a spreadsheet would take for
    /// a formula starts with an apostrophe.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: OutputFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}

const SEARCH_EXAMPLES: &str = "\
A query is text: names, flags, error messages. Beyond that it may hold \"a phrase\",
code:\"std::move(\", title:WORD, filters such as difficulty:hard, tag:a,b, [python], score:>=5,
after:2020, before:2021-06 and is:accepted, `a OR b`, and with a hyphen what must not be there:
-\"a phrase\", -[tag], -tag:async, or NOT async.

Examples:
  qdex search weakref cache
  qdex search git commit --amend
  qdex search -- --force-with-lease
  qdex search '\"borrow checker\" -tag:async' -n 3
  qdex search '[python] score:>=5 code:\"asyncio.run(\"'
  qdex search -d easy,medium --topic python --facets
  qdex search --code read a file line by line > lines.py
  qdex search --json E0502 | jq '.hits[].id'
  cargo build 2>&1 | qdex search -";

/// The orders of `--sort`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortOrder {
    /// Best match first
    Relevance,
    /// Most votes first
    Score,
    /// Last changed first
    Updated,
    /// Easiest first
    Difficulty,
    /// In the order of the ids
    Id,
}

impl From<SortOrder> for Sort {
    fn from(order: SortOrder) -> Self {
        match order {
            SortOrder::Relevance => Sort::Relevance,
            SortOrder::Score => Sort::Score,
            SortOrder::Updated => Sort::Updated,
            SortOrder::Difficulty => Sort::Difficulty,
            SortOrder::Id => Sort::Id,
        }
    }
}

/// The formats of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    Text,
    /// One object
    Json,
    /// One hit a line
    Jsonl,
    /// A table for spreadsheets
    Csv,
    /// One id a line
    Ids,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Type a query to search, `:help` for the commands. Reads standard input when it is not a terminal;
then the exit status is 2 if any line failed, and 0 otherwise.

Examples:
  qdex repl --topic python
  printf 'weakref cache\\n:open 1\\n' | qdex repl")]
pub(crate) struct ReplArgs {
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    /// Print at most N hits a page [default: 10]
    #[arg(short = 'n', long, value_name = "N", value_parser = above_zero)]
    pub(crate) limit: Option<usize>,
    /// The keys that edit a line [default: emacs]
    #[arg(long, value_name = "KEYS")]
    pub(crate) keys: Option<EditKeys>,
}

/// The keys that edit a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum EditKeys {
    /// Those of Emacs, and of most shells
    #[default]
    Emacs,
    /// Those of vi
    Vi,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Without --index and $QDEX_INDEX the index goes to ./index if an index is there or a folder `corpus`
stands beside it, else to the user's data folder: the places where the other commands look. The
former index answers until the new one is complete, and stays when nothing could be indexed
(exit status 1).

Examples:
  qdex index corpus
  qdex index notes posts.jsonl --index /tmp/trial --strict")]
pub(crate) struct IndexArgs {
    /// Files and folders of Markdown, Nuxt payloads, JSON, JSONL, or Stack Exchange dumps; `-` reads standard input
    ///
    /// A source that the index has is brought up to date, another one is added; what else it holds stays. Without PATH,
    /// all its sources are brought up to date.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write nothing; print how the questions of each file are marked, how many there are, the first three, and what is left
    #[arg(long, conflicts_with = "json")]
    pub(crate) dry_run: bool,
    /// Go on: update the index whenever a file changes, until Ctrl-C
    #[arg(long, conflicts_with_all = ["json", "dry_run"])]
    pub(crate) watch: bool,
    /// Read everything anew: PATH alone, or all sources of the index when there is none
    #[arg(long)]
    pub(crate) rebuild: bool,
    /// Merge the index to one segment, which updates do by themselves when it is due
    #[arg(long)]
    pub(crate) compact: bool,
    /// Stop at the first record that would be skipped, and keep the former index
    #[arg(long)]
    pub(crate) strict: bool,
    /// Index pages without questions too, one entry a heading section
    #[arg(long)]
    pub(crate) sections: bool,
    /// Index only entries with this tag; repeat it, or part tags with commas, for any of several
    #[arg(long = "tag", value_name = "TAG", value_delimiter = ',')]
    pub(crate) tags: Vec<String>,
    /// Index only entries with at least N votes
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) min_score: Option<i64>,
    /// Index only entries that were asked on DATE or later: 2020, 2020-06 or 2020-06-30
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) since: Option<String>,
    /// The site of a dump whose folder or archive is not named after it, such as stackoverflow.com
    #[arg(long, value_name = "HOST")]
    pub(crate) site: Option<String>,
    /// How much memory the writer may fill, in MB
    #[arg(long, value_name = "MB", default_value_t = 232, value_parser = clap::value_parser!(u32).range(16..=65536))]
    pub(crate) memory: u32,
    /// How many threads index, up to 8 [default: as many as the machine has]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=8))]
    pub(crate) threads: Option<u32>,
    /// Print every problem instead of the first 20
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Print the summary as JSON on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qdex show python/memory/garbage-collection#weak-references
  qdex show --code git/history/commits-and-rebase#amend
  qdex show --json git/history/commits-and-rebase#amend >> notes.jsonl")]
pub(crate) struct ShowArgs {
    /// The entry's id, as `search` prints it
    ///
    /// A leading slash is ignored. ID@ANSWER is one of its answers: by id, by number, or `accepted`.
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Print only its code
    #[arg(long, conflicts_with = "json")]
    pub(crate) code: bool,
    /// Print it as a JSON object, which `qdex index` reads back
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatsArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What the command line says, and what is odd about it.
pub(crate) struct Parsed {
    pub(crate) cli: Cli,
    pub(crate) warnings: Vec<String>,
}

/// A command line that cannot be carried out, or a request for help.
pub(crate) struct Rejected {
    pub(crate) error: clap::Error,
    pub(crate) hint: Option<String>,
}

/// Returns what the command line says. `arguments` starts with the program's name.
pub(crate) fn parse(arguments: Vec<OsString>) -> Result<Parsed, Rejected> {
    if let Some(parsed) = search_alone::parse(&arguments) {
        return Ok(parsed);
    }
    let mut command = Cli::command();
    let Sorted {
        arguments,
        words,
        warnings,
    } = query_words::sort(&command, arguments);
    let parsed = command
        .try_get_matches_from_mut(arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    match parsed {
        Ok(cli) => Ok(Parsed { cli, warnings }),
        Err(error) => {
            let hint = hint_for(&error, &words);
            Err(Rejected { error, hint })
        }
    }
}

fn hint_for(error: &clap::Error, words: &[String]) -> Option<String> {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => None,
        ErrorKind::InvalidSubcommand => match error.get(ContextKind::InvalidSubcommand) {
            // A command that is only misspelt has been named already.
            Some(ContextValue::String(word))
                if error.get(ContextKind::SuggestedSubcommand).is_none() =>
            {
                Some(format!("search for it with `qdex search {word}`"))
            }
            _ => None,
        },
        // Somebody who searches for `git stash pop --index` or `sort -n file` meets our options.
        ErrorKind::UnknownArgument | ErrorKind::ValueValidation | ErrorKind::InvalidValue
            if !words.is_empty() && !names_a_value(error) =>
        {
            Some(
                "after `--` every word is searched for as it stands: `qdex search -- sort -n file`"
                    .to_owned(),
            )
        }
        _ => None,
    }
}

/// Returns whether an error says which value was probably meant, or which there are: then an option was meant too.
fn names_a_value(error: &clap::Error) -> bool {
    use clap::error::ContextKind;
    let advice = std::error::Error::source(error).map(ToString::to_string);
    let advice = advice.unwrap_or_default();
    let lists_values = matches!(
        error.get(ContextKind::ValidValue),
        Some(clap::error::ContextValue::Strings(values)) if !values.is_empty()
    );
    lists_values || advice.contains("did you mean") || advice.contains("expected one of")
}

fn date(text: &str) -> Result<String, String> {
    match qdex::is_date(text) {
        true => Ok(text.to_owned()),
        false => Err("expected a year, a month or a day: 2020, 2020-06 or 2020-06-30".to_owned()),
    }
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected a number".to_owned())
}

pub(crate) fn above_zero(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("expected a number above 0".to_owned()),
        Ok(hits) => Ok(hits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
