//! A child in a linked work tree of its own: parent and child go on at once.

use std::path::{Path, PathBuf};

use super::branch::{Branched, Plan, told};
use super::child::{self, Member};
use super::error::StackError;
use crate::model::checkpoint::CheckpointKind;
use crate::model::operation::{OperationRecord, OperationVerb, RefChange};
use crate::model::session::SessionState;
use crate::model::stack::{Frame, FrameKind, Stack};
use crate::ops::load::job::Errand;
use crate::ops::load::{lock, record};
use crate::ops::save::{SaveRequest, save};
use crate::ops::session::switch::{self, Part, Switch};
use crate::ops::stack::back::Turned;
use crate::ops::stack::shift::read_stack;
use crate::ops::undo::Undone;
use crate::ops::{OpError, Repo};
use crate::store::branches::BRANCHES;
use crate::store::session::{self, CONTEXT};
use crate::store::{linked_worktree, stack};
use crate::sys::fault;

/// Begins one. Whatever fails after the work tree was made takes it away again.
pub(super) fn branch(repo: &Repo, plan: &Plan, directory: Option<&Path>) -> Result<Branched, OpError> {
    let (branch, commit, _) = plan.place.as_ref().ok_or(StackError::NoCommitForWorktree)?;
    let directory = match directory {
        Some(directory) => repo.environment.directory().join(directory),
        None => beside(&repo.store.layout().work_dir, plan.name.as_str()),
    };
    refuse_existing(&directory)?;
    let synced = switch::before(repo);
    let mut request = SaveRequest::of_kind(CheckpointKind::Auto);
    request.force = plan.force;
    let below = save(repo, &request)?;
    let name = branch.strip_prefix(BRANCHES).unwrap_or(branch);
    linked_worktree::add_on_branch(&repo.store, &directory, name, commit)?;
    fault::reach("branch.worktree-made");
    let begun = begin(repo, plan, &directory, below.id);
    if begun.is_err() {
        // The first error is the one to tell.
        let _ = linked_worktree::remove(&repo.store, &directory);
        let edit =
            crate::store::RefEdit { name: branch.clone(), expected: crate::store::Expected::At(*commit), new: None };
        let _ = repo.store.publish(None, &[edit]);
    }
    let parent_title = begun?;
    let operation = None;
    let mut branched = told(repo, plan, FrameKind::Worktree, below.id, parent_title, operation, 1)?;
    branched.warnings = synced.warnings;
    branched.directory = Some(directory);
    Ok(branched)
}

/// `../<repository>-<child>`.
fn beside(work_dir: &Path, child: &str) -> PathBuf {
    let mut name = work_dir.file_name().unwrap_or_default().to_os_string();
    name.push(format!("-{child}"));
    work_dir.with_file_name(name)
}

fn refuse_existing(directory: &Path) -> Result<(), OpError> {
    let exists = || OpError::DestinationExists { path: directory.to_owned() };
    match std::fs::read_dir(directory) {
        Ok(mut inside) => inside.next().map_or(Ok(()), |_| Err(exists())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && directory.symlink_metadata().is_err() => Ok(()),
        Err(_) => Err(exists()),
    }
}

/// Publishes the child, its stack there and the record here; the parent's title.
fn begin(repo: &Repo, plan: &Plan, directory: &Path, below: crate::model::id::ObjectId) -> Result<String, OpError> {
    let there = open_at(repo, directory)?;
    let _lock = lock::acquire(&there)?;
    let key = there.store.layout().worktree_key.clone();
    let (title, _) = switch::switch(&there, &mut || {
        let parent = Member::read(repo, plan.parent.clone())?;
        let (begun, left) = plan.steps(repo, &parent, true, &key)?;
        let frame = Frame {
            session: plan.name.clone(),
            kind: FrameKind::Worktree,
            pushed: repo.clock.now(),
            below: Some(below),
            context: parent.session.as_ref().and_then(|session| session.blob(CONTEXT)),
        };
        let said = format!("branch: {} begins here", plan.name);
        let parts = vec![
            Part::Chain(Box::new(begun)),
            Part::Stack(Stack { frames: vec![frame] }, said),
            Part::Chain(Box::new(left)),
        ];
        Ok((Switch { parts, time: repo.clock.now() }, parent.title().to_owned()))
    })?;
    // Read again: another session's chain may have grown by a race.
    let full = format!("{}{}", session::REFS, plan.name);
    let child = RefChange { name: full.clone(), old: None, new: repo.store.find_ref(&full)? };
    let made = plan.place.as_ref().map(|(branch, commit, _)| RefChange {
        name: branch.clone(),
        old: None,
        new: Some(*commit),
    });
    let log = OperationRecord {
        refs: made.into_iter().chain([child]).collect(),
        ..OperationRecord::new(OperationVerb::Branch, repo.clock.now(), format!("branch {}", plan.name))
    };
    record::append(repo, &log)?;
    Ok(title)
}

fn open_at(repo: &Repo, directory: &Path) -> Result<Repo, OpError> {
    let mut there = Repo::open(&repo.environment.in_directory(directory), repo.limits)?;
    there.context = repo.context.clone();
    Ok(there)
}

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
    let frames = read_stack(&there)?.frames;
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
        worktree: Some(directory.to_string_lossy().into_owned()),
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
