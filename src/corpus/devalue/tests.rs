//! The format in rows: payloads, and what they are. Values that JSON cannot say are written as `agreement` says.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::agreement::{agrees, at};
use super::*;

/// Checks payloads against what they are, wrappers shown.
fn check(rows: &[(&str, Json)]) {
    for (payload, expected) in rows {
        let document = parse(payload).unwrap_or_else(|error| panic!("{payload}: {error}"));
        assert!(agrees(&document, expected, true), "{payload}: {document:?}");
    }
}

fn marked(kind: &str) -> Json {
    json!({"$": kind})
}

#[test]
fn constants_stand_alone_and_in_place_of_indices() {
    check(&[
        ("-1", marked("undefined")),
        (" -3 ", marked("NaN")),
        ("-4", marked("Infinity")),
        ("-5.0", marked("-Infinity")),
        ("\u{feff}-6", marked("-0")),
        (
            "[[-1,-2,-6]]",
            json!([marked("undefined"), marked("hole"), marked("-0")]),
        ),
        ("[{\"k\":-3}]", json!({"k": marked("NaN")})),
        // In a slot, the same numbers are numbers.
        ("[[1,2],-1,-7]", json!([-1, -7])),
        ("[-1]", json!(-1)),
        ("[1e999]", marked("Infinity")),
        ("[-0]", marked("-0")),
    ]);
}

#[test]
fn containers_refer_by_index() {
    check(&[
        ("[{}]", json!({})),
        ("[[]]", json!([])),
        (
            "[{\"b\":2,\"a\":1},\"x\",[1,1]]",
            json!({"a": "x", "b": ["x", "x"]}),
        ),
        (
            "[{\"k\":2,\"k\":1.0},\"last\",\"first\"]",
            json!({"k": "last"}),
        ),
        // A duplicate that loses may be anything.
        (
            "[{\"k\":\"no index\",\"k\":1},\"last\"]",
            json!({"k": "last"}),
        ),
        ("[[1,2],\"Date\",\"2020\"]", json!(["Date", "2020"])),
        (r#"["a\ud800b"]"#, json!("a\u{fffd}b")),
        (
            "[[\"Map\",1,2,3,2,1,3],\"k\",\"v\",\"w\"]",
            json!({"$": "Map", "entries": [["k", "w"], ["w", "v"]]}),
        ),
        (
            "[[\"Map\",-6,1,2,3,-3,1,-3,3],\"a\",0,\"b\"]",
            json!({"$": "Map", "entries": [[0, "b"], [marked("NaN"), "b"]]}),
        ),
        (
            "[[\"Set\",1,2,3,4,5,5,-1,-1],\"x\",\"x\",{},{},[\"BigInt\",\"1\"]]",
            json!({"$": "Set", "values": ["x", {}, {}, {"$": "bigint", "value": "1"}, marked("undefined")]}),
        ),
        (
            "[[\"null\",\"a\",1,\"a\",2],1,2]",
            json!({"$": "null-proto", "entries": [["a", 2]]}),
        ),
    ]);
}

#[test]
fn sparse_arrays_cost_what_is_set_in_them() {
    check(&[
        ("[[-7,0]]", json!([])),
        ("[[-7,2,1,1],\"x\"]", json!([marked("hole"), "x"])),
        (
            "[[-7,3,2,1,0,2,2,2],\"x\",\"y\"]",
            json!(["y", marked("hole"), "y"]),
        ),
        (
            "[[-7,1000000000,999999999,0]]",
            json!({"$": "sparse", "length": 1_000_000_000, "entries": [[999_999_999, {"$": "cycle", "to": ""}]]}),
        ),
    ]);
}

#[test]
fn tags_revive_what_json_cannot_say() {
    let date = |value: Json| json!({"$": "Date", "value": value});
    let boxed = |value: Json| json!({"$": "boxed", "value": value});
    let bigint = |value: &str| json!({"$": "bigint", "value": value});
    check(&[
        (
            "[[\"Date\",\"2022-03-04T05:06:07.008Z\"]]",
            date(json!("2022-03-04T05:06:07.008Z")),
        ),
        ("[[\"Date\",\"\"]]", date(Json::Null)),
        (
            "[[\"Date\",86400000]]",
            date(json!("1970-01-02T00:00:00.000Z")),
        ),
        ("[[\"Date\",[]]]", date(Json::Null)),
        (
            "[[\"RegExp\",\"a+\",\"gi\"]]",
            json!({"$": "RegExp", "source": "a+", "flags": "gi"}),
        ),
        (
            "[[\"RegExp\",\"\"]]",
            json!({"$": "RegExp", "source": "(?:)", "flags": ""}),
        ),
        ("[[\"BigInt\",\"-12\"]]", bigint("-12")),
        ("[[\"BigInt\",7]]", bigint("7")),
        ("[[\"BigInt\",true]]", bigint("1")),
        ("[[\"Object\",1],\"s\"]", boxed(json!("s"))),
        ("[[\"Object\",-3]]", boxed(marked("NaN"))),
        ("[[\"Object\",1],[\"BigInt\",\"5\"]]", boxed(bigint("5"))),
        // Before 5.7.0, the primitive itself.
        ("[[\"Object\",\"s\"]]", boxed(json!("s"))),
        ("[[\"Object\",false]]", boxed(json!(false))),
        ("[[\"Object\",12]]", boxed(json!(12))),
        ("[[\"Object\",0.5]]", boxed(json!(0.5))),
        (
            "[[\"URL\",\"https://example.org/\"]]",
            json!({"$": "URL", "value": "https://example.org/"}),
        ),
        (
            "[[\"Temporal.PlainTime\",\"07:08\"]]",
            json!({"$": "Temporal.PlainTime", "value": "07:08"}),
        ),
    ]);
}

#[test]
fn views_share_their_buffer() {
    let buffer = json!({"$": "ArrayBuffer", "base64": "AQACAA=="});
    let view = |start: u32, values: Json| {
        let length = values.as_array().map_or(0, Vec::len);
        json!({"$": "Uint16Array", "buffer": buffer, "byteOffset": start, "length": length, "values": values})
    };
    check(&[
        (
            "[[\"Uint16Array\",1],[\"ArrayBuffer\",\"AQACAA==\"]]",
            view(0, json!([1, 2])),
        ),
        (
            "[[\"Uint16Array\",1,2],[\"ArrayBuffer\",\"AQACAA==\"]]",
            view(2, json!([2])),
        ),
        (
            "[[\"Uint16Array\",1,0,1],[\"ArrayBuffer\",\"AQACAA==\"]]",
            view(0, json!([1])),
        ),
        (
            "[[\"Uint16Array\",1,4,0],[\"ArrayBuffer\",\"AQACAA==\"]]",
            view(4, json!([])),
        ),
        // From 5.0 to 5.2, the bytes themselves.
        ("[[\"Uint16Array\",\"AQACAA==\"]]", view(0, json!([1, 2]))),
        (
            "[[\"DataView\",1,1,2],[\"ArrayBuffer\",\"AQACAA==\"]]",
            json!({"$": "DataView", "buffer": buffer, "byteOffset": 1, "byteLength": 2}),
        ),
    ]);
    let document = parse("[[1,2],[\"Int8Array\",2],[\"ArrayBuffer\",\"AA==\"]]").expect("is valid");
    assert_eq!(at(&document, "/0/buffer"), at(&document, "/1"));
}

#[test]
fn nuxts_wrappers_hold_their_value_and_empty_refs_hold_json_in_a_string() {
    let custom = |tag: &str, value: Json| json!({"$": "custom", "tag": tag, "value": value});
    let empty = |value: Json| custom("EmptyRef", value);
    check(&[
        (
            "[[\"Ref\",1],[\"ShallowReactive\",2],\"x\"]",
            custom("Ref", custom("ShallowReactive", json!("x"))),
        ),
        ("[[\"Ref\",-1]]", custom("Ref", marked("undefined"))),
        ("[[\"Ref\"]]", custom("Ref", marked("undefined"))),
        // An argument that is no index is a slot of its own.
        (
            "[[\"Ref\",{\"a\":1}],\"x\"]",
            custom("Ref", json!({"a": "x"})),
        ),
        ("[[\"Ref\",\"x\"]]", custom("Ref", json!("x"))),
        (
            "[[\"Ref\",[\"Set\",1]],\"x\"]",
            custom("Ref", json!({"$": "Set", "values": ["x"]})),
        ),
        ("[[\"EmptyRef\",1],\"_\"]", empty(marked("undefined"))),
        (
            "[[\"EmptyRef\",1],\"0n\"]",
            empty(json!({"$": "bigint", "value": "0"})),
        ),
        ("[[\"EmptyRef\",\"false\"]]", empty(json!(false))),
        ("[[\"EmptyRef\",1],\"\\\"\\\"\"]", empty(json!(""))),
        ("[[\"EmptyRef\",1],\"no json\"]", empty(json!("no json"))),
        (
            "[[\"EmptyRef\",1],\"{\\\"a\\\":[1,{\\\"b\\\":null}],\\\"a\\\":[0,[]]}\"]",
            empty(json!({"a": [0, []]})),
        ),
        (
            "[[\"EmptyShallowRef\",1],0]",
            custom("EmptyShallowRef", json!(0)),
        ),
    ]);
}

#[test]
fn shared_and_cyclic_values_stay_what_they_are() {
    let cycle = |to: &str| json!({"$": "cycle", "to": to});
    check(&[
        ("[{\"me\":0}]", json!({"me": cycle("")})),
        (
            "[[1],{\"up\":0,\"me\":1}]",
            json!([{"up": cycle(""), "me": cycle("/0")}]),
        ),
        (
            "[[\"Map\",0,0]]",
            json!({"$": "Map", "entries": [[cycle(""), cycle("")]]}),
        ),
        (
            "[[\"Reactive\",1],{\"me\":0}]",
            json!({"$": "custom", "tag": "Reactive", "value": {"me": cycle("")}}),
        ),
    ]);
    let document = parse("[[1,{\"a\":1}],{}]");
    assert!(document.is_err(), "an object inside of a list is no index");
    let document = parse("[[1,2],{},{\"a\":1}]").expect("is valid");
    assert_eq!(at(&document, "/0"), at(&document, "/1/a"));
}

#[test]
fn unknown_tags_are_looked_through_or_opaque_with_a_warning() {
    let document =
        parse("[[1,1,2,3],[\"Mine\",4],[\"Other\",4,4],[\"Odd\"],\"x\"]").expect("is valid");
    let plain = Plain::new(&document, 0).json(document.root());
    assert_eq!(plain, json!(["x", "x", null, null]));
    assert_eq!(document.warnings.len(), 3);
    for (warning, tag) in document.warnings.iter().zip(["`Mine`", "`Odd`", "`Other`"]) {
        assert!(warning.contains(tag), "{warning}");
    }
}

#[test]
fn slots_out_of_reach_may_hold_anything() {
    check(&[
        ("[1,{\"__proto__\":0},[\"Nope\",true],[[[[]]]]]", json!(1)),
        ("[[1],\"x\",[\"BigInt\",\"x\"],[9]]", json!(["x"])),
    ]);
}

#[test]
fn what_breaks_the_format_is_an_error_of_its_slot() {
    for (payload, slot) in [
        ("[[9]]", 0),
        ("[[1],{\"a\":2}]", 1),
        ("[[1.5]]", 0),
        ("[[\"Set\",-2]]", 0),
        ("[{\"a\":-2}]", 0),
        ("[[1,-7],1]", 0),
        ("[[-8]]", 0),
        ("[{\"a\":null}]", 0),
        ("[{\"a\":[1]},1]", 0),
        ("[[true]]", 0),
        ("[{\"a\":1,\"__proto__\":1},1]", 0),
        ("[{\"a\":1},[\"null\",\"__proto__\",2],1]", 1),
        ("[[\"null\",5,1],1]", 0),
        ("[[\"null\",\"a\"]]", 0),
        ("[[\"Map\",1],1]", 0),
        ("[[-7]]", 0),
        ("[[-7,-1]]", 0),
        ("[[-7,4294967296]]", 0),
        ("[[-7,2,2,1],1]", 0),
        ("[[-7,2,0.5,1],1]", 0),
        ("[[-7,2,1]]", 0),
        ("[[\"\",1],1]", 0),
        ("[[\"BigInt\"]]", 0),
        ("[[\"BigInt\",1.5]]", 0),
        ("[[\"BigInt\",\"x\"]]", 0),
        ("[[\"RegExp\",\"a\",\"gg\"]]", 0),
        ("[[\"RegExp\",\"a\",\"uv\"]]", 0),
        ("[[\"RegExp\",\"a\",null]]", 0),
        ("[[\"Object\"]]", 0),
        ("[[\"Object\",-1]]", 0),
        ("[[\"Object\",0]]", 0),
        ("[[\"Object\",1],null]", 0),
        ("[[\"Object\",{}]]", 0),
        ("[[\"ArrayBuffer\",5]]", 0),
        ("[[1],[\"ArrayBuffer\",\"?\"]]", 1),
        ("[[\"Int8Array\",0]]", 0),
        ("[[\"Int8Array\",1],{}]", 0),
        ("[[\"Int8Array\",9]]", 0),
        ("[[\"Int16Array\",1],[\"ArrayBuffer\",\"AAAA\"]]", 0),
        ("[[\"Int16Array\",1,1],[\"ArrayBuffer\",\"AAAA\"]]", 0),
        ("[[\"Int8Array\",1,0,4],[\"ArrayBuffer\",\"AAAA\"]]", 0),
        ("[[\"Int8Array\",1,4],[\"ArrayBuffer\",\"AAAA\"]]", 0),
        ("[[\"Int8Array\",1,-1],[\"ArrayBuffer\",\"AAAA\"]]", 0),
        ("[[\"URL\"]]", 0),
        ("[[\"Ref\",0]]", 0),
        ("[[1,2],0,[\"Ref\",3],[\"Reactive\",2]]", 2),
        ("[[\"Ref\",[\"Ref\",0]]]", 0),
        ("[[\"Mine\",1],[\"Ref\",0]]", 0),
    ] {
        match parse(payload) {
            Err(DevalueError::Slot { slot: named, .. }) => assert_eq!(named, slot, "{payload}"),
            other => panic!("{payload}: {other:?}"),
        }
    }
}

#[test]
fn what_is_no_payload_is_refused() {
    for payload in [
        "{}",
        "[]",
        "\"x\"",
        "null",
        "true",
        "0",
        "42",
        "-2",
        "-7",
        "-1.5",
        "{\"data\":{}}",
    ] {
        let refused = matches!(parse(payload), Err(DevalueError::Root));
        assert!(refused, "{payload}");
    }
    for payload in ["", "[1,]", "[{\"a\":1}", "[NaN]", "[1] 2"] {
        let refused = matches!(parse(payload), Err(DevalueError::Json { .. }));
        assert!(refused, "{payload}");
    }
}

#[test]
fn hostile_payloads_cost_no_more_than_their_length() {
    let chain = |link: &dyn Fn(usize) -> String, depth: usize| {
        let links: Vec<_> = (1..=depth).map(link).collect();
        format!("[{},\"end\"]", links.join(","))
    };
    let depth = 30_000;
    let many = "1,".repeat(200_000);
    let refs: String = (0..100_000).map(|_| "[\"EmptyRef\",1],").collect();
    let long = "x".repeat(1_000_000);
    for (name, payload) in [
        ("objects", chain(&|next| format!("{{\"n\":{next}}}"), depth)),
        ("lists", chain(&|next| format!("[{next}]"), depth)),
        (
            "wrappers",
            chain(&|next| format!("[\"Ref\",{next}]"), depth),
        ),
        (
            "unknown wrappers",
            chain(&|next| format!("[\"T{next}\",{next}]"), depth),
        ),
        (
            "maps",
            chain(&|next| format!("[\"Map\",{next},{next}]"), depth),
        ),
        ("2^26 paths", chain(&|next| format!("[{next},{next}]"), 26)),
        (
            "2^4000 paths",
            chain(&|next| format!("{{\"a\":{next},\"b\":{next}}}"), 4000),
        ),
        (
            "a set of one long text",
            format!("[[\"Set\",{many}1],\"{long}\"]"),
        ),
        (
            "refs of one long text",
            format!("[[{many}1],\"\\\"{long}\\\"\",{refs}0]"),
        ),
        (
            "inline nesting",
            format!(
                "[{}{},1]",
                "[\"Ref\",".repeat(depth) + "1",
                "]".repeat(depth)
            ),
        ),
        (
            "raw nesting",
            format!("[1,{}{}]", "[".repeat(depth), "]".repeat(depth)),
        ),
        ("sparse", "[[-7,4294967295,4294967294,0]]".to_owned()),
    ] {
        let start = Instant::now();
        let document = parse(&payload).unwrap_or_else(|error| panic!("{name}: {error}"));
        Plain::new(&document, payload.len()).json(document.root());
        assert!(start.elapsed() < Duration::from_secs(20), "{name}");
    }
}

#[test]
fn plain_json_drops_what_it_cannot_say() {
    for (payload, plain) in [
        (
            "[{\"a\":-1,\"b\":-3,\"c\":-6,\"d\":1},[-2,-2,2],1.5]",
            json!({"b": null, "c": 0, "d": [1.5]}),
        ),
        ("[{\"a\":0,\"b\":1},[0,1]]", json!({"b": []})),
        ("[[1,1],{\"k\":2},3]", json!([{"k": 3}, {"k": 3}])),
        ("[[\"Map\",1,2],\"k\",{\"x\":1}]", json!({"k": {"x": "k"}})),
        (
            "[[-7,9,4,1,2,2],\"late\",\"early\"]",
            json!(["early", "late"]),
        ),
        (
            "[[1,2,3,4],[\"Date\",0],[\"BigInt\",\"5\"],[\"Object\",5],[\"RegExp\",\"a\",\"g\"],true]",
            json!(["1970-01-01T00:00:00.000Z", 5, true, "/a/g"]),
        ),
        (
            "[[\"Int8Array\",1],[\"ArrayBuffer\",\"/wE=\"]]",
            json!([-1, 1]),
        ),
        ("[[1],[\"ArrayBuffer\",\"/wE=\"]]", json!([null])),
    ] {
        let document = parse(payload).unwrap_or_else(|error| panic!("{payload}: {error}"));
        let mut converter = Plain::new(&document, payload.len());
        assert_eq!(converter.json(document.root()), plain, "{payload}");
        assert_eq!(converter.take_cut(), None, "{payload}");
    }
}

#[test]
fn plain_json_says_what_made_it_stop() {
    let deep: Vec<_> = (1..1000).map(|next| format!("[{next}]")).collect();
    let deep = format!("[{},1]", deep.join(","));
    let wide: Vec<_> = (1..40).map(|next| format!("[{next},{next}]")).collect();
    let wide = format!("[{},1]", wide.join(","));
    for (payload, cut) in [(deep, Cut::Depth), (wide, Cut::Budget)] {
        let document = parse(&payload).expect("is valid");
        let mut converter = Plain::new(&document, payload.len());
        converter.json(document.root());
        assert_eq!(converter.take_cut(), Some(cut));
        assert_eq!(converter.take_cut(), None);
    }
}
