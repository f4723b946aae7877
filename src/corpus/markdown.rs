//! Markdown pages: questions out of front matter and headings.
//!
//! A page that lists its questions gives those; an answer that the list leaves out is the section of the body under the
//! question's heading. Without a list, the headings that ask something are the questions.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::beside::{self, Beside};
use super::collection::{self, Convention, Document};
use super::folds;
use super::front_matter::{self, FrontMatter};
use super::headings::{self, Heading};
use super::page::{self, PageContext, slug};
use super::{Outline, Severity, Sink, TextFile};
use crate::entry::Format;

/// Reads a Markdown file and returns how its questions were found.
pub(super) fn read(file: &TextFile<'_>, out: &mut Sink<'_>) -> Outline {
    let mut outline = Outline {
        path: file.path.to_owned(),
        ..Outline::default()
    };
    // Code blocks keep what they hold, and nobody wants carriage returns in there.
    let text = file.text.replace("\r\n", "\n");
    let page = match front_matter::split(&text) {
        Ok(page) => page,
        Err(broken) => {
            out(file.problem(Severity::Skipped, Some(broken.line), broken.message));
            return outline;
        }
    };
    let FrontMatter {
        mut fields,
        question_lines,
        body,
        body_line,
    } = page;
    let body = &*folds::unfolded(body);
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
    if let Some(beside) = file.beside {
        add_facts(&mut fields, &beside.facts);
    }
    let is_listed = listed.is_some();
    let found = match listed {
        Some(questions) if !questions.is_empty() => {
            outline.convention = Some("front matter".to_owned());
            Found {
                questions: answered(questions, body, &headings),
                lines: question_lines,
            }
        }
        Some(_) => Found::default(),
        None => collected(file, &fields, body, body_line, &headings, &mut outline, out),
    };
    let is_collection = outline.convention.is_some() && !is_listed;
    let fallback_path = page_path(file.relative);
    if page::missing(&fields, "title")
        && let Some(title) = headings.iter().find(|heading| heading.level == 1)
    {
        fields.insert("title".to_owned(), title.title.clone().into());
    }
    let found = if found.questions.is_empty() && file.options.sections {
        let title = fields.get("title").and_then(page::text);
        let title = title.unwrap_or_else(|| fallback_path.to_owned());
        outline.convention = Some("sections".to_owned());
        sections(&title, body, body_line, &headings)
    } else {
        found
    };
    let context = PageContext {
        path: file.path,
        fallback_path,
        format: Format::Markdown,
        may_lack_answers: is_collection,
        siblings: Vec::new(),
        question_lines: found.lines,
    };
    page::read_page(&fields, &found.questions, &context, out);
    outline
}

/// Adds the facts that stand beside a page to those that it does not have itself.
fn add_facts(fields: &mut Map<String, Value>, facts: &Map<String, Value>) {
    for (key, value) in facts {
        // `topics` is a list of names, and no place in a hierarchy.
        let key = if key == "topics" { "tags" } else { key };
        let is_known = [
            "title",
            "difficulty",
            "level",
            "tags",
            "framework",
            "created",
            "updated",
        ];
        if is_known.contains(&key) && page::missing(fields, key) {
            fields.insert(key.to_owned(), value.clone());
        }
    }
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

/// Returns the questions of a page that lists none.
fn collected(
    file: &TextFile<'_>,
    fields: &Map<String, Value>,
    body: &str,
    body_line: u64,
    headings: &[Heading<'_>],
    outline: &mut Outline,
    out: &mut Sink<'_>,
) -> Found {
    let title = fields.get("title").and_then(page::text);
    let choice = file.beside.and_then(|beside| beside.choice.clone());
    let choice = match choice {
        Some(Err(message)) => {
            out(file.problem(Severity::Warning, None, message));
            None
        }
        choice => choice.and_then(Result::ok),
    };
    let name = file.relative.rsplit('/').next().unwrap_or_default();
    let is_index = ["readme", "index"]
        .iter()
        .any(|index| name.to_lowercase().starts_with(index));
    let says_so = |beside: &Beside| beside.is_named_so || !beside.facts.is_empty();
    let heading = headings.iter().find(|heading| heading.level == 1);
    // The file and the folder that it stands in; further up are the names of whole collections.
    let mut names = file.relative.rsplit('/').take(2);
    let names_questions = names.any(collection::names_questions)
        || title.as_deref().is_some_and(collection::names_questions)
        || heading.is_some_and(|heading| collection::names_questions(&heading.title));
    let document = Document {
        body,
        body_line,
        headings,
        names_questions,
        title: title.unwrap_or_else(|| title_of_file(file.relative)),
        is_one_question: !is_index
            && (file.beside.is_some_and(says_so) || beside::code(Path::new(file.path)).is_some()),
        choice,
    };
    let Some(mut collection) = collection::find(&document) else {
        let left = |heading: &Heading<'_>| (heading.line, heading.title.clone(), "not a question");
        outline.left_over = headings.iter().map(left).collect();
        return Found::default();
    };
    outline.convention = Some(collection.convention.to_string());
    outline.left_over = std::mem::take(&mut collection.left_over);
    let mut found = Found::default();
    for mut question in collection.questions {
        if collection.convention == Convention::File
            && let Some((language, code)) = beside::code(Path::new(file.path))
        {
            // Longer than any fence in it.
            let fence = "`".repeat(3 + code.split(|c| c != '`').map(str::len).max().unwrap_or(0));
            question
                .asked
                .push_str(&format!("\n\n{fence}{language}\n{code}\n{fence}\n"));
        }
        let topic = (!question.sections.is_empty()).then(|| question.sections.join("/"));
        found.questions.push(json!({
            "q": question.asked,
            "a": question.answer,
            "id": question.id,
            "difficulty": question.difficulty,
            "topic": topic,
        }));
        found.lines.push(question.line);
    }
    found
}

/// Returns what a file's name says of its content: `032-or-pattern` is about an `or pattern`.
fn title_of_file(relative: &str) -> String {
    let (folder, name) = relative.rsplit_once('/').unwrap_or(("", relative));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_index = ["index", "readme"]
        .iter()
        .any(|index| stem.eq_ignore_ascii_case(index));
    let stem = match folder.rsplit('/').next() {
        Some(folder) if is_index => folder,
        _ => stem,
    };
    let stem = stem.trim_start_matches(|c: char| c.is_ascii_digit() || "-_. ".contains(c));
    match stem.contains(' ') {
        true => stem.to_owned(),
        false => stem.replace(['-', '_'], " "),
    }
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
            let file = TextFile {
                path: "page.md",
                relative: "page.md",
                text: body,
                options: &Default::default(),
                beside: None,
            };
            let headings = headings::headings(body, 11);
            let found = collected(
                &file,
                &Map::new(),
                body,
                11,
                &headings,
                &mut Outline::default(),
                &mut |_| (),
            );
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
