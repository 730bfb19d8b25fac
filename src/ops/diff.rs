//! Compares two checkpoints, or a checkpoint and the work tree.

use bstr::BString;

use super::{OpError, Repo};
use crate::model::change::Change;

/// What to compare. With no `from` it is the latest checkpoint; with no `to` it is the work tree as it is now.
#[derive(Clone, Debug, Default)]
pub struct DiffRequest {
    pub from: Option<String>,
    pub to: Option<String>,
    /// Only these paths, as typed, relative to the working directory; empty for all.
    pub paths: Vec<BString>,
}

/// The differing paths with their contents.
#[derive(Clone, Debug)]
pub struct Diffed {
    pub from: String,
    pub to: String,
    pub files: Vec<FileDiff>,
}

/// One differing path. Contents are those of git's form; a side that is absent is empty.
#[derive(Clone, Debug)]
pub struct FileDiff {
    pub change: Change,
    pub content: FileContent,
}

/// What can be shown of a file's difference.
#[derive(Clone, Debug)]
pub enum FileContent {
    Text {
        old: Vec<u8>,
        new: Vec<u8>,
    },
    /// Holds a NUL byte, or is too large to compare: sizes in bytes.
    Binary {
        old: u64,
        new: u64,
    },
    /// Same bytes, another mode.
    ModeOnly,
}

/// Compares.
pub fn diff(_repo: &Repo, _request: &DiffRequest) -> Result<Diffed, OpError> {
    todo!()
}
