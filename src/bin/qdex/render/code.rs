//! Blocks of code for people: coloured, without the indentation that all lines share, and with a mark where lines are
//! left out.

use std::ops::Range;

use anstyle::Style;
use qdex::Entry;

use super::syntax::{self, Language};
use super::terminal::{DIM, MATCH, Page, Span};

/// A block of code, and what of it is shown.
pub(super) struct Block<'a> {
    pub(super) text: &'a str,
    /// Where query words stand: sorted, disjoint.
    pub(super) highlights: &'a [Range<usize>],
    /// The language as the source names it.
    pub(super) lang: Option<&'a str>,
    /// The language to colour by when the source names none.
    pub(super) usual: Option<&'static Language>,
    /// The bytes of whole lines to show, in order.
    pub(super) shown: &'a [Range<usize>],
}

/// Returns the language that an entry's code has as a rule, by its framework and tags.
pub(super) fn usual_language(entry: &Entry) -> Option<&'static Language> {
    let mut names = entry.framework.iter().chain(&entry.tags);
    names.find_map(|name| syntax::named(name))
}

/// Writes a block under the name of its language.
pub(super) fn write(page: &mut Page, block: &Block<'_>, indent: usize) {
    let lines = block.text.lines().count();
    let shown: usize = block
        .shown
        .iter()
        .map(|range| block.text[range.clone()].lines().count())
        .sum();
    let name = block.lang.filter(|lang| !lang.is_empty()).unwrap_or("code");
    let margin = " ".repeat(indent);
    let label = if shown < lines {
        format!("{margin}{name}, {shown} of {lines} lines:")
    } else {
        format!("{margin}{name}:")
    };
    page.line(&[dim(&label)]);
    // Room is scarce on a narrow terminal.
    let indent = indent + if page.medium.width < 60 { 2 } else { 4 };
    let margin = " ".repeat(indent);
    let shared = shared_indentation(block);
    let spans = spans(page, block);
    let mut next_line = 0;
    for range in block.shown {
        let first = block.text[..range.start].matches('\n').count();
        write_gap(page, &margin, first - next_line);
        let mut written = Vec::new();
        for line in block.text[range.clone()].split_inclusive('\n') {
            let start = line.as_ptr() as usize - block.text.as_ptr() as usize;
            let content = line.trim_end_matches('\n');
            let content = content.strip_suffix('\r').unwrap_or(content);
            let cut = if content.trim().is_empty() { 0 } else { shared };
            let end = start + content.len();
            written.extend(clip(&spans, block.text, start + cut..end));
            written.push(Span {
                text: "\n",
                style: Style::new(),
            });
        }
        page.code(&written, indent);
        next_line = first + block.text[range.clone()].lines().count();
    }
    write_gap(page, &margin, lines - next_line.min(lines));
}

fn write_gap(page: &mut Page, margin: &str, lines: usize) {
    if lines > 0 {
        let unit = if lines == 1 { "line" } else { "lines" };
        let gap = format!("{margin}… {lines} {unit}");
        page.line(&[dim(&gap)]);
    }
}

fn dim(text: &str) -> Span<'_> {
    Span { text, style: DIM }
}

/// Returns how many bytes of white space all lines that are shown begin with.
fn shared_indentation(block: &Block<'_>) -> usize {
    let lines = block.shown.iter();
    let mut lines = lines
        .flat_map(|range| block.text[range.clone()].lines())
        .filter(|line| !line.trim().is_empty())
        .map(|line| &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]);
    let Some(first) = lines.next() else {
        return 0;
    };
    lines.fold(first.len(), |shared, line| {
        let same = first.bytes().zip(line.bytes());
        shared.min(same.take_while(|(left, right)| left == right).count())
    })
}

/// Returns the styled ranges of a block: matches over colours of the language, where there are colours at all.
fn spans(page: &Page, block: &Block<'_>) -> Vec<(Range<usize>, Style)> {
    if !page.medium.color {
        return Vec::new();
    }
    let language = match block.lang {
        Some(lang) => syntax::named(lang),
        None => block.usual,
    };
    let classes = language.map(|language| syntax::classes(block.text, language));
    let mut spans = Vec::new();
    let mut highlights = block.highlights.iter().peekable();
    for (range, class) in classes.unwrap_or_default() {
        let mut start = range.start;
        while let Some(highlight) = highlights.peek().filter(|next| next.start < range.end) {
            if start < highlight.start {
                spans.push((start..highlight.start, class.style()));
            }
            spans.push(((*highlight).clone(), MATCH));
            start = start.max(highlight.end);
            highlights.next();
        }
        if start < range.end {
            spans.push((start..range.end, class.style()));
        }
    }
    spans.extend(highlights.map(|highlight| (highlight.clone(), MATCH)));
    // A match that reaches over the end of a piece takes from the next one.
    let mut end = 0;
    spans.retain_mut(|(range, _)| {
        range.start = range.start.max(end);
        end = end.max(range.end);
        range.start < range.end
    });
    spans
}

/// Returns a part of a text in pieces with their styles.
fn clip<'a>(spans: &[(Range<usize>, Style)], text: &'a str, part: Range<usize>) -> Vec<Span<'a>> {
    let mut pieces = Vec::new();
    let mut at = part.start;
    let mut push = |range: Range<usize>, style| {
        let text = text.get(range).unwrap_or_default();
        if !text.is_empty() {
            pieces.push(Span { text, style });
        }
    };
    let from = spans.partition_point(|(range, _)| range.end <= part.start);
    for (range, style) in &spans[from..] {
        if range.start >= part.end {
            break;
        }
        let (start, end) = (range.start.max(part.start), range.end.min(part.end));
        push(at..start, Style::new());
        push(start..end, *style);
        at = end;
    }
    push(at..part.end, Style::new());
    pieces
}

#[cfg(test)]
mod tests {
    use super::super::terminal::tests::{COLOR, PLAIN, any_text, assert_harmless};
    use super::*;
    use proptest::prelude::*;

    fn written(block: &Block<'_>, medium: super::super::Medium) -> String {
        let mut page = Page::new(medium);
        write(&mut page, block, 0);
        page.into_text()
    }

    #[test]
    fn lines_left_out_are_marked_and_shared_indentation_goes() {
        let text =
            "class A:\n    def f(self):\n        pass\n\n    def g(self):\n        return 1\n# end";
        let at = |line: &str| {
            let start = text.find(line).expect("is there");
            start..start + line.len()
        };
        let block = Block {
            text,
            highlights: &[],
            lang: None,
            usual: None,
            shown: &[at("    def f(self):\n        pass"), at("        return 1")],
        };
        assert_eq!(
            written(&block, PLAIN),
            "code, 3 of 7 lines:\n  … 1 line\n  def f(self):\n      pass\n  … 2 lines\n      return 1\n  … 1 line\n"
        );
        let whole = 0..text.len();
        let all = Block {
            shown: &[whole],
            lang: Some("python"),
            ..block
        };
        assert!(written(&all, PLAIN).starts_with("python:\n  class A:\n      def f"));
    }

    #[test]
    fn matches_stand_over_the_colours_of_the_language() {
        let whole = 0..21;
        let block = Block {
            text: "if cache: # the cache",
            highlights: &[3..8, 16..21],
            lang: Some("python"),
            usual: None,
            shown: &[whole],
        };
        let keyword = syntax::Class::Keyword.style();
        let comment = syntax::Class::Comment.style();
        assert_eq!(
            written(&block, COLOR),
            format!(
                "{DIM}python:{DIM:#}\n  {keyword}if{keyword:#} {MATCH}cache{MATCH:#}: {comment}# the {comment:#}{MATCH}cache{MATCH:#}\n"
            )
        );
    }

    proptest! {
        #[test]
        fn coloured_code_is_harmless_and_loses_nothing(
            text in any_text(),
            edges in prop::collection::vec(0usize..90, 0..6),
            lang in prop::sample::select(vec!["python", "html", "diff", "js", "none"]),
        ) {
            let mut edges: Vec<usize> = edges.into_iter().map(|at| text.floor_char_boundary(at)).collect();
            edges.sort_unstable();
            edges.dedup();
            let highlights: Vec<_> = edges.chunks_exact(2).map(|pair| pair[0]..pair[1]).collect();
            let whole = 0..text.len();
            let block = Block { text: &text, highlights: &highlights, lang: Some(lang), usual: None, shown: &[whole] };
            let coloured = written(&block, COLOR);
            assert_harmless(&coloured);
            let plain = written(&Block { highlights: &[], ..block }, PLAIN);
            prop_assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
        }
    }
}
