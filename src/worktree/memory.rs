//! Objects in memory, and a plain capture of a folder: what the tests of plan and apply stand on.

use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Mutex;

use bstr::{BString, ByteSlice};

use super::path_check::push_name;
use super::plan::State;
use crate::model::extra::WorktreeExtra;
use crate::model::id::{HashKind, ObjectId};
use crate::model::mode::Mode;
use crate::model::object::{Object, ObjectError, ObjectKind, ObjectReader, hash_object};
use crate::model::omission::Omission;
use crate::model::tree::{self, TreeEntry};

#[derive(Default)]
pub(super) struct Memory(Mutex<HashMap<ObjectId, Object>>);

/// A captured folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Captured {
    pub(super) tree: Option<ObjectId>,
    pub(super) extra: WorktreeExtra,
    pub(super) omissions: Vec<Omission>,
}

impl Captured {
    pub(super) fn state(&self) -> State<'_> {
        State { tree: self.tree, extra: &self.extra, omissions: &self.omissions }
    }
}

impl Memory {
    pub(super) fn put(&self, kind: ObjectKind, bytes: Vec<u8>) -> ObjectId {
        let id = hash_object(HashKind::Sha1, kind, &bytes);
        self.0.lock().unwrap().insert(id, Object { kind, bytes });
        id
    }

    pub(super) fn blob(&self, bytes: &[u8]) -> ObjectId {
        self.put(ObjectKind::Blob, bytes.to_vec())
    }

    pub(super) fn forget(&self, id: &ObjectId) {
        self.0.lock().unwrap().remove(id);
    }

    /// A tree of paths and contents: `*` before the content marks a program, `@` a link, `#` a nested repository.
    pub(super) fn tree_of(&self, files: &[(&str, &str)]) -> ObjectId {
        let mut entries = Vec::new();
        let mut folders: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
        for &(path, content) in files {
            match path.split_once('/') {
                Some((folder, rest)) => match folders.iter_mut().find(|(name, _)| *name == folder) {
                    Some((_, inside)) => inside.push((rest, content)),
                    None => folders.push((folder, vec![(rest, content)])),
                },
                None => entries.push(self.leaf(path, content)),
            }
        }
        for (name, inside) in folders {
            entries.push(TreeEntry { mode: Mode::Tree, name: name.into(), id: self.tree_of(&inside) });
        }
        self.put(ObjectKind::Tree, tree::encode(&entries))
    }

    fn leaf(&self, name: &str, content: &str) -> TreeEntry {
        let (mode, bytes) = match content.split_at_checked(1) {
            Some(("*", rest)) => (Mode::Executable, rest),
            Some(("@", rest)) => (Mode::Symlink, rest),
            Some(("#", rest)) => (Mode::Gitlink, rest),
            _ => (Mode::File, content),
        };
        TreeEntry { mode, name: name.into(), id: self.blob(bytes.as_bytes()) }
    }

    /// Reads a folder as it is, every file verbatim, `.git` left out.
    pub(super) fn capture(&self, root: &Path) -> Captured {
        let mut captured = Captured::default();
        captured.tree = self.folder(root, &mut BString::default(), &mut captured.extra);
        captured.extra.empty_folders.sort();
        captured
    }

    fn folder(&self, folder: &Path, path: &mut BString, extra: &mut WorktreeExtra) -> Option<ObjectId> {
        let mut entries = Vec::new();
        for item in std::fs::read_dir(folder).unwrap() {
            let item = item.unwrap();
            let name = item.file_name();
            if name == ".git" {
                continue;
            }
            let length = push_name(path, name.as_bytes());
            if let Some((mode, id)) = self.item(&item.path(), path, extra) {
                entries.push(TreeEntry { mode, name: name.as_bytes().into(), id });
            }
            path.truncate(length);
        }
        if entries.is_empty() {
            if !path.is_empty() {
                extra.empty_folders.push(path.clone());
            }
            return None;
        }
        Some(self.put(ObjectKind::Tree, tree::encode(&entries)))
    }

    fn item(&self, item: &Path, path: &mut BString, extra: &mut WorktreeExtra) -> Option<(Mode, ObjectId)> {
        let stat = std::fs::symlink_metadata(item).unwrap();
        let bits = stat.permissions().mode() & 0o777;
        if stat.is_symlink() {
            return Some((Mode::Symlink, self.blob(std::fs::read_link(item).unwrap().as_os_str().as_bytes())));
        }
        if stat.is_dir() {
            if bits != 0o755 {
                extra.permissions.insert(path.clone(), bits);
            }
            return self.folder(item, path, extra).map(|id| (Mode::Tree, id));
        }
        let (mode, usual) = if bits & 0o100 != 0 { (Mode::Executable, 0o755) } else { (Mode::File, 0o644) };
        if bits != usual {
            extra.permissions.insert(path.clone(), bits);
        }
        Some((mode, self.blob(&std::fs::read(item).unwrap())))
    }
}

impl ObjectReader for Memory {
    fn hash_kind(&self) -> HashKind {
        HashKind::Sha1
    }
    fn contains(&self, id: &ObjectId) -> bool {
        self.0.lock().unwrap().contains_key(id)
    }
    fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        self.0.lock().unwrap().get(id).cloned().ok_or(ObjectError::Missing(*id))
    }
    fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        self.read(id).map(|object| (object.kind, object.bytes.len() as u64))
    }
}

/// The paths of some things, as text.
pub(super) fn texts<'a>(paths: impl IntoIterator<Item = &'a BString>) -> Vec<String> {
    paths.into_iter().map(|path| path.to_str_lossy().into_owned()).collect()
}
