//! Records of the BEIR layout: `{"_id", "title", "text", "metadata"}`. The text becomes the answer.

use serde_json::Value;

use super::page;
use super::records::{self, Place, Unread};
use crate::body::{self, Block};
use crate::entry::{Answer, Difficulty, Entry, Format, Topic};

/// Longest title that is taken from a text, in characters.
const MAX_TITLE_CHARS: usize = 120;

/// Returns the entry of a record. A record without a title is named after its first words.
pub(super) fn read(json: &str, place: &Place<'_>) -> Result<Entry, Unread> {
    let record: Value =
        serde_json::from_str(json).map_err(|error| records::unread(json, &error))?;
    let field = |key: &str| record.get(key).and_then(page::text);
    let metadata = |key: &str| record.get("metadata")?.get(key);
    let fact = |key: &str| metadata(key).and_then(page::text);
    let missing = |field: &str| Unread {
        lines_below: 0,
        record: page::text(&record["_id"]),
        message: format!("expected a text in the field `{field}`"),
    };
    let id = field("_id").ok_or_else(|| missing("_id"))?;
    let text = record["text"].as_str().ok_or_else(|| missing("text"))?;
    let blocks = blocks(text, fact("lang").as_deref());
    let difficulty = fact("difficulty").or_else(|| fact("level"));
    let known = difficulty.as_deref().and_then(Difficulty::from_any_scale);
    Ok(Entry {
        title: field("title")
            .map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "))
            .or_else(|| first_words(blocks.first().map_or(text, Block::text)))
            .unwrap_or_else(|| id.clone()),
        id,
        answers: match blocks.is_empty() {
            true => Vec::new(),
            false => vec![Answer {
                blocks,
                ..Answer::default()
            }],
        },
        difficulty_original: difficulty
            .filter(|word| known.is_none_or(|known| known.as_str() != word)),
        difficulty: known,
        topic: fact("topic").and_then(|path| Topic::new(&path)),
        framework: fact("framework"),
        tags: ["tags", "tag"]
            .iter()
            .find_map(|key| metadata(key))
            .map(page::tags)
            .unwrap_or_default(),
        score: metadata("score").and_then(Value::as_i64),
        created: fact("created"),
        url: fact("url").or_else(|| field("url")),
        source: records::source(place, Format::Beir),
        ..Entry::default()
    })
}

/// Programming languages that sets of functions name in `metadata.lang`; such a text is code. Any other word there
/// may be the language that people speak.
const CODE_LANGUAGES: [&str; 14] = [
    "bash",
    "c",
    "c++",
    "cpp",
    "csharp",
    "go",
    "java",
    "javascript",
    "kotlin",
    "php",
    "python",
    "ruby",
    "rust",
    "typescript",
];

/// Returns the blocks of a BEIR text. The layout does not say what a text is: a whole function, HTML, or (plain text
/// included) Markdown.
fn blocks(text: &str, lang: Option<&str>) -> Vec<Block> {
    let lang = lang.map(str::to_lowercase);
    match lang.filter(|lang| CODE_LANGUAGES.contains(&lang.as_str())) {
        Some(lang) if !text.contains("```") && !text.trim().is_empty() => {
            vec![Block::Code(body::Code {
                text: text.trim_matches('\n').to_owned(),
                lang: Some(lang),
            })]
        }
        _ if is_html(text) => body::from_html(text),
        _ => body::from_markdown(text),
    }
}

/// Returns whether a text is HTML from end to end: it starts with a block's tag and ends with a tag.
fn is_html(text: &str) -> bool {
    let text = text.trim();
    let Some(rest) = text.strip_prefix('<').filter(|_| text.ends_with('>')) else {
        return false;
    };
    let name = rest.split(|c: char| !c.is_ascii_alphanumeric()).next();
    name.is_some_and(|name| {
        let name = name.to_ascii_lowercase();
        [
            "p",
            "pre",
            "ul",
            "ol",
            "div",
            "blockquote",
            "table",
            "h1",
            "h2",
            "h3",
            "h4",
        ]
        .contains(&name.as_str())
    })
}

/// Returns the first sentence of a text's first line, or as many of its words as a title holds.
pub(super) fn first_words(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let sentence = line
        .match_indices(['.', '?', '!'])
        .map(|(at, mark)| at + mark.len())
        .find(|end| line[*end..].starts_with(char::is_whitespace))
        .map_or(line, |end| &line[..end]);
    if sentence.chars().count() <= MAX_TITLE_CHARS {
        return Some(sentence.to_owned());
    }
    // One character is left for the ellipsis.
    let (end, _) = sentence.char_indices().nth(MAX_TITLE_CHARS - 1)?;
    let cut = match sentence[..end].rfind(char::is_whitespace) {
        Some(word_end) if !sentence[end..].starts_with(char::is_whitespace) => word_end,
        _ => end,
    };
    Some(format!("{}…", sentence[..cut].trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(json: &str) -> Entry {
        let place = Place {
            path: "x.jsonl",
            line: 10,
            format: Format::Jsonl,
        };
        read(json, &place).unwrap_or_else(|unread| panic!("{json}: {}", unread.message))
    }

    #[test]
    fn beir_records_bring_their_facts() {
        let entry = entry(
            r#"{"_id": 7, "title": "T", "text": "x", "metadata": {"tags": ["a", "b"], "topic": "A/B", "score": 3,
                "level": "Senior", "url": "https://example.org/7", "created": "2020-01-02"}}"#,
        );
        assert_eq!((entry.id.as_str(), entry.title.as_str()), ("7", "T"));
        assert_eq!(entry.tags, ["a", "b"]);
        assert_eq!(entry.topic.as_ref().map(Topic::as_str), Some("/a/b"));
        assert_eq!(entry.score, Some(3));
        assert_eq!(entry.difficulty, Some(Difficulty::Hard));
        assert_eq!(entry.difficulty_original.as_deref(), Some("Senior"));
        assert_eq!(entry.url.as_deref(), Some("https://example.org/7"));
        assert_eq!(entry.source.format, Format::Beir);
    }

    #[test]
    fn a_text_without_a_title_is_named_after_its_first_words() {
        let long = "abcdefghi ".repeat(20);
        let cut = format!("{}…", "abcdefghi ".repeat(12).trim_end());
        let unbroken = "é".repeat(200);
        let cut_unbroken = format!("{}…", "é".repeat(119));
        for (text, title) in [
            ("One. Two.", Some("One.")),
            ("\n  Use v1.2 or f(x)? Yes.", Some("Use v1.2 or f(x)?")),
            ("one line\nand another", Some("one line")),
            (&long, Some(cut.as_str())),
            (&unbroken, Some(&cut_unbroken)),
            ("  \n", None),
        ] {
            let words = first_words(text);
            assert_eq!(words.as_deref(), title);
            assert!(words.is_none_or(|words| words.chars().count() <= MAX_TITLE_CHARS));
        }
        assert_eq!(entry(r#"{"_id": "a", "title": "", "text": ""}"#).title, "a");
    }

    #[test]
    fn texts_of_functions_are_code_and_html_is_known() {
        let blocks = blocks("def f():\n    return __x__\n", Some("Python"));
        assert_eq!(
            blocks,
            [Block::Code(body::Code {
                text: "def f():\n    return __x__".to_owned(),
                lang: Some("python".to_owned()),
            })]
        );
        for (text, expected) in [
            ("<p>a</p>\n\n<pre><code>b\n\nc</code></pre>\n", true),
            ("<H2>a</H2>", true),
            ("<p>a</p> and Markdown", false),
            ("<T> is a type <U>", false),
            ("a <b>c</b>", false),
            ("", false),
        ] {
            assert_eq!(is_html(text), expected, "{text}");
        }
    }
}
