//! Repositories inside the work tree: whether a folder is one, and where its HEAD stands.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use crate::model::id::ObjectId;

/// What a folder's `.git` makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::worktree) enum Nested {
    /// `.git` is absent or no repository: an ordinary folder.
    No,
    WithoutCommit,
    At(ObjectId),
    /// Its refs are in tables of git's, which git alone reads.
    InTables,
}

/// Looks at `<folder>/.git` as git does: a folder with HEAD, objects and refs, or a file that points at one.
pub(in crate::worktree) fn probe(folder: &Path) -> Nested {
    let git_dir = match find_git_dir(folder) {
        Ok(found) => found,
        // What cannot be looked into may be one; git thinks so too.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Nested::WithoutCommit,
        Err(_) => return Nested::No,
    };
    let common = common_dir(&git_dir);
    if !common.join("objects").is_dir() || !common.join("refs").is_dir() {
        return Nested::No;
    }
    let Some(head) = read_head(&git_dir) else { return Nested::No };
    if common.join("reftable").is_dir() {
        return Nested::InTables;
    }
    match resolve(&git_dir, &common, &head) {
        Some(id) => Nested::At(id),
        None => Nested::WithoutCommit,
    }
}

/// The text of HEAD, if it is one: git takes a folder whose HEAD names neither a ref nor a commit for an ordinary one.
fn read_head(git_dir: &Path) -> Option<Vec<u8>> {
    let path = git_dir.join("HEAD");
    if let Ok(target) = std::fs::read_link(&path) {
        let is_ref = target.starts_with("refs");
        return is_ref.then(|| [b"ref: ", target.as_os_str().as_bytes()].concat());
    }
    let text = read_bounded(&path).ok()?;
    let names_ref = text.strip_prefix(b"ref:").is_some_and(|name| name.trim_start().starts_with(b"refs/"));
    let is_id = |length: usize| text.get(..length).is_some_and(|id| id.iter().all(u8::is_ascii_hexdigit));
    (names_ref || is_id(40)).then_some(text)
}

fn find_git_dir(folder: &Path) -> io::Result<PathBuf> {
    let dot_git = folder.join(".git");
    if dot_git.is_dir() {
        return Ok(dot_git);
    }
    let text = read_bounded(&dot_git)?;
    let target = text.strip_prefix(b"gitdir: ").and_then(|target| target.trim_end().to_path().ok());
    target.map(|target| folder.join(target)).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn common_dir(git_dir: &Path) -> PathBuf {
    let relative = read_bounded(&git_dir.join("commondir")).ok();
    let relative = relative.as_ref().and_then(|text| text.trim_end().to_path().ok());
    relative.map_or_else(|| git_dir.to_owned(), |path| git_dir.join(path))
}

fn resolve(git_dir: &Path, common: &Path, text: &[u8]) -> Option<ObjectId> {
    let mut text = text.to_vec();
    // Symbolic refs that point at each other must not hang a save; git stops at five as well.
    for _ in 0..5 {
        let trimmed = text.trim_end();
        let Some(name) = trimmed.strip_prefix(b"ref:") else { return ObjectId::from_hex(trimmed) };
        let name = name.trim();
        let path = name.to_path().ok()?;
        let found = [git_dir, common].into_iter().find_map(|base| read_bounded(&base.join(path)).ok());
        match found {
            Some(found) => text = found,
            None => return find_packed(common, name),
        }
    }
    None
}

fn find_packed(common: &Path, name: &[u8]) -> Option<ObjectId> {
    let packed = std::fs::read(common.join("packed-refs")).ok()?;
    let line = packed.lines().find(|line| line.splitn_str(2, " ").nth(1) == Some(name))?;
    ObjectId::from_hex(line.splitn_str(2, " ").next()?)
}

/// Reads a small file; anything that is not a regular file of a sane size is an error.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() || metadata.len() > 1 << 16 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    std::fs::read(path)
}
