//! Text for a terminal: free of control sequences, styled, and wrapped to the width.

use std::borrow::Cow;

use anstyle::{AnsiColor, Color, Style};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::Medium;

/// The title of an entry, a heading, strong text.
pub(crate) const BOLD: Style = Style::new().bold();
/// What is there when it is looked for.
pub(crate) const DIM: Style = Style::new().dimmed();
/// A word that the query has; the colour that grep uses.
pub(crate) const MATCH: Style = Style::new()
    .bold()
    .fg_color(Some(Color::Ansi(AnsiColor::Red)));
/// Code inside running text.
pub(crate) const CODE: Style = Style::new().fg_color(Some(Color::Ansi(AnsiColor::Cyan)));

/// Returns whether a character steers a terminal or hides in text: controls, direction overrides, zero-width
/// characters, line separators, tags.
pub(crate) fn is_hostile(character: char) -> bool {
    matches!(character,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns text of one line that is safe to show. Tabs and line breaks become blanks, other controls their pictures
/// (`␛`), and whatever hides becomes `�`: what cannot be seen in a terminal should not be there unnoticed. Only what joins
/// emoji stays.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut before = '\0';
    while let Some(character) = characters.next() {
        match character {
            '\t' => cleaned.push_str("    "),
            '\n' | '\u{2028}' | '\u{2029}' => cleaned.push(' '),
            '\0'..='\x1f' => {
                let picture = char::from_u32(0x2400 + u32::from(character));
                cleaned.push(picture.unwrap_or('\u{fffd}'));
            }
            '\x7f' => cleaned.push('\u{2421}'),
            ZERO_WIDTH_JOINER
                if is_pictograph(before)
                    && characters.peek().copied().is_some_and(is_pictograph) =>
            {
                cleaned.push(character);
            }
            _ if is_hostile(character) => cleaned.push('\u{fffd}'),
            _ => cleaned.push(character),
        }
        before = character;
    }
    Cow::Owned(cleaned)
}

const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// Returns whether a character may stand beside the joiner in an emoji of several: `👩‍💻`. Anywhere else the joiner hides.
fn is_pictograph(character: char) -> bool {
    matches!(character, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

/// Returns text of many lines that is safe to show, each line cleaned and ended.
pub(crate) fn clean_lines(text: &str) -> String {
    text.lines()
        .flat_map(|line| [clean(line), "\n".into()])
        .collect()
}

/// A piece of text in one style. Its text is not clean yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span<'a> {
    pub(crate) text: &'a str,
    pub(crate) style: Style,
}

/// Returns the pieces of a text: those inside the highlights in the style of a match, the others in `style`.
pub(crate) fn highlighted<'a>(
    text: &'a str,
    highlights: &[std::ops::Range<usize>],
    style: Style,
) -> Vec<Span<'a>> {
    let mut spans = Vec::with_capacity(2 * highlights.len() + 1);
    let mut done = 0;
    let mut push = |range: std::ops::Range<usize>, style| {
        let text = text.get(range).unwrap_or_default();
        if !text.is_empty() {
            spans.push(Span { text, style });
        }
    };
    for highlight in highlights {
        push(done..highlight.start, style);
        push(highlight.clone(), MATCH);
        done = highlight.end;
    }
    push(done..text.len(), style);
    spans
}

/// Text under construction for a medium.
pub(crate) struct Page {
    pub(crate) medium: Medium,
    text: String,
}

impl Page {
    /// Returns an empty page.
    pub(crate) fn new(medium: Medium) -> Self {
        Page {
            medium,
            text: String::new(),
        }
    }

    /// Returns what was written.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// Ends a paragraph: at most one empty line follows the last line.
    pub(crate) fn blank_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Writes a line that is not wrapped.
    pub(crate) fn line(&mut self, spans: &[Span<'_>]) {
        for span in spans {
            self.push(span.style, &clean(span.text));
        }
        self.text.push('\n');
    }

    /// Writes a block of code: whole lines, neither wrapped nor cut.
    pub(crate) fn code(&mut self, spans: &[Span<'_>], indent: usize) {
        let mut at_start = true;
        for span in spans {
            for line in span.text.split_inclusive('\n') {
                let content = match line.strip_suffix('\n') {
                    Some(content) => content.strip_suffix('\r').unwrap_or(content),
                    None => line,
                };
                if at_start && !content.is_empty() {
                    self.text.extend(std::iter::repeat_n(' ', indent));
                }
                self.push(span.style, &clean(content));
                at_start = line.ends_with('\n');
                if at_start {
                    self.text.push('\n');
                } else {
                    at_start = false;
                }
            }
        }
        if !at_start {
            self.text.push('\n');
        }
    }

    /// Writes running text wrapped to the width: its first line after `first`, the others after `rest`. Line breaks in
    /// the text stay. A word that is wider than a line, such as a URL, is not cut.
    pub(crate) fn wrapped(&mut self, spans: &[Span<'_>], first: &str, rest: &str) {
        let rooms =
            [first.width(), rest.width()].map(|used| self.medium.width.saturating_sub(used));
        self.push(Style::new(), first);
        for (place, line) in laid_out(spans, rooms).iter().enumerate() {
            if place > 0 {
                self.end_wrapped_line();
                self.push(Style::new(), rest);
            }
            self.pieces(line);
        }
        self.end_wrapped_line();
    }

    /// Writes a line of laid out text, without ending it.
    pub(crate) fn pieces(&mut self, line: &Line<'_>) {
        for piece in &line.pieces {
            self.push(piece.style, &clean(piece.text));
        }
    }

    /// Ends a line, without blanks before its end.
    pub(crate) fn end_wrapped_line(&mut self) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        self.text.push('\n');
    }

    /// Writes blanks, without ending the line.
    pub(crate) fn blanks(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n(' ', count));
    }

    fn push(&mut self, style: Style, clean_text: &str) {
        if self.medium.color && style != Style::new() && !clean_text.is_empty() {
            self.text.push_str(&format!("{style}{clean_text}{style:#}"));
        } else {
            self.text.push_str(clean_text);
        }
    }
}

/// A line of text that was laid out.
#[derive(Default)]
pub(crate) struct Line<'a> {
    pieces: Vec<Span<'a>>,
    /// In columns.
    pub(crate) width: usize,
}

/// Returns running text in lines: the first one and the others have so many columns. A word that is wider than a line is
/// not cut. There is at least one line.
pub(crate) fn laid_out<'a>(spans: &[Span<'a>], [first, rest]: [usize; 2]) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let mut line = Line::default();
    let mut room = first;
    // The last piece on the line: what follows it in its span behind one blank is written together with it.
    let mut last: Option<Piece> = None;
    for word in words(spans) {
        let is_empty = line.pieces.is_empty();
        let fits = line.width + usize::from(word.after_blank) + word.width <= room;
        let mut piece = word.first;
        let text = spans[piece.span].text;
        if word.after_break || (!is_empty && !fits) {
            lines.push(std::mem::take(&mut line));
            room = rest;
        } else if word.after_blank && !is_empty {
            line.width += 1;
            let is_beside =
                |last: &Piece| last.span == piece.span && &text[last.end..piece.start] == " ";
            match last.filter(is_beside) {
                Some(before) => {
                    line.pieces.pop();
                    piece.start = before.start;
                }
                None => line.pieces.push(Span {
                    text: " ",
                    style: Style::new(),
                }),
            }
        }
        for piece in std::iter::once(&piece).chain(&word.more) {
            line.pieces.push(Span {
                text: &spans[piece.span].text[piece.start..piece.end],
                style: spans[piece.span].style,
            });
        }
        line.width += word.width;
        last = Some(word.more.last().copied().unwrap_or(piece));
    }
    lines.push(line);
    lines
}

/// Bytes of a span.
#[derive(Clone, Copy)]
struct Piece {
    span: usize,
    start: usize,
    end: usize,
}

/// Something that stays on one line.
struct Word {
    first: Piece,
    /// Where styles change inside it.
    more: Vec<Piece>,
    width: usize,
    after_blank: bool,
    after_break: bool,
}

/// Returns the words of running text. A line may break at blanks, and around characters that are two columns wide:
/// languages written with those put no blanks. What people see as one character is never parted.
fn words(spans: &[Span<'_>]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let (mut after_blank, mut after_break, mut joined) = (false, false, false);
    for (number, span) in spans.iter().enumerate() {
        let mut at = 0;
        while let Some((blanks, end, is_wide)) = next_piece(&span.text[at..]) {
            if blanks > 0 {
                after_blank = true;
                after_break |= span.text[at..at + blanks].contains('\n');
                joined = false;
            }
            let start = at + blanks;
            at += end;
            if start == at {
                break;
            }
            let piece = Piece {
                span: number,
                start,
                end: at,
            };
            let text = &span.text[start..at];
            let width = clean(text).width();
            let is_joined = joined && (!is_wide || text.starts_with(closes));
            match words.last_mut().filter(|_| is_joined) {
                Some(word) => {
                    word.more.push(piece);
                    word.width += width;
                }
                None => words.push(Word {
                    first: piece,
                    more: Vec::new(),
                    width,
                    after_blank,
                    // Text does not begin with an empty line.
                    after_break: after_break && !words.is_empty(),
                }),
            }
            // Closing marks stay with the wide character before them.
            joined = !is_wide || span.text[at..].starts_with(closes);
            (after_blank, after_break) = (false, false);
        }
    }
    words
}

/// Returns how many bytes of blanks a text begins with, where the piece behind them ends, and whether that is one wide
/// character; `None` for an empty text.
fn next_piece(text: &str) -> Option<(usize, usize, bool)> {
    if text.is_empty() {
        return None;
    }
    let blanks = text
        .find(|character| !is_blank(character))
        .unwrap_or(text.len());
    let rest = &text[blanks..];
    let word = rest.find(is_blank).unwrap_or(rest.len());
    if rest[..word].is_ascii() {
        return Some((blanks, blanks + word, false));
    }
    for (at, character) in rest[..word].grapheme_indices(true) {
        if clean(character).width() == 2 {
            let end = if at == 0 { character.len() } else { at };
            return Some((blanks, blanks + end, at == 0));
        }
    }
    Some((blanks, blanks + word, false))
}

/// Returns whether no line begins with a character.
fn closes(character: char) -> bool {
    "、。，．・：；！？）」』】〕〉》ー々".contains(character)
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() && !matches!(character, '\u{a0}' | '\u{202f}')
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) const PLAIN: Medium = Medium {
        color: false,
        width: 30,
        terminal: false,
    };
    pub(crate) const COLOR: Medium = Medium {
        color: true,
        width: 30,
        terminal: true,
    };

    /// Fails if the text holds anything that steers a terminal, apart from line breaks and styles.
    pub(crate) fn assert_harmless(text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find('\x1b') {
            assert_clean(&rest[..at]);
            let style = rest[at..]
                .strip_prefix("\x1b[")
                .expect("an escape that is no style");
            let end = style
                .find(|c: char| !c.is_ascii_digit() && c != ';')
                .expect("a style that does not end");
            assert_eq!(
                &style[end..=end],
                "m",
                "a sequence that is no style: {text:?}"
            );
            rest = &style[end + 1..];
        }
        assert_clean(rest);
    }

    fn assert_clean(text: &str) {
        let characters: Vec<char> = text.chars().collect();
        for (place, character) in characters.iter().enumerate() {
            let joins = || {
                let beside = [place.wrapping_sub(1), place + 1].map(|place| characters.get(place));
                *character == ZERO_WIDTH_JOINER
                    && beside
                        .iter()
                        .all(|other| other.is_some_and(|other| is_pictograph(*other)))
            };
            let is_harmless = *character == '\n' || !is_hostile(*character) || joins();
            assert!(is_harmless, "{character:?} in {text:?}");
        }
    }

    /// Any text, with more of what is hostile than chance would give.
    pub(crate) fn any_text() -> impl Strategy<Value = String> {
        let character = prop_oneof![
            4 => any::<char>(),
            4 => proptest::char::range('\0', '\u{a0}'),
            2 => proptest::char::range('\u{2000}', '\u{2070}'),
            1 => Just('\x1b'),
            1 => Just('漢'),
        ];
        proptest::collection::vec(character, 0..80).prop_map(|text| text.into_iter().collect())
    }

    fn wrap(text: &str, medium: Medium) -> String {
        let mut page = Page::new(medium);
        page.wrapped(&highlighted(text, &[], BOLD), " 1. ", "    ");
        page.into_text()
    }

    #[test]
    fn what_steers_a_terminal_is_replaced() {
        for (text, cleaned) in [
            ("plain ünï 漢字", "plain ünï 漢字"),
            ("a\tb\nc", "a    b c"),
            ("\x1b[31mred\x1b]0;t\x07", "␛[31mred␛]0;t␇"),
            ("\x7f\u{9b}31m", "␡\u{fffd}31m"),
            (
                "a\u{202e}b\u{2066}c\u{200b}d",
                "a\u{fffd}b\u{fffd}c\u{fffd}d",
            ),
            ("a\u{2028}b", "a b"),
            (
                "👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥",
                "👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥",
            ),
            ("a\u{200d}b 👩\u{200d}", "a\u{fffd}b 👩\u{fffd}"),
        ] {
            assert_eq!(clean(text), cleaned);
        }
    }

    #[test]
    fn text_wraps_at_blanks_and_between_wide_characters() {
        for (text, wrapped) in [
            ("", " 1.\n"),
            ("one", " 1. one\n"),
            (
                "aaaaaaaaaa bbbbbbbbbb ccccc",
                " 1. aaaaaaaaaa bbbbbbbbbb\n    ccccc\n",
            ),
            ("a\n\nb", " 1. a\n    b\n"),
            (
                "https://example.org/a/very/long/path x",
                " 1. https://example.org/a/very/long/path\n    x\n",
            ),
            (
                "漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢",
                " 1. 漢漢漢漢漢漢漢漢漢漢漢漢漢\n    漢漢\n",
            ),
            // No line begins with a full stop.
            (
                "漢漢漢漢漢漢漢漢漢漢漢漢漢。漢",
                " 1. 漢漢漢漢漢漢漢漢漢漢漢漢\n    漢。漢\n",
            ),
            // An emoji of several characters is two columns wide and is not parted; accents take no room.
            (
                "👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻🇩🇪",
                " 1. 👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻👩\u{200d}💻\n    🇩🇪\n",
            ),
            (
                "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301} aaaaaaaaaaaaaaa b",
                " 1. e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301} aaaaaaaaaaaaaaa\n    b\n",
            ),
        ] {
            assert_eq!(wrap(text, PLAIN), wrapped, "{text}");
        }
    }

    #[test]
    fn highlights_are_styled_and_wrong_ones_are_harmless() {
        let mut page = Page::new(COLOR);
        page.line(&highlighted("a weak ref", &[2..6, 7..10], Style::new()));
        assert_eq!(
            page.into_text(),
            format!("a {MATCH}weak{MATCH:#} {MATCH}ref{MATCH:#}\n")
        );
        let mut page = Page::new(COLOR);
        page.line(&highlighted("ü", &[0..1, 1..99, 99..100], Style::new()));
        assert_harmless(&page.into_text());
    }

    #[test]
    fn code_keeps_its_lines() {
        let mut page = Page::new(PLAIN);
        page.code(
            &highlighted("if x:\r\n\treturn\n\n# end", &[7..9, 9..13], Style::new()),
            4,
        );
        assert_eq!(page.into_text(), "    if x:\n        return\n\n    # end\n");
    }

    proptest! {
        #[test]
        fn rendered_text_is_harmless(text in any_text()) {
            for medium in [PLAIN, COLOR] {
                let mut page = Page::new(medium);
                page.wrapped(&highlighted(&text, &[], MATCH), "> ", "> ");
                page.line(&highlighted(&text, &[], MATCH));
                page.code(&highlighted(&text, &[], MATCH), 4);
                assert_harmless(&page.into_text());
            }
            assert_harmless(&clean_lines(&text));
        }

        #[test]
        fn wrapping_loses_nothing_but_blanks(text in "[a-z漢 \n]{0,80}") {
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(squeezed(&wrap(&text, PLAIN)), format!("1.{}", squeezed(&text)));
        }
    }
}
