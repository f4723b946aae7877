//! Comparing two runs over the same judgments: by how much each mean differs, whether that could be chance, and which
//! queries moved.

use std::collections::HashMap;

use serde::Serialize;

use super::{Evaluation, JudgedQuery, JudgedSet, Measures, Run, evaluate_run, sampling, trec};
use crate::error::Result;
use crate::search::{Contribution, Hit, SearchOptions, Searcher};

/// How many queries are listed that became better, and how many that became worse.
const LISTED: usize = 10;

/// Hits that people look at: an entry behind these is as good as not found.
const FIRST: usize = 10;

/// What differs between a run and the one it is compared with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The means of the other run.
    pub before: Measures,
    /// The means of this run.
    pub after: Measures,
    /// By how much each mean is higher in this run.
    pub difference: Measures,
    /// The lower end of the 95% interval of each difference, by the bootstrap over pairs.
    pub lower: Measures,
    /// The upper end.
    pub upper: Measures,
    /// How likely so large a difference is by chance: see [`Comparison::new`].
    pub p: Measures,
    /// How many queries have a higher nDCG@10 in this run.
    pub better: usize,
    /// How many have a lower one.
    pub worse: usize,
    /// How many have the same.
    pub equal: usize,
    /// The queries that gained most nDCG@10, the largest gain first.
    pub rose: Vec<MovedQuery>,
    /// The queries that lost most, the largest loss first.
    pub fell: Vec<MovedQuery>,
}

/// A query whose nDCG@10 differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MovedQuery {
    /// The query's id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// Its nDCG@10 in the other run.
    pub before: f64,
    /// Its nDCG@10 in this run.
    pub after: f64,
    /// The relevant entries that came to another place among the first ten, came into them, or left them; best grade
    /// first.
    pub entries: Vec<MovedEntry>,
    /// Why this run has its first relevant entry where it is, once [`Comparison::explain`] was called.
    pub reason: Option<Reason>,
}

/// A relevant entry that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MovedEntry {
    /// The entry.
    pub id: String,
    /// Its grade, above 0.
    pub grade: u32,
    /// Its rank in the other run, counted from 1; `None` when it is no hit there.
    pub before: Option<usize>,
    /// Its rank in this run.
    pub after: Option<usize>,
}

/// What puts the first relevant entry of a query before or behind its rival. The other run is only ranks: which of its
/// signals differ cannot be known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// The first relevant entry.
    pub entry: Standing,
    /// The first hit; where that is the relevant entry itself, the second, if there is one.
    pub rival: Option<Standing>,
    /// What the two scores are made of, the largest difference first.
    pub signals: Vec<SignalPair>,
}

/// An entry with its place in this run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// The entry.
    pub id: String,
    /// Its rank, counted from 1.
    pub rank: usize,
    /// Its score.
    pub score: f32,
}

/// What a signal adds to the score of an entry, and to that of its rival.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SignalPair {
    /// The signal's name, as `qdex search --explain` has it.
    pub signal: String,
    /// What it adds for the entry.
    pub entry: f32,
    /// What it adds for the rival.
    pub rival: f32,
}

impl Comparison {
    /// Returns what differs in `after` from `before`. A query that a run lacks counts 0 in it.
    ///
    /// p is that of the paired randomisation test: how often differences whose signs are drawn by lot have a mean as
    /// far from 0. Intervals and p are the same every time.
    pub fn new(set: &JudgedSet, before: &Run, after: &Run) -> Self {
        let old = evaluate_run(set, before);
        let new = evaluate_run(set, after);
        let pairs = || old.queries.iter().zip(&new.queries);
        let differences: Vec<[f64; 4]> = pairs()
            .map(|((_, old), (_, new))| {
                let (old, new) = (old.values(), new.values());
                std::array::from_fn(|measure| new[measure] - old[measure])
            })
            .collect();
        let p = |measure: usize| {
            sampling::p_value(differences.iter().map(|difference| difference[measure]))
        };
        let gains = || differences.iter().map(|difference| difference[0]);
        let better = gains().filter(|gain| *gain > 0.0).count();
        let worse = gains().filter(|gain| *gain < 0.0).count();
        let moved = Moved {
            set,
            old: &old,
            new: &new,
            before: before.words(),
            after: after.words(),
        };
        let (lower, upper) = sampling::interval(&differences);
        Comparison {
            before: old.mean,
            after: new.mean,
            difference: Measures::from_values(sampling::mean(&differences)),
            lower,
            upper,
            p: Measures::from_values(std::array::from_fn(p)),
            better,
            worse,
            equal: differences.len() - better - worse,
            rose: moved.most(1.0),
            fell: moved.most(-1.0),
        }
    }

    /// Finds out for each listed query why its first relevant entry is where it is. `searcher` must be the one that gave
    /// the run `after`. Two searches a query.
    pub fn explain(&mut self, set: &JudgedSet, searcher: &Searcher) -> Result<()> {
        let queries: HashMap<&str, &JudgedQuery> = set
            .queries
            .iter()
            .map(|query| (query.id.as_str(), query))
            .collect();
        for moved in self.rose.iter_mut().chain(&mut self.fell) {
            if let Some(query) = queries.get(moved.id.as_str()) {
                moved.reason = reason(query, searcher)?;
            }
        }
        Ok(())
    }
}

/// Two runs over a set, query by query.
struct Moved<'a> {
    set: &'a JudgedSet,
    old: &'a Evaluation,
    new: &'a Evaluation,
    before: HashMap<String, Vec<String>>,
    after: HashMap<String, Vec<String>>,
}

impl Moved<'_> {
    /// Returns the queries that moved furthest in a direction: 1 up, -1 down. Of equal moves, those of the first queries.
    fn most(&self, direction: f64) -> Vec<MovedQuery> {
        let measured = self.old.queries.iter().zip(&self.new.queries);
        let mut moved: Vec<_> = self
            .set
            .queries
            .iter()
            .zip(measured)
            .map(|(query, ((_, old), (_, new)))| (query, old.ndcg_at_10, new.ndcg_at_10))
            .filter(|(_, old, new)| (new - old) * direction > 0.0)
            .collect();
        moved.sort_by(|(_, old, new), (_, other_old, other_new)| {
            let (gain, other) = ((new - old) * direction, (other_new - other_old) * direction);
            other.total_cmp(&gain)
        });
        moved.truncate(LISTED);
        moved
            .into_iter()
            .map(|(query, before, after)| MovedQuery {
                id: query.id.clone(),
                text: query.text.clone(),
                before,
                after,
                entries: self.entries(query),
                reason: None,
            })
            .collect()
    }

    fn entries(&self, query: &JudgedQuery) -> Vec<MovedEntry> {
        let id = trec::word(&query.id);
        let rank = |run: &HashMap<String, Vec<String>>, entry: &str| {
            let place = run.get(&*id)?.iter().position(|hit| hit == entry);
            place.map(|place| place + 1)
        };
        let moved = query.relevant().into_iter().map(|(entry, grade)| {
            let word = trec::word(entry);
            MovedEntry {
                id: entry.to_owned(),
                grade,
                before: rank(&self.before, &word),
                after: rank(&self.after, &word),
            }
        });
        moved
            .filter(|entry| {
                let is_first = |rank: Option<usize>| rank.is_some_and(|rank| rank <= FIRST);
                entry.before != entry.after && (is_first(entry.before) || is_first(entry.after))
            })
            .collect()
    }
}

/// Returns what puts a query's first relevant entry where it is; `None` when none is among the hits looked at.
fn reason(query: &JudgedQuery, searcher: &Searcher) -> Result<Option<Reason>> {
    let options = SearchOptions {
        limit: super::DEPTH,
        ..SearchOptions::default()
    };
    let ranked = searcher.rank(&query.text, &options)?;
    let is_relevant =
        |(id, _): &(String, f32)| query.grades.get(id).is_some_and(|grade| *grade > 0);
    let Some(place) = ranked.iter().position(is_relevant) else {
        return Ok(None);
    };
    let rival = if place == 0 { 1 } else { 0 };
    let explained = |offset| -> Result<Option<Hit>> {
        let options = SearchOptions {
            limit: 1,
            offset,
            explain: true,
            ..SearchOptions::default()
        };
        Ok(searcher.search(&query.text, &options)?.hits.pop())
    };
    let Some(entry) = explained(place)? else {
        return Ok(None);
    };
    let rival = explained(rival)?;
    let explanation = |hit: &Hit| hit.explanation.clone().unwrap_or_default();
    let of_rival = rival.as_ref().map(explanation);
    let signals = pairs(&explanation(&entry), &of_rival.unwrap_or_default());
    let standing = |hit: Hit| Standing {
        id: hit.entry.id,
        rank: hit.rank,
        score: hit.score,
    };
    Ok(Some(Reason {
        entry: standing(entry),
        rival: rival.map(standing),
        signals,
    }))
}

/// Returns the signals of two explanations side by side, the largest difference first.
fn pairs(entry: &[Contribution], rival: &[Contribution]) -> Vec<SignalPair> {
    let mut pairs: Vec<SignalPair> = Vec::new();
    let sides = entry.iter().map(|part| (part, true));
    for (part, is_entry) in sides.chain(rival.iter().map(|part| (part, false))) {
        let place = pairs.iter().position(|pair| pair.signal == part.signal);
        let place = place.unwrap_or_else(|| {
            pairs.push(SignalPair {
                signal: part.signal.clone(),
                entry: 0.0,
                rival: 0.0,
            });
            pairs.len() - 1
        });
        let side = if is_entry {
            &mut pairs[place].entry
        } else {
            &mut pairs[place].rival
        };
        *side += part.score;
    }
    let difference = |pair: &SignalPair| (pair.entry - pair.rival).abs();
    pairs.sort_by(|left, right| difference(right).total_cmp(&difference(left)));
    pairs
}
