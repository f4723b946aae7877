//! The corpus and the questions as files, for engines that have no library for this program: see `benches/others`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::json;

use crate::corpus::{Question, Source, Text};
use crate::measure::{Asked, median};

const FAILED: &str = "the folder can be written";

fn create(dir: &Path, name: &str) -> BufWriter<File> {
    std::fs::create_dir_all(dir).expect(FAILED);
    BufWriter::new(File::create(dir.join(name)).expect(FAILED))
}

/// Writes the entries as BEIR has them.
pub(crate) fn corpus(dir: &Path, source: &Source, count: usize) {
    let mut file = create(dir, "corpus.jsonl");
    source.for_each(count, |entry| {
        let text = Text::from(entry);
        let line = json!({"_id": entry.id, "title": text.title, "text": text.body});
        writeln!(file, "{line}").expect(FAILED);
    });
    file.flush().expect(FAILED);
}

/// Writes the questions, with what qdex took for each.
pub(crate) fn questions(dir: &Path, questions: &[Question], qdex: &[Asked]) {
    let mut file = create(dir, "questions.jsonl");
    for (question, asked) in questions.iter().zip(qdex) {
        let line = json!({
            "class": question.query.class,
            "text": question.query.text,
            "words": question.words,
            "content": question.content,
            "phrase": question.is_phrase(),
            "expected": question.expected,
            "qdex_us": median(&asked.took_us),
        });
        writeln!(file, "{line}").expect(FAILED);
    }
    file.flush().expect(FAILED);
}
