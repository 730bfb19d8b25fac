//! Changes of hook files: planned one by one, made all or none.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::error::HooksError;
use crate::hooks::block::{self, Removed};
use crate::hooks::neighbours::Neighbour;
use crate::hooks::{Hook, Program};
use crate::ops::OpError;
use crate::store::StoreError;
use crate::sys::{atomic, fault};

#[cfg(test)]
mod tests;

/// A longer file is no hook that somebody wrote.
const LONGEST: u64 = 1 << 20;

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there and is ckpt's alone.
    Created,
    Added,
    /// The block was there and is another now.
    Replaced,
    /// The block is there as it should be.
    Unchanged,
    Removed,
    /// It was ckpt's alone and goes.
    Deleted,
}

impl ChangeKind {
    /// The word for data.
    pub const fn word(self) -> &'static str {
        match self {
            ChangeKind::Created => "created",
            ChangeKind::Added => "added",
            ChangeKind::Replaced => "replaced",
            ChangeKind::Unchanged => "unchanged",
            ChangeKind::Removed => "removed",
            ChangeKind::Deleted => "deleted",
        }
    }
}

/// A change of one file, for one hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    pub hook: Hook,
    pub path: PathBuf,
    pub kind: ChangeKind,
    /// The tool that wrote the rest of the file.
    pub keeper: Option<Neighbour>,
    before: Option<HookFile>,
    after: Option<Vec<u8>>,
    mode: u32,
}

/// A hook file as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookFile {
    pub bytes: Vec<u8>,
    pub mode: u32,
}

impl HookFile {
    pub fn is_executable(&self) -> bool {
        self.mode & 0o111 != 0
    }
}

/// Reads a hook file; `None` where there is nothing. A link, a folder and the like are refused: `hook` is for the message.
pub fn read_hook_file(path: &Path, hook: Hook) -> Result<Option<HookFile>, OpError> {
    let failed = |source| StoreError::Io { action: "read", path: path.to_path_buf(), source };
    let data = match std::fs::symlink_metadata(path) {
        Ok(data) => data,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(failed(error).into()),
    };
    let refuse = |problem: &str| Err(refused(path, hook, problem));
    if data.is_symlink() {
        return refuse("it is a link");
    }
    if !data.is_file() {
        return refuse("it is no file");
    }
    if data.len() > LONGEST {
        return refuse("it is longer than 1 MiB");
    }
    Ok(Some(HookFile { bytes: std::fs::read(path).map_err(failed)?, mode: data.permissions().mode() & 0o7777 }))
}

pub(super) fn refused(path: &Path, hook: Hook, problem: &str) -> OpError {
    HooksError::Refused { path: path.to_path_buf(), hook, problem: problem.to_owned() }.into()
}

/// Plans the block into a file.
pub fn plan_insert(
    path: PathBuf,
    hook: Hook,
    program: &Program,
    needs_executable: bool,
) -> Result<FileChange, OpError> {
    let before = read_hook_file(&path, hook)?;
    if needs_executable && before.as_ref().is_some_and(|file| !file.is_executable()) {
        return Err(refused(&path, hook, "it is not executable, so git does not run it"));
    }
    let bytes = before.as_ref().map(|file| file.bytes.as_slice());
    let after = block::insert(bytes, hook, program).map_err(|error| refused(&path, hook, &error.to_string()))?;
    let had_block = bytes.is_some_and(|bytes| block::remove(bytes) != Ok(Removed::NoBlock));
    let kind = match bytes {
        None => ChangeKind::Created,
        Some(bytes) if bytes == after => ChangeKind::Unchanged,
        Some(_) if had_block => ChangeKind::Replaced,
        Some(_) => ChangeKind::Added,
    };
    let usual = if needs_executable { 0o755 } else { 0o644 };
    let mode = before.as_ref().map_or(usual, |file| file.mode);
    let keeper = bytes.and_then(Neighbour::of_file);
    Ok(FileChange { hook, path, kind, keeper, before, after: Some(after), mode })
}

/// Plans the block out of a file; `None` when it has none. A link is never ours.
pub fn plan_remove(path: PathBuf, hook: Hook) -> Result<Option<FileChange>, OpError> {
    if std::fs::symlink_metadata(&path).map_or(true, |data| !data.is_file()) {
        return Ok(None);
    }
    let Some(file) = read_hook_file(&path, hook)? else { return Ok(None) };
    let removed = block::remove(&file.bytes).map_err(|error| refused(&path, hook, &error.to_string()))?;
    let (kind, after) = match removed {
        Removed::NoBlock => return Ok(None),
        Removed::WholeFile => (ChangeKind::Deleted, None),
        Removed::Rest(rest) => (ChangeKind::Removed, Some(rest)),
    };
    let keeper = Neighbour::of_file(&file.bytes);
    Ok(Some(FileChange { hook, path, kind, keeper, mode: file.mode, before: Some(file), after }))
}

/// Makes all changes. When one fails, those before it are taken back.
pub fn apply(changes: &[FileChange]) -> Result<(), OpError> {
    for (index, change) in changes.iter().enumerate() {
        if let Err(source) = change.make(change.after.as_deref()) {
            for done in changes[..index].iter().rev() {
                let _ = done.make(done.before.as_ref().map(|file| file.bytes.as_slice()));
            }
            return Err(StoreError::Io { action: "write", path: change.path.clone(), source }.into());
        }
        fault::reach("hooks.file-changed");
    }
    Ok(())
}

impl FileChange {
    /// A change of the configuration, which is made elsewhere.
    pub(super) fn of_configuration(path: &Path, hook: Hook, kind: ChangeKind) -> FileChange {
        FileChange { hook, path: path.to_path_buf(), kind, keeper: None, before: None, after: None, mode: 0 }
    }

    fn make(&self, bytes: Option<&[u8]>) -> io::Result<()> {
        atomic::remove_leftovers(&self.path);
        match bytes {
            _ if self.kind == ChangeKind::Unchanged => Ok(()),
            Some(bytes) => atomic::write_with_mode(&self.path, bytes, self.mode),
            None => std::fs::remove_file(&self.path).and_then(|()| atomic::sync_parent(&self.path)),
        }
    }
}
