//! Names checkpoints, renames names, drops checkpoints.
//!
//! Each change of a ref names the value it expects and is kept in the operation log, so that `ckpt undo` takes it back.

use super::load::lock;
use super::points::{self, CHECKPOINT_REFS, NAME_REFS, resolve};
use super::{OpError, Repo};
use crate::model::commit::Identity;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::operation::{OperationRecord, OperationVerb, RefChange};
use crate::store::{Expected, RefEdit, operation_log};
use crate::sys::lock::FileLock;

#[cfg(test)]
mod tests;

/// A name that was given.
#[derive(Clone, Debug)]
pub struct Named {
    pub id: ObjectId,
    pub name: Name,
    /// Where the name pointed before.
    pub previous: Option<ObjectId>,
    /// The old name, when a name was renamed.
    pub renamed_from: Option<Name>,
}

/// Checkpoints that were dropped; `ckpt undo` brings them back.
#[derive(Clone, Debug)]
pub struct Dropped {
    pub ids: Vec<ObjectId>,
    /// Names that went with them.
    pub names: Vec<String>,
}

/// Gives `name` to a checkpoint; taken names need `move_name`.
pub fn name(repo: &Repo, point: &str, name: &Name, move_name: bool) -> Result<Named, OpError> {
    let _lock = lock_worktree(repo)?;
    let id = resolve(repo, point)?;
    let previous = find_free(repo, name, &id, move_name)?;
    let named = Named { id, name: name.clone(), previous, renamed_from: None };
    if previous != Some(id) {
        let change = RefChange { name: format!("{NAME_REFS}{name}"), old: previous, new: Some(id) };
        let record = record(repo, OperationVerb::Name, format!("name {} {name}", id.short()), vec![change]);
        publish(repo, &record, LogOrder::Last)?;
    }
    Ok(named)
}

/// Renames a name; the checkpoint stays.
pub fn rename(repo: &Repo, old: &str, new: &Name, move_name: bool) -> Result<Named, OpError> {
    let _lock = lock_worktree(repo)?;
    let unknown = |nearest| OpError::UnknownName { name: old.to_owned(), nearest };
    let Ok(old_name) = old.parse::<Name>() else { return Err(unknown(points::nearest_names(repo, old)?)) };
    let old_ref = format!("{NAME_REFS}{old_name}");
    let Some(id) = repo.store.find_ref(&old_ref)? else { return Err(unknown(points::nearest_names(repo, old)?)) };
    let previous = find_free(repo, new, &id, move_name)?;
    if old_name != *new {
        let added = RefChange { name: format!("{NAME_REFS}{new}"), old: previous, new: Some(id) };
        let removed = RefChange { name: old_ref, old: Some(id), new: None };
        let record = record(repo, OperationVerb::Name, format!("rename {old_name} {new}"), vec![added, removed]);
        publish(repo, &record, LogOrder::Last)?;
    }
    Ok(Named { id, name: new.clone(), previous, renamed_from: Some(old_name) })
}

/// Drops checkpoints and the names on them.
pub fn drop_points(repo: &Repo, points: &[String]) -> Result<Dropped, OpError> {
    let _lock = lock_worktree(repo)?;
    let mut ids: Vec<ObjectId> = Vec::new();
    for point in points {
        let id = resolve(repo, point)?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let mut names_by_id = points::names_by_id(repo)?;
    let (mut names, mut changes) = (Vec::new(), Vec::new());
    for id in &ids {
        names.extend(names_by_id.remove(id).unwrap_or_default().into_iter().map(|name| (name, *id)));
    }
    let gone = |name: String, id: ObjectId| RefChange { name, old: Some(id), new: None };
    changes.extend(names.iter().map(|(name, id)| gone(format!("{NAME_REFS}{name}"), *id)));
    changes.extend(ids.iter().map(|id| gone(format!("{CHECKPOINT_REFS}{id}"), *id)));
    if !ids.is_empty() {
        let short: Vec<_> = ids.iter().map(ObjectId::short).collect();
        let record = record(repo, OperationVerb::Drop, format!("drop {}", short.join(" ")), changes);
        publish(repo, &record, LogOrder::First)?;
    }
    Ok(Dropped { ids, names: names.into_iter().map(|(name, _)| name).collect() })
}

/// Where a name points now. An error when it is another checkpoint that may not lose it.
fn find_free(repo: &Repo, name: &Name, id: &ObjectId, move_name: bool) -> Result<Option<ObjectId>, OpError> {
    let previous = repo.store.find_ref(&format!("{NAME_REFS}{name}"))?;
    match previous {
        Some(taken) if taken != *id && !move_name && points::exists(repo, &taken)? => {
            Err(OpError::NameTaken { name: name.to_string(), id: taken })
        }
        _ => Ok(previous),
    }
}

/// One ckpt at a time adds to a work tree's operation log, and none while a load waits there to be recovered.
pub(super) fn lock_worktree(repo: &Repo) -> Result<FileLock, OpError> {
    let held = lock::acquire(repo)?;
    lock::refuse_pending(repo)?;
    Ok(held)
}

pub(super) fn record(repo: &Repo, verb: OperationVerb, description: String, refs: Vec<RefChange>) -> OperationRecord {
    OperationRecord { refs, ..OperationRecord::new(verb, repo.clock.now(), description) }
}

/// Whether the log is written before the refs or after them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LogOrder {
    /// What the refs let go of is reachable from the log before they do.
    First,
    /// Nothing is let go of, and the log tells only what has happened.
    Last,
}

/// Writes the log's commit, and publishes it with the changes of the record.
pub(super) fn publish(repo: &Repo, record: &OperationRecord, order: LogOrder) -> Result<(), OpError> {
    let writing = repo.store.start_writing()?;
    let tip = repo.store.find_ref(operation_log::REF)?;
    let identity = repo.store.identity().map_or_else(Identity::default, |(name, email)| Identity::new(&name, &email));
    let new_tip = operation_log::append(&repo.store, &writing, &identity, tip.as_ref(), record)?;
    let expected = |old: Option<ObjectId>| old.map_or(Expected::Absent, Expected::At);
    let log = RefEdit { name: operation_log::REF.to_owned(), expected: expected(tip), new: Some(new_tip) };
    let changes = record.refs.iter().map(|change| RefEdit {
        name: change.name.clone(),
        expected: expected(change.old),
        new: change.new,
    });
    let edits: Vec<RefEdit> = match order {
        LogOrder::First => std::iter::once(log).chain(changes).collect(),
        LogOrder::Last => changes.chain(std::iter::once(log)).collect(),
    };
    let written = repo.store.finish_writing(writing)?;
    Ok(repo.store.publish(Some(written), &edits)?)
}
