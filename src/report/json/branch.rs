//! `ckpt.branch/1`.

use serde::Serialize;

use super::parts::{PathText, SkippedRow};
use crate::model::change::ChangeCounts;
use crate::model::id::ObjectId;
use crate::model::stack::FrameKind;
use crate::ops::stack::Branched;

/// `ckpt.branch/1`: the session that was begun, and what waits for it.
#[derive(Debug, Serialize)]
pub struct BranchDocument<'a> {
    /// `ckpt.branch/1`.
    pub schema: &'static str,
    /// The new session.
    pub session: &'a str,
    pub title: &'a str,
    /// `branch`, `here` or `worktree`.
    pub kind: FrameKind,
    /// The new git branch, and what it was made from.
    pub branch: Option<&'a str>,
    pub from: Option<&'a str>,
    pub base: Option<ObjectId>,
    /// The linked work tree that was made for it.
    pub directory: Option<PathText<'a>>,
    /// The session that was left.
    pub parent: &'a str,
    /// The checkpoint that holds what was left.
    pub checkpoint: ObjectId,
    /// What of it is in no commit.
    pub changes: ChangeCounts,
    /// What could not be read of it: it stays where it is, in no checkpoint.
    pub missed: Vec<SkippedRow<'a>>,
    /// The operation in progress that was left.
    pub operation: Option<&'a str>,
    /// How many sessions are on the stack now, `main` not counted.
    pub depth: usize,
    /// Paths left alone because no checkpoint holds them.
    pub protected: Vec<SkippedRow<'a>>,
    /// Files that the new tree's own rules do not ignore any more; left as they are.
    pub revealed: Vec<PathText<'a>>,
}

impl<'a> BranchDocument<'a> {
    pub fn of(branched: &'a Branched) -> BranchDocument<'a> {
        let loaded = branched.loaded.as_ref();
        BranchDocument {
            schema: "ckpt.branch/1",
            session: branched.child.as_str(),
            title: &branched.title,
            kind: branched.kind,
            branch: branched.branch.as_deref(),
            from: branched.from.as_deref(),
            base: branched.base,
            directory: branched.directory.as_deref().map(PathText::of_path),
            parent: branched.parent.as_str(),
            checkpoint: branched.below,
            changes: branched.below_changes,
            missed: SkippedRow::list(&branched.missed),
            operation: branched.operation.as_deref(),
            depth: branched.depth,
            protected: loaded.map(|loaded| SkippedRow::list(&loaded.protected)).unwrap_or_default(),
            revealed: loaded.map(|loaded| PathText::list(&loaded.revealed)).unwrap_or_default(),
        }
    }
}
