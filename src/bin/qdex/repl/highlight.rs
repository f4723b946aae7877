//! Colours of the line that is being typed: what it will be read as.

use std::ops::Range;

use anstyle::{AnsiColor, Color, Style};
use qdex::{FacetField, query};

use super::commands::{Action, Line};
use super::knowledge::Knowledge;
use crate::spelling;

const fn color(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(color)))
}

const COMMAND: Style = color(AnsiColor::Cyan).bold();
const FIELD: Style = color(AnsiColor::Cyan);
const VALUE: Style = color(AnsiColor::Green);
const OPERATOR: Style = color(AnsiColor::Magenta).bold();
/// What is read otherwise than it looks.
const ODD: Style = color(AnsiColor::Yellow).underline();
const WRONG: Style = color(AnsiColor::Red).bold();

/// A longer line was pasted, and is text.
const MAX_BYTES: usize = 4_096;

/// Returns a line in colours: the same text, with styles.
pub(super) fn highlighted(line: &str, knowledge: &Knowledge) -> Option<String> {
    let pieces = pieces(line, knowledge);
    if pieces.is_empty() {
        return None;
    }
    let mut text = String::with_capacity(line.len() + 16 * pieces.len());
    let mut done = 0;
    for (range, style) in pieces {
        text.push_str(&line[done..range.start]);
        text.push_str(&format!("{style}{}{style:#}", &line[range.clone()]));
        done = range.end;
    }
    text.push_str(&line[done..]);
    Some(text)
}

/// Returns the styled bytes of a line, in order and apart from each other.
fn pieces(line: &str, knowledge: &Knowledge) -> Vec<(Range<usize>, Style)> {
    if line.len() > MAX_BYTES {
        return Vec::new();
    }
    let name_end = line.find(char::is_whitespace).unwrap_or(line.len());
    match Line::of(line) {
        Line::Nothing => Vec::new(),
        Line::Recall(_) => vec![(0..line.len(), COMMAND)],
        Line::Unknown(_) => vec![(0..name_end, WRONG)],
        Line::Command(Action::Narrow(field), _) => {
            let mut pieces = vec![(0..name_end, COMMAND)];
            let listed = name_end..line.len();
            pieces.extend(values(line, listed, field, knowledge));
            pieces
        }
        Line::Command(..) => vec![(0..name_end, COMMAND)],
        Line::Query(_) => in_query(line, knowledge),
    }
}

fn in_query(line: &str, knowledge: &Knowledge) -> Vec<(Range<usize>, Style)> {
    let parsed = query::parse(line);
    let mut pieces = Vec::new();
    for span in &parsed.operators {
        let typed = &line[span.clone()];
        let sign = usize::from(typed.starts_with('-'));
        let start = span.start + sign;
        if sign > 0 {
            pieces.push((span.start..start, OPERATOR));
        }
        let rest = &typed[sign..];
        match rest.split_once(':') {
            _ if matches!(rest, "OR" | "NOT") => pieces.push((start..span.end, OPERATOR)),
            _ if rest.starts_with(['"', '[']) => pieces.push((start..span.end, VALUE)),
            Some((name, _)) => {
                let value = start + name.len() + 1;
                pieces.push((start..value, FIELD));
                match name.parse::<FacetField>() {
                    Ok(field) => pieces.extend(values(line, value..span.end, field, knowledge)),
                    Err(_) => pieces.push((value..span.end, VALUE)),
                }
            }
            None => pieces.push((start..span.end, VALUE)),
        }
    }
    let odd = parsed.warnings.iter().map(|warning| warning.span.clone());
    let odd: Vec<Range<usize>> = odd.chain(misspelt_fields(line)).collect();
    for span in odd {
        let is_free = pieces
            .iter()
            .all(|(piece, _)| piece.end <= span.start || span.end <= piece.start);
        // The parser speaks of the trimmed text of a paste.
        if is_free && line.get(span.clone()).is_some() {
            pieces.push((span, ODD));
        }
    }
    pieces.sort_by_key(|(span, _)| span.start);
    pieces
}

/// Returns the values of a list, each as known or not.
fn values(
    line: &str,
    listed: Range<usize>,
    field: FacetField,
    knowledge: &Knowledge,
) -> Vec<(Range<usize>, Style)> {
    let mut pieces = Vec::new();
    let mut start = listed.start;
    for value in line[listed].split(',') {
        let end = start + value.len();
        let at = start + value.len() - value.trim_start().len();
        let plain = value.trim().trim_start_matches('-').trim_matches('"');
        let style = if knowledge.has_value(field, plain) {
            VALUE
        } else {
            ODD
        };
        if !plain.is_empty() {
            pieces.push((at..end, style));
        }
        start = end + 1;
    }
    pieces
}

/// Returns words that look like a field whose name is not quite one.
fn misspelt_fields(line: &str) -> impl Iterator<Item = Range<usize>> {
    let start = |word: &str| word.as_ptr() as usize - line.as_ptr() as usize;
    line.split_whitespace().filter_map(move |word| {
        let typed = word.strip_prefix('-').unwrap_or(word);
        let (name, value) = typed.split_once(':')?;
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
        let is_field = is_name && !value.is_empty() && !value.starts_with([':', '/']);
        let known = FacetField::ALL.map(FacetField::as_str).into_iter();
        let mut known = known.chain(["title", "code", "score", "after", "before"]);
        let is_known = known.clone().any(|known| known == name);
        let is_misspelt =
            is_field && !is_known && known.any(|known| spelling::nearest(name, [known]).is_some());
        is_misspelt.then(|| start(word)..start(word) + word.len())
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::knowledge;
    use super::*;

    /// Writes the styled pieces: `<command>:open<>`.
    fn written(line: &str, knowledge: &Knowledge) -> String {
        let name = |style: Style| match style {
            COMMAND => "command",
            FIELD => "field",
            VALUE => "value",
            OPERATOR => "operator",
            ODD => "odd",
            _ => "wrong",
        };
        let pieces = pieces(line, knowledge).into_iter();
        let pieces = pieces.map(|(span, style)| format!("{} {}", name(style), &line[span]));
        pieces.collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn a_line_is_coloured_as_it_will_be_read() {
        let (_folder, knowledge) = knowledge();
        for (line, expected) in [
            ("weakref cache", ""),
            (":open 3", "command :open"),
            (":opne 3", "wrong :opne"),
            (
                ":topic gc, -nowhere",
                "command :topic | value gc | odd -nowhere",
            ),
            ("gc tag:memory", "field tag: | value memory"),
            (
                "gc -tag:memory,x",
                "operator - | field tag: | value memory | odd x",
            ),
            ("gc tga:memory", "odd tga:memory"),
            ("a \"b c\" [memory]", "value \"b c\" | value [memory]"),
            ("tokio OR smol", "operator OR"),
            ("select a from b OR c", ""),
            ("std::move https://x.y", ""),
            ("gc difficulty:hrad", "odd difficulty:hrad"),
            (
                "title:weak score:>=3",
                "field title: | value weak | field score: | value >=3",
            ),
            (" :open 3", ""),
            ("!!", "command !!"),
            ("one\n\"two\"", ""),
        ] {
            assert_eq!(written(line, &knowledge), expected, "{line}");
            let colored = highlighted(line, &knowledge);
            let plain = colored.map(|text| anstream::adapter::strip_str(&text).to_string());
            assert!(plain.is_none_or(|plain| plain == line), "{line}");
        }
    }
}
