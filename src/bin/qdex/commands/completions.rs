//! `qdex completions SHELL`.

use clap::{Args, ValueEnum};

use crate::Status;
use crate::render::Output;
use crate::report::Failure;

/// Which script is printed.
#[derive(Debug, Args)]
#[command(after_long_help = "\
The scripts ask qdex itself, so they complete the facet values, ids and topics of the index that a
search would take, and need no renewal when qdex is updated.

Examples:
  source <(qdex completions bash)                                  in ~/.bashrc
  source <(qdex completions zsh)                                   in ~/.zshrc, behind compinit
  qdex completions fish > ~/.config/fish/completions/qdex.fish
  eval (qdex completions elvish | slurp)                           in rc.elv
  qdex completions powershell | Out-String | Invoke-Expression     in $PROFILE")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Elvish,
    #[value(alias = "pwsh")]
    Powershell,
}

pub(super) fn run(args: &CompletionsArgs, output: &mut Output) -> Result<Status, Failure> {
    output.write(match args.shell {
        Shell::Bash => include_str!("../completion/qdex.bash"),
        Shell::Zsh => include_str!("../completion/qdex.zsh"),
        Shell::Fish => include_str!("../completion/qdex.fish"),
        Shell::Elvish => include_str!("../completion/qdex.elv"),
        Shell::Powershell => include_str!("../completion/qdex.ps1"),
    })?;
    Ok(Status::Found)
}
