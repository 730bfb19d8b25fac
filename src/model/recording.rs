//! A writer that remembers the trees that pass through it, so that they can be compared before they are published.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Mutex;

use super::id::{HashKind, ObjectId};
use super::object::{Object, ObjectError, ObjectKind, ObjectReader, ObjectWriter, StreamError};

/// Passes everything on to `writer`, and keeps a copy of each tree.
pub struct Recording<'a> {
    writer: &'a dyn ObjectWriter,
    trees: Mutex<HashMap<ObjectId, Vec<u8>>>,
}

impl<'a> Recording<'a> {
    pub fn new(writer: &'a dyn ObjectWriter) -> Recording<'a> {
        Recording { writer, trees: Mutex::default() }
    }

    /// Reads what was recorded; all else comes from `base`.
    pub fn over(self, base: &dyn ObjectReader) -> Recorded<'_> {
        Recorded { base, trees: self.trees.into_inner().expect("no thread panics while it holds this lock") }
    }

    fn record(&self, id: &ObjectId, kind: ObjectKind, bytes: &[u8]) {
        if kind == ObjectKind::Tree {
            self.trees.lock().expect("no thread panics while it holds this lock").insert(*id, bytes.to_vec());
        }
    }
}

/// The trees that were recorded, before the others.
pub struct Recorded<'a> {
    base: &'a dyn ObjectReader,
    trees: HashMap<ObjectId, Vec<u8>>,
}

impl ObjectWriter for Recording<'_> {
    fn hash_kind(&self) -> HashKind {
        self.writer.hash_kind()
    }

    fn contains(&self, id: &ObjectId) -> bool {
        self.writer.contains(id)
    }

    fn write(&self, kind: ObjectKind, bytes: &[u8]) -> Result<ObjectId, ObjectError> {
        let id = self.writer.write(kind, bytes)?;
        self.record(&id, kind, bytes);
        Ok(id)
    }

    fn write_new(&self, id: &ObjectId, kind: ObjectKind, bytes: &[u8]) -> Result<(), ObjectError> {
        self.writer.write_new(id, kind, bytes)?;
        self.record(id, kind, bytes);
        Ok(())
    }

    fn write_stream(&self, size: u64, content: &mut dyn Read) -> Result<ObjectId, StreamError> {
        self.writer.write_stream(size, content)
    }
}

impl ObjectReader for Recorded<'_> {
    fn hash_kind(&self) -> HashKind {
        self.base.hash_kind()
    }

    fn contains(&self, id: &ObjectId) -> bool {
        self.trees.contains_key(id) || self.base.contains(id)
    }

    fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        match self.trees.get(id) {
            Some(bytes) => Ok(Object { kind: ObjectKind::Tree, bytes: bytes.clone() }),
            None => self.base.read(id),
        }
    }

    fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        match self.trees.get(id) {
            Some(bytes) => Ok((ObjectKind::Tree, bytes.len() as u64)),
            None => self.base.read_header(id),
        }
    }
}
