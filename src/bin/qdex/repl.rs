//! `qdex repl`: queries and commands, a line each, until there are no more.

mod lines;

use qdex::facets::Filter;
use qdex::search::{SearchOptions, SearchResults};
use qdex::{FacetField, Searcher};

use crate::args::{Global, ReplArgs};
use crate::commands::search::write_text;
use crate::commands::show::find;
use crate::render::{Output, entry, terminal};
use crate::report::{self, Failure};
use crate::settings::DEFAULT_LIMIT;
use crate::{Status, commands, spelling};
use lines::Lines;

/// How many values of each facet the overview of all facets shows.
const LEADING_VALUES: usize = 10;

const COMMANDS: [&str; 6] = [":facets", ":filter", ":help", ":more", ":open", ":quit"];

const HELP: &str = "\
WORDS                    search for the words; \"a phrase\", -tag:x and the like as in `qdex search`
:open N                  print hit N of the last results (or the entry with the id N)
:more                    print the next hits
:filter FIELD=VALUE …    keep to entries with the value; `a,b` means either; FIELD= lifts a filter
:filter                  list the filters
:filter clear            lift all filters
:facets [FIELD]          count what the last results (or the whole index) can be narrowed by
:help                    print this
:quit                    end; so does Ctrl-D

Fields: difficulty, topic, framework, tag, lang, source
";

/// Runs a session. With lines from a pipe a line that fails is reported, the session goes on, and the exit status says
/// that something failed.
pub(crate) fn run(
    args: &ReplArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    let opened = commands::open(global)?;
    let mut lines = Lines::open(output.medium.terminal)?;
    let mut session = Session {
        searcher: &opened.searcher,
        filters: args.filters.filters(),
        page_hits: args
            .limit
            .or(global.settings.limit.value)
            .unwrap_or(DEFAULT_LIMIT),
        query: None,
        hits: Vec::new(),
    };
    let mut status = Status::Found;
    while let Some(line) = lines.next(&session.prompt())? {
        match session.run_line(line.trim(), output) {
            Ok(Flow::GoOn) => {}
            Ok(Flow::End) => break,
            Err(failure @ Failure::Output(_)) => return Err(failure),
            Err(failure) => {
                report::failure(&failure, global.settings.named_index());
                if !lines.is_interactive() {
                    status = Status::Failed;
                }
            }
        }
        output.flush()?;
    }
    lines.close();
    Ok(status)
}

/// Whether the session goes on.
#[derive(Debug, PartialEq, Eq)]
enum Flow {
    GoOn,
    End,
}

struct Session<'a> {
    searcher: &'a Searcher,
    filters: Vec<Filter>,
    page_hits: usize,
    /// The query of the last results.
    query: Option<String>,
    /// The ids of the hits that were printed for it, in the order of their ranks.
    hits: Vec<String>,
}

impl Session<'_> {
    fn run_line(&mut self, line: &str, output: &mut Output) -> Result<Flow, Failure> {
        let Some(command) = line.strip_prefix(':') else {
            if !line.is_empty() {
                self.query = Some(line.to_owned());
                self.search_again(output)?;
            }
            return Ok(Flow::GoOn);
        };
        let (name, rest) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        let rest = rest.trim();
        match name {
            "help" | "h" | "?" => output.write(HELP)?,
            "quit" | "q" | "exit" => return Ok(Flow::End),
            "open" | "o" => self.open(rest, output)?,
            "more" | "m" => self.more(output)?,
            "filter" | "f" => self.filter(rest, output)?,
            "facets" => self.facets(rest, output)?,
            _ => return Err(unknown_command(name)),
        }
        Ok(Flow::GoOn)
    }

    /// Returns the prompt, which names the filters: results are hard to understand when one is forgotten.
    fn prompt(&self) -> String {
        match self.filters.as_slice() {
            [] => "qdex> ".to_owned(),
            filters => format!("qdex [{}]> ", terminal::clean(&listed(filters))),
        }
    }

    fn search_again(&mut self, output: &mut Output) -> Result<(), Failure> {
        self.hits.clear();
        if self.query.is_some() {
            let results = self.next_results(self.page_hits, Vec::new())?;
            self.hits
                .extend(results.hits.iter().map(|hit| hit.entry.id.clone()));
            write_text(&results, output)?;
        }
        Ok(())
    }

    fn more(&mut self, output: &mut Output) -> Result<(), Failure> {
        if self.query.is_none() {
            return Err(request(
                "there are no results yet",
                "type some words to search for",
            ));
        }
        let results = self.next_results(self.page_hits, Vec::new())?;
        if results.hits.is_empty() {
            report::note("there are no more hits");
            return Ok(());
        }
        self.hits
            .extend(results.hits.iter().map(|hit| hit.entry.id.clone()));
        write_text(&results, output)
    }

    /// Returns what follows the hits that were printed.
    fn next_results(
        &self,
        limit: usize,
        facets: Vec<FacetField>,
    ) -> Result<SearchResults, Failure> {
        let options = SearchOptions {
            limit,
            offset: self.hits.len(),
            filters: self.filters.clone(),
            facets,
            ..SearchOptions::default()
        };
        let query = self.query.as_deref().unwrap_or_default();
        Ok(self.searcher.search(query, &options)?)
    }

    fn open(&self, wanted: &str, output: &mut Output) -> Result<(), Failure> {
        let id = match wanted.parse::<usize>() {
            Ok(rank) => match rank.checked_sub(1).and_then(|place| self.hits.get(place)) {
                Some(id) => id,
                None if self.hits.is_empty() => {
                    return Err(request(
                        "there are no hits to open",
                        "type some words to search for",
                    ));
                }
                None => {
                    let message = format!(
                        "there is no hit {rank} among the {} printed",
                        self.hits.len()
                    );
                    return Err(request(&message, "`:more` prints the next hits"));
                }
            },
            Err(_) if wanted.is_empty() => {
                return Err(request(
                    "`:open` needs the number of a hit",
                    "for example `:open 1`",
                ));
            }
            Err(_) => wanted,
        };
        let found = find(self.searcher, id)?;
        output.page(&entry::whole(&found.entry, found.answer, output.medium))?;
        Ok(())
    }

    /// Changes the filters, then searches again: who narrows a search wants to see it narrowed.
    fn filter(&mut self, wanted: &str, output: &mut Output) -> Result<(), Failure> {
        let filters = match wanted {
            "" => {
                let filters = match self.filters.as_slice() {
                    [] => "no filters".into(),
                    filters => listed(filters),
                };
                output.write(&terminal::clean(&filters))?;
                output.write("\n")?;
                return Ok(());
            }
            "clear" => Vec::new(),
            _ => changed(&self.filters, wanted)?,
        };
        // A value that no entry has fails here, and the former filters stay.
        self.searcher.facets(&[], &filters)?;
        self.filters = filters;
        self.search_again(output)
    }

    fn facets(&self, name: &str, output: &mut Output) -> Result<(), Failure> {
        let (fields, leading_values) = match name {
            "" => (FacetField::ALL.to_vec(), LEADING_VALUES),
            _ => (vec![field(name)?], usize::MAX),
        };
        let counts = match self.query {
            Some(_) => self.next_results(0, fields)?.facets,
            None => self.searcher.facets(&fields, &self.filters)?,
        };
        let bars = crate::commands::facets::bars(None, output.medium);
        output.write(&crate::render::facets::table(
            &counts,
            leading_values,
            bars,
            output.medium,
        ))?;
        Ok(())
    }
}

/// Returns the filters with those of `wanted` (`difficulty=hard tag=a,b`) in place of the ones on the same fields. A
/// word without `=` belongs to the value before it: `framework=Spring Boot`.
fn changed(filters: &[Filter], wanted: &str) -> Result<Vec<Filter>, Failure> {
    let mut settings: Vec<(FacetField, String)> = Vec::new();
    for word in wanted.split_whitespace() {
        match (word.split_once('='), settings.last_mut()) {
            (Some((name, value)), _) => settings.push((field(name)?, value.to_owned())),
            (None, Some((_, value))) if !value.is_empty() => {
                value.push(' ');
                value.push_str(word);
            }
            (None, _) => {
                let message = format!("`{word}` is no filter");
                return Err(request(&message, "for example `:filter difficulty=hard`"));
            }
        }
    }
    let mut filters = filters.to_vec();
    for (field, values) in settings {
        filters.retain(|filter| filter.field != field);
        let values = values.split(',').map(|value| value.trim().to_owned());
        let values: Vec<_> = values.filter(|value| !value.is_empty()).collect();
        if !values.is_empty() {
            filters.push(Filter::any_of(field, values));
        }
    }
    Ok(filters)
}

/// Returns the filters as they are typed.
fn listed(filters: &[Filter]) -> String {
    let filters = filters
        .iter()
        .map(|filter| format!("{}={}", filter.field, filter.values.join(",")));
    filters.collect::<Vec<_>>().join(" ")
}

fn field(name: &str) -> Result<FacetField, Failure> {
    name.parse().map_err(|message: String| {
        let near = spelling::nearest(name, FacetField::ALL.map(FacetField::as_str));
        Failure::Request {
            message,
            hint: near.map(|near| format!("did you mean `{near}`?")),
        }
    })
}

fn unknown_command(name: &str) -> Failure {
    let known = COMMANDS.map(|command| &command[1..]);
    let hint = match spelling::nearest(name, known) {
        Some(near) => format!("did you mean `:{near}`?"),
        None => "`:help` lists the commands".to_owned(),
    };
    request(&format!("there is no command `:{name}`"), &hint)
}

fn request(message: &str, hint: &str) -> Failure {
    Failure::Request {
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_set_changed_and_lifted() {
        let mut filters = Vec::new();
        for (typed, expected) in [
            ("difficulty=hard", Some("difficulty=hard")),
            (
                "tag=a,b topic=/python",
                Some("difficulty=hard tag=a,b topic=/python"),
            ),
            (
                "difficulty=easy",
                Some("tag=a,b topic=/python difficulty=easy"),
            ),
            (
                "framework=Spring Boot tag=",
                Some("topic=/python difficulty=easy framework=Spring Boot"),
            ),
            ("hard", None),
            ("colour=red", None),
            ("tag= x", None),
        ] {
            match (changed(&filters, typed), expected) {
                (Ok(changed), Some(expected)) => {
                    assert_eq!(listed(&changed), expected, "{typed}");
                    filters = changed;
                }
                (Err(_), None) => {}
                (result, _) => panic!("{typed}: {result:?}"),
            }
        }
    }

    #[test]
    fn unknown_commands_name_the_nearest() {
        for (typed, expected) in [
            ("fliter", "did you mean `:filter`?"),
            ("xyz", "`:help` lists the commands"),
        ] {
            let Failure::Request {
                hint: Some(hint), ..
            } = unknown_command(typed)
            else {
                panic!("`:{typed}` has no hint");
            };
            assert_eq!(hint, expected);
        }
    }
}
