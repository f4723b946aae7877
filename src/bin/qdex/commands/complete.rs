//! `qdex complete`, which the scripts of `qdex completions` call: not for people, and stable for scripts that were
//! installed with an older version.

use clap::Args;

use crate::Status;
use crate::completion::{self, Candidate, Candidates, bash};
use crate::render::Output;
use crate::report::Failure;

/// The command line that is being typed.
#[derive(Debug, Args)]
pub(crate) struct CompleteArgs {
    /// The line up to the cursor, as bash has it; the answer is what to insert
    #[arg(long, value_name = "LINE", allow_hyphen_values = true)]
    bash: Option<String>,
    /// What bash replaces
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        allow_hyphen_values = true
    )]
    replaced: String,
    /// The words behind the program's name, the last one up to the cursor
    #[arg(value_name = "WORD", last = true, allow_hyphen_values = true)]
    typed: Vec<String>,
}

/// Writes what the shell is to do, `files`, `folders` or `words`, and then the words: one a line, with what they are
/// behind a tab.
pub(super) fn run(args: &CompleteArgs, output: &mut Output) -> Result<Status, Failure> {
    let line = args.bash.as_deref().map(bash::typed);
    let words = match &line {
        Some(line) => behind_program(&line.words),
        None => args.typed.as_slice(),
    };
    let candidates = match completion::complete(words) {
        Candidates::Files => return write(output, "files", Vec::new()),
        Candidates::Folders => return write(output, "folders", Vec::new()),
        Candidates::Words(words) => words,
    };
    let lines = match &line {
        Some(line) => bash::insertions(line, &args.replaced, &candidates),
        None => candidates
            .iter()
            .map(|Candidate { word, about }| format!("{word}\t{about}"))
            .collect(),
    };
    let is_open = matches!(candidates.as_slice(), [only] if only.is_open());
    write(output, if is_open { "open" } else { "words" }, lines)
}

/// Returns the words behind the program's name, in front of which variables may be set.
fn behind_program(words: &[String]) -> &[String] {
    let program = words.iter().position(|word| !word.contains('='));
    program
        .and_then(|program| words.get(program + 1..))
        .unwrap_or_default()
}

fn write(output: &mut Output, what: &str, lines: Vec<String>) -> Result<Status, Failure> {
    output.write(&format!("{what}\n"))?;
    for line in lines {
        output.write(&format!("{line}\n"))?;
    }
    Ok(Status::Found)
}
