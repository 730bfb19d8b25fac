//! Reads objects: by way of libgit2 where it can read them, else by way of git. What both need stands here.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;

use super::cat_file::CatFile;
use super::git_command::GitCommand;
use super::library::Library;
use super::{blob_sizes, stream_read};
use crate::model::hash::Hasher;
use crate::model::id::{HashKind, ObjectId};
use crate::model::object::{Object, ObjectError, ObjectKind, hash_object, header};

/// Blobs larger than this are not held in memory.
const STREAMED: u64 = 4 << 20;
/// Git's own limit on alternates of alternates.
const MAX_ALTERNATE_DEPTH: u32 = 5;

/// The objects of a repository and of its alternates.
pub(crate) struct Objects {
    hash: HashKind,
    folders: Vec<PathBuf>,
    source: Source,
}

/// Who reads.
enum Source {
    Library(Library),
    Git(CatFile),
}

impl Objects {
    /// Those that libgit2 reads. Names the folders; nothing is opened before the first read.
    pub(crate) fn of_library(objects_dir: &Path) -> Objects {
        let folders = folders_of(objects_dir);
        Objects { hash: HashKind::Sha1, source: Source::Library(Library::new(&folders)), folders }
    }

    /// Those that git reads. Nothing is started before the first read.
    pub(crate) fn of_git(objects_dir: &Path, hash: HashKind, git: GitCommand) -> Objects {
        let folders = folders_of(objects_dir);
        Objects { hash, source: Source::Git(CatFile::new(git, &folders)), folders }
    }

    /// The hash function of all ids here.
    pub(crate) const fn hash_kind(&self) -> HashKind {
        self.hash
    }

    /// Whether the object is there. Does not look again for packs that appeared a moment ago.
    pub(crate) fn contains_quick(&self, id: &ObjectId) -> bool {
        match &self.source {
            _ if id.kind() != self.hash => false,
            Source::Library(library) => library.contains_quick(id),
            Source::Git(git) => git.contains_quick(id),
        }
    }

    /// Whether the object is there, packs that appeared a moment ago included.
    pub(crate) fn contains(&self, id: &ObjectId) -> bool {
        match &self.source {
            _ if id.kind() != self.hash => false,
            Source::Library(library) => library.contains(id),
            Source::Git(git) => git.contains(id),
        }
    }

    /// Reads an object and checks that its bytes are those of its id.
    pub(crate) fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        let object = match &self.source {
            _ if id.kind() != self.hash => return Err(ObjectError::Missing(*id)),
            Source::Library(library) => library.read(id)?,
            Source::Git(git) => git.read(id)?,
        };
        if hash_object(self.hash, object.kind, &object.bytes) != *id {
            return Err(not_its_bytes(id));
        }
        Ok(object)
    }

    /// The kind and the size.
    pub(crate) fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        match &self.source {
            _ if id.kind() != self.hash => Err(ObjectError::Missing(*id)),
            Source::Library(library) => library.read_header(id),
            Source::Git(git) => git.read_header(id),
        }
    }

    /// The sizes of many blobs; `None` for what is missing, damaged or no blob.
    pub(crate) fn blob_sizes(&self, ids: &[ObjectId]) -> Vec<Option<u64>> {
        const WORTH_READING_INDEXES: usize = 1000;
        let one = |id| self.read_header(id).ok().filter(|(kind, _)| *kind == ObjectKind::Blob).map(|(_, size)| size);
        let packed = match ids.len() < WORTH_READING_INDEXES {
            true => vec![None; ids.len()],
            false => blob_sizes::blob_sizes(&self.folders, ids),
        };
        packed.into_iter().zip(ids).map(|(size, id)| size.or_else(|| one(id))).collect()
    }

    /// The first of `ids`, which were found, that is gone: neither where it was nor, looked for afresh, anywhere else.
    pub(crate) fn find_gone(&self, ids: impl Iterator<Item = ObjectId> + Clone) -> Option<ObjectId> {
        let mut ids = ids.peekable();
        ids.peek()?;
        if let Source::Library(library) = &self.source
            && library.are_still_there(ids.clone())
        {
            return None;
        }
        self.refresh();
        ids.find(|id| !self.contains_quick(id))
    }

    /// Copies the content of a blob, a large one in pieces where that is possible.
    pub(crate) fn copy_blob(&self, id: &ObjectId, out: &mut dyn io::Write) -> Result<(), ObjectError> {
        let (kind, size) = self.read_header(id)?;
        if kind != ObjectKind::Blob {
            return Err(ObjectError::WrongKind { id: *id, wanted: "blob", found: kind.as_str() });
        }
        if size > STREAMED && stream_read::copy(&self.folders, id, size, out)? {
            return Ok(());
        }
        match &self.source {
            Source::Git(git) if size > STREAMED => copy_checked(git, id, size, out),
            _ => write_out(&self.read(id)?.bytes, out),
        }
    }

    /// Forgets what is known of the packs: some have come, and perhaps some have gone.
    pub(crate) fn refresh(&self) {
        match &self.source {
            Source::Library(library) => library.refresh(),
            Source::Git(git) => git.refresh(),
        }
    }
}

fn copy_checked(git: &CatFile, id: &ObjectId, size: u64, out: &mut dyn io::Write) -> Result<(), ObjectError> {
    let mut hasher = Hasher::new(id.kind());
    hasher.update(header(ObjectKind::Blob, size));
    git.stream(id, &mut |chunk| {
        hasher.update(chunk);
        write_out(chunk, out)
    })?;
    if hasher.finish() == *id { Ok(()) } else { Err(not_its_bytes(id)) }
}

fn write_out(bytes: &[u8], out: &mut dyn io::Write) -> Result<(), ObjectError> {
    out.write_all(bytes).map_err(|source| ObjectError::Write { path: PathBuf::new(), source })
}

fn not_its_bytes(id: &ObjectId) -> ObjectError {
    ObjectError::Damaged { id: *id, detail: "its bytes do not have this id".into() }
}

fn folders_of(objects_dir: &Path) -> Vec<PathBuf> {
    let mut folders = vec![objects_dir.to_path_buf()];
    add_alternates(&mut folders, objects_dir, 0);
    folders
}

fn add_alternates(folders: &mut Vec<PathBuf>, objects_dir: &Path, depth: u32) {
    let Ok(text) = std::fs::read(objects_dir.join("info/alternates")) else { return };
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with(b"#")) {
        let named = objects_dir.join(std::ffi::OsStr::from_bytes(line));
        let Ok(folder) = named.canonicalize() else { continue };
        if depth < MAX_ALTERNATE_DEPTH && !folders.contains(&folder) {
            folders.push(folder.clone());
            add_alternates(folders, &folder, depth + 1);
        }
    }
}
