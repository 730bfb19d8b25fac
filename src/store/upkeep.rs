//! The state of a repository's housekeeping: locks, what dead processes left, alternates, loose objects.
//!
//! Looks alone, but for [`sweep`]. Called by `ops/doctor`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use bstr::ByteSlice;

use super::{Layout, Store, git_lock, keep, temporary};
use crate::sys::environment::Environment;
use crate::sys::process;

/// Deeper folders of refs are not looked at.
const MAX_DEPTH: usize = 6;

/// A lock file that stands where git looks for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockFile {
    pub path: PathBuf,
    pub age: Duration,
    /// A ckpt made it and died.
    pub is_abandoned: bool,
}

impl Store {
    /// Every lock file of git's kind, of the index, HEAD, the configuration and the refs.
    pub fn lock_files(&self) -> Vec<LockFile> {
        let layout = &self.layout;
        let mut paths = Vec::new();
        for folder in [&layout.git_dir, &layout.common_dir] {
            add_locks(folder, 0, 1, &mut paths);
        }
        add_locks(&layout.common_dir.join("refs"), 0, MAX_DEPTH, &mut paths);
        add_locks(&layout.git_dir.join("refs"), 0, MAX_DEPTH, &mut paths);
        paths.sort();
        paths.dedup();
        let lock = |path: PathBuf| {
            Some(LockFile { age: age_of(&path)?, is_abandoned: git_lock::is_abandoned(layout, &path), path })
        };
        paths.into_iter().filter_map(lock).collect()
    }

    /// Removes a lock file if the ckpt that made it is dead.
    pub fn remove_abandoned_lock(&self, path: &Path) -> bool {
        git_lock::remove_abandoned(&self.layout, path);
        !path.exists()
    }

    /// Files that processes of ours left when they died, and that nobody needs.
    pub fn leftovers(&self) -> Vec<PathBuf> {
        let packs = self.pack_dir();
        let mut found = temporary::list_stale(&packs);
        found.extend(keep::list_stale(&packs));
        found.extend(git_lock::list_abandoned(&self.layout));
        add_temporary(&self.layout.own_dir, 0, &mut found);
        found
    }

    /// Removes them.
    pub fn sweep(&self) {
        self.leftovers().into_iter().for_each(|path| drop(std::fs::remove_file(path)));
    }

    /// Folders that `objects/info/alternates` names, and whether each is there.
    pub fn alternates(&self) -> Vec<(PathBuf, bool)> {
        let objects = self.layout.common_dir.join("objects");
        let text = std::fs::read(objects.join("info/alternates")).unwrap_or_default();
        let named = text.lines().filter(|line| !line.is_empty() && !line.starts_with(b"#"));
        named
            .map(|line| objects.join(OsStr::from_bytes(line)))
            .map(|path| (path.is_dir(), path))
            .map(|(is_there, path)| (path, is_there))
            .collect()
    }

    /// About how many objects are loose: one folder of the 256 is counted, as git does.
    pub fn loose_objects(&self) -> u64 {
        let folder = self.layout.common_dir.join("objects/17");
        std::fs::read_dir(folder).map_or(0, |entries| entries.count() as u64 * 256)
    }
}

fn age_of(path: &Path) -> Option<Duration> {
    let modified = std::fs::symlink_metadata(path).ok()?.modified().ok()?;
    Some(SystemTime::now().duration_since(modified).unwrap_or_default())
}

fn add_locks(folder: &Path, depth: usize, max: usize, found: &mut Vec<PathBuf>) {
    if depth >= max {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            add_locks(&entry.path(), depth + 1, max, found);
        } else if entry.file_name().as_bytes().ends_with(b".lock") {
            found.push(entry.path());
        }
    }
}

/// Files `NAME.PROCESS.tmp` of processes that are gone.
fn add_temporary(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    if depth >= MAX_DEPTH {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            add_temporary(&entry.path(), depth + 1, found);
            continue;
        }
        let name = entry.file_name();
        let maker = name.to_str().and_then(|name| name.strip_suffix(".tmp")?.rsplit_once('.')?.1.parse::<u32>().ok());
        if maker.is_some_and(process::is_gone) {
            found.push(entry.path());
        }
    }
}

/// What `git --version` says; the error is a line for people.
pub fn git_version(environment: &Environment) -> Result<String, String> {
    let output = process::git(environment, environment.directory()).arg("--version").stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => Ok(output.stdout.trim().to_str_lossy().into_owned()),
        Ok(output) => Err(output.stderr.trim().to_str_lossy().into_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Whether the file system takes two spellings of a name for one.
pub fn folds_case(layout: &Layout) -> bool {
    let there = |name: &str| std::fs::metadata(layout.common_dir.join(name)).is_ok();
    there("HEAD") && there("hEAD")
}
