//! Parsing: a table of texts, each with what it means, and properties of any text.

mod properties;

use super::{Operand, Parsed, parse};

/// Texts, each followed by an indented line with what it means. See [`written`] for how that is written, and
/// [`unescaped`] for both.
const ROWS: [&str; 3] = [
    include_str!("text.txt"),
    include_str!("operators.txt"),
    include_str!("pasted.txt"),
];

/// Writes a query: each clause by its kind with what it holds in braces; `text` alone when all is text and stands as
/// it was typed. An exclamation mark counts the warnings.
fn written(typed: &str, parsed: &Parsed) -> String {
    let operand = |operand: &Operand| match operand {
        Operand::Words(text) => format!("text{{{text}}}"),
        Operand::Phrase(text) => format!("phrase{{{text}}}"),
        Operand::Code(text) => format!("code{{{text}}}"),
        Operand::Title { text, quoted: true } => format!("title-phrase{{{text}}}"),
        Operand::Title { text, .. } => format!("title{{{text}}}"),
        Operand::Facet { field, values } => format!("{field}{{{}}}", values.join("|")),
        Operand::Tag(tag) => format!("[tag]{{{tag}}}"),
        Operand::Score(comparison, score) => format!("score{{{comparison}{score}}}"),
        Operand::After(date) => format!("after{{{date}}}"),
        Operand::Before(date) => format!("before{{{date}}}"),
        Operand::Accepted => "accepted".to_owned(),
        Operand::Answered => "answered".to_owned(),
    };
    let clauses = parsed.query.clauses.iter().map(|clause| {
        let operands: Vec<_> = clause.any_of.iter().map(operand).collect();
        let sign = if clause.excluded { "-" } else { "" };
        match operands.as_slice() {
            [alone] => format!("{sign}{alone}"),
            _ => format!("{sign}any({})", operands.join(" ")),
        }
    });
    let clauses: Vec<_> = clauses.collect();
    let lines: Vec<_> = typed
        .trim()
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    let is_as_typed = clauses == [format!("text{{{}}}", lines.join("\n"))];
    let mut written = if clauses.is_empty() {
        "nothing".to_owned()
    } else if is_as_typed {
        "text".to_owned()
    } else {
        clauses.join(" ")
    };
    match parsed.warnings.len() {
        0 => {}
        1 => written.push_str(" !"),
        more => written.push_str(&format!(" !{more}")),
    }
    written
}

/// Reads `\n`, `\t`, `\e`, `\0`, `\\` and `\s` (a blank at an edge) in a row's text.
fn unescaped(row: &str) -> String {
    let mut text = String::new();
    let mut characters = row.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('e') => '\u{1b}',
                Some('0') => '\0',
                Some('s') => ' ',
                Some('\\') => '\\',
                other => panic!("{row}: `\\{other:?}` is no escape"),
            },
            _ => character,
        });
    }
    text
}

#[test]
fn texts_mean_what_the_tables_say() {
    let mut rows = 0;
    let mut wrong = Vec::new();
    for table in ROWS {
        let mut lines = table
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with("## "));
        while let (Some(typed), Some(expected)) = (lines.next(), lines.next()) {
            let expected = expected
                .strip_prefix("    ")
                .unwrap_or_else(|| panic!("{expected}: is not indented"));
            let typed = unescaped(typed);
            let parsed = parse(&typed);
            let found = written(&typed, &parsed);
            if found != unescaped(expected) {
                wrong.push(format!("{typed}\n    {expected}\n    {found}"));
            }
            properties::check(&typed);
            rows += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rows >= 150, "{rows} rows");
}

#[test]
fn warnings_say_where_and_what_may_be_meant() {
    for (typed, span, warning) in [
        (
            "gc difficulty:esay",
            "difficulty:esay",
            "`difficulty:esay` is searched for as text: expected one of `easy`, `medium`, `hard`; \
             did you mean `difficulty:easy`?",
        ),
        (
            "difficulty:hard,spicy gc",
            "difficulty:hard,spicy",
            "`spicy` is left out of `difficulty:hard,spicy`: expected one of `easy`, `medium`, `hard`",
        ),
        (
            "is:acepted",
            "is:acepted",
            "`is:acepted` is searched for as text: expected `accepted` or `answered`; \
             did you mean `is:accepted`?",
        ),
        (
            "x score:many",
            "score:many",
            "`score:many` is searched for as text: expected a number, as in `score:>=5`",
        ),
        (
            "é after:yesterday",
            "after:yesterday",
            "`after:yesterday` is searched for as text: expected a date, as in `2020`, `2020-06` \
             or `2020-06-30`",
        ),
        (
            "how to cache NOT redis",
            "NOT",
            "`NOT` excludes nothing in a sentence; did you mean `-\"redis\"`?",
        ),
    ] {
        let warnings = parse(typed).warnings;
        let [found] = warnings.as_slice() else {
            panic!("{typed}: {warnings:?}");
        };
        assert_eq!(&typed[found.span.clone()], span);
        assert_eq!(found.to_string(), warning);
    }
}

#[test]
fn operators_are_found_where_they_were_typed() {
    for (typed, expected) in [
        ("weakref cache", &[][..]),
        (
            "[python] \"weak reference\" gc",
            &["[python]", "\"weak reference\""],
        ),
        (
            "gc -tag:async,await title:\"a b\"",
            &["-tag:async,await", "title:\"a b\""],
        ),
        ("tokio OR async-std", &["OR"]),
        ("runtime NOT lang:go", &["NOT", "lang:go"]),
        ("select a from b where c OR d NOT e", &[]),
        ("error: \"x\" is not a type", &[]),
        ("one\n\"two\"", &[]),
    ] {
        let parsed = parse(typed);
        let found: Vec<&str> = parsed
            .operators
            .iter()
            .map(|span| &typed[span.clone()])
            .collect();
        assert_eq!(found, expected, "{typed}");
    }
}
