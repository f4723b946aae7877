//! What the join gives: questions with their answers, in the order of their ids.

use std::collections::VecDeque;
use std::io;

use super::join::{COMMENT, LINK, LeftOut, NAME, POST, PROBLEM, QUESTION, UNWANTED};
use super::posts::{self, Site};
use super::rows::Row;
use super::sorter::{Key, Merge};
use crate::body::Block;
use crate::corpus::{Item, Problem, Severity};
use crate::entry::{Answer, Author, Link, LinkKind, Source};

/// The entries of a dump, in the order of their ids, after what is wrong with its rows.
pub(in crate::corpus) struct Dump {
    pub(super) site: Site,
    pub(super) path: String,
    /// `None` once the dump has ended or failed.
    pub(super) merge: Option<Merge>,
    /// The first record of the next question.
    pub(super) next: Option<(Key, Vec<u8>)>,
    pub(in crate::corpus) left_out: LeftOut,
    /// How many posts there are, and how many of them were joined so far.
    pub(in crate::corpus) rows: u64,
    pub(in crate::corpus) rows_joined: u64,
    pub(super) pending: VecDeque<Item>,
}

/// The records of one question.
#[derive(Default)]
struct Group {
    is_unwanted: bool,
    /// The question, where there is one, and the answers.
    posts: Vec<Post>,
    links: Vec<String>,
}

/// The records of one post.
struct Post {
    part: u64,
    line: u64,
    row: String,
    name: Option<String>,
    comments: Vec<Comment>,
}

/// The records of one comment.
struct Comment {
    id: u64,
    row: String,
    name: Option<String>,
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
        if record.0.kind == PROBLEM {
            self.pending.push_back(problem(&record.1));
            return Ok(true);
        }
        let group_id = record.0.group;
        let mut group = Group::default();
        loop {
            self.add(record, &mut group);
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

    /// Adds a record to its group. Those of a post come one after the other, its row first.
    fn add(&mut self, (key, payload): (Key, Vec<u8>), group: &mut Group) {
        let last = group.posts.last_mut().filter(|post| post.part == key.part);
        match (key.kind, last) {
            (UNWANTED, _) => group.is_unwanted = true,
            (LINK, _) => group.links.push(split_line(&payload).1),
            (POST, None) => {
                let (line, row) = split_line(&payload);
                group.posts.push(Post {
                    part: key.part,
                    line,
                    row,
                    name: None,
                    comments: Vec::new(),
                });
            }
            (POST, Some(_)) => {
                let id = if key.part == QUESTION {
                    key.group
                } else {
                    key.part
                };
                let message = format!("the id `{id}` stands on an earlier row already");
                let problem = self.problem(split_line(&payload).0, message);
                self.pending.push_back(problem);
            }
            (_, None) => {}
            (COMMENT, Some(post)) => post.comments.push(Comment {
                id: key.item,
                row: split_line(&payload).1,
                name: None,
            }),
            (kind, Some(post)) => {
                let name = Some(String::from_utf8_lossy(&payload).into_owned());
                if kind == NAME {
                    post.name = name;
                } else if let Ok(at) = post.comments.binary_search_by_key(&key.item, |of| of.id) {
                    post.comments[at].name = name;
                }
            }
        }
    }

    fn assemble(&mut self, group: Group) {
        self.rows_joined += group.posts.len() as u64;
        let mut posts = group.posts.into_iter().peekable();
        let Some(question) = posts.next_if(|post| post.part == QUESTION) else {
            if !group.is_unwanted {
                self.left_out.orphans += posts.len() as u64;
            }
            return;
        };
        let source = Source {
            path: self.path.clone(),
            line: Some(question.line),
            ..Source::default()
        };
        let entry = Row::parse(&question.row).and_then(|row| {
            let accepted = row.number("AcceptedAnswerId")?;
            Ok((posts::question(&row, &self.site, source)?, accepted))
        });
        let (mut entry, accepted) = match entry {
            Ok(entry) => entry,
            Err(message) => {
                let problem = self.problem(question.line, message);
                return self.pending.push_back(problem);
            }
        };
        name(&mut entry.author, question.name);
        entry.question.extend(comments(&question.comments));
        for post in posts {
            let answer =
                Row::parse(&post.row).and_then(|row| posts::answer(&row, &self.site, accepted));
            match answer {
                Ok(mut answer) => {
                    name(&mut answer.author, post.name);
                    answer.blocks.extend(comments(&post.comments));
                    entry.answers.push(answer);
                }
                Err(message) => {
                    let problem = self.problem(post.line, message);
                    self.pending.push_back(problem);
                }
            }
        }
        entry.answers.sort_by_key(order);
        entry.related = self.links(&group.links);
        self.pending.push_back(Item::Entry(Box::new(entry)));
    }

    /// Returns where a question points to: first what it is a duplicate of; each target once.
    fn links(&self, rows: &[String]) -> Vec<Link> {
        let mut targets: Vec<(LinkKind, u64)> = rows
            .iter()
            .filter_map(|text| {
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

/// Puts the name that the users' table has in the place of a number.
fn name(author: &mut Option<Author>, name: Option<String>) {
    if let (Some(author), Some(name)) = (author, name) {
        author.name = name;
    }
}

fn comments(comments: &[Comment]) -> impl Iterator<Item = Block> {
    comments.iter().flat_map(|comment| {
        let row = Row::parse(&comment.row);
        // A comment whose escapes are broken is no reason to lose the post.
        row.and_then(|row| posts::comment(&row, comment.name.as_deref()))
            .unwrap_or_default()
    })
}

/// Orders answers as the sites show them: the accepted one, then those with more votes, then the earlier ones.
fn order(answer: &Answer) -> (bool, std::cmp::Reverse<i64>) {
    (
        !answer.accepted,
        std::cmp::Reverse(answer.score.unwrap_or(0)),
    )
}

/// Returns the line's number and the row of a record.
fn split_line(payload: &[u8]) -> (u64, String) {
    let Some((line, row)) = payload.split_first_chunk::<8>() else {
        return (0, String::new());
    };
    let row = String::from_utf8_lossy(row).into_owned();
    (u64::from_le_bytes(*line), row)
}

fn problem(payload: &[u8]) -> Item {
    let (line, text) = split_line(payload);
    let (path, message) = text.split_once('\0').unwrap_or(("", &text));
    Item::Problem(Problem {
        severity: Severity::Skipped,
        path: path.to_owned(),
        line: (line > 0).then_some(line),
        record: None,
        message: message.to_owned(),
    })
}
