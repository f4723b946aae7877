//! Records of JSON and JSONL files: which schema they have, and our own one, which is serde's form of an [`Entry`].

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Item, Problem, Severity, beir, page};
use crate::entry::{Entry, Format, Source};

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
        beir::read(json, place)
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
pub(super) struct Unread {
    /// How many lines below its first one the trouble is.
    pub(super) lines_below: u64,
    /// The record's id, where it has one.
    pub(super) record: Option<String>,
    /// What is wrong.
    pub(super) message: String,
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
pub(super) fn unread(json: &str, error: &serde_json::Error) -> Unread {
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

/// Returns the source of a record that names none itself.
pub(super) fn source(place: &Place<'_>, format: Format) -> Source {
    Source {
        path: place.path.to_owned(),
        line: Some(place.line),
        format,
    }
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
}
