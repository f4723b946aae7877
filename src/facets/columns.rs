//! Columns of facets as they are kept in memory, once counting has cost as much as reading them whole.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;
use tantivy::DocId;

use super::FacetField;
use crate::accumulate::BitSet;
use crate::index::Index;

/// In how many ways at most the values of documents may go together for each way to have a number: so many counters stay near the
/// processor, and what they add up to is next to nothing beside the documents.
const MAX_SETS: usize = 4_096;
/// So many values of each document stand side by side at most: all of most documents, read without asking how many there are.
const MAX_SLOTS: usize = 5;
/// One of so many documents at most may have more than stand side by side.
const WITHOUT_MORE: usize = 16;
/// So many documents are looked at together, by the words of a set.
const BATCH_WORDS: usize = 32;

/// The columns that an open index keeps: none at first. Whoever counts once, as the program does, pays for no more than that;
/// whoever counts again and again pays about twice for the first times, and a tenth for all others. A column takes two bytes an
/// entry where values go together in few ways, as those of all facets but tags do; else two for each of the most values that nearly
/// all entries have, as a rule.
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
    /// The first ones of each document, so many for each, and the others with their documents. Where a document has fewer, there
    /// are places behind those of all names, a different one for each slot.
    Slots {
        slots: usize,
        values: Vec<u16>,
        more: Vec<(DocId, u16)>,
    },
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
            None => match slots(&lists, names.len()) {
                Some(slots) => slots,
                None => Documents::Lists(lists),
            },
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
            Documents::Slots {
                slots,
                values,
                more,
            } => {
                counts.resize(self.names.len() + MAX_SLOTS, 0);
                match slots {
                    ..=2 => add_slots::<2>(entries, values, &mut counts),
                    3 => add_slots::<3>(entries, values, &mut counts),
                    4 => add_slots::<4>(entries, values, &mut counts),
                    _ => add_slots::<MAX_SLOTS>(entries, values, &mut counts),
                }
                for (document, value) in more {
                    counts[usize::from(*value)] += u32::from(entries.contains(*document));
                }
                counts.truncate(self.names.len());
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

/// Returns lists as slots; `None` where too many documents have too many values, or there are too many `names`.
fn slots(lists: &Lists, names: usize) -> Option<Documents> {
    let documents = lists.ends.len();
    u16::try_from(names + MAX_SLOTS).ok()?;
    let behind = |slots: usize| -> usize {
        let lengths = (0..documents).map(|document| lists.get(document).len());
        lengths.map(|length| length.saturating_sub(slots)).sum()
    };
    let slots = (2..=MAX_SLOTS).find(|slots| behind(*slots) <= documents / WITHOUT_MORE)?;
    let mut values = Vec::with_capacity(documents * slots);
    let mut more = Vec::new();
    for document in 0..documents {
        let list = lists.get(document);
        for slot in 0..slots {
            let absent = (names + slot) as u32;
            values.push(list.get(slot).copied().unwrap_or(absent) as u16);
        }
        let others = list.iter().skip(slots);
        more.extend(others.map(|value| (document as DocId, *value as u16)));
    }
    Some(Documents::Slots {
        slots,
        values,
        more,
    })
}

/// Adds the values in the slots of documents to how often each is there.
fn add_slots<const SLOTS: usize>(entries: &BitSet, values: &[u16], counts: &mut [u32]) {
    let (values, _) = values.as_chunks::<SLOTS>();
    let mut documents = Vec::with_capacity(BATCH_WORDS * 64);
    for start in (0..entries.words()).step_by(BATCH_WORDS) {
        entries.read_words(start..start + BATCH_WORDS, &mut documents);
        for document in &documents {
            for value in values[*document as usize] {
                counts[usize::from(value)] += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_to_keep_values_count_the_same() {
        let names = 40_usize;
        let mut lists = Lists::default();
        let mut by_hand = vec![0_u32; names];
        let mut entries = BitSet::empty(5_000);
        for document in 0..5_000_u32 {
            // Most have up to four, some none, and one of a hundred has nine.
            let length = if document % 100 == 7 { 9 } else { document % 5 };
            let values: Vec<u32> = (0..length)
                .map(|value| (document * 7 + value * 3) % names as u32)
                .collect();
            lists.push(&values);
            if document % 3 > 0 {
                entries.insert(document);
                values
                    .iter()
                    .for_each(|value| by_hand[*value as usize] += 1);
            }
        }
        let (sets, values) = sets(&lists).expect("they go together in few ways");
        let slots = slots(&lists, names).expect("few have many values");
        assert!(matches!(&slots, Documents::Slots { slots: 4, more, .. } if more.len() == 250));
        for documents in [
            Documents::Sets { sets, values },
            slots,
            Documents::Lists(lists),
        ] {
            let kept = Kept {
                names: (0..names).map(|name| format!("{name:02}")).collect(),
                starts: (0..=names as u32).collect(),
                documents,
            };
            assert_eq!(kept.count(&entries), by_hand, "{:?}", kept.documents);
        }
    }

    #[test]
    fn many_values_or_names_are_kept_as_lists() {
        let mut lists = Lists::default();
        (0..100).for_each(|document| lists.push(&[document; 9]));
        assert!(slots(&lists, 100).is_none());
        let mut lists = Lists::default();
        (0..100).for_each(|document| lists.push(&[document]));
        assert!(slots(&lists, 100).is_some());
        assert!(slots(&lists, usize::from(u16::MAX)).is_none());
    }
}
