//! Plain tantivy, fed with ready-made tokens: what a build would cost if taking texts apart cost nothing.
//!
//! Equal are the schema, with every field, column and stored text; the number of threads, the memory they may fill, and the
//! one merge of all segments at the end. The tokens are lines of a text, the cheapest form that goes through the engine's
//! tokenizers: its own for ready-made tokens copies each of them twice.

use std::path::Path;

use qdex::Entry;
use qdex::bench::{ReadyMade, ReadyValue};
use tantivy::indexer::NoMergePolicy;
use tantivy::schema::{Field, Schema};
use tantivy::tokenizer::{LowerCaser, RawTokenizer, TextAnalyzer, Token, TokenStream, Tokenizer};
use tantivy::{IndexWriter, TantivyDocument};

use crate::Result;

/// Returns the documents of entries, outside the clock.
pub(crate) fn documents(entries: &[Entry]) -> (String, Vec<TantivyDocument>) {
    let mut ready = ReadyMade::default();
    let documents = (0..).zip(entries).map(|(record, entry)| {
        let mut document = TantivyDocument::new();
        for (field, value) in ready.document(entry, record) {
            let field = Field::from_field_id(field);
            match value {
                ReadyValue::Tokens(text) | ReadyValue::Text(text) => document.add_text(field, text),
                ReadyValue::Unsigned(number) => document.add_u64(field, number),
                ReadyValue::Signed(number) => document.add_i64(field, number),
                ReadyValue::Bool(value) => document.add_bool(field, value),
            }
        }
        document
    });
    let documents = documents.collect();
    (ready.schema(), documents)
}

/// Indexes documents; returns how many the index holds.
pub(crate) fn build(
    dir: &Path,
    schema: &str,
    documents: Vec<TantivyDocument>,
    budget_bytes: usize,
) -> Result<u64> {
    let schema: Schema = serde_json::from_str(schema)?;
    let index = tantivy::Index::create_in_dir(dir, schema)?;
    for name in ReadyMade::TOKENIZERS {
        index.tokenizers().register(name, Lines::default());
    }
    let facets = TextAnalyzer::builder(RawTokenizer::default())
        .filter(LowerCaser)
        .build();
    index
        .tokenizers()
        .register(ReadyMade::FACET_TOKENIZER, facets);
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(8);
    let mut writer: IndexWriter = index.writer_with_num_threads(threads, budget_bytes)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    for document in documents {
        writer.add_document(document)?;
    }
    writer.commit()?;
    let segments = index.searchable_segment_ids()?;
    if segments.len() > 1 {
        writer.merge(&segments).wait()?;
        writer.garbage_collect_files().wait()?;
    }
    writer.wait_merging_threads()?;
    Ok(index.reader()?.searcher().num_docs())
}

/// Reads tokens out of lines.
#[derive(Clone, Default)]
struct Lines {
    token: Token,
}

struct LineStream<'a> {
    lines: std::str::SplitTerminator<'a, char>,
    position: i64,
    token: &'a mut Token,
}

impl Tokenizer for Lines {
    type TokenStream<'a> = LineStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> LineStream<'a> {
        LineStream {
            lines: text.split_terminator('\n'),
            position: 0,
            token: &mut self.token,
        }
    }
}

impl TokenStream for LineStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((places, term)) = self.lines.next().and_then(|line| line.split_once(' ')) else {
            return false;
        };
        self.position += places.parse::<i64>().expect("places are numbers");
        self.token.position = usize::try_from(self.position).unwrap_or_default();
        self.token.text.clear();
        self.token.text.push_str(term);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}
