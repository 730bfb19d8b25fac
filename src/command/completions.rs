//! `ckpt completions`.

use clap_complete::Shell;

use crate::report::json::TextDocument;

use super::failure::{Exit, Stop};
use super::invocation::Invocation;

/// Print a script that completes ckpt's commands in a shell
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt completions bash > ~/.local/share/bash-completion/completions/ckpt")]
pub struct Args {
    /// The shell
    pub shell: Shell,
}

/// Prints the script for `tree`, the whole command line.
pub fn run(args: &Args, tree: &mut clap::Command, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, tree, "ckpt", &mut script);
    if invocation.output.is_json() {
        let text = String::from_utf8_lossy(&script);
        invocation.output.document(&TextDocument::new("completions", &text))?;
    } else {
        invocation.output.answer(script)?;
    }
    Ok(Exit::Done)
}
