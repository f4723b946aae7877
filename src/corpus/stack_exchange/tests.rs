//! Dumps of our own making, one oddity each, and the real ones that `QDEX_TEST_DATA` holds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::Table;
use super::dump::Dump;
use super::join::{Join, LeftOut, Spill};
use super::posts::Site;
use crate::body::{Block, ProseStyle};
use crate::corpus::{Choice, Corpus, Item, ReadOptions, Severity};
use crate::entry::{Entry, LinkKind};

fn join(tables: &[(Table, &str)], choice: Choice, spill: Option<Spill>) -> Dump {
    let mut join = Join::new(spill, choice);
    for (table, xml) in tables {
        join.read(*table, &format!("{table:?}.xml"), xml.as_bytes())
            .expect("nothing to write");
    }
    join.finish(Site::named("site.example"))
        .expect("nothing to write")
}

/// Returns the entries, and the problems as they are printed.
fn read(posts: &str) -> (Vec<Entry>, Vec<String>, LeftOut) {
    let mut dump = join(&[(Table::Posts, posts)], Choice::default(), None);
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for item in dump.by_ref() {
        match item {
            Item::Entry(entry) => entries.push(*entry),
            Item::Problem(problem) => problems.push(problem.to_string()),
        }
    }
    (entries, problems, dump.left_out)
}

/// Returns entries as `id: title (answers)`.
fn outline(entries: &[Entry]) -> Vec<String> {
    let answer = |answer: &crate::Answer| {
        let id = answer.id.as_deref().unwrap_or_default();
        format!("{id}{}", if answer.accepted { "!" } else { "" })
    };
    entries
        .iter()
        .map(|entry| {
            let answers: Vec<_> = entry.answers.iter().map(answer).collect();
            format!("{}: {} ({})", entry.id, entry.title, answers.join(" "))
        })
        .collect()
}

#[test]
fn a_question_comes_with_everything_its_rows_say() {
    let (entries, problems, left_out) = read(
        r#"<?xml version="1.0" encoding="utf-8"?>
<posts>
  <row Id="4" PostTypeId="1" AcceptedAnswerId="9" CreationDate="2020-01-02T03:04:05.678" Score="-3" Title="Why is &quot;a &lt; b&quot; true?" Tags="&lt;c++&gt;&lt;operators&gt;&lt;c++&gt;" Body="&lt;p&gt;Look:&lt;/p&gt;&#xA;&lt;pre class=&quot;lang-cpp prettyprint-override&quot;&gt;&lt;code&gt;if (a &amp;lt; b) {}&#xA;&lt;/code&gt;&lt;/pre&gt;" OwnerUserId="12" LastActivityDate="2021-01-01T00:00:00.000" ContentLicense="CC BY-SA 4.0" />
  <row ParentId="4" Body="&lt;!-- language: lang-py --&gt;&lt;pre&gt;&lt;code&gt;print(1)&lt;/code&gt;&lt;/pre&gt;" Id="9" PostTypeId="2" Score="1" OwnerDisplayName="gone" CreationDate="2020-01-03" />
</posts>"#,
    );
    assert_eq!((problems, left_out), (vec![], LeftOut::default()));
    let json = serde_json::to_value(&entries).expect("plain data");
    assert_eq!(
        json,
        serde_json::json!([{
            "id": "site.example/4",
            "title": "Why is \"a < b\" true?",
            "question": [
                {"kind": "prose", "text": "Look:"},
                {"kind": "code", "text": "if (a < b) {}", "lang": "cpp"},
            ],
            "answers": [{
                "id": "9",
                "body": [{"kind": "code", "text": "print(1)", "lang": "py"}],
                "score": 1,
                "accepted": true,
                "created": "2020-01-03",
                "url": "https://site.example/a/9",
                "author": {"name": "gone"},
            }],
            "tags": ["c++", "operators"],
            "score": -3,
            "created": "2020-01-02T03:04:05.678",
            "updated": "2021-01-01T00:00:00.000",
            "url": "https://site.example/questions/4",
            "author": {"name": "user12", "url": "https://site.example/users/12"},
            "license": "CC BY-SA 4.0",
            "source": {"path": "Posts.xml", "line": 3, "format": "stack-exchange"},
        }])
    );
}

#[test]
fn odd_rows_are_read_or_reported() {
    for (posts, expected, problems, left_out) in [
        (
            // Both spellings of tags, answers before their question, accepted first and then by votes.
            r#"<xml><row Id="2" PostTypeId="2" ParentId="7" Score="5" Body="b"/>
               <row Id="3" PostTypeId="2" ParentId="7" Score="-1" Body="c"/>
               <row Id="5" PostTypeId="2" ParentId="7" Score="9" Body="d"/>
               <row Id="7" PostTypeId="1" Title="T" Tags="|a|b|" AcceptedAnswerId="3"/></xml>"#,
            vec!["site.example/7: T (3! 5 2)"],
            vec![],
            [0, 0],
        ),
        (
            // An accepted answer that is not there, an answer to nothing, wikis and placeholders.
            r#"<row Id="1" PostTypeId="1" Title="T" AcceptedAnswerId="99"/>
               <row Id="2" PostTypeId="2" ParentId="50" Body="b"/>
               <row Id="3" PostTypeId="2" Body="b"/>
               <row Id="4" PostTypeId="4"/><row Id="5" PostTypeId="5"/><row Id="6" PostTypeId="7"/>
               <row Id="8"/>"#,
            vec!["site.example/1: T ()"],
            vec![],
            [4, 2],
        ),
        (
            // Without a title a question is named after its text.
            r#"<row Id="1" PostTypeId="1" Body="&lt;p&gt;First one. Second.&lt;/p&gt;"/>
               <row Id="2" PostTypeId="1" Title=" two
  lines " />
               <row Id="3" PostTypeId="1"/>"#,
            vec![
                "site.example/1: First one. ()",
                "site.example/2: two lines ()",
            ],
            vec!["Posts.xml:4: the question has neither a title nor a text"],
            [0, 0],
        ),
        (
            "<posts>\n<row Id=\"1\" PostTypeId=\"1\" Title=\"&bad;\"/>\n<row Id=\"x\" PostTypeId=\"1\"/>\n<row PostTypeId=\"1\"/>\n<row Id=\"0\" PostTypeId=\"1\"/>\n<row Id=\"1\" Id=\"2\"/>\n<row Id=\"3\" PostTypeId=\"2\" ParentId=\"2\" Score=\"many\"/>\n<row Id=\"2\" PostTypeId=\"1\" Title=\"T\"/>\n<row Id=\"2\" PostTypeId=\"1\" Title=\"U\"/>",
            vec!["site.example/2: T ()"],
            vec![
                "Posts.xml:3: expected a number in the attribute `Id`, found `x`",
                "Posts.xml:4: the attribute `Id` is missing",
                "Posts.xml:5: expected an id above 0 in the attribute `Id`",
                "Posts.xml:6: broken XML: ",
                "Posts.xml:2: broken XML in the attribute `Title`: ",
                "Posts.xml:9: the id `2` stands on an earlier row already",
                "Posts.xml:7: expected a number in the attribute `Score`, found `many`",
            ],
            [0, 0],
        ),
    ] {
        let (entries, found, counts) = read(posts);
        assert_eq!(outline(&entries), expected, "{posts}");
        assert_eq!([counts.other_posts, counts.orphans], left_out, "{posts}");
        assert_eq!(found.len(), problems.len(), "{found:?}");
        for (found, problem) in found.iter().zip(problems) {
            assert!(found.starts_with(problem), "{found} / {problem}");
        }
    }
}

#[test]
fn links_become_related_questions() {
    let posts = r#"<row Id="1" PostTypeId="1" Title="T"/>"#;
    let links = r#"<row Id="1" PostId="1" RelatedPostId="5" LinkTypeId="1"/>
        <row Id="2" PostId="1" RelatedPostId="9" LinkTypeId="3"/>
        <row Id="3" PostId="1" RelatedPostId="5" LinkTypeId="3"/>
        <row Id="4" PostId="1" RelatedPostId="3" LinkTypeId="1"/>
        <row Id="5" PostId="1" RelatedPostId="3" LinkTypeId="1"/>
        <row Id="6" PostId="77" RelatedPostId="3" LinkTypeId="1"/>"#;
    let tables = [(Table::PostLinks, links), (Table::Posts, posts)];
    let items: Vec<_> = join(&tables, Choice::default(), None).collect();
    let [Item::Entry(entry)] = items.as_slice() else {
        panic!("{items:?}");
    };
    let related: Vec<_> = entry
        .related
        .iter()
        .map(|link| (link.path.as_str(), link.kind))
        .collect();
    assert_eq!(
        related,
        [
            ("site.example/5", LinkKind::Duplicate),
            ("site.example/9", LinkKind::Duplicate),
            ("site.example/3", LinkKind::Linked),
        ]
    );
}

#[test]
fn comments_and_names_come_from_their_tables() {
    let posts = r#"<row Id="7" PostTypeId="2" ParentId="9" Body="b" OwnerUserId="3"/>
        <row Id="9" PostTypeId="1" Title="T" OwnerUserId="4" OwnerDisplayName="then"/>
        <row Id="8" PostTypeId="2" ParentId="9" Body="c" OwnerUserId="-1"/>"#;
    let comments = r#"<row Id="12" PostId="9" Text="see `x`" UserId="3" Score="1"/>
        <row Id="11" PostId="9" Text="first" UserDisplayName="gone"/>
        <row Id="13" PostId="7" Text="a [link](http://e.org)" UserId="5"/>
        <row Id="14" PostId="77" Text="lost" UserId="3"/>
        <row Id="0" PostId="7" Text="bad"/>"#;
    let users = r#"<row Id="3" Reputation="1" DisplayName="Ann &amp; co"/>
        <row Id="4" Reputation="1" DisplayName="now"/><row Id="-1" Reputation="1" DisplayName="Community"/>"#;
    let tables = [
        (Table::Comments, comments),
        (Table::Users, users),
        (Table::Posts, posts),
    ];
    let mut items: Vec<_> = join(&tables, Choice::default(), None).collect();
    let Some(Item::Entry(entry)) = items.pop() else {
        panic!("{items:?}");
    };
    let [Item::Problem(problem)] = items.as_slice() else {
        panic!("{items:?}");
    };
    let message = "Comments.xml:5: expected an id above 0 in the attribute `Id`";
    assert_eq!(problem.to_string(), message);
    let author = |author: &Option<crate::Author>| author.as_ref().map(|author| author.name.clone());
    assert_eq!(author(&entry.author).as_deref(), Some("then"));
    let authors: Vec<_> = entry
        .answers
        .iter()
        .map(|answer| author(&answer.author))
        .collect();
    assert_eq!(authors, [Some("Ann & co".to_owned()), None]);
    let texts = |blocks: &[Block]| {
        blocks
            .iter()
            .map(|block| block.text().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(&entry.question), ["first — gone", "see x — Ann & co"]);
    assert_eq!(texts(&entry.answers[0].blocks), ["b", "a link — user5"]);
    let Block::Prose(prose) = &entry.question[0] else {
        panic!("{entry:?}");
    };
    assert_eq!(prose.style, ProseStyle::Comment);
}

#[test]
fn questions_are_chosen_with_their_answers() {
    let posts = r#"<row Id="1" PostTypeId="1" Title="T" Tags="&lt;a&gt;" Score="1" CreationDate="2019-01-01"/>
        <row Id="2" PostTypeId="2" ParentId="1" Body="b"/>
        <row Id="3" PostTypeId="2" ParentId="4" Body="b"/>
        <row Id="4" PostTypeId="1" Title="U" Tags="|b|" Score="4" CreationDate="2020-01-01"/>"#;
    for (choice, expected) in [
        (
            Choice {
                tags: vec!["A".to_owned()],
                ..Choice::default()
            },
            "site.example/1: T (2)",
        ),
        (
            Choice {
                min_score: Some(2),
                ..Choice::default()
            },
            "site.example/4: U (3)",
        ),
        (
            Choice {
                since: Some("2020".to_owned()),
                ..Choice::default()
            },
            "site.example/4: U (3)",
        ),
    ] {
        let mut dump = join(&[(Table::Posts, posts)], choice.clone(), None);
        let entries: Vec<_> = dump
            .by_ref()
            .map(|item| match item {
                Item::Entry(entry) => *entry,
                Item::Problem(problem) => panic!("{problem}"),
            })
            .collect();
        assert_eq!(outline(&entries), [expected], "{choice:?}");
        let left_out = LeftOut {
            unwanted: 1,
            ..LeftOut::default()
        };
        assert_eq!(dump.left_out, left_out, "{choice:?}");
    }
}

const POSTS: &str =
    "<posts>\n<row Id=\"1\" PostTypeId=\"1\" Title=\"T\" OwnerUserId=\"3\"/>\n</posts>";
const LINKS: &str =
    "<postlinks><row Id=\"1\" PostId=\"1\" RelatedPostId=\"5\" LinkTypeId=\"3\"/></postlinks>";
const COMMENTS: &str = "<comments><row Id=\"2\" PostId=\"1\" Text=\"c\" UserId=\"3\"/></comments>";
const USERS: &str = "<users><row Id=\"3\" Reputation=\"1\" DisplayName=\"Ann\"/></users>";
const HISTORY: &str =
    "<posthistory><row Id=\"1\" PostHistoryTypeId=\"2\" PostId=\"1\" Text=\"old\"/></posthistory>";
const TAGS: &str = "<tags><row Id=\"1\" TagName=\"python\" Count=\"9\"/><row Id=\"2\" TagName=\"c++\" Count=\"1\"/></tags>";
const VOTES: &str = "<votes><row Id=\"1\" PostId=\"1\" VoteTypeId=\"2\"/></votes>";

/// The files of a dump, in the order of archives: what the posts need comes first.
const FILES: [(&str, &str); 7] = [
    ("Comments.xml", COMMENTS),
    ("PostHistory.xml", HISTORY),
    ("PostLinks.xml", LINKS),
    ("Posts.xml", POSTS),
    ("Tags.xml", TAGS),
    ("Users.xml", USERS),
    ("Votes.xml", VOTES),
];

fn archive(path: &Path, files: &[(&str, &str)]) {
    let mut archive = sevenz_rust2::ArchiveWriter::create(path).expect("a file");
    for (name, text) in files {
        let entry = sevenz_rust2::ArchiveEntry::new_file(name);
        archive
            .push_archive_entry(entry, Some(text.as_bytes()))
            .expect("written");
    }
    archive.finish().expect("written");
}

/// Returns entries without their sources, and problems, as texts.
fn read_path(path: &Path) -> (Vec<String>, crate::corpus::FileCounts) {
    let mut corpus = Corpus::open(&[path.to_owned()], ReadOptions::default()).expect("a path");
    let items = corpus
        .by_ref()
        .map(|item| match item {
            Item::Entry(mut entry) => {
                entry.source = Default::default();
                serde_json::to_string(&entry).expect("plain data")
            }
            Item::Problem(problem) => problem.message,
        })
        .collect();
    (items, corpus.counts().clone())
}

#[test]
fn a_wanted_tag_that_the_site_does_not_have_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in FILES {
        std::fs::write(folder.path().join(name), text).expect("is written");
    }
    archive(&folder.path().join("site.7z"), &FILES);
    for path in ["Posts.xml", "site.7z"] {
        let options = ReadOptions {
            choice: Choice {
                tags: ["pyhton", "C++", "cobol"].map(str::to_owned).to_vec(),
                ..Choice::default()
            },
            ..ReadOptions::default()
        };
        let corpus = Corpus::open(&[folder.path().join(path)], options).expect("a path");
        let problems = corpus.filter_map(|item| match item {
            Item::Problem(problem) => Some((problem.severity, problem.message)),
            Item::Entry(_) => None,
        });
        let expected = [
            "the site has no tag `pyhton`; is it `python`?",
            "the site has no tag `cobol`",
        ];
        let expected = expected.map(|message| (Severity::Warning, message.to_owned()));
        assert_eq!(problems.collect::<Vec<_>>(), expected, "{path}");
    }
}

#[test]
fn folders_archives_and_archives_of_tables_are_one_dump() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let site = folder.join("plain/a.example.org");
    std::fs::create_dir_all(&site).expect("a folder");
    for (name, xml) in FILES {
        std::fs::write(site.join(name), xml).expect("a file");
    }
    let (expected, counts) = read_path(&site);
    assert_eq!(expected.len(), 1);
    for part in [
        "a.example.org/1",
        "a.example.org/5",
        "\"Ann\"",
        "c — Ann",
        "duplicate",
    ] {
        assert!(expected[0].contains(part), "{part}: {expected:?}");
    }
    // Tables that are not read are files of another kind; those that are belong to the posts.
    assert_eq!((counts.other, counts.unreadable), (2, 0));

    let whole = folder.join("a.example.org.7z");
    archive(&whole, &FILES);
    assert_eq!(read_path(&whole).0, expected);

    let apart = folder.join("apart");
    std::fs::create_dir(&apart).expect("a folder");
    for (name, xml) in FILES {
        let table = name.strip_suffix(".xml").expect("a table");
        archive(
            &apart.join(format!("a.example.org-{table}.7z")),
            &[(name, xml)],
        );
    }
    let (found, counts) = read_path(&apart);
    assert_eq!(found, expected);
    assert_eq!((counts.other, counts.unreadable), (2, 0));

    let two = folder.join("two.7z");
    let names = |site: &str| FILES.map(|(name, xml)| (format!("{site}/{name}"), xml));
    let files = [names("a.example.org"), names("b.example.org")].concat();
    let files: Vec<_> = files
        .iter()
        .map(|(name, xml)| (name.as_str(), *xml))
        .collect();
    archive(&two, &files);
    let other = expected[0].replace("a.example.org", "b.example.org");
    assert_eq!(read_path(&two).0, [expected[0].clone(), other]);
}

#[test]
fn a_damaged_archive_gives_what_can_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.example.org.7z");
    archive(&path, &FILES);
    let whole = std::fs::read(&path).expect("the archive");
    for damage in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[damage] ^= 0x55;
        std::fs::write(&path, &bytes).expect("a file");
        let (found, counts) = read_path(&path);
        let is_told =
            !found.is_empty() || counts.unreadable + counts.other + counts.without_entries > 0;
        assert!(is_told, "byte {damage}: {found:?} {counts:?}");
    }
    std::fs::write(&path, &whole[..whole.len() / 2]).expect("a file");
    assert_eq!(read_path(&path).1.unreadable, 1);
}

#[test]
fn posts_come_as_a_stream() {
    let options = ReadOptions {
        site: Some("a.example.org".to_owned()),
        ..ReadOptions::default()
    };
    let input = Box::new(std::io::Cursor::new(POSTS.as_bytes()));
    let mut corpus =
        Corpus::open_with_input(&["-".into()], options, Some(input)).expect("a stream");
    let Some(Item::Entry(entry)) = corpus.next() else {
        panic!("no entry");
    };
    assert_eq!(entry.id, "a.example.org/1");
    assert_eq!(
        (entry.source.path.as_str(), entry.source.line),
        ("-", Some(2))
    );
    assert!(corpus.next().is_none());
}

/// A post of a generated dump: its type, its parent, its votes.
fn any_posts() -> impl Strategy<Value = Vec<(u8, u64, i64)>> {
    proptest::collection::vec((0..4u8, 0..40u64, -2..3i64), 0..40)
}

proptest! {
    /// The join outside of memory gives what a map of all posts gives.
    #[test]
    fn posts_are_joined_whatever_the_memory(
        posts in any_posts(),
        order in any::<u64>(),
        budget_bytes in 1..4000usize,
    ) {
        let mut rows: Vec<_> = posts
            .iter()
            .enumerate()
            .map(|(place, (kind, parent, score))| {
                let id = place + 1;
                let row = format!(
                    r#"<row Id="{id}" PostTypeId="{kind}" ParentId="{parent}" Score="{score}" Title="T{id}" Body="b"/>"#
                );
                (order.wrapping_mul(id as u64 | 1).rotate_left(7), row)
            })
            .collect();
        rows.sort();
        let xml: String = rows.iter().map(|(_, row)| format!("{row}\n")).collect();
        let dir = tempfile::tempdir().expect("a folder");
        let spill = Spill { dir: dir.path().to_owned(), budget_bytes };
        let outside: Vec<_> = join(&[(Table::Posts, &xml)], Choice::default(), Some(spill)).collect();
        let inside: Vec<_> = join(&[(Table::Posts, &xml)], Choice::default(), None).collect();
        prop_assert_eq!(&outside, &inside);

        let of_kind = |wanted| {
            let posts = posts.iter().enumerate().filter(move |(_, post)| post.0 == wanted);
            posts.map(|(place, post)| (place as u64 + 1, post.1, post.2))
        };
        let mut expected: BTreeMap<u64, Vec<(i64, u64)>> =
            of_kind(1).map(|(id, ..)| (id, Vec::new())).collect();
        for (id, parent, score) in of_kind(2) {
            if let Some(answers) = expected.get_mut(&parent) {
                answers.push((-score, id));
            }
        }
        let found: BTreeMap<u64, Vec<(i64, u64)>> = outside
            .iter()
            .map(|item| match item {
                Item::Problem(problem) => panic!("{problem}"),
                Item::Entry(entry) => {
                    let id = entry.id["site.example/".len()..].parse().expect("a number");
                    let answer = |answer: &crate::Answer| {
                        let id = answer.id.as_deref().expect("an id").parse().expect("a number");
                        (-answer.score.expect("votes"), id)
                    };
                    (id, entry.answers.iter().map(answer).collect())
                }
            })
            .collect();
        for answers in expected.values_mut() {
            answers.sort_unstable();
        }
        // Equal votes: in the order of ids.
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn whatever_a_table_holds_is_read_to_its_end(xml in "(<row|<|>|/>|\"|'| Id=\"1\"| PostTypeId=\"[12]\"| Title=\"a\"|&|\n|[a-z]){0,60}") {
        let _ = read(&xml);
        let _ = Table::of(xml.as_bytes());
    }
}

/// The rows of a table by a count of its own: lines and attributes as texts.
fn count(path: &Path, attribute: &str) -> u64 {
    let text = std::fs::read_to_string(path).expect("a table");
    let rows = text
        .lines()
        .filter(|line| line.trim_start().starts_with("<row "));
    rows.filter(|row| row.contains(&format!(" {attribute}")))
        .count() as u64
}

#[test]
fn real_dumps_lose_nothing() {
    let Some(data) = std::env::var_os("QDEX_TEST_DATA") else {
        return;
    };
    let folder = PathBuf::from(data).join("native/stackexchange");
    let mut dumps = 0;
    for site in std::fs::read_dir(&folder).expect("the dumps") {
        let site = site.expect("a dump").path();
        let posts = std::fs::read_dir(&site)
            .expect("a folder")
            .map(|file| file.expect("a file").path())
            .find(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with("Posts"))
            })
            .expect("posts");
        let mut corpus =
            Corpus::open(std::slice::from_ref(&site), ReadOptions::default()).expect("a folder");
        let mut entries = Vec::new();
        for item in corpus.by_ref() {
            match item {
                Item::Entry(entry) => entries.push(entry),
                Item::Problem(problem) => panic!("{problem}"),
            }
        }
        let counts = corpus.counts();
        assert_eq!(
            entries.len() as u64,
            count(&posts, "PostTypeId=\"1\""),
            "{site:?}"
        );
        let answers = entries
            .iter()
            .map(|entry| entry.answers.len() as u64)
            .sum::<u64>();
        assert_eq!(
            answers + counts.orphans,
            count(&posts, "PostTypeId=\"2\""),
            "{site:?}"
        );
        let posts_read = entries.len() as u64 + answers + counts.orphans + counts.other_posts;
        assert_eq!(posts_read, count(&posts, "Id="), "{site:?}");
        let code = entries.iter().flat_map(|entry| entry.blocks());
        let code = code.filter(|block| matches!(block, Block::Code(_))).count();
        let text = std::fs::read_to_string(&posts).expect("the posts");
        let is_read =
            |row: &&str| row.contains(" PostTypeId=\"1\"") || row.contains(" PostTypeId=\"2\"");
        let marks = |row: &str| row.matches("&lt;/pre&gt;").count();
        let written: usize = text.lines().filter(is_read).map(marks).sum();
        assert_eq!(code, written, "{site:?}");
        dumps += 1;
    }
    assert!(dumps >= 10, "{dumps}");
}
