//! Objects, and the two small interfaces through which the other modules read and write them.
//!
//! `worktree/` and `store/` are siblings that may not name each other; they meet in these traits.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::hash::Hasher;
use super::id::{HashKind, ObjectId};

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl ObjectKind {
    /// The word that git writes before an object's size.
    pub const fn as_str(self) -> &'static str {
        match self {
            ObjectKind::Commit => "commit",
            ObjectKind::Tree => "tree",
            ObjectKind::Blob => "blob",
            ObjectKind::Tag => "tag",
        }
    }
}

/// An object in memory.
#[derive(Clone, Debug)]
pub struct Object {
    pub kind: ObjectKind,
    pub bytes: Vec<u8>,
}

/// Why an object could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    #[error("object {0} is missing")]
    Missing(ObjectId),
    #[error("object {id} is damaged: {detail}")]
    Damaged { id: ObjectId, detail: String },
    #[error("object {id} is a {found}, not a {wanted}")]
    WrongKind { id: ObjectId, wanted: &'static str, found: &'static str },
    #[error("cannot write {path}: {source}")]
    Write { path: PathBuf, source: io::Error },
    #[error("{0}")]
    Library(String),
}

/// Reads objects by id; shared by all threads of a load.
pub trait ObjectReader: Sync {
    /// The hash function of the repository.
    fn hash_kind(&self) -> HashKind;

    /// Whether the object is there, without reading it.
    fn contains(&self, id: &ObjectId) -> bool;

    /// Reads a whole object.
    fn read(&self, id: &ObjectId) -> Result<Object, ObjectError>;

    /// The kind, and the size in bytes, from the object's header.
    fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError>;

    /// The sizes of many blobs, in bytes; `None` for what is missing, damaged or no blob.
    fn blob_sizes(&self, ids: &[ObjectId]) -> Vec<Option<u64>> {
        let size = |id| match self.read_header(id) {
            Ok((ObjectKind::Blob, size)) => Some(size),
            _ => None,
        };
        ids.iter().map(size).collect()
    }

    /// Copies a blob's content to `out` in bounded memory where the storage allows it.
    fn copy_blob(&self, id: &ObjectId, out: &mut dyn io::Write) -> Result<(), ObjectError> {
        let bytes = self.read_kind(id, ObjectKind::Blob)?;
        out.write_all(&bytes).map_err(|source| ObjectError::Write { path: PathBuf::new(), source })
    }

    /// Reads an object that must be of `kind`.
    fn read_kind(&self, id: &ObjectId, kind: ObjectKind) -> Result<Vec<u8>, ObjectError> {
        let object = self.read(id)?;
        if object.kind == kind {
            return Ok(object.bytes);
        }
        Err(ObjectError::WrongKind { id: *id, wanted: kind.as_str(), found: object.kind.as_str() })
    }

    /// Reads and parses a tree.
    fn read_tree(&self, id: &ObjectId) -> Result<Vec<super::tree::TreeEntry>, ObjectError> {
        let bytes = self.read_kind(id, ObjectKind::Tree)?;
        super::tree::parse(&bytes, self.hash_kind())
            .map_err(|error| ObjectError::Damaged { id: *id, detail: error.to_string() })
    }
}

/// Collects new objects; nothing is visible to others before the collection is published.
///
/// Shared by all threads of a scan: implementations compress outside their lock.
pub trait ObjectWriter: Sync {
    /// The hash function of the repository.
    fn hash_kind(&self) -> HashKind;

    /// Whether the repository, or this collection, already holds the object.
    fn contains(&self, id: &ObjectId) -> bool;

    /// Stores an object unless it is there already, and returns its id.
    fn write(&self, kind: ObjectKind, bytes: &[u8]) -> Result<ObjectId, ObjectError>;

    /// The same for an object whose id is known, and which [`contains`](Self::contains) has just denied.
    fn write_new(&self, id: &ObjectId, kind: ObjectKind, bytes: &[u8]) -> Result<(), ObjectError> {
        self.write(kind, bytes).map(|written| debug_assert_eq!(written, *id))
    }

    /// Stores a blob of exactly `size` bytes from `content`, in bounded memory.
    ///
    /// A reader that ends early or late makes the call fail with [`StreamError::SizeChanged`], and nothing is stored.
    fn write_stream(&self, size: u64, content: &mut dyn Read) -> Result<ObjectId, StreamError>;
}

/// Runs git where ours does not reach: external filters and encodings, refs of others that are no files.
pub trait Cleaner: Sync {
    /// What git would store for a file of these bytes at `path` (from the root of the work tree).
    ///
    /// The error is a line for people: the filter's program is missing, or failed.
    fn clean(&self, path: &[u8], bytes: &[u8]) -> Result<Vec<u8>, String>;

    /// Where HEAD of the repository in `folder` stands; `None` when it has no commit.
    fn nested_head(&self, folder: &Path) -> Option<ObjectId>;
}

/// Why a streamed blob was not stored.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    #[error("the content changed its size while it was read")]
    SizeChanged,
    #[error("cannot read: {0}")]
    Read(io::Error),
    #[error(transparent)]
    Object(#[from] ObjectError),
}

/// The id that git gives to an object of these bytes in a repository of this hash function.
pub fn hash_object(hash: HashKind, kind: ObjectKind, bytes: &[u8]) -> ObjectId {
    let mut hasher = Hasher::new(hash);
    hasher.update(header(kind, bytes.len() as u64));
    hasher.update(bytes);
    hasher.finish()
}

/// The words that stand before an object's bytes when it is hashed: `blob 12\0`.
pub fn header(kind: ObjectKind, size: u64) -> Vec<u8> {
    format!("{} {size}\0", kind.as_str()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_git() {
        let id = |hash, kind, bytes| hash_object(hash, kind, bytes).to_string();
        assert_eq!(id(HashKind::Sha1, ObjectKind::Blob, b"hello\n"), "ce013625030ba8dba906f756967f9e9ca394464a");
        assert_eq!(id(HashKind::Sha1, ObjectKind::Tree, b""), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
        let empty = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";
        assert_eq!(id(HashKind::Sha256, ObjectKind::Tree, b""), empty);
    }
}
