//! The block of code that answers: what stands in it counts most, then what is said about it, and by whom.
//!
//! Each figure is chosen by what it must outweigh; `tests/it/code_blocks.rs` measures them together.

use super::matching::Match;
use super::passage::Passage;
use super::{Finder, Searched};
use crate::body::{Block, Code, Prose, ProseStyle};
use crate::entry::Entry;

/// What a word of the query is worth that the code lacks and the text before it has: the author says what the code is
/// about.
const LEAD: f32 = 0.6;
/// The same for the heading above.
const HEADING: f32 = 0.6;
/// The same for the name of the code's language.
const LANGUAGE: f32 = 0.6;
/// The same for the text behind the code, which explains it or goes on to something else.
const FOLLOWING: f32 = 0.25;
/// The same for the best passage of the entry, when the code is the one that goes with it.
const PASSAGE: f32 = 0.3;
/// What code counts that has nothing of the query, as a share of the whole query: it decides where nothing else does.
const BASE: f32 = 0.1;
/// A word of the title or a tag is about every block of the entry, and tells little which one is meant.
const SUBJECT: f32 = 0.35;
/// Code of the question shows what does not work.
const QUESTION: f32 = 0.4;
/// What a program printed answers only where there is nothing else.
const OUTPUT: f32 = 0.1;
/// Code in another language than the one that the query names, where there is code in that.
const OTHER_LANGUAGE: f32 = 0.5;
/// Each block that stands before one in its answer costs so much, four times at most: who asks what the title asks wants
/// the first.
const PLACE_STEP: f32 = 0.03;
/// Code that is said to be wrong.
const WRONG: f32 = 0.45;
/// Code that is said to be right.
const RIGHT: f32 = 1.15;
/// Each place that an answer stands lower by acceptance and votes costs so much, three times at most: one more word
/// found outweighs it.
const TRUST_STEP: f32 = 0.1;

/// Returns how far each answer is to be trusted, by acceptance and votes. Where nothing is known of them, all are equal.
pub(super) fn trust(entry: &Entry) -> Vec<f32> {
    let answers = &entry.answers;
    let mut trust = vec![1.0; answers.len()];
    let is_judged = answers
        .iter()
        .any(|answer| answer.accepted || answer.score.is_some());
    if is_judged {
        let mut places: Vec<usize> = (0..answers.len()).collect();
        places.sort_by_key(|place| {
            let answer = &answers[*place];
            let votes = answer.score.unwrap_or(0);
            (!answer.accepted, std::cmp::Reverse(votes))
        });
        for (rank, place) in places.into_iter().enumerate() {
            trust[place] = 1.0 - TRUST_STEP * rank.min(3) as f32;
        }
    }
    trust
}

impl Finder<'_> {
    /// Returns the place of the code block that answers; `None` for an entry without code.
    pub(super) fn best_code(
        &mut self,
        entry: &Entry,
        title: &[Match],
        blocks: &[Searched<'_>],
        passage: Option<&Passage>,
    ) -> Option<usize> {
        let places = || (0..blocks.len()).filter(|place| blocks[*place].is_code());
        // Most entries have one block of code, or none.
        let first = places().next()?;
        if places().nth(1).is_none() {
            return Some(first);
        }
        let trust = trust(entry);
        let nearest = passage.and_then(|passage| nearest_code(blocks, passage.block));
        let subject = self.subject(entry, title);
        let mut weights = self.weights.to_vec();
        for word in &subject {
            if let Some(weight) = weights.get_mut(*word) {
                *weight *= SUBJECT;
            }
        }
        let base = BASE * weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let is_named = |place: usize| {
            let mut found = blocks[place].language.iter();
            found.any(|found| !subject.contains(&found.word))
        };
        let names_language = places().any(is_named);
        let mut best: Option<(f32, usize)> = None;
        for (number, place) in places().enumerate() {
            let with_passage = passage.filter(|_| nearest == Some(place));
            let mut worth = base + self.context_worth(&weights, blocks, place, with_passage);
            let before = places().take(number);
            let same = before.filter(|other| blocks[*other].answer == blocks[place].answer);
            worth *= 1.0 - PLACE_STEP * same.count().min(4) as f32;
            worth *= match blocks[place].answer {
                None => QUESTION,
                Some(answer) => trust[answer],
            };
            if let Block::Code(code) = blocks[place].block {
                if is_output(code) {
                    worth *= OUTPUT;
                }
                if names_language && !is_named(place) && !is_command(code) {
                    worth *= OTHER_LANGUAGE;
                }
                worth *= verdict(code, lead(blocks, place).first().copied(), blocks);
            }
            if best.is_none_or(|(most, _)| worth > most) {
                best = Some((worth, place));
            }
        }
        best.map(|(_, place)| place)
    }

    /// Returns the words of the query that the whole entry is about.
    fn subject(&mut self, entry: &Entry, title: &[Match]) -> Vec<usize> {
        let mut subject: Vec<usize> = title.iter().map(|found| found.word).collect();
        for name in entry.tags.iter().chain(&entry.framework) {
            subject.extend(self.matches(name).iter().map(|found| found.word));
        }
        subject.sort_unstable();
        subject.dedup();
        subject
    }

    /// Returns what the query's words in a block of code and around it are worth. A word counts where it counts most.
    fn context_worth(
        &self,
        weights: &[f32],
        blocks: &[Searched<'_>],
        place: usize,
        passage: Option<&Passage>,
    ) -> f32 {
        let code = &blocks[place];
        let of = |places: &[usize]| -> Vec<&Match> {
            let blocks = places.iter().map(|place| &blocks[*place]);
            blocks.flat_map(|searched| &searched.matches).collect()
        };
        let in_passage = passage.map(|passage| {
            let matches = blocks[passage.block].matches.iter();
            let is_inside = |found: &&Match| {
                passage.window.start <= found.range.start && found.range.end <= passage.window.end
            };
            matches.filter(is_inside).collect()
        });
        let lead = lead(blocks, place);
        let heading = heading(blocks, lead.last().copied().unwrap_or(place));
        let around = [
            (1.0, code.matches.iter().collect()),
            (LEAD, of(&lead)),
            (HEADING, of(heading.as_slice())),
            (LANGUAGE, code.language.iter().collect()),
            (PASSAGE, in_passage.unwrap_or_default()),
            (FOLLOWING, of(following(blocks, place).as_slice())),
        ];
        let (mut known, mut covered, mut worth) = (Vec::new(), 0.0, 0.0);
        for (factor, matches) in around {
            if matches.is_empty() {
                continue;
            }
            known.extend(matches);
            let now = self.coverage(weights, known.iter().copied());
            worth += factor * (now - covered);
            covered = now;
        }
        worth
    }
}

/// Returns the text that leads to a block of code, nearest first: all since the code before it, without headings, and
/// no more than three blocks.
fn lead(blocks: &[Searched<'_>], code: usize) -> Vec<usize> {
    let is_lead = |place: &usize| {
        blocks[*place].answer == blocks[code].answer
            && matches!(blocks[*place].block, Block::Prose(Prose { style, .. })
                if !matches!(style, ProseStyle::Heading(_)))
    };
    (0..code).rev().take_while(is_lead).take(3).collect()
}

/// Returns the heading above a block, unless another answer stands between.
fn heading(blocks: &[Searched<'_>], below: usize) -> Option<usize> {
    let is_same = |place: &usize| blocks[*place].answer == blocks[below].answer;
    let is_heading = |place: &usize| {
        matches!(blocks[*place].block, Block::Prose(Prose { style, .. })
            if matches!(style, ProseStyle::Heading(_)))
    };
    (0..below).rev().take_while(is_same).find(is_heading)
}

/// Returns the text right behind a block of code.
fn following(blocks: &[Searched<'_>], code: usize) -> Option<usize> {
    let next = blocks.get(code + 1)?;
    let is_text = next.answer == blocks[code].answer
        && matches!(next.block, Block::Prose(Prose { style, .. })
            if !matches!(style, ProseStyle::Heading(_)));
    is_text.then_some(code + 1)
}

/// Returns the code that goes with a passage: the next one in its answer, else the one before.
fn nearest_code(blocks: &[Searched<'_>], passage: usize) -> Option<usize> {
    let is_code = |place: &usize| blocks[*place].is_code();
    let is_same = |place: &usize| blocks[*place].answer == blocks[passage].answer;
    let mut after = (passage..blocks.len()).take_while(is_same);
    let mut before = (0..passage).rev().take_while(is_same);
    after.find(is_code).or_else(|| before.find(is_code))
}

/// Returns whether a block names no language, or is a command, which may be about any.
fn is_command(code: &Code) -> bool {
    let lang = code.lang.as_deref();
    matches!(
        lang,
        None | Some("sh" | "bash" | "shell" | "zsh" | "console" | "terminal" | "shell-session")
    )
}

/// Returns whether a block is what a program printed, by its language or its first line.
fn is_output(code: &Code) -> bool {
    let first = code.text.lines().find(|line| !line.trim().is_empty());
    let first = first.unwrap_or_default().trim_start();
    let is_prompt = |line: &str| {
        let line = line.trim_start();
        ["$ ", "% ", "# ", "> ", ">>> ", "PS ", "C:\\", "In ["]
            .iter()
            .any(|prompt| line.starts_with(prompt))
    };
    let is_named = match code.lang.as_deref() {
        Some("output" | "log" | "traceback" | "pytb") => true,
        Some("console" | "terminal" | "shell-session") => !code.text.lines().any(is_prompt),
        _ => false,
    };
    let first = first.to_lowercase();
    let is_report = match code.lang.as_deref() {
        // Code in no language that is known may well name an error on its first line.
        None => [
            "traceback (",
            "exception in",
            "caused by:",
            "panic:",
            "fatal",
            "error:",
            "error[",
            "uncaught ",
            "thread '",
        ]
        .iter()
        .any(|start| first.starts_with(start)),
        Some("text" | "txt" | "plain" | "plaintext" | "console" | "terminal") => first
            .split(|character: char| !character.is_alphanumeric())
            .any(|word| {
                matches!(
                    word,
                    "fatal" | "panic" | "panicked" | "traceback" | "fault" | "warning"
                ) || word.ends_with("error")
                    || word.ends_with("exception")
            }),
        Some(_) => false,
    };
    is_named || is_report
}

/// Returns what the author's verdict on a block of code makes of its worth: said at the end of the text before it, or
/// in a comment on its first line.
fn verdict(code: &Code, lead: Option<usize>, blocks: &[Searched<'_>]) -> f32 {
    let before = lead
        .map_or("", |place| blocks[place].block.text())
        .trim_end();
    // The last sentence leads to the code; what comes before is about something else as often as not.
    let sentence = before.trim_end_matches(['.', ':', '!', '?']);
    let from = sentence
        .rfind(['.', '!', '?', '\n', ';'])
        .map_or(0, |at| at + 1);
    let first = code.text.lines().find(|line| !line.trim().is_empty());
    let comment = first.map(str::trim_start).filter(|line| {
        ["#", "//", "--", "/*", ";", "%"]
            .iter()
            .any(|mark| line.starts_with(mark))
    });
    match balance(&sentence[from..]) + balance(comment.unwrap_or_default()) {
        ..0 => WRONG,
        0 => 1.0,
        1.. => RIGHT,
    }
}

/// Returns how much more often a text calls something right than wrong.
fn balance(said: &str) -> i32 {
    let said = said.to_lowercase();
    let words: Vec<&str> = said
        .split(|character: char| !character.is_alphanumeric() && character != '\'')
        .filter(|word| !word.is_empty())
        .collect();
    let mut balance = 0;
    for (place, word) in words.iter().enumerate() {
        let next = words.get(place + 1).copied().unwrap_or_default();
        let before = place.checked_sub(1).map_or("", |place| words[place]);
        let is_denied = matches!(before, "not" | "isn't" | "never" | "no" | "without");
        // `The code after a wrong reset` says nothing of the code.
        let is_said_of_it = place == 0
            || words[place.saturating_sub(3)..place].iter().any(|word| {
                matches!(
                    *word,
                    "is" | "are" | "isn't" | "this" | "that" | "it" | "following" | "so" | "be"
                )
            });
        let side = match *word {
            "wrong" | "bad" | "broken" | "buggy" | "incorrect" | "incorrectly" | "naive"
            | "fails" | "fail" | "failing" | "leaks" | "avoid" | "unsafe" | "vulnerable"
            | "slow" | "racy" | "deadlocks" | "crashes" | "breaks" | "rejected" | "mistake"
                if is_said_of_it =>
            {
                -1
            }
            "don't" | "doesn't" | "not" | "cannot" | "can't"
                if matches!(next, "work" | "do" | "compile" | "use" | "write") =>
            {
                -1
            }
            "instead" if next != "of" => 1,
            "correct" | "correctly" | "right" | "fix" | "fixed" | "fixes" | "better" | "works"
            | "solution" | "good" | "proper" | "properly" | "safe" | "safely" | "idiomatic" => 1,
            _ => 0,
        };
        balance += if is_denied { -side } else { side };
    }
    balance
}
