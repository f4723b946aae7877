//! Markup: comments, the names of tags, and the values of attributes.

use std::ops::Range;

use super::Class;

/// Returns the pieces of markup that have a class.
pub(super) fn classes(code: &str) -> Vec<(Range<usize>, Class)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = code[at..].find('<').map(|open| at + open) {
        let rest = &code[open..];
        if rest.starts_with("<!--") {
            let end = rest.find("-->").map_or(code.len(), |end| open + end + 3);
            found.push((open..end, Class::Comment));
            at = end;
            continue;
        }
        let name = open + 1 + usize::from(rest.starts_with("</"));
        let is_part = |character: char| character.is_alphanumeric() || "-:_.!?".contains(character);
        let length = code[name..].find(|character| !is_part(character));
        let name_end = length.map_or(code.len(), |length| name + length);
        at = name_end;
        if name_end > name {
            found.push((name..name_end, Class::Keyword));
            at = attributes(code, name_end, &mut found);
        }
    }
    found
}

/// Finds the values between a tag's name and its end, and returns that end.
fn attributes(code: &str, mut at: usize, found: &mut Vec<(Range<usize>, Class)>) -> usize {
    while let Some(place) = code[at..]
        .find(['"', '\'', '>', '<'])
        .map(|place| at + place)
    {
        let mark = &code[place..=place];
        if matches!(mark, ">" | "<") {
            return place;
        }
        let Some(end) = code[place + 1..].find(mark) else {
            return code.len();
        };
        at = place + 1 + end + 1;
        found.push((place..at, Class::Text));
    }
    code.len()
}
