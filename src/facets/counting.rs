//! Counts: how many entries have each value of a facet.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use tantivy::DocId;
use tantivy::columnar::{Column, ColumnIndex, StrColumn};

use super::filters::{Group, normalised};
use super::{FacetCounts, FacetField, FacetValue, Filter};
use crate::accumulate::BitSet;
use crate::entry::Difficulty;
use crate::error::Result;
use crate::index::Index;
use crate::index::segments::Segment;

/// So many entries are counted together: values read one by one cost several times as much.
const BATCH: usize = 1_024;

/// Returns the counts of a facet. `matches` are the entries that meet everything but the filters, which `groups` and
/// `filters` are.
pub(crate) fn count(
    index: &Index,
    field: FacetField,
    matches: &BitSet,
    groups: &[Group],
    filters: &[Filter],
) -> Result<FacetCounts> {
    let mut matches = matches.clone();
    let others = groups.iter().filter(|group| group.field != field);
    others.for_each(|group| matches.intersect(&group.passing));
    let mut kept = matches.clone();
    let excluding = groups.iter().filter(|group| group.field == field);
    let excluding = excluding.filter(|group| group.excluded);
    excluding.for_each(|group| kept.intersect(&group.passing));

    let named = |excluded: bool| -> FxHashSet<String> {
        let filters = filters.iter().filter(|filter| filter.field == field);
        let filters = filters.filter(|filter| filter.excluded == excluded);
        let values = filters.flat_map(|filter| &filter.values);
        values
            .filter_map(|value| normalised(field, value))
            .collect()
    };
    let (selected, excluded) = (named(false), named(true));
    let is_named = !selected.is_empty() || !excluded.is_empty();
    let counts = column_counts(index, field.as_str(), &kept, is_named)
        .map_err(|error| index.failed(error))?;

    let mut values = one_spelling(counts);
    values.retain(|folded, (count, _)| {
        *count > 0 || selected.contains(folded) || excluded.contains(folded)
    });
    if field == FacetField::Difficulty {
        // All difficulties are known, whether an entry has them or not.
        for value in selected.iter().chain(&excluded) {
            let value = value.clone();
            values.entry(value.clone()).or_insert((0, value));
        }
    }
    if !excluded.is_empty() {
        let all = column_counts(index, field.as_str(), &matches, false)
            .map_err(|error| index.failed(error))?;
        let mut out = one_spelling(all);
        let out = excluded.iter().filter_map(|value| out.remove_entry(value));
        values.extend(out);
    }
    let mut values: Vec<(String, FacetValue)> = values
        .into_iter()
        .map(|(folded, (count, value))| {
            let value = FacetValue {
                value,
                count,
                selected: selected.contains(&folded),
                excluded: excluded.contains(&folded),
            };
            (folded, value)
        })
        .collect();
    match field {
        FacetField::Difficulty => {
            values.sort_unstable_by_key(|(folded, _)| Difficulty::from_any_scale(folded));
        }
        // Step by step, so that what is below a topic follows it: `/c/pointers` comes before `/c++`.
        FacetField::Topic => {
            values.sort_unstable_by(|(left, _), (right, _)| left.split('/').cmp(right.split('/')))
        }
        _ => values.sort_unstable_by(|(left_folded, left), (right_folded, right)| {
            let order = Reverse(left.count).cmp(&Reverse(right.count));
            order.then_with(|| left_folded.cmp(right_folded))
        }),
    }
    Ok(FacetCounts {
        field,
        values: values.into_iter().map(|(_, value)| value).collect(),
    })
}

/// Returns folded values with their counts, each written as most of its entries write it: spellings that differ in case
/// only are one value.
fn one_spelling(counts: Vec<(String, u64)>) -> FxHashMap<String, (u64, String)> {
    let mut values: FxHashMap<String, (u64, String)> =
        FxHashMap::with_capacity_and_hasher(counts.len(), rustc_hash::FxBuildHasher);
    let mut most: FxHashMap<String, u64> = FxHashMap::default();
    for (value, count) in counts {
        let folded = value.to_lowercase();
        let Some((total, spelling)) = values.get_mut(&folded) else {
            values.insert(folded, (count, value));
            continue;
        };
        let most = most.entry(folded).or_insert(*total);
        *total += count;
        if count > *most {
            (*most, *spelling) = (count, value);
        }
    }
    values
}

/// Returns values of a column with how many of the entries have each, in the order of the values: all of them, or those
/// that at least one of the entries has.
pub(crate) fn column_counts(
    index: &Index,
    column: &str,
    entries: &BitSet,
    all_values: bool,
) -> tantivy::Result<Vec<(String, u64)>> {
    let columns = index.segments.text_column(column)?;
    let mut all: Vec<(String, u64)> = Vec::new();
    for (segment, column) in index.segments.iter().zip(&columns) {
        let Some(column) = column else { continue };
        let counted = counted_in(segment, column, entries, all_values)?;
        all = match all.is_empty() {
            true => counted,
            false => added(all, counted),
        };
    }
    Ok(all)
}

/// Returns two lists of values with their counts as one; both are in the order of the values.
fn added(left: Vec<(String, u64)>, right: Vec<(String, u64)>) -> Vec<(String, u64)> {
    let mut sums = BTreeMap::from_iter(left);
    for (value, count) in right {
        *sums.entry(value).or_default() += count;
    }
    sums.into_iter().collect()
}

/// Returns the values of a column with how many of the entries of its segment have each.
fn counted_in(
    segment: &Segment,
    column: &StrColumn,
    entries: &BitSet,
    all_values: bool,
) -> tantivy::Result<Vec<(String, u64)>> {
    let mut counts = vec![0u64; column.num_terms()];
    let ordinals = column.ords();
    let (mut documents, mut rows, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut matching = entries.range(segment.base, segment.base + segment.documents());
    loop {
        documents.clear();
        let batch = matching.by_ref().take(BATCH);
        documents.extend(batch.map(|document| document - segment.base));
        if documents.is_empty() {
            break;
        }
        rows_of(ordinals, &documents, &mut rows);
        values.resize(rows.len(), 0);
        ordinals.values.get_vals(&rows, &mut values);
        for value in &values {
            counts[*value as usize] += 1;
        }
    }
    let counted = (0..counts.len() as u64)
        .filter(|place| all_values || counts[*place as usize] > 0)
        .collect::<Vec<_>>();
    // Read forwards: a value looked up alone costs the reading of the block that it stands in.
    let mut values = Vec::with_capacity(counted.len());
    let mut places = counted.iter();
    column
        .dictionary()
        .sorted_ords_to_term_cb(&counted, |value| {
            if let Some(place) = places.next() {
                let value = String::from_utf8_lossy(value).into_owned();
                values.push((value, counts[*place as usize]));
            }
        })?;
    Ok(values)
}

/// Reads into `rows` where the values of documents stand in a column.
fn rows_of(column: &Column<u64>, documents: &[DocId], rows: &mut Vec<u32>) {
    rows.clear();
    if let ColumnIndex::Multivalued(index) = &column.index {
        let starts = index.get_start_index_column();
        // Where every document has a value, the engine's starts are by document, and read in bulk.
        if starts.num_vals() == index.num_docs() + 1 {
            let behind: Vec<DocId> = documents.iter().map(|document| document + 1).collect();
            let (mut from, mut to) = (vec![0; documents.len()], vec![0; documents.len()]);
            starts.get_vals(documents, &mut from);
            starts.get_vals(&behind, &mut to);
            for (from, to) in from.into_iter().zip(to) {
                rows.extend(from..to);
            }
            return;
        }
    }
    column.row_ids_for_docs(documents, &mut Vec::new(), rows);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::entry::Entry;
    use crate::index::Indexer;

    #[test]
    fn counts_are_those_of_entries_one_by_one() {
        // Of tags, one index has some for each entry, the other for some entries; both have more than a batch.
        for every in [true, false] {
            let dir = tempfile::tempdir().expect("a temporary folder");
            let mut indexer = Indexer::create(dir.path(), Default::default()).expect("creates");
            let mut expected: BTreeMap<String, u64> = BTreeMap::new();
            for number in 0..3_000_usize {
                let count = number % 4 + usize::from(every);
                let tags: Vec<String> = (0..count)
                    .map(|tag| format!("t{}", (number * 7 + tag * 3) % 13))
                    .collect();
                if !number.is_multiple_of(3) {
                    for tag in &tags {
                        *expected.entry(tag.clone()).or_default() += 1;
                    }
                }
                let entry = Entry {
                    id: format!("{number:05}"),
                    title: "A title".to_owned(),
                    tags,
                    ..Entry::default()
                };
                indexer.add(entry).expect("is added");
            }
            indexer.commit().expect("is written");
            let index = Index::open(dir.path()).expect("opens");
            let searcher = crate::Searcher::new(Index::open(dir.path()).expect("opens"));
            let mut entries = BitSet::empty(index.documents());
            for (document, entry) in searcher.entries().expect("reads").enumerate() {
                let number: usize = entry.expect("reads").id.parse().expect("a number");
                if !number.is_multiple_of(3) {
                    entries.insert(document as DocId);
                }
            }
            let counted = column_counts(&index, FacetField::Tag.as_str(), &entries, false);
            let counted: BTreeMap<String, u64> = counted.expect("reads").into_iter().collect();
            assert_eq!(counted, expected);
        }
    }
}
