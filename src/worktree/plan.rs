//! What a load has to do, worked out from two known states without touching the disk.
//!
//! The current state is that of the safety checkpoint taken a moment ago: nothing is replaced or removed that it does not
//! hold, and only paths that differ are touched. Called by `ops/load`; carried out by `worktree::apply`.

use std::collections::HashSet;

use bstr::BString;

use crate::model::change::Change;
use crate::model::extra::WorktreeExtra;
use crate::model::id::ObjectId;
use crate::model::object::{ObjectError, ObjectReader};
use crate::model::omission::Omission;

mod build;
mod children;
#[cfg(test)]
mod tests;

/// A state of a work tree: what its checkpoint holds, and what it names as left out.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    /// `None` for an empty work tree.
    pub tree: Option<ObjectId>,
    pub extra: &'a WorktreeExtra,
    pub omissions: &'a [Omission],
}

/// How a blob becomes the bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// As they are.
    Verbatim,
    /// Each LF becomes CR LF.
    Crlf,
    /// The blob is the target of a symbolic link.
    Link,
}

/// The content of one path on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Content {
    pub id: ObjectId,
    pub form: Form,
}

/// A file or link to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    pub path: BString,
    pub content: Content,
    /// The nine permission bits; of no meaning for a link.
    pub permissions: u32,
    /// What stands there now, as the safety checkpoint holds it; `None` when the place must be free.
    pub replaces: Option<Content>,
}

/// A file or link to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    pub path: BString,
    /// What stands there now, as the safety checkpoint holds it.
    pub was: Content,
}

/// A folder to be removed if it is empty by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderRemoval {
    pub path: BString,
    /// A file or link takes its place: it must be empty, or the load cannot be carried out.
    pub makes_way: bool,
}

/// The permission bits of a path that otherwise stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionChange {
    pub path: BString,
    pub permissions: u32,
}

/// The steps of a load, each list in the order in which it is carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub removals: Vec<Removal>,
    /// Deepest first.
    pub folder_removals: Vec<FolderRemoval>,
    /// Shallowest first. The bits are set when everything else is done.
    pub folder_creations: Vec<PermissionChange>,
    pub writes: Vec<Write>,
    /// Made after all files, so that no file is ever written through one.
    pub links: Vec<Write>,
    /// Folders of nested repositories, made empty where nothing stands.
    pub gitlinks: Vec<BString>,
    pub file_permissions: Vec<PermissionChange>,
    /// Deepest first.
    pub folder_permissions: Vec<PermissionChange>,
    /// What was passed over, because one of the two states does not hold it.
    pub protected: Vec<Protected>,
    /// The same as git would list it: contents and git's modes alone.
    pub changes: Vec<Change>,
    /// Objects that the plan needs and that are not there.
    pub missing: Vec<ObjectId>,
    /// Paths of the filter that the target does not have.
    pub not_in_target: Vec<BString>,
    /// Files and links that were not chosen, but stand where a chosen path needs a folder.
    pub blocked: Vec<BString>,
    /// Bytes that will be written, about.
    pub bytes: u64,
}

/// A path that a load leaves alone although the states differ there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protected {
    pub omission: Omission,
    /// The current state lacks it: changing it could lose it.
    pub is_current: bool,
}

impl Plan {
    /// Whether there is nothing to do to the work tree.
    pub fn is_empty(&self) -> bool {
        self.removals.is_empty() && self.writes.is_empty() && self.links.is_empty() && self.gitlinks.is_empty() && {
            self.folder_and_mode_changes() == 0
        }
    }

    /// Paths whose permission bits alone change, and folders that come or go.
    pub fn folder_and_mode_changes(&self) -> u64 {
        let lists = [self.folder_creations.len(), self.file_permissions.len(), self.folder_permissions.len()];
        lists.iter().sum::<usize>() as u64 + self.folder_removals.len() as u64
    }

    /// Takes the removal of these files and links out of the plan.
    pub fn keep_files(&mut self, kept: &HashSet<BString>) {
        self.removals.retain(|removal| !kept.contains(&removal.path));
        self.changes.retain(|change| !kept.contains(&change.path));
    }

    /// Takes all that is at or below these paths out of the plan, and names them as left alone.
    pub fn leave_alone(&mut self, objects: &dyn ObjectReader, omissions: Vec<Omission>) {
        if omissions.is_empty() {
            return;
        }
        let stays = |path: &BString| omissions.iter().any(|omission| is_at_or_below(path, &omission.path));
        for write in self.writes.iter().chain(&self.links).filter(|write| stays(&write.path)) {
            let size = objects.read_header(&write.content.id).map_or(0, |(_, size)| size);
            self.bytes = self.bytes.saturating_sub(size);
        }
        self.removals.retain(|removal| !stays(&removal.path));
        self.folder_removals.retain(|removal| !stays(&removal.path));
        self.writes.retain(|write| !stays(&write.path));
        self.links.retain(|link| !stays(&link.path));
        self.gitlinks.retain(|path| !stays(path));
        for list in [&mut self.folder_creations, &mut self.file_permissions, &mut self.folder_permissions] {
            list.retain(|change| !stays(&change.path));
        }
        self.changes.retain(|change| !stays(&change.path));
        self.protected.extend(omissions.into_iter().map(|omission| Protected { omission, is_current: true }));
    }

    /// Files and links to be made, links last.
    pub fn all_writes(&self) -> impl Iterator<Item = &Write> {
        self.writes.iter().chain(&self.links)
    }
}

/// Works out how to come from one state to another.
///
/// With `paths` (from the root, `/` between parts, no trailing slash) only what is at or below one of them is planned.
pub fn plan(
    objects: &dyn ObjectReader,
    current: State<'_>,
    target: State<'_>,
    paths: &[BString],
) -> Result<Plan, ObjectError> {
    build::Builder::new(objects, current, target, paths).run()
}

/// Whether `path` is `folder` or lies below it, by whole parts.
pub fn is_at_or_below(path: &[u8], folder: &[u8]) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}
