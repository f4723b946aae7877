//! How long the texts of a scored field are, ready to score with.

use std::sync::OnceLock;

use tantivy::schema::Field;

use super::Index;
use crate::accumulate::{FieldLengths, lengths};
use crate::query::compile::BM25;

/// The fields of text, titles and messages.
const SCORED: usize = 3;

/// How long the texts of a field are.
pub(crate) struct Lengths {
    /// On average.
    pub(crate) average: f32,
    /// Each, segment by segment.
    pub(crate) of_segments: Vec<FieldLengths>,
}

/// What is known of each scored field once it was asked for: its tables take as long as finding a rare word.
#[derive(Default)]
pub(super) struct KnownLengths([OnceLock<Lengths>; SCORED]);

impl Index {
    /// Returns how long the texts of a scored field are. Makes that ready once.
    pub(crate) fn lengths(&self, field: Field) -> tantivy::Result<&Lengths> {
        let fields = &self.fields;
        // An entry has a message or has it not: neither how often nor among how many others counts.
        let (place, tokens) = if field == fields.all {
            (0, Some(self.meta.tokens.all))
        } else if field == fields.title {
            (1, Some(self.meta.tokens.title))
        } else {
            (2, None)
        };
        let known = &self.lengths.0[place];
        if let Some(lengths) = known.get() {
            return Ok(lengths);
        }
        let entries = self.segments.entries().max(1);
        let average = tokens.map_or(1.0, |tokens| tokens as f32 / entries as f32);
        let of_segments = self.segments.iter().map(|segment| {
            let ids = tokens.map(|_| lengths(&segment.reader, field));
            let ids = ids.transpose()?.flatten();
            Ok(FieldLengths::new(ids, average, BM25))
        });
        let made = Lengths {
            average,
            of_segments: of_segments.collect::<tantivy::Result<_>>()?,
        };
        Ok(known.get_or_init(|| made))
    }
}
