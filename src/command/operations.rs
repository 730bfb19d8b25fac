//! `ckpt operations`.

use crate::ops::undo::operations;
use crate::report::json::undo::OperationsDocument;
use crate::report::undone::render_operations;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// List what undo and redo can take back, newest first
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt operations")]
pub struct Args {}

/// Lists the operation log.
pub fn run(_args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let entries = operations(&repo)?;
    if invocation.output.is_json() {
        invocation.output.document(&OperationsDocument::of(&entries))?;
    } else {
        let text = render_operations(&entries, &invocation.look());
        invocation.output.answer_paged(text)?;
        if entries.is_empty() {
            invocation.output.notice("nothing was loaded, dropped or named yet");
        }
    }
    Ok(Exit::Done)
}
