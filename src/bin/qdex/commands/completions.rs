//! `qdex completions SHELL`.

use clap::CommandFactory;

use crate::Status;
use crate::args::{Cli, CompletionsArgs};
use crate::render::Output;
use crate::report::Failure;

pub(super) fn run(args: &CompletionsArgs, output: &mut Output) -> Result<Status, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "qdex", &mut script);
    output.write(&String::from_utf8_lossy(&script))?;
    Ok(Status::Found)
}
