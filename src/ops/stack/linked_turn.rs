//! Undoes and redoes the beginning of a child in a linked work tree of its own: its stack changes, its files stay.

use super::back::Turned;
use super::child::{self, Member};
use super::error::StackError;
use super::linked::open_at;
use crate::model::checkpoint::CheckpointKind;
use crate::model::head::BRANCHES;
use crate::model::operation::{OperationRecord, OperationVerb};
use crate::model::session::SessionState;
use crate::model::stack::Stack;
use crate::ops::load::job::Errand;
use crate::ops::load::{lock, record};
use crate::ops::save::{SaveRequest, save};
use crate::ops::session::standing::read_own;
use crate::ops::session::switch::{self, Part, Switch};
use crate::ops::undo::Undone;
use crate::ops::{OpError, Repo};
use crate::store::{linked_worktree, session, stack};

/// Takes the child off the stack of its own work tree, or puts it back. The work tree and its files stay as they are.
pub(super) fn turn(repo: &Repo, operation: OperationRecord, errand: &Errand) -> Result<Undone, OpError> {
    let subject = errand.subject.ok_or_else(|| StackError::Changed { operation: operation.description.clone() })?;
    let changed = || OpError::from(StackError::Changed { operation: operation.description.clone() });
    let chain = operation.refs.iter().find(|change| change.name.starts_with(session::REFS)).ok_or_else(changed)?;
    let name = chain.name[session::REFS.len()..].parse().map_err(|_| changed())?;
    let child = Member::read(repo, name)?;
    let begun = chain.new;
    let begun = begun.map(|tip| session::read_session(&repo.store, &tip)).transpose()?.ok_or_else(changed)?;
    let key = begun.record.details.worktree.clone().ok_or_else(changed)?;
    let directory = linked_worktree::directory_of(&repo.store, &key).ok_or_else(changed)?;
    let there = open_at(repo, &directory)?;
    let _lock = lock::acquire(&there)?;
    lock::refuse_pending(&there)?;
    let frames = read_own(&there)?.frames;
    let is_on_top = matches!(frames.as_slice(), [frame] if frame.session == child.name);
    let is_fit = if subject.is_redo { frames.is_empty() } else { is_on_top };
    if !is_fit {
        return Err(changed());
    }
    let state = if subject.is_redo { SessionState::Active } else { SessionState::Paused };
    if !subject.is_redo {
        save(&there, &SaveRequest::of_kind(CheckpointKind::Auto))?;
    }
    let to = match subject.is_redo {
        false => Stack::default(),
        true => old_stack(&there)?,
    };
    switch::switch(&there, &mut || {
        let child = Member::read(&there, child.name.clone())?;
        let word = if subject.is_redo { "resumed" } else { "paused" };
        let mut step = child.becomes(&there, state, errand.description.clone());
        step.events.push(child::state_event(&there, word, format!("{word} by {}", errand.description)));
        let parts = vec![Part::Stack(to.clone(), errand.description.clone()), Part::Chain(Box::new(step))];
        Ok((Switch { parts, time: there.clock.now() }, ()))
    })?;
    let verb = if subject.is_redo { OperationVerb::Redo } else { OperationVerb::Undo };
    let log = OperationRecord {
        subject: Some(subject.position),
        ..OperationRecord::new(verb, repo.clock.now(), errand.description.clone())
    };
    record::append(repo, &log)?;
    let switched = Turned {
        child: child.name,
        state,
        current: repo.session(),
        removed_branch: None,
        kept_branch: made(&operation),
        directory: Some(directory),
    };
    Ok(Undone { operation, safety: None, counts: Default::default(), loaded: None, switched: Some(switched) })
}

fn made(operation: &OperationRecord) -> Option<String> {
    operation.refs.iter().find_map(|change| change.name.strip_prefix(BRANCHES)).map(str::to_owned)
}

/// The stack of that work tree before it was emptied.
fn old_stack(there: &Repo) -> Result<Stack, OpError> {
    let Some(tip) = there.store.find_ref(stack::REF)? else { return Ok(Stack::default()) };
    let before = crate::ops::show::read_commit(&there.store, &tip)?.parents.first().copied();
    Ok(before.map(|id| stack::read(&there.store, &id)).transpose()?.unwrap_or_default())
}
