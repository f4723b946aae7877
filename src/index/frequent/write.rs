//! Made of the postings of a segment, and written.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use tantivy::postings::TermInfo;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, InvertedIndexReader};

use super::{
    ALL, BEST, BEST_BYTES, FIELDS, HEAD, LEAST_DOCUMENTS, PHRASE, ROW, SET_SHARE, chunks,
    file_name, has_file, hash, is_of_frequent_terms, key, scored,
};
use crate::accumulate::{CHUNK, FieldLengths, lengths};
use crate::facets::FacetField;
use crate::index::facet_columns;
use crate::index::segments::Segments;
use crate::query::Vocabulary;
use crate::query::compile::{BM25, TITLE_WEIGHT};
use crate::schema::Fields;
use crate::search::phrase::{self, Occurrences};
use crate::work::Work;

/// Writes the files of the segments that have none yet into the folder of a generation, and removes those of segments that
/// are no more.
pub(in crate::index) fn update(
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
    for file in fs::read_dir(generation)? {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        if is_of_frequent_terms(&name) && !named.iter().any(|(_, known)| *known == name) {
            fs::remove_file(file.path())?;
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

/// A scored field of a segment.
struct ScoredField {
    inverted: Arc<InvertedIndexReader>,
    lengths: FieldLengths,
}

/// Returns the frequent terms of a segment in the order of their keys, with their places in its file, which has so many phrases;
/// and where it goes on. `fields` are the scored ones, `facets` those behind them.
fn rows(
    fields: &[ScoredField],
    facets: &[Arc<InvertedIndexReader>],
    documents: DocId,
    phrases: usize,
) -> io::Result<(Vec<Row>, usize)> {
    let least_of_set = LEAST_DOCUMENTS.max(documents.div_ceil(SET_SHARE));
    let mut rows = Vec::new();
    let scored = fields.iter().map(|scored| &scored.inverted);
    for (field, inverted) in scored.chain(facets).enumerate() {
        let mut terms = inverted.terms().stream()?;
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
pub(super) fn write(
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
    let facets = FacetField::ALL.map(|facet| segment.inverted_index(fields.facet(facet)));
    let facets: Vec<Arc<InvertedIndexReader>> =
        facets.into_iter().collect::<tantivy::Result<_>>()?;
    let fields = scored(fields).into_iter().zip(averages).map(open);
    let fields: Vec<ScoredField> = fields.collect::<tantivy::Result<_>>()?;
    let (rows, mut at) = rows(&fields, &facets, documents, phrases.len())?;
    for number in [rows.len() as u32, phrases.len() as u32, documents] {
        out.write_all(&number.to_le_bytes())?;
    }
    for average in averages {
        out.write_all(&average.to_le_bytes())?;
    }
    let all_found = phrases.iter().flat_map(|(_, found)| found);
    let columns = at + all_found.map(phrase_bytes).sum::<usize>();
    out.write_all(&(columns as u64).to_le_bytes())?;
    for row in &rows {
        for number in [key(row.field, &row.info), row.set as u64, row.best as u64] {
            out.write_all(&number.to_le_bytes())?;
        }
    }
    for (hash, found) in &phrases {
        out.write_all(&hash.to_le_bytes())?;
        for found in found {
            out.write_all(&(at as u64).to_le_bytes())?;
            at += phrase_bytes(found);
        }
    }
    let mut set = vec![0u64; chunks(documents)];
    for row in rows.iter().filter(|row| row.set > 0) {
        set.fill(0);
        let inverted = match row.field.checked_sub(FIELDS) {
            Some(facet) => &facets[facet],
            None => &fields[row.field].inverted,
        };
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
    facet_columns::write(segment, out)
}

/// Returns how many bytes it takes where a phrase stands in a field.
fn phrase_bytes(found: &Occurrences) -> usize {
    4 * (1 + 2 * found.documents.len() + found.places.len())
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
pub(super) struct Compared<'a>(pub(super) &'a [u8]);

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
