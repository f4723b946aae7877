//! Which known values look like a mistyped one.

/// How many values "did you mean" names.
const MAX_NEAR: usize = 3;
/// How alike two values must be at least, from 0 to 1.
const MIN_SIMILARITY: f64 = 0.8;

/// Returns the values that look like a mistyped one, nearest first: few edits away, or holding it.
pub(crate) fn near<'a>(typed: &str, known: impl Iterator<Item = &'a String>) -> Vec<String> {
    let folded = typed.to_lowercase();
    nearest(known, |candidate| {
        let similarity = strsim::jaro_winkler(&folded, candidate);
        match holds(candidate, &folded) {
            true => similarity + 1.0,
            false => similarity,
        }
    })
}

/// Returns the paths that look like a mistyped one or end like it, nearest first.
pub(super) fn near_paths<'a>(typed: &str, known: impl Iterator<Item = &'a String>) -> Vec<String> {
    let folded = typed.trim_matches('/').to_lowercase();
    nearest(known, |candidate| {
        let candidate = candidate.trim_start_matches('/');
        let ends = candidate.match_indices('/').map(|(slash, _)| slash + 1);
        let alike = |start| strsim::jaro_winkler(&folded, &candidate[start..]);
        let similarity = std::iter::once(0)
            .chain(ends)
            .map(alike)
            .fold(0.0, f64::max);
        match holds(candidate, &folded) {
            true => similarity + 1.0,
            false => similarity,
        }
    })
}

fn holds(candidate: &str, folded: &str) -> bool {
    folded.len() >= 2 && candidate.contains(folded)
}

fn nearest<'a>(
    known: impl Iterator<Item = &'a String>,
    similarity: impl Fn(&str) -> f64,
) -> Vec<String> {
    let mut near: Vec<(f64, &String)> = known
        .map(|value| (similarity(&value.to_lowercase()), value))
        .filter(|(similarity, _)| *similarity > MIN_SIMILARITY)
        .collect();
    near.sort_by(|left, right| right.0.total_cmp(&left.0).then_with(|| left.1.cmp(right.1)));
    let nearest = near.into_iter().take(MAX_NEAR);
    nearest.map(|(_, value)| value.clone()).collect()
}
