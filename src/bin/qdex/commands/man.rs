//! `qdex man`: manual pages, made of the definitions that `--help` is made of.

use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory, ValueHint};

use crate::args::Cli;
use crate::render::{Output, man};
use crate::report::{self, Failure};
use crate::{Status, spelling};

/// Which page is printed.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Pages are in the language of man(7); packages install what --out writes.

Examples:
  qdex man search | man -l -
  qdex man --out /usr/local/share/man/man1")]
pub(crate) struct ManArgs {
    /// The command that the page is about; without it, the page of the program
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
    /// Write all pages into a folder, as qdex.1, qdex-search.1 and so on
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "command")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &ManArgs, output: &mut Output) -> Result<Status, Failure> {
    let mut program = Cli::command();
    program.build();
    match (&args.out, &args.command) {
        (Some(folder), _) => write_all(&program, folder)?,
        (None, Some(name)) => output.write(&man::page(&program, Some(find(&program, name)?)))?,
        (None, None) => output.write(&man::page(&program, None))?,
    }
    Ok(Status::Found)
}

fn find<'a>(program: &'a Command, name: &str) -> Result<&'a Command, Failure> {
    program.find_subcommand(name).ok_or_else(|| {
        let names = man::commands(program).map(Command::get_name);
        Failure::Request {
            message: format!("there is no command `{name}`"),
            hint: Some(match spelling::nearest(name, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`qdex --help` lists the commands".to_owned(),
            }),
        }
    })
}

fn write_all(program: &Command, folder: &Path) -> Result<(), Failure> {
    let pages = man::commands(program)
        .map(|command| (format!("qdex-{}.1", command.get_name()), Some(command)))
        .chain([("qdex.1".to_owned(), None)]);
    let mut written = 0;
    std::fs::create_dir_all(folder).map_err(|source| failed("create", folder, source))?;
    for (name, command) in pages {
        let path = folder.join(name);
        std::fs::write(&path, man::page(program, command))
            .map_err(|source| failed("write", &path, source))?;
        written += 1;
    }
    report::note(&format!("wrote {written} pages to `{}`", folder.display()));
    Ok(())
}

fn failed(action: &'static str, path: &Path, source: std::io::Error) -> Failure {
    Failure::File {
        action,
        path: path.to_owned(),
        source,
        hint: Some("name a folder that can be written to".to_owned()),
    }
}
