//! `ckpt drop`.

use crate::ops::label::drop_points;
use crate::report::json::label::DropDocument;
use crate::report::labelled;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Drop checkpoints, and the names on them
///
/// `ckpt undo` brings them back.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt drop failed-attempt @~3")]
pub struct Args {
    /// Names, ids, `@`, `@~2`, `@{20m}` or SESSION@~1
    #[arg(required = true, value_name = "POINT")]
    pub points: Vec<String>,
}

/// Drops.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let dropped = drop_points(&repo, &args.points)?;
    if invocation.output.is_json() {
        invocation.output.document(&DropDocument::of(&dropped))?;
    } else if !invocation.output.is_quiet() {
        let text = labelled::render_dropped(&dropped, &invocation.look());
        invocation.output.answer(text)?;
    }
    Ok(Exit::Done)
}
