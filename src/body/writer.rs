//! The text of one prose block in the making: where white space collapses and where marks begin and end.

use super::{Mark, MarkKind};

/// The start of a mark whose first character has not been written.
const NOT_BEGUN: usize = usize::MAX;

/// The text of a prose block and its marks.
#[derive(Debug, Default)]
pub(super) struct Writer {
    /// Never ends in a blank that came from markup: that waits in `gap`.
    text: String,
    /// White space and separators to write before the next visible character, if one comes.
    gap: String,
    /// Marks of `text` in the order they were opened.
    marks: Vec<Mark>,
    /// Marks that begin with the next visible character.
    waiting: Vec<usize>,
    /// Whether the next visible text is superscript.
    superscript: bool,
}

impl Writer {
    /// Returns the text and its marks, which may be empty or cross; those still open end with the text. The writer
    /// starts anew.
    pub(super) fn take(&mut self) -> (String, Vec<Mark>) {
        let mut writer = std::mem::take(self);
        for mark in &mut writer.marks {
            mark.end = mark.end.min(writer.text.len());
        }
        (writer.text, writer.marks)
    }

    /// Writes text as it is.
    pub(super) fn visible(&mut self, text: &str) {
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

    /// Writes a blank, unless white space stands there already.
    pub(super) fn blank(&mut self) {
        if self.gap.is_empty() {
            self.gap.push(' ');
        }
    }

    /// Breaks the line. Breaks add up.
    pub(super) fn line_break(&mut self) {
        self.drop_blank();
        self.gap.push('\n');
    }

    /// Starts a new line for a table's row.
    pub(super) fn row(&mut self) {
        if self.text.is_empty() {
            self.gap.clear();
        } else {
            self.gap.truncate(self.gap.trim_end().len());
            self.gap.push('\n');
        }
    }

    /// Parts two cells of a table's row.
    pub(super) fn cell(&mut self) {
        self.drop_blank();
        self.gap.push_str(" | ");
    }

    /// Says whether the next text is superscript: `10<sup>9</sup>` becomes `10^9`, not `109`.
    pub(super) fn superscript(&mut self, is_superscript: bool) {
        self.superscript = is_superscript;
    }

    /// Begins a mark and returns its index, for [`Writer::end_mark`].
    pub(super) fn begin_mark(&mut self, kind: MarkKind) -> usize {
        let index = self.marks.len();
        self.marks.push(Mark {
            start: NOT_BEGUN,
            end: usize::MAX,
            kind,
        });
        self.waiting.push(index);
        index
    }

    /// Ends a mark of the current text.
    pub(super) fn end_mark(&mut self, index: usize) {
        self.waiting.retain(|waiting| *waiting != index);
        if let Some(mark) = self.marks.get_mut(index) {
            mark.end = self.text.len();
        }
    }

    fn drop_blank(&mut self) {
        if self.gap == " " {
            self.gap.clear();
        }
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
