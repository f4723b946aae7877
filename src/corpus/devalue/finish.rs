//! What is done once all slots are values: texts inside empty refs are parsed, chains of wrappers are measured, and maps
//! and sets lose their duplicates.

use std::collections::{HashMap, HashSet};

use super::json::{self, Node, Tree};
use super::revive::{CONSTANTS, NEGATIVE_ZERO, ZERO};
use super::{DevalueError, Id, Value};

/// Finishes a document's values.
pub(super) fn finish(values: &mut Vec<Value>) -> Result<(), DevalueError> {
    parse_empty_refs(values);
    unwrap(values)?;
    collapse_duplicates(values);
    Ok(())
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
