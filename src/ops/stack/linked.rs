//! A child in a linked work tree of its own: parent and child go on at once.
//!
//! Git makes the work tree, in more steps than one. What is to be made stands in the journal before it, so that whoever
//! dies is finished or taken back by `recover` (see `linked_recovery`).

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use bstr::BString;

use super::branch::{Branched, Plan, told};
use super::child::{self, Member};
use super::error::StackError;
use super::linked_recovery::{self, Undertaking};
use crate::model::checkpoint::CheckpointKind;
use crate::model::head::short_branch;
use crate::model::id::ObjectId;
use crate::model::operation::{OperationRecord, OperationVerb, RefChange, Switch as JournalSwitch};
use crate::model::session::SessionState;
use crate::model::stack::{Frame, FrameKind, Stack};
use crate::ops::load::switch as pending;
use crate::ops::load::{lock, paths, record};
use crate::ops::save::{SaveRequest, save};
use crate::ops::session::standing::read_own;
use crate::ops::session::switch::{self, Part, Switch};
use crate::ops::{OpError, Repo};
use crate::store::session;
use crate::store::{Expected, RefEdit, linked_worktree};
use crate::sys::fault;
use crate::worktree::journal::{self, Journal};

/// Begins one. Whatever fails before the child is at work takes back what was made.
pub(super) fn branch(repo: &Repo, plan: &Plan, directory: Option<&Path>) -> Result<Branched, OpError> {
    let directory = match directory {
        Some(directory) => repo.environment.directory().join(directory),
        None => beside(&repo.store.layout().work_dir, plan.name.as_str()),
    };
    refuse_existing(&directory)?;
    let synced = switch::before(repo);
    let mut request = SaveRequest::of_kind(CheckpointKind::Auto);
    request.force = plan.force;
    let below = save(repo, &request)?;
    let journal = announce(repo, plan, &directory, below.id)?;
    let undertaking = Undertaking::of(repo, &journal)?;
    if let Err(error) = make(repo, &journal, &undertaking) {
        // The first error is the one to tell. What cannot be taken back waits for a recovery.
        let _ = linked_recovery::take_back(repo, &undertaking);
        return Err(error);
    }
    let parent_title = Member::read(repo, plan.parent.clone())?.title().to_owned();
    let mut branched = told(repo, plan, FrameKind::Worktree, below.id, parent_title, None, 1)?;
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

/// Writes the chain that the child begins with, which nobody sees yet, and the journal that names it.
fn announce(repo: &Repo, plan: &Plan, directory: &Path, below: ObjectId) -> Result<Journal, OpError> {
    let (branch, commit, _) = plan.place.as_ref().ok_or(StackError::NoCommitForWorktree)?;
    let parent = Member::read(repo, plan.parent.clone())?;
    let mut begun = plan.begun(repo, &parent, "")?;
    if let Some(record) = &mut begun.record {
        (record.details.state, record.details.worktree) = (SessionState::New, None);
    }
    let writing = repo.store.start_writing()?;
    let chain = begun.write(repo, &writing, None, &[], None, repo.clock.now())?;
    let made = |name: String, id: ObjectId| RefChange { name, old: None, new: Some(id) };
    let switch = JournalSwitch {
        verb: OperationVerb::Branch,
        creates: Some(branch.clone()),
        directory: paths::encode(&[BString::from(directory.as_os_str().as_bytes())]).pop(),
        refs: vec![made(branch.clone(), *commit), made(format!("{}{}", session::REFS, plan.name), chain.tip)],
    };
    let (description, started) = (format!("branch {}", plan.name), repo.clock.now());
    let anchor = pending::write_anchor(repo, &writing, &below, &switch, &description, started)?;
    pending::hold(repo, anchor, repo.store.finish_writing(writing)?)?;
    let journal = Journal::new(below, below, started, description).with_switch(Some(switch));
    journal::write(&repo.store.layout().own_worktree_dir, &journal)?;
    Ok(journal)
}

/// Makes what is not there yet: the child's chain, its work tree, its stack there; then the record here. May be run again
/// after a death at any point of it.
pub(super) fn make(repo: &Repo, journal: &Journal, undertaking: &Undertaking) -> Result<(), OpError> {
    let Undertaking { directory, branch, commit, child, tip, .. } = undertaking;
    let full = format!("{}{child}", session::REFS);
    if repo.store.find_ref(&full)?.is_none() {
        repo.store.publish(None, &[RefEdit { name: full.clone(), expected: Expected::Absent, new: Some(*tip) }])?;
    }
    fault::reach("branch.child-begun");
    if linked_worktree::making(&repo.store, directory) != linked_worktree::Making::Complete {
        let name = short_branch(branch);
        linked_worktree::add_on_branch(&repo.store, directory, name, commit)?;
    }
    fault::reach("branch.worktree-made");
    begin(repo, undertaking)?;
    fault::reach("branch.stack-there");
    let log = OperationRecord {
        refs: vec![
            RefChange { name: branch.clone(), old: None, new: Some(*commit) },
            RefChange { name: full.clone(), old: None, new: repo.store.find_ref(&full)? },
        ],
        ..OperationRecord::new(OperationVerb::Branch, journal.started, journal.description.clone())
    };
    let is_same = |last: &OperationRecord| (last.created, &last.description) == (log.created, &log.description);
    if !record::read_all(repo)?.last().is_some_and(is_same) {
        let gone = RefEdit { name: pending::PENDING.to_owned(), expected: Expected::Anything, new: None };
        record::append_with(repo, &log, vec![gone])?;
    }
    Ok(journal::remove(&repo.store.layout().own_worktree_dir)?)
}

/// Puts the child on the stack of its work tree.
fn begin(repo: &Repo, undertaking: &Undertaking) -> Result<(), OpError> {
    let there = open_at(repo, &undertaking.directory)?;
    let _lock = lock::acquire(&there)?;
    if read_own(&there)?.holds(&undertaking.child) {
        return Ok(());
    }
    switch::switch(&there, &mut || {
        let child = Member::read(&there, undertaking.child.clone())?;
        let frame = Frame {
            session: child.name.clone(),
            kind: FrameKind::Worktree,
            pushed: repo.clock.now(),
            below: Some(undertaking.below),
        };
        let place = undertaking.directory.file_name().unwrap_or_default().to_string_lossy();
        let begun = child.becomes(&there, SessionState::Active, format!("session: begins in {place}"));
        let branch = Some(undertaking.branch_name().to_owned());
        let left = child::left(repo, &undertaking.parent, (&child.name, child.title()), branch);
        let said = format!("branch: {} begins here", child.name);
        let stack = Part::Stack(Stack { frames: vec![frame] }, said);
        let parts = vec![stack, Part::Chain(Box::new(begun)), Part::Chain(Box::new(left))];
        Ok((Switch { parts, time: repo.clock.now() }, ()))
    })?;
    Ok(())
}

/// The linked work tree, opened with the settings of this one.
pub(super) fn open_at(repo: &Repo, directory: &Path) -> Result<Repo, OpError> {
    let mut there = Repo::open(&repo.environment.in_directory(directory), repo.limits)?;
    there.context = repo.context.clone();
    Ok(there)
}
