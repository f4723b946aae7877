//! The passage of prose that answers, cut at sentence and word edges.

use std::ops::Range;

use super::matching::{floor, merged};
use super::{Finder, Lines, Searched, Snippet, SnippetKind, code, excerpt};
use crate::body::{Block, MarkKind, Prose, ProseStyle};
use crate::entry::Entry;

/// The longest passage, in characters: three lines of a terminal.
pub(super) const MAX_PASSAGE_CHARS: usize = 280;
/// The longest sentence above a block of code: two lines of a terminal.
const MAX_LEAD_CHARS: usize = 160;
/// How much of its worth a passage keeps when it stands in the question: the answer is what was asked for.
const QUESTION_FACTOR: f32 = 0.8;
/// The same for a heading, which announces and does not answer.
const HEADING_FACTOR: f32 = 0.5;
/// The same for a comment, which asks back or corrects.
const COMMENT_FACTOR: f32 = 0.7;
/// What a passage gains when its words stand close together, at most. Less than any further word is worth.
const CLOSENESS: f32 = 0.1;
/// How many lines of code stand for an entry that has nothing else.
pub(super) const MAX_CODE_LINES: usize = 8;

/// Where the best passage stands.
pub(super) struct Passage {
    /// The place of its block.
    pub(super) block: usize,
    /// Its bytes in the block's text.
    pub(super) window: Range<usize>,
}

impl Finder<'_> {
    /// Returns the passage with the most of the query's words; `None` when no prose has any.
    pub(super) fn best_passage(&self, entry: &Entry, blocks: &[Searched<'_>]) -> Option<Passage> {
        let trust = code::trust(entry);
        let mut best: Option<(f32, Passage)> = None;
        for (place, searched) in blocks.iter().enumerate() {
            let Block::Prose(prose) = searched.block else {
                continue;
            };
            if searched.matches.is_empty() {
                continue;
            }
            let factor = match (searched.answer, prose.style) {
                (_, ProseStyle::Heading(_)) => HEADING_FACTOR,
                (_, ProseStyle::Comment) => COMMENT_FACTOR,
                (None, _) => QUESTION_FACTOR,
                (Some(answer), _) => trust[answer],
            };
            let mut before = (0, 0);
            for window in windows(prose) {
                let from = searched
                    .matches
                    .partition_point(|found| found.range.start < window.start);
                let inside = || {
                    searched.matches[from..]
                        .iter()
                        .take_while(|found| found.range.start < window.end)
                        .filter(|found| found.range.end <= window.end)
                };
                // The same ones as in the window before are worth the same.
                let these = (from, inside().count());
                if std::mem::replace(&mut before, these) == these {
                    continue;
                }
                let Some(first) = inside().next().map(|found| found.range.start) else {
                    continue;
                };
                let last = inside().map(|found| found.range.end).max().unwrap_or(first);
                let closeness = CLOSENESS / (1.0 + (last - first) as f32 / 80.0);
                let worth = factor * (self.coverage(self.weights, inside()) + closeness);
                if best.as_ref().is_none_or(|(most, _)| worth > *most) {
                    best = Some((
                        worth,
                        Passage {
                            block: place,
                            window,
                        },
                    ));
                }
            }
        }
        best.map(|(_, passage)| passage)
    }
}

/// Returns what to show of an entry whose prose has no word of the query: the text before the code that has, else the
/// beginning of the first answer, else code.
pub(super) fn fallback(blocks: &[Searched<'_>], code: Option<usize>) -> Option<Snippet> {
    let is_text = |searched: &Searched<'_>| {
        matches!(searched.block, Block::Prose(Prose { style, text, .. })
            if !matches!(style, ProseStyle::Heading(_)) && !text.trim().is_empty())
    };
    let before_code = code.and_then(|code| (0..code).rev().find(|place| is_text(&blocks[*place])));
    let first = || {
        let in_answers = blocks
            .iter()
            .position(|searched| searched.answer.is_some() && is_text(searched));
        in_answers.or_else(|| blocks.iter().position(is_text))
    };
    if let Some(block) = before_code.or_else(first)
        && let Block::Prose(prose) = blocks[block].block
    {
        let first = windows(prose).into_iter().next();
        let window = first.unwrap_or(0..prose.text.len());
        return Some(cut(blocks, &Passage { block, window }));
    }
    // An entry of code alone shows its code.
    let code = code.or_else(|| blocks.iter().position(Searched::is_code))?;
    Some(leading_lines(blocks[code].code()))
}

/// Returns the lines of code that stand for an entry without prose: the first ones in a row that matter.
fn leading_lines(mut snippet: Snippet) -> Snippet {
    let Some(window) = excerpt::window(&snippet, MAX_CODE_LINES) else {
        return snippet;
    };
    let first = snippet.text[..window.start].matches('\n').count() + 1;
    snippet.lines = snippet.lines.map(|lines| Lines { first, ..lines });
    snippet.text = snippet.text[window.clone()].to_owned();
    snippet.highlights.retain(|range| is_inside(range, &window));
    for range in &mut snippet.highlights {
        *range = range.start - window.start..range.end - window.start;
    }
    snippet
}

/// Returns the sentence before a block of code, where prose leads to it.
pub(super) fn lead(blocks: &[Searched<'_>], code: usize) -> Option<Snippet> {
    let block = code.checked_sub(1)?;
    let Block::Prose(prose) = blocks[block].block else {
        return None;
    };
    let is_same = blocks[block].answer == blocks[code].answer;
    if !is_same
        || matches!(
            prose.style,
            ProseStyle::Heading(_) | ProseStyle::Table | ProseStyle::Comment
        )
    {
        return None;
    }
    let sentence = sentences(prose).pop()?;
    let text = Measured::new(&prose.text);
    let window = if text.chars(sentence.clone()) <= MAX_LEAD_CHARS {
        sentence
    } else {
        let mut runs = Vec::new();
        word_runs(&text, sentence, MAX_LEAD_CHARS, &mut runs);
        runs.pop()?
    };
    Some(cut(blocks, &Passage { block, window }))
}

fn is_inside(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    inner.start >= outer.start && inner.end <= outer.end
}

/// Returns the ranges of a text that may become a passage: runs of whole sentences that fit, and pieces of a sentence
/// that does not.
fn windows(prose: &Prose) -> Vec<Range<usize>> {
    let text = Measured::new(&prose.text);
    let mut pieces = Vec::new();
    for sentence in sentences(prose) {
        if text.chars(sentence.clone()) <= MAX_PASSAGE_CHARS {
            pieces.push(sentence);
        } else {
            word_runs(&text, sentence, MAX_PASSAGE_CHARS, &mut pieces);
        }
    }
    let starts = text.places(pieces.iter().map(|piece| piece.start));
    let ends = text.places(pieces.iter().map(|piece| piece.end));
    let mut last = 0;
    (0..pieces.len())
        .map(|first| {
            last = last.max(first);
            while last + 1 < pieces.len() && ends[last + 1] - starts[first] <= MAX_PASSAGE_CHARS {
                last += 1;
            }
            pieces[first].start..pieces[last].end
        })
        .collect()
}

/// A text whose characters are counted: those of ASCII, which most texts are, are its bytes.
struct Measured<'t> {
    text: &'t str,
    is_ascii: bool,
}

impl<'t> Measured<'t> {
    fn new(text: &'t str) -> Self {
        Measured {
            text,
            is_ascii: text.is_ascii(),
        }
    }

    /// Returns how many characters are in a range.
    fn chars(&self, range: Range<usize>) -> usize {
        match self.is_ascii {
            true => range.len(),
            false => self.text[range].chars().count(),
        }
    }

    /// Returns the byte of the character with a number in a range; `None` when it has no more.
    fn byte_of(&self, range: Range<usize>, number: usize) -> Option<usize> {
        if self.is_ascii {
            return (number < range.len()).then_some(number);
        }
        let mut characters = self.text[range].char_indices();
        characters.nth(number).map(|(at, _)| at)
    }

    /// Returns how many characters stand before each of some bytes, which are in order.
    fn places(&self, bytes: impl Iterator<Item = usize>) -> Vec<usize> {
        let (mut from, mut characters) = (0, 0);
        bytes
            .map(|at| {
                characters += self.chars(from..at);
                from = at;
                characters
            })
            .collect()
    }
}

/// Returns the sentences of a text, without the blanks around them.
fn sentences(prose: &Prose) -> Vec<Range<usize>> {
    let text = &prose.text;
    let code = prose.marks.iter();
    let mut code = code.filter(|mark| mark.kind == MarkKind::Code).peekable();
    let mut code_end = 0;
    let mut sentences = Vec::new();
    let mut start = 0;
    for at in possible_ends(text) {
        let mut behind = text[at..].chars();
        let character = behind.next().unwrap_or_default();
        while let Some(begun) = code.next_if(|mark| mark.start < at) {
            code_end = begun.end;
        }
        let end = at + character.len_utf8();
        let stops = match character {
            '.' | '!' | '?' => {
                // `e.g. this` goes on.
                behind.clone().next().is_some_and(char::is_whitespace)
                    && !behind
                        .find(|next| !next.is_whitespace())
                        .is_some_and(char::is_lowercase)
                    && at >= code_end
            }
            '。' | '！' | '？' | '\n' => true,
            _ => false,
        };
        if stops {
            push_trimmed(text, start..end, &mut sentences);
            start = end;
        }
    }
    push_trimmed(text, start..text.len(), &mut sentences);
    sentences
}

/// Returns the bytes of a text where a character begins that may end a sentence, in order: most do not.
fn possible_ends(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    // Behind what ends one in ASCII, the first bytes of `。`, `！` and `？`.
    let mut marks = memchr::memchr3_iter(b'.', b'!', b'?', bytes).peekable();
    let mut others = memchr::memchr3_iter(b'\n', 0xe3, 0xef, bytes).peekable();
    std::iter::from_fn(move || match (marks.peek(), others.peek()) {
        (Some(mark), Some(other)) if mark < other => marks.next(),
        (_, Some(_)) => others.next(),
        _ => marks.next(),
    })
}

/// Adds overlapping runs of whole words of a text that is longer than `max_chars`. A run without a blank is cut
/// between any two characters as people count them.
fn word_runs(
    measured: &Measured<'_>,
    range: Range<usize>,
    max_chars: usize,
    runs: &mut Vec<Range<usize>>,
) {
    let text = measured.text;
    let mut start = range.start;
    loop {
        let rest = &text[start..range.end];
        let place = |character| measured.byte_of(start..range.end, character);
        let (Some(limit), Some(third)) = (place(max_chars), place(max_chars / 3)) else {
            return push_trimmed(text, start..range.end, runs);
        };
        let (limit, third) = (whole_before(rest, limit), whole_before(rest, third));
        let blank = rest[..limit].rfind(char::is_whitespace);
        let end = blank.filter(|at| *at > 0).unwrap_or(limit);
        push_trimmed(text, start..start + end, runs);
        // A step of a third of a passage loses little, and keeps a page without a full stop from costing its square.
        let next_word = rest[third.min(end)..end].find(char::is_whitespace);
        start += match next_word {
            Some(at) => third + at,
            None if end == limit => third,
            None => end,
        };
        start += text[start..].len() - text[start..].trim_start().len();
    }
}

/// Returns the last place up to a byte where a text may be cut. Accents piled up without end are cut anywhere.
fn whole_before(text: &str, at: usize) -> usize {
    match floor(text, at) {
        0 => at,
        at => at,
    }
}

fn push_trimmed(text: &str, range: Range<usize>, ranges: &mut Vec<Range<usize>>) {
    let slice = &text[range.clone()];
    let start = range.start + (slice.len() - slice.trim_start().len());
    let end = start + slice.trim().len();
    if start < end {
        ranges.push(start..end);
    }
}

/// Returns a passage as a snippet, with an ellipsis where it cuts a sentence.
pub(super) fn cut(blocks: &[Searched<'_>], passage: &Passage) -> Snippet {
    let searched = &blocks[passage.block];
    let window = passage.window.clone();
    let whole = searched.block.text();
    let before = whole[..window.start].trim_end();
    let after = whole[window.end..].trim_start();
    let ends_sentence = |text: &str| {
        text.is_empty() || text.ends_with(['.', '!', '?', ':', '。', '！', '？', '\n'])
    };
    let prefix = if ends_sentence(before) || whole[..window.start].ends_with('\n') {
        ""
    } else {
        "… "
    };
    let slice = &whole[window.clone()];
    let suffix =
        if after.is_empty() || ends_sentence(slice) || whole[window.end..].starts_with('\n') {
            ""
        } else {
            " …"
        };
    let shift = |range: Range<usize>| {
        range.start - window.start + prefix.len()..range.end - window.start + prefix.len()
    };
    let inside = merged(whole, &searched.matches)
        .into_iter()
        .filter(|range| is_inside(range, &window));
    Snippet {
        text: [prefix, slice, suffix].concat(),
        highlights: inside.map(shift).collect(),
        kind: SnippetKind::Prose,
        lang: None,
        answer: searched.answer,
        lines: None,
    }
}
