mod properties;

use proptest::prelude::*;

use super::passage::{MAX_CODE_LINES, MAX_PASSAGE_CHARS};
use super::*;
use crate::body::{Code, Mark, MarkKind, Prose, ProseStyle, from_markdown};
use crate::entry::Answer;
use crate::query;
use crate::query::compile::compile;

/// What of an entry is shown for a query whose words weigh the same.
fn shown(entry: &Entry, query: &str) -> Shown {
    let query = query::parse(query).query;
    let words = compile(&query, &crate::query::Vocabulary::default(), None);
    let weights = vec![1.0; words.len()];
    Finder::new(&query, &words, &weights).find(entry)
}

fn entry(question: &str, answers: &[&str]) -> Entry {
    Entry {
        title: "Title".to_owned(),
        question: from_markdown(question),
        answers: answers
            .iter()
            .map(|answer| Answer {
                blocks: from_markdown(answer),
                ..Answer::default()
            })
            .collect(),
        ..Entry::default()
    }
}

/// Writes a snippet with its highlights in brackets.
fn marked(snippet: &Snippet) -> String {
    let mut marked = String::new();
    let mut at = 0;
    for range in &snippet.highlights {
        marked.push_str(&snippet.text[at..range.start]);
        marked.push_str(&format!("[{}]", &snippet.text[range.clone()]));
        at = range.end;
    }
    marked + &snippet.text[at..]
}

#[test]
fn the_passage_with_the_most_of_the_query_is_shown() {
    let filler =
        "Some other words stand in this sentence and make it a longer one than it would be. "
            .repeat(5);
    let far = format!("A weakref is one thing. {filler} A cache is another.");
    let near = format!("{filler} A weakref is good for a cache. {filler}");
    for (query, question, answers, expected) in [
        // Both words in one sentence beat one word, wherever they stand.
        (
            "weakref cache",
            "",
            &[far.as_str(), near.as_str()][..],
            "A [weakref] is good for a [cache].",
        ),
        // Both in one passage, close together rather than far apart.
        (
            "weakref cache",
            "",
            &[
                "A weakref does not keep its object alive, which is a thing of use in many a place, such as a cache.",
                "Use a weakref cache.",
            ],
            "Use a [weakref] [cache].",
        ),
        // What answers rather than what asks, but only when it has as much of the query.
        (
            "weakref",
            "Is a weakref of use?",
            &["A weakref is."],
            "A [weakref] is.",
        ),
        (
            "weakref cache",
            "Is a weakref of use in a cache?",
            &["A weakref is."],
            "Is a [weakref] of use in a [cache]?",
        ),
        // A heading announces and does not answer.
        (
            "weakref",
            "",
            &["# On the weakref\n\nOne calls a `weakref.ref` to get its object."],
            "One calls a [weakref].ref to get its object.",
        ),
        // Among equals the first.
        (
            "cache",
            "",
            &["The first cache.", "The second cache."],
            "The first [cache].",
        ),
        // A sentence does not end in `e.g.`, in a name, or in code.
        (
            "cache",
            "",
            &["Use a map, e.g. a cache of `x. Y` or a.b and more."],
            "Use a map, e.g. a [cache] of x. Y or a.b and more.",
        ),
    ] {
        let snippet = shown(&entry(question, answers), query).snippet;
        let passage = marked(&snippet);
        assert!(passage.contains(expected), "{passage}");
    }
}

#[test]
fn a_long_sentence_is_cut_between_words() {
    let words = "alpha beta gamma delta ".repeat(30);
    let text = format!("{words}weakref cache {words}omega.");
    let snippet = shown(&entry("", &[&text]), "weakref cache").snippet;
    assert!(marked(&snippet).contains("[weakref] [cache]"));
    let cut = snippet
        .text
        .strip_prefix("… ")
        .and_then(|cut| cut.strip_suffix(" …"));
    let cut = cut.expect("is cut at both ends");
    assert!(cut.chars().count() <= MAX_PASSAGE_CHARS);
    for word in cut.split(' ') {
        let is_whole = ["alpha", "beta", "gamma", "delta", "weakref", "cache"].contains(&word);
        assert!(is_whole, "{word}");
    }
    // At its ends it is cut at one side only.
    let text = format!("Weakref cache {words}omega.");
    let snippet = shown(&entry("", &[&text]), "weakref cache").snippet;
    assert!(snippet.text.starts_with("Weakref cache alpha") && snippet.text.ends_with(" …"));
    let text = format!("Alpha {words}weakref cache.");
    let snippet = shown(&entry("", &[&text]), "weakref cache").snippet;
    assert!(snippet.text.starts_with("… ") && snippet.text.ends_with(" weakref cache."));
}

#[test]
fn text_without_blanks_is_searched_to_its_end() {
    for (text, query) in [
        (format!("{}缓存", "字".repeat(1_000)), "缓存"),
        (
            format!(
                "{}，缓存，{}",
                "字符串，".repeat(200),
                "字符串，".repeat(200)
            ),
            "缓存",
        ),
        (format!("a {} cache", "x/".repeat(600)), "cache"),
        (
            format!("a {}cache/{}", "x/".repeat(600), "x/".repeat(600)),
            "cache",
        ),
    ] {
        let snippet = shown(&entry("", &[&text]), query).snippet;
        let has_word = snippet
            .highlights
            .iter()
            .any(|range| &snippet.text[range.clone()] == query);
        assert!(has_word, "{}", marked(&snippet));
        assert!(snippet.text.chars().count() <= MAX_PASSAGE_CHARS + 4);
    }
}

#[test]
fn the_code_with_the_words_is_shown_whole() {
    let first = "```python\nimport gc\ngc.collect()\n```";
    let second = "```python\nimport weakref\n\ncache = weakref.WeakValueDictionary()\n\n\nprint(len(cache))\n```";
    let text = format!("Collect:\n\n{first}\n\nOr keep a cache:\n\n{second}\n\nThat is all.");
    for (query, code) in [
        ("weakref cache", Some(1)),
        ("WeakValueDictionary", Some(1)),
        ("gc collect", Some(0)),
        // Without a word of the query in any code, that which goes with the passage.
        ("keep", Some(1)),
        ("nowhere", Some(0)),
        ("all", Some(1)),
    ] {
        let code_blocks: Vec<Code> = from_markdown(&text)
            .into_iter()
            .filter_map(|block| match block {
                Block::Code(code) => Some(code),
                Block::Prose(_) => None,
            })
            .collect();
        let found = shown(&entry("", &[&text]), query).code;
        let found = found.map(|code| (code.text, code.lang, code.kind));
        let expected = code.map(|place: usize| {
            let code = code_blocks[place].clone();
            (code.text, code.lang, SnippetKind::Code)
        });
        assert_eq!(found, expected, "{query}");
    }
    let code = shown(&entry("", &[&text]), "weakref cache")
        .code
        .expect("has code");
    assert_eq!(
        marked(&code),
        "import [weakref]\n\n[cache] = [weakref].WeakValueDictionary()\n\n\nprint(len([cache]))"
    );
    // Code of an answer rather than code of the question.
    let entry = entry("```\ncache = {}\n```", &["```\ncache = dict()\n```"]);
    let code = shown(&entry, "cache").code.expect("has code");
    assert_eq!(code.text, "cache = dict()");
}

#[test]
fn an_entry_without_the_words_leads_with_its_first_sentence() {
    let long = "The second sentence is a long one with many words in it. ".repeat(6);
    for (question, answers, expected) in [
        (
            "",
            &["The first. The second."][..],
            "The first. The second.",
        ),
        ("A question.", &["# Heading\n\nThe answer."], "The answer."),
        ("A question.", &[], "A question."),
        ("A question.", &["```\ncode\n```"], "A question."),
        ("", &["", "The second answer."], "The second answer."),
        ("", &[], ""),
        ("", &["```\none\ntwo\n```"], "one\ntwo"),
    ] {
        let shown = shown(&entry(question, answers), "");
        assert_eq!(marked(&shown.snippet), expected);
        assert!(shown.missing.is_empty() && shown.title_highlights.is_empty());
    }
    let text = format!("The first. {long}");
    let snippet = shown(&entry("", &[&text]), "").snippet;
    assert!(snippet.text.starts_with("The first. The second"));
    assert!(snippet.text.chars().count() <= MAX_PASSAGE_CHARS);
}

#[test]
fn an_entry_of_code_alone_shows_whole_lines_of_it() {
    let lines: Vec<String> = (0..30)
        .map(|line| format!("cache[{line}] = lock"))
        .collect();
    let entry = entry("", &[&format!("```rust\n{}\n```", lines.join("\n"))]);
    for query in ["cache", "", "nowhere"] {
        let shown = shown(&entry, query);
        assert_eq!(shown.snippet.kind, SnippetKind::Code);
        assert_eq!(shown.snippet.lang.as_deref(), Some("rust"));
        let snippet: Vec<&str> = shown.snippet.text.split('\n').collect();
        assert!(snippet.len() <= MAX_CODE_LINES && snippet == lines[..snippet.len()]);
        assert_eq!(shown.code.expect("has code").text, lines.join("\n"));
        let per_line = usize::from(query == "cache");
        assert_eq!(shown.snippet.highlights.len(), per_line * snippet.len());
    }
}

#[test]
fn an_entry_of_a_title_alone_is_shown_by_it() {
    let entry = Entry {
        title: "Weak references and caches".to_owned(),
        ..Entry::default()
    };
    let shown = shown(&entry, "weak cache leak");
    assert_eq!(shown.title_highlights, [0..4, 20..26]);
    assert_eq!((shown.snippet, shown.code), (Snippet::default(), None));
    assert_eq!(shown.missing, ["leak"]);
}

#[test]
fn a_phrase_is_marked_where_it_stands_and_nowhere_else() {
    let text = "A reference that is weak is no strong reference: weak references, the Weak References, weak reference.";
    for (query, expected) in [
        (
            "\"weak references\"",
            "A reference that is weak is no strong reference: [weak references], the [Weak References], weak reference.",
        ),
        // What is asked for elsewhere is marked everywhere.
        (
            "\"weak references\" weak",
            "A reference that is [weak] is no strong reference: [weak references], the [Weak References], [weak] reference.",
        ),
        // Without the phrase as it stands, its words next to each other.
        (
            "\"strong references\"",
            "A reference that is weak is no [strong reference]: weak references, the Weak References, weak reference.",
        ),
        (
            "\"is weak\" OR nothing",
            "A reference that [is weak] is no strong reference: weak references, the Weak References, weak reference.",
        ),
        (
            "weak reference",
            "A [reference] that is [weak] is no strong [reference]: [weak] [references], the [Weak] [References], [weak] [reference].",
        ),
    ] {
        let snippet = shown(&entry("", &[text]), query).snippet;
        assert_eq!(marked(&snippet), expected, "{query}");
    }
    let shown_title = |title: &str, text: &str, query: &str| {
        let entry = Entry {
            title: title.to_owned(),
            ..entry("", &[text])
        };
        shown(&entry, query)
    };
    // A phrase in the title only leaves the text unmarked; one that stands nowhere is marked by its words.
    let title_only = shown_title("On weak references", "A reference.", "\"weak references\"");
    assert_eq!(title_only.title_highlights.first(), Some(&(3..18)));
    assert_eq!(marked(&title_only.snippet), "A reference.");
    let nowhere = shown_title("Weak", "A reference.", "\"weak references\"");
    assert_eq!(marked(&nowhere.snippet), "A [reference].");
    // Code as it stands.
    let code = shown_title(
        "",
        "Move it:\n\n```\nmove(a); b = std::move(a); std::swap(a);\n```",
        "code:\"std::move(a)\"",
    );
    let code = code.code.expect("has code");
    assert_eq!(marked(&code), "move(a); b = [std::move(a]); std::swap(a);");
}

#[test]
fn highlights_go_around_whole_characters() {
    for (text, query, expected) in [
        ("cafe\u{301} au lait", "cafe", "[cafe\u{301}] au lait"),
        ("a 缓存\u{fe00} b", "缓存", "a [缓存\u{fe00}] b"),
    ] {
        let snippet = shown(&entry("", &[text]), query).snippet;
        assert_eq!(marked(&snippet), expected);
        properties::check(&snippet);
    }
}

/// Returns which code block is shown, by its place among the entry's.
fn shown_code(entry: &Entry, query: &str) -> Option<usize> {
    let code = shown(entry, query).code?;
    let mut blocks = entry
        .blocks()
        .filter(|block| matches!(block, Block::Code(_)));
    blocks.position(|block| block.text() == code.text)
}

#[test]
fn the_code_that_answers_is_found_by_what_is_said_about_it() {
    let judged = |answers: &[(&str, Option<i64>, bool)]| {
        let answers = answers.iter().map(|(text, score, accepted)| Answer {
            blocks: from_markdown(text),
            score: *score,
            accepted: *accepted,
            ..Answer::default()
        });
        Entry {
            answers: answers.collect(),
            ..Entry::default()
        }
    };
    let block = |code: &str| format!("```\n{code}\n```");
    for (entry, query, expected) in [
        // The text before code says what it is about.
        (
            entry(
                "",
                &[&format!(
                    "To open a file:\n\n{}\n\nTo remove a folder:\n\n{}",
                    block("f(1)"),
                    block("g(2)")
                )],
            ),
            "remove folder",
            1,
        ),
        // So does the heading, and the name of the language.
        (
            entry(
                "",
                &[&format!(
                    "## Windows\n\n{}\n\n## Linux\n\n{}",
                    block("f(1)"),
                    block("g(2)")
                )],
            ),
            "on linux",
            1,
        ),
        (
            entry("", &["```python\nf(1)\n```\n\n```rust\ng(2)\n```"]),
            "in rust",
            1,
        ),
        // The name as it stands outweighs its parts.
        (
            entry(
                "",
                &[&format!("{}\n\n{}", block("get user"), block("getUser()"))],
            ),
            "getUser",
            1,
        ),
        // Wrong code comes before right code, in words or comments.
        (
            entry(
                "",
                &[&format!(
                    "This is wrong:\n\n{}\n\nWrite this instead:\n\n{}",
                    block("sum(items)"),
                    block("sum(items, 0)")
                )],
            ),
            "sum items",
            1,
        ),
        (
            entry(
                "",
                &[&format!(
                    "{}\n\n{}",
                    block("// bad\nsum(items)"),
                    block("// good\nsum(items)")
                )],
            ),
            "sum items",
            1,
        ),
        // An answer rather than the question, and rather than what was printed.
        (
            entry(&block("sum(items) fails"), &[&block("sum(items)")]),
            "sum items fails",
            1,
        ),
        (
            entry(
                "",
                &[&format!(
                    "{}\n\n{}",
                    block("Traceback (most recent call last):\nTypeError: items"),
                    block("sum(items)")
                )],
            ),
            "TypeError items",
            1,
        ),
        // Who asked knows best, then who votes; but one more word of the query counts more.
        (
            judged(&[
                (&block("sum(a)"), Some(9), false),
                (&block("sum(b)"), Some(1), true),
            ]),
            "sum",
            1,
        ),
        (
            judged(&[
                (&block("sum(a)"), Some(1), false),
                (&block("sum(b)"), Some(9), false),
            ]),
            "sum",
            1,
        ),
        (
            judged(&[
                (&block("sum(a) items"), None, false),
                (&block("sum(b)"), None, true),
            ]),
            "sum items",
            0,
        ),
    ] {
        assert_eq!(
            shown_code(&entry, query),
            Some(expected),
            "{query}: {entry:?}"
        );
    }
}

#[test]
fn a_snippet_says_whose_it_is_and_what_leads_to_it() {
    let entry = entry(
        "How to sum?",
        &[
            "Nothing.",
            "Python has a function. It takes any sequence:\n\n```\nsum(items)\n```",
        ],
    );
    let shown = shown(&entry, "sum items");
    assert_eq!(shown.snippet.answer, None);
    let code = shown.code.expect("has code");
    assert_eq!(code.answer, Some(1));
    assert_eq!(code.lines, Some(Lines { first: 1, of: 1 }));
    let lead = shown.code_lead.expect("is led to");
    assert_eq!(
        (lead.text.as_str(), lead.answer),
        ("It takes any sequence:", Some(1))
    );
}

#[test]
fn long_code_is_cut_to_the_lines_that_matter() {
    let function = |name: &str, body: &str| {
        format!("fn {name}() {{\n    start();\n    for item in all {{\n{body}    }}\n}}\n")
    };
    let filler = "        step();\n".repeat(12);
    let text = format!(
        "{}\n{}\n{}",
        function("first", &filler),
        function(
            "second",
            &format!("{filler}        cache.evict(item);\n{filler}")
        ),
        function("third", &filler)
    );
    let lines: Vec<&str> = text.lines().collect();
    let excerpt = |query: &str, max_lines: usize| {
        let code = shown(&entry("", &[&format!("```rust\n{text}```")]), query)
            .code
            .expect("has code");
        let ranges = code.excerpt(max_lines);
        ranges
            .iter()
            .map(|range| code.text[range.clone()].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(excerpt("cache evict", lines.len()), [text.trim_end()]);
    let cut = excerpt("cache evict", 10);
    assert_eq!(
        cut[0], "fn second() {\n    start();\n    for item in all {",
        "{cut:?}"
    );
    assert!(cut[1].contains("cache.evict(item)"), "{cut:?}");
    assert_eq!(cut.len(), 2);
    // Without a word of the query, the beginning.
    assert_eq!(excerpt("nowhere", 4), [lines[..4].join("\n")]);
    assert_eq!(excerpt("evict", 1), ["        cache.evict(item);"]);
}
