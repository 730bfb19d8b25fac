//! Lays a point out in a new linked work tree. The present work tree is not touched.

use std::path::Path;

use bstr::BString;

use super::{LaidOut, LoadRequest};
use crate::model::checkpoint::Checkpoint;
use crate::model::extra::WorktreeExtra;
use crate::ops::{OpError, Repo, points};
use crate::store::index_install::install_index;
use crate::store::{checkpoint, linked_worktree, missing};
use crate::sys::fault;
use crate::worktree::path_check::{self, PathRules};
use crate::worktree::plan::{self, Plan, State};
use crate::worktree::{apply, obstacles, verify};

const SHOWN_MISSING: usize = 10;

/// Checks everything first; a work tree that could not be filled is removed again.
pub(super) fn load_into(repo: &Repo, request: &LoadRequest, directory: &Path) -> Result<LaidOut, OpError> {
    let target = points::resolve(repo, request.point.as_deref().unwrap_or("@"))?;
    let directory = repo.environment.directory().join(directory);
    refuse_existing(&directory)?;
    let (missing, first) = missing::missing_objects(&repo.store, &target, SHOWN_MISSING)?;
    if missing > 0 {
        return Err(OpError::MissingObjects { id: target, missing, first });
    }
    let checkpoint = checkpoint::read_checkpoint(&repo.store, &target)?;
    let trusted = repo.store.find_ref(&format!("refs/ckpt/checkpoints/{target}"))?.is_some();
    let rules = PathRules { trusted, allow_links: request.allow_links };
    path_check::check_tree(&repo.store, &checkpoint.snapshot.tree, None, &checkpoint.snapshot.extra, rules)?;
    let plan = plan_all(repo, &checkpoint, &super::paths::from_root(repo, &request.paths)?)?;
    obstacles::check_space(nearest_folder(&directory), plan.bytes)?;
    linked_worktree::add(&repo.store, &directory, checkpoint.snapshot.head.commit.as_ref())?;
    fault::reach("load-into.made");
    match fill(repo, &directory, &checkpoint, &plan) {
        Ok(()) => Ok(LaidOut { target, directory, files: plan.all_writes().count() as u64 }),
        Err(error) => {
            // The first error is the one to tell; git names the leftover in `git worktree list`.
            let _ = linked_worktree::remove(&repo.store, &directory);
            Err(error)
        }
    }
}

fn refuse_existing(directory: &Path) -> Result<(), OpError> {
    let exists = || OpError::DestinationExists { path: directory.to_owned() };
    match std::fs::read_dir(directory) {
        Ok(mut inside) => inside.next().map_or(Ok(()), |_| Err(exists())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && directory.symlink_metadata().is_err() => Ok(()),
        Err(_) => Err(exists()),
    }
}

fn nearest_folder(directory: &Path) -> &Path {
    directory.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("/"))
}

fn plan_all(repo: &Repo, checkpoint: &Checkpoint, paths: &[BString]) -> Result<Plan, OpError> {
    let nothing = WorktreeExtra::default();
    let empty = State { tree: None, extra: &nothing, omissions: &[] };
    // What was left out when the point was saved is absent here: there is nothing to protect.
    let target = State { omissions: &[], ..super::prepare::state(&checkpoint.snapshot) };
    let plan = plan::plan(&repo.store, empty, target, paths)?;
    match plan.not_in_target.first() {
        Some(path) => Err(OpError::PathNotFound { path: path.clone() }),
        None => Ok(plan),
    }
}

fn fill(repo: &Repo, directory: &Path, checkpoint: &Checkpoint, plan: &Plan) -> Result<(), OpError> {
    let there = Repo::open(&repo.environment.in_directory(directory), repo.limits)?;
    let layout = there.store.layout();
    let applied = apply::apply(&there.store, &layout.work_dir, &layout.own_worktree_dir, plan, &*repo.progress)?;
    if !applied.changed.is_empty() {
        return Err(OpError::ChangedUnderUs { paths: applied.changed });
    }
    let snapshot = &checkpoint.snapshot;
    install_index(&there.store, &snapshot.index_tree, &snapshot.index_extra, &|_| None)?;
    fault::reach("load-into.index");
    let unequal = verify::find_unequal(&there.store, &layout.work_dir, plan)?;
    if unequal.is_empty() { Ok(()) } else { Err(OpError::NotAsSaved { paths: unequal }) }
}
