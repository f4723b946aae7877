//! Dumps of Stack Exchange sites from the command line: what is chosen, what is shown.

use crate::support::Sandbox;

const POSTS: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<posts>
  <row Id="1" PostTypeId="1" AcceptedAnswerId="3" CreationDate="2019-05-01T10:00:00.000" Score="4" Title="How do I borrow twice?" Tags="&lt;rust&gt;" Body="&lt;p&gt;It fails.&lt;/p&gt;" OwnerUserId="7" ContentLicense="CC BY-SA 4.0" />
  <row Id="2" PostTypeId="1" CreationDate="2021-05-01T10:00:00.000" Score="-1" Title="Why is my loop slow?" Tags="|python|" Body="&lt;p&gt;Slow.&lt;/p&gt;" OwnerDisplayName="someone" />
  <row Id="3" PostTypeId="2" ParentId="1" Score="9" Body="&lt;pre class=&quot;lang-rust&quot;&gt;&lt;code&gt;let b = a.clone();&lt;/code&gt;&lt;/pre&gt;" OwnerUserId="8" />
  <row Id="4" PostTypeId="2" ParentId="99" Body="lost" />
  <row Id="5" PostTypeId="5" Body="wiki" />
  <row Id="6 PostTypeId="1" />
</posts>
"#;

fn dump() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("site.example.org/Posts.xml", POSTS);
    sandbox
}

#[test]
fn a_dump_is_indexed_and_shown_with_its_authors() {
    let sandbox = dump();
    let ran = sandbox.qdex(&["index", "site.example.org", "--index", "index"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for part in [
        "Posts.xml:8: the row has no end",
        "indexed 2 entries",
        "stack-exchange 2",
        "1 tag wiki or other post",
        "1 answer without its question",
    ] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    let shown = sandbox.qdex(&["show", "site.example.org/1"]).stdout;
    for part in [
        "let b = a.clone();",
        "— user8 <https://site.example.org/users/8> · https://site.example.org/a/3",
        "author   user7 <https://site.example.org/users/7>",
        "license  CC BY-SA 4.0",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let found = sandbox.qdex(&["search", "borrow twice", "--format", "ids"]);
    assert_eq!(found.lines()[0], "site.example.org/1");
}

#[test]
fn entries_are_chosen_when_they_are_indexed() {
    let sandbox = dump();
    for (option, value, id) in [
        ("--tag", "Rust", "site.example.org/1"),
        ("--tag", "c,python", "site.example.org/2"),
        ("--min-score", "0", "site.example.org/1"),
        ("--since", "2020", "site.example.org/2"),
    ] {
        let ran = sandbox.qdex(&[
            "index",
            "site.example.org",
            "--index",
            "index",
            "--rebuild",
            option,
            value,
        ]);
        assert!(
            ran.stderr.contains("indexed 1 entry"),
            "{option}: {}",
            ran.stderr
        );
        assert!(
            ran.stderr.contains("1 entry not chosen"),
            "{option}: {}",
            ran.stderr
        );
        assert_eq!(
            sandbox.qdex(&["show", id]).code,
            Some(0),
            "{option} {value}"
        );
    }
    let ran = sandbox.qdex(&["index", "site.example.org", "--since", "yesterday"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("expected a year, a month or a day"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_dump_comes_over_standard_input() {
    let sandbox = Sandbox::new();
    let arguments = [
        "index",
        "-",
        "--site",
        "site.example.org",
        "--index",
        "index",
    ];
    let ran = sandbox.with_input(&arguments, POSTS.as_bytes());
    assert!(ran.stderr.contains("indexed 2 entries"), "{}", ran.stderr);
    assert_eq!(sandbox.qdex(&["show", "site.example.org/2"]).code, Some(0));
}
