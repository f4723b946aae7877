//! Searches by fresh processes: with the index in memory, and read from the disk where the system can be made to forget it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use qdex::Error;
use qdex::bench::BenchQuery;

use super::report::{Cold, FromDisk};
use crate::report::Failure;

/// Times searches by fresh processes, each followed by one that only prints its version. Nobody may have the index mapped: what is
/// mapped stays in memory.
pub(super) fn measure(
    queries: &[BenchQuery],
    index: &Path,
    searches: usize,
) -> Result<Cold, Failure> {
    let asked: Vec<&BenchQuery> = queries.iter().cycle().take(searches).collect();
    let mut search = Vec::with_capacity(searches);
    let mut nothing = Vec::with_capacity(searches);
    for query in &asked {
        search.push(search_process(query, index)?);
        nothing.push(process(&["--version"])?);
    }
    let (from_disk, not_from_disk) = match from_disk(&asked, index)? {
        Ok(measured) => (Some(measured), None),
        Err(reason) => (None, Some(reason)),
    };
    let [search_p50_ms, search_p95_ms] = percentiles_ms(&mut search);
    let [nothing_p50_ms, nothing_p95_ms] = percentiles_ms(&mut nothing);
    Ok(Cold {
        searches,
        search_p50_ms,
        search_p95_ms,
        nothing_p50_ms,
        nothing_p95_ms,
        from_disk,
        not_from_disk,
    })
}

fn percentiles_ms(times: &mut [Duration]) -> [f64; 2] {
    times.sort_unstable();
    [0.5, 0.95].map(|share| {
        let place = (share * (times.len() - 1) as f64).round() as usize;
        times[place].as_secs_f64() * 1e3
    })
}

/// Times searches before each of which the system was asked to forget the index; the reason where that does not work here.
fn from_disk(queries: &[&BenchQuery], index: &Path) -> Result<Result<FromDisk, String>, Failure> {
    let mut times = Vec::with_capacity(queries.len());
    let before = children_major_faults();
    for query in queries {
        if let Err(reason) = forget(index) {
            return Ok(Err(reason));
        }
        times.push(search_process(query, index)?);
    }
    let faults = match (before, children_major_faults()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => {
            return Ok(Err(
                "this system does not say what was read from the disk".to_owned()
            ));
        }
    };
    if faults == 0 {
        return Ok(Err(
            "the system kept the index in memory although it was asked to forget it".to_owned(),
        ));
    }
    let [search_p50_ms, search_p95_ms] = percentiles_ms(&mut times);
    Ok(Ok(FromDisk {
        search_p50_ms,
        search_p95_ms,
        mean_major_faults: faults as f64 / queries.len() as f64,
    }))
}

/// Asks the system to drop the index's files from its page cache, which takes no rights beyond reading them.
#[cfg(target_os = "linux")]
fn forget(index: &Path) -> Result<(), String> {
    let forget_file = |path: &Path| -> std::io::Result<()> {
        let file = std::fs::File::open(path)?;
        // What was just written cannot be dropped before it is on the disk.
        file.sync_data()?;
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
        Ok(())
    };
    let mut folders = vec![index.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |error| {
            format!(
                "cannot make the system forget `{}`: {error}",
                index.display()
            )
        };
        for file in std::fs::read_dir(&folder).map_err(failed)? {
            let path = file.map_err(failed)?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                forget_file(&path).map_err(failed)?;
            }
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn forget(_: &Path) -> Result<(), String> {
    Err("this system cannot be asked to forget files".to_owned())
}

/// Returns how many pages the processes that this one has waited for had to read from the disk.
fn children_major_faults() -> Option<u64> {
    let about = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program may hold anything, up to its closing bracket; the state is the first field behind it.
    let (_, fields) = about.rsplit_once(')')?;
    fields.split_whitespace().nth(10)?.parse().ok()
}

fn search_process(query: &BenchQuery, index: &Path) -> Result<Duration, Failure> {
    let index = index.to_string_lossy();
    process(&["search", "--index", &*index, "--", query.text.as_str()])
}

/// Returns how long a process of this program takes, from its start to its end.
fn process(arguments: &[&str]) -> Result<Duration, Failure> {
    let failed = |source| Error::Io {
        action: "start",
        path: PathBuf::from("qdex"),
        source,
    };
    let program = std::env::current_exe().map_err(failed)?;
    let started = Instant::now();
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(failed)?;
    Ok(started.elapsed())
}
