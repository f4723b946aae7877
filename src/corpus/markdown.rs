//! Markdown pages: questions out of front matter and headings.
//!
//! A page that lists its questions gives those; an answer that the list leaves out is the section of the body under the
//! question's heading. Without a list, the headings that ask something are the questions.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::front_matter::{self, FrontMatter};
use super::headings::{self, Heading};
use super::page::{self, PageContext, slug};
use super::{Severity, Sink, TextFile};
use crate::entry::Format;

/// Reads a Markdown file.
pub(super) fn read(file: &TextFile<'_>, out: &mut Sink<'_>) {
    // Code blocks keep what they hold, and nobody wants carriage returns in there.
    let text = file.text.replace("\r\n", "\n");
    let page = match front_matter::split(&text) {
        Ok(page) => page,
        Err(broken) => {
            out(file.problem(Severity::Skipped, Some(broken.line), broken.message));
            return;
        }
    };
    let FrontMatter {
        mut fields,
        question_lines,
        body,
        body_line,
    } = page;
    let headings = headings::headings(body, body_line);
    let listed = match fields.remove("questions") {
        None | Some(Value::Null) => None,
        Some(Value::Array(questions)) => Some(questions),
        Some(_) => {
            let message = "expected a list in the field `questions`; it is ignored";
            out(file.problem(Severity::Warning, None, message));
            None
        }
    };
    let found = match listed {
        Some(questions) if !questions.is_empty() => Found {
            questions: answered(questions, body, &headings),
            lines: question_lines,
        },
        Some(_) => Found::default(),
        None => asked(body, &headings),
    };
    let fallback_path = page_path(file.relative);
    if page::missing(&fields, "title")
        && let Some(title) = headings.iter().find(|heading| heading.level == 1)
    {
        fields.insert("title".to_owned(), title.title.clone().into());
    }
    let found = if found.questions.is_empty() && file.options.sections {
        let title = fields.get("title").and_then(page::text);
        let title = title.unwrap_or_else(|| fallback_path.to_owned());
        sections(&title, body, body_line, &headings)
    } else {
        found
    };
    let context = PageContext {
        path: file.path,
        fallback_path,
        format: Format::Markdown,
        siblings: Vec::new(),
        question_lines: found.lines,
    };
    page::read_page(&fields, &found.questions, &context, out);
}

/// Returns whether a text without a telling name is a page: it has front matter, or a heading that asks something (with
/// `sections`, any heading).
pub(super) fn looks_like_page(text: &str, sections: bool) -> bool {
    front_matter::starts_like_front_matter(text)
        || headings::headings(text, 1)
            .iter()
            .any(|heading| sections || headings::is_question(&heading.title))
}

/// Returns the path of a page that names none: the file's, without its extension, and the folder's for an `index`.
fn page_path(relative: &str) -> &str {
    let (folder, name) = relative.rsplit_once('/').unwrap_or(("", relative));
    let stem = match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    };
    let is_index = ["index", "readme"]
        .iter()
        .any(|index| stem.eq_ignore_ascii_case(index));
    if is_index && !folder.is_empty() {
        folder
    } else {
        &relative[..relative.len() - name.len() + stem.len()]
    }
}

/// Questions in the form that pages have, with the line of each.
#[derive(Default)]
struct Found {
    questions: Vec<Value>,
    lines: Vec<u64>,
}

/// Fills in the answers that a page's list leaves to the page's body.
fn answered(mut questions: Vec<Value>, body: &str, headings: &[Heading<'_>]) -> Vec<Value> {
    let answerable: Vec<_> = headings.iter().map(Answerable::new).collect();
    for question in &mut questions {
        if let Some(text) = page::text(question) {
            *question = json!({ "q": text });
        }
        let Value::Object(fields) = question else {
            continue;
        };
        if !["a", "answer", "answers"]
            .iter()
            .all(|key| page::missing(fields, key))
        {
            continue;
        }
        let Some(place) = heading_of(fields, &answerable) else {
            continue;
        };
        let level = headings[place].level;
        let answer = headings::section(body, headings, place, |next| next.level <= level);
        fields.insert("a".to_owned(), answer.into());
    }
    questions
}

/// What a heading is found by.
struct Answerable<'a> {
    level: u8,
    /// Its text in lower case, with and without its number.
    titles: [String; 2],
    id: Option<&'a str>,
    slug: String,
}

impl<'a> Answerable<'a> {
    fn new(heading: &'a Heading<'_>) -> Self {
        let without_number = headings::plain(&headings::without_number(heading.markdown));
        Answerable {
            level: heading.level,
            titles: [&heading.title, &without_number].map(|title| title.to_lowercase()),
            id: heading.id.as_deref(),
            slug: slug(&heading.title),
        }
    }
}

/// Returns the place of the heading that answers a question: the same text or id, at the shallowest level; else one
/// whose slug is the question's id.
fn heading_of(question: &Map<String, Value>, headings: &[Answerable<'_>]) -> Option<usize> {
    let field = |keys: &[&str]| {
        keys.iter()
            .find_map(|key| question.get(*key).and_then(page::text))
    };
    let asked = field(&["q", "question", "title"]);
    let asked = asked.map(|text| headings::plain(&text).to_lowercase());
    let id = field(&["id", "slug"]);
    let id = id.as_deref().map(str::trim);
    let shallowest = |is_match: &dyn Fn(&Answerable<'_>) -> bool| {
        let places = (0..headings.len()).filter(|place| is_match(&headings[*place]));
        places.min_by_key(|place| headings[*place].level)
    };
    let is_same = |heading: &Answerable<'_>| {
        let has_title = |asked: &String| heading.titles.contains(asked);
        asked.as_ref().is_some_and(has_title) || (id.is_some() && heading.id == id)
    };
    shallowest(&is_same).or_else(|| shallowest(&|heading| id == Some(&heading.slug)))
}

/// Returns the headings that ask something, with the text up to the next of them or to the end of their section.
fn asked(body: &str, headings: &[Heading<'_>]) -> Found {
    let mut found = Found::default();
    for (place, heading) in headings.iter().enumerate() {
        if !headings::is_question(&heading.title) {
            continue;
        }
        let answer = headings::section(body, headings, place, |next| {
            next.level <= heading.level || headings::is_question(&next.title)
        });
        let asked = headings::without_number(heading.markdown);
        found
            .questions
            .push(json!({"q": one_line(&asked), "a": answer, "id": heading.id}));
        found.lines.push(heading.line);
    }
    found
}

/// Returns every heading with the text up to the next one, and the text before the first.
fn sections(title: &str, body: &str, body_line: u64, headings: &[Heading<'_>]) -> Found {
    let mut found = Found::default();
    let mut slugs: HashMap<String, usize> = HashMap::new();
    let mut add = |question: &str, id: String, text: &str, line| {
        if text.trim().is_empty() {
            return;
        }
        let times = slugs.entry(id.clone()).or_default();
        *times += 1;
        let id = match *times {
            1 => id,
            times => format!("{id}-{times}"),
        };
        found
            .questions
            .push(json!({"q": question, "a": text, "id": id}));
        found.lines.push(line);
    };
    add(
        title,
        slug(title),
        headings::before(body, headings),
        body_line,
    );
    for (place, heading) in headings.iter().enumerate() {
        let text = headings::section(body, headings, place, |_| true);
        let asked = if heading.title == title {
            title.to_owned()
        } else {
            format!("{title}: {}", one_line(heading.markdown))
        };
        let id = heading.id.clone().unwrap_or_else(|| slug(&heading.title));
        add(&asked, id, &text, heading.line);
    }
    found
}

/// Joins the lines of an underlined heading.
fn one_line(markdown: &str) -> String {
    markdown
        .lines()
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(found: &Found) -> Vec<(u64, &str, &str, &str)> {
        let rows = found.questions.iter().zip(&found.lines);
        rows.map(|(question, line)| {
            let field = |key: &str| question[key].as_str().unwrap_or_default().trim();
            (*line, field("id"), field("q"), field("a"))
        })
        .collect()
    }

    #[test]
    fn headings_that_ask_are_questions() {
        for (body, expected) in [
            (
                "# Page\n\n## What is X?\n\nX.\n",
                vec![(13, "", "What is X?", "X.")],
            ),
            (
                "## 1. *What* is `a`? ##\nA.\n### Detail\nMore.\n## Notes\nNo.\n",
                vec![(11, "", "*What* is `a`?", "A.\n### Detail\nMore.")],
            ),
            (
                "# Why?\nW.\n## How?\nH.\n## Else\nE.\n",
                vec![(11, "", "Why?", "W."), (13, "", "How?", "H.")],
            ),
            (
                "## 什么是 X？ {#x}\n答。\n",
                vec![(11, "x", "什么是 X？", "答。")],
            ),
            (
                "1. ### A?\n\n   a\n\n2. ### B?\n\n   b\n",
                vec![(11, "", "A?", "a"), (15, "", "B?", "b")],
            ),
            ("```\n# No?\n```\n<!--\n# No?\n-->\n\n> # No?\n", vec![]),
        ] {
            let found = asked(body, &headings::headings(body, 11));
            assert_eq!(rows(&found), expected, "{body}");
        }
    }

    #[test]
    fn listed_questions_are_answered_by_the_body() {
        let body = "# Page\n\n### What is  *a*?\n\ndeep\n\n## what is a? ##\n\nA.\n\n### Part\n\nB.\n\n\
                    ## 2. What is c? {#the-c}\n\nC.\n\n## Move semantics\n\nM.\n\n```\n## What is f?\n```\n";
        let headings = headings::headings(body, 1);
        for (question, answer) in [
            (json!({"q": "What is a?"}), json!("A.\n\n### Part\n\nB.")),
            (json!("What is a?"), json!("A.\n\n### Part\n\nB.")),
            (json!({"q": "What is `c`?"}), json!("C.")),
            (json!({"q": "Other", "id": "the-c"}), json!("C.")),
            (
                json!({"q": "Other", "id": "move-semantics"}),
                json!("M.\n\n```\n## What is f?\n```"),
            ),
            (json!({"q": "What is a?", "a": "own"}), json!("own")),
            (json!({"q": "What is f?"}), json!(null)),
        ] {
            let answered = answered(vec![question.clone()], body, &headings);
            let found = match &answered[0]["a"] {
                Value::String(text) => json!(text.trim()),
                other => other.clone(),
            };
            assert_eq!(found, answer, "{question}");
        }
    }

    #[test]
    fn sections_are_named_after_page_and_heading() {
        let body = "Before.\n\n# Page\n\nTop.\n\n## Empty\n\n### Use\n\n1\n\n## Use {#u}\n\n2\n\n## Use\n\n3\n";
        let found = sections("Page", body, 4, &headings::headings(body, 4));
        assert_eq!(
            rows(&found),
            [
                (4, "page", "Page", "Before."),
                (6, "page-2", "Page", "Top."),
                (12, "use", "Page: Use", "1"),
                (16, "u", "Page: Use", "2"),
                (20, "use-2", "Page: Use", "3"),
            ]
        );
    }

    #[test]
    fn a_page_is_named_after_its_file_or_folder() {
        for (relative, path) in [
            ("git/amend.md", "git/amend"),
            ("git/index.md", "git"),
            ("git/README.md", "git"),
            ("a/b/Readme.markdown", "a/b"),
            ("index.md", "index"),
            ("v1.2/notes.v3.md", "v1.2/notes.v3"),
            ("a/.md", "a/.md"),
        ] {
            assert_eq!(page_path(relative), path, "{relative}");
        }
    }
}
