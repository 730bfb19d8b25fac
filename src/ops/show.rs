//! Reads one checkpoint in full, for the resume document.

use std::collections::BTreeMap;

use bstr::BString;

use super::diff::without_omitted;
use super::points::{names_by_id, resolve_or_latest};
use super::tree_diff::diff_trees;
use super::{OpError, Repo};
use crate::model::change::Change;
use crate::model::checkpoint::Checkpoint;
use crate::model::commit::Commit;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectError, ObjectKind, ObjectReader};
use crate::store::checkpoint::read_checkpoint;

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
pub fn show(repo: &Repo, point: Option<&str>) -> Result<Shown, OpError> {
    show_checkpoint(repo, &resolve_or_latest(repo, point)?)
}

/// Reads the checkpoint of this id.
pub fn show_checkpoint(repo: &Repo, id: &ObjectId) -> Result<Shown, OpError> {
    let reader = &repo.store;
    let checkpoint = read_checkpoint(reader, id)?;
    let snapshot = &checkpoint.snapshot;
    let base = snapshot.head.commit.map(|base| read_commit(reader, &base)).transpose()?;
    let base_tree = base.as_ref().map(|commit| &commit.tree);
    let changes = diff_trees(reader, base_tree, Some(&snapshot.tree))?;
    let changes = without_omitted(changes, &snapshot.omissions);
    let staged = diff_trees(reader, base_tree, Some(&snapshot.index_tree))?;
    let names = names_by_id(repo)?.remove(id).unwrap_or_default();
    let at_base = repo.store.head()?.commit == snapshot.head.commit;
    let base_subject = base.map(|commit| commit.subject().to_string());
    Ok(Shown { names, changes, staged, base_subject, at_base, checkpoint })
}

/// Reads a commit, the user's or ours.
pub fn read_commit(reader: &dyn ObjectReader, id: &ObjectId) -> Result<Commit, ObjectError> {
    let bytes = reader.read_kind(id, ObjectKind::Commit)?;
    Commit::parse(&bytes).map_err(|error| ObjectError::Damaged { id: *id, detail: error.to_string() })
}

/// Every file of a checkpoint's work tree, by path, and those of the commit at HEAD that it lacks. `old` is the side of
/// that commit, `new` that of the checkpoint; both are the same for a file that was not changed.
pub fn files(repo: &Repo, checkpoint: &Checkpoint) -> Result<Vec<Change>, OpError> {
    let (reader, snapshot) = (&repo.store, &checkpoint.snapshot);
    let base = snapshot.head.commit.map(|base| read_commit(reader, &base)).transpose()?;
    let changes = diff_trees(reader, base.as_ref().map(|commit| &commit.tree), Some(&snapshot.tree))?;
    let changes = without_omitted(changes, &snapshot.omissions);
    let unchanged =
        diff_trees(reader, None, Some(&snapshot.tree))?.into_iter().map(|file| Change { old: file.new, ..file });
    let mut files: BTreeMap<BString, Change> = unchanged.map(|file| (file.path.clone(), file)).collect();
    files.extend(changes.into_iter().map(|change| (change.path.clone(), change)));
    Ok(files.into_values().collect())
}
