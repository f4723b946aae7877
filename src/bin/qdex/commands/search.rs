//! `qdex search WORDS`.

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::PathBuf;

use qdex::search::{SearchOptions, SearchResults, Sort};
use qdex::{Error, Searcher};

use super::Opened;
use super::show::write_verbatim;
use crate::Status;
use crate::args::{Global, OutputFormat, SearchArgs, SortOrder};
use crate::render::{Output, csv, entry, hits, json, terminal, text};
use crate::report::{self, Failure};
use crate::settings::DEFAULT_LIMIT;

/// How many hits `--code` looks through for one with code when `-n` does not say.
const HITS_FOR_CODE: usize = 50;
/// How many values of each facet stand under the hits.
const LEADING_VALUES: usize = 10;
/// Longest query that is read from standard input: a log of that size is a mistake, not a question.
const MAX_QUERY_BYTES: u64 = 1 << 20;
/// How many characters of a query are repeated in a note about it.
const MAX_REPEATED_CHARS: usize = 1_000;

pub(super) fn run(
    args: &SearchArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    let filters = args.filters.filters();
    let lists_everything = args.words.is_empty()
        && filters.is_empty()
        && args.facets.is_empty()
        && args.sort == SortOrder::Relevance;
    if lists_everything {
        return Err(Failure::Request {
            message: "there is nothing to search for".to_owned(),
            hint: Some("name some words: `qdex search weakref cache`".to_owned()),
        });
    }
    let query = match args.words.as_slice() {
        [word] if word == "-" => query_from_stdin()?,
        words => words.join(" "),
    };
    let format = if args.json {
        OutputFormat::Json
    } else {
        args.format
    };
    let options = SearchOptions {
        limit: match (args.limit, global.settings.limit.value) {
            (Some(limit), _) => limit,
            (None, _) if args.code => HITS_FOR_CODE,
            (None, limit) => limit.unwrap_or(DEFAULT_LIMIT),
        },
        offset: args.offset,
        filters,
        facets: args.facets.clone(),
        facet_values: match format {
            OutputFormat::Json => usize::MAX,
            _ => LEADING_VALUES,
        },
        sort: Sort::from(args.sort),
        explain: args.explain,
        reads_errors: !args.literal,
        ..SearchOptions::default()
    };
    let holds_counts = matches!(format, OutputFormat::Text | OutputFormat::Json);
    if !options.facets.is_empty() && !holds_counts {
        return Err(Failure::Request {
            message: "this format has no place for the counts of `--facets`".to_owned(),
            hint: Some("`--json` has hits and counts, `qdex facets --json` counts".to_owned()),
        });
    }
    // Never closed: the process ends with the search, and the system takes all files from it at once.
    let opened: &'static Opened = Box::leak(Box::new(super::open(global)?));
    if args.code {
        let blocks = args.limit.map_or(1, |_| usize::MAX);
        return write_code(&opened.searcher, &query, &options, blocks, output);
    }

    let results = opened.searcher.search(&query, &options)?;
    match format {
        OutputFormat::Text => write_text(&results, output)?,
        OutputFormat::Json => output.write(&json::results(&results, options.explain))?,
        OutputFormat::Jsonl => output.write(&json::hits(&results.hits))?,
        OutputFormat::Csv => output.write(&csv::hits(&results.hits))?,
        OutputFormat::Ids => {
            for hit in &results.hits {
                output.write(&terminal::clean(&hit.entry.id))?;
                output.write("\n")?;
            }
        }
    }
    // JSON holds its warnings, and text has printed them.
    if matches!(
        format,
        OutputFormat::Jsonl | OutputFormat::Csv | OutputFormat::Ids
    ) {
        results
            .warnings
            .iter()
            .for_each(|warning| report::warning(warning));
        note_corrections(&results);
        results
            .relaxations
            .iter()
            .for_each(|relaxation| report::hint(&text::relaxation(relaxation)));
    }
    let asked_for_hits = options.limit > 0;
    let found = if asked_for_hits {
        !results.hits.is_empty()
    } else {
        results.total > 0
    };
    Ok(if found {
        Status::Found
    } else {
        Status::Nothing
    })
}

/// Says what was searched for in place of words that no entry has; returns whether there is any.
fn note_corrections(results: &SearchResults) -> bool {
    let corrections = results.corrections.iter();
    let meant: Vec<String> = corrections
        .map(|correction| format!("`{}`; you typed `{}`", correction.meant, correction.typed))
        .collect();
    if !meant.is_empty() {
        report::note(&format!("searched for {}", meant.join(", and for ")));
    }
    !meant.is_empty()
}

/// Writes the hits for people, and what is to be said about the query on standard error.
pub(crate) fn write_text(results: &SearchResults, output: &mut Output) -> Result<(), Failure> {
    for warning in &results.warnings {
        report::warning(warning);
    }
    let is_plain = results
        .read_as
        .split_whitespace()
        .eq(results.query.split_whitespace());
    if results.error.is_some() {
        report::note(&format!("read as an error: {}", results.read_as));
    } else if !note_corrections(results) && !is_plain {
        report::note(&format!("read as: {}", shortened(&results.read_as)));
    }
    let mut text = hits::results(results, LEADING_VALUES, output.medium);
    if output.medium.terminal && results.total > 0 {
        // Under a long list the number of hits is still to be seen.
        let gap = if text.is_empty() { "" } else { "\n" };
        text.push_str(&format!("{gap}{}\n", hits::footer(results)));
    }
    output.page(&text)?;
    output.flush()?;

    if results.total == 0 {
        report::note(&format!("no hits for `{}`", shortened(&results.query)));
    } else if results.hits.is_empty() && !output.medium.terminal {
        // To whoever reads hits from a pipe, how many there are in all is no data.
        report::note("");
        report::note(&hits::footer(results));
    }
    for relaxation in &results.relaxations {
        report::hint(&text::relaxation(relaxation));
    }
    if let Some(suggestion) = &results.suggestion {
        report::note(&format!("did you mean: {}", shortened(suggestion)));
    }
    Ok(())
}

/// Writes the first `blocks` blocks of code that answer.
fn write_code(
    searcher: &Searcher,
    query: &str,
    options: &SearchOptions,
    blocks: usize,
    output: &mut Output,
) -> Result<Status, Failure> {
    let results = searcher.search(query, options)?;
    results
        .warnings
        .iter()
        .for_each(|warning| report::warning(warning));
    note_corrections(&results);
    let code = results.hits.iter().filter_map(|hit| hit.code.as_ref());
    let code = entry::joined_code(code.map(|code| code.text.as_str()).take(blocks));
    if code.is_empty() {
        report::note(&match results.hits.len() {
            0 => format!("no hits for `{}`", shortened(query)),
            hits => format!(
                "none of the {hits} best hits for `{}` has code",
                shortened(query)
            ),
        });
        return Ok(Status::Nothing);
    }
    write_verbatim(&code, output)?;
    Ok(Status::Found)
}

/// Returns the beginning of a query that is too long to be repeated in a line.
fn shortened(query: &str) -> Cow<'_, str> {
    match query.char_indices().nth(MAX_REPEATED_CHARS) {
        Some((end, _)) => format!("{}…", &query[..end]).into(),
        None => query.into(),
    }
}

fn query_from_stdin() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(MAX_QUERY_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| Error::Io {
            action: "read the query from",
            path: PathBuf::from("standard input"),
            source,
        })?;
    if bytes.len() as u64 > MAX_QUERY_BYTES {
        return Err(Failure::Request {
            message: "the query on standard input is longer than 1 MiB".to_owned(),
            hint: Some(
                "pass on the part that matters: `… | tail -n 50 | qdex search -`".to_owned(),
            ),
        });
    }
    let query = String::from_utf8_lossy(&bytes);
    Ok(query.trim_end_matches(['\r', '\n']).to_owned())
}
