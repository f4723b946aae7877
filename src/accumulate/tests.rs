use std::collections::{BTreeMap, BTreeSet, HashSet};

use proptest::prelude::*;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TEXT};
use tantivy::{SegmentReader, TantivyDocument, Term};

use super::*;

const BM25: Bm25 = Bm25 { k1: 1.2, b: 0.75 };

/// An index in memory of one segment with one field; the word `7` is the term `w7`.
struct Sample {
    index: tantivy::Index,
    text: Field,
    segment: SegmentReader,
    windows: Idle<Window>,
}

impl Sample {
    fn new(documents: &[Vec<u8>]) -> Self {
        let mut schema = Schema::builder();
        let text = schema.add_text_field("text", TEXT);
        let index = tantivy::Index::create_in_ram(schema.build());
        let mut writer = index
            .writer_with_num_threads::<TantivyDocument>(1, 50_000_000)
            .expect("a writer in memory");
        for words in documents {
            let words: Vec<String> = words.iter().map(|word| format!("w{word}")).collect();
            let mut document = TantivyDocument::new();
            document.add_text(text, words.join(" "));
            writer.add_document(document).expect("is added");
        }
        writer.commit().expect("is committed");
        let segments = index.searchable_segments().expect("has segments");
        assert_eq!(segments.len(), 1);
        Sample {
            segment: SegmentReader::open(&segments[0]).expect("opens"),
            index,
            text,
            windows: Idle::default(),
        }
    }

    fn term(&self, word: u8) -> Term {
        Term::from_field_text(self.text, &format!("w{word}"))
    }

    /// The documents that have a word, as bits.
    fn set(&self, word: u8) -> Vec<[u8; 8]> {
        let inverted = self.segment.inverted_index(self.text).expect("is indexed");
        let mut set = vec![0u64; (self.segment.max_doc() as usize).div_ceil(64)];
        let option = IndexRecordOption::Basic;
        let postings = inverted.read_block_postings(&self.term(word), option);
        if let Some(mut blocks) = postings.expect("reads") {
            while !blocks.docs().is_empty() {
                for document in blocks.docs() {
                    set[*document as usize / 64] |= 1 << (document % 64);
                }
                blocks.advance();
            }
        }
        set.into_iter().map(u64::to_le_bytes).collect()
    }

    /// Our scores.
    fn accumulated(
        &self,
        words: &BTreeSet<u8>,
        filter: Option<&BitSet>,
        keep: usize,
        tie: &dyn Fn(DocId, DocId) -> Ordering,
        matches: Option<&mut BitSet>,
    ) -> Candidates {
        let inverted = self.segment.inverted_index(self.text).expect("is indexed");
        let documents = u64::from(self.segment.num_docs());
        let norms = lengths(&self.segment, self.text).expect("has lengths");
        let average = inverted.total_num_tokens() as f32 / documents as f32;
        let lengths = FieldLengths::new(norms, average, BM25);
        let sets: BTreeMap<u8, Vec<[u8; 8]>> =
            words.iter().map(|word| (*word, self.set(*word))).collect();
        let mut terms = Vec::new();
        for word in words {
            let term = self.term(*word);
            let Some(info) = inverted.get_term_info(&term).expect("reads") else {
                continue;
            };
            let open = |option| {
                let postings = inverted.read_block_postings_from_terminfo(&info, option);
                Postings::from(postings.expect("reads"))
            };
            terms.push(TermPostings {
                is_covered: false,
                postings: open(IndexRecordOption::WithFreqs),
                counted: Some(open(IndexRecordOption::Basic)),
                alternatives: Vec::new(),
                // Of some it is known which they are.
                documents: (word % 2 == 1).then(|| sets[word].as_slice()),
                entries: u64::from(info.doc_freq),
                lengths: Some(&lengths),
                weight: Bm25::idf(documents, u64::from(info.doc_freq)) * (BM25.k1 + 1.0),
            });
        }
        let part = Part {
            base: 0,
            documents: self.segment.max_doc(),
            terms,
            matching: None,
            best: Vec::new(),
            work: Work::default(),
        };
        accumulate(&mut [part], filter, keep, tie, matches, &self.windows)
    }

    /// The engine's scores of every document that has one of the words, and its own count of them.
    fn expected(&self, words: &BTreeSet<u8>) -> (BTreeMap<DocId, f32>, u64) {
        let clause = |word: &u8| -> (Occur, Box<dyn Query>) {
            let query = TermQuery::new(self.term(*word), IndexRecordOption::WithFreqs);
            (Occur::Should, Box::new(query))
        };
        let query = BooleanQuery::new(words.iter().map(clause).collect());
        let searcher = self.index.reader().expect("a reader").searcher();
        let all = TopDocs::with_limit(self.segment.max_doc().max(1) as usize).order_by_score();
        let (scored, count) = searcher.search(&query, &(all, Count)).expect("searches");
        let scored = scored
            .into_iter()
            .map(|(score, address)| (address.doc_id, score))
            .collect();
        (scored, count as u64)
    }

    fn check(&self, words: &BTreeSet<u8>, filter: Option<&BitSet>, keep: usize) {
        // The reverse of the order in which documents are seen.
        let tie = |left: DocId, right: DocId| right.cmp(&left);
        let documents = self.segment.max_doc();
        let (scores, count) = self.expected(words);
        let mut matches = BitSet::empty(documents);
        let all = self.accumulated(words, filter, documents as usize, &tie, Some(&mut matches));
        assert_eq!(matches.len(), count);
        assert!(matches.iter().eq(scores.keys().copied()));
        let passes = |document: &DocId| filter.is_none_or(|filter| filter.contains(*document));
        let passing = scores.keys().filter(|document| passes(document)).count();
        assert_eq!(all.total, passing as u64);
        assert_eq!(all.best.len(), passing);
        for found in &all.best {
            assert!(passes(&found.document));
            let expected = scores[&found.document];
            assert!(
                (found.score - expected).abs() <= 1e-4 * expected,
                "document {}: {} instead of {expected}",
                found.document,
                found.score
            );
        }
        let is_ordered = all.best.is_sorted_by(|left, right| {
            left.score > right.score || left.score == right.score && left.document > right.document
        });
        assert!(is_ordered);
        let some = self.accumulated(words, filter, keep, &tie, None);
        assert_eq!(some.total, all.total);
        assert_eq!(some.best, all.best[..keep.min(passing)]);
    }
}

fn bits(documents: DocId, members: impl Fn(DocId) -> bool) -> BitSet {
    let mut set = BitSet::empty(documents);
    (0..documents)
        .filter(|document| members(*document))
        .for_each(|document| set.insert(document));
    set
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn scores_and_totals_are_those_of_the_engine(
        documents in prop::collection::vec(prop::collection::vec(0u8..12, 0..20), 1..400),
        words in prop::collection::btree_set(0u8..14, 0..6),
        keep in 0usize..200,
        members in prop::collection::vec(any::<bool>(), 1..50),
    ) {
        let sample = Sample::new(&documents);
        sample.check(&words, None, keep);
        let filter = bits(documents.len() as DocId, |document| {
            members[document as usize % members.len()]
        });
        sample.check(&words, Some(&filter), keep);
    }

    #[test]
    fn bit_sets_behave_like_sets(
        documents in 1u32..300,
        left in prop::collection::hash_set(0u32..300, 0..100),
        right in prop::collection::hash_set(0u32..300, 0..100),
    ) {
        let within = |set: HashSet<u32>| -> HashSet<u32> {
            set.into_iter().filter(|document| *document < documents).collect()
        };
        let (left, right) = (within(left), within(right));
        let check = |bits: &BitSet, expected: &HashSet<u32>| {
            assert_eq!(bits.len(), expected.len() as u64);
            let listed: Vec<u32> = bits.iter().collect();
            assert!(listed.is_sorted());
            assert_eq!(&listed.into_iter().collect::<HashSet<u32>>(), expected);
            assert!((0..documents).all(|document| bits.contains(document) == expected.contains(&document)));
        };
        let as_bits = |set: &HashSet<u32>| bits(documents, |document| set.contains(&document));
        check(&BitSet::empty(documents), &HashSet::new());
        check(&BitSet::full(documents), &(0..documents).collect());
        check(&as_bits(&left), &left);
        let mut sorted: Vec<u32> = left.iter().copied().collect();
        sorted.sort_unstable();
        let base = sorted.first().copied().unwrap_or(0) / 2;
        sorted.iter_mut().for_each(|document| *document -= base);
        let mut inserted = as_bits(&right);
        inserted.insert_sorted(base, &sorted);
        check(&inserted, &left.union(&right).copied().collect());
        for start in 0..documents {
            let bits = inserted.bits_from(start);
            let expected = |at: u32| start + at < documents && inserted.contains(start + at);
            assert!((0..64).all(|at| (bits >> at & 1 == 1) == expected(at)));
            let mut copied = BitSet::empty(documents);
            copied.insert_bits(start, bits);
            assert!(copied.iter().eq(inserted.range(start, documents.min(start + 64))));
            let few = inserted.few(start, documents, 3);
            let listed: Vec<u32> = inserted.range(start, documents).collect();
            assert_eq!(few, (listed.len() <= 3).then_some(listed));
        }
        let mut both = as_bits(&left);
        both.intersect(&as_bits(&right));
        check(&both, &left.intersection(&right).copied().collect());
        let mut either = as_bits(&left);
        either.unite(&as_bits(&right));
        check(&either, &left.union(&right).copied().collect());
        let mut all = BitSet::full(documents);
        all.intersect(&as_bits(&left));
        check(&all, &left);
    }
}

#[test]
fn documents_of_several_windows_are_scored_like_those_of_one() {
    // Two words that are nearly everywhere, one in each thousandth document, one at the edges of the windows, and one
    // that only the last window has.
    let edges = [0, 8_191, 8_192, 16_383, 16_384];
    let documents: Vec<Vec<u8>> = (0..20_000usize)
        .map(|document| {
            let mut words = vec![1; 1 + document % 7];
            words.extend(vec![2; document % 3]);
            if document % 1_000 == 3 {
                words.push(3);
            }
            if edges.contains(&document) {
                words.push(4);
            }
            if document > 19_900 {
                words.push(5);
            }
            words
        })
        .collect();
    let sample = Sample::new(&documents);
    let filters = [
        bits(20_000, |document| document % 3 == 0),
        // Few in each window, more than a few in one, none in another.
        bits(20_000, |document| document % 1_000 == 3),
        bits(20_000, |document| (8_190..8_220).contains(&document)),
        bits(20_000, |document| [0, 8_192, 19_999].contains(&document)),
    ];
    for words in [
        &[1u8][..],
        &[2],
        &[3],
        &[4],
        &[5],
        &[3, 5],
        &[1, 2, 3, 4, 5],
        &[9],
        &[],
    ] {
        let words = words.iter().copied().collect();
        sample.check(&words, None, 100);
        for filter in &filters {
            sample.check(&words, Some(filter), 7);
        }
    }
}

#[test]
fn an_index_without_documents_has_no_matches() {
    let tie = |left: DocId, right: DocId| left.cmp(&right);
    let found = accumulate(&mut [], None, 10, &tie, None, &Idle::default());
    assert_eq!((found.best, found.total), (Vec::new(), 0));
    assert_eq!(BitSet::full(0).len(), 0);
}
