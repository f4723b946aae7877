//! Which of a few known names somebody meant.

/// Returns the known name that `typed` most likely stands for: one edit away (two in names of eight letters and
/// more), or a beginning of at least three letters. The first letter must be right: people rarely miss it, and
/// without that rule `--mode` would be taken for `--code`.
pub(crate) fn nearest<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let first = typed.chars().next()?;
    known
        .into_iter()
        .filter(|name| name.starts_with(first))
        .filter_map(|name| {
            let edits = if typed.len() >= 3 && name.starts_with(&typed) {
                1
            } else {
                edits(&typed, name)
            };
            let allowed = if name.len() >= 8 { 2 } else { 1 };
            (edits <= allowed).then_some((edits, name))
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

/// Returns how many letters must be inserted, dropped, replaced or swapped with their neighbour to turn one word into
/// the other.
fn edits(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    // Names are short; whatever is much longer is no misspelling, and must not cost a large table.
    if one.len().abs_diff(other.len()) > 2 {
        return usize::MAX;
    }
    let columns = other.len() + 1;
    let mut cost = vec![0; (one.len() + 1) * columns];
    for row in 0..=one.len() {
        for column in 0..columns {
            let at = row * columns + column;
            if row == 0 || column == 0 {
                cost[at] = row + column;
                continue;
            }
            let same = one[row - 1] == other[column - 1];
            let replaced = cost[at - columns - 1] + usize::from(!same);
            cost[at] = replaced.min(cost[at - columns] + 1).min(cost[at - 1] + 1);
            let swapped = row > 1
                && column > 1
                && one[row - 1] == other[column - 2]
                && one[row - 2] == other[column - 1];
            if swapped {
                cost[at] = cost[at].min(cost[at - 2 * columns - 2] + 1);
            }
        }
    }
    cost[cost.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn misspellings_find_their_name_and_other_words_do_not() {
        let known = [
            "json",
            "code",
            "difficulty",
            "format",
            "limit",
            "facets",
            "lang",
        ];
        for (typed, meant) in [
            ("jsn", Some("json")),
            ("josn", Some("json")),
            ("JSON", Some("json")),
            ("jsonl", Some("json")),
            ("dificullty", Some("difficulty")),
            ("diff", Some("difficulty")),
            ("facet", Some("facets")),
            ("mode", None),
            ("force", None),
            ("amend", None),
            ("list", None),
            ("", None),
            ("läng", Some("lang")),
        ] {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
        assert_eq!(nearest(&"j".repeat(1 << 20), known), None);
    }
}
