//! `ckpt recover`.

use crate::ops::recover::{Direction, find_pending, recover};
use crate::report::json::load::LoadDocument;
use crate::report::loaded::render_recovered;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Finish a load that was interrupted, or go back to before it
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt recover --undo")]
pub struct Args {
    /// Carry the load out to its end; this is the default
    #[arg(long, conflicts_with = "undo")]
    pub finish: bool,
    /// Bring back what was there before the load
    #[arg(long)]
    pub undo: bool,
}

/// Recovers.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let direction = if args.undo { Direction::Undo } else { Direction::Finish };
    let repo = invocation.open(Interrupted::Ignore)?;
    let description = find_pending(&repo)?.map(|pending| pending.description).unwrap_or_default();
    let loaded = recover(&repo, direction)?;
    if invocation.output.is_json() {
        invocation.output.document(&LoadDocument::of(&loaded, "ckpt.recover/1"))?;
    } else if !invocation.output.is_quiet() {
        let text = render_recovered(&loaded, direction, &description, &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}
