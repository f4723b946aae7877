//! Related entries: what an entry's source links to, and what shares the words that tell what the entry is about.
//!
//! An entry's telling words are those of its title, texts and names with the most weight by frequency and rarity. They
//! are looked up like a query's, in one scan over their postings. Phase 2 of ranking is left out: the words come from all
//! over the entry, so that neither their nearness nor having all of them means anything (±.00 recall@10).
//!
//! The figures in the reasons are recall@10 of duplicates and links between questions, on three dumps.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use tantivy::DocId;

use super::Searcher;
use super::names::Wanted;
use super::terms::TermTable;
use crate::accumulate::{self, BitSet, Bm25, Scored, accumulate};
use crate::analysis::{self, Token, TokenKind};
use crate::entry::{Entry, Link, LinkKind};
use crate::error::Result;
use crate::facets::Filter;
use crate::index::segments::{IdOrder, Segments};
use crate::query::compile::{QueryTerm, QueryWord};
use crate::schema;

/// How many telling words are looked up. 15 lose .02, 200 gain nothing and cost three times as much.
const TELLING_WORDS: usize = 60;
/// A word of the title tells more than one of the text: +.03 over counting alike; 3.5 lose half of it.
const TITLE_FACTOR: f32 = 2.0;
/// Tags and the other names that an entry is filed under count like two words of the text: +.01 over one half.
const NAME_COUNT: f32 = 2.0;
/// How many shared words are named.
const SHARED_WORDS: usize = 5;

/// What to return of the entries related to one.
#[derive(Debug, Clone)]
pub struct RelatedOptions {
    /// How many entries to return at most.
    pub limit: usize,
    /// Filters; a related entry must pass all of them.
    pub filters: Vec<Filter>,
}

impl Default for RelatedOptions {
    fn default() -> Self {
        RelatedOptions {
            limit: 10,
            filters: Vec::new(),
        }
    }
}

/// The entries related to one.
#[derive(Debug, Clone)]
pub struct RelatedEntries {
    /// The entry that they are related to.
    pub of: Entry,
    /// How many entries share a telling word with it or are linked from it, and pass the filters.
    pub total: u64,
    /// How long it took to find them.
    pub took: Duration,
    /// What the entry is a duplicate of, what else it links to, then the others; of each, the most similar first. Ties
    /// fall in the order of the ids.
    pub related: Vec<Related>,
}

/// One related entry.
#[derive(Debug, Clone)]
pub struct Related {
    /// Its place, counted from 1.
    pub rank: usize,
    /// How much it shares with the entry; comparable within one result only.
    pub score: f32,
    /// The whole entry.
    pub entry: Entry,
    /// Why it is here: at least one reason.
    pub why: Vec<Why>,
    /// The leading words that both have, the most telling first, as the other entry writes them.
    pub shared: Vec<String>,
}

/// Why an entry is related to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The other entry's source calls that one a duplicate of it.
    Duplicate,
    /// The other entry's source links to it.
    Linked,
    /// It stands on a page that the other entry's source links to.
    LinkedPage,
    /// It shares telling words.
    SharedTerms,
}

impl Why {
    /// Returns the words used in JSON and in text.
    pub fn as_str(self) -> &'static str {
        match self {
            Why::Duplicate => "duplicate",
            Why::Linked => "linked",
            Why::LinkedPage => "on a linked page",
            Why::SharedTerms => "shared terms",
        }
    }
}

impl Searcher {
    /// Returns the entries that are related to one. Costs about as much as a search for a question of several sentences.
    ///
    /// Fails with [`crate::Error::UnknownId`] when no entry has the id, and like [`Searcher::search`] for a filter that no entry
    /// can pass.
    ///
    /// ```no_run
    /// # fn main() -> qdex::Result<()> {
    /// let searcher = qdex::Searcher::new(qdex::Index::open("index".as_ref())?);
    /// for related in searcher.related("git#amend", &Default::default())?.related {
    ///     println!("{}: {}", related.entry.title, related.shared.join(", "));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn related(&self, id: &str, options: &RelatedOptions) -> Result<RelatedEntries> {
        let started = Instant::now();
        let entry = self.entry(id)?;
        let mut candidates = self.passing(&options.filters)?;
        let found = self.read(|segments| {
            let document = self.document(id)?;
            document.iter().for_each(|own| candidates.remove(*own));
            self.find_related(segments, &entry, &candidates, options.limit)
        })?;
        let store = self.store();
        let mut related = Vec::with_capacity(found.page.len());
        for (place, (scored, shared)) in found.page.iter().zip(found.shared).enumerate() {
            let link = found.linked.get(&scored.document);
            let is_duplicate = link == Some(&LinkKind::Duplicate);
            let reasons = [
                (Why::Duplicate, is_duplicate),
                (Why::Linked, link.is_some() && !is_duplicate),
                (Why::LinkedPage, found.on_pages.contains(&scored.document)),
                (Why::SharedTerms, !shared.is_empty()),
            ];
            let reasons = reasons.into_iter().filter(|(_, applies)| *applies);
            related.push(Related {
                rank: place + 1,
                score: scored.score,
                entry: self.stored(&store, scored.document)?,
                why: reasons.map(|(why, _)| why).collect(),
                shared,
            });
        }
        Ok(RelatedEntries {
            of: entry,
            total: found.total,
            took: started.elapsed(),
            related,
        })
    }

    fn find_related(
        &self,
        segments: &Segments,
        entry: &Entry,
        candidates: &BitSet,
        limit: usize,
    ) -> tantivy::Result<Found> {
        let (linked, on_pages) = self.linked(segments, &entry.related, candidates)?;
        let words = self.telling_words(segments, entry)?;
        let mut unlinked = candidates.clone();
        linked.keys().for_each(|linked| unlinked.remove(*linked));
        let wanted = Wanted {
            entries: limit,
            filter: Some(&unlinked),
        };
        let terms = TermTable::new(&self.index, &words, &[], wanted)?;
        let ids = IdOrder::new(segments);
        let tie = |left: DocId, right: DocId| ids.compare(left, right);
        let similar = accumulate(
            &mut terms.parts()?,
            Some(&unlinked),
            limit.min(segments.documents() as usize),
            &tie,
            None,
            &self.windows,
        );
        let documents: Vec<DocId> = linked.keys().copied().collect();
        let shares = terms.shares(&documents)?;
        let mut page: Vec<Scored> = documents
            .iter()
            .zip(&shares)
            .map(|(document, shares)| Scored {
                score: shares.iter().map(|(_, score)| score).sum(),
                document: *document,
            })
            .collect();
        let is_other = |scored: &Scored| linked.get(&scored.document) != Some(&LinkKind::Duplicate);
        page.sort_unstable_by(|left, right| {
            let by_kind = is_other(left).cmp(&is_other(right));
            by_kind.then_with(|| accumulate::order(left, right, &tie))
        });
        page.extend(similar.best);
        page.truncate(limit);
        let shown: Vec<DocId> = page.iter().map(|scored| scored.document).collect();
        let typed: HashMap<&str, &str> = words
            .iter()
            .filter_map(|word| Some((word.terms.first()?.term.as_str(), word.typed.as_str())))
            .collect();
        let shares = terms.shares(&shown)?;
        let shared = shares.into_iter().map(|shares| leading(shares, &typed));
        Ok(Found {
            total: similar.total + linked.len() as u64,
            shared: shared.collect(),
            page,
            linked,
            on_pages,
        })
    }

    /// Returns the candidates that links point to, and those that stand on pages that links point to.
    fn linked(
        &self,
        segments: &Segments,
        links: &[Link],
        candidates: &BitSet,
    ) -> tantivy::Result<(BTreeMap<DocId, LinkKind>, BTreeSet<DocId>)> {
        let (mut linked, mut on_pages) = (BTreeMap::new(), BTreeSet::new());
        if links.is_empty() {
            return Ok((linked, on_pages));
        }
        let ids = segments.field(self.index.fields.id)?;
        for link in links {
            let path = link.path.trim_matches('/');
            if path.is_empty() {
                continue;
            }
            for id in [link.path.as_str(), path] {
                let document = self.document(id)?;
                if let Some(document) = document.filter(|found| candidates.contains(*found)) {
                    let kind = linked.entry(document).or_insert(link.kind);
                    *kind = link.kind.min(*kind);
                }
            }
            // The ids of a page's questions are its path with their anchors.
            let first = format!("{path}#");
            let behind = format!("{path}$");
            let mut of_page = ids.terms_from(first.as_bytes())?;
            while let Some((id, term)) = of_page.next()? {
                if id >= behind.as_bytes() {
                    break;
                }
                on_pages.extend(ids.first(&term, 1)?);
            }
        }
        on_pages.retain(|document| candidates.contains(*document));
        Ok((linked, on_pages))
    }

    /// Returns the words that tell what an entry is about, in the order in which they first stand in it, each with the
    /// one term that stands for it. Parts of names are words of their own.
    fn telling_words(&self, segments: &Segments, entry: &Entry) -> tantivy::Result<Vec<QueryWord>> {
        let mut counted: HashMap<String, Counted> = HashMap::new();
        let mut count = |text: &str, times: f32, is_title: bool| {
            for token in analysis::tokens(text) {
                let typed = &text[token.range.clone()];
                if !tells(&token, typed) {
                    continue;
                }
                let place = counted.len();
                let counted = counted.entry(token.term).or_insert_with(|| Counted {
                    typed: typed.to_owned(),
                    place,
                    times: 0.0,
                    in_title: false,
                });
                counted.times += times;
                counted.in_title |= is_title;
            }
        };
        count(&entry.title, 1.0, true);
        entry
            .blocks()
            .for_each(|block| count(block.text(), 1.0, false));
        schema::names(entry)
            .iter()
            .for_each(|name| count(name, NAME_COUNT, false));

        let all = self.index.fields.all;
        let index = segments.field(all)?;
        let mut telling = Vec::new();
        for (term, counted) in counted {
            let entries = index.entries_with(&term)?;
            // What no other entry has finds none.
            if entries < 2 {
                continue;
            }
            // As in queries: what is said again counts less each time.
            let mut weight = counted.times.sqrt();
            if counted.in_title {
                weight *= TITLE_FACTOR;
            }
            let heaviness = weight * Bm25::idf(segments.counted_among(entries), entries);
            let word = QueryWord {
                typed: counted.typed,
                place: counted.place,
                is_content: true,
                terms: vec![QueryTerm {
                    term,
                    weight,
                    is_subject: false,
                }],
                alternatives: Vec::new(),
                name: None,
            };
            telling.push((heaviness, word));
        }
        telling.sort_unstable_by(|(heaviness, word), (other, other_word)| {
            let by_heaviness = other.total_cmp(heaviness);
            by_heaviness.then(word.place.cmp(&other_word.place))
        });
        telling.truncate(TELLING_WORDS);
        telling.sort_unstable_by_key(|(_, word)| word.place);
        Ok(telling.into_iter().map(|(_, word)| word).collect())
    }
}

/// What was found, before entries are read.
struct Found {
    page: Vec<Scored>,
    /// The leading shared words of each entry of the page.
    shared: Vec<Vec<String>>,
    linked: BTreeMap<DocId, LinkKind>,
    on_pages: BTreeSet<DocId>,
    total: u64,
}

/// A term of an entry, as counted over its texts.
struct Counted {
    typed: String,
    place: usize,
    times: f32,
    in_title: bool,
}

/// Returns whether a token can say what an entry is about. Words that only say that something is asked cannot: leaving
/// them out costs nothing.
fn tells(token: &Token, typed: &str) -> bool {
    match token.kind {
        TokenKind::Word | TokenKind::Part => {
            let folded = analysis::fold(typed);
            !analysis::is_stop_word(&folded) && !analysis::is_question_word(&folded)
        }
        TokenKind::Name => true,
        TokenKind::Operator => !matches!(typed, "?" | "!"),
    }
}

/// Returns the words that add most, as they are written, the most telling first. A part of a name that is named already
/// says nothing new.
fn leading(mut shares: Vec<(&str, f32)>, typed: &HashMap<&str, &str>) -> Vec<String> {
    shares.sort_by(|(_, left), (_, right)| right.total_cmp(left));
    let mut leading: Vec<String> = Vec::new();
    for (term, _) in shares {
        let Some(word) = typed.get(term) else {
            continue;
        };
        let folded = word.to_lowercase();
        let is_told = leading
            .iter()
            .any(|told| told.to_lowercase().contains(&folded));
        if !is_told && leading.len() < SHARED_WORDS {
            leading.push((*word).to_owned());
        }
    }
    leading
}
