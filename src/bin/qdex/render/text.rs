//! Figures and times for people.

use std::path::Path;
use std::time::Duration;

use anstyle::Style;
use qdex::search::{Relaxation, SizePart, Stats};

use super::Medium;
use super::terminal::{DIM, Page, Span};

const PLAIN: Style = Style::new();

/// Returns what a search that found nothing could do without: ``without `difficulty:hard` there are 12 hits``.
pub(crate) fn relaxation(relaxation: &Relaxation) -> String {
    let without: Vec<_> = relaxation
        .without
        .iter()
        .map(|part| format!("`{part}`"))
        .collect();
    let without = without.join(", ");
    match relaxation.total {
        1 => format!("without {without} there is 1 hit"),
        total => format!("without {without} there are {total} hits"),
    }
}

/// Returns figures about an index.
pub(crate) fn stats(stats: &Stats, index: &Path, medium: Medium) -> String {
    let counted = |counts: Vec<String>| {
        if counts.is_empty() {
            "none".to_owned()
        } else {
            counts.join(", ")
        }
    };
    let difficulties = stats
        .difficulties
        .iter()
        .map(|(level, count)| format!("{level} {count}"));
    let formats = stats
        .formats
        .iter()
        .map(|(format, count)| format!("{format} {count}"));
    let built = Duration::from_secs(stats.built_unix_seconds);
    let age = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default()
        .saturating_sub(built);
    let share = |part: &SizePart| {
        let percent = part.bytes as f64 * 100.0 / stats.bytes.max(1) as f64;
        format!("{} ({percent:.0}%)", bytes(part.bytes))
    };
    let parts: Vec<(String, String)> = stats
        .parts
        .iter()
        .map(|part| (format!("  {}", part.part), share(part)))
        .collect();
    let mut lines = vec![
        ("index", index.display().to_string()),
        ("built", format!("{} ago", rough_duration(age))),
        ("from", counted(stats.paths.clone())),
        ("entries", stats.entries.to_string()),
        ("difficulty", counted(difficulties.collect())),
        ("formats", counted(formats.collect())),
        ("terms", stats.terms.to_string()),
        ("tokens", stats.tokens.to_string()),
        ("size", bytes(stats.bytes)),
    ];
    lines.extend(
        parts
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone())),
    );
    lines.extend([
        ("format version", stats.format_version.to_string()),
        ("analysis version", stats.analysis_version.to_string()),
    ]);
    table(&lines, medium)
}

/// Returns names with their values, a line each.
pub(crate) fn table(lines: &[(&str, String)], medium: Medium) -> String {
    let mut page = Page::new(medium);
    for (name, value) in lines {
        let name = format!("{name:<18}");
        page.line(&[
            Span {
                text: &name,
                style: DIM,
            },
            Span {
                text: value,
                style: PLAIN,
            },
        ]);
    }
    page.into_text()
}

/// Returns a span of time as people say it: `0.4 ms`, `1.2 s`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        _ if seconds < 0.1 => format!("{:.1} ms", seconds * 1e3),
        _ if seconds < 1.0 => format!("{:.0} ms", seconds * 1e3),
        _ => format!("{seconds:.1} s"),
    }
}

/// Returns a size as people say it: `812 B`, `3.4 MB`.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64 / 1e3;
    let mut unit = 0;
    while size >= 999.95 && unit + 1 < UNITS.len() {
        size /= 1e3;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

fn rough_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_said_as_people_say_them() {
        for (size, said) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_960, "1.0 MB"),
            (3_400_000, "3.4 MB"),
        ] {
            assert_eq!(bytes(size), said);
        }
        for (micros, said) in [
            (412, "0.4 ms"),
            (99_000, "99.0 ms"),
            (120_000, "120 ms"),
            (1_234_000, "1.2 s"),
        ] {
            assert_eq!(duration(Duration::from_micros(micros)), said);
        }
    }
}
