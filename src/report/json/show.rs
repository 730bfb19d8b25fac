//! `ckpt.show/1`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::parts::{FileRow, PathText, PointRow, SkippedRow};
use super::submodules::HeldRow;
use crate::model::change::Change;
use crate::model::checkpoint::Facts;
use crate::model::id::ObjectId;
use crate::ops::show::Shown;

/// `ckpt.show/1`: a snapshot as data. The fields of a checkpoint in `ckpt.list/1` stand here too (`id`, `names`,
/// `session`, `sequence`, `kind`, `timestamp`, `branch`, `head`, `worktree`, `changes`, `subject`, `has_note`).
#[derive(Debug, Serialize)]
pub struct ShowDocument<'a> {
    /// `ckpt.show/1`.
    pub schema: &'static str,
    #[serde(flatten)]
    pub point: PointRow<'a>,
    /// Subject line of the commit at HEAD.
    pub head_subject: Option<&'a str>,
    /// Whether HEAD is now where it was then.
    pub at_head: bool,
    /// Tree of the work tree, in git's own form.
    pub tree: ObjectId,
    /// Tree of the index.
    pub index_tree: ObjectId,
    /// What was in progress, such as `merge`.
    pub operation: Option<&'a str>,
    /// Every file of the snapshot, and those deleted against the commit at HEAD, by path.
    pub files: Vec<FileRow<'a>>,
    /// What was staged, against the commit at HEAD.
    pub staged: Vec<FileRow<'a>>,
    /// Paths in conflict.
    pub conflicts: Vec<PathText<'a>>,
    /// `context.md`.
    pub context: Option<&'a str>,
    /// Documents of the partitions, by name.
    pub partitions: BTreeMap<&'a str, &'a str>,
    /// `checklist.md`.
    pub checklist: Option<&'a str>,
    /// Steps to do next.
    pub todos: &'a [String],
    /// The note, if there is one.
    pub notes: Vec<&'a str>,
    /// What was left out.
    pub skipped: Vec<SkippedRow<'a>>,
    /// The checkpoints of the repositories inside that belong to it: `path`, `id`.
    pub submodules: Vec<HeldRow<'a>>,
    /// Ignored files that were taken on request or for safety.
    pub included: Vec<PathText<'a>>,
    /// Where it was made: `ckpt`, `git`, `system`, `host`, `directory`, `outer`.
    pub environment: &'a Facts,
}

impl<'a> ShowDocument<'a> {
    /// `files` is what [`crate::ops::show::files`] tells of the same checkpoint.
    pub fn of(shown: &'a Shown, files: &'a [Change]) -> ShowDocument<'a> {
        let checkpoint = &shown.checkpoint;
        let snapshot = &checkpoint.snapshot;
        let words = &checkpoint.words;
        let mut conflicts: Vec<_> = snapshot.index_extra.conflicts.iter().map(|stage| &stage.path).collect();
        conflicts.dedup();
        ShowDocument {
            schema: "ckpt.show/1",
            point: PointRow::new(&checkpoint.summary, &shown.names),
            head_subject: shown.base_subject.as_deref(),
            at_head: shown.at_base,
            tree: snapshot.tree,
            index_tree: snapshot.index_tree,
            operation: snapshot.operation.as_ref().map(|operation| operation.kind.as_str()),
            files: FileRow::list(files),
            staged: FileRow::list(&shown.staged),
            conflicts: conflicts.into_iter().map(PathText::of).collect(),
            context: words.context.as_deref(),
            partitions: words.partitions.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect(),
            checklist: words.checklist.as_deref(),
            todos: &words.next,
            notes: words.note.as_deref().into_iter().collect(),
            skipped: snapshot.left_out().map(SkippedRow::of).collect(),
            submodules: HeldRow::list(&snapshot.submodules),
            included: PathText::list(&snapshot.included),
            environment: &checkpoint.environment,
        }
    }
}
