//! `qdex show ID`.

use qdex::{Entry, Error, Searcher};

use crate::Status;
use crate::args::{Global, ShowArgs};
use crate::render::{Output, entry, json, terminal};
use crate::report::{self, Failure};

pub(super) fn run(
    args: &ShowArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    let opened = super::open(global)?;
    let entry = find(&opened.searcher, &args.id)?;
    if args.json {
        output.write(&json::line(&entry))?;
    } else if args.code {
        let code = entry::code(&entry);
        if code.is_empty() {
            report::note(&format!("`{}` has no code", entry.id));
            return Ok(Status::Nothing);
        }
        write_verbatim(&code, output)?;
    } else {
        output.write(&entry::whole(&entry, output.medium))?;
    }
    Ok(Status::Found)
}

/// Returns the entry with an id. A URL's path names it too: ids of pages are their paths without the leading slash.
pub(crate) fn find(searcher: &Searcher, id: &str) -> Result<Entry, Failure> {
    match (searcher.entry(id), id.strip_prefix('/')) {
        (Err(Error::UnknownId { .. }), Some(path)) => Ok(searcher.entry(path)?),
        (result, _) => Ok(result?),
    }
}

/// Writes code as it is to a pipe, and free of what steers a terminal to a terminal.
pub(crate) fn write_verbatim(code: &str, output: &mut Output) -> Result<(), Failure> {
    if output.medium.terminal {
        output.write(&terminal::clean_lines(code))?;
    } else {
        output.write(code)?;
    }
    Ok(())
}
