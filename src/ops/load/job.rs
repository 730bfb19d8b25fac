//! What a load is about, from the request to its end. Made by load, undo and recovery alike: there is one engine.

use std::time::Instant;

use bstr::BString;
use jiff::Timestamp;

use crate::model::checkpoint::{Checkpoint, CheckpointKind, Snapshot};
use crate::model::head::Head;
use crate::model::id::ObjectId;
use crate::model::index::IndexStamp;
use crate::model::omission::Omission;
use crate::model::operation::Switch;
use crate::worktree::journal::{Journal, Subject};
use crate::worktree::plan::Plan;

/// What is to be loaded, and why.
#[derive(Clone, Debug)]
pub(crate) struct Errand {
    pub(crate) target: ObjectId,
    /// The checkpoint whose files stand here, as far as nobody has changed them since.
    pub(crate) origin: Option<ObjectId>,
    /// From the root; empty for all.
    pub(crate) paths: Vec<BString>,
    /// Paths that the target does not have are removed; otherwise they are an error.
    pub(crate) removes_paths: bool,
    pub(crate) head: bool,
    pub(crate) operation: bool,
    /// The repositories inside are loaded too.
    pub(crate) submodules: bool,
    pub(crate) allow_links: bool,
    pub(crate) force: bool,
    /// One line for people, such as `load before-refactor`.
    pub(crate) description: String,
    /// The operation that is undone or redone by this.
    pub(crate) subject: Option<Subject>,
    /// The load around this one goes back over another.
    pub(crate) goes_back: bool,
    /// The target is a state of this repository's own, put together for this load.
    pub(crate) is_own: bool,
    /// As what the present state is kept.
    pub(crate) keeps: CheckpointKind,
    /// A git branch that is made at the target's commit, for HEAD.
    pub(crate) creates: Option<String>,
    /// What becomes of the stack at the end; known only once the safety checkpoint is.
    pub(crate) switch: Option<Switch>,
    /// The interrupted load that this finishes or undoes.
    pub(crate) recovers: Option<Recovered>,
}

/// An interrupted load on its way to an end.
#[derive(Clone, Debug)]
pub(crate) struct Recovered {
    pub(crate) journal: Journal,
    /// Back to what was there before it.
    pub(crate) is_undo: bool,
}

impl Errand {
    /// All of a checkpoint, and nothing beside the files and the index.
    pub(crate) fn new(target: ObjectId, description: String) -> Errand {
        Errand {
            target,
            origin: None,
            paths: Vec::new(),
            removes_paths: false,
            head: false,
            operation: false,
            submodules: false,
            allow_links: false,
            force: false,
            description,
            subject: None,
            goes_back: false,
            is_own: false,
            keeps: CheckpointKind::Safety,
            creates: None,
            switch: None,
            recovers: None,
        }
    }

    /// It goes back over a load: an undo, a redo or a recovery.
    pub(crate) fn goes_back(&self) -> bool {
        self.goes_back || self.subject.is_some() || self.recovers.is_some()
    }
}

/// A load that is ready to be carried out.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) errand: Errand,
    pub(crate) checkpoint: Checkpoint,
    /// The state that the safety checkpoint holds.
    pub(crate) before: Snapshot,
    pub(crate) plan: Plan,
    /// Of the index, taken before the safety checkpoint.
    pub(crate) index_stamp: IndexStamp,
    /// End of the operation log at that time.
    pub(crate) operations: Option<ObjectId>,
    /// Where HEAD is to be put, when it is to be moved.
    pub(crate) new_head: Option<Head>,
    /// The operation in progress is to be exchanged for that of the checkpoint.
    pub(crate) exchanges_operation: bool,
    pub(crate) started: Timestamp,
    pub(crate) begun: Instant,
}

impl Job {
    /// Whether repositories inside are loaded too.
    pub(crate) fn recurses(&self) -> bool {
        self.errand.submodules && !self.checkpoint.snapshot.submodules.is_empty()
    }

    /// Whether a path is one that the load leaves alone.
    pub(crate) fn is_protected(&self, path: &[u8]) -> bool {
        let covers = |omission: &Omission| {
            omission.reason.is_protected() && crate::worktree::plan::is_at_or_below(path, &omission.path)
        };
        self.plan.protected.iter().any(|protected| covers(&protected.omission))
    }
}
