//! The one place where blocks are put together: Markdown and HTML both say what opens, closes and is written, and
//! the builder turns it into blocks.

use std::mem::discriminant;

use super::tags::Role;
use super::{Block, Code, Mark, MarkKind, Prose, ProseStyle};

/// How many elements may stand in one another. Real pages stay below 30; without a bound, hostile ones would make
/// every step as slow as they are deep. What stands deeper loses its style, not its text.
const MAX_DEPTH: usize = 100;

/// The start of a mark whose first character has not been written.
const NOT_BEGUN: usize = usize::MAX;

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

/// Who opened an element: Markdown, or an HTML tag of this role. An HTML end tag closes its own kind only and never
/// reaches past an element of Markdown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Owner {
    Markdown,
    Html(Role),
}

/// Blocks in the making.
#[derive(Debug, Default)]
pub(super) struct Builder {
    blocks: Vec<Block>,
    /// The prose being written. Never ends in a blank that came from markup: that waits in `gap`.
    text: String,
    /// White space and separators to write before the next visible character, if one comes.
    gap: String,
    /// Marks of `text` in the order they were opened.
    marks: Vec<Mark>,
    /// Marks that begin with the next visible character.
    waiting: Vec<usize>,
    /// The text of the open preformatted element.
    code: String,
    /// Whether no cell of the current table row has been opened.
    row_is_empty: bool,
    /// Whether the next visible text is superscript.
    superscript: bool,
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
            Element::Mark { kind, index } => *index = Some(self.begin_mark(kind.clone())),
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

    /// Closes the innermost element that an HTML tag of this role opened, and the HTML inside it unless it is a mark;
    /// does nothing when there is none since the innermost element of Markdown.
    pub(super) fn end_html(&mut self, role: Role) {
        let is_end = |owner: &Owner| match owner {
            Owner::Markdown => true,
            Owner::Html(opened) => discriminant(opened) == discriminant(&role),
        };
        let Some(place) = self.open.iter().rposition(|(_, owner)| is_end(owner)) else {
            return;
        };
        match &self.open[place] {
            (_, Owner::Markdown) => {}
            (Element::Mark { index, .. }, _) => {
                // `<b><i></b></i>`: a mark ends alone.
                let index = *index;
                self.end_mark(index);
                self.open.remove(place);
            }
            _ => {
                while self.open.len() > place {
                    self.pop();
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
            self.blank();
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
        if self.text.is_empty() {
            self.gap.clear();
        } else {
            self.gap.truncate(self.gap.trim_end().len());
            self.gap.push('\n');
        }
    }

    /// Starts a cell of a table row.
    pub(super) fn cell(&mut self) {
        if !self.is_in_table() || self.row_is_empty {
            self.row_is_empty = false;
            return self.blank();
        }
        if self.gap == " " {
            self.gap.clear();
        }
        self.gap.push_str(" | ");
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
                self.blank();
            }
            self.visible(word);
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
            self.visible(text);
        }
    }

    /// Breaks the line. Titles and table rows are one line each: they get a blank.
    pub(super) fn line_break(&mut self) {
        if self.is_preformatted() {
            self.code.push('\n');
        } else if self.has(|element| matches!(element, Element::Heading(_) | Element::Table)) {
            self.blank();
        } else {
            if self.gap == " " {
                self.gap.clear();
            }
            self.gap.push('\n');
        }
    }

    /// Says that the next text is superscript: `10<sup>9</sup>` becomes `10^9`, not `109`.
    pub(super) fn superscript(&mut self, is_open: bool) {
        self.superscript = is_open;
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
                    self.blank();
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

    fn blank(&mut self) {
        if self.gap.is_empty() {
            self.gap.push(' ');
        }
    }

    fn visible(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.text.is_empty() {
            // White space at the start of a block is not seen, an empty first cell is.
            self.gap = self.gap.trim().to_owned();
            if !self.gap.is_empty() {
                self.gap.push(' ');
            }
        }
        self.text.push_str(&self.gap);
        self.gap.clear();
        if std::mem::take(&mut self.superscript) && is_exponent(&self.text, text) {
            self.text.push('^');
        }
        for index in self.waiting.drain(..) {
            self.marks[index].start = self.text.len();
        }
        self.text.push_str(text);
    }

    fn begin_mark(&mut self, kind: MarkKind) -> usize {
        let index = self.marks.len();
        self.marks.push(Mark {
            start: NOT_BEGUN,
            end: 0,
            kind,
        });
        self.waiting.push(index);
        index
    }

    fn end_mark(&mut self, index: Option<usize>) {
        let Some(mark) = index.and_then(|index| self.marks.get_mut(index)) else {
            return;
        };
        mark.end = self.text.len();
        self.waiting.retain(|waiting| Some(*waiting) != index);
    }

    /// Ends the prose being written and puts it out unless it is blank. Marks that are open go on in the next block,
    /// save code and links: those left open are mistakes.
    fn finish_prose(&mut self) {
        for (element, _) in &mut self.open {
            if let Element::Mark { index, .. } = element
                && let Some(index) = index.take()
            {
                self.marks[index].end = self.text.len();
            }
        }
        self.waiting.clear();
        self.gap.clear();
        self.superscript = false;
        self.row_is_empty = true;
        let text = std::mem::take(&mut self.text);
        let marks = std::mem::take(&mut self.marks);
        if !text.trim().is_empty() {
            let style = self.style();
            let marks = super::sorted_marks(marks, &text);
            self.blocks.push(Block::Prose(Prose { text, style, marks }));
        }
        for place in 0..self.open.len() {
            if let Element::Mark { kind, .. } = &self.open[place].0
                && matches!(kind, MarkKind::Strong | MarkKind::Emphasis)
            {
                let kind = kind.clone();
                let begun = Some(self.begin_mark(kind));
                if let Element::Mark { index, .. } = &mut self.open[place].0 {
                    *index = begun;
                }
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

/// Returns whether superscript text reads as an exponent after the text before it; `1<sup>st</sup>` does not.
fn is_exponent(before: &str, text: &str) -> bool {
    let is_base = |character: char| character.is_alphanumeric() || character == ')';
    let is_power = |character: char| character.is_alphanumeric() || "+-−/".contains(character);
    before.ends_with(is_base)
        && text.chars().all(is_power)
        && !["st", "nd", "rd", "th", "tm"].contains(&text.to_lowercase().as_str())
}
