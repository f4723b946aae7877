//! From the pieces of a document to its questions: titles without numbers, answers without links back.

use std::ops::Range;

use super::segments::{Reader, Segment, is_answer};
use super::{Convention, Found, Question, evidence};
use crate::corpus::headings::{self, Heading};
use crate::corpus::text::LineCounter;

impl Reader<'_> {
    pub(super) fn found(&self, convention: Convention, segments: Vec<Segment>) -> Found {
        let body = self.document.body;
        let headings = self.document.headings;
        let mut lines = LineCounter::new(body, self.document.body_line);
        let mut questions = Vec::with_capacity(segments.len());
        let mut left_over = Vec::new();
        let mut next_heading = 0;
        // The headings above, by level.
        let mut path: Vec<&Heading<'_>> = Vec::new();
        for segment in &segments {
            while let Some(heading) = headings.get(next_heading) {
                if heading.start >= segment.mark.start {
                    break;
                }
                next_heading += 1;
                left_over.push((heading.line, heading.title.clone(), self.reason(heading)));
                if !self.is_part(&heading.title) {
                    path.retain(|above| above.level < heading.level);
                    path.push(heading);
                }
            }
            let above: Vec<_> = path
                .iter()
                .filter(|heading| heading.level <= segment.level)
                .collect();
            let line = lines.line_at(segment.mark.start);
            questions.push(self.question(segment, line, &above));
            while headings
                .get(next_heading)
                .is_some_and(|heading| heading.start < segment.end)
            {
                next_heading += 1;
            }
        }
        for heading in &headings[next_heading..] {
            left_over.push((heading.line, heading.title.clone(), self.reason(heading)));
        }
        Found {
            convention,
            questions,
            left_over,
        }
    }

    fn question(&self, segment: &Segment, line: u64, above: &[&&Heading<'_>]) -> Question {
        let body = self.document.body;
        let text = |start: usize, end: usize| {
            let text = without_jumps(&body[start..end], &self.marks.code, start);
            match segment.mark.indent {
                0 => text,
                indent => headings::dedented(&text, indent),
            }
        };
        let mark = &segment.mark;
        let answer_at = self.answer_at(segment).unwrap_or(mark.end);
        let mut answer = text(answer_at, segment.end);
        let title = headings::unlinked(evidence::without_sign(&mark.markdown));
        let title = headings::without_number(evidence::without_marks(title));
        let mut asked = title.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        let mut rest = text(mark.end, answer_at);
        if evidence::is_bare_number(&mark.title) {
            if first_text(&rest).is_some() {
                // What stands before the answer is what is asked.
                asked = std::mem::take(&mut rest).trim().to_owned();
            } else if let Some(text) = first_text(&answer) {
                asked = text;
            }
        }
        if !rest.trim().is_empty() {
            asked.push_str("\n\n");
            asked.push_str(rest.trim_matches('\n'));
        }
        if answer.trim().is_empty() {
            answer.clear();
        }
        let labelled = body[mark.end..segment.end]
            .lines()
            .find_map(evidence::difficulty_of_line);
        let difficulty = labelled
            .or_else(|| evidence::difficulty_in_title(&mark.title))
            .or_else(|| {
                let sections = above.iter().rev();
                sections
                    .into_iter()
                    .find_map(|heading| evidence::difficulty_of_section(&heading.title))
            });
        let sections = above
            .iter()
            .filter(|heading| heading.level > 1)
            .map(|heading| evidence::without_sign(&heading.title).to_owned())
            .collect();
        Question {
            asked,
            answer,
            id: segment.id.clone(),
            line,
            difficulty,
            sections,
        }
    }

    /// Returns where a question's answer begins when its text goes on before: options, code.
    fn answer_at(&self, segment: &Segment) -> Option<usize> {
        if segment.level == 0 {
            // A file is answered from its first line on.
            return None;
        }
        let (start, end) = (segment.mark.end, segment.end);
        let headings = self.document.headings;
        let from = headings.partition_point(|heading| heading.start < start);
        let heading = headings[from..]
            .iter()
            .take_while(|heading| heading.start < end)
            .find(|heading| self.opens_answer(&heading.title))
            .map(|heading| heading.start);
        let summaries = &self.marks.summaries;
        let from = summaries.partition_point(|(_, mark)| mark.end < start);
        let summary = summaries[from..]
            .iter()
            .take_while(|(_, mark)| mark.end <= end)
            .find(|(_, mark)| mark.start >= start && self.opens_answer(&mark.title))
            .map(|(_, mark)| mark.start);
        [heading, summary].into_iter().flatten().min()
    }

    pub(super) fn opens_answer(&self, title: &str) -> bool {
        is_answer(title)
            || (!evidence::is_label(title) && self.recurring.contains_key(&evidence::key(title)))
    }

    fn reason(&self, heading: &Heading<'_>) -> &'static str {
        if evidence::is_navigation(&heading.title) {
            "about the collection"
        } else if self.is_part(&heading.title) {
            "part of a question"
        } else {
            "not a question"
        }
    }
}

/// Returns a text without the lines that only lead to another place of the page, such as `[Back to top](#top)`.
pub(super) fn without_jumps(text: &str, code: &[Range<usize>], start: usize) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut at = start;
    for line in text.split_inclusive('\n') {
        let after = code.partition_point(|range| range.end <= at);
        let is_code = code.get(after).is_some_and(|range| range.start <= at);
        if is_code || !is_jump(line) {
            kept.push_str(line);
        } else {
            kept.push('\n');
        }
        at += line.len();
    }
    kept
}

/// Returns whether a line is a link to a place on the same page and nothing else.
pub(super) fn is_jump(line: &str) -> bool {
    let is_link = line.contains("](#") || line.contains("href=\"#") || line.contains("href='#");
    if !is_link || line.trim_start().starts_with(['|', '-', '+']) {
        return false;
    }
    let title = headings::plain(line);
    // What is left of the line when its links are taken out has no words.
    let mut rest = String::new();
    let mut depth = 0usize;
    for c in line.chars() {
        match c {
            '[' | '<' | '(' => depth += 1,
            ']' | '>' | ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => rest.push(c),
            _ => {}
        }
    }
    let is_html = line.contains("<a ");
    title.chars().count() <= 60 && (is_html || !rest.contains(char::is_alphanumeric))
}

/// Returns the first paragraph of an answer, for a question whose heading is only a number.
fn first_text(answer: &str) -> Option<String> {
    use crate::body::{Block, ProseStyle, from_markdown};
    from_markdown(answer)
        .into_iter()
        .find_map(|block| match block {
            Block::Prose(prose) if !matches!(prose.style, ProseStyle::Heading(_)) => {
                let text = prose.text.split_whitespace().collect::<Vec<_>>().join(" ");
                (!evidence::is_label(&text)).then_some(text)
            }
            _ => None,
        })
}
