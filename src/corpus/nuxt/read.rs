//! Payload to entries: each page that was found goes to [`page`] as plain JSON.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::{Map, Value as Json};

use super::find::{self, Content, Found};
use crate::corpus::devalue::{self, Cut, DevalueError, Document, Id, Plain, Value};
use crate::corpus::page::{self, PageContext};
use crate::corpus::{Item, Problem, Severity, Sink, TextFile, content};
use crate::entry::Format;

/// Reads one payload of a file.
pub(super) fn read(file: &TextFile<'_>, text: &str, out: &mut Sink<'_>) {
    let document = match devalue::parse(text) {
        Ok(document) => document,
        Err(error) => return out(unreadable(file, error)),
    };
    for warning in &document.warnings {
        out(file.problem(Severity::Warning, None, warning));
    }
    let findings = find::pages(&document, file.options.sections);
    let mut reader = Reader {
        file,
        document: &document,
        plain: Plain::new(&document, text.len()),
        lists: &findings.lists,
        fallback: root_path(&document),
        owners: HashMap::new(),
        seen: HashSet::new(),
    };
    for found in &findings.pages {
        reader.page(found, out);
    }
}

fn unreadable(file: &TextFile<'_>, error: DevalueError) -> Item {
    let (record, message) = match error {
        DevalueError::Slot { slot, reason } => (Some(format!("slot {slot}")), reason),
        error => (None, error.to_string()),
    };
    Item::Problem(Problem {
        severity: Severity::Skipped,
        path: file.path.to_owned(),
        line: None,
        record,
        message,
    })
}

/// Returns the route that an inline payload was rendered for: the root says it.
fn root_path(document: &Document) -> Option<String> {
    let root = document.root();
    document.member(root, "serverRendered")?;
    let path = document.text(document.member(root, "path")?)?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    (path.starts_with('/') && path.len() > 1).then(|| path.trim_end_matches('/').to_owned())
}

struct Reader<'a> {
    file: &'a TextFile<'a>,
    document: &'a Document,
    plain: Plain<'a>,
    lists: &'a HashSet<Id>,
    /// The path for pages that neither have one nor stand under a key that names one.
    fallback: Option<String>,
    /// The page that has each path that no page names itself.
    owners: HashMap<String, Option<Id>>,
    /// What was read so far, by path and hash: data may hold the same page twice, as two objects.
    seen: HashSet<(String, u64)>,
}

impl Reader<'_> {
    fn page(&mut self, found: &Found, out: &mut Sink<'_>) {
        let mut fields = self.fields(found.page);
        let siblings = match found.neighbours {
            Some(around) => self.neighbours(around, &mut fields),
            None => Vec::new(),
        };
        let content = match &found.content {
            Content::Questions(questions) => Json::Array(
                questions
                    .iter()
                    .map(|question| self.plain.json(*question))
                    .collect(),
            ),
            Content::Body(body) => self.plain.json(*body),
        };
        let path = self.path(found, &mut fields);
        if let Some(cut) = self.plain.take_cut() {
            let why = match cut {
                Cut::Budget => "the payload is too large when its shared values are written out",
                Cut::Depth => "the payload nests too deeply",
            };
            let message = format!("parts of the page `{path}` were left out: {why}");
            out(self.file.problem(Severity::Skipped, None, message));
        }
        let context = PageContext {
            may_lack_answers: false,
            path: self.file.path,
            fallback_path: &path,
            format: Format::Nuxt,
            siblings,
            question_lines: Vec::new(),
        };
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        if !self.seen.insert((path.clone(), hasher.finish())) {
            return;
        }
        match content {
            Json::Array(questions) => page::read_page(&fields, &questions, &context, out),
            body => page::read_sections(&fields, content::sections(&body), &context, out),
        }
    }

    /// Returns what a page says of itself, without its questions and its body.
    fn fields(&mut self, page: Option<Id>) -> Map<String, Json> {
        let (document, lists) = (self.document, self.lists);
        let Some(page) = page else {
            return Map::new();
        };
        self.plain.members(page, |key, value| {
            !matches!(key, "body" | "excerpt") && !lists.contains(&document.unwrapped(value))
        })
    }

    /// Returns the siblings that stand beside a page; related pages go to its fields unless it has some.
    fn neighbours(
        &mut self,
        around: Id,
        fields: &mut Map<String, Json>,
    ) -> Vec<crate::entry::Link> {
        let mut beside = |name: &str| {
            let value = self.document.member(around, name)?;
            let is_page = matches!(self.document.get(value), Value::Object(_));
            (!is_page).then(|| self.plain.json(value))
        };
        let siblings = beside("siblings")
            .as_ref()
            .map(page::links)
            .unwrap_or_default();
        let has_related = fields
            .get("related")
            .is_some_and(|own| !page::links(own).is_empty());
        if !has_related && let Some(related) = beside("related") {
            fields.insert("related".to_owned(), related);
        }
        siblings
    }

    /// Returns a page's path. A page without one gets that of its data key or of the route, as its own if it is the
    /// only one there; else that of the file.
    fn path(&mut self, found: &Found, fields: &mut Map<String, Json>) -> String {
        if let Some(path) = ["path", "_path"]
            .iter()
            .find_map(|key| page::text(fields.get(*key)?))
        {
            return path;
        }
        let route = found.route.as_ref().or(self.fallback.as_ref()).cloned();
        let has_route = route.is_some();
        let path = route.unwrap_or_else(|| file_path(self.file.relative).to_owned());
        let owner = *self.owners.entry(path.clone()).or_insert(found.page);
        if owner != found.page {
            let title = ["slug", "title"]
                .iter()
                .find_map(|key| page::text(fields.get(*key)?));
            return match title {
                Some(title) => format!("{path}/{}", page::slug(&title)),
                None => path,
            };
        }
        if has_route {
            fields.insert("path".to_owned(), path.as_str().into());
        }
        path
    }
}

/// Returns a page's path by the place of its file: `a/b` for `a/b/_payload.json` and `a/b/index.html`.
fn file_path(relative: &str) -> &str {
    let (folder, name) = relative.rsplit_once('/').unwrap_or(("", relative));
    let path = match name {
        "_payload.json" | "index.html" => folder,
        name => match name.rfind('.') {
            Some(dot) if dot > 0 => &relative[..relative.len() - name.len() + dot],
            _ => relative,
        },
    };
    if path.is_empty() { "index" } else { path }
}
