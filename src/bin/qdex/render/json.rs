//! JSON for other programs: the contract of `--json`. Keys and their order are fixed; new keys go to the end.

use std::io::{self, Write};
use std::ops::Range;

use qdex::Entry;
use qdex::facets::{FacetCounts, FacetValue};
use qdex::message::ErrorIdentity;
use qdex::search::{Contribution, Correction, Hit, NamedMatch, Phases, SearchResults, Work};
use qdex::snippet::{Lines, Snippet, SnippetKind};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::terminal::is_hostile;
use super::text;

/// Returns a value as one line of JSON. Characters that steer a terminal are written as escapes, which mean the same.
pub(crate) fn line(value: &impl Serialize) -> String {
    let mut json = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut json, Escaping);
    value
        .serialize(&mut serializer)
        .expect("our structs have string keys, and memory can be written to");
    json.push(b'\n');
    String::from_utf8(json).expect("serde_json writes UTF-8")
}

/// Returns the object of `search --json`; one of `--explain` says what the search did, and how long its parts took.
pub(crate) fn results(results: &SearchResults, is_explained: bool) -> String {
    let relaxations = results.relaxations.iter().map(text::relaxation);
    line(&ResultsView {
        query: &results.query,
        read_as: &results.read_as,
        warnings: results
            .warnings
            .iter()
            .cloned()
            .chain(relaxations)
            .collect(),
        suggestion: results.suggestion.as_deref(),
        total: results.total,
        took_us: results.took.as_micros(),
        hits: results.hits.iter().map(HitView::new).collect(),
        facets: FacetsView(&results.facets),
        corrections: &results.corrections,
        error: results.error.as_ref(),
        work: is_explained.then_some(&results.work),
        phases_us: is_explained.then(|| PhasesView::new(&results.phases)),
    })
}

/// Returns the hits of `search --format jsonl`, one a line.
pub(crate) fn hits(hits: &[Hit]) -> String {
    hits.iter().map(|hit| line(&HitView::new(hit))).collect()
}

/// Returns the object of `facets --json`.
pub(crate) fn facets(facets: &[FacetCounts]) -> String {
    line(&FacetsView(facets))
}

#[derive(Serialize)]
struct ResultsView<'a> {
    query: &'a str,
    read_as: &'a str,
    warnings: Vec<String>,
    suggestion: Option<&'a str>,
    total: u64,
    took_us: u128,
    hits: Vec<HitView<'a>>,
    facets: FacetsView<'a>,
    corrections: &'a [Correction],
    /// What identifies the error that the query was read as.
    error: Option<&'a ErrorIdentity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<&'a Work>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phases_us: Option<PhasesView>,
}

/// How long the parts of a search took, in microseconds.
#[derive(Serialize)]
struct PhasesView {
    look_up: u128,
    candidates: u128,
    rerank: u128,
    facets: u128,
    snippets: u128,
}

impl PhasesView {
    fn new(phases: &Phases) -> Self {
        PhasesView {
            look_up: phases.look_up.as_micros(),
            candidates: phases.candidates.as_micros(),
            rerank: phases.rerank.as_micros(),
            facets: phases.facets.as_micros(),
            snippets: phases.snippets.as_micros(),
        }
    }
}

#[derive(Serialize)]
struct HitView<'a> {
    rank: usize,
    id: &'a str,
    score: f32,
    title: &'a str,
    difficulty: Option<&'a str>,
    topic: Option<&'a str>,
    framework: Option<&'a str>,
    tags: &'a [String],
    url: Option<&'a str>,
    source: SourceView<'a>,
    snippet: SnippetView<'a>,
    code: Option<SnippetView<'a>>,
    title_highlights: Vec<[usize; 2]>,
    missing: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Vec<ContributionView<'a>>>,
    code_lead: Option<SnippetView<'a>>,
    names: &'a [NamedMatch],
}

#[derive(Serialize)]
struct SnippetView<'a> {
    text: &'a str,
    highlights: Vec<[usize; 2]>,
    kind: SnippetKind,
    lang: Option<&'a str>,
    answer: Option<AnswerView<'a>>,
    lines: Option<Lines>,
}

/// Whose a snippet is.
#[derive(Serialize)]
struct AnswerView<'a> {
    /// What stands behind `@` in `qdex show id@answer`.
    name: String,
    id: Option<&'a str>,
    score: Option<i64>,
    accepted: bool,
}

impl<'a> SnippetView<'a> {
    fn new(snippet: &'a Snippet, entry: &'a Entry) -> Self {
        let answer = |place: usize| {
            let answer = entry.answers.get(place)?;
            Some(AnswerView {
                name: entry.answer_name(place),
                id: answer.id.as_deref(),
                score: answer.score,
                accepted: answer.accepted,
            })
        };
        SnippetView {
            text: &snippet.text,
            highlights: pairs(&snippet.highlights),
            kind: snippet.kind,
            lang: snippet.lang.as_deref(),
            answer: snippet.answer.and_then(answer),
            lines: snippet.lines,
        }
    }
}

fn pairs(ranges: &[Range<usize>]) -> Vec<[usize; 2]> {
    ranges
        .iter()
        .map(|range| [range.start, range.end])
        .collect()
}

/// Where an entry was read.
#[derive(Serialize)]
pub(super) struct SourceView<'a> {
    path: &'a str,
    line: Option<u64>,
}

impl<'a> SourceView<'a> {
    pub(super) fn new(source: &'a qdex::Source) -> Self {
        SourceView {
            path: &source.path,
            line: source.line,
        }
    }
}

#[derive(Serialize)]
struct ContributionView<'a> {
    signal: &'a str,
    score: f32,
    detail: &'a str,
}

impl<'a> HitView<'a> {
    fn new(hit: &'a Hit) -> Self {
        let entry = &hit.entry;
        let contribution = |part: &'a Contribution| ContributionView {
            signal: &part.signal,
            score: part.score,
            detail: &part.detail,
        };
        let snippet = |snippet: &'a Snippet| SnippetView::new(snippet, entry);
        HitView {
            rank: hit.rank,
            id: &entry.id,
            score: hit.score,
            title: &entry.title,
            difficulty: entry.difficulty.map(|difficulty| difficulty.as_str()),
            topic: entry.topic.as_ref().map(|topic| topic.as_str()),
            framework: entry.framework.as_deref(),
            tags: &entry.tags,
            url: entry.url.as_deref(),
            source: SourceView::new(&entry.source),
            snippet: snippet(&hit.snippet),
            code: hit.code.as_ref().map(snippet),
            title_highlights: pairs(&hit.title_highlights),
            missing: &hit.missing,
            explanation: hit
                .explanation
                .as_ref()
                .map(|parts| parts.iter().map(contribution).collect()),
            code_lead: hit.code_lead.as_ref().map(snippet),
            names: &hit.names,
        }
    }
}

struct FacetsView<'a>(&'a [FacetCounts]);

impl Serialize for FacetsView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for FacetCounts { field, values, .. } in self.0 {
            let values: &Vec<FacetValue> = values;
            map.serialize_entry(field.as_str(), values)?;
        }
        map.end()
    }
}

/// Compact JSON in which nothing but visible characters and blanks is left unescaped.
struct Escaping;

impl serde_json::ser::Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_hostile) {
            let (plain, from) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let character = from.chars().next().unwrap_or_default();
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &from[character.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::super::terminal::tests::{any_text, assert_harmless};
    use super::*;
    use proptest::prelude::*;
    use qdex::Rung;

    #[test]
    fn a_hit_has_the_keys_of_the_contract_in_their_order() {
        let hit = Hit {
            rank: 1,
            score: 1.5,
            entry: qdex::Entry::default(),
            title_highlights: vec![0..1, 2..3],
            snippet: Snippet::default(),
            code: None,
            code_lead: None,
            missing: vec!["x".to_owned()],
            names: vec![NamedMatch {
                name: "a::b".to_owned(),
                rung: Rung::OtherStyle,
            }],
            explanation: None,
        };
        assert_eq!(
            hits(&[hit]),
            concat!(
                r#"{"rank":1,"id":"","score":1.5,"title":"","difficulty":null,"topic":null,"framework":null,"tags":[],"#,
                r#""url":null,"source":{"path":"","line":null},"#,
                r#""snippet":{"text":"","highlights":[],"kind":"prose","lang":null,"answer":null,"lines":null},"code":null,"#,
                r#""title_highlights":[[0,1],[2,3]],"missing":["x"],"code_lead":null,"names":[{"name":"a::b","rung":"other-style"}]}"#,
                "\n"
            )
        );
    }

    proptest! {
        #[test]
        fn json_is_harmless_and_means_the_text(text in any_text()) {
            let json = line(&text);
            assert_harmless(&json);
            prop_assert_eq!(serde_json::from_str::<String>(&json).expect("is JSON"), text);
        }
    }
}
