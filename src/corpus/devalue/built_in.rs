//! The tags of the format itself: dates, maps, typed arrays, ….

use std::collections::BTreeSet;

use super::json::{self, Node};
use super::revive::{Reviver, UNDEFINED, constant, describe, whole};
use super::{Element, Value, bigint, binary, date};

/// What a built-in tag makes.
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

impl Reviver<'_> {
    /// Returns the value of a built-in tag and its arguments.
    pub(super) fn built_in(
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
}

/// Returns whether JavaScript takes a text for the flags of a regular expression.
fn are_flags(flags: &str) -> bool {
    let distinct: BTreeSet<char> = flags.chars().collect();
    distinct.len() == flags.len()
        && distinct.iter().all(|flag| "dgimsuvy".contains(*flag))
        && !(distinct.contains(&'u') && distinct.contains(&'v'))
}
