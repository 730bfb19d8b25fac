//! A repository without objects, for tests: put a [`Scratch`](super::scratch::Scratch) over it to read and write.

use super::id::{HashKind, ObjectId};
use super::object::{Object, ObjectError, ObjectKind, ObjectReader};

/// Holds nothing.
pub struct NoObjects;

impl ObjectReader for NoObjects {
    fn hash_kind(&self) -> HashKind {
        HashKind::Sha1
    }

    fn contains(&self, _id: &ObjectId) -> bool {
        false
    }

    fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        Err(ObjectError::Missing(*id))
    }

    fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        Err(ObjectError::Missing(*id))
    }
}
