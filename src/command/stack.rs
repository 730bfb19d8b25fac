//! `ckpt stack`.

use crate::ops::stack::picture;
use crate::report::json::stack::StackDocument;
use crate::report::stacked;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Show which work was left for which
///
/// The bottom is `main`, the last line is where you are. Sessions that have returned stand where they were left from.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt stack")]
pub struct Args {
    /// Look at what changed in the present files however many there are
    #[arg(long)]
    pub changes: bool,
}

/// Draws it.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let picture = picture(&repo, args.changes)?;
    if invocation.output.is_json() {
        invocation.output.document(&StackDocument::of(&picture))?;
    } else {
        let text = stacked::render(&picture, &invocation.look());
        invocation.output.answer_paged(text)?;
        if picture.is_unlooked {
            invocation.output.hint("see what changed in the files with `ckpt stack --changes`");
        }
    }
    Ok(Exit::Done)
}
