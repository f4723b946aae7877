//! Whether filters find the entries that have the values, and no others.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use tantivy::schema::Value;
use tantivy::{DocId, TantivyDocument};

use crate::facets::FacetField;
use crate::index::Index;

/// Longer values are not looked at: the engine has no term for one that does not fit into 16 bits.
const MAX_VALUE_BYTES: usize = 60_000;

/// For each facet a sum over its values and the entries that have them: what is equal in any order has equal sums, and
/// nothing needs to be held.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sums([u64; FacetField::ALL.len()]);

impl Sums {
    /// Adds the values of an entry, as they are written.
    pub(super) fn add(&mut self, index: &Index, document: DocId, written: &TantivyDocument) {
        for field in FacetField::ALL {
            for value in written.get_all(index.fields.facet(field)) {
                let folded = value.as_str().unwrap_or_default().to_lowercase();
                self.add_value(field, folded.as_bytes(), document);
            }
        }
    }

    /// Returns the sums of the terms that filters look up. Reads all of their postings.
    pub(super) fn of_filters(index: &Index) -> tantivy::Result<Self> {
        let mut sums = Sums::default();
        for field in FacetField::ALL {
            let values = index.segments.field(index.fields.facet(field))?;
            let mut terms = values.terms_from(b"")?;
            while let Some((value, term)) = terms.next()? {
                values.visit(&term, |document| sums.add_value(field, value, document))?;
            }
        }
        Ok(sums)
    }

    /// Returns the facets whose sums differ.
    pub(super) fn differing<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = FacetField> + 'a {
        let sum = |sums: &Self, field: FacetField| sums.0[field as usize];
        let fields = FacetField::ALL.into_iter();
        fields.filter(move |field| sum(self, *field) != sum(other, *field))
    }

    fn add_value(&mut self, field: FacetField, value: &[u8], document: DocId) {
        if value.len() > MAX_VALUE_BYTES {
            return;
        }
        let mut hasher = DefaultHasher::new();
        (value, document).hash(&mut hasher);
        let sum = &mut self.0[field as usize];
        *sum = sum.wrapping_add(hasher.finish());
    }
}
