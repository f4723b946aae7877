//! Phrases: the entries that have the words next to each other are those that a look at every text finds.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use qdex::{Index, SearchOptions, Searcher};

use crate::random::Numbers;
use crate::support::Sandbox;

/// Words, and of how many places in a text one has each, roughly: from those that every text has to those that a few have.
const WORDS: [(&str, usize); 6] = [
    ("alder", 2),
    ("birch", 3),
    ("cedar", 6),
    ("elm", 40),
    ("larch", 900),
    ("yew", 40_000),
];

type Texts = BTreeMap<String, Vec<&'static str>>;

fn word(numbers: &mut Numbers) -> &'static str {
    let drawn = WORDS
        .iter()
        .rev()
        .find(|(_, share)| numbers.below(*share) == 0);
    drawn.map_or("filler", |(word, _)| word)
}

/// Returns texts of words by the ids of their entries.
fn texts(numbers: std::ops::Range<usize>) -> Texts {
    let mut random = Numbers::new(numbers.start as u64);
    let text = |number| {
        let words = 1 + random.below(40);
        let words = (0..words).map(|_| word(&mut random)).collect();
        (format!("e{number:05}"), words)
    };
    numbers.map(text).collect()
}

fn lines(texts: &Texts) -> String {
    let mut lines = String::new();
    for (id, words) in texts {
        let body = words.join(" ");
        writeln!(
            lines,
            r#"{{"id": "{id}", "title": "Trees", "question": "{body}"}}"#
        )
        .expect("a text has room");
    }
    lines
}

fn compare(sandbox: &Sandbox, texts: &Texts) {
    let searcher = Searcher::new(Index::open(&sandbox.path("index")).expect("opens"));
    let options = SearchOptions {
        limit: 20_000,
        ..SearchOptions::default()
    };
    let mut random = Numbers::new(7);
    let mut found = 0;
    let mut phrases: Vec<Vec<&str>> = Vec::new();
    for (first, _) in WORDS {
        phrases.extend(WORDS.iter().map(|(second, _)| vec![first, *second]));
    }
    for _ in 0..60 {
        let words = 3 + random.below(3);
        phrases.push((0..words).map(|_| word(&mut random)).collect());
    }
    for phrase in phrases {
        let has_it = |words: &&Vec<&str>| words.windows(phrase.len()).any(|some| some == phrase);
        let having = texts.iter().filter(|(_, words)| has_it(words));
        let expected: Vec<&str> = having.map(|(id, _)| id.as_str()).collect();
        let query = format!("\"{}\"", phrase.join(" "));
        let ranked = searcher.rank(&query, &options).expect("searches");
        let mut ids: Vec<&str> = ranked.iter().map(|(id, _)| id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, expected, "{query}");
        found += usize::from(!expected.is_empty());
    }
    assert!(found > 60, "{found} phrases are in some text");
}

#[test]
fn phrases_are_found_where_their_words_stand_next_to_each_other() {
    let mut all = texts(0..9_000);
    let sandbox = Sandbox::indexed_from(&lines(&all));
    compare(&sandbox, &all);
    // Another segment, and entries of the first one that are gone.
    let more = texts(9_000..12_000);
    sandbox.file("more/entries.jsonl", &lines(&more));
    let mut left = all.split_off("e00300");
    sandbox.file("entries.jsonl", &lines(&left));
    let ran = sandbox.qdex(&["index", "entries.jsonl", "more", "--index", "index"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    left.extend(more);
    compare(&sandbox, &left);
}
