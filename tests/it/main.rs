//! Tests from outside: they run the program as people and scripts do, on small corpora made for the purpose.

mod cli;
mod eval;
mod repl;
mod support;
