//! Hits for people.

use anstyle::Style;
use qdex::Entry;
use qdex::search::{Hit, SearchResults};
use qdex::snippet::{Snippet, SnippetKind};

use super::code::{self, Block, usual_language};
use super::entry::standing;
use super::terminal::{BOLD, DIM, Page, Span, highlighted};
use super::text::duration;
use super::{Medium, explanation, facets};

const PLAIN: Style = Style::new();
/// How many hits of a page show their code at length: ten long blocks would push the best hit off the screen.
const HITS_WITH_CODE: usize = 3;
/// Longer code of the first hits is cut to the lines that matter.
const MAX_LINES: usize = 30;
/// How many lines are left of longer code.
const CUT_LINES: usize = 20;
/// The same two for the other hits.
const MAX_SHORT_LINES: usize = 6;
const CUT_SHORT_LINES: usize = 5;

/// Returns the hits, each with its title, facts, passage and code, and the facets that were asked for.
pub(crate) fn results(results: &SearchResults, leading_values: usize, medium: Medium) -> String {
    let mut page = Page::new(medium);
    let last_rank = results.hits.last().map_or(0, |hit| hit.rank);
    let rank_width = last_rank.to_string().len();
    for (place, hit) in results.hits.iter().enumerate() {
        page.blank_line();
        write_hit(&mut page, hit, rank_width, place < HITS_WITH_CODE);
    }
    let mut text = page.into_text();
    if !results.facets.is_empty() {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&facets::lines(&results.facets, leading_values, medium));
    }
    text
}

/// Returns the line under the hits: `3 of 120 hits in 0.4 ms`.
pub(crate) fn footer(results: &SearchResults) -> String {
    let total = results.total;
    let hits = if total == 1 { "hit" } else { "hits" };
    let took = duration(results.took);
    format!("{} of {total} {hits} in {took}", results.hits.len())
}

fn write_hit(page: &mut Page, hit: &Hit, rank_width: usize, at_length: bool) {
    let rank = format!("{:>rank_width$}. ", hit.rank);
    let indent = " ".repeat(rank.len());
    let title = highlighted(&hit.entry.title, &hit.title_highlights, BOLD);
    page.wrapped(&title, &rank, &indent);
    write_dim(page, &facts(&hit.entry), &indent);
    if !hit.missing.is_empty() {
        let missing = format!("without: {}", hit.missing.join(", "));
        write_dim(page, &missing, &indent);
    }

    let mut said = None;
    // A snippet that is the title or the code block says nothing new.
    let is_code = |code: &Snippet| code.text == hit.snippet.text;
    let is_repeated = hit.snippet.text == hit.entry.title || hit.code.as_ref().is_some_and(is_code);
    if !is_repeated && !hit.snippet.text.trim().is_empty() {
        page.blank_line();
        write_whose(page, hit, &hit.snippet, &mut said, &indent);
        match hit.snippet.kind {
            SnippetKind::Prose => write_prose(page, &hit.snippet, &indent),
            SnippetKind::Code => write_code(page, hit, &hit.snippet, usize::MAX, &indent),
        }
    }
    if let Some(code) = &hit.code {
        page.blank_line();
        write_whose(page, hit, code, &mut said, &indent);
        let lines = code.text.lines().count();
        let (max_lines, cut_lines) = if at_length {
            (MAX_LINES, CUT_LINES)
        } else {
            (MAX_SHORT_LINES, CUT_SHORT_LINES)
        };
        if at_length || lines <= max_lines || !code.highlights.is_empty() {
            // Other sentences before code say something else as often as not.
            let is_new = |lead: &&Snippet| {
                lead.text.ends_with(':') && !hit.snippet.text.contains(&lead.text)
            };
            if let Some(lead) = hit.code_lead.as_ref().filter(is_new) {
                write_prose(page, lead, &indent);
            }
            let shown = if lines <= max_lines { lines } else { cut_lines };
            write_code(page, hit, code, shown, &indent);
        } else {
            // The beginning of code without a word of the query would only fill the screen.
            let lang = code.lang.as_deref().unwrap_or("code");
            let label = format!("{indent}{lang}: {lines} lines, not shown");
            page.line(&[Span {
                text: &label,
                style: DIM,
            }]);
        }
    }
    if let Some(parts) = &hit.explanation {
        explanation::write(page, parts, hit.score, indent.len());
    }
}

/// Returns what tells one hit from another: difficulty, topic and id. Ids as a rule begin with the topic, which is not
/// said twice.
pub(super) fn facts(entry: &Entry) -> String {
    let mut facts = Vec::new();
    if let Some(difficulty) = entry.difficulty {
        facts.push(difficulty.as_str());
    }
    let topic = entry.topic.as_ref().map(|topic| topic.as_str());
    let topic = topic.filter(|topic| !entry.id.to_lowercase().starts_with(&topic[1..]));
    facts.extend(topic);
    facts.push(&entry.id);
    facts.join(" · ")
}

/// Says whose a snippet is, once for what follows: nothing for the only answer, of which nothing else is known.
fn write_whose(
    page: &mut Page,
    hit: &Hit,
    snippet: &Snippet,
    said: &mut Option<String>,
    indent: &str,
) {
    let answers = &hit.entry.answers;
    let place = snippet.answer;
    let whose = match place.and_then(|place| Some((place, answers.get(place)?))) {
        None if answers.is_empty() => return,
        None => "from the question".to_owned(),
        Some((place, answer)) => {
            let standing = standing(answer);
            if answers.len() == 1 && standing.is_empty() {
                String::new()
            } else {
                let name = hit.entry.answer_name(place);
                let number = match answers.len() {
                    1 => format!("answer @{name}"),
                    answers => format!("answer @{name}, {} of {answers}", place + 1),
                };
                let facts = std::iter::once(number).chain(standing);
                facts.collect::<Vec<_>>().join(" · ")
            }
        }
    };
    if said.as_ref() != Some(&whose) && !(said.is_none() && whose.is_empty()) {
        let line = if whose.is_empty() {
            "from the answer"
        } else {
            &whose
        };
        write_dim(page, line, indent);
    }
    *said = Some(whose);
}

fn write_dim(page: &mut Page, text: &str, indent: &str) {
    page.wrapped(&[Span { text, style: DIM }], indent, indent);
}

fn write_prose(page: &mut Page, snippet: &Snippet, indent: &str) {
    let spans = highlighted(&snippet.text, &snippet.highlights, PLAIN);
    page.wrapped(&spans, indent, indent);
}

fn write_code(page: &mut Page, hit: &Hit, code: &Snippet, max_lines: usize, indent: &str) {
    let block = Block {
        text: &code.text,
        highlights: &code.highlights,
        lang: code.lang.as_deref(),
        usual: usual_language(&hit.entry),
        shown: &code.excerpt(max_lines),
    };
    code::write(page, &block, indent.len());
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::terminal::tests::{COLOR, PLAIN, any_text, assert_harmless};
    use super::*;
    use proptest::prelude::*;
    use qdex::facets::{FacetCounts, FacetValue};
    use qdex::search::{Contribution, Phases, Work};
    use qdex::{Difficulty, FacetField, Topic};

    fn hit(text: &str) -> Hit {
        Hit {
            rank: 1,
            score: 2.0,
            entry: Entry {
                id: text.to_owned(),
                title: text.to_owned(),
                difficulty: Some(Difficulty::Hard),
                topic: Topic::new(text),
                ..Entry::default()
            },
            title_highlights: Vec::new(),
            snippet: Snippet {
                text: format!("{text}."),
                ..Snippet::default()
            },
            code: Some(Snippet {
                text: text.to_owned(),
                kind: SnippetKind::Code,
                lang: Some(text.to_owned()),
                ..Snippet::default()
            }),
            code_lead: Some(Snippet {
                text: format!("{text}:"),
                ..Snippet::default()
            }),
            missing: vec![text.to_owned()],
            names: Vec::new(),
            explanation: Some(vec![Contribution {
                signal: text.to_owned(),
                score: 2.0,
                detail: text.to_owned(),
            }]),
        }
    }

    fn results_of(hit: Hit) -> SearchResults {
        SearchResults {
            query: String::new(),
            read_as: String::new(),
            error: None,
            warnings: Vec::new(),
            suggestion: None,
            corrections: Vec::new(),
            relaxations: Vec::new(),
            total: 1,
            took: Duration::from_micros(412),
            phases: Phases::default(),
            work: Work::default(),
            facets: vec![FacetCounts {
                field: FacetField::Tag,
                values: vec![FacetValue {
                    value: hit.entry.title.clone(),
                    count: 3,
                    selected: true,
                    excluded: false,
                }],
                more: 0,
            }],
            hits: vec![hit],
        }
    }

    #[test]
    fn a_hit_is_laid_out_for_people() {
        let mut hit = hit("gc");
        hit.entry.id = "gc#weak".to_owned();
        hit.entry.title = "What does a weak reference keep alive?".to_owned();
        hit.snippet.text = "Nothing: a weakref does not count.".to_owned();
        hit.snippet.highlights = vec![0..7, 11..18];
        hit.code = Some(Snippet {
            text: "import weakref\nr = weakref.ref(a)".to_owned(),
            kind: SnippetKind::Code,
            ..Snippet::default()
        });
        let mut results = results_of(hit);
        results.facets[0].values[0].value = "memory".to_owned();
        assert_eq!(
            super::results(&results, 10, PLAIN),
            "\
1. What does a weak reference
   keep alive?
   hard · gc#weak
   without: gc

   Nothing: a weakref does not
   count.

   gc:
   code:
     import weakref
     r = weakref.ref(a)

    score  signal
           detail
   +2.000  gc
           gc
   +2.000  sum

tag  *memory 3
"
        );
        assert_eq!(footer(&results), "1 of 1 hit in 0.4 ms");
    }

    proptest! {
        #[test]
        fn rendered_hits_are_harmless(text in any_text()) {
            for medium in [PLAIN, COLOR] {
                assert_harmless(&results(&results_of(hit(&text)), 1, medium));
            }
        }
    }
}
