//! Writes refs, each by compare-and-swap under git's own lock files, and syncs them.
//!
//! The layout is git's `files` backend: `<ref>.lock`, made exclusively, renamed onto the ref. Locks of others are waited
//! for and never removed (`git_lock`). Called by `ref_store` alone.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use bstr::ByteSlice;

use super::git_lock::{self, GitLock};
use super::refs::{self, Expected, RefEdit, RefValue};
use super::sync::{sync_files, sync_folders};
use super::{Layout, StoreError, checkpoint};
use crate::model::id::ObjectId;
use crate::sys::fault;

/// How long a lock of somebody else is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// So many refs are locked together at most: each takes an open file.
const BATCH: usize = 32;

/// An edit whose ref is locked and stands where it should.
struct Prepared<'a> {
    edit: &'a RefEdit,
    path: PathBuf,
    lock: GitLock,
    /// The ref points there already.
    is_done: bool,
}

/// Carries out edits in their order. `objects` is a folder to sync before the first of them takes effect.
///
/// Refs are locked and compared in batches before any of a batch is written, so a refusal leaves none of it behind.
pub(crate) fn apply(layout: &Layout, edits: &[RefEdit], objects: Option<&Path>) -> Result<(), StoreError> {
    git_lock::sweep(layout);
    let mut objects = objects;
    let mut rest = edits;
    while !rest.is_empty() {
        let (batch, after) = rest.split_at(batch_length(rest));
        apply_batch(layout, batch, objects.take())?;
        rest = after;
    }
    Ok(())
}

/// A ref that is named twice begins another batch: its lock would wait for itself.
fn batch_length(edits: &[RefEdit]) -> usize {
    let limit = edits.len().min(BATCH);
    let is_repeated = |at: &usize| edits[..*at].iter().any(|before| before.name == edits[*at].name);
    (1..limit).find(is_repeated).unwrap_or(limit)
}

fn apply_batch(layout: &Layout, edits: &[RefEdit], objects: Option<&Path>) -> Result<(), StoreError> {
    let mut prepared = Vec::with_capacity(edits.len());
    for edit in edits {
        prepared.push(prepare(layout, edit)?);
    }
    fault::reach("publish.refs-locked");
    sync_prepared(&prepared, objects).map_err(|source| write_error(&layout.common_dir, source))?;
    fault::reach("publish.refs-written");
    let sync = |paths: &[PathBuf]| {
        let synced = sync_folders(paths.iter().filter_map(|path| path.parent()));
        synced.map_err(|source| write_error(&layout.common_dir, source))
    };
    let (mut paths, mut has_new) = (Vec::new(), false);
    for one in prepared {
        // What a removed ref let go of may hang on one that comes before it, and a name hangs on its checkpoint: that has
        // to last first.
        let hangs = one.edit.new.is_none() || one.edit.name.starts_with(checkpoint::NAMES);
        if hangs && !one.is_done && std::mem::take(&mut has_new) {
            sync(&paths)?;
            paths.clear();
        }
        if !one.is_done {
            paths.push(one.path.clone());
            has_new |= one.edit.new.is_some();
        }
        take_effect(layout, one)?;
        fault::reach("publish.ref-changed");
    }
    sync(&paths)
}

fn prepare<'a>(layout: &Layout, edit: &'a RefEdit) -> Result<Prepared<'a>, StoreError> {
    let path = refs::path_of(layout, &edit.name);
    let lock = GitLock::wait(layout, &path, PATIENCE).map_err(|source| write_error(&path, source))?;
    let lock = lock.ok_or_else(|| StoreError::RefLocked { name: edit.name.clone() })?;
    let found = match refs::read(layout, &edit.name)? {
        Some(RefValue::Symbolic(target)) => refs::find(layout, &target)?,
        Some(RefValue::Id(id)) => Some(id),
        None => None,
    };
    if !edit.expected.allows(found) {
        return Err(StoreError::RefMoved { name: edit.name.clone(), found });
    }
    let is_done = edit.new == found;
    if let Some(id) = edit.new.filter(|_| !is_done) {
        writeln!(lock.file(), "{id}").map_err(|source| write_error(&path, source))?;
    }
    Ok(Prepared { edit, path, lock, is_done })
}

fn sync_prepared(prepared: &[Prepared<'_>], objects: Option<&Path>) -> io::Result<()> {
    let objects = objects.map(File::open).transpose()?;
    let written = prepared.iter().filter(|one| one.edit.new.is_some() && !one.is_done);
    let files: Vec<&File> = written.map(|one| one.lock.file()).chain(&objects).collect();
    sync_files(&files)
}

fn take_effect(layout: &Layout, prepared: Prepared<'_>) -> Result<(), StoreError> {
    let Prepared { edit, path, lock, is_done } = prepared;
    match edit.new {
        _ if is_done => Ok(()),
        Some(_) => lock.rename().map_err(|source| write_error(&path, source)),
        None => delete(layout, lock, &path, &edit.name),
    }
}

/// Takes edits back, the last first, as far as their expectations tell what was there before.
pub(crate) fn put_back(apply: impl Fn(RefEdit) -> Result<(), StoreError>, edits: &[RefEdit]) {
    for edit in edits.iter().rev() {
        let expected = edit.new.map_or(Expected::Absent, Expected::At);
        let new = match edit.expected {
            Expected::Absent => None,
            Expected::At(id) => Some(id),
            Expected::Anything => continue,
        };
        let _ = apply(RefEdit { name: edit.name.clone(), expected, new });
    }
}

impl Expected {
    /// Whether a ref may be written that points where it was found to.
    pub(crate) fn allows(self, found: Option<ObjectId>) -> bool {
        match self {
            Expected::Absent => found.is_none(),
            Expected::At(id) => found == Some(id),
            Expected::Anything => true,
        }
    }
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
    drop(lock);
    Ok(())
}

/// Takes a ref out of `packed-refs`.
fn unpack(layout: &Layout, name: &str) -> Result<(), StoreError> {
    if refs::find_packed(&refs::read_packed(layout)?, name).is_none() {
        return Ok(());
    }
    let path = layout.common_dir.join("packed-refs");
    let lock = GitLock::wait(layout, &path, PATIENCE).map_err(|source| write_error(&path, source))?;
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
            dropping = line.split_once_str(" ").is_some_and(|(_, rest)| rest.trim_end() == name.as_bytes());
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
