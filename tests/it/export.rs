//! `qdex export`: what is written holds all that was indexed.

use std::fs;

use proptest::prelude::*;
use qdex::body::{Block, Code, from_markdown};
use qdex::{
    Answer, Author, Difficulty, Entry, Format, Link, LinkKind, Page, SearchOptions, Source, Topic,
};

use crate::corpora::{own_corpus, read_well};
use crate::sample::{build, open};
use crate::support::{ENTRIES, Sandbox};

#[test]
fn entries_come_a_line_each_in_the_order_of_their_ids() {
    let sandbox = Sandbox::indexed();
    let ran = sandbox.qdex(&["export"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let ids: Vec<String> = ran
        .lines()
        .iter()
        .map(|line| {
            let entry: Entry = serde_json::from_str(line).expect("is an entry");
            let shown = sandbox.qdex(&["show", &entry.id, "--json"]);
            assert_eq!(shown.stdout.trim_end(), *line);
            entry.id
        })
        .collect();
    assert_eq!(
        ids,
        [
            "git#amend",
            "python/gc#cycles",
            "python/gc#weak-references",
            "rust/ownership#borrow"
        ]
    );
    let some = sandbox.qdex(&["export", "-d", "medium", "--tag", "memory"]);
    assert_eq!(some.lines(), [ran.lines()[1], ran.lines()[3]]);
    assert_eq!(sandbox.qdex(&["export", "-o", "-"]).stdout, ran.stdout);
}

#[test]
fn a_file_is_replaced_whole_or_not_at_all() {
    let sandbox = Sandbox::indexed();
    sandbox.file("out.jsonl", "former");
    let none = sandbox.qdex(&["export", "-o", "out.jsonl", "-d", "easy", "-t", "rust"]);
    assert_eq!(none.code, Some(1));
    assert_eq!(none.stderr, "there are no entries to export\n");
    let read = || fs::read_to_string(sandbox.path("out.jsonl")).expect("is there");
    assert_eq!(read(), "former");

    let ran = sandbox.qdex(&["export", "-o", "out.jsonl"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""));
    assert!(
        ran.stderr
            .starts_with("exported 4 entries to `out.jsonl` ("),
        "{}",
        ran.stderr
    );
    assert_eq!(read(), sandbox.qdex(&["export"]).stdout);
    let left = fs::read_dir(sandbox.path("")).expect("is there").flatten();
    let left: Vec<_> = left.map(|file| file.file_name()).collect();
    assert_eq!(left.len(), 3, "nothing else is left: {left:?}");

    for (path, reason) in [
        ("nowhere/out.jsonl", "No such file"),
        ("index", "is a directory"),
    ] {
        let failed = sandbox.qdex(&["export", "-o", path]);
        assert_eq!(failed.code, Some(2));
        let told = format!("error: cannot write `{path}`\ncaused by: ");
        assert!(failed.stderr.starts_with(&told), "{}", failed.stderr);
        assert!(failed.stderr.contains(reason), "{}", failed.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_file_keeps_its_rights_and_a_link_its_place() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let sandbox = Sandbox::indexed();
    sandbox.file("kept.jsonl", "former");
    let kept = sandbox.path("kept.jsonl");
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o640)).expect("is set");
    symlink(&kept, sandbox.path("link.jsonl")).expect("is linked");
    assert_eq!(sandbox.qdex(&["export", "-o", "link.jsonl"]).code, Some(0));
    let link = fs::symlink_metadata(sandbox.path("link.jsonl")).expect("is there");
    assert!(link.is_symlink());
    let kept = fs::metadata(&kept).expect("is there");
    assert_eq!(kept.permissions().mode() & 0o777, 0o640);
    assert!(kept.len() > 100);
    let device = sandbox.qdex(&["export", "-o", "/dev/null"]);
    assert_eq!(device.code, Some(0), "{}", device.stderr);
}

/// Exports what was built from entries, builds another index from that, and compares entries and answers.
fn check(entries: &[Entry], queries: &[String]) {
    let sandbox = Sandbox::new();
    let (first, second) = (sandbox.path("first"), sandbox.path("second"));
    build(&first, entries);
    let ran = sandbox.qdex(&["export", "--index", "first", "-o", "all.jsonl"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let read = read_well(&[sandbox.path("all.jsonl")]);
    let mut sorted = entries.to_vec();
    sorted.sort_by(|left, right| left.id.cmp(&right.id));
    assert_eq!(read, sorted);
    let ran = sandbox.qdex(&["index", "all.jsonl", "--index", "second"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let (first, second) = (open(&first), open(&second));
    for query in queries {
        let options = SearchOptions {
            limit: 50,
            ..SearchOptions::default()
        };
        let answers = [&first, &second].map(|searcher| {
            let results = searcher.search(query, &options).expect("answers");
            let hits = results.hits.into_iter();
            let hits = hits.map(|hit| (hit.entry, hit.score.to_bits(), hit.snippet, hit.code));
            (results.total, hits.collect::<Vec<_>>())
        });
        assert_eq!(answers[0], answers[1], "{query:?}");
    }
}

#[test]
fn the_sample_corpus_survives_an_export() {
    let queries = ["weakref cache", "git commit --amend", "E0502", "tag:memory"];
    check(&read_well(&[own_corpus()]), &queries.map(str::to_owned));
}

#[test]
fn entries_of_the_program_survive_an_export() {
    let sandbox = Sandbox::new();
    sandbox.file("entries.jsonl", ENTRIES);
    let entries = read_well(&[sandbox.path("entries.jsonl")]);
    check(&entries, &["cache".to_owned()]);
}

/// Any text: words, markup, controls, whatever hides.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "cache",
            "weak_ref",
            "C++",
            " ",
            "\n",
            "\n\n",
            "```",
            "`",
            "# ",
            "- ",
            "\"",
            "\\",
            "\u{2028}",
            "\u{202e}",
            "\0",
            "\u{1b}[31m",
            "é",
            "引用",
            "👩‍💻",
            "<b>",
            "&amp;",
            "\u{feff}",
            "\r\n",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn blocks() -> impl Strategy<Value = Vec<Block>> {
    let code = (text(), prop::option::of(text()))
        .prop_map(|(text, lang)| vec![Block::Code(Code { text, lang })]);
    prop_oneof![text().prop_map(|text| from_markdown(&text)), code]
}

fn link() -> impl Strategy<Value = Link> {
    let kind = prop::sample::select(vec![
        LinkKind::Duplicate,
        LinkKind::Related,
        LinkKind::Linked,
    ]);
    (text(), text(), kind).prop_map(|(path, title, kind)| Link { path, title, kind })
}

fn answer() -> impl Strategy<Value = Answer> {
    let author = prop::option::of(text().prop_map(|name| Author {
        name,
        ..Author::default()
    }));
    (
        blocks(),
        prop::option::of(text()),
        any::<Option<i64>>(),
        any::<bool>(),
        author,
    )
        .prop_map(|(blocks, id, score, accepted, author)| Answer {
            id,
            blocks,
            score,
            accepted,
            author,
            ..Answer::default()
        })
}

fn source() -> impl Strategy<Value = Source> {
    let format = prop::sample::select(vec![Format::Nuxt, Format::Markdown, Format::Beir]);
    (text(), any::<Option<u32>>(), format).prop_map(|(path, line, format)| Source {
        // An entry without a source is given that of the file it is read from.
        path: format!("p{path}"),
        line: line.map(u64::from),
        format,
    })
}

fn entry() -> impl Strategy<Value = Entry> {
    let facts = (
        prop::option::of(prop::sample::select(Difficulty::ALL.to_vec())),
        text(),
        prop::option::of(text()),
        prop::collection::vec(text(), 0..3),
        any::<Option<i64>>(),
        prop::option::of(text()),
    );
    let texts = (
        text(),
        text(),
        blocks(),
        prop::collection::vec(answer(), 0..3),
    );
    (texts, facts, prop::collection::vec(link(), 0..3), source()).prop_map(
        |((id, title, question, answers), facts, related, source)| {
            let (difficulty, topic, framework, tags, score, date) = facts;
            Entry {
                id,
                // Readers leave out entries whose title is blank.
                title: format!("t{title}"),
                question,
                answers,
                difficulty,
                difficulty_original: framework.clone(),
                topic: Topic::new(&topic),
                page: framework.clone().map(|title| Page {
                    title,
                    siblings: related.clone(),
                    ..Page::default()
                }),
                framework,
                tags,
                score,
                created: date.clone(),
                url: date.clone(),
                updated: date,
                related,
                source,
                ..Entry::default()
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_entries_survive_an_export(
        mut entries in prop::collection::vec(entry(), 1..6),
        query in text(),
    ) {
        for (place, entry) in entries.iter_mut().enumerate() {
            entry.id = format!("{place}{}", entry.id);
        }
        let queries = ["cache weak".to_owned(), entries[0].title.clone(), query];
        check(&entries, &queries);
    }
}
