//! What the bytes of an index are for.

use tantivy::space_usage::{PerFieldSpaceUsage, SegmentSpaceUsage};

use super::results::SizePart;
use crate::index::{Index, entries, frequent};

/// Returns the parts of an index, largest first. Reads the heads of its files.
pub(super) fn parts(index: &Index) -> tantivy::Result<Vec<SizePart>> {
    let mut parts: Vec<SizePart> = Vec::new();
    for (name, file) in &index.meta.files {
        if entries::is_of_entries(name) {
            add(&mut parts, "entries", "", file.bytes);
        }
        if frequent::is_of_frequent_terms(name) {
            add(&mut parts, "frequent terms", "", file.bytes);
        }
    }
    for segment in index.segments.iter() {
        let usage = segment.reader.space_usage()?;
        add(&mut parts, "entries", "", usage.store().total().get_bytes());
        type OfFields = fn(&SegmentSpaceUsage) -> &PerFieldSpaceUsage;
        let by_field: [(&str, OfFields); 5] = [
            ("dictionaries", SegmentSpaceUsage::termdict),
            ("postings", SegmentSpaceUsage::postings),
            ("positions", SegmentSpaceUsage::positions),
            ("lengths", SegmentSpaceUsage::fieldnorms),
            ("columns", SegmentSpaceUsage::fast_fields),
        ];
        for (part, of_fields) in by_field {
            for field in of_fields(&usage).fields() {
                add(
                    &mut parts,
                    part,
                    field.field_name(),
                    field.total().get_bytes(),
                );
            }
        }
        add(&mut parts, "deletions", "", usage.deletes().get_bytes());
    }
    for part in &mut parts {
        part.fields
            .sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    }
    parts.sort_by(|left, right| {
        right
            .bytes
            .cmp(&left.bytes)
            .then_with(|| left.part.cmp(right.part))
    });
    Ok(parts)
}

fn add(parts: &mut Vec<SizePart>, name: &'static str, field: &str, bytes: u64) {
    if bytes == 0 {
        return;
    }
    let place = parts
        .iter()
        .position(|part| part.part == name)
        .unwrap_or_else(|| {
            parts.push(SizePart {
                part: name,
                bytes: 0,
                fields: Vec::new(),
            });
            parts.len() - 1
        });
    let part = &mut parts[place];
    part.bytes += bytes;
    if field.is_empty() {
        return;
    }
    match part.fields.iter_mut().find(|(name, _)| name == field) {
        Some((_, sum)) => *sum += bytes,
        None => part.fields.push((field.to_owned(), bytes)),
    }
}
