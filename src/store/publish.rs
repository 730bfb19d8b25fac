//! Writes refs, each by compare-and-swap under git's own lock files, and syncs them.
//!
//! The layout is git's `files` backend: `<ref>.lock`, made exclusively, renamed onto the ref. Locks of others are waited
//! for and never removed. Called by `Store::publish` alone.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bstr::ByteSlice;

use super::refs::{self, Expected, RefEdit, RefValue};
use super::{Layout, StoreError};
use crate::model::id::ObjectId;
use crate::sys::{atomic, fault};

/// How long a lock of somebody else is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// A lock file of git's, ours until it is dropped or committed.
pub(crate) struct GitLock {
    file: File,
    lock: PathBuf,
    target: PathBuf,
    committed: bool,
}

impl GitLock {
    /// Makes `<target>.lock`; `Ok(None)` when it exists already.
    pub(crate) fn take(target: &Path) -> io::Result<Option<GitLock>> {
        let mut name = target.as_os_str().to_owned();
        name.push(".lock");
        let lock = PathBuf::from(name);
        match OpenOptions::new().write(true).create_new(true).open(&lock) {
            Ok(file) => Ok(Some(GitLock { file, lock, target: target.to_path_buf(), committed: false })),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Waits for the lock; `Ok(None)` when patience is at its end.
    pub(crate) fn wait(target: &Path, patience: Duration) -> io::Result<Option<GitLock>> {
        let deadline = Instant::now() + patience;
        let mut pause = 1;
        loop {
            match GitLock::take(target) {
                Ok(None) if Instant::now() >= deadline => return Ok(None),
                Ok(Some(lock)) => return Ok(Some(lock)),
                Ok(None) => std::thread::sleep(jitter(pause)),
                // Git removes empty folders below `refs/` at any moment.
                Err(error) if error.kind() == io::ErrorKind::NotFound && Instant::now() < deadline => {
                    let parent = target.parent().ok_or(error)?;
                    std::fs::create_dir_all(parent)?;
                }
                Err(error) => return Err(error),
            }
            pause = (pause * 2).min(50);
        }
    }

    /// Writes and syncs the new content of the target; it takes effect with `commit`.
    pub(crate) fn fill(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.sync_data()
    }

    /// Puts the lock file in the target's place and syncs the folder.
    pub(crate) fn commit(mut self) -> io::Result<()> {
        if let Err(error) = std::fs::rename(&self.lock, &self.target) {
            // An empty folder of a deleted ref may stand in the way; git removes it as well.
            remove_empty_folders(&self.target);
            std::fs::rename(&self.lock, &self.target).map_err(|_| error)?;
        }
        self.committed = true;
        atomic::sync_parent(&self.target)
    }
}

impl Drop for GitLock {
    fn drop(&mut self) {
        if !self.committed {
            let _ = std::fs::remove_file(&self.lock);
        }
    }
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

/// Carries out one edit.
pub(crate) fn apply(layout: &Layout, edit: &RefEdit) -> Result<(), StoreError> {
    let path = refs::path_of(layout, &edit.name);
    let lock = GitLock::wait(&path, PATIENCE).map_err(|source| write_error(&path, source))?;
    let lock = lock.ok_or_else(|| StoreError::RefLocked { name: edit.name.clone() })?;
    fault::reach("publish.ref-locked");
    let found = match refs::read(layout, &edit.name)? {
        Some(RefValue::Symbolic(target)) => refs::find(layout, &target)?,
        Some(RefValue::Id(id)) => Some(id),
        None => None,
    };
    if !edit.expected.allows(found) {
        return Err(StoreError::RefMoved { name: edit.name.clone(), found });
    }
    match edit.new {
        Some(id) if found == Some(id) => Ok(()),
        Some(id) => write(lock, &path, id),
        None => delete(layout, lock, &path, &edit.name),
    }
}

/// Takes edits back, the last first, as far as their expectations tell what was there before.
pub(crate) fn put_back(layout: &Layout, edits: &[RefEdit]) {
    for edit in edits.iter().rev() {
        let expected = edit.new.map_or(Expected::Absent, Expected::At);
        let new = match edit.expected {
            Expected::Absent => None,
            Expected::At(id) => Some(id),
            Expected::Anything => continue,
        };
        let _ = apply(layout, &RefEdit { name: edit.name.clone(), expected, new });
    }
}

impl Expected {
    fn allows(self, found: Option<ObjectId>) -> bool {
        match self {
            Expected::Absent => found.is_none(),
            Expected::At(id) => found == Some(id),
            Expected::Anything => true,
        }
    }
}

fn write(mut lock: GitLock, path: &Path, id: ObjectId) -> Result<(), StoreError> {
    lock.fill(format!("{id}\n").as_bytes()).map_err(|source| write_error(path, source))?;
    fault::reach("publish.ref-written");
    lock.commit().map_err(|source| write_error(path, source))?;
    fault::reach("publish.ref-renamed");
    Ok(())
}

/// Packed first, then loose, as git does: the other order would let the old packed value shine through.
fn delete(layout: &Layout, lock: GitLock, path: &Path, name: &str) -> Result<(), StoreError> {
    if refs::folder_of(layout, name) == layout.common_dir {
        unpack(layout, name)?;
    }
    fault::reach("publish.ref-unpacked");
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(write_error(path, error)),
        _ => {}
    }
    atomic::sync_parent(path).map_err(|source| write_error(path, source))?;
    drop(lock);
    Ok(())
}

/// Takes a ref out of `packed-refs`.
fn unpack(layout: &Layout, name: &str) -> Result<(), StoreError> {
    if refs::find_packed(&refs::read_packed(layout)?, name).is_none() {
        return Ok(());
    }
    let path = layout.common_dir.join("packed-refs");
    let lock = GitLock::wait(&path, PATIENCE).map_err(|source| write_error(&path, source))?;
    let mut lock = lock.ok_or_else(|| StoreError::RefLocked { name: "packed-refs".into() })?;
    let kept = without(&refs::read_packed(layout)?, name);
    lock.fill(&kept).and_then(|()| lock.commit()).map_err(|source| write_error(&path, source))
}

/// The lines of `packed-refs` but the ref's own and the peeled one that follows it.
fn without(packed: &[u8], name: &str) -> Vec<u8> {
    let mut kept = Vec::with_capacity(packed.len());
    let mut dropping = false;
    for line in packed.lines_with_terminator() {
        let is_peeled = line.starts_with(b"^");
        if !is_peeled {
            dropping = line.get(41..).is_some_and(|rest| rest.trim_end() == name.as_bytes());
        }
        if !dropping {
            kept.extend_from_slice(line);
        }
    }
    kept
}

fn write_error(path: &Path, source: io::Error) -> StoreError {
    StoreError::Io { action: "write", path: path.to_path_buf(), source }
}
