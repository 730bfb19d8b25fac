//! Checkpoints: the three commits W, I and M, written and read.
//!
//! W and I have the shape of a stash entry, so plain git can use them; M holds the rest. Called by `ops/`.

mod read;
mod write;

use crate::model::id::ObjectId;

#[cfg(test)]
mod tests;

pub use read::{read_checkpoint, read_summary};
pub use write::{NewCheckpoint, write_checkpoint};

/// Where the checkpoints' refs are.
pub const REFS: &str = "refs/ckpt/checkpoints/";

/// Where the names' refs are.
pub const NAMES: &str = "refs/ckpt/names/";

/// The ref whose existence makes a checkpoint exist.
pub fn ref_name(id: &ObjectId) -> String {
    format!("{REFS}{id}")
}

/// Names in the tree of M.
mod file {
    pub(super) const CONTEXT: &str = "context.md";
    pub(super) const CHECKLIST: &str = "checklist.md";
    pub(super) const PARTITIONS: &str = "partitions";
    pub(super) const INDEX_EXTRA: &str = "index-extra.toml";
    pub(super) const WORKTREE_EXTRA: &str = "worktree-extra";
    pub(super) const LEFT_OUT: &str = "left-out.jsonl";
    pub(super) const INCLUDED: &str = "included";
    pub(super) const OPERATION: &str = "operation";
    pub(super) const RAW: &str = "raw";
    pub(super) const STAGES: &str = "stages";
    pub(super) const SUBMODULES: &str = "submodules.toml";
}

/// Keys of the trailers of W.
mod trailer {
    pub(super) const VERSION: &str = "Ckpt-Version";
    pub(super) const SESSION: &str = "Ckpt-Session";
    pub(super) const SEQUENCE: &str = "Ckpt-Sequence";
    pub(super) const KIND: &str = "Ckpt-Kind";
    pub(super) const BRANCH: &str = "Ckpt-Branch";
    pub(super) const WORKTREE: &str = "Ckpt-Worktree";
    pub(super) const CHANGES: &str = "Ckpt-Changes";
    pub(super) const NOTE: &str = "Ckpt-Note";
}
