//! `ckpt.load/1` and `ckpt.recover/1`.

use serde::Serialize;

use super::parts::{FileRow, PathText, SkippedRow};
use super::submodules::LoadedRow;
use crate::model::change::ChangeCounts;
use crate::model::id::ObjectId;
use crate::ops::load::{HeadFate, IndexFate, LaidOut, Loaded, PreparedLoad};

/// `ckpt.load/1` and `ckpt.recover/1`: what was loaded.
#[derive(Debug, Serialize)]
pub struct LoadDocument<'a> {
    /// `ckpt.load/1` or `ckpt.recover/1`.
    pub schema: &'static str,
    /// `false`: see the plan of `--dry-run` for the other case.
    pub dry_run: bool,
    pub id: ObjectId,
    pub names: &'a [String],
    /// The checkpoint that holds what was there before; `ckpt undo` goes back to it.
    pub safety: ObjectId,
    /// Of a recovery: the checkpoint that holds what was there when it began; `ckpt load` goes back to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<ObjectId>,
    /// Paths written and deleted.
    pub changes: ChangeCounts,
    pub bytes_written: u64,
    pub index: IndexRow,
    pub head: HeadRow<'a>,
    /// Paths left alone because the checkpoint does not hold them.
    pub protected: Vec<SkippedRow<'a>>,
    /// Paths changed since the last checkpoint, now only in the safety checkpoint.
    pub unsaved: Vec<PathText<'a>>,
    /// Paths, or folders with all in them, that the checkpoint's own ignore rules hide; left as they are.
    pub ignored_kept: Vec<PathText<'a>>,
    /// Files that were ignored before and are not any more; left as they are.
    pub revealed: Vec<PathText<'a>>,
    /// What was loaded in the repositories inside: `path`, `id`, `safety`, `changes`, `bytes_written`, `head`.
    pub submodules: Vec<LoadedRow<'a>>,
    pub elapsed_ms: u64,
    /// The steps to do next that were saved with the point.
    pub todos: &'a [String],
    /// The note that was saved with the point, if there is one.
    pub notes: Vec<&'a str>,
    /// The context that was saved with the point.
    pub context: Option<&'a str>,
}

/// `ckpt.load/1` of `--dry-run`: what would be loaded.
#[derive(Debug, Serialize)]
pub struct PlanDocument<'a> {
    /// `ckpt.load/1`.
    pub schema: &'static str,
    /// `true`.
    pub dry_run: bool,
    pub id: ObjectId,
    pub names: &'a [String],
    pub changes: ChangeCounts,
    pub bytes_written: u64,
    /// Each path that would be written or deleted.
    pub files: Vec<FileRow<'a>>,
    /// Permission bits that change, and empty folders that come or go.
    pub folder_and_mode_changes: u64,
    pub index: IndexRow,
    pub head: HeadRow<'a>,
    pub protected: Vec<SkippedRow<'a>>,
    pub unsaved: Vec<PathText<'a>>,
    /// Paths, or folders with all in them, that the checkpoint's own ignore rules hide; left as they are.
    pub ignored_kept: Vec<PathText<'a>>,
    /// Ignored paths that would be overwritten.
    pub ignored_overwritten: Vec<PathText<'a>>,
    /// What would be loaded in the repositories inside; also `files`.
    pub submodules: Vec<LoadedRow<'a>>,
}

/// `ckpt.load/1` of `--into`: where the point was laid out.
#[derive(Debug, Serialize)]
pub struct IntoDocument<'a> {
    /// `ckpt.load/1`.
    pub schema: &'static str,
    pub id: ObjectId,
    /// The new linked work tree.
    pub directory: PathText<'a>,
    /// How many files it has.
    pub files: u64,
}

/// What happens to the index.
#[derive(Debug, Serialize)]
pub struct IndexRow {
    /// It is as it was saved; else it stays as it is.
    pub restored: bool,
    /// Why it stays.
    pub reason: Option<&'static str>,
}

/// What happens to HEAD.
#[derive(Debug, Serialize)]
#[serde(tag = "fate", rename_all = "kebab-case")]
pub enum HeadRow<'a> {
    /// It is where it was when the point was saved.
    Same,
    /// It is elsewhere and stays.
    Elsewhere { ahead: usize, behind: usize },
    /// It is put on this branch.
    Branch { branch: &'a str },
    /// It is detached at this commit.
    Detached { commit: ObjectId },
}

impl IndexRow {
    fn of(fate: &IndexFate) -> IndexRow {
        match fate {
            IndexFate::Restored => IndexRow { restored: true, reason: None },
            IndexFate::Kept { reason } => IndexRow { restored: false, reason: Some(reason) },
        }
    }
}

impl<'a> HeadRow<'a> {
    pub(super) fn of(fate: &'a HeadFate) -> HeadRow<'a> {
        match fate {
            HeadFate::Same => HeadRow::Same,
            HeadFate::Elsewhere { ahead, behind } => HeadRow::Elsewhere { ahead: *ahead, behind: *behind },
            HeadFate::Branch(branch) => HeadRow::Branch { branch },
            HeadFate::Detached(commit) => HeadRow::Detached { commit: *commit },
        }
    }
}

impl<'a> LoadDocument<'a> {
    /// `schema` is `ckpt.load/1` or `ckpt.recover/1`.
    pub fn of(loaded: &'a Loaded, schema: &'static str) -> LoadDocument<'a> {
        let words = &loaded.shown.checkpoint.words;
        LoadDocument {
            schema,
            dry_run: false,
            id: loaded.target,
            names: &loaded.target_names,
            safety: loaded.safety,
            kept: loaded.kept,
            changes: loaded.counts,
            bytes_written: loaded.bytes,
            index: IndexRow::of(&loaded.index),
            head: HeadRow::of(&loaded.head),
            protected: SkippedRow::list(&loaded.protected),
            unsaved: PathText::list(&loaded.unsaved),
            ignored_kept: PathText::list(&loaded.ignored_kept),
            revealed: PathText::list(&loaded.revealed),
            submodules: LoadedRow::list(&loaded.submodules),
            elapsed_ms: loaded.elapsed.as_millis() as u64,
            todos: &words.next,
            notes: words.note.as_deref().into_iter().collect(),
            context: words.context.as_deref(),
        }
    }
}

impl<'a> PlanDocument<'a> {
    pub fn of(plan: &'a PreparedLoad) -> PlanDocument<'a> {
        PlanDocument {
            schema: "ckpt.load/1",
            dry_run: true,
            id: plan.target,
            names: &plan.target_names,
            changes: plan.counts,
            bytes_written: plan.bytes,
            files: FileRow::list(&plan.changes),
            folder_and_mode_changes: plan.folder_and_mode_changes,
            index: IndexRow::of(&plan.index),
            head: HeadRow::of(&plan.head),
            protected: SkippedRow::list(&plan.protected),
            unsaved: PathText::list(&plan.unsaved),
            ignored_kept: PathText::list(&plan.ignored_kept),
            ignored_overwritten: PathText::list(&plan.ignored_overwritten),
            submodules: LoadedRow::list_planned(plan),
        }
    }
}

impl<'a> IntoDocument<'a> {
    pub fn of(laid_out: &'a LaidOut) -> IntoDocument<'a> {
        let directory = PathText::of_path(&laid_out.directory);
        IntoDocument { schema: "ckpt.load/1", id: laid_out.target, directory, files: laid_out.files }
    }
}
