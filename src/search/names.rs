//! The names of a query as the index knows them, for telling how exactly an entry has each.

use std::sync::Arc;

use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, InvertedIndexReader, SegmentReader, Term};

use super::phrase::{self, Occurrences};
use crate::accumulate::{Postings, TermPostings};
use crate::query::compile::{QueryName, QueryWord};
use crate::rank;
use crate::rank::exactness::{PlacedPostings, RankedName, Rung, Steps};
use crate::schema::Fields;

/// A page of code has hundreds of names; how exactly an entry has each says little.
const MAX_NAMES: usize = 16;

/// The heaviest names of a query.
#[derive(Default)]
pub(super) struct Names {
    found: Vec<FoundName>,
    /// The fields of all text and of names as they were written; none where there are no names.
    fields: Option<(Arc<InvertedIndexReader>, Arc<InvertedIndexReader>)>,
}

struct FoundName {
    /// The place of the query's word.
    word: usize,
    steps: Steps,
    spelling: Option<TermInfo>,
    whole: Option<TermInfo>,
    parts: Vec<(TermInfo, usize)>,
    part_count: usize,
    /// Where its parts stand in order; looked up only where nothing else is asked for.
    in_order: Option<Occurrences>,
}

impl Names {
    /// Looks up the names among words. `most` is the most that all terms add to a score, `own` the most that those of a word
    /// add in the field of all text.
    pub(super) fn find(
        segment: &SegmentReader,
        fields: &Fields,
        words: &[QueryWord],
        weights: &[f32],
        most: f32,
        own: impl Fn(&QueryWord) -> f32,
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
        let all = segment.inverted_index(fields.all)?;
        let spellings = segment.inverted_index(fields.spelling)?;
        let in_all = |term: &str| all.get_term_info(&Term::from_field_text(fields.all, term));
        let mut found = Vec::with_capacity(named.len());
        for (word, name) in named {
            let mut parts = Vec::new();
            for (part, place) in &name.parts {
                parts.extend(in_all(part)?.map(|info| (info, *place)));
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
                in_order = Some(phrase::occurrences(&all, fields.all, &parts)?);
            }
            let spelling = Term::from_field_text(fields.spelling, &name.spelling);
            found.push(FoundName {
                word,
                steps,
                spelling: spellings.get_term_info(&spelling)?,
                whole: in_all(&name.whole)?,
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
        postings: &mut Vec<TermPostings<'a>>,
    ) -> tantivy::Result<()> {
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
                below = steps.parts_in_order;
                let listed = Postings::Listed {
                    documents: &found.documents,
                    frequencies: &found.frequencies,
                };
                add(listed, below);
            }
            if let Some(info) = &name.whole {
                let block = all.read_block_postings_from_terminfo(info, basic)?;
                add(Postings::from(block), steps.other_style - below);
            }
            if let Some(info) = &name.spelling {
                let block = spellings.read_block_postings_from_terminfo(info, basic)?;
                add(Postings::from(block), steps.exact - steps.other_style);
            }
        }
        Ok(())
    }

    /// Returns the names, each with the place of its word, ready to tell how exactly documents have them.
    pub(super) fn ranked(&self) -> tantivy::Result<Vec<(usize, RankedName)>> {
        let Some((all, spellings)) = &self.fields else {
            return Ok(Vec::new());
        };
        let open = |name: &FoundName| {
            let basic = IndexRecordOption::Basic;
            let spelling = name.spelling.as_ref();
            let spelling = spelling.map(|info| spellings.read_postings_from_terminfo(info, basic));
            let whole = name.whole.as_ref();
            let whole = whole.map(|info| all.read_postings_from_terminfo(info, basic));
            let part = |(info, place): &(TermInfo, usize)| {
                let option = IndexRecordOption::WithFreqsAndPositions;
                Ok(PlacedPostings {
                    postings: all.read_postings_from_terminfo(info, option)?,
                    place: *place as u32,
                })
            };
            let parts = name.parts.iter().map(part);
            let ranked = RankedName {
                steps: name.steps,
                lowest_seen: name.lowest_seen(),
                spelling: spelling.transpose()?,
                whole: whole.transpose()?,
                parts: parts.collect::<std::io::Result<_>>()?,
                part_count: name.part_count,
            };
            Ok((name.word, ranked))
        };
        self.found.iter().map(open).collect()
    }

    /// Returns how exactly documents have each name: for each document, in their order, the place of the query's word
    /// with its rung.
    pub(super) fn rungs(&self, documents: &[DocId]) -> tantivy::Result<Vec<Vec<(usize, Rung)>>> {
        let mut names = self.ranked()?;
        // Postings go forwards only.
        let mut in_order: Vec<usize> = (0..documents.len()).collect();
        in_order.sort_unstable_by_key(|place| documents[*place]);
        let mut rungs = vec![Vec::new(); documents.len()];
        for place in in_order {
            let document = documents[place];
            let rung = |(word, name): &mut (usize, RankedName)| (*word, name.rung(document));
            rungs[place] = names.iter_mut().map(rung).collect();
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
