//! Finishes or takes back the beginning of a child in a linked work tree that was interrupted. Called by `recover`, and by
//! `linked` where something fails.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use bstr::ByteSlice;

use super::error::StackError;
use super::linked;
use crate::model::checkpoint::CheckpointKind;
use crate::model::head::{BRANCHES, short_branch};
use crate::model::id::ObjectId;
use crate::model::name::Name;
use crate::ops::load::switch as pending;
use crate::ops::load::{lock, paths};
use crate::ops::repo::main_session;
use crate::ops::save::{SaveRequest, save};
use crate::ops::session::standing::read_own;
use crate::ops::{OpError, Repo};
use crate::store::linked_worktree::{self, Making};
use crate::store::{Expected, RefEdit, StoreError, session};
use crate::sys::fault;
use crate::worktree::journal::{self, Journal};

/// What a journal says of a child in a work tree of its own.
#[derive(Clone, Debug)]
pub(super) struct Undertaking {
    pub(super) directory: PathBuf,
    /// Full name of its git branch, and the commit that this begins at.
    pub(super) branch: String,
    pub(super) commit: ObjectId,
    pub(super) child: Name,
    /// The first commit of the child's chain.
    pub(super) tip: ObjectId,
    pub(super) parent: Name,
    /// The checkpoint of the work that it is begun beside.
    pub(super) below: ObjectId,
}

impl Undertaking {
    pub(super) fn of(repo: &Repo, journal: &Journal) -> Result<Undertaking, OpError> {
        let damaged = || StoreError::Damaged {
            what: format!("the journal of `{}`", journal.description),
            detail: "it does not say what is to be made".to_owned(),
        };
        let switch = journal.switch.as_ref().ok_or_else(damaged)?;
        let path = paths::decode(switch.directory.as_slice()).pop().ok_or_else(damaged)?;
        let directory = path.to_path().map_err(|_| damaged())?.to_owned();
        let find = |prefix: &str| switch.refs.iter().find(|change| change.name.starts_with(prefix));
        let (branch, chain) = (find(BRANCHES).ok_or_else(damaged)?, find(session::REFS).ok_or_else(damaged)?);
        let (commit, tip) = (branch.new.ok_or_else(damaged)?, chain.new.ok_or_else(damaged)?);
        let child = chain.name[session::REFS.len()..].parse().map_err(|_| damaged())?;
        let details = session::read_session(&repo.store, &tip)?.record.details;
        let parent = details.parent.and_then(|name| name.parse().ok()).unwrap_or_else(main_session);
        Ok(Undertaking { directory, branch: branch.name.clone(), commit, child, tip, parent, below: journal.safety })
    }

    /// The branch as people say it.
    pub(super) fn branch_name(&self) -> &str {
        short_branch(&self.branch)
    }
}

/// Carries it to its end. The caller holds the lock of the work tree.
pub(in crate::ops) fn finish(repo: &Repo, journal: &Journal) -> Result<(), OpError> {
    let undertaking = Undertaking::of(repo, journal)?;
    if linked_worktree::making(&repo.store, &undertaking.directory) == Making::HalfMade {
        clear(repo, &undertaking)?;
    }
    linked::make(repo, journal, &undertaking)
}

/// Goes back to before it; false where the child is at work already, and has to be undone like any other.
pub(in crate::ops) fn go_back(repo: &Repo, journal: &Journal) -> Result<bool, OpError> {
    let undertaking = Undertaking::of(repo, journal)?;
    if is_at_work(repo, &undertaking) {
        linked::make(repo, journal, &undertaking)?;
        return Ok(false);
    }
    take_back(repo, &undertaking)?;
    Ok(true)
}

fn is_at_work(repo: &Repo, undertaking: &Undertaking) -> bool {
    let there = linked::open_at(repo, &undertaking.directory);
    // Only one of our own: another repository may stand there by now.
    let is_ours = |there: &Repo| there.store.layout().common_dir == repo.store.layout().common_dir;
    let stack = there.ok().filter(is_ours).and_then(|there| read_own(&there).ok());
    stack.is_some_and(|stack| stack.holds(&undertaking.child))
}

/// Takes away what was made, in the opposite order.
pub(super) fn take_back(repo: &Repo, undertaking: &Undertaking) -> Result<(), OpError> {
    match linked_worktree::making(&repo.store, &undertaking.directory) {
        Making::Absent => {}
        Making::HalfMade => clear(repo, undertaking)?,
        Making::Complete => {
            refuse_used(repo, undertaking)?;
            linked_worktree::remove(&repo.store, &undertaking.directory)?;
        }
    }
    fault::reach("branch.worktree-gone");
    let mut edits = Vec::new();
    let chain = format!("{}{}", session::REFS, undertaking.child);
    if repo.store.find_ref(&chain)? == Some(undertaking.tip) {
        edits.push(RefEdit { name: chain, expected: Expected::At(undertaking.tip), new: None });
    }
    let is_unused = repo.store.find_ref(&undertaking.branch)? == Some(undertaking.commit);
    if is_unused && !pending::is_in_use(repo, &undertaking.branch)? {
        let expected = Expected::At(undertaking.commit);
        edits.push(RefEdit { name: undertaking.branch.clone(), expected, new: None });
    }
    edits.push(RefEdit { name: pending::PENDING.to_owned(), expected: Expected::Anything, new: None });
    repo.store.publish(None, &edits)?;
    fault::reach("switch.taken-back");
    Ok(journal::remove(&repo.store.layout().own_worktree_dir)?)
}

/// Files that somebody made or changed in it are in no checkpoint.
fn refuse_used(repo: &Repo, undertaking: &Undertaking) -> Result<(), OpError> {
    let there = linked::open_at(repo, &undertaking.directory)?;
    let arguments = ["status", "--porcelain", "--ignored", "--untracked-files=all"];
    let status = there.store.run_git("looking at the new work tree", &arguments)?;
    if status.trim().is_empty() {
        return Ok(());
    }
    Err(StackError::WorktreeUsed { directory: undertaking.directory.clone() }.into())
}

/// Removes what git has left of a work tree that it did not finish. Whatever is in it is kept in a checkpoint first.
fn clear(repo: &Repo, undertaking: &Undertaking) -> Result<(), OpError> {
    let directory = &undertaking.directory;
    if !directory.join(".git").exists() {
        linked_worktree::forget(&repo.store, directory)?;
        // Git made it, and has put nothing in it.
        let _ = std::fs::remove_dir(directory);
        return Ok(());
    }
    let inside = std::fs::read_dir(directory).into_iter().flatten().flatten();
    if inside.into_iter().any(|entry| entry.file_name().as_bytes() != b".git") {
        let there = linked::open_at(repo, directory)?;
        let _lock = lock::acquire(&there)?;
        save(&there, &SaveRequest { force: true, ..SaveRequest::of_kind(CheckpointKind::Safety) })?;
    }
    Ok(linked_worktree::remove(&repo.store, directory)?)
}
