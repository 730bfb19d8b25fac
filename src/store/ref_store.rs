//! Refs: in git's files, which we read and write ourselves, or wherever git keeps them, by way of git.

use std::path::Path;

use super::git_refs::GitRefs;
use super::refs::RefEdit;
use super::{Layout, StoreError, head, publish, refs};
use crate::model::head::Head;
use crate::model::id::ObjectId;

/// Who reads and writes the refs of a repository.
pub(crate) enum RefStore {
    Files,
    Git(GitRefs),
}

impl RefStore {
    /// Where a ref points, symbolic ones followed.
    pub(crate) fn find(&self, layout: &Layout, name: &str) -> Result<Option<ObjectId>, StoreError> {
        match self {
            RefStore::Files => refs::find(layout, name),
            RefStore::Git(git) => git.find(name),
        }
    }

    /// The same in another work tree, with its layout and its key; the key of the main one is empty.
    pub(crate) fn find_of_worktree(
        &self,
        layout: &Layout,
        key: &str,
        name: &str,
    ) -> Result<Option<ObjectId>, StoreError> {
        match self {
            RefStore::Files => refs::find(layout, name),
            RefStore::Git(git) if key.is_empty() => git.find(&format!("main-worktree/{name}")),
            RefStore::Git(git) => git.find(&format!("worktrees/{key}/{name}")),
        }
    }

    /// All refs below `prefix` (which ends in `/`), sorted by name.
    pub(crate) fn list(&self, layout: &Layout, prefix: &str) -> Result<Vec<(String, ObjectId)>, StoreError> {
        match self {
            RefStore::Files => refs::list(layout, prefix),
            RefStore::Git(git) => git.list(prefix),
        }
    }

    pub(crate) fn head(&self, layout: &Layout) -> Result<Head, StoreError> {
        match self {
            RefStore::Files => head::read(layout),
            RefStore::Git(git) => git.head(),
        }
    }

    /// Carries out edits in their order. `objects` is a folder to sync before the first of them takes effect.
    pub(crate) fn apply(&self, layout: &Layout, edits: &[RefEdit], objects: Option<&Path>) -> Result<(), StoreError> {
        match self {
            RefStore::Files => publish::apply(layout, edits, objects),
            RefStore::Git(git) => git.apply(edits, objects),
        }
    }

    /// Whether refs that are no files of their own stand in git's tables: `CHERRY_PICK_HEAD` and its like too.
    pub(crate) const fn has_tables(&self) -> bool {
        matches!(self, RefStore::Git(git) if git.has_tables())
    }
}
