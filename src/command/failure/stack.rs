//! What a refusal about the stack means to the user.

use super::{Failure, Kind};
use crate::ops::stack::error::StackError;

pub(super) fn of_stack(error: StackError) -> Failure {
    let message = error.to_string();
    let refused = |code| Failure::new(Kind::Refused, code, message.clone());
    match error {
        StackError::Bottom { is_main: true, .. } => {
            refused("nothing-to-return-from").hint("leave the work for something else with `ckpt branch TITLE`")
        }
        StackError::Bottom { is_main: false, session } => refused("nothing-to-return-from")
            .hint(format!("end it with `ckpt session close {session}`, or leave it with `ckpt session pause`")),
        StackError::NoDefaultBranch => {
            refused("no-default-branch").hint("name a commit with `--from REV`, or stay where you are with `--here`")
        }
        StackError::NoCommit | StackError::NoCommitForWorktree => {
            refused("no-commit").hint("make the first commit, or stay on the present files with `--here`")
        }
        StackError::WorktreeUsed { .. } => {
            refused("worktree-used").hint("finish it with `ckpt recover`, or take away what was made there")
        }
        StackError::MovedInOperation { .. } => refused("branch-moved")
            .hint("go back to the old commit, detached, with `ckpt return --exact`; nothing was changed"),
        StackError::Changed { .. } => {
            refused("stack-changed").hint("see it with `ckpt stack`, and what was done with `ckpt operations`")
        }
        StackError::MergeFailed { below, .. } => refused("merge-failed")
            .hint("go back to the old commit, detached, with `ckpt return --exact`")
            .hint(format!("or look at what was left with `ckpt show {}`", below.short())),
    }
}
