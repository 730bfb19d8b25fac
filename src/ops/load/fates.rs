//! Decides what becomes of HEAD, the index and the operation in progress. Reads only.

use bstr::BString;

use super::job::Errand;
use super::{HeadFate, IndexFate};
use crate::model::checkpoint::{OperationState, Snapshot};
use crate::model::head::Head;
use crate::model::id::ObjectId;
use crate::model::object::ObjectReader;
use crate::ops::{OpError, Repo, points};
use crate::store::linked_worktree;

/// What happens to HEAD, and where it is to be put when it moves.
pub(super) fn of_head(
    repo: &Repo,
    errand: &Errand,
    exchanges: bool,
    saved: &Head,
    now: &Head,
) -> Result<HeadFate, OpError> {
    let move_head = errand.head || exchanges;
    if saved.commit == now.commit && (saved.branch == now.branch || !move_head) {
        return Ok(HeadFate::Same);
    }
    if !move_head {
        return elsewhere(repo, saved, now);
    }
    if let Some(branch) = &saved.branch {
        let found = repo.store.find_ref(branch)?;
        let is_made = found.is_none() && errand.creates.as_ref() == Some(branch);
        let is_at_base = is_made || found == saved.commit;
        if is_at_base && !linked_worktree::is_branch_elsewhere(&repo.store, branch) {
            return Ok(HeadFate::Branch(branch.clone()));
        }
    }
    match saved.commit {
        Some(base) if !repo.store.contains(&base) => {
            Err(OpError::MissingObjects { id: base, missing: 1, first: vec![base] })
        }
        Some(base) if *now == (Head { branch: None, commit: Some(base) }) => Ok(HeadFate::Same),
        Some(base) => Ok(HeadFate::Detached(base)),
        None => elsewhere(repo, saved, now),
    }
}

fn elsewhere(repo: &Repo, saved: &Head, now: &Head) -> Result<HeadFate, OpError> {
    let (Some(base), Some(commit)) = (saved.commit, now.commit) else {
        return Ok(HeadFate::Elsewhere { ahead: 0, behind: 0 });
    };
    // Only told to people: a history that is not all there (a shallow clone) is no reason to refuse a load.
    let (ahead, behind) = repo.store.ahead_behind(&commit, &base).unwrap_or((0, 0));
    Ok(HeadFate::Elsewhere { ahead, behind })
}

/// Where HEAD is to be put, when it is to move.
pub(super) fn new_head(fate: &HeadFate, saved: &Head) -> Option<Head> {
    match fate {
        HeadFate::Branch(branch) => Some(Head { branch: Some(branch.clone()), commit: saved.commit }),
        HeadFate::Detached(base) => Some(Head { branch: None, commit: Some(*base) }),
        HeadFate::Same | HeadFate::Elsewhere { .. } => None,
    }
}

/// What happens to the index: it belongs to the commit that HEAD stood at, and to all files.
///
/// With conflicts it also belongs to its operation: without one git would never have made it.
pub(super) fn of_index(errand: &Errand, head: &HeadFate, is_other_operation: bool) -> IndexFate {
    if is_other_operation {
        return IndexFate::Kept { reason: "the operation in progress is another" };
    }
    if !errand.paths.is_empty() {
        return IndexFate::Kept { reason: "only some paths are loaded" };
    }
    match head {
        HeadFate::Elsewhere { .. } => IndexFate::Kept { reason: "HEAD is elsewhere" },
        HeadFate::Same | HeadFate::Branch(_) | HeadFate::Detached(_) => IndexFate::Restored,
    }
}

/// Whether the operation in progress is to be exchanged for the saved one. A different one is refused without consent.
pub(super) fn exchanges_operation(
    errand: &Errand,
    saved: &Option<OperationState>,
    present: &Option<OperationState>,
) -> Result<bool, OpError> {
    if !is_other_operation(saved, present) || !errand.paths.is_empty() {
        return Ok(false);
    }
    // Whoever goes back over a load cannot be asked: the operation is as it was then, or has been changed since.
    if errand.operation || errand.goes_back() {
        return Ok(errand.operation);
    }
    let kind = |state: &Option<OperationState>| state.as_ref().map(|state| state.kind.clone());
    Err(OpError::OperationDiffers { saved: kind(saved), present: kind(present) })
}

/// Whether two states are in different operations, or one of them in none.
pub(super) fn is_other_operation(saved: &Option<OperationState>, present: &Option<OperationState>) -> bool {
    let tree = |state: &Option<OperationState>| state.as_ref().map(|state| state.tree);
    tree(saved) != tree(present)
}

/// Of the ignored paths that were kept as well, those that will be overwritten or removed.
pub(super) fn overwritten(included: &[BString], plan: &crate::worktree::plan::Plan) -> Vec<BString> {
    let removed = plan.removals.iter().map(|removal| &removal.path);
    let replaced = plan.all_writes().filter(|write| write.replaces.is_some()).map(|write| &write.path);
    let changed: std::collections::HashSet<&BString> = removed.chain(replaced).collect();
    included.iter().filter(|path| changed.contains(path)).cloned().collect()
}

/// Of the paths that will change, those that changed since the session's last checkpoint: only the safety checkpoint
/// holds them then.
pub(super) fn unsaved(
    reader: &dyn ObjectReader,
    last: Option<ObjectId>,
    current: &ObjectId,
    plan: &crate::worktree::plan::Plan,
) -> Result<Vec<BString>, OpError> {
    let since = crate::ops::tree_diff::diff_trees(reader, last.as_ref(), Some(current))?;
    let since: std::collections::BTreeSet<BString> = since.into_iter().map(|change| change.path).collect();
    let replaced = plan.changes.iter().filter(|change| change.old.is_some()).map(|change| &change.path);
    let mut unsaved: Vec<BString> = replaced.filter(|path| since.contains(*path)).cloned().collect();
    unsaved.sort();
    Ok(unsaved)
}

/// The tree of the session's last checkpoint; of the commit at HEAD when there is none.
pub(super) fn last_saved_tree(repo: &Repo, head: &Head) -> Option<ObjectId> {
    let last = points::resolve(repo, "@").ok().or(head.commit)?;
    repo.store.tree_of(&last).ok()
}

/// Whether the index is already what the checkpoint says.
pub(super) fn is_same_index(left: &Snapshot, right: &Snapshot) -> bool {
    left.index_tree == right.index_tree && left.index_extra == right.index_extra
}
