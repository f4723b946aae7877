//! Parts of a document as plain JSON, within a budget: sharing is copied and cycles are cut, and either could otherwise
//! make much of a small payload.

use serde_json::{Map, Number, Value as Json};

use super::{Document, Id, Value, date};

/// What a conversion may cost, in bytes of memory, roughly.
const BUDGET_BYTES: usize = 64 << 20;

/// What one JSON value costs beside its text.
const NODE_BYTES: usize = 64;

/// Containers below this depth are left out. Parsed Markdown bodies spend three levels on one of markup; dropping a
/// `serde_json::Value` recurses, so the depth must stay far from what a thread's stack holds.
const MAX_DEPTH: usize = 192;

/// Turns parts of one document into plain JSON. The budget is for all conversions together.
pub(crate) struct Plain<'d> {
    document: &'d Document,
    budget_bytes: usize,
    /// The containers around the value at hand, outermost first.
    around: Vec<Id>,
    /// Why something was left out that was no cycle.
    cut: Option<Cut>,
}

/// Why a value was left out of a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The document is too large when its shared values are written out.
    Budget,
    /// The document nests too deeply.
    Depth,
}

impl<'d> Plain<'d> {
    /// Returns a converter with its whole budget: what the text takes some times over, and never less than 64 MiB.
    pub(crate) fn new(document: &'d Document, text_bytes: usize) -> Self {
        Plain {
            document,
            budget_bytes: BUDGET_BYTES.max(text_bytes.saturating_mul(16)),
            around: Vec::new(),
            cut: None,
        }
    }

    /// Returns a value as JSON: wrappers and boxes taken off; dates, URLs and the like as their texts; holes, members
    /// that are undefined, and references back to a container around them left out.
    pub(crate) fn json(&mut self, id: Id) -> Json {
        self.converted(id).unwrap_or_default()
    }

    /// Returns the members of an object or map as JSON. The function says which to convert: by key and value.
    pub(crate) fn members(
        &mut self,
        id: Id,
        wanted: impl Fn(&str, Id) -> bool,
    ) -> Map<String, Json> {
        self.around.push(self.document.unwrapped(id));
        let members = self.converted_members(id, wanted);
        self.around.pop();
        members
    }

    /// Returns why something has been left out since the last call.
    pub(crate) fn take_cut(&mut self) -> Option<Cut> {
        self.cut.take()
    }

    fn converted(&mut self, id: Id) -> Option<Json> {
        let id = self.document.unwrapped(id);
        if !self.pay(NODE_BYTES) {
            return None;
        }
        match self.document.raw(id) {
            Value::Undefined | Value::Hole => None,
            Value::Null | Value::Opaque | Value::Buffer(_) => Some(Json::Null),
            Value::Wrapped { .. } | Value::Boxed(_) => None,
            Value::Bool(flag) => Some(Json::Bool(*flag)),
            Value::Number(number) => Some(json_number(*number)),
            Value::BigInt(text) => match text.parse::<i64>() {
                Ok(number) => Some(number.into()),
                Err(_) => self.text(text),
            },
            Value::Date(date) => Some((*date).map(date::to_iso).into()),
            Value::String(text) | Value::Text { text, .. } => self.text(text),
            Value::RegExp { source, flags } => self.text(&format!("/{source}/{flags}")),
            Value::View {
                element,
                buffer,
                start_byte,
                length,
            } => {
                let Value::Buffer(bytes) = self.document.raw(*buffer) else {
                    return None;
                };
                if !self.pay(length.saturating_mul(NODE_BYTES)) {
                    return None;
                }
                let size = element.size_bytes();
                let end = start_byte + length * size;
                let elements = bytes.get(*start_byte..end)?.chunks_exact(size);
                Some(Json::Array(
                    elements
                        .map(|bytes| match element.read(bytes) {
                            Value::Number(number) => json_number(number),
                            Value::BigInt(text) => text.into(),
                            _ => Json::Null,
                        })
                        .collect(),
                ))
            }
            Value::Array(_) | Value::Sparse { .. } | Value::Set(_) => self.container(id, |plain| {
                let elements = plain.document.elements(id).unwrap_or_default();
                let elements = elements.into_iter();
                Json::Array(elements.filter_map(|item| plain.converted(item)).collect())
            }),
            Value::Object(_) | Value::NullObject(_) | Value::Map(_) => self
                .container(id, |plain| {
                    Json::Object(plain.converted_members(id, |_, _| true))
                }),
        }
    }

    fn converted_members(
        &mut self,
        id: Id,
        wanted: impl Fn(&str, Id) -> bool,
    ) -> Map<String, Json> {
        let members = self.document.members(id).into_iter();
        members
            .filter(|(key, value)| wanted(key, *value))
            .filter_map(|(key, value)| Some((key.to_owned(), self.converted(value)?)))
            .collect()
    }

    fn container(&mut self, id: Id, convert: impl FnOnce(&mut Self) -> Json) -> Option<Json> {
        if self.around.contains(&id) {
            return None;
        }
        if self.around.len() >= MAX_DEPTH {
            self.cut = self.cut.or(Some(Cut::Depth));
            return None;
        }
        self.around.push(id);
        let json = convert(self);
        self.around.pop();
        Some(json)
    }

    fn text(&mut self, text: &str) -> Option<Json> {
        self.pay(text.len()).then(|| text.into())
    }

    fn pay(&mut self, bytes: usize) -> bool {
        match self.budget_bytes.checked_sub(bytes) {
            Some(left) => {
                self.budget_bytes = left;
                true
            }
            None => {
                self.cut = Some(Cut::Budget);
                false
            }
        }
    }
}

/// Returns a number as JSON: whole numbers without a fraction, null for what JSON cannot say.
fn json_number(number: f64) -> Json {
    let is_whole = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    if is_whole {
        return (number as i64).into();
    }
    Number::from_f64(number).map_or(Json::Null, Json::Number)
}
