//! Git's side: objects, refs, index, HEAD, and one file per kind of record that ckpt keeps in them.
//!
//! The only module that names git2 or runs git. Its callers are in `ops/`.

pub mod checkpoint;
pub mod error;
pub mod index_extra;
pub mod layout;
pub mod left_out;
pub mod meta;
pub mod missing;
pub mod operation_log;
pub mod operation_state;
mod path_text;
pub mod path_tree;
pub mod refs;
pub mod session;
pub mod versioned;

pub use error::StoreError;
pub use layout::Layout;
pub use refs::{Expected, RefEdit};

use std::io::{self, Read};

use crate::model::head::Head;
use crate::model::id::{HashKind, ObjectId};
use crate::model::index::{Index, IndexError, IndexSource, IndexStamp};
use crate::model::object::{Cleaner, Object, ObjectError, ObjectKind, ObjectReader, ObjectWriter, StreamError};
use crate::model::settings::ScanSettings;
use crate::sys::environment::Environment;

/// An opened repository.
pub struct Store {
    layout: Layout,
}

impl Store {
    /// Finds and opens the repository that the environment's directory is in.
    pub fn open(_environment: &Environment) -> Result<Store, StoreError> {
        todo!()
    }

    /// Where its folders are.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Reads HEAD.
    pub fn head(&self) -> Result<Head, StoreError> {
        todo!()
    }

    /// The tree of a commit.
    pub fn tree_of(&self, _commit: &ObjectId) -> Result<ObjectId, StoreError> {
        todo!()
    }

    /// Reads what the scan has to know of git's configuration.
    pub fn scan_settings(&self) -> Result<ScanSettings, StoreError> {
        todo!()
    }

    /// How many commits `left` has that `right` has not, and the other way round.
    pub fn ahead_behind(&self, _left: &ObjectId, _right: &ObjectId) -> Result<(usize, usize), StoreError> {
        todo!()
    }

    /// Begins a collection of new objects.
    pub fn start_writing(&self) -> Result<Writing, StoreError> {
        todo!()
    }

    /// Makes the collected objects part of the repository and syncs them; protected from `gc` until `Written` is dropped.
    pub fn finish_writing(&self, _writing: Writing) -> Result<Written, StoreError> {
        todo!()
    }

    /// Writes the refs, each by compare-and-swap, in the order given, and syncs them. Then lets go of the protection of
    /// `written`. When an edit fails, those before it stand: order edits so that this does no harm.
    pub fn publish(&self, _written: Option<Written>, _edits: &[RefEdit]) -> Result<(), StoreError> {
        todo!()
    }

    /// Where a ref points, symbolic ones followed; `None` when it does not exist. `refs/worktree/` is this work tree's.
    pub fn find_ref(&self, _name: &str) -> Result<Option<ObjectId>, StoreError> {
        todo!()
    }

    /// All refs below `prefix` (which ends in `/`), sorted by name.
    pub fn list_refs(&self, _prefix: &str) -> Result<Vec<(String, ObjectId)>, StoreError> {
        todo!()
    }
}

/// New objects on their way into the repository. Dropping it unfinished leaves nothing behind.
pub struct Writing {}

/// Objects that are on disk and synced, but that no ref names yet.
#[must_use = "objects without a ref are lost at the next gc"]
pub struct Written {
    /// Bytes added to the repository.
    pub bytes: u64,
}

impl ObjectWriter for Writing {
    fn hash_kind(&self) -> HashKind {
        todo!()
    }
    fn contains(&self, _id: &ObjectId) -> bool {
        todo!()
    }
    fn write(&self, _kind: ObjectKind, _bytes: &[u8]) -> Result<ObjectId, ObjectError> {
        todo!()
    }
    fn write_stream(&self, _size: u64, _content: &mut dyn Read) -> Result<ObjectId, StreamError> {
        todo!()
    }
}

impl ObjectReader for Store {
    fn hash_kind(&self) -> HashKind {
        todo!()
    }
    fn contains(&self, _id: &ObjectId) -> bool {
        todo!()
    }
    fn read(&self, _id: &ObjectId) -> Result<Object, ObjectError> {
        todo!()
    }
    fn read_header(&self, _id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        todo!()
    }
    fn copy_blob(&self, _id: &ObjectId, _out: &mut dyn io::Write) -> Result<(), ObjectError> {
        todo!()
    }
}

impl IndexSource for Store {
    fn stamp(&self) -> Result<IndexStamp, IndexError> {
        todo!()
    }
    fn read(&self) -> Result<Index, IndexError> {
        todo!()
    }
}

impl Cleaner for Store {
    fn clean(&self, _path: &[u8], _bytes: &[u8]) -> Result<Vec<u8>, String> {
        todo!()
    }
}
