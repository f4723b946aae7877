//! Searching: options in, ranked hits out.

mod completion;
mod demands;
mod entries;
mod literal;
mod names;
pub(crate) mod phrase;
mod plan;
mod related;
mod relax;
mod results;
mod size;
mod sorted;
mod spelling;
mod terms;

use std::collections::{HashMap, HashSet};

use tantivy::DocId;

use crate::accumulate::{self, BitSet, Scored, Window, accumulate};
use crate::analysis::Lexer;
use crate::entry::Difficulty;
use crate::error::Result;
use crate::facets::{self, Asked, FacetCounts, FacetField, FacetValue, Filter, Group, KeptColumns};
use crate::idle::Idle;
use crate::index::Index;
use crate::index::entries::FETCHED;
use crate::index::segments::IdOrder;
use crate::query::compile::{QueryWord, SYNONYM_WEIGHT, compile, messages};
use crate::query::{self, Parsed, Vocabulary};
use crate::rank::Ranked;
use crate::snippet;
use crate::work::Meter;
use crate::{rank, schema};

pub use related::{Related, RelatedEntries, RelatedOptions, Why};
pub use results::{
    Contribution, Correction, Hit, NamedMatch, Phases, Relaxation, Rung, SearchOptions,
    SearchResults, SizePart, Sort, Stats, Work,
};

use names::Wanted;
use plan::Plan;
use terms::TermTable;

/// An open index that answers searches. A searcher sees the index as it was when it was opened.
#[derive(Debug)]
pub struct Searcher {
    index: Index,
    vocabulary: Vocabulary,
    facet_columns: KeptColumns,
    /// Each knows the stems of words that texts were searched for.
    lexers: Idle<Lexer>,
    windows: Idle<Window>,
}

impl Searcher {
    /// Returns a searcher of the index. Costs nothing.
    pub fn new(index: Index) -> Self {
        Searcher {
            index,
            vocabulary: Vocabulary::default(),
            facet_columns: KeptColumns::default(),
            lexers: Idle::default(),
            windows: Idle::default(),
        }
    }

    /// Returns the searcher with another vocabulary of words that stand for one another.
    pub fn with_vocabulary(mut self, vocabulary: Vocabulary) -> Self {
        self.vocabulary = vocabulary;
        self
    }

    /// Returns what tells this build of the index from every other: the checksum of its meta file, which has those of its files.
    pub fn fingerprint(&self) -> &str {
        &self.index.meta.crc32
    }

    /// Returns whether the index is still the one that stands in its folder; `false` when it was built anew. Reads one
    /// small file.
    pub fn is_current(&self) -> bool {
        self.index.is_current()
    }

    /// Returns the best entries for a query as someone typed it: see [`crate::query`] for its language. Any text is a
    /// good query; one without words finds every entry that passes the filters, or nothing when there are no filters.
    ///
    /// Fails with [`crate::Error::UnknownFacetValue`] for a filter of the options that no entry can pass; in the query such a
    /// filter is text, with a warning.
    pub fn search(&self, query: &str, options: &SearchOptions) -> Result<SearchResults> {
        let mut meter = Meter::start();
        let Answer {
            plan,
            found,
            corrections,
            suggestion: respelled,
        } = self.answer(query, options, &mut meter)?;
        let facets = self.count_facets(
            (&options.facets, options.facet_values),
            &plan.filters,
            &plan.groups,
            &found,
        )?;
        meter.lap(|phases| &mut phases.facets);
        let hits = self.hits(&found, &plan, options, &mut meter.work)?;
        meter.lap(|phases| &mut phases.snippets);
        let (suggestion, relaxations) = match found.total {
            0 => self.relaxed(&plan, options, &mut meter)?,
            _ => (None, Vec::new()),
        };
        Ok(SearchResults {
            query: query.to_owned(),
            read_as: match &plan.reading {
                Some(reading) => reading.identity.to_string(),
                None => plan.query.to_string(),
            },
            error: plan.reading.map(|reading| reading.identity),
            suggestion: respelled.or(suggestion),
            relaxations,
            corrections,
            warnings: plan.warnings,
            total: found.total,
            took: meter.elapsed(),
            phases: meter.phases,
            work: meter.work,
            hits,
            facets,
        })
    }

    /// Returns the ids and scores of the best entries, best first. Reads no stored entry: for evaluation, and for
    /// programs that only need to know which.
    pub fn rank(&self, query: &str, options: &SearchOptions) -> Result<Vec<(String, f32)>> {
        let found = self.answer(query, options, &mut Meter::start())?.found;
        let ranked = || -> tantivy::Result<Vec<(String, f32)>> {
            let page = found.best.get(options.offset..).unwrap_or_default();
            let ids = self.ids(page)?.into_iter();
            Ok(ids.zip(page.iter().map(|scored| scored.score)).collect())
        };
        ranked().map_err(|error| self.index.failed(error))
    }

    /// Returns what is found, for what was probably meant where no entry has a word.
    fn answer(&self, query: &str, options: &SearchOptions, meter: &mut Meter) -> Result<Answer> {
        let mut plan = self.plan(query, options)?;
        let find = |plan: &mut Plan, meter: &mut Meter| {
            let found = self.find(plan, options, meter);
            let found = found.map_err(|error| self.index.failed(error))?;
            if found.is_loose {
                plan.warn(literal::only_loose(&plan.preferred));
            }
            Ok(found)
        };
        let found = find(&mut plan, meter)?;
        let mut answer = Answer {
            plan,
            found,
            corrections: Vec::new(),
            suggestion: None,
        };
        // What a program wrote is spelled right, and names in it that no entry has are the user's.
        let is_error = answer.plan.reading.is_some();
        if is_error || answer.found.weights.iter().all(|weight| *weight > 0.0) {
            return Ok(answer);
        }
        let found = &answer.found;
        let work = &mut meter.work;
        let respelled = self.respelled(&answer.plan, &found.weights, found.total, work)?;
        meter.lap(|phases| &mut phases.look_up);
        answer.suggestion = respelled.suggestion;
        if !respelled.corrections.is_empty() {
            let parsed = Parsed {
                query: respelled.query,
                ..Parsed::default()
            };
            let mut plan = self.plan_for(parsed, options)?;
            plan.warnings = answer.plan.warnings;
            answer.found = find(&mut plan, meter)?;
            answer.plan = plan;
            answer.corrections = respelled.corrections;
        }
        Ok(answer)
    }

    /// Returns whether the vocabulary has words that stand for words of a query.
    pub fn expands(&self, query: &str) -> bool {
        let words = compile(&query::parse(query).query, &self.vocabulary, None);
        let mut alternatives = words.iter().flat_map(|word| &word.alternatives);
        alternatives.any(|alternative| alternative.weight == SYNONYM_WEIGHT)
    }

    /// Returns how many entries have a term anywhere in their text. Cheap.
    pub(crate) fn entries_with(&self, term: &str) -> Result<u64> {
        let all = self.index.fields.all;
        self.read(|segments| Ok(segments.field(all)?.entries_with(term)?))
    }

    /// Returns the counts of facets over the entries that pass the filters; a facet's own filter does not narrow it.
    pub fn facets(&self, fields: &[FacetField], filters: &[Filter]) -> Result<Vec<FacetCounts>> {
        let filters = self.resolve(filters)?;
        let groups = facets::groups(&self.index, &filters)?;
        let all = self.index.segments.all();
        let found = Found {
            matches: Some(all),
            ..Found::default()
        };
        self.count_facets((fields, usize::MAX), &filters, &groups, &found)
    }

    /// Returns figures about the index. Reads its columns once.
    pub fn stats(&self) -> Result<Stats> {
        let meta = &self.index.meta;
        let all = self.index.segments.all();
        let difficulties = self.facets(&[FacetField::Difficulty], &[])?;
        let difficulty =
            |value: &FacetValue| Some((Difficulty::from_any_scale(&value.value)?, value.count));
        let formats =
            facets::column_counts(&self.index, &[Asked::column(schema::FORMAT_NAME)], &all)
                .map_err(|error| self.index.failed(error))?;
        let (terms, tokens, parts) = self.read(|segments| {
            let text = segments.field(self.index.fields.all)?;
            Ok((text.terms(), text.tokens(), size::parts(&self.index)?))
        })?;
        Ok(Stats {
            entries: meta.entries,
            difficulties: difficulties
                .iter()
                .flat_map(|facet| &facet.values)
                .filter_map(difficulty)
                .collect(),
            formats: formats.into_iter().flatten().collect(),
            terms,
            tokens,
            bytes: meta.bytes(),
            parts,
            built_unix_seconds: meta.built_unix_seconds,
            paths: meta.paths.clone(),
            format_version: meta.format,
            analysis_version: meta.analysis,
        })
    }

    /// Returns the documents to show, in order, with their scores.
    fn find(
        &self,
        plan: &Plan,
        options: &SearchOptions,
        meter: &mut Meter,
    ) -> tantivy::Result<Found> {
        meter.work += plan.work;
        let words = plan.words.as_slice();
        let wants_matches = !options.facets.is_empty() || options.sort != Sort::Relevance;
        let segments = &self.index.segments;
        let documents = segments.documents();
        if documents == 0 {
            // The facets asked for are there, without values.
            return Ok(Found {
                matches: Some(BitSet::empty(0)),
                ..Found::default()
            });
        }
        let mut filter = plan.filter();
        if let Some(filter) = &mut filter {
            segments.keep_living(filter);
        }
        let keep = options
            .offset
            .saturating_add(options.limit)
            .min(documents as usize);
        let ids = IdOrder::new(segments);
        let tie = |left: DocId, right: DocId| ids.compare(left, right);
        let mut found = Found::default();
        if words.is_empty() {
            meter.lap(|phases| &mut phases.look_up);
            // Filters alone list what passes them.
            if let Some(filter) = &filter {
                found.total = filter.len();
                let mut matches = plan.required.clone().unwrap_or_else(|| segments.all());
                segments.keep_living(&mut matches);
                found.matches = Some(matches);
                found.best =
                    self.sorted(filter.iter(), &HashMap::new(), options.sort, keep, &tie)?;
            } else {
                found.matches = Some(BitSet::empty(documents));
            }
            meter.lap(|phases| &mut phases.rerank);
            return Ok(found);
        }
        let mut matches = wants_matches.then(|| BitSet::empty(documents));
        let messages = plan.reading.as_ref().map(messages).unwrap_or_default();
        let mut explained = Vec::new();
        let is_sorted_by_score = options.sort == Sort::Relevance;
        // One word has nothing to be near to, every entry that is found has all of it, and how exactly is known before: its
        // second phase changes nothing. The words of one phrase are equally near in all that have it.
        let is_one_word = words.len() == 1 && messages.is_empty();
        let has_second_phase = is_sorted_by_score && options.rerank && keep > 0;
        let is_reranked = has_second_phase && !is_one_word && !plan.is_one_phrase();
        let is_preferred = has_second_phase && !plan.preferred.is_empty();
        let looked_at = match (is_reranked, is_preferred) {
            (true, _) => rank::CANDIDATES,
            (_, true) => literal::MAX_PREFERRED,
            _ => 0,
        };
        let keep_now = if is_sorted_by_score {
            keep.max(looked_at)
        } else {
            documents as usize
        };
        let filter_or_living = filter.as_ref().or(segments.living());
        let wanted = Wanted {
            entries: keep_now,
            filter: filter_or_living,
        };
        let terms = TermTable::new(&self.index, words, &messages, wanted)?;
        meter.work += terms.work;
        let mut parts = terms.parts()?;
        meter.lap(|phases| &mut phases.look_up);
        let mut candidates = accumulate(
            &mut parts,
            filter_or_living,
            keep_now,
            &tie,
            matches.as_mut(),
            &self.windows,
        );
        let passing = filter.as_ref().map_or(0, BitSet::len);
        let has_unscored = plan.lists_required && candidates.total < passing;
        if has_unscored && matches.is_none() {
            // Which entries have none of the words is not known where only those are read that pass.
            let mut scored = BitSet::empty(documents);
            let again = accumulate(
                &mut terms.parts()?,
                filter_or_living,
                0,
                &tie,
                Some(&mut scored),
                &self.windows,
            );
            candidates.work += again.work;
            matches = Some(scored);
        }
        if let Some(matches) = &mut matches {
            segments.keep_living(matches);
        }
        if let (Some(matches), Some(required)) = (&mut matches, &plan.required) {
            if plan.lists_required
                && let Some(mut unscored) = filter
            {
                unscored.subtract(matches);
                candidates.total += unscored.len();
                let mut unscored: Vec<DocId> = unscored.iter().collect();
                unscored.sort_unstable_by(|left, right| tie(*left, *right));
                let room = keep_now.saturating_sub(candidates.best.len());
                let unscored = unscored.into_iter().take(room);
                candidates.best.extend(unscored.map(|document| Scored {
                    score: 0.0,
                    document,
                }));
                matches.clone_from(required);
                segments.keep_living(matches);
            }
            matches.intersect(required);
        }
        found.total = candidates.total;
        meter.work += candidates.work;
        meter.lap(|phases| &mut phases.candidates);
        if is_sorted_by_score {
            // What lies behind the candidates keeps its place: no later page may show a better hit.
            let (first, rest) = candidates
                .best
                .split_at(candidates.best.len().min(looked_at));
            let mut ranked = match first {
                [] => Vec::new(),
                _ if is_reranked => terms.reranked(first, words, keep, &mut meter.work)?,
                _ => first.iter().copied().map(Ranked::unchanged).collect(),
            };
            let by_score = |left: &Ranked, right: &Ranked| {
                accumulate::order(&left.scored, &right.scored, &tie)
            };
            ranked.sort_unstable_by(by_score);
            if is_preferred {
                let has_any = self.prefer_as_typed(plan, &mut ranked, &mut meter.work)?;
                ranked.sort_unstable_by(by_score);
                let are_all_known = found.total <= literal::MAX_PREFERRED as u64;
                found.is_loose = !has_any && are_all_known && found.total > 0;
            }
            found.best = ranked
                .iter()
                .map(|ranked| ranked.scored)
                .chain(rest.iter().copied())
                .take(keep)
                .collect();
            explained = ranked;
        } else {
            let scores: HashMap<DocId, f32> = candidates
                .best
                .iter()
                .map(|scored| (scored.document, scored.score))
                .collect();
            let all = candidates.best.iter().map(|scored| scored.document);
            found.best = self.sorted(all, &scores, options.sort, keep, &tie)?;
        }
        let shown = found.best.iter().skip(options.offset);
        let shown: Vec<DocId> = shown.map(|scored| scored.document).collect();
        found.rungs = terms.rungs(&shown, &mut meter.work)?;
        if options.explain && is_sorted_by_score {
            let explain = |(place, document): (usize, &DocId)| {
                let ranked = explained.get(options.offset + place);
                terms.explain(words, *document, ranked, &found.rungs[place])
            };
            let shown = shown.iter().enumerate();
            found.explanations = shown.map(explain).collect::<tantivy::Result<_>>()?;
        }
        found.weights = terms.weights();
        found.matches = matches;
        meter.lap(|phases| &mut phases.rerank);
        Ok(found)
    }

    /// Returns the counts of facets over the matches: those that pass every filter but the facet's own.
    fn count_facets(
        &self,
        fields: (&[FacetField], usize),
        filters: &[Filter],
        groups: &[Group],
        found: &Found,
    ) -> Result<Vec<FacetCounts>> {
        let Some(matches) = &found.matches else {
            return Ok(Vec::new());
        };
        facets::count(
            &self.index,
            &self.facet_columns,
            fields,
            matches,
            groups,
            filters,
        )
    }

    /// Returns the hits of the page that was asked for. Reads the stored entries of that page only.
    fn hits(
        &self,
        found: &Found,
        plan: &Plan,
        options: &SearchOptions,
        work: &mut Work,
    ) -> Result<Vec<Hit>> {
        let mut hits = Vec::new();
        if found.best.len() <= options.offset {
            return Ok(hits);
        }
        let mut finder = snippet::Finder::new(&plan.query, &plan.words, &found.weights);
        finder.lexer = self.lexers.take_or(Lexer::default);
        let store = self.store();
        let page = found.best[options.offset..].iter().take(options.limit);
        let documents: Vec<DocId> = page.clone().map(|scored| scored.document).collect();
        for (place, scored) in page.enumerate() {
            if place % FETCHED == 0 {
                let next = &documents[place..documents.len().min(place + FETCHED)];
                let fetched = store.fetch(next);
                fetched.map_err(|error| self.index.failed(error))?;
            }
            let entry = self.stored(&store, scored.document)?;
            let shown = finder.find(&entry);
            let rungs = found.rungs.get(place);
            let rungs = rungs.map(Vec::as_slice).unwrap_or_default();
            let named = |(word, rung): &(usize, Rung)| NamedMatch {
                name: plan.words[*word].typed.clone(),
                rung: *rung,
            };
            hits.push(Hit {
                rank: options.offset + place + 1,
                score: scored.score,
                title_highlights: shown.title_highlights,
                snippet: shown.snippet,
                code: shown.code,
                code_lead: shown.code_lead,
                missing: missing(shown.missing, &plan.words, rungs),
                names: rungs.iter().map(named).collect(),
                explanation: found.explanations.get(place).cloned(),
                entry,
            });
        }
        self.lexers.keep(finder.lexer);
        work.entries_read += store.entries_read();
        Ok(hits)
    }
}

/// Returns the words of the query that an entry lacks: those of which it has nothing, and names that it has no more of
/// than some parts.
fn missing(nothing_of: Vec<String>, words: &[QueryWord], rungs: &[(usize, Rung)]) -> Vec<String> {
    let nothing_of: HashSet<String> = nothing_of.into_iter().collect();
    let lacks = |(place, word): (usize, &QueryWord)| {
        let is_cut = || word.is_content && rungs.contains(&(place, Rung::SomeParts));
        (nothing_of.contains(&word.typed) || is_cut()).then(|| word.typed.clone())
    };
    words.iter().enumerate().filter_map(lacks).collect()
}

/// What is found for a query.
struct Answer {
    /// What was looked for.
    plan: Plan,
    found: Found,
    /// What was looked for in place of words that no entry has.
    corrections: Vec<Correction>,
    /// What may be meant.
    suggestion: Option<String>,
}

/// What phase 1 found.
#[derive(Default)]
struct Found {
    /// The documents up to the end of the page, in order.
    best: Vec<Scored>,
    /// How many documents match and pass the filters.
    total: u64,
    /// Every document that matches, whether it passes the filters or not; only where something needs it.
    matches: Option<BitSet>,
    /// What each word of the query counts, by its rarity.
    weights: Vec<f32>,
    /// How exactly the entries of the page have the names of the query: the places of its words with their rungs.
    rungs: Vec<Vec<(usize, Rung)>>,
    /// Whether no entry has the phrases of plain words as they were typed.
    is_loose: bool,
    /// How the scores of the page came about, where asked for.
    explanations: Vec<Vec<Contribution>>,
}
