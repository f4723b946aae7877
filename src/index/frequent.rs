//! What a search wants to know of terms that many documents have, without reading their postings.
//!
//! Each segment of some size has a file of it beside those of the engine, made from the postings when the segment is new. It has
//! the *documents* of the most frequent terms of each scored field, a bit each: one word in place of up to 64 postings. And it has
//! those documents that score the *best* for a word that is asked for alone. A term is known by where its postings begin. And it
//! has where the *phrases* of the built-in vocabulary stand, which many queries ask for without a word of it: `big O` for
//! `complexity`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tantivy::directory::{Directory, MmapDirectory, OwnedBytes};
use tantivy::postings::TermInfo;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, InvertedIndexReader, SegmentReader};

use super::Tokens;
use super::segments::Segments;
use crate::accumulate::{CHUNK, FieldLengths, lengths};
use crate::query::Vocabulary;
use crate::query::compile::{BM25, TITLE_WEIGHT};
use crate::schema::{self, Fields};
use crate::search::phrase::{self, Occurrences};
use crate::work::Work;

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
/// How many rows and phrases there are, how many documents the segment has, and the average length of each field's texts.
const HEAD: usize = 12 + 4 * FIELDS;
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

/// Writes the files of the segments that have none yet into the folder of a generation, and removes those of segments that
/// are no more.
pub(super) fn update(
    generation: &Path,
    segments: &Segments,
    fields: &Fields,
    averages: [f32; FIELDS],
) -> tantivy::Result<()> {
    let segments = segments.whole();
    let known = segments.iter().enumerate();
    let known = known.filter(|(_, segment)| has_file(&segment.reader));
    let named: Vec<(usize, String)> = known
        .map(|(place, segment)| (place, file_name(&segment.reader)))
        .collect();
    for file in std::fs::read_dir(generation)? {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        if is_of_frequent_terms(&name) && !named.iter().any(|(_, known)| *known == name) {
            std::fs::remove_file(file.path())?;
        }
    }
    for (place, name) in named {
        let path = generation.join(name);
        if !path.exists() {
            let mut file = BufWriter::new(File::create(path)?);
            write(&segments, place, fields, averages, &mut file)?;
            file.into_inner().map_err(io::IntoInnerError::into_error)?;
        }
    }
    Ok(())
}

/// A frequent term of a field.
struct Row {
    field: usize,
    info: TermInfo,
    /// The same term in titles, where it has best documents.
    in_titles: Option<TermInfo>,
    /// Where its set of documents begins in the file; 0 for none.
    set: usize,
    /// Where its best documents begin; 0 for none.
    best: usize,
}

/// Returns what a term is found by.
fn key(field: usize, info: &TermInfo) -> u64 {
    (info.postings_range.start as u64) << 1 | field as u64
}

fn chunks(documents: DocId) -> usize {
    (documents as usize).div_ceil(CHUNK)
}

/// A scored field of a segment.
struct ScoredField {
    inverted: std::sync::Arc<InvertedIndexReader>,
    lengths: FieldLengths,
}

/// Returns the frequent terms of a segment in the order of their keys, with their places in its file, which has so many phrases;
/// and where it goes on.
fn rows(fields: &[ScoredField], documents: DocId, phrases: usize) -> io::Result<(Vec<Row>, usize)> {
    let least_of_set = LEAST_DOCUMENTS.max(documents.div_ceil(SET_SHARE));
    let mut rows = Vec::new();
    for (field, scored) in fields.iter().enumerate() {
        let mut terms = scored.inverted.terms().stream()?;
        while terms.advance() {
            let info = terms.value();
            let has_best = field == ALL && info.doc_freq >= LEAST_DOCUMENTS;
            let has_set = info.doc_freq >= least_of_set;
            if !has_best && !has_set {
                continue;
            }
            let titles = fields.last().filter(|_| has_best);
            let in_titles = titles.map(|titles| titles.inverted.terms().get(terms.key()));
            rows.push(Row {
                field,
                info: info.clone(),
                in_titles: in_titles.transpose()?.flatten(),
                set: usize::from(has_set),
                best: usize::from(has_best),
            });
        }
    }
    rows.sort_by_key(|row| key(row.field, &row.info));
    let mut at = HEAD + ROW * rows.len() + PHRASE * phrases;
    let mut place = |is_there: &mut usize, bytes: usize| {
        if *is_there > 0 {
            *is_there = at;
            at += bytes;
        }
    };
    for row in &mut rows {
        place(&mut row.set, 8 * chunks(documents));
    }
    for row in &mut rows {
        place(&mut row.best, BEST_BYTES);
    }
    Ok((rows, at))
}

/// Writes the file of a segment whose texts have these lengths on average.
fn write(
    segments: &Segments,
    place: usize,
    fields: &Fields,
    averages: [f32; FIELDS],
    out: &mut impl Write,
) -> tantivy::Result<()> {
    let Some(segment) = segments.iter().nth(place).map(|segment| &segment.reader) else {
        return Ok(());
    };
    let documents = segment.max_doc();
    let open = |(field, average): (Field, f32)| {
        Ok(ScoredField {
            inverted: segment.inverted_index(field)?,
            lengths: FieldLengths::new(lengths(segment, field)?, average, BM25),
        })
    };
    let phrases = phrases(segments, place, fields)?;
    let fields = scored(fields).into_iter().zip(averages).map(open);
    let fields: Vec<ScoredField> = fields.collect::<tantivy::Result<_>>()?;
    let (rows, mut at) = rows(&fields, documents, phrases.len())?;
    for number in [rows.len() as u32, phrases.len() as u32, documents] {
        out.write_all(&number.to_le_bytes())?;
    }
    for average in averages {
        out.write_all(&average.to_le_bytes())?;
    }
    for row in &rows {
        for number in [key(row.field, &row.info), row.set as u64, row.best as u64] {
            out.write_all(&number.to_le_bytes())?;
        }
    }
    for (hash, found) in &phrases {
        out.write_all(&hash.to_le_bytes())?;
        for found in found {
            out.write_all(&(at as u64).to_le_bytes())?;
            at += 4 * (1 + 2 * found.documents.len() + found.places.len());
        }
    }
    let mut set = vec![0u64; chunks(documents)];
    for row in rows.iter().filter(|row| row.set > 0) {
        set.fill(0);
        let inverted = &fields[row.field].inverted;
        let mut blocks =
            inverted.read_block_postings_from_terminfo(&row.info, IndexRecordOption::Basic)?;
        while !blocks.docs().is_empty() {
            for document in blocks.docs() {
                set[*document as usize / CHUNK] |= 1 << (*document as usize % CHUNK);
            }
            blocks.advance();
        }
        for word in &set {
            out.write_all(&word.to_le_bytes())?;
        }
    }
    for row in rows.iter().filter(|row| row.best > 0) {
        let mut scores = scores(&fields, row)?;
        for count in BEST {
            let (best, others) = best(&mut scores, count);
            out.write_all(&others.to_le_bytes())?;
            for document in best {
                out.write_all(&document.to_le_bytes())?;
            }
        }
    }
    for found in phrases.iter().flat_map(|(_, found)| found) {
        out.write_all(&(found.documents.len() as u32).to_le_bytes())?;
        for numbers in [&found.documents, &found.frequencies, &found.places] {
            for number in numbers {
                out.write_all(&number.to_le_bytes())?;
            }
        }
    }
    Ok(())
}

/// Returns the phrases of the built-in vocabulary, by their hashes, with where they stand in each scored field of a segment.
fn phrases(
    segments: &Segments,
    place: usize,
    fields: &Fields,
) -> tantivy::Result<Vec<(u64, [Occurrences; FIELDS])>> {
    let [all, titles] = scored(fields).map(|field| segments.field(field));
    let (all, titles) = (all?, titles?);
    let mut phrases = Vec::new();
    for phrase in Vocabulary::built_in_phrases() {
        let words: Vec<(&str, usize)> = phrase
            .iter()
            .map(|(term, place)| (term.as_str(), *place))
            .collect();
        let find = |field| phrase::occurrences_in(field, place, &words, &mut Work::default());
        phrases.push((hash(&words), [find(&all)?, find(&titles)?]));
    }
    phrases.sort_by_key(|(hash, _)| *hash);
    Ok(phrases)
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

/// Returns the documents that have a word, with what they score for it alone before weight.
fn scores(fields: &[ScoredField], row: &Row) -> io::Result<Vec<(f32, DocId)>> {
    let mut scores: Vec<(f32, DocId)> = Vec::with_capacity(row.info.doc_freq as usize);
    add(&fields[ALL], &row.info, |document, score| {
        scores.push((score, document));
    })?;
    if let (Some(titles), Some(info)) = (fields.last(), &row.in_titles) {
        // A word of a title is in all text, too: its documents are among those, in the same order.
        let mut at = 0;
        add(titles, info, |document, score| {
            while scores.get(at).is_some_and(|(_, other)| *other < document) {
                at += 1;
            }
            if let Some((sum, other)) = scores.get_mut(at)
                && *other == document
            {
                *sum += TITLE_WEIGHT * score;
            }
        })?;
    }
    Ok(scores)
}

/// Returns so many documents that score the most, in their order, and what all others score at most.
fn best(scores: &mut [(f32, DocId)], count: usize) -> (Vec<DocId>, f32) {
    scores.select_nth_unstable_by(count - 1, |left, right| {
        right.0.total_cmp(&left.0).then(left.1.cmp(&right.1))
    });
    let (best, others) = scores.split_at(count);
    let mut best: Vec<DocId> = best.iter().map(|(_, document)| *document).collect();
    best.sort_unstable();
    let others = others.iter().map(|(score, _)| *score);
    (best, others.fold(0.0, f32::max))
}

/// Calls `add` with the documents of a term and what BM25 makes of it in each, before weight.
fn add(field: &ScoredField, info: &TermInfo, mut add: impl FnMut(DocId, f32)) -> io::Result<()> {
    let with_frequencies = IndexRecordOption::WithFreqs;
    let mut blocks = field
        .inverted
        .read_block_postings_from_terminfo(info, with_frequencies)?;
    while !blocks.docs().is_empty() {
        for (document, frequency) in blocks.docs().iter().zip(blocks.freqs()) {
            add(*document, field.lengths.saturate(*document, *frequency));
        }
        blocks.advance();
    }
    Ok(())
}

/// Writes nothing, and fails where what is written is not what is expected.
struct Compared<'a>(&'a [u8]);

impl Write for Compared<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.strip_prefix(bytes) {
            Some(rest) => self.0 = rest,
            None => return Err(io::Error::other("it is not what the postings make")),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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
    averages: [f32; FIELDS],
    rows: usize,
    phrases: usize,
    /// The documents of the segment.
    documents: DocId,
}

impl FrequentTerms {
    /// Opens the file of a segment in the folder of a generation; `None` when it has none. Maps it.
    pub(super) fn open(
        directory: &MmapDirectory,
        segment: &SegmentReader,
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
            (counts, u32::from_le_bytes(documents), averages)
        });
        match head {
            Some(([rows, phrases], documents, averages))
                if documents == segment.max_doc()
                    && bytes.len() >= HEAD + rows * ROW + phrases * PHRASE =>
            {
                Ok(Some(FrequentTerms {
                    bytes,
                    averages,
                    rows,
                    phrases,
                    documents,
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
    pub(super) fn phrase(&self, field: usize, words: &[(&str, usize)]) -> Option<Occurrences> {
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
        let places: usize = frequencies.iter().map(|times| *times as usize).sum();
        Some(Occurrences {
            places: read(2 * count..2 * count + places)?,
            documents,
            frequencies,
        })
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

    /// Returns the documents that have a term of a scored field, a bit each in little-endian words, where they are known.
    pub(super) fn documents(&self, field: usize, info: &TermInfo) -> Option<&[[u8; 8]]> {
        match self.row(field, info)? {
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
    use crate::{Entry, body};

    fn index(dir: &Path, entries: usize) -> Index {
        let mut indexer = Indexer::create(dir, IndexerOptions::default()).expect("a build starts");
        for number in 0..entries {
            let text = match number % 3 {
                0 => "often seldom",
                _ => "often often",
            };
            let entry = Entry {
                id: format!("e{number}"),
                title: "Often".to_owned(),
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
        let segment = index.segments.iter().next().expect("has one");
        let known = segment.frequent.as_ref().expect("is large enough");
        known
            .check(&index.segments.whole(), 0, &index.fields)
            .expect("is as it was written");
        let [all, titles] =
            scored(&index.fields).map(|field| index.segments.field(field).expect("is indexed"));
        let term = |field: &crate::index::segments::FieldIndex<'_>, text: &str| {
            field.term(text).expect("is read").expect("is there")
        };
        for (field, text, documents) in [
            (&all, "often", 7_000),
            (&all, "seldom", 2_334),
            (&titles, "often", 7_000),
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
    fn a_file_that_says_something_else_is_found_by_a_check() {
        let dir = tempfile::tempdir().expect("a folder");
        let index = index(dir.path(), 2_100);
        let segment = index.segments.iter().next().expect("has one");
        let known = segment.frequent.as_ref().expect("is large enough");
        let length = known.bytes.len();
        for at in [HEAD, HEAD + ROW * known.rows + 100, length - 1, length] {
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
        let segment = index.segments.iter().next().expect("has one");
        assert!(segment.frequent.is_none());
        assert!(
            !index
                .meta
                .files
                .keys()
                .any(|name| is_of_frequent_terms(name))
        );
    }
}
