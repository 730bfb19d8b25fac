//! Begins a session at another commit than HEAD's: everything is kept in a checkpoint, and a clean tree is laid out.
//!
//! Like the stack's `branch` this is a load with a switch of sessions, so it can be recovered and undone. Nobody waits to be
//! returned to: what was there comes back by `undo`, or by loading its checkpoint. Called by `start`.

use super::lay_out;
use super::shift::{self, Shift};
use super::standing::Stacks;
use super::start::Work;
use super::switch;
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{CheckpointKind, Words};
use crate::model::id::ObjectId;
use crate::model::operation::OperationVerb;
use crate::ops::OpError;
use crate::ops::context::Synced;
use crate::ops::load::job::Errand;
use crate::ops::load::{Loaded, prepare};
use crate::store::checkpoint::read_summary;

/// Where to begin.
pub(super) struct Elsewhere {
    /// Full name of the new git branch; `None` for a detached HEAD.
    pub(super) branch: Option<String>,
    pub(super) commit: ObjectId,
    /// As it was typed.
    pub(super) from: String,
}

/// What a start has put in the place of what was there.
#[derive(Debug)]
pub struct MovedFiles {
    /// The commit that the session began at, and what it was called.
    pub base: ObjectId,
    pub from: String,
    /// The checkpoint of all that was there.
    pub kept: ObjectId,
    /// What of it is in no commit.
    pub kept_changes: ChangeCounts,
    /// The branch that it was on.
    pub kept_branch: Option<String>,
    /// The operation in progress that was kept as well.
    pub operation: Option<String>,
    /// What the load did.
    pub loaded: Loaded,
}

/// Begins there. The caller holds the lock of the work tree.
pub(super) fn begin(work: &Work<'_>, stacks: &Stacks, place: &Elsewhere) -> Result<(Synced, MovedFiles), OpError> {
    let repo = work.repo;
    let edited = switch::before(repo);
    let first = prepare::keep_first(repo, CheckpointKind::Auto, work.request.force)?;
    let operation = first.snapshot.operation.as_ref().map(|operation| operation.kind.clone());
    let writing = repo.store.start_writing()?;
    let snapshot = lay_out::clean_state(repo, &writing, &first.snapshot, place.branch.as_deref(), &place.commit)?;
    let words = Words { note: Some(format!("start of {}", work.title)), ..Words::default() };
    let target = lay_out::write(repo, &writing, work.name, &snapshot, &words)?;
    let written = repo.store.finish_writing(writing)?;
    let errand = Errand {
        head: true,
        operation: true,
        allow_links: true,
        is_own: true,
        force: work.request.force,
        keeps: CheckpointKind::Auto,
        creates: place.branch.clone(),
        ..Errand::new(target, format!("session start {}", work.name))
    };
    let prepared = prepare::prepare_over(repo, errand, first)?;
    let kept = prepared.safety.ok_or(OpError::NotConfirmed)?;
    let queue = shift::queue(repo)?;
    let parts = work.parts(stacks, repo.clock.now())?;
    let makes = place.branch.clone().map(|branch| (branch, place.commit));
    let loaded =
        shift::carry(repo, queue, prepared, Shift { verb: OperationVerb::Branch, parts, makes, removes: None })?;
    drop(written);
    let context = switch::both(edited, switch::after(repo));
    let summary = read_summary(&repo.store, &kept)?;
    let moved = MovedFiles {
        base: place.commit,
        from: place.from.clone(),
        kept,
        kept_changes: summary.changes,
        kept_branch: summary.branch,
        operation,
        loaded,
    };
    Ok((context, moved))
}
