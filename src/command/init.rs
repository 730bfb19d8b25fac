//! `ckpt init`.

use crate::ops::context::initialise::init;
use crate::report::initialised;
use crate::report::json::init::InitDocument;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};
use super::words::mention;

/// Keep the context as a file that people and agents edit
///
/// Makes .ckpt/context.md (a repository that has .claude/context.md keeps it there) and hides it from git by a line in
/// .git/info/exclude. Words work without it. `ckpt uninit` takes everything back, byte for byte.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt init --dry-run")]
pub struct Args {
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Makes the file.
pub fn run(args: &Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let done = init(&repo, args.dry_run)?;
    mention(&done.synced, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&InitDocument::of(&done))?;
    } else if args.dry_run || !invocation.output.is_quiet() {
        invocation.output.answer(initialised::render(&done))?;
        if !done.dry_run && !done.already {
            invocation
                .output
                .hint("edit it as you like; say things with `ckpt note`, `decide`, `issue`, `todo`, `next`");
        }
    }
    Ok(Exit::Done)
}
