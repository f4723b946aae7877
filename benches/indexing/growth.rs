//! Time and memory at several sizes, each in a process of its own.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use qdex::Indexer;
use qdex::bench::Generator;
use qdex::index::IndexerOptions;

use crate::Result;

/// How often memory is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// Prints what each size takes.
pub(crate) fn report(sizes: &[u64], seed: u64) -> Result<()> {
    for size in sizes {
        let dir = tempfile::tempdir()?;
        let output = Command::new(std::env::current_exe()?)
            .args(["--child".as_ref(), dir.path().as_os_str()])
            .args(["--entries", &size.to_string(), "--seed", &seed.to_string()])
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        print!("{}", String::from_utf8_lossy(&output.stdout));
    }
    Ok(())
}

/// Builds an index and prints what it took.
pub(crate) fn child(generator: &Generator, seed: u64, entries: u64, dir: &Path) -> Result<()> {
    let is_done = AtomicBool::new(false);
    let most = AtomicU64::new(0);
    std::thread::scope(|scope| -> Result<()> {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                most.fetch_max(status("RssAnon:"), Ordering::Relaxed);
                std::thread::sleep(LOOK);
            }
        });
        let built = build(generator, seed, entries, dir);
        is_done.store(true, Ordering::Relaxed);
        let (text, took, making, bytes) = built?;
        let seconds = took.as_secs_f64();
        println!(
            "{entries} entries: {seconds:.1} s, making them on one thread beside takes {:.1} s of it, {:.0} entries/s, {:.1} MB of text at {:.1} MB/s, an index of {:.1} MB, most memory {:.0} MB held, {:.0} MB with mapped files",
            making.as_secs_f64(),
            entries as f64 / seconds,
            text as f64 / 1e6,
            text as f64 / 1e6 / seconds,
            bytes as f64 / 1e6,
            most.load(Ordering::Relaxed) as f64 / 1e3,
            status("VmHWM:") as f64 / 1e3,
        );
        Ok(())
    })
}

/// Returns how many bytes of text there were, how long the build took, how long making entries took, and the size of the index.
fn build(
    generator: &Generator,
    seed: u64,
    entries: u64,
    dir: &Path,
) -> Result<(usize, Duration, Duration, u64)> {
    let mut indexer = Indexer::create(dir, IndexerOptions::default())?;
    let (mut text, mut making) = (0, Duration::ZERO);
    let started = Instant::now();
    for number in 0..entries {
        let started = Instant::now();
        let entry = generator.entry(seed, number);
        making += started.elapsed();
        let blocks: usize = entry.blocks().map(|block| block.text().len()).sum();
        text += entry.title.len() + blocks;
        indexer.add(entry)?;
    }
    let summary = indexer.commit()?;
    let took = started.elapsed();
    if summary.entries != entries {
        return Err(format!(
            "{} entries where there should be {entries}",
            summary.entries
        )
        .into());
    }
    Ok((text, took, making, summary.bytes))
}

/// Returns a number of kilobytes that Linux knows of this process; 0 elsewhere.
fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or(0)
}
