//! Asking every engine every question in turn, and what came of it.

use std::collections::BTreeMap;
use std::time::Duration;

use qdex::bench::{Class, paired_quantiles, per_tenfold};

use crate::corpus::Question;
use crate::engines::Engine;

/// What an engine did with a question.
#[derive(Default, Clone)]
pub(crate) struct Asked {
    /// How long it took, in microseconds; empty when it was not asked or does not do such questions.
    took_us: Vec<f64>,
    /// Whether the question's own entry was among the ten.
    found: bool,
}

/// The answers of each engine, by question.
pub(crate) type Measured = Vec<Vec<Asked>>;

/// The p50 and p99 of each class and engine, in microseconds.
pub(crate) type Quantiles = BTreeMap<(Class, String), [f64; 2]>;

pub(crate) fn measure(
    engines: &mut [Box<dyn Engine>],
    questions: &[Question],
    rounds: usize,
    patience: Duration,
) -> Measured {
    let mut measured = vec![vec![Asked::default(); questions.len()]; engines.len()];
    for class in Class::ALL {
        let members = members(questions, class);
        let mut spent = vec![Duration::ZERO; engines.len()];
        for round in 0..=rounds {
            for place in &members {
                for turn in 0..engines.len() {
                    let engine = (turn + round) % engines.len();
                    if spent[engine] > patience {
                        continue;
                    }
                    let question = &questions[*place];
                    let Some((titles, took)) = engines[engine].timed(question) else {
                        continue;
                    };
                    spent[engine] += took;
                    let asked = &mut measured[engine][*place];
                    if round == 0 {
                        let is_it = |title: &String| {
                            Some(title.trim()) == question.expected.as_deref().map(str::trim)
                        };
                        asked.found = titles.iter().any(is_it);
                    } else if round == 1 {
                        // The first time counts only when there is no other: when one round is more than the patience.
                        asked.took_us.clear();
                    }
                    asked.took_us.push(took.as_secs_f64() * 1e6);
                }
            }
        }
    }
    measured
}

/// Returns the places of a class's questions.
fn members(questions: &[Question], class: Class) -> Vec<usize> {
    (0..questions.len())
        .filter(|place| questions[*place].query.class == class)
        .collect()
}

pub(crate) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Prints a table: times, and ratios to the first engine. Returns the times.
pub(crate) fn print(
    engines: &[Box<dyn Engine>],
    questions: &[Question],
    measured: &Measured,
) -> Quantiles {
    println!("\n| class | engine | p50 | p99 | p50 : qdex | p99 : qdex | found | asked |");
    println!("|---|---|---:|---:|---|---|---:|---:|");
    let mut quantiles = Quantiles::new();
    for class in Class::ALL {
        let members = members(questions, class);
        if members.is_empty() {
            continue;
        }
        for (engine, is) in engines.iter().enumerate() {
            let asked: Vec<usize> = members
                .iter()
                .copied()
                .filter(|place| !measured[engine][*place].took_us.is_empty())
                .collect();
            let medians = |engine: usize| -> Vec<f64> {
                asked
                    .iter()
                    .map(|place| median(&measured[engine][*place].took_us))
                    .collect()
            };
            let (ours, theirs) = (medians(0), medians(engine));
            let compared = [0.5, 0.99].map(|share| paired_quantiles(&ours, &theirs, share));
            let [Some(p50), Some(p99)] = compared else {
                let name = is.name();
                println!("| {class} | {name} | | | does no such questions | | | 0 |");
                continue;
            };
            let expecting: Vec<&usize> = asked
                .iter()
                .filter(|place| questions[**place].expected.is_some())
                .collect();
            let found = expecting
                .iter()
                .filter(|place| measured[engine][***place].found)
                .count();
            let found = match expecting.len() {
                all if all == 0 || !is.ranks() => String::new(),
                all => format!("{:.0}%", 100.0 * found as f64 / all as f64),
            };
            let ratio = |(ratio, (low, high)): (f64, (f64, f64))| {
                format!("{ratio:.2} [{low:.2}, {high:.2}]")
            };
            println!(
                "| {class} | {} | {} | {} | {} | {} | {found} | {} |",
                is.name(),
                time(p50.new),
                time(p99.new),
                ratio((p50.ratio, p50.interval)),
                ratio((p99.ratio, p99.interval)),
                asked.len(),
            );
            quantiles.insert((class, is.name().to_owned()), [p50.new, p99.new]);
        }
    }
    quantiles
}

/// Prints by what the times of the same questions are multiplied where the corpus is ten times as large.
pub(crate) fn print_growth(sizes: &[(usize, Quantiles)]) {
    let (Some((small, before)), Some((large, after))) = (sizes.first(), sizes.last()) else {
        return;
    };
    if small >= large {
        return;
    }
    println!("\n## For ten times the entries, from {small} to {large}\n");
    println!("| class | engine | p50 | p99 |\n|---|---|---:|---:|");
    for ((class, engine), large_us) in after {
        if let Some(small_us) = before.get(&(*class, engine.clone())) {
            let [p50, p99] = [0, 1].map(|at| {
                per_tenfold((*small as u64, small_us[at]), (*large as u64, large_us[at]))
            });
            println!("| {class} | {engine} | ×{p50:.1} | ×{p99:.1} |");
        }
    }
}

pub(crate) fn time(microseconds: f64) -> String {
    match microseconds {
        us if us < 1e3 => format!("{us:.0} µs"),
        us if us < 1e6 => format!("{:.2} ms", us / 1e3),
        us => format!("{:.2} s", us / 1e6),
    }
}
