//! Ignored paths that are a load's business all the same: a scan does not see them, so they are asked for by name.
//!
//! An undo takes away what the load had made, even where the rules that came with it hide it by now; and what the target
//! names as absent from the disk is not to stay there.

use std::collections::HashSet;

use bstr::{BString, ByteSlice};

use super::job::Errand;
use super::prepare::state;
use crate::model::checkpoint::Snapshot;
use crate::model::object::ObjectReader;
use crate::ops::{OpError, Repo};
use crate::store::checkpoint;
use crate::worktree::plan::{self, Plan, is_at_or_below};

/// Paths on disk that `before` does not hold and that must be held, so that they may go. Sorted.
pub(super) fn find(
    repo: &Repo,
    reader: &dyn ObjectReader,
    errand: &Errand,
    target: &Snapshot,
    before: &Snapshot,
) -> Result<Vec<BString>, OpError> {
    let mut paths = made(repo, reader, errand, before)?;
    let absent = target.extra.absent.iter().filter(|path| before.extra.absent.binary_search(path).is_err());
    let is_chosen = |path: &&BString| errand.paths.is_empty() || errand.paths.iter().any(|of| is_at_or_below(path, of));
    paths.extend(absent.filter(is_chosen).cloned());
    let root = &repo.store.layout().work_dir;
    paths.retain(|path| root.join(path.to_path_lossy()).symlink_metadata().is_ok());
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// Takes out of a plan what is to stay: whoever goes back over a load removes what that load had made, and no file that
/// neither of its two states holds. Such a file was ignored then, or was made since.
pub(super) fn spare(
    repo: &Repo,
    reader: &dyn ObjectReader,
    errand: &Errand,
    target: &Snapshot,
    plan: &mut Plan,
) -> Result<(), OpError> {
    let origin = errand.origin.and_then(|id| checkpoint::read_checkpoint(&repo.store, &id).ok());
    let Some(origin) = origin else { return Ok(()) };
    let back = plan::plan(reader, state(&origin.snapshot), state(target), &errand.paths)?;
    // Where the load's target had left out what was in a nested repository, the load has made its folder all the same.
    let forth = plan::plan(reader, state(target), state(&origin.snapshot), &errand.paths)?;
    let files = back.removals.iter().map(|removal| &removal.path);
    let folders = back.folder_removals.iter().map(|removal| &removal.path).chain(&forth.gitlinks);
    let made: HashSet<&BString> = files.chain(folders).collect();
    let needed = Needed::of(plan);
    let goes = |path: &BString| made.contains(path) || needed.covers(path);
    let spared: HashSet<BString> =
        plan.removals.iter().map(|removal| &removal.path).filter(|path| !goes(path)).cloned().collect();
    plan.keep_files(&spared);
    plan.folder_removals.retain(|removal| goes(&removal.path));
    Ok(())
}

/// Places that a plan must have free: what stands there goes whoever it belongs to.
pub(super) struct Needed(HashSet<BString>);

impl Needed {
    pub(super) fn of(plan: &Plan) -> Needed {
        let creations = plan.folder_creations.iter().map(|creation| creation.path.clone());
        let giving_way = plan.folder_removals.iter().filter(|removal| removal.makes_way);
        Needed(creations.chain(giving_way.map(|removal| removal.path.clone())).collect())
    }

    /// Whether the path is such a place, or lies in one.
    pub(super) fn covers(&self, path: &BString) -> bool {
        let mut ends = path.find_iter("/").chain([path.len()]);
        ends.any(|end| self.0.contains(path[..end].as_bstr()))
    }
}

/// What the checkpoint that we come from has and `before` has not. One that is gone by now tells nothing.
fn made(repo: &Repo, reader: &dyn ObjectReader, errand: &Errand, before: &Snapshot) -> Result<Vec<BString>, OpError> {
    let origin = errand.origin.and_then(|id| checkpoint::read_checkpoint(&repo.store, &id).ok());
    let Some(origin) = origin else { return Ok(Vec::new()) };
    let gone = plan::plan(reader, state(&origin.snapshot), state(before), &errand.paths)?;
    let files = gone.removals.into_iter().map(|removal| removal.path);
    Ok(files.chain(gone.folder_removals.into_iter().map(|removal| removal.path)).collect())
}
