//! SeekStorm as its documentation shows it: a boosted title and a body, both stored, the best ten of any of the words, highlighted.
//!
//! In its favour: built for this processor's own instructions, stop words dropped, pairs of frequent words indexed, no total counted,
//! as many shards as there are processors, searched by one thread beside the one that asks. With a single shard of more than 65,536
//! entries, version 4.0.1 panics on questions of many words.

use std::collections::HashSet;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::time::Instant;

use seekstorm::highlighter::{Highlight, highlighter};
use seekstorm::index::{
    AccessType, Close, Clustering, DocumentCompression, FileType, FrequentwordType, IndexArc,
    IndexDocument, IndexMetaObject, LexicalSimilarity, NgramSet, StemmerType, StopwordType,
    TokenizerType, create_index, open_index,
};
use seekstorm::search::{QueryRewriting, QueryType, ResultType, Search, SearchMode};
use seekstorm::vector::Inference;
use serde_json::{Value, json};

const SCHEMA: &str = r#"[
    {"field": "title", "field_type": "Text", "store": true, "index_lexical": true, "boost": 10},
    {"field": "body", "field_type": "Text", "store": true, "index_lexical": true}]"#;

/// The classes that it has an equal of, as it is set up here.
const CLASSES: [&str; 7] = [
    "rare-word",
    "common-word",
    "words",
    "question",
    "phrase",
    "identifier",
    "paste",
];

#[tokio::main(worker_threads = 1)]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args().nth(1).ok_or("usage: seekstorm_peer DIR")?;
    let dir = Path::new(&dir);
    let path = dir.join("seekstorm");
    let built = dir.join("seekstorm.built");
    let mut about = "kept from an earlier run".to_owned();
    if !built.exists() {
        let started = Instant::now();
        if path.exists() {
            std::fs::remove_dir_all(&path)?;
        }
        build(dir, &path).await?;
        about = format!("built in {:.1} s", started.elapsed().as_secs_f64());
        std::fs::write(built, "")?;
    }
    let index = open_index(&path).await?;
    println!("ready: {about}, {:.1} MB", bytes(&path)? as f64 / 1e6);
    for line in std::io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let is_asked = CLASSES.iter().any(|class| question["class"] == *class);
        let reply = if is_asked {
            let started = Instant::now();
            let titles = answer(&index, &question).await?;
            json!({"titles": titles, "us": started.elapsed().as_secs_f64() * 1e6})
        } else {
            Value::Null
        };
        println!("{reply}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

async fn build(dir: &Path, path: &Path) -> Result<(), Box<dyn Error>> {
    let meta = IndexMetaObject {
        id: 0,
        name: "entries".to_owned(),
        lexical_similarity: LexicalSimilarity::Bm25f,
        tokenizer: TokenizerType::UnicodeAlphanumeric,
        stemmer: StemmerType::English,
        stop_words: StopwordType::English,
        frequent_words: FrequentwordType::English,
        ngram_indexing: NgramSet::NgramFF as u8,
        document_compression: DocumentCompression::Snappy,
        access_type: AccessType::Mmap,
        spelling_correction: None,
        query_completion: None,
        clustering: Clustering::None,
        inference: Inference::None,
        segment_number_bits: 11,
    };
    std::fs::create_dir_all(path)?;
    let schema = serde_json::from_str(SCHEMA)?;
    let index = create_index(path, meta, &schema, &Vec::new(), true, None).await?;
    for line in BufReader::new(File::open(dir.join("corpus.jsonl"))?).lines() {
        let entry: Value = serde_json::from_str(&line?)?;
        let document = json!({"title": entry["title"], "body": entry["text"]});
        index
            .index_document(serde_json::from_value(document)?, FileType::None)
            .await;
    }
    // It indexes beside this, and waits for what is not done when it is closed.
    index.close().await;
    Ok(())
}

async fn answer(index: &IndexArc, question: &Value) -> Result<Vec<String>, Box<dyn Error>> {
    let is_phrase = question["phrase"] == true;
    let words: Vec<&str> = question["words"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let words = words.join(" ");
    let (query, query_type) = if is_phrase {
        (format!("\"{words}\""), QueryType::Phrase)
    } else {
        (words, QueryType::Union)
    };
    let found = index
        .search(
            query,
            None,
            query_type,
            SearchMode::Lexical,
            false,
            0,
            10,
            ResultType::Topk,
            false,
            Vec::new(),
            Vec::new(),
            Vec::new(),
            Vec::new(),
            QueryRewriting::SearchOnly,
        )
        .await;
    let highlights = vec![Highlight {
        field: "body".to_owned(),
        fragment_number: 2,
        fragment_size: 160,
        highlight_markup: true,
        ..Highlight::default()
    }];
    let highlighter = Some(highlighter(index, highlights, found.query_terms).await);
    let index = index.read().await;
    let mut titles = Vec::with_capacity(found.results.len());
    for result in &found.results {
        let document = index
            .get_document(result.doc_id, false, &highlighter, &HashSet::new(), &[])
            .await?;
        titles.push(match document.get("title") {
            Some(Value::String(title)) => title.clone(),
            _ => String::new(),
        });
    }
    Ok(titles)
}

fn bytes(dir: &Path) -> std::io::Result<u64> {
    let mut sum = 0;
    for file in std::fs::read_dir(dir)? {
        let file = file?;
        sum += if file.file_type()?.is_dir() {
            bytes(&file.path())?
        } else {
            file.metadata()?.len()
        };
    }
    Ok(sum)
}
