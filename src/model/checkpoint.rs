//! A saved point: what the three commits of a checkpoint say.

use bstr::BString;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::change::ChangeCounts;
use super::extra::WorktreeExtra;
use super::head::Head;
use super::id::ObjectId;
use super::index::IndexExtra;
use super::omission::Omission;

/// Who asked for a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckpointKind {
    /// Somebody typed `ckpt save`.
    Manual,
    /// Taken before something that moves files, so that it can be undone.
    Safety,
    /// Taken by a hook.
    Auto,
}

/// The exact captured state, by the ids of what was stored.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Tree of the work tree, in git's own form.
    pub tree: ObjectId,
    pub extra: WorktreeExtra,
    pub omissions: Vec<Omission>,
    /// Ignored files that were taken on request or for safety; they stay local.
    pub included: Vec<BString>,
    /// Tree of the index (stage 0 entries, without intent-to-add).
    pub index_tree: ObjectId,
    pub index_extra: IndexExtra,
    pub head: Head,
    pub operation: Option<OperationState>,
    /// Checkpoints of the repositories inside, each in its own repository, that belong to this one.
    pub submodules: Vec<SubmoduleCheckpoint>,
}

impl Snapshot {
    /// What was left out, without the repositories inside that have checkpoints of their own.
    pub fn left_out(&self) -> impl Iterator<Item = &Omission> {
        let is_held = |path: &BString| self.submodules.iter().any(|one| one.path == *path);
        self.omissions.iter().filter(move |omission| !is_held(&omission.path))
    }
}

/// A checkpoint of a repository inside the work tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmoduleCheckpoint {
    /// Where it is, from the root of the work tree around it.
    pub path: BString,
    /// In the repository inside.
    pub id: ObjectId,
}

/// A merge, rebase, cherry-pick, revert, am or bisect in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationState {
    /// What people call it: `merge`, `rebase` …
    pub kind: String,
    /// Tree of its small files, laid out as below the git folder. Equal trees mean the same operation at the same step.
    pub tree: ObjectId,
    /// Commits that only its files name.
    pub commits: Vec<ObjectId>,
}

/// What people and agents add to a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The note; its first line is the subject of W.
    pub note: Option<String>,
    /// Steps to do next.
    pub next: Vec<String>,
    /// `context.md`.
    pub context: Option<String>,
    /// `checklist.md`.
    pub checklist: Option<String>,
    /// Name and text of each `partitions/*.md`, by name.
    pub partitions: Vec<(String, String)>,
}

/// The facts of a checkpoint that `list` shows, all read from W alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub id: ObjectId,
    pub session: String,
    /// Position in the session, from 1; the order of points, whatever the clock says.
    pub sequence: u64,
    pub kind: CheckpointKind,
    pub created: Timestamp,
    /// Branch as people say it; `None` when HEAD was detached.
    pub branch: Option<String>,
    /// The commit that HEAD stood at; `None` before the first one.
    pub base: Option<ObjectId>,
    /// Key of the work tree that it was taken in: empty for the main one.
    pub worktree: String,
    /// Against the commit at HEAD.
    pub changes: ChangeCounts,
    /// First line of the note, or of what stands for it.
    pub subject: String,
    /// Whether the subject is from a note.
    pub has_note: bool,
}

/// A checkpoint read in full.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    pub summary: Summary,
    pub snapshot: Snapshot,
    pub words: Words,
    pub environment: Facts,
}

/// Facts about where a checkpoint was made; for the reader, never acted on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Version of ckpt.
    pub ckpt: String,
    pub git: Option<String>,
    /// Such as `linux x86_64`.
    pub system: String,
    pub host: String,
    /// Root of the work tree.
    pub directory: String,
    /// Root of the work tree around it, where it was saved with that.
    #[serde(default)]
    pub outer: Option<String>,
}
