//! `ckpt expand`.

use crate::ops::summary::expand::expand;
use crate::report::expanded;
use crate::report::json::summary::ExpandDocument;
use crate::report::look::Look;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Unfold a line of a summary, or what an id names
///
/// A line into what it stands for, an event into all its fields, a checkpoint or a commit into its diff.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt expand 3")]
pub struct Args {
    /// Number of a line of the last summary, or the beginning of an id
    #[arg(value_name = "LINE|ID")]
    pub what: String,
}

/// Unfolds.
pub fn run(args: &Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Mention)?;
    let unfolded = expand(&repo, &args.what)?;
    let look = invocation.look();
    if invocation.output.is_json() {
        invocation.output.document(&ExpandDocument::of(&unfolded, &Look::plain(look.now)))?;
    } else {
        invocation.output.answer_paged(expanded::render(&unfolded, &look))?;
        if let Some(commit) = expanded::commit_of(&unfolded) {
            invocation.output.hint(&format!("see its diff with `ckpt expand {commit}`"));
        }
    }
    Ok(Exit::Done)
}
