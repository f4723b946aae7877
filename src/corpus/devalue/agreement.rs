//! For tests: whether a document is what an expectation in JSON says. What JSON cannot say is written as an object with
//! the key `$`: `{"$": "undefined"}`, `{"$": "Map", "entries": [[…, …]]}`, `{"$": "cycle", "to": "/a"}`, ….

use serde_json::{Map, Value as Json};

use super::{Document, Element, Id, Value, binary, date};

/// Compares a document with expectations. Follows the expectation, so that a document of few values and many paths
/// costs no more than what is expected of it.
pub(super) struct Agreement<'d> {
    document: &'d Document,
    /// Whether wrappers and undefined members are to be seen; wrappers as `{"$": "custom", "tag": …, "value": …}`.
    shows_wrappers: bool,
    /// The containers around the value at hand, with their paths in the expectation and in the value.
    around: Vec<(Id, [String; 2])>,
}

/// Returns whether a document is what an expectation says.
pub(super) fn agrees(document: &Document, expected: &Json, shows_wrappers: bool) -> bool {
    let mut agreement = Agreement {
        document,
        shows_wrappers,
        around: Vec::new(),
    };
    agreement.value(document.root(), expected, [String::new(), String::new()])
}

/// Returns the value that a path like `/a/0/buffer` leads to.
pub(super) fn at(document: &Document, path: &str) -> Option<Id> {
    path.split('/')
        .skip(1)
        .try_fold(document.root(), |id, step| {
            let place = step.parse::<usize>();
            match document.raw(id) {
                Value::Object(_) | Value::NullObject(_) => document.member(id, step),
                Value::Array(elements) => elements.get(place.ok()?).copied(),
                Value::View { buffer, .. } => Some(*buffer),
                Value::Wrapped { value, .. } => Some(*value),
                _ => None,
            }
        })
}

impl Agreement<'_> {
    fn value(&mut self, mut id: Id, expected: &Json, paths: [String; 2]) -> bool {
        if !self.shows_wrappers
            && let Value::Wrapped { innermost, .. } = self.document.raw(id)
        {
            id = *innermost;
        }
        let document = self.document;
        let kind = expected.get("$").and_then(Json::as_str);
        if let Some((_, names)) = self.around.iter().find(|(around, _)| *around == id) {
            let to = expected.get("to").and_then(Json::as_str);
            return kind == Some("cycle")
                && to.is_some_and(|to| names.iter().any(|name| name == to));
        }
        self.around.push((id, paths));
        let agrees = match (document.raw(id), kind) {
            (value, Some(kind)) => self.marked(value, kind, expected),
            (Value::Null, None) => expected.is_null(),
            (Value::Bool(flag), None) => expected.as_bool() == Some(*flag),
            (Value::String(text), None) => expected.as_str() == Some(text),
            (Value::Number(number), None) => {
                let is_negative_zero = *number == 0.0 && number.is_sign_negative();
                !is_negative_zero && expected.as_f64().is_some_and(|other| same(*number, other))
            }
            (Value::Array(elements), None) => self.list(elements.iter().copied(), expected, ""),
            (Value::Sparse { length, elements }, None) => {
                let mut set = elements.iter().copied().peekable();
                // The hole has a constant id.
                let hole = super::revive::HOLE;
                let all = (0..*length).map(|place| {
                    let element = set.next_if(|(at, _)| *at == place);
                    element.map_or(hole, |(_, id)| id)
                });
                let fits = expected
                    .as_array()
                    .is_some_and(|list| list.len() == *length as usize);
                fits && self.list(all.collect::<Vec<_>>().into_iter(), expected, "")
            }
            (Value::Object(members), None) => match expected {
                Json::Object(expected) => self.object(members, expected),
                _ => false,
            },
            _ => false,
        };
        self.around.pop();
        agrees
    }

    fn marked(&mut self, value: &Value, kind: &str, expected: &Json) -> bool {
        let field = |name: &str| expected.get(name).unwrap_or(&Json::Null);
        let text = |name: &str| field(name).as_str();
        let number = |name: &str| field(name).as_u64().map(|number| number as usize);
        match (value, kind) {
            (Value::Undefined, "undefined") | (Value::Hole, "hole") => true,
            (Value::Number(number), _) => match kind {
                "NaN" => number.is_nan(),
                "Infinity" => *number == f64::INFINITY,
                "-Infinity" => *number == f64::NEG_INFINITY,
                "-0" => *number == 0.0 && number.is_sign_negative(),
                _ => false,
            },
            (Value::BigInt(decimal), "bigint") => text("value") == Some(decimal),
            (Value::String(lossy), "string-utf16") => text("lossy") == Some(lossy),
            (Value::Date(date), "Date") => text("value") == date.map(date::to_iso).as_deref(),
            (Value::RegExp { source, flags }, "RegExp") => {
                text("source") == Some(source) && text("flags") == Some(flags)
            }
            (Value::Text { tag, text: own }, kind) => tag == kind && text("value") == Some(own),
            (Value::Map(entries), "Map") => self.pairs(entries, field("entries")),
            (Value::Set(values), "Set") => {
                self.list(values.iter().copied(), field("values"), "/values")
            }
            (Value::Boxed(primitive), "boxed") => {
                self.child(*primitive, field("value"), "value", "")
            }
            (Value::NullObject(members), "null-proto") | (Value::Object(members), "object") => {
                let entries = field("entries").as_array().into_iter().flatten();
                let entries: Option<Map<String, Json>> = entries
                    .map(|entry| Some((entry.get(0)?.as_str()?.to_owned(), entry.get(1)?.clone())))
                    .collect();
                entries.is_some_and(|entries| self.object(members, &entries))
            }
            (Value::Sparse { length, elements }, "sparse") => {
                let entries = field("entries")
                    .as_array()
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                number("length") == Some(*length as usize)
                    && entries.len() == elements.len()
                    && elements.iter().zip(entries).all(|((place, id), entry)| {
                        entry[0].as_u64() == Some(u64::from(*place))
                            && self.child(*id, &entry[1], &place.to_string(), "")
                    })
            }
            (Value::Buffer(bytes), "ArrayBuffer") => {
                text("base64").and_then(binary::from_base64).as_ref() == Some(bytes)
            }
            (
                Value::View {
                    element,
                    buffer,
                    start_byte,
                    length,
                },
                kind,
            ) => {
                let length_name = match element {
                    Element::Untyped => "byteLength",
                    _ => "length",
                };
                Element::of_view(kind) == Some(*element)
                    && number("byteOffset") == Some(*start_byte)
                    && number(length_name) == Some(*length)
                    && self.child(*buffer, field("buffer"), "buffer", "buffer")
                    && self.elements(value, field("values"))
            }
            (Value::Wrapped { tag, value, .. }, "custom") => {
                let mut expected = field("value").clone();
                // Nuxt's reviver of islands adds the member when there is none.
                if tag == "Island" && self.document.member(*value, "html").is_none() {
                    let html = expected
                        .as_object_mut()
                        .and_then(|island| island.remove("html"));
                    if html != Some(Json::from("")) {
                        return false;
                    }
                }
                text("tag") == Some(tag) && self.child(*value, &expected, "value", "")
            }
            (_, "chain") => self.chain(expected),
            _ => false,
        }
    }

    /// Compares objects nested in each other, by one key: `depth` of them and what is in the last.
    fn chain(&mut self, expected: &Json) -> bool {
        let (Some((top, _)), Some(key)) = (self.around.last(), expected["key"].as_str()) else {
            return false;
        };
        let depth = expected["depth"].as_u64().unwrap_or_default();
        let leaf = (0..depth).try_fold(*top, |id, _| self.document.member(id, key));
        leaf.is_some_and(|leaf| self.value(leaf, &expected["leaf"], Default::default()))
    }

    fn list(
        &mut self,
        ids: impl ExactSizeIterator<Item = Id>,
        expected: &Json,
        under: &str,
    ) -> bool {
        let Some(expected) = expected.as_array() else {
            return false;
        };
        ids.len() == expected.len()
            && ids
                .zip(expected)
                .enumerate()
                .all(|(place, (id, expected))| {
                    self.child(
                        id,
                        expected,
                        &format!("{under}/{place}")[1..],
                        &place.to_string(),
                    )
                })
    }

    fn pairs(&mut self, pairs: &[(Id, Id)], expected: &Json) -> bool {
        let expected = expected.as_array().map(Vec::as_slice).unwrap_or_default();
        pairs.len() == expected.len()
            && pairs
                .iter()
                .zip(expected)
                .enumerate()
                .all(|(place, (pair, expected))| {
                    self.child(pair.0, &expected[0], &format!("entries/{place}/0"), "")
                        && self.child(pair.1, &expected[1], &format!("entries/{place}/1"), "")
                })
    }

    fn object(&mut self, members: &[(String, Id)], expected: &Map<String, Json>) -> bool {
        // Where wrappers are not shown, the expectation went through JSON, which drops undefined members.
        let is_dropped = |key: &str, id: Id| {
            let is_undefined = *self.document.get(id) == Value::Undefined;
            !self.shows_wrappers && is_undefined && !expected.contains_key(key)
        };
        let kept: Vec<_> = members
            .iter()
            .filter(|(key, id)| !is_dropped(key, *id))
            .collect();
        kept.len() == expected.len()
            && kept.into_iter().all(|(key, id)| {
                expected
                    .get(key)
                    .is_some_and(|expected| self.child(*id, expected, key, key))
            })
    }

    fn elements(&self, view: &Value, expected: &Json) -> bool {
        let Value::View {
            element,
            buffer,
            start_byte,
            length,
        } = view
        else {
            return false;
        };
        if *element == Element::Untyped {
            return expected.is_null();
        }
        let Value::Buffer(bytes) = self.document.raw(*buffer) else {
            return false;
        };
        let size = element.size_bytes();
        let bytes = &bytes[*start_byte..start_byte + length * size];
        let expected = expected.as_array().map(Vec::as_slice).unwrap_or_default();
        bytes.len() == expected.len() * size
            && bytes.chunks(size).zip(expected).all(|(bytes, expected)| {
                let value = element.read(bytes);
                let is_marked = expected.get("$").is_some();
                let number = expected.as_f64();
                match value {
                    Value::Number(own) if !is_marked => number.is_some_and(|n| same(own, n)),
                    Value::Number(own) => match expected["$"].as_str() {
                        Some("NaN") => own.is_nan(),
                        Some("-0") => own == 0.0 && own.is_sign_negative(),
                        Some("Infinity") => own == f64::INFINITY,
                        _ => own == f64::NEG_INFINITY,
                    },
                    Value::BigInt(own) => expected["value"].as_str() == Some(&own),
                    _ => false,
                }
            })
    }

    /// Compares a part of the value at hand; the steps lead to it in the expectation and in the value.
    fn child(&mut self, id: Id, expected: &Json, step: &str, own_step: &str) -> bool {
        let [mut path, mut own_path] = self
            .around
            .last()
            .map(|(_, paths)| paths.clone())
            .unwrap_or_default();
        path.push('/');
        path.push_str(step);
        if !own_step.is_empty() {
            own_path.push('/');
            own_path.push_str(own_step);
        }
        self.value(id, expected, [path, own_path])
    }
}

/// Returns whether two numbers are the same but for serde_json's rounding of the last bit.
fn same(a: f64, b: f64) -> bool {
    a == b
        || (a.is_sign_positive() == b.is_sign_positive() && a.to_bits().abs_diff(b.to_bits()) <= 1)
}
