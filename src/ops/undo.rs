//! Undoes and redoes operations, by the operation log.
//!
//! To undo a load is to load what was there before it, by the same engine and with a safety checkpoint of its own; so a
//! redo finds even what was changed between the load and its undo.

use super::load::job::Errand;
use super::load::{Loaded, carry_out, lock, paths, prepare, record};
use super::{OpError, Repo, stack};
use crate::model::change::ChangeCounts;
use crate::model::id::{HashKind, ObjectId};
use crate::model::operation::{OperationRecord, OperationVerb, RefChange};
use crate::store::{Expected, RefEdit, StoreError, operation_log};
use crate::sys::fault;
use crate::worktree::journal::Subject;

#[cfg(test)]
mod tests;

/// An operation that was undone or redone.
#[derive(Debug)]
pub struct Undone {
    /// The operation that was undone or redone.
    pub operation: OperationRecord,
    /// What was there before, when files moved.
    pub safety: Option<ObjectId>,
    pub counts: ChangeCounts,
    /// The load that it was done by.
    pub loaded: Option<Box<Loaded>>,
    /// What became of the stack, for a branch or a return.
    pub switched: Option<stack::back::Turned>,
}

/// One line of the operation log.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// From 1, the oldest.
    pub position: u64,
    pub record: OperationRecord,
    /// It has been undone, and could be redone.
    pub is_undone: bool,
}

/// Undoes the latest operation that is not undone.
pub fn undo(repo: &Repo) -> Result<Undone, OpError> {
    turn(repo, false)
}

/// Redoes the operation undone last, if nothing was done since.
pub fn redo(repo: &Repo) -> Result<Undone, OpError> {
    turn(repo, true)
}

/// The operation log, newest first.
pub fn operations(repo: &Repo) -> Result<Vec<LogEntry>, OpError> {
    let records = record::read_all(repo)?;
    let undone = operation_log::replay(&records).undone;
    let entry = |(position, record)| LogEntry { position, record, is_undone: undone.contains(&position) };
    let mut entries: Vec<LogEntry> = (1..).zip(records).map(entry).collect();
    entries.reverse();
    Ok(entries)
}

fn turn(repo: &Repo, is_redo: bool) -> Result<Undone, OpError> {
    let _lock = lock::acquire(repo)?;
    lock::refuse_pending(repo)?;
    turn_locked(repo, is_redo)
}

/// The same for whoever holds the lock and knows that nothing is pending.
pub(super) fn turn_locked(repo: &Repo, is_redo: bool) -> Result<Undone, OpError> {
    let verb = if is_redo { "redo" } else { "undo" };
    let records = record::read_all(repo)?;
    let stacks = operation_log::replay(&records);
    let stack = if is_redo { stacks.undone } else { stacks.done };
    let position = *stack.last().ok_or(OpError::NothingToUndo { verb })?;
    let subject = Subject { is_redo, position };
    let operation = records[position as usize - 1].clone();
    let description = format!("{verb} {}", operation.description);
    let states = states_about(&records, subject);
    if is_switch(operation.verb) {
        // Where no file moved the target counts for nothing.
        let (target, origin) = states.unwrap_or((ObjectId::null(HashKind::Sha1), None));
        let errand = Errand { origin, subject: Some(subject), ..Errand::new(target, description) };
        return stack::back::turn(repo, operation, errand);
    }
    match states {
        Some((target, origin)) => {
            let errand = Errand { origin, subject: Some(subject), ..Errand::new(target, description) };
            turn_load(repo, operation, errand)
        }
        None => turn_refs(repo, operation, subject, description),
    }
}

/// The checkpoint to load: what was there before the subject was last done (or, for a redo, undone); and the one that
/// was loaded then.
fn states_about(records: &[OperationRecord], subject: Subject) -> Option<(ObjectId, Option<ObjectId>)> {
    let is_about = |(position, record): &(u64, &OperationRecord)| match record.verb {
        OperationVerb::Undo => subject.is_redo && record.subject == Some(subject.position),
        OperationVerb::Redo => !subject.is_redo && record.subject == Some(subject.position),
        OperationVerb::Load
        | OperationVerb::Drop
        | OperationVerb::Name
        | OperationVerb::Branch
        | OperationVerb::Return => !subject.is_redo && *position == subject.position,
    };
    let (_, last) = (1..).zip(records).filter(is_about).last()?;
    Some((last.before?, last.after))
}

fn is_switch(verb: OperationVerb) -> bool {
    matches!(verb, OperationVerb::Branch | OperationVerb::Return)
}

fn turn_load(repo: &Repo, operation: OperationRecord, errand: Errand) -> Result<Undone, OpError> {
    let errand = Errand {
        paths: paths::decode(&operation.paths),
        removes_paths: true,
        head: operation.moved_head,
        operation: operation.moved_operation,
        submodules: operation.submodules,
        force: true,
        ..errand
    };
    let prepared = prepare::prepare(repo, errand, false)?;
    let (safety, counts) = (prepared.safety, prepared.counts);
    let loaded = carry_out::carry_out(repo, prepared)?;
    Ok(Undone { operation, safety, counts, loaded: Some(Box::new(loaded)), switched: None })
}

/// A drop or a name: its refs are put where they were, each only if it is still where the operation left it.
fn turn_refs(
    repo: &Repo,
    operation: OperationRecord,
    subject: Subject,
    description: String,
) -> Result<Undone, OpError> {
    // Nothing that ckpt does in this way moves a ref of the user's: a record that says so was forged.
    if let Some(foreign) = operation.refs.iter().find(|change| !change.name.starts_with("refs/ckpt/")) {
        let what = format!("operation {}", subject.position);
        return Err(StoreError::Damaged { what, detail: format!("it moves {}", foreign.name) }.into());
    }
    // An operation that was killed half way has not moved every ref that it names; nor has an undo of it.
    let mut open = Vec::new();
    for edit in edits_of(&operation.refs, subject.is_redo) {
        if repo.store.find_ref(&edit.name)? != edit.new {
            open.push(edit);
        }
    }
    repo.store.publish(None, &open)?;
    fault::reach("undo.refs");
    let verb = if subject.is_redo { OperationVerb::Redo } else { OperationVerb::Undo };
    let log = OperationRecord {
        refs: operation.refs.clone(),
        subject: Some(subject.position),
        ..OperationRecord::new(verb, repo.clock.now(), description)
    };
    record::append(repo, &log)?;
    Ok(Undone { operation, safety: None, counts: ChangeCounts::default(), loaded: None, switched: None })
}

/// What is redone is made in the old order, what is undone in the opposite one.
fn edits_of(changes: &[RefChange], is_redo: bool) -> Vec<RefEdit> {
    let edit = |name: &str, from: Option<ObjectId>, to: Option<ObjectId>| RefEdit {
        name: name.to_owned(),
        expected: from.map_or(Expected::Absent, Expected::At),
        new: to,
    };
    if is_redo {
        return changes.iter().map(|change| edit(&change.name, change.old, change.new)).collect();
    }
    changes.iter().rev().map(|change| edit(&change.name, change.new, change.old)).collect()
}
