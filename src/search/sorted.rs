//! Hits in an order that is not that of the scores: by votes, date, difficulty or id.

use std::cmp::Ordering;
use std::collections::HashMap;

use tantivy::DocId;

use super::{Searcher, Sort};
use crate::accumulate::Scored;
use crate::entry::Difficulty;
use crate::facets::FacetField;
use crate::index::segments;
use crate::schema;

impl Searcher {
    /// Returns the first `keep` documents in an order that is not that of the scores.
    pub(super) fn sorted(
        &self,
        documents: impl Iterator<Item = DocId>,
        scores: &HashMap<DocId, f32>,
        sort: Sort,
        keep: usize,
        tie: &dyn Fn(DocId, DocId) -> Ordering,
    ) -> tantivy::Result<Vec<Scored>> {
        let segments = &self.index.segments;
        // The key is what comes first when it is small; entries without one come last.
        type Key = Box<dyn Fn(DocId) -> i64>;
        let mut keys: Vec<Key> = Vec::new();
        let columns = match sort {
            Sort::Updated => segments.text_column(schema::UPDATED)?,
            _ => Vec::new(),
        };
        // The places of a column's values are comparable in its segment only.
        let mut ranks = match columns.as_slice() {
            [_, _, ..] => segments::ranks(&columns)?.into_iter().map(Some).collect(),
            _ => vec![None; columns.len()],
        };
        let mut columns = columns.into_iter();
        for (place, segment) in segments.iter().enumerate() {
            let of_segment = segment.reader.fast_fields();
            keys.push(match sort {
                Sort::Relevance | Sort::Id => Box::new(|_| 0),
                Sort::Score => {
                    let votes = of_segment.column_opt::<i64>(schema::SCORE)?;
                    Box::new(move |document| {
                        let votes = votes.as_ref().and_then(|votes| votes.first(document));
                        votes.map_or(i64::MAX, i64::saturating_neg)
                    })
                }
                Sort::Updated => {
                    let dates = columns.next().flatten();
                    let ranks: Option<Vec<u32>> = ranks[place].take();
                    Box::new(move |document| {
                        let date = dates
                            .as_ref()
                            .and_then(|dates| dates.term_ords(document).next());
                        let rank = date.map(|date| match &ranks {
                            Some(ranks) => {
                                ranks.get(date as usize).map_or(0, |rank| i64::from(*rank))
                            }
                            None => date as i64,
                        });
                        rank.map_or(i64::MAX, |rank| -rank)
                    })
                }
                Sort::Difficulty => match of_segment.str(FacetField::Difficulty.as_str())? {
                    // `easy`, `hard`, `medium` is the order of the words; this is that of the difficulties.
                    Some(words) => Box::new(move |document| {
                        let mut word = String::new();
                        let place = words.term_ords(document).next();
                        let is_read = place.is_some_and(|place| {
                            words.ord_to_str(place, &mut word).unwrap_or_default()
                        });
                        let difficulty =
                            is_read.then(|| Difficulty::from_any_scale(&word)).flatten();
                        difficulty.map_or(i64::MAX, |difficulty| difficulty as i64)
                    }),
                    None => Box::new(|_| i64::MAX),
                },
            });
        }
        let key = |document: DocId| {
            let (segment, document) = segments.locate(document);
            keys.get(segment).map_or(0, |key| key(document))
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
}
