//! The texts of a stored entry, read without the rest of it.

use std::borrow::Cow;

use serde::Deserialize;

/// The texts that a search looks for text in, as it stands. They are borrowed from the stored JSON where nothing is escaped
/// there, so that hundreds of entries are read in the time that a few take whole.
#[derive(Debug, Deserialize)]
pub(crate) struct StoredTexts<'a> {
    #[serde(borrow)]
    pub(crate) title: Cow<'a, str>,
    #[serde(borrow, default)]
    question: Vec<StoredBlock<'a>>,
    #[serde(borrow, default)]
    answers: Vec<StoredAnswer<'a>>,
    #[serde(default)]
    framework: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    page: Option<StoredPage>,
}

/// A block of a stored entry.
#[derive(Debug, Deserialize)]
pub(crate) struct StoredBlock<'a> {
    pub(crate) kind: StoredKind,
    #[serde(borrow)]
    pub(crate) text: Cow<'a, str>,
    #[serde(borrow, default)]
    marks: Vec<StoredMark<'a>>,
    #[serde(default)]
    lang: Option<String>,
}

/// What a block of a stored entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StoredKind {
    Prose,
    Code,
}

#[derive(Debug, Deserialize)]
struct StoredMark<'a> {
    start: usize,
    end: usize,
    #[serde(borrow)]
    mark: Cow<'a, str>,
}

#[derive(Debug, Deserialize)]
struct StoredAnswer<'a> {
    #[serde(borrow, default)]
    body: Vec<StoredBlock<'a>>,
}

#[derive(Debug, Deserialize)]
struct StoredPage {
    title: String,
    #[serde(default)]
    topic: Option<String>,
    #[serde(default)]
    subtopic: Option<String>,
}

impl<'a> StoredTexts<'a> {
    /// Returns every block: the question's, then each answer's.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &StoredBlock<'a>> {
        let answers = self.answers.iter().flat_map(|answer| &answer.body);
        self.question.iter().chain(answers)
    }

    /// Returns the names that the entry is filed under: those of [`super::names`].
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let page = self.page.iter().flat_map(|page| {
            let names = page.topic.iter().chain(&page.subtopic);
            names.chain([&page.title])
        });
        let languages = self.blocks().filter_map(|block| block.lang.as_ref());
        let names = self.framework.iter().chain(&self.tags).chain(page);
        names.chain(languages).map(String::as_str)
    }
}

impl StoredBlock<'_> {
    /// Returns the pieces of inline code in a block of prose.
    pub(crate) fn inline_code(&self) -> impl Iterator<Item = &str> {
        let code = self.marks.iter().filter(|mark| mark.mark == "code");
        code.filter_map(|mark| self.text.get(mark.start..mark.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{self, Block, MarkKind};
    use crate::entry::{Answer, Entry, Page};

    #[test]
    fn the_texts_are_those_of_the_entry() {
        let entry = Entry {
            title: "What is \"this\"?".to_owned(),
            question: body::from_markdown("Why `a\\b`\nis *so* — [see `c`](/d):\n\n1. one\n"),
            answers: vec![
                Answer {
                    blocks: body::from_markdown("# Head\n\n```Rust\nlet a =\n\t\"b\";\n```\n"),
                    ..Answer::default()
                },
                Answer::default(),
            ],
            framework: Some("Tokio".to_owned()),
            tags: vec!["One".to_owned(), "two".to_owned()],
            page: Some(Page {
                title: "A page".to_owned(),
                topic: Some("Memory & more".to_owned()),
                subtopic: Some("Less".to_owned()),
                ..Page::default()
            }),
            ..Entry::default()
        };
        let json = serde_json::to_string(&entry).expect("is JSON");
        let texts: StoredTexts<'_> = serde_json::from_str(&json).expect("is an entry");
        assert_eq!(texts.title, entry.title);
        let blocks: Vec<&StoredBlock<'_>> = texts.blocks().collect();
        assert_eq!(blocks.len(), entry.blocks().count());
        for (stored, block) in blocks.into_iter().zip(entry.blocks()) {
            assert_eq!(stored.text, block.text());
            let code = match block {
                Block::Code(_) => Vec::new(),
                Block::Prose(prose) => prose
                    .marks
                    .iter()
                    .filter(|mark| mark.kind == MarkKind::Code)
                    .map(|mark| &prose.text[mark.start..mark.end])
                    .collect(),
            };
            assert_eq!(stored.inline_code().collect::<Vec<_>>(), code);
            let is_code = matches!(block, Block::Code(_));
            assert_eq!(stored.kind == StoredKind::Code, is_code);
        }
        let mut names: Vec<&str> = texts.names().collect();
        let mut expected = crate::schema::names(&entry);
        names.sort_unstable();
        expected.sort_unstable();
        assert_eq!(names, expected);
    }
}
