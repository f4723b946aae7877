//! What must hold for any bytes: of the readers, the markup, the query language and the snippets.
//!
//! The fuzz targets and a test of the project share these functions; each panics where something does not hold.
#![allow(dead_code)]

use std::fs;
use std::ops::Range;

use qdex::body::{self, Block};
use qdex::corpus::{Corpus, Item, ReadOptions};
use qdex::snippet::{self, Snippet, SnippetKind};
use qdex::{Entry, query};

/// What is called with any bytes.
pub(crate) type Target = fn(&[u8]);

/// Every target with its name.
pub(crate) const TARGETS: [(&str, Target); 5] = [
    ("corpus", corpus),
    ("markup", markup),
    ("dump", dump),
    ("query", query),
    ("snippet", snippet),
];

/// What a file of a corpus may be called; its name says what is worth trying.
const NAMES: [&str; 10] = [
    "a.md",
    "_payload.json",
    "a.json",
    "a.jsonl",
    "a.html",
    "a",
    "corpus.jsonl",
    "Posts.xml",
    "a.7z",
    "a-questions.md",
];

/// Parts a dump into its tables.
const NEXT_TABLE: u8 = 0xff;

/// Any file is read to its end: the first byte chooses its name and the options.
pub(crate) fn corpus(data: &[u8]) {
    let Some((choice, content)) = data.split_first() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let name = NAMES[usize::from(*choice) % NAMES.len()];
    fs::write(folder.path().join(name), content).expect("a file");
    let options = ReadOptions {
        sections: choice & 0x80 != 0,
        outline: choice & 0x40 != 0,
        ..ReadOptions::default()
    };
    read(folder.path(), options);
}

/// A dump of four tables is joined.
pub(crate) fn dump(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tables = ["Posts.xml", "Comments.xml", "PostLinks.xml", "Users.xml"];
    for (name, content) in tables.iter().zip(data.split(|byte| *byte == NEXT_TABLE)) {
        fs::write(folder.path().join(name), content).expect("a file");
    }
    read(folder.path(), ReadOptions::default());
}

fn read(folder: &std::path::Path, options: ReadOptions) {
    let corpus = Corpus::open(&[folder.to_owned()], options).expect("the folder is there");
    for item in corpus {
        match item {
            Item::Entry(entry) => check_entry(&entry),
            Item::Problem(problem) => assert!(!problem.message.is_empty()),
        }
    }
}

fn check_entry(entry: &Entry) {
    assert!(!entry.id.is_empty());
    entry.blocks().for_each(check_block);
    let json = serde_json::to_string(entry).expect("an entry is JSON");
    let back: Entry = serde_json::from_str(&json).expect("an entry is read as it was written");
    assert_eq!(back, *entry);
}

fn check_block(block: &Block) {
    if let Block::Prose(prose) = block {
        for mark in &prose.marks {
            assert!(mark.start <= mark.end);
            assert!(prose.text.get(mark.start..mark.end).is_some());
        }
    }
}

/// Markdown and HTML become blocks whose marks stand in their texts.
pub(crate) fn markup(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    body::from_markdown(&text).iter().for_each(check_block);
    body::from_html(&text).iter().for_each(check_block);
}

/// A text is a query, and what it is read as is the same query.
pub(crate) fn query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let parsed = query::parse(&text);
    for warning in &parsed.warnings {
        assert!(!warning.to_string().is_empty());
    }
    let written = parsed.query.to_string();
    assert_eq!(query::parse(&written).query, parsed.query, "{written:?}");
    if let Some(identity) = qdex::message::error_in(&text) {
        assert!(!identity.to_string().is_empty());
    }
}

/// The first line is a query, the rest an entry.
pub(crate) fn snippet(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (query, markdown) = text.split_once('\n').unwrap_or((&text, ""));
    let blocks = body::from_markdown(markdown);
    let middle = blocks.len() / 3;
    let (question, answer) = blocks.split_at(middle);
    let entry = Entry {
        id: "a".to_owned(),
        title: query.chars().rev().take(80).collect(),
        question: question.to_vec(),
        answers: vec![qdex::Answer {
            blocks: answer.to_vec(),
            ..Default::default()
        }],
        ..Entry::default()
    };
    let (passage, code) = snippet::of_entry(&entry, query);
    check_snippet(&passage, &entry);
    if let Some(code) = code {
        assert_eq!(code.kind, SnippetKind::Code);
        check_snippet(&code, &entry);
        let is_whole =
            |block: &Block| matches!(block, Block::Code(whole) if whole.text == code.text);
        assert!(entry.blocks().any(is_whole), "code comes whole");
    }
}

fn check_snippet(snippet: &Snippet, entry: &Entry) {
    let mut end = 0;
    for range in &snippet.highlights {
        assert!(end <= range.start && range.start < range.end);
        assert!(snippet.text.get(range.clone()).is_some());
        end = range.end;
    }
    assert!(
        snippet
            .answer
            .is_none_or(|answer| answer < entry.answers.len())
    );
    let mut behind = 0;
    for Range { start, end } in snippet.excerpt(5) {
        assert!(behind <= start && start <= end);
        assert!(snippet.text.get(start..end).is_some());
        let before = &snippet.text[..start];
        assert!(
            before.is_empty() || before.ends_with('\n'),
            "lines are whole"
        );
        behind = end;
    }
}
