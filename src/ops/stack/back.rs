//! Takes a branch or a return back, and does it again.

use std::path::PathBuf;

use super::child::{self, Member};
use super::{linked_turn, return_};
use crate::model::checkpoint::{CheckpointKind, Snapshot};
use crate::model::head::BRANCHES;
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::operation::{OperationRecord, OperationVerb, RefChange};
use crate::model::session::{MAIN, SessionState};
use crate::model::stack::{Frame, FrameKind, Stack};
use crate::ops::load::job::Errand;
use crate::ops::load::prepare;
use crate::ops::session::flow_back::stepped;
use crate::ops::session::shift::{self, Shift};
use crate::ops::session::standing::read_own;
use crate::ops::session::switch::{self, ChainStep, Part};
use crate::ops::stack::error::StackError;
use crate::ops::undo::Undone;
use crate::ops::{OpError, Repo};
use crate::store::checkpoint::read_checkpoint;
use crate::store::session::{self, Session, find_sound_session};
use crate::store::{journal, stack};

/// What became of the stack.
#[derive(Clone, Debug)]
pub struct Turned {
    pub child: Name,
    /// What the child is now.
    pub state: SessionState,
    /// The current session.
    pub current: Name,
    /// The child's git branch, which went because nobody had used it.
    pub removed_branch: Option<String>,
    /// The child's git branch, which stays because somebody did.
    pub kept_branch: Option<String>,
    /// The work tree of its own, which stays.
    pub directory: Option<PathBuf>,
}

/// The two stacks of an operation, as this turn goes through them.
struct Way {
    from: Stack,
    to: Stack,
    /// A session begins or goes on; else it is left.
    is_push: bool,
}

impl Way {
    /// The stack with the session that comes or goes on top, and the other one.
    fn sides(&self) -> (&Stack, &Stack) {
        if self.is_push { (&self.to, &self.from) } else { (&self.from, &self.to) }
    }
}

/// Undoes or redoes. The errand has the state of the files, and which operation this is about.
pub(crate) fn turn(repo: &Repo, operation: OperationRecord, errand: Errand) -> Result<Undone, OpError> {
    let is_redo = errand.subject.is_some_and(|subject| subject.is_redo);
    let Some(way) = way(repo, &operation, is_redo)? else { return linked_turn::turn(repo, operation, &errand) };
    if !is_same(&read_own(repo)?, &way.from) {
        return Err(changed(&operation).into());
    }
    let (is_push, (with, without)) = (way.is_push, way.sides());
    let frame = with.frames.last().cloned().ok_or_else(|| changed(&operation))?;
    let parent = return_::parent_of(repo, &frame, without)?;
    refuse_deleted(repo, &operation, [&frame.session, &parent])?;
    let synced = switch::before(repo);
    let is_untouched = is_untouched(repo, &frame.session)?;
    let first = prepare::keep_first(repo, CheckpointKind::Auto, true)?;
    let is_clean = is_untouched && is_as_begun(repo, &operation, &first.snapshot)?;
    let made = made_branch(&operation).filter(|_| operation.verb == OperationVerb::Branch);
    let makes = made.clone().filter(|(name, _)| is_push && matches!(repo.store.find_ref(name), Ok(None)));
    let errand = errand_of_turn(errand, &frame, first.checkpoint, makes.as_ref());
    let prepared = prepare::prepare_over(repo, errand, first)?;
    let kept = prepared.safety.ok_or(OpError::NotConfirmed)?;
    // What was done to the parent's files since is what the next return brings back.
    let mut to = way.to;
    if let Some(frame) = to.frames.last_mut().filter(|frame| is_push && frame.kind != FrameKind::Start) {
        frame.below = Some(kept);
    }
    let queue = shift::queue(repo)?;
    let (child, parent) = (Member::read(repo, frame.session.clone())?, Member::read(repo, parent)?);
    let state = match (is_push, operation.verb) {
        (true, _) => SessionState::Active,
        (false, OperationVerb::Return) => ended_state(repo, &operation, &child.name)?,
        (false, _) if is_clean => SessionState::Cancelled,
        (false, _) => SessionState::Paused,
    };
    let mut steps = steps(repo, &operation, (&child, state), (&parent, is_push), is_redo)?;
    // A parent that is at work in another work tree is not moved by what its child does.
    if frame.kind == FrameKind::Worktree {
        steps.iter_mut().filter(|step| step.session == parent.name).for_each(|step| step.record = None);
    }
    let mut parts = vec![Part::Stack(to, said(&operation, is_redo))];
    parts.extend(steps.into_iter().map(|step| Part::Chain(Box::new(step))));
    let removes = made.filter(|_| !is_push);
    let shift = Shift { verb: operation.verb, parts, makes, removes: removes.clone() };
    let (safety, counts) = (prepared.safety, prepared.counts);
    let loaded = shift::carry(repo, queue, prepared, shift)?;
    let _ = (synced, switch::after(repo));
    let switched = Some(turned(repo, child.name, state, removes.map(|(branch, _)| branch)));
    Ok(Undone { operation, safety, counts, loaded: Some(Box::new(loaded)), switched })
}

/// The load that a turn is done by.
fn errand_of_turn(errand: Errand, frame: &Frame, present: ObjectId, makes: Option<&(String, ObjectId)>) -> Errand {
    let moves_files = matches!(frame.kind, FrameKind::Branch | FrameKind::Start);
    Errand {
        target: if moves_files { errand.target } else { present },
        removes_paths: true,
        head: true,
        operation: true,
        allow_links: true,
        is_own: true,
        force: true,
        keeps: CheckpointKind::Auto,
        creates: makes.map(|(name, _)| name.clone()),
        // What was made since is the child's, and kept with it.
        origin: None,
        ..errand
    }
}

/// A session that is on no stack may be gone by now.
fn refuse_deleted(repo: &Repo, operation: &OperationRecord, names: [&Name; 2]) -> Result<(), OpError> {
    for name in names.into_iter().filter(|name| name.as_str() != MAIN) {
        repo.store.find_ref(&format!("{}{name}", session::REFS))?.ok_or_else(|| changed(operation))?;
    }
    Ok(())
}

fn turned(repo: &Repo, child: Name, state: SessionState, branch: Option<String>) -> Turned {
    let is_there = branch.as_ref().is_some_and(|name| matches!(repo.store.find_ref(name), Ok(Some(_))));
    let branch = branch.map(|name| name[BRANCHES.len()..].to_owned());
    let (kept_branch, removed_branch) = if is_there { (branch, None) } else { (None, branch) };
    Turned { child, state, current: repo.session(), removed_branch, kept_branch, directory: None }
}

fn said(operation: &OperationRecord, is_redo: bool) -> String {
    format!("{}: {}", if is_redo { "redo" } else { "undo" }, operation.description)
}

fn changed(operation: &OperationRecord) -> StackError {
    StackError::Changed { operation: operation.description.clone() }
}

/// `None` where the operation did not change the stack of this work tree.
fn way(repo: &Repo, operation: &OperationRecord, is_redo: bool) -> Result<Option<Way>, OpError> {
    let Some(change) = operation.refs.iter().find(|change| change.name == stack::REF) else { return Ok(None) };
    let read = |id: Option<ObjectId>| match id {
        Some(id) => stack::read(&repo.store, &id),
        None => Ok(Stack::default()),
    };
    let (old, new) = (read(change.old)?, read(change.new)?);
    let is_push = (operation.verb == OperationVerb::Branch) == is_redo;
    let (from, to) = if is_redo { (old, new) } else { (new, old) };
    Ok(Some(Way { from, to, is_push }))
}

/// The same sessions in the same places; what they wait in may be another checkpoint by now.
fn is_same(left: &Stack, right: &Stack) -> bool {
    let key = |stack: &Stack| -> Vec<_> {
        stack.frames.iter().map(|frame| (frame.session.clone(), frame.kind, frame.pushed)).collect()
    };
    key(left) == key(right)
}

/// The git branch that the operation made.
fn made_branch(operation: &OperationRecord) -> Option<(String, ObjectId)> {
    let is_made = |change: &&RefChange| change.name.starts_with(BRANCHES) && change.old.is_none();
    let change = operation.refs.iter().find(is_made)?;
    Some((change.name.clone(), change.new?))
}

/// Whether nothing was told of a session but that it began.
fn is_untouched(repo: &Repo, name: &Name) -> Result<bool, OpError> {
    let Some(tip) = repo.store.find_ref(&format!("{}{name}", session::REFS))? else { return Ok(true) };
    let has_one = crate::ops::show::read_commit(&repo.store, &tip)?.parents.is_empty();
    Ok(has_one && journal::read(repo.store.layout(), name)?.is_empty())
}

/// Whether files, index and HEAD are still as a branch made them.
fn is_as_begun(repo: &Repo, operation: &OperationRecord, now: &Snapshot) -> Result<bool, OpError> {
    let Some(after) = operation.after else { return Ok(false) };
    let begun = read_checkpoint(&repo.store, &after)?.snapshot;
    Ok(begun.tree == now.tree && begun.index_tree == now.index_tree && begun.head == now.head)
}

fn recorded(repo: &Repo, operation: &OperationRecord, name: &Name, new: bool) -> Result<Option<Session>, OpError> {
    let full = format!("{}{name}", session::REFS);
    let change = operation.refs.iter().find(|change| change.name == full);
    let id = change.and_then(|change| if new { change.new } else { change.old });
    Ok(id.map(|id| find_sound_session(&repo.store, &id)).transpose()?.flatten())
}

/// What the child became by the return that is done again.
fn ended_state(repo: &Repo, operation: &OperationRecord, child: &Name) -> Result<SessionState, OpError> {
    let session = recorded(repo, operation, child, true)?;
    Ok(session.map_or(SessionState::Complete, |session| session.record.details.state))
}

fn steps(
    repo: &Repo,
    operation: &OperationRecord,
    (child, state): (&Member, SessionState),
    (parent, is_push): (&Member, bool),
    is_redo: bool,
) -> Result<Vec<ChainStep>, OpError> {
    let what = said(operation, is_redo);
    let word = if is_push { "resumed" } else { state.as_str() };
    let mut step = child.becomes(repo, state, what.clone());
    step.events.push(child::state_event(repo, word, format!("{word} by {what}")));
    let parent_state = if is_push { SessionState::Paused } else { SessionState::Active };
    let mut other = parent.becomes(repo, parent_state, what);
    if operation.verb == OperationVerb::Return {
        let from = recorded(repo, operation, &parent.name, !is_redo)?;
        let to = recorded(repo, operation, &parent.name, is_redo)?;
        let back = stepped(repo, parent.session.as_ref(), from.as_ref(), to.as_ref())?;
        (other.context, other.files) = (back.context, back.files);
    }
    Ok(vec![step, other])
}
