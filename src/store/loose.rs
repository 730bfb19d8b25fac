//! A few objects outside any pack, on disk together with the ref that will name them.
//!
//! For what is written often and is small: a pack for each would make git pack again and again. The files wait beside the
//! packs until their owner has written them out, with its ref, in one go. Called by `notes`.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use tempfile::NamedTempFile;

use super::{Sharing, temporary};
use crate::model::id::{HashKind, ObjectId};
use crate::model::object::{ObjectKind, hash_object, header};

/// Objects that are written but not yet visible. Dropping it leaves nothing behind.
pub(crate) struct LooseObjects {
    objects_dir: PathBuf,
    sharing: Sharing,
    hash: HashKind,
    waiting: Vec<(ObjectId, NamedTempFile)>,
}

impl LooseObjects {
    pub(crate) fn new(objects_dir: &Path, sharing: Sharing, hash: HashKind) -> LooseObjects {
        LooseObjects { objects_dir: objects_dir.to_path_buf(), sharing, hash, waiting: Vec::new() }
    }

    /// Writes an object. One that the repository has already is written all the same: nobody can prune it then.
    pub(crate) fn add(&mut self, kind: ObjectKind, bytes: &[u8]) -> io::Result<ObjectId> {
        let id = hash_object(self.hash, kind, bytes);
        if self.waiting.iter().any(|(waiting, _)| *waiting == id) {
            return Ok(id);
        }
        let mut encoder = ZlibEncoder::new(Vec::with_capacity(bytes.len() / 2 + 64), Compression::fast());
        encoder.write_all(&header(kind, bytes.len() as u64))?;
        encoder.write_all(bytes)?;
        let mut file = temporary::make(&self.objects_dir.join("pack"), self.sharing)?;
        file.write_all(&encoder.finish()?)?;
        self.waiting.push((id, file));
        Ok(id)
    }

    /// The files, for their owner to write out before [`LooseObjects::install`].
    pub(crate) fn files(&self) -> impl Iterator<Item = &File> {
        self.waiting.iter().map(|(_, file)| file.as_file())
    }

    /// Makes the objects part of the repository.
    pub(crate) fn install(self) -> io::Result<()> {
        for (id, file) in self.waiting {
            let hex = id.to_string();
            let folder = self.objects_dir.join(&hex[..2]);
            let path = folder.join(&hex[2..]);
            if let Err(error) = file.persist(&path) {
                self.sharing.create_dir_all(&folder)?;
                error.file.persist(&path).map_err(|error| error.error)?;
            }
        }
        Ok(())
    }
}
