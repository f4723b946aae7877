//! How exactly an entry has a name of the query, told from postings alone.

use serde::Serialize;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::{DocId, DocSet};

/// How exactly an entry has a name of the query, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// As it was typed.
    Exact,
    /// The same name in other case or style: `get_user_name` for `getUserName`.
    OtherStyle,
    /// All its parts next to each other, in order: `std: move` for `std::move`.
    PartsInOrder,
    /// All its parts.
    Parts,
    /// Some of its parts.
    SomeParts,
    /// Nothing of it.
    None,
}

impl Rung {
    /// Returns the rung in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Rung::Exact => "exact",
            Rung::OtherStyle => "in other case or style",
            Rung::PartsInOrder => "its parts in order",
            Rung::Parts => "its parts",
            Rung::SomeParts => "some of its parts",
            Rung::None => "nothing of it",
        }
    }
}

/// What the rungs of a name add to a score; the lower ones add nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Steps {
    pub(crate) exact: f32,
    pub(crate) other_style: f32,
    pub(crate) parts_in_order: f32,
}

impl Steps {
    /// Returns steps as multiples of a unit.
    pub(crate) fn of_unit([exact, other_style, parts_in_order]: [f32; 3], unit: f32) -> Self {
        Steps {
            exact: exact * unit,
            other_style: other_style * unit,
            parts_in_order: parts_in_order * unit,
        }
    }

    /// Returns the most that a rung adds.
    pub(crate) fn most(&self) -> f32 {
        self.exact.max(self.other_style).max(self.parts_in_order)
    }

    /// Returns what a rung adds.
    pub(crate) fn of(&self, rung: Rung) -> f32 {
        match rung {
            Rung::Exact => self.exact,
            Rung::OtherStyle => self.other_style,
            Rung::PartsInOrder => self.parts_in_order,
            Rung::Parts | Rung::SomeParts | Rung::None => 0.0,
        }
    }
}

/// A name of the query with the postings that tell how exactly an entry has it.
pub(crate) struct RankedName {
    /// What its rungs add.
    pub(crate) steps: Steps,
    /// The lowest rung that phase 1 adds for.
    pub(crate) lowest_seen: Rung,
    /// The name as it was typed; `None` when no entry has it.
    pub(crate) spelling: Option<SegmentPostings>,
    /// The whole name, folded.
    pub(crate) whole: Option<SegmentPostings>,
    /// Its parts that some entry has.
    pub(crate) parts: Vec<PlacedPostings>,
    /// How many parts it has.
    pub(crate) part_count: usize,
    /// How many places of its parts were read.
    pub(crate) positions_read: u64,
}

impl RankedName {
    /// Returns how exactly a document has the name. Documents must be asked for in their order.
    pub(crate) fn rung(&mut self, document: DocId) -> Rung {
        let has = |postings: &mut Option<SegmentPostings>| {
            let postings = postings.as_mut();
            postings.is_some_and(|postings| go_to(postings, document) == document)
        };
        if has(&mut self.whole) {
            return if has(&mut self.spelling) {
                Rung::Exact
            } else {
                Rung::OtherStyle
            };
        }
        let mut present = 0;
        for part in &mut self.parts {
            present += usize::from(go_to(&mut part.postings, document) == document);
        }
        match present {
            0 => Rung::None,
            _ if present < self.part_count => Rung::SomeParts,
            // One part alone has no order.
            1 => Rung::Parts,
            _ => {
                let (mut starts, mut places) = (Vec::new(), Vec::new());
                self.positions_read += starts_in_order(&mut self.parts, &mut starts, &mut places);
                if starts.is_empty() {
                    Rung::Parts
                } else {
                    Rung::PartsInOrder
                }
            }
        }
    }
}

/// A word's postings with its place among others.
pub(crate) struct PlacedPostings {
    pub(crate) postings: SegmentPostings,
    pub(crate) place: u32,
}

/// Goes to a document, or to the next one that has the term, and returns it. Never goes back.
pub(crate) fn go_to(postings: &mut SegmentPostings, document: DocId) -> DocId {
    if postings.doc() < document {
        postings.seek(document);
    }
    postings.doc()
}

/// Reads into `starts` where words, all at one document, stand as their places say: the places of the first. Returns how many
/// places it read.
pub(crate) fn starts_in_order(
    words: &mut [PlacedPostings],
    starts: &mut Vec<u32>,
    places: &mut Vec<u32>,
) -> u64 {
    starts.clear();
    let mut positions_read = 0;
    // Places are counted from the end of the phrase's room, so that none is below 0.
    let room = words.iter().map(|word| word.place).max().unwrap_or(0);
    for (at, word) in words.iter_mut().enumerate() {
        word.postings.positions(places);
        positions_read += places.len() as u64;
        places
            .iter_mut()
            .for_each(|place| *place += room - word.place);
        if at == 0 {
            starts.clone_from(places);
        } else {
            starts.retain(|start| places.binary_search(start).is_ok());
        }
        if starts.is_empty() {
            return positions_read;
        }
    }
    starts.iter_mut().for_each(|start| *start -= room);
    positions_read
}
