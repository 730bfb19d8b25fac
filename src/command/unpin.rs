//! `ckpt unpin`.

use crate::ops::summary::pin::unpin;
use crate::report::json::summary::PinDocument;
use crate::report::summarized;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};
use super::words;

/// Take a pin off
///
/// What was pinned is told like everything else of its age again.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt unpin 3")]
pub struct Args {
    /// Number of a line of the last summary, or the beginning of an id
    #[arg(value_name = "LINE|ID")]
    pub what: String,
}

/// Takes it off.
pub fn run(args: &Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let pinned = unpin(&repo, &args.what)?;
    words::mention(&pinned.synced, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&PinDocument::of(&pinned, false))?;
    } else if !invocation.output.is_quiet() {
        let text = summarized::pinned(&pinned, "Unpinned", &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}
