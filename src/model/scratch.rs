//! Objects kept in memory only: for scans that compare and store nothing.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Mutex;

use super::hash::Hasher;
use super::id::{HashKind, ObjectId};
use super::object::{Object, ObjectError, ObjectKind, ObjectReader, ObjectWriter, StreamError, hash_object, header};

/// Blobs larger than this are hashed and forgotten; their size stays known.
const KEPT_BLOB: usize = 1 << 20;

/// A writer over a repository that is never written: new trees and small blobs stay in memory and can be read back.
pub struct Scratch<'a> {
    base: &'a dyn ObjectReader,
    /// Blobs larger than this are hashed and forgotten.
    kept_blob: usize,
    objects: Mutex<HashMap<ObjectId, Kept>>,
}

enum Kept {
    Whole(Object),
    /// Only the size of a large blob.
    Size(u64),
}

impl<'a> Scratch<'a> {
    pub fn new(base: &'a dyn ObjectReader) -> Scratch<'a> {
        Scratch { base, kept_blob: KEPT_BLOB, objects: Mutex::new(HashMap::new()) }
    }

    /// One that keeps trees and no blob: for comparing ids, however much is new.
    pub fn without_blobs(base: &'a dyn ObjectReader) -> Scratch<'a> {
        Scratch { kept_blob: 0, ..Scratch::new(base) }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<ObjectId, Kept>> {
        self.objects.lock().expect("no thread panics while it holds this lock")
    }
}

impl ObjectWriter for Scratch<'_> {
    fn hash_kind(&self) -> HashKind {
        self.base.hash_kind()
    }

    fn contains(&self, id: &ObjectId) -> bool {
        self.kept().contains_key(id) || self.base.contains(id)
    }

    fn write(&self, kind: ObjectKind, bytes: &[u8]) -> Result<ObjectId, ObjectError> {
        let id = hash_object(self.base.hash_kind(), kind, bytes);
        let kept = if kind == ObjectKind::Blob && bytes.len() > self.kept_blob {
            Kept::Size(bytes.len() as u64)
        } else {
            Kept::Whole(Object { kind, bytes: bytes.to_vec() })
        };
        self.kept().insert(id, kept);
        Ok(id)
    }

    fn write_stream(&self, size: u64, content: &mut dyn Read) -> Result<ObjectId, StreamError> {
        let mut hasher = Hasher::new(self.base.hash_kind());
        hasher.update(header(ObjectKind::Blob, size));
        let mut buffer = vec![0; 1 << 16];
        let mut left = size;
        loop {
            let count = content.read(&mut buffer).map_err(StreamError::Read)?;
            if count == 0 {
                break;
            }
            left = left.checked_sub(count as u64).ok_or(StreamError::SizeChanged)?;
            hasher.update(&buffer[..count]);
        }
        if left > 0 {
            return Err(StreamError::SizeChanged);
        }
        let id = hasher.finish();
        self.kept().insert(id, Kept::Size(size));
        Ok(id)
    }
}

impl ObjectReader for Scratch<'_> {
    fn hash_kind(&self) -> HashKind {
        self.base.hash_kind()
    }

    fn contains(&self, id: &ObjectId) -> bool {
        ObjectWriter::contains(self, id)
    }

    fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        match self.kept().get(id) {
            Some(Kept::Whole(object)) => Ok(object.clone()),
            _ => self.base.read(id),
        }
    }

    fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        match self.kept().get(id) {
            Some(Kept::Whole(object)) => Ok((object.kind, object.bytes.len() as u64)),
            Some(Kept::Size(size)) => Ok((ObjectKind::Blob, *size)),
            None => self.base.read_header(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::no_objects::NoObjects;

    #[test]
    fn contents_are_forgotten_where_only_ids_count() {
        let base = NoObjects;
        for (scratch, is_kept) in [(Scratch::new(&base), true), (Scratch::without_blobs(&base), false)] {
            let blob = scratch.write(ObjectKind::Blob, b"text").unwrap();
            let tree = scratch.write(ObjectKind::Tree, b"").unwrap();
            assert_eq!(scratch.read(&blob).is_ok(), is_kept);
            assert_eq!(ObjectReader::read_header(&scratch, &blob).unwrap(), (ObjectKind::Blob, 4));
            assert!(scratch.read(&tree).is_ok());
        }
    }
}
