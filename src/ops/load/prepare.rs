//! Everything before the first file moves: the target is checked, what is there is kept, and the plan is made.

use std::time::Instant;

use bstr::BString;

use super::job::{Errand, Job};
use super::{HeadFate, IndexFate, PreparedLoad, fates, hidden, leftovers, lock};
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{Checkpoint, CheckpointKind, OperationState, Snapshot, SubmoduleCheckpoint};
use crate::model::head::Head;
use crate::model::id::ObjectId;
use crate::model::index::{IndexExtra, IndexSource, IndexStamp};
use crate::model::object::ObjectReader;
use crate::model::omission::Omission;
use crate::model::scratch::Scratch;
use crate::ops::capture::scan_including;
use crate::ops::save::{SaveRequest, save};
use crate::ops::submodules::{self, PreparedSubmodule, Submodules};
use crate::ops::{OpError, Repo};
use crate::store::index_tree::write_index_tree;
use crate::store::{checkpoint, missing, operation_log, operation_state};
use crate::sys::fault;
use crate::worktree::obstacles::{self, Obstacles};
use crate::worktree::path_check::{self, PathRules};
use crate::worktree::plan::{self, Plan, State};
use crate::worktree::{WorktreeError, walls};

const SHOWN_MISSING: usize = 10;

/// What is known of the place before anything is looked at closely.
pub(crate) struct Start {
    head: Head,
    index_stamp: IndexStamp,
    operation: Option<OperationState>,
    /// Tree of the session's last checkpoint.
    last_saved: Option<ObjectId>,
    /// End of the operation log.
    operations: Option<ObjectId>,
    begun: Instant,
}

/// What is there, kept already, for whoever has to see it before it can say what is to be loaded.
pub(crate) struct KeptFirst {
    start: Start,
    pub(crate) checkpoint: ObjectId,
    pub(crate) snapshot: Snapshot,
}

/// Keeps what is there before a target is known; [`prepare_over`] goes on from it.
pub(crate) fn keep_first(repo: &Repo, kind: CheckpointKind, force: bool) -> Result<KeptFirst, OpError> {
    let start = start(repo)?;
    let (checkpoint, snapshot) = keep(repo, kind, force, &[], &[])?;
    Ok(KeptFirst { start, checkpoint, snapshot })
}

/// [`prepare`] from what was kept first. Where ignored files have to be kept as well, another checkpoint is made.
pub(crate) fn prepare_over(repo: &Repo, errand: Errand, first: KeptFirst) -> Result<PreparedLoad, OpError> {
    let KeptFirst { start, checkpoint, snapshot } = first;
    let target = checkpoint::read_checkpoint(&repo.store, &errand.target)?;
    let exchanges = fates::exchanges_operation(&errand, &target.snapshot.operation, &start.operation)?;
    let keep = |included: &[BString]| match included {
        [] => Ok((Some(checkpoint), snapshot.clone())),
        _ => keep(repo, errand.keeps, errand.force, included, &[]).map(|(id, snapshot)| (Some(id), snapshot)),
    };
    let kept = keep_and_plan(repo, &repo.store, &errand, &target, &keep)?;
    fault::reach("load.safety-saved");
    finish(repo, &repo.store, errand, target, kept, start, exchanges)
}

/// Checks, keeps what is there (not for a dry run) and plans.
pub(crate) fn prepare(repo: &Repo, errand: Errand, dry_run: bool) -> Result<PreparedLoad, OpError> {
    if errand.recovers.is_none() {
        lock::refuse_pending(repo)?;
    }
    let target = checkpoint::read_checkpoint(&repo.store, &errand.target)?;
    let start = start(repo)?;
    let exchanges = fates::exchanges_operation(&errand, &target.snapshot.operation, &start.operation)?;
    let inside = submodules::prepare(repo, &errand, &target.snapshot, dry_run)?;
    if dry_run {
        let scratch = Scratch::new(&repo.store);
        let look = |included: &[BString]| Ok((None, snapshot_now(repo, &scratch, &start, included)?));
        let found = keep_and_plan(repo, &scratch, &errand, &target, &look)?;
        return finish(repo, &scratch, errand, target, Kept { inside, ..found }, start, exchanges);
    }
    let kept_inside = submodules::kept(&inside);
    let keep = |included: &[BString]| {
        let kept = keep(repo, errand.keeps, errand.force, included, &kept_inside);
        kept.map(|(id, snapshot)| (Some(id), snapshot))
    };
    let kept = keep_and_plan(repo, &repo.store, &errand, &target, &keep)?;
    fault::reach("load.safety-saved");
    finish(repo, &repo.store, errand, target, Kept { inside, ..kept }, start, exchanges)
}

/// Keeps, or looks at, what is there with these ignored paths; the safety checkpoint, if one was made.
type Keep<'a> = dyn Fn(&[BString]) -> Result<(Option<ObjectId>, Snapshot), OpError> + 'a;

/// What was there is kept (or, for a dry run, known), and what is to be done to it.
struct Kept {
    safety: Option<ObjectId>,
    before: Snapshot,
    plan: Plan,
    /// Paths left alone because the target's own ignore rules hide them.
    hidden: Vec<BString>,
    inside: Vec<PreparedSubmodule>,
}

fn start(repo: &Repo) -> Result<Start, OpError> {
    let begun = Instant::now();
    let head = repo.store.head()?;
    let index_stamp = repo.store.stamp()?;
    let scratch = Scratch::new(&repo.store);
    let operation = operation_state::capture(&repo.store, &scratch)?;
    let last_saved = fates::last_saved_tree(repo, &head);
    let operations = repo.store.find_ref(operation_log::REF)?;
    Ok(Start { head, index_stamp, operation, last_saved, operations, begun })
}

/// What is there, for a dry run: nothing is stored.
fn snapshot_now(repo: &Repo, scratch: &Scratch<'_>, start: &Start, included: &[BString]) -> Result<Snapshot, OpError> {
    let scanned = scan_including(repo, scratch, included)?;
    let index = IndexSource::read(&repo.store)?;
    Ok(Snapshot {
        tree: scanned.tree,
        extra: scanned.extra,
        omissions: scanned.omissions,
        included: scanned.included,
        index_tree: write_index_tree(&index, scratch)?,
        index_extra: IndexExtra::of(&index),
        head: start.head.clone(),
        operation: start.operation.clone(),
        submodules: Vec::new(),
    })
}

/// Keeps what is there and plans. The first plan tells which ignored paths would be overwritten or are to go; `keep` then
/// takes them along.
fn keep_and_plan(
    repo: &Repo,
    reader: &dyn ObjectReader,
    errand: &Errand,
    target: &Checkpoint,
    keep: &Keep<'_>,
) -> Result<Kept, OpError> {
    let mut included: Vec<BString> = Vec::new();
    loop {
        let (safety, before) = keep(&included)?;
        let (plan, found, hidden) = plan_load(repo, reader, errand, target, &before)?;
        found.check()?;
        if let Some(path) = found.unheld.iter().find(|path| included.binary_search(path).is_ok()) {
            let reason = "it is ignored and could not be kept";
            return Err(WorktreeError::Obstructed { path: path.clone(), reason }.into());
        }
        let left = leftovers::find(repo, reader, errand, &target.snapshot, &before)?;
        let wanted = [found.unheld, found.folders, left].concat();
        let known = included.len();
        included.extend(wanted);
        included.sort();
        included.dedup();
        if included.len() == known {
            return Ok(Kept { safety, before, plan, hidden, inside: Vec::new() });
        }
    }
}

fn keep(
    repo: &Repo,
    kind: CheckpointKind,
    force: bool,
    included: &[BString],
    inside: &[SubmoduleCheckpoint],
) -> Result<(ObjectId, Snapshot), OpError> {
    let mut request = SaveRequest::of_kind(kind);
    request.force = force;
    request.include_paths = included.to_vec();
    request.submodules = Submodules::Saved(inside.to_vec());
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
) -> Result<(Plan, Obstacles, Vec<BString>), OpError> {
    let missing = missing::find_missing(reader, &errand.target, Some(&before.tree), SHOWN_MISSING)?;
    if missing.count > 0 {
        return Err(OpError::MissingObjects { id: errand.target, missing: missing.count, first: missing.first });
    }
    let snapshot = &target.snapshot;
    let rules = PathRules { trusted: is_own(repo, errand)?, allow_links: errand.allow_links };
    path_check::check_tree(reader, &snapshot.tree, Some(&before.tree), &snapshot.extra, rules)?;
    let mut plan = plan::plan(reader, state(before), state(snapshot), &errand.paths)?;
    leftovers::spare(repo, reader, errand, snapshot, &mut plan)?;
    let hidden = hidden::spare(repo, reader, errand, snapshot, before, &mut plan)?;
    let work_dir = &repo.store.layout().work_dir;
    plan.leave_alone(reader, walls::find(work_dir, &plan));
    if !plan.missing.is_empty() {
        let first = plan.missing.iter().take(SHOWN_MISSING).copied().collect();
        return Err(OpError::MissingObjects { id: errand.target, missing: plan.missing.len() as u64, first });
    }
    if let Some(path) = plan.not_in_target.first().filter(|_| !errand.removes_paths) {
        return Err(OpError::PathNotFound { path: path.clone() });
    }
    refuse_unsafe(&plan)?;
    let obstacles = obstacles::find(work_dir, &plan)?;
    Ok((plan, obstacles, hidden))
}

pub(super) fn state(snapshot: &Snapshot) -> State<'_> {
    State { tree: Some(snapshot.tree), extra: &snapshot.extra, omissions: &snapshot.omissions }
}

/// What was saved here, and what a journal or the operation log of ours names, came from our own scan.
fn is_own(repo: &Repo, errand: &Errand) -> Result<bool, OpError> {
    if errand.is_own || errand.recovers.is_some() || errand.subject.is_some() {
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
    checkpoint: Checkpoint,
    Kept { safety, before, plan, hidden, inside }: Kept,
    start: Start,
    exchanges: bool,
) -> Result<PreparedLoad, OpError> {
    obstacles::check_space(&repo.store.layout().work_dir, plan.bytes)?;
    obstacles::check_file_sizes(reader, &repo.store.layout().work_dir, &plan)?;
    let saved = &checkpoint.snapshot;
    let saved_head = saved.head.clone();
    // An operation goes on from the commit that it was at: with another HEAD it would make a wrong commit.
    let head: HeadFate = fates::of_head(repo, &errand, exchanges, &saved_head, &start.head)?;
    let is_other = !exchanges && fates::is_other_operation(&saved.operation, &start.operation);
    let index: IndexFate = fates::of_index(&errand, &head, is_other);
    let prepared = PreparedLoad {
        target: errand.target,
        target_names: names_of(repo, &errand.target)?,
        safety,
        changes: plan.changes.clone(),
        counts: ChangeCounts::of(&plan.changes),
        bytes: plan.bytes,
        folder_and_mode_changes: plan.folder_and_mode_changes(),
        index_changes: index == IndexFate::Restored && !fates::is_same_index(&before, saved),
        operation_changes: exchanges,
        protected: left_alone(&plan, &before, &inside),
        unsaved: fates::unsaved(reader, start.last_saved, &before.tree, &plan)?,
        ignored_kept: hidden,
        ignored_overwritten: fates::overwritten(&before.included, &plan),
        submodules: inside,
        job: safety.map(|_| {
            Box::new(Job {
                errand,
                new_head: fates::new_head(&head, &saved_head),
                checkpoint,
                before,
                plan,
                index_stamp: start.index_stamp,
                operations: start.operations,
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

/// What the plan has no business with; not the repositories that have plans of their own. What could not be read is among
/// it though no side knows of anything there: with it the files are not all as they were saved.
fn left_alone(plan: &Plan, before: &Snapshot, inside: &[PreparedSubmodule]) -> Vec<Omission> {
    let is_left = |omission: &&Omission| !inside.iter().any(|one| one.path == omission.path);
    let mut left: Vec<Omission> = plan.protected.iter().map(|one| &one.omission).filter(is_left).cloned().collect();
    let unread = before.omissions.iter().filter(|omission| omission.reason.is_failure());
    let unread: Vec<Omission> = unread.filter(|omission| !left.contains(omission)).cloned().collect();
    left.extend(unread);
    left
}

/// The names on a checkpoint, sorted.
pub(in crate::ops) fn names_of(repo: &Repo, id: &ObjectId) -> Result<Vec<String>, OpError> {
    const NAMES: &str = "refs/ckpt/names/";
    let refs = repo.store.list_refs(NAMES)?;
    let names = refs.into_iter().filter(|(_, at)| at == id);
    Ok(names.filter_map(|(name, _)| name.strip_prefix(NAMES).map(str::to_owned)).collect())
}
