//! Goes back to a checkpoint, keeping what is there first.

use std::path::PathBuf;
use std::time::Duration;

use bstr::BString;

use super::show::Shown;
use super::submodules::{LoadedSubmodule, PreparedSubmodule};
use super::{OpError, Repo, points};
use crate::model::change::{Change, ChangeCounts};
use crate::model::id::ObjectId;
use crate::model::omission::Omission;

pub(crate) mod carry_out;
mod fates;
mod hidden;
mod into;
pub(crate) mod job;
mod leftovers;
pub(crate) mod lock;
pub(crate) mod paths;
pub(crate) mod prepare;
pub(crate) mod record;
pub(crate) mod switch;
#[cfg(test)]
mod tests;
mod verify;

use job::{Errand, Job};

/// What to load, and how.
#[derive(Clone, Debug, Default)]
pub struct LoadRequest {
    /// `None` is the latest of the session.
    pub point: Option<String>,
    /// Only these paths, as typed; empty for all.
    pub paths: Vec<BString>,
    /// Also put HEAD back.
    pub head: bool,
    /// Also bring back the operation in progress.
    pub operation: bool,
    /// Links that leave the work tree are made although the checkpoint was not made here.
    pub allow_links: bool,
    /// Go on in `$HOME` and the like.
    pub force: bool,
    /// Load the repositories inside that were saved with the point, too.
    pub submodules: bool,
}

/// What a load would do. Made by [`prepare`]; nothing has been moved yet, but the safety checkpoint is on disk
/// (unless it was a dry run).
#[derive(Debug)]
#[must_use = "a plan does nothing until it is carried out"]
pub struct PreparedLoad {
    pub target: ObjectId,
    pub target_names: Vec<String>,
    /// The safety checkpoint; `None` for a dry run.
    pub safety: Option<ObjectId>,
    pub changes: Vec<Change>,
    pub counts: ChangeCounts,
    /// Bytes that will be written.
    pub bytes: u64,
    /// Paths whose permission bits alone change, and empty folders that come or go.
    pub folder_and_mode_changes: u64,
    pub index: IndexFate,
    /// The index will say something else than it does.
    pub index_changes: bool,
    /// The operation in progress will be another, or none.
    pub operation_changes: bool,
    pub head: HeadFate,
    /// Paths that the load leaves alone because the checkpoint does not hold them.
    pub protected: Vec<Omission>,
    /// Paths changed since the session's last checkpoint by somebody else: only in the safety checkpoint.
    pub unsaved: Vec<BString>,
    /// Ignored paths that will be overwritten; the safety checkpoint holds them.
    pub ignored_overwritten: Vec<BString>,
    /// Paths, or folders with all that is in them, that the checkpoint's own ignore rules hide: it says nothing of them,
    /// and they are left alone.
    pub ignored_kept: Vec<BString>,
    /// What would be done in the repositories inside.
    pub submodules: Vec<PreparedSubmodule>,
    /// What carrying it out needs; `None` for a dry run.
    pub(crate) job: Option<Box<Job>>,
}

impl PreparedLoad {
    /// Whether it would leave everything as it is.
    pub fn changes_nothing(&self) -> bool {
        self.counts.total() == 0
            && self.folder_and_mode_changes == 0
            && !self.index_changes
            && !self.operation_changes
            && !matches!(self.head, HeadFate::Branch(_) | HeadFate::Detached(_))
            && self.submodules.iter().all(|inside| inside.prepared.changes_nothing())
    }

    fn describe(&mut self, description: &str) {
        if let Some(job) = &mut self.job {
            job.errand.description = description.to_owned();
        }
        self.submodules.iter_mut().for_each(|inside| inside.prepared.describe(description));
    }
}

/// What happens to the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexFate {
    /// As it was saved.
    Restored,
    /// Left as it is, because HEAD is elsewhere or only some paths are loaded.
    Kept { reason: &'static str },
}

/// What happens to HEAD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadFate {
    /// It is where it was when the checkpoint was made.
    Same,
    /// It is elsewhere and stays; commits on each side of the common ancestor, when both are there.
    Elsewhere { ahead: usize, behind: usize },
    /// It is put on this branch, which still points at the base.
    Branch(String),
    /// It is detached at the base, because the branch has moved or is gone.
    Detached(ObjectId),
}

/// A load that was carried out and verified.
#[derive(Debug)]
pub struct Loaded {
    pub target: ObjectId,
    pub target_names: Vec<String>,
    /// What was there before; `ckpt undo` goes back to it.
    pub safety: ObjectId,
    /// Of a recovery: what was there when it began, with whatever was made since the interruption.
    pub kept: Option<ObjectId>,
    pub counts: ChangeCounts,
    pub bytes: u64,
    pub index: IndexFate,
    pub head: HeadFate,
    pub protected: Vec<Omission>,
    pub unsaved: Vec<BString>,
    /// Paths that the checkpoint's own ignore rules hide; they were left alone.
    pub ignored_kept: Vec<BString>,
    /// Files that were ignored before and are not any more: no checkpoint holds them, and they stay as they are.
    pub revealed: Vec<BString>,
    pub elapsed: Duration,
    /// What was done in the repositories inside.
    pub submodules: Vec<LoadedSubmodule>,
    /// The resume document.
    pub shown: Shown,
}

/// A point laid out in a new linked work tree.
#[derive(Debug)]
pub struct LaidOut {
    pub target: ObjectId,
    pub directory: PathBuf,
    pub files: u64,
}

/// Checks the target, takes the safety checkpoint (not for a dry run) and plans.
pub fn prepare(repo: &Repo, request: &LoadRequest, dry_run: bool) -> Result<PreparedLoad, OpError> {
    let target = points::resolve(repo, request.point.as_deref().unwrap_or("@"))?;
    let mut errand = Errand::new(target, String::new());
    errand.paths = paths::from_root(repo, &request.paths)?;
    errand.head = request.head;
    errand.operation = request.operation;
    errand.allow_links = request.allow_links;
    errand.force = request.force;
    errand.submodules = request.submodules;
    let mut prepared = prepare_alone(repo, errand, dry_run)?;
    let title = prepared.target_names.first().cloned().unwrap_or_else(|| target.short());
    prepared.describe(&format!("load {title}"));
    Ok(prepared)
}

/// Under the lock, so that what is kept and planned from is never half of another load. It is not held while the user
/// is asked. A dry run leaves no trace, and so takes no lock.
fn prepare_alone(repo: &Repo, errand: Errand, dry_run: bool) -> Result<PreparedLoad, OpError> {
    let _lock = if dry_run { None } else { Some(lock::acquire(repo)?) };
    prepare::prepare(repo, errand, dry_run)
}

/// Carries out a plan: journal, files, index, HEAD, verification, operation log.
///
/// A plan from before another load is stale, and refused before anything moves.
pub fn carry_out(repo: &Repo, prepared: PreparedLoad) -> Result<Loaded, OpError> {
    let _lock = lock::acquire(repo)?;
    carry_out::refuse_stale(repo, &prepared)?;
    carry_out::carry_out(repo, prepared)
}

/// Makes a new linked work tree at `directory` and lays the point out in it.
pub fn load_into(repo: &Repo, request: &LoadRequest, directory: &std::path::Path) -> Result<LaidOut, OpError> {
    into::load_into(repo, request, directory)
}
