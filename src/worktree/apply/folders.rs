//! Reaching, making and removing folders by handles, never through a link.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use bstr::{BStr, BString, ByteSlice};
use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::Stop;
use crate::worktree::WorktreeError;

/// The root of the work tree, held open.
#[derive(Debug)]
pub(super) struct Root {
    handle: OwnedFd,
    path: PathBuf,
    /// Folders that were made writable for the time of the load, with their full mode before.
    loosened: Mutex<BTreeMap<BString, u32>>,
}

/// How every folder is opened: it alone, and never through a link.
pub(super) const FOLDER: OFlags =
    OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::RDONLY);

impl Root {
    pub(super) fn open(path: &Path) -> Result<Root, WorktreeError> {
        let handle = fs::open(path, FOLDER, Mode::empty()).map_err(|error| WorktreeError::Io {
            action: "open",
            path: path.to_owned(),
            source: error.into(),
        })?;
        Ok(Root { handle, path: path.to_owned(), loosened: Mutex::default() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn handle(&self) -> &OwnedFd {
        &self.handle
    }

    /// An error about a path in the work tree.
    pub(super) fn failed(&self, action: &'static str, path: &BStr, error: impl Into<std::io::Error>) -> WorktreeError {
        WorktreeError::Io { action, path: self.path.join(path.to_path_lossy()), source: error.into() }
    }

    /// Opens a folder. One that is gone, or is a link or a file by now, has been changed by somebody.
    pub(super) fn folder(&self, path: &BStr) -> Result<OwnedFd, Stop> {
        self.walk(path, false)
    }

    /// Opens a folder and makes it writable by its owner, if it must be, until [`Root::restore_loosened`].
    pub(super) fn writable_folder(&self, path: &BStr) -> Result<OwnedFd, Stop> {
        self.walk(path, true)
    }

    fn walk(&self, path: &BStr, loosen_last: bool) -> Result<OwnedFd, Stop> {
        let mut folder =
            fs::openat(&self.handle, c".", FOLDER, Mode::empty()).map_err(|error| self.failed("open", path, error))?;
        for name in path.split(|&byte| byte == b'/').filter(|name| !name.is_empty()) {
            folder = match fs::openat(&folder, name, FOLDER, Mode::empty()) {
                Ok(next) => next,
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Err(Stop::Changed),
                Err(error) => return Err(self.failed("open", path, error).into()),
            };
        }
        if loosen_last {
            self.loosen(path, &folder)?;
        }
        Ok(folder)
    }

    fn loosen(&self, path: &BStr, folder: &OwnedFd) -> Result<(), Stop> {
        let stat = fs::fstat(folder).map_err(|error| self.failed("read", path, error))?;
        if stat.st_mode & 0o300 == 0o300 || stat.st_uid != rustix::process::geteuid().as_raw() {
            return Ok(());
        }
        let before = stat.st_mode & 0o7777;
        self.loosened.lock().expect("no thread panics while it holds this lock").insert(path.to_owned(), before);
        fs::fchmod(folder, Mode::from_raw_mode(before | 0o700))
            .map_err(|error| self.failed("make writable", path, error).into())
    }

    /// Forgets that a folder was made writable: its bits are set for good now.
    pub(super) fn forget_loosened(&self, path: &BStr) {
        self.loosened.lock().expect("no thread panics while it holds this lock").remove(path);
    }

    /// Gives folders back the bits that they had. Best effort: those that are gone need none.
    pub(super) fn restore_loosened(&self) {
        let loosened = std::mem::take(&mut *self.loosened.lock().expect("no thread panics while it holds this lock"));
        for (path, mode) in loosened.into_iter().rev() {
            if let Ok(folder) = self.folder(path.as_bstr()) {
                let _ = fs::fchmod(&folder, Mode::from_raw_mode(mode));
            }
        }
    }

    /// Makes a folder, private until its bits are set. One that is there already will do.
    pub(super) fn create_folder(&self, path: &BStr) -> Result<(), Stop> {
        self.make(path, 0o700)
    }

    /// Makes the empty folder of a nested repository, if nothing is there.
    pub(super) fn create_nested(&self, path: &BStr) -> Result<(), Stop> {
        self.make(path, 0o777)
    }

    fn make(&self, path: &BStr, mode: u32) -> Result<(), Stop> {
        let (parent, name) = split(path);
        let folder = self.writable_folder(parent)?;
        match fs::mkdirat(&folder, name, Mode::from_raw_mode(mode)) {
            Ok(()) => Ok(()),
            Err(Errno::EXIST) if kind_at(&folder, name) == Some(FileType::Directory) => Ok(()),
            Err(Errno::EXIST) => Err(Stop::Changed),
            Err(error) => Err(self.failed("make the folder", path, error).into()),
        }
    }

    /// Removes a folder if it is empty. One that is not stays, which matters only if it is to make way.
    pub(super) fn remove_folder(&self, path: &BStr, makes_way: bool) -> Result<(), Stop> {
        let (parent, name) = split(path);
        let folder = match self.writable_folder(parent) {
            Err(Stop::Changed) if !makes_way => return Ok(()),
            other => other?,
        };
        match fs::unlinkat(&folder, name, AtFlags::REMOVEDIR) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR | Errno::BUSY) if makes_way => Err(Stop::Changed),
            Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR | Errno::BUSY) => Ok(()),
            Err(error) => Err(self.failed("remove the folder", path, error).into()),
        }
    }

    /// Brings everything written so far to the disk.
    pub(super) fn sync(&self) -> Result<(), WorktreeError> {
        #[cfg(target_os = "linux")]
        return fs::syncfs(&self.handle).map_err(|error| self.failed("sync", BStr::new(""), error));
        #[cfg(not(target_os = "linux"))]
        {
            fs::sync();
            Ok(())
        }
    }
}

/// The folder that was used last, held open: plans go through a folder's files one after the other.
pub(super) struct LastFolder<'r> {
    root: &'r Root,
    open: Option<(BString, OwnedFd)>,
}

impl<'r> LastFolder<'r> {
    pub(super) fn new(root: &'r Root) -> LastFolder<'r> {
        LastFolder { root, open: None }
    }

    /// [`Root::writable_folder`], opened anew only if it is another than the last one.
    pub(super) fn writable(&mut self, path: &BStr) -> Result<&OwnedFd, Stop> {
        if self.open.as_ref().is_none_or(|(known, _)| known != path) {
            self.open = None;
            self.open = Some((path.to_owned(), self.root.writable_folder(path)?));
        }
        Ok(&self.open.as_ref().expect("it was opened just now").1)
    }
}

/// A path as its folder and its name.
pub(super) fn split(path: &BStr) -> (&BStr, &[u8]) {
    match path.rfind_byte(b'/') {
        Some(at) => (path[..at].as_bstr(), &path[at + 1..]),
        None => (BStr::new(""), path),
    }
}

/// What stands at a name; `None` when nothing does, or it cannot be told.
pub(super) fn kind_at(folder: &OwnedFd, name: &[u8]) -> Option<FileType> {
    let stat = fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    Some(FileType::from_raw_mode(stat.st_mode))
}
