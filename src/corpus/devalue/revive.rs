//! Slots to values: every slot that the root reaches is read once, from a list of work rather than by recursion.

use std::collections::BTreeMap;

use super::built_in::BuiltIn;
use super::finish::finish;
use super::json::{self, Node, Tree};
use super::{DevalueError, Document, Id, Value};

/// The values that have no slot, by their ids; slots follow.
pub(super) const CONSTANTS: [Value; 7] = [
    Value::Undefined,
    Value::Hole,
    Value::Number(f64::NAN),
    Value::Number(f64::INFINITY),
    Value::Number(f64::NEG_INFINITY),
    Value::Number(-0.0),
    Value::Number(0.0),
];
pub(super) const UNDEFINED: Id = Id(0);
pub(super) const HOLE: Id = Id(1);
pub(super) const NEGATIVE_ZERO: Id = Id(5);
pub(super) const ZERO: Id = Id(6);

/// The index that starts a sparse array.
const SPARSE: Node = Node::Number(-7.0);

/// Returns the document of a text. The wrapper tags are those that wrap one value each; they win over built-in tags
/// of the same name.
pub(super) fn revive(text: &str, wrapper_tags: &[&str]) -> Result<Document, DevalueError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (tree, root) = json::parse(text).map_err(|error| DevalueError::Json {
        byte: error.byte,
        reason: error.reason,
    })?;
    let slots = tree.elements(root);
    let mut reviver = Reviver {
        tree: &tree,
        slots,
        wrapper_tags,
        values: CONSTANTS.to_vec(),
        is_queued: vec![false; slots.len()],
        queue: Vec::new(),
        unknown: BTreeMap::new(),
    };
    reviver
        .values
        .resize(CONSTANTS.len() + slots.len(), Value::Undefined);
    let root = match root {
        Node::Number(number) => constant(number).ok_or(DevalueError::Root)?,
        _ if slots.is_empty() => return Err(DevalueError::Root),
        _ => reviver.slot(0),
    };
    while let Some(work) = reviver.queue.pop() {
        let value = reviver
            .value(work.node, work.slot)
            .map_err(|reason| DevalueError::Slot {
                slot: work.slot,
                reason,
            })?;
        reviver.values[work.id.place()] = value;
    }
    let mut values = reviver.values;
    let warnings = reviver.unknown.into_iter().map(|(tag, how)| match how {
        Unknown::LookedThrough => {
            format!("the tag `{tag}` is not known here; its value was read as if it stood alone")
        }
        Unknown::Opaque => format!("the tag `{tag}` is not known here; its values were left out"),
    });
    let warnings = warnings.collect();
    finish(&mut values)?;
    Ok(Document {
        values,
        root,
        warnings,
    })
}

/// Returns the id of a constant that is legal wherever a value is.
pub(super) fn constant(number: f64) -> Option<Id> {
    // The constants 0 to 6 stand for the indices -1 to -6; -2 is the hole.
    let id = [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0]
        .iter()
        .position(|constant| *constant == number)?;
    let id = Id(id as u32);
    (id != HOLE).then_some(id)
}

/// The slots at work.
pub(super) struct Reviver<'a> {
    pub(super) tree: &'a Tree,
    pub(super) slots: &'a [Node],
    wrapper_tags: &'a [&'a str],
    /// The constants, the slots, and values that stand inside slots.
    values: Vec<Value>,
    is_queued: Vec<bool>,
    queue: Vec<Work>,
    unknown: BTreeMap<String, Unknown>,
}

/// A value that waits to be revived.
struct Work {
    id: Id,
    node: Node,
    /// The slot that holds the node.
    slot: usize,
}

/// What became of an unknown tag.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unknown {
    LookedThrough,
    Opaque,
}

impl Reviver<'_> {
    /// Returns a slot's id, and sees to it that the slot is revived.
    fn slot(&mut self, slot: usize) -> Id {
        let id = Id((CONSTANTS.len() + slot) as u32);
        if !std::mem::replace(&mut self.is_queued[slot], true) {
            let node = self.slots[slot];
            self.queue.push(Work { id, node, slot });
        }
        id
    }

    /// Returns the id of a value that stands inside a slot, where the format as a rule has an index.
    pub(super) fn inline(&mut self, node: Node, slot: usize) -> Id {
        let id = self.push(Value::Undefined);
        self.queue.push(Work { id, node, slot });
        id
    }

    pub(super) fn push(&mut self, value: Value) -> Id {
        self.values.push(value);
        // One inline value costs two bytes of the text at least, which is below 4 GiB.
        Id((self.values.len() - 1) as u32)
    }

    /// Returns what an index refers to.
    pub(super) fn index(&mut self, node: Node) -> Result<Id, String> {
        let Node::Number(number) = node else {
            return Err(format!("expected an index, found {}", describe(node)));
        };
        if let Some(id) = constant(number) {
            return Ok(id);
        }
        let slot = whole(number).ok_or_else(|| format!("`{number}` is no index"))?;
        if slot >= self.slots.len() {
            return Err(format!(
                "the index {slot} is out of range; there are {} slots",
                self.slots.len()
            ));
        }
        Ok(self.slot(slot))
    }

    pub(super) fn indices(&mut self, nodes: &[Node]) -> Result<Vec<Id>, String> {
        nodes.iter().map(|node| self.index(*node)).collect()
    }

    fn value(&mut self, node: Node, slot: usize) -> Result<Value, String> {
        let tree = self.tree;
        let elements = tree.elements(node);
        match node {
            Node::Null => Ok(Value::Null),
            Node::Bool(flag) => Ok(Value::Bool(flag)),
            Node::Number(number) => Ok(Value::Number(number)),
            Node::String(_) => Ok(Value::String(
                tree.text(node).unwrap_or_default().to_owned(),
            )),
            Node::Object(_) => self.members(tree.members(node)).map(Value::Object),
            Node::Array(_) => match elements.first() {
                Some(tag @ Node::String(_)) => {
                    self.tagged(tree.text(*tag).unwrap_or_default(), &elements[1..], slot)
                }
                Some(first) if *first == SPARSE => self.sparse(&elements[1..]),
                _ => self.dense(elements),
            },
        }
    }

    fn dense(&mut self, elements: &[Node]) -> Result<Value, String> {
        let element = |node: &Node| match node {
            Node::Number(-2.0) => Ok(HOLE),
            node => self.index(*node),
        };
        elements
            .iter()
            .map(element)
            .collect::<Result<_, _>>()
            .map(Value::Array)
    }

    fn sparse(&mut self, parts: &[Node]) -> Result<Value, String> {
        let whole_of = |node: Option<&Node>| match node {
            Some(Node::Number(number)) => whole(*number).and_then(|n| u32::try_from(n).ok()),
            _ => None,
        };
        let length =
            whole_of(parts.first()).ok_or("a sparse array needs a length below 4294967296")?;
        let mut elements = BTreeMap::new();
        for pair in parts[1..].chunks(2) {
            let place = whole_of(pair.first())
                .filter(|place| *place < length)
                .ok_or_else(|| format!("a place of the sparse array is not below {length}"))?;
            let index = pair.get(1).ok_or("a sparse array ends inside a pair")?;
            elements.insert(place, self.index(*index)?);
        }
        Ok(Value::Sparse {
            length,
            elements: elements.into_iter().collect(),
        })
    }

    pub(super) fn members(
        &mut self,
        members: Vec<(&str, Node)>,
    ) -> Result<Vec<(String, Id)>, String> {
        let member = |(key, node): (&str, Node)| {
            if key == "__proto__" {
                return Err("an object must not have a key `__proto__`".to_owned());
            }
            let id = self
                .index(node)
                .map_err(|reason| format!("the key `{key}`: {reason}"))?;
            Ok((key.to_owned(), id))
        };
        members.into_iter().map(member).collect()
    }

    fn tagged(&mut self, tag: &str, arguments: &[Node], slot: usize) -> Result<Value, String> {
        if self.wrapper_tags.contains(&tag) {
            let value = match arguments.first() {
                Some(index @ Node::Number(_)) => self.index(*index)?,
                Some(inline) => self.inline(*inline, slot),
                None => UNDEFINED,
            };
            return Ok(wrapped(tag, value));
        }
        match BuiltIn::of_tag(tag) {
            Some(built_in) => self
                .built_in(built_in, tag, arguments, slot)
                .map_err(|reason| format!("`{tag}`: {reason}")),
            None if tag.is_empty() => Err("a tag without a name".to_owned()),
            None => match arguments {
                [index @ Node::Number(_)] => {
                    let value = self.index(*index)?;
                    self.warn_of(tag, Unknown::LookedThrough);
                    Ok(wrapped(tag, value))
                }
                _ => {
                    self.warn_of(tag, Unknown::Opaque);
                    Ok(Value::Opaque)
                }
            },
        }
    }

    fn warn_of(&mut self, tag: &str, how: Unknown) {
        let known = self.unknown.entry(tag.to_owned()).or_insert(how);
        *known = how.max(*known);
    }

    pub(super) fn tag_of(&self, node: Node) -> Option<&str> {
        let first = self.tree.elements(node).first()?;
        self.tree.text(*first)
    }
}

fn wrapped(tag: &str, value: Id) -> Value {
    Value::Wrapped {
        tag: tag.to_owned(),
        value,
        innermost: value,
    }
}

/// Returns the number as an index, if it is one. `1.0`, `1e0` and `-0` are.
pub(super) fn whole(number: f64) -> Option<usize> {
    // Above 2^53 neighbouring integers are the same number; no index comes near.
    let is_index = number >= 0.0 && number.fract() == 0.0 && number < 9_007_199_254_740_992.0;
    is_index.then_some(number as usize)
}

pub(super) fn describe(node: Node) -> &'static str {
    match node {
        Node::Null => "null",
        Node::Bool(_) => "a boolean",
        Node::Number(_) => "a number",
        Node::String(_) => "a string",
        Node::Array(_) => "a list",
        Node::Object(_) => "an object",
    }
}
