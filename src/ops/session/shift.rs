//! One session in the place of another: files, HEAD and index by the load engine, chains and stack with its record.
//!
//! The caller holds the lock of the work tree and has prepared the load. Called by `start` and by the stack's verbs.

use super::switch::{self, Part, Switch};
use crate::model::id::ObjectId;
use crate::model::operation::{OperationVerb, RefChange, Switch as JournalSwitch};
use crate::ops::load::carry_out;
use crate::ops::load::job::Errand;
use crate::ops::load::switch as pending;
use crate::ops::load::{Loaded, PreparedLoad};
use crate::ops::{OpError, Repo, chain};
use crate::store::{Expected, RefEdit};
use crate::sys::fault;
use crate::sys::lock::FileLock;

/// What a switch does besides the load.
pub(crate) struct Shift {
    pub(crate) verb: OperationVerb,
    /// Chains, stack and other refs, in the order in which they take effect: only a chain that is new may come before the
    /// stack.
    pub(crate) parts: Vec<Part>,
    /// A git branch that the load makes, with its commit.
    pub(crate) makes: Option<(String, ObjectId)>,
    /// A git branch that goes if nobody has used it.
    pub(crate) removes: Option<(String, ObjectId)>,
}

/// Keeps everybody else from adding to a chain: to be taken before the chains are read that the parts are made of.
pub(crate) fn queue(repo: &Repo) -> Result<FileLock, OpError> {
    chain::queue(repo, chain::PATIENCE)
}

/// Carries the load out and publishes the rest with it.
pub(crate) fn carry(
    repo: &Repo,
    _queue: FileLock,
    mut prepared: PreparedLoad,
    shift: Shift,
) -> Result<Loaded, OpError> {
    let writing = repo.store.start_writing()?;
    let planned = Switch { parts: shift.parts, time: repo.clock.now() };
    let ready = switch::prepare(repo, &writing, &planned)?;
    let heads = |(name, old, new)| RefChange { name, old, new };
    let made = shift.makes.clone().map(|(name, commit)| heads((name, None, Some(commit))));
    let removed = shift.removes.map(|(name, commit)| heads((name, Some(commit), None)));
    let refs = made.into_iter().chain(ready.edits.iter().map(change_of)).chain(removed).collect();
    let job = prepared.job.as_mut().ok_or(OpError::NotConfirmed)?;
    job.errand.creates = shift.makes.map(|(name, _)| name);
    let creates = job.errand.creates.clone();
    let journalled = JournalSwitch { verb: shift.verb, creates, directory: None, refs };
    let Errand { target, description, .. } = &job.errand;
    let anchor = pending::write_anchor(repo, &writing, target, &journalled, description, job.started)?;
    job.errand.switch = Some(journalled);
    let written = repo.store.finish_writing(writing)?;
    fault::reach("switch.written");
    let loaded = carry_out::carry_out_held(repo, prepared, Some((anchor, written)))?;
    ready.published();
    Ok(loaded)
}

fn change_of(edit: &RefEdit) -> RefChange {
    let old = match edit.expected {
        Expected::At(id) => Some(id),
        Expected::Absent | Expected::Anything => None,
    };
    RefChange { name: edit.name.clone(), old, new: edit.new }
}
