//! `qdex stats`.

use std::path::Path;

use qdex::search::Stats;
use serde::Serialize;

use crate::Status;
use crate::args::{Global, StatsArgs};
use crate::render::{Output, json, text};
use crate::report::Failure;

#[derive(Serialize)]
struct StatsOfIndex<'a> {
    #[serde(flatten)]
    stats: &'a Stats,
    index: &'a Path,
}

pub(super) fn run(
    args: &StatsArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    let opened = super::open(global)?;
    let stats = opened.searcher.stats()?;
    let rendered = if args.json {
        json::line(&StatsOfIndex {
            stats: &stats,
            index: &opened.index,
        })
    } else {
        text::stats(&stats, &opened.index, output.medium)
    };
    output.write(&rendered)?;
    Ok(Status::Found)
}
