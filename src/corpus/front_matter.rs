//! Front matter: the fields before a Markdown page's body, in YAML (`---`), TOML (`+++`) or JSON (`{ … }`).

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use super::records;
use super::text::LineCounter;
use super::yaml;

/// A Markdown file, taken apart.
pub(super) struct FrontMatter<'a> {
    /// The fields; empty without front matter.
    pub(super) fields: Map<String, Value>,
    /// The line of each item of `questions`, counted from 1 in the file.
    pub(super) question_lines: Vec<u64>,
    /// What follows the front matter.
    pub(super) body: &'a str,
    /// The line of the body's first byte.
    pub(super) body_line: u64,
}

/// Front matter that cannot be read.
#[derive(Debug)]
pub(super) struct Broken {
    /// The line, counted from 1.
    pub(super) line: u64,
    /// What is wrong, and what to do.
    pub(super) message: String,
}

/// Returns the fields and the body of a Markdown file. A text that only looks as if it had front matter, such as one
/// that begins with a rule or a template tag, is all body.
pub(super) fn split(text: &str) -> Result<FrontMatter<'_>, Broken> {
    if starts_like_json(text) {
        return split_json(text);
    }
    let (fence, rest) = line_of(text);
    match fence {
        "---" => split_fenced(text, rest, &["---", "..."], read_yaml),
        "+++" => split_fenced(text, rest, &["+++"], read_toml),
        _ => Ok(all_body(text)),
    }
}

/// Returns whether a text begins like front matter. Cheap.
pub(super) fn starts_like_front_matter(text: &str) -> bool {
    let (fence, rest) = line_of(text);
    matches!(fence, "---" | "+++") && starts_like_fields(rest)
}

type Fields = (Map<String, Value>, Vec<u64>);

fn split_fenced<'a>(
    text: &'a str,
    inner: &'a str,
    closing: &[&str],
    read: fn(&str) -> Result<Option<Fields>, Broken>,
) -> Result<FrontMatter<'a>, Broken> {
    let mut rest = inner;
    let mut line = 1;
    let body = loop {
        if rest.is_empty() {
            if !starts_like_fields(inner) {
                return Ok(all_body(text));
            }
            return Err(Broken {
                line: 1,
                message: format!(
                    "the front matter never ends; close it with a line of `{}`",
                    closing[0]
                ),
            });
        }
        line += 1;
        let (content, next) = line_of(rest);
        if closing.contains(&content) {
            break next;
        }
        rest = next;
    };
    let front_matter = &inner[..inner.len() - rest.len()];
    let fields = match read(front_matter) {
        Ok(fields) => fields,
        // Prose between two rules is seldom valid YAML.
        Err(_) if !starts_like_fields(front_matter) => None,
        Err(broken) => {
            return Err(Broken {
                line: broken.line + 1,
                message: broken.message,
            });
        }
    };
    let Some((fields, question_lines)) = fields else {
        return Ok(all_body(text));
    };
    Ok(FrontMatter {
        fields,
        question_lines: question_lines.iter().map(|line| line + 1).collect(),
        body,
        body_line: line + 1,
    })
}

fn all_body(text: &str) -> FrontMatter<'_> {
    FrontMatter {
        fields: Map::new(),
        question_lines: Vec::new(),
        body: text,
        body_line: 1,
    }
}

/// Returns the first line without trailing blanks, and what follows its line break.
fn line_of(text: &str) -> (&str, &str) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    (line.trim_end(), rest)
}

/// Returns whether a text begins with a field, as `key: value` or `key = value`, or with a mapping in braces.
fn starts_like_fields(text: &str) -> bool {
    let first = text
        .lines()
        .take_while(|line| !line.trim().is_empty())
        .find(|line| !line.starts_with('#'));
    let Some(line) = first else {
        return false;
    };
    if line.starts_with(['{', '[']) {
        return true;
    }
    let is_key = |key: &str| {
        let key = key.trim_end().trim_matches(['"', '\'']);
        let is_key_char = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '$' | '@');
        !key.is_empty() && key.chars().all(is_key_char)
    };
    line.split_once([':', '='])
        .is_some_and(|(key, _)| is_key(key))
}

fn read_yaml(text: &str) -> Result<Option<Fields>, Broken> {
    let document = yaml::parse(text)?;
    Ok(match document.value {
        Value::Object(fields) => Some((fields, document.question_lines)),
        Value::Null => Some((Map::new(), Vec::new())),
        _ => None,
    })
}

fn read_toml(text: &str) -> Result<Option<Fields>, Broken> {
    let table = DeTable::parse(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        Broken {
            line: LineCounter::new(text, 1).line_at(start),
            message: format!("the TOML front matter is broken: {}", error.message()),
        }
    })?;
    let table = table.get_ref();
    let questions = table.get("questions").map(|list| list.get_ref());
    let mut lines = LineCounter::new(text, 1);
    let lines = match questions {
        Some(DeValue::Array(items)) => items
            .iter()
            .map(|item| lines.line_at(item.span().start))
            .collect(),
        _ => Vec::new(),
    };
    Ok(Some((fields_of_toml(table), lines)))
}

fn fields_of_toml(table: &DeTable<'_>) -> Map<String, Value> {
    let field = |(key, value): (&toml::Spanned<_>, &toml::Spanned<_>)| {
        let key: &std::borrow::Cow<'_, str> = key.get_ref();
        (key.clone().into_owned(), value_of_toml(value.get_ref()))
    };
    table.iter().map(field).collect()
}

/// Returns a TOML value as JSON. What JSON would write in another way, such as `1.10`, stays text.
fn value_of_toml(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.clone().into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::String(number.to_string()), Value::from),
        DeValue::Float(number) => Value::String(number.to_string()),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Array(items) => items
            .iter()
            .map(|item| value_of_toml(item.get_ref()))
            .collect(),
        DeValue::Table(table) => Value::Object(fields_of_toml(table)),
    }
}

/// Returns whether a text begins with a JSON object, and not with `{{ template }}` or `{% tag %}`.
fn starts_like_json(text: &str) -> bool {
    text.strip_prefix('{')
        .is_some_and(|rest| rest.trim_start().starts_with(['"', '}']))
}

fn split_json(text: &str) -> Result<FrontMatter<'_>, Broken> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Map<String, Value>>();
    let fields = match values.next() {
        Some(Ok(fields)) => fields,
        Some(Err(error)) => {
            return Err(Broken {
                line: error.line() as u64,
                message: format!(
                    "the JSON front matter is broken at column {}: {}",
                    error.column(),
                    records::reason(&error)
                ),
            });
        }
        None => return Ok(all_body(text)),
    };
    let end = values.byte_offset();
    let (rest_of_line, body) = line_of(&text[end..]);
    if !rest_of_line.is_empty() {
        return Ok(all_body(text));
    }
    Ok(FrontMatter {
        fields,
        question_lines: question_lines_of_json(&text[..end]),
        body,
        body_line: LineCounter::new(text, 1).line_at(text.len() - body.len()),
    })
}

fn question_lines_of_json(text: &str) -> Vec<u64> {
    #[derive(Deserialize)]
    struct Questions<'a> {
        #[serde(borrow)]
        questions: Vec<&'a RawValue>,
    }
    let Ok(page) = serde_json::from_str::<Questions<'_>>(text) else {
        return Vec::new();
    };
    let mut lines = LineCounter::new(text, 1);
    page.questions
        .iter()
        .map(|question| lines.line_at(records::offset_in(text, question)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(text: &str, fields: Value, body: &str, body_line: u64) {
        let page = split(text).unwrap_or_else(|broken| panic!("{text}: {broken:?}"));
        assert_eq!(Value::Object(page.fields), fields, "{text}");
        assert_eq!((page.body, page.body_line), (body, body_line), "{text}");
    }

    #[test]
    fn fields_end_where_the_body_begins() {
        let a = json!({"a": 1});
        for (text, fields, body, line) in [
            ("---\na: 1\n---\nb\n", &a, "b\n", 4),
            ("---  \na: 1\n---\t\nb", &a, "b", 4),
            ("---\na: 1\n...\nb", &a, "b", 4),
            ("---\na: 1\n---", &a, "", 4),
            ("---\n{\n\"a\": 1\n}\n---\nb", &a, "b", 6),
            (
                "---\n# c\n\na: 1\n---\n---\nb: 2\n---\n",
                &a,
                "---\nb: 2\n---\n",
                6,
            ),
            ("+++\na = 1\n+++\nb", &a, "b", 4),
            ("{\n\"a\": 1\n}\n\nb", &a, "\nb", 4),
            ("{\"a\": 1}", &a, "", 1),
            ("---\n---\n\nb", &json!({}), "\nb", 3),
            ("---\n# only a comment\n---\nb", &json!({}), "b", 4),
            ("", &json!({}), "", 1),
        ] {
            check(text, fields.clone(), body, line);
        }
    }

    #[test]
    fn a_text_that_only_looks_like_front_matter_is_body() {
        for text in [
            "# a\n\n---\nb: 1\n---\n",
            "\n---\na: 1\n---\n",
            "----\na: 1\n----\n",
            " ---\na: 1\n---\n",
            "---\n",
            "---\n\nProse after a rule.\n",
            "---\nSome prose: after *a* rule.\n\nMore: of: it\n",
            "---\nProse between rules\n---\nb",
            "---\n**Note**: see: there\n---\nb",
            "---\n- a\n- b\n---\n",
            "{% include x %}\n",
            "{{< x >}}\n",
            "{a} b",
            "{\"a\": 1} b\n",
        ] {
            check(text, json!({}), text, 1);
        }
    }

    #[test]
    fn broken_front_matter_tells_the_line_in_the_file() {
        for (text, line, message) in [
            (
                "---\na: 1\n\n# b\n",
                1,
                "never ends; close it with a line of `---`",
            ),
            (
                "+++\na = 1\n",
                1,
                "never ends; close it with a line of `+++`",
            ),
            (
                "---\na: 1\nb: c: d\n---\n",
                3,
                "mapping values are not allowed",
            ),
            (
                "---\na: 1\na: 2\n---\n",
                3,
                "the key `a` stands there twice",
            ),
            (
                "+++\na = 1\nb = x\n+++\n",
                3,
                "the TOML front matter is broken",
            ),
            (
                "{\n\"a\": 1,\n}\nb",
                3,
                "the JSON front matter is broken at column 1",
            ),
        ] {
            let Err(broken) = split(text) else {
                panic!("{text}")
            };
            assert!(broken.message.contains(message), "{}", broken.message);
            assert_eq!(broken.line, line, "{text}");
        }
    }

    #[test]
    fn questions_have_lines_in_every_syntax() {
        for text in [
            "---\na: 1\nquestions:\n  - q: x\n\n  - q: y\n---\n",
            "+++\na = 1\n\n[[questions]]\nq = 'x'\n[[questions]]\nq = 'y'\n+++\n",
            "{\"a\": 1,\n\"questions\":\n[\n{\"q\":\n\"x\"},\n{\"q\": \"y\"}]}\n",
        ] {
            let page = split(text).unwrap_or_else(|broken| panic!("{text}: {broken:?}"));
            assert_eq!(page.question_lines, [4, 6], "{text}");
            assert_eq!(page.fields["questions"], json!([{"q": "x"}, {"q": "y"}]));
        }
    }

    #[test]
    fn toml_keeps_what_json_would_rewrite() {
        check(
            "+++\na = 1_000\nb = 1.10\nc = 2026-06-18T10:00:00Z\nd = 2026-06-18\ne = true\nf = 'C:\\x'\ng = 0x1f\n\
             [extra]\nh = [\"i\"]\n+++\n",
            json!({"a": 1000, "b": "1.10", "c": "2026-06-18T10:00:00Z", "d": "2026-06-18", "e": true, "f": "C:\\x",
                   "g": 31, "extra": {"h": ["i"]}}),
            "",
            12,
        );
    }
}
