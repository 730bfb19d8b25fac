//! Saves the whole state of the work as a checkpoint.

use std::time::Duration;

use super::{OpError, Repo};
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{CheckpointKind, Words};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::omission::Omission;

/// What to save, and how.
#[derive(Clone, Debug)]
pub struct SaveRequest {
    pub name: Option<Name>,
    /// Take the name from the checkpoint that has it (`--move`).
    pub move_name: bool,
    pub words: Words,
    pub kind: CheckpointKind,
    /// Make a checkpoint even when nothing changed since the last one.
    pub always: bool,
    /// Patterns (as in `.gitignore`) of ignored files to take along.
    pub include: Vec<String>,
    /// Exact paths to take along whatever the ignore rules say (for a safety checkpoint).
    pub include_paths: Vec<bstr::BString>,
    /// Distrust every cache.
    pub full: bool,
    /// Go on in `$HOME`, `/` or the temporary folder, and beyond the budgets of untracked files.
    pub force: bool,
}

impl SaveRequest {
    /// A plain save of `kind`, with no words and no name.
    pub fn of_kind(kind: CheckpointKind) -> SaveRequest {
        SaveRequest {
            name: None,
            move_name: false,
            words: Words::default(),
            kind,
            always: false,
            include: Vec::new(),
            include_paths: Vec::new(),
            full: false,
            force: false,
        }
    }
}

/// A save that is on disk.
#[derive(Clone, Debug)]
pub struct Saved {
    pub id: ObjectId,
    /// Nothing had changed: `id` is the checkpoint that was there before.
    pub unchanged: bool,
    pub name: Option<Name>,
    pub session: String,
    pub branch: Option<String>,
    /// Against the commit at HEAD.
    pub changes: ChangeCounts,
    /// Bytes that this save added to the repository, compressed.
    pub bytes_stored: u64,
    pub elapsed: Duration,
    pub omissions: Vec<Omission>,
    /// Ignored files that were taken on request.
    pub included: u64,
}

impl Saved {
    /// Whether something failed, so that the checkpoint lacks what it should hold.
    pub fn is_partial(&self) -> bool {
        self.omissions.iter().any(|omission| omission.reason.is_failure())
    }
}

/// Saves the work tree, the index, HEAD and the operation in progress.
pub fn save(_repo: &Repo, _request: &SaveRequest) -> Result<Saved, OpError> {
    todo!()
}
