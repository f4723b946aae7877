//! The fuzz targets, in short: every seed, and seeded mutations of them.

#[path = "../../fuzz/targets.rs"]
mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// How many mutated inputs each target gets.
const MUTATIONS: usize = 600;
/// Longer inputs say nothing more, and take longer.
const MAX_BYTES: usize = 2_048;

/// SplitMix64: the same numbers everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Returns a seed with a few changes: bytes flipped, pieces cut out, doubled, or taken from another seed.
fn mutated(numbers: &mut Numbers, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut input = seeds[numbers.below(seeds.len())].clone();
    let other = &seeds[numbers.below(seeds.len())];
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(input.len());
        let end = (at + 1 + numbers.below(40)).min(input.len());
        match numbers.below(6) {
            0 if !input.is_empty() => input[at] ^= 1 << numbers.below(8),
            1 => drop(input.drain(at..end)),
            2 => {
                let piece = input[at..end].to_vec();
                input.splice(at..at, piece);
            }
            3 => {
                let from = numbers.below(other.len());
                let piece = other[from..].iter().take(60).copied();
                input.splice(at..at, piece.collect::<Vec<_>>());
            }
            4 => input.truncate(at.max(1)),
            _ => {
                let odd = [
                    "\0",
                    "é",
                    "\u{1b}[31m",
                    "```",
                    "<h1>",
                    "\r\n",
                    "&#0;",
                    "질",
                    "\"",
                    "]]>",
                ];
                let odd = odd[numbers.below(odd.len())].bytes();
                input.splice(at..at, odd);
            }
        }
    }
    input
}

#[test]
fn any_bytes_are_read_without_a_panic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    for (name, target) in targets::TARGETS {
        let mut files: Vec<_> = fs::read_dir(folder.join(name))
            .expect("the seeds are there")
            .map(|file| file.expect("a file").path())
            .collect();
        files.sort();
        let seeds: Vec<Vec<u8>> = files
            .iter()
            .map(|file| fs::read(file).expect("a file"))
            .collect();
        assert!(seeds.len() > 2, "{name}");
        let short: Vec<Vec<u8>> = seeds
            .iter()
            .filter(|seed| seed.len() <= MAX_BYTES)
            .cloned()
            .collect();
        let mut numbers = Numbers(1);
        let mutations = (0..MUTATIONS).map(|_| mutated(&mut numbers, &short));
        let inputs: Vec<Vec<u8>> = seeds.iter().cloned().chain(mutations).collect();
        for input in inputs {
            let ran = catch_unwind(AssertUnwindSafe(|| target(&input)));
            assert!(ran.is_ok(), "{name}: {:?}", String::from_utf8_lossy(&input));
        }
    }
}
