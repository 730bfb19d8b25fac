//! Scans again after a load and compares with what was to be made.

use std::collections::HashSet;

use bstr::{BString, ByteSlice};

use super::job::Job;
use super::prepare::state;
use crate::model::scratch::Scratch;
use crate::ops::capture::scan_now;
use crate::ops::{OpError, Repo};
use crate::worktree::apply::Applied;
use crate::worktree::plan::{self, State, is_at_or_below};
use crate::worktree::verify;

/// How the work tree stands to what was to be made.
#[derive(Debug, Default)]
pub(super) struct Verified {
    /// Paths that are not as they were saved; those that somebody changed meanwhile, or that are protected, are not
    /// among them.
    pub(super) unequal: Vec<BString>,
    /// Paths that neither state holds: ignored before the load, and not after it.
    pub(super) revealed: Vec<BString>,
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
        scanned.cache.write(&job.errand.target);
        return Ok(Verified::default());
    }
    let now = State { tree: Some(scanned.tree), extra: &scanned.extra, omissions: &scanned.omissions };
    let rest = plan::plan(&scratch, now, state(saved), &job.errand.paths)?;
    let to_go: HashSet<&BString> = job.plan.removals.iter().map(|removal| &removal.path).collect();
    let extra = rest.removals.iter().map(|removal| &removal.path);
    let mut revealed: Vec<BString> = extra.filter(|path| !to_go.contains(path)).cloned().collect();
    revealed.sort();
    let mut unequal = verify::find_unequal(&scratch, &repo.store.layout().work_dir, &rest)?;
    unequal.retain(|path| revealed.binary_search(path).is_err());
    unequal.retain(|path| {
        let is_changed =
            applied.changed.iter().any(|changed| is_at_or_below(path, changed) || is_at_or_below(changed, path));
        !is_changed && !job.is_protected(path.as_bytes())
    });
    let is_kept = |path: &BString| kept.iter().any(|kept| is_at_or_below(path, kept));
    revealed.retain(|path| !job.is_protected(path.as_bytes()) && !is_kept(path));
    Ok(Verified { unequal, revealed })
}
