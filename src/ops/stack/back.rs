//! Takes a branch or a return back, and does it again.

use super::child::{self, Member};
use super::shift::{self, Shift, read_stack};
use super::{linked, return_};
use crate::model::checkpoint::{CheckpointKind, Snapshot};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::model::operation::{OperationRecord, OperationVerb, RefChange};
use crate::model::session::SessionState;
use crate::model::stack::{FrameKind, Stack};
use crate::ops::load::job::Errand;
use crate::ops::load::prepare;
use crate::ops::session::switch::{self, ChainStep, Part};
use crate::ops::stack::error::StackError;
use crate::ops::undo::Undone;
use crate::ops::{OpError, Repo};
use crate::store::branches::BRANCHES;
use crate::store::checkpoint::read_checkpoint;
use crate::store::session::{self, CONTEXT, Session, find_sound_session};
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
    pub worktree: Option<String>,
}

/// The two stacks of an operation, as this turn goes through them.
struct Way {
    from: Stack,
    to: Stack,
}

impl Way {
    fn is_push(&self) -> bool {
        self.to.frames.len() > self.from.frames.len()
    }
}

/// Undoes or redoes. The errand has the state of the files, and which operation this is about.
pub(crate) fn turn(repo: &Repo, operation: OperationRecord, errand: Errand) -> Result<Undone, OpError> {
    let is_redo = errand.subject.is_some_and(|subject| subject.is_redo);
    let Some(way) = way(repo, &operation, is_redo)? else { return linked::turn(repo, operation, &errand) };
    if !is_same(&read_stack(repo)?, &way.from) {
        return Err(StackError::Changed { operation: operation.description }.into());
    }
    let synced = switch::before(repo);
    let mut to = way.to.clone();
    let (longer, is_push) = if way.is_push() { (&way.to, true) } else { (&way.from, false) };
    let frame = longer.frames.last().cloned().ok_or_else(|| changed(&operation))?;
    let below = Stack { frames: longer.frames[..longer.frames.len() - 1].to_vec() };
    let parent = return_::parent_of(repo, &frame, &below)?;
    let is_untouched = is_untouched(repo, &frame.session)?;
    let first = prepare::keep_first(repo, CheckpointKind::Auto, true)?;
    let is_clean = is_untouched && is_as_begun(repo, &operation, &first.snapshot)?;
    let moves_files = frame.kind == FrameKind::Branch;
    let target = if moves_files { errand.target } else { first.checkpoint };
    let makes = made_branch(&operation).filter(|_| is_push && operation.verb == OperationVerb::Branch);
    let makes = makes.filter(|(name, _)| matches!(repo.store.find_ref(name), Ok(None)));
    let errand = Errand {
        target,
        removes_paths: true,
        head: true,
        operation: true,
        allow_links: true,
        is_own: true,
        force: true,
        keeps: CheckpointKind::Auto,
        creates: makes.as_ref().map(|(name, _)| name.clone()),
        // What was made since is the child's, and kept with it.
        origin: None,
        ..errand
    };
    let mut prepared = prepare::prepare_over(repo, errand, first)?;
    let kept = prepared.safety.ok_or(OpError::NotConfirmed)?;
    // What was done to the parent's files since is what the next return brings back.
    if is_push && let Some(frame) = to.frames.last_mut() {
        frame.below = Some(kept);
    }
    if let Some(job) = prepared.job.as_mut() {
        job.errand.description = job.errand.description.trim().to_owned();
    }
    let (child, parent) = (Member::read(repo, frame.session.clone())?, Member::read(repo, parent)?);
    let state = match (is_push, operation.verb) {
        (true, _) => SessionState::Active,
        (false, OperationVerb::Return) => ended_state(repo, &operation, &child.name)?,
        (false, _) if is_clean => SessionState::Cancelled,
        (false, _) => SessionState::Paused,
    };
    let steps = steps(repo, &operation, (&child, state), (&parent, is_push), is_redo)?;
    let said = format!("{}: {}", if is_redo { "redo" } else { "undo" }, operation.description);
    let mut parts = vec![Part::Stack(to, said)];
    parts.extend(steps.into_iter().map(|step| Part::Chain(Box::new(step))));
    let removes = made_branch(&operation).filter(|_| !is_push && operation.verb == OperationVerb::Branch);
    let shift = Shift { verb: operation.verb, parts, makes, removes: removes.clone() };
    let (safety, counts) = (prepared.safety, prepared.counts);
    let loaded = shift::carry(repo, prepared, shift)?;
    let _ = (synced, switch::after(repo));
    let is_there = |name: &str| matches!(repo.store.find_ref(name), Ok(Some(_)));
    let (kept_branch, removed_branch): (Vec<_>, Vec<_>) =
        removes.into_iter().map(|(name, _)| name).partition(|name| is_there(name));
    let short = |names: Vec<String>| names.first().map(|name| name[BRANCHES.len()..].to_owned());
    let switched = Turned {
        child: child.name,
        state,
        current: repo.session(),
        removed_branch: short(removed_branch),
        kept_branch: short(kept_branch),
        worktree: None,
    };
    let loaded = Some(Box::new(loaded));
    Ok(Undone { operation, safety, counts, loaded, switched: Some(switched) })
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
    Ok(Some(if is_redo { Way { from: old, to: new } } else { Way { from: new, to: old } }))
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
    let what = format!("{}: {}", if is_redo { "redo" } else { "undo" }, operation.description);
    let word = if is_push { "resumed" } else { state.as_str() };
    let mut step = child.becomes(repo, state, what.clone());
    step.events.push(child::state_event(repo, word, format!("{word} by {what}")));
    let parent_state = if is_push { SessionState::Paused } else { SessionState::Active };
    let mut other = parent.becomes(repo, parent_state, what);
    if operation.verb == OperationVerb::Return {
        let text = |session: Option<Session>| -> Result<Option<String>, OpError> {
            Ok(session.map(|session| session.text(&repo.store, CONTEXT)).transpose()?.flatten())
        };
        let from = text(recorded(repo, operation, &parent.name, !is_redo)?)?;
        let to = text(recorded(repo, operation, &parent.name, is_redo)?)?;
        other.context = child::stepped(parent.context.as_deref(), from.as_deref(), to.as_deref());
    }
    Ok(vec![step, other])
}
