//! Columns of facets as they are kept in memory, once counting has cost as much as reading them whole.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;

use super::FacetField;
use crate::accumulate::BitSet;
use crate::index::Index;

/// In how many ways at most the values of documents may go together for each way to have a number: so many counters stay near the
/// processor, and what they add up to is next to nothing beside the documents.
const MAX_SETS: usize = 4_096;
/// So many documents are looked at together, by the words of a set.
const BATCH_WORDS: usize = 32;

/// The columns that an open index keeps: none at first. Whoever counts once, as the program does, pays for no more than that;
/// whoever counts again and again pays about twice for the first times, and a tenth for all others. A column takes two bytes an
/// entry where values go together in few ways, as those of all facets but tags do; else four an entry and four a value.
#[derive(Debug, Default)]
pub(crate) struct KeptColumns {
    of: [OnceLock<Kept>; FacetField::ALL.len()],
    /// Over how many entries each was counted without being kept.
    counted: [AtomicU64; FacetField::ALL.len()],
}

/// A column of all segments.
#[derive(Debug)]
pub(super) struct Kept {
    /// The values: those that differ in case only stand together, in the order of what they are in lower case.
    names: Vec<String>,
    /// Where in `names` the next value begins that differs in more than case; and where the last one ends.
    starts: Vec<u32>,
    documents: Documents,
}

/// The values of documents, by their places among the names.
#[derive(Debug)]
enum Documents {
    /// Which of the sets each document has.
    Sets { sets: Vec<u16>, values: Lists },
    /// Those of each document.
    Lists(Lists),
}

/// Lists of numbers, one behind the other.
#[derive(Debug, Default)]
struct Lists {
    /// Where each list ends.
    ends: Vec<u32>,
    numbers: Vec<u32>,
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
    /// Returns a facet's column if it is kept. `entries` are now to be counted.
    pub(super) fn get(
        &self,
        index: &Index,
        field: FacetField,
        entries: u64,
    ) -> tantivy::Result<Option<&Kept>> {
        let cell = &self.of[field as usize];
        if let Some(kept) = cell.get() {
            return Ok(Some(kept));
        }
        let counted = &self.counted[field as usize];
        let before = counted.fetch_add(entries, Ordering::Relaxed);
        if before < u64::from(index.documents()) {
            return Ok(None);
        }
        let kept = Kept::read(index, field)?;
        Ok(Some(cell.get_or_init(|| kept)))
    }
}

impl Kept {
    fn read(index: &Index, field: FacetField) -> tantivy::Result<Self> {
        let columns = index.segments.text_column(field.as_str())?;
        let mut written: Vec<Vec<String>> = Vec::with_capacity(columns.len());
        for column in &columns {
            let mut names = Vec::new();
            if let Some(column) = column {
                names.reserve(column.num_terms());
                let mut stream = column.dictionary().stream()?;
                while stream.advance() {
                    names.push(String::from_utf8_lossy(stream.key()).into_owned());
                }
            }
            written.push(names);
        }
        let mut names: Vec<String> = written.iter().flatten().cloned().collect();
        names.sort_by_cached_key(|name| (name.to_lowercase(), name.clone()));
        names.dedup();
        let places: FxHashMap<&str, u32> =
            (0..).zip(&names).map(|(n, s)| (s.as_str(), n)).collect();
        let mut lists = Lists::default();
        for ((segment, column), written) in index.segments.iter().zip(&columns).zip(&written) {
            let places: Vec<u32> = written.iter().map(|name| places[name.as_str()]).collect();
            let ordinals = column.as_ref().map(|column| column.ords());
            for document in 0..segment.documents() {
                if let Some(ordinals) = ordinals {
                    let rows = ordinals.index.value_row_ids(document);
                    let values = rows.map(|row| ordinals.values.get_val(row) as usize);
                    lists.numbers.extend(values.map(|value| places[value]));
                }
                lists.ends.push(lists.numbers.len() as u32);
            }
        }
        let mut starts: Vec<u32> = Vec::with_capacity(names.len() + 1);
        let mut last: Option<String> = None;
        for (place, name) in (0..).zip(&names) {
            let folded = name.to_lowercase();
            if last.as_ref() != Some(&folded) {
                starts.push(place);
                last = Some(folded);
            }
        }
        starts.push(names.len() as u32);
        let documents = match sets(&lists) {
            Some((sets, values)) => Documents::Sets { sets, values },
            None => Documents::Lists(lists),
        };
        Ok(Kept {
            names,
            starts,
            documents,
        })
    }

    /// Returns how many of the entries have each name, by its place.
    fn count(&self, entries: &BitSet) -> Vec<u32> {
        let mut counts = vec![0_u32; self.names.len()];
        let mut documents = Vec::with_capacity(BATCH_WORDS * 64);
        match &self.documents {
            Documents::Sets { sets, values } => {
                // Two that follow each other often have the same; one counter would wait for itself.
                let mut even = vec![0_u32; values.ends.len()];
                let mut odd = even.clone();
                for start in (0..entries.words()).step_by(BATCH_WORDS) {
                    entries.read_words(start..start + BATCH_WORDS, &mut documents);
                    let mut pairs = documents.chunks_exact(2);
                    for pair in &mut pairs {
                        even[usize::from(sets[pair[0] as usize])] += 1;
                        odd[usize::from(sets[pair[1] as usize])] += 1;
                    }
                    for document in pairs.remainder() {
                        even[usize::from(sets[*document as usize])] += 1;
                    }
                }
                for (set, (even, odd)) in even.into_iter().zip(odd).enumerate() {
                    for value in values.get(set) {
                        counts[*value as usize] += even + odd;
                    }
                }
            }
            Documents::Lists(lists) => {
                for start in (0..entries.words()).step_by(BATCH_WORDS) {
                    entries.read_words(start..start + BATCH_WORDS, &mut documents);
                    for document in &documents {
                        for value in lists.get(*document as usize) {
                            counts[*value as usize] += 1;
                        }
                    }
                }
            }
        }
        counts
    }

    /// Returns the values that most of the entries have, at most `limit`, and those named in lower case, whether any of the
    /// entries has them or not. Of values that as many have, the first ones are taken.
    pub(super) fn leading<'n>(
        &self,
        entries: &BitSet,
        limit: usize,
        named: impl Iterator<Item = &'n str>,
    ) -> Leading {
        let counts = self.count(entries);
        let total = |group: usize| -> u32 { counts[self.spellings(group)].iter().sum() };
        let mut groups: Vec<(Reverse<u32>, usize)> = (0..self.starts.len() - 1)
            .map(|group| (Reverse(total(group)), group))
            .filter(|(Reverse(count), _)| *count > 0)
            .collect();
        let found = groups.len();
        if limit < found {
            groups.select_nth_unstable(limit);
            groups.truncate(limit);
        }
        let mut wanted: Vec<usize> = groups.into_iter().map(|(_, group)| group).collect();
        let mut more = found - wanted.len();
        for name in named {
            let Some(group) = self.group(name) else {
                continue;
            };
            if !wanted.contains(&group) {
                wanted.push(group);
                more -= usize::from(total(group) > 0);
            }
        }
        wanted.sort_unstable();
        let places = wanted.into_iter().flat_map(|group| self.spellings(group));
        let counts = places.map(|place| (self.names[place].clone(), u64::from(counts[place])));
        Leading {
            counts: counts.collect(),
            more,
        }
    }

    /// Returns the places of the spellings of a value.
    fn spellings(&self, group: usize) -> Range<usize> {
        self.starts[group] as usize..self.starts[group + 1] as usize
    }

    /// Returns the value that is this in lower case.
    fn group(&self, folded: &str) -> Option<usize> {
        let groups = &self.starts[..self.starts.len() - 1];
        let name = |start: &u32| self.names[*start as usize].to_lowercase();
        let found = groups.binary_search_by(|start| name(start).as_str().cmp(folded));
        found.ok()
    }
}

impl Lists {
    fn get(&self, list: usize) -> &[u32] {
        let start = match list {
            0 => 0,
            _ => self.ends[list - 1],
        };
        &self.numbers[start as usize..self.ends[list] as usize]
    }

    fn push(&mut self, list: &[u32]) {
        self.numbers.extend(list);
        self.ends.push(self.numbers.len() as u32);
    }
}

/// Returns which lists there are, and which of these each list is; `None` when there are too many.
fn sets(lists: &Lists) -> Option<(Vec<u16>, Lists)> {
    let mut known: FxHashMap<&[u32], u16> = FxHashMap::default();
    let mut different = Lists::default();
    let mut sets = Vec::with_capacity(lists.ends.len());
    for place in 0..lists.ends.len() {
        let list = lists.get(place);
        let set = match known.get(list) {
            Some(set) => *set,
            None if known.len() == MAX_SETS => return None,
            None => {
                let set = known.len() as u16;
                known.insert(list, set);
                different.push(list);
                set
            }
        };
        sets.push(set);
    }
    Some((sets, different))
}
