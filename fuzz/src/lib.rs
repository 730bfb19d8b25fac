//! What the targets share: objects made of fuzzed bytes.
//!
//! Ids are not compared with bytes, so that a fuzzed object is read as if it were what a checkpoint or a session names.

use std::sync::atomic::{AtomicUsize, Ordering};

use bstr::ByteSlice;
use ckpt::model::id::{HashKind, ObjectId};
use ckpt::model::object::{Object, ObjectError, ObjectKind, ObjectReader, ObjectWriter, StreamError, hash_object};

/// Parts the fuzzed bytes into objects.
const SEPARATOR: &[u8] = b"\xff\n";

/// So many objects are given out; then all are missing. Ids that are not hashes can lead in a circle.
const MOST: usize = 200;

/// Objects cut from fuzzed bytes: any id is one of them, by its first byte.
pub struct Objects {
    pieces: Vec<Vec<u8>>,
    given: AtomicUsize,
}

impl Objects {
    pub fn new(bytes: &[u8]) -> Objects {
        let pieces = bytes.split_str(SEPARATOR).map(<[u8]>::to_vec).collect();
        Objects { pieces, given: AtomicUsize::new(0) }
    }

    /// The first piece is the commit of this id.
    pub fn tip() -> ObjectId {
        ObjectId::null(HashKind::Sha1)
    }

    fn piece(&self, id: &ObjectId) -> Option<&Vec<u8>> {
        if self.given.fetch_add(1, Ordering::Relaxed) >= MOST {
            return None;
        }
        let first = id.to_string();
        let number = usize::from_str_radix(&first[..2], 16).unwrap_or(0);
        self.pieces.get(number % self.pieces.len().max(1))
    }
}

/// What a piece looks like.
fn kind(bytes: &[u8]) -> ObjectKind {
    if bytes.starts_with(b"tree ") {
        ObjectKind::Commit
    } else if bytes.starts_with(b"100") || bytes.starts_with(b"40000 ") || bytes.starts_with(b"120") {
        ObjectKind::Tree
    } else {
        ObjectKind::Blob
    }
}

impl ObjectReader for Objects {
    fn hash_kind(&self) -> HashKind {
        HashKind::Sha1
    }

    fn contains(&self, _: &ObjectId) -> bool {
        true
    }

    fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        let bytes = self.piece(id).ok_or(ObjectError::Missing(*id))?;
        Ok(Object { kind: kind(bytes), bytes: bytes.clone() })
    }

    fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        let bytes = self.piece(id).ok_or(ObjectError::Missing(*id))?;
        Ok((kind(bytes), bytes.len() as u64))
    }
}

/// Takes every object and keeps none.
pub struct Nowhere(pub HashKind);

impl ObjectWriter for Nowhere {
    fn hash_kind(&self) -> HashKind {
        self.0
    }

    fn contains(&self, _: &ObjectId) -> bool {
        false
    }

    fn write(&self, kind: ObjectKind, bytes: &[u8]) -> Result<ObjectId, ObjectError> {
        Ok(hash_object(self.0, kind, bytes))
    }

    fn write_stream(&self, _: u64, _: &mut dyn std::io::Read) -> Result<ObjectId, StreamError> {
        Err(StreamError::SizeChanged)
    }
}
