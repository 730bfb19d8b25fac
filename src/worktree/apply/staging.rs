//! The folder where new files are written and displaced ones wait until they are proved.
//!
//! A file `<n>.part` is being written. `<n>.new` is whole, or is what it displaced; `<n>.old` is what was removed. The
//! file `paths` tells, NUL after NUL, which path each number is of: `rescue` reads it after a crash.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use bstr::BString;
use rustix::fs::{self, Mode};

use super::folders::{FOLDER, Root};
use crate::sys::private;
use crate::worktree::WorktreeError;
use crate::worktree::plan::Plan;

/// Name of the folder: in ours, or in the root where ours is on another file system.
const IN_OWN: &str = "staging";
const IN_ROOT: &str = ".ckpt-staging";
/// The list of paths.
pub(super) const PATHS: &str = "paths";

#[derive(Debug)]
pub(super) struct Staging {
    pub(super) handle: OwnedFd,
    path: PathBuf,
    /// The permission bits that a new file in it keeps of those it is made with: what `umask`, or an access list of the
    /// folder, leaves of them.
    pub(super) gives: u32,
}

impl Staging {
    pub(super) fn create(root: &Root, own_dir: &Path, plan: &Plan) -> Result<Staging, WorktreeError> {
        let path = place_for(root, own_dir);
        let failed = |action| {
            let path = path.clone();
            move |source: std::io::Error| WorktreeError::Io { action, path, source }
        };
        private::create_dir(&path).map_err(failed("make the folder"))?;
        let handle = open(&path).map_err(failed("open"))?;
        let _ = std::fs::remove_file(path.join(PATHS));
        // All bits are asked for, to see which are given; nobody else reaches into a private folder.
        let list = OpenOptions::new().write(true).create_new(true).mode(0o777).open(path.join(PATHS));
        let mut list = list.map_err(failed("write"))?;
        list.write_all(&list_of(plan)).map_err(failed("write"))?;
        let gives = list.metadata().map_err(failed("read"))?.mode() & 0o777;
        Ok(Staging { handle, path, gives })
    }

    /// Removes the folder, which is empty but for the list when all went well. Else all of it stays for `rescue`, which
    /// needs the list to know what belongs where.
    pub(super) fn remove(&self) {
        let Ok(mut items) = std::fs::read_dir(&self.path) else { return };
        if items.all(|item| item.is_ok_and(|item| item.file_name() == PATHS)) {
            let _ = std::fs::remove_file(self.path.join(PATHS));
            let _ = std::fs::remove_dir(&self.path);
        }
    }
}

fn place_for(root: &Root, own_dir: &Path) -> PathBuf {
    let device = fs::fstat(root.handle()).map(|stat| stat.st_dev);
    let own = private::create_dir(own_dir).ok().and_then(|()| fs::stat(own_dir).ok());
    match (device, own) {
        (Ok(device), Some(own)) if own.st_dev == device => own_dir.join(IN_OWN),
        _ => root.path().join(IN_ROOT),
    }
}

/// Where a staging folder may have been left.
pub(super) fn places(root: &Path, own_dir: &Path) -> [PathBuf; 2] {
    [own_dir.join(IN_OWN), root.join(IN_ROOT)]
}

pub(super) fn open(path: &Path) -> std::io::Result<OwnedFd> {
    Ok(fs::open(path, FOLDER, Mode::empty())?)
}

fn list_of(plan: &Plan) -> Vec<u8> {
    let removed = plan.removals.iter().map(|removal| &removal.path);
    let paths: Vec<&BString> = removed.chain(plan.all_writes().map(|write| &write.path)).collect();
    bstr::join("\0", paths)
}

/// The name of a staged file when the folder's own file system must be used instead.
pub(super) fn name_beside(number: usize) -> Vec<u8> {
    format!(".ckpt-staging-{number}").into_bytes()
}
