//! `ckpt progress`.

use crate::ops::checklist::show;
use crate::report::checklist::{next_item, render_progress};
use crate::report::json::checklist::ChecklistDocument;

use super::check::say_empty;
use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Show how far the check list of the session is, by phase
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt progress")]
pub struct Args {}

/// Shows.
pub fn run(invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let shown = show(&repo)?;
    if invocation.output.is_json() {
        invocation.output.document(&ChecklistDocument::of(&shown))?;
    } else if shown.count().1 == 0 {
        say_empty(invocation);
    } else {
        let text = render_progress(&shown, &invocation.look());
        invocation.output.answer_paged(text)?;
        if let Some(next) = next_item(&shown) {
            invocation.output.notice(&next);
        }
    }
    Ok(Exit::Done)
}
