//! `qdex dupes`.

use clap::Args;
use qdex::duplicates::DuplicateOptions;

use crate::Status;
use crate::args::{FilterArgs, Global};
use crate::render::{Output, duplicates};
use crate::report::{self, Failure};

#[derive(Debug, Args)]
#[command(after_long_help = "\
The similarity of two entries is the share of runs of three words, of title, question and answers,
that both have, of all that either has: 1 for the same text, 0.8 for some one word in thirty that
differs. Case, accents and the punctuation of prose do not count. Every pair at or above the
threshold is found; entries that are alike one by one stand in one group, each with its highest
similarity to another of the group.

Exit status: 0 when there are any, 1 when there are none, 2 when something failed.

Examples:
  qdex dupes
  qdex dupes --min 0.5 --topic python
  qdex dupes --min 1 --json | jq -r '.groups[].entries[1:][].id'")]
pub(crate) struct DupesArgs {
    /// How alike two entries must be, above 0 and up to 1
    #[arg(long = "min", value_name = "SIMILARITY", default_value_t = DuplicateOptions::default().min_similarity, value_parser = similarity)]
    min: f64,
    #[command(flatten)]
    filters: FilterArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    args: &DupesArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    let options = DuplicateOptions {
        min_similarity: args.min,
        filters: args.filters.filters(),
    };
    let opened = super::open(global)?;
    let groups = opened.searcher.duplicates(&options)?;
    if args.json {
        output.write(&duplicates::json(args.min, &groups))?;
    } else {
        output.write(&duplicates::text(&groups, output.medium))?;
        output.flush()?;
        let min = args.min;
        match groups.as_slice() {
            [] => report::note(&format!("no two entries are alike by {min} or more")),
            groups if output.medium.terminal => {
                report::note("");
                report::note(&duplicates::footer(groups));
            }
            _ => {}
        }
    }
    Ok(match groups.as_slice() {
        [] => Status::Nothing,
        _ => Status::Found,
    })
}

fn similarity(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(similarity) if 0.0 < similarity && similarity <= 1.0 => Ok(similarity),
        _ => Err("expected a number above 0 and up to 1".to_owned()),
    }
}
