//! New objects on their way into the repository: one pack for each save, made visible in one step.
//!
//! A pack under its final name is protected from `gc` by a `.keep` file until the refs that need it exist.

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::keep::Keep;
use super::objects::Objects;
use super::pack_writer::{Compressors, FinishedPack, PackWriter};
use super::sync::sync_files;
use super::{Sharing, Store, StoreError, pack_index, temporary};
use crate::model::id::{HashKind, ObjectId};
use crate::model::object::{ObjectError, ObjectKind, ObjectWriter, StreamError, hash_object};
use crate::sys::fault;

/// Blobs up to this size are compressed in memory, outside the lock.
const STREAMED: u64 = 8 << 20;

/// New objects on their way into the repository. Dropping it unfinished leaves nothing behind.
pub struct Writing {
    objects: Arc<Objects>,
    state: Mutex<State>,
    compressors: Compressors,
}

struct State {
    pack: PackWriter,
    ids: HashSet<ObjectId>,
    /// Objects that were there before and are relied on.
    reused: HashSet<ObjectId>,
}

/// Objects that are on disk and synced, but that no ref names yet.
#[must_use = "objects without a ref are lost at the next gc"]
pub struct Written {
    /// Bytes added to the repository.
    pub bytes: u64,
    /// The pack's hash in its file name; `None` when there was nothing to add.
    pub(super) pack: Option<String>,
    /// Objects that were there before: looked for once more when the refs exist.
    pub(super) reused: HashSet<ObjectId>,
    /// Removed when this is dropped.
    _keep: Option<Keep>,
}

impl Store {
    /// Begins a collection of new objects.
    pub fn start_writing(&self) -> Result<Writing, StoreError> {
        let pack = PackWriter::new(&self.pack_dir(), self.layout.sharing, self.objects.hash_kind());
        Ok(Writing {
            objects: Arc::clone(&self.objects),
            state: Mutex::new(State { pack, ids: HashSet::new(), reused: HashSet::new() }),
            compressors: Compressors::default(),
        })
    }

    /// Makes the collected objects part of the repository and syncs them; protected from `gc` until `Written` is dropped.
    /// Their folder is synced by `publish`, before the first ref changes.
    pub fn finish_writing(&self, writing: Writing) -> Result<Written, StoreError> {
        let state = writing.state.into_inner().expect("no thread panics while it holds this lock");
        if state.pack.is_empty() {
            return Ok(Written { bytes: 0, pack: None, reused: state.reused, _keep: None });
        }
        let folder = self.pack_dir();
        let failed = |source| StoreError::Io { action: "write a pack in", path: folder.clone(), source };
        let pack = state.pack.finish().map_err(failed)?;
        let written = install(&folder, self.layout.sharing, pack).map_err(failed)?;
        self.objects.refresh();
        Ok(Written { reused: state.reused, ..written })
    }

    pub(super) fn pack_dir(&self) -> PathBuf {
        self.layout.common_dir.join("objects/pack")
    }
}

/// The `.keep` first, so that no `gc` can take the pack before a ref needs it; then the pack; its index makes it visible.
fn install(folder: &Path, sharing: Sharing, mut pack: FinishedPack) -> io::Result<Written> {
    let hash = pack.hash.to_string();
    let index_bytes = pack_index::render(&mut pack.entries, &pack.hash);
    let mut index = temporary::make(folder, sharing)?;
    io::Write::write_all(&mut index, &index_bytes)?;
    sync_files(&[pack.file.as_file(), index.as_file()])?;
    fault::reach("pack.synced");
    let keep = Keep::make(&folder.join(format!("pack-{hash}.keep")))?;
    fault::reach("pack.kept");
    pack.file.persist(folder.join(format!("pack-{hash}.pack"))).map_err(|error| error.error)?;
    fault::reach("pack.renamed");
    index.persist(folder.join(format!("pack-{hash}.idx"))).map_err(|error| error.error)?;
    fault::reach("pack.index-renamed");
    Ok(Written { bytes: pack.bytes + index_bytes.len() as u64, pack: Some(hash), reused: HashSet::new(), _keep: keep })
}

impl Writing {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds this lock")
    }
}

impl ObjectWriter for Writing {
    fn hash_kind(&self) -> HashKind {
        self.objects.hash_kind()
    }

    fn contains(&self, id: &ObjectId) -> bool {
        if self.state().ids.contains(id) {
            return true;
        }
        let is_there = self.objects.contains_quick(id);
        if is_there {
            self.state().reused.insert(*id);
        }
        is_there
    }

    fn write(&self, kind: ObjectKind, bytes: &[u8]) -> Result<ObjectId, ObjectError> {
        let id = hash_object(self.objects.hash_kind(), kind, bytes);
        if !self.contains(&id) {
            self.write_new(&id, kind, bytes)?;
        }
        Ok(id)
    }

    fn write_new(&self, id: &ObjectId, kind: ObjectKind, bytes: &[u8]) -> Result<(), ObjectError> {
        let packed = self.compressors.pack(kind, bytes);
        let mut state = self.state();
        let State { pack, ids, .. } = &mut *state;
        if ids.contains(id) {
            return Ok(());
        }
        let added = packed.and_then(|object| pack.add(*id, &object));
        added.map_err(|source| ObjectError::Write { path: pack.folder().to_path_buf(), source })?;
        ids.insert(*id);
        Ok(())
    }

    fn write_stream(&self, size: u64, content: &mut dyn Read) -> Result<ObjectId, StreamError> {
        if size <= STREAMED {
            let bytes = read_exactly(size, content)?;
            return Ok(self.write(ObjectKind::Blob, &bytes)?);
        }
        let mut state = self.state();
        let State { pack, ids, reused } = &mut *state;
        let is_known = |id: &ObjectId| ids.contains(id) || self.objects.contains_quick(id);
        let (id, is_new) = pack.add_stream(size, content, &is_known)?;
        if is_new {
            ids.insert(id);
        } else if !ids.contains(&id) {
            reused.insert(id);
        }
        Ok(id)
    }
}

fn read_exactly(size: u64, content: &mut dyn Read) -> Result<Vec<u8>, StreamError> {
    let mut bytes = Vec::with_capacity(size as usize + 1);
    content.take(size + 1).read_to_end(&mut bytes).map_err(StreamError::Read)?;
    if bytes.len() as u64 == size { Ok(bytes) } else { Err(StreamError::SizeChanged) }
}
