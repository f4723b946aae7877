//! What a search wants to know of terms that many documents have, without reading their postings.
//!
//! Each segment of some size has a file of it beside those of the engine, made from the postings when the segment is new. It has
//! the *documents* of the most frequent terms of each scored field, and of each facet for filters, a bit each: one word in place of
//! up to 64 postings. And it has
//! those documents that score the *best* for a word that is asked for alone. A term is known by where its postings begin. And it
//! has where the *phrases* of the built-in vocabulary stand, which many queries ask for without a word of it: `big O` for
//! `complexity`. Behind all of that are the columns of facets as they are counted ([`super::facet_columns`]).

mod write;

use std::path::Path;

use tantivy::directory::{Directory, MmapDirectory, OwnedBytes};
use tantivy::postings::TermInfo;
use tantivy::schema::Field;
use tantivy::{DocId, SegmentReader};

use super::Tokens;
use super::facet_columns::FacetColumn;
use super::segments::Segments;
use crate::accumulate::CHUNK;
use crate::facets::FacetField;
use crate::schema::{self, Fields};
use crate::search::phrase::Occurrences;
use write::{Compared, write};

pub(super) use write::update;

/// What the names of these files end with, behind the segment's.
const NAME_END: &str = ".frequent";

/// Fewer postings are scored in some ten microseconds.
const LEAST_DOCUMENTS: u32 = 2_048;
/// When one of so many documents has a term, a bit for each is less work than the postings.
const SET_SHARE: u32 = 16;
/// How many of the best documents are known: those of a page, and many more for where others score as much as its last.
const BEST: [usize; 2] = [32, 256];

/// The scored fields: all text, and titles.
const FIELDS: usize = 2;
const ALL: usize = 0;
/// The fields of which frequent terms are known: the scored ones, and behind them those of facets, for filters.
const ALL_FIELDS: usize = FIELDS + FacetField::ALL.len();
/// How many rows and phrases there are, how many documents the segment has, the average length of each field's texts, and where the
/// columns of facets begin.
const HEAD: usize = 12 + 4 * FIELDS + 8;
/// What a phrase takes beside where it stands: a hash of its words, and where that begins for each field.
const PHRASE: usize = 8 + 8 * FIELDS;
/// What a row takes: the key, where the set of documents begins, and where the best ones do; 0 for none.
const ROW: usize = 24;
/// What the best documents of a term take: each list behind what all others score at most.
const BEST_BYTES: usize = 4 * (1 + BEST[0] + 1 + BEST[1]);

/// Returns the file name of a segment's.
fn file_name(segment: &SegmentReader) -> String {
    format!("{}{NAME_END}", segment.segment_id().uuid_string())
}

/// Returns whether a file of a generation is one of these.
pub(crate) fn is_of_frequent_terms(name: &str) -> bool {
    name.ends_with(NAME_END)
}

/// Returns whether a segment has such a file.
fn has_file(segment: &SegmentReader) -> bool {
    segment.max_doc() >= LEAST_DOCUMENTS
}

/// Returns the fields that are scored, in the order in which files have them.
pub(super) fn scored(fields: &Fields) -> [Field; FIELDS] {
    [fields.all, fields.title]
}

/// Returns how long the texts of each scored field are on average.
pub(crate) fn averages(tokens: &Tokens, entries: u64) -> [f32; FIELDS] {
    [tokens.all, tokens.title].map(|tokens| tokens as f32 / entries.max(1) as f32)
}

/// Returns the fields of which frequent terms are known, in the order in which files have them.
fn known_fields(fields: &Fields) -> [Field; ALL_FIELDS] {
    let mut all = [fields.all; ALL_FIELDS];
    let facets = FacetField::ALL.map(|facet| fields.facet(facet));
    for (place, field) in scored(fields).into_iter().chain(facets).enumerate() {
        all[place] = field;
    }
    all
}

/// Returns what a term is found by.
fn key(field: usize, info: &TermInfo) -> u64 {
    (info.postings_range.start as u64) << ALL_FIELDS.next_power_of_two().trailing_zeros()
        | field as u64
}

fn chunks(documents: DocId) -> usize {
    (documents as usize).div_ceil(CHUNK)
}

/// Returns what a phrase is found by.
fn hash(words: &[(&str, usize)]) -> u64 {
    let mut text = String::new();
    for (word, place) in words {
        text.push_str(word);
        text.push_str(&format!("\t{place}\n"));
    }
    schema::hash(text.as_bytes())
}

/// The documents that score the most for a word that is asked for alone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BestDocuments<'a> {
    /// Their numbers in order, little-endian.
    pub(crate) documents: &'a [[u8; 4]],
    /// What BM25 makes of the word in every other document at most, before weight, titles included.
    pub(crate) others: f32,
}

/// The file of a segment, open for reading.
pub(crate) struct FrequentTerms {
    bytes: OwnedBytes,
    fields: [Field; ALL_FIELDS],
    averages: [f32; FIELDS],
    rows: usize,
    phrases: usize,
    /// The documents of the segment.
    documents: DocId,
    /// Where the columns of facets begin.
    facets: usize,
}

impl FrequentTerms {
    /// Opens the file of a segment in the folder of a generation; `None` when it has none. Maps it.
    pub(super) fn open(
        directory: &MmapDirectory,
        segment: &SegmentReader,
        fields: &Fields,
    ) -> tantivy::Result<Option<Self>> {
        if !has_file(segment) {
            return Ok(None);
        }
        let name = file_name(segment);
        let bytes = directory.open_read(Path::new(&name))?.read_bytes()?;
        let head = bytes.first_chunk::<HEAD>().map(|head| {
            let [rows, phrases, documents, all, titles] =
                [0, 1, 2, 3, 4].map(|at| head.as_chunks().0[at]);
            let counts = [rows, phrases].map(|count| u32::from_le_bytes(count) as usize);
            let averages = [all, titles].map(f32::from_le_bytes);
            let facets = head.last_chunk().copied().map(u64::from_le_bytes);
            (
                counts,
                u32::from_le_bytes(documents),
                averages,
                facets.unwrap_or_default() as usize,
            )
        });
        match head {
            Some(([rows, phrases], documents, averages, facets))
                if documents == segment.max_doc()
                    && bytes.len() >= HEAD + rows * ROW + phrases * PHRASE =>
            {
                Ok(Some(FrequentTerms {
                    bytes,
                    fields: known_fields(fields),
                    averages,
                    rows,
                    phrases,
                    documents,
                    facets,
                }))
            }
            _ => {
                let message = format!("`{name}` is not of its segment");
                Err(tantivy::TantivyError::InternalError(message))
            }
        }
    }

    /// Returns where words stand next to each other in a scored field, each with its place in the phrase; `None` for what is no
    /// phrase of the built-in vocabulary. Deleted documents are among them.
    pub(super) fn phrase(&self, field: Field, words: &[(&str, usize)]) -> Option<Occurrences> {
        let field = self.place(field).filter(|field| *field < FIELDS)?;
        let from = HEAD + self.rows * ROW;
        let phrases = self.bytes.get(from..from + self.phrases * PHRASE)?;
        let (phrases, _) = phrases.as_chunks::<PHRASE>();
        let number =
            |row: &[u8; PHRASE], place: usize| u64::from_le_bytes(row.as_chunks().0[place]);
        let hash = hash(words);
        let found = phrases
            .binary_search_by_key(&hash, |row| number(row, 0))
            .ok()?;
        let at = number(&phrases[found], 1 + field) as usize;
        let (count, numbers) = self.bytes.get(at..)?.as_chunks::<4>().0.split_first()?;
        let count = u32::from_le_bytes(*count) as usize;
        let read = |range: std::ops::Range<usize>| -> Option<Vec<u32>> {
            let numbers = numbers.get(range)?.iter();
            Some(numbers.map(|number| u32::from_le_bytes(*number)).collect())
        };
        let (documents, frequencies) = (read(0..count)?, read(count..2 * count)?);
        // What a changed bit has made of them is looked for anew.
        let are_there = documents.last().is_none_or(|last| *last < self.documents);
        if !are_there || !documents.is_sorted() {
            return None;
        }
        let places: usize = frequencies.iter().map(|times| *times as usize).sum();
        Some(Occurrences {
            places: read(2 * count..2 * count + places)?,
            documents,
            frequencies,
        })
    }

    /// Returns the column of a facet; `None` for what a changed bit has made of one.
    pub(super) fn facet(&self, field: FacetField) -> Option<FacetColumn<'_>> {
        FacetColumn::open(self.bytes.get(self.facets..)?, field, self.documents)
    }

    /// Returns the place of a field among those of which frequent terms are known.
    fn place(&self, field: Field) -> Option<usize> {
        self.fields.iter().position(|known| *known == field)
    }

    /// Returns the places of a term's set and of its best documents.
    fn row(&self, field: usize, info: &TermInfo) -> Option<[usize; 2]> {
        if info.doc_freq < LEAST_DOCUMENTS {
            return None;
        }
        let (rows, _) = self
            .bytes
            .get(HEAD..HEAD + self.rows * ROW)?
            .as_chunks::<ROW>();
        let number = |row: &[u8; ROW], place: usize| u64::from_le_bytes(row.as_chunks().0[place]);
        let key = key(field, info);
        let row = rows.binary_search_by_key(&key, |row| number(row, 0)).ok()?;
        Some([1, 2].map(|place| number(&rows[row], place) as usize))
    }

    /// Returns the documents that have a term of a scored field or a facet, a bit each in little-endian words, where they are known.
    pub(super) fn documents(&self, field: Field, info: &TermInfo) -> Option<&[[u8; 8]]> {
        match self.row(self.place(field)?, info)? {
            [0, _] => None,
            [set, _] => {
                let set = self.bytes.get(set..)?.get(..8 * chunks(self.documents))?;
                Some(set.as_chunks().0)
            }
        }
    }

    /// Returns the best documents of a term of all text, first the fewest, when texts are so long on average now; none where they
    /// are not known.
    pub(super) fn best(
        &self,
        info: &TermInfo,
        averages: [f32; FIELDS],
    ) -> Option<[BestDocuments<'_>; BEST.len()]> {
        let at = match self.row(ALL, info)? {
            [_, 0] => return None,
            [_, best] => best,
        };
        let (numbers, _) = self.bytes.get(at..)?.get(..BEST_BYTES)?.as_chunks::<4>();
        // Where texts have become longer on average, the same length takes less from a score: by no more than the averages
        // differ. Where they have become shorter it takes more.
        let grown = averages
            .iter()
            .zip(self.averages)
            .map(|(now, then)| now / then);
        let grown = grown.fold(1.0, f32::max);
        let (fewest, most) = numbers.split_at(1 + BEST[0]);
        Some([fewest, most].map(|numbers| BestDocuments {
            documents: &numbers[1..],
            others: f32::from_le_bytes(numbers[0]) * grown,
        }))
    }

    /// Fails when the file is not what the postings of its segment make; the segments are whole.
    pub(super) fn check(
        &self,
        segments: &Segments,
        place: usize,
        fields: &Fields,
    ) -> tantivy::Result<()> {
        let name = segments
            .iter()
            .nth(place)
            .map(|segment| file_name(&segment.reader));
        let failed = |what: String| {
            let message = format!("`{}`: {what}", name.clone().unwrap_or_default());
            tantivy::TantivyError::InternalError(message)
        };
        let mut compared = Compared(&self.bytes);
        write(segments, place, fields, self.averages, &mut compared)
            .map_err(|error| failed(error.to_string()))?;
        match compared.0 {
            [] => Ok(()),
            rest => Err(failed(format!("it has {} bytes too many", rest.len()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{Index, Indexer, IndexerOptions};
    use crate::query::Vocabulary;
    use crate::search::phrase;
    use crate::work::Work;
    use crate::{Entry, body};

    /// Returns what is known of the only segment of an index.
    fn known(index: &Index) -> Option<&FrequentTerms> {
        let segment = index.segments.iter().next().expect("has one");
        segment.frequent.as_ref()
    }

    fn index(dir: &Path, entries: usize) -> Index {
        let mut indexer = Indexer::create(dir, IndexerOptions::default()).expect("a build starts");
        for number in 0..entries {
            let text = match number % 3 {
                0 => "often seldom",
                1 => "often often",
                _ => "big often O, but a big O notation is a big O",
            };
            let entry = Entry {
                id: format!("e{number}"),
                title: "Often".to_owned(),
                difficulty: number.is_multiple_of(2).then_some(crate::Difficulty::Easy),
                question: body::from_markdown(text),
                ..Entry::default()
            };
            indexer.add(entry).expect("is added");
        }
        indexer.commit().expect("is committed");
        Index::open(dir).expect("opens")
    }

    #[test]
    fn what_is_known_of_a_term_is_what_its_postings_say() {
        let dir = tempfile::tempdir().expect("a folder");
        let index = index(dir.path(), 7_000);
        let known = known(&index).expect("is large enough");
        known
            .check(&index.segments.whole(), 0, &index.fields)
            .expect("is as it was written");
        let [all, titles] =
            scored(&index.fields).map(|field| index.segments.field(field).expect("is indexed"));
        let difficulties = index.fields.facet(FacetField::Difficulty);
        let difficulties = index.segments.field(difficulties).expect("is indexed");
        let term = |field: &crate::index::segments::FieldIndex<'_>, text: &str| {
            field.term(text).expect("is read").expect("is there")
        };
        for (field, text, documents) in [
            (&all, "often", 7_000),
            (&all, "seldom", 2_334),
            (&titles, "often", 7_000),
            (&difficulties, "easy", 3_500),
        ] {
            let found = field.documents(&term(field, text), 0).expect("is frequent");
            let count = found
                .iter()
                .map(|word| u64::from_le_bytes(*word).count_ones());
            assert_eq!(count.sum::<u32>(), documents, "{text}");
        }
        let averages = averages(&index.meta.tokens, index.meta.entries);
        let best = |averages| {
            let best = all.best(&term(&all, "seldom"), 0, averages);
            best.expect("is frequent")
        };
        for (best, later) in best(averages)
            .iter()
            .zip(best(averages.map(|now| now * 2.0)))
        {
            let number = |document: &[u8; 4]| u32::from_le_bytes(*document);
            assert!(best.documents.is_sorted_by_key(number));
            assert_eq!(best.documents, later.documents);
            assert!(best.others > 0.0);
            assert!((later.others - 2.0 * best.others).abs() < 1e-5);
        }
        assert_eq!(best(averages).map(|best| best.documents.len()), BEST);
    }

    #[test]
    fn known_phrases_stand_where_their_words_do() {
        let dir = tempfile::tempdir().expect("a folder");
        let index = index(dir.path(), 2_400);
        let all = index.segments.field(index.fields.all).expect("is indexed");
        let mut found = 0;
        for phrase in Vocabulary::built_in_phrases() {
            let words = phrase.iter().map(|(term, place)| (term.as_str(), *place));
            let words: Vec<(&str, usize)> = words.collect();
            let known = all.known_phrase(0, &words).expect("is known");
            let expected = phrase::occurrences_in(&all, 0, &words, &mut Work::default());
            assert_eq!(known, expected.expect("is read"), "{words:?}");
            found += known.places.len();
        }
        // Twice in each third entry.
        assert_eq!(found, 2 * 800);
        assert!(
            all.known_phrase(0, &[("often", 0), ("seldom", 1)])
                .is_none()
        );
    }

    #[test]
    fn a_file_that_says_something_else_is_found_by_a_check() {
        let dir = tempfile::tempdir().expect("a folder");
        let index = index(dir.path(), 2_100);
        let known = known(&index).expect("is large enough");
        let length = known.bytes.len();
        let row = HEAD + ROW * known.rows + 100;
        for at in [HEAD, row, known.facets, length - 1, length] {
            let mut bytes = known.bytes.to_vec();
            match bytes.get_mut(at) {
                Some(byte) => *byte ^= 1,
                None => bytes.push(0),
            }
            let other = FrequentTerms {
                bytes: OwnedBytes::new(bytes),
                ..*known
            };
            assert!(
                other
                    .check(&index.segments.whole(), 0, &index.fields)
                    .is_err(),
                "{at}"
            );
        }
    }

    #[test]
    fn a_small_segment_has_no_file() {
        let dir = tempfile::tempdir().expect("a folder");
        let index = index(dir.path(), 2_000);
        assert!(known(&index).is_none());
        assert!(
            !index
                .meta
                .files
                .keys()
                .any(|name| is_of_frequent_terms(name))
        );
    }
}
