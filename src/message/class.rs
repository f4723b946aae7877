//! Names of errors, and codes.

/// Returns whether a name is that of an error: `KeyError`, `java.lang.NullPointerException`, `Foo::BarError`.
pub(super) fn is_class(name: &str) -> bool {
    const ENDS: [&str; 7] = [
        "Error",
        "Exception",
        "Warning",
        "Fault",
        "Interrupt",
        "Rejection",
        "Errno",
    ];
    let is_of_path =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '\\' | '/' | '$');
    // The most frequent case by far: a word of prose or a name without a path, that ends otherwise.
    let is_path = || name.contains(['.', ':', '\\', '/', '$']);
    if !ENDS.iter().any(|end| name.ends_with(end)) && !is_path() {
        return false;
    }
    if name.len() > 200 || !name.chars().all(is_of_path) {
        return false;
    }
    let mut segments = name.rsplit(['.', ':', '\\', '/', '$']);
    let last = segments.next().unwrap_or_default();
    let begins = last.starts_with(|first: char| first.is_uppercase());
    // `Error` alone is only a class where something says so; see `headline`.
    let names_error = matches!(last, "Error" | "Exception")
        && name.starts_with(|first: char| first.is_uppercase())
        && name.len() > last.len();
    names_error
        || begins
            && ENDS
                .iter()
                .any(|end| last.len() > end.len() && last.ends_with(end))
        || begins
            && segments.any(|segment| matches!(segment, "errors" | "exceptions" | "exc" | "Error"))
}

/// Returns whether a word is a code by its form: `E0502`, `TS2345`, `CS0246`, `ORA-00942`, `ERR_REQUIRE_ESM`,
/// `SIGSEGV`, `ENOENT`.
pub(super) fn is_code(word: &str) -> bool {
    let bytes = word.as_bytes();
    if !(4..=48).contains(&bytes.len()) || !bytes[0].is_ascii_uppercase() {
        return false;
    }
    let letters = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    let rest = &word[letters..];
    let digits = rest.strip_prefix('-').unwrap_or(rest);
    if (1..=5).contains(&letters)
        && (3..=6).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return true;
    }
    let is_capital =
        |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    if !bytes.iter().all(is_capital) {
        return false;
    }
    word.contains('_') && !word.starts_with('_') || word.starts_with("SIG") || is_errno(word)
}

/// Returns whether a word is the name of a system error: `ENOENT`.
pub(super) fn is_errno(word: &str) -> bool {
    ERRNO.binary_search(&word).is_ok()
}

/// Names of system errors; sorted. By their form alone, `EXPLAIN` would be one.
#[rustfmt::skip]
const ERRNO: &[&str] = &[
    "EACCES", "EADDRINUSE", "EADDRNOTAVAIL", "EAGAIN", "EBADF", "EBUSY", "ECONNABORTED", "ECONNREFUSED", "ECONNRESET",
    "EEXIST", "EFAULT", "EHOSTUNREACH", "EINTEGRITY", "EINTR", "EINVAL", "EIO", "EISDIR", "ELIFECYCLE", "EMFILE",
    "ENETUNREACH", "ENOENT", "ENOMEM", "ENOSPC", "ENOTDIR", "ENOTEMPTY", "ENOTFOUND", "EPERM", "EPIPE", "ERESOLVE",
    "EROFS", "ETARGET", "ETIMEDOUT",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_errors_are_known_by_their_form() {
        assert!(ERRNO.is_sorted());
        for name in [
            "KeyError",
            "java.lang.NullPointerException",
            "System.InvalidOperationException",
            "json.decoder.JSONDecodeError",
            "ActiveRecord::RecordNotUniqueError",
            "App\\Mail\\SendException",
            "psycopg2.errors.UniqueViolation",
            "KeyboardInterrupt",
            "RuntimeWarning",
        ] {
            assert!(is_class(name), "{name}");
        }
        for name in [
            "Error",
            "error",
            "std::move",
            "keyError(",
            "Errors",
            "a.b.C",
            "exceptions",
            "README",
        ] {
            assert!(!is_class(name), "{name}");
        }
        for code in [
            "E0502",
            "TS2345",
            "CS0246",
            "ORA-00942",
            "ERR_REQUIRE_ESM",
            "SIGSEGV",
            "ENOENT",
            "LNK2019",
        ] {
            assert!(is_code(code), "{code}");
        }
        for word in [
            "EXPLAIN", "ERROR", "UTF8", "HTTP2", "SELECT", "GB18030X", "e0502", "C17", "_FOO",
        ] {
            assert!(!is_code(word), "{word}");
        }
    }
}
