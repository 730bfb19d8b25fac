//! One text file of the work tree that people, agents and ckpt all write: read whole or not at all, and replaced only by
//! who has read what stands there.
//!
//! Follows a link within the work tree and none that leaves it or leads into a git folder. Called by `ops/context`.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use tempfile::NamedTempFile;

use super::WorktreeError;
use crate::sys::fault;

#[cfg(test)]
mod tests;

/// A larger file is no document: nobody reads it.
pub const LARGEST: u64 = 8 << 20;

/// What the names of files on their way into place begin with.
const STAGED: &str = ".ckpt-context-";

/// How often a file that is being written is read again, and after which pause.
const ATTEMPTS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(10);

/// Why a file is not a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    Folder,
    /// Neither file nor folder, such as a socket.
    Special,
    /// It leads out of the work tree, or into a git folder.
    LeavesWorkTree,
    /// A link to nothing, or in a circle.
    DeadLink,
    TooLarge(u64),
    /// The first byte that is not UTF-8.
    NotText(usize),
    /// It changed each time it was read.
    BeingWritten,
}

impl Unfit {
    /// What is wrong with it, after "it".
    pub fn reason(self) -> String {
        match self {
            Unfit::Folder => "is a folder".to_owned(),
            Unfit::Special => "is neither a file nor a folder".to_owned(),
            Unfit::LeavesWorkTree => "leads out of the work tree, or into a git folder".to_owned(),
            Unfit::DeadLink => "is a link that leads nowhere".to_owned(),
            Unfit::TooLarge(size) => {
                format!("is {} MB large; the limit is {} MB", size.div_ceil(1_000_000), LARGEST / 1_000_000)
            }
            Unfit::NotText(at) => format!("is not UTF-8: byte {at} is not"),
            Unfit::BeingWritten => "is being written by somebody else".to_owned(),
        }
    }
}

/// A document that stands in a work tree.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The root of the work tree, links resolved.
    pub root: &'a Path,
    /// From the root, `/` between the parts.
    pub path: &'a str,
}

impl Place<'_> {
    /// Reads it; `None` when it is not there.
    pub fn read(&self) -> Result<Option<String>, WorktreeError> {
        self.read_once_quiet_for(Duration::ZERO)
    }

    /// [`Place::read`], but a file that was written a moment ago is left alone for another: somebody may be half way.
    pub fn read_at_rest(&self) -> Result<Option<String>, WorktreeError> {
        self.read_once_quiet_for(PAUSE)
    }

    fn read_once_quiet_for(&self, quiet: Duration) -> Result<Option<String>, WorktreeError> {
        let Some(target) = self.resolve()? else { return Ok(None) };
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(PAUSE);
            }
            let Some(bytes) = self.read_settled(&target, quiet)? else { continue };
            let text = String::from_utf8(bytes);
            return text.map(Some).map_err(|error| self.unfit(Unfit::NotText(error.utf8_error().valid_up_to())));
        }
        Err(self.unfit(Unfit::BeingWritten))
    }

    /// Puts `new` in its place if `expected` is what stands there (`None`: nothing). False when it is not: nothing was
    /// changed then.
    pub fn replace(&self, expected: Option<&str>, new: &str) -> Result<bool, WorktreeError> {
        let target = match self.resolve()? {
            Some(target) => target,
            None if expected.is_some() => return Ok(false),
            None => self.make_folder()?,
        };
        let staged = self.stage(&target, new).map_err(|source| self.failed("write", source))?;
        fault::reach("document.staged");
        let done = match expected {
            None => put(staged, &target),
            Some(expected) => exchange(staged, &target, expected.as_bytes()),
        };
        fault::reach("document.replaced");
        done.map_err(|source| self.failed("write", source))
    }

    /// Removes it if `expected` is what stands there.
    pub fn remove(&self, expected: &str) -> Result<bool, WorktreeError> {
        if self.read()?.as_deref() != Some(expected) {
            return Ok(false);
        }
        let target = self.root.join(self.path);
        std::fs::remove_file(&target).map(|()| true).map_err(|source| self.failed("remove", source))
    }

    /// Removes what a process that died while it wrote the file left beside it. For who holds the lock of all writers.
    pub fn sweep(&self) {
        let path = self.root.join(self.path);
        let entries = path.parent().and_then(|folder| std::fs::read_dir(folder).ok());
        for entry in entries.into_iter().flatten().flatten() {
            if entry.file_name().as_encoded_bytes().starts_with(STAGED.as_bytes()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    fn failed(&self, action: &'static str, source: io::Error) -> WorktreeError {
        WorktreeError::Io { action, path: self.root.join(self.path), source }
    }

    fn unfit(&self, problem: Unfit) -> WorktreeError {
        WorktreeError::UnfitDocument { path: self.path.into(), problem }
    }

    /// Where the file is once links are followed; `None` when it is not there.
    fn resolve(&self) -> Result<Option<PathBuf>, WorktreeError> {
        let path = self.root.join(self.path);
        match path.canonicalize() {
            Ok(target) if self.is_inside(&target) => Ok(Some(target)),
            Ok(_) => Err(self.unfit(Unfit::LeavesWorkTree)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if path.symlink_metadata().is_ok() {
                    return Err(self.unfit(Unfit::DeadLink));
                }
                Ok(None)
            }
            Err(error) if error.kind() == ErrorKind::NotADirectory => Ok(None),
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
                Err(self.unfit(Unfit::DeadLink))
            }
            Err(error) => Err(self.failed("read", error)),
        }
    }

    /// The git folder of a work tree is called `.git`, or stands elsewhere.
    fn is_inside(&self, target: &Path) -> bool {
        let Ok(below) = target.strip_prefix(self.root) else { return false };
        let is_git = |part: Component<'_>| part.as_os_str().eq_ignore_ascii_case(".git");
        !below.components().any(is_git)
    }

    /// One attempt; `None` when it changed meanwhile.
    fn read_settled(&self, target: &Path, quiet: Duration) -> Result<Option<Vec<u8>>, WorktreeError> {
        let failed = |source| self.failed("read", source);
        // Without blocking: a pipe with no writer would hold us for ever.
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
        let file = match OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(target) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            // What cannot be opened at all, such as a socket.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) => {
                return Err(self.unfit(Unfit::Special));
            }
            opened => opened.map_err(failed)?,
        };
        let before = file.metadata().map_err(failed)?;
        match before.file_type() {
            kind if kind.is_dir() => return Err(self.unfit(Unfit::Folder)),
            kind if !kind.is_file() => return Err(self.unfit(Unfit::Special)),
            _ if before.len() > LARGEST => return Err(self.unfit(Unfit::TooLarge(before.len()))),
            _ => {}
        }
        let mut bytes = Vec::with_capacity(before.len() as usize + 1);
        (&file).take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
        let after = file.metadata().map_err(failed)?;
        let age = after.modified().ok().and_then(|time| SystemTime::now().duration_since(time).ok());
        let is_quiet = quiet.is_zero() || age.is_none_or(|age| age >= quiet);
        let is_settled = is_quiet && stamp(&before) == stamp(&after) && bytes.len() as u64 == after.len();
        Ok(is_settled.then_some(bytes))
    }

    /// Makes the folder above it, which must be inside the work tree whatever links lead there.
    fn make_folder(&self) -> Result<PathBuf, WorktreeError> {
        let path = self.root.join(self.path);
        let folder = path.parent().expect("a document stands in a folder");
        let existing = folder.ancestors().find(|above| above.symlink_metadata().is_ok()).unwrap_or(self.root);
        let real = existing.canonicalize().map_err(|source| self.failed("write", source))?;
        if !self.is_inside(&real) {
            return Err(self.unfit(Unfit::LeavesWorkTree));
        }
        std::fs::create_dir_all(folder).map_err(|source| self.failed("write", source))?;
        Ok(path)
    }

    fn stage(&self, target: &Path, text: &str) -> io::Result<NamedTempFile> {
        let mode = target.metadata().map_or(0o666, |data| data.mode() & 0o777);
        let folder = target.parent().expect("a document stands in a folder");
        let mut builder = tempfile::Builder::new();
        let mut staged = builder.prefix(STAGED).permissions(Permissions::from_mode(mode)).tempfile_in(folder)?;
        staged.write_all(text.as_bytes())?;
        if staged.as_file().metadata()?.mode() & 0o777 != mode && target.exists() {
            staged.as_file().set_permissions(Permissions::from_mode(mode))?;
        }
        Ok(staged)
    }
}

fn stamp(data: &Metadata) -> (u64, i64, i64, i64, i64) {
    (data.len(), data.mtime(), data.mtime_nsec(), data.ctime(), data.ctime_nsec())
}

/// To a place that must be free.
fn put(staged: NamedTempFile, target: &Path) -> io::Result<bool> {
    match staged.persist_noclobber(target) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// In one step, so that what stood there is in our hands before anybody decides about it.
fn exchange(staged: NamedTempFile, target: &Path, expected: &[u8]) -> io::Result<bool> {
    if !holds(target, expected) {
        return Ok(false);
    }
    let own = staged.path();
    match renameat_with(CWD, own, CWD, target, RenameFlags::EXCHANGE) {
        Ok(()) if holds(own, expected) => Ok(true),
        Ok(()) => {
            renameat_with(CWD, own, CWD, target, RenameFlags::EXCHANGE)?;
            Ok(false)
        }
        Err(rustix::io::Errno::NOENT) => Ok(false),
        // Where the file system cannot exchange two files: the look a moment ago has to do.
        Err(_) => staged.persist(target).map(|_| true).map_err(|error| error.error),
    }
}

fn holds(path: &Path, expected: &[u8]) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let mut bytes = Vec::with_capacity(expected.len() + 1);
    let read = (&file).take(expected.len() as u64 + 1).read_to_end(&mut bytes);
    read.is_ok() && bytes == expected
}
