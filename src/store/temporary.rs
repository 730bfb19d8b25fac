//! Temporary files among the packs.
//!
//! Their names are not git's `tmp_*`: `git prune --expire=now` removes those at once, even from under a running save. So
//! nobody but ckpt clears away what a dead one left. Called by `pack_writer`, `writing` and `consolidate`.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

use super::sharing::Sharing;
use crate::sys::process::is_gone;

const PREFIX: &str = ".ckpt-";

/// A younger file is left alone even if its maker seems gone: process numbers mean nothing across containers.
const STALE: Duration = Duration::from_secs(3600);

/// Makes a file that nobody may write to later, as git's own packs. The folder is made if it is not there.
pub(crate) fn make(folder: &Path, sharing: Sharing) -> io::Result<NamedTempFile> {
    let made = match make_in(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            sharing.create_dir_all(folder)?;
            make_in(folder)
        }
        made => made,
    }?;
    sharing.apply(made.as_file())?;
    Ok(made)
}

fn make_in(folder: &Path) -> io::Result<NamedTempFile> {
    let permissions = std::fs::Permissions::from_mode(0o444);
    let prefix = format!("{PREFIX}{}-", std::process::id());
    tempfile::Builder::new().prefix(&prefix).permissions(permissions).tempfile_in(folder)
}

/// Removes the files that processes of ours left when they died.
pub(crate) fn remove_stale(folder: &Path) {
    list_stale(folder).into_iter().for_each(|path| drop(std::fs::remove_file(path)));
}

/// The files that processes of ours left when they died.
pub(crate) fn list_stale(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_ours = |entry: &std::fs::DirEntry| {
        entry.file_name().to_str().and_then(maker_of).is_some_and(is_gone) && is_old(entry).unwrap_or(false)
    };
    entries.filter(is_ours).map(|entry| entry.path()).collect()
}

fn maker_of(name: &str) -> Option<u32> {
    name.strip_prefix(PREFIX)?.split_once('-')?.0.parse().ok()
}

fn is_old(entry: &std::fs::DirEntry) -> io::Result<bool> {
    let age = SystemTime::now().duration_since(entry.metadata()?.modified()?).unwrap_or_default();
    Ok(age > STALE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_files_of_dead_processes_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let own = format!(".ckpt-{}-own", std::process::id());
        for name in [".ckpt-999999999-dead", own.as_str(), ".ckpt-x", "pack-1.pack"] {
            let file = std::fs::File::create(folder.path().join(name)).unwrap();
            file.set_modified(SystemTime::now() - STALE * 2).unwrap();
        }
        std::fs::write(folder.path().join(".ckpt-999999999-young"), "").unwrap();
        remove_stale(folder.path());
        let names = std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name());
        let mut left: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        left.sort();
        let mut expected = vec![".ckpt-999999999-young".to_owned(), own, ".ckpt-x".into(), "pack-1.pack".into()];
        expected.sort();
        assert_eq!(left, expected);
    }

    #[test]
    fn a_missing_folder_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let made = make(&folder.path().join("objects/pack"), Sharing::Umask).unwrap();
        assert!(!made.path().file_name().unwrap().to_str().unwrap().starts_with("tmp_"));
    }
}
