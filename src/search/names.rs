//! The names of a query as the index knows them, for telling how exactly an entry has each.

use std::io;

use tantivy::DocId;
use tantivy::schema::IndexRecordOption;

use super::phrase::{self, Occurrences};
use crate::accumulate::{Postings, TermPostings};
use crate::index::segments::{FieldIndex, IndexedTerm, Segments};
use crate::query::compile::{QueryName, QueryWord};
use crate::rank;
use crate::rank::exactness::{PlacedPostings, RankedName, Rung, Steps};
use crate::schema::Fields;
use crate::work::Work;

/// A page of code has hundreds of names; how exactly an entry has each says little.
const MAX_NAMES: usize = 16;

/// The heaviest names of a query.
#[derive(Default)]
pub(super) struct Names<'i> {
    found: Vec<FoundName>,
    /// The fields of all text and of names as they were written; none where there are no names.
    fields: Option<(FieldIndex<'i>, FieldIndex<'i>)>,
}

struct FoundName {
    /// The place of the query's word.
    word: usize,
    steps: Steps,
    spelling: Option<IndexedTerm>,
    whole: Option<IndexedTerm>,
    parts: Vec<(IndexedTerm, usize)>,
    part_count: usize,
    /// Where its parts stand in order, segment by segment; looked up only where nothing else is asked for.
    in_order: Option<Vec<Occurrences>>,
}

impl<'i> Names<'i> {
    /// Looks up the names among words. `most` is the most that all terms add to a score, `own` the most that those of a word
    /// add in the field of all text.
    pub(super) fn find(
        segments: &'i Segments,
        fields: &Fields,
        words: &[QueryWord],
        weights: &[f32],
        most: f32,
        own: impl Fn(&QueryWord) -> f32,
        work: &mut Work,
    ) -> tantivy::Result<Self> {
        let mut named: Vec<(usize, &QueryName)> = words
            .iter()
            .enumerate()
            .filter_map(|(place, word)| Some((place, word.name.as_ref()?)))
            .collect();
        if named.is_empty() {
            return Ok(Names::default());
        }
        let weight = |(place, _): &(usize, &QueryName)| weights[*place];
        named.sort_by(|left, right| {
            weight(right)
                .total_cmp(&weight(left))
                .then(left.0.cmp(&right.0))
        });
        named.truncate(MAX_NAMES);
        named.sort_by_key(|(place, _)| *place);
        let content = words.iter().zip(weights);
        let content_words = content
            .filter(|(word, weight)| word.is_content && **weight > 0.0)
            .count();
        let all = segments.field(fields.all)?;
        let spellings = segments.field(fields.spelling)?;
        let mut found = Vec::with_capacity(named.len());
        for (word, name) in named {
            let mut parts = Vec::new();
            for (part, place) in &name.parts {
                parts.extend(all.term(part)?.map(|term| (term, *place)));
            }
            let steps = if content_words <= 1 {
                rank::steps_alone(rank::most(most, weights))
            } else if name.is_hyphenated() {
                // `long-range` beside other words is a word of prose, for which `long range` is as good.
                Steps::default()
            } else {
                rank::steps_beside(own(&words[word]), content_words)
            };
            let mut in_order = None;
            if content_words <= 1 && name.parts.len() > 1 {
                let parts: Vec<(&str, usize)> = name
                    .parts
                    .iter()
                    .map(|(part, place)| (part.as_str(), *place))
                    .collect();
                in_order = Some(phrase::occurrences(&all, &parts, work)?);
            }
            found.push(FoundName {
                word,
                steps,
                spelling: spellings.term(&name.spelling)?,
                whole: all.term(&name.whole)?,
                parts,
                part_count: name.parts.len(),
                in_order,
            });
        }
        Ok(Names {
            found,
            fields: Some((all, spellings)),
        })
    }

    /// Adds what tells the upper rungs of names to the postings of phase 1, so that no exact name is lost among entries
    /// that only have its parts.
    pub(super) fn add_postings<'a>(
        &'a self,
        segment: usize,
        postings: &mut Vec<TermPostings<'a>>,
    ) -> io::Result<()> {
        let Some((all, spellings)) = &self.fields else {
            return Ok(());
        };
        let mut add = |postings_of_step: Postings<'a>, weight: f32| {
            postings.push(TermPostings {
                postings: postings_of_step,
                lengths: None,
                weight,
                alternatives: Vec::new(),
            });
        };
        for name in &self.found {
            let steps = &name.steps;
            let basic = IndexRecordOption::Basic;
            let mut below = 0.0;
            if let Some(found) = &name.in_order {
                let found = &found[segment];
                below = steps.parts_in_order;
                let listed = Postings::Listed {
                    documents: &found.documents,
                    frequencies: &found.frequencies,
                };
                add(listed, below);
            }
            if let Some(term) = &name.whole
                && let Some(blocks) = all.blocks(term, segment, basic)?
            {
                add(Postings::from(blocks), steps.other_style - below);
            }
            if let Some(term) = &name.spelling
                && let Some(blocks) = spellings.blocks(term, segment, basic)?
            {
                add(Postings::from(blocks), steps.exact - steps.other_style);
            }
        }
        Ok(())
    }

    /// Returns the names, each with the place of its word, ready to tell how exactly documents of a segment have them.
    pub(super) fn ranked(&self, segment: usize) -> io::Result<Vec<(usize, RankedName)>> {
        let Some((all, spellings)) = &self.fields else {
            return Ok(Vec::new());
        };
        let open = |name: &FoundName| {
            let basic = IndexRecordOption::Basic;
            let postings = |index: &FieldIndex<'_>, term: &Option<IndexedTerm>| {
                let term = term.as_ref();
                let postings = term.map(|term| index.postings(term, segment, basic));
                postings.transpose().map(Option::flatten)
            };
            let mut parts = Vec::with_capacity(name.parts.len());
            for (term, place) in &name.parts {
                let option = IndexRecordOption::WithFreqsAndPositions;
                let postings = all.postings(term, segment, option)?;
                parts.extend(postings.map(|postings| PlacedPostings {
                    postings,
                    place: *place as u32,
                }));
            }
            let ranked = RankedName {
                steps: name.steps,
                lowest_seen: name.lowest_seen(),
                spelling: postings(spellings, &name.spelling)?,
                whole: postings(all, &name.whole)?,
                parts,
                part_count: name.part_count,
                positions_read: 0,
            };
            Ok((name.word, ranked))
        };
        self.found.iter().map(open).collect()
    }

    /// Returns how exactly documents have each name: for each document, in their order, the place of the query's word
    /// with its rung.
    pub(super) fn rungs(
        &self,
        documents: &[DocId],
        work: &mut Work,
    ) -> io::Result<Vec<Vec<(usize, Rung)>>> {
        let mut rungs = vec![Vec::new(); documents.len()];
        let Some((all, _)) = &self.fields else {
            return Ok(rungs);
        };
        for (segment, places) in all.segments().by_segment(documents) {
            let mut names = self.ranked(segment)?;
            for place in places {
                let (_, document) = all.segments().locate(documents[place]);
                let rung = |(word, name): &mut (usize, RankedName)| (*word, name.rung(document));
                rungs[place] = names.iter_mut().map(rung).collect();
            }
            let read = names.iter().map(|(_, name)| name.positions_read);
            work.positions_read += read.sum::<u64>();
        }
        Ok(rungs)
    }

    /// Returns what phase 1 adds for names of these rungs.
    pub(super) fn seen_exactness(&self, rungs: &[(usize, Rung)]) -> f32 {
        let gain = |(word, rung): &(usize, Rung)| {
            let name = self.found.iter().find(|name| name.word == *word)?;
            (*rung <= name.lowest_seen()).then(|| name.steps.of(*rung))
        };
        rungs.iter().filter_map(gain).sum()
    }
}

impl FoundName {
    /// Returns the lowest rung that phase 1 adds for.
    fn lowest_seen(&self) -> Rung {
        match self.in_order {
            Some(_) => Rung::PartsInOrder,
            None => Rung::OtherStyle,
        }
    }
}
