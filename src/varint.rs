//! Numbers in as few bytes as they need: seven bits a byte, the lowest first, the eighth bit while more follow (LEB128).

/// Appends a number.
pub(crate) fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Returns the number that the next bytes are; `None` when they end before it does, or it does not end.
pub(crate) fn read(mut next: impl FnMut() -> Option<u8>) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = next()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        for number in [0, 1, 0x7f, 0x80, 300, 1 << 35, u64::MAX] {
            let mut bytes = Vec::new();
            write(&mut bytes, number);
            let mut left = bytes.iter().copied();
            assert_eq!(read(|| left.next()), Some(number));
            assert_eq!(left.next(), None);
            let mut cut = bytes[..bytes.len() - 1].iter().copied();
            assert_eq!(read(|| cut.next()), None);
        }
        assert_eq!(read(|| Some(0xff)), None);
    }
}
