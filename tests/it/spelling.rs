//! Spelling: words that no entry has, corrected or offered, and words that must stay as they are.
//!
//! `QDEX_MEASURE=1 cargo test --release --test it every_correction -- --nocapture` prints what is corrected of the judged
//! queries, each on its own corpus and on all others.

use qdex::SearchOptions;
use qdex::evaluate::JudgedSet;

use crate::corpora::{own_corpus, read_well, test_data};
use crate::relevance::SETS;
use crate::sample::{Sample, entry, ids};

/// Misspelled questions to `corpus/`, and what is searched for.
#[rustfmt::skip]
const CERTAIN: &[(&str, &str)] = &[
    ("garbge collection", "garbage collection"),
    ("refernce counting", "reference counting"),
    ("weak refernces", "weak references"),
    ("deadlok between threads", "deadlock between threads"),
    ("mutabel default argument", "mutable default argument"),
    ("binary serach", "binary search"),
    ("dijsktra shortest path", "dijkstra shortest path"),
    ("asyncronous generator", "asynchronous generator"),
    ("goroutne leak", "goroutine leak"),
    ("channle select timeout", "channel select timeout"),
    ("intreface nil comparison", "interface nil comparison"),
    ("gorm slcie capacity", "gorm slice capacity"),
    ("docker bulid cache", "docker build cache"),
    ("contianer exit code", "container exit code"),
    ("commmit amend", "commit amend"),
    ("merge conflcit", "merge conflict"),
    ("transacton isolation level", "transaction isolation level"),
    ("foriegn key", "foreign key"),
    ("enviroment variable in shell", "environment variable in shell"),
    ("pipefial", "pipefail"),
    ("idempotent mehtod", "idempotent method"),
    ("status code redirct", "status code redirect"),
    ("cahce control header", "cache control header"),
    ("closrue in a loop", "closure in a loop"),
    ("promise rejction unhandled", "promise rejection unhandled"),
    ("prototpye chain", "prototype chain"),
    ("iterrator invalidation", "iterator invalidation"),
    ("smart pionter ownership", "smart pointer ownership"),
    ("undefned behaviour", "undefined behaviour"),
    ("tempalte specialization", "template specialization"),
    ("borow checker", "borrow checker"),
    ("lifetme elision", "lifetime elision"),
    ("trait objcet", "trait object"),
    ("unwarp expect", "unwrap expect"),
    ("panic vs reslut", "panic vs result"),
    ("generc type erasure", "generic type erasure"),
    ("volatle visibility", "volatile visibility"),
    ("thread saftey", "thread safety"),
    ("nullabel reference types", "nullable reference types"),
    ("discriminated unoin", "discriminated union"),
    ("type narowing", "type narrowing"),
    ("decoratr with arguments", "decorator with arguments"),
    ("descritor protocol", "descriptor protocol"),
    ("pyhton gil", "python gil"),
    ("overfow of an integer", "overflow of an integer"),
    ("stack overlfow", "stack overflow"),
];

/// Misspelled questions to `corpus/` of which another reading is only offered.
#[rustfmt::skip]
const OFFERED: &[(&str, &str)] = &[
    ("lower boud binary search", "lower bound binary search"),
    ("memoizaton recursion", "memoisation recursion"),
    ("indx on a column", "index on a column"),
    ("event looop microtask", "event loop microtask"),
    ("hashmap collison", "hashmap collisions"),
    ("linq deffered execution", "linq deferred execution"),
];

#[test]
fn misspelled_questions_find_what_the_right_ones_find() {
    assert!(CERTAIN.len() >= 40);
    let sample = Sample::new(&read_well(&[own_corpus()]));
    let search = |query: &str| sample.search(query, &SearchOptions::default());
    for (typed, meant) in CERTAIN {
        let found = search(typed);
        assert_eq!(found.read_as, *meant, "{typed}");
        assert_eq!(ids(&found), ids(&search(meant)), "{typed}");
        assert_eq!(found.suggestion, None, "{typed}");
    }
    for (typed, meant) in OFFERED {
        let found = search(typed);
        assert_eq!(found.suggestion.as_deref(), Some(*meant), "{typed}");
        assert_eq!(found.corrections, [], "{typed}");
    }
}

/// Queries that stay as they are.
#[test]
fn what_is_meant_as_it_stands_is_not_corrected() {
    let entries = [
        entry(
            "a",
            "How does a semaphore guard a resource?",
            "A semaphore counts permits. Call `acquirePermit()` first.",
        ),
        entry(
            "b",
            "What is a weak reference?",
            "Use weakref for caches, written as weakRefCount.",
        ),
        entry(
            "c",
            "Which scale does a chart have?",
            "A scale from low to high, with a threat of a model.",
        ),
    ];
    let sample = Sample::new(&entries);
    for (query, read_as, suggestion) in [
        // A word that stands out is searched for.
        ("semaphroe guard", "semaphore guard", None),
        ("refernce weak", "reference weak", None),
        // Parts of words, and words of parts.
        ("weakreference", "weak reference", None),
        ("weakr ef cache", "weakref cache", None),
        // Words that end otherwise may be others, and short ones too.
        ("scala chart", "scala chart", Some("scale chart")),
        // Quoted text, code and titles are meant as they stand.
        (
            "\"semaphroe\" guard",
            "\"semaphroe\" guard",
            Some("semaphroe guard"),
        ),
        ("code:\"semaphroe\" guard", "code:\"semaphroe\" guard", None),
        // Names are not corrected beside what is found.
        ("acquirePermti semaphore", "acquirePermti semaphore", None),
        ("weakRefCuont", "weakRefCuont", None),
        ("--semaphroe guard", "--semaphroe guard", None),
        // What exists is not touched.
        ("model semaphore", "model semaphore", None),
    ] {
        let found = sample.search(query, &SearchOptions::default());
        assert_eq!(found.read_as, read_as, "{query}: {:?}", found.corrections);
        if suggestion.is_some() {
            assert_eq!(found.suggestion.as_deref(), suggestion, "{query}");
        }
        let is_corrected = found
            .corrections
            .iter()
            .any(|correction| correction.typed != correction.meant);
        assert_eq!(is_corrected, query != read_as, "{query}");
    }
    // With nothing else found, a name is.
    let found = sample.search("aquirepermit", &SearchOptions::default());
    assert_eq!(found.read_as, "acquirePermit");
}

#[test]
fn every_correction_is_looked_at() {
    let Some(data) = test_data() else { return };
    if std::env::var_os("QDEX_MEASURE").is_none() {
        println!("skipped: QDEX_MEASURE is not set");
        return;
    }
    let mut sets = vec![(
        "sample",
        own_corpus().join("judgments"),
        "all",
        own_corpus(),
    )];
    for (name, views) in SETS {
        let dir = data.join("judged").join(name);
        sets.push((name, dir.clone(), views[0], dir.join("corpus.jsonl")));
    }
    for (corpus, _, _, path) in &sets {
        let sample = Sample::new(&read_well(std::slice::from_ref(path)));
        for (queries, dir, view, _) in &sets {
            let judged = JudgedSet::read(dir, view).expect("is well formed");
            let (mut corrected, mut suggested) = (0, 0);
            for query in &judged.queries {
                let found = sample.search(&query.text, &SearchOptions::default());
                corrected += usize::from(!found.corrections.is_empty());
                for correction in &found.corrections {
                    println!(
                        "{corpus}\t{queries}\t{}\t{}\t{}",
                        correction.typed, correction.meant, query.text
                    );
                }
                if let Some(suggestion) = &found.suggestion {
                    suggested += 1;
                    println!("{corpus}\t{queries}\t?\t{suggestion}\t{}", query.text);
                }
            }
            println!(
                "= {corpus} asked {queries}: {corrected} corrected, {suggested} suggested of {}",
                judged.queries.len()
            );
        }
    }
}
