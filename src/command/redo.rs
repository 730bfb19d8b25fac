//! `ckpt redo`.

use crate::ops::undo::redo;
use crate::report::undone::Way;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Do again what was undone last
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt redo")]
pub struct Args {}

/// Redoes.
pub fn run(_args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let undone = redo(&repo)?;
    super::undo::tell(&undone, Way::Redo, invocation)
}
