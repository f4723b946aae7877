//! The one place where blocks are put together: Markdown and HTML both say what opens, closes and is written, and
//! the builder turns it into blocks.

use std::mem::discriminant;

use super::tags::Role;
use super::writer::Writer;
use super::{Block, Code, MarkKind, Prose, ProseStyle};

/// How many elements may stand in one another. Real pages stay below 30; without a bound, hostile ones would make
/// every step as slow as they are deep. What stands deeper loses its style, not its text.
const MAX_DEPTH: usize = 100;

/// What can stand open around text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Element {
    /// A paragraph of Markdown; HTML that opens inside ends with it.
    Paragraph,
    Heading(u8),
    /// A list; `next` is the number of its next item when it is numbered.
    List {
        next: Option<u64>,
    },
    /// An item; `used` when its first block is out.
    Item {
        number: Option<u64>,
        used: bool,
    },
    Quote,
    Table,
    /// Preformatted text; its code gathers in the builder.
    Preformatted {
        lang: Option<String>,
    },
    /// A mark; `index` points to it while its block is being written.
    Mark {
        kind: MarkKind,
        index: Option<usize>,
    },
    /// Something whose text is not shown.
    Dropped,
}

/// Who opened an element: Markdown, or an HTML tag of this role.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Owner {
    Markdown,
    Html(Role),
}

/// Blocks in the making.
#[derive(Debug, Default)]
pub(super) struct Builder {
    blocks: Vec<Block>,
    /// The prose being written.
    prose: Writer,
    /// The text of the open preformatted element.
    code: String,
    /// Whether no cell of the current table row has been opened.
    row_is_empty: bool,
    open: Vec<(Element, Owner)>,
    /// How many elements of Markdown are open beyond `MAX_DEPTH`.
    too_deep: usize,
}

impl Builder {
    /// Returns whether no block is out yet.
    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Returns the blocks; whatever is still open ends here.
    pub(super) fn finish(mut self) -> Vec<Block> {
        while !self.open.is_empty() {
            self.pop();
        }
        self.finish_prose();
        self.blocks
    }

    /// Opens an element. Everything but a mark starts a block.
    pub(super) fn start(&mut self, mut element: Element, owner: Owner) {
        if !matches!(element, Element::Mark { .. } | Element::Dropped) {
            self.new_block();
        }
        if self.too_deep > 0 || self.open.len() >= MAX_DEPTH {
            self.too_deep += usize::from(owner == Owner::Markdown);
            return;
        }
        match &mut element {
            Element::Mark { kind, index } => *index = Some(self.prose.begin_mark(kind.clone())),
            Element::Item { number, .. } => {
                let list = self
                    .open
                    .iter_mut()
                    .rev()
                    .find_map(|(element, _)| match element {
                        Element::List { next } => Some(next),
                        _ => None,
                    });
                if let Some(Some(next)) = list {
                    *number = Some(number.unwrap_or(*next));
                    *next = number.unwrap_or(*next).saturating_add(1);
                } else {
                    *number = None;
                }
            }
            Element::Table => self.row_is_empty = true,
            Element::Preformatted { .. } => self.finish_prose(),
            _ => {}
        }
        self.open.push((element, owner));
    }

    /// Closes the innermost element of Markdown and the HTML inside it.
    pub(super) fn end_markdown(&mut self) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        while let Some((_, owner)) = self.open.last() {
            let owner = *owner;
            self.pop();
            if owner == Owner::Markdown {
                break;
            }
        }
    }

    /// Closes the innermost element that an HTML tag of this role opened, and the HTML inside it unless it is a mark.
    /// Does nothing when there is none, or when Markdown has more than a paragraph open inside it.
    pub(super) fn end_html(&mut self, role: Role) {
        let mut paragraphs = 0;
        for place in (0..self.open.len()).rev() {
            match &self.open[place] {
                // An HTML block ends at a blank line: what it opened may end in a paragraph.
                (Element::Paragraph, Owner::Markdown) => paragraphs += 1,
                (_, Owner::Markdown) => return,
                (_, Owner::Html(opened)) if discriminant(opened) != discriminant(&role) => {}
                (Element::Mark { index, .. }, _) => {
                    // `<b><i></b></i>`: a mark ends alone.
                    let index = *index;
                    self.end_mark(index);
                    self.open.remove(place);
                    return;
                }
                _ => {
                    while self.open.len() > place {
                        self.pop();
                    }
                    let paragraph = (Element::Paragraph, Owner::Markdown);
                    self.open.extend(vec![paragraph; paragraphs]);
                    return;
                }
            }
        }
    }

    /// Ends the current block, if one is being written. Inside a table a block of its own is only a blank.
    pub(super) fn new_block(&mut self) {
        if self.is_preformatted() {
            if !self.code.is_empty() && !self.code.ends_with('\n') {
                self.code.push('\n');
            }
        } else if self.is_in_table() {
            self.prose.blank();
        } else {
            self.finish_prose();
        }
    }

    /// Starts a row of a table.
    pub(super) fn row(&mut self) {
        if !self.is_in_table() {
            return self.new_block();
        }
        self.row_is_empty = true;
        self.prose.row();
    }

    /// Starts a cell of a table row.
    pub(super) fn cell(&mut self) {
        if !self.is_in_table() || self.row_is_empty {
            self.row_is_empty = false;
            self.prose.blank();
        } else {
            self.prose.cell();
        }
    }

    /// Writes text whose white space collapses, outside preformatted elements.
    pub(super) fn text(&mut self, text: &str) {
        if self.is_dropped() {
            return;
        }
        if self.is_preformatted() {
            return self.code.push_str(text);
        }
        let is_blank = |character: char| matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0c');
        for (place, word) in text.split(is_blank).enumerate() {
            if place > 0 {
                self.prose.blank();
            }
            self.prose.visible(word);
        }
    }

    /// Writes text with its white space as it is.
    pub(super) fn verbatim(&mut self, text: &str) {
        if self.is_dropped() {
            return;
        }
        if self.is_preformatted() {
            self.code.push_str(text);
        } else {
            self.prose.visible(text);
        }
    }

    /// Breaks the line. Titles and table rows are one line each: they get a blank.
    pub(super) fn line_break(&mut self) {
        if self.is_preformatted() {
            self.code.push('\n');
        } else if self.has(|element| matches!(element, Element::Heading(_) | Element::Table)) {
            self.prose.blank();
        } else {
            self.prose.line_break();
        }
    }

    /// Says whether the next text is superscript.
    pub(super) fn superscript(&mut self, is_superscript: bool) {
        self.prose.superscript(is_superscript);
    }

    /// Writes a block of code. Inside a preformatted element it is part of that.
    pub(super) fn code(&mut self, text: &str, lang: Option<String>) {
        if self.is_dropped() {
            return;
        }
        if self.is_preformatted() {
            self.new_block();
            return self.code.push_str(text);
        }
        self.finish_prose();
        let text = text.strip_suffix('\n').unwrap_or(text);
        if text.trim().is_empty() {
            return;
        }
        self.style();
        self.blocks.push(Block::Code(Code {
            text: text.to_owned(),
            lang,
        }));
    }

    /// Names the language of the open preformatted element, unless it has one.
    pub(super) fn name_language(&mut self, name: Option<String>) {
        let open = self.open.iter_mut().rev();
        let preformatted = open
            .map(|(element, _)| element)
            .find_map(|element| match element {
                Element::Preformatted { lang } => Some(lang),
                _ => None,
            });
        if let Some(lang @ None) = preformatted {
            *lang = name;
        }
    }

    /// Returns whether text is kept verbatim here.
    pub(super) fn is_preformatted(&self) -> bool {
        self.has(|element| matches!(element, Element::Preformatted { .. }))
    }

    /// Returns whether an element opened by an HTML tag of this role is open, with no list between.
    pub(super) fn has_html(&self, role: Role) -> bool {
        let inner = self.open.iter().rev();
        inner
            .take_while(|(element, owner)| {
                *owner != Owner::Markdown && !matches!(element, Element::List { .. })
            })
            .any(|(_, owner)| *owner == Owner::Html(role))
    }

    fn has(&self, is_it: impl Fn(&Element) -> bool) -> bool {
        self.open.iter().rev().any(|(element, _)| is_it(element))
    }

    fn is_dropped(&self) -> bool {
        self.has(|element| *element == Element::Dropped)
    }

    fn is_in_table(&self) -> bool {
        self.has(|element| *element == Element::Table)
    }

    /// Closes the innermost element.
    fn pop(&mut self) {
        let Some((element, _)) = self.open.last() else {
            return;
        };
        match element {
            Element::Mark { index, .. } => {
                let index = *index;
                self.end_mark(index);
                self.open.pop();
            }
            Element::Preformatted { .. } => {
                if let Some((Element::Preformatted { lang }, _)) = self.open.pop() {
                    let code = std::mem::take(&mut self.code);
                    self.code(&code, lang);
                }
            }
            Element::Dropped => {
                self.open.pop();
            }
            Element::Table => {
                let tables = self
                    .open
                    .iter()
                    .filter(|(element, _)| *element == Element::Table);
                // The text of an inner table belongs to the outer one.
                if tables.count() > 1 {
                    self.prose.blank();
                } else {
                    self.finish_prose();
                }
                self.open.pop();
            }
            Element::Paragraph
            | Element::Heading(_)
            | Element::List { .. }
            | Element::Item { .. }
            | Element::Quote => {
                self.new_block();
                self.open.pop();
            }
        }
    }

    fn end_mark(&mut self, index: Option<usize>) {
        if let Some(index) = index {
            self.prose.end_mark(index);
        }
    }

    /// Ends the prose being written and puts it out unless it is blank. Marks that are open go on in the next block,
    /// save code and links: those left open are mistakes.
    fn finish_prose(&mut self) {
        self.row_is_empty = true;
        let (text, marks) = self.prose.take();
        if !text.trim().is_empty() {
            let style = self.style();
            let marks = super::sorted_marks(marks, &text);
            self.blocks.push(Block::Prose(Prose { text, style, marks }));
        }
        for (element, _) in &mut self.open {
            if let Element::Mark { kind, index } = element {
                let goes_on = matches!(kind, MarkKind::Strong | MarkKind::Emphasis);
                *index = goes_on.then(|| self.prose.begin_mark(kind.clone()));
            }
        }
    }

    /// Returns the style of the block that ends here, and notes that it is the item's first, if it stands in one.
    fn style(&mut self) -> ProseStyle {
        let lists = self.open.iter();
        let lists = lists.filter(|(element, _)| matches!(element, Element::List { .. }));
        let depth = u8::try_from(lists.count().saturating_sub(1)).unwrap_or(u8::MAX);
        let mut style = ProseStyle::Paragraph;
        if self.is_in_table() {
            style = ProseStyle::Table;
        }
        for (element, _) in self.open.iter_mut().rev() {
            let found = match element {
                Element::Heading(level) => ProseStyle::Heading(*level),
                Element::Quote => ProseStyle::Quote,
                Element::Item { used: true, .. } => ProseStyle::Continued { depth },
                Element::Item { number, used } => {
                    *used = true;
                    ProseStyle::Item {
                        depth,
                        number: *number,
                    }
                }
                _ => continue,
            };
            if style == ProseStyle::Paragraph {
                style = found;
            }
            if matches!(element, Element::Item { .. }) {
                break;
            }
        }
        style
    }
}
