//! The ways to cut a document into questions.

use std::collections::HashMap;

use super::marks::{self, Mark, Marks};
use super::{Convention, Document, evidence};
use crate::corpus::headings::{self, Heading};

/// A question's place in a document, and what speaks for it.
pub(super) struct Segment {
    pub(super) mark: Mark,
    /// The level of its heading; 6 for other marks: every heading ends their answers.
    pub(super) level: u8,
    /// The id of its heading.
    pub(super) id: Option<String>,
    pub(super) end: usize,
    pub(super) evidence: f64,
    pub(super) is_answered: bool,
}

/// How sure a title is a question when a part stands below it that comes with many others.
const RECURRING: f64 = 0.3;

/// A title that recurs is a part of questions when it is at least one of so many headings of its level.
const MIN_RECURRING: usize = 10;

/// How many headings of a question are looked at.
const MAX_PARTS: usize = 20;

/// How far conventions are believed whose titles need not ask: this part of them must look like questions. The others are
/// then believed by the company they keep.
const MIN_EVIDENCE: f64 = 0.6;

/// How sure a title is a question that has nothing to show for it but that the page says that it holds questions. More
/// than [`MIN_EVIDENCE`], and less than any other evidence that is.
const ON_A_PAGE_OF_QUESTIONS: f64 = 0.65;

/// The highest level of headings that are questions on such a page without looking so, when no heading of the page names
/// its questions: above it are chapters.
const HIGHEST_UNASKING_LEVEL: u8 = 3;

/// Cuts a document into questions.
pub(super) struct Reader<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) marks: Marks,
    /// What headings and summaries have in common that come with many questions: `Antwort`, `Source`.
    pub(super) recurring: HashMap<String, usize>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(document: &'a Document<'a>) -> Self {
        let marks = marks::marks(document.body);
        let mut recurring = HashMap::new();
        let mut of_level = [0usize; 7];
        for heading in document.headings {
            of_level[usize::from(heading.level)] += 1;
        }
        let headings = document.headings.iter();
        let titles = headings.map(|heading| (&heading.title, of_level[usize::from(heading.level)]));
        let summaries = marks.summaries.iter().map(|(_, mark)| (&mark.title, 0));
        for (title, peers) in titles.chain(summaries) {
            if evidence::of_title(title) < 1.0 {
                let (times, most) = recurring.entry(evidence::key(title)).or_insert((0, peers));
                *times += 1;
                *most = peers.max(*most);
            }
        }
        // A few alike among many headings of a level are questions that were named the same.
        recurring.retain(|key, (times, peers)| {
            !key.is_empty() && *times >= 3 && *times * MIN_RECURRING >= *peers
        });
        let recurring = recurring.into_iter().map(|(key, (times, _))| (key, times));
        let recurring = recurring.collect();
        Reader {
            document,
            marks,
            recurring,
        }
    }

    /// Returns whether a title names a part of a question.
    pub(super) fn is_part(&self, title: &str) -> bool {
        evidence::is_label(title) || self.recurring.contains_key(&evidence::key(title))
    }

    /// Returns how much it speaks against a convention that it finds one question only.
    pub(super) fn weight(&self, convention: Convention) -> f64 {
        match convention {
            Convention::File if self.document.is_one_question => 0.0,
            _ => 0.5,
        }
    }

    /// Returns every way to cut the document that something speaks for, the plainest first.
    pub(super) fn candidates(&self) -> Vec<(Convention, Vec<Segment>)> {
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
        let rows = self.marks.rows.clone();
        candidates.push((Convention::Rows, self.believed(rows, 2)));
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
        if self.document.names_questions {
            let with_text = segments
                .iter()
                .filter(|segment| has_own_text(&self.document.body[segment.mark.end..segment.end]));
            // Lists of links lead to questions elsewhere.
            let believes_all = level >= self.highest_unasking_level()
                && self.most_used_level() == Some(level)
                && with_text.count() * 5 >= segments.len() * 4;
            for segment in &mut segments {
                if segment.evidence == evidence::NUMBERED {
                    segment.evidence = evidence::LIKE_A_QUESTION;
                } else if believes_all {
                    segment.evidence = segment.evidence.max(ON_A_PAGE_OF_QUESTIONS);
                }
            }
        } else {
            self.keep_sections_of_questions(&mut segments, level);
        }
        self.trusted(segments, 1)
    }

    /// Returns the level of most headings that are no parts of questions; of two, the deeper one.
    fn most_used_level(&self) -> Option<u8> {
        let count = |level: u8| {
            let headings = self.document.headings.iter();
            headings
                .filter(|heading| heading.level == level && !self.is_part(&heading.title))
                .count()
        };
        (1..=6).max_by_key(|level| (count(*level), *level))
    }

    /// Returns the highest level of headings that are questions without looking so: those below the one heading that names
    /// the page's questions, when there is one.
    fn highest_unasking_level(&self) -> u8 {
        let headings = self.document.headings;
        let top = headings.iter().map(|heading| heading.level).min();
        let mut above = headings.iter().filter(|heading| Some(heading.level) == top);
        match (above.next(), above.next()) {
            (Some(heading), None) if evidence::names_questions(&heading.title) => heading.level + 1,
            _ => HIGHEST_UNASKING_LEVEL,
        }
    }

    /// In a page about something else, a section that says that it holds questions is where they stand: what is outside of
    /// it and does not look like one goes.
    fn keep_sections_of_questions(&self, segments: &mut Vec<Segment>, level: u8) {
        let above: Vec<_> = self
            .document
            .headings
            .iter()
            .filter(|heading| heading.level < level)
            .map(|heading| (heading.start, evidence::names_questions(&heading.title)))
            .collect();
        if above.iter().all(|(_, names_questions)| !names_questions) {
            return;
        }
        segments.retain(|segment| {
            let section = above.partition_point(|(start, _)| *start < segment.mark.start);
            let is_inside = section > 0 && above[section - 1].1;
            is_inside || segment.evidence >= evidence::LIKE_A_QUESTION
        });
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
        let from = summaries.partition_point(|(_, mark)| mark.end <= start);
        let folded = summaries[from..]
            .iter()
            .take_while(|(_, mark)| mark.end <= end)
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
}

/// Returns whether a title says that an answer follows.
pub(super) fn is_answer(title: &str) -> bool {
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

/// Returns whether a text says something outside of lists of links.
fn has_own_text(text: &str) -> bool {
    let is_own = |line: &str| {
        let line = line.trim_start_matches(|c: char| {
            c.is_whitespace() || c.is_ascii_digit() || "-*+.)".contains(c)
        });
        !line.starts_with(['[', '#']) && line.contains(char::is_alphanumeric)
    };
    text.lines().any(is_own)
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
