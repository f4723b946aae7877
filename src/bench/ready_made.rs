//! What a build hands to the engine, made ready: for telling what analysis costs beside the engine's own work.

use tantivy::schema::{FieldType, OwnedValue, Schema, TextOptions, Value};
use tantivy::tokenizer::TextAnalyzer;

use crate::analysis;
use crate::entry::Entry;
use crate::schema::{self, Fields, Texts, stored};

/// Makes the documents of entries, with every text taken apart into tokens already.
pub struct ReadyMade {
    fields: Fields,
    texts: Texts,
    /// The analyzer of each field that has one of ours.
    analyzers: Vec<Option<TextAnalyzer>>,
}

/// A value of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadyValue {
    /// The tokens of a text, each a line: by how many places it stands behind the one before, a blank, and its term. Places
    /// are counted from 0, and a first token there stands by 0 behind it.
    Tokens(String),
    /// A text that is kept whole.
    Text(String),
    /// A number of an unsigned column.
    Unsigned(u64),
    /// A number of a signed column.
    Signed(i64),
    /// A truth value.
    Bool(bool),
}

impl std::fmt::Debug for ReadyMade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadyMade").finish_non_exhaustive()
    }
}

impl Default for ReadyMade {
    fn default() -> Self {
        let fields = Fields::new();
        let index = tantivy::Index::create_in_ram(fields.schema.clone());
        analysis::register(&index);
        let analyzer = |field_type: &FieldType| {
            let FieldType::Str(options) = field_type else {
                return None;
            };
            let name = options.get_indexing_options()?.tokenizer().to_owned();
            let is_ours = ReadyMade::TOKENIZERS.contains(&name.as_str());
            is_ours.then(|| index.tokenizers().get(&name)).flatten()
        };
        let types = fields.schema.fields().map(|(_, entry)| entry.field_type());
        let analyzers = types.map(analyzer).collect();
        ReadyMade {
            fields,
            texts: Texts::default(),
            analyzers,
        }
    }
}

impl ReadyMade {
    /// The tokenizers whose texts are [`ReadyValue::Tokens`].
    pub const TOKENIZERS: [&'static str; 3] = [analysis::TEXT, analysis::SPELLING, analysis::WORDS];

    /// The tokenizer that makes the whole text one term, in lower case.
    pub const FACET_TOKENIZER: &'static str = analysis::FACET;

    /// Returns the engine's schema as JSON, as the engine reads and writes it, with one more field, which is stored.
    pub fn schema(&self) -> String {
        let mut schema = Schema::builder();
        for (_, field) in self.fields.schema.fields() {
            schema.add_field(field.clone());
        }
        schema.add_text_field("entry", TextOptions::default().set_stored());
        serde_json::to_string(&schema.build()).expect("a schema is JSON")
    }

    /// Returns the values of an entry's document, each with the number of its field; the last is the entry, to be stored.
    pub fn document(&mut self, entry: &Entry, record: u32) -> Vec<(u32, ReadyValue)> {
        let hash = schema::hash(&stored::bytes(entry));
        let fields = &self.fields;
        let document = fields.document(entry, record, hash, &mut self.texts);
        let mut values = Vec::new();
        for (field, value) in document.field_values() {
            let number = field.field_id();
            let value = match OwnedValue::from(value.as_value()) {
                OwnedValue::Str(text) => match &mut self.analyzers[number as usize] {
                    Some(analyzer) => ReadyValue::Tokens(tokens(analyzer, &text)),
                    None => ReadyValue::Text(text),
                },
                OwnedValue::U64(number) => ReadyValue::Unsigned(number),
                OwnedValue::I64(number) => ReadyValue::Signed(number),
                OwnedValue::Bool(value) => ReadyValue::Bool(value),
                other => unreachable!("no field has values such as {other:?}"),
            };
            values.push((number, value));
        }
        let stored = self.fields.schema.num_fields();
        let json = serde_json::to_string(entry).expect("an entry holds nothing that JSON cannot");
        values.push((stored as u32, ReadyValue::Text(json)));
        values
    }
}

fn tokens(analyzer: &mut TextAnalyzer, text: &str) -> String {
    let mut lines = String::new();
    let mut position = 0i64;
    analyzer.token_stream(text).process(&mut |token| {
        // A part may stand before the end of its whole.
        let place = i64::try_from(token.position).unwrap_or(i64::MAX);
        lines.push_str(&(place - position).to_string());
        position = place;
        lines.push(' ');
        lines.push_str(&token.text);
        lines.push('\n');
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_their_places() {
        let entry = Entry {
            title: "The getUserName _ call".to_owned(),
            ..Entry::default()
        };
        let mut ready = ReadyMade::default();
        let values = ready.document(&entry, 7);
        let tokens: Vec<&str> = values
            .iter()
            .filter_map(|(_, value)| match value {
                ReadyValue::Tokens(tokens) => Some(tokens.as_str()),
                _ => None,
            })
            .collect();
        let all = "0 the\n1 getusername\n0 get\n1 user\n1 name\n2 call\n";
        assert_eq!(tokens, [all, all, "0 getUserName\n", "0 call\n"]);
        assert!(
            values.contains(&(
                ready
                    .fields
                    .schema
                    .get_field(schema::RECORD)
                    .expect("is there")
                    .field_id(),
                ReadyValue::Unsigned(7)
            ))
        );
    }
}
