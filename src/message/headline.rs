//! The line of an output that says what went wrong: `KeyError: 'x'`, `error[E0502]: …`, `main.go:3:2: undefined: x`.
//!
//! A line is such a *headline* only if all that stands before the statement is what programs put there: times, places,
//! levels, names of programs. So `why do I get KeyError: 'x'` is none.

mod words;

use std::ops::Range;

use super::class;
use super::spans::is_location;
pub(crate) use words::is_log_line;
use words::{
    FirstBytes, begins, first_bytes, has_words, holds_failure, is_before_statement, is_program,
    log_level, severity, starts_failure, syslog_bytes,
};
pub(super) use words::{any_of, says_failure};

/// What a line states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Headline {
    pub(super) form: Form,
    pub(super) level: Level,
    /// Whether it is a cause of what was said before: `Caused by: …`.
    pub(super) is_cause: bool,
    /// The bytes of the line from the statement on; before them is where and when.
    pub(super) statement: Range<usize>,
    /// The bytes of the message alone, without the class or the severity in front.
    pub(super) message: Range<usize>,
    /// The name of the error.
    pub(super) class: Option<Range<usize>>,
}

/// By what a line is known, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// `KeyError: …`, `java.lang.IllegalStateException`
    Class,
    /// `error: …`, `fatal: …`, `panic: …`, `error[E0502]: …`
    Severity,
    /// A sentence that nothing but a failure prints: `Segmentation fault (core dumped)`.
    Sentence,
    /// A statement behind a place: `./main.go:9:2: undefined: x`.
    Located,
    /// A statement behind the name of a program: `curl: (60) …`.
    Program,
    /// That something failed because of what was said before: `could not compile …`.
    Summary,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Error,
    Warning,
    /// A remark on something else, or news.
    Note,
}

/// More words before a statement are no place and no time.
const MAX_WORDS_BEFORE: usize = 14;

/// Words before a statement, each with whether it begins a cause.
const LEADS: [(&str, bool); 14] = [
    ("Exception in thread ", false),
    ("Exception ignored in:", false),
    ("Unhandled exception. ", false),
    ("Unhandled Exception: ", false),
    ("Uncaught (in promise) ", false),
    ("Uncaught ", false),
    ("Caused by: ", true),
    ("caused by: ", true),
    ("---> ", true),
    ("PHP ", false),
    ("remote: ", false),
    ("pool-", false),
    ("Suppressed: ", false),
    ("Parse ", false),
];

const LEAD_STARTS: FirstBytes = first_bytes!(LEADS.0);

/// Returns the words before a statement that a text begins with, with whether they begin a cause.
fn lead(rest: &str) -> Option<&'static (&'static str, bool)> {
    if !LEAD_STARTS.begin(rest) {
        return None;
    }
    LEADS.iter().find(|(lead, _)| begins(rest, lead))
}

/// Returns what a line states, if it is a headline.
pub(super) fn headline(line: &str) -> Option<Headline> {
    // What was typed before may stand on the line still: `Name? Exception in thread "main" …`.
    let is_thrown = |at: &usize| line[*at..].starts_with("Exception in thread \"");
    let mut capitals = memchr::memchr_iter(b'E', line.as_bytes());
    let mut at = capitals.find(is_thrown).unwrap_or(0);
    let mut is_cause = false;
    let mut is_behind_lead = false;
    let mut is_located = false;
    let mut program = None;
    let mut logged: Option<Level> = None;
    let mut is_dated = false;
    for _ in 0..MAX_WORDS_BEFORE {
        at += line[at..].len() - line[at..].trim_start().len();
        let rest = &line[at..];
        if rest.is_empty() {
            return None;
        }
        if let Some((lead, causes)) = lead(rest) {
            at += lead.len();
            is_cause |= causes;
            is_behind_lead |= *lead != "remote: ";
            continue;
        }
        if starts_failure(rest) {
            return Some(Headline {
                statement: program.unwrap_or(at)..line.len(),
                ..stated(line, at, at, Form::Sentence, Level::Error, is_cause)
            });
        }
        if let Some(panic) = rust_panic(line, at) {
            return Some(panic);
        }
        if let Some(days) = syslog_bytes(rest) {
            at += days;
            is_dated = true;
            continue;
        }
        if let Some(process) = rest.strip_prefix("==")
            && let Some((number, _)) = process.split_once("==")
            && number.bytes().all(|byte| byte.is_ascii_digit())
        {
            // A sanitizer's or valgrind's.
            at += number.len() + 4;
            continue;
        }
        let word = &rest[..rest.find(char::is_whitespace).unwrap_or(rest.len())];
        if let Some(code) = word.strip_suffix(':')
            && class::is_code(code)
            && (code.contains('_') || code.contains(|c: char| c.is_ascii_digit()))
        {
            let message = at + word.len();
            return Some(stated(
                line,
                at,
                message,
                Form::Severity,
                Level::Error,
                is_cause,
            ));
        }
        if let Some((level, bytes)) = severity(rest, program.is_some()) {
            return Some(stated(
                line,
                at,
                at + bytes,
                Form::Severity,
                level,
                is_cause,
            ));
        }
        if let Some(class_bytes) = class_bytes(rest, word, is_behind_lead || is_located) {
            return Some(of_class(line, at, class_bytes, is_cause));
        }
        if let Some(level) = log_level(word) {
            // `ERROR: …` was a severity above; this one has its message behind more words.
            logged = Some(level);
            at += word.len();
            continue;
        }
        if is_location(word) {
            is_located = true;
            at += word.len();
            continue;
        }
        if is_program(word) {
            program = program.or(Some(at));
            at += word.len();
            continue;
        }
        // `curl: (60) SSL certificate problem`: behind a program, capitals belong to its message.
        let is_said = program.is_some() && word.starts_with(char::is_alphabetic);
        if !is_said && is_before_statement(word) {
            is_dated |= word.bytes().filter(u8::is_ascii_digit).count() >= 4;
            at += word.len();
            continue;
        }
        break;
    }
    let rest = &line[at..];
    let form = if let Some(level) = logged.filter(|_| is_dated || line.starts_with('[')) {
        return Some(stated(line, at, at, Form::Severity, level, is_cause));
    } else if is_located && has_words(rest, 1) {
        if rest.starts_with("note:") || rest.starts_with("In ") || rest.starts_with("required from")
        {
            return Some(stated(line, at, at, Form::Located, Level::Note, is_cause));
        }
        Form::Located
    } else if (program.is_some() || is_dated) && has_words(rest, 2) && says_failure(rest) {
        Form::Program
    } else if holds_failure(line) {
        Form::Sentence
    } else {
        return None;
    };
    let start = program.unwrap_or(at);
    let mut found = Headline {
        statement: start..line.len(),
        ..stated(line, at, at, form, Level::Error, is_cause)
    };
    if let Some(class) = class_behind(line) {
        found.message.end = class.start - 1;
        found.class = Some(class);
        found.form = Form::Class;
    }
    Some(found)
}

/// Returns the panic of a Rust program that starts at `at`. Since 1.73 its message is the next line, and this one names
/// the place alone.
fn rust_panic(line: &str, at: usize) -> Option<Headline> {
    const PANICKED: &str = " panicked at ";
    let rest = &line[at..];
    rest.strip_prefix("thread '")?;
    let behind = rest.find(PANICKED)? + PANICKED.len();
    let message = match rest[behind..].strip_prefix('\'') {
        Some(quoted) => {
            let end = quoted.rfind("', ").unwrap_or(quoted.len());
            at + behind + 1..at + behind + 1 + end
        }
        None => match rest[behind..].split_once(": ") {
            // Place and message on one line, as someone typed it together.
            Some((_, message)) => line.len() - message.len()..line.len(),
            None => line.len()..line.len(),
        },
    };
    Some(Headline {
        form: if message.is_empty() {
            Form::Located
        } else {
            Form::Severity
        },
        level: Level::Error,
        is_cause: false,
        statement: message.start..line.len(),
        message,
        class: None,
    })
}

fn stated(
    line: &str,
    start: usize,
    message: usize,
    form: Form,
    level: Level,
    is_cause: bool,
) -> Headline {
    // A severity may name a class in turn: `Fatal error: Uncaught TypeError: …`, `ERROR: java.io.IOException: …`.
    let behind = line[message..].trim_start_matches([':', ' ', '-']);
    let mut behind = behind.strip_prefix("Uncaught ").unwrap_or(behind);
    let mut word = &behind[..behind.find(char::is_whitespace).unwrap_or(behind.len())];
    if is_location(word) {
        // Kotlin's place stands behind its severity.
        behind = behind[word.len()..].trim_start();
        word = &behind[..behind.find(char::is_whitespace).unwrap_or(behind.len())];
    }
    let at = line.len() - behind.len();
    if let Some(bytes) = class_bytes(behind, word, false) {
        let named = of_class(line, at, bytes, is_cause);
        return Headline { level, ..named };
    }
    Headline {
        form: if is_summary(behind) {
            Form::Summary
        } else {
            form
        },
        level,
        is_cause,
        statement: start..line.len(),
        message: at..line.len(),
        class: None,
    }
}

/// Returns whether a message only says that there were others.
fn is_summary(message: &str) -> bool {
    const STARTS: [&str; 12] = [
        "ld returned",
        "linker command failed",
        "could not compile",
        "aborting due to",
        "failed to push some refs",
        "Could not read from remote repository",
        "Command failed",
        "command failed",
        "Build failed",
        "BUILD FAILED",
        "subprocess-exited-with-error",
        "Compilation failed",
    ];
    message.is_empty() || STARTS.iter().any(|start| message.starts_with(start))
}

/// Returns a headline whose class starts at `at`. Of classes that follow each other, the last one names the error.
fn of_class(line: &str, at: usize, bytes: Range<usize>, is_cause: bool) -> Headline {
    let mut class = at + bytes.start..at + bytes.end;
    let mut message = class.end;
    loop {
        let behind = line[message..].trim_start_matches([':', ' ', ']', ')', '(']);
        let next = line.len() - behind.len();
        let word = &behind[..behind.find(char::is_whitespace).unwrap_or(behind.len())];
        match class_bytes(behind, word, false) {
            Some(inner) if word.len() > inner.end => {
                class = next + inner.start..next + inner.end;
                message = class.end;
            }
            _ => {
                message = next;
                break;
            }
        }
    }
    Headline {
        form: Form::Class,
        level: if line[class.clone()].ends_with("Warning") {
            Level::Warning
        } else {
            Level::Error
        },
        is_cause,
        statement: at..line.len(),
        message: message..line.len(),
        class: Some(class),
    }
}

/// Returns the bytes of an error's name at the start of a text, if a message or nothing follows it.
fn class_bytes(rest: &str, word: &str, is_sure: bool) -> Option<Range<usize>> {
    let start = word.len() - word.trim_start_matches(['(', '[', '"', '\'']).len();
    let end = word.trim_end_matches([':', ')', ']', ',', '"', '\'']).len();
    if start >= end {
        return None;
    }
    let name = &word[start..end];
    let behind = rest[word.len()..].trim_start();
    let is_stated = word[end..].starts_with(':') || word[end..].starts_with("]:");
    if name == "Error" {
        // JavaScript's own, Go's and everyone's: `Error: …`, `Error [ERR_REQUIRE_ESM]: …`.
        let code = behind
            .strip_prefix('[')
            .and_then(|code| code.split_once("]:"));
        let (code, _) = code.filter(|_| end == word.len())?;
        let code_start = rest.len() - behind.len() + 1;
        return Some(code_start..code_start + code.len());
    }
    // `subprocess.TimeoutExpired: …` has no such ending, but a path and a message.
    let is_named = class::is_class(name)
        || is_stated
            && name.contains('.')
            && name.rsplit('.').next().is_some_and(is_camel)
            && name.starts_with(|first: char| first.is_ascii_lowercase());
    let is_alone =
        behind.is_empty() && word.len() == end && (is_sure || name.contains(['.', ':', '\\']));
    let has_details = behind.starts_with('(') && name.contains("::");
    // The header of a notebook's traceback.
    let is_header = behind.starts_with("Traceback (most recent");
    (is_named && (is_stated || is_alone || has_details || is_header)).then_some(start..end)
}

/// Returns whether a word has two humps, each with small letters: `TimeoutExpired`.
fn is_camel(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
        && word.chars().filter(|c| c.is_uppercase()).count() >= 2
        && word.chars().all(char::is_alphanumeric)
        && word.contains(char::is_lowercase)
}

/// Returns the class in parentheses at the end of a line, as Ruby has it: `… for nil (NoMethodError)`.
fn class_behind(line: &str) -> Option<Range<usize>> {
    let inside = line.trim_end().strip_suffix(')')?;
    let start = inside.rfind('(')? + 1;
    class::is_class(&inside[start..]).then_some(start..inside.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_sorted() {
        assert!(words::PROGRAMS.is_sorted());
    }

    #[test]
    fn headlines_are_known_by_what_stands_before_them() {
        let written = |line: &str| match headline(line) {
            Some(found) => {
                let class = found.class.map_or("", |class| &line[class]);
                format!("{:?} {class} | {}", found.form, &line[found.message])
            }
            None => "none".to_owned(),
        };
        for (line, expected) in [
            ("KeyError: 'x'", "Class KeyError | 'x'"),
            ("E       AttributeError: no", "Class AttributeError | no"),
            (
                "java.util.ConcurrentModificationException",
                "Class java.util.ConcurrentModificationException | ",
            ),
            (
                "Exception in thread \"main\" java.lang.NullPointerException: Cannot invoke",
                "Class java.lang.NullPointerException | Cannot invoke",
            ),
            (
                "Caused by: java.io.IOException: gone",
                "Class java.io.IOException | gone",
            ),
            (
                "Error [ERR_REQUIRE_ESM]: require() of",
                "Class ERR_REQUIRE_ESM | require() of",
            ),
            (
                "Error: Cannot find module 'x'",
                "Severity  | Cannot find module 'x'",
            ),
            (
                "error[E0382]: borrow of moved value: `s`",
                "Severity  | borrow of moved value: `s`",
            ),
            (
                "src/a.ts:4:2 - error TS2345: Argument",
                "Severity  | Argument",
            ),
            (
                "Api.cs(14,30): error CS0246: The type",
                "Severity  | The type",
            ),
            ("ERROR 1064 (42000): You have", "Severity  | You have"),
            (
                "main.c:3:5: warning: implicit declaration",
                "Severity  | implicit declaration",
            ),
            (
                "./main.go:9:2: undefined: start",
                "Located  | undefined: start",
            ),
            (
                "parse.rb:9:in `total': undefined method `sum' for nil (NoMethodError)",
                "Class NoMethodError | undefined method `sum' for nil ",
            ),
            (
                "2025-03-02 09:14:56,004 ERROR    [worker-3] job failed",
                "Severity  | job failed",
            ),
            (
                "Mar 03 02:00:02 nas backup[22819]: FileNotFoundError: [Errno 2] No",
                "Class FileNotFoundError | [Errno 2] No",
            ),
            ("web-1  | KeyError: 'DJANGO'", "Class KeyError | 'DJANGO'"),
            (
                "PHP Fatal error:  Uncaught TypeError: no",
                "Class TypeError | no",
            ),
            (
                "panic: runtime error: index out of range",
                "Severity  | runtime error: index out of range",
            ),
            (
                "==1==ERROR: AddressSanitizer: heap",
                "Severity  | AddressSanitizer: heap",
            ),
            ("hash.c:17:14: runtime error: signed", "Severity  | signed"),
            ("npm ERR! code ERESOLVE", "Severity  | code ERESOLVE"),
            ("npm error code EACCES", "Severity  | code EACCES"),
            (
                "curl: (60) SSL certificate problem",
                "Program  | SSL certificate problem",
            ),
            (
                "-bash: ./install.sh: /bin/bash^M: bad interpreter: No such",
                "Program  | bad interpreter: No such",
            ),
            (
                "Segmentation fault (core dumped)",
                "Sentence  | Segmentation fault (core dumped)",
            ),
            (
                "fatal: not a git repository",
                "Severity  | not a git repository",
            ),
            (
                "subprocess.TimeoutExpired: Command timed out",
                "Class subprocess.TimeoutExpired | Command timed out",
            ),
            ("why do I get KeyError: 'x'", "none"),
            ("rust error: how", "none"),
            ("note: see the manual", "none"),
            ("how to handle errors", "none"),
            ("KeyError", "none"),
            ("std::move", "none"),
            ("SELECT a FROM t WHERE error = 'x'", "none"),
            ("print(\"error: \" + x)", "none"),
            ("error handling in go", "none"),
            ("", "none"),
        ] {
            assert_eq!(written(line), expected, "{line}");
        }
    }
}
