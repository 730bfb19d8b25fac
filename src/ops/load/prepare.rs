//! Everything before the first file moves: the target is checked, what is there is kept, and the plan is made.

use std::time::Instant;

use bstr::BString;

use super::job::{Errand, Job};
use super::{HeadFate, IndexFate, PreparedLoad, fates, lock};
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{Checkpoint, CheckpointKind, OperationState, Snapshot};
use crate::model::head::Head;
use crate::model::id::ObjectId;
use crate::model::index::{IndexSource, IndexStamp};
use crate::model::object::ObjectReader;
use crate::model::scratch::Scratch;
use crate::ops::capture::scan_now;
use crate::ops::save::{SaveRequest, save};
use crate::ops::{OpError, Repo};
use crate::store::{checkpoint, missing, operation_state};
use crate::sys::fault;
use crate::worktree::obstacles::{self, Obstacles};
use crate::worktree::path_check::{self, PathRules};
use crate::worktree::plan::{self, Plan, State};

const SHOWN_MISSING: usize = 10;

/// What is known of the place before anything is looked at closely.
struct Start {
    head: Head,
    index_stamp: IndexStamp,
    operation: Option<OperationState>,
    /// Tree of the session's last checkpoint.
    last_saved: Option<ObjectId>,
    begun: Instant,
}

/// Checks, keeps what is there (not for a dry run) and plans.
pub(crate) fn prepare(repo: &Repo, errand: Errand, dry_run: bool) -> Result<PreparedLoad, OpError> {
    if errand.recovers.is_none() {
        lock::refuse_pending(repo)?;
    }
    let target = checkpoint::read_checkpoint(&repo.store, &errand.target)?;
    let start = start(repo)?;
    let exchanges = fates::exchanges_operation(&errand, &target.snapshot.operation, &start.operation)?;
    if dry_run {
        let scratch = Scratch::new(&repo.store);
        let before = snapshot_now(repo, &scratch, &start)?;
        let (plan, found) = plan_load(repo, &scratch, &errand, &target, &before)?;
        return finish(repo, &scratch, errand, (target, before, plan), start, (None, found.files, exchanges));
    }
    let (safety, before, plan, ignored) = keep_and_plan(repo, &errand, &target)?;
    fault::reach("load.safety-saved");
    finish(repo, &repo.store, errand, (target, before, plan), start, (Some(safety), ignored, exchanges))
}

fn start(repo: &Repo) -> Result<Start, OpError> {
    let begun = Instant::now();
    let head = repo.store.head()?;
    let index_stamp = repo.store.stamp()?;
    let scratch = Scratch::new(&repo.store);
    let operation = operation_state::capture(&repo.store.layout().git_dir, &scratch, &repo.store)?;
    let last_saved = fates::last_saved_tree(repo, &head);
    Ok(Start { head, index_stamp, operation, last_saved, begun })
}

/// What is there, for a dry run: nothing is stored, and the index is not looked at.
fn snapshot_now(repo: &Repo, scratch: &Scratch<'_>, start: &Start) -> Result<Snapshot, OpError> {
    let scanned = scan_now(repo, scratch)?;
    Ok(Snapshot {
        tree: scanned.tree,
        extra: scanned.extra,
        omissions: scanned.omissions,
        included: scanned.included,
        index_tree: scanned.tree,
        index_extra: Default::default(),
        head: start.head.clone(),
        operation: start.operation.clone(),
    })
}

/// Takes the safety checkpoint and plans. Ignored files that would be overwritten are found by the first plan; a second
/// checkpoint then holds them too.
fn keep_and_plan(
    repo: &Repo,
    errand: &Errand,
    target: &Checkpoint,
) -> Result<(ObjectId, Snapshot, Plan, Vec<BString>), OpError> {
    let mut included: Vec<BString> = Vec::new();
    loop {
        let (safety, before) = keep(repo, errand, &included)?;
        let (plan, found) = plan_load(repo, &repo.store, errand, target, &before)?;
        found.check()?;
        if found.files.is_empty() {
            return Ok((safety, before, plan, included));
        }
        if let Some(path) = found.files.iter().find(|path| included.contains(path)) {
            let reason = "it is ignored and could not be kept";
            return Err(crate::worktree::WorktreeError::Obstructed { path: path.clone(), reason }.into());
        }
        included.extend(found.files);
        included.sort();
    }
}

fn keep(repo: &Repo, errand: &Errand, included: &[BString]) -> Result<(ObjectId, Snapshot), OpError> {
    let mut request = SaveRequest::of_kind(CheckpointKind::Safety);
    request.force = errand.force;
    request.include_paths = included.to_vec();
    let saved = save(repo, &request)?;
    let snapshot = checkpoint::read_checkpoint(&repo.store, &saved.id)?.snapshot;
    Ok((saved.id, snapshot))
}

fn plan_load(
    repo: &Repo,
    reader: &dyn ObjectReader,
    errand: &Errand,
    target: &Checkpoint,
    before: &Snapshot,
) -> Result<(Plan, Obstacles), OpError> {
    let missing = missing::find_missing(reader, &errand.target, Some(&before.tree), SHOWN_MISSING)?;
    if missing.count > 0 {
        return Err(OpError::MissingObjects { id: errand.target, missing: missing.count, first: missing.first });
    }
    let snapshot = &target.snapshot;
    let rules = PathRules { trusted: is_own(repo, errand)?, allow_links: errand.allow_links };
    path_check::check_tree(reader, &snapshot.tree, Some(&before.tree), &snapshot.extra, rules)?;
    let plan = plan::plan(reader, state(before), state(snapshot), &errand.paths)?;
    if !plan.missing.is_empty() {
        let first = plan.missing.iter().take(SHOWN_MISSING).copied().collect();
        return Err(OpError::MissingObjects { id: errand.target, missing: plan.missing.len() as u64, first });
    }
    if let Some(path) = plan.not_in_target.first().filter(|_| !errand.removes_paths) {
        return Err(OpError::PathNotFound { path: path.clone() });
    }
    refuse_unsafe(&plan)?;
    let obstacles = obstacles::find(&repo.store.layout().work_dir, &plan)?;
    Ok((plan, obstacles))
}

pub(super) fn state(snapshot: &Snapshot) -> State<'_> {
    State { tree: Some(snapshot.tree), extra: &snapshot.extra, omissions: &snapshot.omissions }
}

/// What was saved here, and what a journal or the operation log of ours names, came from our own scan.
fn is_own(repo: &Repo, errand: &Errand) -> Result<bool, OpError> {
    if errand.recovers.is_some() || errand.subject.is_some() {
        return Ok(true);
    }
    Ok(repo.store.find_ref(&format!("refs/ckpt/checkpoints/{}", errand.target))?.is_some())
}

/// A path that could not be read is not in the safety checkpoint: a load that would touch it is refused.
fn refuse_unsafe(plan: &Plan) -> Result<(), OpError> {
    let unread = plan.protected.iter().filter(|one| one.is_current && one.omission.reason.is_failure());
    let paths: Vec<BString> = unread.map(|one| one.omission.path.clone()).collect();
    if paths.is_empty() {
        return Ok(());
    }
    Err(OpError::UnsafeToLoad { omitted: paths.len() as u64, paths })
}

fn finish(
    repo: &Repo,
    reader: &dyn ObjectReader,
    errand: Errand,
    (checkpoint, before, plan): (Checkpoint, Snapshot, Plan),
    start: Start,
    (safety, ignored_overwritten, exchanges): (Option<ObjectId>, Vec<BString>, bool),
) -> Result<PreparedLoad, OpError> {
    obstacles::check_space(&repo.store.layout().work_dir, plan.bytes)?;
    let saved_head = checkpoint.snapshot.head.clone();
    // An operation goes on from the commit that it was at: with another HEAD it would make a wrong commit.
    let head: HeadFate = fates::of_head(repo, errand.head || exchanges, &saved_head, &start.head)?;
    let index: IndexFate = fates::of_index(&errand, &head);
    let prepared = PreparedLoad {
        target: errand.target,
        target_names: names_of(repo, &errand.target)?,
        safety,
        changes: plan.changes.clone(),
        counts: ChangeCounts::of(&plan.changes),
        bytes: plan.bytes,
        folder_and_mode_changes: plan.folder_and_mode_changes(),
        protected: plan.protected.iter().map(|one| one.omission.clone()).collect(),
        unsaved: fates::unsaved(reader, start.last_saved, &before.tree, &plan)?,
        ignored_overwritten,
        job: safety.map(|_| {
            Box::new(Job {
                errand,
                new_head: fates::new_head(&head, &saved_head),
                checkpoint,
                before,
                plan,
                index_stamp: start.index_stamp,
                exchanges_operation: exchanges,
                started: repo.clock.now(),
                begun: start.begun,
            })
        }),
        index,
        head,
    };
    Ok(prepared)
}

/// The names on a checkpoint, sorted.
pub(super) fn names_of(repo: &Repo, id: &ObjectId) -> Result<Vec<String>, OpError> {
    const NAMES: &str = "refs/ckpt/names/";
    let refs = repo.store.list_refs(NAMES)?;
    let names = refs.into_iter().filter(|(_, at)| at == id);
    Ok(names.filter_map(|(name, _)| name.strip_prefix(NAMES).map(str::to_owned)).collect())
}
