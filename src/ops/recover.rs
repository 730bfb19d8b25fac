//! Finishes or undoes a load that was interrupted.

use jiff::Timestamp;

use super::load::Loaded;
use super::{OpError, Repo};
use crate::model::id::ObjectId;

/// An interrupted load, as its journal tells.
#[derive(Clone, Debug)]
pub struct Pending {
    pub target: ObjectId,
    pub safety: ObjectId,
    pub started: Timestamp,
    pub description: String,
    /// The process that runs it is still alive: it is not interrupted, but busy.
    pub is_running: bool,
}

/// Which way to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Carry the load out to its end.
    Finish,
    /// Go back to what was there before it.
    Undo,
}

/// The interrupted load of this work tree, if there is one.
pub fn find_pending(_repo: &Repo) -> Result<Option<Pending>, OpError> {
    todo!()
}

/// Finishes or undoes it. May itself be interrupted, and run again.
pub fn recover(_repo: &Repo, _direction: Direction) -> Result<Loaded, OpError> {
    todo!()
}
