//! Another build of the program, measured in turn with this one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use qdex::bench::Measured;
use serde::Deserialize;

use super::BenchArgs;
use crate::report::Failure;

/// The part of a report that is compared; other versions may report otherwise beside it.
#[derive(Deserialize)]
struct Reported {
    measured: Measured,
}

/// How often each program is run: with fewer pairs an interval says little, and each takes as long as a bench.
const RUNS: usize = 5;

/// Returns what runs of the other program and of this one measured, in turn: a process is lucky or not in where its memory lies.
pub(super) fn measure(
    args: &BenchArgs,
    other: &Path,
    index: &Path,
    other_index: &Path,
) -> Result<(Vec<Measured>, Vec<Measured>), Failure> {
    let this = std::env::current_exe().map_err(|source| Failure::File {
        action: "find",
        path: PathBuf::from("qdex"),
        source,
        hint: None,
    })?;
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        // Whoever comes second finds a warmer machine, so that each does half of the time.
        if run % 2 == 0 {
            old.push(run_once(args, other, other_index)?);
            new.push(run_once(args, &this, index)?);
        } else {
            new.push(run_once(args, &this, index)?);
            old.push(run_once(args, other, other_index)?);
        }
    }
    Ok((old, new))
}

fn run_once(args: &BenchArgs, program: &Path, index: &Path) -> Result<Measured, Failure> {
    let mut command = Command::new(program);
    command.args(["bench", "--json", "--index"]).arg(index);
    command.args(["--rounds", &args.rounds.to_string()]);
    match &args.queries {
        Some(queries) => {
            command.arg("--queries").arg(queries);
        }
        None => {
            command.args(["--sample", &args.sample.to_string()]);
        }
    }
    for class in &args.classes {
        command.args(["--class", class.as_str()]);
    }
    let failed = |source| Failure::File {
        action: "run",
        path: program.to_owned(),
        source,
        hint: Some("name another build of qdex".to_owned()),
    };
    let ran = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(failed)?;
    let report: Result<Reported, _> = serde_json::from_slice(&ran.stdout);
    report.map(|report| report.measured).map_err(|error| Failure::Request {
        message: format!("`{}` printed no report of a bench: {error}", program.display()),
        hint: Some(
            "it must be a qdex with a `bench`, and read the index: `--against-index` names another one for it".to_owned(),
        ),
    })
}
