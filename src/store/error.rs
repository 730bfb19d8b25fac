//! What can go wrong with the repository.

use std::io;
use std::path::PathBuf;

use crate::model::id::ObjectId;
use crate::model::index::IndexError;
use crate::model::object::ObjectError;

/// An error of the store, with the path, ref or id that it is about.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("not a git repository: {path}")]
    NotARepository { path: PathBuf },
    #[error("{path} is a bare repository: it has no work tree to save")]
    Bare { path: PathBuf },
    #[error("the repository {path} belongs to another user")]
    ForeignOwner { path: PathBuf },
    #[error("this linked work tree is broken: its git folder {git_dir} is gone")]
    DeadWorktree { git_dir: PathBuf },
    #[error("ckpt cannot open this repository yet: {feature}")]
    Unsupported { feature: String },
    #[error("git {needed} or newer is needed for this, and git {found} is installed")]
    GitTooOld { found: String, needed: String },
    #[error("made by a newer ckpt: {what} has version {version}")]
    Newer { what: String, version: u64 },
    #[error("{what} is damaged: {detail}")]
    Damaged { what: String, detail: String },
    #[error("cannot {action} {path}: {source}")]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("the ref {name} changed while it was being written")]
    RefMoved { name: String, found: Option<ObjectId> },
    #[error("the ref {name} is locked by another process")]
    RefLocked { name: String },
    #[error("git is changing the index: {path} exists")]
    IndexLocked { path: PathBuf },
    #[error("the index {path} changed while it was being replaced")]
    IndexChanged { path: PathBuf },
    #[error("{action} failed: {detail}")]
    Git { action: String, detail: String },
    #[error("it could not be signed: {detail}")]
    Signing { detail: String },
    #[error(transparent)]
    Object(#[from] ObjectError),
    #[error(transparent)]
    Index(#[from] IndexError),
}
