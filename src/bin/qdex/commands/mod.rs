//! The commands: each calls the library and writes what it returns.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod complete;
pub(crate) mod completions;
pub(crate) mod config;
mod dry_run;
pub(crate) mod dupes;
pub(crate) mod eval;
pub(crate) mod export;
pub(crate) mod facets;
mod index;
pub(crate) mod man;
pub(crate) mod related;
pub(crate) mod schema;
pub(crate) mod search;
pub(crate) mod show;
pub(crate) mod sources;
mod stats;
mod watch;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use qdex::query::Vocabulary;
use qdex::{Error, Index, Searcher};

use crate::args::{Cli, Command, Global};
use crate::locate::{self, Place};
use crate::render::Output;
use crate::report::{self, Failure};
use crate::{Status, repl};

/// The file of synonyms that belongs to an index.
const SYNONYMS_FILE: &str = "synonyms.txt";

/// Carries out a command.
pub(crate) fn run(cli: &Cli, output: &mut Output) -> Result<Status, Failure> {
    let global = &cli.global;
    match &cli.command {
        Command::Search(args) => search::run(args, global, output),
        Command::Repl(args) => repl::run(args, global, output),
        Command::Index(args) => index::run(args, global, output),
        Command::Show(args) => show::run(args, global, output),
        Command::Related(args) => related::run(args, global, output),
        Command::Dupes(args) => dupes::run(args, global, output),
        Command::Export(args) => export::run(args, global, output),
        Command::Facets(args) => facets::run(args, global, output),
        Command::Check(args) => check::run(args, global, output),
        Command::Sources(args) => sources::run(args, global, output),
        Command::Remove(args) => sources::remove(args, global),
        Command::Stats(args) => stats::run(args, global, output),
        Command::Eval(args) => eval::run(args, global, output),
        Command::Config(args) => config::run(args, global, output),
        Command::Bench(args) => bench::run(args, global, output),
        Command::Completions(args) => completions::run(args, output),
        Command::Schema(_) => schema::run(output),
        Command::Man(args) => man::run(args, output),
        Command::Complete(args) => complete::run(args, output),
    }
}

/// An index that is open for searching, and where it is.
pub(crate) struct Opened {
    pub(crate) searcher: Searcher,
    pub(crate) index: PathBuf,
}

/// Opens the index to search. Builds one first when there is none but a folder `corpus`: a fresh clone can be searched
/// at once.
pub(crate) fn open(global: &Global) -> Result<Opened, Failure> {
    let index = match locate::for_reading(global.settings.index.value.as_deref())? {
        Place::Index(index) => index,
        Place::Corpus { corpus, index } => {
            report::note(&format!(
                "no index yet: building `{}` from `{}`",
                index.display(),
                corpus.display()
            ));
            build_first(corpus, index)?
        }
    };
    let vocabulary = vocabulary(global, &index)?;
    let searcher = Searcher::new(Index::open(&index)?).with_vocabulary(vocabulary);
    Ok(Opened { searcher, index })
}

/// Returns the vocabulary with the rules of the file that the settings name, else of the file in the index folder.
pub(crate) fn vocabulary(global: &Global, index: &Path) -> Result<Vocabulary, Failure> {
    let named = global.settings.synonyms.value.clone();
    let path = named.clone().unwrap_or_else(|| index.join(SYNONYMS_FILE));
    let rules = match fs::read_to_string(&path) {
        Ok(rules) => rules,
        Err(error) if named.is_none() && is_absent(&error) => return Ok(Vocabulary::default()),
        Err(source) => {
            return Err(Failure::from(Error::Io {
                action: "read",
                path,
                source,
            }));
        }
    };
    Vocabulary::with(&rules).map_err(|error| Failure::Request {
        message: format!("cannot read the synonyms in `{}`: {error}", path.display()),
        hint: Some(
            "a line is `a, b` (both ways), `a => b` (one way), `- a, b` (not any more) or a `# comment`"
                .to_owned(),
        ),
    })
}

fn is_absent(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

fn build_first(corpus: PathBuf, index: PathBuf) -> Result<PathBuf, Failure> {
    let summary = index::Build::new(&index, &[corpus]).run()?;
    if summary.entries == 0 {
        return Err(Failure::Request {
            message: "there are no entries in `corpus`".to_owned(),
            hint: Some("build an index with `qdex index PATH…`".to_owned()),
        });
    }
    summary.report();
    Ok(index)
}
