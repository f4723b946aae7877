//! What payloads become: rows of small ones, and real ones where they are at hand.

use super::*;
use crate::corpus::{Item, Problem, ReadOptions, Severity};
use crate::entry::Entry;

/// What a file gave.
pub(super) fn read_file(relative: &str, text: &str, sections: bool) -> (Vec<Entry>, Vec<Problem>) {
    let file = TextFile {
        path: relative,
        relative,
        text,
        options: &ReadOptions {
            sections,
            ..ReadOptions::default()
        },
        beside: None,
    };
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    let mut out = |item| match item {
        Item::Entry(entry) => entries.push(*entry),
        Item::Problem(problem) => problems.push(problem),
    };
    if relative.ends_with(".html") {
        read_html(&file, &mut out);
    } else {
        read_payload(&file, &mut out);
    }
    (entries, problems)
}

/// The ids that a payload's entries have; fails on problems.
fn ids(relative: &str, text: &str, sections: bool) -> Vec<String> {
    let (entries, problems) = read_file(relative, text, sections);
    assert_eq!(problems, [], "{text}");
    entries.into_iter().map(|entry| entry.id).collect()
}

/// Writes plain JSON as a payload, one slot a value. A string that starts with `&` refers to the slot of the member of
/// that name that was met before; an object with the one key `@Tag` is wrapped in the tag.
fn flatten(value: &serde_json::Value) -> String {
    use serde_json::{Value, json};
    fn add(
        value: &Value,
        slots: &mut Vec<Value>,
        named: &mut std::collections::HashMap<String, usize>,
    ) -> usize {
        if let Some(name) = value.as_str().and_then(|text| text.strip_prefix('&')) {
            return named[name];
        }
        let slot = slots.len();
        slots.push(Value::Null);
        slots[slot] = match value {
            Value::Array(items) => {
                json!(
                    items
                        .iter()
                        .map(|item| add(item, slots, named))
                        .collect::<Vec<_>>()
                )
            }
            Value::Object(fields) if fields.keys().any(|key| key.starts_with('@')) => {
                let (tag, inner) = fields.iter().next().expect("has one key");
                json!([tag[1..], add(inner, slots, named)])
            }
            Value::Object(fields) => {
                let mut object = serde_json::Map::new();
                for (key, field) in fields {
                    let index = add(field, slots, named);
                    named.insert(key.clone(), index);
                    object.insert(key.clone(), json!(index));
                }
                Value::Object(object)
            }
            scalar => scalar.clone(),
        };
        slot
    }
    let mut slots = Vec::new();
    add(value, &mut slots, &mut Default::default());
    serde_json::to_string(&slots).expect("JSON can be written")
}

fn question(id: &str) -> serde_json::Value {
    serde_json::json!({"id": id, "q": format!("What is {id}?"), "a": format!("It is *{id}*.")})
}

#[test]
fn pages_with_questions_are_found_wherever_they_stand() {
    use serde_json::json;
    let page = json!({"path": "/p", "title": "P", "questions": [question("a"), question("b")]});
    for (name, root, expected) in [
        ("as the root", page.clone(), &["p#a", "p#b"][..]),
        (
            "under any key",
            json!({"data": {"@ShallowReactive": {"any": page}}}),
            &["p#a", "p#b"],
        ),
        (
            "beside its siblings",
            json!({"data": {"k": {"page": page, "siblings": []}}}),
            &["p#a", "p#b"],
        ),
        (
            "wrapped",
            json!({"data": {"k": {"page": {"@Ref": {"@Reactive": page}}}}}),
            &["p#a", "p#b"],
        ),
        (
            "as a site's own class",
            json!({"k": {"@ShallowRef": {"page": page}}}),
            &["p#a", "p#b"],
        ),
        (
            "twice",
            json!({"data": {"x": {"z": page}, "y": "&z"}}),
            &["p#a", "p#b"],
        ),
        (
            "twice, as copies",
            json!({"data": {"x": page, "y": page}}),
            &["p#a", "p#b"],
        ),
        ("in a list", json!([[page]]), &["p#a", "p#b"]),
        (
            "with its list beside it",
            json!({"data": {"page": page, "questions": "&questions"}}),
            &["p#a", "p#b"],
        ),
        (
            "with its list before it",
            json!({"data": {"all": [question("a"), question("b")], "page": {"path": "/p", "title": "P", "questions": "&all"}}}),
            &["p#a", "p#b"],
        ),
        (
            "with the list under another name",
            json!({"path": "/p", "faq": [question("a")], "other": [question("b"), {"q": "?"}]}),
            &["p#a"],
        ),
        (
            "with a wrapped list",
            json!({"path": "/p", "questions": {"@Ref": [{"@Reactive": question("a")}]}}),
            &["p#a"],
        ),
        (
            "questions without a page",
            json!([question("a")]),
            &["dir/file#a"],
        ),
        (
            "nothing to ask",
            json!({"data": {"questions": [], "title": "T"}}),
            &[],
        ),
        (
            "questions of a quiz",
            json!({"questions": [{"question": "1 + 1?", "options": [1, 2]}]}),
            &[],
        ),
    ] {
        assert_eq!(
            ids("dir/file.json", &flatten(&root), false),
            expected,
            "{name}"
        );
    }
}

#[test]
fn a_page_without_a_path_takes_it_from_its_key_or_its_file() {
    use serde_json::json;
    let page = json!({"title": "P", "questions": [question("a")]});
    let other = json!({"title": "Other one", "questions": [question("b")]});
    for (file, root, expected, url) in [
        (
            "x/_payload.json",
            json!({"data": {"qa-/python/gc": page}}),
            &["python/gc#a"][..],
            true,
        ),
        (
            "x/_payload.json",
            json!({"data": {"/articles/x": {"page": page}}}),
            &["articles/x#a"],
            true,
        ),
        (
            "x/_payload.json",
            json!({"data": {"/faq": [question("a")]}}),
            &["faq#a"],
            true,
        ),
        (
            "x/y/_payload.json",
            json!({"data": {"key": page}}),
            &["x/y#a"],
            false,
        ),
        (
            "_payload.json",
            json!({"data": {"key": page}}),
            &["index#a"],
            false,
        ),
        (
            "x/pages.json",
            json!({"data": {"key": page}}),
            &["x/pages#a"],
            false,
        ),
        (
            "x.json",
            json!({"path": "/r/s/?t#u", "serverRendered": true, "data": {"key": page}}),
            &["r/s#a"],
            true,
        ),
        (
            "x/pages.json",
            json!({"data": [page, other]}),
            &["x/pages#a", "x/pages/other-one#b"],
            false,
        ),
    ] {
        let (entries, _) = read_file(file, &flatten(&root), false);
        let ids: Vec<_> = entries.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(ids, expected, "{root}");
        assert_eq!(entries[0].url.is_some(), url, "{root}");
    }
}

#[test]
fn siblings_and_related_pages_stand_beside_the_page() {
    use serde_json::json;
    let root = json!({"a": {"page": {"path": "/p", "related": null, "questions": [question("a")]}}, "b": {"k": {
        "page": "&page",
        "siblings": [{"path": "/p", "title": "P"}, {"path": "/q", "title": "Q"}],
        "related": ["/r"],
    }}});
    let (entries, _) = read_file("x.json", &flatten(&root), false);
    let page = entries[0].page.as_ref().expect("stands on a page");
    let siblings: Vec<_> = page
        .siblings
        .iter()
        .map(|link| link.path.as_str())
        .collect();
    assert_eq!(siblings, ["/p", "/q"]);
    assert_eq!(entries[0].related[0].path, "/r");
}

#[test]
fn slashes_may_be_escaped() {
    let raw = flatten(&serde_json::json!({"data": {"qa-/a/b": {"questions": [question("c/d")]}}}));
    let escaped = raw.replace('/', "\\u002F");
    assert_eq!(ids("x.json", &raw, false), ["a/b#c/d"]);
    assert_eq!(
        read_file("x.json", &raw, false),
        read_file("x.json", &escaped, false)
    );
}

#[test]
fn an_answer_may_be_a_parsed_body() {
    use serde_json::json;
    let body = json!({"type": "minimark", "value": [
        ["p", {}, "Read the ", ["code", {}, "source"], "."],
        ["pre", {"code": "let x = 1;\n", "language": "rust"}, ["code", {}, ["span", {}, "let"]]],
    ]});
    let root = json!({"path": "/p", "questions": [{"id": "a", "q": "Why?", "a": body}]});
    let (entries, problems) = read_file("x.json", &flatten(&root), false);
    assert_eq!(problems, []);
    let texts: Vec<_> = entries[0].answers[0]
        .blocks
        .iter()
        .map(|block| block.text())
        .collect();
    assert_eq!(texts, ["Read the source.", "let x = 1;"]);
}

#[test]
fn sections_are_entries_when_asked_for() {
    use serde_json::json;
    let body = json!({"type": "minimark", "value": [
        ["p", {}, "First words."],
        ["h2", {"id": "set-up"}, "Set up"],
        ["p", {}, "Do it."],
        ["h2", {"id": "guide"}, "Guide"],
        ["pre", {"code": "make", "language": "sh"}, ["code", {}, "highlighted"]],
    ]});
    let root = json!({"data": {
        "a": {"path": "/guide", "title": "Guide", "body": body},
        "b": {"@Ref": {"path": "/guide", "title": "Guide", "body": body}},
        "c": {"title": "Plain", "body": "Words.\n\n## More\n\nAnd more.\n"},
        "d": {"title": "Empty", "body": {"type": "minimark", "value": []}},
        "e": {"path": "/q", "title": "Asked", "body": body, "questions": [question("a")]},
    }});
    let text = flatten(&root);
    assert_eq!(ids("x.json", &text, false), ["q#a"]);
    let (entries, problems) = read_file("x.json", &text, true);
    assert_eq!(problems, []);
    let facts: Vec<_> = entries
        .iter()
        .map(|entry| {
            let blocks = entry.answers[0].blocks.iter().map(|block| block.text());
            (
                entry.id.as_str(),
                entry.title.as_str(),
                blocks.collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(
        facts,
        [
            ("guide", "Guide", vec!["First words."]),
            ("guide#set-up", "Guide: Set up", vec!["Do it."]),
            ("guide#guide", "Guide", vec!["make"]),
            ("x", "Plain", vec!["Words."]),
            ("x#more", "Plain: More", vec!["And more."]),
            ("q#a", "What is a?", vec!["It is a."]),
        ]
    );
    assert_eq!(entries[1].url.as_deref(), Some("/guide#set-up"));
}

#[test]
fn problems_name_the_slot_the_tag_or_the_question() {
    for (text, severity, record, words) in [
        (
            "[{\"data\":1},[9]]",
            Severity::Skipped,
            Some("slot 1"),
            "out of range",
        ),
        ("[{\"data\":1},", Severity::Skipped, None, "JSON"),
        ("{}", Severity::Skipped, None, "expected a payload"),
        (
            "[{\"data\":1},[\"Mine\",2],{}]",
            Severity::Warning,
            None,
            "`Mine`",
        ),
        (
            "[{\"questions\":1},[2,5],{\"q\":3,\"a\":4},\"Why?\",\"So.\",{}]",
            Severity::Skipped,
            Some("question 2 of `x`"),
            "`q`",
        ),
    ] {
        let (_, problems) = read_file("x.json", text, false);
        let [problem] = &problems[..] else {
            panic!("{text}: {problems:?}");
        };
        assert_eq!(problem.severity, severity, "{text}");
        assert_eq!(problem.record.as_deref(), record, "{text}");
        assert!(
            problem.message.contains(words),
            "{text}: {}",
            problem.message
        );
    }
}

#[test]
fn hostile_payloads_are_read_in_bounded_time() {
    let many = "1,".repeat(50_000);
    let long = "y".repeat(200_000);
    let lists: String = (0..20_000).map(|_| "{\"questions\":1},").collect();
    let places: Vec<_> = (4..20_004).map(|place| place.to_string()).collect();
    let deep: Vec<_> = (1..30_000)
        .map(|next| format!("{{\"questions\":{next}}}"))
        .collect();
    for text in [
        // One question in very many places of one list, its long texts in each.
        format!("[{{\"questions\":2}},{{\"q\":3,\"a\":3}},[{many}1],\"{long}\"]"),
        // One list in very many pages.
        format!(
            "[[{}],[2,2],{{\"q\":3,\"a\":3}},\"{long}\",{lists}0]",
            places.join(",")
        ),
        format!("[{},1]", deep.join(",")),
    ] {
        let start = std::time::Instant::now();
        let (entries, _) = read_file("x.json", &text, true);
        assert!(entries.len() <= 1, "{}", entries.len());
        assert!(start.elapsed() < std::time::Duration::from_secs(20));
    }
}

#[test]
fn a_page_too_large_when_written_out_says_so() {
    // Each tag list holds the one before twice.
    let doubled: Vec<_> = (5..45).map(|next| format!("[{next},{next}]")).collect();
    let text = format!(
        "[{{\"questions\":1,\"tags\":4}},[2],{{\"q\":3,\"a\":3}},\"text\",{},\"leaf\"]",
        doubled.join(",")
    );
    let (_, problems) = read_file("x.json", &text, false);
    assert!(problems[0].message.contains("too large"), "{problems:?}");
}

#[test]
fn payloads_are_told_from_plain_json() {
    for (text, expected) in [
        (
            "[{\"data\":1,\"prerenderedAt\":3},[\"ShallowReactive\",2],{},5]",
            true,
        ),
        (" [ { \"data\" : 1 , \"x\":-1 } , {} ]", true),
        ("\u{feff}[{\"a\\\"b\":1},2]", true),
        ("[[\"Reactive\",1],{}]", true),
        ("[[\"Map\",1,2],1,2]", true),
        ("[[1,2],3,4]", true),
        ("-1", true),
        ("[{\"id\":\"a\",\"title\":\"b\"}]", false),
        ("[{\"id\":1,\"title\":\"b\"}]", false),
        ("[{\"id\":1.5}]", false),
        ("[[\"name\",1],[\"other\",2]]", false),
        ("[[\"Set\"]]", false),
        ("[{}]", false),
        ("[[]]", false),
        ("[\"Ref\",1]", false),
        ("[1,2]", false),
        ("{\"data\":1}", false),
        ("[{\"data\":", false),
        ("[{\"da", false),
        ("[", false),
        ("", false),
        ("-2", false),
    ] {
        assert_eq!(looks_like_payload(text), expected, "{text}");
    }
}

#[test]
fn payloads_inside_html_are_found_where_browsers_find_them() {
    let script = |attributes: &str, id: &str| {
        let payload = flatten(&serde_json::json!({"path": "/p", "questions": [question(id)]}));
        format!("<script type=\"application/json\" {attributes}>{payload}</script>")
    };
    let inline = |id: &str| script("data-ssr=true id=\"__NUXT_DATA__\"", id);
    let (a, b) = (inline("a"), inline("b"));
    for (html, expected) in [
        (format!("<!doctype html><body>{a}"), &["p#a"][..]),
        (a.replace("</script>", ""), &["p#a"]),
        (format!("<p title='>'>{a}</p>"), &["p#a"]),
        (
            script("data-nuxt-data=shop", "a") + &script("data-nuxt-data=blog", "b"),
            &["p#a", "p#b"],
        ),
        (format!("<!-- {a} -->{b}"), &["p#b"]),
        (
            format!("<title>{a}</title><textarea>{a}</textarea><style>{a}</style>"),
            &[],
        ),
        (format!("<script>let s = '<b>';</script>{a}"), &["p#a"]),
        (format!("<svg><title/><style/></svg>{a}"), &["p#a"]),
        (format!("<svg>{a}"), &["p#a"]),
        (script("id=\"__NUXT__\"", "a"), &[]),
        ("<p>id=\"__NUXT_DATA__\"</p>".to_owned(), &[]),
        (String::new(), &[]),
    ] {
        assert_eq!(ids("x.html", &html, false), expected, "{html}");
        assert_eq!(has_inline_payload(&html), !expected.is_empty(), "{html}");
    }
}

proptest::proptest! {
    /// Payloads of random pieces: most are broken somewhere, and many have cycles and shared values.
    #[test]
    fn no_payload_panics(pieces in proptest::collection::vec(0..PIECES.len(), 0..60)) {
        let pieces: Vec<_> = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        for text in [format!("[{}]", pieces.join(",")), pieces.concat()] {
            looks_like_payload(&text);
            read_file("x.json", &text, true);
            read_file("x.html", &format!("<script id=__NUXT_DATA__>{text}</script>"), true);
        }
    }
}

/// Slots that fit together, and pieces that do not.
const PIECES: [&str; 40] = [
    "{\"questions\":1,\"title\":4,\"body\":2}",
    "[2,3]",
    "{\"q\":4,\"a\":5}",
    "{\"q\":5,\"a\":0}",
    "\"text\"",
    "\"/a/b\"",
    "{\"type\":7,\"value\":8}",
    "\"minimark\"",
    "[9,1,0]",
    "[4,6,5]",
    "[\"Ref\",0]",
    "[\"Ref\",1]",
    "[\"EmptyRef\",4]",
    "[\"Mine\",2]",
    "[\"Map\",4,0,5,1]",
    "[\"Set\",1,2,2]",
    "[\"null\",\"questions\",1]",
    "[\"Object\",4]",
    "[\"Date\",\"2020-01-01\"]",
    "[\"BigInt\",\"0xf\"]",
    "[\"ArrayBuffer\",\"AAECAwQF\"]",
    "[\"Int16Array\",20,2,1]",
    "[-7,9,8,1]",
    "[-2,1,-1]",
    "{\"siblings\":1,\"related\":8,\"page\":0}",
    "{\"path\":5,\"questions\":15}",
    "1e400",
    "-0",
    "null",
    "true",
    "\"\\ud800\"",
    "\"\\\"",
    "[",
    "]",
    "{",
    "}",
    "\"",
    ":",
    "</script>",
    "é",
];
