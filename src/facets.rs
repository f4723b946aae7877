//! Facets: the fields that a search can be narrowed by, and how many entries each of their values has.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use tantivy::Term;
use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;

use crate::accumulate::BitSet;
use crate::entry::{Difficulty, Topic};
use crate::error::{Error, Result};
use crate::index::Index;

/// A field that entries can be narrowed by and counted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FacetField {
    /// `easy`, `medium` or `hard`.
    Difficulty,
    /// The hierarchy of topics: an entry counts for its topic and for everything above it.
    Topic,
    /// Language, library or field.
    Framework,
    /// The source's tags.
    Tag,
    /// Languages of the entry's code blocks.
    Lang,
    /// The file the entry was read from; a filter may also name a folder above it.
    Source,
}

impl FacetField {
    /// Every facet, in the order in which they are shown.
    pub const ALL: [FacetField; 6] = [
        FacetField::Difficulty,
        FacetField::Topic,
        FacetField::Framework,
        FacetField::Tag,
        FacetField::Lang,
        FacetField::Source,
    ];

    /// Returns the name used on the command line, in queries and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            FacetField::Difficulty => "difficulty",
            FacetField::Topic => "topic",
            FacetField::Framework => "framework",
            FacetField::Tag => "tag",
            FacetField::Lang => "lang",
            FacetField::Source => "source",
        }
    }
}

impl fmt::Display for FacetField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for FacetField {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Self, String> {
        let known = FacetField::ALL
            .into_iter()
            .find(|field| field.as_str() == name);
        known.ok_or_else(|| {
            let names = FacetField::ALL.map(FacetField::as_str).join("`, `");
            format!("no facet is called `{name}`; expected one of `{names}`")
        })
    }
}

/// A filter on one facet: an entry passes when it has any of the values. Case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The facet.
    pub field: FacetField,
    /// The values; an entry needs one of them.
    pub values: Vec<String>,
}

/// How many entries each value of a facet has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetCounts {
    /// The facet.
    pub field: FacetField,
    /// The values that at least one entry has, and those selected: `easy < medium < hard` for difficulty, paths for
    /// topics, each followed by what is below it, and the most frequent first for the others.
    pub values: Vec<FacetValue>,
}

/// One value of a facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FacetValue {
    /// The value as most of its entries write it.
    pub value: String,
    /// How many entries match the query and every filter on the other facets.
    pub count: u64,
    /// Whether a filter of the search names it.
    pub selected: bool,
}

/// Returns the entries that a filter lets pass.
pub(crate) fn matching(index: &Index, filter: &Filter) -> Result<BitSet> {
    let documents = index.documents();
    let mut passing = BitSet::empty(documents);
    let Some(segment) = &index.segment else {
        return Ok(passing);
    };
    let field = index.fields.facet(filter.field);
    let terms = segment
        .inverted_index(field)
        .map_err(|error| index.failed(error))?;
    for value in &filter.values {
        let Some(folded) = normalised(filter.field, value) else {
            return Err(unknown_value(index, filter.field, value));
        };
        let mut is_known = filter.field == FacetField::Difficulty;
        let mut add = |info: &TermInfo| -> std::io::Result<()> {
            let mut postings =
                terms.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?;
            while !postings.docs().is_empty() {
                postings
                    .docs()
                    .iter()
                    .for_each(|document| passing.insert(*document));
                postings.advance();
            }
            Ok(())
        };
        let mut read = || -> std::io::Result<()> {
            if let Some(info) = terms.get_term_info(&Term::from_field_text(field, &folded))? {
                add(&info)?;
                is_known = true;
            }
            if filter.field == FacetField::Source {
                // A folder stands for every file below it. `0` is the character behind `/`.
                let folder = folded.trim_end_matches('/');
                let below = (format!("{folder}/"), format!("{folder}0"));
                let mut files = terms
                    .terms()
                    .range()
                    .ge(below.0)
                    .lt(below.1)
                    .into_stream()?;
                while let Some((_, info)) = files.next() {
                    add(info)?;
                    is_known = true;
                }
            }
            Ok(())
        };
        read().map_err(|error| index.failed(error))?;
        if !is_known {
            return Err(unknown_value(index, filter.field, value));
        }
    }
    Ok(passing)
}

/// Returns the counts of a facet over a set of entries.
pub(crate) fn count(
    index: &Index,
    field: FacetField,
    entries: &BitSet,
    filters: &[Filter],
) -> Result<FacetCounts> {
    let values =
        column_counts(index, field.as_str(), entries).map_err(|error| index.failed(error))?;
    let selected: HashSet<String> = filters
        .iter()
        .filter(|filter| filter.field == field)
        .flat_map(|filter| {
            filter
                .values
                .iter()
                .filter_map(|value| normalised(field, value))
        })
        .collect();
    // Spellings that differ in case only are one value, written as most entries write it.
    let mut by_folded: BTreeMap<String, (u64, u64, String)> = BTreeMap::new();
    for (value, count) in values {
        let is_selected = selected.contains(&value.to_lowercase());
        if count == 0 && !is_selected {
            continue;
        }
        let (total, most, spelling) = by_folded.entry(value.to_lowercase()).or_default();
        *total += count;
        if count > *most || spelling.is_empty() {
            (*most, *spelling) = (count, value);
        }
    }
    if field == FacetField::Difficulty {
        for value in &selected {
            by_folded
                .entry(value.clone())
                .or_insert_with(|| (0, 0, value.clone()));
        }
    }
    let mut values: Vec<FacetValue> = by_folded
        .into_iter()
        .map(|(folded, (count, _, value))| FacetValue {
            value,
            count,
            selected: selected.contains(&folded),
        })
        .collect();
    match field {
        FacetField::Difficulty => {
            values.sort_by_key(|value| Difficulty::from_any_scale(&value.value))
        }
        // Step by step, so that what is below a topic follows it: `/c/pointers` comes before `/c++`.
        FacetField::Topic => {
            values.sort_by(|left, right| left.value.split('/').cmp(right.value.split('/')))
        }
        _ => values.sort_by_key(|value| std::cmp::Reverse(value.count)),
    }
    Ok(FacetCounts { field, values })
}

/// Returns every value of a column with how many of the entries have it, in the order of the values.
pub(crate) fn column_counts(
    index: &Index,
    column: &str,
    entries: &BitSet,
) -> tantivy::Result<Vec<(String, u64)>> {
    let Some(segment) = &index.segment else {
        return Ok(Vec::new());
    };
    let Some(column) = segment.fast_fields().str(column)? else {
        return Ok(Vec::new());
    };
    let mut counts = vec![0u64; column.num_terms()];
    for document in entries.iter() {
        for value in column.term_ords(document) {
            counts[value as usize] += 1;
        }
    }
    let mut values = Vec::with_capacity(counts.len());
    for (place, count) in counts.into_iter().enumerate() {
        let mut value = String::new();
        column.ord_to_str(place as u64, &mut value)?;
        values.push((value, count));
    }
    Ok(values)
}

/// Returns a value as the index has it; `None` when no entry can have it.
fn normalised(field: FacetField, value: &str) -> Option<String> {
    match field {
        FacetField::Difficulty => {
            Difficulty::from_any_scale(value).map(|difficulty| difficulty.to_string())
        }
        FacetField::Topic => Topic::new(value).map(|topic| topic.to_string()),
        _ => Some(value.trim().to_lowercase()),
    }
}

fn unknown_value(index: &Index, field: FacetField, value: &str) -> Error {
    let known = match field {
        FacetField::Difficulty => Difficulty::ALL.iter().map(ToString::to_string).collect(),
        _ => {
            let all = BitSet::empty(index.documents());
            column_counts(index, field.as_str(), &all)
                .unwrap_or_default()
                .into_iter()
                .map(|(value, _)| value)
                .collect::<Vec<_>>()
        }
    };
    Error::UnknownFacetValue {
        field: field.as_str(),
        value: value.to_owned(),
        near: near(value, known.iter()),
    }
}

/// How many values "did you mean" names.
const MAX_NEAR: usize = 3;

/// Returns the values that look like a mistyped one, nearest first: few edits away, or holding it.
pub(crate) fn near<'a>(typed: &str, known: impl Iterator<Item = &'a String>) -> Vec<String> {
    let folded = typed.to_lowercase();
    let mut near: Vec<(f64, &String)> = known
        .filter_map(|value| {
            let candidate = value.to_lowercase();
            let similarity = strsim::jaro_winkler(&folded, &candidate);
            let holds = folded.len() >= 2 && candidate.contains(&folded);
            (similarity > 0.8 || holds)
                .then_some((similarity + if holds { 1.0 } else { 0.0 }, value))
        })
        .collect();
    near.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(right.1)));
    near.into_iter()
        .take(MAX_NEAR)
        .map(|(_, value)| value.clone())
        .collect()
}
