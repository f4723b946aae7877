//! An index of several segments with deleted entries answers as a fresh one of what is left.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use tantivy::indexer::NoMergePolicy;
use tantivy::{IndexWriter, Term};
use tempfile::TempDir;

use crate::duplicates::DuplicateOptions;
use crate::entry::{Answer, Difficulty, Entry, Link, LinkKind, Topic};
use crate::index::entries::{Packs, Place};
use crate::index::segments::Segments;
use crate::index::update::living_records;
use crate::index::{Index, Indexer, IndexerOptions};
use crate::index::{META_FILE, Meta, checksum};
use crate::schema::stored;
use crate::schema::{Fields, Texts};
use crate::search::{Phases, RelatedOptions, SearchOptions, SearchResults, Searcher, Sort, Work};
use crate::{Error, FacetField, Filter, analysis, body, schema};

const SENTENCES: [&str; 8] = [
    "A weak reference keeps nothing alive, so that a cache of them empties itself.",
    "Call `get_user_name` before the loop, and `std::move` behind it.",
    "The borrow checker rejects two mutable borrows at once.",
    "It says `KeyError: 'name'` when the dictionary has no such key.",
    "```cpp\nauto name = std::move(other);\nreturn getUserName(name);\n```",
    "```python\nimport weakref\ncache = weakref.WeakValueDictionary()\n```",
    "Garbage collection runs when memory is short.",
    "An asynchronous function returns a future, and the event loop polls it until it is done.",
];
const WORDS: [&str; 12] = [
    "memory",
    "weak",
    "reference",
    "cache",
    "loop",
    "getUserName",
    "get_user_name",
    "std::move",
    "borrow",
    "dictionary",
    "kubernetes",
    "GC",
];
const TOPICS: [&str; 4] = ["/python/memory", "/python", "/rust/ownership", "/git"];
const TAGS: [&str; 4] = ["Memory", "memory", "async", "c#"];
const DATES: [&str; 3] = ["2019-03-01", "2021-07-12T10:00:00", "2024"];

/// Queries of every kind.
const QUERIES: [&str; 27] = [
    "memory",
    "weak reference",
    "how do I keep a weak reference in a cache of the event loop",
    "getUserName",
    "get_user_name memory",
    "std::move borrow",
    "GC",
    "k8s",
    "\"weak reference\"",
    "\"borrow checker\" loop",
    "memory -\"weak reference\"",
    "memory OR \"event loop\"",
    "code:\"std::move(\"",
    "code:\"weakref.WeakValueDictionary\" OR code:\"getUserName(\"",
    "title:memory",
    "title:\"weak reference\"",
    "difficulty:hard",
    "cache -tag:async",
    "topic:python",
    "score:>=2 loop",
    "after:2020",
    "is:accepted",
    "KeyError: 'name'",
    "memroy dictionray",
    "getUserNmae",
    "weak ref of a buffer",
    "zzzz difficulty:easy tag:async",
];

/// An entry by the places of its values in the lists above.
#[derive(Debug, Clone)]
struct Drawn {
    id: usize,
    title: Vec<usize>,
    sentences: Vec<usize>,
    difficulty: Option<usize>,
    topic: Option<usize>,
    tags: Vec<usize>,
    votes: Option<i64>,
    date: Option<usize>,
    accepted: bool,
    link: Option<usize>,
}

prop_compose! {
    fn drawn()(
        id in 0..40usize,
        title in prop::collection::vec(0..WORDS.len(), 1..5),
        sentences in prop::collection::vec(0..SENTENCES.len(), 0..5),
        (difficulty, topic) in (prop::option::of(0..3usize), prop::option::of(0..TOPICS.len())),
        tags in prop::collection::vec(0..TAGS.len(), 0..3),
        votes in prop::option::of(-2..6i64),
        date in prop::option::of(0..DATES.len()),
        accepted in any::<bool>(),
        link in prop::option::weighted(0.2, 0..40usize),
    ) -> Drawn {
        Drawn { id, title, sentences, difficulty, topic, tags, votes, date, accepted, link }
    }
}

impl Drawn {
    fn entry(&self) -> Entry {
        let texts = |list: &[&str], places: &[usize]| -> Vec<String> {
            places.iter().map(|place| list[*place].to_owned()).collect()
        };
        let body = texts(&SENTENCES, &self.sentences).join("\n\n");
        let answer = Answer {
            blocks: body::from_markdown(&body),
            score: self.votes,
            accepted: self.accepted,
            ..Answer::default()
        };
        let link = |to: usize| Link {
            path: id(to),
            title: String::new(),
            kind: LinkKind::Related,
        };
        Entry {
            id: id(self.id),
            title: texts(&WORDS, &self.title).join(" "),
            answers: vec![answer],
            difficulty: self.difficulty.map(|place| Difficulty::ALL[place]),
            topic: self.topic.and_then(|place| Topic::new(TOPICS[place])),
            tags: texts(&TAGS, &self.tags),
            score: self.votes,
            updated: self.date.map(|place| DATES[place].to_owned()),
            related: self.link.map(link).into_iter().collect(),
            ..Entry::default()
        }
    }
}

fn id(number: usize) -> String {
    format!("page-{}#{number}", number % 4)
}

/// The entries by segment, and the ids that are removed at the end.
fn parts() -> impl Strategy<Value = (Vec<Vec<Entry>>, Vec<String>)> {
    let lists = prop::collection::vec(prop::collection::vec(drawn(), 0..16), 1..6);
    let removed = prop::collection::vec(0..40usize, 0..12);
    (lists, removed, any::<bool>()).prop_map(|(lists, removed, has_changes)| {
        let mut count = 0;
        let mut entry = |mut drawn: Drawn| {
            if !has_changes {
                // Each id stands once.
                drawn.id = count;
                count += 1;
            }
            drawn.entry()
        };
        let entries = lists.into_iter();
        let entries = entries.map(|list| list.into_iter().map(&mut entry).collect());
        let removed = removed.into_iter().map(id);
        let removed = removed.filter(|_| has_changes).collect();
        (entries.collect(), removed)
    })
}

/// Returns the entries that are left, in the order in which they came.
fn left(parts: &[Vec<Entry>], removed: &[String]) -> Vec<Entry> {
    let mut last: BTreeMap<&str, (usize, &Entry)> = BTreeMap::new();
    for (place, entry) in parts.iter().flatten().enumerate() {
        last.insert(&entry.id, (place, entry));
    }
    last.retain(|id, _| !removed.iter().any(|removed| removed == id));
    let by_place: BTreeMap<usize, &Entry> = last.into_values().collect();
    by_place.into_values().cloned().collect()
}

fn build(dir: &Path, entries: &[Entry]) {
    let options = IndexerOptions {
        // One thread, so that entries keep their order.
        memory_budget_bytes: 15_000_000,
        ..IndexerOptions::default()
    };
    let mut indexer = Indexer::create(dir, options).expect("the folder is writable");
    for entry in entries {
        indexer.add(entry.clone()).expect("is indexed");
    }
    indexer.commit().expect("is written");
}

/// Changes an index behind its back, and describes it anew.
fn change(dir: &Path, change: impl FnOnce(&tantivy::Index, &Packs, &mut IndexWriter)) {
    let mut meta = Meta::read(dir).expect("is read").expect("is there");
    let generation = Meta::generation_dir(dir, meta.generation);
    let inner = tantivy::Index::open_in_dir(&generation).expect("is opened");
    analysis::register(&inner);
    let mut writer = inner
        .writer_with_num_threads(1, 15_000_000)
        .expect("nobody else writes");
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let packs = Packs::update(&generation, &Index::open(dir).expect("is opened").entries);
    change(&inner, &packs, &mut writer);
    writer.wait_merging_threads().expect("ends");
    let segments = Segments::open(&inner).expect("are opened");
    let living = living_records(&segments, &packs).expect("are read");
    packs.finish(&living, false).expect("are written");
    let segments = inner.searchable_segment_metas().expect("are read");
    meta.entries = segments.iter().map(|meta| u64::from(meta.num_docs())).sum();
    let segments = Segments::open(&inner).expect("are opened");
    meta.tokens = segments.tokens(&Fields::new()).expect("are counted");
    let is_numbered = segments.are_numbered_by_record();
    meta.is_numbered_by_record = is_numbered.expect("are read");
    meta.files.clear();
    for file in fs::read_dir(&generation).expect("is read") {
        let file = file.expect("is read");
        let name = file.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".lock") {
            let file = checksum(&file.path()).expect("is read");
            meta.files.insert(name, file);
        }
    }
    fs::write(dir.join(META_FILE), meta.written()).expect("is written");
}

/// Builds an index of a segment for each part, in which the latest entry of an id is left and some ids are not.
fn build_segments(dir: &Path, parts: &[Vec<Entry>], removed: &[String]) {
    build(dir, &parts[0]);
    change(dir, |_, packs, writer| {
        let fields = Fields::new();
        let mut texts = Texts::default();
        let term = |id: &str| Term::from_field_text(fields.id, id);
        for part in &parts[1..] {
            for entry in part {
                let record = packs.add(Place::default()).expect("there is room");
                let stored = stored::bytes(entry);
                packs.write(record, &stored);
                writer.delete_term(term(&entry.id));
                let hash = schema::hash(&stored);
                let document = fields.document(entry, record, hash, &mut texts);
                writer.add_document(document).expect("is added");
            }
            writer.commit().expect("is written");
        }
        for id in removed {
            writer.delete_term(term(id));
        }
        writer.commit().expect("is written");
    });
}

fn merge(dir: &Path) {
    change(dir, |inner, _, writer| {
        let segments = inner.searchable_segment_ids().expect("are read");
        if !segments.is_empty() {
            drop(writer.merge(&segments).wait().expect("are merged"));
            writer.garbage_collect_files().wait().expect("are removed");
        }
    });
}

fn open(dir: &Path) -> Searcher {
    Searcher::new(Index::open(dir).expect("is opened"))
}

/// The ways to ask a query.
fn ways() -> Vec<SearchOptions> {
    let all = SearchOptions {
        limit: 100,
        facets: FacetField::ALL.to_vec(),
        ..SearchOptions::default()
    };
    let mut ways: Vec<SearchOptions> = [Sort::Score, Sort::Updated, Sort::Difficulty, Sort::Id]
        .map(|sort| SearchOptions {
            sort,
            ..all.clone()
        })
        .to_vec();
    ways.push(SearchOptions {
        filters: vec![Filter {
            field: FacetField::Difficulty,
            values: vec!["hard".to_owned()],
            excluded: true,
        }],
        ..all.clone()
    });
    ways.push(SearchOptions {
        limit: 3,
        offset: 2,
        explain: true,
        ..SearchOptions::default()
    });
    ways.push(all);
    ways
}

/// Returns results without what differs from run to run.
fn timeless(mut results: SearchResults) -> SearchResults {
    (results.took, results.phases) = (Duration::ZERO, Phases::default());
    results.work = Work::default();
    results
}

/// Checks that two texts are the same, and says where they are not.
fn same(found: &str, expected: &str, of: &str) {
    if found == expected {
        return;
    }
    let both = found.chars().zip(expected.chars());
    let at = both.take_while(|(found, expected)| found == expected);
    let from = at.count().saturating_sub(200);
    let [found, expected] =
        [found, expected].map(|text| text.chars().skip(from).take(300).collect::<String>());
    panic!("{of}:\nfound …{found}\nexpected …{expected}");
}

/// Checks that two indexes answer alike, scores included: terms of so few entries are counted exactly.
fn check(found: &Searcher, expected: &Searcher) {
    for query in QUERIES {
        for options in ways() {
            let [found, expected] = [found, expected].map(|searcher| {
                let results = searcher.search(query, &options);
                let results = results.unwrap_or_else(|error| panic!("{query}: {error}"));
                format!("{:?}", timeless(results))
            });
            same(&found, &expected, &format!("{query} {:?}", options.sort));
        }
    }
    let all = |searcher: &Searcher| -> BTreeMap<String, Entry> {
        let entries = searcher.entries().expect("are read");
        let by_id = entries.map(|entry| entry.map(|entry| (entry.id.clone(), entry)));
        by_id.collect::<Result<_, _>>().expect("are read")
    };
    assert_eq!(all(found), all(expected));
    for [found, expected] in [
        [found, expected].map(|searcher| {
            let groups = searcher.duplicates(&DuplicateOptions::default());
            format!("{:?}", groups.expect("are found"))
        }),
        [found, expected].map(|searcher| {
            let stats = searcher.stats().expect("are read");
            let figures = (stats.entries, stats.difficulties, stats.formats);
            let counts = searcher.facets(&FacetField::ALL, &[]).expect("are counted");
            format!("{figures:?} {counts:?}")
        }),
        [found, expected].map(|searcher| {
            let words = ["me", "ref", "REF", "wea", "std"].map(|typed| {
                let words = searcher.words_starting_with(typed, 5);
                // Which entry is read for how a word is written is left open, and so whether a name begins as typed.
                let folded = |(word, entries): (String, u64)| {
                    (analysis::fold(&word).replace('_', ""), entries)
                };
                let words = words.expect("are read").into_iter();
                words.map(folded).collect::<Vec<_>>()
            });
            let ids = ["", "page-1", "page-1#1"].map(|prefix| {
                let ids = searcher.ids_with_prefix(prefix, 6);
                ids.expect("are read")
            });
            let by_id = searcher.entries_by_id(&[]).expect("are read");
            format!("{words:?} {ids:?} {:?}", by_id.collect::<Vec<_>>())
        }),
    ] {
        same(&found, &expected, "the whole");
    }
    for number in (0..80).step_by(3) {
        let id = id(number);
        let [related, expected] = [found, expected].map(|searcher| {
            match searcher.related(&id, &RelatedOptions::default()) {
                Err(Error::UnknownId { near, .. }) => Err(near),
                related => Ok(related.expect("is answered").related),
            }
        });
        same(&format!("{related:?}"), &format!("{expected:?}"), &id);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn segments_and_deletions_do_not_show((parts, removed) in parts()) {
        let folders = [(); 2].map(|()| TempDir::new().expect("a temporary folder"));
        let [segmented, fresh] = folders.each_ref().map(TempDir::path);
        build_segments(segmented, &parts, &removed);
        let entries = left(&parts, &removed);
        build(fresh, &entries);
        let expected = open(fresh);
        check(&open(segmented), &expected);
        let report = Index::check(segmented).expect("is checked");
        prop_assert_eq!((report.entries, report.problems), (entries.len() as u64, Vec::new()));
        let judged = crate::evaluate::own::judgments(&open(segmented), 10).expect("are made");
        prop_assert_eq!(judged.entries, entries.len().min(10));
        merge(segmented);
        check(&open(segmented), &expected);
    }
}

#[test]
fn an_index_may_have_lost_every_entry() {
    let folder = TempDir::new().expect("a temporary folder");
    let entry = Entry {
        id: id(1),
        title: "memory".to_owned(),
        ..Entry::default()
    };
    build_segments(folder.path(), &[vec![entry], Vec::new()], &[id(1)]);
    let searcher = open(folder.path());
    let ids: BTreeSet<&str> = QUERIES.into_iter().collect();
    for query in ids {
        let results = searcher.search(query, &SearchOptions::default());
        let results = results.expect("is answered");
        assert_eq!((results.total, results.hits.len()), (0, 0), "{query}");
    }
    assert_eq!(searcher.stats().expect("are read").entries, 0);
    assert!(!searcher.contains(&id(1)).expect("is looked up"));
}
