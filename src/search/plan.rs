//! From a query to what the index is asked: the words that are scored, and the entries that meet its demands.

use super::literal::{Literal, is_of_plain_words};
use super::{SearchOptions, Searcher, phrase};
use crate::accumulate::BitSet;
use crate::error::{Error, Result};
use crate::facets::{self, FacetField, Filter, Group};
use crate::message::{self, Reading};
use crate::query::compile::{QueryWord, compile};
use crate::query::{self, Clause, Operand, Parsed, Query};
use crate::work::Work;

/// Of a longer text only the beginning and the end are searched for: a search takes time and memory by the words it is
/// asked for. A whole question with its code has some 10 KiB.
const MAX_QUERY_BYTES: usize = 64 << 10;

/// How much of such a text is its end.
const END_BYTES: usize = 16 << 10;

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
    /// What the query is, if it is read as an error.
    pub(super) reading: Option<Reading>,
    /// The filters of the options and of the query.
    pub(super) filters: Vec<Filter>,
    /// The entries that pass the filters of each facet. An entry must be in all of them.
    pub(super) groups: Vec<Group>,
    /// The entries that meet every other demand of the query; `None` when it makes none.
    pub(super) required: Option<BitSet>,
    /// Whether the demands are about text, so that whatever meets them is a hit even if none of its words is scored.
    pub(super) lists_required: bool,
    /// The phrases of plain words, which the first hits should have as they were typed.
    pub(super) preferred: Vec<Literal>,
    /// What finding those entries took.
    pub(super) work: Work,
}

impl Plan {
    /// Returns the entries that may be hits; `None` for all.
    pub(super) fn filter(&self) -> Option<BitSet> {
        let groups = self.groups.iter().map(|group| &group.passing);
        let mut sets = groups.chain(&self.required);
        let mut filter = sets.next()?.clone();
        sets.for_each(|set| filter.intersect(set));
        Some(filter)
    }

    /// Adds a warning, once; of more than a few only how many there are.
    pub(super) fn warn(&mut self, warning: String) {
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

    fn push(&mut self, operand: Operand, excluded: bool) {
        let any_of = vec![operand];
        self.query.clauses.push(Clause { excluded, any_of });
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

    /// Returns whether all words of the query are in quotes together: every hit has them all next to each other.
    pub(super) fn is_one_phrase(&self) -> bool {
        let wanted = self.query.clauses.iter().filter(|clause| !clause.excluded);
        let mut texts = wanted.filter(|clause| clause.any_of.iter().any(Operand::is_text));
        let (Some(text), None) = (texts.next(), texts.next()) else {
            return false;
        };
        matches!(
            text.any_of.as_slice(),
            [Operand::Phrase(_) | Operand::Code(_) | Operand::Title { quoted: true, .. }]
        )
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
        let typed = typed.trim();
        if typed.len() <= MAX_QUERY_BYTES {
            return self.plan_for(parsed, options);
        }
        // A log of any length is no more than the error in it.
        if options.reads_errors
            && let Some(text) = parsed.query.as_text()
            && let Some(reading) = message::read(text)
            && reading.counted_bytes(text) <= MAX_QUERY_BYTES
        {
            return self.plan_read(parsed, Some(reading), options);
        }
        let mut plan = self.plan_for(query::parse(&ends(typed)), options)?;
        let warning = format!(
            "the query is longer than {} KiB: only its first {} and last {} KiB are searched for",
            MAX_QUERY_BYTES >> 10,
            (MAX_QUERY_BYTES - END_BYTES) >> 10,
            END_BYTES >> 10
        );
        plan.warnings.insert(0, warning);
        Ok(plan)
    }

    /// Returns what to look for, for a query that is parsed already.
    pub(super) fn plan_for(&self, parsed: Parsed, options: &SearchOptions) -> Result<Plan> {
        self.plan_read(parsed, None, options)
    }

    /// Returns what to look for, for a query that may be read as an error already.
    fn plan_read(
        &self,
        parsed: Parsed,
        reading: Option<Reading>,
        options: &SearchOptions,
    ) -> Result<Plan> {
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
                        Operand::Facet { field, values } => {
                            from_query.push(Filter {
                                field: *field,
                                values: values.clone(),
                                excluded: clause.excluded,
                            });
                            plan.push(operand, clause.excluded);
                        }
                        Operand::Tag(tag) => {
                            from_query.push(Filter {
                                field: FacetField::Tag,
                                values: vec![tag.clone()],
                                excluded: clause.excluded,
                            });
                            plan.push(operand, clause.excluded);
                        }
                        _ if clause.excluded => {
                            let mut rest = BitSet::full(self.index.documents());
                            rest.subtract(&self.matching(&operand, &mut plan)?);
                            plan.require(rest);
                            plan.push(operand, true);
                        }
                        _ => {
                            match Literal::of(&operand) {
                                Some(literal) if is_of_plain_words(&operand) => {
                                    plan.preferred.push(literal);
                                }
                                literal => literals.extend(literal),
                            }
                            plan.lists_required |= operand.is_text();
                            let set = match operand {
                                // It is checked with the others, in the order of the scores.
                                Operand::Code(ref code) => self.with_piece(code, &mut plan.work)?,
                                _ => self.matching(&operand, &mut plan)?,
                            };
                            plan.require(set);
                            plan.push(operand, false);
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
        plan.reading = match plan.query.as_text() {
            Some(text) if options.reads_errors => reading.or_else(|| message::read(text)),
            _ => None,
        };
        plan.words = compile(&plan.query, &self.vocabulary, plan.reading.as_ref());
        if plan.words.is_empty() && plan.reading.take().is_some() {
            plan.words = compile(&plan.query, &self.vocabulary, None);
        }
        // Values of one facet are alternatives in the options, and in the query; both narrow.
        plan.filters = self.resolve(&options.filters)?;
        plan.groups = facets::groups(&self.index, &plan.filters)?;
        for (given, resolved) in options.filters.iter().zip(&plan.filters) {
            plan.warnings.extend(taken_as(given, resolved));
        }
        plan.groups
            .extend(facets::groups(&self.index, &from_query)?);
        plan.filters.extend(from_query);
        self.check(&mut plan, &literals, !options.facets.is_empty())?;
        if plan.more_warnings > 0 {
            plan.warnings
                .push(format!("{} more like these", plan.more_warnings));
        }
        Ok(plan)
    }

    /// Returns filters with the values of the index that theirs mean: topics that were named by their last steps are
    /// written out. Fails with [`crate::Error::UnknownFacetValue`]. Cheap.
    pub fn resolve(&self, filters: &[Filter]) -> Result<Vec<Filter>> {
        let resolve = |filter: &Filter| {
            let mut values = Vec::with_capacity(filter.values.len());
            for value in &filter.values {
                values.extend(facets::resolve(&self.index, filter.field, value)?);
            }
            let Filter {
                field, excluded, ..
            } = *filter;
            Ok(Filter {
                field,
                values,
                excluded,
            })
        };
        filters.iter().map(resolve).collect()
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
            match facets::resolve(&self.index, field, value) {
                Ok(values) => known.extend(values),
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
}

/// Returns the beginning and the end of a text that is too long, cut between words where there are any.
fn ends(text: &str) -> String {
    let at_character = |at: &usize| text.is_char_boundary(*at);
    let head_end = (0..=MAX_QUERY_BYTES - END_BYTES).rev().find(at_character);
    let tail_start = (text.len() - END_BYTES..text.len()).find(at_character);
    let mut head = &text[..head_end.unwrap_or(0)];
    let mut tail = &text[tail_start.unwrap_or(text.len())..];
    if let Some((whole, _)) = head.rsplit_once(char::is_whitespace) {
        head = whole;
    }
    if let Some((_, whole)) = tail.split_once(char::is_whitespace) {
        tail = whole;
    }
    // A paste stays one, and a line a line.
    let joint = if text.contains('\n') { '\n' } else { ' ' };
    format!("{head}{joint}{tail}")
}

/// Returns what to say of a filter that was named by the last steps of its topics.
fn taken_as(given: &Filter, resolved: &Filter) -> Option<String> {
    let is_abridged = given.field == FacetField::Topic && given.values != resolved.values;
    is_abridged.then(|| format!("`{given}` is taken as `{resolved}`"))
}
