//! What the git folder knows of the context's file in the work tree: where it is and what was made for it
//! (`ckpt/init.toml`, for all work trees), and which version it was last written from or read as (`context-base`, for each).
//!
//! Called by `ops/context`. Without `init.toml` there is no file, and looking for it is all that a save pays.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::versioned::{self, VERSION};
use super::{Layout, StoreError};
use crate::model::id::ObjectId;
use crate::sys::{atomic, private};

const RECORD: &str = "init.toml";
const BASE: &str = "context-base";

/// The record of `ckpt init`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Materialised {
    version: u64,
    #[serde(default)]
    revision: u64,
    /// The file, from the root of the work tree.
    pub file: String,
    /// It was there before: it is the user's, and stays.
    pub adopted: bool,
    /// The folders above it that were not there before, the innermost first.
    pub folders_made: Vec<String>,
    /// What was appended to `info/exclude`; empty for nothing.
    #[serde(default)]
    pub exclude_added: String,
    /// The line of it.
    #[serde(default)]
    pub exclude_line: String,
    /// `info/exclude` was there before.
    #[serde(default)]
    pub exclude_existed: bool,
    /// The folder `info` was there before.
    #[serde(default)]
    pub info_existed: bool,
}

impl Materialised {
    /// A record of a file, with nothing appended anywhere.
    pub fn new(file: String, adopted: bool, folders_made: Vec<String>) -> Materialised {
        Materialised {
            version: VERSION,
            revision: 0,
            file,
            adopted,
            folders_made,
            exclude_added: String::new(),
            exclude_line: String::new(),
            exclude_existed: true,
            info_existed: true,
        }
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_path_buf();
    move |source| StoreError::Io { action, path, source }
}

/// Reads the record; `None` without `ckpt init`.
pub fn find(layout: &Layout) -> Result<Option<Materialised>, StoreError> {
    let path = layout.own_dir.join(RECORD);
    match std::fs::read(&path) {
        Ok(bytes) => versioned::parse(&bytes, RECORD).map(Some),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(failed("read", &path)(error)),
    }
}

/// Writes the record, synced.
pub fn write(layout: &Layout, record: &Materialised) -> Result<(), StoreError> {
    let path = layout.own_dir.join(RECORD);
    let text = toml::to_string(record).expect("text and flags are always TOML");
    let written = private::create_dir(&layout.own_dir).and_then(|()| atomic::write(&path, text.as_bytes()));
    written.map_err(failed("write", &path))
}

/// Removes the record, and the versions of all work trees.
pub fn remove(layout: &Layout) -> Result<(), StoreError> {
    for folder in own_folders(layout) {
        let _ = std::fs::remove_file(folder.join(BASE));
    }
    let path = layout.own_dir.join(RECORD);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", &path)(error)),
        _ => Ok(()),
    }
}

/// Our folder of each work tree.
fn own_folders(layout: &Layout) -> Vec<PathBuf> {
    let linked = std::fs::read_dir(layout.own_dir.join("worktrees")).into_iter().flatten().flatten();
    linked.map(|entry| entry.path()).chain([layout.own_dir.join("worktree")]).collect()
}

/// The version that the file of this work tree was last written from or read as.
pub fn find_base(layout: &Layout) -> Option<ObjectId> {
    base_in(&layout.own_worktree_dir)
}

fn base_in(folder: &Path) -> Option<ObjectId> {
    ObjectId::from_hex(std::fs::read(folder.join(BASE)).ok()?.trim_ascii_end())
}

/// Notes it. Not synced: without it the file is compared with all versions.
pub fn write_base(layout: &Layout, version: &ObjectId) -> Result<(), StoreError> {
    let path = layout.own_worktree_dir.join(BASE);
    let written = private::create_dir(&layout.own_worktree_dir)
        .and_then(|()| private::open(OpenOptions::new().write(true).create(true).truncate(true), &path))
        .and_then(|mut file| writeln!(file, "{version}"));
    written.map_err(failed("write", &path))
}

/// Roots of the other work trees, and the version of the file there.
pub fn other_worktrees(layout: &Layout) -> Vec<(PathBuf, Option<ObjectId>)> {
    let linked = std::fs::read_dir(layout.common_dir.join("worktrees")).into_iter().flatten().flatten();
    let linked = linked.filter_map(|entry| {
        let git_file = std::fs::read_to_string(entry.path().join("gitdir")).ok()?;
        let root = entry.path().join(git_file.trim_end()).parent()?.canonicalize().ok()?;
        Some((root, base_in(&layout.own_dir.join("worktrees").join(entry.file_name()))))
    });
    let main = layout.common_dir.parent().filter(|_| layout.common_dir.ends_with(".git"));
    let main = main.map(|root| (root.to_path_buf(), base_in(&layout.own_dir.join("worktree"))));
    linked.chain(main).filter(|(root, _)| *root != layout.work_dir).collect()
}
