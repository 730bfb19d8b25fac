//! `.keep` files: they tell `git gc` to leave a pack alone that no ref names yet.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bstr::ByteSlice;

use crate::sys::process::is_gone;

/// A younger file is left alone even if its maker seems gone: process numbers mean nothing across containers.
const STALE: Duration = Duration::from_secs(600);

/// A `.keep` file of ours; removed when dropped.
#[derive(Debug)]
pub(crate) struct Keep {
    path: PathBuf,
}

impl Keep {
    /// Makes the file. `None` when there is one already, which protects as well and is not ours to remove.
    pub(crate) fn make(path: &Path) -> io::Result<Option<Keep>> {
        let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(error) => return Err(error),
        };
        let keep = Keep { path: path.to_path_buf() };
        writeln!(file, "ckpt {}", std::process::id())?;
        Ok(Some(keep))
    }
}

impl Drop for Keep {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Removes the `.keep` files that processes of ours left when they died.
pub(crate) fn remove_stale(pack_dir: &Path) {
    list_stale(pack_dir).into_iter().for_each(|path| drop(std::fs::remove_file(path)));
}

/// The `.keep` files that processes of ours left when they died.
pub(crate) fn list_stale(pack_dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(pack_dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let keeps = entries.filter(|path| path.extension().is_some_and(|extension| extension == "keep"));
    keeps.filter(|path| is_stale(path).unwrap_or(false)).collect()
}

fn is_stale(path: &Path) -> io::Result<bool> {
    let age = SystemTime::now().duration_since(std::fs::metadata(path)?.modified()?).unwrap_or_default();
    if age < STALE {
        return Ok(false);
    }
    let text = std::fs::read(path)?;
    let maker = text.strip_prefix(b"ckpt ").and_then(|rest| rest.trim_end().to_str().ok()?.parse::<u32>().ok());
    Ok(maker.is_some_and(is_gone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_files_of_dead_processes_of_ours_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let old = SystemTime::now() - STALE * 2;
        let own = std::process::id();
        let texts = [
            ("dead", "ckpt 999999999\n".to_owned()),
            ("alive", format!("ckpt {own}\n")),
            ("user", "mine\n".to_owned()),
        ];
        for (name, text) in &texts {
            let path = folder.path().join(format!("{name}.keep"));
            std::fs::write(&path, text).unwrap();
            OpenOptions::new().write(true).open(&path).unwrap().set_modified(old).unwrap();
        }
        std::fs::write(folder.path().join("young.keep"), "ckpt 999999999\n").unwrap();
        remove_stale(folder.path());
        let mut left: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
        left.sort();
        assert_eq!(left, ["alive.keep", "user.keep", "young.keep"]);
        assert!(Keep::make(&folder.path().join("user.keep")).unwrap().is_none());
    }
}
