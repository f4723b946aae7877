//! Entries by the million: learned from some, like them to an engine, and the same for a seed on every machine.
//!
//! Speed at a size needs a corpus of that size, and none can be shipped. [`Generator::learn`] takes a few hundred entries or
//! more, keeps their words, code and shapes, and [`Generator::entry`] makes any number of others, each by its number
//! alone, so that they can be made in any order and on any thread.
//!
//! What an engine sees of a text is kept:
//! - **Frequencies.** Text is a walk over the source's: mostly from a word to one that followed it somewhere, so that phrases
//!   occur, sometimes to any place at all, so that sentences are new. Either way words are as frequent as in the source:
//!   those of the sample corpus follow Zipf's law with an exponent of 0.97 between the ranks 10 and 1,000.
//! - **A vocabulary that grows.** Words that the source has once or twice give way to ones that it has never, about as often
//!   as Good and Turing expect it of more text. Their ranks are drawn from a tail with the exponent 1.5, so that in the long
//!   run `n` words of text have about `n^(2/3)` different ones (Heaps' law; over the last doubling of the sample corpus the
//!   exponent is 0.56, of as much that is made 0.61, of four times as much 0.63): names such as `parseQueueEntry` and
//!   `retry_lock_count`, and words put together of halves of others.
//! - **Burstiness.** The words of an entry's title, and two words of its own, come back in its text and in its code.
//! - **Lengths, code, facets.** Each entry has the shape of one of the source's: its blocks, and about their lengths. Code
//!   consists of lines of the source's code in the same language; names that are not common there are replaced, each by
//!   the same wherever it stands in the entry. Topic, framework, difficulty, page and tags come together from one entry, some
//!   far more often than others; rare tags are new.
//!
//! What text means is lost, so that nothing about ranking can be measured with it.
//!
//! Everything is computed with whole numbers and the four operations that IEEE 754 defines to the last bit, from
//! Vigna's SplitMix64; no function of a system's mathematical library takes part, as those differ.

mod code;
mod words;

#[cfg(test)]
mod tests;

use crate::body::{Block, Mark, MarkKind, Prose, ProseStyle};
use crate::entry::{Answer, Difficulty, Entry, Format, Link, LinkKind, Page, Source, Topic};
use crate::evaluate::sampling::SplitMix;

use code::CodeLines;
use words::{Tail, Words, core_of};

/// What some entries have in common, and others are made of. Its memory is about that of the text it was learned from.
#[derive(Debug)]
pub struct Generator {
    titles: Words,
    prose: Words,
    code: CodeLines,
    tail: Tail,
    shapes: Vec<Shape>,
    filings: Vec<Filing>,
}

/// The outline of an entry.
#[derive(Debug)]
struct Shape {
    title_words: usize,
    question: Vec<BlockShape>,
    answers: Vec<AnswerShape>,
}

#[derive(Debug)]
struct AnswerShape {
    blocks: Vec<BlockShape>,
    score: Option<i64>,
    accepted: bool,
}

#[derive(Debug)]
enum BlockShape {
    Prose { style: ProseStyle, words: usize },
    Code { language: usize, lines: usize },
}

/// Where an entry is filed.
#[derive(Debug)]
struct Filing {
    difficulty: Option<Difficulty>,
    topic: Option<Topic>,
    framework: Option<String>,
    tags: Vec<String>,
    page: Option<Page>,
}

impl Generator {
    /// Returns a generator of entries like these; `None` when none of them has a word. Reads each once.
    ///
    /// A few hundred entries are enough; those of the sample corpus, or some of a user's own index.
    pub fn learn<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Option<Self> {
        let mut titles = Words::default();
        let mut prose = Words::default();
        let mut code = CodeLines::default();
        let mut shapes = Vec::new();
        let mut filings = Vec::new();
        for entry in entries {
            titles.learn(&entry.title, &[]);
            let mut shapes_of = |blocks: &[Block]| -> Vec<BlockShape> {
                let shape = |block: &Block| match block {
                    Block::Prose(text) => BlockShape::Prose {
                        style: text.style,
                        words: prose.learn(&text.text, &text.marks),
                    },
                    Block::Code(text) => BlockShape::Code {
                        language: code.learn(text),
                        lines: text.text.lines().count(),
                    },
                };
                blocks.iter().map(shape).collect()
            };
            shapes.push(Shape {
                title_words: entry.title.split_whitespace().count(),
                question: shapes_of(&entry.question),
                answers: entry
                    .answers
                    .iter()
                    .map(|answer| AnswerShape {
                        blocks: shapes_of(&answer.blocks),
                        score: answer.score,
                        accepted: answer.accepted,
                    })
                    .collect(),
            });
            filings.push(Filing {
                difficulty: entry.difficulty,
                topic: entry.topic.clone(),
                framework: entry.framework.clone(),
                tags: entry.tags.clone(),
                page: entry.page.clone(),
            });
        }
        if titles.is_empty() {
            return None;
        }
        if prose.is_empty() {
            prose = titles.clone();
        }
        titles.finish();
        prose.finish();
        code.finish();
        let tail = Tail::new(&prose, &titles);
        Some(Generator {
            titles,
            prose,
            code,
            tail,
            shapes,
            filings,
        })
    }

    /// Returns the entries of a seed, one after the other, without an end: take as many as you need.
    pub fn entries(&self, seed: u64) -> impl Iterator<Item = Entry> + '_ {
        (0..).map(move |number| self.entry(seed, number))
    }

    /// Returns the entry with a number. Entries of one seed differ in their ids.
    pub fn entry(&self, seed: u64, number: u64) -> Entry {
        let mut random = random_of(seed, number);
        let filing = self.filing(&mut random);
        let id = id_of(filing, number);
        let shape = &self.shapes[random.below(self.shapes.len())];
        let mut topical = Vec::new();
        let title = self.title(shape.title_words, &mut random, &mut topical);
        for _ in 0..2 {
            topical.push(self.tail.word(&mut random));
        }
        let mut names = code::Renamed::default();
        let mut blocks = |shapes: &[BlockShape], random: &mut SplitMix| -> Vec<Block> {
            let mut block = |shape: &BlockShape| match *shape {
                BlockShape::Prose { style, words } => {
                    Block::Prose(self.prose(style, words, &topical, random))
                }
                BlockShape::Code { language, lines } => Block::Code(self.code.block(
                    language,
                    about(lines, random),
                    (&self.tail, &topical),
                    &mut names,
                    random,
                )),
            };
            shapes.iter().map(&mut block).collect()
        };
        let question = blocks(&shape.question, &mut random);
        let mut answers = Vec::with_capacity(shape.answers.len());
        for answer in &shape.answers {
            answers.push(Answer {
                blocks: blocks(&answer.blocks, &mut random),
                score: answer.score,
                accepted: answer.accepted,
                ..Answer::default()
            });
        }
        let mut tags = filing.tags.clone();
        if random.below(8) == 0 {
            tags.push(self.tail.word(&mut random).to_lowercase());
        }
        let mut related = Vec::new();
        if number > 0 && random.below(8) == 0 {
            let other = random.below(usize::try_from(number).unwrap_or(usize::MAX)) as u64;
            related.push(Link {
                path: id_of(self.filing(&mut random_of(seed, other)), other),
                title: String::new(),
                kind: LinkKind::Related,
            });
        }
        // Most questions have few votes, and some have thousands.
        let most = 1 << random.below(11);
        let score = random.below(most) as i64;
        let (year, month, day) = (random.below(16), random.below(12), random.below(28));
        Entry {
            id,
            title,
            question,
            answers,
            difficulty: filing.difficulty,
            topic: filing.topic.clone(),
            framework: filing.framework.clone(),
            tags,
            score: Some(score),
            updated: Some(format!("{}-{:02}-{:02}", 2010 + year, month + 1, day + 1)),
            page: filing.page.clone(),
            related,
            source: Source {
                path: format!("generated/{}.jsonl", number / 10_000),
                line: Some(number % 10_000 + 1),
                format: Format::Jsonl,
            },
            ..Entry::default()
        }
    }

    /// Returns what people would type to find the first `entries` entries of a seed, without an end: two to ten words of
    /// a title that stand beside one another.
    pub fn queries(&self, seed: u64, entries: u64) -> impl Iterator<Item = String> + '_ {
        // Other numbers than those of the entries: a query must not follow its entry's dice.
        let mut random = SplitMix(!seed);
        let entries = usize::try_from(entries).unwrap_or(usize::MAX).max(1);
        std::iter::repeat_with(move || {
            let entry = self.entry(seed, random.below(entries) as u64);
            let words: Vec<&str> = entry.title.split(' ').collect();
            let count = (2 + random.below(9)).min(words.len());
            let start = random.below(words.len() - count + 1);
            words[start..start + count].join(" ")
        })
    }

    /// Returns where the next entry is filed: a quarter of the places take half of the entries.
    fn filing(&self, random: &mut SplitMix) -> &Filing {
        &self.filings[skewed(self.filings.len(), random)]
    }

    /// Returns a title, and adds the words of it that the text is about.
    fn title(&self, words: usize, random: &mut SplitMix, topical: &mut Vec<String>) -> String {
        let mut title = String::new();
        let mut walk = self.titles.walk(random);
        for place in 0..about(words, random).max(3) {
            let token = walk.next(random);
            let piece = self.titles.piece(token);
            if place > 0 {
                title.push(' ');
            }
            if !self.titles.is_content(token) {
                title.push_str(piece);
                continue;
            }
            let (before, word, after) = core_of(piece);
            let word = match random.below(12) {
                0 => self.tail.word(random),
                1..=5 => self.prose.content_word(random).to_owned(),
                _ => word.to_owned(),
            };
            title.push_str(before);
            title.push_str(&word);
            title.push_str(after);
            topical.push(word);
        }
        if !title.ends_with('?') {
            title.truncate(title.trim_end_matches([',', ';', ':', '.']).len());
            title.push('?');
        }
        title
    }

    fn prose(
        &self,
        style: ProseStyle,
        words: usize,
        topical: &[String],
        random: &mut SplitMix,
    ) -> Prose {
        let mut text = String::new();
        let mut marks: Vec<Mark> = Vec::new();
        let mut walk = self.prose.walk(random);
        for place in 0..about(words, random).max(1) {
            let token = walk.next(random);
            if place > 0 {
                text.push(' ');
            }
            let (before, word, after) = core_of(self.prose.piece(token));
            text.push_str(before);
            let start = text.len();
            let mut is_code = self.prose.is_code(token);
            if self.prose.is_unseen(token, random) {
                let word = self.tail.word(random);
                is_code |= word.contains(|letter: char| letter == '_' || letter.is_uppercase());
                text.push_str(&word);
            } else if self.prose.is_content(token) && random.below(8) == 0 {
                text.push_str(&topical[random.below(topical.len())]);
            } else {
                text.push_str(word);
            }
            if is_code && text.len() > start {
                marks.push(Mark {
                    start,
                    end: text.len(),
                    kind: MarkKind::Code,
                });
            }
            text.push_str(after);
        }
        if style == ProseStyle::Paragraph && !text.ends_with(['.', ':', '?', '!']) {
            text.push('.');
        }
        Prose { text, style, marks }
    }
}

/// Returns the random numbers of an entry: those of its neighbours have nothing in common with them.
fn random_of(seed: u64, number: u64) -> SplitMix {
    let mut seeds = SplitMix(seed);
    let seed = seeds.next();
    SplitMix(SplitMix(seed ^ number).next())
}

fn id_of(filing: &Filing, number: u64) -> String {
    let topic = filing.topic.as_ref().map_or("/entries", Topic::as_str);
    format!("{}#{number}", &topic[1..])
}

/// Returns a length near another one: from half of it to half more.
fn about(length: usize, random: &mut SplitMix) -> usize {
    (length * (64 + random.below(129))).div_ceil(128)
}

/// Returns a number below `limit`, small ones more often: it is the square of an even share of the root.
fn skewed(limit: usize, random: &mut SplitMix) -> usize {
    let share = random.below(1 << 32) as u128;
    ((share * share * limit as u128) >> 64) as usize
}
