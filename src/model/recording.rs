//! A writer that remembers the trees that pass through it, so that they can be compared before they are published.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Mutex;

use super::id::{HashKind, ObjectId};
use super::object::{Object, ObjectError, ObjectKind, ObjectReader, ObjectWriter, StreamError};

/// Passes everything on to `writer`; new trees can be read back, all else comes from `base`.
pub struct Recording<'a> {
    writer: &'a dyn ObjectWriter,
    base: &'a dyn ObjectReader,
    trees: Mutex<HashMap<ObjectId, Vec<u8>>>,
}

impl<'a> Recording<'a> {
    pub fn new(writer: &'a dyn ObjectWriter, base: &'a dyn ObjectReader) -> Recording<'a> {
        Recording { writer, base, trees: Mutex::new(HashMap::new()) }
    }

    fn tree(&self, id: &ObjectId) -> Option<Vec<u8>> {
        self.trees.lock().expect("no thread panics while it holds this lock").get(id).cloned()
    }
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
        if kind == ObjectKind::Tree {
            self.trees.lock().expect("no thread panics while it holds this lock").insert(id, bytes.to_vec());
        }
        Ok(id)
    }

    fn write_stream(&self, size: u64, content: &mut dyn Read) -> Result<ObjectId, StreamError> {
        self.writer.write_stream(size, content)
    }
}

impl ObjectReader for Recording<'_> {
    fn hash_kind(&self) -> HashKind {
        self.base.hash_kind()
    }

    fn contains(&self, id: &ObjectId) -> bool {
        self.writer.contains(id)
    }

    fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        match self.tree(id) {
            Some(bytes) => Ok(Object { kind: ObjectKind::Tree, bytes }),
            None => self.base.read(id),
        }
    }

    fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        match self.tree(id) {
            Some(bytes) => Ok((ObjectKind::Tree, bytes.len() as u64)),
            None => self.base.read_header(id),
        }
    }
}
