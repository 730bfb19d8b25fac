//! What can go wrong with the user's files.

use std::io;
use std::path::PathBuf;

use bstr::BString;

use super::document::Unfit;
use crate::model::index::IndexError;
use crate::model::object::ObjectError;

/// An error of the work tree, with the path that it is about.
#[derive(Debug, thiserror::Error)]
pub enum WorktreeError {
    #[error("cannot {action} {path}: {source}")]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("too much is untracked: {files} files, {bytes} bytes")]
    OverBudget { files: u64, bytes: u64, largest: Vec<(BString, u64)> },
    #[error("the checkpoint holds a path that may not be written: {path}: {problem}")]
    HostilePath { path: BString, problem: &'static str },
    #[error("{path} is in the way and cannot be kept: {reason}")]
    Obstructed { path: BString, reason: &'static str },
    #[error("not enough space: {needed} bytes are needed, {free} are free")]
    NoSpace { needed: u64, free: u64 },
    #[error("{path} {}", problem.reason())]
    UnfitDocument { path: BString, problem: Unfit },
    #[error("{0} holds something that ckpt does not understand")]
    DamagedJournal(PathBuf),
    #[error(transparent)]
    Object(#[from] ObjectError),
    #[error(transparent)]
    Index(#[from] IndexError),
}
