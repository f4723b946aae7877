//! YAML as JSON values. Scalars keep their source text: `no` is a framework, `1.10` a version, `2026-06-18` a date.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Map, Value};

use super::front_matter::Broken;

/// Deepest nesting of lists and mappings; a page has four levels.
const MAX_DEPTH: usize = 64;

/// How much aliases may add to a document, counted by [`cost`]. Ten lines of nested aliases can stand for billions
/// of nodes; real front matter repeats a few tags.
const MAX_ALIAS_COST: usize = 1 << 20;

/// A document: its value, and the line of every item of its top-level list `questions`, counted from 1.
pub(super) struct Document {
    pub(super) value: Value,
    pub(super) question_lines: Vec<u64>,
}

/// Returns the first document of a YAML text.
///
/// Plain scalars become null, a boolean or a number only where JSON writes them the same way; all others stay text.
/// `<<` merges mappings, as YAML 1.1 has it.
pub(super) fn parse(text: &str) -> Result<Document, Broken> {
    let mut builder = Builder::default();
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| {
            let marker = error.marker();
            broken(marker.line(), marker.col(), &error.info())
        })?;
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        builder
            .add(event, &span)
            .map_err(|reason| broken(span.start.line(), span.start.col(), &reason))?;
    }
    Ok(Document {
        value: builder.root.unwrap_or_default(),
        question_lines: builder.question_lines,
    })
}

fn broken(line: usize, column: usize, reason: &str) -> Broken {
    Broken {
        line: line as u64,
        message: format!(
            "the YAML front matter is broken at column {}: {reason}",
            column + 1
        ),
    }
}

/// A list or a mapping whose end has not been seen.
struct Open {
    anchor: usize,
    container: Container,
}

enum Container {
    List(Vec<Value>),
    Mapping {
        fields: Map<String, Value>,
        key: Option<String>,
        merged: Vec<Value>,
    },
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Value>,
    anchors: HashMap<usize, Value>,
    alias_cost: usize,
    question_lines: Vec<u64>,
}

impl Builder {
    fn add(&mut self, event: Event<'_>, span: &Span) -> Result<(), String> {
        if event.is_node() && self.is_at_question() {
            self.question_lines.push(span.start.line() as u64);
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = style != ScalarStyle::Plain
                    || tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
                let value = if is_text {
                    Value::String(text.into_owned())
                } else {
                    plain(&text)
                };
                self.node(value, anchor)
            }
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned();
                let value = value.ok_or("an alias stands inside of what it repeats")?;
                self.spend(&value)?;
                self.node(value, 0)
            }
            Event::SequenceStart(_, anchor, _) => self.push(anchor, Container::List(Vec::new())),
            Event::MappingStart(_, anchor, _) => self.push(
                anchor,
                Container::Mapping {
                    fields: Map::new(),
                    key: None,
                    merged: Vec::new(),
                },
            ),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else {
                    return Ok(());
                };
                self.node(open.container.close(), open.anchor)
            }
            _ => Ok(()),
        }
    }

    /// Returns whether the next node is an item of the top-level list `questions`.
    fn is_at_question(&self) -> bool {
        let [page, list] = self.open.as_slice() else {
            return false;
        };
        matches!(list.container, Container::List(_))
            && matches!(&page.container, Container::Mapping { key: Some(key), .. } if key == "questions")
    }

    fn push(&mut self, anchor: usize, container: Container) -> Result<(), String> {
        if self.open.len() == MAX_DEPTH {
            return Err(format!(
                "lists and mappings nest deeper than {MAX_DEPTH} levels"
            ));
        }
        self.open.push(Open { anchor, container });
        Ok(())
    }

    fn node(&mut self, value: Value, anchor: usize) -> Result<(), String> {
        if anchor != 0 {
            self.spend(&value)?;
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(open) => open.container.add(value)?,
        }
        Ok(())
    }

    fn spend(&mut self, value: &Value) -> Result<(), String> {
        self.alias_cost += cost(value);
        if self.alias_cost > MAX_ALIAS_COST {
            return Err("its anchors and aliases repeat more than 1 MiB".to_owned());
        }
        Ok(())
    }
}

impl Container {
    fn add(&mut self, value: Value) -> Result<(), String> {
        match self {
            Container::List(items) => items.push(value),
            Container::Mapping {
                fields,
                key,
                merged,
            } => match key.take() {
                None => {
                    *key = Some(match value {
                        Value::String(text) => text,
                        other => other.to_string(),
                    });
                }
                Some(key) if key == "<<" => match value {
                    Value::Array(items) => merged.extend(items),
                    other => merged.push(other),
                },
                Some(key) if fields.contains_key(&key) => {
                    return Err(format!("the key `{key}` stands there twice"));
                }
                Some(key) => {
                    fields.insert(key, value);
                }
            },
        }
        Ok(())
    }

    fn close(self) -> Value {
        match self {
            Container::List(items) => Value::Array(items),
            Container::Mapping {
                mut fields, merged, ..
            } => {
                for other in merged {
                    if let Value::Object(other) = other {
                        for (key, value) in other {
                            fields.entry(key).or_insert(value);
                        }
                    }
                }
                Value::Object(fields)
            }
        }
    }
}

/// Returns the value of an unquoted scalar.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => Value::Number(number.into()),
        _ => Value::String(text.to_owned()),
    }
}

/// Returns about how many bytes a copy of the value takes.
fn cost(value: &Value) -> usize {
    let own = size_of::<Value>();
    own + match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(cost).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| own + key.len() + cost(value))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scalars_keep_their_source_text() {
        for (yaml, value) in [
            ("a: no", json!({"a": "no"})),
            ("a: NO", json!({"a": "NO"})),
            ("a: on", json!({"a": "on"})),
            ("a: 1.10", json!({"a": "1.10"})),
            ("a: 010", json!({"a": "010"})),
            ("a: 0x1f", json!({"a": "0x1f"})),
            ("a: 1e3", json!({"a": "1e3"})),
            ("a: 12:30:45", json!({"a": "12:30:45"})),
            ("a: 2026-06-18", json!({"a": "2026-06-18"})),
            ("a: .inf", json!({"a": ".inf"})),
            ("a: 7", json!({"a": 7})),
            ("a: -7", json!({"a": -7})),
            ("a: +7", json!({"a": "+7"})),
            (
                "a: 99999999999999999999",
                json!({"a": "99999999999999999999"}),
            ),
            ("a: true", json!({"a": true})),
            ("a: True", json!({"a": "True"})),
            ("a: ~", json!({"a": null})),
            ("a:", json!({"a": null})),
            ("a: 'null'", json!({"a": "null"})),
            ("a: !!str null", json!({"a": "null"})),
            ("a: ''", json!({"a": ""})),
            ("a: x#y # z", json!({"a": "x#y"})),
            (r#"a: "\u00e9\x41 \"q\"""#, json!({"a": "éA \"q\""})),
            (
                "[c++, \"c#\", f#, .net, 'it''s', null]",
                json!(["c++", "c#", "f#", ".net", "it's", null]),
            ),
            ("1: x", json!({"1": "x"})),
            ("? complex\n: value", json!({"complex": "value"})),
            ("just text", json!("just text")),
            ("", json!(null)),
            ("# a comment", json!(null)),
        ] {
            let document = parse(yaml).unwrap_or_else(|error| panic!("{yaml}: {}", error.message));
            assert_eq!(document.value, value, "{yaml}");
        }
    }

    #[test]
    fn block_scalars_chomp_and_indent_as_yaml_says() {
        for (yaml, text) in [
            ("a: |\n  x\n  y\n\nb: 1", "x\ny\n"),
            ("a: |-\n  x\n  y\n\nb: 1", "x\ny"),
            ("a: |+\n  x\n\n\nb: 1", "x\n\n\n"),
            ("a: |2\n    x\n  y\nb: 1", "  x\ny\n"),
            ("a: |-2\n    x\nb: 1", "  x"),
            ("a: >\n  x\n  y\n\n  z\nb: 1", "x y\nz\n"),
            ("a: >-\n  x\n  y\nb: 1", "x y"),
            ("a: >+\n  x\n\nb: 1", "x\n\n"),
            ("a: |\r\n  x\r\n  y\r\nb: 1\r\n", "x\ny\n"),
            ("a: x\n  y", "x y"),
            (
                "a: |\n  # not a comment\n  ---\nb: 1",
                "# not a comment\n---\n",
            ),
        ] {
            let document = parse(yaml).unwrap_or_else(|error| panic!("{yaml}: {}", error.message));
            assert_eq!(document.value["a"], json!(text), "{yaml}");
        }
    }

    #[test]
    fn aliases_and_merge_keys_repeat_values() {
        let document = parse("a: &x [1, 2]\nb: *x\nc: &y {p: 1, q: 2}\nd: {<<: *y, q: 3}")
            .unwrap_or_else(|error| panic!("{}", error.message));
        assert_eq!(document.value["b"], json!([1, 2]));
        assert_eq!(document.value["d"], json!({"p": 1, "q": 3}));
    }

    #[test]
    fn broken_yaml_tells_line_and_reason() {
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        let mut bomb = String::from("a0: &a0 [xxxxxxxxxxxxxxxx]\n");
        for level in 1..40 {
            let alias = format!("*a{}, ", level - 1);
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", alias.repeat(9)));
        }
        for (yaml, line, reason) in [
            ("a: 1\nb: c: d", 2, "mapping values are not allowed"),
            ("a: 1\na: 2", 2, "the key `a` stands there twice"),
            ("a: *nowhere", 1, "anchor"),
            ("x: 1\na: &a [*a]", 2, "alias"),
            (&deep, 1, "deeper than 64"),
            (&bomb, 5, "repeat more than 1 MiB"),
            ("a: \"never closed", 1, "quot"),
        ] {
            let Err(error) = parse(yaml) else {
                panic!("{yaml}")
            };
            assert!(error.message.contains(reason), "{yaml}: {}", error.message);
            assert_eq!(error.line, line, "{yaml}: {}", error.message);
        }
    }

    #[test]
    fn the_lines_of_questions_are_told() {
        let document = parse("q:\n  - 1\nquestions:\n  # first\n  - id: a\n    tags:\n      - x\n\n  -\n    id: b\n  - c\n")
            .unwrap_or_else(|error| panic!("{}", error.message));
        assert_eq!(document.question_lines, [5, 10, 11]);
    }
}
