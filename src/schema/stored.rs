//! An entry as it is stored: its texts one after another, and the rest of it behind them.
//!
//! What is searched, its title and its blocks, can be read without the rest, and without taking anything apart. Numbers are
//! those of [`crate::varint`]; texts are a number of bytes and those.
//!
//! ```text
//! entry   = title, blocks of the question, number of answers, blocks of each answer, the rest (`facts.rs`)
//! blocks  = how many, each as: kind, text, what the kind has
//! prose   = numbers of its style; how many marks, each as: start behind that of the one before, length, kind, target of a link
//! code    = language, when the kind says that there is one
//! ```

mod facts;

use crate::body::{Block, Code, Mark, MarkKind, Prose, ProseStyle};
use crate::entry::Entry;
use crate::varint;
use facts::Filed;

/// The kinds of blocks, as they are written.
mod kind {
    pub(super) const PARAGRAPH: u8 = 0;
    pub(super) const CODE: u8 = 1;
    pub(super) const CODE_OF_LANGUAGE: u8 = 2;
    pub(super) const HEADING: u8 = 3;
    pub(super) const ITEM: u8 = 4;
    pub(super) const NUMBERED_ITEM: u8 = 5;
    pub(super) const CONTINUED: u8 = 6;
    pub(super) const QUOTE: u8 = 7;
    pub(super) const COMMENT: u8 = 8;
    pub(super) const TABLE: u8 = 9;
}

/// The kinds of marks, as they are written.
mod mark {
    pub(super) const CODE: u8 = 0;
    pub(super) const STRONG: u8 = 1;
    pub(super) const EMPHASIS: u8 = 2;
    pub(super) const LINK: u8 = 3;
}

/// Returns an entry as it is stored. Its line, which may change while it stays the same, should be taken out before.
pub(crate) fn bytes(entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, entry);
    bytes
}

/// Appends the same.
pub(crate) fn write(bytes: &mut Vec<u8>, entry: &Entry) {
    write_text(bytes, &entry.title);
    write_blocks(bytes, &entry.question);
    varint::write(bytes, entry.answers.len() as u64);
    for answer in &entry.answers {
        write_blocks(bytes, &answer.blocks);
    }
    facts::write(bytes, entry);
}

/// Returns an entry from what is stored; `None` when it is not one.
pub(crate) fn entry(bytes: &[u8]) -> Option<Entry> {
    let mut reader = Reader(bytes);
    let title = reader.text()?;
    let question = reader.blocks()?;
    let count = reader.number()?;
    let mut answers = Vec::new();
    for _ in 0..count {
        answers.push(reader.blocks()?);
    }
    let entry = facts::read(&mut reader, title, question, answers)?;
    reader.0.is_empty().then_some(entry)
}

fn write_text(bytes: &mut Vec<u8>, text: &str) {
    varint::write(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

fn write_blocks(bytes: &mut Vec<u8>, blocks: &[Block]) {
    varint::write(bytes, blocks.len() as u64);
    for block in blocks {
        match block {
            Block::Prose(prose) => write_prose(bytes, prose),
            Block::Code(Code { text, lang: None }) => {
                bytes.push(kind::CODE);
                write_text(bytes, text);
            }
            Block::Code(Code {
                text,
                lang: Some(lang),
            }) => {
                bytes.push(kind::CODE_OF_LANGUAGE);
                write_text(bytes, text);
                write_text(bytes, lang);
            }
        }
    }
}

fn write_prose(bytes: &mut Vec<u8>, prose: &Prose) {
    let Prose { text, style, marks } = prose;
    let (kind, numbers): (u8, &[u64]) = match *style {
        ProseStyle::Paragraph => (kind::PARAGRAPH, &[]),
        ProseStyle::Heading(level) => (kind::HEADING, &[level.into()]),
        ProseStyle::Item {
            depth,
            number: None,
        } => (kind::ITEM, &[depth.into()]),
        ProseStyle::Item {
            depth,
            number: Some(number),
        } => (kind::NUMBERED_ITEM, &[depth.into(), number]),
        ProseStyle::Continued { depth } => (kind::CONTINUED, &[depth.into()]),
        ProseStyle::Quote => (kind::QUOTE, &[]),
        ProseStyle::Comment => (kind::COMMENT, &[]),
        ProseStyle::Table => (kind::TABLE, &[]),
    };
    bytes.push(kind);
    write_text(bytes, text);
    numbers
        .iter()
        .for_each(|number| varint::write(bytes, *number));
    varint::write(bytes, marks.len() as u64);
    let mut before = 0;
    for Mark { start, end, kind } in marks {
        // Marks are sorted; of others, whoever reads them sees what they are.
        varint::write(bytes, start.wrapping_sub(before) as u64);
        varint::write(bytes, end.wrapping_sub(*start) as u64);
        before = *start;
        match kind {
            MarkKind::Code => bytes.push(mark::CODE),
            MarkKind::Strong => bytes.push(mark::STRONG),
            MarkKind::Emphasis => bytes.push(mark::EMPHASIS),
            MarkKind::Link { target } => {
                bytes.push(mark::LINK);
                write_text(bytes, target);
            }
        }
    }
}

/// Reads what is stored. Nothing is believed: whatever the bytes, there is a value or none.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn number(&mut self) -> Option<u64> {
        varint::read(|| self.byte())
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = self.number()?;
        self.text_of(length)
    }

    fn text_of(&mut self, length: u64) -> Option<&'a str> {
        let length = usize::try_from(length).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    /// Returns the next block, with its marks still to be read.
    fn block(&mut self) -> Option<StoredBlock<'a>> {
        let kind = self.byte()?;
        let text = self.text()?;
        let mut block = StoredBlock {
            kind,
            text,
            lang: None,
            numbers: [0; 2],
            marks: Marks::default(),
        };
        let numbers = match kind {
            kind::CODE => return Some(block),
            kind::CODE_OF_LANGUAGE => {
                block.lang = Some(self.text()?);
                return Some(block);
            }
            kind::HEADING | kind::ITEM | kind::CONTINUED => 1,
            kind::NUMBERED_ITEM => 2,
            kind::PARAGRAPH | kind::QUOTE | kind::COMMENT | kind::TABLE => 0,
            _ => return None,
        };
        for number in &mut block.numbers[..numbers] {
            *number = self.number()?;
        }
        let count = self.number()?;
        block.marks = Marks {
            count,
            before: 0,
            reader: *self,
        };
        for _ in 0..count {
            self.number()?;
            self.number()?;
            if self.byte()? == mark::LINK {
                self.text()?;
            }
        }
        Some(block)
    }

    fn blocks(&mut self) -> Option<Vec<Block>> {
        let count = self.number()?;
        // A number that was damaged may be anything; no block takes less than two bytes.
        let mut blocks = Vec::with_capacity(usize::try_from(count).ok()?.min(self.0.len() / 2));
        for _ in 0..count {
            blocks.push(self.block()?.block()?);
        }
        Some(blocks)
    }
}

/// The marks of a block that are left to read.
#[derive(Clone, Copy)]
struct Marks<'a> {
    count: u64,
    before: usize,
    reader: Reader<'a>,
}

impl Default for Marks<'_> {
    fn default() -> Self {
        Marks {
            count: 0,
            before: 0,
            reader: Reader(&[]),
        }
    }
}

impl<'a> Iterator for Marks<'a> {
    /// Start, end, kind, and the target of a link.
    type Item = (usize, usize, u8, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        self.count = self.count.checked_sub(1)?;
        let reader = &mut self.reader;
        let start = self.before.wrapping_add(reader.number()? as usize);
        let end = start.wrapping_add(reader.number()? as usize);
        self.before = start;
        let kind = reader.byte()?;
        let target = match kind {
            mark::LINK => reader.text()?,
            _ => "",
        };
        Some((start, end, kind, target))
    }
}

/// The texts of a stored entry, as they stand in what was decompressed.
pub(crate) struct StoredTexts<'a> {
    pub(crate) title: &'a str,
    blocks: Vec<StoredBlock<'a>>,
    /// The rest of the entry.
    facts: Reader<'a>,
}

/// A block of a stored entry.
pub(crate) struct StoredBlock<'a> {
    kind: u8,
    pub(crate) text: &'a str,
    lang: Option<&'a str>,
    numbers: [u64; 2],
    marks: Marks<'a>,
}

impl<'a> StoredTexts<'a> {
    /// Returns the texts of an entry from what is stored; `None` when it is not one.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let title = reader.text()?;
        let mut blocks = Vec::new();
        let mut answers = None;
        loop {
            for _ in 0..reader.number()? {
                blocks.push(reader.block()?);
            }
            let left = match answers {
                None => reader.number()?,
                Some(left) => left - 1,
            };
            if left == 0 {
                break;
            }
            answers = Some(left);
        }
        Some(StoredTexts {
            title,
            blocks,
            facts: reader,
        })
    }

    /// Returns every block: the question's, then each answer's.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &StoredBlock<'a>> {
        self.blocks.iter()
    }

    /// Returns whether a name that the entry is filed under passes a test: those of [`super::names`].
    pub(crate) fn has_name(&self, mut passes: impl FnMut(&str) -> bool) -> bool {
        let mut langs = self.blocks().filter_map(|block| block.lang);
        let mut facts = self.facts;
        langs.any(&mut passes)
            || Filed::read(&mut facts).is_some_and(|filed| filed.names().any(passes))
    }
}

impl<'a> StoredBlock<'a> {
    /// Returns whether it is code.
    pub(crate) fn is_code(&self) -> bool {
        matches!(self.kind, kind::CODE | kind::CODE_OF_LANGUAGE)
    }

    /// Returns the pieces of inline code in a block of prose.
    pub(crate) fn inline_code(&self) -> impl Iterator<Item = &'a str> {
        let text = self.text;
        let code = self.marks.filter(|(_, _, kind, _)| *kind == mark::CODE);
        code.filter_map(move |(start, end, ..)| text.get(start..end))
    }

    /// Returns the block as it was.
    fn block(&self) -> Option<Block> {
        let text = self.text.to_owned();
        if self.is_code() {
            let lang = self.lang.map(str::to_owned);
            return Some(Block::Code(Code { text, lang }));
        }
        let [first, second] = self.numbers;
        let small = |number: u64| u8::try_from(number).ok();
        let style = match self.kind {
            kind::HEADING => ProseStyle::Heading(small(first)?),
            kind::ITEM => ProseStyle::Item {
                depth: small(first)?,
                number: None,
            },
            kind::NUMBERED_ITEM => ProseStyle::Item {
                depth: small(first)?,
                number: Some(second),
            },
            kind::CONTINUED => ProseStyle::Continued {
                depth: small(first)?,
            },
            kind::QUOTE => ProseStyle::Quote,
            kind::COMMENT => ProseStyle::Comment,
            kind::TABLE => ProseStyle::Table,
            _ => ProseStyle::Paragraph,
        };
        let mark = |(start, end, kind, target): (usize, usize, u8, &str)| {
            let kind = match kind {
                mark::CODE => MarkKind::Code,
                mark::STRONG => MarkKind::Strong,
                mark::EMPHASIS => MarkKind::Emphasis,
                mark::LINK => MarkKind::Link {
                    target: target.to_owned(),
                },
                _ => return None,
            };
            Some(Mark { start, end, kind })
        };
        let marks = self.marks.map(mark).collect::<Option<Vec<Mark>>>()?;
        Some(Block::Prose(Prose::checked(text, style, marks)))
    }
}

#[cfg(test)]
mod tests;
