//! The places in a Markdown text where a question may begin, besides its headings.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::evidence;
use crate::corpus::headings;

/// Longest summary that is read.
const MAX_SUMMARY_BYTES: usize = 4096;

/// A place where a question may begin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    /// The question as written, in Markdown.
    pub(super) markdown: String,
    /// The same without markup, one line.
    pub(super) title: String,
    /// The first byte of its first line.
    pub(super) start: usize,
    /// Where the answer begins.
    pub(super) end: usize,
    /// How far the answer is indented, in columns.
    pub(super) indent: usize,
    /// Where the answer ends, when its markup says so.
    pub(super) closes: Option<usize>,
}

/// The marks of a text that are no headings.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// `<summary>`, by how many `<details>` stand around it.
    pub(super) summaries: Vec<(usize, Mark)>,
    /// Paragraphs, and first lines of them, that are bold from end to end.
    pub(super) bold: Vec<Mark>,
    /// Paragraphs that begin with `Q:` or `Q1.`.
    pub(super) prefixed: Vec<Mark>,
    /// Items of lists, by their depth; those that are a link and nothing else are left out.
    pub(super) items: Vec<(usize, Mark)>,
    /// Rows of tables that have a column of questions and one of answers.
    pub(super) rows: Vec<Mark>,
    /// Where code stands, in blocks and in lines.
    pub(super) code: Vec<Range<usize>>,
}

/// Returns the marks of a text. Reads it once.
pub(super) fn marks(markdown: &str) -> Marks {
    let mut marks = Marks::default();
    let mut lists = 0usize;
    let mut quotes = 0usize;
    // The item whose first paragraph has not been seen yet.
    let mut item: Option<usize> = None;
    let mut paragraph: Option<Paragraph> = None;
    let mut table = Table::default();
    for (event, range) in Parser::new_ext(markdown, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::BlockQuote(_)) => quotes += 1,
            Event::End(TagEnd::BlockQuote(_)) => quotes -= 1,
            Event::Start(Tag::List(_)) => {
                finish(&mut paragraph, markdown, range.start, &mut marks);
                lists += 1;
            }
            Event::End(TagEnd::List(_)) => lists -= 1,
            Event::Start(Tag::Item) => {
                item = Some(range.start);
                // The text of a tight list's item is no paragraph of its own.
                paragraph = (quotes == 0).then(|| Paragraph::new(range.start, lists, true));
            }
            Event::End(TagEnd::Item) => {
                finish(&mut paragraph, markdown, range.end, &mut marks);
                item = None;
            }
            Event::Start(Tag::Paragraph) if quotes == 0 => {
                let first_of = item.take().filter(|_| lists > 0);
                let start = first_of.unwrap_or(range.start);
                paragraph = Some(Paragraph::new(start, lists, first_of.is_some()));
            }
            Event::Start(Tag::Paragraph) if quotes == 1 && lists == 0 => {
                let quoted = Paragraph::new(range.start, lists, false);
                paragraph = Some(Paragraph {
                    is_quoted: true,
                    ..quoted
                });
            }
            Event::End(TagEnd::Paragraph) => {
                finish(&mut paragraph, markdown, range.end, &mut marks);
            }
            Event::Start(Tag::CodeBlock(_)) => {
                finish(&mut paragraph, markdown, range.start, &mut marks);
                marks.code.push(range);
                item = None;
            }
            Event::Start(Tag::Heading { .. } | Tag::Table(_) | Tag::HtmlBlock) => {
                paragraph = None;
                item = None;
                table = Table::default();
            }
            Event::End(TagEnd::TableCell) => table.cells.push(range),
            Event::End(TagEnd::TableHead) => table.read_head(markdown),
            Event::End(TagEnd::TableRow) => marks.rows.extend(table.row(markdown)),
            event => {
                if matches!(event, Event::Code(_)) {
                    marks.code.push(range.clone());
                }
                if let Some(paragraph) = &mut paragraph {
                    paragraph.add(&event, range);
                }
            }
        }
    }
    marks.summaries = summaries(markdown, &marks.code);
    marks
}

/// The table that is being read.
#[derive(Debug, Default)]
struct Table {
    /// The cells of the row so far.
    cells: Vec<Range<usize>>,
    /// The columns of questions and answers.
    columns: Option<(usize, usize)>,
}

impl Table {
    fn read_head(&mut self, markdown: &str) {
        let cells = self.cells.drain(..);
        let titles: Vec<_> = cells.map(|cell| headings::plain(&markdown[cell])).collect();
        let mut titles = titles.iter();
        let question = titles
            .position(|title| evidence::names_questions(title) || title.eq_ignore_ascii_case("Q"));
        let answer = titles
            .position(|title| super::segments::is_answer(title) || title.eq_ignore_ascii_case("A"));
        // The second search goes on behind the first.
        self.columns = question
            .zip(answer)
            .map(|(question, answer)| (question, question + 1 + answer));
    }

    fn row(&mut self, markdown: &str) -> Option<Mark> {
        let cells = std::mem::take(&mut self.cells);
        let (question, answer) = self.columns?;
        let (question, answer) = (cells.get(question)?.clone(), cells.get(answer)?.clone());
        let written = &markdown[question.clone()];
        Some(Mark {
            markdown: written.trim().to_owned(),
            title: headings::plain(written),
            start: question.start,
            end: answer.start,
            indent: 0,
            closes: Some(answer.end),
        })
    }
}

fn finish(paragraph: &mut Option<Paragraph>, markdown: &str, end: usize, marks: &mut Marks) {
    let Some(paragraph) = paragraph.take() else {
        return;
    };
    let Some(text) = paragraph.text.clone() else {
        return;
    };
    let line_end = markdown[text.start..]
        .find('\n')
        .map_or(text.end, |at| (text.start + at).min(text.end));
    let first = &markdown[text.start..line_end];
    let start = markdown[..paragraph.start]
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let mark = |written: &str, from: usize| Mark {
        markdown: written.trim().to_owned(),
        title: headings::plain(written),
        start,
        end: from,
        indent: if paragraph.is_item {
            text.start.saturating_sub(start)
        } else {
            0
        },
        closes: None,
    };
    let whole = &markdown[text.clone()];
    if !paragraph.has_other && paragraph.has_strong && !whole.trim().is_empty() {
        marks.bold.push(mark(whole, end.min(markdown.len())));
    }
    if paragraph.is_quoted {
        return;
    }
    let first_mark = mark(first, line_end);
    if paragraph.begins_with_bold_line && paragraph.has_other {
        marks.bold.push(first_mark.clone());
    }
    if evidence::has_question_prefix(&first_mark.title)
        && !evidence::is_bare_number(&first_mark.title)
    {
        marks.prefixed.push(first_mark.clone());
    }
    if paragraph.is_item && !paragraph.is_link() {
        marks.items.push((paragraph.depth, first_mark));
    }
}

struct Paragraph {
    start: usize,
    depth: usize,
    is_item: bool,
    text: Option<Range<usize>>,
    strong: usize,
    links: usize,
    has_strong: bool,
    has_link: bool,
    /// Whether there is text that is not bold; a number in front of it is none.
    has_other: bool,
    /// Whether it has more lines than one, and the first is bold from end to end.
    begins_with_bold_line: bool,
    is_first_line: bool,
    is_quoted: bool,
    has_unlinked: bool,
}

impl Paragraph {
    fn new(start: usize, depth: usize, is_item: bool) -> Self {
        Paragraph {
            start,
            depth,
            is_item,
            text: None,
            strong: 0,
            links: 0,
            has_strong: false,
            has_link: false,
            has_other: false,
            begins_with_bold_line: false,
            is_first_line: true,
            is_quoted: false,
            has_unlinked: false,
        }
    }

    fn is_link(&self) -> bool {
        self.has_link && !self.has_unlinked
    }

    fn add(&mut self, event: &Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(Tag::Strong) => self.strong += 1,
            Event::End(TagEnd::Strong) => self.strong = self.strong.saturating_sub(1),
            Event::Start(Tag::Link { .. }) => self.links += 1,
            Event::End(TagEnd::Link) => self.links = self.links.saturating_sub(1),
            Event::SoftBreak | Event::HardBreak => {
                self.begins_with_bold_line |=
                    self.is_first_line && self.has_strong && !self.has_other;
                self.is_first_line = false;
            }
            Event::Text(text) | Event::Code(text) => {
                let is_word = text.chars().any(char::is_alphabetic);
                self.has_strong |= self.strong > 0;
                self.has_link |= self.links > 0;
                self.has_other |= self.strong == 0 && is_word;
                self.has_unlinked |= self.links == 0 && is_word;
            }
            _ => {}
        }
        self.text = Some(match self.text.take() {
            None => range,
            Some(known) => known.start.min(range.start)..known.end.max(range.end),
        });
    }
}

/// Returns the summaries of a text outside of its code.
fn summaries(markdown: &str, code: &[Range<usize>]) -> Vec<(usize, Mark)> {
    let lower = markdown.to_ascii_lowercase();
    let mut found: Vec<(usize, Mark)> = Vec::new();
    // The details that are open: where they start, and the place of their summary in `found`.
    let mut open: Vec<(usize, Option<usize>)> = Vec::new();
    let (mut opens, mut closes) = (Next::of(">"), Next::of("</summary>"));
    let mut at = 0;
    while let Some(next) = lower[at..].find('<').map(|next| at + next) {
        at = next + 1;
        let tag = &lower[next..];
        if !["<details", "</details", "<summary"]
            .iter()
            .any(|name| tag.starts_with(name))
        {
            continue;
        }
        let after = code.partition_point(|range| range.end <= next);
        if code.get(after).is_some_and(|range| range.contains(&next)) {
            continue;
        }
        if tag.starts_with("<details") {
            open.push((next, None));
        } else if tag.starts_with("</details") {
            if let Some((_, Some(place))) = open.pop() {
                found[place].1.closes = Some(next);
            }
        } else {
            let (Some(opened), Some(closed)) =
                (opens.after(&lower, next), closes.after(&lower, next))
            else {
                continue;
            };
            // A longer one was not closed.
            if opened >= closed || closed - next > MAX_SUMMARY_BYTES {
                continue;
            }
            let written = &markdown[opened + 1..closed];
            let end = closed + "</summary>".len();
            let start = match open.last_mut() {
                Some((start, summary @ None)) => {
                    *summary = Some(found.len());
                    *start
                }
                _ => next,
            };
            let mark = Mark {
                markdown: written.trim().to_owned(),
                title: plain_html(written),
                start,
                end,
                indent: 0,
                closes: None,
            };
            found.push((open.len(), mark));
            at = end;
        }
    }
    found
}

/// Finds a text after places that ascend, reading what lies between once.
struct Next {
    wanted: &'static str,
    found: Option<usize>,
    is_over: bool,
}

impl Next {
    fn of(wanted: &'static str) -> Self {
        Next {
            wanted,
            found: None,
            is_over: false,
        }
    }

    fn after(&mut self, text: &str, start: usize) -> Option<usize> {
        if !self.is_over && self.found.is_none_or(|found| found < start) {
            self.found = text[start..].find(self.wanted).map(|at| start + at);
            self.is_over = self.found.is_none();
        }
        self.found
    }
}

fn plain_html(written: &str) -> String {
    let blocks = crate::body::from_markdown(written);
    let texts: Vec<_> = blocks.iter().map(|block| block.text()).collect();
    texts
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
