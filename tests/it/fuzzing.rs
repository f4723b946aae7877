//! The fuzz targets, in short: every seed, and seeded mutations of them.

#[path = "../../fuzz/targets.rs"]
mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::random::Numbers;

/// How many mutated inputs each target gets.
const MUTATIONS: usize = 600;
/// Longer inputs say nothing more, and take longer.
const MAX_BYTES: usize = 2_048;

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
        let mut numbers = Numbers::new(1);
        let mutations = (0..MUTATIONS).map(|_| mutated(&mut numbers, &short));
        let inputs: Vec<Vec<u8>> = seeds.iter().cloned().chain(mutations).collect();
        for input in inputs {
            let ran = catch_unwind(AssertUnwindSafe(|| target(&input)));
            assert!(ran.is_ok(), "{name}: {:?}", String::from_utf8_lossy(&input));
        }
    }
}
