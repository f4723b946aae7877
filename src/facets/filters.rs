//! Filters: which values they mean, and which entries they let pass.

use super::counting::Asked;
use super::near::{near, near_paths};
use super::{FacetField, Filter};
use crate::accumulate::BitSet;
use crate::entry::{Difficulty, Topic};
use crate::error::{Error, Result};
use crate::index::Index;
use crate::index::segments::{FieldIndex, IndexedTerm};

/// What one demand on a facet comes to.
pub(crate) struct Group {
    /// The facet.
    pub(crate) field: FacetField,
    /// Whether the values are left out.
    pub(crate) excluded: bool,
    /// The entries that pass.
    pub(crate) passing: BitSet,
}

/// Returns the entries that pass each filter; two filters on one facet are one, and so are two that exclude.
pub(crate) fn groups(index: &Index, filters: &[Filter]) -> Result<Vec<Group>> {
    let mut groups: Vec<Group> = Vec::new();
    for filter in filters {
        let mut passing = matching(index, filter)?;
        if filter.excluded {
            let mut rest = index.segments.all();
            rest.subtract(&passing);
            passing = rest;
        }
        let same =
            |group: &&mut Group| (group.field, group.excluded) == (filter.field, filter.excluded);
        match groups.iter_mut().find(same) {
            Some(group) if filter.excluded => group.passing.intersect(&passing),
            Some(group) => group.passing.unite(&passing),
            None => groups.push(Group {
                field: filter.field,
                excluded: filter.excluded,
                passing,
            }),
        }
    }
    Ok(groups)
}

/// Returns the entries that have one of a filter's values, whether it lets them pass or not. Values that no entry has
/// match nothing.
pub(crate) fn matching(index: &Index, filter: &Filter) -> Result<BitSet> {
    let mut matching = BitSet::empty(index.documents());
    for value in &filter.values {
        let Some(folded) = normalised(filter.field, value) else {
            continue;
        };
        each_term(index, filter.field, &folded, |values, value| {
            values.insert_all(value, &mut matching)
        })?;
    }
    Ok(matching)
}

/// Returns the values of the index that a filter's value means: itself, or every topic that ends in its steps. Fails
/// with [`Error::UnknownFacetValue`] when there is none.
pub(crate) fn resolve(index: &Index, field: FacetField, value: &str) -> Result<Vec<String>> {
    let unknown = || unknown_value(index, field, value);
    let folded = normalised(field, value).ok_or_else(unknown)?;
    if field == FacetField::Difficulty {
        // All three are known, whether an entry has them or not.
        return Ok(vec![value.to_owned()]);
    }
    let mut is_known = false;
    each_term(index, field, &folded, |_, _| {
        is_known = true;
        Ok(())
    })?;
    if is_known {
        return Ok(vec![value.to_owned()]);
    }
    if field != FacetField::Topic {
        return Err(unknown());
    }
    let topics: Vec<String> = terms_of(index, field)?
        .into_iter()
        .filter(|topic| topic.ends_with(&folded))
        .collect();
    if topics.is_empty() {
        return Err(unknown());
    }
    Ok(topics)
}

/// Calls `read` with each term that a folded value stands for: itself, and for a source every file below it.
fn each_term(
    index: &Index,
    field: FacetField,
    folded: &str,
    mut read: impl FnMut(&FieldIndex<'_>, &IndexedTerm) -> std::io::Result<()>,
) -> Result<()> {
    let mut run = || -> tantivy::Result<()> {
        let values = index.segments.field(index.fields.facet(field))?;
        if let Some(value) = values.term(folded)? {
            read(&values, &value)?;
        }
        if field == FacetField::Source {
            // A folder stands for every file below it. `0` is the character behind `/`.
            let folder = folded.trim_end_matches('/');
            let (first, behind) = (format!("{folder}/"), format!("{folder}0"));
            let mut files = values.terms_from(first.as_bytes())?;
            while let Some((file, value)) = files.next()? {
                if file >= behind.as_bytes() {
                    break;
                }
                read(&values, &value)?;
            }
        }
        Ok(())
    };
    run().map_err(|error| index.failed(error))
}

/// Returns every folded value of a facet, in order.
fn terms_of(index: &Index, field: FacetField) -> Result<Vec<String>> {
    let read = || -> tantivy::Result<Vec<String>> {
        let terms = index.segments.field(index.fields.facet(field))?;
        let mut terms = terms.terms_from(b"")?;
        let mut values = Vec::new();
        while let Some((value, _)) = terms.next()? {
            values.push(String::from_utf8_lossy(value).into_owned());
        }
        Ok(values)
    };
    read().map_err(|error| index.failed(error))
}

/// Returns a value as the index has it; `None` when no entry can have it.
pub(super) fn normalised(field: FacetField, value: &str) -> Option<String> {
    match field {
        FacetField::Difficulty => {
            Difficulty::from_any_scale(value).map(|difficulty| difficulty.to_string())
        }
        FacetField::Topic => Topic::new(value).map(|topic| topic.to_string()),
        _ => Some(value.trim().to_lowercase()),
    }
}

fn unknown_value(index: &Index, field: FacetField, value: &str) -> Error {
    let near = match field {
        FacetField::Difficulty => {
            let levels = Difficulty::ALL.map(|level| level.to_string());
            near(value, levels.iter())
        }
        _ => {
            // Values of deleted entries alone are none.
            let living = index.segments.living();
            let none = || BitSet::empty(index.documents());
            let entries = living.cloned().unwrap_or_else(none);
            let column = Asked {
                all_values: living.is_none(),
                ..Asked::column(field.as_str())
            };
            let known = super::column_counts(index, &[column], &entries).unwrap_or_default();
            let known = known.iter().flatten().map(|(value, _)| value);
            match field {
                FacetField::Topic | FacetField::Source => near_paths(value, known),
                _ => near(value, known),
            }
        }
    };
    Error::UnknownFacetValue {
        field: field.as_str(),
        value: value.to_owned(),
        near,
    }
}
