//! The lines that matter of a long block of code.

use std::cmp::Reverse;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::Snippet;

/// A gap of so few lines is shown: a mark in its place would save nothing.
const SMALL_GAP: usize = 2;
/// How many of the lines that enclose the best ones are shown.
const ENCLOSING: usize = 2;
/// How many lines should stand before the first one with a word.
const LINES_BEFORE: usize = 2;

impl Snippet {
    /// Returns the lines of code to show where there is room for `max_lines` of them, as byte ranges of whole lines
    /// without their last line break, in order: those in a row with the most of the query's words, and the lines that
    /// enclose them, such as the head of their function. All lines when they fit; no line is cut.
    pub fn excerpt(&self, max_lines: usize) -> Vec<Range<usize>> {
        let lines = lines(&self.text);
        if lines.len() <= max_lines {
            let all = 0..self.text.trim_end_matches('\n').len();
            return vec![all];
        }
        let mut shown = best_lines(self, &lines, max_lines);
        let enclosing = enclosing(
            &self.text,
            &lines,
            shown.start,
            ENCLOSING.min(max_lines / 4),
        );
        // Their room is taken at the end, where less stands as a rule.
        let room = max_lines - enclosing.len();
        if shown.len() > room {
            shown.end = shown.start + room;
        }
        let mut groups: Vec<Range<usize>> = Vec::new();
        let all = enclosing.into_iter().map(|line| line..line + 1);
        for lines in all.chain([shown]) {
            match groups.last_mut() {
                Some(last) if lines.start <= last.end + SMALL_GAP => last.end = lines.end,
                _ => groups.push(lines),
            }
        }
        groups
            .into_iter()
            .map(|group| lines[group.start].start..lines[group.end - 1].end)
            .collect()
    }
}

/// Returns the lines in a row that stand for a block of code; `None` when it has no more than `max_lines`.
pub(super) fn window(code: &Snippet, max_lines: usize) -> Option<Range<usize>> {
    let lines = lines(&code.text);
    if lines.len() <= max_lines {
        return None;
    }
    let best = best_lines(code, &lines, max_lines);
    Some(lines[best.start].start..lines[best.end - 1].end)
}

/// Returns the lines of a text without their line breaks.
fn lines(text: &str) -> Vec<Range<usize>> {
    text.lines()
        .map(|line| {
            let start = line.as_ptr() as usize - text.as_ptr() as usize;
            start..start + line.len()
        })
        .collect()
}

/// Returns the `max_lines` lines in a row with the most distinct words, the rarer ones counting more; among equals those
/// that begin where a paragraph does, then those with a little before the first word.
fn best_lines(code: &Snippet, lines: &[Range<usize>], max_lines: usize) -> Range<usize> {
    let max_lines = max_lines.max(1);
    let mut times: FxHashMap<String, usize> = FxHashMap::default();
    let mut words: Vec<(usize, String)> = Vec::new();
    for highlight in &code.highlights {
        let Some(word) = code.text.get(highlight.clone()) else {
            continue;
        };
        let line = lines.partition_point(|line| line.end <= highlight.start);
        let word = word.to_lowercase();
        *times.entry(word.clone()).or_default() += 1;
        words.push((line.min(lines.len() - 1), word));
    }
    let is_blank = |line: usize| code.text[lines[line].clone()].trim().is_empty();
    let mut most = (-1.0, false, Reverse(0));
    let mut best = 0;
    for start in 0..=lines.len() - max_lines {
        let inside = || {
            let is_inside = |line: usize| (start..start + max_lines).contains(&line);
            words.iter().filter(move |(line, _)| is_inside(*line))
        };
        let before = inside()
            .next()
            .map_or(start + LINES_BEFORE, |(line, _)| line - start);
        let mut seen: Vec<&str> = inside().map(|(_, word)| word.as_str()).collect();
        seen.sort_unstable();
        seen.dedup();
        let worth: f32 = seen.iter().map(|word| 1.0 / times[*word] as f32).sum();
        let begins = !is_blank(start) && (start == 0 || is_blank(start - 1));
        let key = (worth, begins, Reverse(before.abs_diff(LINES_BEFORE)));
        if key > most {
            (most, best) = (key, start);
        }
    }
    let mut shown = best..best + max_lines;
    while shown.len() > 1 && is_blank(shown.start) {
        shown.start += 1;
    }
    shown.end = without_blank_end(&code.text, lines, shown.clone());
    shown
}

/// Returns the end of a run of lines without the blank ones there.
fn without_blank_end(text: &str, lines: &[Range<usize>], mut run: Range<usize>) -> usize {
    while run.len() > 1 && text[lines[run.end - 1].clone()].trim().is_empty() {
        run.end -= 1;
    }
    run.end
}

/// Returns the lines that enclose a line by indentation, outermost first; no more than `limit`, the nearest ones.
fn enclosing(text: &str, lines: &[Range<usize>], line: usize, limit: usize) -> Vec<usize> {
    let indentation = |line: usize| {
        let text = &text[lines[line].clone()];
        let rest = text.trim_start();
        // A line of a bracket alone opens nothing that says what it is.
        let says_something = rest.contains(char::is_alphanumeric);
        says_something.then_some(text.len() - rest.len())
    };
    let mut enclosing = Vec::new();
    let mut inner = indentation(line).unwrap_or(usize::MAX);
    for above in (0..line).rev() {
        if enclosing.len() == limit || inner == 0 {
            break;
        }
        if let Some(outer) = indentation(above)
            && outer < inner
            && inner != usize::MAX
        {
            enclosing.push(above);
            inner = outer;
        }
    }
    enclosing.reverse();
    enclosing
}
