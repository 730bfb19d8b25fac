//! Compares two checkpoints, or a checkpoint and the work tree.

use std::collections::HashSet;

use bstr::{BString, ByteSlice};

use super::capture::scan_within_limits;
use super::paths::{from_root, is_within};
use super::points::{resolve, resolve_or_latest};
use super::show::read_commit;
use super::tree_diff::diff_trees;
use super::{OpError, Repo};
use crate::model::change::{Change, Side};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader};
use crate::model::omission::Omission;
use crate::model::scratch::Scratch;
use crate::store::checkpoint::read_summary;

#[cfg(test)]
mod tests;

/// Larger contents are not compared line by line. What a scan keeps in memory ends at the same size.
const MAX_TEXT: u64 = 1 << 20;

/// A NUL byte this near the start makes content binary, as it does for git.
const BINARY_PROBE: usize = 8000;

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
pub fn diff(repo: &Repo, request: &DiffRequest) -> Result<Diffed, OpError> {
    let places = request.paths.iter().map(|typed| from_root(repo.store.layout(), typed.as_bstr()));
    let places = places.collect::<Result<Vec<_>, _>>()?;
    let scratch = Scratch::new(&repo.store);
    let from = resolve_or_latest(repo, request.from.as_deref())?;
    let from_tree = tree_of(repo, &from)?;
    let (to, changes) = match &request.to {
        Some(point) => {
            let to = resolve(repo, point)?;
            let tree = tree_of(repo, &to)?;
            (to.short(), diff_trees(&repo.store, Some(&from_tree), Some(&tree))?)
        }
        None => ("work tree".to_owned(), changes_now(repo, &scratch, &from_tree)?),
    };
    let wanted = |change: &Change| places.is_empty() || places.iter().any(|place| is_within(&change.path, place));
    let mut files = Vec::new();
    for change in changes.into_iter().filter(wanted) {
        let content = content_of(&scratch, &change)?;
        files.push(FileDiff { change, content });
    }
    Ok(Diffed { from: from.short(), to, files })
}

/// The tree of a checkpoint, unless it was made by a newer ckpt.
fn tree_of(repo: &Repo, id: &ObjectId) -> Result<ObjectId, OpError> {
    read_summary(&repo.store, id)?;
    Ok(read_commit(&repo.store, id)?.tree)
}

fn changes_now(repo: &Repo, scratch: &Scratch<'_>, from: &ObjectId) -> Result<Vec<Change>, OpError> {
    let scanned = scan_within_limits(repo, scratch)?;
    let changes = diff_trees(scratch, Some(from), Some(&scanned.tree))?;
    Ok(without_omitted(changes, &scanned.omissions))
}

/// Drops deletions that are none: what the scan could not read is there, and only its content is unknown.
pub(super) fn without_omitted(mut changes: Vec<Change>, omissions: &[Omission]) -> Vec<Change> {
    let protected = omissions.iter().filter(|left| left.reason.is_protected());
    let protected: HashSet<&[u8]> = protected.map(|left| left.path.as_slice()).collect();
    let is_omitted = |path: &[u8]| {
        let folders = path.find_iter("/").map(|end| &path[..end]);
        folders.chain([path]).any(|place| protected.contains(place))
    };
    changes.retain(|change| change.new.is_some() || !is_omitted(&change.path));
    changes
}

/// What can be shown of a change.
pub(super) fn content_of(reader: &dyn ObjectReader, change: &Change) -> Result<FileContent, ObjectError> {
    if let (Some(old), Some(new)) = (change.old, change.new)
        && old.id == new.id
    {
        return Ok(FileContent::ModeOnly);
    }
    let (old_size, new_size) = (size_of(reader, change.old)?, size_of(reader, change.new)?);
    let as_binary = FileContent::Binary { old: old_size, new: new_size };
    if old_size.max(new_size) > MAX_TEXT {
        return Ok(as_binary);
    }
    let (old, new) = (bytes_of(reader, change.old)?, bytes_of(reader, change.new)?);
    let is_binary = |bytes: &[u8]| bytes[..bytes.len().min(BINARY_PROBE)].contains(&0);
    Ok(if is_binary(&old) || is_binary(&new) { as_binary } else { FileContent::Text { old, new } })
}

/// What git shows for a nested repository: its commit, which is not in this one.
fn gitlink_line(id: &ObjectId) -> Vec<u8> {
    format!("Subproject commit {id}\n").into_bytes()
}

fn size_of(reader: &dyn ObjectReader, side: Option<Side>) -> Result<u64, ObjectError> {
    match side {
        None => Ok(0),
        Some(Side { mode: Mode::Gitlink, id }) => Ok(gitlink_line(&id).len() as u64),
        Some(Side { id, .. }) => reader.read_header(&id).map(|(_, size)| size),
    }
}

fn bytes_of(reader: &dyn ObjectReader, side: Option<Side>) -> Result<Vec<u8>, ObjectError> {
    match side {
        None => Ok(Vec::new()),
        Some(Side { mode: Mode::Gitlink, id }) => Ok(gitlink_line(&id)),
        Some(Side { id, .. }) => reader.read_kind(&id, ObjectKind::Blob),
    }
}
