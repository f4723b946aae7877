//! Names, symbols and scripts through a whole index: what finds an entry, and what does not.

use crate::sample::{Sample, entry};

/// How many hits may be looked at: entries of other rows have some of the queries' words too.
const FIRST: usize = 3;

/// Every row is an entry with this text, found by each of the first queries, and not at all by the others.
const ROWS: &[(&str, &[&str], &[&str])] = &[
    (
        "A pointer in C is an address.",
        &["C", "c pointer"],
        &["C++", "C#"],
    ),
    (
        "A smart pointer of C++ owns it.",
        &["C++", "c++", "C++ smart"],
        &["C"],
    ),
    ("C# has delegates.", &["C#", "c# delegates"], &["C"]),
    ("F# pipes.", &["F#", "f#"], &["C#"]),
    (
        "ASP.NET Core serves pages.",
        &["ASP.NET Core", "asp.net", "ASP.NET pages"],
        &["aspnot"],
    ),
    (
        "The runtime of .NET collects.",
        &[".NET runtime", ".net collects"],
        &[],
    ),
    (
        "node.js has an event loop.",
        &["node.js", "Node.JS", "node.js event"],
        &[],
    ),
    ("C++/CLI mixes two worlds.", &["C++/CLI", "cli mixes"], &[]),
    (
        "Take `std::vector<T>` for it.",
        &["std::vector<T>", "std::vector", "vector"],
        &[],
    ),
    (
        "A `std::string_view` borrows.",
        &[
            "std::string_view",
            "string_view",
            "stringView",
            "std string view",
        ],
        &[],
    ),
    (
        "Streams are written by `operator<<`.",
        &["operator<<", "<<"],
        &[">>"],
    ),
    (
        "`Vec<Box<dyn Trait>>` is a list.",
        &["Vec<Box<dyn Trait>>", "box dyn"],
        &[],
    ),
    ("`p->next` is the node behind.", &["p->next", "->next"], &[]),
    ("`a ?? b` and `a?.b` are short.", &["?.", "??"], &["?:"]),
    ("`2 ** 10` is a power.", &["**", "2 ** 10"], &[]),
    ("Call `foo.bar()` twice.", &["foo.bar()", "foo.bar"], &[]),
    ("Disk I/O is slow.", &["I/O", "disk i/o", "IO"], &[]),
    ("TCP/IP has layers.", &["TCP/IP", "tcp/ip layers"], &[]),
    (
        "Write to user@example.com today.",
        &["user@example.com", "example.com"],
        &[],
    ),
    (
        "Users stand in /etc/passwd there.",
        &["/etc/passwd", "passwd"],
        &[],
    ),
    (
        "It lies in C:\\Windows\\System32 there.",
        &["C:\\Windows\\System32", "system32"],
        &[],
    ),
    (
        "See https://docs.python.org/3/library/weakref.html there.",
        &[
            "https://docs.python.org/3/library/weakref.html",
            "docs.python.org",
            "weakref.html",
        ],
        &[],
    ),
    (
        "`#include <stdio.h>` comes first.",
        &["#include <stdio.h>", "#include", "stdio.h"],
        &[],
    ),
    (
        "A `@decorator` wraps it.",
        &["@decorator", "decorator"],
        &[],
    ),
    (
        "`git commit --amend` rewrites.",
        &["--amend", "git commit --amend"],
        &[],
    ),
    ("`gcc -Wall` warns.", &["-Wall", "gcc -Wall"], &[]),
    ("`$PATH` lists folders.", &["$PATH", "${PATH}", "PATH"], &[]),
    ("`echo $?` prints the status.", &["$?", "echo $?"], &["$#"]),
    ("`%s` takes text.", &["%s"], &["%d"]),
    (
        "It crashed at 0x7fff again.",
        &["0x7fff", "0x7FFF"],
        &["7fff"],
    ),
    (
        "error[E0502]: cannot borrow",
        &["E0502", "error[E0502]"],
        &["E0503", "e"],
    ),
    (
        "error TS2345: not assignable",
        &["TS2345", "ts2345"],
        &["TS2346x"],
    ),
    (
        "An `HTTP2Server` answers.",
        &["HTTP2Server", "http2 server", "http2_server"],
        &[],
    ),
    (
        "The charset utf8mb4 has four bytes.",
        &["utf8mb4"],
        &["utf16"],
    ),
    (
        "Released as v1.2.3-rc1 at last.",
        &["v1.2.3-rc1", "rc1"],
        &[],
    ),
    (
        "Python 3.11.7 is out.",
        &["3.11.7", "python 3.11"],
        &["4.12"],
    ),
    ("On x86_64 it is fast.", &["x86_64", "x86-64"], &["x87"]),
    ("i18n is long.", &["i18n"], &["l10n"]),
    ("A tolerance of 1e-9 will do.", &["1e-9"], &[]),
    (
        "`__init__.py` marks a package.",
        &["__init__.py", "__init__"],
        &[],
    ),
    ("`*args` takes the rest.", &["*args", "args"], &[]),
    ("`&mut self` borrows.", &["&mut self"], &[]),
    ("`'static` lives on.", &["'static"], &[]),
    (
        "`#[derive(Debug)]` prints.",
        &["#[derive(Debug)]", "derive debug"],
        &[],
    ),
    ("`$_GET` holds parameters.", &["$_GET", "_GET"], &[]),
    ("`@Override` checks it.", &["@Override", "@override"], &[]),
    ("A fit has an R² near one.", &["R²", "R2"], &[]),
    (
        "`:hover` and `<div>` style.",
        &[":hover", "<div>", "div"],
        &[],
    ),
    ("`&nbsp;` keeps words together.", &["&nbsp;", "nbsp"], &[]),
    (
        "A HashMap's keys are hashed.",
        &["HashMap's keys", "HashMap", "hash_map"],
        &[],
    ),
    (
        "İstanbul sorts oddly.",
        &["istanbul", "İstanbul", "ISTANBUL"],
        &[],
    ),
    (
        "Die Straße sorts oddly.",
        &["Straße", "strasse", "STRASSE"],
        &[],
    ),
    ("The ﬁle has a ligature.", &["ligature file"], &[]),
    ("ＦＵＬＬ width letters.", &["full width", "ＦＵＬＬ"], &[]),
    (
        "A naïve café.",
        &["naive cafe", "naïve café", "cafe\u{301}"],
        &[],
    ),
    ("Привет, мир.", &["привет", "ПРИВЕТ мир"], &[]),
    ("ภาษาไทย sorts oddly.", &["ภาษาไทย", "ไทย"], &["กขค"]),
    ("한국어 문서.", &["한국어", "문서"], &["일본"]),
    ("日本語の文字列です。", &["文字列", "日本語"], &["中国"]),
    ("Ferris is a 🦀.", &["🦀"], &["🐍"]),
];

#[test]
fn every_kind_of_name_is_found_through_an_index() {
    let entries: Vec<_> = ROWS
        .iter()
        .enumerate()
        .map(|(place, (text, _, _))| entry(&place.to_string(), "Question", text))
        .collect();
    let sample = Sample::new(&entries);
    let mut wrong = Vec::new();
    for (place, (text, found, not_found)) in ROWS.iter().enumerate() {
        let id = place.to_string();
        for query in *found {
            let ids = sample.ids(query);
            if !ids.iter().take(FIRST).any(|found| *found == id) {
                wrong.push(format!("{query} does not find {text}: {ids:?}"));
            }
        }
        for query in *not_found {
            if sample.ids(query).contains(&id) {
                wrong.push(format!("{query} finds {text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
