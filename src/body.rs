//! Blocks: what is left of a question or an answer when its markup is gone. Markup ends here.

use serde::{Deserialize, Serialize};

/// One block of a question or an answer: a piece of prose, or a piece of code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Block {
    /// Running text without markup.
    Prose(Prose),
    /// Code, verbatim.
    Code(Code),
}

/// Running text: one paragraph, heading, list item, or table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Prose {
    /// Plain text. Line breaks are those that the source's markup asked for; soft breaks are blanks.
    pub text: String,
    /// What the text is on its page.
    #[serde(default, skip_serializing_if = "ProseStyle::is_paragraph")]
    pub style: ProseStyle,
    /// Marked ranges of `text`: sorted by start, on char boundaries; ranges may nest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

/// Code with the language that its source named.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Code {
    /// The code as its source wrote it, without the final line break.
    pub text: String,
    /// The language in lower case, as named by the source: `python`, `c++`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
}

/// What a piece of prose is on its page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProseStyle {
    /// A paragraph.
    #[default]
    Paragraph,
    /// A heading of the level 1 to 6.
    Heading(u8),
    /// An item of a list; the depth counts from 0.
    Item {
        /// How many lists stand around this one.
        depth: u8,
        /// The item's number, in a numbered list.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<u64>,
    },
    /// A later paragraph of a list item; indented like it.
    Continued {
        /// How many lists stand around the item's own.
        depth: u8,
    },
    /// A quotation.
    Quote,
    /// A table: a row a line, cells parted by ` | `, the header first.
    Table,
}

impl ProseStyle {
    fn is_paragraph(&self) -> bool {
        *self == ProseStyle::Paragraph
    }
}

/// A marked range of a prose block's text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// First byte of the range.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What the mark means.
    #[serde(flatten)]
    pub kind: MarkKind,
}

/// What a marked range means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "mark")]
pub enum MarkKind {
    /// Code inside running text.
    Code,
    /// Strong emphasis.
    Strong,
    /// Emphasis.
    Emphasis,
    /// A link with its target.
    Link {
        /// Where it points, as written in the source.
        target: String,
    },
}

impl Block {
    /// Returns the block's text, whatever its kind. Cheap.
    pub fn text(&self) -> &str {
        match self {
            Block::Prose(prose) => &prose.text,
            Block::Code(code) => &code.text,
        }
    }
}

/// Returns the blocks of a Markdown text. Total: any text gives blocks.
pub fn from_markdown(_markdown: &str) -> Vec<Block> {
    Vec::new()
}

/// Returns the blocks of an HTML text. Total: any text gives blocks.
pub fn from_html(_html: &str) -> Vec<Block> {
    Vec::new()
}

/// Returns a question's title as plain text, one line, and the blocks that follow it.
pub(crate) fn title_and_rest(_markdown: &str) -> (String, Vec<Block>) {
    (String::new(), Vec::new())
}

/// Serde form of a body.
pub(crate) mod markdown_or_blocks {
    use super::Block;
    pub(crate) fn serialize<S: serde::Serializer>(
        blocks: &[Block],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serde::Serialize::serialize(blocks, serializer)
    }
    pub(crate) fn deserialize<'de, D: serde::Deserializer<'de>>(
        _d: D,
    ) -> Result<Vec<Block>, D::Error> {
        Ok(Vec::new())
    }
}
