//! Related entries judged by what people closed as duplicates: recall@10 beside that of searching for the title.
//!
//! The links themselves are no evidence: what names them in entries and texts is taken out first.

use std::collections::HashMap;
use std::fmt::Write;

use qdex::body::{Block, MarkKind};
use qdex::evaluate::compare::Comparison;
use qdex::evaluate::{JudgedQuery, JudgedSet, RankedQuery, Run};
use qdex::search::RelatedOptions;
use qdex::{Difficulty, Entry, FacetField, Filter, LinkKind, SearchOptions};

use crate::corpora::{read_well, test_data};
use crate::relevance::committed;
use crate::sample::Sample;

/// Takes out what tells what a question is linked to: its links, their words in its texts, and the notes of moderators.
fn without_links(mut entry: Entry) -> Entry {
    entry.related.clear();
    let answers = entry.answers.iter_mut().map(|answer| &mut answer.blocks);
    for blocks in std::iter::once(&mut entry.question).chain(answers) {
        for block in blocks.iter_mut() {
            let Block::Prose(prose) = block else {
                continue;
            };
            for mark in std::mem::take(&mut prose.marks).iter().rev() {
                let is_question = |target: &str| {
                    ["/questions/", "/q/", "/a/"]
                        .iter()
                        .any(|part| target.contains(part))
                };
                if let MarkKind::Link { target } = &mark.kind
                    && is_question(target)
                    && prose.text.get(mark.start..mark.end).is_some()
                {
                    prose.text.replace_range(mark.start..mark.end, "");
                }
            }
        }
        blocks.retain(|block| !block.text().contains("Possible Duplicate"));
    }
    entry
}

/// What is judged: entries, of which some are asked about, and those that may be found.
struct Judged {
    sample: Sample,
    set: JudgedSet,
    filters: Vec<Filter>,
}

/// Questions of a dump that were closed as duplicates of others in it.
fn dump() -> Option<Judged> {
    let path = test_data()?.join("native/stackexchange/cs-2014-questions");
    let entries = read_well(&[path]);
    let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let mut queries = Vec::new();
    for (line, entry) in entries.iter().enumerate() {
        let links = entry.related.iter();
        let grades: HashMap<String, u32> = links
            .filter(|link| link.kind == LinkKind::Duplicate && ids.contains(&link.path.as_str()))
            .map(|link| (link.path.clone(), 1))
            .collect();
        if !grades.is_empty() {
            queries.push(JudgedQuery {
                id: entry.id.clone(),
                text: entry.title.clone(),
                grades,
                line: line as u64 + 1,
            });
        }
    }
    let entries: Vec<Entry> = entries.into_iter().map(without_links).collect();
    Some(Judged {
        sample: Sample::new(&entries),
        set: JudgedSet { queries },
        filters: Vec::new(),
    })
}

/// A judged set whose queries are whole questions that are not in its corpus. They are indexed beside it, as the only
/// entries that are hard, and hard ones may not be found.
fn set() -> Option<Judged> {
    let dir = test_data()?.join("judged/cs-se-dup");
    let mut entries = read_well(&[dir.join("corpus.jsonl")]);
    let mut set = JudgedSet::read(&dir, "dev-full").expect("is well formed");
    for query in &mut set.queries {
        let (title, text) = query.text.split_once('\n').unwrap_or((&query.text, ""));
        entries.push(Entry {
            id: query.id.clone(),
            title: title.to_owned(),
            question: qdex::body::from_markdown(text),
            difficulty: Some(Difficulty::Hard),
            ..Entry::default()
        });
        query.text = title.to_owned();
    }
    let entries: Vec<Entry> = entries.into_iter().map(without_links).collect();
    let hard = vec![Difficulty::Hard.to_string()];
    Some(Judged {
        sample: Sample::new(&entries),
        set,
        filters: vec![Filter::none_of(FacetField::Difficulty, hard)],
    })
}

impl Judged {
    /// Returns what is related to each question, and what a search for its title finds beside itself.
    fn runs(&self) -> (Run, Run) {
        let related = |query: &JudgedQuery| {
            let options = RelatedOptions {
                limit: 100,
                filters: self.filters.clone(),
            };
            let found = self.sample.searcher.related(&query.id, &options);
            let found = found.expect("is found").related.into_iter();
            found
                .map(|related| (related.entry.id, related.score))
                .collect()
        };
        let titles = |query: &JudgedQuery| {
            let options = SearchOptions {
                limit: 101,
                filters: self.filters.clone(),
                ..SearchOptions::default()
            };
            let found = self.sample.searcher.rank(&query.text, &options);
            let found = found.expect("answers").into_iter();
            found.filter(|(id, _)| *id != query.id).collect()
        };
        (self.run(related), self.run(titles))
    }

    fn run(&self, find: impl Fn(&JudgedQuery) -> Vec<(String, f32)>) -> Run {
        let ranked = |query: &JudgedQuery| RankedQuery {
            id: query.id.clone(),
            hits: find(query),
        };
        Run {
            queries: self.set.queries.iter().map(ranked).collect(),
        }
    }

    /// Returns for each question how much of what is relevant is among the first ten of a run.
    fn recall_at_10(&self, run: &Run) -> Vec<f64> {
        let recall = |(query, ranked): (&JudgedQuery, &RankedQuery)| {
            let relevant = query.relevant();
            let first = ranked.hits.iter().take(10);
            let found = first.filter(|(id, _)| relevant.iter().any(|(other, _)| id == other));
            found.count() as f64 / relevant.len() as f64
        };
        let queries = self.set.queries.iter().zip(&run.queries);
        queries.map(recall).collect()
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// A fall of a mean below this is noise of a change that means something else.
const TOLERANCE: f64 = 0.01;

#[test]
fn duplicates_are_related_more_surely_than_their_titles_find_them() {
    let mut new = String::from("Duplicates among the first ten, by the judgments of people\n");
    for (name, judged) in [("cs-2014-questions", dump()), ("cs-se-dup", set())] {
        let Some(judged) = judged else { return };
        let (related, titles) = judged.runs();
        let [found, by_title] = [&related, &titles].map(|run| judged.recall_at_10(run));
        let pairs = || found.iter().zip(&by_title);
        let better = pairs().filter(|(found, by_title)| found > by_title).count();
        let worse = pairs().filter(|(found, by_title)| found < by_title).count();
        let compared = Comparison::new(&judged.set, &titles, &related);
        write!(
            new,
            "\n{name}, {} questions\n\
             recall@10  related {:.4}  title as a query {:.4}  ({better} better, {worse} worse)\n\
             nDCG@10    related {:.4}  title as a query {:.4}  (difference {:+.4}, 95% from {:+.4} to {:+.4}, p {:.4})\n",
            judged.set.queries.len(),
            mean(&found),
            mean(&by_title),
            compared.after.ndcg_at_10,
            compared.before.ndcg_at_10,
            compared.difference.ndcg_at_10,
            compared.lower.ndcg_at_10,
            compared.upper.ndcg_at_10,
            compared.p.ndcg_at_10,
        )
        .expect("is written");
        assert!(better > worse, "{new}");
        assert!(compared.lower.ndcg_at_10 > 0.0, "{new}");
    }
    println!("{new}");
    let Some(old) = committed("related.txt", &new) else {
        return;
    };
    let recalls = |text: &str| -> Vec<f64> {
        let lines = text.lines();
        let lines = lines.filter_map(|line| line.strip_prefix("recall@10  related "));
        lines
            .filter_map(|line| line.split(' ').next()?.parse().ok())
            .collect()
    };
    let (before, now) = (recalls(&old), recalls(&new));
    assert_eq!(before.len(), 2, "{old}");
    for (before, now) in before.iter().zip(&now) {
        assert!(*now >= before - TOLERANCE, "was\n{old}\nis\n{new}");
    }
}
