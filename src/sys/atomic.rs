//! Files that are either the old ones or the new ones, never half of each.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::process::is_gone;
use super::{fault, private};

/// Writes `bytes` to `path` through a temporary file beside it: synced, renamed, the folder synced.
///
/// The file is private. When it fails, the old file is untouched and the temporary one is gone.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let write = |mut file: File| {
        file.write_all(bytes)?;
        file.sync_all()
    };
    replace(path, write, |from, to| std::fs::rename(from, to))?;
    sync_parent(path)
}

/// The same with these permissions, from the file's first moment.
pub fn write_with_mode(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let write = |mut file: File| {
        file.write_all(bytes)?;
        file.set_permissions(Permissions::from_mode(mode))?;
        file.sync_all()
    };
    replace(path, write, |from, to| std::fs::rename(from, to))?;
    sync_parent(path)
}

/// Replaces a private file that may be lost at any time: the folder is made when needed, and nothing is synced, so what
/// reads the file has to know a torn one.
pub fn replace_unsynced(path: &Path, write: impl FnOnce(File) -> io::Result<()>) -> io::Result<()> {
    private::create_dir(path.parent().ok_or(io::ErrorKind::InvalidInput)?)?;
    replace(path, write, put_in_place)
}

/// Renames without waiting for the disk: ext4 and others write out the whole of a file that is renamed onto another. They
/// do not where the two change places.
fn put_in_place(temporary: &Path, path: &Path) -> io::Result<()> {
    match renameat_with(CWD, temporary, CWD, path, RenameFlags::EXCHANGE) {
        Ok(()) => std::fs::remove_file(temporary),
        // There is none to change places with, or the file system cannot do it.
        Err(_) => std::fs::rename(temporary, path),
    }
}

fn replace(
    path: &Path,
    write: impl FnOnce(File) -> io::Result<()>,
    rename: impl FnOnce(&Path, &Path) -> io::Result<()>,
) -> io::Result<()> {
    let temporary = temporary_name(path);
    let written = open_new(&temporary).and_then(write).and_then(|()| {
        fault::reach("atomic.before-rename");
        rename(&temporary, path)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

fn open_new(path: &Path) -> io::Result<File> {
    private::open(OpenOptions::new().write(true).create(true).truncate(true), path)
}

fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

/// Removes what processes that died while they wrote `path` left beside it.
pub fn remove_leftovers(path: &Path) {
    if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
        remove_temporary(folder, |found| found == name);
    }
}

/// The same for a whole folder, which must hold nothing but files that may be lost at any time: a process that lives in a
/// container next door looks dead from here.
pub fn remove_all_leftovers(folder: &Path) {
    remove_temporary(folder, |_| true);
}

/// Removes the temporary files of dead processes that were to become one of the files `is_meant`.
fn remove_temporary(folder: &Path, is_meant: impl Fn(&str) -> bool) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let found = entry.file_name();
        let parts = found.to_str().and_then(|found| found.strip_suffix(".tmp")?.rsplit_once('.'));
        let Some((name, process)) = parts else { continue };
        if is_meant(name) && process.parse().is_ok_and(is_gone) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Syncs the folder that holds `path`, so that a rename or removal in it survives a power cut.
pub fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_dir(parent),
        _ => Ok(()),
    }
}

/// Syncs a folder.
pub fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("record");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_what_the_dead_left_beside_a_file_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let own = format!("hook.{}.tmp", std::process::id());
        for name in ["hook", "hook.999999999.tmp", own.as_str(), "hook.x.tmp", "other.999999999.tmp"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        remove_leftovers(&folder.path().join("hook"));
        assert!(!folder.path().join("hook.999999999.tmp").exists());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
    }

    #[test]
    fn what_the_dead_left_in_a_folder_of_caches_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["scan", "scan.999999999.tmp", "scan.1.tmp", "index.999999999.tmp", "999999999.tmp"] {
            std::fs::write(folder.path().join(name), "half").unwrap();
        }
        remove_all_leftovers(folder.path());
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["999999999.tmp", "scan", "scan.1.tmp"]);
    }

    #[test]
    fn a_replacement_that_fails_leaves_the_old_file_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/cache");
        replace_unsynced(&path, |mut file| file.write_all(b"none")).unwrap();
        replace_unsynced(&path, |mut file| file.write_all(b"one")).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        let failed = replace_unsynced(&path, |mut file| file.write_all(b"half").and(Err(io::Error::other("no"))));
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
