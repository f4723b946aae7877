//! Folded questions as site generators and note programs write them, read as `<details>`.
//!
//! `::: details`, `??? note "…"`, `> [!question]- …` and `{{< details "…" >}}` all mean what HTML says with `<details>` and
//! `<summary>`, and flash cards mean no less. They are written so before a page is read, line for line, so that there is one
//! convention for all of them; frames that do not fold are taken off.

use std::borrow::Cow;
use std::fmt::Write;

/// Kinds of frames that hold a question, whether they fold or not.
const ASKING: [&str; 3] = ["question", "faq", "help"];
/// What fold containers and shortcodes are called.
const FOLDING: [&str; 5] = ["details", "expand", "collapse", "spoiler", "accordion"];
/// What lies deeper in one another is text: every line looks at all that is open.
const MAX_DEPTH: usize = 16;
/// So many flash cards of a kind are no accident.
const MIN_CARDS: usize = 2;

/// Returns a text with what is folded in it as `<details>`.
pub(super) fn unfolded(text: &str) -> Cow<'_, str> {
    let may_have = [
        ":::", "??? ", "???+", "!!! ", "=== \"", "> [!", "{{<", "{{%", "\n?\n", "\n??\n", "::",
    ];
    if !may_have.iter().any(|sign| text.contains(sign)) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut rewriter = Rewriter {
        has_cards: lines
            .windows(2)
            .filter(|pair| is_turn(pair[1]) && !pair[0].trim().is_empty())
            .count()
            >= MIN_CARDS,
        has_inline_cards: lines
            .iter()
            .filter(|line| inline_card(line).is_some())
            .count()
            >= MIN_CARDS,
        lines,
        written: String::with_capacity(text.len() + 1_024),
        open: Vec::new(),
        fence: None,
        is_changed: false,
    };
    let mut at = 0;
    while at < rewriter.lines.len() {
        at = rewriter.rewrite(at);
    }
    while let Some(open) = rewriter.open.pop() {
        rewriter.close(open);
    }
    match rewriter.is_changed {
        true => Cow::Owned(rewriter.written),
        false => Cow::Borrowed(text),
    }
}

/// What is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Open {
    ends: Ends,
    /// Whether it folds, or is a frame only.
    folds: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// With so many colons alone on a line, or more.
    Colons(usize),
    /// Before the first line that is not indented by four more columns than this.
    Indent(usize),
    /// Before the first line that is no quote.
    Quote,
    /// With the closing shortcode.
    Shortcode,
    /// Before a blank line.
    Blank,
}

struct Rewriter<'a> {
    lines: Vec<&'a str>,
    written: String,
    open: Vec<Open>,
    /// The fence of the code block that is open.
    fence: Option<&'a str>,
    has_cards: bool,
    has_inline_cards: bool,
    is_changed: bool,
}

impl<'a> Rewriter<'a> {
    /// Writes the lines of what begins at a line; returns the place of the next line.
    fn rewrite(&mut self, at: usize) -> usize {
        let whole = self.lines[at];
        if self.end_before(whole) && whole.trim().is_empty() {
            // The end stands in place of the blank line.
            return at + 1;
        }
        let line = self.inner(whole);
        let trimmed = line.trim_start();
        if let Some(fence) = self.fence {
            let rest = trimmed.trim_start_matches(fence.chars().next().unwrap_or('`'));
            if trimmed.starts_with(fence) && rest.trim().is_empty() {
                self.fence = None;
            }
            self.line(line);
            return at + 1;
        }
        if let Some(fence) = fence_of(trimmed) {
            self.fence = Some(fence);
            self.line(line);
            return at + 1;
        }
        if self.open.len() >= MAX_DEPTH && !trimmed.starts_with(":::") {
            self.line(line);
            return at + 1;
        }
        let indent = line.len() - trimmed.len();
        let colons = trimmed.len() - trimmed.trim_start_matches(':').len();
        if colons >= 3 && indent < 4 {
            self.colons(colons, trimmed[colons..].trim(), line);
        } else if let Some((folds, title)) = block(trimmed)
            && indent < 4
            && self.is_indented_below(at)
        {
            self.begin(Ends::Indent(indent + self.indent()), folds, title);
        } else if let Some(title) = callout(line) {
            self.begin(Ends::Quote, true, title);
        } else if let Some(code) = shortcode(trimmed) {
            self.shortcode(code, line);
        } else if let Some((question, answer)) = self.card_in(line) {
            self.is_changed = true;
            let _ = writeln!(
                self.written,
                "<details><summary>{question}</summary> {answer}</details>"
            );
        } else if self.has_cards
            && !line.trim().is_empty()
            && self.lines.get(at + 1).is_some_and(|next| is_turn(next))
        {
            self.begin(Ends::Blank, true, trimmed.trim_end());
            // The line between question and answer.
            self.line("");
            return at + 2;
        } else {
            self.line(line);
        }
        at + 1
    }

    /// Returns whether what stands below a line is indented further.
    fn is_indented_below(&self, at: usize) -> bool {
        let below = &self.lines[at + 1..];
        let next = below.iter().find(|line| !line.trim().is_empty());
        next.is_some_and(|next| indent_of(next) >= indent_of(self.lines[at]) + 4)
    }

    /// Closes what ends before a line; returns whether something did.
    fn end_before(&mut self, line: &str) -> bool {
        let Some(place) = self.open.iter().position(|open| match open.ends {
            Ends::Indent(indent) => !line.trim().is_empty() && indent_of(line) < indent + 4,
            Ends::Quote => !line.trim_start().starts_with('>'),
            Ends::Blank => line.trim().is_empty(),
            Ends::Colons(_) | Ends::Shortcode => false,
        }) else {
            return false;
        };
        self.fence = None;
        if self.written.ends_with("\n\n") {
            // The blank line makes room for the end, so that lines keep their numbers.
            self.written.pop();
        }
        while self.open.len() > place {
            if let Some(open) = self.open.pop() {
                self.close(open);
            }
        }
        true
    }

    /// Returns a line without what stands before each line of what is open.
    fn inner(&self, line: &'a str) -> &'a str {
        let mut line = line;
        for open in &self.open {
            line = match open.ends {
                Ends::Quote => {
                    let quoted = line.trim_start().strip_prefix('>').unwrap_or(line);
                    quoted.strip_prefix(' ').unwrap_or(quoted)
                }
                _ => line,
            };
        }
        let indent = self.indent();
        line.get(indent.min(indent_of(line))..).unwrap_or(line)
    }

    /// Returns how far the lines of what is open are indented.
    fn indent(&self) -> usize {
        let indents = self.open.iter().rev();
        indents
            .into_iter()
            .find_map(|open| match open.ends {
                Ends::Indent(indent) => Some(indent + 4),
                _ => None,
            })
            .unwrap_or(0)
    }

    fn begin(&mut self, ends: Ends, folds: bool, title: &str) {
        self.is_changed = true;
        self.open.push(Open { ends, folds });
        match (folds, title.is_empty()) {
            (true, _) => {
                let _ = writeln!(self.written, "<details><summary>{title}</summary>");
            }
            (false, true) => self.written.push('\n'),
            (false, false) => {
                let _ = writeln!(self.written, "**{title}**");
            }
        }
    }

    fn close(&mut self, open: Open) {
        self.written.push_str(match open.folds {
            true => "</details>\n",
            false => "\n",
        });
    }

    fn colons(&mut self, colons: usize, rest: &str, line: &str) {
        if rest.is_empty() {
            match self.open.last() {
                Some(Open {
                    ends: Ends::Colons(opened),
                    ..
                }) if colons >= *opened => {
                    if let Some(open) = self.open.pop() {
                        self.close(open);
                    }
                }
                _ => self.line(line),
            }
            return;
        }
        let name = rest.split([' ', '[', '{']).next().unwrap_or_default();
        let title = rest[name.len()..].trim();
        let title = title
            .strip_prefix('[')
            .and_then(|title| title.split(']').next())
            .unwrap_or(title);
        let title = title.split('{').next().unwrap_or_default().trim();
        if name.is_empty()
            || self.open.len() >= MAX_DEPTH
            || !name
                .chars()
                .all(|character| character.is_alphanumeric() || "-_".contains(character))
        {
            self.line(line);
            return;
        }
        let name = name.to_lowercase();
        let folds = FOLDING.contains(&name.as_str()) || ASKING.contains(&name.as_str());
        match title {
            "" => self.begin(Ends::Colons(colons), false, &name),
            title => self.begin(Ends::Colons(colons), folds, title),
        }
    }

    fn shortcode(&mut self, code: Shortcode<'_>, line: &str) {
        match code {
            Shortcode::Begins(title) => self.begin(Ends::Shortcode, true, title),
            Shortcode::Ends => match self.open.last() {
                Some(Open {
                    ends: Ends::Shortcode,
                    ..
                }) => {
                    if let Some(open) = self.open.pop() {
                        self.close(open);
                    }
                }
                _ => self.line(line),
            },
        }
    }

    fn card_in<'l>(&self, line: &'l str) -> Option<(&'l str, &'l str)> {
        self.has_inline_cards.then(|| inline_card(line)).flatten()
    }

    fn line(&mut self, line: &str) {
        self.written.push_str(line);
        self.written.push('\n');
    }
}

/// Returns how many blanks a line begins with.
fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns the fence that a line opens a code block with.
fn fence_of(line: &str) -> Option<&str> {
    let sign = line
        .chars()
        .next()
        .filter(|sign| matches!(sign, '`' | '~'))?;
    let length = line.len() - line.trim_start_matches(sign).len();
    (length >= 3 && !line[length..].contains('`')).then(|| &line[..length])
}

/// Returns whether the block folds that a line begins whose lines are indented, and its title; without one, its kind.
fn block(line: &str) -> Option<(bool, &str)> {
    let (folds, rest) = if let Some(rest) = line.strip_prefix("???") {
        (true, rest.strip_prefix('+').unwrap_or(rest))
    } else if let Some(rest) = line.strip_prefix("!!!") {
        (false, rest)
    } else {
        (
            false,
            line.strip_prefix("===")
                .filter(|rest| rest.starts_with(" \"") || rest.starts_with("! \""))?,
        )
    };
    let rest = rest.strip_prefix(['!']).unwrap_or(rest).strip_prefix(' ')?;
    let (kinds, title) = rest.split_once('"').unwrap_or((rest, ""));
    let title = title.trim_end().strip_suffix('"').unwrap_or(title).trim();
    let is_name = |kind: &str| {
        kind.chars()
            .all(|character| character.is_alphanumeric() || "-_".contains(character))
    };
    let mut kinds = kinds.split_whitespace();
    if !kinds.clone().all(is_name) {
        return None;
    }
    let kind = kinds.clone().next().unwrap_or_default();
    let asks = kinds.any(|kind| ASKING.contains(&kind.to_lowercase().as_str()));
    Some(match title {
        "" => (false, kind),
        title => (folds || asks, title),
    })
}

/// Returns the title of a callout that folds or asks: `> [!question]- What is it?`.
fn callout(line: &str) -> Option<&str> {
    let rest = line
        .trim_start()
        .strip_prefix('>')?
        .trim_start()
        .strip_prefix("[!")?;
    let (kind, title) = rest.split_once(']')?;
    let folds = title.starts_with(['-', '+']);
    let title = title.trim_start_matches(['-', '+']).trim();
    let asks = ASKING.contains(&kind.to_lowercase().as_str());
    ((folds || asks) && !title.is_empty()).then_some(title)
}

enum Shortcode<'a> {
    Begins(&'a str),
    Ends,
}

/// Returns the folding shortcode that a line is: `{{< details "What is it?" >}}`.
fn shortcode(line: &str) -> Option<Shortcode<'_>> {
    let line = line.trim_end();
    let within = |begin: &str, end: &str| line.strip_prefix(begin)?.strip_suffix(end);
    let code = within("{{<", ">}}")
        .or_else(|| within("{{%", "%}}"))?
        .trim();
    if let Some(name) = code.strip_prefix('/') {
        return FOLDING.contains(&name.trim()).then_some(Shortcode::Ends);
    }
    let name = code.split_whitespace().next()?;
    if !FOLDING.contains(&name) {
        return None;
    }
    let rest = &code[name.len()..];
    let named = ["title=\"", "summary=\""]
        .iter()
        .find_map(|key| Some(rest.split_once(key)?.1));
    let quoted = named.or_else(|| Some(rest.split_once('"')?.1))?;
    Some(Shortcode::Begins(quoted.split('"').next()?.trim()))
}

/// Returns whether a line parts the question of a flash card from its answer.
fn is_turn(line: &str) -> bool {
    matches!(line.trim(), "?" | "??")
}

/// Returns question and answer of a flash card in one line: `What is it?::That.`
fn inline_card(line: &str) -> Option<(&str, &str)> {
    let (question, answer) = line.split_once("::")?;
    let answer = answer.strip_prefix(':').unwrap_or(answer).trim();
    let question = question.trim().trim_start_matches(['-', '*']).trim_start();
    (question.ends_with(['?', '？']) && !answer.is_empty()).then_some((question, answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: &str, expected: &str) {
        assert_eq!(unfolded(text), expected, "{text}");
    }

    #[test]
    fn what_is_folded_becomes_details_line_for_line() {
        is(
            "::: details What is `x`?\nIt.\n:::\n\n:::: collapse [Why?]{open}\n::: tip Note\nSo.\n:::\n::::\nEnd\n",
            "<details><summary>What is `x`?</summary>\nIt.\n</details>\n\n<details><summary>Why?</summary>\n**Note**\nSo.\n\n</details>\nEnd\n",
        );
        is(
            "??? question \"What?\"\n\n    It.\n\n    ```py\n    x = 1\n    ```\n\n???+ note \"Why?\"\n    So.\n\n!!! warning\n    Hot.\n\nEnd\n",
            "<details><summary>What?</summary>\n\nIt.\n\n```py\nx = 1\n```\n</details>\n<details><summary>Why?</summary>\nSo.\n</details>\n**warning**\nHot.\n\nEnd\n",
        );
        is(
            "> [!question]- What?\n> It.\n>\n> ```\n> x\n> ```\n\n> [!NOTE]\n> Left.\n",
            "<details><summary>What?</summary>\nIt.\n\n```\nx\n```\n</details>\n> [!NOTE]\n> Left.\n",
        );
        is(
            "{{< details \"What?\" >}}\nIt.\n{{< /details >}}\n{{% expand title=\"Why?\" %}}\nSo.\n{{% /expand %}}\n",
            "<details><summary>What?</summary>\nIt.\n</details>\n<details><summary>Why?</summary>\nSo.\n</details>\n",
        );
        is(
            "What?\n?\nIt.\n\nWhy?\n??\nSo.\nAnd so.\n",
            "<details><summary>What?</summary>\n\nIt.\n</details>\n<details><summary>Why?</summary>\n\nSo.\nAnd so.\n</details>\n",
        );
        is(
            "What?::It.\n- Why? ::: So.\n",
            "<details><summary>What?</summary> It.</details>\n<details><summary>Why?</summary> So.</details>\n",
        );
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "::: details What?\n".repeat(50_000) + &":::\n".repeat(50_000);
        let details = unfolded(&deep).matches("<details>").count();
        assert_eq!(details, MAX_DEPTH);
    }

    #[test]
    fn what_only_looks_so_stays() {
        for text in [
            "A `std::vector<int>` and\nB::C and D::E\n",
            "```\n::: details What?\n> [!question]- Why?\n```\n",
            "What is `a ? b : c`?\n?\n",
            "::: \n:::\n",
            "??? is not known\n",
            "==== \"x\"\n=== x ===\n",
            "> [!TIP]\n> Text.\n",
            "{{< figure src=\"x.png\" >}}\n{{< /details >}}\n",
            "What?::\n::It\n",
        ] {
            is(text, text);
        }
    }
}
