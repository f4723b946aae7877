//! JSON files: one record, or a list of them.

use serde_json::value::RawValue;

use super::text::LineCounter;
use super::{Severity, Sink, TextFile, records};
use crate::entry::Format;

/// Whether a file of JSON holds records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// It does, or it is broken and said so.
    Records(Format),
    /// It is JSON of another kind.
    NoRecords,
}

/// Reads the records of a JSON file, each on its own: one that fails does not take the others with it.
pub(super) fn read(file: &TextFile<'_>, out: &mut Sink<'_>) -> Found {
    let values = match values(file.text) {
        Ok(values) => values,
        Err(error) => {
            let message = format!(
                "broken JSON at column {}: {}",
                error.column(),
                records::reason(&error)
            );
            out(file.problem(Severity::Skipped, Some(error.line() as u64), message));
            return Found::Records(Format::Json);
        }
    };
    let Some(schema) = values.iter().find_map(|value| records::schema(value.get())) else {
        return Found::NoRecords;
    };
    let mut lines = LineCounter::new(file.text, 1);
    for value in values {
        let place = records::Place {
            path: file.path,
            line: lines.line_at(records::offset_in(file.text, value)),
            format: Format::Json,
        };
        out(records::read(value.get(), &place));
    }
    Found::Records(match schema {
        records::Schema::Own => Format::Json,
        records::Schema::Beir => Format::Beir,
    })
}

fn values(text: &str) -> serde_json::Result<Vec<&RawValue>> {
    if text.trim_start().starts_with('[') {
        serde_json::from_str(text)
    } else {
        serde_json::from_str(text).map(|value| vec![value])
    }
}
