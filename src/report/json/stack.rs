//! `ckpt.stack/1`.

use jiff::Timestamp;
use serde::Serialize;

use super::parts::PathText;
use crate::model::change::ChangeCounts;
use crate::model::session::SessionState;
use crate::model::stack::FrameKind;
use crate::ops::stack::picture::{Left, OtherStack, Picture, Rung};

/// `ckpt.stack/1`: who was left for whom.
#[derive(Debug, Serialize)]
pub struct StackDocument<'a> {
    /// `ckpt.stack/1`.
    pub schema: &'static str,
    /// The current session.
    pub current: Option<&'a str>,
    /// `main` first, the current one last.
    pub stack: Vec<RungRow<'a>>,
    /// The stacks of other work trees.
    pub others: Vec<OtherRow<'a>>,
}

/// The stack of another work tree.
#[derive(Debug, Serialize)]
pub struct OtherRow<'a> {
    /// Its name; empty for the main one.
    pub worktree: &'a str,
    pub directory: Option<PathText<'a>>,
    pub stack: Vec<RungRow<'a>>,
}

/// One session on a stack. The files of the current one are looked at where they are not many, or with `--changes`.
#[derive(Debug, Serialize)]
pub struct RungRow<'a> {
    pub session: &'a str,
    pub title: &'a str,
    /// `start`, `branch`, `here` or `worktree`; `null` for `main`.
    pub kind: Option<FrameKind>,
    /// When it came there.
    pub since: Option<Timestamp>,
    pub current: bool,
    pub branch: Option<&'a str>,
    /// Against the commit at HEAD; `null` where nobody looked.
    pub changes: Option<ChangeCounts>,
    /// A merge, rebase … in progress.
    pub operation: Option<&'a str>,
    /// Sessions that were left from here and are on no stack now, the oldest first.
    pub children: Vec<LeftRow<'a>>,
}

/// A session that is on no stack.
#[derive(Debug, Serialize)]
pub struct LeftRow<'a> {
    pub session: &'a str,
    pub title: &'a str,
    pub state: SessionState,
    pub branch: Option<&'a str>,
    pub timestamp: Timestamp,
}

impl<'a> LeftRow<'a> {
    fn of(left: &'a Left) -> LeftRow<'a> {
        LeftRow {
            session: &left.session,
            title: &left.title,
            state: left.state,
            branch: left.branch.as_deref(),
            timestamp: left.when,
        }
    }
}

impl<'a> RungRow<'a> {
    fn list(rungs: &'a [Rung]) -> Vec<RungRow<'a>> {
        let row = |rung: &'a Rung| RungRow {
            session: rung.session.as_str(),
            title: &rung.title,
            kind: rung.kind,
            since: rung.since,
            current: rung.is_current,
            branch: rung.branch.as_deref(),
            changes: rung.changes,
            operation: rung.operation.as_deref(),
            children: rung.children.iter().map(LeftRow::of).collect(),
        };
        rungs.iter().map(row).collect()
    }
}

impl<'a> StackDocument<'a> {
    pub fn of(picture: &'a Picture) -> StackDocument<'a> {
        let other = |other: &'a OtherStack| OtherRow {
            worktree: &other.worktree,
            directory: other.directory.as_deref().map(PathText::of_path),
            stack: RungRow::list(&other.rungs),
        };
        StackDocument {
            schema: "ckpt.stack/1",
            current: picture.rungs.last().map(|rung| rung.session.as_str()),
            stack: RungRow::list(&picture.rungs),
            others: picture.others.iter().map(other).collect(),
        }
    }
}
