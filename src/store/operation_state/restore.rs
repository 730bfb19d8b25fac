//! Puts the files of a saved operation in the place of those that are there now.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice};

use super::capture::failure;
use super::table_refs::is_ref;
use super::{FILES, FOLDERS, ORIGINAL_HEAD, SQUASH};
use crate::model::checkpoint::OperationState;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, ObjectReader};
use crate::store::StoreError;
use crate::store::path_tree::{PathMap, read_paths};
use crate::sys::{atomic, fault};

/// Makes the saved operation the one in progress; `None` means that none is to be. Gives what the refs among it are to
/// hold where `has_tables`: those are no files.
///
/// Everything is read and checked before anything is changed. Each file and folder is exchanged by a rename; when it
/// is interrupted it can be run again.
pub(super) fn restore(
    git_dir: &Path,
    has_tables: bool,
    saved: Option<&OperationState>,
    reader: &dyn ObjectReader,
) -> Result<BTreeMap<BString, Vec<u8>>, StoreError> {
    let mut paths = saved.map_or(Ok(PathMap::new()), |state| read_paths(reader, &state.tree))?;
    if let Some(bad) = foreign(&paths) {
        let detail = format!("`{bad}` is no file of an operation in progress");
        return Err(StoreError::Damaged { what: "saved operation".to_owned(), detail });
    }
    drop_stale_merge(&mut paths, reader)?;
    let mut refs = BTreeMap::new();
    for (path, (_, id)) in paths.iter().filter(|(path, _)| has_tables && is_ref(path)) {
        refs.insert(path.clone(), reader.read_kind(id, ObjectKind::Blob)?);
    }
    paths.retain(|path, _| !refs.contains_key(path));
    let restoring = Restoring { git_dir, reader, paths };
    for folder in FOLDERS {
        restoring.folder(folder)?;
        fault::reach("operation-state.folder");
    }
    for name in FILES.into_iter().chain([SQUASH]) {
        restoring.file(name)?;
        fault::reach("operation-state.file");
    }
    if restoring.paths.contains_key(ORIGINAL_HEAD.as_bytes().as_bstr()) {
        restoring.file(ORIGINAL_HEAD)?;
    }
    atomic::sync_dir(git_dir).map_err(|source| failure("sync", git_dir, source))?;
    Ok(refs)
}

/// A file of a saved operation that no operation has: it would be refused.
pub fn foreign_file(reader: &dyn ObjectReader, state: &OperationState) -> Result<Option<BString>, StoreError> {
    Ok(foreign(&read_paths(reader, &state.tree)?).cloned())
}

fn foreign(paths: &PathMap) -> Option<&BString> {
    paths.iter().find(|(path, (mode, _))| !is_ours(path) || !mode.is_file()).map(|(path, _)| path)
}

/// Whether a path is one that a capture could have made: no other may be written below a git folder.
fn is_ours(path: &[u8]) -> bool {
    let whole = FILES.into_iter().chain([SQUASH, ORIGINAL_HEAD]).any(|name| path == name.as_bytes());
    let inside = FOLDERS.into_iter().any(|folder| {
        path.strip_prefix(folder.as_bytes()).and_then(|rest| rest.strip_prefix(b"/")).is_some_and(|rest| {
            rest.split_str("/").all(|part| !part.is_empty() && part != b"." && part != b".." && !part.contains(&0))
        })
    });
    whole || inside
}

/// `AUTO_MERGE` names a tree that nothing keeps; git does without it, but not with one that is gone.
fn drop_stale_merge(paths: &mut PathMap, reader: &dyn ObjectReader) -> Result<(), StoreError> {
    let name = b"AUTO_MERGE".as_bstr();
    let Some((_, blob)) = paths.get(name) else { return Ok(()) };
    let bytes = reader.read_kind(blob, ObjectKind::Blob)?;
    let is_there = ObjectId::from_hex(bytes.trim()).is_some_and(|id| reader.contains(&id));
    if !is_there {
        paths.remove(name);
    }
    Ok(())
}

struct Restoring<'a> {
    git_dir: &'a Path,
    reader: &'a dyn ObjectReader,
    paths: PathMap,
}

impl Restoring<'_> {
    fn path(&self, name: &[u8]) -> PathBuf {
        self.git_dir.join(OsStr::from_bytes(name))
    }

    fn file(&self, name: &str) -> Result<(), StoreError> {
        let path = self.path(name.as_bytes());
        let Some(&(mode, id)) = self.paths.get(name.as_bytes().as_bstr()) else {
            return absent_is_fine(std::fs::remove_file(&path)).map_err(|source| failure("remove", &path, source));
        };
        self.write(&path, mode, &id)
    }

    fn write(&self, path: &Path, mode: Mode, id: &ObjectId) -> Result<(), StoreError> {
        let bytes = self.reader.read_kind(id, ObjectKind::Blob)?;
        let wanted = if mode == Mode::Executable { 0o755 } else { 0o644 };
        let grant = || {
            // In a shared repository the file has more than that already.
            let permissions = std::fs::metadata(path)?.permissions().mode() | wanted;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(permissions))
        };
        atomic::write(path, &bytes).and_then(|()| grant()).map_err(|source| failure("write", path, source))
    }

    /// Lays the new folder out beside the old one and exchanges the two.
    fn folder(&self, name: &str) -> Result<(), StoreError> {
        let place = self.path(name.as_bytes());
        let (fresh, stale) = (beside(&place, "new"), beside(&place, "old"));
        remove_folder(&fresh)?;
        remove_folder(&stale)?;
        let is_wanted = self.lay_out(name, &fresh)?;
        absent_is_fine(std::fs::rename(&place, &stale)).map_err(|source| failure("move", &place, source))?;
        fault::reach("operation-state.between-renames");
        if is_wanted {
            let parent = place.parent().unwrap_or(self.git_dir);
            std::fs::create_dir_all(parent).map_err(|source| failure("make", parent, source))?;
            std::fs::rename(&fresh, &place).map_err(|source| failure("write", &place, source))?;
        }
        remove_folder(&stale)
    }

    fn lay_out(&self, name: &str, fresh: &Path) -> Result<bool, StoreError> {
        let prefix = format!("{name}/");
        let mut is_wanted = false;
        for (path, (mode, id)) in &self.paths {
            let Some(rest) = path.strip_prefix(prefix.as_bytes()) else { continue };
            let place = fresh.join(OsStr::from_bytes(rest));
            let parent = place.parent().unwrap_or(fresh);
            std::fs::create_dir_all(parent).map_err(|source| failure("make", parent, source))?;
            self.write(&place, *mode, id)?;
            is_wanted = true;
        }
        Ok(is_wanted)
    }
}

/// A name that git gives no meaning to. Ours below `refs/` would be refs, so those wait outside.
fn beside(place: &Path, word: &str) -> PathBuf {
    let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = match place.parent() {
        Some(parent) if parent.ends_with("refs") => parent.parent().unwrap_or(parent),
        Some(parent) => parent,
        None => place,
    };
    folder.join(format!("{name}.ckpt-{word}"))
}

fn remove_folder(path: &Path) -> Result<(), StoreError> {
    absent_is_fine(std::fs::remove_dir_all(path)).map_err(|source| failure("remove", path, source))
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
