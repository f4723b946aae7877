//! Markup in, blocks out: tables of both, the JSON form, and what holds for any text.

mod json;
mod properties;
mod tables;

use std::fmt::Write as _;

use super::*;

/// A body as entries have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Body(#[serde(with = "markdown_or_blocks")] Vec<Block>);

/// Writes blocks compactly: `p:` text with its marks as `{c …}`, `{s …}`, `{e …}` and `{l target …}`, one block a
/// line; a line break inside a block is `⏎`.
fn sketch(blocks: &[Block]) -> String {
    let mut sketch = String::new();
    for block in blocks {
        let style = match block {
            Block::Code(code) => format!("```{}", code.lang.as_deref().unwrap_or_default()),
            Block::Prose(prose) => match prose.style {
                ProseStyle::Paragraph => "p".to_owned(),
                ProseStyle::Heading(level) => format!("h{level}"),
                ProseStyle::Item {
                    depth,
                    number: Some(number),
                } => format!("{depth}.{number}"),
                ProseStyle::Item {
                    depth,
                    number: None,
                } => format!("{depth}-"),
                ProseStyle::Continued { depth } => format!("{depth}+"),
                ProseStyle::Quote => ">".to_owned(),
                ProseStyle::Comment => "–".to_owned(),
                ProseStyle::Table => "table".to_owned(),
            },
        };
        let text = match block {
            Block::Code(code) => code.text.clone(),
            Block::Prose(prose) => marked(prose),
        };
        let _ = writeln!(sketch, "{style}: {}", text.replace('\n', "⏎"));
    }
    sketch.truncate(sketch.trim_end_matches('\n').len());
    sketch
}

fn marked(prose: &Prose) -> String {
    let mut marked = String::new();
    for place in 0..=prose.text.len() {
        for _ in prose.marks.iter().filter(|mark| mark.end == place) {
            marked.push('}');
        }
        for mark in prose.marks.iter().filter(|mark| mark.start == place) {
            marked.push_str(&match &mark.kind {
                MarkKind::Code => "{c ".to_owned(),
                MarkKind::Strong => "{s ".to_owned(),
                MarkKind::Emphasis => "{e ".to_owned(),
                MarkKind::Link { target } => format!("{{l {target} "),
            });
        }
        if let Some(character) = prose.text.get(place..).and_then(|rest| rest.chars().next()) {
            marked.push(character);
        }
    }
    marked
}

fn check_invariants(blocks: &[Block]) {
    for block in blocks {
        assert!(!block.is_blank(), "{block:?}");
        let Block::Prose(prose) = block else { continue };
        for mark in &prose.marks {
            let marked = prose.text.get(mark.start..mark.end);
            assert!(marked.is_some_and(|marked| !marked.is_empty()), "{prose:?}");
        }
        assert!(
            prose
                .marks
                .is_sorted_by_key(|mark| (mark.start, Reverse(mark.end))),
            "{prose:?}"
        );
    }
}
