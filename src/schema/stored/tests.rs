//! Entries are read as they were stored, and anything else is no panic.

use proptest::prelude::*;

use super::*;
use crate::body;
use crate::entry::{Answer, Author, Difficulty, Format, Link, LinkKind, Page, Source, Topic};

fn example() -> Entry {
    Entry {
        id: "a#b".to_owned(),
        title: "What is \"this\"?".to_owned(),
        question: body::from_markdown(
            "Why `a\\b`\nis *so* — [see `c`](/d):\n\n1. one\n\n   more\n   - two\n\n> **said**\n\n| a | b |\n|---|---|\n| `c` | d |\n",
        ),
        answers: vec![
            Answer {
                id: Some("7".to_owned()),
                blocks: body::from_markdown(
                    "# Head\n\n```Rust\nlet a =\n\t\"b\";\n```\n\n    plain\n",
                ),
                score: Some(-3),
                accepted: true,
                created: Some("2020".to_owned()),
                url: Some("/u".to_owned()),
                author: Some(Author::default()),
                license: Some("CC0".to_owned()),
            },
            Answer::default(),
        ],
        difficulty: Some(Difficulty::Hard),
        difficulty_original: Some("senior".to_owned()),
        topic: Topic::new("/x/y"),
        framework: Some("Tokio".to_owned()),
        tags: vec!["One".to_owned(), "two".to_owned()],
        score: Some(5),
        created: Some("2019".to_owned()),
        updated: Some("2021".to_owned()),
        url: Some("/q".to_owned()),
        author: Some(Author {
            name: "Ada".to_owned(),
            url: None,
        }),
        license: Some("CC BY-SA 4.0".to_owned()),
        page: Some(Page {
            title: "A page".to_owned(),
            topic: Some("Memory & more".to_owned()),
            subtopic: Some("Less".to_owned()),
            ..Page::default()
        }),
        related: vec![Link {
            path: "c".to_owned(),
            ..Link::default()
        }],
        source: Source {
            path: "a.md".to_owned(),
            ..Source::default()
        },
    }
}

#[test]
fn an_entry_is_read_as_it_was_stored() {
    for stored in [Entry::default(), example()] {
        assert_eq!(entry(&bytes(&stored)), Some(stored));
    }
}

#[test]
fn the_texts_are_those_of_the_entry() {
    let entry = example();
    let stored = bytes(&entry);
    let texts = StoredTexts::read(&stored).expect("is an entry");
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
        assert_eq!(stored.is_code(), matches!(block, Block::Code(_)));
    }
    let mut names = Vec::new();
    assert!(!texts.has_name(|name| {
        names.push(name.to_owned());
        false
    }));
    let mut expected = crate::schema::names(&entry);
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert!(texts.has_name(|name| name == "Less"));
}

/// Returns a block of any kind, whose marks may be anything.
fn block() -> impl Strategy<Value = Block> {
    let kind = prop_oneof![
        Just(MarkKind::Code),
        Just(MarkKind::Strong),
        Just(MarkKind::Emphasis),
        ".{0,5}".prop_map(|target| MarkKind::Link { target }),
    ];
    let mark = (0..40usize, 0..40usize, kind);
    let mark = mark.prop_map(|(start, end, kind)| Mark { start, end, kind });
    let style = prop_oneof![
        Just(ProseStyle::Paragraph),
        (1..=6u8).prop_map(ProseStyle::Heading),
        (any::<u8>(), any::<Option<u64>>())
            .prop_map(|(depth, number)| ProseStyle::Item { depth, number }),
        any::<u8>().prop_map(|depth| ProseStyle::Continued { depth }),
        Just(ProseStyle::Quote),
        Just(ProseStyle::Comment),
        Just(ProseStyle::Table),
    ];
    let prose = (".{0,40}", style, prop::collection::vec(mark, 0..6));
    let prose = prose.prop_map(|(text, style, marks)| Block::Prose(Prose { text, style, marks }));
    let code = (".{0,40}", prop::option::of(".{0,5}"));
    let code = code.prop_map(|(text, lang)| Block::Code(Code { text, lang }));
    prop_oneof![prose, code]
}

fn optional() -> impl Strategy<Value = Option<String>> {
    prop::option::of(".{0,5}")
}

fn author() -> impl Strategy<Value = Option<Author>> {
    let author = (".{0,5}", optional());
    prop::option::of(author.prop_map(|(name, url)| Author { name, url }))
}

fn links() -> impl Strategy<Value = Vec<Link>> {
    let kinds = [LinkKind::Related, LinkKind::Duplicate, LinkKind::Linked];
    let link = (".{0,5}", ".{0,5}", prop::sample::select(kinds.to_vec()));
    let link = link.prop_map(|(path, title, kind)| Link { path, title, kind });
    prop::collection::vec(link, 0..3)
}

fn page() -> impl Strategy<Value = Option<Page>> {
    let texts = (".{0,5}", optional(), optional(), optional(), optional());
    let page = (texts, any::<Option<i64>>(), links());
    let page = page.prop_map(|(texts, order, siblings)| {
        let (title, path, description, topic, subtopic) = texts;
        Page {
            title,
            path,
            description,
            topic,
            subtopic,
            order,
            siblings,
        }
    });
    prop::option::of(page)
}

fn answer() -> impl Strategy<Value = Answer> {
    let texts = (optional(), optional(), optional(), optional());
    let answer = (texts, any::<Option<i64>>(), any::<bool>(), author());
    answer.prop_map(|(texts, score, accepted, author)| {
        let (id, created, url, license) = texts;
        Answer {
            id,
            blocks: Vec::new(),
            score,
            accepted,
            created,
            url,
            author,
            license,
        }
    })
}

fn source() -> impl Strategy<Value = Source> {
    let formats = [
        Format::Nuxt,
        Format::Markdown,
        Format::Json,
        Format::Jsonl,
        Format::Beir,
        Format::StackExchange,
    ];
    let source = (
        ".{0,5}",
        any::<Option<u64>>(),
        prop::sample::select(formats.to_vec()),
    );
    source.prop_map(|(path, line, format)| Source { path, line, format })
}

/// Returns an entry with any facts, without blocks.
fn entry_of_facts() -> impl Strategy<Value = Entry> {
    let texts = (".{0,5}", ".{0,5}", optional(), optional(), optional());
    let more = (optional(), optional(), optional());
    let topic = "(/[a-zé-]{1,3}){0,3}";
    let difficulty = prop::option::of(prop::sample::select(Difficulty::ALL.to_vec()));
    let filed = (
        difficulty,
        topic,
        prop::collection::vec(".{0,5}", 0..3),
        page(),
    );
    let parts = (any::<Option<i64>>(), author(), links(), source());
    let answers = prop::collection::vec(answer(), 0..3);
    let entry = (texts, more, filed, parts, answers);
    entry.prop_map(|(texts, more, filed, parts, answers)| {
        let (id, title, difficulty_original, framework, created) = texts;
        let (updated, url, license) = more;
        let (difficulty, topic, tags, page) = filed;
        let (score, author, related, source) = parts;
        Entry {
            id,
            title,
            question: Vec::new(),
            answers,
            difficulty,
            difficulty_original,
            topic: Topic::new(&topic),
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
        }
    })
}

proptest! {
    #[test]
    fn facts_are_read_as_they_were_stored(stored in entry_of_facts()) {
        let bytes = bytes(&stored);
        for end in 0..bytes.len() {
            prop_assert_eq!(entry(&bytes[..end]), None);
        }
        let texts = StoredTexts::read(&bytes).expect("is an entry");
        let mut names = Vec::new();
        texts.has_name(|name| {
            names.push(name.to_owned());
            false
        });
        names.sort_unstable();
        let page = stored.page.iter().flat_map(|page| {
            let names = page.topic.iter().chain(&page.subtopic);
            names.chain([&page.title])
        });
        let expected = stored.framework.iter().chain(&stored.tags).chain(page);
        let mut expected: Vec<String> = expected.cloned().collect();
        expected.sort_unstable();
        prop_assert_eq!(names, expected);
        prop_assert_eq!(entry(&bytes), Some(stored));
    }

    /// Blocks are stored as JSON would store them: what does not hold together is mended.
    #[test]
    fn blocks_are_read_as_from_json(
        question in prop::collection::vec(block(), 0..5),
        answers in prop::collection::vec(prop::collection::vec(block(), 0..3), 0..4),
    ) {
        let answers = answers.into_iter().map(|blocks| Answer { blocks, ..Answer::default() });
        let stored = Entry { question, answers: answers.collect(), ..Entry::default() };
        let json = serde_json::to_string(&stored).expect("is JSON");
        let expected: Entry = serde_json::from_str(&json).expect("is an entry");
        let stored = bytes(&stored);
        prop_assert_eq!(entry(&stored), Some(expected));
        for end in 0..stored.len() {
            prop_assert_eq!(entry(&stored[..end]), None);
        }
    }

    #[test]
    fn whatever_is_stored_is_no_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..9),
    ) {
        let mut stored = bytes(&example());
        for (place, byte) in flips {
            let place = place.index(stored.len());
            stored[place] = byte;
        }
        if let Some(texts) = StoredTexts::read(&stored) {
            texts.has_name(|_| false);
            for block in texts.blocks() {
                prop_assert!(block.inline_code().count() <= stored.len());
            }
        }
        if let Some(entry) = entry(&stored) {
            for block in entry.blocks() {
                if let Block::Prose(prose) = block {
                    for mark in &prose.marks {
                        prop_assert!(prose.text.get(mark.start..mark.end).is_some());
                    }
                }
            }
        }
    }
}
