//! The words by which headlines are known: severities, levels of logs, programs, beginnings and phrases of failures.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use memchr::memmem::Finder;

use super::Level;
use crate::message::class;

/// The bytes that any of some beginnings begins with. They are looked at first: every word of an entry's code is compared with dozens
/// of beginnings, and has none of them.
pub(super) struct FirstBytes([bool; 256]);

impl FirstBytes {
    pub(super) const NONE: Self = FirstBytes([false; 256]);

    pub(super) const fn and(mut self, start: &str) -> Self {
        self.0[start.as_bytes()[0] as usize] = true;
        self
    }

    /// Returns whether one of them may begin a text.
    pub(super) fn begin(&self, text: &str) -> bool {
        let first = text.as_bytes().first();
        first.is_some_and(|first| self.0[usize::from(*first)])
    }
}

/// Returns the first bytes of the beginnings in a list, or in a field of what it lists.
macro_rules! first_bytes {
    ($list:ident $(. $field:tt)?) => {{
        let mut starts = FirstBytes::NONE;
        let mut place = 0;
        while place < $list.len() {
            starts = starts.and($list[place] $(. $field)?);
            place += 1;
        }
        starts
    }};
}
pub(super) use first_bytes;

/// Returns whether a text begins with another one. Two bytes are looked at first: few words share them.
pub(super) fn begins(text: &str, start: &str) -> bool {
    let (bytes, starts) = (text.as_bytes(), start.as_bytes());
    bytes.first() == starts.first()
        && (starts.len() < 2 || bytes.get(1) == starts.get(1))
        && text.starts_with(start)
}

/// The words of severities, the longer ones first.
const SEVERITIES: [(&str, Level); 24] = [
    ("fatal error", Level::Error),
    ("Fatal error", Level::Error),
    ("FATAL ERROR", Level::Error),
    ("FATAL EXCEPTION", Level::Error),
    ("runtime error", Level::Error),
    ("internal compiler error", Level::Error),
    ("syntax error", Level::Error),
    ("Unhandled error", Level::Error),
    ("error", Level::Error),
    ("Error", Level::Error),
    ("ERROR", Level::Error),
    ("ERR!", Level::Error),
    ("fatal", Level::Error),
    ("Fatal", Level::Error),
    ("FATAL", Level::Error),
    ("panic", Level::Error),
    ("Type error", Level::Error),
    ("e", Level::Error),
    ("CRITICAL", Level::Error),
    ("SEVERE", Level::Error),
    ("warning", Level::Warning),
    ("Warning", Level::Warning),
    ("WARNING", Level::Warning),
    ("E", Level::Error),
];

const SEVERITY_STARTS: FirstBytes = first_bytes!(SEVERITIES.0);

/// Returns the level that a text states at its start, and the bytes up to its message: `error: `, `fatal error: `,
/// `error[E0502]: `, `error TS2345: `, `ERROR 1064 (42000): `, `E: `.
pub(super) fn severity(rest: &str, is_behind_program: bool) -> Option<(Level, usize)> {
    let stripped = rest.trim_start_matches(['[', '*', '!']);
    if !SEVERITY_STARTS.begin(stripped) {
        return None;
    }
    let (word, level) = SEVERITIES.iter().find(|(word, _)| {
        begins(stripped, word)
            && !stripped[word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
    })?;
    let behind = &stripped[word.len()..];
    let message = |after: &str| Some((*level, rest.len() - after.len()));
    if let Some(after) = behind.strip_prefix(':') {
        return (!after.starts_with(':')).then(|| message(after)).flatten();
    }
    if *word == "ERR!" || is_behind_program && matches!(*word, "error") && behind.starts_with(' ') {
        return message(behind);
    }
    if let Some((code, after)) = behind
        .strip_prefix('[')
        .and_then(|code| code.split_once("]:"))
    {
        return class::is_code(code).then(|| message(after)).flatten();
    }
    // `error TS2345: `, `ERROR 1064 (42000): `, `ERROR at line 1:`
    let (between, after) = behind.strip_prefix(' ')?.split_once(':')?;
    let mut words = between.split_whitespace();
    let first = words.next()?;
    let is_numbered = class::is_code(first)
        || first.len() <= 5 && first.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = words.count() <= 4;
    let is_response = between == "response from daemon";
    (is_numbered && is_short || is_response || between.starts_with("at line"))
        .then(|| message(after))
        .flatten()
}

/// Returns the level that a word of a log names: `ERROR`, `[error]`, `info:`.
pub(super) fn log_level(word: &str) -> Option<Level> {
    let name = word.trim_matches(|c: char| !c.is_ascii_alphabetic());
    let is_marked = name.bytes().all(|byte| byte.is_ascii_uppercase())
        || word.starts_with(['[', '<']) && word.ends_with([']', '>'])
        || word.ends_with(':') && name.len() + 1 == word.len();
    if !is_marked || name.is_empty() {
        return None;
    }
    match name.to_ascii_lowercase().as_str() {
        "error" | "err" | "fatal" | "critical" | "severe" | "fail" => Some(Level::Error),
        "warn" | "warning" => Some(Level::Warning),
        "info" | "debug" | "trace" | "notice" | "verbose" | "dbg" | "inf" => Some(Level::Note),
        _ => None,
    }
}

/// Returns whether a line is one of a log: `[main] INFO com.example.App - started`. It is data, whatever its level; in
/// small letters `[error]` may be a tag.
pub(crate) fn is_log_line(line: &str) -> bool {
    if !line.starts_with(|first: char| first == '[' || first.is_ascii_digit()) {
        return false;
    }
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        let is_upper = !word.contains(char::is_lowercase);
        if is_upper && log_level(word).is_some() {
            return words.next().is_some();
        }
        if !is_before_statement(word) {
            return false;
        }
    }
    false
}

/// Returns the bytes of the beginning of a line of syslog: `Mar 03 02:00:02 host name[12]:`.
pub(super) fn syslog_bytes(rest: &str) -> Option<usize> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    MONTHS.iter().find(|month| rest.starts_with(*month))?;
    let mut end = 0;
    for (place, word) in rest.split_whitespace().enumerate().take(5) {
        let is_right = match place {
            1 => word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit()),
            2 => word.bytes().filter(|byte| *byte == b':').count() == 2,
            4 => word.ends_with(':'),
            _ => true,
        };
        if !is_right {
            return None;
        }
        end = word.as_ptr() as usize - rest.as_ptr() as usize + word.len();
    }
    rest[..end].ends_with(':').then_some(end)
}

/// Returns whether a word in front of a message is the program that prints it: `bash:`, `/usr/bin/ld:`, `make[2]:`.
pub(super) fn is_program(word: &str) -> bool {
    if matches!(word, "npm" | "ERROR:" | "---") {
        return word == "npm";
    }
    let Some(name) = word.strip_suffix(':') else {
        return false;
    };
    if name.starts_with('/') || name.starts_with("./") {
        return true;
    }
    let name = name.trim_start_matches('-');
    let name = name.split_once('[').map_or(name, |(name, _)| name);
    PROGRAMS.binary_search(&name).is_ok()
}

/// Programs whose messages begin with their name; sorted.
#[rustfmt::skip]
pub(super) const PROGRAMS: &[&str] = &[
    "apt", "ar", "as", "awk", "bash", "cargo", "cat", "chmod", "chown", "clang", "clang++", "cmake", "collect2",
    "cp", "curl", "dash", "docker", "dotnet", "dpkg", "find", "fish", "g++", "gcc", "git", "go", "gpg", "grep",
    "helm", "java", "javac", "kubectl", "ld", "lld", "ls", "make", "mkdir", "mount", "mv", "mysql", "node", "perl",
    "php", "pip", "podman", "psql", "python", "python3", "rm", "rsync", "ruby", "rustc", "scp", "sed", "sh", "ssh",
    "standard_init_linux.go", "su", "sudo", "systemctl", "tar", "terraform", "touch", "tsc", "unzip", "wget",
    "xargs", "yarn", "zsh",
];

/// Returns whether a word is what programs put before a statement: a time, a place, a thread, a logger, a bar.
pub(super) fn is_before_statement(word: &str) -> bool {
    // The most frequent case by far: a word of prose.
    if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    let mut letters = word.chars().filter(|c| c.is_alphabetic()).peekable();
    let has_no_letters = letters.peek().is_none();
    let is_upper = letters.all(char::is_uppercase);
    has_no_letters
        || is_upper && word.len() <= 12 && !matches!(word, "I" | "A")
        || word.starts_with(['[', '(', '<', '|', '*', '`', '│', '×', '╰', '●', '"', '\''])
        || word.contains(|c: char| c.is_ascii_digit()) && !word.starts_with(char::is_uppercase)
        || word.contains(['/', '\\', '@', '|', '='])
        || word.contains('.') && !word.ends_with(['.', '?', '!'])
        || word.ends_with("]:")
        || word.ends_with(':') && word.contains('-')
}

/// Returns whether a text begins as nothing but a failure does.
pub(super) fn starts_failure(rest: &str) -> bool {
    FAILURE_STARTS.begin(rest) && STARTS.iter().any(|start| begins(rest, start))
}

/// Beginnings of failures that have no severity in front.
const STARTS: &[&str] = &[
    "Segmentation fault",
    "Bus error",
    "Illegal instruction",
    "Aborted (core dumped)",
    "Killed",
    "terminate called",
    "free(): ",
    "malloc(): ",
    "double free or corruption",
    "corrupted size vs. prev_size",
    "*** stack smashing detected",
    "undefined reference to",
    "multiple definition of",
    "Cannot connect to the Docker daemon",
    "CONFLICT (",
    "Host key verification failed",
    "Permission denied",
    "Could not find or load main class",
    "Traceback (most recent call last)",
    "FATAL EXCEPTION",
    "Unexpectedly found nil",
    "No such file or directory",
    "command not found",
    "! [rejected]",
    "! [remote rejected]",
    "[rejected]",
    "[remote rejected]",
];

const FAILURE_STARTS: FirstBytes = first_bytes!(STARTS);

/// What only a failure has behind a colon.
const BEHIND_COLON: [&[u8]; 7] = [
    b"command not found",
    b"No such file or directory",
    b"Permission denied",
    b"undefined reference to",
    b"exec format error",
    b"bad interpreter",
    b"panic: ",
];

/// What only a failure has, with how many bytes stand before a seldom letter of it: B, x or z.
const ELSEWHERE: [(&[u8], usize); 5] = [
    (b" is not recognized as an internal", 15),
    (b" is not recognized as the name of a cmdlet", 15),
    (b"CrashLoopBackOff", 9),
    (b"ImagePullBackOff", 9),
    (b" exited with code ", 2),
];

/// What only a failure has, without such a letter.
static DISABLED: LazyLock<Finder<'static>> =
    LazyLock::new(|| Finder::new(" cannot be loaded because running scripts is disabled"));
/// How long that is.
const DISABLED_BYTES: usize = 53;

/// Returns whether a text has words that nothing but a failure has, wherever they stand.
pub(super) fn holds_failure(rest: &str) -> bool {
    let bytes = rest.as_bytes();
    let is_behind_colon = |at: usize| {
        let behind = bytes.get(at + 1) == Some(&b' ');
        behind
            && BEHIND_COLON
                .iter()
                .any(|word| bytes[at + 2..].starts_with(word))
    };
    // Of each of the others one letter, and where it stands.
    let has_letter = |at: usize| {
        ELSEWHERE.iter().any(|(word, before)| {
            at.checked_sub(*before)
                .is_some_and(|start| bytes[start..].starts_with(word))
        })
    };
    let holds = memchr::memchr_iter(b':', bytes).any(is_behind_colon)
        || memchr::memchr3_iter(b'B', b'x', b'z', bytes).any(has_letter)
        || bytes.len() >= DISABLED_BYTES && DISABLED.find(bytes).is_some();
    // A question about the message has it in the middle of a sentence.
    holds && !crate::message::is_question(rest)
}

/// Returns whether a message is one of something that did not work: `docker: volumes or bind mounts` is not.
pub(in crate::message) fn says_failure(message: &str) -> bool {
    static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| any_of(&FAILURES));
    WORDS.is_match(message)
}

/// Returns what finds any of some words, whatever their case. They are ASCII.
pub(in crate::message) fn any_of(words: &[&str]) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(words)
        .expect("a few short words are not too many")
}

/// Words of messages of something that did not work.
const FAILURES: [&str; 30] = [
    "*** ",
    "abort",
    "already",
    "bad ",
    "can't",
    "cannot",
    "conflict",
    "could not",
    "couldn't",
    "denied",
    "does not exist",
    "error",
    "exceeded",
    "expected",
    "failed",
    "failure",
    "illegal",
    "invalid",
    "missing",
    "no rule",
    "no such",
    "not found",
    "problem",
    "refused",
    "terminated",
    "timed out",
    "too ",
    "unable",
    "unknown",
    "unrecognized",
];

/// Returns whether a text has at least so many words, and more than a number.
pub(super) fn has_words(text: &str, least: usize) -> bool {
    let is_word = |word: &&str| word.chars().filter(|c| c.is_alphabetic()).count() >= 2;
    text.split_whitespace()
        .filter(is_word)
        .nth(least - 1)
        .is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_length_is_right() {
        assert_eq!(DISABLED.needle().len(), DISABLED_BYTES);
    }

    #[test]
    fn failures_are_found_wherever_they_stand() {
        let behind_colon = BEHIND_COLON.map(|word| [b": ", word].concat());
        let elsewhere = ELSEWHERE.map(|(word, _)| word.to_vec());
        for words in behind_colon
            .iter()
            .chain(&elsewhere)
            .chain([&DISABLED.needle().to_vec()])
        {
            let words = std::str::from_utf8(words).expect("is text");
            for text in [words.to_owned(), format!("zsh: BxBz x {words} at 1")] {
                assert!(holds_failure(&text), "{text}");
            }
            assert!(!holds_failure(&words[..words.len() - 1]), "{words}");
        }
    }
}
