//! The headings of a Markdown text, and the sections under them.

use std::borrow::Cow;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::text::LineCounter;

/// A heading outside of code, comments and quotations.
#[derive(Debug, PartialEq)]
pub(super) struct Heading<'a> {
    /// 1 to 6.
    pub(super) level: u8,
    /// Its text without markup, one line.
    pub(super) title: String,
    /// Its text as written, without hashes and attributes.
    pub(super) markdown: &'a str,
    /// The id in its attributes: `{#id}`.
    pub(super) id: Option<String>,
    /// Its line, counted from 1.
    pub(super) line: u64,
    /// The first byte of its first line.
    pub(super) start: usize,
    /// The first byte after its last line.
    pub(super) end: usize,
    /// How far the list item that it stands in is indented, in columns.
    pub(super) indent: usize,
}

/// Returns the headings of a Markdown text whose first line has the given number, in order.
pub(super) fn headings(markdown: &str, first_line: u64) -> Vec<Heading<'_>> {
    let mut headings = Vec::new();
    let mut open: Option<Heading<'_>> = None;
    let mut inline: Option<std::ops::Range<usize>> = None;
    let (mut quotes, mut items) = (0usize, 0usize);
    let mut lines = LineCounter::new(markdown, first_line);
    let options = Options::ENABLE_HEADING_ATTRIBUTES | Options::ENABLE_TABLES;
    for (event, range) in Parser::new_ext(markdown, options).into_offset_iter() {
        match event {
            Event::Start(Tag::BlockQuote(_)) => quotes += 1,
            Event::End(TagEnd::BlockQuote(_)) => quotes -= 1,
            Event::Start(Tag::Item) => items += 1,
            Event::End(TagEnd::Item) => items -= 1,
            Event::Start(Tag::HtmlBlock) if quotes == 0 && items == 0 => {
                if let Some((level, inner, id)) = html_heading(&markdown[range.clone()]) {
                    let title = crate::body::from_markdown(inner);
                    let title: Vec<_> = title.iter().map(|block| block.text()).collect();
                    headings.push(Heading {
                        level,
                        title: one_line(&title.join(" ")),
                        markdown: inner.trim(),
                        id,
                        line: lines.line_at(range.start),
                        start: range.start,
                        end: range.end,
                        indent: 0,
                    });
                }
            }
            Event::Start(Tag::Heading { level, id, .. }) if quotes == 0 => {
                let start = markdown[..range.start].rfind('\n').map_or(0, |at| at + 1);
                inline = None;
                open = Some(Heading {
                    level: level as u8,
                    title: String::new(),
                    markdown: "",
                    id: id.map(|id| id.to_string()),
                    line: lines.line_at(range.start),
                    start,
                    end: range.end,
                    indent: match items {
                        0 => 0,
                        _ => markdown[start..range.start].chars().count(),
                    },
                });
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some(mut heading) = open.take() {
                    heading.title = one_line(&heading.title);
                    heading.markdown = inline.take().map_or("", |range| &markdown[range]);
                    headings.push(heading);
                }
            }
            event => {
                if let Some(heading) = &mut open {
                    add_text(&event, &mut heading.title);
                    inline = Some(match inline {
                        None => range,
                        Some(known) => known.start.min(range.start)..known.end.max(range.end),
                    });
                }
            }
        }
    }
    headings
}

/// Returns the text under a heading, up to the next heading that ends it.
pub(super) fn section<'a>(
    markdown: &'a str,
    headings: &[Heading<'_>],
    place: usize,
    ends: impl Fn(&Heading<'_>) -> bool,
) -> Cow<'a, str> {
    let heading = &headings[place];
    let end = headings[place + 1..]
        .iter()
        .find(|next| ends(next))
        .map_or(markdown.len(), |next| next.start);
    let text = markdown.get(heading.end..end).unwrap_or_default();
    match heading.indent {
        0 => Cow::Borrowed(text),
        indent => Cow::Owned(dedented(text, indent)),
    }
}

/// Returns the text before the first heading.
pub(super) fn before<'a>(markdown: &'a str, headings: &[Heading<'_>]) -> &'a str {
    &markdown[..headings
        .first()
        .map_or(markdown.len(), |heading| heading.start)]
}

/// Returns a piece of inline Markdown without its markup, one line.
pub(super) fn plain(markdown: &str) -> String {
    let mut text = String::new();
    for event in Parser::new(markdown) {
        match event {
            Event::End(TagEnd::Paragraph) => text.push(' '),
            event => add_text(&event, &mut text),
        }
    }
    one_line(&text)
}

/// Returns whether a heading's text asks something.
pub(super) fn is_question(title: &str) -> bool {
    title
        .trim_end_matches(|c: char| c == '#' || c.is_whitespace())
        .ends_with(['?', '？', '؟'])
}

/// Returns a heading's Markdown without the number in front of it: `1.`, `2.3)`, `Q4:`, `Q.`, `5、`, also inside of
/// emphasis.
pub(super) fn without_number(markdown: &str) -> String {
    let markdown = markdown.trim();
    let text = markdown.trim_start_matches(['*', '_']);
    let emphasis = &markdown[..markdown.len() - text.len()];
    let letter = text.strip_prefix(['Q', 'q']);
    let number = letter.unwrap_or(text).trim_start();
    let after = number.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let digits = &number[..number.len() - after.len()];
    let has_digit = digits.starts_with(|c: char| c.is_ascii_digit());
    let is_separated = digits.ends_with('.')
        || after.starts_with([')', ':', '、', '．'])
        || is_section_number(digits, after);
    if !is_separated || !(has_digit || letter.is_some()) {
        return markdown.to_owned();
    }
    let rest = after.trim_start_matches([')', ':', '、', '．']);
    if let Some(rest) = rest.strip_prefix(emphasis).filter(|_| !emphasis.is_empty()) {
        return rest.trim_start().to_owned();
    }
    let needs_blank = !after.starts_with(['、', '．']);
    if rest.trim().is_empty() || (needs_blank && !rest.starts_with([' ', '\t', '*', '_'])) {
        return markdown.to_owned();
    }
    format!("{emphasis}{}", rest.trim_start())
}

/// Returns whether digits and dots in front of a text number it, as in `1.2 What`; those of `1.10 or 1.11` do not.
pub(super) fn is_section_number(number: &str, after: &str) -> bool {
    let next = after.trim_start().chars().next();
    number.trim_end_matches('.').contains('.')
        && next.is_some_and(|c| c.is_alphabetic() && !c.is_lowercase())
}

/// Returns what a heading says that is one link from end to end: `[What?](#what)`.
pub(super) fn unlinked(markdown: &str) -> &str {
    let text = markdown.trim();
    let inner = || {
        let (label, target) = text.strip_prefix('[')?.split_once("](")?;
        let target = target.strip_suffix(')')?;
        let is_one = !label.contains(['[', ']']) && !target.contains(['(', ')', '[', ']']);
        is_one.then_some(label)
    };
    inner().unwrap_or(text)
}

/// Returns the level, the text and the id of a heading that is written in HTML: `<h3 id="x">What?</h3>`.
fn html_heading(html: &str) -> Option<(u8, &str, Option<String>)> {
    let html = html.trim();
    let level = html.get(2..3)?.parse::<u8>().ok()?;
    let is_heading = html.get(..2)?.eq_ignore_ascii_case("<h") && (1..=6).contains(&level);
    let (attributes, rest) = html.get(3..)?.split_once('>')?;
    let inner = rest.get(..rest.len().checked_sub(5)?)?;
    let closing = format!("</h{level}>");
    let closes = rest.get(inner.len()..)?.eq_ignore_ascii_case(&closing);
    let is_one = !inner.to_ascii_lowercase().contains("<h") && !inner.contains("\n\n");
    let is_plain = attributes.is_empty() || attributes.starts_with(char::is_whitespace);
    let quoted = |quote: char| {
        let (_, value) = attributes.split_once(&format!("id={quote}"))?;
        Some(value.split_once(quote)?.0.to_owned())
    };
    let id = quoted('"').or_else(|| quoted('\''));
    (is_heading && closes && is_one && is_plain).then_some((level, inner, id))
}

fn add_text(event: &Event<'_>, text: &mut String) {
    match event {
        Event::Text(piece) | Event::Code(piece) => text.push_str(piece),
        Event::SoftBreak | Event::HardBreak => text.push(' '),
        _ => {}
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes up to `columns` columns of indentation from every line.
pub(super) fn dedented(text: &str, columns: usize) -> String {
    let mut dedented = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut column = 0;
        let kept = line.trim_start_matches(|c| {
            let width = match c {
                ' ' => 1,
                '\t' => 4 - column % 4,
                _ => return false,
            };
            column += width;
            column <= columns
        });
        dedented.push_str(kept);
    }
    dedented
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_stand_outside_of_code_comments_and_quotations() {
        for (markdown, titles) in [
            ("# A\n\n## B ##\n", vec!["1 A 1", "2 B 3"]),
            ("A\n===\n\nB\n---\n", vec!["1 A 1", "2 B 4"]),
            ("```\n# A\n```\n~~~md\n# B\n~~~\n# C", vec!["1 C 7"]),
            ("    # A\n\n# B", vec!["1 B 3"]),
            ("<!--\n# A\n\n# B\n-->\n\n# C", vec!["1 C 7"]),
            ("> # A\n\n# B", vec!["1 B 3"]),
            ("#no blank\n#\n", vec!["1  2"]),
            (
                "## `a` **b** [c](d) <i>e</i> \\*f\\* {#x .y}",
                vec!["2 a b c e *f* 1"],
            ),
            ("1. ### A\n\n   x\n2. ### B\n", vec!["3 A 1", "3 B 4"]),
            (
                "x\n\n<h3 id=\"a\">A <b>c</b></h3>\n\n<h2>B</h2>\ntext",
                vec!["3 A c 3"],
            ),
            ("<header>A</header>\n\n<h7>B</h7>\n\n<hr>\n\n<h1>", vec![]),
            ("<h1>JS<질문/h1>", vec![]),
            ("# A\r\n\r\n# B\r\n", vec!["1 A 1", "1 B 3"]),
        ] {
            let found = headings(markdown, 1)
                .iter()
                .map(|heading| format!("{} {} {}", heading.level, heading.title, heading.line))
                .collect::<Vec<_>>();
            assert_eq!(found, titles, "{markdown}");
        }
    }

    #[test]
    fn a_heading_knows_its_source_and_its_id() {
        let found = headings("text\n\n## 1. **What** is `x`? ## \n", 7);
        assert_eq!(found[0].markdown, "1. **What** is `x`?");
        assert_eq!(found[0].line, 9);
        let found = headings("## What? {#why .c}\n", 1);
        assert_eq!(found[0].markdown.trim(), "What?");
        assert_eq!(found[0].id.as_deref(), Some("why"));
    }

    #[test]
    fn sections_end_where_they_are_told() {
        let markdown = "0\n# A\n1\n## B\n2\n# C\n3";
        let found = headings(markdown, 1);
        assert_eq!(before(markdown, &found), "0\n");
        assert_eq!(section(markdown, &found, 0, |_| true), "1\n");
        assert_eq!(
            section(markdown, &found, 0, |next| next.level == 1),
            "1\n## B\n2\n"
        );
        assert_eq!(section(markdown, &found, 2, |_| true), "3");
    }

    #[test]
    fn sections_of_list_items_lose_their_indentation() {
        let markdown = "1. ### A\n\n   text\n\n   ```js\n     code\n   ```\n\n2. ### B\n\n\ttext\n";
        let found = headings(markdown, 1);
        let text = section(markdown, &found, 0, |_| true);
        assert_eq!(text, "\ntext\n\n```js\n  code\n```\n\n");
    }

    #[test]
    fn numbers_before_questions_are_dropped() {
        for (markdown, text) in [
            ("1. What?", "What?"),
            ("12) What?", "What?"),
            ("1.2. What?", "What?"),
            ("Q. What?", "What?"),
            ("Q3: What?", "What?"),
            ("Q 3. What?", "What?"),
            ("**4. What?**", "**What?**"),
            ("**Q5.** What?", "What?"),
            ("1、什么？", "什么？"),
            ("1.10 or 1.11?", "1.10 or 1.11?"),
            ("1.2 What?", "What?"),
            ("1.2 什么？", "什么？"),
            ("3 or 4?", "3 or 4?"),
            (".NET?", ".NET?"),
            ("Quick. What?", "Quick. What?"),
            ("1.", "1."),
            ("What?", "What?"),
        ] {
            assert_eq!(without_number(markdown), text, "{markdown}");
        }
    }
}
