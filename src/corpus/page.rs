//! Q&A pages: the fields that Nuxt payloads and front matter share, turned into entries.

use serde_json::{Map, Value};

use super::{Item, Problem, Severity, Sink};
use crate::body::{self, Block};
use crate::entry::{Answer, Difficulty, Entry, Format, Link, Page, Source, Topic};

/// What a page does not say of itself.
pub(crate) struct PageContext<'a> {
    /// The file, as it was named to the indexer.
    pub(crate) path: &'a str,
    /// The page's path when it has no `path` field: ids start with it.
    pub(crate) fallback_path: &'a str,
    /// The format the page was read from.
    pub(crate) format: Format,
    /// Whether questions without an answer are no oddity: collections have many.
    pub(crate) may_lack_answers: bool,
    /// The page's siblings, where the source lists them beside the page.
    pub(crate) siblings: Vec<Link>,
    /// The line of each question, by its place in `questions`; empty when the format has no lines.
    pub(crate) question_lines: Vec<u64>,
}

/// Turns a page's `questions` into entries, with the page's facts. A question that cannot be read is reported and
/// the next one goes on.
pub(crate) fn read_page(
    page: &Map<String, Value>,
    questions: &[Value],
    context: &PageContext<'_>,
    out: &mut Sink<'_>,
) {
    let facts = PageFacts::new(page, context);
    facts.warn_of_difficulty(context, out);
    let mut slugs = std::collections::HashMap::new();
    for (place, question) in questions.iter().enumerate() {
        let line = context.question_lines.get(place).copied();
        match facts.entry(question, line, context, &mut slugs) {
            Ok((entry, warnings)) => {
                for message in warnings {
                    let record = Some(entry.id.clone());
                    out(problem(Severity::Warning, context, line, record, message));
                }
                out(Item::Entry(Box::new(entry)));
            }
            Err(message) => {
                let record = Some(format!("question {} of `{}`", place + 1, facts.path));
                out(problem(Severity::Skipped, context, line, record, message));
            }
        }
    }
}

/// A part of a page that has no questions: what stands under one of its headings, or before the first.
#[derive(Debug, Default)]
pub(crate) struct Section {
    /// The heading's id on the page.
    pub(crate) id: Option<String>,
    /// The heading, one line of plain text; `None` for what stands before the first.
    pub(crate) heading: Option<String>,
    /// What stands under the heading.
    pub(crate) blocks: Vec<Block>,
}

/// Turns a page's sections into entries, with the page's facts: the heading is asked, what stands under it answers.
pub(crate) fn read_sections(
    page: &Map<String, Value>,
    sections: Vec<Section>,
    context: &PageContext<'_>,
    out: &mut Sink<'_>,
) {
    let facts = PageFacts::new(page, context);
    facts.warn_of_difficulty(context, out);
    let mut slugs = std::collections::HashMap::new();
    for section in sections {
        out(Item::Entry(Box::new(
            facts.section(section, context, &mut slugs),
        )));
    }
}

/// Returns whether a value is one of a page's questions: it has a question's text and an answer's.
pub(crate) fn is_question(value: &Value) -> bool {
    let Value::Object(fields) = value else {
        return false;
    };
    ["q", "question"]
        .iter()
        .any(|key| fields.get(*key).and_then(text).is_some())
        && ["a", "answer", "answers"]
            .iter()
            .any(|key| fields.get(*key).is_some_and(|value| !value.is_null()))
}

/// Returns the text of a scalar: strings as they are, numbers and booleans as JSON writes them, `None` for null,
/// blank text and containers.
pub(crate) fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// Returns whether a field is not there, null or blank.
pub(crate) fn missing(fields: &Map<String, Value>, key: &str) -> bool {
    fields.get(key).is_none_or(|value| match value {
        Value::String(text) => text.trim().is_empty(),
        other => other.is_null(),
    })
}

/// Returns links out of what sources write for them: paths, or objects with a path and a title.
pub(crate) fn links(value: &Value) -> Vec<Link> {
    let Value::Array(items) = value else {
        return Vec::new();
    };
    let link = |item: &Value| match item {
        Value::Object(fields) => {
            let field = |keys: &[&str]| keys.iter().find_map(|key| fields.get(*key).and_then(text));
            let path = field(&["path", "_path", "url", "to", "id", "slug"])?;
            Some(Link {
                path,
                title: field(&["title", "name", "subtopic"]).unwrap_or_default(),
                ..Link::default()
            })
        }
        scalar => text(scalar).map(|path| Link {
            path,
            ..Link::default()
        }),
    };
    items.iter().filter_map(link).collect()
}

/// Returns the tags in a list, or in a text that parts them with commas.
pub(crate) fn tags(value: &Value) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    let mut add = |tag: &str| {
        let tag = tag.trim();
        if !tag.is_empty() && !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    };
    match value {
        Value::Array(items) => items.iter().filter_map(text).for_each(|tag| add(&tag)),
        scalar => text(scalar)
            .iter()
            .for_each(|list| list.split(',').for_each(&mut add)),
    }
    tags
}

/// Returns a readable id for a title: lower-case words joined by hyphens, in any script; `question` when no letter or
/// digit is left.
pub(crate) fn slug(title: &str) -> String {
    let mut slug = String::with_capacity(title.len());
    for character in title.chars().flat_map(char::to_lowercase) {
        match character {
            // `C`, `C++` and `C#` get different ids, and none of them needs quoting in a shell.
            '+' => slug.push('p'),
            '#' => slug.push_str("sharp"),
            '_' => slug.push('_'),
            letter if letter.is_alphanumeric() => slug.push(letter),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "question".to_owned()
    } else {
        slug.to_owned()
    }
}

/// What a page says that holds for all of its questions.
struct PageFacts {
    path: String,
    /// Where the page is on its site, if it has a path of its own.
    url: Option<String>,
    difficulty: (Option<Difficulty>, Option<String>),
    topic: Option<Topic>,
    framework: Option<String>,
    tags: Vec<String>,
    created: Option<String>,
    updated: Option<String>,
    related: Vec<Link>,
    page: Page,
}

impl PageFacts {
    fn new(fields: &Map<String, Value>, context: &PageContext<'_>) -> Self {
        // Hugo and Zola keep fields of one's own under `extra` or `params`, Nuxt Content under `meta`.
        let find = |key: &str| {
            let nested = ["extra", "params", "meta"]
                .iter()
                .filter_map(|name| fields.get(*name)?.as_object()?.get(key));
            fields
                .get(key)
                .into_iter()
                .chain(nested)
                .find(|value| !value.is_null())
        };
        let field = |key: &str| find(key).and_then(text);
        let list = |key: &str| find(key).map(links).unwrap_or_default();
        let own_path = field("path").or_else(|| field("_path"));
        let path = own_path
            .clone()
            .unwrap_or_else(|| context.fallback_path.to_owned());
        let path = match path.trim_matches('/') {
            // A site's front page.
            "" => "index".to_owned(),
            path => path.to_owned(),
        };
        let siblings = if context.siblings.is_empty() {
            list("siblings")
        } else {
            context.siblings.clone()
        };
        PageFacts {
            topic: topic(&field, own_path.as_deref()),
            url: own_path
                .as_ref()
                .map(|path| format!("/{}", path.trim_matches('/'))),
            difficulty: difficulty(field("difficulty").or_else(|| field("level"))),
            framework: field("framework"),
            tags: find("tags").map(tags).unwrap_or_default(),
            created: field("created").or_else(|| field("date")),
            updated: field("updated").or_else(|| field("lastUpdated")),
            related: list("related"),
            page: Page {
                title: field("title").unwrap_or_else(|| path.clone()),
                path: own_path,
                description: field("description").or_else(|| field("seoDescription")),
                topic: field("topic"),
                subtopic: field("subtopic"),
                order: field("order").and_then(|order| order.trim().parse().ok()),
                siblings,
            },
            path,
        }
    }

    fn warn_of_difficulty(&self, context: &PageContext<'_>, out: &mut Sink<'_>) {
        if let (None, Some(word)) = &self.difficulty {
            out(problem(
                Severity::Warning,
                context,
                None,
                Some(self.path.clone()),
                unknown_difficulty(word),
            ));
        }
    }

    /// Returns the entry of a question and what looks wrong about it, or why it cannot be one.
    fn entry(
        &self,
        question: &Value,
        line: Option<u64>,
        context: &PageContext<'_>,
        slugs: &mut std::collections::HashMap<String, usize>,
    ) -> Result<(Entry, Vec<String>), String> {
        let Value::Object(fields) = question else {
            return Err("expected a question with the fields `q` and `a`".to_owned());
        };
        let field = |keys: &[&str]| keys.iter().find_map(|key| fields.get(*key).and_then(text));
        let asked = field(&["q", "question", "title"])
            .ok_or("expected the question's text in the field `q`")?;
        let (title, rest) = body::title_and_rest(&asked);
        if title.is_empty() {
            return Err("the question's text in the field `q` is empty".to_owned());
        }
        let mut warnings = Vec::new();
        let answers = answers(fields);
        let is_unanswered = answers.iter().all(|answer| answer.blocks.is_empty());
        if is_unanswered && !context.may_lack_answers {
            warnings
                .push("the question has no answer; expected its text in the field `a`".to_owned());
        }
        let mut difficulty = difficulty(field(&["difficulty", "level"]));
        if let (None, Some(word)) = &difficulty {
            warnings.push(unknown_difficulty(word));
        }
        if difficulty == (None, None) {
            difficulty = self.difficulty.clone();
        }
        let id = field(&["id", "slug"])
            .map(|id| id.trim().to_owned())
            .unwrap_or_else(|| unique_slug(&title, slugs));
        let mut tags = self.tags.clone();
        for tag in fields.get("tags").map(self::tags).unwrap_or_default() {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        let related = fields
            .get("related")
            .map(links)
            .filter(|links| !links.is_empty());
        let entry = Entry {
            id: format!("{}#{id}", self.path),
            url: self.url.as_ref().map(|url| format!("{url}#{id}")),
            title,
            question: rest,
            answers,
            difficulty: difficulty.0,
            difficulty_original: difficulty.1,
            topic: match &self.topic {
                Some(topic) => Some(topic.clone()),
                // A question of a collection stands under headings.
                None => field(&["topic"]).and_then(|topic| Topic::new(&topic)),
            },
            framework: self.framework.clone(),
            tags,
            score: fields
                .get("score")
                .and_then(text)
                .and_then(|score| score.trim().parse().ok()),
            created: field(&["created", "date"]).or_else(|| self.created.clone()),
            updated: field(&["updated"]).or_else(|| self.updated.clone()),
            page: Some(self.page.clone()),
            related: related.unwrap_or_else(|| self.related.clone()),
            source: Source {
                path: context.path.to_owned(),
                line,
                format: context.format,
            },
            ..Entry::default()
        };
        Ok((entry, warnings))
    }

    fn section(
        &self,
        section: Section,
        context: &PageContext<'_>,
        slugs: &mut std::collections::HashMap<String, usize>,
    ) -> Entry {
        let anchor = section.heading.as_deref().map(|heading| {
            let slug = || unique_slug(heading, slugs);
            format!("#{}", section.id.clone().unwrap_or_else(slug))
        });
        let anchor = anchor.unwrap_or_default();
        let title = match section.heading {
            Some(heading) if heading != self.page.title => {
                format!("{}: {heading}", self.page.title)
            }
            _ => self.page.title.clone(),
        };
        Entry {
            id: format!("{}{anchor}", self.path),
            url: self.url.as_ref().map(|url| format!("{url}{anchor}")),
            title,
            answers: vec![Answer {
                blocks: section.blocks,
                ..Answer::default()
            }],
            difficulty: self.difficulty.0,
            difficulty_original: self.difficulty.1.clone(),
            topic: self.topic.clone(),
            framework: self.framework.clone(),
            tags: self.tags.clone(),
            created: self.created.clone(),
            updated: self.updated.clone(),
            page: Some(self.page.clone()),
            related: self.related.clone(),
            source: Source {
                path: context.path.to_owned(),
                line: None,
                format: context.format,
            },
            ..Entry::default()
        }
    }
}

/// Returns a slug for a title that no other title of the page has. An id that the author wrote twice is the index's
/// business; two equal titles are ours.
fn unique_slug(title: &str, slugs: &mut std::collections::HashMap<String, usize>) -> String {
    let slug = slug(title);
    let times = slugs
        .entry(slug.clone())
        .and_modify(|times| *times += 1)
        .or_insert(1);
    if *times == 1 {
        slug
    } else {
        format!("{slug}-{times}")
    }
}

fn answers(fields: &Map<String, Value>) -> Vec<Answer> {
    if let Some(blocks) = ["a", "answer"]
        .iter()
        .find_map(|key| fields.get(*key).and_then(answer_blocks))
    {
        return vec![Answer {
            blocks,
            ..Answer::default()
        }];
    }
    let Some(Value::Array(answers)) = fields.get("answers") else {
        return Vec::new();
    };
    let answer = |value: &Value| match value {
        Value::Object(fields) => {
            let body = ["a", "answer", "body", "text"]
                .iter()
                .find_map(|key| fields.get(*key));
            let accepted = fields.get("accepted").or_else(|| fields.get("is_accepted"));
            Some(Answer {
                id: fields.get("id").and_then(text),
                blocks: body.and_then(answer_blocks)?,
                score: fields.get("score").and_then(Value::as_i64),
                accepted: accepted.and_then(Value::as_bool).unwrap_or_default(),
                ..Answer::default()
            })
        }
        other => answer_blocks(other).map(|blocks| Answer {
            blocks,
            ..Answer::default()
        }),
    };
    answers.iter().filter_map(answer).collect()
}

/// Returns the blocks of an answer: Markdown, a list of Markdown paragraphs, or a body that Nuxt Content has parsed.
fn answer_blocks(value: &Value) -> Option<Vec<Block>> {
    let blocks = match value {
        Value::Array(parts) => body::from_markdown(
            &parts
                .iter()
                .filter_map(text)
                .collect::<Vec<_>>()
                .join("\n\n"),
        ),
        Value::Object(_) => super::content::blocks(value)?,
        scalar => body::from_markdown(&text(scalar)?),
    };
    (!blocks.is_empty()).then_some(blocks)
}

fn difficulty(word: Option<String>) -> (Option<Difficulty>, Option<String>) {
    let Some(word) = word else {
        return (None, None);
    };
    let difficulty = Difficulty::from_any_scale(&word);
    let is_ours = difficulty.is_some_and(|difficulty| difficulty.as_str() == word.trim());
    (difficulty, (!is_ours).then_some(word))
}

fn unknown_difficulty(word: &str) -> String {
    format!(
        "the difficulty `{word}` is on no scale known here; expected `easy`, `medium` or `hard`"
    )
}

/// Returns the hierarchy a page stands in: its slugs where it names them, else its path, else its names.
fn topic(field: &dyn Fn(&str) -> Option<String>, path: Option<&str>) -> Option<Topic> {
    let last = path.and_then(|path| path.trim_matches('/').rsplit('/').next().map(str::to_owned));
    let subtopic = || {
        field("subtopicSlug")
            .or_else(|| last.clone())
            .or_else(|| field("subtopic").map(|name| slug(&name)))
    };
    if let (Some(framework), Some(topic)) = (field("frameworkSlug"), field("topicSlug")) {
        let steps = [Some(framework), Some(topic), subtopic()];
        return Topic::new(&steps.into_iter().flatten().collect::<Vec<_>>().join("/"));
    }
    if let Some(path) = path {
        return Topic::new(path);
    }
    let steps =
        ["framework", "topic", "subtopic"].map(|key| field(key).map(|name| name.replace('/', "-")));
    Topic::new(&steps.into_iter().flatten().collect::<Vec<_>>().join("/"))
}

fn problem(
    severity: Severity,
    context: &PageContext<'_>,
    line: Option<u64>,
    record: Option<String>,
    message: String,
) -> Item {
    Item::Problem(Problem {
        severity,
        path: context.path.to_owned(),
        line,
        record,
        message,
    })
}
