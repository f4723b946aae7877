//! The report of a bench: text for people, a page with plots, rows for spreadsheets.

mod html;
mod plot;

pub(crate) use html::page;

use anstyle::Style;
use qdex::bench::{Class, ClassMeasured, Growth, Latency, Part, SlowQuery, Verdict};

use crate::commands::bench::report::Report;
use crate::render::terminal::{BOLD, DIM, Page, Span, clean};
use crate::render::{Medium, text};

const PLAIN: Style = Style::new();
/// Columns of the names of classes.
const NAME_WIDTH: usize = 18;
/// Columns of a figure.
const FIGURE_WIDTH: usize = 9;
/// How many slow queries are named beside those that are over their budgets.
const SLOWEST: usize = 5;
/// How many queries over their budgets are named.
const OVER_BUDGET: usize = 12;

/// Returns the report as tables.
pub(crate) fn text(report: &Report, medium: Medium) -> String {
    let mut page = Page::new(medium);
    let line = |page: &mut Page, text: &str, style: Style| page.line(&[Span { text, style }]);
    let measured = &report.measured;
    let head: Vec<String> = ["p50", "p95", "p99", "max", "hits", "slow"]
        .iter()
        .map(|name| format!("{name:>FIGURE_WIDTH$}"))
        .collect();
    let head = format!("{:<NAME_WIDTH$}{:>8}{}", "class", "queries", head.concat());
    line(&mut page, &head, BOLD);
    let row = |name: &str, queries: usize, latency: &Latency, hits: f64, over: usize| {
        let figures = [
            latency.p50_us,
            latency.p95_us,
            latency.p99_us,
            latency.max_us,
        ];
        let figures = figures.map(|figure| format!("{:>FIGURE_WIDTH$}", time(figure)));
        let over = if over == 0 {
            "-".to_owned()
        } else {
            over.to_string()
        };
        format!(
            "{name:<NAME_WIDTH$}{queries:>8}{}{hits:>FIGURE_WIDTH$.0}{over:>FIGURE_WIDTH$}",
            figures.concat()
        )
    };
    let mut queries = 0;
    let mut hits = 0.0;
    let mut all_over = 0;
    for class in &measured.classes {
        queries += class.queries;
        hits += class.mean_total * class.queries as f64;
        let over = over_budget(report, class);
        all_over += over;
        let written = row(
            class.class.as_str(),
            class.queries,
            &class.latency,
            class.mean_total,
            over,
        );
        line(&mut page, &written, PLAIN);
    }
    let mean = hits / queries.max(1) as f64;
    line(
        &mut page,
        &row("all", queries, &measured.all, mean, all_over),
        BOLD,
    );
    page.blank_line();
    parts(&mut page, report);
    let is_over = |slow: &&SlowQuery| {
        let budget = report.settings.budgets_us.get(slow.class.as_str());
        budget.is_some_and(|budget| slow.median_us > *budget)
    };
    let over: Vec<&SlowQuery> = measured.slowest.iter().filter(is_over).collect();
    if !over.is_empty() {
        line(&mut page, "over the budgets of their classes", BOLD);
        slow_queries(&mut page, over.iter().take(OVER_BUDGET).copied());
        let hidden = all_over.saturating_sub(over.len().min(OVER_BUDGET));
        if hidden > 0 {
            line(
                &mut page,
                &format!("{:>FIGURE_WIDTH$}  more, in --json", format!("{hidden}")),
                DIM,
            );
        }
        page.blank_line();
    }
    let mut within = measured
        .slowest
        .iter()
        .filter(|slow| !is_over(slow))
        .take(SLOWEST)
        .peekable();
    if within.peek().is_some() {
        line(
            &mut page,
            "slowest queries within their budgets, by their medians",
            BOLD,
        );
        slow_queries(&mut page, within);
        page.blank_line();
    }
    growth(&mut page, report);
    let loads = report.throughput.iter().map(|load| (load, String::new()));
    let at_rate = report.at_rate.iter().zip(report.rate);
    let at_rate = at_rate.map(|(load, rate)| (load, format!(" of {rate:.0} due")));
    for (load, due) in loads.chain(at_rate) {
        let threads = if load.threads == 1 {
            "thread"
        } else {
            "threads"
        };
        let undone = load.due.map_or(0, |due| due.saturating_sub(load.done));
        let undone = if undone > 0 {
            format!("; {undone} were not done")
        } else {
            String::new()
        };
        let written = format!(
            "{} {threads}: {:.0} queries/s{due}, p50 {}, p99 {}{undone}",
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
    if let Some(disk) = report
        .cold
        .as_ref()
        .and_then(|cold| cold.from_disk.as_ref())
    {
        let written = format!(
            "index read from the disk: p50 {}, p95 {}, {:.0} pages waited for",
            time(disk.search_p50_ms * 1e3),
            time(disk.search_p95_ms * 1e3),
            disk.mean_major_faults
        );
        line(&mut page, &written, PLAIN);
    }
    if let Some(reason) = report
        .cold
        .as_ref()
        .and_then(|cold| cold.not_from_disk.as_ref())
    {
        let written = format!("index read from the disk: not measured, {reason}");
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
    let about: Vec<String> = facts(report).into_iter().map(|(_, fact)| fact).collect();
    page.wrapped(
        &[Span {
            text: &about.join("; "),
            style: DIM,
        }],
        "",
        "",
    );
    page.into_text()
}

/// Writes queries with what they took and why.
fn slow_queries<'a>(page: &mut Page, slow: impl Iterator<Item = &'a SlowQuery>) {
    for slow in slow {
        let shown: String = slow.query.chars().take(60).collect();
        let query = clean(&shown).into_owned();
        let why = clean(&reason(slow)).into_owned();
        let took = format!("{:>FIGURE_WIDTH$}  ", time(slow.median_us));
        let class = format!("  {}", slow.class);
        let why = if why.is_empty() {
            class
        } else {
            format!("{class}: {why}")
        };
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
}

/// Writes what each class takes at each size of the corpus.
fn growth(page: &mut Page, report: &Report) {
    if report.scale.is_empty() {
        return;
    }
    let sizes = report
        .scale
        .iter()
        .map(|point| format!("{:>FIGURE_WIDTH$}", point.entries));
    let head = format!(
        "{:<NAME_WIDTH$}{}  for 10 times the entries",
        "p50 at",
        sizes.collect::<String>()
    );
    page.line(&[Span {
        text: &head,
        style: BOLD,
    }]);
    for class in report
        .scale
        .iter()
        .flat_map(|point| &point.measured.classes)
        .take(report.scale[0].measured.classes.len())
    {
        let of_class = report.scale.iter().map(|point| {
            let found = point
                .measured
                .classes
                .iter()
                .find(|other| other.class == class.class);
            format!(
                "{:>FIGURE_WIDTH$}",
                found
                    .map(|found| time(found.latency.p50_us))
                    .unwrap_or_default()
            )
        });
        let mut rows = report
            .growth
            .iter()
            .filter(|grown| grown.class == class.class);
        let all = rows.next();
        let figures = of_class.collect::<String>();
        let mut row = |name: &str, figures: &str, grown: Option<&Growth>| {
            let written = format!(
                "{name:<NAME_WIDTH$}{figures}{}",
                grown.map(growth_words).unwrap_or_default()
            );
            page.line(&[Span {
                text: &written,
                style: PLAIN,
            }]);
        };
        row(class.class.as_str(), &figures, all);
        for grown in rows {
            let blank = " ".repeat(figures.chars().count());
            row("- with a rare word", &blank, Some(grown));
        }
    }
    page.blank_line();
}

/// Returns a growth, and whether it is what it should be.
fn growth_words(grown: &Growth) -> String {
    let promise = match grown.limit() {
        Some(limit) if grown.is_over() => format!(": over {limit:.0}"),
        Some(limit) => format!(": within {limit:.0}"),
        None => String::new(),
    };
    format!("  p50 ×{:.1}, p99 ×{:.1}{promise}", grown.p50, grown.p99)
}

/// Returns how many queries of a class took more than their budget.
fn over_budget(report: &Report, class: &ClassMeasured) -> usize {
    let budget = report.settings.budgets_us.get(class.class.as_str());
    let budget = budget.copied().unwrap_or(f64::INFINITY);
    class
        .asked
        .iter()
        .filter(|asked| asked.median_us > budget)
        .count()
}

/// Returns why a query took its time: the part that took most of it, with what it had to do there.
fn reason(slow: &SlowQuery) -> String {
    let work = &slow.work;
    let part = slow.parts.largest();
    let share = slow.parts.share(part);
    let mut reasons = Vec::new();
    let did = match part {
        Part::LookUp => match slow.class {
            Class::Literal => format!("text looked for in {} stored entries", work.entries_read),
            Class::Phrase => format!("{} places of words compared", work.positions_read),
            Class::Misspelt => "words close to those that no entry has".to_owned(),
            _ => "its terms found".to_owned(),
        },
        Part::Candidates => format!(
            "{} postings scored in {} blocks",
            work.postings_scored, work.blocks_decoded
        ),
        Part::Rerank => format!(
            "{} candidates, {} places of words",
            work.candidates_reranked, work.positions_read
        ),
        Part::Facets => format!("facets of {} entries counted", work.entries_matched),
        Part::Snippets | Part::Render => format!("{} stored entries read", work.entries_read),
    };
    // Reports of earlier versions know no parts.
    if share > 0.0 {
        reasons.push(format!("{} {:.0}%: {did}", part.as_str(), 100.0 * share));
    }
    if let Some((word, entries)) = &slow.most_frequent {
        let noun = if *entries == 1 { "entry" } else { "entries" };
        reasons.push(format!("`{word}` is in {entries} {noun}"));
    }
    if slow.first_us > 3.0 * slow.median_us {
        reasons.push(format!("{} the first time", time(slow.first_us)));
    }
    reasons.join("; ")
}

/// Writes what share of the time each part of a search takes, and how many postings it scores.
fn parts(page: &mut Page, report: &Report) {
    // A blank between names, and room for a share of all.
    let width = |part: Part| (part.as_str().len() + 2).max(8);
    let head = Part::ALL
        .map(|part| format!("{:>1$}", part.as_str(), width(part)))
        .concat();
    page.line(&[Span {
        text: &format!("{:<NAME_WIDTH$}{head}", "part of the time"),
        style: BOLD,
    }]);
    for class in &report.measured.classes {
        let shares = Part::ALL.map(|part| {
            let share = format!("{:.0}%", 100.0 * class.parts.share(part));
            format!("{share:>0$}", width(part))
        });
        page.line(&[Span {
            text: &format!("{:<NAME_WIDTH$}{}", class.class, shares.concat()),
            style: PLAIN,
        }]);
    }
    page.blank_line();
    let names = [
        "blocks", "postings", "matched", "passed", "reranked", "read",
    ];
    let head = names.map(|name| format!("{name:>10}")).concat();
    page.line(&[Span {
        text: &format!("{:<NAME_WIDTH$}{head}", "work of a search"),
        style: BOLD,
    }]);
    for class in &report.measured.classes {
        let work = &class.work;
        let figures = [
            work.blocks_decoded,
            work.postings_scored,
            work.entries_matched,
            work.entries_passed,
            work.candidates_reranked,
            work.entries_read,
        ];
        let figures = figures.map(|figure| format!("{figure:>10.0}"));
        page.line(&[Span {
            text: &format!("{:<NAME_WIDTH$}{}", class.class, figures.concat()),
            style: PLAIN,
        }]);
    }
    page.blank_line();
}

/// Returns what was measured where and how, with names.
fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let (index, machine, settings) = (&report.index, &report.machine, &report.settings);
    let mut processor = format!(
        "{} {}, {} processors",
        machine.os, machine.arch, machine.processors
    );
    if let Some(model) = &machine.processor {
        processor.push_str(&format!(", {model}"));
    }
    if let Some(memory) = machine.memory_bytes {
        processor.push_str(&format!(", {} of memory", text::bytes(memory)));
    }
    let queries = match settings.sample {
        Some(sample) => format!("up to {sample} queries made of each class"),
        None => "queries that were given".to_owned(),
    };
    vec![
        (
            "index",
            format!(
                "{} entries, {} terms, {} on disk, fingerprint {}",
                index.entries,
                index.terms,
                text::bytes(index.bytes),
                index.fingerprint
            ),
        ),
        (
            "settings",
            format!("{queries}, {} rounds on one thread", settings.rounds),
        ),
        ("program", format!("qdex {}", report.version)),
        ("machine", processor),
    ]
}

/// Returns a class a line, in microseconds.
pub(crate) fn csv(report: &Report) -> String {
    let mut written = "class,queries,hits,p50_us,p90_us,p95_us,p99_us,max_us,mean_us,look_up_us,candidates_us,rerank_us,facets_us,snippets_us,render_us,postings_scored\n".to_owned();
    for class in &report.measured.classes {
        let Latency {
            p50_us,
            p90_us,
            p95_us,
            p99_us,
            max_us,
            mean_us,
        } = class.latency;
        let parts = Part::ALL
            .map(|part| format!("{:.1},", class.parts.of(part)))
            .concat();
        written.push_str(&format!(
            "{},{},{:.1},{p50_us:.1},{p90_us:.1},{p95_us:.1},{p99_us:.1},{max_us:.1},{mean_us:.1},{parts}{:.1}\n",
            class.class, class.queries, class.mean_total, class.work.postings_scored
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
