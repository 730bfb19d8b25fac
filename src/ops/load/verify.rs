//! Scans again after a load and compares with what was to be made.

use bstr::{BString, ByteSlice};

use super::job::Job;
use super::prepare::state;
use crate::model::scratch::Scratch;
use crate::ops::capture::scan_now;
use crate::ops::{OpError, Repo};
use crate::worktree::apply::Applied;
use crate::worktree::plan::{self, State, is_at_or_below};
use crate::worktree::verify;

/// Paths that are not as they were saved; those that somebody changed meanwhile, or that are protected, are not among
/// them.
pub(super) fn find_unequal(repo: &Repo, job: &Job, applied: &Applied) -> Result<Vec<BString>, OpError> {
    if job.plan.is_empty() {
        return Ok(Vec::new());
    }
    let scratch = Scratch::new(&repo.store);
    let scanned = scan_now(repo, &scratch)?;
    let saved = &job.checkpoint.snapshot;
    if scanned.tree == saved.tree && scanned.extra == saved.extra {
        scanned.cache.write(&job.errand.target);
        return Ok(Vec::new());
    }
    let now = State { tree: Some(scanned.tree), extra: &scanned.extra, omissions: &scanned.omissions };
    let rest = plan::plan(&scratch, now, state(saved), &job.errand.paths)?;
    let mut unequal = verify::find_unequal(&scratch, &repo.store.layout().work_dir, &rest)?;
    unequal.retain(|path| {
        let is_changed =
            applied.changed.iter().any(|changed| is_at_or_below(path, changed) || is_at_or_below(changed, path));
        !is_changed && !job.is_protected(path.as_bytes())
    });
    Ok(unequal)
}
