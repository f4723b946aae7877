//! The fields of the index, and how an entry becomes a document and a document an entry. Field names stand here only.

pub(crate) mod stored;

use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{TantivyDocument, Term};

use crate::analysis::{self, FieldTokens};
use crate::body::Block;
use crate::entry::{Entry, Format};
use crate::facets::FacetField;
use crate::message;

/// The version of the fields and of the files around them. Raise it with every change that an older index lacks.
pub(crate) const FORMAT: u32 = 10;

/// The field of the messages of errors.
pub(crate) const MESSAGE: &str = "message";
/// The fast field that ties are broken by, and that ids are read from.
pub(crate) const ID: &str = "id";
/// The fast field of the number of the record that an entry is stored in.
pub(crate) const RECORD: &str = "record";
/// The fast field of the hash of an entry as it is stored.
pub(crate) const HASH: &str = "hash";
/// The fast field of an entry's votes.
pub(crate) const SCORE: &str = "score";
/// The fast field of an entry's last change.
pub(crate) const UPDATED: &str = "updated";
/// The fast field of whether an entry has an accepted answer.
pub(crate) const ACCEPTED: &str = "accepted";
/// The fast field of whether an entry has an answer.
pub(crate) const ANSWERED: &str = "answered";
/// The fast field of the format an entry was read from.
pub(crate) const FORMAT_NAME: &str = "format";

/// The schema with handles of its fields.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    /// The schema that the handles belong to.
    pub(crate) schema: Schema,
    /// The entry's id, whole.
    pub(crate) id: Field,
    /// Every text of the entry: title, question, answers, and the names of its topics.
    pub(crate) all: Field,
    /// The title once more, so that a match in it weighs more.
    pub(crate) title: Field,
    /// The names in all of it as they were written, for telling `getUserName` from `get_user_name`.
    pub(crate) spelling: Field,
    /// Its words of prose as they are written, for spelling.
    pub(crate) words: Field,
    /// The messages of errors that the entry quotes, in the terms of [`crate::message`].
    pub(crate) message: Field,
    facets: [Field; FacetField::ALL.len()],
    record: Field,
    hash: Field,
    score: Field,
    updated: Field,
    accepted: Field,
    answered: Field,
    format: Field,
}

impl Fields {
    /// Returns the fields of a new index.
    pub(crate) fn new() -> Self {
        let mut schema = Schema::builder();
        let text = |record| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(analysis::TEXT)
                .set_index_option(record);
            TextOptions::default().set_indexing_options(indexing)
        };
        let words = || {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(analysis::WORDS)
                .set_index_option(IndexRecordOption::Basic)
                .set_fieldnorms(false);
            TextOptions::default().set_indexing_options(indexing)
        };
        let raw = || {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_index_option(IndexRecordOption::Basic)
                .set_fieldnorms(false);
            TextOptions::default().set_indexing_options(indexing)
        };
        let facet = || {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(analysis::FACET)
                .set_index_option(IndexRecordOption::Basic)
                .set_fieldnorms(false);
            // The terms are folded, for filters; the column keeps the spelling, for counts.
            TextOptions::default()
                .set_indexing_options(indexing)
                .set_fast("raw")
        };
        let id = schema.add_text_field(ID, raw().set_fast("raw"));
        let all = schema.add_text_field("all", text(IndexRecordOption::WithFreqsAndPositions));
        let title = schema.add_text_field("title", text(IndexRecordOption::WithFreqsAndPositions));
        let written = TextFieldIndexing::default()
            .set_tokenizer(analysis::SPELLING)
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false);
        let written = TextOptions::default().set_indexing_options(written);
        let spelling = schema.add_text_field("spelling", written);
        let words = schema.add_text_field("words", words());
        // With frequencies, which are all 1, since phase 1 reads them of every field.
        let messages = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_index_option(IndexRecordOption::WithFreqs)
            .set_fieldnorms(false);
        let messages = TextOptions::default().set_indexing_options(messages);
        let message = schema.add_text_field(MESSAGE, messages);
        let facets = FacetField::ALL.map(|field| schema.add_text_field(field.as_str(), facet()));
        let record = schema.add_u64_field(RECORD, NumericOptions::default().set_fast());
        let hash = schema.add_u64_field(HASH, NumericOptions::default().set_fast());
        let score = schema.add_i64_field(SCORE, NumericOptions::default().set_fast());
        let updated = schema.add_text_field(UPDATED, TextOptions::default().set_fast("raw"));
        let accepted = schema.add_bool_field(ACCEPTED, NumericOptions::default().set_fast());
        let answered = schema.add_bool_field(ANSWERED, NumericOptions::default().set_fast());
        let format = schema.add_text_field(FORMAT_NAME, TextOptions::default().set_fast("raw"));
        Fields {
            schema: schema.build(),
            id,
            all,
            title,
            spelling,
            words,
            message,
            facets,
            record,
            hash,
            score,
            updated,
            accepted,
            answered,
            format,
        }
    }

    /// Returns the field of a facet.
    pub(crate) fn facet(&self, field: FacetField) -> Field {
        self.facets[field as usize]
    }

    /// Returns the term of an id.
    pub(crate) fn id_term(&self, id: &str) -> Term {
        Term::from_field_text(self.id, id)
    }

    /// Returns the document of an entry that is stored in a record, with the hash of what is stored.
    pub(crate) fn document(
        &self,
        entry: &Entry,
        record: u32,
        hash: u64,
        texts: &mut Texts,
    ) -> TantivyDocument {
        let mut document = self.facts(entry, record, hash);
        texts.read(entry);
        for (field, tokens) in [
            (self.title, &texts.title),
            (self.all, &texts.all),
            (self.spelling, &texts.spelling),
            (self.words, &texts.words),
        ] {
            document.add_text(field, tokens.as_str());
        }
        for term in texts.messages.read(entry) {
            document.add_text(self.message, message::indexed(&term));
        }
        document
    }

    /// Returns the part of an entry's document that is neither a text nor a message.
    pub(crate) fn facts(&self, entry: &Entry, record: u32, hash: u64) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_text(self.id, &entry.id);
        for field in FacetField::ALL {
            for value in facet_values(entry, field) {
                document.add_text(self.facet(field), value);
            }
        }
        document.add_u64(self.record, u64::from(record));
        if let Some(score) = entry.score {
            document.add_i64(self.score, score);
        }
        if let Some(updated) = entry.updated.as_ref().or(entry.created.as_ref()) {
            document.add_text(self.updated, updated);
        }
        let is_accepted = entry.answers.iter().any(|answer| answer.accepted);
        document.add_bool(self.accepted, is_accepted);
        document.add_bool(self.answered, !entry.answers.is_empty());
        document.add_text(self.format, entry.source.format.to_string());
        document.add_u64(self.hash, hash);
        document
    }
}

/// Takes the texts of entries apart, one entry after another.
#[derive(Default)]
pub(crate) struct Texts {
    reader: analysis::Reader,
    title: FieldTokens,
    all: FieldTokens,
    spelling: FieldTokens,
    words: FieldTokens,
    messages: message::Quoted,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Texts").finish_non_exhaustive()
    }
}

impl Texts {
    fn read(&mut self, entry: &Entry) {
        let Texts {
            reader,
            title,
            all,
            spelling,
            words,
            ..
        } = self;
        for tokens in [&mut *title, &mut *all, &mut *spelling, &mut *words] {
            tokens.clear();
        }
        if !repeats_its_text(entry) {
            reader.read(&entry.title, [title, &mut *all], spelling);
            analysis::read_words(&entry.title, words);
        }
        for name in names(entry) {
            reader.read(&name, [&mut *all], spelling);
        }
        for block in entry.blocks() {
            reader.read(block.text(), [&mut *all], spelling);
            // Comments in code are prose too; what is no word is left out.
            analysis::read_words(block.text(), words);
        }
    }
}

/// Returns what tells a stored entry from others.
pub(crate) fn hash(stored: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(stored)
}

/// Returns whether an entry of a source that need not have titles was named after the beginning of its text: then it has
/// none, and its words count once.
pub(crate) fn repeats_its_text(entry: &Entry) -> bool {
    let title = entry.title.trim_end_matches('…');
    let mut text = entry
        .blocks()
        .flat_map(|block| block.text().split_whitespace());
    entry.source.format == Format::Beir
        && title
            .split_whitespace()
            .all(|word| text.next() == Some(word))
}

/// Returns the names that an entry is filed under: they are searched like its text.
pub(crate) fn names(entry: &Entry) -> Vec<String> {
    let mut names: Vec<String> = entry.framework.iter().cloned().collect();
    if let Some(page) = &entry.page {
        names.push(page.title.clone());
        names.extend(page.topic.iter().chain(&page.subtopic).cloned());
    }
    names.extend(entry.tags.iter().cloned());
    // A question about Python need not say so where the code does.
    names.extend(facet_values(entry, FacetField::Lang));
    names
}

/// Returns an entry's values in a facet without the blanks around them, each once, whatever its case.
fn facet_values(entry: &Entry, field: FacetField) -> Vec<String> {
    let mut values: Vec<String> = match field {
        FacetField::Difficulty => entry.difficulty.iter().map(ToString::to_string).collect(),
        FacetField::Topic => entry
            .topic
            .iter()
            .flat_map(|topic| topic.with_ancestors())
            .map(str::to_owned)
            .collect(),
        FacetField::Framework => entry.framework.iter().cloned().collect(),
        FacetField::Tag => entry.tags.clone(),
        FacetField::Lang => {
            let lang = |block: &Block| match block {
                Block::Code(code) => code.lang.clone(),
                Block::Prose(_) => None,
            };
            entry.blocks().filter_map(lang).collect()
        }
        FacetField::Source => vec![entry.source.path.clone()],
    };
    for value in &mut values {
        if value.trim().len() < value.len() {
            *value = value.trim().to_owned();
        }
    }
    values.retain(|value| !value.is_empty());
    if values.len() > 1 {
        let mut folded = std::collections::HashSet::new();
        values.retain(|value| folded.insert(value.to_lowercase()));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Topic;

    #[test]
    fn facets_have_each_value_once() {
        let entry = Entry {
            topic: Topic::new("/x/y"),
            tags: vec!["One".to_owned(), "one".to_owned()],
            ..Entry::default()
        };
        assert_eq!(facet_values(&entry, FacetField::Topic), ["/x", "/x/y"]);
        assert_eq!(facet_values(&entry, FacetField::Tag), ["One"]);
    }
}
