//! Saves the repositories inside a work tree that is being saved.

use bstr::{BString, ByteSlice};

use super::{named, open};
use crate::model::checkpoint::{SubmoduleCheckpoint, Words};
use crate::model::omission::{Omission, Reason};
use crate::ops::save::{SaveRequest, Saved, save as save_one};
use crate::ops::{OpError, Repo};

/// What a save does about the repositories inside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Submodules {
    /// Their commits are recorded, as git does.
    #[default]
    Alone,
    /// Each is saved as well, and those inside it.
    Recurse,
    /// They were saved a moment ago.
    Saved(Vec<SubmoduleCheckpoint>),
}

/// What became of one of them.
#[derive(Clone, Debug)]
pub struct SavedSubmodule {
    pub path: BString,
    /// Why it could not be saved, in one line. The rest is.
    pub outcome: Result<Box<Saved>, String>,
}

/// Saves each repository that the scan met, unless it is a work tree of this very repository: that has points of its own.
pub(crate) fn save(repo: &Repo, request: &SaveRequest, omissions: &[Omission]) -> Vec<SavedSubmodule> {
    if request.submodules != Submodules::Recurse {
        return Vec::new();
    }
    let is_nested =
        |one: &&Omission| matches!(one.reason, Reason::NestedRepository { .. } | Reason::NestedWithoutCommit);
    omissions.iter().filter(is_nested).filter_map(|one| save_inside(repo, request, &one.path)).collect()
}

fn save_inside(repo: &Repo, request: &SaveRequest, path: &BString) -> Option<SavedSubmodule> {
    let inside = match open(repo, path.as_bstr()) {
        Ok(inside) => inside,
        Err(error) => return Some(SavedSubmodule { path: path.clone(), outcome: Err(told(path, error)) }),
    };
    if inside.store.layout().common_dir == repo.store.layout().common_dir {
        return None;
    }
    let inner = SaveRequest {
        words: Words { note: request.words.note.clone(), ..Words::default() },
        include: request.include.clone(),
        full: request.full,
        force: request.force,
        submodules: Submodules::Recurse,
        outer: Some(repo.store.layout().work_dir.to_string_lossy().into_owned()),
        ..SaveRequest::of_kind(request.kind)
    };
    let outcome = save_one(&inside, &inner).map(Box::new).map_err(|error| told(path, error));
    Some(SavedSubmodule { path: path.clone(), outcome })
}

fn told(path: &BString, error: OpError) -> String {
    named(path)(error).to_string()
}
