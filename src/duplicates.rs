//! Near-duplicates: entries of an index whose texts are nearly the same, for whoever cleans a corpus.
//!
//! Every pair above the threshold is found, without comparing all pairs. The shingles of two entries that are alike
//! enough are so many of the same that, sorted in any one order, already the first few of each must share one (prefix
//! filtering: Chaudhuri, Ganti and Kaushik 2006). With the rarest first, most entries have first shingles that no other
//! has, and are done with. How often a shingle occurs is counted in a table of fixed size; where two of them share a
//! place in it, both only look more frequent than they are.

mod shingles;

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use tantivy::DocId;

use crate::entry::Source;
use crate::error::Result;
use crate::facets::Filter;
use crate::index::entries::Store;
use crate::search::Searcher;

use shingles::Shingles;

/// Places of the table of counts, a byte each: from what any index needs to 128 MB.
const MIN_COUNTERS: u64 = 1 << 16;
const MAX_COUNTERS: u64 = 1 << 27;
/// How many shingles of entries that may have a duplicate are kept, 8 bytes each; those of others are made again when
/// they are asked for.
const MAX_KEPT_SHINGLES: usize = 8 << 20;
/// Products and quotients of the threshold are off by a rounding; a first shingle more than needed does no harm.
const ROUNDING: f64 = 1e-9;

/// Which near-duplicates to look for.
#[derive(Debug, Clone)]
pub struct DuplicateOptions {
    /// How alike two entries must be, above 0 and up to 1. Below one half the time to find them grows.
    pub min_similarity: f64,
    /// Filters; only entries that pass all of them are compared.
    pub filters: Vec<Filter>,
}

impl Default for DuplicateOptions {
    fn default() -> Self {
        DuplicateOptions {
            min_similarity: 0.8,
            filters: Vec::new(),
        }
    }
}

/// Entries each of which is a near-duplicate of another one of the group.
#[derive(Debug, Clone, PartialEq)]
pub struct DuplicateGroup {
    /// The highest similarity of two of them.
    pub similarity: f64,
    /// The entries, in the order of their ids.
    pub entries: Vec<DuplicateEntry>,
}

/// One entry of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct DuplicateEntry {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it was read.
    pub source: Source,
    /// Its highest similarity to another one of the group.
    pub similarity: f64,
    /// The id of that one.
    pub like: String,
}

impl Searcher {
    /// Returns the groups of near-duplicates, the most similar first, of equal ones in the order of their first ids.
    ///
    /// The similarity of two entries is the share of runs of three words, of title, question and answers, that both have,
    /// of all that either has: 1 for the same text. Reads the whole index twice. Takes some 50 bytes of memory an entry, one
    /// for each token up to 128 MB, and more only for entries that are alike.
    pub fn duplicates(&self, options: &DuplicateOptions) -> Result<Vec<DuplicateGroup>> {
        let documents: Vec<DocId> = self.passing(&options.filters)?.iter().collect();
        if documents.len() < 2 {
            return Ok(Vec::new());
        }
        let mut texts = Texts {
            searcher: self,
            store: self.store(),
            kept: FxHashMap::default(),
            room: MAX_KEPT_SHINGLES,
        };
        let order = self.id_order()?;
        let before = |document: DocId, other: DocId| {
            order.get(document as usize) < order.get(other as usize)
        };
        let mut counters = Counters::new(self.tokens()?);
        let mut first_with: FxHashMap<[u64; 2], DocId> = FxHashMap::default();
        for document in &documents {
            let shingles = texts.read(*document)?;
            match first_with.entry(fingerprint(&shingles)) {
                Entry::Occupied(mut first) => {
                    if before(*document, *first.get()) {
                        first.insert(*document);
                    }
                }
                Entry::Vacant(place) => {
                    place.insert(*document);
                    shingles.0.iter().for_each(|shingle| counters.add(*shingle));
                }
            }
        }

        let mut groups = Groups::new(&before);
        let mut by_shingle: FxHashMap<u64, Vec<Postings>> = FxHashMap::default();
        let mut candidates: Vec<DocId> = Vec::new();
        for document in documents {
            let shingles = texts.read(document)?;
            // Of entries with the same text, the first stands for all.
            if let Some(first) = first_with
                .get(&fingerprint(&shingles))
                .filter(|first| **first != document)
            {
                groups.join(*first, document, 1.0);
                continue;
            }
            let mut first = counters.first(&shingles, options.min_similarity);
            first.retain(|(_, shingle)| counters.is_shared(*shingle));
            if first.is_empty() {
                continue;
            }
            candidates.clear();
            for (place, shingle) in first {
                let with = by_shingle.entry(shingle).or_default();
                let all = shingles.0.len();
                let own = place_among(with, all - place, all);
                let alike = with
                    .iter()
                    .filter(|other| with[own].may_be_alike(other, options.min_similarity));
                alike.for_each(|other| candidates.extend_from_slice(&other.documents));
                with[own].documents.push(document);
            }
            candidates.sort_unstable();
            candidates.dedup();
            for other in &candidates {
                let similarity = texts.get(*other)?.similarity(&shingles);
                if similarity >= options.min_similarity {
                    groups.join(*other, document, similarity);
                }
            }
            texts.keep(document, shingles);
        }
        self.described(groups)
    }

    /// Returns the groups with what is to be said of their entries.
    fn described(&self, mut groups: Groups<'_>) -> Result<Vec<DuplicateGroup>> {
        let store = self.store();
        let mut members: BTreeMap<DocId, Vec<DocId>> = BTreeMap::new();
        let documents: Vec<DocId> = groups.nearest.keys().copied().collect();
        for document in documents {
            let group = groups.group_of(document);
            members.entry(group).or_default().push(document);
        }
        let mut described = Vec::with_capacity(members.len());
        for documents in members.into_values() {
            let mut entries = Vec::with_capacity(documents.len());
            for document in documents {
                let entry = self.stored(&store, document)?;
                let Some((like, similarity)) = groups.nearest.get(&document) else {
                    continue;
                };
                entries.push(DuplicateEntry {
                    id: entry.id,
                    title: entry.title,
                    source: entry.source,
                    similarity: *similarity,
                    like: self.stored(&store, *like)?.id,
                });
            }
            entries.sort_unstable_by(|left, right| left.id.cmp(&right.id));
            let similarities = entries.iter().map(|entry| entry.similarity);
            described.push(DuplicateGroup {
                similarity: similarities.fold(0.0, f64::max),
                entries,
            });
        }
        described.sort_by(|left, right| {
            let by_similarity = right.similarity.total_cmp(&left.similarity);
            let id = |group: &DuplicateGroup| group.entries.first().map(|entry| entry.id.clone());
            by_similarity.then_with(|| id(left).cmp(&id(right)))
        });
        Ok(described)
    }
}

/// The shingles of entries: made from stored entries, and kept while there is room.
struct Texts<'a> {
    searcher: &'a Searcher,
    store: Store<'a>,
    kept: FxHashMap<DocId, Rc<Shingles>>,
    room: usize,
}

impl Texts<'_> {
    fn read(&self, document: DocId) -> Result<Rc<Shingles>> {
        let entry = self.searcher.stored(&self.store, document)?;
        Ok(Rc::new(Shingles::of(&entry)))
    }

    fn get(&self, document: DocId) -> Result<Rc<Shingles>> {
        match self.kept.get(&document) {
            Some(shingles) => Ok(shingles.clone()),
            None => self.read(document),
        }
    }

    fn keep(&mut self, document: DocId, shingles: Rc<Shingles>) {
        if let Some(room) = self.room.checked_sub(shingles.0.len()) {
            self.room = room;
            self.kept.insert(document, shingles);
        }
    }
}

/// The entries of one size that have a shingle at the same place among their first.
struct Postings {
    documents: Vec<DocId>,
    /// How many shingles stand at that place and behind it, in the order of their counts.
    behind: usize,
    /// How many shingles each entry has.
    shingles: usize,
}

/// Returns where the entries of one kind are among those that have a shingle. Entries made after one pattern are of few
/// kinds.
fn place_among(all: &mut Vec<Postings>, behind: usize, shingles: usize) -> usize {
    let is_same = |other: &Postings| (other.behind, other.shingles) == (behind, shingles);
    all.iter().position(is_same).unwrap_or_else(|| {
        all.push(Postings {
            documents: Vec::new(),
            behind,
            shingles,
        });
        all.len() - 1
    })
}

impl Postings {
    /// Returns whether two entries that share this shingle, and none before it, can be alike: all that they share stands
    /// here or behind (the positional filter of Xiao and others 2008, "Efficient similarity joins for near duplicate
    /// detection"). Spares comparing all entries that are made after one pattern.
    fn may_be_alike(&self, other: &Postings, min_similarity: f64) -> bool {
        let both = (self.shingles + other.shingles) as f64;
        let needed = min_similarity / (1.0 + min_similarity) * both - ROUNDING;
        self.behind.min(other.behind) as f64 >= needed
    }
}

/// How many entries have a shingle: never too few.
struct Counters {
    counts: Vec<u8>,
}

impl Counters {
    /// Returns counters for an index of so many tokens.
    fn new(tokens: u64) -> Self {
        let counters = tokens.clamp(MIN_COUNTERS, MAX_COUNTERS).next_power_of_two();
        Counters {
            counts: vec![0; counters as usize],
        }
    }

    fn add(&mut self, shingle: u64) {
        let place = self.place(shingle);
        self.counts[place] = self.counts[place].saturating_add(1);
    }

    fn is_shared(&self, shingle: u64) -> bool {
        self.counts[self.place(shingle)] > 1
    }

    fn place(&self, shingle: u64) -> usize {
        shingle as usize & (self.counts.len() - 1)
    }

    /// Returns the rarest shingles of an entry, so many that one that is as similar as asked for has one of them among its
    /// own: it must have this share of all, which leaves room for fewer that it lacks. Each comes with its place.
    fn first(&self, shingles: &Shingles, min_similarity: f64) -> Vec<(usize, u64)> {
        let all = shingles.0.len();
        let shared = (min_similarity * all as f64 - ROUNDING).ceil().max(1.0) as usize;
        let mut ordered: Vec<(u8, u64)> = shingles
            .0
            .iter()
            .map(|shingle| (self.counts[self.place(*shingle)], *shingle))
            .collect();
        ordered.sort_unstable();
        ordered.truncate(all + 1 - shared.min(all));
        let shingles = ordered.into_iter().map(|(_, shingle)| shingle);
        shingles.enumerate().collect()
    }
}

/// Two hashes of a set of shingles; that two sets have the same ones by chance is out of the question.
fn fingerprint(shingles: &Shingles) -> [u64; 2] {
    [
        shingles::hash(&shingles.0),
        shingles::hash((0, &shingles.0)),
    ]
}

/// Entries that are alike, joined to groups.
struct Groups<'a> {
    /// The next entry on the way to the one that stands for the group.
    parent: FxHashMap<DocId, DocId>,
    /// The most similar other entry; of equal ones the one whose id comes first.
    nearest: FxHashMap<DocId, (DocId, f64)>,
    before: &'a dyn Fn(DocId, DocId) -> bool,
}

impl<'a> Groups<'a> {
    fn new(before: &'a dyn Fn(DocId, DocId) -> bool) -> Self {
        Groups {
            parent: FxHashMap::default(),
            nearest: FxHashMap::default(),
            before,
        }
    }

    fn join(&mut self, first: DocId, second: DocId, similarity: f64) {
        for (document, other) in [(first, second), (second, first)] {
            let nearest = self.nearest.entry(document).or_insert((other, similarity));
            let is_nearer = similarity > nearest.1
                || similarity == nearest.1 && (self.before)(other, nearest.0);
            if is_nearer {
                *nearest = (other, similarity);
            }
        }
        let (first, second) = (self.group_of(first), self.group_of(second));
        if first != second {
            self.parent.insert(first.max(second), first.min(second));
        }
    }

    fn group_of(&mut self, document: DocId) -> DocId {
        let mut group = document;
        while let Some(parent) = self.parent.get(&group) {
            group = *parent;
        }
        let mut at = document;
        while at != group {
            // The way is shorter the next time.
            at = self.parent.insert(at, group).unwrap_or(group);
        }
        group
    }
}

#[cfg(test)]
mod tests;
