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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_a_line_is_known_by_its_first_lines() {
        let own = r#"{"id": "a", "title": "A"}"#;
        let beir = r#"{"_id": "a", "text": "A"}"#;
        let long = r#"{"id": "a", "title": "A"#;
        for (name, text, is_whole, expected) in [
            (Name::JsonLines, own.to_owned(), true, Head::Lines),
            (Name::JsonLines, beir.to_owned(), true, Head::Lines),
            (
                Name::JsonLines,
                format!("{{broken\n{own}\n"),
                true,
                Head::Lines,
            ),
            (
                Name::JsonLines,
                "broken\nbroken\n".to_owned(),
                true,
                Head::Lines,
            ),
            (Name::JsonLines, long.to_owned(), false, Head::Lines),
            (
                Name::JsonLines,
                "{\"level\": 1}\n{\"level\": 2}\n".to_owned(),
                true,
                Head::OtherLines,
            ),
            (
                Name::JsonLines,
                "[1]\n[2]\n".to_owned(),
                true,
                Head::OtherLines,
            ),
            (Name::JsonLines, format!("[{own}]"), true, Head::Unknown),
            (Name::JsonLines, format!("[\n{own}\n]"), true, Head::Unknown),
            (
                Name::JsonLines,
                "{\n\"id\": 1}".to_owned(),
                true,
                Head::Unknown,
            ),
            (Name::JsonLines, String::new(), true, Head::Unknown),
            (Name::Json, own.to_owned(), true, Head::Unknown),
            (Name::Json, format!("{own}\n{own}\n"), true, Head::Lines),
            (Name::Text, format!("{beir}\n{beir}"), true, Head::Lines),
            (Name::Text, "{}\n{}\n".to_owned(), true, Head::OtherLines),
            (Name::Text, format!("{own}\ntext"), true, Head::Lines),
            (Name::Markdown, format!("{own}\n{own}"), true, Head::Unknown),
        ] {
            assert_eq!(
                head(name, text.as_bytes(), is_whole),
                expected,
                "{name:?} {text}"
            );
        }
    }

    #[test]
    fn names_only_say_what_is_worth_trying() {
        for (name, text, expected) in [
            (Name::Markdown, "anything", Some(Shape::Markdown)),
            (Name::Json, "{\"a\": 1}", Some(Shape::Json)),
            (Name::Json, "{broken", Some(Shape::Json)),
            (Name::Json, " ", None),
            (
                Name::Text,
                "[{\"id\": \"a\", \"title\": \"A\"}]",
                Some(Shape::Json),
            ),
            (Name::Text, "[a link](b)\n\n# Why?\n", Some(Shape::Markdown)),
            (Name::Text, "---\ntitle: a\n---\n", Some(Shape::Markdown)),
            (Name::Text, "# A heading\n", None),
            (Name::Text, "words", None),
            (Name::Html, "<p>words</p>", None),
        ] {
            assert_eq!(
                shape(name, text, &ReadOptions::default()),
                expected,
                "{name:?} {text}"
            );
        }
        let options = ReadOptions {
            sections: true,
            ..ReadOptions::default()
        };
        assert_eq!(
            shape(Name::Text, "# A heading\n", &options),
            Some(Shape::Markdown)
        );
    }
}
