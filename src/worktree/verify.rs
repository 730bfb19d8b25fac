//! Proves after a load that the work tree is what was to be made.
//!
//! The caller scans again and plans once more, from the scan to the target: what that plan would still do is what is
//! not yet right, unless the bytes on disk are right all the same (a file that is ignored now is not in the scan).

use std::path::Path;

use bstr::{BString, ByteSlice};
use rustix::fs;

use super::WorktreeError;
use super::apply::reach_folder;
use super::content;
use super::plan::{PermissionChange, Plan};
use crate::model::object::ObjectReader;

/// The paths that are not as they should be, sorted. `plan` leads from a scan made after the load to its target.
pub fn find_unequal(objects: &dyn ObjectReader, root: &Path, plan: &Plan) -> Result<Vec<BString>, WorktreeError> {
    let mut unequal: Vec<BString> = plan.removals.iter().map(|removal| removal.path.clone()).collect();
    for write in plan.all_writes() {
        let (folder, name) = reach_folder(root, write.path.as_bstr())?;
        let held = folder.is_some_and(|folder| content::is_held_by(objects, write.content, &folder, name));
        if !held {
            unequal.push(write.path.clone());
        }
    }
    let permissions = plan.file_permissions.iter().chain(&plan.folder_permissions).chain(&plan.folder_creations);
    for change in permissions {
        if !has_permissions(root, change)? {
            unequal.push(change.path.clone());
        }
    }
    unequal.sort();
    unequal.dedup();
    Ok(unequal)
}

fn has_permissions(root: &Path, change: &PermissionChange) -> Result<bool, WorktreeError> {
    let (folder, name) = reach_folder(root, change.path.as_bstr())?;
    let stat = folder.and_then(|folder| fs::statat(&folder, name, fs::AtFlags::SYMLINK_NOFOLLOW).ok());
    Ok(stat.is_some_and(|stat| stat.st_mode & 0o777 == change.permissions))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worktree::memory::{Captured, Memory, texts};
    use crate::worktree::plan::plan;

    #[test]
    fn what_is_right_on_disk_is_right_though_a_scan_does_not_list_it() {
        let memory = Memory::default();
        let folder = tempfile::tempdir().unwrap();
        let target = Captured {
            tree: Some(memory.tree_of(&[("d/right", "1"), ("wrong", "1"), ("gone", "1")])),
            ..Captured::default()
        };
        std::fs::create_dir(folder.path().join("d")).unwrap();
        std::fs::write(folder.path().join("d/right"), "1").unwrap();
        std::fs::write(folder.path().join("wrong"), "2").unwrap();
        let scanned = Captured { tree: Some(memory.tree_of(&[("extra", "1")])), ..Captured::default() };
        let rest = plan(&memory, scanned.state(), target.state(), &[]).unwrap();
        let unequal = find_unequal(&memory, folder.path(), &rest).unwrap();
        assert_eq!(texts(&unequal), ["extra", "gone", "wrong"]);
    }
}
