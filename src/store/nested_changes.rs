//! What differs inside a nested repository from the commit that a checkpoint records of it.
//!
//! Goes through the library and not through git: git would run the filters that the nested repository's own settings name.

use std::path::Path;

use git2::{Repository, RepositoryOpenFlags, StatusOptions};

/// A larger index is not compared: a save must not wait for it.
const MAX_ENTRIES: usize = 50_000;

/// The number of files and new folders inside that differ from the nested repository's HEAD. `None` when that cannot be
/// known: it does not open, is not the user's, has its files elsewhere, or is too large to look through.
pub fn nested_changes(folder: &Path) -> Option<u64> {
    let only_here = RepositoryOpenFlags::NO_SEARCH;
    let repository = Repository::open_ext(folder, only_here, std::iter::empty::<&Path>()).ok()?;
    let work_dir = repository.workdir()?.canonicalize().ok()?;
    if work_dir != folder.canonicalize().ok()? || repository.index().ok()?.len() > MAX_ENTRIES {
        return None;
    }
    let mut options = StatusOptions::new();
    options.include_untracked(true).recurse_untracked_dirs(false).include_ignored(false);
    options.exclude_submodules(true).no_refresh(true).update_index(false);
    let statuses = repository.statuses(Some(&mut options)).ok()?;
    Some(statuses.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::Fixture;

    #[test]
    fn what_differs_from_the_commit_is_counted_and_no_filter_runs() {
        let fixture = Fixture::with_commit();
        let folder = fixture.root.clone();
        assert_eq!(nested_changes(&folder), Some(0));
        fixture.git(["config", "filter.evil.clean", "touch ../ran; cat"]);
        fixture.write(".gitattributes", "file filter=evil\n");
        fixture.write("file", "longer than it was\n");
        fixture.write("new/file", "new\n");
        assert_eq!(nested_changes(&folder), Some(3));
        assert!(!folder.join("../ran").exists());
        assert_eq!(nested_changes(&folder.join("new")), None);
    }
}
