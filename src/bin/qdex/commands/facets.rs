//! `qdex facets [FIELD]`.

use clap::ValueEnum;
use qdex::FacetField;
use qdex::facets::FacetCounts;

use crate::Status;
use crate::args::{FilterArgs, Global, above_zero, facet_field};
use crate::render::facets::{Bars, table};
use crate::render::{Medium, Output, json};
use crate::report::Failure;

/// How many values of each facet the overview of all facets shows.
const LEADING_VALUES: usize = 20;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Counts are of entries. A filter narrows every facet but its own: with -d hard, `medium` keeps its
count. A topic counts what is below it too. `*` marks values that a filter names, `-` those that it
leaves out, with what only that filter keeps from being counted.

Examples:
  qdex facets
  qdex facets topic --depth 2 -d hard
  qdex facets tag --not topic:python")]
pub(crate) struct Args {
    /// The facet to count, with all its values; without it all facets with their leading values
    #[arg(value_name = "FIELD", value_parser = facet_field)]
    pub(crate) field: Option<FacetField>,
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    /// Leave out topics below the N-th level
    #[arg(long, value_name = "N", value_parser = above_zero)]
    pub(crate) depth: Option<usize>,
    /// What to draw the bars with [default: blocks on a terminal that has them, else nothing]
    #[arg(long, value_name = "BARS")]
    pub(crate) bars: Option<BarStyle>,
    /// Print JSON, with all values
    #[arg(long)]
    pub(crate) json: bool,
}

/// The bars of `--bars`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BarStyle {
    /// Block characters
    Blocks,
    /// Number signs
    Ascii,
    /// None, as for a screen reader
    None,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status, Failure> {
    let (fields, leading_values) = match args.field {
        Some(field) => (vec![field], usize::MAX),
        None => (FacetField::ALL.to_vec(), LEADING_VALUES),
    };
    let opened = super::open(global)?;
    let mut facets = opened.searcher.facets(&fields, &args.filters.filters())?;
    if let Some(depth) = args.depth {
        cut_below(&mut facets, depth);
    }
    let rendered = if args.json {
        json::facets(&facets)
    } else {
        let bars = bars(args.bars, output.medium);
        table(&facets, leading_values, bars, output.medium)
    };
    output.write(&rendered)?;
    let is_empty = facets.iter().all(|facet| facet.values.is_empty());
    Ok(if is_empty {
        Status::Nothing
    } else {
        Status::Found
    })
}

/// Takes out the topics below a level, counted from 1; those that filters name stay.
fn cut_below(facets: &mut [FacetCounts], depth: usize) {
    for facet in facets {
        if facet.field == FacetField::Topic {
            facet.values.retain(|topic| {
                topic.selected || topic.excluded || topic.value.matches('/').count() <= depth
            });
        }
    }
}

/// Returns what bars are drawn with: in a pipe they would only be in the way.
pub(crate) fn bars(wanted: Option<BarStyle>, medium: Medium) -> Bars {
    match wanted {
        Some(BarStyle::Blocks) => Bars::Blocks,
        Some(BarStyle::Ascii) => Bars::Ascii,
        Some(BarStyle::None) => Bars::None,
        None if !medium.terminal => Bars::None,
        None if has_unicode() => Bars::Blocks,
        None => Bars::Ascii,
    }
}

/// Returns whether the terminal's encoding is UTF-8, as far as the environment says.
fn has_unicode() -> bool {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL")
        .or_else(|| set("LC_CTYPE"))
        .or_else(|| set("LANG"));
    let locale = locale.map(|locale| locale.to_lowercase());
    cfg!(windows)
        || locale.is_some_and(|locale| locale.contains("utf-8") || locale.contains("utf8"))
}
