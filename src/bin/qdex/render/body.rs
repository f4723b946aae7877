//! The blocks of a question or an answer for people.

use std::ops::Range;

use anstyle::Style;
use qdex::body::{Block, Prose, ProseStyle};

use super::code;
use super::marks::{Links, marked};
use super::syntax::Language;
use super::table;
use super::terminal::{BOLD, DIM, Page, Span};

const PLAIN: Style = Style::new();

/// Writes bodies one after the other; their links are numbered together.
pub(super) struct Body {
    links: Links,
    /// The language to colour code by whose source names none.
    usual: Option<&'static Language>,
}

/// How wide the bullets of the lists around a block are, outermost first.
type Bullets = Vec<usize>;

impl Body {
    pub(super) fn new(usual: Option<&'static Language>) -> Self {
        Body {
            links: Links::default(),
            usual,
        }
    }

    /// Writes blocks, parted by empty lines.
    pub(super) fn write(&mut self, page: &mut Page, blocks: &[Block]) {
        let mut bullets = Bullets::new();
        let mut before = None;
        for block in blocks {
            let style = match block {
                Block::Prose(prose) => Some(prose.style),
                Block::Code(_) => None,
            };
            // The items of a list stay together; everything else stands apart.
            let stays = matches!(
                (before, style),
                (
                    Some(ProseStyle::Item { .. } | ProseStyle::Continued { .. }),
                    Some(ProseStyle::Item { .. })
                )
            );
            if !stays {
                page.blank_line();
            }
            before = style;
            match block {
                Block::Code(code) => {
                    let shown = 0..code.text.len();
                    let block = code::Block {
                        text: &code.text,
                        highlights: &[],
                        lang: code.lang.as_deref(),
                        usual: self.usual,
                        shown: &[shown],
                    };
                    code::write(page, &block, 0);
                }
                Block::Prose(prose) => self.write_prose(page, prose, &mut bullets),
            }
        }
    }

    /// Writes the targets of the links so far.
    pub(super) fn write_links(&mut self, page: &mut Page) {
        let links = self.links.drain();
        if !links.is_empty() {
            page.blank_line();
        }
        for (number, target) in links {
            let sign = format!("[{number}] ");
            let indent = " ".repeat(sign.len());
            let target = Span {
                text: &target,
                style: DIM,
            };
            page.wrapped(&[target], &sign, &indent);
        }
    }

    fn write_prose(&mut self, page: &mut Page, prose: &Prose, bullets: &mut Bullets) {
        self.links.take(prose);
        let medium = page.medium;
        let links = &self.links;
        let spans = |style| marked(prose, 0..prose.text.len(), style, links, medium);
        match prose.style {
            ProseStyle::Paragraph => page.wrapped(&spans(PLAIN), "", ""),
            ProseStyle::Heading(level) => {
                // Without colour a heading is told from a short paragraph by its number signs only.
                let sign = if medium.color {
                    String::new()
                } else {
                    "#".repeat(level.clamp(1, 6).into()) + " "
                };
                page.wrapped(&spans(BOLD.underline()), &sign, "");
            }
            ProseStyle::Item { depth, number } => {
                let depth = bounded(depth);
                // A list that begins deep, or goes two levels deeper at once, has bullets of the usual width around it.
                bullets.resize(depth, 2);
                let outer = list_indent(bullets);
                let bullet = match number {
                    Some(number) => format!("{number}. "),
                    None => "• ".to_owned(),
                };
                bullets.push(bullet.chars().count());
                let rest = list_indent(bullets);
                page.wrapped(&spans(PLAIN), &format!("{outer}{bullet}"), &rest);
            }
            ProseStyle::Continued { depth } => {
                bullets.resize(bounded(depth) + 1, 2);
                let indent = list_indent(bullets);
                page.wrapped(&spans(PLAIN), &indent, &indent);
            }
            ProseStyle::Quote => page.wrapped(&spans(PLAIN), "> ", "> "),
            ProseStyle::Comment => page.wrapped(&spans(DIM), "  – ", "    "),
            ProseStyle::Table => {
                let part = |part: Range<usize>, style| marked(prose, part, style, links, medium);
                table::write(page, &prose.text, &part);
            }
        }
    }
}

/// Returns a depth at which text stays in sight, however deep it is nested.
fn bounded(depth: u8) -> usize {
    usize::from(depth.min(8))
}

/// Returns the indentation of a list inside others with these bullets.
fn list_indent(bullets: &[usize]) -> String {
    " ".repeat(2 + bullets.iter().sum::<usize>())
}
