//! Columns of texts, looked at before anyone takes memory for what they state.

use tantivy::columnar::StrColumn;
use tantivy::error::DataCorruption;
use tantivy::{SegmentReader, TantivyError};

/// Returns a column of texts of a segment; none where no document has a value. Cheap.
///
/// Fails when the column states more different values than it has values: whoever counts them takes memory for as many,
/// and one bit that has changed makes them billions.
pub(crate) fn text_column(
    segment: &SegmentReader,
    name: &str,
) -> tantivy::Result<Option<StrColumn>> {
    let Some(column) = segment.fast_fields().str(name)? else {
        return Ok(None);
    };
    let (different, values) = (column.num_terms(), column.ords().values.num_vals());
    if different > values as usize {
        let said = format!("the column `{name}` states {different} different values of {values}");
        return Err(TantivyError::DataCorruption(DataCorruption::comment_only(
            said,
        )));
    }
    Ok(Some(column))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use crate::entry::Entry;
    use crate::facets::FacetField;
    use crate::index::{Index, Indexer, IndexerOptions};

    #[test]
    fn no_changed_bit_makes_a_column_state_more_values_than_it_has() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = folder.path();
        let mut indexer = Indexer::create(dir, IndexerOptions::default()).expect("begins");
        for id in ["a", "b", "c"] {
            let entry = Entry {
                id: id.to_owned(),
                tags: vec![id.to_owned(), "all".to_owned()],
                ..Entry::default()
            };
            indexer.add(entry).expect("is added");
        }
        indexer.commit().expect("is committed");
        let files = fs::read_dir(dir.join("generation-1")).expect("a folder");
        let file = files
            .map(|file| file.expect("a file").path())
            .find(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "fast")
            })
            .expect("the engine has one");
        let whole = fs::read(&file).expect("reads");
        let mut found = 0;
        for (at, bit) in (0..whole.len()).flat_map(|at| [(at, 1), (at, 6)]) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            fs::write(&file, &bytes).expect("is written");
            // Where the engine fails or panics is told elsewhere.
            let columns = catch_unwind(AssertUnwindSafe(|| {
                let index = Index::open(dir).ok()?;
                let columns =
                    FacetField::ALL.map(|field| index.segments.text_column(field.as_str()));
                Some(columns)
            }));
            for column in columns.ok().flatten().into_iter().flatten() {
                match column {
                    Ok(columns) => {
                        let sizes = columns.iter().flatten().map(|column| column.num_terms());
                        assert!(sizes.max().is_none_or(|size| size <= 6), "{at} {bit}");
                    }
                    Err(error) => found += usize::from(error.to_string().contains(" states ")),
                }
            }
        }
        assert!(found > 0);
    }
}
