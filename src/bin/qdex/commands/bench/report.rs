//! What a bench reports, as `--json` writes it and `--compare` reads it.

use std::collections::BTreeMap;

use qdex::bench::{ClassComparison, Growth, Measured, ScalePoint, Throughput};
use qdex::search::Stats;
use serde::{Deserialize, Serialize};

/// What was measured, where.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) version: String,
    pub(crate) machine: Machine,
    pub(crate) index: IndexFigures,
    #[serde(default)]
    pub(crate) settings: Settings,
    pub(crate) measured: Measured,
    pub(crate) throughput: Vec<Throughput>,
    pub(crate) rate: Option<f64>,
    pub(crate) at_rate: Option<Throughput>,
    pub(crate) cold: Option<Cold>,
    #[serde(default)]
    pub(crate) scale: Vec<ScalePoint>,
    #[serde(default)]
    pub(crate) growth: Vec<Growth>,
    #[serde(skip_deserializing)]
    pub(crate) comparison: Option<Vec<ClassComparison>>,
}

/// What was asked for.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// Queries made of each class; `None` when they were given.
    pub(crate) sample: Option<usize>,
    pub(crate) rounds: usize,
    pub(crate) seconds: usize,
    /// What a query of each class may take, in microseconds.
    pub(crate) budgets_us: BTreeMap<String, f64>,
}

/// The machine a report is from.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) os: String,
    pub(crate) arch: String,
    /// How many threads it runs at once.
    pub(crate) processors: usize,
    pub(crate) processor: Option<String>,
    /// Cores of a processor, which may run two threads each.
    #[serde(default)]
    pub(crate) cores: Option<usize>,
    #[serde(default)]
    pub(crate) memory_bytes: Option<u64>,
}

impl Machine {
    /// Returns what the system tells of this machine; elsewhere than on Linux the report does without some of it.
    pub(crate) fn here(processors: usize) -> Self {
        let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let kibibytes = value(&memory, "MemTotal")
            .and_then(|value| value.strip_suffix("kB")?.trim().parse::<u64>().ok());
        Machine {
            os: std::env::consts::OS.to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
            processors,
            processor: value(&about, "model name").map(str::to_owned),
            cores: value(&about, "cpu cores").and_then(|value| value.parse().ok()),
            memory_bytes: kibibytes.map(|kibibytes| kibibytes * 1024),
        }
    }
}

/// Returns the first value of a name in lines of `name: value`.
fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        (found.trim() == name).then(|| value.trim())
    })
}

/// The index a report is of.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct IndexFigures {
    pub(crate) entries: u64,
    pub(crate) terms: u64,
    pub(crate) tokens: u64,
    pub(crate) bytes: u64,
    /// The checksum of the meta file, which has those of all files: of one build alone.
    #[serde(default)]
    pub(crate) fingerprint: String,
}

impl IndexFigures {
    pub(crate) fn new(stats: &Stats, fingerprint: &str) -> Self {
        IndexFigures {
            entries: stats.entries,
            terms: stats.terms,
            tokens: stats.tokens,
            bytes: stats.bytes,
            fingerprint: fingerprint.to_owned(),
        }
    }

    /// Returns whether both hold the same entries, as far as figures tell; builds of other versions differ in the rest.
    pub(crate) fn holds_as_much_as(&self, other: &IndexFigures) -> bool {
        self.entries == other.entries
    }
}

/// Fresh processes, in milliseconds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Cold {
    /// How many searches.
    pub(crate) searches: usize,
    pub(crate) search_p50_ms: f64,
    pub(crate) search_p95_ms: f64,
    /// The same program asked for its version, in turn with the searches: what a process costs that does nothing.
    pub(crate) nothing_p50_ms: f64,
    pub(crate) nothing_p95_ms: f64,
    /// Searches after the system was asked to forget the index's files.
    #[serde(default)]
    pub(crate) from_disk: Option<FromDisk>,
    /// Why there are none.
    #[serde(default)]
    pub(crate) not_from_disk: Option<String>,
}

/// Searches by fresh processes whose index has to be read from the disk.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FromDisk {
    pub(crate) search_p50_ms: f64,
    pub(crate) search_p95_ms: f64,
    /// How many pages a search waited for the disk for, on average.
    pub(crate) mean_major_faults: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_whole_names() {
        let about = "processor\t: 0\nmodel name\t: A: B\nmodel\t\t: 7\nmodel name\t: C\n";
        for (name, expected) in [
            ("model name", Some("A: B")),
            ("model", Some("7")),
            ("name", None),
        ] {
            assert_eq!(value(about, name), expected, "{name}");
        }
    }
}
