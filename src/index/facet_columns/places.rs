//! Bits as places, many at a time.

/// So many documents are looked at together.
pub(super) const BATCH: usize = 2_048;

/// The places of the bits that are set in each byte.
const PLACES: [[u16; 8]; 256] = places();

/// The documents of a batch, by their places in it.
pub(super) struct Places([u16; BATCH + 8]);

impl Default for Places {
    fn default() -> Self {
        Places([0; BATCH + 8])
    }
}

impl Places {
    /// Returns the places of the bits that are set in words, of which there are at most those of a batch, lowest first.
    ///
    /// Eight at a time from a table: how many are set does not matter, where asking bit by bit guesses wrong once a word.
    pub(super) fn read(&mut self, words: &[u64]) -> &[u16] {
        let mut found = 0;
        for (first, word) in (0..).step_by(64).zip(words) {
            for (first, byte) in (first..).step_by(8).zip(word.to_le_bytes()) {
                if let Some(places) = self.0[found..].first_chunk_mut() {
                    *places = PLACES[usize::from(byte)].map(|place| first + place);
                }
                found += byte.count_ones() as usize;
            }
        }
        &self.0[..found]
    }
}

const fn places() -> [[u16; 8]; 256] {
    let mut table = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut bit, mut found) = (0, 0);
        while bit < 8 {
            if byte >> bit & 1 == 1 {
                table[byte][found] = bit;
                found += 1;
            }
            bit += 1;
        }
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_bits() {
        let words = [0, u64::MAX, 1, 1 << 63, 0x8000_0000_0000_0101, u64::MAX / 3];
        let by_hand =
            (0..words.len() * 64).filter(|place| words[place / 64] >> (place % 64) & 1 == 1);
        let by_hand: Vec<u16> = by_hand.map(|place| place as u16).collect();
        assert_eq!(Places::default().read(&words), by_hand);
        assert_eq!(Places::default().read(&[u64::MAX; BATCH / 64]).len(), BATCH);
    }
}
