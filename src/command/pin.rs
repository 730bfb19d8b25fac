//! `ckpt pin`.

use crate::ops::summary::pin::pin;
use crate::report::json::summary::PinDocument;
use crate::report::summarized;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};
use super::words;

/// Pin what must never be compressed away
///
/// It stays in every summary and brief until `ckpt unpin`.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt pin 3")]
pub struct Args {
    /// Number of a line of the last summary, or the beginning of an id
    #[arg(value_name = "LINE|ID")]
    pub what: String,
}

/// Pins.
pub fn run(args: &Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let pinned = pin(&repo, &args.what)?;
    words::mention(&pinned.synced, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&PinDocument::of(&pinned, true))?;
    } else if !invocation.output.is_quiet() {
        let text = summarized::pinned(&pinned, "Pinned", &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}
