//! Counting by the columns that are made for it, over all segments.

use std::cmp::Reverse;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::FacetField;
use super::counting::folded;
use crate::accumulate::BitSet;
use crate::index::Index;
use crate::index::facet_columns::{self, FacetColumn};

/// Making columns ready that are not so in files, or joining those of several segments, costs about as much as counting one of so
/// many of all entries without.
const READY_SHARE: u64 = 16;

/// What an open index keeps of its facets: nothing, as long as one segment has all entries and columns in a file. Else whoever
/// counts few entries once pays for no more than these, and whoever counts many, or again and again, has columns made and joined.
#[derive(Debug, Default)]
pub(crate) struct KeptColumns {
    joined: [OnceLock<Joined>; FacetField::ALL.len()],
    /// Over how many entries each facet was counted without.
    counted: [AtomicU64; FacetField::ALL.len()],
}

/// The values of several segments as one list, in the order in which each has them.
#[derive(Debug)]
struct Joined {
    /// A segment that has the value, and its place there.
    names: Vec<(usize, usize)>,
    /// The places of those that differ in case only from the one before.
    spellings: Vec<usize>,
    /// By segment, the places of its values in the list.
    places: Vec<Vec<usize>>,
}

/// The columns of a facet.
pub(super) struct Columns<'a> {
    /// By segment.
    list: Vec<FacetColumn<'a>>,
    /// Their values as one list; `None` where there is one segment.
    joined: Option<&'a Joined>,
}

/// How many entries have each value of a column, where not all values are wanted.
#[derive(Debug, Default)]
pub(super) struct Leading {
    /// The values that are wanted, each in every spelling that there is.
    pub(super) counts: Vec<(String, u64)>,
    /// How many others there are.
    pub(super) more: usize,
}

impl KeptColumns {
    /// Returns the columns of a facet, unless so few entries are to be counted that they are not worth it.
    pub(super) fn get<'a>(
        &'a self,
        index: &'a Index,
        field: FacetField,
        entries: u64,
    ) -> tantivy::Result<Option<Columns<'a>>> {
        let segments = index.segments.iter();
        let cell = &self.joined[field as usize];
        let is_ready = match segments.as_slice() {
            [segment] => segment.written_facet(field).is_some(),
            _ => cell.get().is_some(),
        };
        if !is_ready {
            let before = self.counted[field as usize].fetch_add(entries, Ordering::Relaxed);
            if (before + entries) * READY_SHARE < u64::from(index.documents()) {
                return Ok(None);
            }
        }
        let list = segments.map(|segment| segment.facet(field));
        let list: Vec<FacetColumn<'_>> = list.collect::<tantivy::Result<_>>()?;
        let joined = (list.len() > 1).then(|| cell.get_or_init(|| Joined::new(&list)));
        Ok(Some(Columns { list, joined }))
    }
}

impl Joined {
    fn new(columns: &[FacetColumn<'_>]) -> Self {
        struct Name {
            name: String,
            folded: Option<String>,
            at: (usize, usize),
        }
        impl Name {
            fn folded(&self) -> &str {
                self.folded.as_deref().unwrap_or(&self.name)
            }
        }
        let mut all: Vec<Name> = Vec::new();
        for (segment, column) in columns.iter().enumerate() {
            let places: Vec<usize> = (0..column.names()).collect();
            column.read_names(&places, |place, name| {
                all.push(Name {
                    folded: folded(name),
                    name: name.to_owned(),
                    at: (segment, place),
                });
            });
        }
        // The names of each segment are in this order.
        all.sort_by(|left, right| {
            let names = (left.folded(), &left.name);
            names.cmp(&(right.folded(), &right.name))
        });
        let places = columns.iter().map(|column| vec![0; column.names()]);
        let mut joined = Joined {
            names: Vec::new(),
            spellings: Vec::new(),
            places: places.collect(),
        };
        let mut before: Option<&Name> = None;
        for name in &all {
            if before.is_none_or(|before| before.name != name.name) {
                if before.is_some_and(|before| before.folded() == name.folded()) {
                    joined.spellings.push(joined.names.len());
                }
                joined.names.push(name.at);
            }
            let (segment, place) = name.at;
            joined.places[segment][place] = joined.names.len() - 1;
            before = Some(name);
        }
        joined
    }
}

/// Returns how many of the entries have each value of columns, by its place.
pub(super) fn counts(index: &Index, columns: &[Columns<'_>], entries: &BitSet) -> Vec<Vec<u32>> {
    let none = |columns: &Columns<'_>| vec![0; columns.names()];
    let mut all: Vec<Vec<u32>> = columns.iter().map(none).collect();
    for (place, segment) in index.segments.iter().enumerate() {
        let of_segment = columns.iter().map(|columns| columns.list[place]);
        let of_segment: Vec<FacetColumn<'_>> = of_segment.collect();
        let counted = facet_columns::count(&of_segment, entries, segment.base);
        for ((all, columns), counted) in all.iter_mut().zip(columns).zip(counted) {
            match columns.joined {
                None => *all = counted,
                Some(joined) => {
                    for (place, count) in joined.places[place].iter().zip(counted) {
                        all[*place] += count;
                    }
                }
            }
        }
    }
    all
}

impl Columns<'_> {
    fn names(&self) -> usize {
        match self.joined {
            Some(joined) => joined.names.len(),
            None => self.list.first().map_or(0, FacetColumn::names),
        }
    }

    /// Returns the places of values that differ in case only from the one before.
    fn spellings(&self) -> Vec<usize> {
        match (self.joined, self.list.first()) {
            (Some(joined), _) => joined.spellings.clone(),
            (None, Some(column)) => column.spellings().collect(),
            (None, None) => Vec::new(),
        }
    }

    /// Calls `read` with the values at places, which are in order.
    fn read_names(&self, places: &[usize], mut read: impl FnMut(usize, &str)) {
        match (self.joined, self.list.first()) {
            (Some(joined), _) => {
                for place in places {
                    let (segment, at) = joined.names[*place];
                    self.list[segment].read_names(&[at], |_, name| read(*place, name));
                }
            }
            (None, Some(column)) => column.read_names(places, read),
            (None, None) => {}
        }
    }

    /// Returns the values that most of the entries have, at most `limit`, and those named in lower case, whether any of the
    /// entries has them or not. Of values that as many have, the first ones are taken.
    pub(super) fn leading<'n>(
        &self,
        counts: &[u32],
        limit: usize,
        named: impl Iterator<Item = &'n str>,
    ) -> Leading {
        let spellings = self.spellings();
        let spelled = |first: usize| {
            let is_same = |place: &usize| spellings.binary_search(place).is_ok();
            let behind = (first + 1..counts.len()).take_while(is_same).count();
            first..first + 1 + behind
        };
        let mut groups: Vec<(Reverse<u32>, usize)> = Vec::new();
        let mut add = |total: u32, first: usize| {
            if total > 0 {
                groups.push((Reverse(total), first));
            }
        };
        let mut rest = spellings.iter().peekable();
        let (mut total, mut first) = (0, 0);
        for (place, count) in counts.iter().enumerate() {
            if rest.next_if_eq(&&place).is_none() {
                add(total, first);
                (total, first) = (0, place);
            }
            total += count;
        }
        add(total, first);
        let found = groups.len();
        if limit < found {
            groups.select_nth_unstable(limit);
            groups.truncate(limit);
        }
        let mut wanted: Vec<usize> = groups.into_iter().map(|(_, first)| first).collect();
        let mut more = found - wanted.len();
        for name in named {
            let Some(first) = self.place(name) else {
                continue;
            };
            if !wanted.contains(&first) {
                wanted.push(first);
                more -= usize::from(counts[spelled(first)].iter().any(|count| *count > 0));
            }
        }
        wanted.sort_unstable();
        let places: Vec<usize> = wanted.into_iter().flat_map(spelled).collect();
        let mut leading = Leading {
            counts: Vec::with_capacity(places.len()),
            more,
        };
        self.read_names(&places, |place, name| {
            leading
                .counts
                .push((name.to_owned(), u64::from(counts[place])));
        });
        leading
    }

    /// Returns the place of the first spelling of a value, which is this in lower case.
    fn place(&self, name: &str) -> Option<usize> {
        let at = |place: usize| {
            let mut found = None;
            self.read_names(&[place], |_, name| found = Some(name.to_lowercase()));
            found
        };
        let (mut first, mut behind) = (0, self.names());
        while first < behind {
            let middle = first + (behind - first) / 2;
            match at(middle)?.as_str() < name {
                true => first = middle + 1,
                false => behind = middle,
            }
        }
        (first < self.names() && at(first)? == name).then_some(first)
    }
}
