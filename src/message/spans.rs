//! What the words of a message are: what the program says, or what the run that failed brought with it.

use std::ops::Range;

use super::class;

/// A longer quotation is a message inside the message: `(Caused by SSLError('… certificate verify failed …'))`.
const MAX_VALUE_WORDS: usize = 3;
/// A quotation ends on its line, and near; an apostrophe opens none.
const MAX_QUOTED_BYTES: usize = 160;

/// A piece of a message that is not one of its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) range: Range<usize>,
    pub(super) kind: SpanKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SpanKind {
    /// The name of an error: `KeyError`, `java.io.IOException`.
    Class,
    /// A code: `E0502`, `ORA-00942`, `ENOENT`, the 137 of `exit code 137`.
    Code,
    /// In quotes, a name that the language or a library knows: `` `Option::unwrap()` ``, `'NoneType'`.
    Api,
    /// In quotes, what the user called something, or typed.
    Quoted,
    /// A name with dots or underscores outside of quotes: `orders.filter`, `customer_id`.
    Name,
    /// The end of a path: `index.lock`.
    File,
    /// The folders of a path, a URL, or a file with the line of it.
    Path,
    /// Numbers, addresses, hashes, times, versions.
    Value,
}

/// Returns what in a text is no plain word, in order. One pass.
pub(super) fn spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut at = 0;
    let mut word_before = "";
    while let Some(character) = text[at..].chars().next() {
        if character.is_whitespace() {
            at += character.len_utf8();
            continue;
        }
        if let Some(end) = quoted(text, at) {
            let inside = at + character.len_utf8()..end - closing(character).len_utf8();
            let content = &text[inside.clone()];
            if content.split_whitespace().nth(MAX_VALUE_WORDS).is_none() {
                push_quoted(content, inside, word_before, &mut spans);
                at = end;
            } else {
                // Its words are read like those around it.
                at += character.len_utf8();
            }
            word_before = "";
            continue;
        }
        let end = text[at..]
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '`' | '“' | '‘'))
            .map_or(text.len(), |bytes| at + bytes)
            .max(at + character.len_utf8());
        let token = at..end;
        push_token(text, token.clone(), word_before, &mut spans);
        word_before = &text[token];
        at = end;
    }
    spans
}

fn closing(opening: char) -> char {
    match opening {
        '‘' => '’',
        '“' => '”',
        other => other,
    }
}

/// Returns where a quotation that starts at `at` ends, with its quotes. GNU tools close `` `x' `` with an apostrophe.
fn quoted(text: &str, at: usize) -> Option<usize> {
    let opening = text[at..].chars().next()?;
    if !matches!(opening, '"' | '\'' | '`' | '‘' | '“') {
        return None;
    }
    let start = at + opening.len_utf8();
    let mut end = text.len().min(start + MAX_QUOTED_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let closes = |(place, c): &(usize, char)| {
        let is_closing = *c == closing(opening) || opening == '`' && *c == '\'';
        let behind = text[start + place + c.len_utf8()..].chars().next();
        is_closing && !behind.is_some_and(char::is_alphanumeric)
    };
    let (place, found) = text[start..end].char_indices().find(closes)?;
    (place > 0).then_some(start + place + found.len_utf8())
}

fn push_quoted(content: &str, range: Range<usize>, before: &str, spans: &mut Vec<Span>) {
    let kind = if class::is_class(content) {
        SpanKind::Class
    } else if class::is_errno(content)
        || class::is_code(content) && (content.starts_with("ERR_") || names_a_code(before))
    {
        // What is written in capitals is as often the user's: a variable of the environment, a constant.
        SpanKind::Code
    } else if is_path(content) {
        let file = content.rfind(['/', '\\']).map_or(0, |slash| slash + 1);
        push(spans, range.start..range.start + file, SpanKind::Path);
        push(spans, range.start + file..range.end, SpanKind::File);
        return;
    } else if is_api(content) {
        SpanKind::Api
    } else {
        SpanKind::Quoted
    };
    push(spans, range, kind);
}

/// Returns whether a quoted name is that of a library or a language: a path through names, a call, a type with a
/// capital, an operator, a primitive type.
fn is_api(content: &str) -> bool {
    content.contains("::")
        || content.ends_with("()")
        || !content.contains(char::is_alphanumeric)
        || content.starts_with(|first: char| first.is_ascii_uppercase())
            && !content.contains(char::is_whitespace)
            && content.contains(char::is_lowercase)
        || TYPES.binary_search(&content).is_ok()
}

/// Types and values of languages that messages quote; sorted.
#[rustfmt::skip]
const TYPES: &[&str] = &[
    "any", "bool", "bytes", "char", "dict", "double", "f32", "f64", "float", "function", "i32", "i64", "int",
    "long", "map", "move", "never", "null", "number", "object", "self", "set", "static", "str", "string", "this",
    "tuple", "u32", "u64", "u8", "undefined", "unknown", "usize", "void",
];

fn push(spans: &mut Vec<Span>, range: Range<usize>, kind: SpanKind) {
    if !range.is_empty() {
        spans.push(Span { range, kind });
    }
}

/// Tells what a piece between blanks is.
fn push_token(text: &str, token: Range<usize>, before: &str, spans: &mut Vec<Span>) {
    let is_edge = |c: char| !c.is_alphanumeric() && !matches!(c, '/' | '_' | '~' | '-');
    let whole = &text[token.clone()];
    let start = token.start + (whole.len() - whole.trim_start_matches(is_edge).len());
    let end = token.start + whole.trim_end_matches(is_edge).len();
    if start >= end {
        return;
    }
    let core = &text[start..end];
    // The most frequent case by far: a word of prose. One of the letters of numbers alone may be a hash, but not without a digit.
    if core.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return;
    }
    let kind = if class::is_class(core) {
        Some(SpanKind::Class)
    } else if core.contains("://") || is_location(core) {
        Some(SpanKind::Path)
    } else if is_path(core) {
        let file = core.rfind(['/', '\\']).map_or(0, |slash| slash + 1);
        push(spans, start..start + file, SpanKind::Path);
        push(spans, start + file..end, SpanKind::File);
        None
    } else if let Some((name, code)) = bracketed(core) {
        // `error[E0382]`, `Error(1045,`: the pieces apart.
        let offset = |piece: &str| piece.as_ptr() as usize - text.as_ptr() as usize;
        for piece in [name, code] {
            let range = offset(piece)..offset(piece) + piece.len();
            push_token(text, range, before, spans);
        }
        None
    } else if class::is_code(core) || is_number(core) && names_a_code(before) {
        Some(SpanKind::Code)
    } else if is_value(core) {
        Some(SpanKind::Value)
    } else if core.contains('_') || core.contains("::") || has_inner_dot(core) || has_hump(core) {
        Some(SpanKind::Name)
    } else {
        None
    };
    if let Some(kind) = kind {
        push(spans, start..end, kind);
    }
}

/// Splits `error[E0382` at its bracket.
fn bracketed(core: &str) -> Option<(&str, &str)> {
    let (name, code) = core.split_once(['[', '('])?;
    (!name.is_empty() && !code.is_empty()).then_some((name, code))
}

/// Returns whether a number behind this word is a code.
fn names_a_code(before: &str) -> bool {
    const WORDS: [&str; 6] = ["code", "errno", "error", "exit", "signal", "status"];
    let word = before.trim_matches(|c: char| !c.is_alphanumeric());
    // `curl: (60) …` and `ERROR 1064 (42000)`.
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)) || before == "curl:"
}

fn is_number(core: &str) -> bool {
    core.len() <= 5 && core.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns whether a text is a path of a file system.
pub(super) fn is_path(core: &str) -> bool {
    if core.contains(char::is_whitespace) {
        return false;
    }
    let is_drive = core.as_bytes().get(1) == Some(&b':')
        && core.as_bytes()[0].is_ascii_alphabetic()
        && core.len() > 2;
    // Text out of Markdown may escape its underscores: `jupyter\_server.contents` is no path.
    let bytes = core.as_bytes();
    let is_slash = |at: &usize| match bytes[*at] {
        b'/' => true,
        b'\\' => bytes.get(at + 1) != Some(&b'_'),
        _ => false,
    };
    let slashes = (0..bytes.len()).filter(is_slash).count();
    is_drive
        || core.starts_with('/') && core.len() > 1
        || core.starts_with("./")
        || core.starts_with("../")
        || core.starts_with("~/")
        || slashes >= 2
        || slashes == 1
            && core
                .rsplit(['/', '\\'])
                .next()
                .is_some_and(|file| file.contains('.'))
}

/// Returns whether a text is a file with a line: `src/main.rs:4:5`, `Api.cs(14,30)`, `app.rb:9:in`.
pub(super) fn is_location(core: &str) -> bool {
    if !core.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let core = core.trim_end_matches([':', ',', ')', ']']);
    let core = core.strip_suffix(":in").unwrap_or(core);
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_file = |file: &str| {
        file.ends_with("akefile")
            || file.contains('/') && file.len() > 1
            || file.rsplit_once('.').is_some_and(|(stem, end)| {
                !stem.is_empty()
                    && (1..=5).contains(&end.len())
                    && end.starts_with(|first: char| first.is_ascii_alphabetic())
            })
    };
    if let Some((file, place)) = core.split_once(['(', '['])
        && place.split(',').all(is_digits)
        && is_file(file.trim_end_matches(':'))
    {
        return true;
    }
    let mut file = core;
    let mut numbers = 0;
    while let Some((rest, last)) = file.rsplit_once(':')
        && is_digits(last)
        && numbers < 2
    {
        file = rest;
        numbers += 1;
    }
    numbers > 0 && is_file(file)
}

/// Returns whether a text was made by the run and says nothing: a number, an address, a hash, a time, a version.
fn is_value(core: &str) -> bool {
    let bytes = core.as_bytes();
    if core.starts_with("0x") {
        return true;
    }
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let hex = bytes
        .iter()
        .filter(|byte| byte.is_ascii_hexdigit() || **byte == b'-')
        .count();
    let letters = core.chars().filter(|c| c.is_alphabetic()).count();
    digits > 0
        && (letters <= 3 && digits >= letters && bytes[0].is_ascii_digit() || digits > letters)
        || core.len() >= 7 && hex == core.len() && digits > 0
}

fn has_inner_dot(core: &str) -> bool {
    core.split('.').count() > 1 && core.split('.').all(|part| !part.is_empty())
}

/// Returns whether a word has a capital behind a small letter: a name, even if it has no separator.
fn has_hump(core: &str) -> bool {
    let mut before = ' ';
    core.chars().any(|c| {
        let is_hump = before.is_lowercase() && c.is_uppercase();
        before = c;
        is_hump
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names_are_sorted() {
        assert!(TYPES.is_sorted());
    }

    #[test]
    fn what_a_run_brought_is_told_from_what_the_program_says() {
        let written = |text: &str| {
            let written = |span: &Span| format!("{:?}={}", span.kind, &text[span.range.clone()]);
            spans(text)
                .iter()
                .map(written)
                .collect::<Vec<_>>()
                .join(" ")
        };
        for (text, expected) in [
            ("unhashable type: 'list'", "Quoted=list"),
            ("'NoneType' object is not subscriptable", "Api=NoneType"),
            ("can't convert 12 to 0x7fff", "Value=12 Value=0x7fff"),
            (
                "No such file or directory: '/srv/app/targets.yaml'",
                "Path=/srv/app/ File=targets.yaml",
            ),
            (
                "called `Option::unwrap()` on a `None` value",
                "Api=Option::unwrap() Api=None",
            ),
            (
                "error[E0382]: borrow of moved value: `settings`",
                "Code=E0382 Quoted=settings",
            ),
            (
                "undefined reference to `vtable for Foo'",
                "Quoted=vtable for Foo",
            ),
            ("exited with code 137", "Code=137"),
            (
                "listen EADDRINUSE: address already in use :::8080",
                "Code=EADDRINUSE Value=8080",
            ),
            ("orders.filter is not a function", "Name=orders.filter"),
            (
                "src/main.rs:4:5: at C:\\src\\app.cs(3,4)",
                "Path=src/main.rs:4:5 Path=C:\\src\\app.cs(3,4",
            ),
            (
                "job 3f2a9c1e-77aa failed in v1.2.3",
                "Value=3f2a9c1e-77aa Value=v1.2.3",
            ),
            (
                "(1045, \"Access denied for user 'app'@'10.0.0.1' (using password: YES)\")",
                "Value=1045 Quoted=app Value=10.0.0.1",
            ),
            (
                "java.lang.ClassCastException: class a.b.C",
                "Class=java.lang.ClassCastException Name=a.b.C",
            ),
            (
                "No module named 'jupyter\\_server.x'",
                "Quoted=jupyter\\_server.x",
            ),
            ("don't panic: it's fine", ""),
        ] {
            assert_eq!(written(text), expected, "{text}");
        }
    }
}
