//! `qdex`: searches programming questions and answers from a terminal.
//!
//! The program parses what was typed, calls the library and renders values. Exit status: 0 when something was found, 1
//! when nothing was, 2 when something failed; a pipe that was closed at the other end is no failure.

mod args;
mod commands;
mod completion;
mod locate;
mod pager;
mod query_words;
mod render;
mod repl;
mod report;
mod settings;
mod spelling;

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;

use args::{ColorWhen, Parsed, Rejected};
use render::{Output, terminal};
use report::Failure;
use settings::Settings;

/// Gives memory back that a build is done with; the allocator of the C library keeps most of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// It found something, or did what was asked.
    Found,
    /// There was nothing to find.
    Nothing,
    /// It reported failures and went on.
    Failed,
}

fn main() -> ExitCode {
    let Parsed { mut cli, warnings } = match args::parse(std::env::args_os().collect()) {
        Ok(parsed) => parsed,
        Err(rejected) => return reject(&rejected),
    };
    use_color(cli.global.color.unwrap_or_default());
    if cli.command.has_settings() {
        match Settings::new(&cli.global) {
            Ok(settings) => cli.global.settings = settings,
            Err(failure) => return fail(&failure, None),
        }
        use_color(cli.global.settings.color.value);
    }
    for warning in warnings {
        report::warning(&warning);
    }

    let settings = &cli.global.settings;
    let mut output = Output::new(settings.paging.value, settings.pager.value.clone());
    let result = guarded(settings.index.value.as_deref(), || {
        let status = commands::run(&cli, &mut output)?;
        output.flush()?;
        Ok(status)
    });
    match result {
        Ok(Status::Found) => ExitCode::SUCCESS,
        Ok(Status::Nothing) => ExitCode::from(1),
        Ok(Status::Failed) => ExitCode::from(2),
        // Whoever read has seen enough: `qdex search x | head -1`.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => fail(&failure, cli.global.settings.named_index()),
    }
}

fn fail(failure: &Failure, named_index: Option<&Path>) -> ExitCode {
    report::failure(failure, named_index);
    ExitCode::from(2)
}

fn use_color(when: ColorWhen) {
    match when {
        ColorWhen::Auto => {}
        ColorWhen::Always => anstream::ColorChoice::Always.write_global(),
        ColorWhen::Never => anstream::ColorChoice::Never.write_global(),
    }
}

/// Runs a command; a panic becomes a failure. The engine panics when it reads files whose bytes have changed, which is
/// not for people to decipher. With `RUST_BACKTRACE=full`, the usual report comes first.
fn guarded(
    named_index: Option<&Path>,
    run: impl FnOnce() -> Result<Status, Failure>,
) -> Result<Status, Failure> {
    static FAULT: Mutex<Option<String>> = Mutex::new(None);
    let report = panic::take_hook();
    let wants_report = std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value == "full");
    panic::set_hook(Box::new(move |fault| {
        if wants_report {
            report(fault);
        }
        if let Ok(mut first) = FAULT.lock() {
            first.get_or_insert_with(|| fault.to_string());
        }
    }));
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        // Whether the index is damaged need not be guessed.
        let damage = panic::catch_unwind(|| commands::check::damage(named_index));
        if let Ok(Some(damaged)) = damage {
            return Err(damaged.into());
        }
        let fault = FAULT.lock().ok().and_then(|mut fault| fault.take());
        Err(Failure::Request {
            message: format!(
                "qdex has a fault: {}",
                fault.unwrap_or_default().replace('\n', " ")
            ),
            hint: Some(
                "please report it; `RUST_BACKTRACE=full` in the environment tells more".to_owned(),
            ),
        })
    })
}

/// Prints help that was asked for, or what is wrong with the command line.
fn reject(Rejected { error, hint }: &Rejected) -> ExitCode {
    // clap repeats arguments as they are; those that could steer the terminal cost the error its colours.
    let is_hostile = std::env::args_os()
        .any(|argument| argument.to_string_lossy().contains(terminal::is_hostile));
    if is_hostile && error.use_stderr() {
        error.render().to_string().lines().for_each(report::note);
    } else {
        // There is nobody left to tell when this cannot be printed.
        let _ = error.print();
    }
    if let Some(hint) = hint {
        report::hint(hint);
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
