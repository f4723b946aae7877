//! Devalue's flattened format: one JSON array whose values refer to each other by index, so that shared and cyclic
//! objects, dates, maps and whatever else JSON cannot say survive. Nuxt writes its payloads in it.

mod bigint;
mod binary;
mod built_in;
mod date;
mod finish;
mod json;
mod plain;
mod revive;

#[cfg(test)]
mod agreement;
#[cfg(test)]
#[expect(clippy::print_stdout, reason = "tests say what they left out")]
mod conformance;
#[cfg(test)]
mod tests;

pub(crate) use binary::Element;
pub(crate) use plain::{Cut, Plain};

/// A revived document: every value that the root reaches, each once, referring to each other by [`Id`].
///
/// Sharing and cycles are kept as they are, so the size is linear in the text; whoever follows the ids must expect to
/// meet a value again.
#[derive(Debug)]
pub(crate) struct Document {
    values: Vec<Value>,
    root: Id,
    /// What was read in spite of being unknown: one message for each tag.
    pub(crate) warnings: Vec<String>,
}

/// A value's place in its [`Document`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(u32);

/// One revived value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Undefined,
    /// The element of an array that was never set.
    Hole,
    Null,
    Bool(bool),
    Number(f64),
    /// Unpaired surrogates have become U+FFFD.
    String(String),
    /// An integer of any size, in decimal.
    BigInt(String),
    /// Milliseconds since 1970, or `None` for an invalid date.
    Date(Option<i64>),
    RegExp {
        source: String,
        flags: String,
    },
    /// A value that JavaScript keeps as an object of its own and we keep as its text: `URL`, `Temporal.Duration`, ….
    Text {
        tag: String,
        text: String,
    },
    Array(Vec<Id>),
    /// An array of which only some elements are set; sorted by place.
    Sparse {
        length: u32,
        elements: Vec<(u32, Id)>,
    },
    /// An object; each key once.
    Object(Vec<(String, Id)>),
    /// An object without a prototype; each key once.
    NullObject(Vec<(String, Id)>),
    /// Each key once, by JavaScript's notion of the same value.
    Map(Vec<(Id, Id)>),
    /// Each value once, by JavaScript's notion of the same value.
    Set(Vec<Id>),
    /// A primitive inside an object: `new Number(7)`.
    Boxed(Id),
    Buffer(Vec<u8>),
    /// A typed array: `length` elements of a [`Value::Buffer`] from a byte on. Never reaches beyond it.
    View {
        element: Element,
        buffer: Id,
        start_byte: usize,
        length: usize,
    },
    /// A value inside a tag that Nuxt or a site has defined: `Ref`, `ShallowReactive`, ….
    Wrapped {
        tag: String,
        value: Id,
        /// What is left when all wrappers around it are taken off; never a `Wrapped` itself.
        innermost: Id,
    },
    /// A value of an unknown tag whose layout is unknown too.
    Opaque,
}

/// Why a text is no document of the format.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DevalueError {
    /// The text is no JSON.
    #[error("cannot read the payload as JSON: {reason} at byte {byte}")]
    Json { byte: usize, reason: &'static str },
    /// The text is JSON of another shape.
    #[error(
        "expected a payload: a list that starts with the root, or one of the numbers -1 and -3 to -6"
    )]
    Root,
    /// A slot that the root reaches breaks the format.
    #[error("slot {slot}: {reason}")]
    Slot { slot: usize, reason: String },
}

/// The tags that Nuxt itself defines; each wraps one value.
const NUXT_TAGS: [&str; 8] = [
    "NuxtError",
    "EmptyShallowRef",
    "EmptyRef",
    "ShallowRef",
    "ShallowReactive",
    "Ref",
    "Reactive",
    "Island",
];

/// Returns the document of a payload. Linear in the text, in time and memory, whatever the text.
///
/// Lenient where a crawl must go on: unknown tags with one index are looked through and others are opaque, both with a
/// warning; boxed values and typed arrays may be written as older versions did. Strict otherwise: indices must exist.
pub(crate) fn parse(text: &str) -> Result<Document, DevalueError> {
    revive::revive(text, &NUXT_TAGS)
}

/// Returns whether a slot's tag is one that payloads are known to hold.
pub(crate) fn is_known_tag(tag: &str) -> bool {
    NUXT_TAGS.contains(&tag) || built_in::BuiltIn::of_tag(tag).is_some()
}

impl Document {
    /// Returns the value that the document is.
    pub(crate) fn root(&self) -> Id {
        self.root
    }

    /// Returns a value as it was written, wrappers included.
    pub(crate) fn raw(&self, id: Id) -> &Value {
        &self.values[id.0 as usize]
    }

    /// Returns where a value is when its wrappers (`Ref`, `Reactive`, …) and its box are taken off.
    pub(crate) fn unwrapped(&self, id: Id) -> Id {
        let id = match self.raw(id) {
            Value::Wrapped { innermost, .. } => *innermost,
            _ => id,
        };
        match self.raw(id) {
            Value::Boxed(primitive) => *primitive,
            _ => id,
        }
    }

    /// Returns a value without its wrappers and box.
    pub(crate) fn get(&self, id: Id) -> &Value {
        self.raw(self.unwrapped(id))
    }

    /// Returns how many values there are; ids count up to it.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Returns the members of an object or of a map, as far as the keys are strings; nothing for other values.
    pub(crate) fn members(&self, id: Id) -> Vec<(&str, Id)> {
        match self.get(id) {
            Value::Object(members) | Value::NullObject(members) => members
                .iter()
                .map(|(key, value)| (key.as_str(), *value))
                .collect(),
            Value::Map(entries) => entries
                .iter()
                .filter_map(|(key, value)| Some((self.text(*key)?, *value)))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Returns the member of an object or of a map. Linear in the number of members.
    pub(crate) fn member(&self, id: Id, key: &str) -> Option<Id> {
        match self.get(id) {
            Value::Object(members) | Value::NullObject(members) => members
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, value)| *value),
            Value::Map(entries) => entries
                .iter()
                .find(|(name, _)| self.text(*name) == Some(key))
                .map(|(_, value)| *value),
            _ => None,
        }
    }

    /// Returns the elements of an array or set, holes left out; `None` for other values.
    pub(crate) fn elements(&self, id: Id) -> Option<Vec<Id>> {
        match self.get(id) {
            Value::Array(elements) => Some(
                elements
                    .iter()
                    .copied()
                    .filter(|element| *self.raw(*element) != Value::Hole)
                    .collect(),
            ),
            Value::Sparse { elements, .. } => {
                Some(elements.iter().map(|(_, element)| *element).collect())
            }
            Value::Set(elements) => Some(elements.clone()),
            _ => None,
        }
    }

    /// Returns the text of a string, wrapped or not; `None` for other values.
    pub(crate) fn text(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl Id {
    /// Returns the id as a place in a vector of [`Document::len`] elements.
    pub(crate) fn place(self) -> usize {
        self.0 as usize
    }
}
