//! Fresh processes over the same text, in turn: `qdex search`, an empty program (`true`), qdex that only prints its version, and
//! `rg`; the page cache is warm.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use qdex::bench::{Class, paired_quantiles};

use crate::corpus::Question;
use crate::measure::{median, time};
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
    let mut took: [Vec<f64>; 4] = Default::default();
    for run in 0..=runs {
        let question = questions[run * 7 % questions.len()];
        let times = [
            process(
                Command::new(env!("CARGO_BIN_EXE_qdex"))
                    .args(["search", "--color", "never", "--index"])
                    .arg(index)
                    .arg("--")
                    .arg(&question.query.text),
            ),
            process(&mut Command::new("true")),
            process(Command::new(env!("CARGO_BIN_EXE_qdex")).arg("--version")),
            process(
                Command::new("rg")
                    .args(["-i", "-N", "-c", "--"])
                    .arg(scan::pattern(question))
                    .arg(text),
            ),
        ];
        // The first of each is to load the program.
        if run > 0 {
            for (took, time) in took.iter_mut().zip(times) {
                took.extend(time);
            }
        }
    }
    println!(
        "\n| fresh process | p50 | p50 of qdex : this | more in qdex, p50 of pairs |\n|---|---:|---|---:|"
    );
    let names = ["qdex search", "true", "qdex --version", "rg -i -c"];
    for (name, times) in names.iter().zip(&took) {
        let Some(compared) = paired_quantiles(times, &took[0], 0.5) else {
            println!("| {name} | is not installed | | |");
            continue;
        };
        let more: Vec<f64> = took[0]
            .iter()
            .zip(times)
            .map(|(qdex, this)| qdex - this)
            .collect();
        let (low, high) = compared.interval;
        println!(
            "| {name} | {} | {:.3} [{low:.3}, {high:.3}] | {:.2} ms |",
            time(compared.old),
            compared.ratio,
            median(&more) / 1e3
        );
    }
}

/// Returns how many microseconds a process takes from its start to its end; `None` where there is no such program.
fn process(command: &mut Command) -> Option<f64> {
    let started = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let took = started.elapsed().as_secs_f64() * 1e6;
    let code = match status {
        Ok(status) => status.code(),
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => panic!("{command:?} cannot be started: {error}"),
    };
    // A word may be in no line, which both say with 1.
    assert!(
        matches!(code, Some(0 | 1)),
        "{command:?} ended with {code:?}"
    );
    Some(took)
}
