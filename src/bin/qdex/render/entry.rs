//! A whole entry for people, and its code for programs.

use anstyle::Style;
use qdex::body::Block;
use qdex::{Answer, Author, Entry, Link};

use super::Medium;
use super::body::Body;
use super::code::usual_language;
use super::terminal::{BOLD, DIM, Page, Span};

const PLAIN: Style = Style::new();

/// Returns an entry with everything its source said, laid out for reading; with the place of an answer that answer alone,
/// and where the others are.
pub(crate) fn whole(entry: &Entry, answer: Option<usize>, medium: Medium) -> String {
    let mut page = Page::new(medium);
    page.wrapped(
        &[Span {
            text: &entry.title,
            style: BOLD,
        }],
        "",
        "",
    );
    write_dim(&mut page, &facts(entry));
    let mut body = Body::new(usual_language(entry));
    if answer.is_none() {
        body.write(&mut page, &entry.question);
    }
    let answers = entry.answers.len();
    for (place, shown) in entry.answers.iter().enumerate() {
        if answer.is_some_and(|wanted| wanted != place) {
            continue;
        }
        if let Some(heading) = answer_heading(shown, place, answers) {
            page.blank_line();
            page.wrapped(
                &[Span {
                    text: &heading,
                    style: BOLD,
                }],
                "",
                "",
            );
        }
        body.write(&mut page, &shown.blocks);
        let credit = credit(shown);
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
    body.write_links(&mut page);
    page.blank_line();
    if let Some(place) = answer {
        let names = entry.answers.iter().enumerate();
        let names = names.filter(|(other, _)| *other != place);
        let names: Vec<_> = names
            .map(|(place, _)| format!("@{}", entry.answer_name(place)))
            .collect();
        let others = match names.as_slice() {
            [] => String::new(),
            names => format!("; other answers: {}", names.join(", ")),
        };
        let id = &entry.id;
        write_dim(
            &mut page,
            &format!("`qdex show {id}` prints the question too{others}"),
        );
        page.blank_line();
    }
    write_origin(&mut page, entry);
    page.into_text()
}

fn write_dim(page: &mut Page, text: &str) {
    page.wrapped(&[Span { text, style: DIM }], "", "");
}

/// Returns the blocks of code of an entry, or of one of its answers, as they are, parted by blank lines; empty when there
/// are none.
pub(crate) fn code(entry: &Entry, answer: Option<usize>) -> String {
    let blocks: Vec<&Block> = match answer.and_then(|place| entry.answers.get(place)) {
        Some(answer) => answer.blocks.iter().collect(),
        None => entry.blocks().collect(),
    };
    let code = blocks.into_iter().filter_map(|block| match block {
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

/// Returns what is known of how good an answer is.
pub(crate) fn standing(answer: &Answer) -> Vec<String> {
    let accepted = answer.accepted.then(|| "accepted".to_owned());
    accepted
        .into_iter()
        .chain(answer.score.map(votes))
        .collect()
}

fn votes(votes: i64) -> String {
    format!("{votes} {}", if votes == 1 { "vote" } else { "votes" })
}

/// Returns the line above an answer, or `None` for the only answer of which nothing is known.
fn answer_heading(answer: &Answer, place: usize, answers: usize) -> Option<String> {
    let standing = standing(answer);
    if answers == 1 && standing.is_empty() {
        return None;
    }
    let name = match answers {
        1 => "Answer".to_owned(),
        _ => format!("Answer {} of {answers}", place + 1),
    };
    let id = answer.id.as_ref().map(|id| format!("@{id}"));
    let facts = std::iter::once(name).chain(standing).chain(id);
    Some(facts.collect::<Vec<_>>().join(" · "))
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

#[cfg(test)]
mod tests {
    use super::super::terminal::tests::{COLOR, PLAIN, any_text, assert_harmless};
    use super::*;
    use proptest::prelude::*;
    use qdex::body::{Code, Mark, MarkKind, Prose, ProseStyle};
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
            whole(&entry, None, PLAIN),
            "\
Why?

## Because

see docs [1] and `del x`

  • one item that is too long
    for a line
    2. nested

> quoted

name          n
-----------  --
longer name  12

go:
  f()
      g()

[1] https://e.org

id       a#b
source   a.md:3
"
        );
        assert_eq!(code(&entry, None), "f()\n\tg()\n");
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
            for (medium, answer) in [(PLAIN, None), (COLOR, None), (COLOR, Some(0))] {
                assert_harmless(&whole(&entry, answer, medium));
            }
        }
    }
}
