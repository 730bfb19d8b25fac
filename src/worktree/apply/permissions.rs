//! Setting permission bits, on exactly the file or folder that is meant.
//!
//! Only the nine bits: what a file or folder has of setuid, setgid and sticky it keeps, and never gains.

use std::os::fd::{AsRawFd, OwnedFd};

use bstr::ByteSlice;
use rustix::fs::{self, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::Stop;
use super::folders::{Root, split};
use crate::worktree::plan::PermissionChange;

const SPECIAL: u32 = 0o7000;

/// Sets the bits of a file, which may be one that its owner cannot read.
pub(super) fn set_on_file(root: &Root, change: &PermissionChange) -> Result<(), Stop> {
    let (parent, name) = split(change.path.as_bstr());
    let folder = root.folder(parent)?;
    let flags = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    match fs::openat(&folder, name, flags | OFlags::RDONLY, Mode::empty()) {
        Ok(file) => set(root, change, &file, FileType::RegularFile, |mode| fs::fchmod(&file, mode)),
        Err(Errno::ACCESS) => set_unreadable(root, change, &folder, name),
        Err(Errno::NOENT | Errno::LOOP | Errno::NXIO) => Err(Stop::Changed),
        Err(error) => Err(root.failed("open", change.path.as_bstr(), error).into()),
    }
}

/// A handle that only names the file needs no permission to read it; its bits are set through `/proc`.
pub(super) fn set_unreadable(
    root: &Root,
    change: &PermissionChange,
    folder: &OwnedFd,
    name: &[u8],
) -> Result<(), Stop> {
    let file = fs::openat(folder, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
        .map_err(|error| root.failed("open", change.path.as_bstr(), error))?;
    let address = format!("/proc/self/fd/{}", file.as_raw_fd());
    set(root, change, &file, FileType::RegularFile, |mode| fs::chmod(&address, mode))
}

/// Sets the bits of a folder.
pub(super) fn set_on_folder(root: &Root, change: &PermissionChange) -> Result<(), Stop> {
    let folder = root.folder(change.path.as_bstr())?;
    set(root, change, &folder, FileType::Directory, |mode| fs::fchmod(&folder, mode))?;
    root.forget_loosened(change.path.as_bstr());
    Ok(())
}

fn set(
    root: &Root,
    change: &PermissionChange,
    handle: &OwnedFd,
    kind: FileType,
    chmod: impl FnOnce(Mode) -> rustix::io::Result<()>,
) -> Result<(), Stop> {
    let path = change.path.as_bstr();
    let stat = fs::fstat(handle).map_err(|error| root.failed("read", path, error))?;
    if FileType::from_raw_mode(stat.st_mode) != kind {
        return Err(Stop::Changed);
    }
    let wanted = (stat.st_mode & SPECIAL) | change.permissions;
    if stat.st_mode & 0o7777 == wanted {
        return Ok(());
    }
    chmod(Mode::from_raw_mode(wanted)).map_err(|error| root.failed("set the permissions of", path, error).into())
}
