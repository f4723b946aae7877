//! Commands on a hit that was printed: open it, its code, the clipboard, how it scored.

use qdex::body::Block;
use qdex::search::{Related, SearchOptions};
use qdex::{Entry, Hit};

use super::commands::request;
use super::{Asked, Session, clipboard};
use crate::commands::show::{Found, find, write_verbatim};
use crate::render::{Output, entry, hits};
use crate::report::{self, Failure};

/// What `:copy` can copy of an entry.
pub(super) const COPIED: [&str; 4] = ["code", "answer", "id", "url"];

/// A hit that was printed, as far as it is needed again.
pub(super) struct Printed {
    id: String,
    /// The block of code that answers a query.
    code: Option<String>,
}

impl Printed {
    pub(super) fn new(hit: &Hit) -> Self {
        Printed {
            id: hit.entry.id.clone(),
            code: hit.code.as_ref().map(|code| code.text.clone()),
        }
    }

    pub(super) fn related(related: &Related) -> Self {
        Printed {
            id: related.entry.id.clone(),
            code: None,
        }
    }
}

impl Session {
    /// Returns whether a line is the number of a hit that was printed, and nothing else.
    pub(super) fn is_hit(&self, line: &str) -> bool {
        let number = line.parse::<usize>().ok().filter(|number| *number > 0);
        number.is_some_and(|number| number <= self.hits.len())
    }

    pub(super) fn open(&self, wanted: &str, output: &mut Output) -> Result<(), Failure> {
        let (found, _) = self.wanted(wanted, "open")?;
        output.page(&entry::whole(&found.entry, found.answer, output.medium))?;
        Ok(())
    }

    pub(super) fn code(&self, wanted: &str, output: &mut Output) -> Result<(), Failure> {
        let (found, code) = self.wanted(wanted, "code")?;
        if code.is_empty() {
            report::note(&format!("`{}` has no code", found.entry.id));
            return Ok(());
        }
        write_verbatim(&entry::joined_code(std::iter::once(code.as_str())), output)
    }

    pub(super) fn copy(&self, wanted: &str, output: &mut Output) -> Result<(), Failure> {
        let (hit, what) = wanted
            .split_once(char::is_whitespace)
            .unwrap_or((wanted, ""));
        let (Found { entry, .. }, code) = self.wanted(hit, "copy")?;
        let (name, copied) = match what.trim() {
            "" if code.is_empty() => ("the answer", answer(&entry)),
            "" | "code" => ("the code", code),
            "answer" => ("the answer", answer(&entry)),
            "id" => ("the id", entry.id.clone()),
            "url" => ("the URL", entry.url.clone().unwrap_or_default()),
            other => {
                let message = format!("`:copy` cannot copy `{other}`");
                return Err(request(
                    &message,
                    &format!("it can copy `{}`", COPIED.join("`, `")),
                ));
            }
        };
        if copied.is_empty() {
            let message = format!("`{}` has nothing of that kind", entry.id);
            return Err(request(
                &message,
                &format!("it can copy `{}`", COPIED.join("`, `")),
            ));
        }
        let by = clipboard::copy(&copied, output)?;
        let lines = copied.lines().count();
        let plural = if lines == 1 { "" } else { "s" };
        report::note(&format!(
            "copied {name} of `{}`, {lines} line{plural}, by {by}",
            entry.id
        ));
        Ok(())
    }

    /// Makes the entries related to a hit the hits.
    pub(super) fn related(&mut self, wanted: &str, output: &mut Output) -> Result<(), Failure> {
        let (found, _) = self.wanted(wanted, "related")?;
        self.asked = Asked::Related(found.entry.id);
        self.ask_again(output)
    }

    pub(super) fn explain(&self, wanted: &str, output: &mut Output) -> Result<(), Failure> {
        let (Asked::Query(query), Ok(rank)) = (&self.asked, wanted.parse::<usize>()) else {
            return Err(request(
                "`:explain` needs the number of a hit",
                "for example `:explain 1`, behind a query",
            ));
        };
        self.printed(rank)?;
        let options = SearchOptions {
            limit: 1,
            offset: rank - 1,
            explain: true,
            ..self.search_options()
        };
        let mut results = self.knowledge.searcher().search(query, &options)?;
        if results.hits.iter().all(|hit| hit.explanation.is_none()) {
            return Err(request(
                "hits that are sorted otherwise than by relevance have no score to explain",
                "`:set sort relevance`, and search again",
            ));
        }
        // The hit has been printed; what is new is its score.
        for hit in &mut results.hits {
            hit.snippet.text.clear();
            hit.code = None;
        }
        output.write(&hits::results(&results, 0, output.medium))?;
        Ok(())
    }

    /// Returns an entry by its number among the hits or by its id, and its code: of a hit, the block that answers.
    fn wanted(&self, wanted: &str, command: &str) -> Result<(Found, String), Failure> {
        if wanted.is_empty() {
            return Err(request(
                &format!("`:{command}` needs the number of a hit"),
                &format!("for example `:{command} 1`"),
            ));
        }
        let searcher = self.knowledge.searcher();
        match wanted.parse::<usize>() {
            Ok(rank) => {
                let Printed { id, code } = self.printed(rank)?;
                let found = find(&searcher, id)?;
                let all = || entry::code(&found.entry, found.answer);
                let code = code.clone().unwrap_or_else(all);
                Ok((found, code))
            }
            Err(_) => {
                let found = find(&searcher, wanted)?;
                let code = entry::code(&found.entry, found.answer);
                Ok((found, code))
            }
        }
    }

    fn printed(&self, rank: usize) -> Result<&Printed, Failure> {
        if self.hits.is_empty() {
            return Err(request(
                "there are no hits yet",
                "type some words to search for",
            ));
        }
        let place = rank.checked_sub(1);
        place.and_then(|place| self.hits.get(place)).ok_or_else(|| {
            let message = format!(
                "there is no hit {rank} among the {} printed",
                self.hits.len()
            );
            request(&message, "`:more` prints the next hits")
        })
    }
}

/// Returns the text of the answers, block by block.
fn answer(entry: &Entry) -> String {
    let blocks = entry.answers.iter().flat_map(|answer| &answer.blocks);
    let blocks: Vec<&str> = blocks.map(Block::text).collect();
    blocks.join("\n\n")
}
