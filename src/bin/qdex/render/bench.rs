//! The report of a bench, for people and for spreadsheets.

use anstyle::Style;
use qdex::bench::{Latency, Verdict};

use super::terminal::{BOLD, DIM, Page, Span, clean};
use super::{Medium, text};
use crate::commands::bench::Report;

const PLAIN: Style = Style::new();
/// Columns of the names of classes.
const NAME_WIDTH: usize = 18;
/// Columns of a figure.
const FIGURE_WIDTH: usize = 9;

/// Returns the report as tables.
pub(crate) fn text(report: &Report, medium: Medium) -> String {
    let mut page = Page::new(medium);
    let line = |page: &mut Page, text: &str, style: Style| page.line(&[Span { text, style }]);
    let measured = &report.measured;
    let head: Vec<String> = ["p50", "p95", "p99", "max", "hits"]
        .iter()
        .map(|name| format!("{name:>FIGURE_WIDTH$}"))
        .collect();
    let head = format!("{:<NAME_WIDTH$}{:>8}{}", "class", "queries", head.concat());
    line(&mut page, &head, BOLD);
    let row = |name: &str, queries: usize, latency: &Latency, hits: f64| {
        let figures = [
            latency.p50_us,
            latency.p95_us,
            latency.p99_us,
            latency.max_us,
        ];
        let figures = figures.map(|figure| format!("{:>FIGURE_WIDTH$}", time(figure)));
        format!(
            "{name:<NAME_WIDTH$}{queries:>8}{}{hits:>FIGURE_WIDTH$.0}",
            figures.concat()
        )
    };
    let mut queries = 0;
    let mut hits = 0.0;
    for class in &measured.classes {
        queries += class.queries;
        hits += class.mean_total * class.queries as f64;
        let written = row(
            class.class.as_str(),
            class.queries,
            &class.latency,
            class.mean_total,
        );
        line(&mut page, &written, PLAIN);
    }
    let mean = hits / queries.max(1) as f64;
    line(&mut page, &row("all", queries, &measured.all, mean), BOLD);
    page.blank_line();
    if !measured.slowest.is_empty() {
        line(&mut page, "slowest queries, by their medians", BOLD);
        for slow in &measured.slowest {
            let shown: String = slow.query.chars().take(60).collect();
            let query = clean(&shown).into_owned();
            let why = match &slow.most_frequent {
                Some((word, entries)) => format!("  `{}` is in {entries} entries", clean(word)),
                None => String::new(),
            };
            let took = format!("{:>FIGURE_WIDTH$}  ", time(slow.median_us));
            let spans = [
                (took.as_str(), PLAIN),
                (query.as_str(), PLAIN),
                (why.as_str(), DIM),
            ];
            page.wrapped(
                &spans.map(|(text, style)| Span { text, style }),
                "",
                "           ",
            );
        }
        page.blank_line();
    }
    let loads = report.throughput.iter().map(|load| (load, String::new()));
    let at_rate = report.at_rate.iter().zip(report.rate);
    let at_rate = at_rate.map(|(load, rate)| (load, format!(" of {rate:.0} due")));
    for (load, due) in loads.chain(at_rate) {
        let threads = if load.threads == 1 {
            "thread"
        } else {
            "threads"
        };
        let written = format!(
            "{} {threads}: {:.0} queries/s{due}, p50 {}, p99 {}",
            load.threads,
            load.queries_per_second,
            time(load.latency.p50_us),
            time(load.latency.p99_us)
        );
        line(&mut page, &written, PLAIN);
    }
    if let Some(cold) = &report.cold {
        let written = format!(
            "fresh process: p50 {}, p95 {}; one that does nothing: p50 {}, p95 {}",
            time(cold.search_p50_ms * 1e3),
            time(cold.search_p95_ms * 1e3),
            time(cold.nothing_p50_ms * 1e3),
            time(cold.nothing_p95_ms * 1e3)
        );
        page.wrapped(
            &[Span {
                text: &written,
                style: PLAIN,
            }],
            "",
            "",
        );
    }
    if let Some(comparison) = &report.comparison {
        let head = format!(
            "{:<NAME_WIDTH$}{:>FIGURE_WIDTH$}  95% interval",
            "class", "new : old"
        );
        line(&mut page, &head, BOLD);
        for class in comparison {
            let (lower, upper) = class.interval;
            let verdict = match class.verdict {
                Verdict::Faster => "  faster",
                Verdict::Same => "",
                Verdict::Slower => "  slower",
            };
            let written = format!(
                "{:<NAME_WIDTH$}{:>FIGURE_WIDTH$.2}  [{lower:.2}, {upper:.2}]{verdict}",
                class.class, class.ratio
            );
            line(&mut page, &written, PLAIN);
        }
    }
    page.blank_line();
    let machine = &report.machine;
    let about = format!(
        "{} entries, {} terms, {} on disk; {} rounds on one thread; qdex {}, {} {}, {} processors{}",
        report.index.entries,
        report.index.terms,
        text::bytes(report.index.bytes),
        measured.rounds,
        report.version,
        machine.os,
        machine.arch,
        machine.processors,
        machine
            .processor
            .as_ref()
            .map(|model| format!(", {model}"))
            .unwrap_or_default()
    );
    page.wrapped(
        &[Span {
            text: &about,
            style: DIM,
        }],
        "",
        "",
    );
    page.into_text()
}

/// Returns a class a line, in microseconds.
pub(crate) fn csv(report: &Report) -> String {
    let mut written = "class,queries,hits,p50_us,p90_us,p95_us,p99_us,max_us,mean_us\n".to_owned();
    for class in &report.measured.classes {
        let Latency {
            p50_us,
            p90_us,
            p95_us,
            p99_us,
            max_us,
            mean_us,
        } = class.latency;
        written.push_str(&format!(
            "{},{},{:.1},{p50_us:.1},{p90_us:.1},{p95_us:.1},{p99_us:.1},{max_us:.1},{mean_us:.1}\n",
            class.class, class.queries, class.mean_total
        ));
    }
    written
}

/// Returns a time of some microseconds in the unit that suits it.
fn time(microseconds: f64) -> String {
    match microseconds {
        us if us < 1e3 => format!("{us:.0} µs"),
        us if us < 1e6 => format!("{:.2} ms", us / 1e3),
        us => format!("{:.2} s", us / 1e6),
    }
}
