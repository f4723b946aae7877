//! Nuxt payloads: `_payload.json` files, and the same inside HTML pages. Whatever in them looks like a page with
//! questions becomes entries.

mod find;
mod html;
mod read;

#[cfg(test)]
#[expect(clippy::print_stdout, reason = "tests say what they left out")]
mod real_data;
#[cfg(test)]
mod tests;

use super::{Sink, TextFile, devalue};

/// Reads a file that is a payload.
pub(crate) fn read_payload(file: &TextFile<'_>, out: &mut Sink<'_>) {
    read::read(file, file.text, out);
}

/// Reads the payloads inside an HTML page; an application each, where there are several.
pub(crate) fn read_html(file: &TextFile<'_>, out: &mut Sink<'_>) {
    for payload in html::payloads(file.text) {
        read::read(file, &payload, out);
    }
}

/// Returns whether a text starts as payloads do: a list whose first element is an object or list of indices or a known
/// tag with indices; or one of the constants that are a whole payload. Cheap: reads the first element only.
pub(crate) fn looks_like_payload(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim();
    match text.strip_prefix('[') {
        Some(slots) => starts_with_indices(slots).unwrap_or(false),
        None => matches!(text, "-1" | "-3" | "-4" | "-5" | "-6"),
    }
}

/// Returns whether an HTML page holds a payload. Cheap for pages that never mention one.
pub(crate) fn has_inline_payload(html: &str) -> bool {
    html::MARKS.iter().any(|mark| html.contains(mark)) && !html::payloads(html).is_empty()
}

/// Returns whether the first slot has nothing but indices in it, `None` when it is cut off or no JSON.
fn starts_with_indices(slots: &str) -> Option<bool> {
    let slots = slots.trim_start();
    let is_object = slots.starts_with('{');
    let mut rest = slots.strip_prefix(['{', '[']).map(str::trim_start)?;
    if !is_object && rest.starts_with('"') {
        let (tag, after) = string(rest)?;
        if !devalue::is_known_tag(tag) {
            return Some(false);
        }
        rest = after.trim_start().strip_prefix(',')?.trim_start();
    }
    loop {
        if is_object {
            let (_, after) = string(rest)?;
            rest = after.trim_start().strip_prefix(':')?.trim_start();
        }
        let digits = rest.strip_prefix('-').unwrap_or(rest);
        let after = digits.trim_start_matches(|c: char| c.is_ascii_digit());
        if after.len() == digits.len() {
            return Some(false);
        }
        rest = after.trim_start();
        if rest.starts_with(['}', ']']) {
            return Some(true);
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
}

/// Returns the JSON string that a text starts with, escapes as they are, and what follows it.
fn string(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut is_escaped = false;
    let end = inner.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    Some((&inner[..end], &inner[end + 1..]))
}
