//! Words that many entries have: what is known of them beforehand never changes what is found.

use std::fmt::Write as _;

use qdex::{FacetField, Filter, Index, SearchOptions, SearchResults, Searcher};

use crate::support::Sandbox;

/// Words, and of how many entries one has each.
const WORDS: [(&str, usize); 6] = [
    ("alder", 1),
    ("birch", 2),
    ("cedar", 3),
    ("elm", 7),
    ("larch", 20),
    ("yew", 900),
];

/// Words that stand for one another, and of how many entries one has each.
const ALIKE: [(&str, usize); 9] = [
    ("maximum", 2),
    ("max", 3),
    ("property", 1),
    ("prop", 700),
    ("forgot", 900),
    ("forget", 2),
    ("connection refused", 1_100),
    ("econnrefused", 3),
    ("object", 2),
];

/// Returns entries of texts of different lengths, whose words are in some more often and in some titles.
fn entries(numbers: std::ops::Range<usize>, fillers: usize, words: &[(&str, usize)]) -> String {
    let mut lines = String::new();
    for number in numbers {
        // Mixed up, so that what stands where follows no order.
        let mixed = number.wrapping_mul(2_654_435_761) >> 7;
        let mut body = String::new();
        for (word, share) in words {
            if mixed % share == 0 {
                let times = 1 + mixed / 11 % 5;
                body.push_str(&format!("{word} ").repeat(times));
            }
        }
        body.push_str(&"filler ".repeat(mixed / 5 % 37 + fillers));
        let in_title = match words.get(mixed / 3 % 9) {
            Some((word, share)) if mixed % share == 0 => word,
            _ => "nothing",
        };
        let level = ["easy", "hard"][mixed % 2];
        writeln!(
            lines,
            r#"{{"id": "e{number:05}", "title": "About {in_title}", "difficulty": "{level}", "question": "{body}"}}"#
        )
        .expect("a text has room");
    }
    lines
}

fn first(results: &SearchResults, count: usize) -> Vec<(String, f32)> {
    let hits = results.hits.iter().take(count);
    hits.map(|hit| (hit.entry.id.clone(), hit.score)).collect()
}

/// Compares short lists with the beginnings of long ones, which are found by scoring everything; of words whose best are known, no more
/// postings are scored for ten than stand beside them.
fn compare(sandbox: &Sandbox, known: &[(&str, u64)]) {
    compare_words(sandbox, &WORDS, known);
    let searcher = Searcher::new(Index::open(&sandbox.path("index")).expect("opens"));
    // Beside other words, documents are counted by bits.
    let results = |limit: usize, query: &str| {
        let options = SearchOptions {
            limit,
            ..SearchOptions::default()
        };
        searcher.search(query, &options).expect("searches")
    };
    let total = |query: &str| results(1, query).total;
    let found = results(20_000, "birch elm");
    assert_eq!(found.hits.len() as u64, found.total);
    assert_eq!(total("birch elm"), found.total);
    let both = total("birch") + total("elm") - found.total;
    assert!(both > 0 && found.total > total("birch"));
}

fn compare_words(sandbox: &Sandbox, words: &[(&str, usize)], known: &[(&str, u64)]) {
    let searcher = Searcher::new(Index::open(&sandbox.path("index")).expect("opens"));
    let of = |limit, filters: &[Filter]| SearchOptions {
        limit,
        filters: filters.to_vec(),
        ..SearchOptions::default()
    };
    for (query, _) in words {
        let search = |options: &SearchOptions| searcher.search(query, options).expect("searches");
        let all = search(&of(3_000, &[]));
        for limit in [1, 10, 200] {
            let some = search(&of(limit, &[]));
            assert_eq!(first(&some, limit), first(&all, limit), "{query}, {limit}");
            assert_eq!(some.total, all.total, "{query}");
            let known = known.iter().find(|(known, _)| known == query);
            if let Some((_, most)) = known.filter(|_| limit == 10) {
                let scored = some.work.postings_scored;
                assert!(scored < *most, "{query}: {scored} postings scored");
            }
        }
        let hard = [Filter::any_of(
            FacetField::Difficulty,
            vec!["hard".to_owned()],
        )];
        let narrowed = search(&of(10, &hard));
        let expected = search(&of(300, &hard));
        assert_eq!(first(&narrowed, 10), first(&expected, 10), "{query}");
    }
}

#[test]
fn words_of_many_entries_find_what_they_find_when_every_entry_is_scored() {
    let sandbox = Sandbox::indexed_from(&entries(0..8_000, 0, &WORDS));
    compare(&sandbox, &[("alder", 600), ("birch", 600), ("cedar", 600)]);
    let check = sandbox.qdex(&["check", "--index", "index"]);
    assert_eq!(check.code, Some(0), "{}", check.stderr);
    // Another segment, whose texts are longer: what was told of the first one under other averages still holds.
    sandbox.file("more/entries.jsonl", &entries(8_000..14_000, 30, &WORDS));
    let ran = sandbox.qdex(&["index", "entries.jsonl", "more", "--index", "index"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    compare(&sandbox, &[]);
    // Entries that are gone are neither found nor counted.
    sandbox.file("entries.jsonl", &entries(700..8_000, 0, &WORDS));
    let ran = sandbox.qdex(&["index", "entries.jsonl", "more", "--index", "index"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    compare(&sandbox, &[]);
    let check = sandbox.qdex(&["check", "--index", "index"]);
    assert_eq!(check.code, Some(0), "{}", check.stderr);
}

#[test]
fn words_with_others_that_stand_for_them_find_what_they_find_when_every_entry_is_scored() {
    let sandbox = Sandbox::indexed_from(&entries(0..9_000, 0, &ALIKE));
    // Of two frequent words, the titles with one whose text has the other are looked at, too.
    compare_words(
        &sandbox,
        &ALIKE,
        &[
            ("property", 600),
            ("forget", 600),
            ("object", 600),
            ("maximum", 2_500),
            ("max", 2_500),
        ],
    );
    sandbox.file("more/entries.jsonl", &entries(9_000..15_000, 30, &ALIKE));
    let ran = sandbox.qdex(&["index", "entries.jsonl", "more", "--index", "index"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    compare_words(&sandbox, &ALIKE, &[]);
    sandbox.file("entries.jsonl", &entries(700..9_000, 0, &ALIKE));
    let ran = sandbox.qdex(&["index", "entries.jsonl", "more", "--index", "index"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    compare_words(&sandbox, &ALIKE, &[]);
}
