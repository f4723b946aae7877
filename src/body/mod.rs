//! Blocks: what is left of a question or an answer when its markup is gone. Markup ends here.

mod builder;
mod html;
mod language;
mod markdown;
mod tags;
#[cfg(test)]
mod tests;
mod writer;

use std::borrow::Cow;
use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

pub use html::from_html;
pub use markdown::from_markdown;
pub(crate) use markdown::title_and_rest;

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
///
/// Reading one from JSON repairs what does not hold together: marks outside the text or inside a character are
/// dropped, the others sorted and made to nest, and a heading's level is brought into 1 to 6.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "UncheckedProse")]
pub struct Prose {
    /// Plain text. Line breaks are those that the source's markup asked for; soft breaks are blanks.
    pub text: String,
    /// What the text is on its page.
    #[serde(default, skip_serializing_if = "ProseStyle::is_paragraph")]
    pub style: ProseStyle,
    /// Marked ranges of `text`: not empty, on char boundaries, sorted by start, longer ones first. They nest, they do
    /// not cross.
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
    /// A remark on a question or an answer, which ends with whoever made it.
    Comment,
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

    /// Returns whether the block shows nothing: its text is white space. Cheap.
    pub fn is_blank(&self) -> bool {
        self.text().trim().is_empty()
    }
}

impl Prose {
    /// Returns a piece of prose in which everything holds together, as when it is read from JSON.
    pub(crate) fn checked(text: String, style: ProseStyle, marks: Vec<Mark>) -> Self {
        UncheckedProse { text, style, marks }.into()
    }
}

/// Prose as JSON has it.
#[derive(Deserialize)]
struct UncheckedProse {
    text: String,
    #[serde(default)]
    style: ProseStyle,
    #[serde(default)]
    marks: Vec<Mark>,
}

impl From<UncheckedProse> for Prose {
    fn from(prose: UncheckedProse) -> Self {
        Prose {
            marks: sorted_marks(prose.marks, &prose.text),
            style: match prose.style {
                ProseStyle::Heading(level) => ProseStyle::Heading(level.clamp(1, 6)),
                style => style,
            },
            text: prose.text,
        }
    }
}

/// Returns the marks that mark something in a text, sorted by start, longer ones first. One that crosses another is
/// cut where the other ends.
fn sorted_marks(mut marks: Vec<Mark>, text: &str) -> Vec<Mark> {
    marks.retain(|mark| {
        text.get(mark.start..mark.end)
            .is_some_and(|marked| !marked.is_empty())
    });
    marks.sort_by_key(|mark| (mark.start, Reverse(mark.end)));
    let mut ends: Vec<usize> = Vec::new();
    for mark in &mut marks {
        while ends.last().is_some_and(|end| *end <= mark.start) {
            ends.pop();
        }
        mark.end = ends.last().map_or(mark.end, |end| mark.end.min(*end));
        ends.push(mark.end);
    }
    marks.dedup();
    marks
}

/// Returns a source text with line feeds for line ends, without a byte order mark, and with U+FFFD for NUL, as
/// Markdown and HTML both ask.
fn clean(source: &str) -> Cow<'_, str> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    if !source.contains(['\r', '\0']) {
        return Cow::Borrowed(source);
    }
    let source = source.replace("\r\n", "\n");
    Cow::Owned(source.replace('\r', "\n").replace('\0', "\u{fffd}"))
}

/// The serde form of a body: written as a list of blocks, read from one or from a string of Markdown.
pub(crate) mod markdown_or_blocks {
    use std::fmt;

    use serde::de::value::SeqAccessDeserializer;
    use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
    use serde::ser::{Serialize, Serializer};

    use super::Block;

    pub(crate) fn serialize<S: Serializer>(
        blocks: &[Block],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        blocks.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Block>, D::Error> {
        deserializer.deserialize_any(BodyVisitor)
    }

    struct BodyVisitor;

    impl<'de> Visitor<'de> for BodyVisitor {
        type Value = Vec<Block>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a string of Markdown or a list of blocks")
        }

        fn visit_str<E: Error>(self, markdown: &str) -> Result<Vec<Block>, E> {
            Ok(super::from_markdown(markdown))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, blocks: A) -> Result<Vec<Block>, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(blocks))
        }

        fn visit_unit<E: Error>(self) -> Result<Vec<Block>, E> {
            Ok(Vec::new())
        }
    }
}
