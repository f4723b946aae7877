//! What a half-typed word may become: words of the index as their entries write them.

use std::cmp::Reverse;

use tantivy::DocId;

use super::Searcher;
use crate::analysis::{self, TokenKind};
use crate::entry::Entry;
use crate::error::Result;
use crate::index::entries::Store;
use crate::index::segments::FieldIndex;
use crate::schema;

/// In how many entries a term is looked for as they write it. Terms are stems: `refer` stands for `references`.
const ENTRIES_READ: usize = 3;
/// A stem is at most so many letters shorter than a word of it that is being typed.
const MAX_ENDING: usize = 5;
/// Fewer letters say too little.
const MIN_LETTERS: usize = 2;

impl Searcher {
    /// Returns words that start with what was typed, each with how many entries have it in any form, most frequent
    /// first. Case does not matter. Reads a few stored entries a word.
    pub fn words_starting_with(&self, typed: &str, limit: usize) -> Result<Vec<(String, u64)>> {
        let folded = analysis::fold(typed);
        if folded.chars().count() < MIN_LETTERS || self.index.documents() == 0 {
            return Ok(Vec::new());
        }
        let all = self.index.fields.all;
        let terms = self.read(|segments| candidates(&segments.field(all)?, &folded))?;
        let store = self.store();
        let mut words: Vec<(String, u64)> = Vec::new();
        for (term, entries) in terms {
            if words.len() == limit {
                break;
            }
            let written = self.written(&term, &folded, &store)?;
            if let Some(word) = written
                && !words.iter().any(|(known, _)| *known == word)
            {
                words.push((word, entries));
            }
        }
        Ok(words)
    }

    /// Returns a term as entries write it most often, if they write it with the folded beginning.
    fn written(&self, term: &str, folded: &str, store: &Store<'_>) -> Result<Option<String>> {
        let fields = [self.index.fields.title, self.index.fields.all];
        // Titles are short, and written with care.
        let documents = self.read(|segments| {
            let mut documents: Vec<DocId> = Vec::new();
            for field in fields {
                let index = segments.field(field)?;
                if let Some(term) = index.term(term)? {
                    let room = ENTRIES_READ.saturating_sub(documents.len());
                    documents.extend(index.first(&term, room)?);
                }
            }
            documents.dedup();
            Ok(documents)
        })?;
        let mut forms: Vec<(String, usize)> = Vec::new();
        for document in documents {
            let entry = self.stored(store, document)?;
            for form in forms_of(&entry, term) {
                if !analysis::fold(&form).starts_with(folded) {
                    continue;
                }
                match forms.iter_mut().find(|(known, _)| *known == form) {
                    Some((_, times)) => *times += 1,
                    None => forms.push((form, 1)),
                }
            }
        }
        let best = forms
            .into_iter()
            .min_by_key(|(form, times)| (Reverse(*times), form.len()));
        Ok(best.map(|(form, _)| form))
    }
}

/// Returns terms that start as typed, and stems of what was typed, with how many entries have each, most frequent first.
fn candidates(index: &FieldIndex<'_>, folded: &str) -> tantivy::Result<Vec<(String, u64)>> {
    let mut found = Vec::new();
    let mut terms = index.terms_from(folded.as_bytes())?;
    while let Some((key, term)) = terms.next()? {
        if !key.starts_with(folded.as_bytes()) {
            break;
        }
        found.push((String::from_utf8_lossy(key).into_owned(), term.entries()));
    }
    // A word that is typed beyond its stem, and one whose stem ends otherwise: `happy`, `happi`.
    let stems = analysis::tokens(folded).into_iter().map(|token| token.term);
    let ends = folded.char_indices().map(|(end, _)| end);
    let shorter = ends.filter(|end| *end > MIN_LETTERS && end + MAX_ENDING >= folded.len());
    let shorter = shorter.map(|end| folded[..end].to_owned());
    for stem in stems.chain(shorter).collect::<Vec<_>>() {
        let is_known = stem.starts_with(folded) || found.iter().any(|(term, _)| *term == stem);
        if !is_known && let Some(term) = index.term(&stem)? {
            found.push((stem, term.entries()));
        }
    }
    found.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    Ok(found)
}

/// Returns how an entry writes a term: in its title, else in its text and in the names that it is filed under. A plain word
/// loses the capital of a sentence.
fn forms_of(entry: &Entry, term: &str) -> Vec<String> {
    let in_text = |text: &str| -> Vec<String> {
        let tokens = analysis::tokens(text);
        let of_term = tokens.iter().filter(|token| token.term == term);
        of_term
            .filter_map(|token| {
                let written = text.get(token.range.clone())?;
                let mut rest = written.chars().skip(1);
                let is_plain = token.kind == TokenKind::Word && !rest.any(char::is_uppercase);
                Some(match is_plain {
                    true => written.to_lowercase(),
                    false => written.to_owned(),
                })
            })
            .collect()
    };
    let in_title = in_text(&entry.title);
    if !in_title.is_empty() {
        return in_title;
    }
    let names = schema::names(entry);
    let names = names.iter().map(String::as_str);
    let texts = entry.blocks().map(|block| block.text());
    texts.chain(names).flat_map(in_text).collect()
}
