//! Folders by handle: nothing here follows a symbolic link below the root.

use std::io;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use bstr::{BStr, ByteSlice};
use rustix::fs::{AtFlags, Mode, OFlags, RawDir, ResolveFlags};

use crate::model::stat::Stat;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A file is opened so that a pipe put in its place cannot make the open wait.
const FILE: OFlags =
    OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// Opens the root of the work tree; links on the way to it are the user's own business.
pub(super) fn open_root(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

/// Opens a folder inside another.
pub(super) fn open_child(parent: BorrowedFd<'_>, name: &[u8]) -> io::Result<OwnedFd> {
    Ok(rustix::fs::openat(parent, name, FOLDER, Mode::empty())?)
}

/// Opens a file by its path from the root, through folders that are no links.
pub(super) fn open_file(root: BorrowedFd<'_>, path: &BStr) -> io::Result<OwnedFd> {
    open_below(root, path, FILE)
}

/// Opens the folder that holds `path`, and gives the last part of it.
pub(super) fn open_parent<'a>(root: BorrowedFd<'_>, path: &'a BStr) -> io::Result<(OwnedFd, &'a BStr)> {
    match path.rfind_byte(b'/') {
        Some(slash) => Ok((open_below(root, path[..slash].as_bstr(), FOLDER)?, path[slash + 1..].as_bstr())),
        None => Ok((open_below(root, b".".as_bstr(), FOLDER)?, path)),
    }
}

fn open_below(root: BorrowedFd<'_>, path: &BStr, flags: OFlags) -> io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    match rustix::fs::openat2(root, path.as_bytes(), flags, Mode::empty(), resolve) {
        Ok(file) => Ok(file),
        // Older kernels, sandboxes that know no openat2, and paths beyond PATH_MAX: part by part.
        Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM | rustix::io::Errno::NAMETOOLONG) => {
            open_part_by_part(root, path, flags)
        }
        Err(error) => Err(error.into()),
    }
}

fn open_part_by_part(root: BorrowedFd<'_>, path: &BStr, flags: OFlags) -> io::Result<OwnedFd> {
    let mut folder: Option<OwnedFd> = None;
    let mut parts = path.split_str("/").peekable();
    while let Some(part) = parts.next() {
        let parent = folder.as_ref().map_or(root, AsFd::as_fd);
        let wanted = if parts.peek().is_some() { FOLDER } else { flags };
        folder = Some(rustix::fs::openat(parent, part, wanted, Mode::empty())?);
    }
    folder.ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// `fstat`.
pub(super) fn stat(file: BorrowedFd<'_>) -> io::Result<Stat> {
    Ok(convert(&rustix::fs::fstat(file)?))
}

/// `lstat` of a name in a folder; `None` when there is no such name.
pub(super) fn stat_child(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<Option<Stat>> {
    match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(found) => Ok(Some(convert(&found))),
        Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[expect(clippy::unnecessary_cast, reason = "the types of these fields differ between systems")]
fn convert(stat: &rustix::fs::Stat) -> Stat {
    let nanoseconds = |seconds: i64, rest: u64| seconds.saturating_mul(1_000_000_000).saturating_add(rest as i64);
    Stat {
        size: stat.st_size as u64,
        modified: nanoseconds(stat.st_mtime as i64, stat.st_mtime_nsec as u64),
        changed: nanoseconds(stat.st_ctime as i64, stat.st_ctime_nsec as u64),
        inode: stat.st_ino as u64,
        device: stat.st_dev as u64,
        mode: stat.st_mode as u32,
        uid: stat.st_uid,
        gid: stat.st_gid,
    }
}

/// The names in a folder, sorted: one run of bytes, as there may be very many.
pub(super) struct Names {
    bytes: Vec<u8>,
    places: Vec<Range<usize>>,
}

impl Names {
    /// Reads them; `.` and `..` are left out.
    pub(super) fn read(folder: BorrowedFd<'_>) -> io::Result<Names> {
        let mut buffer = [const { MaybeUninit::uninit() }; 1 << 15];
        let mut reader = RawDir::new(folder, &mut buffer);
        let (mut bytes, mut places) = (Vec::new(), Vec::new());
        while let Some(entry) = reader.next() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                places.push(bytes.len()..bytes.len() + name.len());
                bytes.extend_from_slice(name);
            }
        }
        places.sort_unstable_by(|left, right| bytes[left.clone()].cmp(&bytes[right.clone()]));
        Ok(Names { bytes, places })
    }

    pub(super) const fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn get(&self, at: usize) -> &BStr {
        self.bytes[self.places[at].clone()].as_bstr()
    }

    pub(super) fn contains(&self, name: &[u8]) -> bool {
        self.places.binary_search_by(|place| self.bytes[place.clone()].cmp(name)).is_ok()
    }
}

/// The target of a symbolic link.
pub(super) fn read_link(folder: BorrowedFd<'_>, name: &[u8]) -> io::Result<Vec<u8>> {
    Ok(rustix::fs::readlinkat(folder, name, Vec::new())?.into_bytes())
}

/// Whether the filesystem is one that changes a folder's times whenever a name in it comes or goes.
pub(super) fn has_faithful_folders(root: BorrowedFd<'_>) -> bool {
    const EXT: u64 = 0xef53;
    const XFS: u64 = 0x5846_5342;
    const BTRFS: u64 = 0x9123_683e;
    const TMPFS: u64 = 0x0102_1994;
    const F2FS: u64 = 0xf2f5_2010;
    const BCACHEFS: u64 = 0xca45_1a4e;
    #[allow(clippy::unnecessary_cast, reason = "the type of the field differs between systems")]
    let kind = rustix::fs::fstatfs(root).map(|found| found.f_type as u64 & 0xffff_ffff);
    kind.is_ok_and(|kind| [EXT, XFS, BTRFS, TMPFS, F2FS, BCACHEFS].contains(&kind))
}
