//! Carries out a prepared load, under the lock of the work tree.
//!
//! The order is the promise: journal, files, index, HEAD, operation, proof, operation log, journal gone. A death anywhere
//! leaves the journal, and the next run plans anew from what is there.

use bstr::BString;

use super::job::Job;
use super::verify::{self, Verified};
use super::{IndexFate, Loaded, PreparedLoad, fates, lock, paths, record, switch};
use crate::model::id::ObjectId;
use crate::model::index::{IndexExtra, IndexSource, IndexStamp};
use crate::model::scratch::Scratch;
use crate::ops::show::show_checkpoint;
use crate::ops::{OpError, Repo, submodules};
use crate::store::index_install::{self, Installed, install_index_over};
use crate::store::index_tree::write_index_tree;
use crate::store::{StoreError, Written, operation_state};
use crate::sys::fault;
use crate::worktree::apply::{self, Applied, rescue};
use crate::worktree::journal::{self, Journal, Phase};

/// Refuses a plan from before another load, and one that an interrupted load waits for.
pub(crate) fn refuse_stale(repo: &Repo, prepared: &PreparedLoad) -> Result<(), OpError> {
    let Some(job) = &prepared.job else { return Ok(()) };
    if job.errand.recovers.is_none() {
        lock::refuse_pending(repo)?;
    }
    if record::have_files_moved(repo, job.operations.as_ref())? {
        return Err(OpError::WorktreeBusy);
    }
    index_install::clear_own_lock(&repo.store);
    refuse_changed_surroundings(repo, job, prepared.index == IndexFate::Restored)
}

/// Carries out a load. The caller holds the lock and has looked for a pending journal.
pub(crate) fn carry_out(repo: &Repo, prepared: PreparedLoad) -> Result<Loaded, OpError> {
    carry_out_held(repo, prepared, None)
}

/// The same; the commit is made known first that holds what the journal will name.
pub(crate) fn carry_out_held(
    repo: &Repo,
    prepared: PreparedLoad,
    anchor: Option<(ObjectId, Written)>,
) -> Result<Loaded, OpError> {
    let _locks = submodules::lock(&prepared)?;
    carry_out_locked(repo, prepared, anchor)?
}

/// A load that came to its end: its journal is gone, whatever it has to tell of.
pub(crate) type Ended = Result<Loaded, OpError>;

/// The same for whoever holds the locks of the repositories inside as well. An error that is not within [`Ended`] stopped
/// it on its way, or before it had begun.
pub(crate) fn carry_out_locked(
    repo: &Repo,
    mut prepared: PreparedLoad,
    anchor: Option<(ObjectId, Written)>,
) -> Result<Ended, OpError> {
    let (Some(job), Some(safety)) = (prepared.job.take(), prepared.safety) else {
        return Err(OpError::NotConfirmed);
    };
    let restores_index = prepared.index == IndexFate::Restored;
    index_install::clear_own_lock(&repo.store);
    refuse_changed_surroundings(repo, &job, restores_index)?;
    let own_dir = &repo.store.layout().own_worktree_dir;
    rescue::clear_staging(&repo.store, &repo.store.layout().work_dir, own_dir)?;
    let mut journal = journal_of(&job, safety);
    if let Some((anchor, written)) = anchor {
        switch::hold(repo, anchor, written)?;
    }
    journal::write(own_dir, &journal)?;
    switch::create_branch(repo, &job)?;
    let inside = submodules::carry_out(std::mem::take(&mut prepared.submodules))?;
    let applied = apply::apply(&repo.store, &repo.store.layout().work_dir, own_dir, &job.plan, &*repo.progress)?;
    advance(repo, &mut journal, Phase::Index)?;
    let installed = restore_the_rest(repo, &job, restores_index)?;
    advance(repo, &mut journal, Phase::Verify)?;
    let mut verified = verify::verify(repo, &job, &applied, &prepared.ignored_kept)?;
    fault::reach("load.verified");
    keep_what_was_seen(repo, &job, installed, &mut verified);
    record::append_load(repo, &job, safety)?;
    journal::remove(own_dir)?;
    Ok(end(repo, prepared, &job, safety, applied, verified, inside))
}

/// What somebody else has done meanwhile is told when all is done.
fn end(
    repo: &Repo,
    prepared: PreparedLoad,
    job: &Job,
    safety: ObjectId,
    applied: Applied,
    verified: Verified,
    inside: submodules::Outcome,
) -> Ended {
    settle(repo, &applied)?;
    refuse_unequal(applied, verified.unequal, verified.changed)?;
    if let Some(trouble) = inside.trouble {
        return Err(trouble);
    }
    let loaded = loaded(repo, prepared, job, safety, verified.revealed)?;
    Ok(Loaded { submodules: inside.loaded, ..loaded })
}

/// What is cheap to see is seen before anything moves: HEAD elsewhere, or somebody at work on the index.
fn refuse_changed_surroundings(repo: &Repo, job: &Job, restores_index: bool) -> Result<(), OpError> {
    if repo.store.head()? != job.before.head {
        return Err(OpError::HeadMoved);
    }
    let path = repo.store.layout().git_dir.join("index.lock");
    if restores_index && !fates::is_same_index(&job.before, &job.checkpoint.snapshot) && path.exists() {
        return Err(OpError::IndexLocked { path });
    }
    Ok(())
}

/// The journal of this load; a recovery goes on with the one that is there.
fn journal_of(job: &Job, safety: ObjectId) -> Journal {
    let errand = &job.errand;
    if let Some(recovered) = &errand.recovers {
        return Journal { process: std::process::id(), phase: Phase::Files, ..recovered.journal.clone() };
    }
    let fresh = Journal::new(safety, errand.target, job.started, errand.description.clone());
    Journal {
        head: errand.head,
        operation: errand.operation,
        submodules: job.recurses(),
        allow_links: errand.allow_links,
        paths: paths::encode(&errand.paths),
        subject: errand.subject,
        ..fresh
    }
    .with_switch(errand.switch.clone())
}

fn advance(repo: &Repo, journal: &mut Journal, phase: Phase) -> Result<(), OpError> {
    journal.phase = phase;
    Ok(journal::write(&repo.store.layout().own_worktree_dir, journal)?)
}

/// Index, HEAD and the operation in progress, each only if it is to change.
fn restore_the_rest(repo: &Repo, job: &Job, restores_index: bool) -> Result<Option<Installed>, OpError> {
    let mut installed = None;
    if restores_index && !fates::is_same_index(&job.before, &job.checkpoint.snapshot) {
        installed = Some(restore_index(repo, job)?);
        fault::reach("load.index");
    }
    if let Some(head) = &job.new_head {
        repo.store.set_head(head, &job.before.head).map_err(|error| match error {
            StoreError::RefMoved { .. } => OpError::HeadMoved,
            other => other.into(),
        })?;
        fault::reach("load.head");
    }
    if job.exchanges_operation {
        let saved = job.checkpoint.snapshot.operation.as_ref();
        operation_state::restore(&repo.store, saved)?;
        fault::reach("load.operation");
    }
    Ok(installed)
}

/// What the verification has read need not be read again: by git, which finds it in the index, nor by the next save. It
/// is only speed, so nothing is said when it fails.
fn keep_what_was_seen(repo: &Repo, job: &Job, installed: Option<Installed>, verified: &mut Verified) {
    let Some(seen) = verified.seen.take() else { return };
    if let Some(installed) = installed {
        let root = &repo.store.layout().work_dir;
        let _ = index_install::complete_stats(&repo.store, installed, &|path| seen.proven(root, path));
        fault::reach("load.stats");
    }
    if verified.is_whole {
        seen.write(|| Some(job.errand.target));
    }
}

/// Puts the saved index in place if the present one is still what the safety checkpoint holds.
///
/// A reader that only refreshes it (an editor, `git status`) changes the file and not what it says.
fn restore_index(repo: &Repo, job: &Job) -> Result<Installed, OpError> {
    const ATTEMPTS: u32 = 5;
    let saved = &job.checkpoint.snapshot;
    let mut stamp = job.index_stamp;
    for _ in 0..ATTEMPTS {
        match install_index_over(&repo.store, Some(&stamp), &saved.index_tree, &saved.index_extra, &|_| None) {
            Err(StoreError::IndexChanged { .. }) => stamp = stamp_if_same(repo, job)?,
            Err(StoreError::IndexLocked { path }) => return Err(OpError::IndexLocked { path }),
            other => return Ok(other?),
        }
    }
    Err(OpError::ChangedUnderUs { paths: vec![index_name()] })
}

fn stamp_if_same(repo: &Repo, job: &Job) -> Result<IndexStamp, OpError> {
    let stamp = repo.store.stamp()?;
    let index = IndexSource::read(&repo.store)?;
    let tree = write_index_tree(&index, &Scratch::new(&repo.store))?;
    if tree == job.before.index_tree && IndexExtra::of(&index) == job.before.index_extra {
        return Ok(stamp);
    }
    Err(OpError::ChangedUnderUs { paths: vec![index_name()] })
}

fn index_name() -> BString {
    ".git/index".into()
}

/// What could not go back to its place by itself is not left in the staging folder.
pub(super) fn settle(repo: &Repo, applied: &Applied) -> Result<(), OpError> {
    let layout = repo.store.layout();
    if !applied.changed.is_empty() {
        rescue::clear_staging(&repo.store, &layout.work_dir, &layout.own_worktree_dir)?;
    }
    Ok(())
}

/// What is wrong in a path of the plan weighs more than what somebody else has done meanwhile.
fn refuse_unequal(applied: Applied, unequal: Vec<BString>, changed: Vec<BString>) -> Result<(), OpError> {
    if !unequal.is_empty() {
        return Err(OpError::NotAsSaved { paths: unequal });
    }
    let mut paths = [applied.changed, changed].concat();
    paths.sort();
    paths.dedup();
    if paths.is_empty() { Ok(()) } else { Err(OpError::ChangedUnderUs { paths }) }
}

fn loaded(
    repo: &Repo,
    prepared: PreparedLoad,
    job: &Job,
    safety: ObjectId,
    revealed: Vec<BString>,
) -> Result<Loaded, OpError> {
    let finished = job.errand.recovers.as_ref().filter(|recovered| !recovered.is_undo);
    Ok(Loaded {
        target: prepared.target,
        target_names: prepared.target_names,
        kept: job.errand.recovers.as_ref().map(|_| safety),
        safety: finished.map_or(safety, |recovered| recovered.journal.safety),
        counts: prepared.counts,
        bytes: prepared.bytes,
        index: prepared.index,
        head: prepared.head,
        protected: prepared.protected,
        unsaved: prepared.unsaved,
        ignored_kept: prepared.ignored_kept,
        revealed,
        elapsed: job.begun.elapsed(),
        submodules: Vec::new(),
        shown: show_checkpoint(repo, &prepared.target)?,
    })
}
