//! The second phase: candidates that may end among the hits are scored again.

use std::collections::HashMap;

use tantivy::DocId;
use tantivy::schema::IndexRecordOption;

use super::{ALL, FoundTerm, Places, TermTable};
use crate::accumulate::{ROUNDING, Scored};
use crate::query::compile::QueryWord;
use crate::rank::{self, PlacedTerm, Ranked, RankedWord};
use crate::work::Work;

/// So many of the candidates at least are scored again at first; of the others, those that may come before the last of them that is
/// shown.
const RERANKED_FIRST: usize = 32;

impl TermTable<'_> {
    /// Returns those of the candidates, which are in order, that may be among the best `keep` by their scores of phase 2, with
    /// those, in no particular order.
    pub(in crate::search) fn reranked(
        &self,
        candidates: &[Scored],
        words: &[QueryWord],
        keep: usize,
        work: &mut Work,
    ) -> tantivy::Result<Vec<Ranked>> {
        let first = candidates.len().min(keep.max(RERANKED_FIRST));
        let (first, rest) = candidates.split_at(first);
        let (mut ranked, most) = self.reranked_all(first, words, work)?;
        let mut scores: Vec<f32> = ranked.iter().map(|ranked| ranked.scored.score).collect();
        scores.sort_unstable_by(|left, right| right.total_cmp(left));
        let Some(floor) = keep.checked_sub(1).and_then(|last| scores.get(last)) else {
            return Ok(ranked);
        };
        let may_be_among = |scored: &Scored| (scored.score + most) * ROUNDING >= *floor;
        let (near, _) = rest.split_at(rest.partition_point(may_be_among));
        if !near.is_empty() {
            ranked.extend(self.reranked_all(near, words, work)?.0);
        }
        Ok(ranked)
    }

    /// Returns candidates with their scores of phase 2, and the most that it adds to one.
    fn reranked_all(
        &self,
        candidates: &[Scored],
        words: &[QueryWord],
        work: &mut Work,
    ) -> tantivy::Result<(Vec<Ranked>, f32)> {
        let documents: Vec<DocId> = candidates.iter().map(|scored| scored.document).collect();
        let mut all = Vec::with_capacity(candidates.len());
        let mut most: f32 = 0.0;
        for (segment, places) in self.segments.by_segment(&documents) {
            let (_, first) = self.segments.locate(documents[places[0]]);
            let base = documents[places[0]] - first;
            let of_segment = places.iter().map(|place| Scored {
                document: documents[*place] - base,
                ..candidates[*place]
            });
            let of_segment: Vec<Scored> = of_segment.collect();
            let words = self.ranked_words(words, segment)?;
            most = most.max(rank::most_added(&words));
            let ranked = rank::rerank(&of_segment, words, work);
            all.extend(ranked.into_iter().map(|mut ranked| {
                ranked.scored.document += base;
                ranked
            }));
        }
        Ok((all, most))
    }

    /// Returns the words of the query with their postings in all text of a segment, for phase 2.
    fn ranked_words(
        &self,
        words: &[QueryWord],
        segment: usize,
    ) -> tantivy::Result<Vec<RankedWord<'_>>> {
        let field = &self.fields[ALL];
        let in_all: HashMap<&str, &FoundTerm> = self
            .terms
            .iter()
            .filter(|term| term.field == ALL)
            .map(|term| (term.name.as_str(), term))
            .collect();
        let ranked = |(word, weight): (&QueryWord, &f32)| {
            let found = || {
                let terms = word.terms.iter();
                terms.filter_map(|term| in_all.get(term.term.as_str()))
            };
            let alternatives = found().flat_map(|term| &term.alternatives);
            let mut terms = Vec::new();
            for term in found().copied().chain(alternatives) {
                match &term.places {
                    Places::Indexed(term) => {
                        let option = IndexRecordOption::WithFreqsAndPositions;
                        let postings = field.index.postings(term, segment, option)?;
                        let placed = postings.map(|found| PlacedTerm::Indexed(Box::new(found)));
                        terms.extend(placed);
                    }
                    Places::Phrase(found) => terms.push(PlacedTerm::Listed {
                        documents: &found[segment].documents,
                        frequencies: &found[segment].frequencies,
                        places: &found[segment].places,
                    }),
                    Places::None => {}
                }
            }
            Ok(RankedWord {
                weight: *weight,
                place: word.place,
                terms,
                name: None,
            })
        };
        let ranked = words.iter().zip(&self.weights).map(ranked);
        let mut ranked: Vec<RankedWord<'_>> = ranked.collect::<tantivy::Result<_>>()?;
        for (place, name) in self.names.ranked(segment)? {
            ranked[place].name = Some(name);
        }
        Ok(ranked)
    }
}
