//! Why the stack stays as it is. `command::failure` says what each means to the user.

use std::path::PathBuf;

use crate::model::id::ObjectId;
use crate::model::name::Name;

/// A refusal about the stack; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    #[error("there is nothing to return from: `{session}` interrupted nothing")]
    Bottom { session: Name, is_main: bool },
    #[error("the repository has no default branch to begin from")]
    NoDefaultBranch,
    #[error("there is no commit to begin from")]
    NoCommit,
    #[error("`{parent}` was in a {operation} on `{branch}`, which has moved since")]
    MovedInOperation { parent: Name, operation: String, branch: String, below: ObjectId },
    #[error("the stack is not as `{operation}` left it")]
    Changed { operation: String },
    #[error("a work tree of its own cannot begin without a commit")]
    NoCommitForWorktree,
    /// Somebody has begun to work in it; nothing of that is in a checkpoint.
    #[error("files were made or changed in the new work tree {}", directory.display())]
    WorktreeUsed { directory: PathBuf },
    #[error("the three-way merge needs git 2.38 or later: {detail}")]
    MergeFailed { detail: String, below: ObjectId },
}
