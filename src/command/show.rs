//! `ckpt show`.

use crate::ops::show::{files, show};
use crate::report::json::show::ShowDocument;
use crate::report::markdown;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Show what a checkpoint holds, ready to go on from there
///
/// Prints the resume document in markdown: note, git state, files, next steps, context, and what to type.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt show before-refactor")]
pub struct Args {
    /// A name, an id, `@`, `@~2`, `@{20m}` or SESSION@~1 [default: the latest]
    pub point: Option<String>,
}

/// Shows.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let shown = show(&repo, args.point.as_deref())?;
    if invocation.output.is_json() {
        let files = files(&repo, &shown.checkpoint)?;
        invocation.output.document(&ShowDocument::of(&shown, &files))?;
    } else {
        let text = markdown::render(&shown, &invocation.look());
        invocation.output.answer_paged(text)?;
    }
    Ok(Exit::Done)
}
