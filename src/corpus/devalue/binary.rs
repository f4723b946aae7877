//! Buffers and the views of them: base64, and the element types of typed arrays.

use super::Value;

/// The element type of a view of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    Int8,
    Uint8,
    Uint8Clamped,
    Int16,
    Uint16,
    Float16,
    Int32,
    Uint32,
    Float32,
    Float64,
    BigInt64,
    BigUint64,
    /// A `DataView`: bytes without a type.
    Untyped,
}

impl Element {
    /// Every element type with the name that its views have in JavaScript.
    const NAMES: [(Element, &'static str); 13] = [
        (Element::Int8, "Int8Array"),
        (Element::Uint8, "Uint8Array"),
        (Element::Uint8Clamped, "Uint8ClampedArray"),
        (Element::Int16, "Int16Array"),
        (Element::Uint16, "Uint16Array"),
        (Element::Float16, "Float16Array"),
        (Element::Int32, "Int32Array"),
        (Element::Uint32, "Uint32Array"),
        (Element::Float32, "Float32Array"),
        (Element::Float64, "Float64Array"),
        (Element::BigInt64, "BigInt64Array"),
        (Element::BigUint64, "BigUint64Array"),
        (Element::Untyped, "DataView"),
    ];

    /// Returns the element type of a view's name.
    pub(super) fn of_view(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(element, _)| *element)
    }

    /// Returns the size of one element.
    pub(crate) fn size_bytes(self) -> usize {
        match self {
            Element::Int8 | Element::Uint8 | Element::Uint8Clamped | Element::Untyped => 1,
            Element::Int16 | Element::Uint16 | Element::Float16 => 2,
            Element::Int32 | Element::Uint32 | Element::Float32 => 4,
            Element::Float64 | Element::BigInt64 | Element::BigUint64 => 8,
        }
    }

    /// Returns the number in the bytes of one element, which are little-endian wherever JavaScript runs.
    pub(crate) fn read(self, bytes: &[u8]) -> Value {
        let mut wide = [0; 8];
        let size = self.size_bytes().min(bytes.len());
        wide[..size].copy_from_slice(&bytes[..size]);
        let bits = u64::from_le_bytes(wide);
        let sign_extended =
            |bits_used: u32| (bits << (64 - bits_used)).cast_signed() >> (64 - bits_used);
        match self {
            Element::Int8 => Value::Number(sign_extended(8) as f64),
            Element::Int16 => Value::Number(sign_extended(16) as f64),
            Element::Int32 => Value::Number(sign_extended(32) as f64),
            Element::Uint8
            | Element::Uint8Clamped
            | Element::Untyped
            | Element::Uint16
            | Element::Uint32 => Value::Number(bits as f64),
            Element::Float16 => Value::Number(half(bits)),
            Element::Float32 => Value::Number(f64::from(f32::from_bits(bits as u32))),
            Element::Float64 => Value::Number(f64::from_bits(bits)),
            Element::BigInt64 => Value::BigInt(bits.cast_signed().to_string()),
            Element::BigUint64 => Value::BigInt(bits.to_string()),
        }
    }
}

/// The value of a half-precision float.
fn half(bits: u64) -> f64 {
    let fraction = (bits & 0x3ff) as f64 / 1024.0;
    let magnitude = match bits >> 10 & 0x1f {
        0 => fraction * 2f64.powi(-14),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        exponent => (1.0 + fraction) * 2f64.powi(exponent as i32 - 15),
    };
    if bits & 0x8000 == 0 {
        magnitude
    } else {
        -magnitude
    }
}

/// Returns the bytes of a base64 text, padded or not; `None` when a character does not belong there.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=').as_bytes();
    if digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let mut bits: u32 = 0;
    for (place, digit) in digits.iter().enumerate() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        // After the first of four digits there is no whole byte yet.
        let left_over = [6, 4, 2, 0][place % 4];
        if left_over < 6 {
            bytes.push((bits >> left_over) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_with_and_without_padding() {
        for (text, bytes) in [
            ("", Some(&b""[..])),
            ("Zg==", Some(b"f")),
            ("Zm8=", Some(b"fo")),
            ("Zm9v", Some(b"foo")),
            ("Zm8", Some(b"fo")),
            ("/+8=", Some(&[0xff, 0xef])),
            ("Z", None),
            ("Zm-v", None),
            ("Zm 9v", None),
        ] {
            assert_eq!(from_base64(text).as_deref(), bytes, "{text}");
        }
    }

    #[test]
    fn elements_are_read_as_little_endian_numbers() {
        for (element, bytes, number) in [
            (Element::Int8, &[0xff][..], -1.0),
            (Element::Uint8, &[0xff], 255.0),
            (Element::Int16, &[0x00, 0x80], -32768.0),
            (Element::Uint16, &[0x01, 0x02], 513.0),
            (Element::Int32, &[0xfe, 0xff, 0xff, 0xff], -2.0),
            (Element::Uint32, &[0xff, 0xff, 0xff, 0xff], 4_294_967_295.0),
            (Element::Float16, &[0x00, 0x3c], 1.0),
            (Element::Float16, &[0x01, 0x80], -(2f64.powi(-24))),
            (Element::Float16, &[0x00, 0xfc], f64::NEG_INFINITY),
            (Element::Float16, &[0xff, 0x7b], 65504.0),
            (Element::Float32, &[0x00, 0x00, 0x20, 0xc0], -2.5),
            (Element::Float64, &1.5f64.to_le_bytes(), 1.5),
        ] {
            assert_eq!(element.read(bytes), Value::Number(number), "{element:?}");
        }
        let all_set = [0xff; 8];
        for (element, text) in [
            (Element::BigInt64, "-1"),
            (Element::BigUint64, "18446744073709551615"),
        ] {
            assert_eq!(element.read(&all_set), Value::BigInt(text.to_owned()));
        }
    }
}
