//! From a query to what the index is asked: the words that are scored, and the entries that meet its demands.

use tantivy::{DocId, SegmentReader};

use super::literal::Literal;
use super::terms::TermTable;
use super::{SearchOptions, Searcher, phrase};
use crate::accumulate::{BitSet, accumulate};
use crate::error::{Error, Result};
use crate::facets::{self, FacetField, Filter};
use crate::query::compile::{QueryWord, compile};
use crate::query::{self, Clause, Operand, Query};
use crate::schema;

/// How many entries are read to check text as it stands, best first. Reading one costs some 50 µs.
const MAX_CHECKED: usize = 1_000;
/// A pasted line with more oddities is not helped by a list of them.
const MAX_WARNINGS: usize = 8;

/// What a search looks for.
#[derive(Default)]
pub(super) struct Plan {
    /// The query as it is understood over this index.
    pub(super) query: Query,
    /// What is odd about it.
    pub(super) warnings: Vec<String>,
    more_warnings: usize,
    /// The words that are scored.
    pub(super) words: Vec<QueryWord>,
    /// The filters of the options and of the query.
    pub(super) filters: Vec<Filter>,
    /// The entries that pass each filter. An entry must be in all of them.
    pub(super) sets: Vec<(FacetField, BitSet)>,
    /// The entries that meet every other demand of the query; `None` when it makes none.
    pub(super) required: Option<BitSet>,
    /// Whether the demands are about text, so that whatever meets them is a hit even if none of its words is scored.
    pub(super) lists_required: bool,
}

impl Plan {
    /// Returns the entries that may be hits; `None` for all.
    pub(super) fn filter(&self) -> Option<BitSet> {
        let mut sets = self.sets.iter().map(|(_, set)| set).chain(&self.required);
        let mut filter = sets.next()?.clone();
        sets.for_each(|set| filter.intersect(set));
        Some(filter)
    }

    /// Adds a warning, once; of more than a few only how many there are.
    fn warn(&mut self, warning: String) {
        if self.warnings.len() == MAX_WARNINGS {
            self.more_warnings += 1;
        } else if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    fn require(&mut self, set: BitSet) {
        match &mut self.required {
            Some(required) => required.intersect(&set),
            None => self.required = Some(set),
        }
    }

    fn push_text(&mut self, word: &str) {
        if let Some(Clause {
            excluded: false,
            any_of,
        }) = self.query.clauses.last_mut()
            && let [Operand::Words(text)] = any_of.as_mut_slice()
        {
            text.push(' ');
            text.push_str(word);
        } else {
            let clause = Clause::of(Operand::Words(word.to_owned()));
            self.query.clauses.push(clause);
        }
    }

    /// Returns what may be meant by a query whose phrases no entry has: their words.
    pub(super) fn without_quotes(&self) -> Option<String> {
        let mut plain = Plan::default();
        let mut is_changed = false;
        for clause in &self.query.clauses {
            match (clause.excluded, clause.any_of.as_slice()) {
                (false, [Operand::Phrase(words)]) => {
                    is_changed = true;
                    plain.push_text(words);
                }
                (false, [Operand::Words(words)]) => plain.push_text(words),
                _ => plain.query.clauses.push(clause.clone()),
            }
        }
        is_changed.then(|| plain.query.to_string())
    }
}

impl Searcher {
    /// Returns what to look for. Values that no entry has turn into text, with a warning.
    pub(super) fn plan(&self, typed: &str, options: &SearchOptions) -> Result<Plan> {
        let parsed = query::parse(typed);
        let mut plan = Plan::default();
        for warning in &parsed.warnings {
            plan.warn(warning.to_string());
        }
        let mut from_query: Vec<Filter> = Vec::new();
        let mut literals = Vec::new();
        for clause in parsed.query.clauses {
            match clause.any_of.as_slice() {
                [Operand::Words(text)] => plan.push_text(text),
                [operand] => {
                    let Some(operand) = self.known(operand, clause.excluded, &mut plan)? else {
                        continue;
                    };
                    match &operand {
                        Operand::Words(text) => plan.push_text(text),
                        _ if clause.excluded => {
                            let mut rest = BitSet::full(self.index.documents());
                            rest.subtract(&self.matching(&operand, &mut plan)?);
                            plan.require(rest);
                            plan.query.clauses.push(Clause {
                                excluded: true,
                                any_of: vec![operand],
                            });
                        }
                        Operand::Facet { field, values } => {
                            from_query.push(Filter {
                                field: *field,
                                values: values.clone(),
                            });
                            plan.query.clauses.push(Clause::of(operand));
                        }
                        Operand::Tag(tag) => {
                            from_query.push(Filter {
                                field: FacetField::Tag,
                                values: vec![tag.clone()],
                            });
                            plan.query.clauses.push(Clause::of(operand));
                        }
                        _ => {
                            if let Some(literal) = Literal::of(&operand) {
                                literals.push(literal);
                            }
                            plan.lists_required |= operand.is_text();
                            let set = match operand {
                                // It is checked with the others, in the order of the scores.
                                Operand::Code(ref code) => self.with_words(code)?,
                                _ => self.matching(&operand, &mut plan)?,
                            };
                            plan.require(set);
                            plan.query.clauses.push(Clause::of(operand));
                        }
                    }
                }
                any_of => {
                    let mut either = BitSet::empty(self.index.documents());
                    let mut known = Vec::with_capacity(any_of.len());
                    for operand in any_of {
                        if let Some(operand) = self.known(operand, false, &mut plan)? {
                            either.unite(&self.matching(&operand, &mut plan)?);
                            plan.lists_required |= operand.is_text();
                            known.push(operand);
                        }
                    }
                    plan.require(either);
                    plan.query.clauses.push(Clause {
                        excluded: false,
                        any_of: known,
                    });
                }
            }
        }
        plan.words = compile(&plan.query);
        // Values of one facet are alternatives in the options, and in the query; both narrow.
        plan.sets = self.filter_sets(&options.filters)?;
        plan.sets.extend(self.filter_sets(&from_query)?);
        plan.filters = options.filters.clone();
        plan.filters.extend(from_query);
        self.check(&mut plan, &literals, !options.facets.is_empty())?;
        if plan.more_warnings > 0 {
            plan.warnings
                .push(format!("{} more like these", plan.more_warnings));
        }
        Ok(plan)
    }

    /// Returns an operand without the values that no entry has: text when none is left, nothing when it would have
    /// excluded them.
    fn known(&self, operand: &Operand, excluded: bool, plan: &mut Plan) -> Result<Option<Operand>> {
        let sign = if excluded { "-" } else { "" };
        let (field, typed) = match operand {
            Operand::Facet { field, values } => (*field, values.as_slice()),
            Operand::Tag(tag) => (FacetField::Tag, std::slice::from_ref(tag)),
            Operand::Phrase(text) | Operand::Title { text, .. } if !phrase::has_words(text) => {
                if excluded {
                    plan.warn(format!(
                        "`-{operand}` excludes nothing: there is no word in it"
                    ));
                    return Ok(None);
                }
                plan.warn(format!(
                    "`{operand}` is searched for as text: there is no word in it"
                ));
                return Ok(Some(Operand::Words(text.clone())));
            }
            _ => return Ok(Some(operand.clone())),
        };
        let mut known = Vec::new();
        for value in typed {
            let filter = Filter {
                field,
                values: vec![value.clone()],
            };
            match facets::matching(&self.index, &filter) {
                Ok(_) => known.push(value.clone()),
                Err(Error::UnknownFacetValue { field, near, .. }) => {
                    let taken = match (typed.len(), operand) {
                        (2.., _) => format!("`{value}` is left out of `{sign}{operand}`"),
                        (_, Operand::Facet { .. }) if excluded => {
                            format!("`{sign}{operand}` excludes nothing")
                        }
                        _ => format!("`{sign}{operand}` is searched for as text"),
                    };
                    let near = near.first().map(|near| format!("; did you mean `{near}`?"));
                    let near = near.unwrap_or_default();
                    plan.warn(format!("{taken}: no entry has {field} `{value}`{near}"));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(match (known.is_empty(), operand) {
            (true, Operand::Facet { .. }) if excluded => None,
            (true, _) => Some(Operand::Words(format!("{sign}{operand}"))),
            (false, Operand::Tag(_)) => Some(operand.clone()),
            (false, _) => Some(Operand::Facet {
                field,
                values: known,
            }),
        })
    }

    /// Returns the entries that have what an operand demands. Words are looked up by their places alone; code is
    /// checked in the entries, in no order of theirs.
    fn matching(&self, operand: &Operand, plan: &mut Plan) -> Result<BitSet> {
        let documents = self.index.documents();
        let filter = |field, values: &[String]| Filter {
            field,
            values: values.to_vec(),
        };
        match operand {
            Operand::Words(text) | Operand::Phrase(text) => self.with_words(text),
            Operand::Title { text, .. } => {
                let title = self.index.fields.title;
                let found = self.in_segment(|segment| phrase::documents(segment, title, text))?;
                Ok(found.flatten().unwrap_or_else(|| BitSet::empty(documents)))
            }
            Operand::Code(code) => {
                let Some(literal) = Literal::of(operand) else {
                    return Ok(BitSet::empty(documents));
                };
                let candidates = self.with_words(code)?;
                if candidates.len() > MAX_CHECKED as u64 {
                    plan.warn(cut_off(candidates.len(), literal.text()));
                }
                let some: Vec<DocId> = candidates.iter().take(MAX_CHECKED).collect();
                self.holding(&some, |entry| literal.is_in(entry))
            }
            Operand::Facet { field, values } => {
                facets::matching(&self.index, &filter(*field, values))
            }
            Operand::Tag(tag) => facets::matching(
                &self.index,
                &filter(FacetField::Tag, std::slice::from_ref(tag)),
            ),
            Operand::Score(..)
            | Operand::After(_)
            | Operand::Before(_)
            | Operand::Accepted
            | Operand::Answered => {
                let found = self.in_segment(|segment| by_column(segment, operand))?;
                Ok(found.unwrap_or_else(|| BitSet::empty(documents)))
            }
        }
    }

    /// Returns the entries that have the words of a text next to each other; all for a text without words.
    fn with_words(&self, text: &str) -> Result<BitSet> {
        let all = self.index.fields.all;
        let found = self.in_segment(|segment| phrase::documents(segment, all, text))?;
        let any = || BitSet::full(self.index.documents());
        Ok(found.flatten().unwrap_or_else(any))
    }

    /// Returns what a reading of the segment gives; `None` for an index without entries.
    fn in_segment<T>(
        &self,
        read: impl FnOnce(&SegmentReader) -> tantivy::Result<T>,
    ) -> Result<Option<T>> {
        let read = self.index.segment.as_ref().map(read).transpose();
        read.map_err(|error| self.index.failed(error))
    }

    /// Narrows a plan to the entries that have its literal texts as they stand. Where none has a phrase so, those that
    /// have its words next to each other stay.
    fn check(&self, plan: &mut Plan, literals: &[Literal], counts_facets: bool) -> Result<()> {
        let (Some(filter), Some(required)) = (plan.filter(), plan.required.clone()) else {
            return Ok(());
        };
        if literals.is_empty() {
            return Ok(());
        }
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
        let has_all = |literals: &[&Literal], entry: &crate::Entry| {
            literals.iter().all(|literal| literal.is_in(entry))
        };
        let to_the_letter = self.holding(&candidates, |entry| {
            has_all(&strict, entry) && has_all(&loose, entry)
        })?;
        let mut hits = to_the_letter.clone();
        hits.intersect(&filter);
        if loose.is_empty() || hits.len() > 0 {
            plan.required = Some(to_the_letter);
            return Ok(());
        }
        let kept = if strict.is_empty() {
            required
        } else {
            self.holding(&candidates, |entry| has_all(&strict, entry))?
        };
        hits.clone_from(&kept);
        hits.intersect(&filter);
        if hits.len() > 0 {
            let texts: Vec<&str> = loose.iter().map(|literal| literal.text()).collect();
            plan.warn(format!(
                "no entry has `{}` as it stands: these have its words next to each other",
                texts.join("` and `")
            ));
        }
        plan.required = Some(kept);
        Ok(())
    }

    /// Returns the best entries of a set, those with words of the query first.
    fn best_of(&self, plan: &Plan, set: &BitSet) -> Result<Vec<DocId>> {
        let scored = self.in_segment(|segment| {
            if plan.words.is_empty() {
                return Ok(Vec::new());
            }
            let documents = segment.max_doc();
            let terms = TermTable::new(segment, &self.index.fields, &plan.words)?;
            let tie = |left: DocId, right: DocId| left.cmp(&right);
            let mut postings = terms.postings()?;
            let found = accumulate(&mut postings, documents, Some(set), MAX_CHECKED, &tie, None);
            Ok(found.best.iter().map(|scored| scored.document).collect())
        })?;
        let mut best: Vec<DocId> = scored.unwrap_or_default();
        if best.len() < MAX_CHECKED {
            let mut rest = set.clone();
            best.iter().for_each(|document| rest.remove(*document));
            best.extend(rest.iter().take(MAX_CHECKED - best.len()));
        }
        Ok(best)
    }

    /// Returns the documents whose entry passes a test. Reads them in the order in which they are stored.
    fn holding(&self, documents: &[DocId], test: impl Fn(&crate::Entry) -> bool) -> Result<BitSet> {
        let mut holding = BitSet::empty(self.index.documents());
        if documents.is_empty() {
            return Ok(holding);
        }
        let mut documents = documents.to_vec();
        documents.sort_unstable();
        let store = self.store()?;
        for document in documents {
            if test(&self.stored(&store, document)?) {
                holding.insert(document);
            }
        }
        Ok(holding)
    }
}

fn cut_off(entries: u64, text: &str) -> String {
    format!(
        "only the best {MAX_CHECKED} of {entries} entries with its words were checked for `{text}`: there may be more hits"
    )
}

/// Returns the documents whose votes, date or answers are as demanded.
fn by_column(segment: &SegmentReader, operand: &Operand) -> tantivy::Result<BitSet> {
    let mut passing = BitSet::empty(segment.max_doc());
    let columns = segment.fast_fields();
    let documents = 0..segment.max_doc();
    match operand {
        Operand::Score(comparison, score) => {
            if let Some(votes) = columns.column_opt::<i64>(schema::SCORE)? {
                documents
                    .filter(|document| {
                        let votes = votes.first(*document);
                        votes.is_some_and(|votes| comparison.holds(votes, *score))
                    })
                    .for_each(|document| passing.insert(document));
            }
        }
        Operand::After(date) | Operand::Before(date) => {
            let is_after = matches!(operand, Operand::After(_));
            let Some(dates) = columns.str(schema::UPDATED)? else {
                return Ok(passing);
            };
            let mut passes = Vec::with_capacity(dates.num_terms());
            let mut written = String::new();
            for place in 0..dates.num_terms() {
                dates.ord_to_str(place as u64, &mut written)?;
                // ISO 8601 sorts as it is written; other dates count as none.
                let written = written.trim();
                let year = written.split(['-', 'T']).next().unwrap_or_default();
                let is_iso = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
                passes.push(is_iso && (written >= date.as_str()) == is_after);
            }
            for document in documents {
                let mut places = dates.term_ords(document);
                if places.any(|place| passes.get(place as usize) == Some(&true)) {
                    passing.insert(document);
                }
            }
        }
        _ => {
            let name = match operand {
                Operand::Accepted => schema::ACCEPTED,
                _ => schema::ANSWERED,
            };
            if let Some(column) = columns.column_opt::<bool>(name)? {
                documents
                    .filter(|document| column.first(*document) == Some(true))
                    .for_each(|document| passing.insert(document));
            }
        }
    }
    Ok(passing)
}
