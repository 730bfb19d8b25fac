//! An exact picture of a folder: every path with its type, bytes, permission bits and link target.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use bstr::{BString, ByteSlice};

/// What stands at a path.
#[derive(Clone, PartialEq, Eq)]
pub enum Thing {
    File {
        mode: u32,
        bytes: Vec<u8>,
    },
    Link {
        target: BString,
    },
    Folder {
        mode: u32,
    },
    /// A folder with a `.git` of its own; its inside belongs to that repository.
    Nested,
    Special,
}

impl std::fmt::Debug for Thing {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Thing::File { mode, bytes } => {
                let start = bytes[..bytes.len().min(40)].as_bstr();
                write!(out, "file {mode:o}, {} bytes {start:?}", bytes.len())
            }
            Thing::Link { target } => write!(out, "link to {target:?}"),
            Thing::Folder { mode } => write!(out, "folder {mode:o}"),
            Thing::Nested => write!(out, "nested repository"),
            Thing::Special => write!(out, "special file"),
        }
    }
}

/// Everything in a folder but its own `.git`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Picture {
    pub things: BTreeMap<BString, Thing>,
}

impl Picture {
    /// Takes the picture of a work tree.
    pub fn of(root: &Path) -> Picture {
        let mut picture = Picture::default();
        picture.add_folder(root, b"", &|path| path == b".git");
        picture
    }

    /// Takes the picture of any folder, without the paths for which `skip` holds.
    pub fn without(root: &Path, skip: &dyn Fn(&[u8]) -> bool) -> Picture {
        let mut picture = Picture::default();
        picture.add_folder(root, b"", skip);
        picture
    }

    fn add_folder(&mut self, folder: &Path, prefix: &[u8], skip: &dyn Fn(&[u8]) -> bool) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let mut path = BString::from(prefix);
            path.extend_from_slice(entry.file_name().as_bytes());
            if !skip(&path) {
                self.add(&entry.path(), path, skip);
            }
        }
    }

    fn add(&mut self, place: &Path, path: BString, skip: &dyn Fn(&[u8]) -> bool) {
        let data = fs::symlink_metadata(place).unwrap();
        let mode = data.mode() & 0o7777;
        let kind = data.file_type();
        let thing = if kind.is_dir() && place.join(".git").exists() {
            Thing::Nested
        } else if kind.is_dir() {
            let mut below = path.clone();
            below.push(b'/');
            self.add_folder(place, &below, skip);
            Thing::Folder { mode }
        } else if kind.is_symlink() {
            Thing::Link { target: fs::read_link(place).unwrap().as_os_str().as_bytes().into() }
        } else if kind.is_fifo() || kind.is_socket() || kind.is_char_device() || kind.is_block_device() {
            Thing::Special
        } else {
            Thing::File { mode, bytes: fs::read(place).unwrap() }
        };
        self.things.insert(path, thing);
    }

    pub fn get(&self, path: impl AsRef<[u8]>) -> Option<&Thing> {
        self.things.get(path.as_ref().as_bstr())
    }

    /// The paths that are not folders.
    pub fn leaves(&self) -> impl Iterator<Item = (&BString, &Thing)> {
        self.things.iter().filter(|(_, thing)| !matches!(thing, Thing::Folder { .. }))
    }

    /// What differs, a line for each path; empty when nothing does.
    pub fn differences(&self, other: &Picture) -> String {
        let mut text = String::new();
        let paths: std::collections::BTreeSet<_> = self.things.keys().chain(other.things.keys()).collect();
        for path in paths {
            let (left, right) = (self.things.get(path), other.things.get(path));
            if left != right {
                let _ = writeln!(text, "  {path:?}: expected {left:?}, found {right:?}");
            }
        }
        text
    }

    /// Fails with the list of differences unless `found` is the same as `self`.
    #[track_caller]
    pub fn must_equal(&self, found: &Picture, why: &str) {
        let differences = self.differences(found);
        assert!(differences.is_empty(), "{why}:\n{differences}");
    }
}

/// Modification times of everything below a folder, `.git` excluded, in nanoseconds.
pub fn modification_times(root: &Path) -> BTreeMap<BString, (i64, i64)> {
    let entries = walkdir::WalkDir::new(root).into_iter().filter_entry(|entry| entry.file_name() != ".git");
    entries
        .map(|entry| {
            let entry = entry.unwrap();
            let data = entry.metadata().unwrap();
            (BString::from(entry.path().as_os_str().as_bytes()), (data.mtime(), data.mtime_nsec()))
        })
        .collect()
}
