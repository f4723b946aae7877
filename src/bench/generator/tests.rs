use std::collections::HashMap;
use std::path::Path;

use super::*;
use crate::corpus::{Corpus, Item, ReadOptions};

/// Three entries, which the checksum depends on.
fn few() -> Vec<Entry> {
    let entry = |id: &str, title: &str, topic: &str, answer: &str| Entry {
        id: id.to_owned(),
        title: title.to_owned(),
        topic: Topic::new(topic),
        difficulty: Some(Difficulty::Medium),
        tags: vec!["queue".to_owned()],
        answers: vec![Answer {
            blocks: crate::body::from_markdown(answer),
            ..Answer::default()
        }],
        ..Entry::default()
    };
    vec![
        entry(
            "a",
            "How does a bounded queue wait for its readers?",
            "/queues/bounded",
            "A writer that finds the queue full sleeps until a reader calls `notify`.\n\n\
             ```rust\nlet mut guard = lock.lock();\nwhile guard.len() == LIMIT {\n    guard = full.wait(guard);\n}\n```",
        ),
        entry(
            "b",
            "Why is a ring buffer faster than a linked list?",
            "/queues/ring",
            "Its elements stand side by side, so that a cache line brings several of them at once.",
        ),
        entry(
            "c",
            "Where do naïve locks lose time?",
            "/locks",
            "In the queue of those that wait: every wake-up is a switch.\n\n- measure first\n- then `try_lock`",
        ),
    ]
}

fn sample_corpus() -> Vec<Entry> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let items =
        Corpus::open(&[corpus], ReadOptions::default()).expect("the sample corpus is there");
    let entry = |item| match item {
        Item::Entry(entry) => Some(*entry),
        Item::Problem(_) => None,
    };
    items.filter_map(entry).collect()
}

#[test]
fn a_seed_gives_the_same_bytes_everywhere() {
    let generator = Generator::learn(&few()).expect("they have words");
    let crc32 = |seed: u64| {
        let mut hasher = crc32fast::Hasher::new();
        for entry in generator.entries(seed).take(200) {
            hasher.update(&serde_json::to_vec(&entry).expect("an entry is JSON"));
        }
        for query in generator.queries(seed, 200).take(20) {
            hasher.update(query.as_bytes());
        }
        hasher.finalize()
    };
    assert_eq!((crc32(1), crc32(2)), (695500925, 85362916));
}

#[test]
fn entries_can_be_made_in_any_order_and_differ() {
    let generator = Generator::learn(&few()).expect("they have words");
    let in_order: Vec<Entry> = generator.entries(7).take(100).collect();
    for number in [99, 3, 50] {
        assert_eq!(generator.entry(7, number), in_order[number as usize]);
    }
    let ids: std::collections::HashSet<&str> =
        in_order.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids.len(), 100);
}

#[test]
fn marks_and_links_hold() {
    let generator = Generator::learn(&sample_corpus()).expect("it has words");
    let entries: Vec<Entry> = generator.entries(3).take(500).collect();
    let mut links = 0;
    for (number, entry) in entries.iter().enumerate() {
        let json = serde_json::to_string(entry).expect("an entry is JSON");
        // Reading drops marks that do not fit their text.
        assert_eq!(
            &serde_json::from_str::<Entry>(&json).expect("it was just written"),
            entry
        );
        for link in &entry.related {
            assert!(entries[..number].iter().any(|other| other.id == link.path));
            links += 1;
        }
    }
    assert!(links > 20, "{links} links");
}

#[test]
fn nothing_is_learned_of_nothing() {
    assert!(Generator::learn(&[]).is_none());
    assert!(Generator::learn(&[Entry::default()]).is_none());
    for title in ["7", "?!", "日本"] {
        let entry = Entry {
            title: title.to_owned(),
            ..Entry::default()
        };
        let generator = Generator::learn([&entry]).expect("it has a piece");
        assert!(
            generator
                .entries(1)
                .take(50)
                .all(|entry| !entry.title.is_empty())
        );
    }
}

#[test]
fn queries_find_words_of_titles() {
    let generator = Generator::learn(&sample_corpus()).expect("it has words");
    let titles: Vec<String> = generator
        .entries(5)
        .take(300)
        .map(|entry| entry.title)
        .collect();
    for query in generator.queries(5, 300).take(100) {
        assert!(titles.iter().any(|title| title.contains(&query)), "{query}");
    }
}

/// What is measured of entries.
struct Statistics {
    words: f64,
    title_words: f64,
    code_bytes: f64,
    counts: HashMap<String, usize>,
    /// How many different words there are in the first 1/4, in the first half, and in all of the text.
    different: [f64; 3],
}

fn statistics(entries: &[Entry]) -> Statistics {
    let mut words = Vec::new();
    let mut code_bytes = 0;
    let mut title_words = 0;
    for entry in entries {
        title_words += entry.title.split_whitespace().count();
        for block in entry.blocks() {
            match block {
                Block::Code(code) => code_bytes += code.text.len(),
                Block::Prose(prose) => {
                    let pieces = prose.text.split_whitespace();
                    words.extend(pieces.map(|piece| core_of(piece).1.to_lowercase()));
                }
            }
        }
    }
    let mut counts = HashMap::new();
    let mut different = [0.0; 3];
    for (place, word) in words.iter().enumerate() {
        *counts.entry(word.clone()).or_default() += 1;
        if let Some(share) = [words.len() / 4, words.len() / 2, words.len()]
            .iter()
            .position(|end| *end == place + 1)
        {
            different[share] = counts.len() as f64;
        }
    }
    let per_entry = |count: usize| count as f64 / entries.len() as f64;
    Statistics {
        words: per_entry(words.len()),
        title_words: per_entry(title_words),
        code_bytes: per_entry(code_bytes),
        counts,
        different,
    }
}

impl Statistics {
    /// Returns the exponent of Heaps' law over the last doubling.
    fn heaps(&self) -> f64 {
        (self.different[2] / self.different[1]).log2()
    }

    /// Returns the exponent of Zipf's law between the ranks 10 and 1,000.
    fn zipf(&self) -> f64 {
        let mut counts: Vec<usize> = self.counts.values().copied().collect();
        counts.sort_unstable_by(|left, right| right.cmp(left));
        (counts[10] as f64 / counts[1_000] as f64).log10() / 2.0
    }
}

#[test]
fn generated_text_is_like_its_source() {
    let source = sample_corpus();
    let generator = Generator::learn(&source).expect("it has words");
    let made: Vec<Entry> = generator.entries(11).take(4 * source.len()).collect();
    let (of_source, all) = (statistics(&source), statistics(&made));
    let of_made = statistics(&made[..source.len()]);
    for (what, expected, found, tolerance) in [
        ("words an entry", of_source.words, all.words, 0.1),
        ("words a title", of_source.title_words, all.title_words, 0.1),
        ("bytes of code", of_source.code_bytes, all.code_bytes, 0.25),
        ("Zipf's exponent", of_source.zipf(), of_made.zipf(), 0.1),
        ("Heaps' exponent", of_source.heaps(), of_made.heaps(), 0.2),
        (
            "words that differ",
            of_source.different[2],
            of_made.different[2],
            0.25,
        ),
    ] {
        let text = format!("{what}: {expected:.3} in the source, {found:.3} in what is made");
        assert!((found / expected - 1.0).abs() <= tolerance, "{text}");
    }
    assert!(
        (0.5..0.8).contains(&all.heaps()),
        "new words keep coming: {}",
        all.heaps()
    );
    // The word that is most frequent in the source is so in what is made, about as often.
    let share = |statistics: &Statistics| {
        statistics.counts["the"] as f64 / statistics.counts.values().sum::<usize>() as f64
    };
    assert!((share(&of_source) / share(&all) - 1.0).abs() < 0.1);
    let words = |entry: &Entry| -> Vec<String> {
        let texts = entry
            .blocks()
            .map(Block::text)
            .collect::<Vec<_>>()
            .join(" ");
        texts
            .split_whitespace()
            .map(|piece| core_of(piece).1.to_lowercase())
            .collect()
    };
    // Two thirds of the entries repeat a word of the title that is no word of grammar.
    let repeats = made.iter().filter(|entry| {
        let text = words(entry);
        let mut title = entry
            .title
            .split_whitespace()
            .map(|piece| core_of(piece).1.to_lowercase());
        title.any(|word| {
            of_source.counts.get(&word).is_none_or(|count| *count < 50) && text.contains(&word)
        })
    });
    let repeats = repeats.count() as f64 / made.len() as f64;
    assert!(repeats > 0.66, "{repeats}");
}
