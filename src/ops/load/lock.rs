//! The lock of a work tree: held by whatever moves its files or writes its operation log.

use std::time::Duration;

use crate::ops::{OpError, Repo};
use crate::sys::lock::FileLock;
use crate::sys::private;
use crate::worktree::{WorktreeError, journal};

const PATIENCE: Duration = Duration::from_millis(500);

/// Takes the lock, or says that another ckpt is at work.
pub(crate) fn acquire(repo: &Repo) -> Result<FileLock, OpError> {
    let folder = &repo.store.layout().own_worktree_dir;
    let failed = |source| WorktreeError::Io { action: "lock", path: folder.clone(), source };
    private::create_dir(folder).map_err(failed)?;
    FileLock::acquire(&folder.join("lock"), PATIENCE).map_err(failed)?.ok_or(OpError::WorktreeBusy)
}

/// Looks while nobody else holds the lock; `None` when another process holds it now. Makes no file: where there is none,
/// or none can be opened, nobody holds it.
pub(crate) fn look_while_free<T>(repo: &Repo, look: impl FnOnce() -> T) -> Option<T> {
    let path = repo.store.layout().own_worktree_dir.join("lock");
    if !path.exists() {
        return Some(look());
    }
    let lock = FileLock::acquire(&path, Duration::ZERO);
    if matches!(lock, Ok(None)) { None } else { Some(look()) }
}

/// Refuses while an interrupted load waits for its recovery.
pub(crate) fn refuse_pending(repo: &Repo) -> Result<(), OpError> {
    match journal::find(&repo.store.layout().own_worktree_dir)? {
        Some(journal) => Err(OpError::RecoveryPending { target: journal.target }),
        None => Ok(()),
    }
}
