//! Which segments are merged, and which packs of entries: few enough to search fast, and seldom enough to update fast.
//!
//! A whole build leaves one segment. Of updates, the large segment and a few small ones stay, each at least twice the next,
//! so that an entry is written again a logarithmic number of times on its way into the large one; and everything becomes one
//! segment when the small ones together, or what is deleted, are a fair part of it, which costs a constant times what was
//! added since the last time.

use std::collections::HashMap;

use tantivy::index::SegmentId;
use tantivy::{Document, Index, IndexWriter, Segment, SegmentReader};

use crate::schema;

/// How many segments an index has at most.
const MAX_SEGMENTS: usize = 5;
/// Everything is merged when the small segments have more than one part in so many of the entries of the large one.
const SMALL_PART: u64 = 4;
/// Everything is merged when more than one document in so many is deleted.
const DELETED_PART: u64 = 5;

/// A segment, or a pack of entries, as the decision sees it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) id: usize,
    pub(super) living: u64,
    pub(super) deleted: u64,
}

/// Merges what should be, or everything. Documents stand in the order of their records afterwards, as far as they did: where that is
/// all of them, nothing need be read to tell the record of one.
pub(super) fn merge<D: Document>(
    inner: &Index,
    writer: &mut IndexWriter<D>,
    all: bool,
) -> tantivy::Result<()> {
    let metas = inner.searchable_segment_metas()?;
    let ids: Vec<SegmentId> = metas.iter().map(|meta| meta.id()).collect();
    let sizes = metas.iter().enumerate().map(|(id, meta)| Size {
        id,
        living: u64::from(meta.num_docs()),
        deleted: u64::from(meta.num_deleted_docs()),
    });
    let chosen = chosen(sizes.collect(), all);
    // The engine keeps the files of every segment that somebody still holds.
    drop(metas);
    if !chosen.is_empty() {
        let mut chosen: Vec<SegmentId> = chosen.into_iter().map(|id| ids[id]).collect();
        let mut firsts = HashMap::with_capacity(chosen.len());
        for segment in inner.searchable_segments()? {
            firsts.insert(segment.id(), first_record(&segment)?);
        }
        chosen.sort_by_key(|id| firsts.get(id).copied().flatten());
        drop(writer.merge(&chosen).wait()?);
    }
    writer.garbage_collect_files().wait()?;
    Ok(())
}

/// Returns the least number of a segment's records.
fn first_record(segment: &Segment) -> tantivy::Result<Option<u64>> {
    let reader = SegmentReader::open(segment)?;
    let records = reader.fast_fields().column_opt::<u64>(schema::RECORD)?;
    Ok(records.map(|records| records.min_value()))
}

/// Returns what is to be merged into one: everything, or what should be.
pub(super) fn chosen(mut sizes: Vec<Size>, all: bool) -> Vec<usize> {
    let has_deleted = sizes.iter().any(|size| size.deleted > 0);
    match all {
        true if sizes.len() > 1 || has_deleted => sizes.iter().map(|size| size.id).collect(),
        true => Vec::new(),
        false => choose(&mut sizes),
    }
}

fn choose(sizes: &mut [Size]) -> Vec<usize> {
    sizes.sort_by_key(|size| (std::cmp::Reverse(size.living), size.id));
    let Some(large) = sizes.first() else {
        return Vec::new();
    };
    let living: u64 = sizes.iter().map(|size| size.living).sum();
    let deleted: u64 = sizes.iter().map(|size| size.deleted).sum();
    let small = living - large.living;
    if small * SMALL_PART > large.living || deleted * DELETED_PART > living + deleted {
        return match sizes {
            [only] if only.deleted == 0 => Vec::new(),
            _ => sizes.iter().map(|size| size.id).collect(),
        };
    }
    if sizes.len() <= MAX_SEGMENTS {
        return Vec::new();
    }
    // From the smallest on, as long as the next is less than twice what is merged, and until few enough are left.
    let mut from = sizes.len();
    let mut merged = 0;
    while from > 1 {
        let next = sizes[from - 1].living;
        let is_enough = from < MAX_SEGMENTS && merged > 0;
        if is_enough && next >= merged * 2 {
            break;
        }
        merged += next;
        from -= 1;
    }
    sizes[from..].iter().map(|size| size.id).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use tantivy::schema::{NumericOptions, Schema};
    use tantivy::{TantivyDocument, doc};

    use super::*;

    fn merged(sizes: &[(u64, u64)]) -> Vec<usize> {
        let sizes = sizes.iter().enumerate();
        let sizes = sizes.map(|(id, (living, deleted))| Size {
            id,
            living: *living,
            deleted: *deleted,
        });
        let mut chosen = chosen(sizes.collect(), false);
        chosen.sort_unstable();
        chosen
    }

    #[test]
    fn documents_stand_in_the_order_of_their_records() {
        let mut fields = Schema::builder();
        let record = fields.add_u64_field(schema::RECORD, NumericOptions::default().set_fast());
        let inner = Index::create_in_ram(fields.build());
        let writer = inner.writer_with_num_threads::<TantivyDocument>(1, 15_000_000);
        let mut writer = writer.expect("opens");
        writer.set_merge_policy(Box::new(tantivy::merge_policy::NoMergePolicy));
        // Whatever names the segments get.
        for segment in 0..8 {
            for number in 0..50u64 {
                let document = doc!(record => segment * 50 + number);
                writer.add_document(document).expect("is added");
            }
            writer.commit().expect("is written");
        }
        merge(&inner, &mut writer, true).expect("are merged");
        let segments = inner.searchable_segments().expect("are there");
        let reader = SegmentReader::open(&segments[0]).expect("opens");
        let records = reader.fast_fields().u64(schema::RECORD).expect("is there");
        let records: Vec<u64> = (0..400).filter_map(|at| records.first(at)).collect();
        assert_eq!((segments.len(), records), (1, (0..400).collect()));
    }

    #[test]
    fn what_is_merged_is_small_or_much() {
        for (sizes, expected) in [
            (&[][..], &[][..]),
            (&[(1_000, 0)], &[]),
            (&[(1_000, 0), (10, 0)], &[]),
            (&[(1_000, 0), (300, 0)], &[0, 1]),
            (&[(1_000, 400)], &[0]),
            (&[(1_000, 100), (1, 0)], &[]),
            (&[(0, 5)], &[0]),
            (
                &[(1_000, 0), (8, 0), (1, 0), (1, 0), (1, 0), (1, 0)],
                &[2, 3, 4, 5],
            ),
            (
                &[(1_000, 0), (100, 0), (60, 0), (30, 0), (4, 0), (2, 0)],
                &[4, 5],
            ),
        ] {
            assert_eq!(merged(sizes), expected, "{sizes:?}");
        }
    }

    proptest! {
        #[test]
        fn segments_stay_few_and_entries_are_seldom_written_again(
            updates in prop::collection::vec(1..50u64, 1..300),
        ) {
            let mut segments: Vec<(u64, u64)> = vec![(10_000, 0)];
            let (mut added, mut written) = (0, 0);
            for entries in updates {
                segments.push((entries, 0));
                added += entries;
                let chosen = merged(&segments);
                let merged: u64 = chosen.iter().map(|place| segments[*place].0).sum();
                if !chosen.is_empty() {
                    let mut rest = Vec::new();
                    for (place, segment) in segments.iter().enumerate() {
                        if !chosen.contains(&place) {
                            rest.push(*segment);
                        }
                    }
                    rest.push((merged, 0));
                    segments = rest;
                    written += merged;
                }
                prop_assert!(segments.len() <= MAX_SEGMENTS);
            }
            // Into the large one all is written about five times its share, and on the way a few times more.
            prop_assert!(written <= 16 * added + 10_000, "{written} of {added}");
        }
    }
}
