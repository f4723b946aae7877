//! Which format a file has, by its content; its name only says what is worth trying.

use serde::de::IgnoredAny;

use super::walk::Name;
use super::{ReadOptions, markdown, nuxt, records};

/// How many lines at a file's beginning are looked at.
const MAX_LINES: usize = 20;

/// What the first bytes of a file say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// A record a line.
    Lines,
    /// JSON lines, but no records.
    OtherLines,
    /// Nothing for sure; the whole text will tell.
    Unknown,
}

/// What a whole text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Payload,
    Html,
    Json,
    Markdown,
}

/// Returns what the first bytes of a file say; `is_whole` when they are all there is.
pub(super) fn head(name: Name, head: &[u8], is_whole: bool) -> Head {
    let head = String::from_utf8_lossy(head);
    if matches!(name, Name::Markdown | Name::Html) {
        return Head::Unknown;
    }
    let complete = match head.rfind('\n') {
        _ if is_whole => &head[..],
        Some(end) => &head[..end],
        None => "",
    };
    let lines = complete
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(MAX_LINES)
        .collect::<Vec<_>>();
    let is_json = |line: &str| serde_json::from_str::<IgnoredAny>(line).is_ok();
    let Some(first) = lines.first() else {
        // One line that goes on and on: the name decides.
        let is_record = name == Name::JsonLines && head.trim_start().starts_with('{');
        return if is_record {
            Head::Lines
        } else {
            Head::Unknown
        };
    };
    let is_list = first.starts_with('[') && (lines.len() == 1 || !is_json(first));
    if is_list || first.trim_end() == "{" {
        return Head::Unknown;
    }
    if name != Name::JsonLines && (lines.len() < 2 || !first.starts_with('{') || !is_json(first)) {
        return Head::Unknown;
    }
    let has_records = lines.iter().any(|line| records::schema(line).is_some());
    if has_records || !lines.iter().any(|line| is_json(line)) {
        Head::Lines
    } else {
        Head::OtherLines
    }
}

/// Returns what a whole text is, or `None` for one that is no corpus.
pub(super) fn shape(name: Name, text: &str, options: &ReadOptions) -> Option<Shape> {
    let start = text.trim_start();
    match name {
        Name::Markdown => return Some(Shape::Markdown),
        Name::Html => return nuxt::has_inline_payload(text).then_some(Shape::Html),
        _ if start.is_empty() => return None,
        _ => {}
    }
    if start.starts_with('<') && nuxt::has_inline_payload(text) {
        return Some(Shape::Html);
    }
    if start.starts_with(['[', '{']) && nuxt::looks_like_payload(text) {
        return Some(Shape::Payload);
    }
    // What a name promises and does not keep is a problem to report, so that it need not be valid.
    let is_json = match name {
        Name::Json | Name::JsonLines => true,
        _ => start.starts_with(['[', '{']) && serde_json::from_str::<IgnoredAny>(text).is_ok(),
    };
    if is_json {
        return Some(Shape::Json);
    }
    markdown::looks_like_page(text, options.sections).then_some(Shape::Markdown)
}
