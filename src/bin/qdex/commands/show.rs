//! `qdex show ID`.

use qdex::{Entry, Error, Searcher};

use crate::Status;
use crate::args::{Global, ShowArgs};
use crate::render::{Output, entry, json, terminal};
use crate::report::{self, Failure};

/// How many answers a failure names.
const MAX_ANSWERS_NAMED: usize = 10;

pub(super) fn run(
    args: &ShowArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    let opened = super::open(global)?;
    let Found { mut entry, answer } = find(&opened.searcher, &args.id)?;
    if args.json {
        if let Some(place) = answer {
            entry.answers = vec![entry.answers.swap_remove(place)];
        }
        output.write(&json::line(&entry))?;
    } else if args.code {
        let code = entry::code(&entry, answer);
        if code.is_empty() {
            report::note(&format!("`{}` has no code", args.id));
            return Ok(Status::Nothing);
        }
        write_verbatim(&code, output)?;
    } else {
        output.page(&entry::whole(&entry, answer, output.medium))?;
    }
    Ok(Status::Found)
}

/// What an id names.
pub(crate) struct Found {
    pub(crate) entry: Entry,
    /// The place of the answer, for `ID@ANSWER`.
    pub(crate) answer: Option<usize>,
}

/// Returns what an id names: an entry, or one of its answers behind an `@`. A URL's path names the entry too: ids of pages
/// are their paths without the leading slash.
pub(crate) fn find(searcher: &Searcher, id: &str) -> Result<Found, Failure> {
    match (find_entry(searcher, id), id.rsplit_once('@')) {
        // An id may hold an `@` of its own.
        (Err(Error::UnknownId { .. }), Some((id, name))) if !id.is_empty() => {
            let entry = find_entry(searcher, id)?;
            match entry.answer_place(name) {
                Some(place) => Ok(Found {
                    entry,
                    answer: Some(place),
                }),
                None => Err(unknown_answer(&entry, name)),
            }
        }
        (result, _) => Ok(Found {
            entry: result?,
            answer: None,
        }),
    }
}

fn find_entry(searcher: &Searcher, id: &str) -> Result<Entry, Error> {
    match (searcher.entry(id), id.strip_prefix('/')) {
        (Err(Error::UnknownId { .. }), Some(path)) => searcher.entry(path),
        (result, _) => result,
    }
}

fn unknown_answer(entry: &Entry, name: &str) -> Failure {
    let answers = entry.answers.iter().enumerate().map(|(place, answer)| {
        let name = entry.answer_name(place);
        match entry::standing(answer).as_slice() {
            [] => format!("`@{name}`"),
            standing => format!("`@{name}` ({})", standing.join(", ")),
        }
    });
    let answers: Vec<_> = answers.take(MAX_ANSWERS_NAMED).collect();
    let more = match entry.answers.len() - answers.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Failure::Request {
        message: format!("`{}` has no answer `{name}`", entry.id),
        hint: Some(match answers.as_slice() {
            [] => "it has no answers".to_owned(),
            answers => format!("there are {}{more}", answers.join(", ")),
        }),
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
