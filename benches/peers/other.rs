//! Engines in a process of their own, in any language: see `benches/others`.
//!
//! Such a program gets the folder with the corpus as its last argument, and prints `ready: ` and what it built when it is. Then it reads a
//! question a line, and answers each by a line: the titles of the ten best and how many microseconds it took by its own clock, so that
//! pipes cost it nothing, or `null` for what it does not do.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::corpus::{Question, Source, Text};
use crate::engines::Engine;

const ENDED: &str = "the other engine's program goes on";

/// Writes the entries as BEIR has them.
pub(crate) fn write_corpus(dir: &Path, source: &Source, count: usize) {
    let failed = "the folder can be written";
    std::fs::create_dir_all(dir).expect(failed);
    let mut file = BufWriter::new(File::create(dir.join("corpus.jsonl")).expect(failed));
    source.for_each(count, |entry| {
        let text = Text::from(entry);
        let line = json!({"_id": entry.id, "title": text.title, "text": text.body});
        writeln!(file, "{line}").expect(failed);
    });
    file.flush().expect(failed);
}

pub(crate) struct Other {
    name: String,
    process: Child,
    /// `None` once nothing more is asked, which ends the program.
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Answer {
    titles: Vec<String>,
    us: f64,
}

impl Other {
    /// Starts a program over the corpus in a folder, and waits until it is ready.
    pub(crate) fn start(name: &str, command: &str, dir: &Path) -> Self {
        let mut words = command.split_whitespace();
        let program = words.next().expect("the command names a program");
        let mut process = Command::new(program)
            .args(words)
            .arg(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the other engine's program can be started");
        let questions = process.stdin.take();
        let mut answers = BufReader::new(process.stdout.take().expect("it is a pipe"));
        let mut line = String::new();
        // Libraries may say something while they open their files.
        let about = loop {
            line.clear();
            let bytes = answers.read_line(&mut line).expect(ENDED);
            assert!(bytes > 0, "`{command}` ended before it was ready");
            if let Some(about) = line.strip_prefix("ready: ") {
                break about.trim();
            }
        };
        println!("- {name}: {about}");
        Other {
            name: name.to_owned(),
            process,
            questions,
            answers,
        }
    }
}

impl Engine for Other {
    fn name(&self) -> &str {
        &self.name
    }

    fn answer(&mut self, question: &Question) -> Option<Vec<String>> {
        self.timed(question).map(|(titles, _)| titles)
    }

    fn timed(&mut self, question: &Question) -> Option<(Vec<String>, Duration)> {
        if question.filter().is_some() {
            return None;
        }
        let line = json!({
            "class": question.query.class,
            "text": question.query.text,
            "words": question.words,
            "content": question.content,
            "phrase": question.is_phrase(),
        });
        let questions = self.questions.as_mut().expect("it is open until the end");
        writeln!(questions, "{line}").expect(ENDED);
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect(ENDED);
        let answer: Option<Answer> = serde_json::from_str(&answer).expect("an answer, or `null`");
        answer.map(|answer| (answer.titles, Duration::from_secs_f64(answer.us / 1e6)))
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.questions = None;
        // However it ended, it has answered all that was asked.
        let _ = self.process.wait();
    }
}
