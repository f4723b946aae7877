//! Slots to values: every slot that the root reaches is read once, from a list of work rather than by recursion.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::json::{self, Node, Tree};
use super::{DevalueError, Document, Element, Id, Value, bigint, binary, date};

/// The values that have no slot, by their ids; slots follow.
const CONSTANTS: [Value; 7] = [
    Value::Undefined,
    Value::Hole,
    Value::Number(f64::NAN),
    Value::Number(f64::INFINITY),
    Value::Number(f64::NEG_INFINITY),
    Value::Number(-0.0),
    Value::Number(0.0),
];
const UNDEFINED: Id = Id(0);
pub(super) const HOLE: Id = Id(1);
const NEGATIVE_ZERO: Id = Id(5);
const ZERO: Id = Id(6);

/// The index that starts a sparse array.
const SPARSE: Node = Node::Number(-7.0);

/// The tags of the format itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum BuiltIn {
    Date,
    Set,
    Map,
    RegExp,
    BigInt,
    Boxed,
    NullObject,
    Buffer,
    View(Element),
    Text,
}

impl BuiltIn {
    /// Returns the built-in type of a tag. Case counts.
    pub(super) fn of_tag(tag: &str) -> Option<Self> {
        Some(match tag {
            "Date" => BuiltIn::Date,
            "Set" => BuiltIn::Set,
            "Map" => BuiltIn::Map,
            "RegExp" => BuiltIn::RegExp,
            "BigInt" => BuiltIn::BigInt,
            "Object" => BuiltIn::Boxed,
            "null" => BuiltIn::NullObject,
            "ArrayBuffer" => BuiltIn::Buffer,
            "URL"
            | "URLSearchParams"
            | "Temporal.Duration"
            | "Temporal.Instant"
            | "Temporal.PlainDate"
            | "Temporal.PlainTime"
            | "Temporal.PlainDateTime"
            | "Temporal.PlainMonthDay"
            | "Temporal.PlainYearMonth"
            | "Temporal.ZonedDateTime" => BuiltIn::Text,
            _ => BuiltIn::View(Element::of_view(tag)?),
        })
    }
}

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
    parse_empty_refs(&mut values);
    unwrap(&mut values)?;
    collapse_duplicates(&mut values);
    Ok(Document {
        values,
        root,
        warnings,
    })
}

/// Returns the id of a constant that is legal wherever a value is.
fn constant(number: f64) -> Option<Id> {
    // The constants 0 to 6 stand for the indices -1 to -6; -2 is the hole.
    let id = [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0]
        .iter()
        .position(|constant| *constant == number)?;
    let id = Id(id as u32);
    (id != HOLE).then_some(id)
}

struct Reviver<'a> {
    tree: &'a Tree,
    slots: &'a [Node],
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
    fn inline(&mut self, node: Node, slot: usize) -> Id {
        let id = self.push(Value::Undefined);
        self.queue.push(Work { id, node, slot });
        id
    }

    fn push(&mut self, value: Value) -> Id {
        self.values.push(value);
        // One inline value costs two bytes of the text at least, which is below 4 GiB.
        Id((self.values.len() - 1) as u32)
    }

    /// Returns what an index refers to.
    fn index(&mut self, node: Node) -> Result<Id, String> {
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

    fn indices(&mut self, nodes: &[Node]) -> Result<Vec<Id>, String> {
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

    fn members(&mut self, members: Vec<(&str, Node)>) -> Result<Vec<(String, Id)>, String> {
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

    fn built_in(
        &mut self,
        built_in: BuiltIn,
        tag: &str,
        arguments: &[Node],
        slot: usize,
    ) -> Result<Value, String> {
        let tree = self.tree;
        let first = arguments.first().copied();
        let text = first.and_then(|node| tree.text(node));
        let expected = |what: &str| match first {
            Some(node) => format!("expected {what}, found {}", describe(node)),
            None => format!("expected {what}, found nothing"),
        };
        match built_in {
            // JavaScript makes an invalid date of anything else.
            BuiltIn::Date => Ok(Value::Date(match first {
                Some(Node::Number(milliseconds)) => date::from_milliseconds(milliseconds),
                Some(Node::Null | Node::Bool(false)) => Some(0),
                Some(Node::Bool(true)) => Some(1),
                _ => text.and_then(date::parse),
            })),
            BuiltIn::Set => self.indices(arguments).map(Value::Set),
            BuiltIn::Map => {
                let ids = self.indices(arguments)?;
                if ids.len() % 2 == 1 {
                    return Err("the last key has no value".to_owned());
                }
                Ok(Value::Map(
                    ids.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect(),
                ))
            }
            BuiltIn::RegExp => {
                let source = text.ok_or_else(|| expected("a pattern"))?;
                let flags = match arguments.get(1) {
                    Some(flags) => tree.text(*flags).filter(|flags| are_flags(flags)),
                    None => Some(""),
                };
                Ok(Value::RegExp {
                    // What JavaScript calls the source of an empty pattern.
                    source: if source.is_empty() { "(?:)" } else { source }.to_owned(),
                    flags: flags.ok_or("the flags are not valid")?.to_owned(),
                })
            }
            BuiltIn::BigInt => match first {
                Some(Node::Number(number)) if number.fract() == 0.0 => {
                    Some(format!("{:.0}", number + 0.0))
                }
                Some(Node::Bool(flag)) => Some(u8::from(flag).to_string()),
                _ => text.and_then(bigint::parse),
            }
            .map(Value::BigInt)
            .ok_or_else(|| expected("an integer")),
            BuiltIn::Boxed => self.boxed(first, slot),
            BuiltIn::NullObject => {
                if arguments.len() % 2 == 1 {
                    return Err("the last key has no value".to_owned());
                }
                let members: Option<Vec<_>> = arguments
                    .chunks_exact(2)
                    .map(|pair| Some((tree.text(pair[0])?, pair[1])))
                    .collect();
                let members = members.ok_or("expected strings for keys")?;
                self.members(json::last_of_each(members.into_iter()))
                    .map(Value::NullObject)
            }
            BuiltIn::Buffer => text
                .and_then(binary::from_base64)
                .map(Value::Buffer)
                .ok_or_else(|| expected("base64")),
            BuiltIn::View(element) => self.view(element, arguments),
            BuiltIn::Text => Ok(Value::Text {
                tag: tag.to_owned(),
                text: text.ok_or_else(|| expected("a string"))?.to_owned(),
            }),
        }
    }

    /// A boxed primitive. Since 5.7.0 devalue writes its index; before, the primitive itself stood there. The two are
    /// told apart where a new reader would find no slot.
    fn boxed(&mut self, argument: Option<Node>, slot: usize) -> Result<Value, String> {
        let refused = || Err("expected the index of a primitive".to_owned());
        match argument {
            Some(raw @ (Node::String(_) | Node::Bool(_))) => {
                Ok(Value::Boxed(self.inline(raw, slot)))
            }
            Some(node @ Node::Number(number)) => {
                if let Some(id) = constant(number).filter(|id| *id != UNDEFINED) {
                    return Ok(Value::Boxed(id));
                }
                // Constants that cannot be boxed are more likely an error than an old payload's number.
                if [-1.0, -2.0, -7.0].contains(&number) {
                    return refused();
                }
                let Some(target) = whole(number).and_then(|slot| self.slots.get(slot)) else {
                    return Ok(Value::Boxed(self.inline(node, slot)));
                };
                let is_bigint = || self.tag_of(*target) == Some("BigInt");
                match target {
                    Node::String(_) | Node::Number(_) | Node::Bool(_) => {}
                    Node::Array(_) if is_bigint() => {}
                    _ => return refused(),
                }
                self.index(node).map(Value::Boxed)
            }
            _ => refused(),
        }
    }

    /// A view of a buffer. devalue 5.0 to 5.2 wrote the bytes in place of the buffer's index.
    fn view(&mut self, element: Element, arguments: &[Node]) -> Result<Value, String> {
        const NO_BUFFER: &str = "expected the index of an `ArrayBuffer`";
        let decode = |text| binary::from_base64(text).ok_or("expected base64");
        let (buffer, buffer_bytes) = match arguments.first() {
            Some(node @ Node::String(_)) => {
                let bytes = decode(self.tree.text(*node).unwrap_or_default())?;
                let len = bytes.len();
                (self.push(Value::Buffer(bytes)), len)
            }
            Some(node @ Node::Number(number)) => {
                let target = whole(*number).and_then(|slot| self.slots.get(slot));
                let target = *target.ok_or(NO_BUFFER)?;
                if self.tag_of(target) != Some("ArrayBuffer") {
                    return Err(NO_BUFFER.to_owned());
                }
                let text = self.tree.elements(target).get(1);
                let text = text.and_then(|node| self.tree.text(*node));
                // Only counted: many views of one buffer must not decode it many times.
                let digits = text.ok_or(NO_BUFFER)?.trim_end_matches('=').len();
                (self.index(*node)?, digits * 3 / 4)
            }
            _ => return Err(NO_BUFFER.to_owned()),
        };
        let number = |place: usize| match arguments.get(place) {
            None | Some(Node::Null) => Ok(None),
            Some(Node::Number(number)) => whole(*number)
                .map(Some)
                .ok_or("the offset and the length must be whole numbers"),
            Some(_) => Err("the offset and the length must be whole numbers"),
        };
        let size = element.size_bytes();
        let start_byte = number(1)?.unwrap_or_default();
        if start_byte > buffer_bytes || start_byte % size != 0 {
            return Err(format!("no element starts at byte {start_byte}"));
        }
        let rest_bytes = buffer_bytes - start_byte;
        let length = match number(2)? {
            Some(length) => length,
            None if rest_bytes % size == 0 => rest_bytes / size,
            None => return Err(format!("the bytes are no multiple of {size}")),
        };
        if length > rest_bytes / size {
            return Err(format!("{length} elements do not fit into the buffer"));
        }
        Ok(Value::View {
            element,
            buffer,
            start_byte,
            length,
        })
    }

    fn tag_of(&self, node: Node) -> Option<&str> {
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
fn whole(number: f64) -> Option<usize> {
    // Above 2^53 neighbouring integers are the same number; no index comes near.
    let is_index = number >= 0.0 && number.fract() == 0.0 && number < 9_007_199_254_740_992.0;
    is_index.then_some(number as usize)
}

/// Returns whether JavaScript takes a text for the flags of a regular expression.
fn are_flags(flags: &str) -> bool {
    let distinct: BTreeSet<char> = flags.chars().collect();
    distinct.len() == flags.len()
        && distinct.iter().all(|flag| "dgimsuvy".contains(*flag))
        && !(distinct.contains(&'u') && distinct.contains(&'v'))
}

fn describe(node: Node) -> &'static str {
    match node {
        Node::Null => "null",
        Node::Bool(_) => "a boolean",
        Node::Number(_) => "a number",
        Node::String(_) => "a string",
        Node::Array(_) => "a list",
        Node::Object(_) => "an object",
    }
}

/// Puts what Nuxt's empty refs hold in place of the text they hold it in: JSON, `_` for undefined, or `0n`.
fn parse_empty_refs(values: &mut Vec<Value>) {
    // Many refs share one slot; its text is parsed once.
    let mut parsed: HashMap<Id, Id> = HashMap::new();
    for place in 0..values.len() {
        let Value::Wrapped { tag, value, .. } = &values[place] else {
            continue;
        };
        if tag != "EmptyRef" && tag != "EmptyShallowRef" {
            continue;
        }
        let holder = *value;
        let Value::String(text) = &values[holder.place()] else {
            continue;
        };
        let inner = match parsed.get(&holder) {
            Some(inner) => *inner,
            None => {
                let new = match text.as_str() {
                    "_" => Some(Value::Undefined),
                    "0n" => Some(Value::BigInt("0".to_owned())),
                    text => json::parse(text)
                        .ok()
                        .map(|(tree, root)| plain(&tree, root, values)),
                };
                let inner = new.map_or(holder, |value| append(value, values));
                parsed.insert(holder, inner);
                inner
            }
        };
        if let Value::Wrapped {
            value, innermost, ..
        } = &mut values[place]
        {
            *value = inner;
            *innermost = inner;
        }
    }
}

fn append(value: Value, values: &mut Vec<Value>) -> Id {
    values.push(value);
    Id((values.len() - 1) as u32)
}

/// Appends the values below the root of plain JSON, and returns the root.
fn plain(tree: &Tree, root: Node, values: &mut Vec<Value>) -> Value {
    let first = values.len();
    let value = |node: Node| {
        let id = |place: usize| Id((first + place) as u32);
        match node {
            Node::Null => Value::Null,
            Node::Bool(flag) => Value::Bool(flag),
            Node::Number(number) => Value::Number(number),
            Node::String(_) => Value::String(tree.text(node).unwrap_or_default().to_owned()),
            Node::Array(span) => Value::Array(span.range().map(id).collect()),
            Node::Object(span) => {
                // Keys are nodes too; the value stands right behind its key.
                let key = |place: usize| tree.text(tree.nodes()[place]).unwrap_or_default();
                let members = span.range().step_by(2);
                let members = members.map(|place| (key(place), id(place + 1)));
                let members = json::last_of_each(members).into_iter();
                Value::Object(members.map(|(key, id)| (key.to_owned(), id)).collect())
            }
        }
    };
    values.extend(tree.nodes().iter().map(|node| value(*node)));
    value(root)
}

/// Finds what is inside each chain of wrappers. A chain that ends in itself has nothing inside, which is an error; a
/// container that holds its own wrapper is none.
fn unwrap(values: &mut [Value]) -> Result<(), DevalueError> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        InChain,
        Done,
    }
    let mut states = vec![State::New; values.len()];
    let mut chain: Vec<usize> = Vec::new();
    for start in 0..values.len() {
        let mut id = Id(start as u32);
        while let Value::Wrapped { innermost, .. } = &values[id.place()] {
            match states[id.place()] {
                State::InChain => {
                    return Err(DevalueError::Slot {
                        slot: start.saturating_sub(CONSTANTS.len()),
                        reason: "a tagged value is wrapped in itself".to_owned(),
                    });
                }
                // The rest of the chain is known.
                State::Done => {
                    id = *innermost;
                    break;
                }
                State::New => {
                    states[id.place()] = State::InChain;
                    chain.push(id.place());
                    id = *innermost;
                }
            }
        }
        for wrapper in chain.drain(..) {
            states[wrapper] = State::Done;
            if let Value::Wrapped { innermost, .. } = &mut values[wrapper] {
                *innermost = id;
            }
        }
    }
    Ok(())
}

/// Leaves one of each key in maps and of each value in sets, as JavaScript counts the same values: primitives by
/// value with one zero and one NaN, everything else by identity. A map's key keeps its place and gets the last value.
fn collapse_duplicates(values: &mut [Value]) {
    if !values
        .iter()
        .any(|value| matches!(value, Value::Map(_) | Value::Set(_)))
    {
        return;
    }
    // One id for each primitive, found once: a long string may stand in many sets.
    #[derive(PartialEq, Eq, Hash)]
    enum Primitive<'v> {
        Null,
        Undefined,
        Bool(bool),
        Number(u64),
        String(&'v str),
        BigInt(&'v str),
    }
    let mut first: HashMap<Primitive<'_>, Id> = HashMap::new();
    let mut same: Vec<Id> = Vec::with_capacity(values.len());
    for (place, value) in values.iter().enumerate() {
        let id = Id(place as u32);
        let primitive = match value {
            Value::Null => Primitive::Null,
            Value::Undefined => Primitive::Undefined,
            Value::Bool(flag) => Primitive::Bool(*flag),
            Value::Number(number) if number.is_nan() => Primitive::Number(f64::NAN.to_bits()),
            // Adding zero makes a positive zero of a negative one.
            Value::Number(number) => Primitive::Number((number + 0.0).to_bits()),
            Value::String(text) => Primitive::String(text),
            Value::BigInt(text) => Primitive::BigInt(text),
            _ => {
                same.push(id);
                continue;
            }
        };
        same.push(*first.entry(primitive).or_insert(id));
    }
    // The first zero is the constant -0; sets and maps hold the other one.
    let same = |id: Id| match same[id.place()] {
        NEGATIVE_ZERO => ZERO,
        id => id,
    };
    for value in values.iter_mut() {
        match value {
            Value::Set(elements) => {
                let mut seen = HashSet::new();
                elements.retain_mut(|element| {
                    *element = same(*element);
                    seen.insert(*element)
                });
            }
            Value::Map(entries) => {
                let mut places: HashMap<Id, usize> = HashMap::new();
                let mut kept: Vec<(Id, Id)> = Vec::with_capacity(entries.len());
                for (key, value) in entries.iter() {
                    let key = same(*key);
                    let place = *places.entry(key).or_insert(kept.len());
                    match kept.get_mut(place) {
                        Some(entry) => entry.1 = *value,
                        None => kept.push((key, *value)),
                    }
                }
                *entries = kept;
            }
            _ => {}
        }
    }
}
