//! Snippets: the passage and the code block of an entry that answer a query, as text with byte ranges.

use std::ops::Range;

use serde::Serialize;

/// A part of an entry, with the places where query words stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Snippet {
    /// Plain text as the source wrote it, not yet safe for any medium: a renderer must neutralise it.
    pub text: String,
    /// Byte ranges of `text`: sorted, disjoint, on char boundaries.
    #[serde(serialize_with = "pairs")]
    pub highlights: Vec<Range<usize>>,
    /// Prose or code.
    pub kind: SnippetKind,
    /// The code's language, where its source names it.
    pub lang: Option<String>,
}

/// What a snippet was cut from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SnippetKind {
    /// Running text, cut at word and sentence edges.
    #[default]
    Prose,
    /// Code, whole lines only.
    Code,
}

/// Writes ranges as the pairs of the JSON contract.
pub(crate) fn pairs<S: serde::Serializer>(
    ranges: &[Range<usize>],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(ranges.iter().map(|range| [range.start, range.end]))
}
