//! Text as it stands: whether a stored entry has it, in any white space.

mod needle;

use tantivy::DocId;

use super::names::Wanted;
use super::plan::Plan;
use super::terms::TermTable;
use super::{Searcher, phrase};
use crate::accumulate::{BitSet, accumulate};
use crate::analysis;
use crate::error::Result;
use crate::index::entries::{FETCHED, Store};
use crate::index::segments::IdOrder;
use crate::query::Operand;
use crate::rank::Ranked;
use crate::schema::stored::StoredTexts;
use crate::work::Work;
use needle::Needle;

/// How many entries are read to check text as it stands, best first. Reading one costs some 5 µs.
pub(super) const MAX_CHECKED: usize = 1_000;

/// So many of the best entries with the words of a phrase are read, to put those first that have it as it was typed.
pub(super) const MAX_PREFERRED: usize = 20;

/// A text that an entry must have as it stands.
#[derive(Debug, Clone)]
pub(super) struct Literal {
    text: Needle,
    place: Place,
    /// The first of several plain words, which a name may be made of: `user name` stands in `get_user_name`.
    first_of_words: Option<Needle>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Anywhere in the entry, in any case, from the edge of a word to the edge of a word.
    Anywhere,
    /// The same in its title.
    Title,
    /// In a code block or inline code. A text in lower case is found in any case, as with ripgrep's smart case.
    Code,
}

impl Literal {
    /// Returns what an operand has of text as it stands, if anything.
    pub(super) fn of(operand: &Operand) -> Option<Literal> {
        let (text, place, case_matters) = match operand {
            Operand::Phrase(text) => (text, Place::Anywhere, false),
            Operand::Title { text, quoted: true } => (text, Place::Title, false),
            Operand::Code(text) => (text, Place::Code, text.contains(char::is_uppercase)),
            _ => return None,
        };
        let text = Needle::new(text, case_matters);
        let is_plain = |character: char| character == ' ' || character.is_alphanumeric();
        let is_of_words =
            place != Place::Code && text.text().contains(' ') && text.text().chars().all(is_plain);
        Some(Literal {
            first_of_words: is_of_words.then(|| text.first_word()),
            text,
            place,
        })
    }

    /// Returns whether entries that only have the words next to each other do, when none has the text as it stands.
    pub(super) fn may_be_loose(&self) -> bool {
        self.place != Place::Code
    }

    /// Returns the text to look for.
    pub(super) fn text(&self) -> &str {
        self.text.text()
    }

    /// Returns false when what is stored of an entry tells that it does not have the text: most need not be read.
    fn may_be_in(&self, stored: &[u8]) -> bool {
        self.text.may_be_in(stored)
    }

    /// Returns whether an entry has the text.
    pub(super) fn is_in(&self, entry: &StoredTexts<'_>) -> bool {
        match self.place {
            Place::Title => self.is_in_text(entry.title),
            Place::Anywhere => {
                self.is_in_text(entry.title)
                    || entry.blocks().any(|block| self.is_in_text(block.text))
                    || entry.has_name(|name| self.is_in_text(name))
            }
            Place::Code => entry.blocks().any(|block| match block.is_code() {
                true => self.is_in_text(block.text),
                false => block.inline_code().any(|code| self.is_in_text(code)),
            }),
        }
    }

    fn is_in_text(&self, text: &str) -> bool {
        let is_code = self.place == Place::Code;
        self.text
            .is_in(text, |start, end| is_code || stands_alone(text, start, end))
            || self.is_in_names(text)
    }

    /// Returns whether the words stand one after another in a name of a text.
    fn is_in_names(&self, text: &str) -> bool {
        let has_joint = |piece: &str| {
            piece.contains(['_', '-'])
                || piece
                    .chars()
                    .zip(piece.chars().skip(1))
                    .any(|(left, right)| left.is_uppercase() != right.is_uppercase())
        };
        let Some(first) = &self.first_of_words else {
            return false;
        };
        let mut parts = String::new();
        let mut done = 0;
        first.is_in(text, |start, end| {
            if start < done {
                return false;
            }
            // The names that it stands in: no blank is in one.
            let is_of_name = |character: char| !character.is_whitespace();
            let from = text[..start].trim_end_matches(is_of_name).len();
            let behind = text[end..].find(char::is_whitespace);
            done = behind.map_or(text.len(), |at| end + at);
            let piece = &text[from..done];
            if !has_joint(piece) {
                return false;
            }
            analysis::parts(piece, &mut parts);
            let mut found = parts.match_indices(self.text.text());
            found.any(|(at, found)| stands_alone(&parts, at, at + found.len()))
        })
    }
}

impl Searcher {
    /// Narrows a plan to the entries that have its literal texts as they stand. Where none has a phrase so, those that
    /// have its words next to each other stay.
    pub(super) fn check(
        &self,
        plan: &mut Plan,
        literals: &[Literal],
        counts_facets: bool,
    ) -> Result<()> {
        if literals.is_empty() {
            return Ok(());
        }
        let (Some(mut filter), Some(mut required)) = (plan.filter(), plan.required.clone()) else {
            return Ok(());
        };
        self.index.segments.keep_living(&mut filter);
        self.index.segments.keep_living(&mut required);
        let (loose, strict): (Vec<&Literal>, Vec<&Literal>) =
            literals.iter().partition(|literal| literal.may_be_loose());
        let texts = || {
            let texts = literals.iter().map(Literal::text);
            texts.collect::<Vec<_>>().join("` and `")
        };
        let mut candidates = self.best_of(plan, &filter)?;
        if filter.len() > MAX_CHECKED as u64 {
            plan.warn(cut_off(filter.len(), &texts()));
        }
        if counts_facets {
            // What the filters hold back is counted beside them.
            let mut others = required.clone();
            others.subtract(&filter);
            if others.len() > MAX_CHECKED as u64 {
                plan.warn(cut_off(others.len(), &texts()));
            }
            candidates.extend(self.best_of(plan, &others)?);
        }
        let all: Vec<&Literal> = strict.iter().chain(&loose).copied().collect();
        let to_the_letter = self.holding(&candidates, &all, &mut plan.work)?;
        let mut hits = to_the_letter.clone();
        hits.intersect(&filter);
        if loose.is_empty() || hits.len() > 0 {
            plan.required = Some(to_the_letter);
            return Ok(());
        }
        let kept = if strict.is_empty() {
            required
        } else {
            self.holding(&candidates, &strict, &mut plan.work)?
        };
        hits.clone_from(&kept);
        hits.intersect(&filter);
        if hits.len() > 0 {
            plan.warn(only_loose(loose));
        }
        plan.required = Some(kept);
        Ok(())
    }

    /// Adds to the scores of the best candidates, which are in order, where they have the plain phrases of a plan as they were
    /// typed: so much that no other is before one of them. Returns whether one has.
    pub(super) fn prefer_as_typed(
        &self,
        plan: &Plan,
        best: &mut [Ranked],
        work: &mut Work,
    ) -> tantivy::Result<bool> {
        let most = best.first().map_or(0.0, |first| first.scored.score);
        let store = self.store();
        let looked_at = best.len().min(MAX_PREFERRED);
        let best = &mut best[..looked_at];
        let documents: Vec<DocId> = best.iter().map(|ranked| ranked.scored.document).collect();
        store.fetch(&documents)?;
        let preferred: Vec<&Literal> = plan.preferred.iter().collect();
        let mut has_any = false;
        for ranked in best {
            // Who shows an entry that cannot be read says so.
            if has_all(&store, ranked.scored.document, &preferred)? == Some(true) {
                ranked.preferred_score = most;
                ranked.scored.score += most;
                has_any = true;
            }
        }
        work.entries_read += store.entries_read();
        Ok(has_any)
    }

    /// Returns the best entries of a set, those with words of the query first; of few, all in any order.
    fn best_of(&self, plan: &mut Plan, set: &BitSet) -> Result<Vec<DocId>> {
        if set.len() <= MAX_CHECKED as u64 {
            return Ok(set.iter().collect());
        }
        let mut best: Vec<DocId> = self.read(|segments| {
            if plan.words.is_empty() {
                return Ok(Vec::new());
            }
            let wanted = Wanted {
                entries: MAX_CHECKED,
                filter: Some(set),
            };
            let terms = TermTable::new(&self.index, &plan.words, &[], wanted)?;
            let ids = IdOrder::new(segments);
            let tie = |left: DocId, right: DocId| ids.compare(left, right);
            let mut parts = terms.parts()?;
            let found = accumulate(
                &mut parts,
                Some(set),
                MAX_CHECKED,
                &tie,
                None,
                &self.windows,
            );
            plan.work += terms.work;
            plan.work += found.work;
            Ok(found.best.iter().map(|scored| scored.document).collect())
        })?;
        if best.len() < MAX_CHECKED {
            let mut rest = set.clone();
            best.iter().for_each(|document| rest.remove(*document));
            best.extend(rest.iter().take(MAX_CHECKED - best.len()));
        }
        Ok(best)
    }

    /// Returns the documents whose entry has all of some texts. Reads them in the order in which they are stored.
    pub(super) fn holding(
        &self,
        documents: &[DocId],
        literals: &[&Literal],
        work: &mut Work,
    ) -> Result<BitSet> {
        let mut holding = BitSet::empty(self.index.documents());
        if documents.is_empty() {
            return Ok(holding);
        }
        let mut documents = documents.to_vec();
        documents.sort_unstable();
        let store = self.store();
        for some in documents.chunks(FETCHED) {
            let failed = |error| self.index.failed(error);
            store.fetch(some).map_err(failed)?;
            for document in some {
                let has_all = has_all(&store, *document, literals).map_err(failed)?;
                if has_all.ok_or_else(|| self.unreadable(*document))? {
                    holding.insert(*document);
                }
            }
        }
        work.entries_read += store.entries_read();
        Ok(holding)
    }
}

/// Returns whether an entry has all of some texts; `None` when what is stored is no entry.
fn has_all(
    store: &Store<'_>,
    document: DocId,
    literals: &[&Literal],
) -> tantivy::Result<Option<bool>> {
    let mut all = literals.iter();
    let may_pass = |stored: &[u8]| all.all(|literal| literal.may_be_in(stored));
    let mut all = literals.iter();
    let passes = |entry: &StoredTexts<'_>| all.all(|literal| literal.is_in(entry));
    store.passes(document, may_pass, passes)
}

/// Returns the warning that texts stand nowhere as they were typed.
pub(super) fn only_loose<'l>(literals: impl IntoIterator<Item = &'l Literal>) -> String {
    let texts: Vec<&str> = literals.into_iter().map(Literal::text).collect();
    format!(
        "no entry has `{}` as it stands: these have its words next to each other",
        texts.join("` and `")
    )
}

/// Returns whether an operand is several plain words in quotes: that they stand next to each other is known without reading an entry.
pub(super) fn is_of_plain_words(operand: &Operand) -> bool {
    match operand {
        Operand::Phrase(text) | Operand::Title { text, quoted: true } => phrase::is_plain(text),
        _ => false,
    }
}

/// Returns the warning that more entries had to be checked than are.
pub(super) fn cut_off(entries: u64, text: &str) -> String {
    format!(
        "only the best {MAX_CHECKED} of {entries} entries with its words were checked for `{text}`: there may be more hits"
    )
}

/// Returns whether a range of a text begins and ends where words do.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    !is_inside_word(text, start) && !is_inside_word(text, end)
}

/// Returns whether letters or digits stand on both sides of a byte.
fn is_inside_word(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    let behind = text[at..].chars().next();
    before.is_some_and(char::is_alphanumeric) && behind.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body;
    use crate::entry::{Answer, Entry};
    use crate::schema::stored;

    #[test]
    fn text_is_found_as_it_stands() {
        let entry = Entry {
            title: "What does `std::move` do?".to_owned(),
            tags: vec!["Rvalue References".to_owned()],
            answers: vec![Answer {
                blocks: body::from_markdown(
                    "It casts to an\n*rvalue* reference, see `std::forward<T>`, `my.get_user_name()` and `HTTPResponse`.\n\n```cpp\nauto b  =\n    std::move(A);\n```",
                ),
                ..Answer::default()
            }],
            ..Entry::default()
        };
        let stored = stored::bytes(&entry);
        let stored = StoredTexts::read(&stored).expect("is an entry");
        let phrase = |text: &str| Operand::Phrase(text.to_owned());
        let code = |text: &str| Operand::Code(text.to_owned());
        let title = |text: &str| Operand::Title {
            text: text.to_owned(),
            quoted: true,
        };
        for (operand, expected) in [
            (phrase("an rvalue reference"), true),
            (phrase("AN RVALUE"), true),
            (phrase("rvalue references"), true),
            (phrase("an rvalue ref"), false),
            (phrase("rvalue reference see"), false),
            (phrase("reference,"), true),
            (phrase("std::move"), true),
            (phrase("std move"), false),
            (phrase("user name"), true),
            (phrase("get user"), true),
            (phrase("get user na"), false),
            (phrase("et user name"), false),
            (phrase("http response"), true),
            (title("std::move` do"), true),
            (title("rvalue"), false),
            (code("std::move("), true),
            (code("b = std::move(a)"), true),
            (code("std::move(A);"), true),
            (code("Std::move"), false),
            (code("td::mov"), true),
            (code("std::forward<t>"), true),
            (code("rvalue"), false),
        ] {
            let literal = Literal::of(&operand).expect("is literal");
            assert_eq!(literal.is_in(&stored), expected, "{operand}");
        }
    }
}
