//! The join: rows of all tables in, sorted by question, and entries out.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use super::Table;
use super::posts::{self, Site};
use super::rows::{RawRow, Row, Rows};
pub(super) use super::sorter::Spill;
use super::sorter::{Key, Merge, Sorter};
use crate::corpus::{Choice, Item, Problem, Severity};
use crate::entry::{Answer, Link, LinkKind, Source};

/// What is wrong with a row; stands before every question, in the group 0.
const PROBLEM: u8 = 0;
/// A post's row, after the number of its line.
const POST: u8 = 1;
/// A question that is not wanted.
const UNWANTED: u8 = 2;
/// Where a question points to.
const LINK: u8 = 3;

/// The part of a group that belongs to the question; answers' parts are their ids.
const QUESTION: u64 = 0;

/// What of a dump did not become a part of an entry, and is no mistake.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::corpus) struct LeftOut {
    /// Posts that are neither questions nor answers: tag wikis, placeholders.
    pub(in crate::corpus) other_posts: u64,
    /// Answers whose question the dump does not hold.
    pub(in crate::corpus) orphans: u64,
    /// Questions that were not chosen.
    pub(in crate::corpus) unwanted: u64,
}

/// Takes the rows of a dump's tables, in any order.
pub(super) struct Join {
    sorter: Sorter,
    choice: Choice,
    unwanted: Ids,
    left_out: LeftOut,
    problems: u64,
}

impl Join {
    pub(super) fn new(spill: Option<Spill>, choice: Choice) -> Self {
        Join {
            sorter: Sorter::new(spill),
            choice,
            unwanted: Ids::default(),
            left_out: LeftOut::default(),
            problems: 0,
        }
    }

    /// Reads a table. A row that is broken becomes a problem, and so does a file that cannot be read to its end; only
    /// what cannot be written is an error.
    pub(super) fn read(
        &mut self,
        table: Table,
        path: &str,
        reader: impl BufRead,
    ) -> io::Result<()> {
        let mut rows = Rows::new(reader);
        let mut last_line = 0;
        loop {
            let RawRow { line, text } = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(()),
                Err(error) => {
                    let message = format!("cannot read on from here: {error}");
                    return self.problem(path, last_line + 1, &message);
                }
            };
            last_line = line;
            let unread = match text {
                Err(message) => message.to_owned(),
                Ok(text) => match Row::parse(&text) {
                    Err(message) => message,
                    Ok(row) => match self.record(table, &row) {
                        Err(message) => message,
                        Ok(None) => continue,
                        Ok(Some(key)) => {
                            self.sorter
                                .push(key, &line.to_le_bytes(), text.as_bytes())?;
                            continue;
                        }
                    },
                },
            };
            self.problem(path, line, &unread)?;
        }
    }

    /// Returns under which key a row is kept, if it is.
    fn record(&mut self, table: Table, row: &Row<'_>) -> Result<Option<Key>, String> {
        match table {
            Table::Posts => self.post(row),
            Table::PostLinks => Ok(Some(Key {
                group: row.id("PostId")?,
                part: QUESTION,
                kind: LINK,
                item: row.id("RelatedPostId")?,
            })),
        }
    }

    fn post(&mut self, row: &Row<'_>) -> Result<Option<Key>, String> {
        let id = row.id("Id")?;
        if id == 0 {
            return Err("expected an id above 0 in the attribute `Id`".to_owned());
        }
        let key = |group, part, kind| Key {
            group,
            part,
            kind,
            item: 0,
        };
        match row.number::<u8>("PostTypeId")? {
            Some(1) if self.wants(row)? => Ok(Some(key(id, QUESTION, POST))),
            Some(1) => {
                self.left_out.unwanted += 1;
                self.unwanted.insert(id);
                Ok(Some(key(id, QUESTION, UNWANTED)))
            }
            Some(2) => match row.number::<u64>("ParentId")? {
                Some(parent) if self.unwanted.contains(parent) => Ok(None),
                Some(parent) => Ok(Some(key(parent, id, POST))),
                None => {
                    self.left_out.orphans += 1;
                    Ok(None)
                }
            },
            _ => {
                self.left_out.other_posts += 1;
                Ok(None)
            }
        }
    }

    fn wants(&self, row: &Row<'_>) -> Result<bool, String> {
        if self.choice.is_everything() {
            return Ok(true);
        }
        let tags = row.text("Tags")?.unwrap_or_default();
        Ok(self.choice.wants_tags(posts::tags(&tags))
            && self.choice.wants_score(row.number("Score")?)
            && self.choice.wants_date(row.text("CreationDate")?.as_deref()))
    }

    fn problem(&mut self, path: &str, line: u64, message: &str) -> io::Result<()> {
        let key = Key {
            kind: PROBLEM,
            item: self.problems,
            ..Key::default()
        };
        self.problems += 1;
        let head = [&line.to_le_bytes(), path.as_bytes(), b"\0"].concat();
        self.sorter.push(key, &head, message.as_bytes())
    }

    /// Returns the entries, in the order of their ids.
    pub(super) fn finish(self, site: Site, path: String) -> io::Result<Dump> {
        Ok(Dump {
            site,
            path,
            merge: Some(self.sorter.finish()?),
            next: None,
            left_out: self.left_out,
            pending: VecDeque::new(),
        })
    }
}

/// A set of ids. Ids of dumps count from 1, so that a bit for each is small; ids beyond are not remembered.
#[derive(Default)]
struct Ids(Vec<u64>);

impl Ids {
    const MAX_WORDS: usize = 1 << 22;

    fn insert(&mut self, id: u64) {
        let word = usize::try_from(id / 64).unwrap_or(usize::MAX);
        if word >= Ids::MAX_WORDS {
            return;
        }
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (id % 64);
    }

    fn contains(&self, id: u64) -> bool {
        let word = usize::try_from(id / 64).unwrap_or(usize::MAX);
        self.0
            .get(word)
            .is_some_and(|bits| bits >> (id % 64) & 1 == 1)
    }
}

/// The entries of a dump, in the order of their ids, after what is wrong with its rows.
pub(in crate::corpus) struct Dump {
    site: Site,
    path: String,
    /// `None` once the dump has ended or failed.
    merge: Option<Merge>,
    /// The first record of the next question.
    next: Option<(Key, Vec<u8>)>,
    pub(in crate::corpus) left_out: LeftOut,
    pending: VecDeque<Item>,
}

/// The records of one question.
#[derive(Default)]
struct Group {
    /// The question's row, and the line it stands on.
    question: Option<(u64, String)>,
    is_unwanted: bool,
    answers: Vec<(u64, String)>,
    links: Vec<(u64, String)>,
}

impl Dump {
    fn record(&mut self) -> io::Result<Option<(Key, Vec<u8>)>> {
        match (self.next.take(), &mut self.merge) {
            (None, Some(merge)) => merge.next(),
            (next, _) => Ok(next),
        }
    }

    /// Reads the next question with all that belongs to it into `pending`; `false` at the end.
    fn read_group(&mut self) -> io::Result<bool> {
        let Some(mut record) = self.record()? else {
            return Ok(false);
        };
        if record.0.group == 0 && record.0.kind == PROBLEM {
            self.pending.push_back(problem(&record.1));
            return Ok(true);
        }
        let group_id = record.0.group;
        let mut group = Group::default();
        loop {
            let (key, payload) = record;
            let (line, row) = split_line(payload);
            match (key.kind, key.part) {
                (UNWANTED, _) => group.is_unwanted = true,
                (LINK, _) => group.links.push((line, row)),
                (_, QUESTION) if group.question.is_none() => group.question = Some((line, row)),
                (_, QUESTION) => {
                    let message = format!("the id `{group_id}` stands on an earlier row already");
                    let problem = self.problem(line, message);
                    self.pending.push_back(problem);
                }
                _ => group.answers.push((line, row)),
            }
            match self.record()? {
                Some(next) if next.0.group == group_id => record = next,
                next => {
                    self.next = next;
                    break;
                }
            }
        }
        self.assemble(group);
        Ok(true)
    }

    fn assemble(&mut self, group: Group) {
        let Some((line, question)) = group.question else {
            if !group.is_unwanted {
                self.left_out.orphans += group.answers.len() as u64;
            }
            return;
        };
        let source = Source {
            path: self.path.clone(),
            line: Some(line),
            ..Source::default()
        };
        let entry = Row::parse(&question).and_then(|row| {
            let accepted = row.number("AcceptedAnswerId")?;
            Ok((posts::question(&row, &self.site, source)?, accepted))
        });
        let (mut entry, accepted) = match entry {
            Ok(entry) => entry,
            Err(message) => {
                let problem = self.problem(line, message);
                return self.pending.push_back(problem);
            }
        };
        for (line, row) in &group.answers {
            let answer = Row::parse(row).and_then(|row| posts::answer(&row, &self.site, accepted));
            match answer {
                Ok(answer) => entry.answers.push(answer),
                Err(message) => {
                    let problem = self.problem(*line, message);
                    self.pending.push_back(problem);
                }
            }
        }
        entry.answers.sort_by_key(order);
        entry.related = self.links(&group.links);
        self.pending.push_back(Item::Entry(Box::new(entry)));
    }

    /// Returns where a question points to: first what it is a duplicate of; each target once.
    fn links(&self, rows: &[(u64, String)]) -> Vec<Link> {
        let mut targets: Vec<(LinkKind, u64)> = rows
            .iter()
            .filter_map(|(_, text)| {
                let row = Row::parse(text).ok()?;
                let kind = match row.number::<u64>("LinkTypeId").ok()? {
                    Some(3) => LinkKind::Duplicate,
                    Some(1) => LinkKind::Linked,
                    _ => LinkKind::Related,
                };
                Some((kind, row.id("RelatedPostId").ok()?))
            })
            .collect();
        targets.sort_unstable_by_key(|(kind, target)| (*target, *kind));
        targets.dedup_by_key(|(_, target)| *target);
        targets.sort_unstable();
        let link = |(kind, target)| Link {
            path: self.site.entry_id(target),
            kind,
            ..Link::default()
        };
        targets.into_iter().map(link).collect()
    }

    fn problem(&self, line: u64, message: String) -> Item {
        Item::Problem(Problem {
            severity: Severity::Skipped,
            path: self.path.clone(),
            line: Some(line),
            record: None,
            message,
        })
    }
}

impl Iterator for Dump {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.pending.pop_front() {
                return Some(item);
            }
            match self.read_group() {
                Ok(true) => {}
                Ok(false) => {
                    self.merge = None;
                    return None;
                }
                Err(error) => {
                    self.merge = None;
                    self.next = None;
                    return Some(Item::Problem(Problem {
                        severity: Severity::Skipped,
                        path: self.path.clone(),
                        line: None,
                        record: None,
                        message: format!(
                            "cannot read on what was sorted in temporary files: {error}"
                        ),
                    }));
                }
            }
        }
    }
}

/// Orders answers as the sites show them: the accepted one, then those with more votes, then the earlier ones.
fn order(answer: &Answer) -> (bool, std::cmp::Reverse<i64>) {
    (
        !answer.accepted,
        std::cmp::Reverse(answer.score.unwrap_or(0)),
    )
}

/// Returns the line's number and the row of a record.
fn split_line(payload: Vec<u8>) -> (u64, String) {
    let Some((line, row)) = payload.split_first_chunk::<8>() else {
        return (0, String::new());
    };
    let row = String::from_utf8_lossy(row).into_owned();
    (u64::from_le_bytes(*line), row)
}

fn problem(payload: &[u8]) -> Item {
    let (line, text) = split_line(payload.to_vec());
    let (path, message) = text.split_once('\0').unwrap_or(("", &text));
    Item::Problem(Problem {
        severity: Severity::Skipped,
        path: path.to_owned(),
        line: Some(line),
        record: None,
        message: message.to_owned(),
    })
}
