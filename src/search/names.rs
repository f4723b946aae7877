//! The names of a query as the index knows them, for telling how exactly an entry has each.

use std::io;

use tantivy::DocId;
use tantivy::schema::IndexRecordOption;

use super::phrase::{self, Occurrences};
use crate::accumulate::{BitSet, Postings, TermPostings};
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
    in_order: InOrder,
}

/// What phase 1 knows of where the parts of a name stand in order.
enum InOrder {
    /// Nothing, since other words are asked for too, or it has no parts.
    Unknown,
    /// Where they do, segment by segment.
    Found(Vec<Occurrences>),
    /// That they do where the whole name stands, and that no other entry is needed.
    WithWhole,
}

/// How many entries are wanted of which.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) entries: usize,
    /// `None` for all.
    pub(super) filter: Option<&'a BitSet>,
}

impl<'i> Names<'i> {
    /// Looks up the names among words. `most` is the most that all terms add to a score, `own` the most that those of a word
    /// add in the field of all text.
    #[expect(
        clippy::too_many_arguments,
        reason = "what a table of terms is made of while it is made"
    )]
    pub(super) fn find(
        segments: &'i Segments,
        fields: &Fields,
        words: &[QueryWord],
        weights: &[f32],
        most: f32,
        own: impl Fn(&QueryWord) -> f32,
        wanted: Wanted<'_>,
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
            let whole = all.term(&name.whole)?;
            let in_order = if content_words > 1 || name.parts.len() < 2 {
                InOrder::Unknown
            } else if let Some(whole) = &whole
                && has_enough(&all, whole, wanted)?
            {
                InOrder::WithWhole
            } else {
                let parts: Vec<(&str, usize)> = name
                    .parts
                    .iter()
                    .map(|(part, place)| (part.as_str(), *place))
                    .collect();
                InOrder::Found(phrase::occurrences(&all, &parts, work)?)
            };
            found.push(FoundName {
                word,
                steps,
                spelling: spellings.term(&name.spelling)?,
                whole,
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
        is_counted: bool,
        postings: &mut Vec<TermPostings<'a>>,
    ) -> io::Result<()> {
        let Some((all, spellings)) = &self.fields else {
            return Ok(());
        };
        type Open<'o, 'a> = &'o dyn Fn() -> io::Result<Option<Postings<'a>>>;
        let mut add = |open: Open<'_, 'a>, entries: u64, weight: f32| -> io::Result<()> {
            // Beside other words, some names gain nothing by it.
            if weight > 0.0
                && let Some(of_step) = open()?
            {
                postings.push(TermPostings {
                    postings: of_step,
                    lengths: None,
                    weight,
                    entries,
                    alternatives: Vec::new(),
                    counted: if is_counted { open()? } else { None },
                    documents: None,
                    is_covered: false,
                });
            }
            Ok(())
        };
        let blocks = |index: &FieldIndex<'_>, term: &Option<IndexedTerm>| {
            let term = term.as_ref();
            let blocks = term.map(|term| index.blocks(term, segment, IndexRecordOption::Basic));
            let blocks = blocks.transpose()?.flatten();
            Ok(blocks.map(Postings::from))
        };
        for name in &self.found {
            let steps = &name.steps;
            let entries =
                |term: &Option<IndexedTerm>| term.as_ref().map_or(0, IndexedTerm::entries);
            let (whole, spelled) = (entries(&name.whole), entries(&name.spelling));
            let below = match &name.in_order {
                InOrder::Unknown => 0.0,
                InOrder::Found(found) => {
                    let lists = found.iter().map(|found| found.documents.len() as u64);
                    let listed = Postings::Listed {
                        documents: &found[segment].documents,
                        frequencies: &found[segment].frequencies,
                    };
                    let open = || Ok(Some(listed.clone()));
                    add(&open, lists.sum(), steps.parts_in_order)?;
                    steps.parts_in_order
                }
                InOrder::WithWhole => {
                    let open = || blocks(all, &name.whole);
                    add(&open, whole, steps.parts_in_order)?;
                    steps.parts_in_order
                }
            };
            let open = || blocks(all, &name.whole);
            add(&open, whole, steps.other_style - below)?;
            let open = || blocks(spellings, &name.spelling);
            add(&open, spelled, steps.exact - steps.other_style)?;
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
            InOrder::Unknown => Rung::OtherStyle,
            InOrder::Found(_) | InOrder::WithWhole => Rung::PartsInOrder,
        }
    }
}

/// Returns whether as many entries as are wanted have a term.
fn has_enough(index: &FieldIndex<'_>, term: &IndexedTerm, wanted: Wanted<'_>) -> io::Result<bool> {
    if term.entries() < wanted.entries as u64 {
        return Ok(false);
    }
    let mut left = wanted.entries;
    for (place, segment) in index.segments().iter().enumerate() {
        let Some(mut blocks) = index.blocks(term, place, IndexRecordOption::Basic)? else {
            continue;
        };
        while left > 0 && !blocks.docs().is_empty() {
            let documents = blocks.docs().iter();
            let documents = documents.map(|document| segment.base + document);
            let passes = |document: &DocId| match wanted.filter {
                Some(filter) => filter.contains(*document),
                None => index.segments().is_living(*document),
            };
            left -= documents.filter(passes).take(left).count();
            blocks.advance();
        }
    }
    Ok(left == 0)
}
