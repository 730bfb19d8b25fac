//! `ckpt branch`.

use std::path::PathBuf;

use crate::ops::stack::{BranchRequest, branch};
use crate::report::branched;
use crate::report::json::branch::BranchDocument;

use super::failure::{Exit, Stop};
use super::invocation::{Interrupted, Invocation};
use super::planning;

/// Leave the work for something else, to come back to exactly this
///
/// Saves everything and begins another session on a clean tree and a new git branch. `ckpt return` comes back: files,
/// staging area, HEAD, and a merge or rebase in progress. May be done again within it, as often as one likes.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Example:\n  ckpt branch \"bug fix: login (urgent)\"")]
pub struct Args {
    /// What the other work is
    pub title: String,
    /// Begin with this plan; see `ckpt template list`
    #[arg(long, value_name = "T")]
    pub template: Option<String>,
    /// A value for the template, or a variable of the session
    #[arg(long = "var", value_name = "K=V", value_parser = planning::read_variable)]
    pub variables: Vec<(String, String)>,
    /// Begin at this commit [default: that of the template, else the repository's default branch]
    #[arg(long, value_name = "REV", conflicts_with = "here")]
    pub from: Option<String>,
    /// Name of the new git branch [default: made of the title]
    #[arg(long, value_name = "NAME", conflicts_with = "here")]
    pub branch: Option<String>,
    /// Stay on the present files and branch: a question, a review
    #[arg(long)]
    pub here: bool,
    /// Work on it in a linked work tree of its own, and go on here as well
    #[arg(long, value_name = "DIR", num_args = 0..=1, conflicts_with = "here")]
    #[allow(clippy::option_option)]
    pub worktree: Option<Option<PathBuf>>,
    /// What is to be done, in a sentence
    #[arg(long, allow_hyphen_values = true)]
    pub task: Option<String>,
    /// Go on in a home folder, and beyond the limits on untracked files
    #[arg(long)]
    pub force: bool,
}

/// Branches.
pub fn run(args: Args, invocation: &mut Invocation) -> Result<Exit, Stop> {
    let repo = invocation.open(Interrupted::Refuse)?;
    let about = (args.title.trim(), args.task.as_deref());
    let planned = planning::plan_for(&repo, args.template.as_deref(), args.variables, about, invocation)?;
    let request = BranchRequest {
        planned,
        title: args.title,
        from: args.from,
        branch: args.branch,
        here: args.here,
        worktree: args.worktree,
        task: args.task,
        force: args.force,
    };
    let branched = branch(&repo, &request)?;
    for warning in &branched.warnings {
        invocation.output.warning(warning);
    }
    if invocation.output.is_json() {
        invocation.output.document(&BranchDocument::of(&branched))?;
    } else if !invocation.output.is_quiet() {
        let text = branched::render(&branched, &invocation.look());
        invocation.output.answer(text)?;
        let back = match branched.directory {
            Some(_) => "type `ckpt return` in that work tree when it is done",
            None => "come back with `ckpt return`",
        };
        invocation.output.hint(back);
    }
    Ok(Exit::Done)
}
