//! `qdex schema`: what programs may rely on in `search --format json`.

use clap::Args;

use crate::Status;
use crate::render::Output;
use crate::report::Failure;

/// Nothing to choose.
#[derive(Debug, Args)]
#[command(after_long_help = "\
The schema is of draft 2020-12. A line of --format jsonl is its `$defs/hit`. Keys that it names stay;
others may be added.

Examples:
  qdex schema > search.schema.json
  qdex search --json weakref | check-jsonschema --schemafile search.schema.json -")]
pub(crate) struct SchemaArgs {}

pub(super) fn run(output: &mut Output) -> Result<Status, Failure> {
    output.write(include_str!("../../../../docs/search.schema.json"))?;
    Ok(Status::Found)
}
