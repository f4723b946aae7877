//! The command line of a search, without the other commands: to make all of them known costs as much as opening the
//! index and ranking together.

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use super::{Cli, Command, Global, Parsed, SearchArgs};
use crate::query_words;

#[derive(Debug, Parser)]
#[command(name = "qdex", version)]
struct SearchCli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Search,
}

#[derive(Debug, Subcommand)]
enum Search {
    Search(SearchArgs),
}

/// Returns what the command line says if it is that of a search, and nothing is wrong with it.
pub(super) fn parse(arguments: &[OsString]) -> Option<Parsed> {
    if !arguments.iter().any(|argument| argument == "search") {
        return None;
    }
    let mut command = SearchCli::command();
    let sorted = query_words::sort(&command, arguments.to_vec());
    let matches = command.try_get_matches_from_mut(sorted.arguments).ok()?;
    let cli = SearchCli::from_arg_matches(&matches).ok()?;
    let Search::Search(args) = cli.command;
    Some(Parsed {
        cli: Cli {
            global: cli.global,
            command: Command::Search(args),
        },
        warnings: sorted.warnings,
    })
}
