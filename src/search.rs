//! Searching: options in, ranked hits out.

mod demands;
mod literal;
mod phrase;
mod plan;
mod terms;

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use tantivy::columnar::StrColumn;
use tantivy::schema::IndexRecordOption;
use tantivy::store::StoreReader;
use tantivy::{DocId, SegmentReader, Term};

use crate::accumulate::{self, BitSet, Scored, accumulate};
use crate::entry::{Difficulty, Entry};
use crate::error::{Error, Result};
use crate::facets::{self, FacetCounts, FacetField, FacetValue, Filter};
use crate::index::Index;
use crate::snippet::{self, Snippet};
use crate::{rank, schema};

use plan::Plan;
use terms::TermTable;

/// What to return of a search, and what to search in.
#[derive(Debug, Clone)]
pub struct SearchOptions {
    /// How many hits to return at most.
    pub limit: usize,
    /// How many hits to leave out before the first one returned.
    pub offset: usize,
    /// Filters; an entry must pass all of them, and those that the query itself names.
    pub filters: Vec<Filter>,
    /// The facets to count.
    pub facets: Vec<FacetField>,
    /// The order of the hits.
    pub sort: Sort,
    /// Whether each hit says how its score came about.
    pub explain: bool,
}

impl Default for SearchOptions {
    fn default() -> Self {
        SearchOptions {
            limit: 10,
            offset: 0,
            filters: Vec::new(),
            facets: Vec::new(),
            sort: Sort::Relevance,
            explain: false,
        }
    }
}

/// The order of hits. Ties fall in the order of the entries' ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// Best match first.
    #[default]
    Relevance,
    /// Most votes first; entries without votes last.
    Score,
    /// Last changed first; entries without a date last.
    Updated,
    /// Easiest first; entries without a difficulty last.
    Difficulty,
    /// In the order of the ids.
    Id,
}

/// What a search found.
#[derive(Debug, Clone)]
pub struct SearchResults {
    /// The query as it was typed.
    pub query: String,
    /// The query as it was understood.
    pub read_as: String,
    /// What is odd about the query, and how it was taken. [`crate::query::parse`] has the places of what it finds odd.
    pub warnings: Vec<String>,
    /// A query that is more likely to be meant, if there is one.
    pub suggestion: Option<String>,
    /// How many entries match: exactly, unless a warning says that only the best were checked for text as it stands.
    pub total: u64,
    /// How long the search took, from the typed text to these results.
    pub took: Duration,
    /// The hits, best first.
    pub hits: Vec<Hit>,
    /// The counts of the facets asked for, in the order of the asking.
    pub facets: Vec<FacetCounts>,
}

/// One entry that matches.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The hit's place, counted from 1 over all pages.
    pub rank: usize,
    /// The score; comparable within one result only. 0 when nothing but filters was asked.
    pub score: f32,
    /// The whole entry.
    pub entry: Entry,
    /// Where query words stand in the entry's title: sorted, disjoint, on char boundaries.
    pub title_highlights: Vec<Range<usize>>,
    /// The passage that answers best.
    pub snippet: Snippet,
    /// The code block that answers best, whole.
    pub code: Option<Snippet>,
    /// The query's words that the entry lacks, as typed.
    pub missing: Vec<String>,
    /// How the score came about, when asked for.
    pub explanation: Option<Vec<Contribution>>,
}

/// One part of a hit's score.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// What contributed: a query word in a field, or a named signal.
    pub signal: String,
    /// What it added to the score.
    pub score: f32,
    /// How it came to that, in words and figures.
    pub detail: String,
}

/// An open index that answers searches. A searcher sees the index as it was when it was opened.
#[derive(Debug)]
pub struct Searcher {
    index: Index,
}

/// How many ids "did you mean" looks at: enough for any mistyped id of a page, bounded for an index of millions.
const MAX_IDS_COMPARED: usize = 200_000;

impl Searcher {
    /// Returns a searcher of the index. Costs nothing.
    pub fn new(index: Index) -> Self {
        Searcher { index }
    }

    /// Returns the best entries for a query as someone typed it: see [`crate::query`] for its language. Any text is a
    /// good query; one without words finds every entry that passes the filters, or nothing when there are no filters.
    ///
    /// Fails with [`Error::UnknownFacetValue`] for a filter of the options that no entry can pass; in the query such a
    /// filter is text, with a warning.
    pub fn search(&self, query: &str, options: &SearchOptions) -> Result<SearchResults> {
        let started = Instant::now();
        let plan = self.plan(query, options)?;
        let found = self
            .find(&plan, options)
            .map_err(|error| self.index.failed(error))?;
        let facets = self.count_facets(&options.facets, &plan.filters, &plan.sets, &found)?;
        let hits = self.hits(&found, &plan, options)?;
        let nothing = found.total == 0;
        Ok(SearchResults {
            query: query.to_owned(),
            read_as: plan.query.to_string(),
            suggestion: nothing.then(|| plan.without_quotes()).flatten(),
            warnings: plan.warnings,
            total: found.total,
            took: started.elapsed(),
            hits,
            facets,
        })
    }

    /// Returns the ids and scores of the best entries, best first. Reads no stored entry: for evaluation, and for
    /// programs that only need to know which.
    pub fn rank(&self, query: &str, options: &SearchOptions) -> Result<Vec<(String, f32)>> {
        let plan = self.plan(query, options)?;
        let ranked = || -> tantivy::Result<Vec<(String, f32)>> {
            let found = self.find(&plan, options)?;
            let page = found.best.get(options.offset..).unwrap_or_default();
            let ids = self.ids(page)?.into_iter();
            Ok(ids.zip(page.iter().map(|scored| scored.score)).collect())
        };
        ranked().map_err(|error| self.index.failed(error))
    }

    /// Returns the entry with the id. [`Error::UnknownId`] when there is none, with ids that look like it.
    pub fn entry(&self, id: &str) -> Result<Entry> {
        let document = self
            .document(id)
            .map_err(|error| self.index.failed(error))?;
        match document {
            Some(document) => self.stored(&self.store()?, document),
            None => Err(Error::UnknownId {
                id: id.to_owned(),
                near: self.near_ids(id),
            }),
        }
    }

    /// Returns every entry, in no particular order. Reads the whole index, an entry at a time; memory does not grow with
    /// the index.
    pub fn entries(&self) -> Result<impl Iterator<Item = Result<Entry>> + '_> {
        // An index without entries has no store.
        let store = match self.index.documents() {
            0 => None,
            _ => Some(self.store()?),
        };
        let read = move |document| match &store {
            Some(store) => self.stored(store, document),
            None => Err(self.unreadable(document)),
        };
        Ok((0..self.index.documents()).map(read))
    }

    /// Returns whether an entry has the id. Cheap.
    pub fn contains(&self, id: &str) -> Result<bool> {
        let document = self
            .document(id)
            .map_err(|error| self.index.failed(error))?;
        Ok(document.is_some())
    }

    /// Returns how many entries have a term anywhere in their text. Cheap.
    pub(crate) fn entries_with(&self, term: &str) -> Result<u64> {
        let find = || -> tantivy::Result<u64> {
            let Some(segment) = &self.index.segment else {
                return Ok(0);
            };
            let term = Term::from_field_text(self.index.fields.all, term);
            let terms = segment.inverted_index(self.index.fields.all)?;
            Ok(u64::from(terms.doc_freq(&term)?))
        };
        find().map_err(|error| self.index.failed(error))
    }

    /// Returns the counts of facets over the entries that pass the filters; a facet's own filter does not narrow it.
    pub fn facets(&self, fields: &[FacetField], filters: &[Filter]) -> Result<Vec<FacetCounts>> {
        let sets = self.filter_sets(filters)?;
        let all = BitSet::full(self.index.documents());
        let found = Found {
            matches: Some(all),
            ..Found::default()
        };
        self.count_facets(fields, filters, &sets, &found)
    }

    /// Returns figures about the index. Reads its columns once.
    pub fn stats(&self) -> Result<Stats> {
        let meta = &self.index.meta;
        let all = BitSet::full(self.index.documents());
        let difficulties = facets::count(&self.index, FacetField::Difficulty, &all, &[])?;
        let difficulty =
            |value: &FacetValue| Some((Difficulty::from_any_scale(&value.value)?, value.count));
        let text = || -> tantivy::Result<(u64, u64)> {
            let Some(segment) = &self.index.segment else {
                return Ok((0, 0));
            };
            let text = segment.inverted_index(self.index.fields.all)?;
            Ok((text.terms().num_terms() as u64, text.total_num_tokens()))
        };
        let (terms, tokens) = text().map_err(|error| self.index.failed(error))?;
        Ok(Stats {
            entries: meta.entries,
            difficulties: difficulties.values.iter().filter_map(difficulty).collect(),
            formats: facets::column_counts(&self.index, schema::FORMAT_NAME, &all)
                .map_err(|error| self.index.failed(error))?,
            terms,
            tokens,
            bytes: meta.files.values().sum(),
            built_unix_seconds: meta.built_unix_seconds,
            paths: meta.paths.clone(),
            format_version: meta.format,
            analysis_version: meta.analysis,
        })
    }

    /// Returns the entries that pass each filter; two filters on one facet are one.
    fn filter_sets(&self, filters: &[Filter]) -> Result<Vec<(FacetField, BitSet)>> {
        let mut sets: Vec<(FacetField, BitSet)> = Vec::new();
        for filter in filters {
            let passing = facets::matching(&self.index, filter)?;
            match sets.iter_mut().find(|(field, _)| *field == filter.field) {
                Some((_, set)) => set.unite(&passing),
                None => sets.push((filter.field, passing)),
            }
        }
        Ok(sets)
    }

    /// Returns the documents to show, in order, with their scores.
    fn find(&self, plan: &Plan, options: &SearchOptions) -> tantivy::Result<Found> {
        let words = plan.words.as_slice();
        let wants_matches =
            plan.lists_required || !options.facets.is_empty() || options.sort != Sort::Relevance;
        let Some(segment) = &self.index.segment else {
            // The facets asked for are there, without values.
            return Ok(Found {
                matches: Some(BitSet::empty(0)),
                ..Found::default()
            });
        };
        let documents = segment.max_doc();
        let filter = plan.filter();
        let keep = options
            .offset
            .saturating_add(options.limit)
            .min(documents as usize);
        let ids = LazyIds::new(segment);
        let tie = |left: DocId, right: DocId| ids.compare(left, right);
        let mut found = Found::default();
        if words.is_empty() {
            // Filters alone list what passes them.
            if let Some(filter) = &filter {
                found.total = filter.len();
                let required = plan.required.clone();
                found.matches = Some(required.unwrap_or_else(|| BitSet::full(documents)));
                found.best =
                    self.sorted(filter.iter(), &HashMap::new(), options.sort, keep, &tie)?;
            } else {
                found.matches = Some(BitSet::empty(documents));
            }
            return Ok(found);
        }
        let mut matches = wants_matches.then(|| BitSet::empty(documents));
        let terms = TermTable::new(segment, &self.index.fields, words)?;
        let is_sorted_by_score = options.sort == Sort::Relevance;
        let keep_now = if is_sorted_by_score {
            keep.max(rank::CANDIDATES)
        } else {
            documents as usize
        };
        let mut candidates = accumulate(
            &mut terms.postings()?,
            documents,
            filter.as_ref(),
            keep_now,
            &tie,
            matches.as_mut(),
        );
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
            }
            matches.intersect(required);
        }
        found.total = candidates.total;
        if is_sorted_by_score {
            // What lies behind the candidates keeps its place: no later page may show a better hit.
            let (first, rest) = candidates
                .best
                .split_at(candidates.best.len().min(rank::CANDIDATES));
            let mut ranked = rank::rerank(first, terms.ranked_words(words)?);
            ranked.sort_unstable_by(|left, right| {
                accumulate::order(&left.scored, &right.scored, &tie)
            });
            found.best = ranked
                .iter()
                .map(|ranked| ranked.scored)
                .chain(rest.iter().copied())
                .take(keep)
                .collect();
            if options.explain {
                let shown = found.best.iter().enumerate().skip(options.offset);
                let explain = |(place, scored): (usize, &Scored)| {
                    terms.explain(scored.document, ranked.get(place))
                };
                found.explanations = shown.map(explain).collect::<tantivy::Result<_>>()?;
            }
        } else {
            let scores: HashMap<DocId, f32> = candidates
                .best
                .iter()
                .map(|scored| (scored.document, scored.score))
                .collect();
            let all = candidates.best.iter().map(|scored| scored.document);
            found.best = self.sorted(all, &scores, options.sort, keep, &tie)?;
        }
        found.weights = terms.weights();
        found.matches = matches;
        Ok(found)
    }

    /// Returns the first `keep` documents in an order that is not that of the scores.
    fn sorted(
        &self,
        documents: impl Iterator<Item = DocId>,
        scores: &HashMap<DocId, f32>,
        sort: Sort,
        keep: usize,
        tie: &dyn Fn(DocId, DocId) -> Ordering,
    ) -> tantivy::Result<Vec<Scored>> {
        let Some(segment) = &self.index.segment else {
            return Ok(Vec::new());
        };
        let columns = segment.fast_fields();
        // The key is what comes first when it is small; entries without one come last.
        let key: Box<dyn Fn(DocId) -> i64> = match sort {
            Sort::Relevance | Sort::Id => Box::new(|_| 0),
            Sort::Score => {
                let votes = columns.i64(schema::SCORE)?;
                Box::new(move |document| {
                    votes
                        .first(document)
                        .map_or(i64::MAX, |votes| votes.saturating_neg())
                })
            }
            Sort::Updated => match columns.str(schema::UPDATED)? {
                Some(dates) => Box::new(move |document| {
                    dates
                        .term_ords(document)
                        .next()
                        .map_or(i64::MAX, |place| -(place as i64))
                }),
                None => Box::new(|_| 0),
            },
            Sort::Difficulty => match columns.str(FacetField::Difficulty.as_str())? {
                // `easy`, `hard`, `medium` is the order of the words; this is that of the difficulties.
                Some(words) => Box::new(move |document| {
                    let mut word = String::new();
                    let place = words.term_ords(document).next();
                    let is_read = place.is_some_and(|place| {
                        words.ord_to_str(place, &mut word).unwrap_or_default()
                    });
                    let difficulty = is_read.then(|| Difficulty::from_any_scale(&word)).flatten();
                    difficulty.map_or(i64::MAX, |difficulty| difficulty as i64)
                }),
                None => Box::new(|_| 0),
            },
        };
        let mut keyed: Vec<(i64, DocId)> = documents
            .map(|document| (key(document), document))
            .collect();
        let order = |left: &(i64, DocId), right: &(i64, DocId)| {
            left.0.cmp(&right.0).then_with(|| tie(left.1, right.1))
        };
        if keep > 0 && keep < keyed.len() {
            keyed.select_nth_unstable_by(keep - 1, order);
        }
        keyed.truncate(keep);
        keyed.sort_unstable_by(order);
        let score = |document: DocId| scores.get(&document).copied().unwrap_or_default();
        Ok(keyed
            .into_iter()
            .map(|(_, document)| Scored {
                score: score(document),
                document,
            })
            .collect())
    }

    /// Returns the counts of facets over the matches: those that pass every filter but the facet's own.
    fn count_facets(
        &self,
        fields: &[FacetField],
        filters: &[Filter],
        sets: &[(FacetField, BitSet)],
        found: &Found,
    ) -> Result<Vec<FacetCounts>> {
        let Some(matches) = &found.matches else {
            return Ok(Vec::new());
        };
        let count = |field: &FacetField| {
            let mut counted = matches.clone();
            for (other, set) in sets {
                if other != field {
                    counted.intersect(set);
                }
            }
            facets::count(&self.index, *field, &counted, filters)
        };
        fields.iter().map(count).collect()
    }

    /// Returns the hits of the page that was asked for. Reads the stored entries of that page only.
    fn hits(&self, found: &Found, plan: &Plan, options: &SearchOptions) -> Result<Vec<Hit>> {
        let mut finder = snippet::Finder::new(&plan.words, &found.weights);
        let mut hits = Vec::new();
        if found.best.len() <= options.offset {
            return Ok(hits);
        }
        let store = self.store()?;
        for (place, scored) in found
            .best
            .iter()
            .enumerate()
            .skip(options.offset)
            .take(options.limit)
        {
            let entry = self.stored(&store, scored.document)?;
            let shown = finder.find(&entry);
            hits.push(Hit {
                rank: place + 1,
                score: scored.score,
                title_highlights: shown.title_highlights,
                snippet: shown.snippet,
                code: shown.code,
                missing: shown.missing,
                explanation: found.explanations.get(place - options.offset).cloned(),
                entry,
            });
        }
        Ok(hits)
    }

    /// Returns the documents' ids. The dictionary is read forwards once: an id looked up alone costs the reading of the
    /// block that it stands in.
    fn ids(&self, documents: &[Scored]) -> tantivy::Result<Vec<String>> {
        let mut ids = vec![String::new(); documents.len()];
        let column = match &self.index.segment {
            Some(segment) => segment.fast_fields().str(schema::ID)?,
            None => None,
        };
        let Some(column) = column else {
            return Ok(ids);
        };
        let mut ordinals: Vec<(u64, usize)> = documents
            .iter()
            .enumerate()
            .filter_map(|(place, scored)| Some((column.term_ords(scored.document).next()?, place)))
            .collect();
        ordinals.sort_unstable();
        let (ordinals, places): (Vec<u64>, Vec<usize>) = ordinals.into_iter().unzip();
        let mut places = places.into_iter();
        column
            .dictionary()
            .sorted_ords_to_term_cb(&ordinals, |id| {
                if let Some(place) = places.next() {
                    ids[place] = String::from_utf8_lossy(id).into_owned();
                }
            })?;
        Ok(ids)
    }

    /// Returns the document of an entry's id.
    fn document(&self, id: &str) -> tantivy::Result<Option<DocId>> {
        let Some(segment) = &self.index.segment else {
            return Ok(None);
        };
        let term = Term::from_field_text(self.index.fields.id, id);
        let ids = segment.inverted_index(self.index.fields.id)?;
        let postings = ids.read_block_postings(&term, IndexRecordOption::Basic)?;
        Ok(postings.and_then(|postings| postings.docs().first().copied()))
    }

    /// Returns a reader of stored entries that keeps a few decompressed blocks of them.
    fn store(&self) -> Result<StoreReader> {
        let segment = self
            .index
            .segment
            .as_ref()
            .ok_or_else(|| self.unreadable(0))?;
        segment
            .get_store_reader(8)
            .map_err(|error| self.index.failed(error))
    }

    fn stored(&self, store: &StoreReader, document: DocId) -> Result<Entry> {
        let stored = store
            .get(document)
            .map_err(|error| self.index.failed(error))?;
        self.index
            .fields
            .entry(&stored)
            .ok_or_else(|| self.unreadable(document))
    }

    fn unreadable(&self, document: DocId) -> Error {
        Error::IndexDamaged {
            path: self.index.dir.clone(),
            what: format!("entry {document} cannot be read"),
        }
    }

    /// Returns ids that look like a mistyped one, nearest first.
    fn near_ids(&self, id: &str) -> Vec<String> {
        let Some(segment) = &self.index.segment else {
            return Vec::new();
        };
        let Ok(ids) = segment.inverted_index(self.index.fields.id) else {
            return Vec::new();
        };
        let Ok(mut terms) = ids.terms().stream() else {
            return Vec::new();
        };
        let mut known = Vec::new();
        while known.len() < MAX_IDS_COMPARED && terms.advance() {
            known.push(String::from_utf8_lossy(terms.key()).into_owned());
        }
        facets::near(id.trim_start_matches('/'), known.iter())
    }
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
    /// How the scores of the page came about, where asked for.
    explanations: Vec<Vec<Contribution>>,
}

/// The order of ids, read only when two scores are equal.
struct LazyIds<'a> {
    segment: &'a SegmentReader,
    column: OnceCell<Option<StrColumn>>,
}

impl<'a> LazyIds<'a> {
    fn new(segment: &'a SegmentReader) -> Self {
        LazyIds {
            segment,
            column: OnceCell::new(),
        }
    }

    /// Orders two documents by their ids: a column's places are in the order of its values.
    fn compare(&self, left: DocId, right: DocId) -> Ordering {
        let column = self
            .column
            .get_or_init(|| self.segment.fast_fields().str(schema::ID).ok().flatten());
        let place = |document| {
            column
                .as_ref()
                .and_then(|column| column.term_ords(document).next())
        };
        place(left).cmp(&place(right)).then(left.cmp(&right))
    }
}

/// Figures about an index.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Stats {
    /// How many entries it holds.
    pub entries: u64,
    /// How many of them by difficulty; entries without one are not counted.
    pub difficulties: Vec<(Difficulty, u64)>,
    /// How many of them by format.
    pub formats: Vec<(String, u64)>,
    /// How many distinct terms its text has.
    pub terms: u64,
    /// How many tokens its text has.
    pub tokens: u64,
    /// Its size on disk in bytes.
    pub bytes: u64,
    /// When it was built, in seconds since 1970.
    pub built_unix_seconds: u64,
    /// The paths it was built from.
    pub paths: Vec<String>,
    /// The format version of its files.
    pub format_version: u32,
    /// The version of the analysis of its text.
    pub analysis_version: u32,
}
