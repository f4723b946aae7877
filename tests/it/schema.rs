//! What scripts rely on: JSON as its schema says, and the columns of the other formats.

use serde_json::{Map, Value, json};

use crate::support::{Sandbox, WEAK};

/// Why a value is not what a schema says. `strict` allows no keys that the schema does not name: nothing may be printed
/// that is not published.
fn violation(root: &Value, schema: &Value, value: &Value, strict: bool) -> Option<String> {
    let schema = schema.as_object().expect("a schema is an object");
    let nested = |schema: &Value, value: &Value| violation(root, schema, value, strict);
    for (keyword, rule) in schema {
        let broken = match keyword.as_str() {
            "description" | "title" | "$schema" | "$id" | "$defs" => None,
            "$ref" => {
                let pointer = rule.as_str().expect("is text").trim_start_matches('#');
                let target = root
                    .pointer(pointer)
                    .expect("the reference leads somewhere");
                nested(target, value)
            }
            "type" => {
                let types = match rule {
                    Value::Array(types) => types.clone(),
                    one => vec![one.clone()],
                };
                let fits = types.iter().any(|name| match name.as_str() {
                    Some("object") => value.is_object(),
                    Some("array") => value.is_array(),
                    Some("string") => value.is_string(),
                    Some("boolean") => value.is_boolean(),
                    Some("null") => value.is_null(),
                    Some("integer") => value.is_i64() || value.is_u64(),
                    Some("number") => value.is_number(),
                    _ => panic!("no type is called {name}"),
                });
                (!fits).then(|| format!("{value} is no {rule}"))
            }
            "enum" => {
                let known = rule.as_array().expect("is a list");
                (!known.contains(value)).then(|| format!("{value} is none of {rule}"))
            }
            "minimum" => {
                let below = value
                    .as_f64()
                    .is_some_and(|number| Some(number) < rule.as_f64());
                below.then(|| format!("{value} is below {rule}"))
            }
            "minItems" | "maxItems" => value.as_array().and_then(|items| {
                let (items, bound) = (items.len() as u64, rule.as_u64().expect("is a number"));
                let fits = if keyword == "minItems" {
                    items >= bound
                } else {
                    items <= bound
                };
                (!fits).then(|| format!("{value} has {items} items"))
            }),
            "items" => {
                let items = value.as_array().into_iter().flatten();
                items.filter_map(|item| nested(rule, item)).next()
            }
            "anyOf" => {
                let rules = rule.as_array().expect("is a list");
                let broken: Option<Vec<String>> =
                    rules.iter().map(|rule| nested(rule, value)).collect();
                broken.map(|broken| broken.join(", and "))
            }
            "required" => value.as_object().and_then(|object| {
                let keys = rule.as_array().expect("is a list").iter();
                let mut missing =
                    keys.filter(|key| !object.contains_key(key.as_str().expect("is text")));
                missing.next().map(|key| format!("{key} is missing"))
            }),
            "properties" => value.as_object().and_then(|object| {
                let rules = rule.as_object().expect("is an object");
                let unknown = || {
                    object
                        .keys()
                        .find(|key| strict && !rules.contains_key(*key))
                };
                let known = object.iter().filter_map(|(key, value)| {
                    nested(rules.get(key)?, value).map(|broken| format!("{key}: {broken}"))
                });
                known
                    .into_iter()
                    .next()
                    .or_else(|| Some(format!("{} is not published", unknown()?)))
            }),
            "propertyNames" => value.as_object().and_then(|object| {
                let names = object.keys().map(|key| Value::from(key.as_str()));
                names.filter_map(|name| nested(rule, &name)).next()
            }),
            "additionalProperties" => {
                let values = value.as_object().into_iter().flat_map(Map::values);
                values.filter_map(|value| nested(rule, value)).next()
            }
            _ => panic!("`{keyword}` is not checked here"),
        };
        if broken.is_some() {
            return broken;
        }
    }
    None
}

fn schema(sandbox: &Sandbox) -> Value {
    let schema = sandbox.qdex(&["schema"]).json();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    schema
}

/// Checks the JSON of a search, and each of its hits as a line of its own.
#[track_caller]
fn check(sandbox: &Sandbox, schema: &Value, arguments: &[&str]) {
    let ran = sandbox.qdex(&[&["search", "--json"], arguments].concat());
    let json = ran.json();
    assert_eq!(
        violation(schema, schema, &json, true),
        None,
        "{arguments:?}"
    );
    // Lines of hits have no place for counts.
    let without_counts: Vec<&str> = arguments
        .iter()
        .copied()
        .filter(|argument| !argument.starts_with("--facets"))
        .collect();
    let lines = sandbox.qdex(&[&["search", "--format", "jsonl"], &without_counts[..]].concat());
    let hits: Vec<Value> = lines
        .lines()
        .iter()
        .map(|line| serde_json::from_str(line).expect("is JSON"))
        .collect();
    let are_equal = json["hits"].as_array() == Some(&hits);
    assert!(
        are_equal,
        "{arguments:?}: {} {}",
        lines.stdout, lines.stderr
    );
    for hit in &hits {
        let broken = violation(schema, &schema["$defs"]["hit"], hit, true);
        assert_eq!(broken, None, "{arguments:?}");
    }
}

#[test]
fn what_searches_print_is_what_the_schema_says() {
    let more = r##"{"id": "a@b", "title": "Bare"}
{"id": "site/1", "title": "Many answers", "score": -3, "answers": [{"id": "7", "score": 5, "accepted": true, "body": "Use `std::move`.\n\n```cpp\nstd::move(x);\n```"}, {"score": -1, "body": "Or not."}]}
"##;
    let sandbox = Sandbox::indexed_from(&format!("{}{more}", crate::support::ENTRIES));
    let schema = schema(&sandbox);
    for arguments in [
        &["weakref"][..],
        &["weakref", "cache", "--explain", "--facets"],
        &["std::move", "--explain"],
        &["bare"],
        &["many", "answers"],
        &["zzzzqqqq"],
        &["error[E0502]: cannot borrow `x` as mutable"],
        &["Traceback (most recent call last):\n  File \"x.py\", line 1, in f\nKeyError: 'x'"],
        &["weakrfe", "cahce"],
        &["weakref", "-n", "0", "--facets=tag,lang"],
        &["memory", "--offset", "1"],
        &["-d", "medium", "--not", "tag:caching", "--facets"],
        &["tag:nonsense", "borrow"],
        &["\"borrow checker\"", "-tag:async"],
        &["--sort", "score"],
        &["a\u{1b}[31m\u{202e}"],
        &["What", "does", "a", "weak", "reference", "keep", "alive?"],
    ] {
        check(&sandbox, &schema, arguments);
    }
}

#[test]
fn searches_of_the_sample_corpus_are_what_the_schema_says() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    let sandbox = Sandbox::new();
    let built = sandbox.qdex(&["index", corpus, "--index", "index"]);
    assert_eq!(built.code, Some(0), "{}", built.stderr);
    let schema = schema(&sandbox);
    let queries = std::fs::read_to_string(format!("{corpus}/judgments/queries.jsonl"));
    let queries = queries.expect("the sample corpus has judged queries");
    let queries: Vec<Value> = queries
        .lines()
        .map(|line| serde_json::from_str(line).expect("is JSON"))
        .collect();
    assert!(queries.len() > 100);
    for query in queries.iter().step_by(7) {
        let text = query["text"].as_str().expect("is text");
        check(&sandbox, &schema, &["--explain", "--facets", "--", text]);
    }
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let sandbox = Sandbox::indexed();
    let schema = schema(&sandbox);
    let right = sandbox
        .qdex(&["search", "--json", "weakref", "--facets"])
        .json();
    assert_eq!(violation(&schema, &schema, &right, true), None);
    for (pointer, key, wrong) in [
        ("", "query", Value::Null),
        ("", "total", json!(-1)),
        ("", "total", json!("1")),
        ("/hits/0", "rank", json!(0)),
        ("/hits/0", "difficulty", json!("hrad")),
        ("/hits/0", "score", json!("high")),
        ("/hits/0/snippet", "kind", json!("poem")),
        ("/hits/0/snippet", "highlights", json!([[1, 2, 3]])),
        ("/hits/0", "code", json!({})),
        ("/facets", "colour", json!([])),
        ("/facets", "tag", json!([{"value": "x"}])),
    ] {
        let mut json = right.clone();
        let object = json.pointer_mut(pointer).and_then(Value::as_object_mut);
        object
            .expect("is there")
            .insert(key.to_owned(), wrong.clone());
        let broken = violation(&schema, &schema, &json, false);
        assert!(broken.is_some(), "{pointer} {key} {wrong}");
    }
    // Keys may be added: a reader with today's schema takes tomorrow's output.
    let mut json = right;
    json["hits"][0]["new"] = json!(1);
    assert_eq!(violation(&schema, &schema, &json, false), None);
    assert!(violation(&schema, &schema, &json, true).is_some());
}

#[test]
fn the_formats_for_scripts_stay_as_they_are() {
    let entries = r##"{"id": "b", "title": "A \"quoted\", weakref title", "tags": ["x", "y z"], "topic": "/a/b", "difficulty": "easy", "framework": "F", "url": "=1"}
{"id": "a", "title": "Weakref", "score": 1}
"##;
    let sandbox = Sandbox::indexed_from(entries);
    for (format, expected) in [
        ("ids", "a\nb\n"),
        (
            "csv",
            "rank,id,score,title,difficulty,topic,framework,tags,url\r\n\
             1,a,SCORE,Weakref,,,,,\r\n\
             2,b,SCORE,\"A \"\"quoted\"\", weakref title\",easy,/a/b,F,x;y z,'=1\r\n",
        ),
    ] {
        let ran = sandbox.qdex(&["search", "weakref", "--sort", "id", "--format", format]);
        let mut printed = ran.stdout.clone();
        if format == "csv" {
            // Scores are figures of the ranking and change with it.
            let scores: Vec<String> = ran
                .stdout
                .lines()
                .skip(1)
                .filter_map(|line| Some(line.split(',').nth(2)?.to_owned()))
                .collect();
            for score in scores {
                assert!(score.parse::<f32>().is_ok(), "{score}");
                printed = printed.replacen(&format!(",{score},"), ",SCORE,", 1);
            }
        }
        assert_eq!(printed, expected, "{format}");
    }
    let jsonl = Sandbox::indexed().qdex(&["search", "weakref", "--format", "jsonl"]);
    let hit: Value = serde_json::from_str(jsonl.lines()[0]).expect("is JSON");
    assert_eq!(hit["id"], WEAK);
}
