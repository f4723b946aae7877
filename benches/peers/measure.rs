//! Asking every engine every question in turn, and what came of it.

use std::time::{Duration, Instant};

use qdex::bench::{Class, paired_ratio};

use crate::corpus::Question;
use crate::engines::Engine;

/// What an engine did with a question.
#[derive(Default, Clone)]
pub(crate) struct Asked {
    /// How long it took, in microseconds; empty when it was not asked or does not do such questions.
    pub(crate) took_us: Vec<f64>,
    /// Whether the question's own entry was among the ten.
    found: bool,
}

/// The answers of each engine, by question.
pub(crate) type Measured = Vec<Vec<Asked>>;

pub(crate) fn measure(
    engines: &[Box<dyn Engine>],
    questions: &[Question],
    rounds: usize,
    patience: Duration,
) -> Measured {
    let mut measured = vec![vec![Asked::default(); questions.len()]; engines.len()];
    for class in Class::ALL {
        let members: Vec<usize> = (0..questions.len())
            .filter(|place| questions[*place].query.class == class)
            .collect();
        let mut spent = vec![Duration::ZERO; engines.len()];
        for round in 0..=rounds {
            for place in &members {
                for turn in 0..engines.len() {
                    let engine = (turn + round) % engines.len();
                    if spent[engine] > patience {
                        continue;
                    }
                    let question = &questions[*place];
                    let started = Instant::now();
                    let titles = engines[engine].answer(question);
                    let took = started.elapsed();
                    spent[engine] += took;
                    let Some(titles) = titles else { continue };
                    let asked = &mut measured[engine][*place];
                    if round == 0 {
                        let is_it = |title: &String| {
                            Some(title.trim()) == question.expected.as_deref().map(str::trim)
                        };
                        asked.found = titles.iter().any(is_it);
                        // The first time counts only when there is no other: when one round is more than the patience.
                        asked.took_us.push(took.as_secs_f64() * 1e6);
                    } else {
                        if round == 1 {
                            asked.took_us.clear();
                        }
                        asked.took_us.push(took.as_secs_f64() * 1e6);
                    }
                }
            }
        }
    }
    measured
}

pub(crate) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(share * (values.len() - 1) as f64).round() as usize]
}

/// Prints a table a class: times, and ratios to the first engine.
pub(crate) fn print(engines: &[Box<dyn Engine>], questions: &[Question], measured: &Measured) {
    println!(
        "\n| class | engine | p50 | p99 | : qdex | 95% interval | p99 : qdex | found | asked |"
    );
    println!("|---|---|---:|---:|---:|---|---:|---:|---:|");
    for class in Class::ALL {
        let members: Vec<usize> = (0..questions.len())
            .filter(|place| questions[*place].query.class == class)
            .collect();
        if members.is_empty() {
            continue;
        }
        for (engine, is) in engines.iter().enumerate() {
            let asked: Vec<usize> = members
                .iter()
                .copied()
                .filter(|place| !measured[engine][*place].took_us.is_empty())
                .collect();
            if asked.is_empty() {
                println!(
                    "| {class} | {} | | | | does no such questions | | | 0 |",
                    is.name()
                );
                continue;
            }
            let medians = |engine: usize| -> Vec<f64> {
                asked
                    .iter()
                    .map(|place| median(&measured[engine][*place].took_us))
                    .collect()
            };
            let (mut ours, mut theirs) = (medians(0), medians(engine));
            let (ratio, (low, high)) = paired_ratio(&ours, &theirs).expect("there are some");
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
            println!(
                "| {class} | {} | {} | {} | {ratio:.2} | [{low:.2}, {high:.2}] | {:.2} | {found} | {} |",
                is.name(),
                time(quantile(&mut theirs, 0.5)),
                time(quantile(&mut theirs, 0.99)),
                quantile(&mut theirs, 0.99) / quantile(&mut ours, 0.99),
                asked.len(),
            );
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
