//! Tells where the work stands.

use super::capture::scan_within_limits;
use super::context::digest::{Digest, digest};
use super::diff::without_omitted;
use super::points::{self, Listed};
use super::show::read_commit;
use super::tree_diff::diff_trees;
use super::{OpError, Repo};
use crate::model::change::{Change, ChangeCounts};
use crate::model::checkpoint::CheckpointKind;
use crate::model::head::Head;
use crate::model::omission::Omission;
use crate::model::scratch::Scratch;
use crate::store::operation_state::kind_in_progress;

/// How many changed paths are shown.
const SAMPLE: usize = 10;

/// Where the work stands.
#[derive(Clone, Debug)]
pub struct Status {
    pub session: String,
    pub head: Head,
    pub worktree: String,
    /// A merge, rebase … in progress.
    pub operation: Option<String>,
    pub last: Option<Listed>,
    /// What changed since the last checkpoint; against HEAD when there is none.
    pub changes: ChangeCounts,
    /// First paths of those changes, at most 10.
    pub sample: Vec<Change>,
    pub omissions: Vec<Omission>,
    /// An interrupted load.
    pub pending: Option<super::recover::Pending>,
    /// How many checkpoints the session has.
    pub points: u64,
    pub context: Option<Digest>,
}

/// Scans the work tree (writing nothing) and compares it with the last checkpoint.
pub fn status(repo: &Repo) -> Result<Status, OpError> {
    let layout = repo.store.layout();
    let session = repo.session().to_string();
    let head = repo.store.head()?;
    let last = points::find_latest(repo)?.map(|id| points::listed(repo, &id)).transpose()?;
    let scratch = Scratch::without_blobs(&repo.store);
    let scanned = scan_within_limits(repo, &scratch)?;
    let compared = last.as_ref().map(|last| last.summary.id).or(head.commit);
    let tree = compared.map(|id| read_commit(&repo.store, &id)).transpose()?.map(|commit| commit.tree);
    let changes = diff_trees(&scratch, tree.as_ref(), Some(&scanned.tree))?;
    let changes = without_omitted(changes, &scanned.omissions);
    Ok(Status {
        points: count_points(repo, &session)?,
        operation: kind_in_progress(&repo.store).map(str::to_owned),
        worktree: layout.worktree_key.clone(),
        changes: ChangeCounts::of(&changes),
        sample: changes.into_iter().take(SAMPLE).collect(),
        omissions: scanned.omissions,
        pending: super::recover::find_pending(repo)?,
        context: digest(repo)?,
        session,
        head,
        last,
    })
}

/// Those that a list of the session shows.
fn count_points(repo: &Repo, session: &str) -> Result<u64, OpError> {
    let here = &repo.store.layout().worktree_key;
    let points = points::all_points_unchecked(repo)?.points;
    let counted = points.iter().filter(|summary| {
        summary.session == session && summary.kind != CheckpointKind::Safety && summary.worktree == *here
    });
    Ok(counted.count() as u64)
}
