//! Markdown: CommonMark with tables, strikethrough and task lists, and the HTML inside it.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::builder::{Builder, Element, Owner};
use super::tags::{Reading, Tags};
use super::{Block, MarkKind, html, language};

/// Returns the blocks of a Markdown text: CommonMark with tables, strikethrough and task lists.
///
/// Total: any text gives blocks, and no visible text is lost. HTML inside the text is read as [`super::from_html`]
/// reads it. Three things that Markdown would take for markup are text, because here they are names and operators:
/// identifiers in double underscores (`__init__`), asterisks between letters or digits (`2*3*4`), and tags and
/// addresses of no known kind (`vector<T>`, `vector<std::string>`). So is a tag that prose only names (`the <head> tag`).
///
/// ```
/// use qdex::body::{Block, from_markdown};
///
/// let blocks = from_markdown("Call **`__del__`** <br> yourself:\n\n```python\ndel x\n```");
/// assert_eq!(blocks[0].text(), "Call __del__\nyourself:");
/// assert!(matches!(&blocks[1], Block::Code(code) if code.lang.as_deref() == Some("python")));
/// ```
pub fn from_markdown(markdown: &str) -> Vec<Block> {
    let source = super::clean(markdown);
    read(&source, Reading::Markdown)
}

/// Returns a question's title as plain text in one line, and the blocks that follow it.
///
/// The title is the first block's text. When that is code, its first line is the title and the code stays. In a title
/// a tag without its counterpart is text: `What is the difference between <div> and <span>?`
pub(crate) fn title_and_rest(markdown: &str) -> (String, Vec<Block>) {
    let source = super::clean(markdown);
    let mut blocks = read(&source, Reading::Title);
    match blocks.first() {
        Some(Block::Code(code)) => {
            let line = code.text.lines().find(|line| !line.trim().is_empty());
            (one_line(line.unwrap_or_default()), blocks)
        }
        Some(Block::Prose(prose)) => {
            let title = one_line(&prose.text);
            blocks.remove(0);
            (title, blocks)
        }
        // What Markdown shows nothing of may be meant literally: `[a]: b`, `***`.
        None => {
            let blocks = html::from_html(&source);
            (one_line(blocks.first().map_or("", Block::text)), Vec::new())
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads clean Markdown; `first` is how the first block is read.
fn read(source: &str, first: Reading) -> Vec<Block> {
    let mut reader = Reader {
        source,
        tags: Tags::new(source),
        first,
        builder: Builder::default(),
        raw: None,
        inline_end: source.len(),
    };
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
        reader.read(event, range);
    }
    reader.builder.finish()
}

struct Reader<'a> {
    source: &'a str,
    tags: Tags<'a>,
    first: Reading,
    builder: Builder,
    /// The text of the code or HTML block that is being read, and the code's language.
    raw: Option<(String, Option<String>)>,
    /// Where the block ends whose text is being read.
    inline_end: usize,
}

impl Reader<'_> {
    fn read(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, &range),
            Event::Text(text) => match &mut self.raw {
                Some((raw, _)) => raw.push_str(&text),
                None => self.builder.text(&text),
            },
            Event::Html(html) => match &mut self.raw {
                Some((raw, _)) => raw.push_str(&html),
                None => self.inline_html(&html, &range),
            },
            Event::InlineHtml(html) => self.inline_html(&html, &range),
            Event::Code(code) => {
                self.builder.start(mark(MarkKind::Code), Owner::Markdown);
                self.builder.verbatim(&code);
                self.builder.end_markdown();
            }
            Event::SoftBreak => self.builder.text("\n"),
            Event::HardBreak => self.builder.line_break(),
            Event::Rule => self.builder.new_block(),
            Event::TaskListMarker(is_done) => {
                self.builder.text(if is_done { "[x] " } else { "[ ] " });
            }
            // These need options that are off.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.builder.text(&text);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        let element = match tag {
            Tag::Paragraph => Element::Paragraph,
            Tag::Heading { level, .. } => Element::Heading(level as u8),
            Tag::BlockQuote(_) => Element::Quote,
            Tag::List(first) => Element::List { next: first },
            Tag::Item => Element::Item {
                number: None,
                used: false,
            },
            Tag::Table(_) => Element::Table,
            Tag::TableHead | Tag::TableRow => return self.builder.row(),
            Tag::TableCell => {
                self.inline_end = range.end;
                return self.builder.cell();
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                self.raw = Some((String::new(), language::from_info(&info)));
                return;
            }
            Tag::CodeBlock(CodeBlockKind::Indented) | Tag::HtmlBlock => {
                self.raw = Some(Default::default());
                return;
            }
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } => {
                if let Some((opening, _)) = self.delimiters(&TagEnd::from(tag.clone()), &range) {
                    return self.builder.text(opening);
                }
                match tag {
                    Tag::Emphasis => mark(MarkKind::Emphasis),
                    Tag::Strong => mark(MarkKind::Strong),
                    Tag::Link { dest_url, .. } => mark(MarkKind::Link {
                        target: dest_url.into_string(),
                    }),
                    _ => return,
                }
            }
            // An image's text is what stands for it.
            Tag::Image { .. } => return,
            // These need options that are off.
            Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_)
            | Tag::Superscript
            | Tag::Subscript => return,
        };
        if matches!(
            element,
            Element::Paragraph | Element::Heading(_) | Element::Item { .. }
        ) {
            self.inline_end = range.end;
        }
        self.builder.start(element, Owner::Markdown);
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::CodeBlock => {
                let (code, lang) = self.raw.take().unwrap_or_default();
                self.builder.code(&code, lang);
            }
            TagEnd::HtmlBlock => {
                let (text, _) = self.raw.take().unwrap_or_default();
                // What opens in one block of HTML may close in another.
                let reading = match self.reading() {
                    Reading::Title => Reading::Title,
                    Reading::Markdown | Reading::Html => Reading::Html,
                };
                html::read(&text, reading, &mut self.builder);
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link => {
                match self.delimiters(&tag, range) {
                    Some((_, closing)) => self.builder.text(closing),
                    None if tag == TagEnd::Strikethrough => {}
                    None => self.builder.end_markdown(),
                }
            }
            TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::BlockQuote(_)
            | TagEnd::List(_)
            | TagEnd::Item
            | TagEnd::Table => self.builder.end_markdown(),
            TagEnd::TableHead
            | TagEnd::TableRow
            | TagEnd::TableCell
            | TagEnd::Image
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::MetadataBlock(_)
            | TagEnd::Superscript
            | TagEnd::Subscript => {}
        }
    }

    fn inline_html(&mut self, html: &str, range: &Range<usize>) {
        let limit = self.inline_end;
        if self
            .tags
            .is_markup(range.start, range.end, limit, self.reading())
        {
            html::read_tags(html, &mut self.builder);
        } else {
            self.builder.text(html);
        }
    }

    fn reading(&self) -> Reading {
        if self.builder.is_empty() {
            self.first
        } else {
            Reading::Markdown
        }
    }

    /// Returns the delimiters of a span that Markdown takes for markup and we do not; they are put back as text.
    fn delimiters(
        &self,
        tag: &TagEnd,
        range: &Range<usize>,
    ) -> Option<(&'static str, &'static str)> {
        let span = &self.source[range.clone()];
        match tag {
            TagEnd::Link => {
                let inside = span.strip_prefix('<')?.strip_suffix('>')?;
                (!is_address(inside)).then_some(("<", ">"))
            }
            // One tilde is a home folder, an estimate or an operator.
            TagEnd::Strikethrough => (!span.starts_with("~~")).then_some(("~", "~")),
            TagEnd::Strong if span.starts_with("__") => {
                let inside = span.strip_prefix("__")?.strip_suffix("__")?;
                is_identifier(inside).then_some(("__", "__"))
            }
            TagEnd::Strong if span.starts_with("**") => {
                let is_operator = self.stands_between(range.start, 2)
                    && self.stands_between(range.end - 2, 2)
                    && !span.contains(char::is_whitespace);
                is_operator.then_some(("**", "**"))
            }
            TagEnd::Emphasis if span.starts_with('*') => {
                let opening = self.stands_between(range.start, 1);
                let closing = self.stands_between(range.end - 1, 1);
                let is_operator = opening && closing
                    || (opening || closing) && span.contains(char::is_whitespace);
                is_operator.then_some(("*", "*"))
            }
            _ => None,
        }
    }

    /// Returns whether a delimiter stands between ASCII letters or digits, as operators do: `2**3**4`, `a*b and c*d`.
    /// Other scripts put no blanks between words, so that emphasis stands between letters there.
    fn stands_between(&self, place: usize, length: usize) -> bool {
        let is_operand = |character: char| character.is_ascii_alphanumeric();
        self.source[..place].ends_with(is_operand)
            && self.source[place + length..].starts_with(is_operand)
    }
}

fn mark(kind: MarkKind) -> Element {
    Element::Mark { kind, index: None }
}

/// Returns whether a word in double underscores is a name: `init`, `FILE`, `typename`, `defineGetter`. A capitalised
/// word, as in `__Note__`, is emphasis.
fn is_identifier(word: &str) -> bool {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let is_capitalised = word.starts_with(|first: char| first.is_ascii_uppercase())
        && word.contains(|character: char| character.is_ascii_lowercase())
        && !word.contains('_');
    !word.is_empty() && word.chars().all(is_part) && !is_capitalised
}

/// Returns whether what stands in angle brackets is an address. By its grammar `<std::string>` is one too.
fn is_address(text: &str) -> bool {
    let schemes = ["mailto:", "tel:", "news:", "urn:", "data:"];
    let text = text.to_ascii_lowercase();
    text.contains("://")
        || schemes.iter().any(|scheme| text.starts_with(scheme))
        || (text.contains('@') && !text.contains(':'))
}
