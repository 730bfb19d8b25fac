//! Clears a staging folder that a killed load left, without losing what waits in it.
//!
//! What the repository holds is removed. Anything else is somebody's work that the load had displaced and not yet
//! proved: it goes back to its place, or, when that is taken, to the folder `rescued`. Called before a load or recovery.

use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice};
use rustix::fs::{self, AtFlags, FileType};

use super::folders::{Root, kind_at, split};
use super::place::{Spot, move_in, swap};
use super::staging;
use crate::model::object::ObjectReader;
use crate::sys::private;
use crate::worktree::{WorktreeError, content};

/// Clears what an interrupted load left behind. Returns the files that could not go back to their places.
pub fn clear_staging(objects: &dyn ObjectReader, root: &Path, own_dir: &Path) -> Result<Vec<PathBuf>, WorktreeError> {
    let mut rescued = Vec::new();
    for place in staging::places(root, own_dir) {
        if let Ok(handle) = staging::open(&place) {
            let rescue = Rescue { objects, root: Root::open(root)?, own_dir, handle, place };
            rescue.run(&mut rescued)?;
        }
    }
    Ok(rescued)
}

struct Rescue<'a> {
    objects: &'a dyn ObjectReader,
    root: Root,
    own_dir: &'a Path,
    handle: OwnedFd,
    place: PathBuf,
}

impl Rescue<'_> {
    fn run(&self, rescued: &mut Vec<PathBuf>) -> Result<(), WorktreeError> {
        let list = std::fs::read(self.place.join(staging::PATHS)).unwrap_or_default();
        let paths: Vec<&BStr> = list.split(|&byte| byte == 0).map(|path| path.as_bstr()).collect();
        for item in std::fs::read_dir(&self.place).map_err(|error| self.failed("read", error))? {
            let name = item.map_err(|error| self.failed("read", error))?.file_name();
            if name != staging::PATHS {
                self.staged(name.as_bytes(), &paths, rescued)?;
            }
        }
        self.beside(&paths, rescued)?;
        self.root.restore_loosened();
        let _ = std::fs::remove_file(self.place.join(staging::PATHS));
        std::fs::remove_dir(&self.place).map_err(|error| self.failed("remove", error))
    }

    fn failed(&self, action: &'static str, source: std::io::Error) -> WorktreeError {
        WorktreeError::Io { action, path: self.place.clone(), source }
    }

    fn staged(&self, name: &[u8], paths: &[&BStr], rescued: &mut Vec<PathBuf>) -> Result<(), WorktreeError> {
        let spot = Spot { folder: &self.handle, name };
        let (number, kind) = name.split_once_str(".").unwrap_or((name, b""));
        if kind == b"part" {
            return self.remove(spot);
        }
        let number = number.to_str().ok().and_then(|digits| digits.parse::<usize>().ok());
        let path = number.and_then(|number| paths.get(number)).copied().filter(|path| !path.is_empty());
        self.settle(spot, path, rescued)
    }

    /// Files that were staged in the folders themselves, being on another file system than the rest.
    fn beside(&self, paths: &[&BStr], rescued: &mut Vec<PathBuf>) -> Result<(), WorktreeError> {
        for (number, path) in paths.iter().enumerate().filter(|(_, path)| !path.is_empty()) {
            let Ok(folder) = self.root.folder(split(path).0) else { continue };
            let name = staging::name_beside(number);
            if kind_at(&folder, &name).is_some() {
                self.settle(Spot { folder: &folder, name: &name }, Some(path), rescued)?;
            }
        }
        Ok(())
    }

    fn settle(&self, spot: Spot<'_>, path: Option<&BStr>, rescued: &mut Vec<PathBuf>) -> Result<(), WorktreeError> {
        if kind_at(spot.folder, spot.name) != Some(FileType::Directory)
            && content::is_known(self.objects, spot.folder, spot.name)
        {
            return self.remove(spot);
        }
        if path.is_some_and(|path| self.put_back(spot, path)) {
            return Ok(());
        }
        rescued.push(self.keep(spot, path)?);
        Ok(())
    }

    /// Puts a displaced file back, in exchange for one that the repository holds.
    fn put_back(&self, spot: Spot<'_>, path: &BStr) -> bool {
        let (parent, name) = split(path);
        let Ok(folder) = self.root.writable_folder(parent) else { return false };
        let place = Spot { folder: &folder, name };
        if move_in(spot, place).is_ok() {
            return true;
        }
        let is_file = kind_at(&folder, name).is_some_and(|kind| kind != FileType::Directory);
        let was_file = kind_at(spot.folder, spot.name).is_some_and(|kind| kind != FileType::Directory);
        is_file
            && was_file
            && content::is_known(self.objects, &folder, name)
            && swap(spot, place).is_ok()
            && self.remove_if_known(spot)
    }

    fn remove_if_known(&self, spot: Spot<'_>) -> bool {
        content::is_known(self.objects, spot.folder, spot.name) && self.remove(spot).is_ok()
    }

    fn remove(&self, spot: Spot<'_>) -> Result<(), WorktreeError> {
        fs::unlinkat(spot.folder, spot.name, AtFlags::empty()).map_err(|error| self.failed("clear", error.into()))
    }

    /// Moves it to a folder of its own under ours, where nothing is ever removed.
    fn keep(&self, spot: Spot<'_>, path: Option<&BStr>) -> Result<PathBuf, WorktreeError> {
        let folder = self.own_dir.join("rescued");
        private::create_dir(&folder).map_err(|error| self.failed("make", error))?;
        let handle = staging::open(&folder).map_err(|error| self.failed("open", error))?;
        let last = path.map_or(BStr::new(spot.name), |path| split(path).1.as_bstr());
        for attempt in 1u32.. {
            let name: BString = [format!("{attempt}-").as_bytes(), last].concat().into();
            match move_in(spot, Spot { folder: &handle, name: &name }) {
                Ok(()) => return Ok(folder.join(name.to_path_lossy())),
                Err(rustix::io::Errno::EXIST | rustix::io::Errno::NOTEMPTY) => {}
                Err(error) => return Err(self.failed("rescue a file from", error.into())),
            }
        }
        unreachable!("the numbers do not end")
    }
}
