//! A build's memory does not grow with its corpus. Linux says how much a process held, mapped files counted; elsewhere nothing
//! is measured.
//!
//! The short form of what `cargo bench --bench indexing -- --long` shows for a million entries.
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::Duration;

use qdex::bench::Generator;

use crate::corpora::{own_corpus, read_well};
use crate::support::Sandbox;

/// The least that a build takes, so that few entries fill it.
const MEMORY: [&str; 2] = ["--memory", "16"];

#[test]
fn a_build_of_four_times_the_entries_holds_about_the_same_memory() {
    let generator = Generator::learn(&read_well(&[own_corpus()])).expect("it has words");
    let held = |entries: usize| {
        let sandbox = Sandbox::new();
        let mut lines = String::new();
        for entry in generator.entries(1).take(entries) {
            let json = serde_json::to_string(&entry).expect("an entry is JSON");
            writeln!(lines, "{json}").expect("text grows");
        }
        sandbox.file("corpus.jsonl", &lines);
        let mut command = sandbox.command(&["index", "corpus.jsonl", "--index", "index"]);
        command
            .args(MEMORY)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut build = command.spawn().expect("the program starts");
        let mut most = 0;
        let status = loop {
            let status = std::fs::read_to_string(format!("/proc/{}/status", build.id()));
            most = most.max(kilobytes(&status.unwrap_or_default()));
            if let Some(status) = build.try_wait().expect("it is ours") {
                break status;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        assert!(status.success());
        let stats = sandbox
            .qdex(&["stats", "--json", "--index", "index"])
            .json();
        assert_eq!(stats["entries"], entries);
        most
    };
    let (few, many) = (held(2_500), held(10_000));
    println!("2,500 entries hold {few} kB, 10,000 hold {many} kB");
    assert!(few > 5_000, "{few} kB is less than any build takes");
    assert!(many * 10 <= few * 14, "{few} kB, then {many} kB");
}

/// Returns the most memory that a process held until now, its own and the pages of mapped files.
fn kilobytes(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or(0)
}
