//! The objects of `qdex eval --json`.

use std::path::Path;

use qdex::evaluate::compare::Comparison;
use qdex::evaluate::{DEPTH, Evaluation, JudgedSet, Measures, own};
use serde::Serialize;

use super::super::json::line;
use super::{CANNOT, Compared, MEASURES, Measured, MeasuredSelf, per_second};

/// Returns the object of `qdex eval DIR --json`.
pub(crate) fn json(measured: &Measured<'_>) -> String {
    line(&MeasuredView {
        index: measured.index,
        depth: DEPTH,
        searches: measured.queries,
        seconds: measured.took.as_secs_f64(),
        queries_per_second: per_second(measured.queries, measured.took),
        sets: measured
            .sets
            .iter()
            .map(|set| SetView {
                qrels: set.name,
                figures: FiguresView::new(&set.evaluation, None),
                comparison: set.compared.as_ref(),
                code_tokens: set.code_tokens.as_ref().map(DifferenceView::new),
            })
            .collect(),
    })
}

/// Returns the object of `qdex eval --self --json`.
pub(crate) fn self_json(measured: &MeasuredSelf<'_>) -> String {
    let queries = measured.kinds.iter().map(|(_, set, _)| set.queries.len());
    let queries: usize = queries.sum();
    line(&SelfView {
        index: measured.index,
        depth: DEPTH,
        entries: measured.entries,
        searches: queries,
        seconds: measured.took.as_secs_f64(),
        queries_per_second: per_second(queries, measured.took),
        kinds: measured
            .kinds
            .iter()
            .map(|(kind, set, evaluation)| KindView {
                kind: *kind,
                figures: FiguresView::new(evaluation, Some(set)),
            })
            .collect(),
        measures: MEASURES,
        does_not_measure: CANNOT,
        not_measured: measured.not_measured(),
    })
}

#[derive(Serialize)]
struct MeasuredView<'a> {
    index: Option<&'a Path>,
    depth: usize,
    searches: usize,
    seconds: f64,
    queries_per_second: f64,
    sets: Vec<SetView<'a>>,
}

#[derive(Serialize)]
struct SetView<'a> {
    qrels: &'a str,
    #[serde(flatten)]
    figures: FiguresView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<&'a Compared<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_tokens: Option<DifferenceView>,
}

/// What plain BM25 gains when it counts code tokens instead of words.
#[derive(Serialize)]
struct DifferenceView {
    words: Measures,
    tokens: Measures,
    difference: Measures,
    lower: Measures,
    upper: Measures,
    p: Measures,
    better: usize,
    worse: usize,
    equal: usize,
}

impl DifferenceView {
    fn new(comparison: &Comparison) -> Self {
        DifferenceView {
            words: comparison.before,
            tokens: comparison.after,
            difference: comparison.difference,
            lower: comparison.lower,
            upper: comparison.upper,
            p: comparison.p,
            better: comparison.better,
            worse: comparison.worse,
            equal: comparison.equal,
        }
    }
}

#[derive(Serialize)]
struct SelfView<'a> {
    index: &'a Path,
    depth: usize,
    entries: usize,
    searches: usize,
    seconds: f64,
    queries_per_second: f64,
    kinds: Vec<KindView<'a>>,
    measures: &'static str,
    does_not_measure: &'static str,
    not_measured: Vec<&'static str>,
}

#[derive(Serialize)]
struct KindView<'a> {
    kind: own::Kind,
    #[serde(flatten)]
    figures: FiguresView<'a>,
}

#[derive(Serialize)]
struct FiguresView<'a> {
    queries: usize,
    mean: Measures,
    lower: Measures,
    upper: Measures,
    per_query: Vec<QueryView<'a>>,
}

#[derive(Serialize)]
struct QueryView<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(flatten)]
    measures: Measures,
}

impl<'a> FiguresView<'a> {
    /// Returns the figures of a set. `made` is the set where its queries stand in no file: then their texts are given.
    fn new(evaluation: &'a Evaluation, made: Option<&'a JudgedSet>) -> Self {
        let query = |(place, (id, measures)): (usize, &'a (String, Measures))| QueryView {
            id,
            text: made.and_then(|set| Some(set.queries.get(place)?.text.as_str())),
            measures: *measures,
        };
        let (lower, upper) = evaluation.interval;
        FiguresView {
            queries: evaluation.queries.len(),
            mean: evaluation.mean,
            lower,
            upper,
            per_query: evaluation.queries.iter().enumerate().map(query).collect(),
        }
    }
}
