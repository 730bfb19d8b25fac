//! Reads one checkpoint in full, for the resume document.

use super::{OpError, Repo};
use crate::model::change::Change;
use crate::model::checkpoint::Checkpoint;

/// Everything that the resume document says.
#[derive(Clone, Debug)]
pub struct Shown {
    pub checkpoint: Checkpoint,
    pub names: Vec<String>,
    /// Work tree against the commit at HEAD, by path.
    pub changes: Vec<Change>,
    /// Index against the commit at HEAD, by path: what was staged.
    pub staged: Vec<Change>,
    /// Subject line of the commit at HEAD.
    pub base_subject: Option<String>,
    /// Whether HEAD is now where it was then.
    pub at_base: bool,
}

/// Reads a checkpoint; `None` is the latest of the session.
pub fn show(_repo: &Repo, _point: Option<&str>) -> Result<Shown, OpError> {
    todo!()
}

/// Every file of a checkpoint's work tree, by path, and those of the commit at HEAD that it lacks. `old` is the side of
/// that commit, `new` that of the checkpoint; both are the same for a file that was not changed.
pub fn files(_repo: &Repo, _checkpoint: &Checkpoint) -> Result<Vec<Change>, OpError> {
    todo!()
}
