//! How searches slow down as the corpus grows: made corpora of several sizes, in a temporary folder.

use std::path::{Path, PathBuf};
use std::time::Instant;

use qdex::Searcher;
use qdex::bench::{self, BenchQuery, Generator, ScalePoint};
use tempfile::TempDir;

use super::BenchArgs;
use crate::render::text;
use crate::report::{self, Failure};

/// How many entries are indexed to tell what more will take.
const TRIAL: u64 = 2_000;

/// Measures at each size, the smallest first, and removes what it built.
pub(super) fn measure(args: &BenchArgs, searcher: &Searcher) -> Result<Vec<ScalePoint>, Failure> {
    let nothing_to_learn = || Failure::Request {
        message: "the index has no words that entries could be made of".to_owned(),
        hint: Some("name one that has entries with `--index`".to_owned()),
    };
    let generator = bench::generator_like(searcher)?.ok_or_else(nothing_to_learn)?;
    let mut sizes = args.scale.clone();
    sizes.sort_unstable();
    sizes.dedup();
    let folder = tempfile::Builder::new().prefix("qdex-bench-").tempdir();
    let folder = folder.map_err(|source| Failure::File {
        action: "write to",
        path: std::env::temp_dir(),
        source,
        hint: Some("`TMPDIR` names another folder".to_owned()),
    })?;
    remove_when_interrupted(folder.path().to_owned());
    announce(&generator, &sizes, &folder)?;
    let mut queries: Vec<BenchQuery> = Vec::new();
    let mut points = Vec::new();
    for size in sizes {
        // One size at a time is on the disk.
        let dir = folder.path().join(size.to_string());
        let started = Instant::now();
        let searcher = bench::build(&generator, size, &dir)?;
        let build = started.elapsed();
        if queries.is_empty() {
            // Those of the smallest corpus, whose entries the larger ones have too.
            queries = super::queries(args, &searcher)?;
        }
        let point = ScalePoint::measure(&searcher, build, &queries, args.rounds)?;
        report::note(&format!(
            "{size} entries: {} in {:.0} s, measured after {:.0} s",
            text::bytes(point.bytes),
            build.as_secs_f64(),
            started.elapsed().as_secs_f64()
        ));
        points.push(point);
        drop(searcher);
        // What cannot be removed now is removed with the folder.
        let _ = std::fs::remove_dir_all(&dir);
    }
    Ok(points)
}

/// Says what disk and time it will take, by a small index.
fn announce(generator: &Generator, sizes: &[u64], folder: &TempDir) -> Result<(), Failure> {
    let dir = folder.path().join("trial");
    let started = Instant::now();
    let trial = bench::build(generator, TRIAL, &dir)?;
    let seconds = started.elapsed().as_secs_f64() / TRIAL as f64;
    let bytes = trial.stats()?.bytes as f64 / TRIAL as f64;
    let largest = sizes.iter().max().copied().unwrap_or_default() as f64;
    let entries = sizes.iter().sum::<u64>() as f64;
    report::note(&format!(
        "building {} made corpora in `{}`: up to about {} of disk (twice that while segments are merged), about {:.0} s, and the searches",
        sizes.len(),
        folder.path().display(),
        text::bytes((largest * bytes) as u64),
        (entries * seconds).ceil()
    ));
    Ok(())
}

/// Removes the folder when the user interrupts: nothing else will, as the process ends there.
fn remove_when_interrupted(folder: PathBuf) {
    // Without a handler Ctrl-C ends the program as ever, and leaves a folder among the temporary ones.
    let _ = ctrlc::try_set_handler(move || {
        remove(&folder);
        std::process::exit(130);
    });
}

/// Removes a folder that is being written to, which may take several times.
fn remove(folder: &Path) {
    for _ in 0..10 {
        if std::fs::remove_dir_all(folder).is_ok() || !folder.exists() {
            return;
        }
    }
}

/// Reads a number of entries: `10000`, `10k`, `1m`.
pub(super) fn size(word: &str) -> Result<u64, String> {
    let lower = word.to_ascii_lowercase();
    let (digits, unit) = match lower.char_indices().last() {
        Some((at, 'k')) => (&lower[..at], 1_000),
        Some((at, 'm')) => (&lower[..at], 1_000_000),
        _ => (lower.as_str(), 1),
    };
    let number = digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit));
    match number {
        Some(number @ 1..=100_000_000) => Ok(number),
        _ => Err("expected a number of entries, such as 10k or 1m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (word, expected) in [
            ("1", Some(1)),
            ("250", Some(250)),
            ("10k", Some(10_000)),
            ("1M", Some(1_000_000)),
            ("0", None),
            ("k", None),
            ("", None),
            ("1g", None),
            ("200m", None),
            ("99999999999999999999m", None),
        ] {
            assert_eq!(size(word).ok(), expected, "{word}");
        }
    }
}
