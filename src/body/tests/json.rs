//! The JSON form of blocks.

use super::super::*;
use super::{Body, marked};

#[test]
fn the_json_form_is_plain() {
    let Body(blocks) =
        serde_json::from_str("\"### a\\n1. `b` [c](/d)\\n\\n   e\\n\\n```js\\nf\\n```\"")
            .expect("the JSON is right");
    let json = serde_json::to_value(&blocks).expect("the JSON is right");
    let expected = serde_json::json!([
        {"kind": "prose", "text": "a", "style": {"heading": 3}},
        {"kind": "prose", "text": "b c", "style": {"item": {"depth": 0, "number": 1}}, "marks": [
            {"start": 0, "end": 1, "mark": "code"},
            {"start": 2, "end": 3, "mark": "link", "target": "/d"},
        ]},
        {"kind": "prose", "text": "e", "style": {"continued": {"depth": 0}}},
        {"kind": "code", "text": "f", "lang": "js"},
    ]);
    assert_eq!(json, expected);
    let Body(empty) = serde_json::from_str("null").expect("the JSON is right");
    assert!(empty.is_empty());
    let error = serde_json::from_str::<Body>("3")
        .expect_err("a number is no body")
        .to_string();
    assert!(
        error.contains("a string of Markdown or a list of blocks"),
        "{error}"
    );
}

#[test]
fn marks_that_do_not_fit_are_dropped_on_reading() {
    let json = r#"{"text": "aéb", "style": {"heading": 200}, "marks": [
        {"start": 1, "end": 3, "mark": "code"}, {"start": 0, "end": 1, "mark": "strong"},
        {"start": 0, "end": 4, "mark": "emphasis"}, {"start": 2, "end": 3, "mark": "code"},
        {"start": 3, "end": 3, "mark": "code"}, {"start": 3, "end": 1, "mark": "code"},
        {"start": 0, "end": 99, "mark": "code"}]}"#;
    let prose: Prose = serde_json::from_str(json).expect("the JSON is right");
    assert_eq!(prose.style, ProseStyle::Heading(6));
    assert_eq!(marked(&prose), "{e {s a}{c é}b}");
}
