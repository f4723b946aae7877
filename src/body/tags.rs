//! What is a tag and what only looks like one: `<b>` in a text is markup, `vector<T>`, `List<String>`,
//! `<stdio.h>` and `a <b && c> d` are text that its author did not escape.

use std::collections::HashMap;

/// What an HTML element does to the text in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing: its text is part of what stands around it.
    Inline,
    /// Its text is a block of its own.
    Block,
    Heading(u8),
    BulletList,
    NumberedList,
    Item,
    Quote,
    Preformatted,
    Table,
    Row,
    Cell,
    Strong,
    Emphasis,
    Code,
    Link,
    Image,
    LineBreak,
    Quotation,
    Superscript,
    /// Its text is not shown.
    Dropped,
}

/// Returns what the HTML element of a lower-case name does, or `None` when HTML has no such element.
pub(super) fn role(name: &str) -> Option<Role> {
    Some(match name {
        "p" | "div" | "section" | "article" | "aside" | "header" | "footer" | "main" | "nav"
        | "body" | "html" | "address" | "center" | "dd" | "details" | "dialog" | "dl" | "dt"
        | "fieldset" | "figcaption" | "figure" | "form" | "hgroup" | "hr" | "legend"
        | "optgroup" | "option" | "search" | "summary" | "title" | "frameset" | "noframes" => {
            Role::Block
        }
        "h1" => Role::Heading(1),
        "h2" => Role::Heading(2),
        "h3" => Role::Heading(3),
        "h4" => Role::Heading(4),
        "h5" => Role::Heading(5),
        "h6" => Role::Heading(6),
        "ul" | "dir" | "menu" => Role::BulletList,
        "ol" => Role::NumberedList,
        "li" => Role::Item,
        "blockquote" => Role::Quote,
        "pre" | "listing" | "xmp" => Role::Preformatted,
        "table" => Role::Table,
        "tr" | "caption" => Role::Row,
        "td" | "th" => Role::Cell,
        "b" | "strong" => Role::Strong,
        "i" | "em" | "cite" | "dfn" | "var" => Role::Emphasis,
        "code" | "kbd" | "samp" | "tt" => Role::Code,
        "a" => Role::Link,
        "img" | "area" => Role::Image,
        "br" => Role::LineBreak,
        "q" => Role::Quotation,
        "sup" => Role::Superscript,
        "script" | "style" | "template" | "svg" => Role::Dropped,
        "abbr" | "acronym" | "applet" | "audio" | "base" | "basefont" | "bdi" | "bdo" | "big"
        | "blink" | "button" | "canvas" | "col" | "colgroup" | "data" | "datalist" | "del"
        | "embed" | "font" | "frame" | "head" | "iframe" | "input" | "ins" | "keygen" | "label"
        | "link" | "map" | "mark" | "marquee" | "meta" | "meter" | "nobr" | "noembed"
        | "noscript" | "object" | "output" | "param" | "picture" | "progress" | "rb" | "rp"
        | "rt" | "rtc" | "ruby" | "s" | "select" | "slot" | "small" | "source" | "span"
        | "strike" | "sub" | "tbody" | "textarea" | "tfoot" | "thead" | "time" | "track" | "u"
        | "video" | "wbr" => Role::Inline,
        _ => return None,
    })
}

/// Returns whether an element does nothing without attributes, so that its bare start tag is a mention of its name,
/// an included file or a type: `<img>`, `#include <map>`, `Promise<object>`.
fn needs_attributes(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "basefont"
            | "data"
            | "embed"
            | "frame"
            | "img"
            | "input"
            | "link"
            | "map"
            | "meta"
            | "object"
            | "param"
            | "source"
            | "track"
    )
}

fn is_often_unclosed(name: &str) -> bool {
    let formatting = [
        "b", "i", "u", "em", "strong", "code", "kbd", "sup", "sub", "small", "center",
    ];
    let structure = [
        "p", "details", "summary", "ul", "ol", "li", "dt", "dd", "table", "tr", "td", "th", "pre",
    ];
    is_void(name) || formatting.contains(&name) || structure.contains(&name)
}

/// Returns whether an element has no end tag.
fn is_void(name: &str) -> bool {
    matches!(name, "br" | "col" | "hr" | "wbr" | "keygen")
        || needs_attributes(name) && !matches!(name, "map" | "object" | "data")
}

/// How strictly tags are taken for markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As a browser does, more or less.
    Html,
    /// In running text of Markdown a bare start tag without an end tag is a mention, unless authors often forget the
    /// end tag: `Put it into the <head> tag`. Every such tag in the collections of questions that we read was one.
    Markdown,
    /// A tag without its counterpart is a mention: `What is the difference between <div> and <span>?`
    Title,
}

/// The tags of a source text, by name.
pub(super) struct Tags<'a> {
    source: &'a str,
    /// Where start and end tags stand, in order.
    places: HashMap<String, (Vec<usize>, Vec<usize>)>,
}

impl<'a> Tags<'a> {
    /// Returns the tags of a source text. Reads all of it.
    pub(super) fn new(source: &'a str) -> Self {
        let mut places: HashMap<String, (Vec<usize>, Vec<usize>)> = HashMap::new();
        for (place, _) in source.match_indices('<') {
            let Some((name, is_end)) = name_at(&source[place..]) else {
                continue;
            };
            let name = name.to_ascii_lowercase();
            if role(&name).is_some() {
                let (starts, ends) = places.entry(name).or_default();
                if is_end { ends } else { starts }.push(place);
            }
        }
        Tags { source, places }
    }

    /// Returns whether what stands between `start` and `end` is markup; its counterpart is looked for up to `limit`.
    pub(super) fn is_markup(
        &self,
        start: usize,
        end: usize,
        limit: usize,
        reading: Reading,
    ) -> bool {
        let tag = &self.source[start..end];
        if tag.starts_with("<!--") {
            return true;
        }
        let Some((written, is_end)) = name_at(tag) else {
            return false;
        };
        let name = written.to_ascii_lowercase();
        let Some(role) = role(&name) else {
            return false;
        };
        let has = |character: fn(&char) -> bool| written.chars().any(|other| character(&other));
        // Nobody writes HTML as `<Object>`; Java and React do.
        if has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) {
            return false;
        }
        let Some((starts, ends)) = self.places.get(&name) else {
            return false;
        };
        if is_end {
            return reading != Reading::Title || starts.first().is_some_and(|first| *first < start);
        }
        let next_end = ends.get(ends.partition_point(|place| *place < end));
        let is_closed = next_end.is_some_and(|place| *place < limit);
        let attributes = tag[1 + written.len()..].trim_end_matches(['/', '>']).trim();
        if !attributes.is_empty() {
            // `a <b and c> d`: no one-letter element has attributes without a value.
            return name.len() > 1 || attributes.contains('=');
        }
        let is_type = written.len() == 1
            && has(char::is_ascii_uppercase)
            && self.source[..start]
                .ends_with(|before: char| before.is_alphanumeric() || before == '_');
        if is_type || needs_attributes(&name) || (role == Role::Dropped && !is_closed) {
            return false;
        }
        match reading {
            Reading::Html => true,
            Reading::Markdown => is_closed || is_often_unclosed(&name),
            Reading::Title if is_void(&name) => {
                let is_apart = self.source[..start].ends_with(' ')
                    && self.source[end..].starts_with([' ', '?', ',']);
                !is_apart
            }
            Reading::Title => is_closed,
        }
    }

    /// Returns the source with `&lt;` in place of every `<` that starts no tag.
    pub(super) fn escaped(&self, reading: Reading) -> String {
        let source = self.source;
        let mut escaped = String::with_capacity(source.len() + 16);
        let mut done = 0;
        // Looking for the ends of tags that have none must not cost the square of the text's length.
        let mut budget = 16 * source.len();
        let mut search = 0;
        while let Some(place) = source[search..].find('<').map(|place| search + place) {
            search = place + 1;
            let rest = &source[place..];
            if rest.starts_with("<!--") {
                search = rest.find("-->").map_or(source.len(), |end| place + end + 3);
                continue;
            }
            if place == source.len() - source.trim_start().len() && starts_with_doctype(rest) {
                continue;
            }
            let (length, read) = if budget > 0 {
                tag_length(rest)
            } else {
                (None, 0)
            };
            match length {
                Some(length) if self.is_markup(place, place + length, source.len(), reading) => {
                    search = place + length;
                }
                _ => {
                    budget = budget.saturating_sub(read);
                    escaped.push_str(&source[done..place]);
                    escaped.push_str("&lt;");
                    done = place + 1;
                }
            }
        }
        escaped.push_str(&source[done..]);
        escaped
    }
}

fn starts_with_doctype(text: &str) -> bool {
    let word = "<!doctype";
    text.get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Returns the name of the tag that a text starts with, and whether it is an end tag.
fn name_at(text: &str) -> Option<(&str, bool)> {
    let rest = text.strip_prefix('<')?;
    let (rest, is_end) = match rest.strip_prefix('/') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    if !rest.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    let end =
        rest.find(|character: char| character.is_ascii_whitespace() || "/><".contains(character));
    Some((&rest[..end?], is_end))
}

/// Returns the length of the tag that a text starts with, if it is well formed, and how many bytes were read to know.
/// Browsers take nearly anything for an attribute; a name has to start like one here.
fn tag_length(text: &str) -> (Option<usize>, usize) {
    let Some((name, is_end)) = name_at(text) else {
        return (None, 1);
    };
    let bytes = text.as_bytes();
    let mut at = 1 + usize::from(is_end) + name.len();
    let skip = |mut at: usize, is_part: &dyn Fn(u8) -> bool| {
        while bytes.get(at).is_some_and(|byte| is_part(*byte)) {
            at += 1;
        }
        at
    };
    let is_blank = |byte: u8| byte.is_ascii_whitespace();
    loop {
        at = skip(at, &|byte| is_blank(byte) || byte == b'/');
        match bytes.get(at) {
            Some(b'>') => return (Some(at + 1), at),
            // Vue and Angular write `@click`, `:key`, `#name`, `*ngIf`, `[value]` and `(change)`.
            Some(byte) if byte.is_ascii_alphabetic() || b"_:@#*[(".contains(byte) => {}
            _ => return (None, at),
        }
        at = skip(at, &|byte| !is_blank(byte) && !b"/><=\"'".contains(&byte));
        let value = skip(at, &is_blank);
        if bytes.get(value) != Some(&b'=') {
            continue;
        }
        at = skip(value + 1, &is_blank);
        match bytes.get(at) {
            Some(quote @ (b'"' | b'\'')) => {
                at = skip(at + 1, &|byte| byte != *quote);
                if at == bytes.len() {
                    return (None, at);
                }
                at += 1;
            }
            _ => at = skip(at, &|byte| !is_blank(byte) && byte != b'>' && byte != b'<'),
        }
    }
}
