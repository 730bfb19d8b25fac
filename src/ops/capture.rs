//! Captures the state of the work tree: what a save stores, and what a comparison looks at.

use super::{OpError, Repo};
use crate::model::object::ObjectWriter;
use crate::worktree::scan::Scanned;

/// Scans the work tree as it is now, new objects going to `writer`.
pub fn scan_now(_repo: &Repo, _writer: &dyn ObjectWriter) -> Result<Scanned, OpError> {
    todo!()
}
