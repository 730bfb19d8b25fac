//! Repositories inside the work tree, saved and loaded along with it (`--recurse-submodules`).
//!
//! Each gets a checkpoint of its own in its own repository; the checkpoint around it names them by path. A load checks and
//! keeps all of them before the first file moves anywhere, and its journal, which stands in the repository around them,
//! is there until the last one is done. Called by `ops/save` and `ops/load`; each repository is written by those two alone.

mod load;
mod save;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

use bstr::{BStr, BString};

use super::{OpError, Repo};

pub(crate) use load::Outcome;
pub use load::{LoadedSubmodule, PreparedSubmodule};
pub(crate) use load::{carry_out, kept, lock, prepare};
pub(crate) use save::save;
pub use save::{SavedSubmodule, Submodules};

/// Opens the repository that stands at `path` of the work tree, and no other: not one above it, nor one that a link or
/// its own configuration leads to. Records of others are not trusted with the path.
pub(in crate::ops) fn open(repo: &Repo, path: &BStr) -> Result<Repo, OpError> {
    let absent = || OpError::SubmoduleAbsent { path: path.to_owned() };
    let relative = Path::new(OsStr::from_bytes(path));
    let is_below = !path.is_empty() && relative.components().all(|part| matches!(part, Component::Normal(_)));
    let folder = repo.store.layout().work_dir.join(relative);
    if !is_below || !folder.canonicalize().is_ok_and(|found| found == folder) || !folder.join(".git").exists() {
        return Err(absent());
    }
    let mut inside = Repo::open(&repo.environment.in_directory(&folder), repo.limits)?;
    if inside.store.layout().work_dir != folder {
        return Err(absent());
    }
    inside.context = repo.context.clone();
    inside.summary = repo.summary.clone();
    Ok(inside)
}

/// Says in which repository it went wrong.
fn named(path: &BString) -> impl FnOnce(OpError) -> OpError {
    |error| match error {
        // It says so itself.
        OpError::SubmoduleAbsent { path: inner } if inner == *path => OpError::SubmoduleAbsent { path: inner },
        error => OpError::InSubmodule { path: path.clone(), source: Box::new(error) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::fixture::Fixture;

    #[test]
    fn a_path_that_leads_elsewhere_is_not_followed() {
        let fixture = Fixture::new();
        fixture.git(&["init", "-q", "inside"]);
        fixture.git(&["init", "-q", "inside/deep"]);
        fixture.git(&["init", "-q", "strayed"]);
        fixture.git(&["-C", "strayed", "config", "core.worktree", "../../inside"]);
        std::fs::create_dir(fixture.root.join("plain")).unwrap();
        std::os::unix::fs::symlink("inside", fixture.root.join("link")).unwrap();
        let opens = |path: &str| open(&fixture.repo, path.into()).is_ok();
        assert!(opens("inside") && opens("inside/deep"));
        let outside = fixture.root.to_str().unwrap();
        for path in
            ["", ".", "..", "inside/..", "inside/../inside", "/", outside, "plain", "absent", "link", "link/deep"]
        {
            assert!(!opens(path), "{path:?}");
        }
        assert!(!opens("strayed"), "its own configuration leads elsewhere");
        assert!(!opens(".git") && !opens("inside/.git"), "a git folder is no work tree");
    }
}
