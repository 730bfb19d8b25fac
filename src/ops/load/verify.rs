//! Scans again after a load and compares with what was to be made.

use std::collections::HashSet;

use bstr::{BString, ByteSlice};

use super::hidden;
use super::job::Job;
use super::prepare::state;
use crate::model::object::ObjectReader;
use crate::model::scratch::Scratch;
use crate::ops::capture::scan_now;
use crate::ops::{OpError, Repo};
use crate::worktree::apply::Applied;
use crate::worktree::ignored::IgnoreRules;
use crate::worktree::plan::{self, Plan, State, is_at_or_below};
use crate::worktree::scan::CacheUpdate;
use crate::worktree::verify;

/// How the work tree stands to what was to be made.
#[derive(Debug, Default)]
pub(super) struct Verified {
    /// Paths of the plan that are not as they were saved; those that somebody changed meanwhile, or that are protected,
    /// are not among them.
    pub(super) unequal: Vec<BString>,
    /// Paths that the load had no business with and that are not as they were: somebody else has changed them since.
    pub(super) changed: Vec<BString>,
    /// Paths that neither state holds: ignored before the load, and not after it.
    pub(super) revealed: Vec<BString>,
    /// What the scan saw; `None` when there was nothing to do.
    pub(super) seen: Option<CacheUpdate>,
    /// The work tree is the target to the last bit.
    pub(super) is_whole: bool,
}

/// Compares. What has to be there is there, what the load was to remove is gone; what it had no business with is named.
///
/// What was left alone knowingly (`kept`) is named elsewhere.
pub(super) fn verify(repo: &Repo, job: &Job, applied: &Applied, kept: &[BString]) -> Result<Verified, OpError> {
    if job.plan.is_empty() {
        return Ok(Verified::default());
    }
    let scratch = Scratch::new(&repo.store);
    let scanned = scan_now(repo, &scratch)?;
    let saved = &job.checkpoint.snapshot;
    if scanned.tree == saved.tree && scanned.extra == saved.extra {
        return Ok(Verified { seen: Some(scanned.cache), is_whole: true, ..Verified::default() });
    }
    let now = State { tree: Some(scanned.tree), extra: &scanned.extra, omissions: &scanned.omissions };
    let rest = plan::plan(&scratch, now, state(saved), &job.errand.paths)?;
    let planned = planned_paths(&job.plan);
    let removals = rest.removals.iter().map(|removal| &removal.path);
    let extra: HashSet<&BString> = removals.filter(|path| !planned.contains(path)).collect();
    let is_known = |path: &BString| {
        let is_changed =
            applied.changed.iter().any(|changed| is_at_or_below(path, changed) || is_at_or_below(changed, path));
        is_changed || job.is_protected(path.as_bytes()) || kept.iter().any(|kept| is_at_or_below(path, kept))
    };
    let mut verified = Verified { seen: Some(scanned.cache), ..Verified::default() };
    let found = verify::find_unequal(&scratch, &repo.store.layout().work_dir, &rest)?;
    for path in found.into_iter().filter(|path| !is_known(path)) {
        match (planned.contains(&path), extra.contains(&path)) {
            (true, _) => verified.unequal.push(path),
            (false, true) => verified.revealed.push(path),
            (false, false) => verified.changed.push(path),
        }
    }
    set_new_ones_apart(repo, &scratch, job, &mut verified)?;
    Ok(verified)
}

/// Of the paths that the target does not have, those that no rule hid before the load were made since.
fn set_new_ones_apart(
    repo: &Repo,
    reader: &dyn ObjectReader,
    job: &Job,
    verified: &mut Verified,
) -> Result<(), OpError> {
    if verified.revealed.is_empty() {
        return Ok(());
    }
    let settings = repo.store.scan_settings()?;
    let mut rules = IgnoreRules::of(reader, state(&job.before), &settings, &repo.store.layout().common_dir);
    for path in std::mem::take(&mut verified.revealed) {
        let is_old = hidden::is_in_tree(reader, &job.before.tree, path.as_bstr())?;
        if is_old || rules.find(path.as_bstr(), false)?.is_some() {
            verified.revealed.push(path);
        } else {
            verified.changed.push(path);
        }
    }
    verified.changed.sort();
    Ok(())
}

/// Every path that the load was to touch.
fn planned_paths(plan: &Plan) -> HashSet<&BString> {
    let removed = plan.removals.iter().map(|removal| &removal.path);
    let written = plan.all_writes().map(|write| &write.path);
    let changes = plan.folder_creations.iter().chain(&plan.file_permissions).chain(&plan.folder_permissions);
    removed.chain(written).chain(changes.map(|change| &change.path)).collect()
}
