//! Records of JSON and JSONL files: our own schema, which is serde's form of an [`Entry`], and BEIR's.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Item, Problem, Severity, page};
use crate::body::{self, Block};
use crate::entry::{Answer, Difficulty, Entry, Format, Source, Topic};

/// Longest title that is taken from a text, in characters.
const MAX_TITLE_CHARS: usize = 120;

/// What the fields of a record say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Schema {
    /// Our own: `id` and `title`.
    Own,
    /// BEIR's: `_id` and `text`.
    Beir,
}

/// Where a record stands.
pub(super) struct Place<'a> {
    /// The file, as it was named to the indexer.
    pub(super) path: &'a str,
    /// The line of the record's first byte.
    pub(super) line: u64,
    /// The format of records in our own schema: [`Format::Json`] or [`Format::Jsonl`].
    pub(super) format: Format,
}

/// Which of the fields that tell a schema a record has.
#[derive(Deserialize)]
struct Fields {
    id: Option<IgnoredAny>,
    title: Option<IgnoredAny>,
    #[serde(rename = "_id")]
    beir_id: Option<IgnoredAny>,
    text: Option<IgnoredAny>,
}

impl Fields {
    fn of(json: &str) -> Option<Self> {
        // serde reads structs from lists as well.
        let is_object = json.trim_start().starts_with('{');
        is_object.then(|| serde_json::from_str(json).ok())?
    }
}

/// Returns which schema a record has, or `None` for JSON that is no record.
pub(super) fn schema(json: &str) -> Option<Schema> {
    let fields = Fields::of(json)?;
    if fields.id.is_some() && fields.title.is_some() {
        Some(Schema::Own)
    } else if fields.beir_id.is_some() && fields.text.is_some() {
        Some(Schema::Beir)
    } else {
        None
    }
}

/// Returns the entry of a record, or what is wrong with it.
pub(super) fn read(json: &str, place: &Place<'_>) -> Item {
    let is_beir = |fields: Fields| fields.beir_id.is_some() && fields.id.is_none();
    let entry = if Fields::of(json).is_some_and(is_beir) {
        read_beir(json, place)
    } else {
        read_own(json, place)
    };
    match entry {
        Ok(entry) => Item::Entry(Box::new(entry)),
        Err(unread) => Item::Problem(Problem {
            severity: Severity::Skipped,
            path: place.path.to_owned(),
            line: Some(place.line + unread.lines_below),
            record: unread.record,
            message: unread.message,
        }),
    }
}

/// Returns what a JSON error says, without its position.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let mut reason = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    if let Some(length) = reason.strip_suffix(&position).map(str::len) {
        reason.truncate(length);
    }
    reason
}

/// Returns where a raw value, borrowed from a text, begins in it.
pub(super) fn offset_in(text: &str, value: &RawValue) -> usize {
    (value.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// A record that is no entry.
struct Unread {
    /// How many lines below its first one the trouble is.
    lines_below: u64,
    /// The record's id, where it has one.
    record: Option<String>,
    message: String,
}

fn read_own(json: &str, place: &Place<'_>) -> Result<Entry, Unread> {
    let mut entry: Entry = serde_json::from_str(json).map_err(|error| unread(json, &error))?;
    let blank = match (entry.id.trim(), entry.title.trim()) {
        ("", _) => Some("id"),
        (_, "") => Some("title"),
        _ => None,
    };
    if let Some(field) = blank {
        return Err(Unread {
            lines_below: 0,
            record: (field != "id").then_some(entry.id),
            message: format!("the field `{field}` is empty"),
        });
    }
    if entry.source.path.is_empty() {
        entry.source = source(place, place.format);
    }
    Ok(entry)
}

/// Tells why a record is no entry, with the field. Reads it once more, which only broken records cost.
fn unread(json: &str, error: &serde_json::Error) -> Unread {
    let lines_below = (error.line() as u64).saturating_sub(1);
    let Ok(value) = serde_json::from_str::<Value>(json) else {
        return Unread {
            lines_below,
            record: None,
            message: format!(
                "broken JSON at column {}: {}",
                error.column(),
                reason(error)
            ),
        };
    };
    if !value.is_object() {
        return Unread {
            lines_below: 0,
            record: None,
            message: "expected a JSON object with the fields `id` and `title`, or `_id` and `text`"
                .to_owned(),
        };
    }
    let deserializer = &mut serde_json::Deserializer::from_str(json);
    let path = match serde_path_to_error::deserialize::<_, Entry>(deserializer) {
        Err(error) => error.path().to_string(),
        Ok(_) => ".".to_owned(),
    };
    let reason = reason(error);
    Unread {
        lines_below,
        record: value.get("id").and_then(page::text),
        // The path of what misses a field is the record itself.
        message: if path == "." {
            reason
        } else {
            format!("field `{path}`: {reason}")
        },
    }
}

fn read_beir(json: &str, place: &Place<'_>) -> Result<Entry, Unread> {
    let record: Value = serde_json::from_str(json).map_err(|error| unread(json, &error))?;
    let field = |key: &str| record.get(key).and_then(page::text);
    let metadata = |key: &str| record.get("metadata")?.get(key);
    let fact = |key: &str| metadata(key).and_then(page::text);
    let missing = |field: &str| Unread {
        lines_below: 0,
        record: page::text(&record["_id"]),
        message: format!("expected a text in the field `{field}`"),
    };
    let id = field("_id").ok_or_else(|| missing("_id"))?;
    let text = record["text"].as_str().ok_or_else(|| missing("text"))?;
    let blocks = blocks(text, fact("lang").as_deref());
    let difficulty = fact("difficulty").or_else(|| fact("level"));
    let known = difficulty.as_deref().and_then(Difficulty::from_any_scale);
    Ok(Entry {
        title: field("title")
            .or_else(|| first_words(blocks.first().map_or(text, Block::text)))
            .unwrap_or_else(|| id.clone()),
        id,
        answers: match blocks.is_empty() {
            true => Vec::new(),
            false => vec![Answer {
                blocks,
                ..Answer::default()
            }],
        },
        difficulty_original: difficulty
            .filter(|word| known.is_none_or(|known| known.as_str() != word)),
        difficulty: known,
        topic: fact("topic").and_then(|path| Topic::new(&path)),
        framework: fact("framework"),
        tags: ["tags", "tag"]
            .iter()
            .find_map(|key| metadata(key))
            .map(page::tags)
            .unwrap_or_default(),
        score: metadata("score").and_then(Value::as_i64),
        created: fact("created"),
        url: fact("url").or_else(|| field("url")),
        source: source(place, Format::Beir),
        ..Entry::default()
    })
}

fn source(place: &Place<'_>, format: Format) -> Source {
    Source {
        path: place.path.to_owned(),
        line: Some(place.line),
        format,
    }
}

/// Programming languages that sets of functions name in `metadata.lang`; such a text is code. Any other word there
/// may be the language that people speak.
const CODE_LANGUAGES: [&str; 14] = [
    "bash",
    "c",
    "c++",
    "cpp",
    "csharp",
    "go",
    "java",
    "javascript",
    "kotlin",
    "php",
    "python",
    "ruby",
    "rust",
    "typescript",
];

/// Returns the blocks of a BEIR text. The layout does not say what a text is: a whole function, HTML, or (plain text
/// included) Markdown.
fn blocks(text: &str, lang: Option<&str>) -> Vec<Block> {
    let lang = lang.map(str::to_lowercase);
    match lang.filter(|lang| CODE_LANGUAGES.contains(&lang.as_str())) {
        Some(lang) if !text.contains("```") && !text.trim().is_empty() => {
            vec![Block::Code(body::Code {
                text: text.trim_matches('\n').to_owned(),
                lang: Some(lang),
            })]
        }
        _ if is_html(text) => body::from_html(text),
        _ => body::from_markdown(text),
    }
}

/// Returns whether a text is HTML from end to end: it starts with a block's tag and ends with a tag.
fn is_html(text: &str) -> bool {
    let text = text.trim();
    let Some(rest) = text.strip_prefix('<').filter(|_| text.ends_with('>')) else {
        return false;
    };
    let name = rest.split(|c: char| !c.is_ascii_alphanumeric()).next();
    name.is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        [
            "p",
            "pre",
            "ul",
            "ol",
            "div",
            "blockquote",
            "table",
            "h1",
            "h2",
            "h3",
            "h4",
        ]
        .contains(&name.as_str())
    })
}

/// Returns the first sentence of a text's first line, or as many of its words as a title holds.
fn first_words(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let sentence = line
        .match_indices(['.', '?', '!'])
        .map(|(at, mark)| at + mark.len())
        .find(|end| line[*end..].starts_with(char::is_whitespace))
        .map_or(line, |end| &line[..end]);
    if sentence.chars().count() <= MAX_TITLE_CHARS {
        return Some(sentence.to_owned());
    }
    // One character is left for the ellipsis.
    let (end, _) = sentence.char_indices().nth(MAX_TITLE_CHARS - 1)?;
    let cut = match sentence[..end].rfind(char::is_whitespace) {
        Some(word_end) if !sentence[end..].starts_with(char::is_whitespace) => word_end,
        _ => end,
    };
    Some(format!("{}…", sentence[..cut].trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_line(json: &str) -> Item {
        let place = Place {
            path: "x.jsonl",
            line: 10,
            format: Format::Jsonl,
        };
        read(json, &place)
    }

    fn entry(json: &str) -> Entry {
        match read_line(json) {
            Item::Entry(entry) => *entry,
            Item::Problem(problem) => panic!("{json}: {problem}"),
        }
    }

    #[test]
    fn records_that_fail_tell_line_field_and_reason() {
        for (json, problem) in [
            (
                "{\"id\": \"a\",\n\"title\": }",
                "x.jsonl:11: broken JSON at column 10: expected value",
            ),
            ("{}", "x.jsonl:10: missing field `id`"),
            (r#"{"id": "a"}"#, "x.jsonl:10: a: missing field `title`"),
            (
                r#"{"id": "", "title": "A"}"#,
                "x.jsonl:10: the field `id` is empty",
            ),
            (
                r#"{"id": "a", "title": " "}"#,
                "x.jsonl:10: a: the field `title` is empty",
            ),
            (
                r#"{"id": 5, "title": "A"}"#,
                "x.jsonl:10: 5: field `id`: invalid type: integer `5`, expected a string",
            ),
            (
                r#"{"id": "a", "title": "A", "answers": [{}, {"score": "many"}]}"#,
                "x.jsonl:10: a: field `answers[1].score`: invalid type: string \"many\", expected i64",
            ),
            (
                r#"{"id": "a", "title": "A", "topic": "/"}"#,
                "x.jsonl:10: a: field `topic`: a topic needs at least one step, like `/python`",
            ),
            (
                "7",
                "x.jsonl:10: expected a JSON object with the fields `id` and `title`, or `_id` and `text`",
            ),
            (
                r#"{"_id": "b", "title": "B"}"#,
                "x.jsonl:10: b: expected a text in the field `text`",
            ),
        ] {
            match read_line(json) {
                Item::Problem(found) => {
                    let found = found.to_string();
                    assert!(found.starts_with(problem), "{json}: {found}");
                }
                Item::Entry(entry) => panic!("{json}: {entry:?}"),
            }
        }
    }

    #[test]
    fn a_record_keeps_its_source() {
        let source = |json: &str| entry(json).source;
        let own = source(r#"{"id": "a", "title": "A", "unknown": [1]}"#);
        assert_eq!(
            (own.path.as_str(), own.line, own.format),
            ("x.jsonl", Some(10), Format::Jsonl)
        );
        let first = source(
            r#"{"id": "a", "title": "A", "source": {"path": "y.md", "line": 3, "format": "markdown"}}"#,
        );
        assert_eq!(
            (first.path.as_str(), first.line, first.format),
            ("y.md", Some(3), Format::Markdown)
        );
    }

    #[test]
    fn beir_records_bring_their_facts() {
        let entry = entry(
            r#"{"_id": 7, "title": "T", "text": "x", "metadata": {"tags": ["a", "b"], "topic": "A/B", "score": 3,
                "level": "Senior", "url": "https://example.org/7", "created": "2020-01-02"}}"#,
        );
        assert_eq!((entry.id.as_str(), entry.title.as_str()), ("7", "T"));
        assert_eq!(entry.tags, ["a", "b"]);
        assert_eq!(entry.topic.as_ref().map(Topic::as_str), Some("/a/b"));
        assert_eq!(entry.score, Some(3));
        assert_eq!(entry.difficulty, Some(Difficulty::Hard));
        assert_eq!(entry.difficulty_original.as_deref(), Some("Senior"));
        assert_eq!(entry.url.as_deref(), Some("https://example.org/7"));
        assert_eq!(entry.source.format, Format::Beir);
    }

    #[test]
    fn a_text_without_a_title_is_named_after_its_first_words() {
        let long = "abcdefghi ".repeat(20);
        let cut = format!("{}…", "abcdefghi ".repeat(12).trim_end());
        let unbroken = "é".repeat(200);
        let cut_unbroken = format!("{}…", "é".repeat(119));
        for (text, title) in [
            ("One. Two.", Some("One.")),
            ("\n  Use v1.2 or f(x)? Yes.", Some("Use v1.2 or f(x)?")),
            ("one line\nand another", Some("one line")),
            (&long, Some(cut.as_str())),
            (&unbroken, Some(&cut_unbroken)),
            ("  \n", None),
        ] {
            let words = first_words(text);
            assert_eq!(words.as_deref(), title);
            assert!(words.is_none_or(|words| words.chars().count() <= MAX_TITLE_CHARS));
        }
        assert_eq!(entry(r#"{"_id": "a", "title": "", "text": ""}"#).title, "a");
    }

    #[test]
    fn texts_of_functions_are_code_and_html_is_known() {
        let blocks = blocks("def f():\n    return __x__\n", Some("Python"));
        assert_eq!(
            blocks,
            [Block::Code(body::Code {
                text: "def f():\n    return __x__".to_owned(),
                lang: Some("python".to_owned()),
            })]
        );
        for (text, expected) in [
            ("<p>a</p>\n\n<pre><code>b\n\nc</code></pre>\n", true),
            ("<H2>a</H2>", true),
            ("<p>a</p> and Markdown", false),
            ("<T> is a type <U>", false),
            ("a <b>c</b>", false),
            ("", false),
        ] {
            assert_eq!(is_html(text), expected, "{text}");
        }
    }
}
