//! Marked text for a terminal: emphasis, code and links inside running text.

use anstyle::Style;
use qdex::body::{Mark, MarkKind, Prose};

use super::Medium;
use super::terminal::{CODE, DIM, Span};

/// Returns the pieces of a text with the styles of its marks; links are followed by their targets, and without colour
/// code stands between backticks.
pub(super) fn marked<'a>(prose: &'a Prose, style: Style, medium: Medium) -> Vec<Span<'a>> {
    let text = prose.text.as_str();
    let is_sound = |mark: &&Mark| {
        mark.start < mark.end
            && text.is_char_boundary(mark.start)
            && text.is_char_boundary(mark.end)
    };
    let marks: Vec<&Mark> = prose.marks.iter().filter(is_sound).collect();
    // Edges in the order of the text; where one mark ends and another starts, the end comes first.
    let mut edges: Vec<(usize, bool, usize)> = Vec::with_capacity(2 * marks.len());
    for (number, mark) in marks.iter().enumerate() {
        edges.push((mark.start, true, number));
        edges.push((mark.end, false, number));
    }
    edges.sort_by_key(|(at, starts, number)| (*at, *starts, *number));

    let mut spans = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut done = 0;
    for (at, starts, number) in edges {
        if done < at {
            let style = open
                .iter()
                .fold(style, |style, number| style_of(style, &marks[*number].kind));
            spans.push(Span {
                text: &text[done..at],
                style,
            });
            done = at;
        }
        let kind = &marks[number].kind;
        if matches!(kind, MarkKind::Code) && !medium.color {
            spans.push(Span {
                text: "`",
                style: Style::new(),
            });
        }
        if starts {
            open.push(number);
            continue;
        }
        open.retain(|other| *other != number);
        if let MarkKind::Link { target } = kind
            && *target != text[marks[number].start..marks[number].end]
        {
            spans.push(Span {
                text: " <",
                style: DIM,
            });
            spans.push(Span {
                text: target,
                style: DIM,
            });
            spans.push(Span {
                text: ">",
                style: DIM,
            });
        }
    }
    spans.push(Span {
        text: &text[done..],
        style,
    });
    spans
}

fn style_of(style: Style, kind: &MarkKind) -> Style {
    match kind {
        MarkKind::Code => style.fg_color(CODE.get_fg_color()),
        MarkKind::Strong => style.bold(),
        MarkKind::Emphasis => style.italic(),
        MarkKind::Link { .. } => style.underline(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::terminal::tests::{COLOR, PLAIN};
    use super::*;

    #[test]
    fn nested_and_broken_marks_are_drawn() {
        let mark = |start, end, kind| Mark { start, end, kind };
        let prose = Prose {
            text: "bold code ü".to_owned(),
            marks: vec![
                mark(0, 9, MarkKind::Strong),
                mark(5, 9, MarkKind::Code),
                mark(3, 99, MarkKind::Code),
                mark(6, 6, MarkKind::Code),
                mark(8, 7, MarkKind::Emphasis),
                // In the middle of `ü`.
                mark(11, 12, MarkKind::Code),
            ],
            ..Prose::default()
        };
        let spans = marked(&prose, Style::new(), PLAIN);
        let text: String = spans.iter().map(|span| span.text).collect();
        assert_eq!(text, "bold `code` ü");
        let bold: Vec<_> = spans
            .iter()
            .filter(|span| span.style == Style::new().bold())
            .collect();
        assert_eq!(bold.len(), 1);
        assert_eq!(bold[0].text, "bold ");
    }

    #[test]
    fn links_are_followed_by_their_targets() {
        let link = |text: &str, target: &str| {
            let kind = MarkKind::Link {
                target: target.to_owned(),
            };
            let prose = Prose {
                text: text.to_owned(),
                marks: vec![Mark {
                    start: 0,
                    end: text.len(),
                    kind,
                }],
                ..Prose::default()
            };
            let spans = marked(&prose, Style::new(), COLOR);
            spans.iter().map(|span| span.text).collect::<String>()
        };
        assert_eq!(link("docs", "https://e.org"), "docs <https://e.org>");
        assert_eq!(link("https://e.org", "https://e.org"), "https://e.org");
    }
}
