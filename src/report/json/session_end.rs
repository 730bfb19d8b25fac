//! What `ckpt session close`, `delete`, `cleanup` and `export` answer.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::parts::PathText;
use super::session::SessionDocument;
use crate::model::id::ObjectId;
use crate::model::session::SessionState;
use crate::ops::session::close::{Closed, Review};
use crate::ops::session::delete::{Candidate, CleanedUp, Deleted};

/// `ckpt.session-close/1`.
#[derive(Debug, Serialize)]
pub struct CloseDocument<'a> {
    /// `ckpt.session-close/1`.
    pub schema: &'static str,
    /// What came of it, as it stood before: `ckpt.session/1`.
    pub session: SessionDocument<'a>,
    /// The last checkpoint; `null` where it was not the current session.
    pub checkpoint: Option<ObjectId>,
    /// Not all of the last state could be saved.
    pub partial: bool,
    pub checks: Vec<CheckRow<'a>>,
    /// Sections of the parent's context that say more now.
    pub merged: &'a [String],
    pub parent: &'a str,
    pub current: &'a str,
    pub warnings: &'a [String],
}

/// A check that was run.
#[derive(Debug, Serialize)]
pub struct CheckRow<'a> {
    pub name: &'a str,
    pub command: &'a str,
    /// `passed`, `failed`, `timed-out` or `not-run`.
    pub state: &'static str,
    pub exit: Option<i32>,
    pub elapsed_ms: u64,
}

impl<'a> CloseDocument<'a> {
    pub fn of(closed: &'a Closed, review: &'a Review) -> CloseDocument<'a> {
        let checks = review.checks.iter().map(|check| CheckRow {
            name: &check.name,
            command: &check.command,
            state: check.state.as_str(),
            exit: check.exit,
            elapsed_ms: check.elapsed.as_millis() as u64,
        });
        CloseDocument {
            schema: "ckpt.session-close/1",
            session: SessionDocument::of(&review.portrait),
            checkpoint: closed.saved.as_ref().map(|saved| saved.id),
            partial: closed.saved.as_ref().is_some_and(|saved| saved.is_partial()),
            checks: checks.collect(),
            merged: &closed.merged,
            parent: closed.parent.as_str(),
            current: closed.current.as_str(),
            warnings: &closed.context.warnings,
        }
    }
}

/// `ckpt.session-delete/1`.
#[derive(Debug, Serialize)]
pub struct DeleteDocument<'a> {
    /// `ckpt.session-delete/1`.
    pub schema: &'static str,
    pub name: &'a str,
    pub title: &'a str,
    /// How many checkpoints it leaves.
    pub checkpoints: u64,
}

impl<'a> DeleteDocument<'a> {
    pub fn of(deleted: &'a Deleted) -> DeleteDocument<'a> {
        DeleteDocument {
            schema: "ckpt.session-delete/1",
            name: deleted.name.as_str(),
            title: &deleted.title,
            checkpoints: deleted.checkpoints,
        }
    }
}

/// `ckpt.session-cleanup/1`.
#[derive(Debug, Serialize)]
pub struct CleanupDocument<'a> {
    /// `ckpt.session-cleanup/1`.
    pub schema: &'static str,
    pub sessions: Vec<CleanedRow<'a>>,
    pub checkpoints: u64,
    pub bytes: u64,
}

/// A session that went.
#[derive(Debug, Serialize)]
pub struct CleanedRow<'a> {
    pub name: &'a str,
    pub title: &'a str,
    pub state: SessionState,
    pub changed: Timestamp,
    /// Those that went with it.
    pub checkpoints: &'a [ObjectId],
    /// Checkpoints with names, which stay.
    pub named: u64,
    pub bytes: Option<u64>,
}

impl<'a> CleanupDocument<'a> {
    pub fn of(cleaned: &CleanedUp, chosen: &'a [Candidate]) -> CleanupDocument<'a> {
        let row = |one: &'a Candidate| CleanedRow {
            name: one.listed.name.as_str(),
            title: &one.listed.record.title,
            state: one.listed.state,
            changed: one.listed.changed,
            checkpoints: &one.checkpoints,
            named: one.named,
            bytes: one.bytes,
        };
        CleanupDocument {
            schema: "ckpt.session-cleanup/1",
            sessions: chosen.iter().map(row).collect(),
            checkpoints: cleaned.checkpoints,
            bytes: cleaned.bytes,
        }
    }
}

/// `ckpt.session-export/1`.
#[derive(Debug, Serialize)]
pub struct ExportDocument<'a> {
    /// `ckpt.session-export/1`.
    pub schema: &'static str,
    pub name: &'a str,
    pub format: &'static str,
    /// Where it was written; `null` where `text` has it.
    pub file: Option<PathText<'a>>,
    pub text: Option<&'a str>,
}

impl<'a> ExportDocument<'a> {
    pub fn new(
        name: &'a str,
        format: &'static str,
        file: Option<&'a Path>,
        text: Option<&'a str>,
    ) -> ExportDocument<'a> {
        ExportDocument { schema: "ckpt.session-export/1", name, format, file: file.map(PathText::of_path), text }
    }
}
