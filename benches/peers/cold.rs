//! Fresh processes over the same text: `qdex search`, a program that does nothing, and `rg`, in turn; the page cache is warm.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use qdex::bench::{Class, paired_ratio};

use crate::corpus::Question;
use crate::measure::time;
use crate::scan;

pub(crate) fn compare(index: &Path, text: &Path, questions: &[Question], runs: usize) {
    let asked = [
        Class::RareWord,
        Class::CommonWord,
        Class::Words,
        Class::Question,
    ];
    let questions: Vec<&Question> = questions
        .iter()
        .filter(|question| asked.contains(&question.query.class))
        .collect();
    let has_rg = Command::new("rg")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let mut took: [Vec<f64>; 3] = Default::default();
    for run in 0..=runs {
        let question = questions[run * 7 % questions.len()];
        let qdex = process(
            Command::new(env!("CARGO_BIN_EXE_qdex"))
                .args(["search", "--color", "never", "--index"])
                .arg(index)
                .arg("--")
                .arg(&question.query.text),
        );
        let nothing = process(Command::new(env!("CARGO_BIN_EXE_qdex")).arg("--version"));
        let rg = has_rg.then(|| {
            process(
                Command::new("rg")
                    .args(["-i", "-N", "-c", "--"])
                    .arg(scan::pattern(question))
                    .arg(text),
            )
        });
        // The first of each is to load the program.
        if run > 0 {
            took[0].push(qdex);
            took[1].push(nothing);
            took[2].extend(rg);
        }
    }
    println!("\n| fresh process | p50 | qdex : this, each with its pair |\n|---|---:|---|");
    for (name, times) in ["qdex search", "qdex --version", "rg -c"].iter().zip(&took) {
        if let Some((ratio, (low, high))) = paired_ratio(times, &took[0]) {
            let mut sorted = times.clone();
            sorted.sort_by(f64::total_cmp);
            println!(
                "| {name} | {} | {ratio:.3} [{low:.3}, {high:.3}] |",
                time(sorted[sorted.len() / 2])
            );
        }
    }
    if !has_rg {
        println!("\n`rg` is not installed.");
    }
}

fn process(command: &mut Command) -> f64 {
    let started = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let took = started.elapsed().as_secs_f64() * 1e6;
    // A word may be in no line, which both say with 1.
    let code = status.expect("the program can be started").code();
    assert!(
        matches!(code, Some(0 | 1)),
        "{command:?} ended with {code:?}"
    );
    took
}
