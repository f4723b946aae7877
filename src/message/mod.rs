//! Error messages: recognised in a pasted text, and reduced to what identifies them, alike in entries and in queries.
//!
//! What identifies an error is its class (`KeyError`), its codes (`E0502`), and the *skeleton* of its message: its words
//! without the values that the run brought along. Paths, addresses, times and the names that the user gave say nothing
//! that another person's entry could have. Everything here is total, and linear in the text.

mod class;
mod headline;
mod lines;
mod skeleton;
mod spans;

use std::ops::Range;

use serde::Serialize;

use crate::analysis::{self, Lexer};
use headline::{Form, Headline, Level};
use lines::Line;
use spans::SpanKind;

pub(crate) use headline::is_log_line;
pub(crate) use skeleton::{Quoted, indexed};

/// What identifies an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ErrorIdentity {
    /// The name of the error, where it has one: `java.lang.NullPointerException`.
    pub class: Option<String>,
    /// Its codes: `E0502`, `ENOENT`, the 137 of an exit code.
    pub codes: Vec<String>,
    /// Its message, with `…` for what the run brought along.
    pub message: String,
}

/// A text read as the output of something that failed.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    /// What identifies the error that matters most.
    pub(crate) identity: ErrorIdentity,
    /// The language of the program that failed, as a word of the index, if its output shows it.
    pub(crate) language: Option<&'static str>,
    /// Terms of messages, the weightiest error's first, with what each counts.
    pub(crate) terms: Vec<(String, f32)>,
    /// Where a weight begins, up to the next one, in the order of the text.
    weights: Vec<(usize, f32)>,
}

impl Reading {
    /// Returns how many bytes of its text count for anything.
    pub(crate) fn counted_bytes(&self, text: &str) -> usize {
        let starts = self.weights.iter().map(|(start, _)| *start);
        let ends = starts.skip(1).chain([text.len()]);
        let pieces = self.weights.iter().zip(ends);
        pieces
            .filter(|((_, weight), _)| *weight > weight::NOTHING)
            .map(|((start, _), end)| end.saturating_sub(*start))
            .sum()
    }

    /// Returns what the word at a byte of the text counts: 1 for a word of the message.
    pub(crate) fn weight_at(&self, at: usize) -> f32 {
        let behind = self.weights.partition_point(|(start, _)| *start <= at);
        behind
            .checked_sub(1)
            .map_or(1.0, |place| self.weights[place].1)
    }
}

/// What words count, by where they stand; a word of the message counts 1. Classes and codes count no more: twice as much
/// loses .02 recall@1 on the judged errors of the sample corpus, since many errors share a class.
mod weight {
    /// What the user named: often it is a name of a library. In an index of 15,000 entries, 0.4 and 1 lose .01.
    pub(super) const QUOTED: f32 = 0.7;
    /// Names outside of quotes.
    pub(super) const NAME: f32 = 0.8;
    /// The end of a path.
    pub(super) const FILE: f32 = 0.25;
    /// The first line of a chain of causes.
    pub(super) const CAUSED: f32 = 0.7;
    /// Further errors: the first one brings the others about.
    pub(super) const FURTHER: f32 = 0.5;
    /// A warning beside errors.
    pub(super) const WARNING: f32 = 0.2;
    /// The lines below the message, up to a frame: a message that goes on, or a log that does. At 1 noise below it costs
    /// .03 recall@1.
    pub(super) const BELOW: f32 = 0.6;
    /// What is said of a place in the source, details and hints.
    pub(super) const REMARK: f32 = 0.4;
    /// Quoted source: the user's own, and sometimes a call that is known.
    pub(super) const SOURCE: f32 = 0.2;
    /// Any other line.
    pub(super) const ELSEWHERE: f32 = 0.2;
    /// The message of a line that stands alone, as against the words of it: whoever takes one line out of an output has
    /// chosen it, names and all.
    pub(super) const ALONE: f32 = 0.5;
    /// What was typed at a prompt.
    pub(super) const COMMAND: f32 = 0.4;
    /// A frame of a library.
    pub(super) const LIBRARY: f32 = 0.15;
    /// A frame of the user's code, and news: nothing that an entry could have.
    pub(super) const NOTHING: f32 = 0.0;
}

/// How many lines below the message belong to it.
const LINES_BELOW: usize = 4;
/// Errors behind so many are consequences.
const MAX_MESSAGES: usize = 8;
/// A message of more characters is cut where it is shown.
const MAX_SHOWN_CHARS: usize = 160;

/// Returns the error that a pasted text reports, if it is the output of a program. Total; linear in the text.
pub fn error_in(text: &str) -> Option<ErrorIdentity> {
    read(text).map(|reading| reading.identity)
}

/// Returns how a text is read if it is the output of something that failed; `None` for anything else.
pub(crate) fn read(text: &str) -> Option<Reading> {
    if !may_be_error(text) {
        return None;
    }
    let lines = lines::lines(text);
    if !is_output(&lines) {
        return None;
    }
    let roots = roots(&lines);
    let first = *roots.first()?;
    let identity = identity(&lines, first);
    if identity.to_string().is_empty() {
        // What nothing can be said of is text.
        return None;
    }
    let mut reading = Reading {
        identity,
        language: lines::language(&lines),
        terms: Vec::new(),
        weights: Vec::new(),
    };
    let is_caused = matches!(&lines[first].1, Line::Headline(headline) if headline.is_cause);
    let mut below = None;
    let mut lexer = Lexer::default();
    for (place, (line, what)) in lines.iter().enumerate() {
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        let order = roots.iter().position(|root| *root == place);
        let factor = match what {
            Line::Headline(headline) => {
                below = order.map(|_| LINES_BELOW);
                match order {
                    Some(0) => 1.0,
                    // What came of the cause.
                    Some(1) if is_caused => weight::CAUSED,
                    Some(_) => weight::FURTHER,
                    None if headline.level == Level::Warning => weight::WARNING,
                    None => weight::ELSEWHERE,
                }
            }
            Line::Other => match &mut below {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    weight::BELOW
                }
                _ => weight::ELSEWHERE,
            },
            Line::Remark => weight::REMARK,
            Line::Command => weight::COMMAND,
            Line::Frame { is_library } => {
                below = None;
                if *is_library {
                    weight::LIBRARY
                } else {
                    weight::NOTHING
                }
            }
            Line::Source => weight::SOURCE,
            Line::News => weight::NOTHING,
        };
        reading.weigh(line, start, what, factor, lines.len() == 1);
        if let (Line::Headline(headline), Some(order)) = (what, order)
            && order < MAX_MESSAGES
        {
            let factor = if lines.len() == 1 {
                weight::ALONE
            } else {
                factor
            };
            let terms = skeleton::terms(&line[headline.message.clone()], &mut lexer);
            reading
                .terms
                .extend(terms.into_iter().map(|term| (term, factor)));
        }
    }
    skeleton::keep_heaviest(&mut reading.terms);
    Some(reading)
}

impl Reading {
    /// Notes what the words of a line count.
    ///
    /// Whoever takes one line out of an output has chosen it, names and all: then what is quoted counts like the rest.
    fn weigh(&mut self, line: &str, start: usize, what: &Line, factor: f32, is_alone: bool) {
        if factor == 0.0 || matches!(what, Line::Frame { .. }) {
            self.weights.push((start, factor));
            return;
        }
        let statement = match what {
            // Before the statement are times, places and threads.
            Line::Headline(headline) => headline.statement.start,
            _ => 0,
        };
        self.weights.push((
            start,
            if statement > 0 {
                weight::NOTHING
            } else {
                factor
            },
        ));
        if statement > 0 {
            self.weights.push((start + statement, factor));
        }
        for span in spans::spans(line) {
            let own = match span.kind {
                SpanKind::Class | SpanKind::Code | SpanKind::Api => 1.0,
                SpanKind::Quoted | SpanKind::Name if is_alone => 1.0,
                SpanKind::Quoted => weight::QUOTED,
                SpanKind::Name => weight::NAME,
                SpanKind::File => weight::FILE,
                SpanKind::Path | SpanKind::Value => weight::NOTHING,
            };
            if span.range.start >= statement {
                self.weights.push((start + span.range.start, own * factor));
                self.weights.push((start + span.range.end, factor));
            }
        }
    }
}

/// Returns whether a text can be an error's at all: a look at it before its lines are read.
fn may_be_error(text: &str) -> bool {
    text.contains(['\n', ':']) || headline::headline(text).is_some()
}

/// Returns whether the lines of a text are those of an output, and not a question about one.
fn is_output(lines: &[(&str, Line)]) -> bool {
    let mut has_headline = false;
    for (line, what) in lines {
        match what {
            Line::Headline(headline) => {
                // Compilers ask too: `…; did you mean 'std::cout'?`
                let may_ask = lines.len() == 1 || headline.statement.start == 0;
                if may_ask && is_question(&line[headline.statement.clone()]) || is_sentence(line) {
                    return false;
                }
                has_headline = true;
            }
            // A whole question has words of its own, and code: they count as much as the error in it.
            Line::Other | Line::Command
                if is_sentence(line) || line.trim_start().starts_with("```") =>
            {
                return false;
            }
            _ => {}
        }
    }
    has_headline
}

/// Returns whether a text asks something.
fn is_question(text: &str) -> bool {
    let text = text.trim_end();
    if text.ends_with('?') && !text.ends_with("daemon running?") && !text.ends_with("using it?") {
        return true;
    }
    const ASKS: [&str; 8] = [
        "how do i",
        "how to",
        "how can i",
        "why do",
        "why is",
        "what does",
        "what is",
        "when i ",
    ];
    let lower = text.to_ascii_lowercase();
    ASKS.iter().any(|asks| lower.contains(asks))
}

/// Returns whether a line is a sentence of someone who asks: it speaks of the writer.
fn is_sentence(line: &str) -> bool {
    let words = line.split_whitespace();
    let is_personal = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'');
        matches!(
            word,
            "I" | "I'm"
                | "I've"
                | "my"
                | "My"
                | "me"
                | "we"
                | "We"
                | "our"
                | "Why"
                | "How"
                | "how"
                | "why"
        )
    };
    words.clone().count() >= 4 && words.clone().any(is_personal)
}

/// Returns the headlines that matter, the one that matters most first.
fn roots(lines: &[(&str, Line)]) -> Vec<usize> {
    let headlines = |level: Level| {
        lines
            .iter()
            .enumerate()
            .filter_map(move |(place, (_, what))| match what {
                Line::Headline(headline) if headline.level == level => Some((place, headline)),
                _ => None,
            })
    };
    let mut found: Vec<(usize, &Headline)> = headlines(Level::Error).collect();
    if found.is_empty() {
        found = headlines(Level::Warning).collect();
    }
    let best = found.iter().map(|(_, headline)| headline.form).min();
    let Some(best) = best else {
        return Vec::new();
    };
    let is_python = lines
        .iter()
        .any(|(line, _)| line.contains("Traceback (most recent call last)"))
        || lines.iter().any(|(line, what)| {
            matches!(what, Line::Frame { .. })
                && line.contains("File \"")
                && line.contains("\", line ")
        });
    let of_class = |(_, headline): &&(usize, &Headline)| headline.form == Form::Class;
    let mut roots = Vec::new();
    if best == Form::Class {
        let cause = found.iter().rev().find(|(_, headline)| headline.is_cause);
        let first = if is_python {
            found.iter().rfind(of_class)
        } else {
            found.iter().find(of_class)
        };
        // What is wrong at the bottom; the first line says what came of it.
        roots.extend(cause.map(|(place, _)| *place));
        roots.extend(first.map(|(place, _)| *place));
    } else {
        roots.extend(
            found
                .iter()
                .find(|(_, headline)| headline.form == best)
                .map(|(place, _)| *place),
        );
    }
    for (place, _) in &found {
        if !roots.contains(place) && roots.len() < MAX_MESSAGES {
            roots.push(*place);
        }
    }
    roots.dedup();
    roots
}

/// Returns what identifies the error of a headline.
fn identity(lines: &[(&str, Line)], place: usize) -> ErrorIdentity {
    let (line, Line::Headline(headline)) = &lines[place] else {
        return ErrorIdentity::default();
    };
    let mut codes: Vec<String> = Vec::new();
    for span in spans::spans(line) {
        let code = &line[span.range];
        if span.kind == SpanKind::Code && !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
    }
    let class = headline.class.clone().map(|class| line[class].to_owned());
    let class = class.filter(|class| !codes.contains(class));
    ErrorIdentity {
        class,
        codes,
        message: shown(&line[headline.message.clone()]),
    }
}

/// Returns a message with `…` for what the run brought along.
fn shown(message: &str) -> String {
    let mut shown = String::new();
    let mut at = 0;
    for span in spans::spans(message) {
        if matches!(
            span.kind,
            SpanKind::Class | SpanKind::Code | SpanKind::Api | SpanKind::Name
        ) {
            continue;
        }
        shown.push_str(&message[at..span.range.start]);
        if !shown.ends_with('…') {
            shown.push('…');
        }
        at = span.range.end;
    }
    shown.push_str(&message[at..]);
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    match shown.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((cut, _)) => format!("{}…", shown[..cut].trim_end()),
        None => shown,
    }
}

impl std::fmt::Display for ErrorIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut is_first = true;
        for name in self.class.iter().chain(&self.codes) {
            let blank = if is_first { "" } else { " " };
            write!(f, "{blank}{name}")?;
            is_first = false;
        }
        match (is_first, self.message.is_empty()) {
            (_, true) => Ok(()),
            (true, false) => f.write_str(&self.message),
            (false, false) => write!(f, ": {}", self.message),
        }
    }
}

/// Returns the bytes of a line's statement, for what is no output but quotes a message.
fn statement(line: &str) -> Option<Range<usize>> {
    let found = headline::headline(line)?;
    (found.level != Level::Note && !is_question(&line[found.statement.clone()]))
        .then_some(found.message)
}

/// Returns the words of a text as they stand in the index, without the values among them.
fn words_without_values(text: &str, lexer: &mut Lexer) -> Vec<String> {
    // Blanks in the place of values: what stands around them is neighbours.
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for span in spans::spans(text) {
        masked.push_str(&text[at..span.range.start]);
        masked.push(' ');
        at = span.range.end;
    }
    masked.push_str(&text[at..]);
    let mut tokens = Vec::new();
    lexer.run(&masked, &mut tokens);
    tokens
        .into_iter()
        .filter(|token| {
            token.kind == analysis::TokenKind::Word
                && token.term.len() > 1
                && !analysis::is_stop_word(&analysis::fold(&masked[token.range.clone()]))
        })
        .map(|token| token.term)
        .collect()
}

#[cfg(test)]
mod tests;
