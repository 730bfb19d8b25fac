//! `ckpt uninit`.

use crate::ops::context::initialise::uninit;
use crate::report::initialised;
use crate::report::json::init::UninitDocument;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};
use super::words::mention;

/// Take back what init made
///
/// Removes the file, its folder and the line in .git/info/exclude. Checkpoints and the history of the session stay, and
/// so does a file that was there before.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt uninit")]
pub struct Args {}

/// Takes it back.
pub fn run(_args: &Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let done = uninit(&repo)?;
    mention(&done.synced, invocation);
    if invocation.output.is_json() {
        invocation.output.document(&UninitDocument::of(&done))?;
        return Ok(Exit::Done);
    }
    match &done.file {
        Some(_) if invocation.output.is_quiet() => {}
        Some(_) => invocation.output.answer(initialised::render_undone(&done))?,
        None => invocation.output.notice("there is nothing to take back"),
    }
    Ok(Exit::Done)
}
