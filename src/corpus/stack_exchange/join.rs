//! The join: rows of all tables in, sorted by question.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use super::Table;
use super::dump::Dump;
use super::posts::{self, Site};
use super::rows::{RawRow, Row, Rows};
pub(super) use super::sorter::Spill;
use super::sorter::{Key, Sorter};
use crate::corpus::{Choice, Item, Problem, Severity};
use crate::facets;

// What records are, in the order in which the join needs them.

/// What is wrong with a row; stands before every question, in the group 0.
pub(super) const PROBLEM: u8 = 0;
/// A post's row, after the number of its line; by post: the question that it belongs to.
pub(super) const POST: u8 = 1;
/// A question that is not wanted.
pub(super) const UNWANTED: u8 = 2;
/// Where a question points to.
pub(super) const LINK: u8 = 3;
/// A comment's row.
pub(super) const COMMENT: u8 = 4;
/// The name of whoever wrote a post.
pub(super) const NAME: u8 = 5;
/// The name of whoever wrote a comment.
const COMMENT_NAME: u8 = 6;
/// What a user wrote: a post, or a comment on it.
const WRITTEN: u8 = 7;

/// The part of a question's group that is the question; answers' parts are their ids.
pub(super) const QUESTION: u64 = 0;

/// The part of a post's group that is the post; comments' parts are their ids.
const ITSELF: u64 = 0;

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
///
/// A comment knows its post and not the question, a post its author's number and not the name. So users are joined with
/// what they wrote first, then comments and names with posts, then all with questions.
pub(super) struct Join {
    by_user: Sorter,
    by_post: Sorter,
    by_question: Sorter,
    choice: Choice,
    unwanted: Ids,
    /// The site's tags in lower case, when some are wanted and the dump has a table of them.
    tags: Vec<String>,
    left_out: LeftOut,
    problems: u64,
    /// The path of the posts.
    posts: String,
    /// How many posts were kept.
    rows: u64,
}

impl Join {
    pub(super) fn new(spill: Option<Spill>, choice: Choice) -> Self {
        let sorter = |part| {
            let spill = spill.clone();
            Sorter::new(spill.map(|spill| Spill {
                budget_bytes: spill.budget_bytes / part,
                ..spill
            }))
        };
        Join {
            by_user: sorter(4),
            by_post: sorter(4),
            by_question: sorter(2),
            choice,
            unwanted: Ids::default(),
            tags: Vec::new(),
            left_out: LeftOut::default(),
            problems: 0,
            posts: String::new(),
            rows: 0,
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
        if table == Table::Posts {
            path.clone_into(&mut self.posts);
        }
        let mut rows = Rows::new(reader);
        let mut last_line = 0;
        loop {
            let RawRow { line, text } = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(()),
                Err(error) => {
                    let message = format!("cannot read on from here: {error}");
                    return self.problem(path, Some(last_line + 1), &message);
                }
            };
            last_line = line;
            let text = match text {
                Ok(text) => text,
                Err(message) => {
                    self.problem(path, Some(line), message)?;
                    continue;
                }
            };
            match Row::parse(&text).and_then(|row| self.record(table, &row)) {
                Ok(None) => {}
                Ok(Some(record)) => self.keep(&record, line, &text)?,
                Err(message) => self.problem(path, Some(line), &message)?,
            }
        }
    }

    /// Returns what a row is, if it is kept.
    fn record(&mut self, table: Table, row: &Row<'_>) -> Result<Option<Record>, String> {
        Ok(match table {
            Table::Posts => return self.post(row),
            Table::PostLinks => Some(Record::Link {
                from: above_zero(row, "PostId")?,
                to: row.id("RelatedPostId")?,
            }),
            Table::Comments => Some(Record::Comment {
                post: above_zero(row, "PostId")?,
                id: above_zero(row, "Id")?,
                user: posts::user(row, "UserId", "UserDisplayName")?,
            }),
            Table::Users => match (row.number::<i64>("Id")?, row.text("DisplayName")?) {
                (Some(id), Some(name)) if id > 0 => Some(Record::User {
                    id: id.unsigned_abs(),
                    name: name.trim().to_owned(),
                }),
                _ => None,
            },
            Table::Tags => {
                // Only whether a wanted tag is one of the site's is of interest.
                if !self.choice.tags.is_empty()
                    && let Some(tag) = row.text("TagName")?
                {
                    self.tags.push(tag.trim().to_lowercase());
                }
                None
            }
        })
    }

    fn post(&mut self, row: &Row<'_>) -> Result<Option<Record>, String> {
        let id = above_zero(row, "Id")?;
        let question = match row.number::<u8>("PostTypeId")? {
            Some(1) if self.wants(row)? => id,
            Some(1) => {
                self.left_out.unwanted += 1;
                self.unwanted.insert(id);
                return Ok(Some(Record::Unwanted(id)));
            }
            Some(2) => match row.number::<u64>("ParentId")? {
                Some(parent) if self.unwanted.contains(parent) => return Ok(None),
                Some(parent) if parent > 0 && parent != id => parent,
                _ => {
                    self.left_out.orphans += 1;
                    return Ok(None);
                }
            },
            _ => {
                self.left_out.other_posts += 1;
                return Ok(None);
            }
        };
        Ok(Some(Record::Post {
            id,
            question,
            user: posts::user(row, "OwnerUserId", "OwnerDisplayName")?,
        }))
    }

    /// Puts a row where it is joined next.
    fn keep(&mut self, record: &Record, line: u64, text: &str) -> io::Result<()> {
        let row = (&line.to_le_bytes()[..], text.as_bytes());
        match *record {
            Record::Post { id, question, user } => {
                self.rows += 1;
                let key = Key::new(question, part_of(id, question), POST, 0);
                self.by_question.push(key, row.0, row.1)?;
                let key = Key::new(id, ITSELF, POST, 0);
                self.by_post.push(key, &question.to_le_bytes(), &[])?;
                self.written(user, id, ITSELF)
            }
            Record::Unwanted(id) => {
                let key = Key::new(id, QUESTION, UNWANTED, 0);
                self.by_question.push(key, row.0, &[])
            }
            Record::Link { from, to } => {
                let key = Key::new(from, QUESTION, LINK, to);
                self.by_question.push(key, row.0, row.1)
            }
            Record::Comment { post, id, user } => {
                self.by_post
                    .push(Key::new(post, id, COMMENT, 0), row.0, row.1)?;
                self.written(user, post, id)
            }
            Record::User { id, ref name } => {
                self.by_user
                    .push(Key::new(id, 0, NAME, 0), name.as_bytes(), &[])
            }
        }
    }

    fn written(&mut self, user: Option<u64>, post: u64, part: u64) -> io::Result<()> {
        let Some(user) = user else {
            return Ok(());
        };
        let key = Key::new(user, post, WRITTEN, part);
        self.by_user.push(key, &[], &[])
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

    /// Adds what is wrong with a table.
    pub(super) fn problem(
        &mut self,
        path: &str,
        line: Option<u64>,
        message: &str,
    ) -> io::Result<()> {
        let key = Key {
            kind: PROBLEM,
            item: self.problems,
            ..Key::default()
        };
        self.problems += 1;
        let head = [&line.unwrap_or(0).to_le_bytes(), path.as_bytes(), b"\0"].concat();
        self.by_question.push(key, &head, message.as_bytes())
    }

    /// Returns the entries, in the order of their ids.
    pub(super) fn finish(mut self, site: Site) -> io::Result<Dump> {
        let pending = self.unknown_tags();
        let mut user = (0, Vec::new());
        let mut merge = self.by_user.finish()?;
        while let Some((key, payload)) = merge.next()? {
            match key.kind {
                NAME => user = (key.group, payload),
                _ if user.0 == key.group => {
                    let key = Key::new(key.part, key.item, NAME, 0);
                    self.by_post.push(key, &user.1, &[])?;
                }
                _ => {}
            }
        }
        let mut post = (0, 0);
        let mut merge = self.by_post.finish()?;
        while let Some((key, payload)) = merge.next()? {
            if key.kind == POST {
                let question = payload.first_chunk().copied().unwrap_or_default();
                post = (key.group, u64::from_le_bytes(question));
            }
            let (id, question) = post;
            let kind = match (key.kind, key.part) {
                (POST, _) => continue,
                _ if id != key.group => continue,
                (NAME, ITSELF) => NAME,
                (NAME, _) => COMMENT_NAME,
                (kind, _) => kind,
            };
            let key = Key::new(question, part_of(id, question), kind, key.part);
            self.by_question.push(key, &payload, &[])?;
        }
        Ok(Dump {
            site,
            path: self.posts,
            merge: Some(self.by_question.finish()?),
            next: None,
            left_out: self.left_out,
            rows: self.rows,
            rows_joined: 0,
            pending,
        })
    }

    /// Returns a warning for each wanted tag that the site does not have.
    fn unknown_tags(&self) -> VecDeque<Item> {
        let wanted = self.choice.tags.iter();
        let unknown = wanted.filter(|wanted| {
            !self.tags.is_empty() && !self.tags.contains(&wanted.trim().to_lowercase())
        });
        let warning = |tag: &String| {
            let near = facets::near(tag, self.tags.iter());
            let near = match near.as_slice() {
                [] => String::new(),
                near => format!("; is it `{}`?", near.join("`, `")),
            };
            Item::Problem(Problem {
                severity: Severity::Warning,
                path: self.posts.clone(),
                line: None,
                record: None,
                message: format!("the site has no tag `{tag}`{near}"),
            })
        };
        unknown.map(warning).collect()
    }
}

/// What a row is to the join.
enum Record {
    Post {
        id: u64,
        question: u64,
        user: Option<u64>,
    },
    Unwanted(u64),
    Link {
        from: u64,
        to: u64,
    },
    Comment {
        post: u64,
        id: u64,
        user: Option<u64>,
    },
    User {
        id: u64,
        name: String,
    },
}

/// Returns the part of a question's group that a post is.
fn part_of(post: u64, question: u64) -> u64 {
    if post == question { QUESTION } else { post }
}

/// Returns an id; 0 is none, and groups by it hold other things.
fn above_zero(row: &Row<'_>, name: &str) -> Result<u64, String> {
    match row.id(name)? {
        0 => Err(format!("expected an id above 0 in the attribute `{name}`")),
        id => Ok(id),
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
