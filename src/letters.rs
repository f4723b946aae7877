//! How often bytes stand in texts: what is looked for by the rarest one is found with the fewest looks.

/// Returns how often a byte stands in texts beside others, roughly: letters as English has them, the other bytes as code has them.
pub(crate) fn frequency(byte: u8) -> usize {
    const COMMON: &[u8] = b"qjzxkvbywgpfmucdlhrsnioate";
    let place = COMMON
        .iter()
        .position(|common| *common == byte.to_ascii_lowercase());
    match byte {
        b'A'..=b'Z' => 1,
        _ => place.map_or(3, |place| place + 2),
    }
}
