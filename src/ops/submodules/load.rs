//! Loads the repositories inside a work tree that is being loaded, each by the engine that loads any.

use std::fmt;

use bstr::{BString, ByteSlice};

use super::{named, open};
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{Snapshot, SubmoduleCheckpoint};
use crate::model::id::ObjectId;
use crate::model::tree::join;
use crate::ops::load::job::Errand;
use crate::ops::load::{
    HeadFate, Loaded, PreparedLoad, carry_out as engine, lock as worktree_lock, prepare as planning,
};
use crate::ops::recover::errand_of;
use crate::ops::{OpError, Repo};
use crate::sys::fault;
use crate::sys::lock::FileLock;
use crate::worktree::apply::rescue;
use crate::worktree::journal;

/// What a load would do inside.
pub struct PreparedSubmodule {
    /// From the root of the work tree around it.
    pub path: BString,
    pub prepared: PreparedLoad,
    repo: Repo,
}

impl fmt::Debug for PreparedSubmodule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedSubmodule").field("path", &self.path).field("prepared", &self.prepared).finish()
    }
}

/// What a load did inside.
#[derive(Clone, Debug)]
pub struct LoadedSubmodule {
    /// From the root of the outermost work tree.
    pub path: BString,
    pub target: ObjectId,
    pub safety: ObjectId,
    pub counts: ChangeCounts,
    pub bytes: u64,
    pub head: HeadFate,
}

/// Checks, keeps (not for a dry run) and plans each repository that belongs to `target`. One that cannot be loaded refuses
/// them all.
pub(crate) fn prepare(
    repo: &Repo,
    errand: &Errand,
    target: &Snapshot,
    dry_run: bool,
) -> Result<Vec<PreparedSubmodule>, OpError> {
    if !errand.submodules {
        return Ok(Vec::new());
    }
    let one = |one: &SubmoduleCheckpoint| prepare_one(repo, errand, one, dry_run).map_err(named(&one.path));
    target.submodules.iter().map(one).collect()
}

fn prepare_one(
    repo: &Repo,
    errand: &Errand,
    one: &SubmoduleCheckpoint,
    dry_run: bool,
) -> Result<PreparedSubmodule, OpError> {
    let inside = open(repo, one.path.as_bstr())?;
    let _lock = if dry_run { None } else { Some(worktree_lock::acquire(&inside)?) };
    let inner = errand_inside(&inside, errand, one.id)?;
    let prepared = planning::prepare(&inside, inner, dry_run)?;
    Ok(PreparedSubmodule { path: one.path.clone(), prepared, repo: inside })
}

/// HEAD is put where it was: the commit that is checked out inside is part of the state around it. What an interrupted load
/// has begun inside is brought to its end the way that the load around it goes.
fn errand_inside(inside: &Repo, outer: &Errand, id: ObjectId) -> Result<Errand, OpError> {
    let layout = inside.store.layout();
    if outer.recovers.is_some()
        && let Some(journal) = journal::find(&layout.own_worktree_dir)?
    {
        let is_undo = journal.target != id;
        if is_undo && journal.safety != id {
            return Err(OpError::RecoveryPending { target: journal.target });
        }
        rescue::clear_staging(&inside.store, &layout.work_dir, &layout.own_worktree_dir)?;
        return Ok(errand_of(journal, is_undo));
    }
    Ok(Errand {
        head: true,
        operation: outer.operation,
        allow_links: outer.allow_links,
        force: outer.force,
        submodules: true,
        goes_back: outer.goes_back(),
        ..Errand::new(id, outer.description.clone())
    })
}

/// The checkpoints that hold what is inside now.
pub(crate) fn kept(inside: &[PreparedSubmodule]) -> Vec<SubmoduleCheckpoint> {
    let safety =
        |one: &PreparedSubmodule| one.prepared.safety.map(|id| SubmoduleCheckpoint { path: one.path.clone(), id });
    inside.iter().filter_map(safety).collect()
}

/// Nothing is to be done inside.
fn is_at_rest(prepared: &PreparedLoad) -> bool {
    let recovers = prepared.job.as_ref().is_some_and(|job| job.errand.recovers.is_some());
    !recovers && prepared.changes_nothing()
}

/// Takes the locks of all that will be moved inside, and looks once more whether it can be: after this the first file moves.
pub(crate) fn lock(prepared: &PreparedLoad) -> Result<Vec<FileLock>, OpError> {
    let mut locks = Vec::new();
    for one in prepared.submodules.iter().filter(|one| !is_at_rest(&one.prepared)) {
        let mut lock_one = || {
            locks.push(worktree_lock::acquire(&one.repo)?);
            engine::refuse_stale(&one.repo, &one.prepared)?;
            locks.extend(lock(&one.prepared)?);
            Ok(())
        };
        lock_one().map_err(named(&one.path))?;
    }
    Ok(locks)
}

/// What was done inside, and what went wrong there after it was done.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) loaded: Vec<LoadedSubmodule>,
    pub(crate) trouble: Option<OpError>,
}

/// Carries out what was prepared. The caller holds the locks, and its journal is written.
pub(crate) fn carry_out(inside: Vec<PreparedSubmodule>) -> Result<Outcome, OpError> {
    let mut outcome = Outcome::default();
    for PreparedSubmodule { path, prepared, repo } in inside {
        if is_at_rest(&prepared) {
            outcome.loaded.extend(at_rest(&path, &prepared));
            continue;
        }
        match engine::carry_out_locked(&repo, prepared, None).map_err(named(&path))? {
            Ok(loaded) => outcome.loaded.extend(told(&path, loaded)),
            // Somebody else was at the files meanwhile.
            Err(error) => _ = outcome.trouble.get_or_insert(named(&path)(error)),
        }
        fault::reach("load.submodule");
    }
    Ok(outcome)
}

fn at_rest(path: &BString, prepared: &PreparedLoad) -> Option<LoadedSubmodule> {
    let PreparedLoad { target, safety, counts, bytes, head, .. } = prepared;
    Some(LoadedSubmodule {
        path: path.clone(),
        target: *target,
        safety: (*safety)?,
        counts: *counts,
        bytes: *bytes,
        head: head.clone(),
    })
}

/// It, and those inside it.
fn told(path: &BString, loaded: Loaded) -> Vec<LoadedSubmodule> {
    let Loaded { target, safety, counts, bytes, head, submodules, .. } = loaded;
    let own = LoadedSubmodule { path: path.clone(), target, safety, counts, bytes, head };
    let below = submodules.into_iter().map(|one| LoadedSubmodule { path: join(path, &one.path), ..one });
    std::iter::once(own).chain(below).collect()
}
