//! Reads objects by way of libgit2, from as many threads as there are.
//!
//! libgit2 holds one lock per database for the whole of a read, so each thread borrows a database handle of its own.
//! Only the object folders are given to it: no configuration, no refs, and so no limit on the repository's features.

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once};
use std::time::SystemTime;

use bstr::ByteSlice;
use git2::{ErrorCode, ObjectType, Odb, OdbLookupFlags, Oid};

use super::pack_set::{PackSet, Presence};
use super::{blob_sizes, stream_read};
use crate::model::id::ObjectId;
use crate::model::object::{Object, ObjectError, ObjectKind, hash_object};

/// Blobs larger than this are not held in memory.
const STREAMED: u64 = 4 << 20;
/// Git's own limit on alternates of alternates.
const MAX_ALTERNATE_DEPTH: u32 = 5;

/// The objects of a repository and of its alternates.
pub(crate) struct Objects {
    folders: Vec<PathBuf>,
    packs: PackSet,
    handles: Mutex<Vec<Handle>>,
}

/// A database as it was when it was opened.
struct Handle {
    odb: Odb<'static>,
    /// When the folder of packs had last changed.
    packs: Option<SystemTime>,
}

impl Objects {
    /// Names the folders; nothing is opened before the first read.
    pub(crate) fn new(objects_dir: &Path) -> Objects {
        let mut folders = vec![objects_dir.to_path_buf()];
        add_alternates(&mut folders, objects_dir, 0);
        Objects { packs: PackSet::new(&folders), folders, handles: Mutex::default() }
    }

    /// Whether the object is there. Does not look again for packs that appeared a moment ago.
    pub(crate) fn contains_quick(&self, id: &ObjectId) -> bool {
        match self.packs.find(id) {
            Presence::There => true,
            Presence::Absent => false,
            Presence::Unknown => {
                self.with(|odb| Ok(odb.exists_ext(oid(id)?, OdbLookupFlags::NO_REFRESH))).unwrap_or(false)
            }
        }
    }

    /// Whether the object is there, packs that appeared a moment ago included.
    pub(crate) fn contains(&self, id: &ObjectId) -> bool {
        self.contains_quick(id) || self.with(|odb| Ok(odb.exists(oid(id)?))).unwrap_or(false)
    }

    /// Reads an object and checks that its bytes are those of its id.
    pub(crate) fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        if let Some(object) = self.packs.read(id).filter(|object| hash_object(object.kind, &object.bytes) == *id) {
            return Ok(object);
        }
        let object = self.with(|odb| {
            let found = odb.read(oid(id)?).map_err(|error| read_error(id, &error))?;
            Ok(Object { kind: kind_of(id, found.kind())?, bytes: found.data().to_vec() })
        })?;
        if hash_object(object.kind, &object.bytes) != *id {
            return Err(ObjectError::Damaged { id: *id, detail: "its bytes do not have this id".into() });
        }
        Ok(object)
    }

    /// The kind and the size.
    pub(crate) fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        self.with(|odb| {
            let (size, kind) = odb.read_header(oid(id)?).map_err(|error| read_error(id, &error))?;
            Ok((kind_of(id, kind)?, size as u64))
        })
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

    /// The first of `ids` that is gone, looked for afresh.
    pub(crate) fn find_gone(&self, ids: impl IntoIterator<Item = ObjectId>) -> Option<ObjectId> {
        let mut ids = ids.into_iter().peekable();
        ids.peek()?;
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
        out.write_all(&self.read(id)?.bytes).map_err(|source| ObjectError::Write { path: PathBuf::new(), source })
    }

    /// Forgets what is known of the packs: some have come, and perhaps some have gone.
    pub(crate) fn refresh(&self) {
        self.packs.refresh();
        self.handles().clear();
    }

    /// Works with a handle of this thread's own. When that fails and packs have come or gone meanwhile (another process
    /// may pack at any moment), tries once more with a new one: libgit2 never forgets a pack that has gone.
    fn with<T>(&self, work: impl Fn(&Odb<'static>) -> Result<T, ObjectError>) -> Result<T, ObjectError> {
        let library = |error: git2::Error| ObjectError::Library(error.message().to_owned());
        let idle = self.handles().pop();
        let handle = match idle {
            Some(handle) => handle,
            None => self.open().map_err(library)?,
        };
        let result = work(&handle.odb);
        if result.is_ok() || handle.packs == self.packs_changed() {
            self.handles().push(handle);
            return result;
        }
        let handle = self.open().map_err(library)?;
        let result = work(&handle.odb);
        self.handles().push(handle);
        result
    }

    fn packs_changed(&self) -> Option<SystemTime> {
        std::fs::metadata(self.folders[0].join("pack")).and_then(|data| data.modified()).ok()
    }

    fn handles(&self) -> MutexGuard<'_, Vec<Handle>> {
        self.handles.lock().expect("no thread panics while it holds this lock")
    }

    fn open(&self) -> Result<Handle, git2::Error> {
        static SETTINGS: Once = Once::new();
        // We check each object's id ourselves, several times faster than libgit2's collision-detecting SHA-1.
        SETTINGS.call_once(|| git2::opts::strict_hash_verification(false));
        let packs = self.packs_changed();
        let odb = Odb::new()?;
        for folder in &self.folders {
            add_folder(&odb, folder)?;
        }
        Ok(Handle { odb, packs })
    }
}

/// libgit2 takes paths as UTF-8 only; others are reached through a folder handle.
fn add_folder(odb: &Odb<'static>, folder: &Path) -> Result<(), git2::Error> {
    if let Some(path) = folder.to_str() {
        return odb.add_disk_alternate(path);
    }
    let handle = std::fs::File::open(folder).map_err(|error| git2::Error::from_str(&error.to_string()))?;
    let path = format!("/proc/self/fd/{}", handle.as_raw_fd());
    // libgit2 opens packs at any later time by this path: the handle has to live as long as the process.
    std::mem::forget(handle);
    odb.add_disk_alternate(&path)
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

fn oid(id: &ObjectId) -> Result<Oid, ObjectError> {
    Oid::from_bytes(id.as_bytes()).map_err(|error| ObjectError::Library(error.message().to_owned()))
}

fn kind_of(id: &ObjectId, kind: ObjectType) -> Result<ObjectKind, ObjectError> {
    match kind {
        ObjectType::Commit => Ok(ObjectKind::Commit),
        ObjectType::Tree => Ok(ObjectKind::Tree),
        ObjectType::Blob => Ok(ObjectKind::Blob),
        ObjectType::Tag => Ok(ObjectKind::Tag),
        ObjectType::Any => Err(ObjectError::Damaged { id: *id, detail: "it has no kind".into() }),
    }
}

fn read_error(id: &ObjectId, error: &git2::Error) -> ObjectError {
    match error.code() {
        ErrorCode::NotFound => ObjectError::Missing(*id),
        _ => ObjectError::Damaged { id: *id, detail: error.message().to_owned() },
    }
}
