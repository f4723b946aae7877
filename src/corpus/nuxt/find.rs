//! Which values of a payload are pages. The whole graph is searched, because a site names its data as it likes.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value as Json};

use crate::corpus::devalue::{Document, Id, Value};
use crate::corpus::page;

/// A page that was found.
#[derive(Debug)]
pub(super) struct Found {
    /// The object with the page's fields; `None` when questions stand in no object.
    pub(super) page: Option<Id>,
    pub(super) content: Content,
    /// The object next around the page, if it has siblings or related pages beside it.
    pub(super) neighbours: Option<Id>,
    /// The path that the keys on the way to the page name.
    pub(super) route: Option<String>,
}

/// What a page is made of.
#[derive(Debug)]
pub(super) enum Content {
    /// The questions of one list, without those that another page has claimed.
    Questions(Vec<Id>),
    /// A body to be cut into sections.
    Body(Id),
}

/// What a document holds.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// The pages in the order of the payload; each list of questions and each question belongs to one.
    pub(super) pages: Vec<Found>,
    /// Every list of questions, so that it can be left out where a page's other fields are read.
    pub(super) lists: HashSet<Id>,
}

/// Returns the pages of a document. Visits each value once, in time linear in the document.
pub(super) fn pages(document: &Document, with_bodies: bool) -> Findings {
    let mut search = Search {
        document,
        with_bodies,
        is_visited: vec![false; document.len()],
        shares: HashMap::new(),
        questions: HashMap::new(),
        candidates: Vec::new(),
        best_of_list: HashMap::new(),
        of_page: HashMap::new(),
    };
    search.run();
    search.findings()
}

struct Search<'d> {
    document: &'d Document,
    with_bodies: bool,
    is_visited: Vec<bool>,
    /// How much of each list are questions, and whether an element is one: both may be shared by many.
    shares: HashMap<Id, Share>,
    questions: HashMap<Id, bool>,
    candidates: Vec<Candidate<'d>>,
    /// The candidate that each list of questions goes to.
    best_of_list: HashMap<Id, usize>,
    /// The candidates of each page, which stand side by side.
    of_page: HashMap<Id, std::ops::Range<usize>>,
}

struct Candidate<'d> {
    page: Option<Id>,
    /// The list of questions, or the body.
    content: Id,
    is_body: bool,
    rank: Rank,
    neighbours: Option<Id>,
    route: Option<&'d str>,
}

/// How well a page stands for a list of questions that others hold too. Less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    has_no_path: bool,
    has_no_title: bool,
    has_other_name: bool,
}

/// How much of a list are questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Share {
    None,
    Some,
    All,
}

/// A value to be visited, and what is known on the way to it.
#[derive(Clone, Copy)]
struct Visit<'d> {
    id: Id,
    /// Whether the value is a member of an object, which then has looked at it already.
    is_member: bool,
    neighbours: Option<Id>,
    route: Option<&'d str>,
}

impl<'d> Search<'d> {
    fn run(&mut self) {
        let mut stack = vec![Visit {
            id: self.document.root(),
            is_member: false,
            neighbours: None,
            route: None,
        }];
        while let Some(mut visit) = stack.pop() {
            visit.id = self.document.unwrapped(visit.id);
            if std::mem::replace(&mut self.is_visited[visit.id.place()], true) {
                self.meet_again(visit);
                continue;
            }
            let children = match self.document.raw(visit.id) {
                Value::Object(_) | Value::NullObject(_) => self.object(visit),
                Value::Map(entries) => {
                    let mut children = self.object(visit);
                    // Keys can be objects too, and what stands under such a key is no member.
                    let others = entries
                        .iter()
                        .filter(|(key, _)| self.document.text(*key).is_none());
                    let others = others.flat_map(|(key, value)| [*key, *value]);
                    children.extend(others.map(|id| Visit { id, ..visit }));
                    children
                }
                _ => self.list(visit),
            };
            stack.extend(children.into_iter().rev());
        }
    }

    /// A page may first be met far from its siblings.
    fn meet_again(&mut self, visit: Visit<'d>) {
        let Some(places) = self.of_page.get(&visit.id) else {
            return;
        };
        if visit.neighbours.is_some() && self.candidates[places.start].neighbours.is_none() {
            for candidate in &mut self.candidates[places.clone()] {
                candidate.neighbours = visit.neighbours;
            }
        }
    }

    fn object(&mut self, visit: Visit<'d>) -> Vec<Visit<'d>> {
        let members = self.document.members(visit.id);
        let member = |names: &[&str]| {
            let found = members.iter().find(|(key, value)| {
                let is_set = !matches!(self.document.get(*value), Value::Null | Value::Undefined);
                names.contains(key) && is_set
            });
            found.map(|(_, value)| *value)
        };
        let rank = Rank {
            has_no_path: member(&["path", "_path"]).is_none(),
            has_no_title: member(&["title"]).is_none(),
            has_other_name: true,
        };
        let body = member(&["body"]).filter(|body| self.is_body(*body, rank));
        let has_neighbours = member(&["siblings", "related"]).is_some();
        let first = self.candidates.len();
        for (key, value) in &members {
            let list = self.document.unwrapped(*value);
            let is_named = *key == "questions";
            let needed = if is_named { Share::Some } else { Share::All };
            if self.share_of_questions(list) >= needed {
                self.claim_list(Candidate {
                    page: Some(visit.id),
                    content: list,
                    is_body: false,
                    rank: Rank {
                        has_other_name: !is_named,
                        ..rank
                    },
                    neighbours: visit.neighbours,
                    route: path_in_key(key).or(visit.route),
                });
            }
        }
        if let (Some(body), true) = (body, self.candidates.len() == first) {
            self.candidates.push(Candidate {
                page: Some(visit.id),
                content: body,
                is_body: true,
                rank,
                neighbours: visit.neighbours,
                route: visit.route,
            });
        }
        if self.candidates.len() > first {
            self.of_page.insert(visit.id, first..self.candidates.len());
        }
        let children = members.into_iter().map(|(key, id)| Visit {
            id,
            is_member: true,
            neighbours: has_neighbours.then_some(visit.id),
            route: path_in_key(key).or(visit.route),
        });
        children.collect()
    }

    fn list(&mut self, visit: Visit<'d>) -> Vec<Visit<'d>> {
        if !visit.is_member && self.share_of_questions(visit.id) == Share::All {
            self.claim_list(Candidate {
                page: None,
                content: visit.id,
                is_body: false,
                rank: Rank {
                    has_no_path: true,
                    has_no_title: true,
                    has_other_name: true,
                },
                neighbours: None,
                route: visit.route,
            });
        }
        let elements = self.document.elements(visit.id).unwrap_or_default();
        let elements = elements.into_iter().map(|id| Visit {
            id,
            is_member: false,
            ..visit
        });
        elements.collect()
    }

    fn claim_list(&mut self, candidate: Candidate<'d>) {
        let new = self.candidates.len();
        let best = self.best_of_list.entry(candidate.content).or_insert(new);
        if candidate.rank < self.candidates.get(*best).unwrap_or(&candidate).rank {
            *best = new;
        }
        self.candidates.push(candidate);
    }

    fn is_body(&self, body: Id, rank: Rank) -> bool {
        if !self.with_bodies {
            return false;
        }
        match self.document.get(body) {
            Value::String(text) => !rank.has_no_title && !text.trim().is_empty(),
            // Whether it is a parsed body is for `content` to say; without a name it would be an entry of no title.
            Value::Object(_) => !(rank.has_no_title && rank.has_no_path),
            _ => false,
        }
    }

    fn share_of_questions(&mut self, list: Id) -> Share {
        if let Some(share) = self.shares.get(&list) {
            return *share;
        }
        let elements = self.document.elements(list).unwrap_or_default();
        let count = elements
            .iter()
            .filter(|element| {
                let element = self.document.unwrapped(**element);
                let known = self.questions.get(&element).copied();
                known.unwrap_or_else(|| {
                    let is_question = is_question(self.document, element);
                    self.questions.insert(element, is_question);
                    is_question
                })
            })
            .count();
        let share = match count {
            0 => Share::None,
            count if count == elements.len() => Share::All,
            _ => Share::Some,
        };
        self.shares.insert(list, share);
        share
    }

    /// Gives each question to the best page that lists it.
    fn findings(self) -> Findings {
        let document = self.document;
        let mut order: Vec<usize> = (0..self.candidates.len())
            .filter(|place| {
                let candidate = &self.candidates[*place];
                candidate.is_body || self.best_of_list.get(&candidate.content) == Some(place)
            })
            .collect();
        order.sort_by_key(|place| {
            (
                self.candidates[*place].is_body,
                self.candidates[*place].rank,
                *place,
            )
        });
        let mut claimed: HashSet<Id> = HashSet::new();
        let mut contents: Vec<(usize, Content)> = Vec::new();
        for place in order {
            let candidate = &self.candidates[place];
            if candidate.is_body {
                // A question with a body is a question.
                if !candidate.page.is_some_and(|page| claimed.contains(&page)) {
                    contents.push((place, Content::Body(candidate.content)));
                }
                continue;
            }
            let mut questions = document.elements(candidate.content).unwrap_or_default();
            questions.retain(|question| claimed.insert(document.unwrapped(*question)));
            if !questions.is_empty() {
                contents.push((place, Content::Questions(questions)));
            }
        }
        contents.sort_by_key(|(place, _)| *place);
        let pages = contents.into_iter().map(|(place, content)| {
            let candidate = &self.candidates[place];
            Found {
                page: candidate.page,
                content,
                neighbours: candidate.neighbours,
                route: candidate.route.map(str::to_owned),
            }
        });
        Findings {
            pages: pages.collect(),
            lists: self.best_of_list.keys().copied().collect(),
        }
    }
}

/// Asks [`page::is_question`] about an object of which only the outline is copied: a text shared by many objects must
/// not be copied for each.
fn is_question(document: &Document, id: Id) -> bool {
    let outline = |id: Id| match document.get(id) {
        Value::String(text) => {
            let is_blank = text.chars().take(256).all(char::is_whitespace);
            Json::from(if is_blank { "" } else { "text" })
        }
        Value::Number(_) | Value::BigInt(_) => Json::from(0),
        Value::Bool(flag) => Json::from(*flag),
        Value::Null | Value::Undefined | Value::Hole | Value::Opaque => Json::Null,
        Value::Object(_) | Value::NullObject(_) | Value::Map(_) => Json::Object(Map::new()),
        _ => Json::Array(Vec::new()),
    };
    let members = document.members(id).into_iter();
    let fields: Map<_, _> = members
        .map(|(key, value)| (key.to_owned(), outline(value)))
        .collect();
    page::is_question(&Json::Object(fields))
}

/// Returns the path that a data key names: `/articles/x` itself, `/python/x` for `qa-/python/x`.
fn path_in_key(key: &str) -> Option<&str> {
    let (prefix, path) = key.split_at(key.find('/')?);
    let is_prefix = prefix.is_empty()
        || (prefix.ends_with(['-', ':', '_'])
            && prefix[..prefix.len() - 1]
                .chars()
                .all(|c| c.is_alphanumeric() || c == '-' || c == '_'));
    let is_path = path.len() > 1
        && !path.contains("//")
        && !path.contains(|c: char| c.is_whitespace() || c.is_control() || "?#\"{}".contains(c));
    (is_prefix && is_path).then(|| path.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_key_may_name_a_path() {
        for (key, path) in [
            ("qa-/python/x", Some("/python/x")),
            ("page:/a", Some("/a")),
            ("/articles/x/", Some("/articles/x")),
            ("/", None),
            ("articles", None),
            ("content-query-a8Xk", None),
            ("$fAbc/def", None),
            ("https://example.com/x", None),
            ("/api?q=1", None),
            ("a sentence, and/or another", None),
        ] {
            assert_eq!(path_in_key(key), path, "{key}");
        }
    }
}
