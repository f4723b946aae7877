//! What holds for any text, however hostile, and for real collections.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::super::*;
use super::{Body, check_invariants, sketch};
use crate::body::tags::role;

#[test]
fn hostile_depth_and_size_end_in_time() {
    let started = Instant::now();
    for unit in [
        "> ",
        "- ",
        "<b>",
        "<ul><li>",
        "<table><tr><td>",
        "*a **b ",
        "[",
        "<a x='",
        "<!--",
        "<script>",
        "</b>",
        "<pre>",
        "![a](",
        "<sup>2</sup>",
        "a<b c=",
        "`",
        "<b>x</b> <br>",
        "&amp;",
        "|a",
        "<",
        "<a '\"",
        "<details>\n\n",
        "1. ",
        "__a",
    ] {
        let text = unit.repeat(100_000 / unit.len());
        for blocks in [
            from_markdown(&text),
            from_html(&text),
            title_and_rest(&text).1,
        ] {
            check_invariants(&blocks);
        }
    }
    // Seconds where this was written and without optimisation; a quadratic step would take hours.
    assert!(started.elapsed() < Duration::from_secs(120));
    let nested = "> ".repeat(5000) + "deep" + &"\n> more".repeat(50);
    assert!(
        from_markdown(&nested)
            .iter()
            .any(|block| block.text().contains("deep"))
    );
    let nested = "<blockquote>".repeat(5000) + "deep" + &"</blockquote>".repeat(5000) + "out";
    assert_eq!(sketch(&from_html(&nested)), ">: deep\np: out");
}

/// Text that is mostly markup, so that few cases reach many states.
fn markup() -> impl Strategy<Value = String> {
    let pieces = [
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<p>",
        "</p>",
        "<ul>",
        "</ul>",
        "<ol>",
        "<li>",
        "</li>",
        "<pre>",
        "</pre>",
        "<code>",
        "</code>",
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "</table>",
        "<br>",
        "<sup>",
        "</sup>",
        "<a href=x>",
        "</a>",
        "<script>",
        "</script>",
        "<blockquote>",
        "</blockquote>",
        "<h2>",
        "</h2>",
        "<!--",
        "-->",
        "<T>",
        "&lt;",
        "&amp",
        "*",
        "**",
        "_",
        "__",
        "`",
        "```\n",
        "~~",
        "[",
        "](x)",
        "![",
        "> ",
        "- ",
        "1. ",
        "# ",
        "|",
        "|-|-|\n",
        "\n",
        "\n\n",
        "    ",
        "\t",
        " ",
        "a",
        "é",
        "語",
        "\u{301}",
        "\0",
        "\r",
        "2",
        "word",
        "\\",
        "<",
        ">",
        "\"",
        "'",
        "=",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..60)
        .prop_map(|pieces| pieces.concat())
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![markup(), any::<String>(), "\\PC{0,200}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_sound_blocks(text in any_text()) {
        let (title, rest) = title_and_rest(&text);
        prop_assert!(!title.contains('\n'));
        for blocks in [from_markdown(&text), from_html(&text), rest] {
            check_invariants(&blocks);
            let body = Body(blocks);
            let json = serde_json::to_string(&body).expect("blocks have a JSON form");
            let again: Body = serde_json::from_str(&json).expect("blocks can be read back");
            prop_assert_eq!(again, body);
        }
    }

    #[test]
    fn any_json_marks_are_made_sound(text in "\\PC{0,8}", ranges in proptest::collection::vec((0usize..12, 0usize..12), 0..8)) {
        let marks: Vec<_> = ranges.iter().map(|(start, end)| serde_json::json!({"start": start, "end": end, "mark": "code"})).collect();
        let json = serde_json::json!([{"kind": "prose", "text": format!("x{text}"), "marks": marks}]);
        let Body(blocks) = serde_json::from_value(json).expect("blocks have a JSON form");
        check_invariants(&blocks);
    }

    #[test]
    fn words_survive(words in proptest::collection::vec("[a-zA-Z0-9éß語_*<>&#+.()`\\[\\]]{1,8}", 1..20)) {
        let text = format!("so {}", words.join(" "));
        // The target of a link is not its text, nor is a tag.
        let is_tag = |behind: &str| {
            let name = behind.trim_start_matches('/');
            let end = name.find(|letter: char| !letter.is_ascii_alphanumeric());
            role(&name[..end.unwrap_or(name.len())].to_lowercase()).is_some()
        };
        prop_assume!(!text.split('<').skip(1).any(is_tag));
        prop_assume!(!text.contains("]("));
        let letters = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>();
        let (title, rest) = title_and_rest(&text);
        let rest: String = rest.iter().map(Block::text).collect();
        prop_assert_eq!(letters(&(title + &rest)), letters(&text), "{}", text);
    }
}

/// Tags that no text of the collections mentions: `<span>` and the like are also named in prose.
const TAGS: [&str; 17] = [
    "p", "b", "br", "details", "summary", "code", "pre", "ul", "ol", "li", "strong", "em", "table",
    "tr", "td", "kbd", "sup",
];

/// Reads a whole collection, named by the environment: tags end here, nothing panics, and time stays in bounds.
#[test]
#[expect(clippy::print_stdout, reason = "says that it did not run")]
fn a_real_collection_leaves_no_tags_in_prose() {
    let Some(folder) = std::env::var_os("QDEX_TEST_DATA") else {
        println!("QDEX_TEST_DATA is not set: nothing read");
        return;
    };
    let started = Instant::now();
    let (mut files, mut left) = (0, Vec::new());
    let folder = std::path::Path::new(&folder).join("native/markdown");
    for file in walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
    {
        if file
            .path()
            .extension()
            .is_none_or(|extension| extension != "md")
        {
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(file.path()).expect("the file is there"))
            .into_owned();
        let blocks = from_markdown(&text);
        check_invariants(&blocks);
        title_and_rest(&text);
        from_html(&text);
        files += 1;
        for block in &blocks {
            let Block::Prose(prose) = block else { continue };
            let mut plain = prose.text.clone();
            for mark in prose
                .marks
                .iter()
                .rev()
                .filter(|mark| mark.kind == MarkKind::Code)
            {
                if mark.end <= plain.len() {
                    plain.replace_range(mark.start..mark.end, "");
                }
            }
            let tag = TAGS.iter().find(|tag| {
                plain.contains(&format!("<{tag}>")) || plain.contains(&format!("</{tag}>"))
            });
            if let Some(tag) = tag {
                left.push(format!("{}: <{tag}> in {plain}", file.path().display()));
            }
        }
    }
    assert!(files > 0, "no Markdown files found");
    assert!(
        left.is_empty(),
        "{} blocks, such as:\n{}",
        left.len(),
        left[..left.len().min(30)].join("\n")
    );
    // Each file is read three times, without optimisation: 20 s where this was written.
    assert!(started.elapsed() < Duration::from_secs(180));
}
