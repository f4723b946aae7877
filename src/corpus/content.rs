//! Bodies that Nuxt Content has parsed: trees of elements, in the layout of its version 2 (`root`) or 3 (`minimark`).
//! They are written back as HTML, so that what markup means is decided in one place.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::page::Section;
use crate::body::{self, Block, ProseStyle};

/// Elements below this depth are left out.
const MAX_DEPTH: usize = 256;

/// Returns the blocks of a parsed body, `None` when the value is none.
pub(crate) fn blocks(value: &Value) -> Option<Vec<Block>> {
    nodes(value).map(|nodes| body::from_html(&html(nodes)))
}

/// Returns a body's sections: what stands before the first heading, if anything does, and what stands under each. A
/// body is a parsed one, or a text in HTML or Markdown. Sections without text are left out.
pub(crate) fn sections(body: &Value) -> Vec<Section> {
    match body {
        Value::String(text) if text.trim_start().starts_with('<') => split(body::from_html(text)),
        Value::String(text) => split(body::from_markdown(text)),
        parsed => nodes(parsed).map(parsed_sections).unwrap_or_default(),
    }
}

fn parsed_sections(nodes: &[Value]) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut section = Section::default();
    let mut start = 0;
    for (place, value) in nodes.iter().enumerate() {
        let heading = match node(value) {
            Some(heading @ Node::Element { tag, .. }) if heading_level(tag).is_some() => heading,
            _ => continue,
        };
        push_section(section, &nodes[start..place], &mut sections);
        start = place + 1;
        section = Section {
            id: heading.prop("id").map(str::to_owned),
            heading: Some(one_line(&heading.text())),
            blocks: Vec::new(),
        };
    }
    push_section(section, &nodes[start..], &mut sections);
    sections
}

fn push_section(section: Section, nodes: &[Value], sections: &mut Vec<Section>) {
    let html = html(nodes);
    if has_text(&html) {
        sections.push(Section {
            blocks: body::from_html(&html),
            ..section
        });
    }
}

/// Splits blocks at their headings.
fn split(blocks: Vec<Block>) -> Vec<Section> {
    let mut sections = vec![Section::default()];
    for block in blocks {
        match block {
            Block::Prose(prose) if matches!(prose.style, ProseStyle::Heading(_)) => {
                sections.push(Section {
                    heading: Some(one_line(&prose.text)),
                    ..Section::default()
                });
            }
            block => {
                if let Some(section) = sections.last_mut() {
                    section.blocks.push(block);
                }
            }
        }
    }
    sections.retain(|section| !section.blocks.is_empty());
    sections
}

/// Returns the topmost nodes of a parsed body, also when the body stands inside what the parser returned.
fn nodes(value: &Value) -> Option<&[Value]> {
    let fields = value.as_object()?;
    let list = match fields.get("type").and_then(Value::as_str) {
        Some("root") => "children",
        // Nuxt Content 3 called it `minimal` at first.
        Some("minimark" | "minimal") => "value",
        _ => {
            let inner = fields.get("body")?;
            // One step only: a parser's result holds a body, not another result.
            inner.get("type")?;
            return nodes(inner);
        }
    };
    fields.get(list)?.as_array().map(Vec::as_slice)
}

/// A node of either layout.
#[derive(Clone, Copy)]
enum Node<'v> {
    Text(&'v str),
    Element {
        tag: &'v str,
        props: Option<&'v Map<String, Value>>,
        children: &'v [Value],
    },
}

fn node(value: &Value) -> Option<Node<'_>> {
    match value {
        Value::String(text) => Some(Node::Text(text)),
        Value::Array(parts) => {
            let (tag, rest) = parts.split_first()?;
            let (props, children) = match rest.split_first() {
                Some((Value::Object(props), children)) => (Some(props), children),
                _ => (None, rest),
            };
            Some(Node::Element {
                tag: tag.as_str()?,
                props,
                children,
            })
        }
        Value::Object(fields) => match fields.get("type").and_then(Value::as_str)? {
            "text" => fields.get("value").and_then(Value::as_str).map(Node::Text),
            kind @ ("element" | "root") => {
                let children = fields.get("children").and_then(Value::as_array);
                Some(Node::Element {
                    tag: fields.get("tag").and_then(Value::as_str).unwrap_or(kind),
                    props: fields.get("props").and_then(Value::as_object),
                    children: children.map(Vec::as_slice).unwrap_or_default(),
                })
            }
            _ => None,
        },
        _ => None,
    }
}

impl Node<'_> {
    fn prop(&self, name: &str) -> Option<&str> {
        let Node::Element {
            props: Some(props), ..
        } = self
        else {
            return None;
        };
        let text = props.get(name)?.as_str()?;
        (!text.trim().is_empty()).then_some(text)
    }

    /// Returns all text below the node.
    fn text(&self) -> String {
        let mut text = String::new();
        collect_text(*self, &mut text, 0);
        text
    }

    /// Returns a code block's text. The highlighter's spans below it are left alone: the element keeps the source.
    fn code(&self) -> Option<String> {
        let Node::Element { tag, children, .. } = self else {
            return None;
        };
        match (*tag, self.prop("code")) {
            ("pre", Some(code)) => Some(code.to_owned()),
            ("pre", None) => Some(self.text()),
            // Early versions of Nuxt Content 2 put the source on a `code` element around the `pre`.
            ("code", Some(code)) => {
                let holds_pre = children
                    .iter()
                    .filter_map(node)
                    .any(|child| matches!(child, Node::Element { tag: "pre", .. }));
                (holds_pre || code.contains('\n')).then(|| code.to_owned())
            }
            _ => None,
        }
    }

    fn language(&self) -> Option<&str> {
        self.prop("language").or_else(|| {
            let classes = self.prop("className").or_else(|| self.prop("class"))?;
            classes
                .split_whitespace()
                .find_map(|class| class.strip_prefix("language-"))
        })
    }
}

fn collect_text(node: Node<'_>, text: &mut String, depth: usize) {
    match node {
        Node::Text(more) => text.push_str(more),
        Node::Element { tag: "br", .. } => text.push('\n'),
        Node::Element { children, .. } if depth < MAX_DEPTH => children
            .iter()
            .filter_map(self::node)
            .for_each(|child| collect_text(child, text, depth + 1)),
        Node::Element { .. } => {}
    }
}

fn html(nodes: &[Value]) -> String {
    let mut html = String::new();
    for node in nodes.iter().filter_map(node) {
        write_html(node, Place::Flow, &mut html, 0);
    }
    html
}

/// Where an element stands: among blocks, or inside running text.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Flow,
    Text,
}

fn write_html(node: Node<'_>, place: Place, html: &mut String, depth: usize) {
    let (tag, children) = match node {
        Node::Text(text) => return write_escaped(text, html),
        Node::Element { tag, children, .. } => (tag, children),
    };
    if depth >= MAX_DEPTH {
        return;
    }
    if let Some(code) = node.code() {
        html.push_str("<pre><code");
        write_attribute(
            "class",
            node.language().map(|lang| format!("language-{lang}")),
            html,
        );
        html.push('>');
        write_escaped(code.strip_suffix('\n').unwrap_or(&code), html);
        html.push_str("</code></pre>\n");
        return;
    }
    let write_children = |place, html: &mut String| {
        for child in children.iter().filter_map(self::node) {
            write_html(child, place, html, depth + 1);
        }
    };
    match tag {
        // The highlighter's style sheet, and what shows no text.
        "style" | "script" | "img" | "video" | "iframe" | "input" | "svg" | "comment" => {}
        "br" | "hr" => _ = write!(html, "<{tag}>"),
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dt" | "summary" => {
            _ = write!(html, "<{tag}>");
            write_children(Place::Text, html);
            _ = writeln!(html, "</{tag}>");
        }
        "ul" | "ol" | "li" | "blockquote" | "table" | "thead" | "tbody" | "tfoot" | "tr" | "th"
        | "td" | "dl" | "dd" | "div" | "section" | "details" => {
            _ = write!(html, "<{tag}");
            if tag == "ol" {
                write_attribute("start", start_of_list(node), html);
            }
            html.push('>');
            write_children(Place::Flow, html);
            _ = writeln!(html, "</{tag}>");
        }
        "a" => {
            html.push_str("<a");
            write_attribute("href", node.prop("href").map(str::to_owned), html);
            html.push('>');
            write_children(Place::Text, html);
            html.push_str("</a>");
        }
        "code" | "em" | "strong" | "b" | "i" | "del" | "s" | "u" | "sub" | "sup" | "kbd"
        | "small" | "mark" => {
            _ = write!(html, "<{tag}>");
            write_children(Place::Text, html);
            _ = write!(html, "</{tag}>");
        }
        "span" => write_children(place, html),
        _ if place == Place::Text => write_children(place, html),
        // A component of the site's own: a note, a tab, an accordion's item. Its name is worth nothing, its words are.
        _ => {
            html.push_str("<div>");
            for name in ["title", "label", "description"] {
                if let Some(words) = node.prop(name) {
                    html.push_str("<p>");
                    write_escaped(words, html);
                    html.push_str("</p>");
                }
            }
            write_children(Place::Flow, html);
            html.push_str("</div>\n");
        }
    }
}

fn start_of_list(node: Node<'_>) -> Option<String> {
    let Node::Element {
        props: Some(props), ..
    } = node
    else {
        return None;
    };
    super::page::text(props.get("start")?)
}

fn write_attribute(name: &str, value: Option<String>, html: &mut String) {
    if let Some(value) = value {
        _ = write!(html, " {name}=\"");
        write_escaped(&value, html);
        html.push('"');
    }
}

fn write_escaped(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
}

/// Returns whether HTML that was written here shows any text.
fn has_text(html: &str) -> bool {
    let mut in_tag = false;
    html.chars().any(|character| {
        match character {
            '<' => in_tag = true,
            '>' => in_tag = false,
            other => return !in_tag && !other.is_whitespace(),
        }
        false
    })
}

fn heading_level(tag: &str) -> Option<u8> {
    let level = tag.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The same small page in the layouts of versions 2 and 3.
    fn bodies() -> [Value; 2] {
        let element = |tag: &str, props: Value, children: Value| json!({"type": "element", "tag": tag, "props": props, "children": children});
        let text = |value: &str| json!({"type": "text", "value": value});
        let highlighted = element("code", json!({}), json!([text("highlit")]));
        let root = json!({"type": "root", "toc": {}, "children": [
            element("p", json!({}), json!([text("a < b "), element("em", json!({}), json!([text("now")]))])),
            element("h2", json!({"id": "why-not"}), json!([element("a", json!({"href": "#why-not"}), json!([text("Why\nnot?")]))])),
            element("pre", json!({"code": "x <- 1\n", "language": "r", "className": "language-r"}), json!([highlighted])),
            element("style", json!({}), json!([text("html { color: red }")])),
        ]});
        let minimark = json!({"type": "minimark", "toc": {}, "value": [
            ["p", {}, "a < b ", ["em", {}, "now"]],
            ["h2", {"id": "why-not"}, ["a", {"href": "#why-not"}, "Why\nnot?"]],
            ["pre", {"code": "x <- 1\n", "language": "r", "className": "language-r"}, ["code", {}, "highlit"]],
            ["style", {}, "html { color: red }"],
        ]});
        [root, minimark]
    }

    #[test]
    fn both_layouts_give_the_same_html() {
        for body in bodies() {
            assert_eq!(
                html(nodes(&body).expect("is a body")),
                "<p>a &lt; b <em>now</em></p>\n\
                 <h2><a href=\"#why-not\">Why\nnot?</a></h2>\n\
                 <pre><code class=\"language-r\">x &lt;- 1</code></pre>\n"
            );
            let wrapped = json!({"data": {}, "body": body});
            assert!(nodes(&wrapped).is_some());
        }
    }

    #[test]
    fn a_section_has_its_heading_with_the_id() {
        for body in bodies() {
            let sections = sections(&body);
            let heads: Vec<_> = sections
                .iter()
                .map(|section| (section.id.as_deref(), section.heading.as_deref()))
                .collect();
            assert_eq!(heads, [(None, None), (Some("why-not"), Some("Why not?"))]);
        }
    }

    #[test]
    fn sections_without_text_are_left_out() {
        let body = json!({"type": "minimark", "value": [
            ["h1", {}, "Title"], ["h2", {}, "Empty"], ["p", {}, " "], ["h2", {}, "Full"], ["p", {}, "words"],
        ]});
        let headings: Vec<_> = sections(&body)
            .into_iter()
            .map(|section| section.heading)
            .collect();
        assert_eq!(headings, [Some("Full".to_owned())]);
    }

    #[test]
    fn elements_become_html_or_give_their_words() {
        for (node, expected) in [
            (json!("plain & simple"), "plain &amp; simple"),
            (
                json!(["p", ["x-icon", {"title": "no"}, "yes"]]),
                "<p>yes</p>\n",
            ),
            (
                json!(["note", {"title": "Mind"}, ["p", {}, "the gap"]]),
                "<div><p>Mind</p><p>the gap</p>\n</div>\n",
            ),
            (
                json!(["template", {"v-slot:x": ""}, "slot"]),
                "<div>slot</div>\n",
            ),
            (
                json!(["pre", {}, ["code", {}, "a", ["br", {}], "b\n"]]),
                "<pre><code>a\nb</code></pre>\n",
            ),
            (
                json!(["code", {"code": "let a;\n", "language": "js"}, ["pre", {}, "x"]]),
                "<pre><code class=\"language-js\">let a;</code></pre>\n",
            ),
            (
                json!(["code", {"className": "x"}, "f()"]),
                "<code>f()</code>",
            ),
            (
                json!(["ol", {"start": 3}, ["li", {}, "c"]]),
                "<ol start=\"3\"><li>c</li>\n</ol>\n",
            ),
            (
                json!(["a", {"href": "\"><b>"}, "l"]),
                "<a href=\"&quot;&gt;&lt;b&gt;\">l</a>",
            ),
            (
                json!(["pre", {"code": "x", "className": "shiki language-c++"}]),
                "<pre><code class=\"language-c++\">x</code></pre>\n",
            ),
            (json!({"type": "comment", "value": "hidden"}), ""),
            (json!([]), ""),
            (json!([1, 2]), ""),
            (json!(null), ""),
        ] {
            assert_eq!(html(std::slice::from_ref(&node)), expected, "{node}");
        }
    }

    #[test]
    fn what_is_no_parsed_body_is_none() {
        for value in [
            json!(null),
            json!("text"),
            json!({}),
            json!({"type": "root"}),
            json!({"type": "root", "children": "x"}),
            json!({"type": "other", "value": []}),
            json!({"body": {"body": {"body": 1}}}),
        ] {
            assert_eq!(blocks(&value), None, "{value}");
        }
        assert!(blocks(&json!({"type": "minimal", "value": []})).is_some());
    }

    #[test]
    fn elements_too_deep_are_left_out() {
        let mut node = json!("deep");
        for _ in 0..300 {
            node = json!(["div", {}, node]);
        }
        let html = html(std::slice::from_ref(&node));
        assert!(!html.contains("deep"));
        assert_eq!(html.matches("<div>").count(), MAX_DEPTH);
    }
}
