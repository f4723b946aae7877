//! The same entries in every format of corpora.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use qdex::Entry;
use qdex::body::{Block, ProseStyle};
use serde_json::{Value, json};

use crate::Result;

/// How many questions stand on a page.
const ON_A_PAGE: usize = 20;

/// The formats.
pub(crate) const FORMATS: [&str; 6] = [
    "JSONL",
    "BEIR",
    "Markdown",
    "front matter",
    "Nuxt",
    "Stack Exchange",
];

/// Writes entries into a folder in one of [`FORMATS`]; returns how many bytes that took.
pub(crate) fn write(dir: &Path, format: &str, entries: &[Entry]) -> Result<u64> {
    fs::create_dir_all(dir)?;
    let mut bytes = 0;
    let mut file = |name: String, text: String| -> Result<()> {
        bytes += text.len() as u64;
        Ok(fs::write(dir.join(name), text)?)
    };
    match format {
        "JSONL" => file(
            "corpus.jsonl".to_owned(),
            lines(entries, |entry| json!(entry)),
        )?,
        "BEIR" => {
            let record = |entry: &Entry| json!({"_id": entry.id, "title": entry.title, "text": markdown(entry)});
            file("corpus.jsonl".to_owned(), lines(entries, record))?;
        }
        "Stack Exchange" => file("Posts.xml".to_owned(), posts(entries))?,
        _ => {
            for (page, entries) in entries.chunks(ON_A_PAGE).enumerate() {
                match format {
                    // Titles are made of any words; what is marked as a question is one.
                    "Markdown" => file(format!("page-{page}.md"), headings(entries, "Q: "))?,
                    "front matter" => {
                        let mut text = "---\nquestions:\n".to_owned();
                        for (place, entry) in entries.iter().enumerate() {
                            let title = json!(entry.title);
                            writeln!(
                                text,
                                "  - id: q{place}\n    difficulty: medium\n    q: {title}"
                            )?;
                        }
                        text.push_str("---\n\n");
                        text.push_str(&headings(entries, ""));
                        file(format!("page-{page}.md"), text)?;
                    }
                    _ => {
                        fs::create_dir_all(dir.join(format!("page-{page}")))?;
                        file(format!("page-{page}/_payload.json"), payload(page, entries))?;
                    }
                }
            }
        }
    }
    Ok(bytes)
}

fn lines(entries: &[Entry], record: impl Fn(&Entry) -> Value) -> String {
    entries
        .iter()
        .map(|entry| format!("{}\n", record(entry)))
        .collect()
}

fn headings(entries: &[Entry], mark: &str) -> String {
    let section = |entry: &Entry| format!("## {mark}{}\n\n{}\n", entry.title, markdown(entry));
    entries.iter().map(section).collect()
}

fn markdown(entry: &Entry) -> String {
    let mut text = String::new();
    // A tag, a comment or a fence in running text would swallow what follows.
    let plain = |text: &str| {
        text.replace('<', "\\<")
            .replace("```", "` ` `")
            .replace("~~~", "~ ~ ~")
    };
    for block in entry.blocks() {
        let _ = match block {
            Block::Prose(prose) if matches!(prose.style, ProseStyle::Item { .. }) => {
                writeln!(text, "- {}\n", plain(&prose.text))
            }
            Block::Prose(prose) => writeln!(text, "{}\n", plain(&prose.text)),
            Block::Code(code) => writeln!(
                text,
                "```{}\n{}\n```\n",
                code.lang.as_deref().unwrap_or(""),
                code.text
            ),
        };
    }
    text
}

/// A page of questions as Nuxt has them: a list of values that name one another by their places.
fn payload(page: usize, entries: &[Entry]) -> String {
    let questions: Vec<Value> = (0..)
        .zip(entries)
        .map(|(place, entry): (usize, _)| json!({"id": format!("q{place}"), "difficulty": "medium", "q": entry.title, "a": markdown(entry)}))
        .collect();
    let page = json!({"title": "Page", "path": format!("/pages/{page}"), "questions": questions});
    let mut slots = Vec::new();
    slot(&json!({"data": {"page": page}}), &mut slots);
    Value::Array(slots).to_string()
}

fn slot(value: &Value, slots: &mut Vec<Value>) -> usize {
    let place = slots.len();
    slots.push(Value::Null);
    slots[place] = match value {
        Value::Array(values) => values.iter().map(|value| slot(value, slots)).collect(),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), slot(value, slots).into()));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    };
    place
}

/// The posts of a dump: a question and its answer each.
fn posts(entries: &[Entry]) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<posts>\n".to_owned();
    for (place, entry) in entries.iter().enumerate() {
        let (question, answer) = (2 * place + 1, 2 * place + 2);
        let title = escaped(&entry.title);
        let body = escaped(&html(entry));
        let _ = writeln!(
            xml,
            "  <row Id=\"{question}\" PostTypeId=\"1\" AcceptedAnswerId=\"{answer}\" CreationDate=\"2020-01-01T00:00:00.000\" Score=\"3\" Body=\"&lt;p&gt;{title}&lt;/p&gt;\" Title=\"{title}\" Tags=\"&lt;queue&gt;\" />\n  \
             <row Id=\"{answer}\" PostTypeId=\"2\" ParentId=\"{question}\" CreationDate=\"2020-01-01T00:00:00.000\" Score=\"5\" Body=\"{body}\" />"
        );
    }
    xml.push_str("</posts>\n");
    xml
}

fn html(entry: &Entry) -> String {
    let block = |block: &Block| match block {
        Block::Prose(prose) => format!("<p>{}</p>\n", escaped(&prose.text)),
        Block::Code(code) => format!("<pre><code>{}</code></pre>\n", escaped(&code.text)),
    };
    entry.blocks().map(block).collect()
}

fn escaped(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\n', "&#xA;")
}
