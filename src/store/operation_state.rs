//! The files of a merge, rebase, cherry-pick, revert, am or bisect in progress: which they are, and how they are kept.
//!
//! Only these files are ever read, written or removed; never HEAD, the index, or a branch. Called by a save (which
//! pays a few stat calls when nothing is in progress) and by a load with `--operation`.

mod capture;
mod restore;
mod table_refs;

#[cfg(test)]
mod tests;

pub use restore::foreign_file;

use std::path::Path;

use super::{Store, StoreError};
use crate::model::checkpoint::OperationState;
use crate::model::object::ObjectWriter;
use table_refs::TableRefs;

/// Files directly in the work tree's git folder.
const FILES: [&str; 17] = [
    "AUTO_MERGE",
    "BISECT_ANCESTORS_OK",
    "BISECT_EXPECTED_REV",
    "BISECT_FIRST_PARENT",
    "BISECT_LOG",
    "BISECT_NAMES",
    "BISECT_RUN",
    "BISECT_START",
    "BISECT_TERMS",
    "CHERRY_PICK_HEAD",
    "MERGE_AUTOSTASH",
    "MERGE_HEAD",
    "MERGE_MODE",
    "MERGE_MSG",
    "MERGE_RR",
    "REBASE_HEAD",
    "REVERT_HEAD",
];

/// Files that count too, the first when nothing but a squash is in progress, the second with a rebase alone: git writes
/// it at every reset as well.
const SQUASH: &str = "SQUASH_MSG";
const ORIGINAL_HEAD: &str = "ORIG_HEAD";

/// Folders, whole. The refs are of this work tree alone.
const FOLDERS: [&str; 5] = ["rebase-apply", "rebase-merge", "refs/bisect", "refs/rewritten", "sequencer"];

/// What tells that something is in progress, the outermost first.
const MARKERS: [(&str, &str); 8] = [
    ("rebase-merge", "rebase"),
    ("rebase-apply/applying", "am"),
    ("rebase-apply", "rebase"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
    ("REVERT_HEAD", "revert"),
    ("MERGE_HEAD", "merge"),
    ("BISECT_START", "bisect"),
    (SQUASH, "squash"),
];

/// What is in progress, as people call it; the outermost when there are several. A few stat calls.
pub fn kind_in_progress(store: &Store) -> Option<&'static str> {
    kind_of(&store.layout.git_dir, &TableRefs::read(store).unwrap_or_default())
}

/// Keeps the state of what is in progress; `None` when nothing is.
pub fn capture(store: &Store, writer: &dyn ObjectWriter) -> Result<Option<OperationState>, StoreError> {
    capture::capture(&store.layout.git_dir, &TableRefs::read(store)?, writer, store)
}

/// Makes the saved operation the one in progress; `None` means that none is to be. When it is interrupted it can be run
/// again.
pub fn restore(store: &Store, saved: Option<&OperationState>) -> Result<(), StoreError> {
    let wanted = restore::restore(&store.layout.git_dir, store.refs.has_tables(), saved, store)?;
    table_refs::write(store, &wanted)
}

fn kind_of(git_dir: &Path, refs: &TableRefs) -> Option<&'static str> {
    let exists = |name: &str| refs.has(name) || git_dir.join(name).symlink_metadata().is_ok();
    let marked = MARKERS.iter().find(|(name, _)| exists(name)).map(|(_, kind)| *kind);
    marked.or_else(|| exists("sequencer/todo").then(|| kind_of_sequence(git_dir)))
}

/// Between two picks only the list of what is left tells a cherry-pick from a revert.
fn kind_of_sequence(git_dir: &Path) -> &'static str {
    let todo = std::fs::read_to_string(git_dir.join("sequencer/todo")).unwrap_or_default();
    if todo.starts_with("revert ") { "revert" } else { "cherry-pick" }
}
