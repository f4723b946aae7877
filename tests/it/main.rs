//! Tests from outside: they run the program as people and scripts do, and the library as programs do, on small corpora
//! made for the purpose and on the repository's own.

mod cli;
mod faceting;
mod repl;
mod safety;
mod sample;
mod searching;
mod support;
