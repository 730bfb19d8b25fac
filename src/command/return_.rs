//! `ckpt return`.

use crate::ops::stack::return_::Ground;
use crate::ops::stack::{Outcome, ReturnRequest, Returned, return_};
use crate::report::json::return_::ReturnDocument;
use crate::report::returned;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};

/// Come back to the work that was left with `ckpt branch`
///
/// Saves what is here and brings everything back as it was left. What was decided and found meanwhile is added to the
/// context. Where the git branch has moved, the saved changes are merged onto it.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt return -m \"fixed, waits for review\"")]
pub struct Args {
    /// Pause the session, to go on with it later
    #[arg(long, conflicts_with = "discard")]
    pub keep: bool,
    /// Give the session up; its state is saved all the same
    #[arg(long)]
    pub discard: bool,
    /// Where the branch has moved: the old commit, detached, and no merge
    #[arg(long)]
    pub exact: bool,
    /// What came of it
    #[arg(short = 'm', long = "message", value_name = "NOTE", allow_hyphen_values = true)]
    pub note: Option<String>,
    /// Go on in a home folder, and beyond the limits on untracked files
    #[arg(long)]
    pub force: bool,
}

/// Returns.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let outcome = match (args.keep, args.discard) {
        (true, _) => Outcome::Kept,
        (_, true) => Outcome::Discarded,
        _ => Outcome::Completed,
    };
    let request = ReturnRequest { outcome, exact: args.exact, note: args.note, force: args.force };
    let returned = return_(&repo, &request)?;
    for warning in &returned.warnings {
        invocation.output.warning(warning);
    }
    if invocation.output.is_json() {
        invocation.output.document(&ReturnDocument::of(&returned))?;
    } else if !invocation.output.is_quiet() {
        let text = returned::render(&returned, &invocation.look());
        invocation.output.answer(text)?;
        hint(&returned, invocation);
    }
    Ok(Exit::Done)
}

fn hint(returned: &Returned, invocation: &mut Invocation) {
    match &returned.ground {
        Ground::Apart => invocation.output.hint("the work tree stays; remove it with `git worktree remove`"),
        Ground::Merged { report, .. } if !report.conflicts.is_empty() => {
            invocation.output.hint("edit the files and `git add` them; `ckpt undo` goes back to before the return");
        }
        Ground::Gone { branch, .. } => {
            invocation.output.hint(&format!("make the branch again with `git switch -c {branch}`"));
        }
        _ => {}
    }
}
