//! What each line of an output is: a statement, a frame of a stack, a piece of source, news of a log.

use super::headline::{Form, Headline, Level, headline};
use super::spans::is_location;

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// It says what went wrong.
    Headline(Headline),
    /// A frame of a stack.
    Frame {
        /// Whether its code belongs to a library, and not to the user.
        is_library: bool,
    },
    /// Source that a compiler or an interpreter quotes, and marks under it.
    Source,
    /// News: what worked, how far it is.
    News,
    /// What a compiler says of a place in the source, or adds to a message.
    Remark,
    /// What was typed at a prompt.
    Command,
    /// Anything else.
    Other,
}

/// Returns what the lines of a text are.
pub(super) fn lines(text: &str) -> Vec<(&str, Line)> {
    let mut lines: Vec<(&str, Line)> = Vec::new();
    let mut is_source_next = false;
    for line in text.split('\n') {
        let what = if is_source_next && !is_frame(line) && headline(line).is_none() {
            Line::Source
        } else {
            what(line, lines.last().map(|(_, line)| line))
        };
        // Python shows the source below a frame; a panic of Rust says below its place what happened.
        is_source_next = is_python_frame(line);
        lines.push((line, what));
    }
    lines
}

fn what(line: &str, before: Option<&Line>) -> Line {
    let bare = unprefixed(line);
    if let Some(is_library) = frame(bare) {
        return Line::Frame { is_library };
    }
    if is_remark(bare) {
        return Line::Remark;
    }
    if is_source(bare) {
        return Line::Source;
    }
    if is_command(bare) {
        return Line::Command;
    }
    match headline(line) {
        Some(headline) if headline.level == Level::Note => Line::News,
        // What a server logs about each request has a place and a time, and says nothing wrong.
        Some(headline) => Line::Headline(headline),
        None if is_panic_place(before) && !bare.is_empty() => Line::Headline(Headline {
            form: Form::Severity,
            level: Level::Error,
            is_cause: false,
            statement: 0..line.len(),
            message: 0..line.len(),
            class: None,
        }),
        None if is_news(bare) => Line::News,
        None => Line::Other,
    }
}

/// Files of languages, by the end of their names and what follows it in a place; and the language as the index writes
/// it.
const PLACES: [(&str, &str); 26] = [
    (".py\", line ", "python"),
    ("<stdin>\", line ", "python"),
    (".js:", "javascript"),
    (".mjs:", "javascript"),
    (".cjs:", "javascript"),
    (".jsx:", "javascript"),
    ("node:internal", "javascript"),
    ("(<anonymous>)", "javascript"),
    (".ts:", "typescript"),
    (".tsx:", "typescript"),
    (".ts(", "typescript"),
    (".java:", "java"),
    (".kt:", "kotlin"),
    (".cs:line ", "c#"),
    (".cs(", "c#"),
    ("   at System.", "c#"),
    (".rs:", "rust"),
    (".go:", "go"),
    (".c:", "c"),
    (".cpp:", "c++"),
    (".cc:", "c++"),
    (".h:", "c++"),
    (".rb:", "ruby"),
    (".php:", "php"),
    (".php on line ", "php"),
    (".swift:", "swift"),
];

/// Returns the language in whose files most places of an output lie; `None` without any.
pub(super) fn language(lines: &[(&str, Line)]) -> Option<&'static str> {
    let mut counts = [0usize; PLACES.len()];
    for (line, what) in lines {
        if matches!(what, Line::News | Line::Other | Line::Command) {
            continue;
        }
        for ((end, _), count) in PLACES.iter().zip(&mut counts) {
            *count += usize::from(line.contains(end));
        }
        if is_python_header(line) {
            counts[0] += 1;
        }
    }
    let most = (0..PLACES.len()).max_by_key(|place| (counts[*place], usize::MAX - place))?;
    (counts[most] > 0).then(|| PLACES[most].1)
}

fn is_python_header(line: &str) -> bool {
    line.contains("Traceback (most recent call last)")
}

/// Returns a line without the name of a container and what a test runner puts before it.
fn unprefixed(line: &str) -> &str {
    let line = line.trim_start();
    match line.split_once(" | ") {
        Some((name, rest))
            if name.trim_end().len() <= 32
                && name.trim_end().rsplit('-').next().is_some_and(is_digits)
                && name.starts_with(|first: char| first.is_ascii_alphabetic()) =>
        {
            rest.trim_start()
        }
        _ => line
            .strip_prefix("npm ERR! ")
            .or_else(|| line.strip_prefix("npm error "))
            .unwrap_or(line)
            .trim_start(),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_panic_place(before: Option<&Line>) -> bool {
    matches!(before, Some(Line::Headline(headline)) if headline.form == Form::Located && headline.message.is_empty())
}

fn is_python_frame(line: &str) -> bool {
    let bare = unprefixed(line);
    bare.starts_with("File \"") && bare.contains("\", line ")
        || syslog_rest(line)
            .is_some_and(|rest| rest.starts_with("File \"") && rest.contains("\", line "))
}

/// Returns what stands behind the prefix of syslog: `… run[22819]: File "x", line 3`.
fn syslog_rest(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("]: ")?;
    (before.len() < 80 && before.ends_with(|last: char| last.is_ascii_digit()))
        .then(|| rest.trim_start())
}

fn is_frame(line: &str) -> bool {
    frame(unprefixed(line)).is_some()
}

/// Returns whose code a frame is in, if a line is one: `true` for a library's.
pub(super) fn frame(line: &str) -> Option<bool> {
    let line = syslog_rest(line).unwrap_or(line);
    if let Some(rest) = line.strip_prefix("File \"") {
        return rest.contains("\", line ").then(|| is_library(rest));
    }
    if let Some(rest) = line.strip_prefix("File ") {
        // A notebook's: `File /usr/lib/python3.11/asyncio/runners.py:186, in run(main, debug)`
        return rest.contains(", in ").then(|| is_library(rest));
    }
    if let Some(rest) = line.strip_prefix("at ") {
        let is_code = rest.contains(['(', ':', '.', '/', '<']) && rest.len() > 3;
        let is_sentence = rest.split_whitespace().count() > 6 && !rest.contains('(');
        return (is_code && !is_sentence).then(|| is_library(rest));
    }
    if line.starts_with("... ") && (line.ends_with("more") || line.ends_with("omitted")) {
        return Some(true);
    }
    if line.starts_with("from ") && line.split_whitespace().nth(1).is_some_and(is_location) {
        return Some(is_library(line));
    }
    if let Some(rest) = line.strip_prefix('#') {
        // gdb's, a sanitizer's, PHP's: `#0 0x4c32f0 in f /src/a.c:31`, `#1 {main}`.
        let number = rest.split_whitespace().next().unwrap_or_default();
        return is_digits(number).then(|| is_library(rest));
    }
    if line.starts_with("thrown in ")
        || line.starts_with("created by ")
        || line.starts_with("goroutine ")
    {
        return Some(is_library(line));
    }
    if let Some((number, rest)) = line.split_once(": ")
        && is_digits(number)
        && number.len() <= 3
        && (rest.contains("::") || rest.starts_with("0x") || rest.starts_with("rust_begin_unwind"))
    {
        return Some(is_library(rest));
    }
    let last = line.rsplit(' ').next().unwrap_or_default();
    if last.starts_with("+0x") || is_location(line) && !line.contains(' ') {
        return Some(is_library(line));
    }
    // Go's name of a function above its place.
    let is_call = line.ends_with(')') && line.contains('(') && !line.contains(": ");
    let name = line.split('(').next().unwrap_or_default();
    let is_go = is_call
        && name.contains('.')
        && !name.contains(char::is_whitespace)
        && (line.contains("(0x")
            || line.contains("{0x")
            || line.ends_with("(...)")
            || line == "main.main()");
    // Ruby's: `app/jobs/a.rb:7:in `perform'`
    let is_ruby = line
        .split_whitespace()
        .next()
        .is_some_and(|first| first.ends_with(":in") && is_location(first))
        && !line.contains(": ");
    (is_go || is_ruby).then(|| is_library(line))
}

/// Returns whether code lies where libraries are installed, or in the names of well-known ones.
fn is_library(frame: &str) -> bool {
    const PLACES: [&str; 21] = [
        "site-packages",
        "dist-packages",
        "/usr/lib/",
        "/lib/python",
        "\\Lib\\",
        "<frozen ",
        "node_modules",
        "node:",
        "webpack",
        "react-dom",
        "/rustc/",
        "/usr/local/go/src",
        "/pkg/mod/",
        "/gems/",
        "/vendor/",
        "/usr/include/",
        "rubygems",
        "/registry/src/",
        "<anonymous>",
        "(Native Method)",
        "java.base/",
    ];
    const NAMES: [&str; 31] = [
        "java.",
        "javax.",
        "jdk.",
        "sun.",
        "com.sun.",
        "kotlin.",
        "kotlinx.",
        "scala.",
        "org.springframework.",
        "org.apache.",
        "org.hibernate.",
        "org.junit.",
        "org.postgresql.",
        "com.fasterxml.",
        "com.google.",
        "io.netty.",
        "jakarta.",
        "android.",
        "androidx.",
        "System.",
        "Microsoft.",
        "Npgsql.",
        "core::",
        "std::",
        "alloc::",
        "tokio::",
        "rust_begin_unwind",
        "runtime.",
        "net/http.",
        "Module.",
        "com.android.",
    ];
    let name = frame.strip_prefix("async ").unwrap_or(frame);
    PLACES.iter().any(|place| frame.contains(place))
        || NAMES.iter().any(|start| name.starts_with(start))
}

/// Returns whether a line says something of a place in the source, or adds to a message.
fn is_remark(line: &str) -> bool {
    let is_mark = |c: char| matches!(c, '^' | '~' | '-' | '|' | '_') || c.is_whitespace();
    let text = line.trim_start_matches(is_mark);
    let is_marked =
        line.starts_with('|') && line[..line.len() - text.len()].contains(['^', '-', '~', '_']);
    const STARTS: [&str; 10] = [
        "= help:", "= note:", "help:", "note:", "hint:", "HINT:", "DETAIL:", "SUMMARY:",
        "CONTEXT:", "NOTE:",
    ];
    is_marked && text.contains(char::is_alphabetic)
        || STARTS.iter().any(|start| line.starts_with(start))
}

/// Returns whether a line is quoted source, or marks a place in it.
fn is_source(line: &str) -> bool {
    if line.is_empty() {
        return false;
    }
    let is_mark = |c: char| {
        matches!(
            c,
            '^' | '~' | '-' | '|' | '_' | '.' | '+' | '=' | '*' | '@' | '/' | '\\'
        ) || c.is_whitespace()
    };
    if line.chars().all(is_mark) {
        return true;
    }
    let line = line.strip_prefix("> ").unwrap_or(line).trim_start();
    if line.starts_with("--> ") || line.starts_with("---->") || line.starts_with("----> ") {
        return true;
    }
    // `12 |     let x`, `  |   ^^^ moved here`, `^~~~ help`
    let number = line.bytes().take_while(u8::is_ascii_digit).count();
    let behind = line[number..].trim_start();
    behind.starts_with("| ") && (number > 0 || line.starts_with('|')) && number <= 6
        || behind == "|"
        || number > 0 && behind.starts_with("~ ")
        || line.starts_with('^')
        || line.starts_with("~~")
}

/// Returns whether a line was typed at a prompt.
fn is_command(line: &str) -> bool {
    let starts = [
        "$ ", "❯ ", "➜ ", ">>> ", "mysql> ", "SQL> ", "sqlite> ", "PS C:\\", "PS /", "In [",
    ];
    if starts.iter().any(|start| line.starts_with(start)) {
        return true;
    }
    let prompt = line
        .split(['$', '❯', '>', '#', '%'])
        .next()
        .unwrap_or_default();
    let behind = &line[prompt.len()..];
    let is_followed = behind.len() > 2 && !behind.starts_with("# #");
    is_followed
        && prompt.len() <= 64
        && (prompt.starts_with("~") && behind.starts_with(['$', '❯', '%'])
            || prompt.starts_with('(')
                && prompt.trim_end().ends_with(')')
                && behind.starts_with("$ ")
            || prompt.contains('@') && prompt.contains(':') && behind.starts_with(['$', '#'])
            || prompt.as_bytes().get(1..3) == Some(b":\\") && behind.starts_with('>'))
}

/// Returns whether a line tells what is being done.
fn is_news(line: &str) -> bool {
    const STARTS: [&str; 32] = [
        "Compiling ",
        "Checking ",
        "Downloading ",
        "Downloaded ",
        "Collecting ",
        "Using cached",
        "Requirement already",
        "Building ",
        "Installing ",
        "Preparing ",
        "Reading ",
        "Fetching ",
        "Running ",
        "Finished ",
        "Updating ",
        "Resolving ",
        "Unpacking ",
        "Setting up ",
        "Get:",
        "Hit:",
        "Scanning ",
        "Linking ",
        "Restored ",
        "Restoring ",
        "Determining ",
        "Generating ",
        "Successfully ",
        "added ",
        "Pulling ",
        "Step ",
        "> Task ",
        "Starting ",
    ];
    let line = line.trim_start_matches(['[', '#', '=', '>', '+', ' ', '✓', '⠿', '-']);
    let line = line.trim_start_matches(|c: char| {
        c.is_ascii_digit() || matches!(c, '%' | ']' | '/' | '.' | ' ')
    });
    STARTS.iter().any(|start| line.starts_with(start))
        || line.starts_with("INFO]")
        || line.ends_with(" ... ok")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart() {
        let written = |line: &str| match lines(line).remove(0).1 {
            Line::Headline(_) => "headline",
            Line::Frame { is_library: true } => "library",
            Line::Frame { is_library: false } => "user",
            Line::Source => "source",
            Line::Remark => "remark",
            Line::News => "news",
            Line::Command => "command",
            Line::Other => "other",
        };
        for (line, expected) in [
            ("  File \"/home/a/x.py\", line 3, in f", "user"),
            (
                "web-1  |   File \"<frozen os>\", line 685, in __getitem__",
                "library",
            ),
            (
                "\tat java.base/java.util.ArrayList.forEach(ArrayList.java:1596)",
                "library",
            ),
            ("\tat com.acme.Main.main(Main.java:12)", "user"),
            (
                "    at Layer.handle (/srv/node_modules/express/lib/router/layer.js:95:5)",
                "library",
            ),
            ("   at Acme.Api.Get() in /src/Api.cs:line 29", "user"),
            ("\t... 48 common frames omitted", "library"),
            ("   1: core::panicking::panic_fmt", "library"),
            ("   4: agent::config::home", "user"),
            ("             at ./src/config.rs:40:38", "user"),
            ("main.main()", "user"),
            (
                "\t/usr/local/go/src/net/http/server.go:2136 +0x29",
                "library",
            ),
            ("goroutine 34 [running]:", "user"),
            (
                "    #0 0x4c32f0 in copy_label /src/tlv/decode.c:31:17",
                "user",
            ),
            ("#1 {main}", "user"),
            ("\tfrom parse.rb:14:in `<main>'", "user"),
            ("12 |     let x = 1;", "source"),
            ("   |                    ^^^^^ moved here", "remark"),
            ("   |                    ^^^^^", "source"),
            ("   = help: the trait `Send` is not implemented", "remark"),
            ("help: consider cloning", "remark"),
            ("hint: Updates were rejected", "remark"),
            ("  --> src/main.rs:3:5", "source"),
            ("      |         ^~~~~~", "source"),
            ("2025-01-02 10:00:00,001 INFO  [main] started", "news"),
            ("[INFO] BUILD FAILURE", "news"),
            ("   Compiling libc v0.2.153", "news"),
            ("$ cargo build", "command"),
            ("PS C:\\dev> python x.py", "command"),
            ("pi@host:~ $ pip install x", "command"),
            ("(venv) $ python3 x.py", "command"),
            ("fatal: not a git repository", "headline"),
            (
                "at first I thought it was the cache and then it was the network",
                "other",
            ),
            ("How do I sort a list?", "other"),
        ] {
            assert_eq!(written(line), expected, "{line}");
        }
    }
}
