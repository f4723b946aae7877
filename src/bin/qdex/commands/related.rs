//! `qdex related ID`.

use clap::Args;
use qdex::search::{RelatedEntries, RelatedOptions};
use qdex::{Error, Searcher};

use crate::Status;
use crate::args::{FilterArgs, Global, OutputFormat, above_zero};
use crate::render::{Output, csv, related, terminal};
use crate::report::{self, Failure};
use crate::settings::DEFAULT_LIMIT;

#[derive(Debug, Args)]
#[command(after_long_help = "\
What the entry's source links to comes first, then what shares most of the words that tell what
the entry is about: those of its title, its tags, its text and its code that are rare elsewhere.
Exit status: 0 when there are related entries, 1 when there are none, 2 when something failed.

Examples:
  qdex related python/memory/garbage-collection#weak-references
  qdex related git#amend -n 3 --difficulty hard
  qdex related --format ids git#amend | xargs -n 1 qdex show")]
pub(crate) struct RelatedArgs {
    /// The entry's id, as `search` prints it; a leading slash is ignored
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    filters: FilterArgs,
    /// Print at most N entries [default: 10]
    #[arg(short = 'n', long, value_name = "N", value_parser = above_zero)]
    limit: Option<usize>,
    /// How to print the entries
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: OutputFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

pub(super) fn run(
    args: &RelatedArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    let limit = args.limit.or(global.settings.limit.value);
    let options = RelatedOptions {
        limit: limit.unwrap_or(DEFAULT_LIMIT),
        filters: args.filters.filters(),
    };
    let opened = super::open(global)?;
    let found = find(&opened.searcher, &args.id, &options)?;
    let format = match args.json {
        true => OutputFormat::Json,
        false => args.format,
    };
    match format {
        OutputFormat::Text => write_text(&found, output)?,
        OutputFormat::Json => output.write(&related::json(&found))?,
        OutputFormat::Jsonl => output.write(&related::json_lines(&found.related))?,
        OutputFormat::Csv => output.write(&csv::related(&found.related))?,
        OutputFormat::Ids => {
            for related in &found.related {
                output.write(&terminal::clean(&related.entry.id))?;
                output.write("\n")?;
            }
        }
    }
    Ok(match found.related.as_slice() {
        [] => Status::Nothing,
        _ => Status::Found,
    })
}

/// Returns the entries related to the one with an id. As with `show`, a URL's path names an entry too.
pub(crate) fn find(
    searcher: &Searcher,
    id: &str,
    options: &RelatedOptions,
) -> Result<RelatedEntries, Failure> {
    match (searcher.related(id, options), id.strip_prefix('/')) {
        (Err(Error::UnknownId { .. }), Some(path)) => Ok(searcher.related(path, options)?),
        (result, _) => Ok(result?),
    }
}

/// Writes the entries for people.
pub(crate) fn write_text(found: &RelatedEntries, output: &mut Output) -> Result<(), Failure> {
    output.page(&related::text(&found.related, output.medium))?;
    output.flush()?;
    if found.related.is_empty() {
        report::note(&format!("nothing is related to `{}`", found.of.id));
    }
    Ok(())
}
