//! The rest of a stored entry: what is neither its title nor a block. What it is filed under comes first.
//!
//! ```text
//! rest   = framework?, tags, page?, numbers and texts of the entry, those of each answer
//! text?  = 0, or one more than the number of bytes, and those
//! other? = 0, or 1 and what there is
//! list   = how many, and those
//! ```

use super::{Reader, write_text};
use crate::body::Block;
use crate::entry::{
    Answer, Author, Difficulty, Entry, Format, Link, LinkKind, Page, Source, Topic,
};
use crate::varint;

/// The kinds of links, in the order of the numbers that they are written as.
const LINK_KINDS: [LinkKind; 3] = [LinkKind::Related, LinkKind::Duplicate, LinkKind::Linked];
/// The formats of corpus files, in the order of theirs.
const FORMATS: [Format; 6] = [
    Format::Nuxt,
    Format::Markdown,
    Format::Json,
    Format::Jsonl,
    Format::Beir,
    Format::StackExchange,
];

/// Returns the number that a kind of links is written as.
fn link_number(kind: LinkKind) -> u8 {
    match kind {
        LinkKind::Related => 0,
        LinkKind::Duplicate => 1,
        LinkKind::Linked => 2,
    }
}

/// Returns the number that a format is written as.
fn format_number(format: Format) -> u8 {
    match format {
        Format::Nuxt => 0,
        Format::Markdown => 1,
        Format::Json => 2,
        Format::Jsonl => 3,
        Format::Beir => 4,
        Format::StackExchange => 5,
    }
}

/// Returns the number that a difficulty is written as; 0 is none.
fn difficulty_number(difficulty: Option<Difficulty>) -> u8 {
    match difficulty {
        None => 0,
        Some(Difficulty::Easy) => 1,
        Some(Difficulty::Medium) => 2,
        Some(Difficulty::Hard) => 3,
    }
}

/// Appends all of an entry that is neither its title nor a block. Every field is named here, so that a new one cannot be left out.
pub(super) fn write(bytes: &mut Vec<u8>, entry: &Entry) {
    let Entry {
        id,
        title: _,
        question: _,
        answers,
        difficulty,
        difficulty_original,
        topic,
        framework,
        tags,
        score,
        created,
        updated,
        url,
        author,
        license,
        page,
        related,
        source,
    } = entry;
    write_optional(bytes, framework.as_deref());
    varint::write(bytes, tags.len() as u64);
    for tag in tags {
        write_text(bytes, tag);
    }
    bytes.push(page.is_some().into());
    if let Some(page) = page {
        write_page(bytes, page);
    }
    write_text(bytes, id);
    bytes.push(difficulty_number(*difficulty));
    write_optional(bytes, difficulty_original.as_deref());
    write_optional(bytes, topic.as_ref().map(Topic::as_str));
    write_signed(bytes, *score);
    write_optional(bytes, created.as_deref());
    write_optional(bytes, updated.as_deref());
    write_optional(bytes, url.as_deref());
    write_author(bytes, author.as_ref());
    write_optional(bytes, license.as_deref());
    write_links(bytes, related);
    let Source { path, line, format } = source;
    write_text(bytes, path);
    bytes.push(line.is_some().into());
    if let Some(line) = line {
        varint::write(bytes, *line);
    }
    bytes.push(format_number(*format));
    for answer in answers {
        write_answer(bytes, answer);
    }
}

fn write_answer(bytes: &mut Vec<u8>, answer: &Answer) {
    let Answer {
        id,
        blocks: _,
        score,
        accepted,
        created,
        url,
        author,
        license,
    } = answer;
    write_optional(bytes, id.as_deref());
    write_signed(bytes, *score);
    bytes.push((*accepted).into());
    write_optional(bytes, created.as_deref());
    write_optional(bytes, url.as_deref());
    write_author(bytes, author.as_ref());
    write_optional(bytes, license.as_deref());
}

fn write_page(bytes: &mut Vec<u8>, page: &Page) {
    let Page {
        title,
        path,
        description,
        topic,
        subtopic,
        order,
        siblings,
    } = page;
    write_text(bytes, title);
    write_optional(bytes, topic.as_deref());
    write_optional(bytes, subtopic.as_deref());
    write_optional(bytes, path.as_deref());
    write_optional(bytes, description.as_deref());
    write_signed(bytes, *order);
    write_links(bytes, siblings);
}

fn write_author(bytes: &mut Vec<u8>, author: Option<&Author>) {
    bytes.push(author.is_some().into());
    if let Some(Author { name, url }) = author {
        write_text(bytes, name);
        write_optional(bytes, url.as_deref());
    }
}

fn write_links(bytes: &mut Vec<u8>, links: &[Link]) {
    varint::write(bytes, links.len() as u64);
    for Link { path, title, kind } in links {
        write_text(bytes, path);
        write_text(bytes, title);
        bytes.push(link_number(*kind));
    }
}

fn write_optional(bytes: &mut Vec<u8>, text: Option<&str>) {
    let Some(text) = text else {
        return bytes.push(0);
    };
    varint::write(bytes, text.len() as u64 + 1);
    bytes.extend_from_slice(text.as_bytes());
}

/// Appends a number that may be below 0, small ones in few bytes: the sign is its lowest bit.
fn write_signed(bytes: &mut Vec<u8>, number: Option<i64>) {
    bytes.push(number.is_some().into());
    if let Some(number) = number {
        varint::write(bytes, (number << 1 ^ number >> 63) as u64);
    }
}

/// What an entry is filed under, beside the languages of its code.
pub(super) struct Filed<'a> {
    framework: Option<&'a str>,
    tags: Vec<&'a str>,
    /// The page's title, topic and subtopic.
    page: Option<[Option<&'a str>; 3]>,
}

impl<'a> Filed<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Option<Self> {
        Some(Filed {
            framework: reader.optional()?,
            tags: reader.list(Reader::text)?,
            page: reader.other(|reader| {
                Some([Some(reader.text()?), reader.optional()?, reader.optional()?])
            })?,
        })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        let page = self.page.iter().flatten();
        let tags = self.tags.iter().copied();
        self.framework
            .into_iter()
            .chain(tags)
            .chain(page.flatten().copied())
    }
}

/// Reads all of an entry that is neither its title nor a block.
pub(super) fn read(
    reader: &mut Reader<'_>,
    title: &str,
    question: Vec<Block>,
    answers: Vec<Vec<Block>>,
) -> Option<Entry> {
    let Filed {
        framework,
        tags,
        page,
    } = Filed::read(reader)?;
    let page = match page {
        Some([title, topic, subtopic]) => Some(Page {
            title: title?.to_owned(),
            topic: topic.map(str::to_owned),
            subtopic: subtopic.map(str::to_owned),
            path: reader.owned()?,
            description: reader.owned()?,
            order: reader.signed()?,
            siblings: reader.links()?,
        }),
        None => None,
    };
    let id = reader.text()?.to_owned();
    let difficulty = match reader.byte()? {
        0 => None,
        number => Some(*Difficulty::ALL.get(usize::from(number) - 1)?),
    };
    let difficulty_original = reader.owned()?;
    let topic = match reader.optional()? {
        Some(path) => Some(Topic::new(path)?),
        None => None,
    };
    let mut entry = Entry {
        id,
        title: title.to_owned(),
        question,
        answers: Vec::with_capacity(answers.len()),
        difficulty,
        difficulty_original,
        topic,
        framework: framework.map(str::to_owned),
        tags: tags.into_iter().map(str::to_owned).collect(),
        score: reader.signed()?,
        created: reader.owned()?,
        updated: reader.owned()?,
        url: reader.owned()?,
        author: reader.author()?,
        license: reader.owned()?,
        page,
        related: reader.links()?,
        source: Source {
            path: reader.text()?.to_owned(),
            line: reader.other(Reader::number)?,
            format: *FORMATS.get(usize::from(reader.byte()?))?,
        },
    };
    for blocks in answers {
        entry.answers.push(Answer {
            id: reader.owned()?,
            blocks,
            score: reader.signed()?,
            accepted: reader.is_there()?,
            created: reader.owned()?,
            url: reader.owned()?,
            author: reader.author()?,
            license: reader.owned()?,
        });
    }
    Some(entry)
}

impl<'a> Reader<'a> {
    fn is_there(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn optional(&mut self) -> Option<Option<&'a str>> {
        match self.number()? {
            0 => Some(None),
            more => Some(Some(self.text_of(more - 1)?)),
        }
    }

    fn owned(&mut self) -> Option<Option<String>> {
        Some(self.optional()?.map(str::to_owned))
    }

    fn other<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.is_there()? {
            true => Some(Some(read(self)?)),
            false => Some(None),
        }
    }

    fn signed(&mut self) -> Option<Option<i64>> {
        let number = self.other(Reader::number)?;
        Some(number.map(|number| (number >> 1) as i64 ^ -((number & 1) as i64)))
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.number()?;
        // A number that was damaged may be anything; nothing takes less than a byte.
        let mut list = Vec::with_capacity(usize::try_from(count).ok()?.min(self.0.len()));
        for _ in 0..count {
            list.push(read(self)?);
        }
        Some(list)
    }

    fn author(&mut self) -> Option<Option<Author>> {
        self.other(|reader| {
            Some(Author {
                name: reader.text()?.to_owned(),
                url: reader.owned()?,
            })
        })
    }

    fn links(&mut self) -> Option<Vec<Link>> {
        self.list(|reader| {
            Some(Link {
                path: reader.text()?.to_owned(),
                title: reader.text()?.to_owned(),
                kind: *LINK_KINDS.get(usize::from(reader.byte()?))?,
            })
        })
    }
}
