//! Marked text for a terminal: emphasis, code and links inside running text.

use anstyle::Style;
use qdex::body::{Mark, MarkKind, Prose};

use super::Medium;
use super::terminal::{CODE, DIM, Span};

/// The targets of links, numbered from 1 in the order in which they come.
#[derive(Debug, Default)]
pub(super) struct Links {
    targets: Vec<String>,
    /// ` [1]`, ` [2]` and so on.
    pub(super) signs: Vec<String>,
}

impl Links {
    /// Takes the targets of a text's links, but those that the text spells out.
    pub(super) fn take(&mut self, prose: &Prose) {
        for mark in &prose.marks {
            if let MarkKind::Link { target } = &mark.kind
                && is_worth_saying(target, prose.text.get(mark.start..mark.end))
                && !self.targets.contains(target)
            {
                self.targets.push(target.clone());
                self.signs.push(format!(" [{}]", self.targets.len()));
            }
        }
    }

    /// Returns the targets with their numbers, and forgets them.
    pub(super) fn drain(&mut self) -> Vec<(usize, String)> {
        self.signs.clear();
        let targets = std::mem::take(&mut self.targets).into_iter();
        (1..).zip(targets).collect()
    }

    fn sign(&self, target: &str) -> &str {
        let place = self.targets.iter().position(|other| other == target);
        place.map_or("", |place| &self.signs[place])
    }
}

fn is_worth_saying(target: &str, text: Option<&str>) -> bool {
    let spelled_out = text.is_none_or(|text| {
        let without = |text: &str| {
            text.trim_start_matches("mailto:")
                .trim_end_matches('/')
                .to_owned()
        };
        text.is_empty() || without(text) == without(target)
    });
    !spelled_out && !target.is_empty()
}

/// Returns a part of a text in pieces with the styles of its marks; links are
/// followed by the signs of their targets, and without colour code stands between backticks.
pub(super) fn marked<'a>(
    prose: &'a Prose,
    part: std::ops::Range<usize>,
    style: Style,
    links: &'a Links,
    medium: Medium,
) -> Vec<Span<'a>> {
    let text = prose.text.as_str();
    let is_sound = |mark: &&Mark| {
        mark.start < mark.end
            && text.is_char_boundary(mark.start)
            && text.is_char_boundary(mark.end)
            && mark.start < part.end
            && mark.end > part.start
    };
    let marks: Vec<&Mark> = prose.marks.iter().filter(is_sound).collect();
    // Edges in the order of the text; where one mark ends and another starts, the end comes first.
    let mut edges: Vec<(usize, bool, usize)> = Vec::with_capacity(2 * marks.len());
    for (number, mark) in marks.iter().enumerate() {
        edges.push((mark.start.max(part.start), true, number));
        edges.push((mark.end.min(part.end), false, number));
    }
    edges.sort_by_key(|(at, starts, number)| (*at, *starts, *number));

    let mut spans = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut done = part.start;
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
            && is_worth_saying(target, text.get(marks[number].start..marks[number].end))
        {
            spans.push(Span {
                text: links.sign(target),
                style: DIM,
            });
        }
    }
    spans.push(Span {
        text: &text[done..part.end],
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
        let links = Links::default();
        let spans = marked(&prose, 0..prose.text.len(), Style::new(), &links, PLAIN);
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
    fn links_are_followed_by_the_numbers_of_their_targets() {
        let mut links = Links::default();
        for (text, target, drawn) in [
            ("docs", "https://e.org", "docs [1]"),
            ("https://e.org", "https://e.org", "https://e.org"),
            ("https://e.org", "https://e.org/", "https://e.org"),
            ("a@e.org", "mailto:a@e.org", "a@e.org"),
            ("more", "/a/b", "more [2]"),
            ("again", "https://e.org", "again [1]"),
            ("nothing", "", "nothing"),
        ] {
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
            links.take(&prose);
            let spans = marked(&prose, 0..text.len(), Style::new(), &links, COLOR);
            let text: String = spans.iter().map(|span| span.text).collect();
            assert_eq!(text, drawn);
        }
        let targets = [(1, "https://e.org".to_owned()), (2, "/a/b".to_owned())];
        assert_eq!(links.drain(), targets);
        assert!(links.drain().is_empty());
    }
}
