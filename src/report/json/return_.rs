//! `ckpt.return/1`.

use serde::Serialize;

use super::parts::{PathText, SkippedRow};
use crate::model::change::ChangeCounts;
use crate::model::id::ObjectId;
use crate::ops::stack::Returned;
use crate::ops::stack::return_::Ground;

/// `ckpt.return/1`: what came back, and how.
#[derive(Debug, Serialize)]
pub struct ReturnDocument<'a> {
    /// `ckpt.return/1`.
    pub schema: &'static str,
    /// The session that has returned.
    pub child: &'a str,
    /// `completed`, `paused` or `cancelled`.
    pub outcome: &'static str,
    pub child_branch: Option<&'a str>,
    /// The checkpoint of the child's state.
    pub saved: ObjectId,
    /// What of it is in no commit.
    pub uncommitted: ChangeCounts,
    /// The session that is back.
    pub parent: &'a str,
    /// The checkpoint that its work waited in.
    pub checkpoint: Option<ObjectId>,
    pub ground: GroundRow<'a>,
    /// What the child decided and found was added to the parent's context.
    pub context_changed: bool,
    /// Paths written and deleted.
    pub changes: ChangeCounts,
    /// Paths left alone because no checkpoint holds them.
    pub protected: Vec<SkippedRow<'a>>,
    /// Files that are not ignored any more; left as they are.
    pub revealed: Vec<PathText<'a>>,
    /// The steps to do next that were saved with the work.
    pub todos: &'a [String],
    /// The context that was saved with the work.
    pub context: Option<&'a str>,
}

/// What was found of the place that the work was left at.
#[derive(Debug, Serialize)]
#[serde(tag = "fate", rename_all = "kebab-case")]
pub enum GroundRow<'a> {
    /// Everything is as it was left.
    Same,
    /// The child was on the same files: so many have changed, and stay so.
    Shared { changed: usize },
    /// The child has a work tree of its own, which stays.
    Apart,
    /// The branch has moved: merged onto its tip.
    Merged {
        branch: &'a str,
        tip: ObjectId,
        ahead: usize,
        behind: usize,
        conflicts: Vec<PathText<'a>>,
        renamed: Vec<RenamedRow<'a>>,
        unstaged: Vec<PathText<'a>>,
    },
    /// The branch has moved: the old commit, detached.
    Detached { branch: &'a str, tip: ObjectId },
    /// The branch is gone: the commit, detached.
    Gone { branch: &'a str, commit: ObjectId },
    /// The branch is checked out in another work tree: detached.
    InUse { branch: &'a str },
}

/// An untracked file whose place was taken.
#[derive(Debug, Serialize)]
pub struct RenamedRow<'a> {
    pub path: PathText<'a>,
    /// Where it is now.
    pub now: PathText<'a>,
}

impl<'a> GroundRow<'a> {
    fn of(ground: &'a Ground) -> GroundRow<'a> {
        match ground {
            Ground::Same => GroundRow::Same,
            Ground::Shared { changed } => GroundRow::Shared { changed: *changed },
            Ground::Apart => GroundRow::Apart,
            Ground::Merged { branch, tip, ahead, behind, report } => GroundRow::Merged {
                branch,
                tip: *tip,
                ahead: *ahead,
                behind: *behind,
                conflicts: PathText::list(&report.conflicts),
                renamed: report
                    .renamed
                    .iter()
                    .map(|(path, now)| RenamedRow { path: PathText::of(path), now: PathText::of(now) })
                    .collect(),
                unstaged: PathText::list(&report.unstaged),
            },
            Ground::Detached { branch, tip } => GroundRow::Detached { branch, tip: *tip },
            Ground::Gone { branch, commit } => GroundRow::Gone { branch, commit: *commit },
            Ground::InUse { branch } => GroundRow::InUse { branch },
        }
    }
}

impl<'a> ReturnDocument<'a> {
    pub fn of(returned: &'a Returned) -> ReturnDocument<'a> {
        let words = returned.shown.as_ref().map(|shown| &shown.checkpoint.words);
        ReturnDocument {
            schema: "ckpt.return/1",
            child: returned.child.as_str(),
            outcome: returned.outcome.as_str(),
            child_branch: returned.child_branch.as_deref(),
            saved: returned.saved,
            uncommitted: returned.uncommitted,
            parent: returned.parent.as_str(),
            checkpoint: returned.below,
            ground: GroundRow::of(&returned.ground),
            context_changed: returned.context_changed,
            changes: returned.loaded.counts,
            protected: SkippedRow::list(&returned.loaded.protected),
            revealed: PathText::list(&returned.loaded.revealed),
            todos: words.map(|words| words.next.as_slice()).unwrap_or_default(),
            context: words.and_then(|words| words.context.as_deref()),
        }
    }
}
