//! What an entry changed: files of a checkpoint or a commit, lines of the context.

use super::filter::{before, commit_of};
use super::{Entry, What};
use crate::model::change::Change;
use crate::model::event::EventKind;
use crate::model::id::ObjectId;
use crate::ops::diff::{FileDiff, content_of};
use crate::ops::show::read_commit;
use crate::ops::tree_diff::first_changes;
use crate::ops::{OpError, Repo};
use crate::store::session_history::read_link;

/// With more changes than this, only their number would be told, and not even that is counted.
const MOST: usize = 10_000;

/// What an entry changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Nothing, or nobody knows.
    Nothing,
    /// Files of the work tree, against the checkpoint before, or the parent of the commit.
    Files(Vec<Change>),
    /// Documents of the session.
    Documents(Vec<Change>),
    TooMany,
}

/// Entry and changes; the content of each is read when it is asked for.
pub struct Detail<'a> {
    repo: &'a Repo,
    pub changed: Changed,
}

/// Looks up what an entry changed. What is gone has changed nothing that could be told.
pub fn detail<'a>(repo: &'a Repo, entry: &Entry) -> Detail<'a> {
    let changed = changed(repo, entry).unwrap_or(Changed::Nothing);
    Detail { repo, changed }
}

impl Detail<'_> {
    /// What can be shown of one change; `None` where its content is gone.
    pub fn content(&self, change: &Change) -> Option<FileDiff> {
        let content = content_of(&self.repo.store, change).ok()?;
        Some(FileDiff { change: change.clone(), content })
    }
}

fn changed(repo: &Repo, entry: &Entry) -> Result<Changed, OpError> {
    match (&entry.what, &entry.link) {
        (What::Point(point), Some(link)) => {
            let Some(summary) = &point.summary else { return Ok(Changed::Nothing) };
            let before = before(repo, link)?.or(summary.base);
            files(repo, before.as_ref(), &summary.id)
        }
        (What::Event(event), _) if matches!(event.kind, EventKind::Commit | EventKind::Merge) => {
            let Some(id) = commit_of(event) else { return Ok(Changed::Nothing) };
            let parent = read_commit(&repo.store, &id)?.parents.first().copied();
            files(repo, parent.as_ref(), &id)
        }
        (What::Event(event), Some(link)) if event.kind == EventKind::Context => {
            let parent = link.parents.first().map(|parent| read_link(&repo.store, parent)).transpose()?;
            let Some(mut changes) =
                first_changes(&repo.store, parent.as_ref().map(|parent| &parent.tree), Some(&link.tree), MOST)?
            else {
                return Ok(Changed::TooMany);
            };
            changes.retain(|change| change.path.ends_with(b".md"));
            Ok(if changes.is_empty() { Changed::Nothing } else { Changed::Documents(changes) })
        }
        _ => Ok(Changed::Nothing),
    }
}

fn files(repo: &Repo, old: Option<&ObjectId>, new: &ObjectId) -> Result<Changed, OpError> {
    let tree = |id: &ObjectId| read_commit(&repo.store, id).map(|commit| commit.tree);
    let old = old.map(tree).transpose()?;
    Ok(match first_changes(&repo.store, old.as_ref(), Some(&tree(new)?), MOST)? {
        None => Changed::TooMany,
        Some(changes) => Changed::Files(changes),
    })
}
