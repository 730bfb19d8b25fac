//! Reads the files of the operation in progress into a tree.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bstr::BString;

use super::table_refs::TableRefs;
use super::{FILES, FOLDERS, ORIGINAL_HEAD, SQUASH, kind_of};
use crate::model::checkpoint::OperationState;
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, ObjectReader, ObjectWriter};
use crate::store::StoreError;
use crate::store::path_tree::{PathMap, write_paths};

/// Git's own files of this kind are small; one larger than this is refused, not cut short.
const MAX_FILE: u64 = 10 << 20;

/// Keeps the state of what is in progress; `None` when nothing is.
pub(super) fn capture(
    git_dir: &Path,
    refs: &TableRefs,
    writer: &dyn ObjectWriter,
    reader: &dyn ObjectReader,
) -> Result<Option<OperationState>, StoreError> {
    let Some(kind) = kind_of(git_dir, refs) else { return Ok(None) };
    let mut gathering = Gathering {
        git_dir,
        refs,
        writer,
        reader,
        files: PathMap::new(),
        asked: BTreeSet::new(),
        commits: BTreeSet::new(),
    };
    for name in FILES.into_iter().chain([SQUASH]) {
        gathering.file(name.as_bytes())?;
    }
    if matches!(kind, "rebase" | "am") {
        gathering.file(ORIGINAL_HEAD.as_bytes())?;
    }
    for folder in FOLDERS {
        gathering.folder(folder.as_bytes())?;
    }
    let tree = write_paths(writer, &gathering.files)?;
    Ok(Some(OperationState { kind: kind.to_owned(), tree, commits: gathering.commits.into_iter().collect() }))
}

struct Gathering<'a> {
    git_dir: &'a Path,
    refs: &'a TableRefs,
    writer: &'a dyn ObjectWriter,
    reader: &'a dyn ObjectReader,
    files: PathMap,
    /// Ids already looked up: a rebase's files name the same ones again and again.
    asked: BTreeSet<ObjectId>,
    commits: BTreeSet<ObjectId>,
}

impl Gathering<'_> {
    fn folder(&mut self, name: &[u8]) -> Result<(), StoreError> {
        for inner in self.refs.below(name) {
            self.file(inner)?;
        }
        let path = self.path(name);
        let Some(entries) = present(std::fs::read_dir(&path)).map_err(|source| failure("read", &path, source))? else {
            return Ok(());
        };
        for entry in entries {
            let entry = entry.map_err(|source| failure("read", &path, source))?;
            let mut inner = BString::from(name);
            inner.push(b'/');
            inner.extend_from_slice(entry.file_name().as_bytes());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.folder(&inner)?,
                _ => self.file(&inner)?,
            }
        }
        Ok(())
    }

    /// Takes a regular file along; whatever else stands there is none of git's.
    fn file(&mut self, name: &[u8]) -> Result<(), StoreError> {
        if let Some(text) = self.refs.get(name) {
            return self.keep(name, Mode::File, text);
        }
        let path = self.path(name);
        let found = present(path.symlink_metadata()).map_err(|source| failure("look at", &path, source))?;
        let Some(metadata) = found.filter(std::fs::Metadata::is_file) else { return Ok(()) };
        if metadata.len() > MAX_FILE {
            let detail = format!("it is {} bytes long; more than {MAX_FILE} are not kept", metadata.len());
            return Err(StoreError::Damaged { what: path.display().to_string(), detail });
        }
        let Some(bytes) = present(std::fs::read(&path)).map_err(|source| failure("read", &path, source))? else {
            return Ok(());
        };
        let mode = if metadata.permissions().mode() & 0o100 == 0 { Mode::File } else { Mode::Executable };
        self.keep(name, mode, &bytes)
    }

    fn keep(&mut self, name: &[u8], mode: Mode, bytes: &[u8]) -> Result<(), StoreError> {
        self.find_commits(bytes);
        let id = self.writer.write(ObjectKind::Blob, bytes)?;
        self.files.insert(BString::from(name), (mode, id));
        Ok(())
    }

    fn path(&self, name: &[u8]) -> std::path::PathBuf {
        self.git_dir.join(std::ffi::OsStr::from_bytes(name))
    }

    /// Whatever reads as a full id and is a commit must outlive the files that name it.
    fn find_commits(&mut self, bytes: &[u8]) {
        let length = self.reader.hash_kind().len() * 2;
        for word in bytes.split(|byte| !byte.is_ascii_hexdigit()).filter(|word| word.len() == length) {
            let Some(id) = ObjectId::from_hex(word) else { continue };
            let is_new = self.asked.insert(id);
            if is_new && matches!(self.reader.read_header(&id), Ok((ObjectKind::Commit, _))) {
                self.commits.insert(id);
            }
        }
    }
}

fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) fn failure(action: &'static str, path: &Path, source: io::Error) -> StoreError {
    StoreError::Io { action, path: path.to_owned(), source }
}
