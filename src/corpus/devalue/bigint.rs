//! Integers of any size, as decimal text.

/// Numbers of another base than ten are converted up to so many digits; the conversion is quadratic.
const MAX_DIGITS_TO_CONVERT: usize = 4096;

/// Returns the decimal text of what JavaScript's `BigInt(text)` reads, `None` when that would fail: decimal with a
/// sign, `0x`, `0o` and `0b` without one, blanks around, nothing for zero.
pub(super) fn parse(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix('0') {
        let base = match digits.as_bytes().first() {
            Some(b'x' | b'X') => Some(16),
            Some(b'o' | b'O') => Some(8),
            Some(b'b' | b'B') => Some(2),
            _ => None,
        };
        if let Some(base) = base {
            return convert(&digits[1..], base);
        }
    }
    let (sign, digits) = match text.as_bytes().first() {
        Some(b'-') => ("-", &text[1..]),
        Some(b'+') => ("", &text[1..]),
        _ => ("", text),
    };
    let only_a_sign = digits.is_empty() && !text.is_empty();
    if only_a_sign || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match digits.trim_start_matches('0') {
        "" => Some("0".to_owned()),
        digits => Some(format!("{sign}{digits}")),
    }
}

fn convert(digits: &str, base: u32) -> Option<String> {
    const LIMB: u64 = 1_000_000_000;
    if digits.is_empty() || digits.len() > MAX_DIGITS_TO_CONVERT {
        return None;
    }
    // Nine decimal digits a limb, the lowest first.
    let mut limbs: Vec<u64> = vec![0];
    for digit in digits.chars() {
        let mut carry = u64::from(digit.to_digit(base)?);
        for limb in &mut limbs {
            let value = *limb * u64::from(base) + carry;
            *limb = value % LIMB;
            carry = value / LIMB;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let mut decimal = limbs.pop().unwrap_or_default().to_string();
    for limb in limbs.iter().rev() {
        decimal.push_str(&format!("{limb:09}"));
    }
    Some(decimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn big_integers_are_read_as_javascript_reads_them() {
        for (text, decimal) in [
            ("42", Some("42")),
            ("-007", Some("-7")),
            ("+7", Some("7")),
            ("-0", Some("0")),
            ("", Some("0")),
            (" \n5 ", Some("5")),
            ("0xff", Some("255")),
            ("0b101", Some("5")),
            ("0O17", Some("15")),
            ("0x123456789abcdef0123", Some("5373003642731685151011")),
            ("0x", None),
            ("-0x10", None),
            ("0b2", None),
            ("-", None),
            ("+-1", None),
            ("1.0", None),
            ("1n", None),
            ("1e3", None),
        ] {
            assert_eq!(parse(text).as_deref(), decimal, "{text:?}");
        }
        assert_eq!(parse(&format!("0x{}", "f".repeat(1_000_000))), None);
    }
}
