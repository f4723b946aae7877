//! Names as programmers write them: where they part, which operators exist, and which brands only look like names.

use std::ops::Range;

/// Operators of two and more characters, longest first where one starts another.
#[rustfmt::skip]
const OPERATORS: &[&str] = &[
    ">>>=", "<<=", ">>=", ">>>", "===", "!==", "**=", "...", "..=", "<=>", "??=", "&&=", "||=",
    "<->", "->*", "->", "=>", "::", "!=", "==", "<=", ">=", "&&", "||", "++", "--", "+=", "-=",
    "*=", "/=", "%=", "&=", "|=", "^=", "**", "//", "<<", ">>", "?.", "??", "?:", "..", ":=", "<-",
    "|>", "<>", "~=", "=~", "@@", "$@", "!!",
];

/// What operators of two and more characters are made of.
const OPERATOR_BYTES: &[u8] = b"!$%&*+-./:<=>?@^|~";

/// Operators of one character that are tokens where they stand alone, between blanks or quotes.
const LONE_OPERATORS: &str = "*&|^~%!?@$#+<>/";

/// Returns the operator that a text starts with.
pub(crate) fn operator(text: &str) -> Option<&'static str> {
    // Most punctuation is followed by something else: the list need not be gone through.
    let [first, second, ..] = text.as_bytes() else {
        return None;
    };
    if !OPERATOR_BYTES.contains(first) || !OPERATOR_BYTES.contains(second) {
        return None;
    }
    OPERATORS
        .iter()
        .copied()
        .find(|operator| text.starts_with(operator))
}

/// Returns whether a character is an operator when it stands alone.
pub(crate) fn is_lone_operator(character: char) -> bool {
    LONE_OPERATORS.contains(character)
}

/// Variables of shells whose name is a mark: tokens where they stand alone, as formulas end in `$?` and `$$` too.
pub(crate) fn lone_variable(text: &str) -> Option<&str> {
    let variable = text.get(..2)?;
    ["$?", "$#", "$$", "$!", "$*"]
        .contains(&variable)
        .then_some(variable)
}

/// Names whose humps are no words: whoever asks for `java` does not mean `JavaScript`. Folded, sorted.
#[rustfmt::skip]
const BRANDS: &[&str] = &[
    "bitbucket", "clickhouse", "cloudfront", "codepen", "coffeescript", "devops", "dynamodb",
    "ecmascript", "fastapi", "github", "gitlab", "graphql", "hadoop", "ios", "ipad", "iphone", "ipv4", "ipv6",
    "javafx", "javascript", "jquery", "jsfiddle", "jupyter", "latex", "linkedin", "livescript",
    "macos", "mariadb", "mongodb", "mysql", "nan", "nosql", "numpy", "oauth", "opencv", "opengl",
    "openssl", "phpmyadmin", "postgresql", "powershell", "purescript", "pypi", "pytorch", "restful",
    "stackoverflow", "typescript", "wordpress", "youtube",
];

/// Returns whether a folded name is a brand that does not part.
pub(crate) fn is_brand(folded: &str) -> bool {
    BRANDS.binary_search(&folded).is_ok()
}

/// Appends the byte ranges of a name's humps to `humps`: `HTTPServer2_name-x` has `HTTP`, `Server2`, `name`, `x`.
///
/// Digits stay with the letters before them. A plural of capitals (`URLs`) is one hump.
pub(crate) fn humps(name: &str, humps: &mut Vec<Range<usize>>) {
    let mut start = 0;
    for piece in name.split(['_', '-']) {
        let from = start;
        start += piece.len() + 1;
        if piece.is_empty() {
            continue;
        }
        if is_plural_of_capitals(piece) {
            humps.push(from..from + piece.len());
            continue;
        }
        let mut hump_start = 0;
        let mut characters = piece.char_indices().peekable();
        let mut before: Option<char> = None;
        while let Some((at, character)) = characters.next() {
            let next_is_lower = characters
                .peek()
                .is_some_and(|(_, next)| next.is_lowercase());
            let parts = before.is_some_and(|before| {
                character.is_uppercase()
                    && (before.is_lowercase()
                        || before.is_numeric() && next_is_lower
                        || before.is_uppercase() && next_is_lower)
            });
            if parts {
                humps.push(from + hump_start..from + at);
                hump_start = at;
            }
            before = Some(character);
        }
        humps.push(from + hump_start..from + piece.len());
    }
}

/// Returns whether a piece is capitals and a final `s`: `URLs`, `IDs`.
fn is_plural_of_capitals(piece: &str) -> bool {
    let Some(capitals) = piece.strip_suffix('s') else {
        return false;
    };
    capitals.len() >= 2 && capitals.chars().all(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brands_are_sorted() {
        assert!(BRANDS.is_sorted());
        assert!(BRANDS.iter().all(|brand| is_brand(brand)));
    }

    #[test]
    fn every_operator_is_found() {
        for operator in OPERATORS {
            assert_eq!(super::operator(&format!("{operator} x")), Some(*operator));
        }
    }

    #[test]
    fn an_operator_is_found_before_its_beginning() {
        for (place, operator) in OPERATORS.iter().enumerate() {
            let shadowed = OPERATORS[..place]
                .iter()
                .any(|earlier| operator.starts_with(earlier));
            assert!(!shadowed, "{operator} is never found");
        }
    }

    #[test]
    fn names_part_at_their_humps() {
        for (name, parts) in [
            ("getUserName", "get User Name"),
            ("get_user_name", "get user name"),
            ("HTTPServer2", "HTTP Server2"),
            ("HTTP2Server", "HTTP2 Server"),
            ("__del__", "del"),
            ("utf-8", "utf 8"),
            ("utf8mb4", "utf8mb4"),
            ("URLs", "URLs"),
            ("XMLHttpRequest", "XML Http Request"),
            ("iPhone", "i Phone"),
            ("MAX_VALUE", "MAX VALUE"),
            ("ÉcoleÉlan", "École Élan"),
            ("E0502", "E0502"),
            ("_", ""),
        ] {
            let mut ranges = Vec::new();
            humps(name, &mut ranges);
            let found: Vec<&str> = ranges.into_iter().map(|range| &name[range]).collect();
            assert_eq!(found.join(" "), parts, "{name}");
        }
    }
}
