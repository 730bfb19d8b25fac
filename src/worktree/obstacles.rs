//! What stands on disk where a plan needs a free place: looked for before anything is moved.
//!
//! A plan is made from what the safety checkpoint holds, and ignored files are not in it. Reads only. Called by
//! `ops/load`, which has the files found kept as well, and refuses when a folder cannot give way.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use bstr::{BStr, BString, ByteSlice};

use super::WorktreeError;
use super::path_check::push_name;
use super::plan::{Plan, Write};
use crate::model::object::ObjectReader;
use crate::sys::file_size;

/// What is in the way of a plan.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Obstacles {
    /// Files, links and folders that the current state does not hold; a checkpoint that includes them frees the way.
    /// Sorted.
    pub unheld: Vec<BString>,
    /// Folders that are to be made and are there already: in nobody's way, but their bits will change. Sorted.
    pub folders: Vec<BString>,
    /// What cannot give way: a path, and why.
    pub walls: Vec<(BString, &'static str)>,
}

impl Obstacles {
    /// The first wall as an error.
    pub fn check(&self) -> Result<(), WorktreeError> {
        match self.walls.first() {
            Some((path, reason)) => Err(WorktreeError::Obstructed { path: path.clone(), reason }),
            None => Ok(()),
        }
    }
}

/// Checks that the file system of `root` has room for `needed` bytes more.
pub fn check_space(root: &Path, needed: u64) -> Result<(), WorktreeError> {
    // A file system that cannot tell does not stop a load: running out is an error of its own, and recoverable.
    let Ok(room) = rustix::fs::statvfs(root) else { return Ok(()) };
    let free = room.f_bavail.saturating_mul(room.f_frsize);
    if needed > free { Err(WorktreeError::NoSpace { needed, free }) } else { Ok(()) }
}

/// Checks that no file to be written is larger than the system lets this process write.
pub fn check_file_sizes(objects: &dyn ObjectReader, root: &Path, plan: &Plan) -> Result<(), WorktreeError> {
    let Some(limit) = file_size::limit() else { return Ok(()) };
    let is_over = |write: &&Write| objects.read_header(&write.content.id).is_ok_and(|(_, size)| size > limit);
    match plan.writes.iter().find(is_over) {
        Some(write) => {
            let path = root.join(write.path.to_path_lossy());
            Err(WorktreeError::Io { action: "write", path, source: std::io::ErrorKind::FileTooLarge.into() })
        }
        None => Ok(()),
    }
}

/// Looks for what is in the way of `plan` in the work tree at `root`.
pub fn find(root: &Path, plan: &Plan) -> Result<Obstacles, WorktreeError> {
    let mut search = Search {
        root,
        leaving: plan.removals.iter().map(|removal| &removal.path).collect(),
        emptied: plan.folder_removals.iter().map(|removal| &removal.path).collect(),
        absent: HashSet::new(),
        found: Obstacles::default(),
    };
    for blocked in &plan.blocked {
        search.found.walls.push((blocked.clone(), "it was not chosen, and a chosen path needs a folder here"));
    }
    for removal in plan.folder_removals.iter().filter(|removal| removal.makes_way) {
        search.folder_making_way(&mut removal.path.clone())?;
    }
    for path in plan.folder_creations.iter().map(|creation| &creation.path).chain(&plan.gitlinks) {
        search.new_folder(path)?;
    }
    for write in plan.all_writes().filter(|write| write.replaces.is_none()) {
        search.new_file(&write.path)?;
    }
    search.found.unheld.sort();
    search.found.unheld.dedup();
    search.found.folders.sort();
    Ok(search.found)
}

struct Search<'a> {
    root: &'a Path,
    leaving: HashSet<&'a BString>,
    emptied: HashSet<&'a BString>,
    /// Folders to be made of which nothing is there yet.
    absent: HashSet<BString>,
    found: Obstacles,
}

impl Search<'_> {
    /// A folder that becomes a file may hold nothing but what the plan removes; what else it holds is to be kept first.
    fn folder_making_way(&mut self, path: &mut BString) -> Result<(), WorktreeError> {
        let Some(stat) = self.look(path)? else { return Ok(()) };
        if !stat.is_dir() {
            return Ok(());
        }
        let folder = self.root.join(path.to_path_lossy());
        let failed = |source| WorktreeError::Io { action: "read", path: folder.clone(), source };
        for item in fs::read_dir(&folder).map_err(failed)? {
            let name = item.map_err(failed)?.file_name();
            let length = push_name(path, name.as_bytes());
            if self.emptied.contains(path) {
                self.folder_making_way(path)?;
            } else if !self.leaving.contains(path) {
                self.unheld(path)?;
            }
            path.truncate(length);
        }
        Ok(())
    }

    /// Something in the way that the current state does not hold, with all below it.
    fn unheld(&mut self, path: &mut BString) -> Result<(), WorktreeError> {
        let Some(stat) = self.look(path)? else { return Ok(()) };
        if !stat.is_dir() {
            self.in_the_way(path, &stat);
            return Ok(());
        }
        let place = self.root.join(path.to_path_lossy());
        if place.join(".git").symlink_metadata().is_ok() {
            self.found.walls.push((path.clone(), "a repository of its own is in the way"));
            return Ok(());
        }
        self.found.unheld.push(path.clone());
        self.folder_making_way(path)
    }

    fn new_folder(&mut self, path: &BString) -> Result<(), WorktreeError> {
        if self.is_below_absent(path) || self.leaving.contains(path) {
            self.absent.insert(path.clone());
            return Ok(());
        }
        match self.look(path)? {
            None => {
                self.absent.insert(path.clone());
            }
            Some(stat) if stat.is_dir() => self.found.folders.push(path.clone()),
            Some(stat) => {
                self.absent.insert(path.clone());
                self.in_the_way(path, &stat);
            }
        }
        Ok(())
    }

    fn new_file(&mut self, path: &BString) -> Result<(), WorktreeError> {
        if self.is_below_absent(path) || self.emptied.contains(path) {
            return Ok(());
        }
        self.unheld(&mut path.clone())
    }

    fn in_the_way(&mut self, path: &BString, stat: &Metadata) {
        if stat.is_file() || stat.is_symlink() {
            self.found.unheld.push(path.clone());
        } else {
            self.found.walls.push((path.clone(), "it is neither a file nor a folder"));
        }
    }

    fn is_below_absent(&self, path: &BString) -> bool {
        path.rfind_byte(b'/').is_some_and(|at| self.absent.contains(path[..at].as_bstr()))
    }

    fn look(&self, path: &BString) -> Result<Option<Metadata>, WorktreeError> {
        let path = self.root.join(BStr::new(path).to_path_lossy());
        match fs::symlink_metadata(&path) {
            Ok(stat) => Ok(Some(stat)),
            Err(error) if is_absence(&error) => Ok(None),
            Err(source) => Err(WorktreeError::Io { action: "read", path, source }),
        }
    }
}

fn is_absence(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::worktree::memory::{Captured, Memory, texts};
    use crate::worktree::plan::plan;

    fn obstacles(old: &[(&str, &str)], new: &[(&str, &str)], on_disk: impl Fn(&Path)) -> Obstacles {
        let memory = Memory::default();
        let folder = tempfile::tempdir().unwrap();
        on_disk(folder.path());
        let state = |files| Captured { tree: Some(memory.tree_of(files)), ..Captured::default() };
        let plan = plan(&memory, state(old).state(), state(new).state(), &[]).unwrap();
        find(folder.path(), &plan).unwrap()
    }

    fn write(root: &Path, path: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "ignored").unwrap();
    }

    #[test]
    fn ignored_files_in_the_way_are_found() {
        let found = obstacles(&[], &[("f", "1"), ("d/x", "1"), ("l/y/z", "1"), ("free", "1")], |root| {
            write(root, "f");
            write(root, "d");
            symlink("/", root.join("l")).unwrap();
        });
        assert_eq!(texts(&found.unheld), ["d", "f", "l"]);
        assert!(found.check().is_ok());
    }

    #[test]
    fn a_folder_becomes_a_file_once_all_in_it_is_held() {
        let found = obstacles(&[("d/e/f", "1")], &[("d", "1")], |root| {
            write(root, "d/e/f");
            write(root, "d/e/ignored");
        });
        assert_eq!(texts(&found.unheld), ["d/e/ignored"]);
        let found = obstacles(&[], &[("d", "1")], |root| write(root, "d/in/ignored"));
        assert_eq!(texts(&found.unheld), ["d", "d/in", "d/in/ignored"]);
        assert!(found.check().is_ok());
    }

    #[test]
    fn a_repository_of_its_own_never_gives_way() {
        let found = obstacles(&[("d/f", "1")], &[("d", "1")], |root| {
            write(root, "d/f");
            write(root, "d/nested/.git/HEAD");
        });
        assert_eq!(found.walls[0].0, "d/nested");
    }

    #[test]
    fn a_folder_that_is_there_and_not_held_is_named() {
        let found = obstacles(&[], &[("d/f", "1")], |root| write(root, "d/ignored"));
        assert_eq!((texts(&found.folders), found.unheld.len()), (vec!["d".to_owned()], 0));
    }

    #[test]
    fn what_the_plan_itself_removes_is_no_obstacle() {
        let found = obstacles(&[("d/e/f", "1"), ("x", "1")], &[("d", "1"), ("x/y", "1")], |root| {
            write(root, "d/e/f");
            write(root, "x");
        });
        assert_eq!(found, Obstacles::default());
    }

    #[test]
    fn what_cannot_fit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check_space(folder.path(), 1).is_ok());
        assert!(matches!(check_space(folder.path(), u64::MAX), Err(WorktreeError::NoSpace { .. })));
    }

    #[test]
    fn a_socket_never_gives_way() {
        let found = obstacles(&[], &[("s", "1")], |root| {
            std::os::unix::net::UnixListener::bind(root.join("s")).unwrap();
        });
        assert!(matches!(found.check(), Err(WorktreeError::Obstructed { .. })));
    }
}
