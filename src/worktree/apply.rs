//! Carries out a plan: the only writer of the user's files.
//!
//! Every folder is reached by handles, one part at a time, never through a link. A file is written in a staging folder
//! and moved in whole; what it displaces is compared with what the plan says stood there, and is put back when it is
//! something else. Whatever fails or dies half way, each byte is in its old place, in its new place, in the safety
//! checkpoint or in the staging folder. Called by `ops/load`, which keeps the journal around it.

use std::os::fd::OwnedFd;
use std::path::Path;

use bstr::{BStr, BString, ByteSlice};
use rayon::prelude::*;

use super::WorktreeError;
use super::plan::{PermissionChange, Plan, Write};
use crate::model::object::ObjectReader;
use crate::model::progress::{Progress, Step, Watch};
use crate::sys::fault;

mod folders;
mod permissions;
mod place;
pub mod rescue;
mod staging;
#[cfg(test)]
mod tests;

use folders::{LastFolder, Root};
use staging::Staging;

/// Fewer files than this are written by one thread: starting others takes longer.
const PARALLEL_FROM: usize = 48;
/// Files that one task writes at most.
const TASK: usize = 128;

/// What came of a plan.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Paths that were not what the plan says, and so were left as they are; sorted.
    pub changed: Vec<BString>,
}

/// Why one step was not taken.
#[derive(Debug)]
enum Stop {
    /// The path is not what the plan says. Nothing of it was touched.
    Changed,
    Failed(WorktreeError),
}

impl From<WorktreeError> for Stop {
    fn from(error: WorktreeError) -> Stop {
        Stop::Failed(error)
    }
}

/// Carries out `plan` in the work tree at `root`, staging in `own_dir` where that is on the same file system.
///
/// An error leaves what is done so far; planning anew from a scan and applying that completes it.
pub fn apply(
    objects: &dyn ObjectReader,
    root: &Path,
    own_dir: &Path,
    plan: &Plan,
    progress: &dyn Progress,
) -> Result<Applied, WorktreeError> {
    let root = Root::open(root)?;
    let staging = Staging::create(&root, own_dir, plan)?;
    let run = Run { objects, root: &root, staging: &staging, plan, progress };
    let outcome = run.all();
    root.restore_loosened();
    let applied = outcome?;
    fault::reach("apply.before-sync");
    root.sync()?;
    fault::reach("apply.synced");
    staging.remove();
    Ok(applied)
}

/// The folder of `path` as a handle, and the last part of the path; no handle when the folder is not there.
pub(super) fn reach_folder<'p>(root: &Path, path: &'p BStr) -> Result<(Option<OwnedFd>, &'p [u8]), WorktreeError> {
    let (parent, name) = folders::split(path);
    match Root::open(root)?.folder(parent) {
        Ok(folder) => Ok((Some(folder), name)),
        Err(Stop::Changed) => Ok((None, name)),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// Everything that the steps need.
struct Run<'a> {
    objects: &'a dyn ObjectReader,
    root: &'a Root,
    staging: &'a Staging,
    plan: &'a Plan,
    progress: &'a dyn Progress,
}

impl Run<'_> {
    fn all(&self) -> Result<Applied, WorktreeError> {
        let mut changed = Vec::new();
        let plan = self.plan;
        let mut last = LastFolder::new(self.root);
        for (number, removal) in plan.removals.iter().enumerate() {
            self.note(&mut changed, removal.path.as_bstr(), place::remove(self, &mut last, number, removal))?;
        }
        drop(last);
        fault::reach("apply.removed");
        for removal in &plan.folder_removals {
            let outcome = self.root.remove_folder(removal.path.as_bstr(), removal.makes_way);
            self.note(&mut changed, removal.path.as_bstr(), outcome)?;
        }
        for creation in &plan.folder_creations {
            self.note(&mut changed, creation.path.as_bstr(), self.root.create_folder(creation.path.as_bstr()))?;
        }
        fault::reach("apply.folders");
        self.write_files(&mut changed)?;
        fault::reach("apply.files");
        let first_link = plan.removals.len() + plan.writes.len();
        let mut last = LastFolder::new(self.root);
        for (number, link) in plan.links.iter().enumerate() {
            self.note(&mut changed, link.path.as_bstr(), place::write(self, &mut last, first_link + number, link))?;
        }
        for path in &plan.gitlinks {
            self.note(&mut changed, path.as_bstr(), self.root.create_nested(path.as_bstr()))?;
        }
        fault::reach("apply.links");
        self.set_permissions(&mut changed)?;
        changed.sort();
        changed.dedup();
        Ok(Applied { changed })
    }

    fn write_files(&self, changed: &mut Vec<BString>) -> Result<(), WorktreeError> {
        let first = self.plan.removals.len();
        let writes: Vec<(usize, &Write)> = (first..).zip(&self.plan.writes).collect();
        let watch = Watch::begin(self.progress, Step::Writing, writes.len());
        if writes.len() < PARALLEL_FROM {
            changed.extend(self.write_some(&writes, &watch)?);
            return Ok(());
        }
        let outcomes: Vec<_> = writes.par_chunks(TASK).map(|chunk| self.write_some(chunk, &watch)).collect();
        for outcome in outcomes {
            changed.extend(outcome?);
        }
        Ok(())
    }

    fn write_some(&self, writes: &[(usize, &Write)], watch: &Watch<'_>) -> Result<Vec<BString>, WorktreeError> {
        let mut changed = Vec::new();
        let mut last = LastFolder::new(self.root);
        for &(number, write) in writes {
            self.note(&mut changed, write.path.as_bstr(), place::write(self, &mut last, number, write))?;
            watch.advance();
        }
        Ok(changed)
    }

    /// Files, then folders from the deepest up: a folder may become one that cannot be written.
    fn set_permissions(&self, changed: &mut Vec<BString>) -> Result<(), WorktreeError> {
        let plan = self.plan;
        for change in &plan.file_permissions {
            self.note(changed, change.path.as_bstr(), permissions::set_on_file(self.root, change))?;
        }
        fault::reach("apply.file-permissions");
        let mut folders: Vec<&PermissionChange> =
            plan.folder_permissions.iter().chain(&plan.folder_creations).collect();
        folders.sort_by(|left, right| right.path.cmp(&left.path));
        for change in folders {
            self.note(changed, change.path.as_bstr(), permissions::set_on_folder(self.root, change))?;
        }
        fault::reach("apply.folder-permissions");
        Ok(())
    }

    fn note(&self, changed: &mut Vec<BString>, path: &BStr, outcome: Result<(), Stop>) -> Result<(), WorktreeError> {
        match outcome {
            Ok(()) => Ok(()),
            Err(Stop::Changed) => {
                changed.push(path.to_owned());
                Ok(())
            }
            Err(Stop::Failed(error)) => Err(error),
        }
    }
}
