//! `ckpt.status/1`.

use jiff::Timestamp;
use serde::Serialize;

use super::parts::{FileRow, PointRow, SkippedRow};
use crate::model::change::ChangeCounts;
use crate::model::id::ObjectId;
use crate::ops::context::digest::Digest;
use crate::ops::recover::Pending;
use crate::ops::status::Status;

/// `ckpt.status/1`: where the work stands.
#[derive(Debug, Serialize)]
pub struct StatusDocument<'a> {
    /// `ckpt.status/1`.
    pub schema: &'static str,
    pub session: &'a str,
    /// How many checkpoints the session has.
    pub points: u64,
    /// `null` when HEAD is detached.
    pub branch: Option<&'a str>,
    /// The commit at HEAD; `null` before the first one.
    pub head: Option<ObjectId>,
    /// Key of the linked work tree; empty for the main one.
    pub worktree: &'a str,
    /// What is in progress, such as `merge`.
    pub operation: Option<&'a str>,
    /// The latest checkpoint.
    pub last: Option<PointRow<'a>>,
    /// What changed since then; against the commit at HEAD when nothing was saved.
    pub changes: ChangeCounts,
    /// The first paths of those changes.
    pub files: Vec<FileRow<'a>>,
    /// What a save would leave out.
    pub skipped: Vec<SkippedRow<'a>>,
    /// An interrupted load: `ckpt recover` finishes it.
    pub pending: Option<PendingRow<'a>>,
    /// The context in a few words; `null` where there is none.
    pub context: Option<DigestRow<'a>>,
}

/// The context in a few words.
#[derive(Debug, Serialize)]
pub struct DigestRow<'a> {
    /// The file in the work tree; `null` without `ckpt init`.
    pub file: Option<&'a str>,
    /// The file was edited: the next command takes it as a version.
    pub file_differs: bool,
    pub open_issues: usize,
    pub open_todos: usize,
    /// The steps of the next session.
    pub next: &'a [String],
}

/// An interrupted load.
#[derive(Debug, Serialize)]
pub struct PendingRow<'a> {
    /// What was being loaded.
    pub target: ObjectId,
    /// What was there before.
    pub safety: ObjectId,
    pub started: Timestamp,
    pub description: &'a str,
    /// Its process is still at work.
    pub running: bool,
}

impl<'a> StatusDocument<'a> {
    pub fn of(status: &'a Status) -> StatusDocument<'a> {
        StatusDocument {
            schema: "ckpt.status/1",
            session: &status.session,
            points: status.points,
            branch: status.head.branch_name(),
            head: status.head.commit,
            worktree: &status.worktree,
            operation: status.operation.as_deref(),
            last: status.last.as_ref().map(PointRow::of),
            changes: status.changes,
            files: FileRow::list(&status.sample),
            skipped: SkippedRow::list(&status.omissions),
            pending: status.pending.as_ref().map(PendingRow::of),
            context: status.context.as_ref().map(DigestRow::of),
        }
    }
}

impl<'a> DigestRow<'a> {
    fn of(digest: &'a Digest) -> DigestRow<'a> {
        DigestRow {
            file: digest.file.as_deref(),
            file_differs: digest.file_differs,
            open_issues: digest.open_issues,
            open_todos: digest.open_todos,
            next: &digest.next,
        }
    }
}

impl<'a> PendingRow<'a> {
    fn of(pending: &'a Pending) -> PendingRow<'a> {
        PendingRow {
            target: pending.target,
            safety: pending.safety,
            started: pending.started,
            description: &pending.description,
            running: pending.is_running,
        }
    }
}
