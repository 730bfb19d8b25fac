//! Tells where the work stands.

use super::points::Listed;
use super::{OpError, Repo};
use crate::model::change::ChangeCounts;
use crate::model::head::Head;
use crate::model::omission::Omission;

/// Where the work stands.
#[derive(Clone, Debug)]
pub struct Status {
    pub session: String,
    pub head: Head,
    pub worktree: String,
    /// A merge, rebase … in progress.
    pub operation: Option<String>,
    pub last: Option<Listed>,
    /// What changed since the last checkpoint; against HEAD when there is none.
    pub changes: ChangeCounts,
    /// First paths of those changes, at most 10.
    pub sample: Vec<crate::model::change::Change>,
    pub omissions: Vec<Omission>,
    /// An interrupted load.
    pub pending: Option<super::recover::Pending>,
    /// How many checkpoints the session has.
    pub points: u64,
}

/// Scans the work tree (writing nothing) and compares it with the last checkpoint.
pub fn status(_repo: &Repo) -> Result<Status, OpError> {
    todo!()
}
