//! Collections of questions in plain Markdown, each in a convention of its own.
//!
//! Every convention is a way to cut a document into questions. All are tried, and the one that explains the document
//! best is taken: its titles look like questions, its answers are not empty, and it covers the text ([`score`]).

mod evidence;
mod marks;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use super::headings::{self, Heading};
use super::text::LineCounter;
use crate::entry::Difficulty;
pub(super) use evidence::of_title as evidence_of_title;
use marks::{Mark, Marks};

/// How a document marks its questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Convention {
    /// Headings of any level that ask.
    Asking,
    /// The headings of a level.
    Headings(u8),
    /// `<summary>` inside as many `<details>`.
    Summaries(usize),
    /// Paragraphs that begin with `Q:`.
    Prefixed,
    /// Bold paragraphs.
    Bold,
    /// Items of lists, at a depth.
    Items(usize),
    /// The file is one question.
    File,
}

impl fmt::Display for Convention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Convention::Asking => f.write_str("asking headings"),
            Convention::Headings(level) => write!(f, "headings {level}"),
            Convention::Summaries(1) => f.write_str("summaries"),
            Convention::Summaries(depth) => write!(f, "summaries {depth}"),
            Convention::Prefixed => f.write_str("prefixed paragraphs"),
            Convention::Bold => f.write_str("bold paragraphs"),
            Convention::Items(1) => f.write_str("list items"),
            Convention::Items(depth) => write!(f, "list items {depth}"),
            Convention::File => f.write_str("file"),
        }
    }
}

impl FromStr for Convention {
    type Err = ();

    /// Reads what `Display` writes.
    fn from_str(name: &str) -> Result<Self, ()> {
        let levels = (1..=6).map(Convention::Headings);
        let depths =
            (1..=3).flat_map(|depth| [Convention::Summaries(depth), Convention::Items(depth)]);
        [
            Convention::Asking,
            Convention::Prefixed,
            Convention::Bold,
            Convention::File,
        ]
        .into_iter()
        .chain(levels)
        .chain(depths)
        .find(|convention| convention.to_string() == name.trim())
        .ok_or(())
    }
}

/// A file and what stands beside it.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    pub(super) body: &'a str,
    /// The line of the body's first line in its file.
    pub(super) body_line: u64,
    pub(super) headings: &'a [Heading<'a>],
    /// The title that the file gives itself, else its name.
    pub(super) title: String,
    /// Whether something beside the file says that it is one question: facts about it, or siblings named like questions.
    pub(super) is_one_question: bool,
    /// The convention, when the user chose one.
    pub(super) choice: Option<Convention>,
}

/// A question of a collection.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    /// The question, in Markdown: its title, and what else it asks in paragraphs below.
    pub(super) asked: String,
    pub(super) answer: String,
    /// The id that its heading gives it.
    pub(super) id: Option<String>,
    pub(super) line: u64,
    pub(super) difficulty: Option<Difficulty>,
    /// The headings that it stands under, topmost first.
    pub(super) sections: Vec<String>,
}

/// The questions of a document, and how they were found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) convention: Convention,
    pub(super) questions: Vec<Question>,
    /// Headings that belong to no question: line, title, why.
    pub(super) left_over: Vec<(u64, String, &'static str)>,
}

/// Returns the questions of a document in the convention that explains it best; `None` when none does.
pub(super) fn find(document: &Document<'_>) -> Option<Found> {
    let reader = Reader::new(document);
    let mut best: Option<(f64, Convention, Vec<Segment>)> = None;
    for (convention, segments) in reader.candidates() {
        if document.choice.is_some_and(|choice| choice != convention) {
            continue;
        }
        let score = score(
            &segments,
            document.body.trim().len(),
            reader.weight(convention),
        );
        if best.as_ref().is_none_or(|(most, ..)| score > most + 1e-9) {
            best = Some((score, convention, segments));
        }
    }
    let (_, convention, segments) = best?;
    Some(reader.found(convention, segments))
}

/// A question's place in a document, and what speaks for it.
struct Segment {
    mark: Mark,
    /// The level of its heading; 6 for other marks: every heading ends their answers.
    level: u8,
    /// The id of its heading.
    id: Option<String>,
    end: usize,
    evidence: f64,
    is_answered: bool,
}

/// How sure a title is a question when a part stands below it that comes with many others.
const RECURRING: f64 = 0.3;

/// How many headings of a question are looked at.
const MAX_PARTS: usize = 20;

/// How far conventions are believed whose titles need not ask: this part of them must look like questions. The others are
/// then believed by the company they keep.
const MIN_EVIDENCE: f64 = 0.6;

/// Returns how well a segmentation explains a document: the part of the text that it covers, times how sure it is that its
/// titles are questions. Of two that explain as much, the one with more questions is the better one.
fn score(segments: &[Segment], body_bytes: usize, alone: f64) -> f64 {
    let covered: usize = segments
        .iter()
        .map(|segment| segment.end.saturating_sub(segment.mark.start))
        .sum();
    let believed: f64 = segments
        .iter()
        .map(|segment| segment.evidence * if segment.is_answered { 1.0 } else { 0.5 })
        .sum();
    let count = segments.len().max(1) as f64;
    let coverage = covered as f64 / body_bytes.max(1) as f64;
    coverage.min(1.0) * (believed / count) * (1.0 - alone / count)
}

struct Reader<'a> {
    document: &'a Document<'a>,
    marks: Marks,
    /// What headings and summaries have in common that come with many questions: `Antwort`, `Source`.
    recurring: HashMap<String, usize>,
}

impl<'a> Reader<'a> {
    fn new(document: &'a Document<'a>) -> Self {
        let marks = marks::marks(document.body);
        let titles = document.headings.iter().map(|heading| &heading.title);
        let titles = titles.chain(marks.summaries.iter().map(|(_, mark)| &mark.title));
        let mut recurring = HashMap::new();
        for title in titles.filter(|title| evidence::of_title(title) < 1.0) {
            *recurring.entry(evidence::key(title)).or_default() += 1;
        }
        recurring.retain(|key, times| !key.is_empty() && *times >= 3);
        Reader {
            document,
            marks,
            recurring,
        }
    }

    /// Returns whether a title names a part of a question.
    fn is_part(&self, title: &str) -> bool {
        evidence::is_label(title) || self.recurring.contains_key(&evidence::key(title))
    }

    /// Returns how much it speaks against a convention that it finds one question only.
    fn weight(&self, convention: Convention) -> f64 {
        match convention {
            Convention::File if self.document.is_one_question => 0.0,
            _ => 0.5,
        }
    }

    /// Returns every way to cut the document that something speaks for, the plainest first.
    fn candidates(&self) -> Vec<(Convention, Vec<Segment>)> {
        let mut candidates = vec![(Convention::Asking, self.asking())];
        for level in 1..=6 {
            candidates.push((Convention::Headings(level), self.of_level(level)));
        }
        for depth in 1..=3 {
            let summaries = at_depth(&self.marks.summaries, depth);
            candidates.push((Convention::Summaries(depth), self.believed(summaries, 1)));
        }
        let prefixed = self.marks.prefixed.clone();
        candidates.push((Convention::Prefixed, self.believed(prefixed, 2)));
        let bold = self.marks.bold.clone();
        candidates.push((Convention::Bold, self.believed(bold, 3)));
        for depth in 1..=2 {
            let items = at_depth(&self.marks.items, depth);
            candidates.push((Convention::Items(depth), self.believed(items, 3)));
        }
        candidates.push((Convention::File, self.whole()));
        candidates.retain(|(_, segments)| !segments.is_empty());
        candidates
    }

    /// Headings that end with a question mark.
    fn asking(&self) -> Vec<Segment> {
        let asks = |heading: &&Heading<'_>| headings::is_question(&heading.title);
        self.segments(self.document.headings.iter().filter(asks).map(of_heading))
    }

    /// The headings of a level.
    fn of_level(&self, level: u8) -> Vec<Segment> {
        let is_one = |heading: &&Heading<'_>| {
            heading.level == level
                && !self.is_part(&heading.title)
                && !evidence::is_navigation(&heading.title)
                && !heading.title.is_empty()
        };
        let mut segments =
            self.segments(self.document.headings.iter().filter(is_one).map(of_heading));
        // What has neither the look of a question nor a text of its own is the title of those that follow.
        segments.retain(|segment| segment.is_answered || segment.evidence > evidence::NUMBERED);
        self.trusted(segments, 1)
    }

    /// Marks that are no headings, when at least so many are there.
    fn believed(&self, marks: Vec<Mark>, least: usize) -> Vec<Segment> {
        let marks = marks.into_iter().filter(|mark| {
            !mark.title.is_empty()
                && !self.is_part(&mark.title)
                && !evidence::is_navigation(&mark.title)
        });
        self.trusted(self.segments(marks.map(|mark| (mark, 6, None))), least)
    }

    /// Returns segments that need not ask when most of them look like questions, and none otherwise. What the user chose
    /// needs no evidence.
    fn trusted(&self, mut segments: Vec<Segment>, least: usize) -> Vec<Segment> {
        let sum: f64 = segments.iter().map(|segment| segment.evidence).sum();
        let mean = sum / segments.len().max(1) as f64;
        if self.document.choice.is_none() && (segments.len() < least || mean < MIN_EVIDENCE) {
            return Vec::new();
        }
        for segment in &mut segments {
            segment.evidence = segment.evidence.max(mean);
        }
        segments
    }

    /// The whole document as one question.
    fn whole(&self) -> Vec<Segment> {
        let body = self.document.body;
        let first = self.document.headings.first();
        let is_top = |heading: &&Heading<'_>| {
            let mut others = self.document.headings[1..].iter();
            body[..heading.start].trim().is_empty()
                && others.all(|other| other.level > heading.level)
        };
        let first = first.filter(is_top);
        let own = first
            .map(|heading| heading.title.as_str())
            .unwrap_or_default();
        let named = &self.document.title;
        let (asks, heads) = (evidence::of_title(named), evidence::of_title(own));
        let title = if (heads > asks && !own.is_empty()) || named.is_empty() {
            own
        } else {
            named
        };
        let is_answer = |line: &str| {
            evidence::difficulty_of_line(line).is_some()
                || line.trim_start_matches(['*', '_']).starts_with("Answer:")
        };
        let sure = if self.document.is_one_question || body.lines().take(8).any(is_answer) {
            1.0
        } else if title.contains(['?', '？', '؟']) {
            asks.max(heads)
        } else {
            0.0
        };
        let is_chosen = self.document.choice.is_some();
        if (sure < 1.0 && !is_chosen) || title.is_empty() || body.trim().is_empty() {
            return Vec::new();
        }
        // Its own heading is its title, or a part of its answer.
        let has_title =
            first.is_some_and(|heading| heading.level <= 2 && !self.is_part(&heading.title));
        let end = first.filter(|_| has_title).map_or(0, |heading| heading.end);
        let mark = Mark {
            markdown: title.to_owned(),
            title: title.to_owned(),
            start: body.len() - body.trim_start().len(),
            end,
            indent: 0,
            closes: None,
        };
        vec![Segment {
            mark,
            level: 0,
            id: None,
            end: body.len(),
            evidence: sure,
            is_answered: has_words(&body[end..]),
        }]
    }

    /// Returns marks with the text up to the next of them, or to a heading that ends it.
    fn segments(&self, marks: impl Iterator<Item = (Mark, u8, Option<String>)>) -> Vec<Segment> {
        let body = self.document.body;
        let headings = self.document.headings;
        let marks: Vec<_> = marks.collect();
        let starts: Vec<_> = marks.iter().map(|(mark, ..)| mark.start).collect();
        // The headings that are no parts of questions.
        let breaks: Vec<_> = headings
            .iter()
            .filter(|heading| !self.opens_answer(&heading.title))
            .collect();
        let mut segments: Vec<Segment> = Vec::with_capacity(marks.len());
        for (place, (mark, level, id)) in marks.into_iter().enumerate() {
            let next = starts[place + 1..]
                .iter()
                .find(|start| **start >= mark.end)
                .copied();
            let after = breaks.partition_point(|heading| heading.start < mark.end);
            let ended = breaks[after..]
                .iter()
                .take_while(|heading| next.is_none_or(|next| heading.start < next))
                .find(|heading| heading.level <= level)
                .map(|heading| heading.start);
            let ends = [next, ended, mark.closes];
            let end = ends.into_iter().flatten().min().unwrap_or(body.len());
            let end = end.max(mark.end);
            let text = &body[mark.end..end];
            let evidence = match (
                evidence::of_title(&mark.title),
                self.answer_in(mark.end, end),
            ) {
                // A number or a sign says more with a part that all of them have.
                (evidence::NUMBERED, RECURRING) => evidence::LIKE_A_QUESTION,
                (of_title, of_answer) => of_title.max(of_answer),
            };
            segments.push(Segment {
                is_answered: has_words(text),
                evidence,
                mark,
                level,
                id,
                end,
            });
        }
        segments
    }

    /// Returns how sure it is that a text answers what stands before it: one that says so is.
    fn answer_in(&self, start: usize, end: usize) -> f64 {
        let headings = self.document.headings;
        let from = headings.partition_point(|heading| heading.start < start);
        let parts = headings[from..]
            .iter()
            .take_while(|heading| heading.start < end)
            .map(|heading| &heading.title);
        let summaries = &self.marks.summaries;
        let from = summaries.partition_point(|(_, mark)| mark.start < start);
        let folded = summaries[from..]
            .iter()
            .take_while(|(_, mark)| mark.start < end)
            .map(|(_, mark)| &mark.title);
        // More than a few are those of several questions.
        let (mut answers, mut recurring) = (0, 0);
        for title in parts.chain(folded).take(MAX_PARTS + 1) {
            answers += usize::from(is_answer(title));
            recurring += usize::from(self.opens_answer(title));
        }
        match (answers, recurring) {
            (1..=4, _) => 1.0,
            (0, 1..=4) => RECURRING,
            _ => 0.0,
        }
    }

    fn found(&self, convention: Convention, segments: Vec<Segment>) -> Found {
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
        let title = evidence::without_sign(&mark.markdown);
        let title = headings::without_number(title);
        let mut asked = title.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        if evidence::is_bare_number(&mark.title)
            && let Some(text) = first_text(&answer)
        {
            asked = text;
        }
        let rest = text(mark.end, answer_at);
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
        let (start, end) = (segment.mark.end, segment.end);
        let headings = self.document.headings.iter();
        let heading = headings
            .filter(|heading| {
                (start..end).contains(&heading.start) && self.opens_answer(&heading.title)
            })
            .map(|heading| heading.start)
            .next();
        let summaries = self.marks.summaries.iter();
        let summary = summaries
            .filter(|(_, mark)| {
                (start..end).contains(&mark.start) && self.opens_answer(&mark.title)
            })
            .map(|(_, mark)| mark.start)
            .next();
        [heading, summary].into_iter().flatten().min()
    }

    fn opens_answer(&self, title: &str) -> bool {
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

/// Returns whether a title says that an answer follows.
fn is_answer(title: &str) -> bool {
    let key = evidence::key(title);
    let key = key.trim_start_matches("show ").trim_start_matches("view ");
    ["answer", "answers", "solution", "solutions", "explanation"].contains(&key)
}

/// Returns whether a text says something besides its tags.
fn has_words(text: &str) -> bool {
    let mut parts = text.split('<');
    let is_word = |part: &str| part.contains(char::is_alphanumeric);
    parts.next().is_some_and(is_word)
        || parts.any(|part| is_word(part.split_once('>').map_or(part, |(_, after)| after)))
}

fn of_heading(heading: &Heading<'_>) -> (Mark, u8, Option<String>) {
    let mark = Mark {
        markdown: heading.markdown.to_owned(),
        title: heading.title.clone(),
        start: heading.start,
        end: heading.end,
        indent: heading.indent,
        closes: None,
    };
    (mark, heading.level, heading.id.clone())
}

fn at_depth(marks: &[(usize, Mark)], depth: usize) -> Vec<Mark> {
    let at = marks.iter().filter(|(at, _)| *at == depth);
    at.map(|(_, mark)| mark.clone()).collect()
}

/// Returns a text without the lines that only lead to another place of the page, such as `[Back to top](#top)`.
fn without_jumps(text: &str, code: &[std::ops::Range<usize>], start: usize) -> String {
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
fn is_jump(line: &str) -> bool {
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
