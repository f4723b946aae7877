//! `qdex repl`: queries and commands, a line each, until there are no more.

mod clipboard;
mod commands;
mod completion;
mod highlight;
mod hits;
mod knowledge;
mod lines;
mod options;
mod scope;

use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

use qdex::search::{RelatedOptions, SearchOptions};
use qdex::{FacetField, Index, Searcher, Sort};

use crate::args::{ColorWhen, Global, ReplArgs, SortOrder};
use crate::commands::facets::bars;
use crate::commands::related;
use crate::commands::search::write_text;
use crate::render::facets::table;
use crate::render::{Output, terminal, text};
use crate::report::{self, Failure};
use crate::settings::DEFAULT_LIMIT;
use crate::{Status, locate, spelling};
use commands::{Action, Line, request};
use hits::Printed;
use knowledge::Knowledge;
use lines::Lines;
use options::Options;
use scope::{SavedScopes, Scope};

/// How many values of each facet the overview of all facets shows.
const LEADING_VALUES: usize = 10;
/// How many lines `:history` prints.
const HISTORY_LINES: usize = 20;

/// Runs a session. With lines from a pipe a line that fails is reported, the session goes on, and the exit status says
/// that something failed.
pub(crate) fn run(
    args: &ReplArgs,
    global: &Global,
    output: &mut Output,
) -> Result<Status, Failure> {
    let opened = crate::commands::open(global)?;
    let scopes = SavedScopes::at(locate::state("scopes.json"));
    let filters = opened.searcher.resolve(&args.filters.filters())?;
    let settings = &global.settings;
    let knowledge = Rc::new(Knowledge::new(opened.searcher, scopes, output.medium.color));
    let history = locate::state("history");
    let mut lines = Lines::open(output.medium.terminal, knowledge.clone(), history)?;
    let mut session = Session {
        knowledge,
        index: opened.index,
        scope: Scope { filters },
        options: Options {
            limit: args.limit.or(settings.limit.value).unwrap_or(DEFAULT_LIMIT),
            sort: SortOrder::Relevance,
            color: settings.color.value,
            paging: output.paging,
            bars: None,
            keys: args.keys.unwrap_or(settings.keys.value),
            time: false,
        },
        color_of_output: output.medium.color,
        asked: Asked::Nothing,
        hits: Vec::new(),
    };
    let mut status = Status::Found;
    loop {
        lines.use_keys(session.options.keys);
        let Some(line) = lines.next(&session.prompt())? else {
            break;
        };
        let started = Instant::now();
        output.measure();
        session.reopen();
        match session.run_line(&line, &mut lines, output) {
            Ok(Flow::GoOn) => {}
            Ok(Flow::End) => break,
            Err(failure @ Failure::Output(_)) => return Err(failure),
            Err(failure) => {
                report::failure(&failure, settings.named_index());
                if !lines.is_interactive() {
                    status = Status::Failed;
                }
            }
        }
        output.flush()?;
        if session.options.time {
            report::note(&format!("took {}", text::duration(started.elapsed())));
        }
    }
    Ok(status)
}

/// Whether the session goes on.
#[derive(Debug, PartialEq, Eq)]
enum Flow {
    GoOn,
    End,
}

struct Session {
    knowledge: Rc<Knowledge>,
    /// Where the index stands.
    index: PathBuf,
    scope: Scope,
    options: Options,
    /// Whether there is colour when nobody says.
    color_of_output: bool,
    /// What the last results are of.
    asked: Asked,
    /// The hits that were printed for it, in the order of their ranks.
    hits: Vec<Printed>,
}

/// What results are of.
enum Asked {
    Nothing,
    Query(String),
    /// The entry with an id.
    Related(String),
}

impl Session {
    fn run_line(
        &mut self,
        line: &str,
        lines: &mut Lines,
        output: &mut Output,
    ) -> Result<Flow, Failure> {
        let recalled = match Line::of(line) {
            Line::Recall(number) => Some(recalled(number, lines.history())?),
            _ => None,
        };
        if let Some(line) = &recalled {
            report::note(line);
        }
        let line = recalled.as_deref().unwrap_or(line);
        lines.remember(line);
        match Line::of(line) {
            Line::Nothing | Line::Recall(_) => {}
            Line::Query(number) if self.is_hit(number) && line == number => {
                self.open(number, output)?;
            }
            Line::Query(query) => self.search(query.to_owned(), output)?,
            Line::Unknown(name) => return Err(commands::unknown(name)),
            Line::Command(Action::Quit, _) => return Ok(Flow::End),
            Line::Command(Action::Paste, _) => {
                let query = pasted(lines)?;
                lines.remember(&query);
                self.search(query, output)?;
            }
            Line::Command(Action::History, count) => {
                output.page(&listed_history(lines.history(), count)?)?;
            }
            Line::Command(action, rest) => self.command(action, rest, output)?,
        }
        Ok(Flow::GoOn)
    }

    fn command(&mut self, action: Action, rest: &str, output: &mut Output) -> Result<(), Failure> {
        match action {
            Action::More => self.more(output)?,
            Action::Open => self.open(rest, output)?,
            Action::Code => self.code(rest, output)?,
            Action::Copy => self.copy(rest, output)?,
            Action::Related => self.related(rest, output)?,
            Action::Explain => self.explain(rest, output)?,
            Action::Facets => self.facets(rest, output)?,
            Action::Narrow(field) => {
                let scope = self.scope.with(field, rest, &self.knowledge.searcher())?;
                self.narrow(scope, output)?;
            }
            Action::Clear => {
                let scope = match rest {
                    "" => Scope::default(),
                    name => self.scope.without(field(name)?),
                };
                self.narrow(scope, output)?;
            }
            Action::Scope => self.scope(rest, output)?,
            Action::Set => self.set(rest, output)?,
            Action::Time => self.options.time = options::is_on(rest)?,
            Action::Help => output.page(&commands::help(rest)?)?,
            // These need the lines, and are done with.
            Action::History | Action::Paste | Action::Quit => {}
        }
        Ok(())
    }

    /// Returns the prompt, which names the filters: results are hard to understand when one is forgotten.
    fn prompt(&self) -> String {
        match self.scope.short() {
            scope if scope.is_empty() => "qdex> ".to_owned(),
            scope => format!("qdex [{}]> ", terminal::clean(&scope)),
        }
    }

    /// Goes on with the index that was built since this one was opened, if one was.
    fn reopen(&self) {
        if self.knowledge.searcher().is_current() {
            return;
        }
        match Index::open(&self.index) {
            Ok(index) => {
                self.knowledge.reopened(Searcher::new(index));
                report::note("the index was built anew: this and what follows is of the new one");
            }
            Err(error) => report::warning(&format!(
                "the index was built anew and cannot be opened: {error}; this is of the former one"
            )),
        }
    }

    fn search(&mut self, query: String, output: &mut Output) -> Result<(), Failure> {
        self.asked = Asked::Query(query);
        self.ask_again(output)
    }

    /// Prints the first page of what was asked for last.
    fn ask_again(&mut self, output: &mut Output) -> Result<(), Failure> {
        self.hits.clear();
        self.next_page(output)
    }

    fn more(&mut self, output: &mut Output) -> Result<(), Failure> {
        if matches!(self.asked, Asked::Nothing) {
            return Err(request(
                "there are no results yet",
                "type some words to search for",
            ));
        }
        let before = self.hits.len();
        self.next_page(output)?;
        if before > 0 && self.hits.len() == before {
            report::note("there are no more hits");
        }
        Ok(())
    }

    /// Prints what follows the hits that were printed.
    fn next_page(&mut self, output: &mut Output) -> Result<(), Failure> {
        let before = self.hits.len();
        let searcher = self.knowledge.searcher();
        match &self.asked {
            Asked::Nothing => {}
            Asked::Query(query) => {
                let options = SearchOptions {
                    limit: self.options.limit,
                    offset: before,
                    ..self.search_options()
                };
                let results = searcher.search(query, &options)?;
                self.hits.extend(results.hits.iter().map(Printed::new));
                if before == 0 || !results.hits.is_empty() {
                    write_text(&results, output)?;
                }
            }
            Asked::Related(id) => {
                let options = RelatedOptions {
                    limit: before + self.options.limit,
                    filters: self.scope.filters.clone(),
                };
                let mut found = related::find(&searcher, id, &options)?;
                found.related.drain(..before.min(found.related.len()));
                self.hits.extend(found.related.iter().map(Printed::related));
                if before == 0 || !found.related.is_empty() {
                    related::write_text(&found, output)?;
                }
            }
        }
        Ok(())
    }

    fn search_options(&self) -> SearchOptions {
        SearchOptions {
            filters: self.scope.filters.clone(),
            sort: Sort::from(self.options.sort),
            ..SearchOptions::default()
        }
    }

    /// Changes the filters, then searches again: who narrows a search wants to see it narrowed.
    fn narrow(&mut self, scope: Scope, output: &mut Output) -> Result<(), Failure> {
        self.scope = scope;
        self.ask_again(output)
    }

    fn scope(&mut self, wanted: &str, output: &mut Output) -> Result<(), Failure> {
        let saved = &self.knowledge.scopes;
        let mut words = wanted.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (None, ..) => {
                let written = match self.scope.written() {
                    written if written.is_empty() => "no filters".to_owned(),
                    written => terminal::clean(&written).into_owned(),
                };
                output.write(&format!("{written}\n"))?;
            }
            (Some("list"), None, _) => {
                for (name, written) in saved.all()? {
                    let line = format!("{name}  {written}");
                    output.write(&format!("{}\n", terminal::clean(&line)))?;
                }
            }
            (Some("save"), Some(name), None) => {
                if matches!(name, "list" | "save" | "delete") {
                    let message = format!("`{name}` cannot be the name of a scope");
                    return Err(request(&message, "it is a command of `:scope`"));
                }
                saved.save(name, &self.scope)?;
                report::note(&format!("`:scope {name}` takes these filters again"));
            }
            (Some("delete"), Some(name), None) => saved.delete(name)?,
            (Some(name), None, _) if !matches!(name, "save" | "delete") => {
                let filters = saved.named(name)?.filters;
                let filters = self.knowledge.searcher().resolve(&filters)?;
                self.narrow(Scope { filters }, output)?;
            }
            _ => {
                return Err(request(
                    &format!("`:scope {wanted}` is no command"),
                    "`:help scope` says what there is; a name has no blanks",
                ));
            }
        }
        Ok(())
    }

    fn set(&mut self, wanted: &str, output: &mut Output) -> Result<(), Failure> {
        let (name, value) = wanted
            .split_once(char::is_whitespace)
            .unwrap_or((wanted, ""));
        let value = value.trim();
        if value.is_empty() {
            output.write(&self.options.listed(name)?)?;
            return Ok(());
        }
        self.options.set(name, value)?;
        let is_colored = match self.options.color {
            ColorWhen::Auto => self.color_of_output,
            ColorWhen::Always => true,
            ColorWhen::Never => false,
        };
        output.medium.color = is_colored;
        output.paging = self.options.paging;
        self.knowledge.color.set(is_colored);
        crate::use_color(self.options.color);
        Ok(())
    }

    fn facets(&self, name: &str, output: &mut Output) -> Result<(), Failure> {
        let (fields, leading_values) = match name {
            "" => (FacetField::ALL.to_vec(), LEADING_VALUES),
            _ => (vec![field(name)?], usize::MAX),
        };
        let searcher = self.knowledge.searcher();
        let counts = match &self.asked {
            Asked::Query(query) => {
                let options = SearchOptions {
                    limit: 0,
                    facets: fields,
                    facet_values: leading_values,
                    ..self.search_options()
                };
                searcher.search(query, &options)?.facets
            }
            _ => searcher.facets(&fields, &self.scope.filters)?,
        };
        let bars = bars(self.options.bars, output.medium);
        output.page(&table(&counts, leading_values, bars, output.medium))?;
        Ok(())
    }
}

/// Returns the lines up to `:end`, or the end of all lines, as one text.
fn pasted(lines: &mut Lines) -> Result<String, Failure> {
    let mut text = String::new();
    while let Some(line) = lines.next("... ")? {
        if line.trim() == ":end" {
            break;
        }
        text.push_str(&line);
        text.push('\n');
    }
    Ok(text.trim().to_owned())
}

/// Returns a line of the history by its number, or counted from the end.
fn recalled(number: i64, history: &[String]) -> Result<String, Failure> {
    let place = match usize::try_from(number) {
        Ok(number) => number.checked_sub(1),
        Err(_) => usize::try_from(number.unsigned_abs())
            .ok()
            .and_then(|back| history.len().checked_sub(back)),
    };
    let line = place.and_then(|place| history.get(place));
    line.cloned()
        .ok_or_else(|| request("the history has no such line", "`:history` lists its lines"))
}

/// Returns the last lines of the history with their numbers.
fn listed_history(history: &[String], count: &str) -> Result<String, Failure> {
    let count = match count {
        "" => HISTORY_LINES,
        count => count.parse().map_err(|_| {
            request(
                &format!("`{count}` is no number of lines"),
                "for example `:history 50`",
            )
        })?,
    };
    let first = history.len().saturating_sub(count);
    let lines = history.iter().enumerate().skip(first);
    // A paste has several lines; its number stands at the first one.
    let line = |(place, line): (usize, &String)| {
        let line = terminal::clean_lines(line)
            .trim_end()
            .replace('\n', "\n       ");
        format!("{:>5}  {line}\n", place + 1)
    };
    Ok(lines.map(line).collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use qdex::{Answer, Difficulty, Entry, Indexer, Topic};

    /// Returns what the editor knows of three small entries, in an index that lasts as long as the folder.
    pub(super) fn knowledge() -> (tempfile::TempDir, Knowledge) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let entry = |id: &str, topic: &str, framework: &str, tags: &[&str]| Entry {
            id: id.to_owned(),
            title: "What does a weak reference keep alive?".to_owned(),
            difficulty: Some(Difficulty::Hard),
            topic: Topic::new(topic),
            framework: Some(framework.to_owned()),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            answers: vec![Answer::default()],
            ..Entry::default()
        };
        let index = folder.path().join("index");
        let mut indexer = Indexer::create(&index, Default::default()).expect("a build starts");
        for entry in [
            entry("a#weak", "/python/gc", "Python", &["memory"]),
            Entry {
                title: "How are reference cycles collected?".to_owned(),
                difficulty: None,
                ..entry("a#cycles", "/python/gc", "Python", &["memory"])
            },
            Entry {
                title: "What is a bean?".to_owned(),
                difficulty: Some(Difficulty::Easy),
                ..entry("b#bean", "/rust", "Spring Boot", &["async"])
            },
        ] {
            indexer.add(entry).expect("is added");
        }
        indexer.commit().expect("is committed");
        let searcher = Searcher::new(Index::open(&index).expect("opens"));
        let scopes = SavedScopes::at(Some(folder.path().join("scopes.json")));
        (folder, Knowledge::new(searcher, scopes, true))
    }

    #[test]
    fn lines_of_the_history_are_recalled_by_number() {
        let history = ["one", "two", "three"].map(str::to_owned);
        for (number, expected) in [
            (-1, Some("three")),
            (-3, Some("one")),
            (-4, None),
            (1, Some("one")),
            (3, Some("three")),
            (4, None),
            (i64::MIN, None),
        ] {
            assert_eq!(
                recalled(number, &history).ok().as_deref(),
                expected,
                "{number}"
            );
        }
        assert_eq!(
            listed_history(&history, "2").ok().as_deref(),
            Some("    2  two\n    3  three\n")
        );
        assert!(listed_history(&history, "x").is_err());
    }
}
