//! The report of a bench as a page that opens from the disk: no script, nothing from a network, light and dark.

use std::fmt::Write;

use qdex::bench::{ClassMeasured, Part, Throughput, Verdict};

use super::plot::{Axis, Line, Plot};
use super::{over_budget, reason, time};
use crate::commands::bench::report::Report;
use crate::render::terminal::clean;
use crate::render::text;

const STYLE: &str = include_str!("html/style.css");

/// Returns text that means nothing to a browser: markup is escaped, and what steers or hides is made visible.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in clean(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Returns the report as a page.
pub(crate) fn page(report: &Report) -> String {
    let all = &report.measured.all;
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>qdex bench</title><style>{STYLE}</style></head><body>\
         <h1>qdex bench</h1><p>{} entries, {} on disk: half of all searches take no more than {}, 99 of 100 no more than {}. One thread; the whole search, \
         ten hits with passages and code included.</p>",
        report.index.entries,
        text::bytes(report.index.bytes),
        time(all.p50_us),
        time(all.p99_us)
    );
    for section in [
        classes(report),
        comparison(report),
        parts(report),
        distributions(report),
        slow(report),
        growth(report),
        load(report),
        cold(report),
        about(report),
    ] {
        page.push_str(&section);
        page.push('\n');
    }
    page.push_str("</body></html>\n");
    page
}

/// Returns a power of ten of microseconds.
fn whole_time(microseconds: f64) -> String {
    match microseconds {
        us if us < 0.9 => format!("{us:.1} µs"),
        us if us < 9e2 => format!("{us:.0} µs"),
        us if us < 9e5 => format!("{:.0} ms", us / 1e3),
        us => format!("{:.0} s", us / 1e6),
    }
}

/// Returns a table; columns from the second on are figures where the head says so by a leading `#`.
fn table(head: &[&str], rows: impl Iterator<Item = (&'static str, Vec<String>)>) -> String {
    let class = |name: &str| {
        if name.starts_with('#') {
            " class=\"n\""
        } else {
            ""
        }
    };
    let mut table = "<div class=\"scroll\"><table><thead><tr>".to_owned();
    for name in head {
        let _ = write!(
            table,
            "<th{}>{}</th>",
            class(name),
            name.trim_start_matches('#')
        );
    }
    table.push_str("</tr></thead><tbody>");
    for (style, cells) in rows {
        let _ = write!(table, "<tr class=\"{style}\">");
        for (name, cell) in head.iter().zip(cells) {
            let class = if *name == "query" {
                " class=\"query\""
            } else {
                class(name)
            };
            let _ = write!(table, "<td{class}>{cell}</td>");
        }
        table.push_str("</tr>");
    }
    table.push_str("</tbody></table></div>");
    table
}

fn classes(report: &Report) -> String {
    let measured = &report.measured;
    let figures = |latency: &qdex::bench::Latency| {
        [
            latency.p50_us,
            latency.p90_us,
            latency.p95_us,
            latency.p99_us,
            latency.max_us,
            latency.mean_us,
        ]
        .map(time)
    };
    let mut rows: Vec<(&'static str, Vec<String>)> = Vec::new();
    for class in &measured.classes {
        let mut cells = vec![
            class.class.to_string(),
            class.queries.to_string(),
            format!("{:.0}", class.mean_total),
        ];
        cells.extend(figures(&class.latency));
        let over = over_budget(report, class);
        cells.push(match over {
            0 => "–".to_owned(),
            over => format!("<span class=\"bad\">{over} of {}</span>", class.queries),
        });
        rows.push(("", cells));
    }
    let queries: usize = measured.classes.iter().map(|class| class.queries).sum();
    let mut cells = vec!["all".to_owned(), queries.to_string(), String::new()];
    cells.extend(figures(&measured.all));
    cells.push(String::new());
    rows.push(("all", cells));
    let head = [
        "class",
        "#queries",
        "#hits",
        "#p50",
        "#p90",
        "#p95",
        "#p99",
        "#max",
        "#mean",
        "#over budget",
    ];
    format!(
        "<h2>Classes of queries</h2>{}",
        table(&head, rows.into_iter())
    )
}

/// Returns what the parts of a search take, as bars, and what it reads.
fn parts(report: &Report) -> String {
    let mut key = String::new();
    for (place, part) in Part::ALL.iter().enumerate() {
        let _ = write!(
            key,
            "<span><i class=\"p{place}\"></i>{}</span>",
            part.as_str()
        );
    }
    let rows = report.measured.classes.iter().map(|class| {
        let mut bar = "<div class=\"bar\">".to_owned();
        for (place, part) in Part::ALL.into_iter().enumerate() {
            let _ = write!(
                bar,
                "<i class=\"p{place}\" style=\"width:{:.1}%\" title=\"{} {}\"></i>",
                100.0 * class.parts.share(part),
                part.as_str(),
                time(class.parts.of(part))
            );
        }
        bar.push_str("</div>");
        let work = &class.work;
        let mut cells = vec![class.class.to_string(), bar];
        let figures = [
            work.blocks_decoded,
            work.postings_scored,
            work.entries_matched,
            work.entries_passed,
            work.candidates_reranked,
            work.positions_read,
            work.entries_read,
        ];
        cells.extend(figures.map(|figure| format!("{figure:.0}")));
        ("", cells)
    });
    let head = [
        "class",
        "time by part",
        "#blocks",
        "#postings",
        "#matched",
        "#passed",
        "#reranked",
        "#places",
        "#entries read",
    ];
    format!(
        "<h2>Where the time goes</h2><p class=\"key\">{key}</p>{}<p>Figures are means of a search: blocks of postings decoded, postings scored, entries that have a word of the query, \
         those that pass the filters, candidates scored again, places of words compared, stored entries read.</p>",
        table(&head, rows)
    )
}

/// The place of a percentile: each nine more is a step as long as the one before.
fn nines(percentile: f64, searches: f64) -> f64 {
    let left = (1.0 - percentile / 100.0).max(1.0 / searches.max(1.0));
    -left.log10()
}

fn distributions(report: &Report) -> String {
    let classes: Vec<&ClassMeasured> = report
        .measured
        .classes
        .iter()
        .filter(|class| !class.distribution_us.is_empty())
        .collect();
    if classes.is_empty() {
        return String::new();
    }
    let values = classes
        .iter()
        .flat_map(|class| class.distribution_us.iter().map(|(_, us)| *us));
    let y = Axis::of_logarithms(values, "", whole_time);
    let mut plots = String::new();
    for class in classes {
        let searches = (class.queries * report.measured.rounds) as f64;
        let last = nines(100.0, searches).max(1.0);
        let ticks = [0.0, 50.0, 90.0, 99.0, 99.9, 99.99]
            .into_iter()
            .map(|percentile| (nines(percentile, 1e9), format!("{percentile}")));
        let name = class.class.to_string();
        let budget = report
            .settings
            .budgets_us
            .get(&name)
            .copied()
            .unwrap_or_default();
        let mut lines = vec![Line {
            style: "main",
            name: String::new(),
            points: class
                .distribution_us
                .iter()
                .map(|(percentile, us)| (nines(*percentile, searches), us.max(1e-3).log10()))
                .collect(),
            has_dots: true,
        }];
        if budget > 0.0 && budget.log10() < y.greatest && budget.log10() > y.least {
            lines.push(Line {
                style: "limit",
                name: "budget".to_owned(),
                points: vec![(0.0, budget.log10()), (last, budget.log10())],
                has_dots: false,
            });
        }
        let plot = Plot {
            title: &name,
            x: Axis {
                least: 0.0,
                greatest: last,
                ticks: ticks.filter(|(place, _)| *place <= last + 1e-6).collect(),
                label: "percentile",
            },
            y: y.clone(),
            lines,
        };
        plots.push_str(&plot.figure());
    }
    format!(
        "<h2>Latency by percentile</h2><p>Each step to the right leaves a tenth of the searches; all plots have the same scale.</p><div class=\"plots\">{plots}</div>"
    )
}

fn slow(report: &Report) -> String {
    let rows = report.measured.slowest.iter().map(|slow| {
        let budget = report.settings.budgets_us.get(slow.class.as_str());
        let is_over = budget.is_some_and(|budget| slow.median_us > *budget);
        let shown: String = slow.query.chars().take(240).collect();
        let cut = if shown.len() < slow.query.len() {
            "…"
        } else {
            ""
        };
        let took = time(slow.median_us);
        let cells = vec![
            slow.class.to_string(),
            if is_over {
                format!("<span class=\"bad\">{took}</span>")
            } else {
                took
            },
            time(slow.first_us),
            slow.total.to_string(),
            format!("{}{cut}", escape(&shown)),
            escape(&reason(slow)),
        ];
        ("", cells)
    });
    format!(
        "<h2>Slowest queries of each class</h2><p>Medians of their rounds; red is over the budget. The first time is before the rounds.</p>{}",
        table(
            &["class", "#median", "#first time", "#hits", "query", "why"],
            rows
        )
    )
}

fn growth(report: &Report) -> String {
    if report.scale.len() < 2 {
        return String::new();
    }
    let entries = |number: f64| match number {
        number if number >= 1e6 => format!("{}m", number / 1e6),
        number if number >= 1e3 => format!("{}k", number / 1e3),
        number => format!("{number}"),
    };
    let x = Axis::of_logarithms(
        report.scale.iter().map(|point| point.entries as f64),
        "entries",
        entries,
    );
    let latencies = report
        .scale
        .iter()
        .flat_map(|point| point.measured.classes.iter());
    let y = Axis::of_logarithms(
        latencies.flat_map(|class| [class.latency.p50_us, class.latency.p99_us]),
        "",
        time,
    );
    let mut plots = String::new();
    let of_classes = report.growth.iter().filter(|grown| !grown.with_rare_word);
    for grown in of_classes {
        let line = |style: &'static str, name: &str, figure: fn(&ClassMeasured) -> f64| Line {
            style,
            name: name.to_owned(),
            points: report
                .scale
                .iter()
                .filter_map(|point| {
                    let mut classes = point.measured.classes.iter();
                    let class = classes.find(|class| class.class == grown.class)?;
                    Some((
                        (point.entries as f64).log10(),
                        figure(class).max(1e-3).log10(),
                    ))
                })
                .collect(),
            has_dots: true,
        };
        let plot = Plot {
            title: &format!(
                "{}: ×{:.1} for ten times the entries",
                grown.class, grown.p50
            ),
            x: x.clone(),
            y: y.clone(),
            lines: vec![
                line("tail", "p99", |class| class.latency.p99_us),
                line("main", "p50", |class| class.latency.p50_us),
            ],
        };
        plots.push_str(&plot.figure());
    }
    format!(
        "<h2>Latency by size of the corpus</h2><p>The same queries of corpora made of what this index's entries have in common. The figure above each is the growth of the median.</p><div class=\"plots\">{plots}</div>"
    )
}

fn load(report: &Report) -> String {
    let mut section = String::new();
    let measured = &report.throughput;
    if let Some(single) = measured.first() {
        let per_thread = single.queries_per_second / single.threads as f64;
        let most = measured.iter().map(|load| load.threads).max().unwrap_or(1) as f64;
        let fastest = measured
            .iter()
            .map(|load| load.queries_per_second)
            .fold(per_thread * most, f64::max);
        let point = |load: &Throughput| (load.threads as f64, load.queries_per_second);
        let mut points: Vec<(f64, f64)> = measured.iter().map(point).collect();
        points.sort_by(|left, right| left.0.total_cmp(&right.0));
        let step = 10_f64.powf(fastest.log10().floor());
        let ticks = (0..=10)
            .map(|tick| f64::from(tick) * step)
            .filter(|tick| *tick <= fastest);
        let plot = Plot {
            title: "Searches a second",
            x: Axis {
                least: 0.0,
                greatest: most,
                ticks: points
                    .iter()
                    .map(|(threads, _)| (*threads, format!("{threads}")))
                    .collect(),
                label: "threads",
            },
            y: Axis {
                least: 0.0,
                greatest: fastest * 1.05,
                ticks: ticks.map(|tick| (tick, format!("{tick:.0}"))).collect(),
                label: "",
            },
            lines: vec![
                Line {
                    style: "limit",
                    name: "all of every thread".to_owned(),
                    points: vec![(0.0, 0.0), (most, per_thread * most)],
                    has_dots: false,
                },
                Line {
                    style: "main",
                    name: String::new(),
                    points,
                    has_dots: true,
                },
            ],
        };
        let _ = write!(section, "<div class=\"plots\">{}</div>", plot.figure());
    }
    let loads = measured
        .iter()
        .map(|load| (load, "as fast as they can".to_owned()));
    let at_rate = report
        .at_rate
        .iter()
        .zip(report.rate)
        .map(|(load, rate)| (load, format!("{rate} due a second")));
    let rows: Vec<(&'static str, Vec<String>)> = loads
        .chain(at_rate)
        .map(|(load, how)| {
            let undone = load.due.map_or(0, |due| due.saturating_sub(load.done));
            let undone = if undone > 0 {
                format!("; <span class=\"bad\">{undone} were not done</span>")
            } else {
                String::new()
            };
            let cells = vec![
                load.threads.to_string(),
                format!("{}{undone}", escape(&how)),
                format!("{:.0}", load.queries_per_second),
                time(load.latency.p50_us),
                time(load.latency.p99_us),
                time(load.latency.max_us),
            ];
            ("", cells)
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    section.push_str(&table(
        &[
            "#threads",
            "how",
            "#searches a second",
            "#p50",
            "#p99",
            "#max",
        ],
        rows.into_iter(),
    ));
    format!("<h2>Load</h2><p>At a steady rate a search counts from when it was due.</p>{section}")
}

fn cold(report: &Report) -> String {
    let Some(cold) = &report.cold else {
        return String::new();
    };
    let row = |name: &str, p50_ms: f64, p95_ms: f64| {
        (
            "",
            vec![name.to_owned(), time(p50_ms * 1e3), time(p95_ms * 1e3)],
        )
    };
    let mut rows = vec![
        row(
            "search, index in memory",
            cold.search_p50_ms,
            cold.search_p95_ms,
        ),
        row(
            "a process that does nothing",
            cold.nothing_p50_ms,
            cold.nothing_p95_ms,
        ),
    ];
    let mut note = String::new();
    if let Some(disk) = &cold.from_disk {
        rows.insert(
            1,
            row(
                "search, index read from the disk",
                disk.search_p50_ms,
                disk.search_p95_ms,
            ),
        );
        note = format!(
            "From the disk a search waits for {:.0} pages on average.",
            disk.mean_major_faults
        );
    } else if let Some(reason) = &cold.not_from_disk {
        note = format!("Not measured from the disk: {}.", escape(reason));
    }
    let table = table(&["fresh process", "#p50", "#p95"], rows.into_iter());
    format!(
        "<h2>Fresh processes</h2><p>{} searches. {note}</p>{table}",
        cold.searches
    )
}

fn comparison(report: &Report) -> String {
    let Some(comparison) = &report.comparison else {
        return String::new();
    };
    let rows = comparison.iter().map(|class| {
        let (low, high) = class.interval;
        let verdict = match class.verdict {
            Verdict::Faster => "<span class=\"good\">faster</span>",
            Verdict::Same => "",
            Verdict::Slower => "<span class=\"bad\">slower</span>",
        };
        let cells = vec![
            class.class.to_string(),
            format!("{:.2}", class.ratio),
            format!("{low:.2} to {high:.2}"),
            verdict.to_owned(),
        ];
        ("", cells)
    });
    format!(
        "<h2>Compared with before</h2><p>New time : old time.</p>{}",
        table(&["class", "#ratio", "#95% interval", "verdict"], rows)
    )
}

fn about(report: &Report) -> String {
    let mut list = String::new();
    for (name, value) in super::facts(report) {
        let _ = write!(list, "<dt>{name}</dt><dd>{}</dd>", escape(&value));
    }
    format!("<h2>Where, and how</h2><dl>{list}</dl>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_markup_or_controls() {
        for (text, expected) in [
            ("a<b", "a&lt;b"),
            (
                "</td><script>alert('x')</script>",
                "&lt;/td&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;",
            ),
            ("\" onload=\"x", "&quot; onload=&quot;x"),
            ("&lt;", "&amp;lt;"),
            ("a\u{202e}b\u{0}", "a\u{fffd}b\u{2400}"),
        ] {
            assert_eq!(escape(text), expected);
        }
    }

    #[test]
    fn each_nine_is_a_step() {
        for (percentile, place) in [
            (0.0, 0.0),
            (90.0, 1.0),
            (99.0, 2.0),
            (99.9, 3.0),
            (100.0, 3.0),
        ] {
            assert!(
                (nines(percentile, 1_000.0) - place).abs() < 1e-9,
                "{percentile}"
            );
        }
    }
}
