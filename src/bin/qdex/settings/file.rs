//! The configuration file: `name = value` a line, in TOML.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

/// A setting as it stands in the file.
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) line: usize,
    /// The value as text: what a person means by `10` and `"10"` is the same.
    pub(super) value: String,
}

/// Why a file cannot be read.
pub(super) struct Broken {
    pub(super) line: usize,
    pub(super) message: String,
}

/// Returns the settings of a file, in the order of its lines.
pub(super) fn pairs(text: &str) -> Result<Vec<Pair>, Broken> {
    let line_at = |byte: usize| 1 + text[..byte.min(text.len())].matches('\n').count();
    let table = DeTable::parse(text).map_err(|error| Broken {
        line: line_at(error.span().map_or(0, |span| span.start)),
        message: error.message().replace('\n', "; "),
    })?;
    let mut pairs: Vec<Pair> = table
        .get_ref()
        .iter()
        .map(|(name, value)| Pair {
            name: name.get_ref().clone().into_owned(),
            line: line_at(name.span().start),
            value: match value.get_ref() {
                DeValue::String(text) => text.clone().into_owned(),
                _ => text.get(value.span()).unwrap_or_default().to_owned(),
            },
        })
        .collect();
    pairs.sort_by_key(|pair| pair.line);
    Ok(pairs)
}

/// Returns a path as the file means it: from its own folder, or from the user's home.
pub(super) fn absolute(path: &str, folder: &Path) -> PathBuf {
    match (path.strip_prefix("~/"), etcetera::home_dir()) {
        (Some(rest), Ok(home)) => home.join(rest),
        _ => folder.join(path),
    }
}
