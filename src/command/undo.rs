//! `ckpt undo`.

use crate::ops::undo::{Undone, undo};
use crate::report::json::undo::UndoDocument;
use crate::report::undone::{Way, render};

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Take back the latest load, drop, naming, branch or return
///
/// May be typed again and again, back to the first operation. `ckpt redo` goes the other way.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt undo")]
pub struct Args {}

/// Undoes.
pub fn run(_args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let undone = undo(&repo)?;
    tell(&undone, Way::Undo, invocation)
}

/// Says what was undone; `ckpt redo` answers so as well.
pub(super) fn tell(undone: &Undone, way: Way, invocation: &mut Invocation) -> Result<Exit, Stop> {
    if invocation.output.is_json() {
        invocation.output.document(&UndoDocument::of(undone, way))?;
    } else if !invocation.output.is_quiet() {
        let text = render(undone, way, &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}
