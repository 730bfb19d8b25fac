//! `ckpt.save/1`.

use serde::Serialize;

use super::parts::SkippedRow;
use super::submodules::SavedRow;
use crate::model::change::ChangeCounts;
use crate::model::id::ObjectId;
use crate::ops::save::Saved;

/// `ckpt.save/1`: what was saved.
#[derive(Debug, Serialize)]
pub struct SaveDocument<'a> {
    /// `ckpt.save/1`.
    pub schema: &'static str,
    pub id: ObjectId,
    /// Nothing had changed: `id` is the checkpoint that was there before.
    pub unchanged: bool,
    /// Something could not be read; the exit code is 1 unless `--partial-ok`.
    pub partial: bool,
    pub name: Option<&'a str>,
    pub session: &'a str,
    pub branch: Option<&'a str>,
    /// Against the commit at HEAD.
    pub changes: ChangeCounts,
    /// Bytes that were added to the repository.
    pub bytes_stored: u64,
    pub elapsed_ms: u64,
    /// Ignored files that were taken on request.
    pub included: u64,
    /// What was left out.
    pub skipped: Vec<SkippedRow<'a>>,
    /// What became of the repositories inside: `path`, `id`, `unchanged`, `partial`, `changes`, `problem`.
    pub submodules: Vec<SavedRow<'a>>,
    /// Sections of the context that had been edited by hand.
    pub context_edited: &'a [String],
    /// What is wrong with the context, one line each.
    pub warnings: &'a [String],
}

impl<'a> SaveDocument<'a> {
    pub fn of(saved: &'a Saved) -> SaveDocument<'a> {
        SaveDocument {
            schema: "ckpt.save/1",
            id: saved.id,
            unchanged: saved.unchanged,
            partial: saved.is_partial(),
            name: saved.name.as_ref().map(|name| name.as_str()),
            session: &saved.session,
            branch: saved.branch.as_deref(),
            changes: saved.changes,
            bytes_stored: saved.bytes_stored,
            elapsed_ms: saved.elapsed.as_millis() as u64,
            included: saved.included,
            skipped: SkippedRow::list(&saved.omissions),
            submodules: SavedRow::list(saved),
            context_edited: &saved.context.edited,
            warnings: &saved.context.warnings,
        }
    }
}
