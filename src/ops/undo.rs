//! Undoes and redoes operations, by the operation log.

use super::{OpError, Repo};
use crate::model::change::ChangeCounts;
use crate::model::id::ObjectId;
use crate::model::operation::OperationRecord;

/// An operation that was undone or redone.
#[derive(Debug)]
pub struct Undone {
    /// The operation that was undone or redone.
    pub operation: OperationRecord,
    /// What was there before, when files moved.
    pub safety: Option<ObjectId>,
    pub counts: ChangeCounts,
}

/// One line of the operation log.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// From 1, the oldest.
    pub position: u64,
    pub record: OperationRecord,
    /// It has been undone, and could be redone.
    pub is_undone: bool,
}

/// Undoes the latest operation that is not undone.
pub fn undo(_repo: &Repo) -> Result<Undone, OpError> {
    todo!()
}

/// Redoes the operation undone last, if nothing was done since.
pub fn redo(_repo: &Repo) -> Result<Undone, OpError> {
    todo!()
}

/// The operation log, newest first.
pub fn operations(_repo: &Repo) -> Result<Vec<LogEntry>, OpError> {
    todo!()
}
