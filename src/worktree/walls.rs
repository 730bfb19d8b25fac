//! Repositories of their own that a plan would reach into: no load writes or removes anything beyond such a boundary.
//!
//! Git enters one that was made over tracked files, so the scan does as well; and one that is ignored is in no scan.
//! Looks at the disk alone, through no link. Called by `ops/load` before a plan is carried out.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bstr::{BStr, BString, ByteSlice};

use super::plan::Plan;
use super::scan::nested::{self, Nested};
use crate::model::omission::{Omission, Reason};

/// The folders below `root` at whose boundary `plan` has to stop, the topmost ones, sorted.
pub fn find(root: &Path, plan: &Plan) -> Vec<Omission> {
    let mut search = Search { root, folders: BTreeMap::new() };
    let removed = plan.removals.iter().map(|removal| &removal.path);
    let files = removed.chain(plan.all_writes().map(|write| &write.path)).chain(&plan.gitlinks);
    for path in files.chain(plan.file_permissions.iter().map(|change| &change.path)) {
        search.look_above(path.as_bstr());
    }
    let removed = plan.folder_removals.iter().map(|removal| &removal.path);
    let changed = plan.folder_creations.iter().chain(&plan.folder_permissions).map(|change| &change.path);
    for path in removed.chain(changed) {
        search.look(path.as_bstr());
    }
    let walls = search.folders.into_iter().filter(|(_, ground)| *ground == Ground::Wall);
    walls.map(|(path, _)| Omission { path, reason: Reason::RepositoryBoundary }).collect()
}

/// What a folder is for whoever wants to go into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ground {
    /// Nothing, or a file or link; or it lies in one of these, or behind a wall that is told already.
    Elsewhere,
    Folder,
    Wall,
}

struct Search<'a> {
    root: &'a Path,
    folders: BTreeMap<BString, Ground>,
}

impl Search<'_> {
    fn look_above(&mut self, path: &BStr) -> Ground {
        path.rfind_byte(b'/').map_or(Ground::Folder, |slash| self.look(path[..slash].as_bstr()))
    }

    fn look(&mut self, folder: &BStr) -> Ground {
        if let Some(&known) = self.folders.get(folder) {
            return known;
        }
        let ground = match self.look_above(folder) {
            Ground::Folder => self.ground_of(folder),
            Ground::Elsewhere | Ground::Wall => Ground::Elsewhere,
        };
        self.folders.insert(folder.to_owned(), ground);
        ground
    }

    fn ground_of(&self, folder: &BStr) -> Ground {
        let place = self.root.join(folder.to_path_lossy());
        match fs::symlink_metadata(&place) {
            Ok(stat) if stat.is_dir() => {}
            _ => return Ground::Elsewhere,
        }
        let has_git = fs::symlink_metadata(place.join(".git")).is_ok();
        if has_git && nested::probe(&place) != Nested::No { Ground::Wall } else { Ground::Folder }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worktree::memory::{Captured, Memory};
    use crate::worktree::plan::plan;

    fn repository(folder: &Path) {
        for part in ["objects", "refs"] {
            fs::create_dir_all(folder.join(".git").join(part)).unwrap();
        }
        fs::write(folder.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    }

    #[test]
    fn a_plan_stops_at_a_repository_and_a_link_to_one_is_none() {
        let memory = Memory::default();
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("work");
        for path in ["plain", "in/own", "odd/.git"] {
            fs::create_dir_all(root.join(path)).unwrap();
        }
        repository(&root.join("in/own"));
        repository(&folder.path().join("other"));
        std::os::unix::fs::symlink("../other", root.join("link")).unwrap();
        let files = [("in/own/deep/a", "1"), ("in/b", "1"), ("link/c", "1"), ("odd/d", "1"), ("plain/e", "1")];
        let target = Captured { tree: Some(memory.tree_of(&files)), ..Captured::default() };
        let mut plan = plan(&memory, Captured::default().state(), target.state(), &[]).unwrap();
        let walls = find(&root, &plan);
        assert_eq!(walls.iter().map(|wall| wall.path.to_string()).collect::<Vec<_>>(), ["in/own"]);
        plan.leave_alone(&memory, walls);
        let written: Vec<String> = plan.writes.iter().map(|write| write.path.to_string()).collect();
        assert_eq!((written, plan.bytes), (["in/b", "link/c", "odd/d", "plain/e"].map(String::from).to_vec(), 4));
        assert!(plan.folder_creations.iter().all(|creation| !creation.path.starts_with(b"in/own")));
    }
}
