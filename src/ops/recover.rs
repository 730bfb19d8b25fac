//! Finishes or undoes a load that was interrupted.

use std::time::Instant;

use jiff::Timestamp;

use super::load::job::{Errand, Recovered};
use super::load::{HeadFate, IndexFate, Loaded, carry_out, lock, paths, prepare, switch};
use super::show::show_checkpoint;
use super::stack::linked_recovery;
use super::{OpError, Repo, undo};
use crate::model::change::ChangeCounts;
use crate::model::id::ObjectId;
use crate::worktree::apply::rescue;
use crate::worktree::journal::{self, Journal};

/// An interrupted load, as its journal tells.
#[derive(Clone, Debug)]
pub struct Pending {
    pub target: ObjectId,
    pub safety: ObjectId,
    pub started: Timestamp,
    pub description: String,
    /// The process that runs it is still alive: it is not interrupted, but busy.
    pub is_running: bool,
}

/// Which way to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Carry the load out to its end.
    Finish,
    /// Go back to what was there before it.
    Undo,
}

/// The interrupted load of this work tree, if there is one. Costs one look for a file when there is none.
pub fn find_pending(repo: &Repo) -> Result<Option<Pending>, OpError> {
    let find = || journal::find(&repo.store.layout().own_worktree_dir);
    let Some(seen) = find()? else { return Ok(None) };
    // Looked at again under the lock: what was running a moment ago may have come to its end since.
    let (journal, is_running) = match lock::look_while_free(repo, find) {
        Some(interrupted) => (interrupted?, false),
        None => (Some(seen), true),
    };
    Ok(journal.map(|Journal { target, safety, started, description, .. }| Pending {
        target,
        safety,
        started,
        description,
        is_running,
    }))
}

/// Finishes or undoes it. May itself be interrupted, and run again.
///
/// What is there now is kept in a safety checkpoint of its own first, with whatever waited in the staging folder.
pub fn recover(repo: &Repo, direction: Direction) -> Result<Loaded, OpError> {
    let _lock = lock::acquire(repo)?;
    let layout = repo.store.layout();
    let Some(journal) = journal::find(&layout.own_worktree_dir)? else { return Err(OpError::NothingToRecover) };
    if journal.directory().is_some() {
        return recover_linked(repo, &journal, direction);
    }
    rescue::clear_staging(&repo.store, &layout.work_dir, &layout.own_worktree_dir)?;
    if direction == Direction::Undo && switch::is_published(repo, &journal)? {
        switch::complete(repo, &journal)?;
        repo.forget_session();
        let undone = undo::turn_locked(repo, journal.subject.is_some_and(|subject| !subject.is_redo))?;
        return Ok(*undone.loaded.expect("a switch is undone by a load"));
    }
    let is_switch = journal.switch.is_some();
    let prepared = prepare::prepare(repo, errand_of(journal, direction == Direction::Undo), false)?;
    let loaded = carry_out::carry_out(repo, prepared)?;
    if is_switch {
        // The context's file is that of the session that is current now.
        let _ = crate::ops::session::switch::after(repo);
    }
    Ok(loaded)
}

/// A session that begins in a linked work tree: no file of this one moves.
fn recover_linked(repo: &Repo, journal: &Journal, direction: Direction) -> Result<Loaded, OpError> {
    let begun = Instant::now();
    match direction {
        Direction::Finish => linked_recovery::finish(repo, journal)?,
        Direction::Undo if linked_recovery::go_back(repo, journal)? => {}
        Direction::Undo => drop(undo::turn_locked(repo, false)?),
    }
    Ok(Loaded {
        target: journal.target,
        target_names: prepare::names_of(repo, &journal.target)?,
        safety: journal.safety,
        kept: Some(journal.safety),
        counts: ChangeCounts::default(),
        bytes: 0,
        index: IndexFate::Kept { reason: "no file moved" },
        head: HeadFate::Same,
        protected: Vec::new(),
        unsaved: Vec::new(),
        ignored_kept: Vec::new(),
        revealed: Vec::new(),
        submodules: Vec::new(),
        elapsed: begun.elapsed(),
        shown: show_checkpoint(repo, &journal.target)?,
    })
}

/// The way to the end of an interrupted load, or back.
pub(super) fn errand_of(journal: Journal, is_undo: bool) -> Errand {
    let (target, origin) = if is_undo { (journal.safety, journal.target) } else { (journal.target, journal.safety) };
    Errand {
        origin: Some(origin),
        paths: paths::decode(&journal.paths),
        removes_paths: true,
        head: journal.head,
        operation: journal.operation,
        submodules: journal.submodules,
        allow_links: journal.allow_links,
        force: true,
        creates: journal.switch.as_ref().filter(|_| !is_undo).and_then(|switch| switch.creates.clone()),
        recovers: Some(Recovered { is_undo, journal: journal.clone() }),
        ..Errand::new(target, journal.description)
    }
}
