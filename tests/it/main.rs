//! Tests from outside: they run the program as people and scripts do, and the library as programs do, on small corpora
//! made for the purpose and on the repository's own.

#![expect(
    clippy::print_stdout,
    reason = "tests say what they skip, and what they measured"
)]

mod answers;
mod baseline;
mod benching;
mod building;
mod built;
mod checking;
mod cli;
mod code_blocks;
mod collections;
mod completing;
mod completions;
mod config;
mod corpora;
mod corruption;
mod dumps;
mod dupes;
mod errors;
mod eval;
mod exactness;
mod export;
mod facet_counts;
mod faceting;
mod frequent;
mod fuzzing;
mod hostile_archives;
mod hostile_files;
mod killing;
mod manual;
mod memory;
mod mistakes;
mod names;
mod narrowing;
mod odd_text;
mod output;
mod paging;
mod phrases;
mod query;
mod random;
mod related;
mod related_judged;
mod relevance;
mod repl;
mod safety;
mod sample;
mod schema;
mod searching;
mod showing;
mod spelling;
mod support;
mod terminal;
mod tokens;
mod tour;
mod transcript;
mod updating;
mod vocabulary;
mod work;
