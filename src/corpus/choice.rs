//! Which entries of a corpus are wanted.

use crate::entry::Entry;

/// Which entries are wanted. An entry that has no tags, votes or date is not judged by those.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Entries with one of these tags, whatever their case; all of them when there are none.
    pub tags: Vec<String>,
    /// Entries with at least this many votes.
    pub min_score: Option<i64>,
    /// Entries that were asked on this day or later: `2020`, `2020-06`, `2020-06-30`, as ISO 8601 writes it.
    pub since: Option<String>,
}

impl Choice {
    /// Returns whether everything is wanted.
    pub(super) fn is_everything(&self) -> bool {
        *self == Choice::default()
    }

    /// Returns whether an entry is wanted.
    pub(super) fn wants(&self, entry: &Entry) -> bool {
        self.wants_tags(entry.tags.iter().map(String::as_str))
            && self.wants_score(entry.score)
            && self.wants_date(entry.created.as_deref())
    }

    pub(super) fn wants_tags<'a>(&self, tags: impl Iterator<Item = &'a str>) -> bool {
        let mut tags = tags.peekable();
        let is_wanted = |tag: &str| {
            let tag = tag.trim().to_lowercase();
            self.tags
                .iter()
                .any(|wanted| wanted.trim().to_lowercase() == tag)
        };
        self.tags.is_empty() || tags.peek().is_none() || tags.any(is_wanted)
    }

    pub(super) fn wants_score(&self, score: Option<i64>) -> bool {
        match (self.min_score, score) {
            (Some(least), Some(score)) => score >= least,
            _ => true,
        }
    }

    pub(super) fn wants_date(&self, created: Option<&str>) -> bool {
        match (&self.since, created) {
            (Some(since), Some(created)) => created.trim() >= since.as_str(),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_judged_by_what_they_have() {
        let entry = |tags: &[&str], score, created: Option<&str>| Entry {
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            score,
            created: created.map(str::to_owned),
            ..Entry::default()
        };
        let choice = Choice {
            tags: vec!["Rust".to_owned(), "c++".to_owned()],
            min_score: Some(-1),
            since: Some("2020-06".to_owned()),
        };
        for (entry, is_wanted) in [
            (entry(&[], None, None), true),
            (
                entry(&["a", "RUST"], Some(-1), Some("2020-06-01T00:00:00")),
                true,
            ),
            (entry(&["C++"], Some(7), Some("2021")), true),
            (entry(&["a"], None, None), false),
            (entry(&["rust"], Some(-2), None), false),
            (entry(&["rust"], None, Some("2020-05-31T23:59:59")), false),
        ] {
            assert_eq!(choice.wants(&entry), is_wanted, "{entry:?}");
            assert!(Choice::default().wants(&entry));
        }
    }
}
