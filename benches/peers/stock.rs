//! tantivy as its examples show it: two stored text fields, the query parser over both, the best ten, a snippet of each.
//!
//! In its favour: one merged segment, whatever is no letter or digit is taken out of a query first (its parser would read it as
//! syntax), and no total is counted, so that it may skip blocks of postings.

use std::hint::black_box;
use std::path::Path;

use qdex::FacetField;
use tantivy::aggregation::AggregationCollector;
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::collector::{MultiCollector, TopDocs};
use tantivy::query::{BooleanQuery, FuzzyTermQuery, Occur, Query, QueryParser, TermQuery};
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::snippet::SnippetGenerator;
use tantivy::tokenizer::{
    Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, StopWordFilter, TextAnalyzer,
};
use tantivy::{Index, IndexWriter, Searcher, TantivyDocument, Term};

use crate::corpus::{COUNTED, Question, Source, Text};
use crate::engines::Engine;

/// Memory of the writer: enough for few segments.
const WRITER_BYTES: usize = 400_000_000;

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Words {
    /// The default: words in lower case.
    Plain,
    /// Stop words dropped, the others stemmed.
    Stemmed,
}

pub(crate) struct Stock {
    words: Words,
    searcher: Searcher,
    parser: QueryParser,
    fields: Fields,
}

#[derive(Clone)]
struct Fields {
    title: Field,
    body: Field,
    facets: Vec<(FacetField, Field)>,
}

fn schema(words: Words) -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(match words {
            Words::Plain => "default",
            Words::Stemmed => "stemmed",
        })
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let text = TextOptions::default().set_indexing_options(indexing) | STORED;
    let title = schema.add_text_field("title", text.clone());
    let body = schema.add_text_field("body", text);
    let facets = COUNTED.map(|facet| (facet, schema.add_text_field(facet.as_str(), STRING | FAST)));
    let fields = Fields {
        title,
        body,
        facets: facets.to_vec(),
    };
    (schema.build(), fields)
}

fn register(index: &Index) {
    let stemmed = TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(40))
        .filter(LowerCaser)
        .filter(StopWordFilter::new(Language::English).expect("it knows English"))
        .filter(Stemmer::new(Language::English));
    index.tokenizers().register("stemmed", stemmed.build());
}

impl Stock {
    pub(crate) fn build(dir: &Path, words: Words, source: &Source, count: usize) {
        std::fs::create_dir_all(dir).expect("the folder can be written");
        let (schema, fields) = schema(words);
        let index = Index::create_in_dir(dir, schema).expect("the folder can be written");
        register(&index);
        let mut writer: IndexWriter = index
            .writer_with_num_threads(1, WRITER_BYTES)
            .expect("enough memory");
        source.for_each(count, |entry| {
            let text = Text::from(entry);
            let mut document = TantivyDocument::new();
            document.add_text(fields.title, &text.title);
            document.add_text(fields.body, &text.body);
            for (facet, value) in &text.facets {
                if let Some((_, field)) = fields.facets.iter().find(|(field, _)| field == facet) {
                    document.add_text(*field, value);
                }
            }
            writer
                .add_document(document)
                .expect("the folder can be written");
        });
        writer.commit().expect("the folder can be written");
        let segments = index.searchable_segment_ids().expect("it was just written");
        if segments.len() > 1 {
            writer
                .merge(&segments)
                .wait()
                .expect("the folder can be written");
        }
        writer
            .wait_merging_threads()
            .expect("the folder can be written");
    }

    pub(crate) fn open(dir: &Path, words: Words) -> Self {
        let index = Index::open_in_dir(dir).expect("it was just built");
        register(&index);
        let (_, fields) = schema(words);
        Stock {
            words,
            searcher: index.reader().expect("it was just built").searcher(),
            parser: QueryParser::for_index(&index, vec![fields.title, fields.body]),
            fields,
        }
    }

    fn query(&self, question: &Question) -> Box<dyn Query> {
        let text = question.words.join(" ");
        let text = if question.is_phrase() {
            format!("\"{text}\"")
        } else {
            text
        };
        let mut query = self.parser.parse_query_lenient(&text).0;
        if question.is_prefix()
            && let Some(last) = question.words.last()
        {
            let prefix = |field: Field| -> (Occur, Box<dyn Query>) {
                let term = Term::from_field_text(field, last);
                (
                    Occur::Should,
                    Box::new(FuzzyTermQuery::new_prefix(term, 0, true)),
                )
            };
            let either = vec![
                (Occur::Should, query),
                prefix(self.fields.title),
                prefix(self.fields.body),
            ];
            query = Box::new(BooleanQuery::new(either));
        }
        if let Some((facet, value)) = question.filter()
            && let Some((_, field)) = self.fields.facets.iter().find(|(field, _)| *field == facet)
        {
            let term = Term::from_field_text(*field, value);
            let filter = TermQuery::new(term, IndexRecordOption::Basic);
            query = Box::new(BooleanQuery::new(vec![
                (Occur::Must, query),
                (Occur::Must, Box::new(filter)),
            ]));
        }
        query
    }
}

impl Engine for Stock {
    fn name(&self) -> &str {
        match self.words {
            Words::Plain => "tantivy",
            Words::Stemmed => "tantivy-stemmed",
        }
    }

    fn answer(&mut self, question: &Question) -> Option<Vec<String>> {
        let query = self.query(question);
        let failed = "the index can be read";
        let top = TopDocs::with_limit(10).order_by_score();
        let best = if question.counts_facets() {
            let mut collectors = MultiCollector::new();
            let top = collectors.add_collector(top);
            let counts = collectors.add_collector(AggregationCollector::from_aggs(
                facets(),
                Default::default(),
            ));
            let mut found = self.searcher.search(&query, &collectors).expect(failed);
            black_box(counts.extract(&mut found));
            top.extract(&mut found)
        } else {
            self.searcher.search(&query, &top).expect(failed)
        };
        let generator =
            SnippetGenerator::create(&self.searcher, &*query, self.fields.body).expect(failed);
        let titles = best.into_iter().map(|(_, address)| {
            let document: TantivyDocument = self.searcher.doc(address).expect(failed);
            black_box(generator.snippet_from_doc(&document).to_html());
            let title = document
                .get_first(self.fields.title)
                .and_then(|title| title.as_str());
            title.unwrap_or_default().to_owned()
        });
        Some(titles.collect())
    }
}

/// Returns the request for the ten commonest values of each facet.
fn facets() -> Aggregations {
    let terms = |facet: FacetField| {
        let name = facet.as_str();
        (
            name.to_owned(),
            serde_json::json!({"terms": {"field": name, "size": 10}}),
        )
    };
    let request: serde_json::Map<_, _> = COUNTED.map(terms).into_iter().collect();
    serde_json::from_value(request.into()).expect("it is a request")
}
