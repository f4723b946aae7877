//! What half-typed words may become.

use crate::sample::{Sample, entry};

fn sample() -> Sample {
    Sample::new(&[
        entry(
            "gc#weak",
            "What does a weak reference keep alive?",
            "References to objects.",
        ),
        entry(
            "gc#cycles",
            "How are reference cycles collected?",
            "Happy references and `WeakValueDictionary`.",
        ),
        entry(
            "git#amend",
            "Refactoring with rebase",
            "Use `git commit --amend`.",
        ),
        entry("git#reflog", "References and the reflog", "Happily."),
    ])
}

#[test]
fn words_are_those_that_entries_write_most_frequent_first() {
    let sample = sample();
    for (typed, expected) in [
        ("ref", "reference 3, refactoring 1, reflog 1"),
        ("REF", "reference 3, refactoring 1, reflog 1"),
        ("referenc", "reference 3"),
        ("references", "references 3"),
        ("happ", "happy 1, happily 1"),
        ("happy", "happy 1"),
        ("weakv", "WeakValueDictionary 1"),
        ("--am", "--amend 1"),
        ("r", ""),
        ("", ""),
        ("zz", ""),
    ] {
        let found = sample
            .searcher
            .words_starting_with(typed, 8)
            .expect("is looked up");
        let found: Vec<String> = found
            .iter()
            .map(|(word, entries)| format!("{word} {entries}"))
            .collect();
        assert_eq!(found.join(", "), expected, "{typed}");
    }
    let one = sample
        .searcher
        .words_starting_with("re", 1)
        .expect("is looked up");
    assert_eq!(one.len(), 1);
}

#[test]
fn an_index_without_entries_completes_nothing() {
    let sample = Sample::new(&[]);
    let words = sample.searcher.words_starting_with("ref", 9);
    assert_eq!(words.ok(), Some(Vec::new()));
}

#[test]
fn a_searcher_knows_when_its_index_was_built_anew() {
    let folder = crate::sample::folder();
    crate::sample::build(folder.path(), &[entry("1", "One", "")]);
    let searcher = crate::sample::open(folder.path());
    assert!(searcher.is_current());
    crate::sample::build(folder.path(), &[entry("2", "Two", "")]);
    assert!(!searcher.is_current());
    assert!(crate::sample::open(folder.path()).is_current());
}
