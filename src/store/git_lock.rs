//! Git's lock files, taken so that a later ckpt can tell those that a dead ckpt left from those of everybody else.
//!
//! A lock is made in our own folder, held there with an advisory lock that dies with the process, and linked to the
//! place where git looks. Whoever finds it in the way and can take that advisory lock knows that its maker is dead, and
//! removes it. Any other lock is waited for and never removed. Called by `publish` and `head`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempPath;

use super::Layout;
use super::sync::sync_folders;
use crate::sys::{atomic, clock, private};

#[cfg(test)]
mod tests;

/// A lock file of git's, ours until it is dropped or committed.
pub(crate) struct GitLock {
    file: File,
    lock: PathBuf,
    target: PathBuf,
    committed: bool,
    /// The same file in our own folder; `None` where the file system has no hard links. Removed last of all: without it
    /// nobody could tell that the lock is ours.
    own: Option<TempPath>,
}

impl GitLock {
    /// Makes `<target>.lock`; `Ok(None)` when somebody holds it.
    fn take(layout: &Layout, target: &Path) -> io::Result<Option<GitLock>> {
        let mut name = target.as_os_str().to_owned();
        name.push(".lock");
        let lock = PathBuf::from(name);
        let locks = folder(layout);
        let made = make_linked(&locks, &lock).map(|(file, own)| (file, Some(own)));
        let made = made.or_else(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound | io::ErrorKind::WouldBlock => Err(error),
            _ => Ok((OpenOptions::new().write(true).create_new(true).open(&lock)?, None)),
        });
        match made {
            Ok((file, own)) => {
                let taken = GitLock { file, lock, target: target.to_path_buf(), committed: false, own };
                layout.sharing.apply(&taken.file)?;
                Ok(Some(taken))
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                remove_if_stale(&locks, &lock);
                remove_if_from_before_boot(layout, &lock);
                Ok(None)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Waits for the lock; `Ok(None)` when patience is at its end.
    pub(crate) fn wait(layout: &Layout, target: &Path, patience: Duration) -> io::Result<Option<GitLock>> {
        let deadline = Instant::now() + patience;
        let mut pause = 1;
        loop {
            match GitLock::take(layout, target) {
                Ok(None) if Instant::now() >= deadline => return Ok(None),
                Ok(Some(lock)) => return Ok(Some(lock)),
                Ok(None) => std::thread::sleep(jitter(pause)),
                // Git removes empty folders below `refs/` at any moment.
                Err(error) if error.kind() == io::ErrorKind::NotFound && Instant::now() < deadline => {
                    create_folders(layout, target.parent().ok_or(error)?)?;
                }
                Err(error) => return Err(error),
            }
            pause = (pause * 2).min(50);
        }
    }

    /// The lock file, which becomes the target.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Writes and syncs the new content of the target; it takes effect with `commit`.
    pub(crate) fn fill(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.sync_data()
    }

    /// Puts the lock file in the target's place and syncs the folder.
    pub(crate) fn commit(self) -> io::Result<()> {
        let target = self.target.clone();
        self.rename()?;
        atomic::sync_parent(&target)
    }

    /// Puts the lock file in the target's place.
    pub(crate) fn rename(mut self) -> io::Result<()> {
        if let Err(error) = std::fs::rename(&self.lock, &self.target) {
            // An empty folder of a deleted ref may stand in the way; git removes it as well.
            remove_empty_folders(&self.target);
            std::fs::rename(&self.lock, &self.target).map_err(|_| error)?;
        }
        self.committed = true;
        Ok(())
    }
}

impl Drop for GitLock {
    fn drop(&mut self) {
        if self.committed {
            return;
        }
        // What could not be removed stays known as ours, for whoever sweeps after this process.
        if std::fs::remove_file(&self.lock).is_err_and(|error| error.kind() != io::ErrorKind::NotFound)
            && let Some(own) = self.own.take()
        {
            let _ = own.keep();
        }
    }
}

fn folder(layout: &Layout) -> PathBuf {
    layout.own_dir.join("locks")
}

/// Makes a file that is locked for as long as this process lives, and links it to `lock`.
fn make_linked(locks: &Path, lock: &Path) -> io::Result<(File, TempPath)> {
    private::create_dir(locks)?;
    // It becomes a ref, with the permissions that git gives one; here only the user comes near it.
    let permissions = std::fs::Permissions::from_mode(0o666);
    let (file, own) = tempfile::Builder::new().permissions(permissions).tempfile_in(locks)?.into_parts();
    // Somebody may be sweeping the folder: then this file is no good, and the next one will be.
    file.try_lock().map_err(io::Error::from)?;
    std::fs::hard_link(&own, lock)?;
    Ok((file, own))
}

/// Removes a lock that a dead ckpt left.
fn remove_if_stale(locks: &Path, lock: &Path) {
    let Ok(in_the_way) = std::fs::symlink_metadata(lock) else { return };
    let Ok(entries) = std::fs::read_dir(locks) else { return };
    let own = entries.flatten().find(|entry| entry.metadata().is_ok_and(|data| is_same(&data, &in_the_way)));
    let Some((own, file)) = own.and_then(|own| Some((own.path(), lock_abandoned(&own.path())?))) else { return };
    // Looked at again while nobody else can be removing it: it may be another's by now. The number of an open file is
    // given to no other.
    let is_still = |data: std::fs::Metadata| file.metadata().is_ok_and(|file| is_same(&file, &data));
    if std::fs::symlink_metadata(lock).is_ok_and(is_still) && std::fs::remove_file(lock).is_ok() {
        let _ = std::fs::remove_file(own);
    }
}

/// Removes a lock on a ref of ours that is older than the machine is awake: whoever made it is gone, and a power cut may
/// have taken the file by which it is known as ours.
fn remove_if_from_before_boot(layout: &Layout, lock: &Path) {
    let is_ours = lock.starts_with(layout.common_dir.join("refs/ckpt"))
        || lock.starts_with(layout.git_dir.join("refs/worktree/ckpt/"));
    let Some(file) = is_ours.then(|| lock_abandoned(lock)).flatten() else { return };
    let Ok(data) = file.metadata() else { return };
    let is_old = clock::booted().is_some_and(|booted| data.modified().is_ok_and(|time| time < booted));
    // Looked at again while nobody else can be removing it: it may be another's by now.
    if is_old && std::fs::symlink_metadata(lock).is_ok_and(|there| is_same(&there, &data)) {
        let _ = std::fs::remove_file(lock);
    }
}

/// Opens and locks a file of our folder; `None` while its maker lives.
fn lock_abandoned(path: &Path) -> Option<File> {
    let file = File::open(path).ok()?;
    file.try_lock().is_ok().then_some(file)
}

fn is_same(left: &std::fs::Metadata, right: &std::fs::Metadata) -> bool {
    (left.dev(), left.ino()) == (right.dev(), right.ino())
}

/// Removes what dead processes left in our folder, and the locks of git's that hang on it.
///
/// One look into an empty folder where nobody has died.
pub(crate) fn sweep(layout: &Layout) {
    let locks = folder(layout);
    let Ok(entries) = std::fs::read_dir(&locks) else { return };
    let mut is_linked = false;
    for path in entries.flatten().map(|entry| entry.path()) {
        let Some(file) = lock_abandoned(&path) else { continue };
        match file.metadata() {
            Ok(data) if data.nlink() == 1 => drop(std::fs::remove_file(path)),
            Ok(_) => is_linked = true,
            Err(_) => {}
        }
    }
    if is_linked {
        let above = [&layout.git_dir, &layout.common_dir];
        above.into_iter().for_each(|folder| remove_stale_in(&locks, folder, false));
        above.into_iter().for_each(|folder| remove_stale_in(&locks, &folder.join("refs"), true));
    }
}

/// Removes the locks in a folder that dead processes of ours left.
fn remove_stale_in(locks: &Path, folder: &Path, is_deep: bool) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if is_deep && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_stale_in(locks, &path, true);
        } else if path.extension().is_some_and(|extension| extension == "lock") {
            remove_if_stale(locks, &path);
        }
    }
}

/// What dead processes left in our folder, as far as no lock of git's hangs on it.
pub(crate) fn list_abandoned(layout: &Layout) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder(layout)).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_alone = |path: &PathBuf| {
        lock_abandoned(path).and_then(|file| file.metadata().ok()).is_some_and(|data| data.nlink() == 1)
    };
    entries.filter(is_alone).collect()
}

/// Whether a lock of git's was made by a ckpt that is dead.
pub(crate) fn is_abandoned(layout: &Layout, lock: &Path) -> bool {
    let (Ok(there), Ok(entries)) = (std::fs::symlink_metadata(lock), std::fs::read_dir(folder(layout))) else {
        return false;
    };
    let own = entries.flatten().find(|entry| entry.metadata().is_ok_and(|data| is_same(&data, &there)));
    own.is_some_and(|own| lock_abandoned(&own.path()).is_some())
}

/// Removes a lock of git's if the ckpt that made it is dead.
pub(crate) fn remove_abandoned(layout: &Layout, lock: &Path) {
    remove_if_stale(&folder(layout), lock);
}

/// Makes a folder and those above it, so that they survive a power cut as the ref in them does.
fn create_folders(layout: &Layout, folder: &Path) -> io::Result<()> {
    layout.sharing.create_dir_all(folder)?;
    let within = folder.ancestors().take_while(|one| one.file_name().is_some_and(|name| name != "refs"));
    sync_folders(within.filter_map(Path::parent))
}

/// A pause of about `milliseconds`, different in each process.
fn jitter(milliseconds: u64) -> Duration {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let spread = (u64::from(now.subsec_nanos()) ^ u64::from(std::process::id()).wrapping_mul(7919)) % 1000;
    Duration::from_micros(milliseconds * (500 + spread))
}

fn remove_empty_folders(path: &Path) {
    let Ok(entries) = std::fs::read_dir(path) else { return };
    for entry in entries.flatten() {
        remove_empty_folders(&entry.path());
    }
    let _ = std::fs::remove_dir(path);
}
