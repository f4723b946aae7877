//! `qdex facets [FIELD]`.

use qdex::FacetField;

use crate::Status;
use crate::args::{FacetsArgs, Global};
use crate::render::{Output, json, text};
use crate::report::Failure;

/// How many values of each facet the overview of all facets shows.
const LEADING_VALUES: usize = 20;

pub(super) fn run(
    args: &FacetsArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    let (fields, leading_values) = match args.field {
        Some(field) => (vec![field], usize::MAX),
        None => (FacetField::ALL.to_vec(), LEADING_VALUES),
    };
    let opened = super::open(global)?;
    let facets = opened.searcher.facets(&fields, &args.filters.filters())?;
    let rendered = if args.json {
        json::facets(&facets)
    } else {
        text::facets(&facets, leading_values, output.medium)
    };
    output.write(&rendered)?;
    let is_empty = facets.iter().all(|facet| facet.values.is_empty());
    Ok(if is_empty {
        Status::Nothing
    } else {
        Status::Found
    })
}
