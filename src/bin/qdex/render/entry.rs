//! A whole entry for people, and its code for programs.

use anstyle::Style;
use qdex::body::{Block, Prose, ProseStyle};
use qdex::{Answer, Author, Entry, Link};

use super::Medium;
use super::marks::marked;
use super::terminal::{BOLD, DIM, Page, Span};
use super::text::write_code;

const PLAIN: Style = Style::new();

/// Returns an entry with everything its source said, laid out for reading.
pub(crate) fn whole(entry: &Entry, medium: Medium) -> String {
    let mut page = Page::new(medium);
    page.wrapped(
        &[Span {
            text: &entry.title,
            style: BOLD,
        }],
        "",
        "",
    );
    let facts = facts(entry);
    page.wrapped(
        &[Span {
            text: &facts,
            style: DIM,
        }],
        "",
        "",
    );
    write_blocks(&mut page, &entry.question);
    for (place, answer) in entry.answers.iter().enumerate() {
        if let Some(heading) = answer_heading(answer, place, entry.answers.len()) {
            page.blank_line();
            page.line(&[Span {
                text: &heading,
                style: BOLD,
            }]);
        }
        write_blocks(&mut page, &answer.blocks);
        let credit = credit(answer);
        if !credit.is_empty() {
            page.blank_line();
            page.wrapped(
                &[Span {
                    text: &credit,
                    style: DIM,
                }],
                "— ",
                "  ",
            );
        }
    }
    page.blank_line();
    write_origin(&mut page, entry);
    page.into_text()
}

/// Returns the entry's blocks of code as they are, parted by blank lines; empty when there are none.
pub(crate) fn code(entry: &Entry) -> String {
    let answers = entry.answers.iter().flat_map(|answer| &answer.blocks);
    let code = entry
        .question
        .iter()
        .chain(answers)
        .filter_map(|block| match block {
            Block::Code(code) => Some(code.text.as_str()),
            Block::Prose(_) => None,
        });
    joined_code(code)
}

/// Returns blocks of code as they are, each ended with a line break, parted by blank lines.
pub(crate) fn joined_code<'a>(blocks: impl Iterator<Item = &'a str>) -> String {
    let mut joined = String::new();
    for block in blocks {
        if !joined.is_empty() {
            joined.push('\n');
        }
        joined.push_str(block);
        if !block.ends_with('\n') {
            joined.push('\n');
        }
    }
    joined
}

fn facts(entry: &Entry) -> String {
    let mut facts = Vec::new();
    if let Some(difficulty) = entry.difficulty {
        match &entry.difficulty_original {
            Some(original) => facts.push(format!("{difficulty} ({original})")),
            None => facts.push(difficulty.to_string()),
        }
    }
    facts.extend(entry.topic.as_ref().map(|topic| topic.to_string()));
    facts.extend(entry.framework.clone());
    facts.extend(entry.score.map(votes));
    if !entry.tags.is_empty() {
        facts.push(format!("tags: {}", entry.tags.join(", ")));
    }
    facts.extend(entry.created.as_ref().map(|date| format!("asked {date}")));
    facts.extend(entry.updated.as_ref().map(|date| format!("updated {date}")));
    facts.join(" · ")
}

fn votes(votes: i64) -> String {
    format!("{votes} {}", if votes == 1 { "vote" } else { "votes" })
}

/// Returns the line above an answer, or `None` for the only answer of which nothing is known.
fn answer_heading(answer: &Answer, place: usize, answers: usize) -> Option<String> {
    let mut known = Vec::new();
    if answer.accepted {
        known.push("accepted".to_owned());
    }
    known.extend(answer.score.map(votes));
    let name = match answers {
        1 => "Answer".to_owned(),
        _ => format!("Answer {} of {answers}", place + 1),
    };
    match known.as_slice() {
        [] if answers == 1 => None,
        [] => Some(name),
        known => Some(format!("{name}: {}", known.join(", "))),
    }
}

/// Returns who wrote an answer, when, where it stands and under which licence, as far as is known.
fn credit(answer: &Answer) -> String {
    let facts = [
        answer.author.as_ref().map(author),
        answer.created.clone(),
        answer.url.clone(),
        answer.license.clone(),
    ];
    facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn author(author: &Author) -> String {
    match &author.url {
        Some(url) => format!("{} <{url}>", author.name),
        None => author.name.clone(),
    }
}

fn write_origin(page: &mut Page, entry: &Entry) {
    let source = match entry.source.line {
        Some(line) => format!("{}:{line}", entry.source.path),
        None => entry.source.path.clone(),
    };
    let mut origin = vec![("id", entry.id.clone()), ("source", source)];
    origin.extend(entry.url.as_ref().map(|url| ("url", url.clone())));
    origin.extend(entry.author.as_ref().map(|by| ("author", author(by))));
    origin.extend(entry.license.as_ref().map(|name| ("license", name.clone())));
    if let Some(page) = &entry.page {
        let names = [&page.topic, &page.subtopic].into_iter().flatten().cloned();
        let names: Vec<_> = names
            .chain([page.title.clone()])
            .filter(|name| !name.is_empty())
            .collect();
        origin.push(("page", names.join(" › ")));
    }
    for (name, value) in origin {
        if !value.is_empty() {
            let first = format!("{name:<9}");
            page.wrapped(
                &[Span {
                    text: &value,
                    style: DIM,
                }],
                &first,
                "         ",
            );
        }
    }
    write_links(page, "related", &entry.related);
    write_links(
        page,
        "siblings",
        entry.page.as_ref().map_or(&[], |page| &page.siblings),
    );
}

fn write_links(page: &mut Page, name: &str, links: &[Link]) {
    let first = format!("{name:<9}");
    for (place, link) in links.iter().enumerate() {
        let path = match link.title.as_str() {
            "" => link.path.clone(),
            _ => format!(" <{}>", link.path),
        };
        let spans = [
            Span {
                text: &link.title,
                style: PLAIN,
            },
            Span {
                text: &path,
                style: DIM,
            },
        ];
        page.wrapped(
            &spans,
            if place == 0 { &first } else { "         " },
            "           ",
        );
    }
}

fn write_blocks(page: &mut Page, blocks: &[Block]) {
    let mut in_list = false;
    for block in blocks {
        // The items of a list stay together; everything else stands apart.
        let is_item = matches!(
            block,
            Block::Prose(Prose {
                style: ProseStyle::Item { .. },
                ..
            })
        );
        if !(in_list && is_item) {
            page.blank_line();
        }
        in_list = is_item;
        match block {
            Block::Code(code) => {
                let spans = [Span {
                    text: &code.text,
                    style: PLAIN,
                }];
                write_code(page, &spans, code.lang.as_deref(), 0);
            }
            Block::Prose(prose) => write_prose(page, prose),
        }
    }
}

fn write_prose(page: &mut Page, prose: &Prose) {
    match prose.style {
        ProseStyle::Paragraph => page.wrapped(&marked(prose, PLAIN, page.medium), "", ""),
        ProseStyle::Heading(level) => {
            // Without colour a heading is told from a short paragraph by its number signs only.
            let sign = if page.medium.color {
                String::new()
            } else {
                "#".repeat(level.clamp(1, 6).into()) + " "
            };
            page.wrapped(&marked(prose, BOLD, page.medium), &sign, "");
        }
        ProseStyle::Item { depth, number } => {
            let outer = list_indent(depth);
            let bullet = match number {
                Some(number) => format!("{number}. "),
                None => "• ".to_owned(),
            };
            let rest = format!("{outer}{}", " ".repeat(bullet.chars().count()));
            page.wrapped(
                &marked(prose, PLAIN, page.medium),
                &format!("{outer}{bullet}"),
                &rest,
            );
        }
        ProseStyle::Continued { depth } => {
            let indent = format!("{}  ", list_indent(depth));
            page.wrapped(&marked(prose, PLAIN, page.medium), &indent, &indent);
        }
        ProseStyle::Quote => page.wrapped(&marked(prose, PLAIN, page.medium), "│ ", "│ "),
        ProseStyle::Comment => page.wrapped(&marked(prose, DIM, page.medium), "  – ", "    "),
        ProseStyle::Table => write_table(page, &prose.text),
    }
}

/// Returns the indentation of a list inside `depth` others. What is nested absurdly deep stays in sight.
fn list_indent(depth: u8) -> String {
    "  ".repeat(usize::from(depth.min(8)) + 1)
}

/// Writes a table with its columns aligned, and its header underlined.
fn write_table(page: &mut Page, text: &str) {
    use super::terminal::clean;
    use unicode_width::UnicodeWidthStr;
    let rows: Vec<Vec<_>> = text
        .lines()
        .map(|row| row.split(" | ").map(|cell| clean(cell.trim())).collect())
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.width())
                .max()
                .unwrap_or(0)
        })
        .collect();
    for (place, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            if column > 0 {
                line.push_str("  ");
            }
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', widths[column] - cell.width()));
        }
        let style = if place == 0 { BOLD } else { PLAIN };
        page.line(&[Span {
            text: line.trim_end(),
            style,
        }]);
        if place == 0 && rows.len() > 1 {
            let rules: Vec<_> = widths.iter().map(|width| "─".repeat(*width)).collect();
            page.line(&[Span {
                text: &rules.join("  "),
                style: DIM,
            }]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::terminal::tests::{COLOR, PLAIN, any_text, assert_harmless};
    use super::*;
    use proptest::prelude::*;
    use qdex::body::{Code, Mark, MarkKind};
    use qdex::{Page as EntryPage, Source};

    fn prose(text: &str, style: ProseStyle, marks: Vec<Mark>) -> Block {
        Block::Prose(Prose {
            text: text.to_owned(),
            style,
            marks,
        })
    }

    fn mark(start: usize, end: usize, kind: MarkKind) -> Mark {
        Mark { start, end, kind }
    }

    fn entry(blocks: Vec<Block>) -> Entry {
        Entry {
            id: "a#b".to_owned(),
            title: "Why?".to_owned(),
            answers: vec![Answer {
                blocks,
                ..Answer::default()
            }],
            source: Source {
                path: "a.md".to_owned(),
                line: Some(3),
                ..Source::default()
            },
            ..Entry::default()
        }
    }

    #[test]
    fn an_entry_reads_well_without_colour() {
        let link = MarkKind::Link {
            target: "https://e.org".to_owned(),
        };
        let item = |depth, number| ProseStyle::Item { depth, number };
        let entry = entry(vec![
            prose("Because", ProseStyle::Heading(2), vec![]),
            prose(
                "see docs and del x",
                ProseStyle::Paragraph,
                vec![mark(4, 8, link), mark(13, 18, MarkKind::Code)],
            ),
            prose(
                "one item that is too long for a line",
                item(0, None),
                vec![],
            ),
            prose("nested", item(1, Some(2)), vec![]),
            prose("quoted", ProseStyle::Quote, vec![]),
            prose("name | n\nlonger name | 12", ProseStyle::Table, vec![]),
            Block::Code(Code {
                text: "f()\n\tg()".to_owned(),
                lang: Some("go".to_owned()),
            }),
        ]);
        assert_eq!(
            whole(&entry, PLAIN),
            "\
Why?

## Because

see docs <https://e.org> and
`del x`

  • one item that is too long
    for a line
    2. nested

│ quoted

name         n
───────────  ──
longer name  12

go:
    f()
        g()

id       a#b
source   a.md:3
"
        );
        assert_eq!(code(&entry), "f()\n\tg()\n");
    }

    proptest! {
        #[test]
        fn rendered_entries_are_harmless(text in any_text()) {
            let link = MarkKind::Link { target: text.clone() };
            let styles = [
                ProseStyle::Paragraph, ProseStyle::Heading(9), ProseStyle::Quote, ProseStyle::Comment, ProseStyle::Table,
                ProseStyle::Continued { depth: 255 }, ProseStyle::Item { depth: 255, number: Some(u64::MAX) },
            ];
            let mut blocks: Vec<_> = styles
                .map(|style| prose(&text, style, vec![mark(0, text.len(), link.clone())]))
                .into();
            blocks.push(Block::Code(Code { text: text.clone(), lang: Some(text.clone()) }));
            let pointer = Link { path: text.clone(), title: text.clone(), ..Link::default() };
            let entry = Entry {
                id: text.clone(),
                title: text.clone(),
                question: blocks.clone(),
                tags: vec![text.clone()],
                framework: Some(text.clone()),
                created: Some(text.clone()),
                url: Some(text.clone()),
                author: Some(Author { name: text.clone(), url: Some(text.clone()) }),
                license: Some(text.clone()),
                related: vec![pointer.clone()],
                page: Some(EntryPage { title: text.clone(), siblings: vec![pointer], ..EntryPage::default() }),
                source: Source { path: text.clone(), ..Source::default() },
                ..entry(blocks)
            };
            for medium in [PLAIN, COLOR] {
                assert_harmless(&whole(&entry, medium));
            }
        }
    }
}
