//! Reads objects by way of libgit2, from as many threads as there are. SHA-1 alone. Called by `objects`.
//!
//! libgit2 holds one lock per database for the whole of a read, so each thread borrows a database handle of its own.
//! Only the object folders are given to it: no configuration, no refs, and so no limit on the repository's features.

use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once};
use std::time::SystemTime;

use git2::{ErrorCode, ObjectType, Odb, OdbLookupFlags, Oid};

use super::pack_set::{PackSet, Presence};
use crate::model::id::{HashKind, ObjectId};
use crate::model::object::{Object, ObjectError, ObjectKind, hash_object};

/// The object folders as libgit2 reads them.
pub(crate) struct Library {
    folders: Vec<PathBuf>,
    /// Asked first.
    packs: PackSet,
    handles: Mutex<Vec<Handle>>,
}

/// A database as it was when it was opened.
struct Handle {
    odb: Odb<'static>,
    /// When the folder of packs had last changed.
    packs: Option<SystemTime>,
}

impl Library {
    /// Opens nothing before the first read.
    pub(crate) fn new(folders: &[PathBuf]) -> Library {
        Library { folders: folders.to_vec(), packs: PackSet::new(folders), handles: Mutex::default() }
    }

    pub(crate) fn contains_quick(&self, id: &ObjectId) -> bool {
        match self.packs.find(id) {
            Presence::There => true,
            Presence::Absent => false,
            Presence::Unknown => {
                self.with(|odb| Ok(odb.exists_ext(oid(id)?, OdbLookupFlags::NO_REFRESH))).unwrap_or(false)
            }
        }
    }

    pub(crate) fn contains(&self, id: &ObjectId) -> bool {
        self.contains_quick(id) || self.with(|odb| Ok(odb.exists(oid(id)?))).unwrap_or(false)
    }

    /// [`PackSet::are_still_there`].
    pub(crate) fn are_still_there(&self, ids: impl IntoIterator<Item = ObjectId>) -> bool {
        self.packs.are_still_there(ids)
    }

    /// Does not compare the bytes with the id.
    pub(crate) fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        if let Some(object) = self.packs.read(id).filter(|object| has_id(object, id)) {
            return Ok(object);
        }
        self.with(|odb| {
            let found = odb.read(oid(id)?).map_err(|error| read_error(id, &error))?;
            Ok(Object { kind: kind_of(id, found.kind())?, bytes: found.data().to_vec() })
        })
    }

    pub(crate) fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        self.with(|odb| {
            let (size, kind) = odb.read_header(oid(id)?).map_err(|error| read_error(id, &error))?;
            Ok((kind_of(id, kind)?, size as u64))
        })
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

/// Whether the bytes of an object are those of this id.
fn has_id(object: &Object, id: &ObjectId) -> bool {
    hash_object(HashKind::Sha1, object.kind, &object.bytes) == *id
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
