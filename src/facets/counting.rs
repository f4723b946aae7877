//! Counts: how many entries have each value of a facet.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use tantivy::DocId;
use tantivy::columnar::{self, ColumnIndex, StrColumn};

use super::columns::{self, KeptColumns, Leading};
use super::filters::{Group, normalised};
use super::{FacetCounts, FacetField, FacetValue, Filter};
use crate::accumulate::BitSet;
use crate::entry::Difficulty;
use crate::error::Result;
use crate::index::Index;
use crate::index::segments::Segment;

/// So many entries are counted together: values read one by one cost several times as much.
const BATCH: usize = 1_024;

/// Returns the counts of facets, in their order. `matches` are the entries that meet everything but the filters, which `groups`
/// and `filters` are. Of a facet whose most frequent values come first, `limit` of them are enough.
pub(crate) fn count(
    index: &Index,
    columns: &KeptColumns,
    (fields, limit): (&[FacetField], usize),
    matches: &BitSet,
    groups: &[Group],
    filters: &[Filter],
) -> Result<Vec<FacetCounts>> {
    let failed = |error| index.failed(error);
    // Facets that are counted over the same entries are counted together: most often all but one.
    let mut passes: Vec<(Vec<bool>, Vec<usize>)> = Vec::new();
    for (place, field) in fields.iter().enumerate() {
        let applies = |group: &Group| group.field != *field || group.excluded;
        let applied: Vec<bool> = groups.iter().map(applies).collect();
        match passes.iter_mut().find(|(same, _)| *same == applied) {
            Some((_, places)) => places.push(place),
            None => passes.push((applied, vec![place])),
        }
    }
    let named: Vec<Named> = fields
        .iter()
        .map(|field| Named::new(*field, filters))
        .collect();
    let mut leading: Vec<Leading> = fields.iter().map(|_| Leading::default()).collect();
    for (applied, places) in passes {
        let mut kept = matches.clone();
        let applied = groups.iter().zip(applied).filter(|(_, applies)| *applies);
        applied.for_each(|(group, _)| kept.intersect(&group.passing));
        let asked: Vec<Limited<'_>> = places
            .iter()
            .map(|place| Limited {
                field: fields[*place],
                limit: match comes_by_count(fields[*place]) {
                    true => limit,
                    false => usize::MAX,
                },
                named: &named[*place],
            })
            .collect();
        let counted = count_limited(index, columns, &asked, &kept).map_err(failed)?;
        for (place, counted) in places.into_iter().zip(counted) {
            leading[place] = counted;
        }
    }
    let mut all = Vec::with_capacity(fields.len());
    for ((field, named), leading) in fields.iter().zip(&named).zip(leading) {
        // What the filters of a facet leave out is counted apart.
        let mut left_out = Vec::new();
        if filters
            .iter()
            .any(|filter| filter.field == *field && filter.excluded)
        {
            let mut matches = matches.clone();
            let others = groups.iter().filter(|group| group.field != *field);
            others.for_each(|group| matches.intersect(&group.passing));
            let asked = [Limited {
                field: *field,
                limit: 0,
                named,
            }];
            let counted = count_limited(index, columns, &asked, &matches).map_err(failed)?;
            left_out.extend(counted.into_iter().flat_map(|counted| counted.counts));
        }
        all.push(facet_counts(*field, leading, limit, left_out, named));
    }
    Ok(all)
}

/// A facet to be counted.
struct Limited<'a> {
    field: FacetField,
    /// So many of the most frequent values are enough.
    limit: usize,
    /// These are wanted anyway.
    named: &'a Named,
}

/// Returns how many of the entries have the values of facets that are asked for, at least those.
fn count_limited(
    index: &Index,
    columns: &KeptColumns,
    asked: &[Limited<'_>],
    entries: &BitSet,
) -> tantivy::Result<Vec<Leading>> {
    let mut leading: Vec<Leading> = asked.iter().map(|_| Leading::default()).collect();
    let count = entries.len();
    let (mut ready, mut ready_columns, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for (place, facet) in asked.iter().enumerate() {
        match columns.get(index, facet.field, count)? {
            Some(columns) => {
                ready.push(place);
                ready_columns.push(columns);
            }
            None => others.push(place),
        }
    }
    let counts = columns::counts(index, &ready_columns, entries);
    for ((place, columns), counts) in ready.into_iter().zip(ready_columns).zip(counts) {
        let Limited { limit, named, .. } = &asked[place];
        leading[place] = columns.leading(&counts, *limit, named.all());
    }
    let columns = others.iter().map(|place| Asked {
        name: asked[*place].field.as_str(),
        all_values: asked[*place].named.all().next().is_some(),
    });
    let columns: Vec<Asked<'_>> = columns.collect();
    if columns.is_empty() {
        return Ok(leading);
    }
    let counted = column_counts(index, &columns, entries)?;
    for (place, counts) in others.into_iter().zip(counted) {
        leading[place] = Leading { counts, more: 0 };
    }
    Ok(leading)
}

/// Returns whether the values of a facet stand in the order of their counts.
fn comes_by_count(field: FacetField) -> bool {
    !matches!(field, FacetField::Difficulty | FacetField::Topic)
}

/// The values of a facet that filters name, in lower case.
struct Named {
    selected: FxHashSet<String>,
    excluded: FxHashSet<String>,
}

impl Named {
    fn new(field: FacetField, filters: &[Filter]) -> Self {
        let named = |excluded: bool| {
            let filters = filters.iter().filter(|filter| filter.field == field);
            let filters = filters.filter(|filter| filter.excluded == excluded);
            let values = filters.flat_map(|filter| &filter.values);
            let values = values.filter_map(|value| normalised(field, value));
            values.collect()
        };
        Named {
            selected: named(false),
            excluded: named(true),
        }
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        let all = self.selected.iter().chain(&self.excluded);
        all.map(String::as_str)
    }

    fn has(&self, folded: &str) -> bool {
        self.selected.contains(folded) || self.excluded.contains(folded)
    }
}

/// Returns what is said of a facet. `leading` are its values, `all` those without its own filters, where some exclude.
fn facet_counts(
    field: FacetField,
    leading: Leading,
    limit: usize,
    all: Vec<(String, u64)>,
    named: &Named,
) -> FacetCounts {
    let Named { selected, excluded } = named;
    let Leading { counts, mut more } = leading;
    let mut values = one_spelling(counts);
    values.retain(|value| value.count > 0 || named.has(value.folded()));
    if field == FacetField::Difficulty {
        // All difficulties are known, whether an entry has them or not.
        for value in named.all() {
            if !values.iter().any(|known| known.folded() == value) {
                values.push(Counted::new(value.to_owned(), 0));
            }
        }
    }
    if !excluded.is_empty() {
        let out = one_spelling(all).into_iter();
        for out in out.filter(|out| excluded.contains(out.folded())) {
            values.retain(|value| value.folded() != out.folded());
            values.push(out);
        }
    }
    match field {
        FacetField::Difficulty => {
            values.sort_by_key(|value| Difficulty::from_any_scale(value.folded()));
        }
        // Step by step, so that what is below a topic follows it: `/c/pointers` comes before `/c++`.
        FacetField::Topic => {
            values.sort_by(|left, right| left.folded().split('/').cmp(right.folded().split('/')))
        }
        _ => {
            // Most often they are in this order, and what has been put there stays in it.
            values.sort_by(|left, right| left.folded().cmp(right.folded()));
            values.sort_by_key(|value| Reverse(value.count));
        }
    }
    if comes_by_count(field) {
        let found = values.len();
        let mut place = 0;
        values.retain(|value| {
            place += 1;
            place <= limit || named.has(value.folded())
        });
        more += found - values.len();
    }
    let value = |value: Counted| FacetValue {
        selected: selected.contains(value.folded()),
        excluded: excluded.contains(value.folded()),
        count: value.count,
        value: value.spelling,
    };
    FacetCounts {
        field,
        values: values.into_iter().map(value).collect(),
        more,
    }
}

/// A value of a facet, whatever its case.
struct Counted {
    /// As most of its entries write it.
    spelling: String,
    /// In lower case, where that is something else.
    folded: Option<String>,
    count: u64,
    /// How many entries write it like this.
    count_of_spelling: u64,
}

impl Counted {
    fn new(spelling: String, count: u64) -> Self {
        Counted {
            folded: folded(&spelling),
            spelling,
            count,
            count_of_spelling: count,
        }
    }

    fn folded(&self) -> &str {
        self.folded.as_deref().unwrap_or(&self.spelling)
    }
}

/// Returns a value in lower case, where that is something else.
pub(super) fn folded(value: &str) -> Option<String> {
    let is_folded = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    (!value.bytes().all(is_folded)).then(|| value.to_lowercase())
}

/// Returns values with their counts, each written as most of its entries write it, in the order of what they are in lower case:
/// spellings that differ in case only are one value.
fn one_spelling(counts: Vec<(String, u64)>) -> Vec<Counted> {
    let values = counts.into_iter();
    let mut values: Vec<Counted> = values
        .map(|(value, count)| Counted::new(value, count))
        .collect();
    // Of spellings that as many write, the first stays; most often nothing is to be moved.
    values.sort_by(|left, right| left.folded().cmp(right.folded()));
    values.dedup_by(|other, kept| {
        let is_same = other.folded() == kept.folded();
        if is_same {
            kept.count += other.count;
            if other.count_of_spelling > kept.count_of_spelling {
                kept.count_of_spelling = other.count_of_spelling;
                std::mem::swap(&mut kept.spelling, &mut other.spelling);
                std::mem::swap(&mut kept.folded, &mut other.folded);
            }
        }
        is_same
    });
    values
}

/// What is counted.
pub(crate) struct Asked<'a> {
    /// The column's name.
    pub(crate) name: &'a str,
    /// Whether values count that none of the entries has.
    pub(crate) all_values: bool,
}

impl<'a> Asked<'a> {
    /// Returns that the values are counted that some of the entries have.
    pub(crate) fn column(name: &'a str) -> Self {
        Asked {
            name,
            all_values: false,
        }
    }
}

/// Returns for each column its values with how many of the entries have each, in the order of the values.
pub(crate) fn column_counts(
    index: &Index,
    columns: &[Asked<'_>],
    entries: &BitSet,
) -> tantivy::Result<Vec<Vec<(String, u64)>>> {
    let mut all: Vec<Vec<(String, u64)>> = vec![Vec::new(); columns.len()];
    let opened = columns
        .iter()
        .map(|asked| index.segments.text_column(asked.name));
    let opened: Vec<Vec<Option<StrColumn>>> = opened.collect::<tantivy::Result<_>>()?;
    for (place, segment) in index.segments.iter().enumerate() {
        let mut of_segment: Vec<Tally<'_>> = Vec::new();
        for (of, opened) in opened.iter().enumerate() {
            let column = opened[place].as_ref();
            of_segment.extend(column.map(|column| Tally::new(of, column)));
        }
        tally(segment, entries, &mut of_segment);
        for tally in of_segment {
            let counted = tally.counts(columns[tally.of].all_values)?;
            let all = &mut all[tally.of];
            *all = match all.is_empty() {
                true => counted,
                false => added(std::mem::take(all), counted),
            };
        }
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

/// How many entries have each value of a column of a segment.
struct Tally<'a> {
    /// The column's place among those that are counted.
    of: usize,
    column: &'a StrColumn,
    /// By the place of the value.
    counts: Vec<u32>,
}

/// Counts the values that the entries of a segment have, in all columns at once.
fn tally(segment: &Segment, entries: &BitSet, tallies: &mut [Tally<'_>]) {
    let (mut documents, mut rows, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut matching = entries.range(segment.base, segment.base + segment.documents());
    loop {
        documents.clear();
        let batch = matching.by_ref().take(BATCH);
        documents.extend(batch.map(|document| document - segment.base));
        if documents.is_empty() {
            break;
        }
        for tally in &mut *tallies {
            let ordinals = tally.column.ords();
            rows_of(ordinals, &documents, &mut rows);
            values.resize(rows.len(), 0);
            ordinals.values.get_vals(&rows, &mut values);
            for value in &values {
                tally.counts[*value as usize] += 1;
            }
        }
    }
}

impl<'a> Tally<'a> {
    fn new(of: usize, column: &'a StrColumn) -> Self {
        Tally {
            of,
            column,
            counts: vec![0; column.num_terms()],
        }
    }

    /// Returns the values with their counts.
    fn counts(&self, all_values: bool) -> tantivy::Result<Vec<(String, u64)>> {
        let counts = self.counts.iter().map(|count| u64::from(*count));
        let is_wanted = |count: u64| all_values || count > 0;
        let counted = (0..).zip(counts).filter(|(_, count)| is_wanted(*count));
        let (places, counts): (Vec<u64>, Vec<u64>) = counted.unzip();
        // Read forwards: a value looked up alone costs the reading of the block that it stands in.
        let mut values = Vec::with_capacity(places.len());
        let mut counts = counts.into_iter();
        self.column
            .dictionary()
            .sorted_ords_to_term_cb(&places, |value| {
                let value = String::from_utf8_lossy(value).into_owned();
                values.extend(counts.next().map(|count| (value, count)));
            })?;
        Ok(values)
    }
}

/// Reads into `rows` where the values of documents stand in a column.
fn rows_of(column: &columnar::Column<u64>, documents: &[DocId], rows: &mut Vec<u32>) {
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
    use crate::facets::matching;
    use crate::index::{Indexer, IndexerOptions};

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
            let counted =
                column_counts(&index, &[Asked::column(FacetField::Tag.as_str())], &entries);
            let counted = counted.expect("reads").into_iter().flatten();
            let counted: BTreeMap<String, u64> = counted.collect();
            assert_eq!(counted, expected);
        }
    }

    /// Returns what `count` tells of all facets of some entries, where nothing is made ready, or everything.
    fn counted(
        index: &Index,
        entries: &BitSet,
        columns: &KeptColumns,
        limit: usize,
    ) -> Vec<FacetCounts> {
        let fields = (&FacetField::ALL[..], limit);
        count(index, columns, fields, entries, &[], &[]).expect("counts")
    }

    #[test]
    fn counts_over_large_and_small_segments_are_those_of_the_engines_columns() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let options = || IndexerOptions {
            memory_budget_bytes: 0,
            ..IndexerOptions::default()
        };
        let entry = |number: usize, build: usize| Entry {
            id: format!("{number:05}"),
            title: "A title".to_owned(),
            framework: (!number.is_multiple_of(5)).then(|| match (number + build) % 4 {
                0 => "React".to_owned(),
                1 => "react".to_owned(),
                _ => format!("f{}", number % 3),
            }),
            tags: (0..number % 4)
                .map(|tag| {
                    format!(
                        "{}{}",
                        if build == 1 { "T" } else { "t" },
                        (number * 7 + tag * 31) % 700
                    )
                })
                .collect(),
            topic: crate::Topic::new(["/a/b", "/a/c/d", "/B"][number % 3]),
            ..Entry::default()
        };
        let mut indexer = Indexer::create(dir.path(), options()).expect("creates");
        (0..11_000).for_each(|number| indexer.add(entry(number, 0)).expect("is added"));
        indexer.commit().expect("is written");
        // Some in place of others, and new ones.
        for (build, numbers) in [(1, 10_500..13_000), (2, 12_900..13_100)] {
            let mut indexer = Indexer::update(dir.path(), options()).expect("begins");
            numbers.for_each(|number| indexer.add(entry(number, build)).expect("is added"));
            indexer.commit().expect("is written");
            let index = Index::open(dir.path()).expect("opens");
            assert_eq!(index.segments.iter().len(), build + 1);
            let has_file = index
                .segments
                .iter()
                .map(|segment| segment.written_facet(FacetField::Tag).is_some());
            assert_eq!(has_file.filter(|has_file| *has_file).count(), 2);
            // What filters let pass is known of large segments, also where some of it is deleted.
            for (folded, spelling) in [("/a", "/a"), ("/b", "/B"), ("/a/c/d", "/a/c/d")] {
                let filter = Filter::any_of(FacetField::Topic, vec![spelling.to_owned()]);
                let passing = matching(&index, &filter).expect("reads");
                let asked = [Asked::column(FacetField::Topic.as_str())];
                let all = column_counts(&index, &asked, &index.segments.all()).expect("reads");
                let of_passing = column_counts(&index, &asked, &passing).expect("reads");
                let count = |counts: &[Vec<(String, u64)>]| -> u64 {
                    let of_value = counts[0]
                        .iter()
                        .filter(|(value, _)| value.to_lowercase() == folded);
                    of_value.map(|(_, count)| count).sum()
                };
                assert_eq!(count(&all), passing.len());
                assert_eq!(count(&of_passing), passing.len());
            }
            for share in [1, 3, 100, 3_000] {
                let mut entries = index.segments.all();
                for document in entries.clone().iter() {
                    if !document.is_multiple_of(share) {
                        entries.remove(document);
                    }
                }
                let asked = FacetField::ALL.map(|field| Asked::column(field.as_str()));
                let by_columns = column_counts(&index, &asked, &entries).expect("reads");
                let columns = KeptColumns::default();
                let first = counted(&index, &entries, &columns, usize::MAX);
                for ((field, found), expected) in
                    FacetField::ALL.into_iter().zip(&first).zip(by_columns)
                {
                    let leading = Leading {
                        counts: expected,
                        more: 0,
                    };
                    let named = Named::new(field, &[]);
                    assert_eq!(
                        *found,
                        facet_counts(field, leading, usize::MAX, Vec::new(), &named)
                    );
                }
                for again in 0..20 {
                    let all = counted(&index, &entries, &columns, usize::MAX);
                    assert_eq!(all, first, "{again}");
                    let mut leading = counted(&index, &entries, &columns, 3);
                    for (leading, all) in leading.iter_mut().zip(all) {
                        if comes_by_count(leading.field) {
                            assert_eq!(leading.more, all.values.len().saturating_sub(3));
                            assert_eq!(leading.values, all.values[..all.values.len().min(3)]);
                        }
                    }
                }
            }
        }
    }
}
