//! `ckpt.session/1`, `ckpt.sessions/1`, and what starting, moving and naming sessions answers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::parts::{PathText, PointRow, SkippedRow};
use crate::model::change::ChangeCounts;
use crate::model::id::ObjectId;
use crate::model::session::{SessionState, TemplateUse};
use crate::ops::load::Loaded;
use crate::ops::session::artifacts::ArtifactKind;
use crate::ops::session::edit::{Renamed, VariableSet};
use crate::ops::session::list::{ListedSession, SessionList};
use crate::ops::session::moves::Moved;
use crate::ops::session::portrait::Portrait;
use crate::ops::session::standing::Place;
use crate::ops::session::start::Started;
use crate::store::session::SessionRecord;

/// What the record of a session says.
#[derive(Debug, Serialize)]
pub struct SessionRow<'a> {
    pub name: &'a str,
    /// All of it, line feeds included.
    pub title: &'a str,
    /// `new`, `active`, `paused`, `complete`, `archived` or `cancelled`.
    pub state: SessionState,
    /// It is the current one of this work tree.
    pub current: bool,
    /// Key of the work tree on whose stack it is (empty for the main one); `null` when it is on none, and for `main`.
    pub worktree: Option<&'a str>,
    /// The session that interrupted it here.
    pub interrupted_by: Option<&'a str>,
    pub created: Timestamp,
    pub closed: Option<Timestamp>,
    pub task: Option<&'a str>,
    /// The git branch that it was given.
    pub branch: Option<&'a str>,
    /// The commit that it began from.
    pub base: Option<ObjectId>,
    pub parent: Option<&'a str>,
    pub template: Option<&'a TemplateUse>,
    pub variables: &'a BTreeMap<String, String>,
    /// Sequence of its last checkpoint, those taken for safety counted.
    pub sequence: u64,
    pub latest: Option<ObjectId>,
}

impl<'a> SessionRow<'a> {
    fn new(name: &'a str, record: &'a SessionRecord, state: SessionState, place: &'a Place) -> SessionRow<'a> {
        let details = &record.details;
        let worktree = match place {
            Place::Elsewhere { worktree, .. } => Some(worktree.as_str()),
            Place::Current | Place::Interrupted { .. } => details.worktree.as_deref(),
            Place::Away => None,
        };
        let interrupted_by = match place {
            Place::Interrupted { by } => Some(by.as_str()),
            _ => None,
        };
        SessionRow {
            name,
            title: &record.title,
            state,
            current: *place == Place::Current,
            worktree,
            interrupted_by,
            created: record.created,
            closed: details.closed,
            task: details.task.as_deref(),
            branch: details.branch.as_deref(),
            base: details.base,
            parent: details.parent.as_deref(),
            template: details.template.as_ref(),
            variables: &details.variables,
            sequence: record.sequence,
            latest: record.latest,
        }
    }
}

/// `ckpt.sessions/1`: sessions, the current one first, then by their last change.
#[derive(Debug, Serialize)]
pub struct SessionsDocument<'a> {
    /// `ckpt.sessions/1`.
    pub schema: &'static str,
    pub sessions: Vec<ListedRow<'a>>,
    /// Archived and cancelled ones that were left out.
    pub hidden: u64,
    pub damaged: Vec<DamagedSession<'a>>,
}

/// A session of the list.
#[derive(Debug, Serialize)]
pub struct ListedRow<'a> {
    #[serde(flatten)]
    pub session: SessionRow<'a>,
    /// When something happened in it last.
    pub changed: Timestamp,
}

/// A session that cannot be read.
#[derive(Debug, Serialize)]
pub struct DamagedSession<'a> {
    pub name: &'a str,
    pub problem: &'a str,
}

impl<'a> SessionsDocument<'a> {
    pub fn of(list: &'a SessionList) -> SessionsDocument<'a> {
        SessionsDocument {
            schema: "ckpt.sessions/1",
            sessions: list.sessions.iter().map(ListedRow::of).collect(),
            hidden: list.hidden,
            damaged: list.damaged.iter().map(|(name, problem)| DamagedSession { name, problem }).collect(),
        }
    }
}

impl<'a> ListedRow<'a> {
    fn of(listed: &'a ListedSession) -> ListedRow<'a> {
        let session = SessionRow::new(listed.name.as_str(), &listed.record, listed.state, &listed.place);
        ListedRow { session, changed: listed.changed }
    }
}

/// `ckpt.session/1`: all of a session.
#[derive(Debug, Serialize)]
pub struct SessionDocument<'a> {
    /// `ckpt.session/1`.
    pub schema: &'static str,
    #[serde(flatten)]
    pub session: SessionRow<'a>,
    /// Names on the stack of this work tree, the bottom first, without `main`.
    pub stack: Vec<&'a str>,
    /// Its git branch does not exist any more.
    pub branch_gone: bool,
    pub totals: TotalsRow,
    /// Between the commit that it began from and its last checkpoint.
    pub changes: ChangeCounts,
    /// The paths of these changes by kind: `code`, `tests`, `docs`, `scripts`, `notes`, `other`.
    pub artifacts: BTreeMap<ArtifactKind, Vec<PathText<'a>>>,
    pub last: Option<PointRow<'a>>,
    pub todos: &'a [String],
    pub issues: &'a [String],
    pub decisions: &'a [String],
    pub next: &'a [String],
    pub checklist: ChecklistRow<'a>,
}

/// What was done, in numbers.
#[derive(Debug, Serialize)]
pub struct TotalsRow {
    pub active_seconds: u64,
    pub checkpoints: u64,
    pub commits: u64,
    pub prompts: u64,
    pub tool_calls: u64,
    pub commands: u64,
    pub failures: u64,
    pub files_read: u64,
    pub files_written: u64,
    pub notes: u64,
    pub decisions: u64,
    pub issues: u64,
    pub todos: u64,
    pub todos_done: u64,
    pub events: u64,
}

/// The plan.
#[derive(Debug, Serialize)]
pub struct ChecklistRow<'a> {
    pub done: u64,
    pub total: u64,
    pub open: Vec<OpenItem<'a>>,
}

/// An item of the plan that is not done.
#[derive(Debug, Serialize)]
pub struct OpenItem<'a> {
    pub phase: &'a str,
    pub text: &'a str,
}

impl<'a> SessionDocument<'a> {
    pub fn of(portrait: &'a Portrait) -> SessionDocument<'a> {
        let totals = portrait.totals;
        let paths = |changes: &'a Vec<crate::model::change::Change>| -> Vec<PathText<'a>> {
            changes.iter().map(|change| PathText::of(&change.path)).collect()
        };
        let standing = &portrait.standing;
        let open = portrait.checklist.open.iter().map(|(phase, text)| OpenItem { phase, text });
        SessionDocument {
            schema: "ckpt.session/1",
            session: SessionRow::new(portrait.name.as_str(), &portrait.record, standing.state, &standing.place),
            stack: portrait.stack.iter().map(|name| name.as_str()).collect(),
            branch_gone: portrait.branch_is_gone,
            totals: TotalsRow {
                active_seconds: totals.active,
                checkpoints: totals.checkpoints,
                commits: portrait.commits.unwrap_or(0).max(totals.commits),
                prompts: totals.prompts,
                tool_calls: totals.tool_calls,
                commands: totals.commands,
                failures: totals.failures,
                files_read: totals.files_read,
                files_written: totals.files_written,
                notes: totals.notes,
                decisions: totals.decisions,
                issues: totals.issues,
                todos: totals.todos,
                todos_done: totals.todos_done,
                events: totals.events,
            },
            changes: portrait.changes,
            artifacts: portrait.artifacts.iter().map(|(kind, changes)| (*kind, paths(changes))).collect(),
            last: portrait.last.as_ref().map(PointRow::of),
            todos: &portrait.todos,
            issues: &portrait.issues,
            decisions: &portrait.decisions,
            next: &portrait.next,
            checklist: ChecklistRow {
                done: portrait.checklist.done,
                total: portrait.checklist.total(),
                open: open.collect(),
            },
        }
    }
}

/// `ckpt.session-start/1`: a session that is the current one now.
#[derive(Debug, Serialize)]
pub struct StartDocument<'a> {
    /// `ckpt.session-start/1`.
    pub schema: &'static str,
    pub name: &'a str,
    pub title: &'a str,
    pub task: Option<&'a str>,
    pub template: Option<&'a TemplateUse>,
    /// The git branch that was made, and that HEAD is on now.
    pub branch: Option<&'a str>,
    pub parent: &'a str,
    /// The session that was left for it.
    pub paused: Option<&'a str>,
    /// It was there already (`--or-resume`).
    pub resumed: bool,
    /// Where it began elsewhere than at HEAD: the commit, and what that was called.
    pub base: Option<ObjectId>,
    pub from: Option<&'a str>,
    /// The checkpoint of all that was there before, and what of it is in no commit.
    pub checkpoint: Option<ObjectId>,
    pub changes: Option<ChangeCounts>,
    /// The operation in progress that was kept in it.
    pub operation: Option<&'a str>,
    /// Paths left alone because no checkpoint holds them.
    pub protected: Vec<SkippedRow<'a>>,
    /// Files that the new tree's own rules do not ignore any more; left as they are.
    pub revealed: Vec<PathText<'a>>,
    pub warnings: &'a [String],
}

impl<'a> StartDocument<'a> {
    pub fn of(started: &'a Started) -> StartDocument<'a> {
        let moved = started.moved.as_ref();
        let loaded = moved.map(|moved| &moved.loaded);
        StartDocument {
            schema: "ckpt.session-start/1",
            name: started.name.as_str(),
            title: &started.title,
            task: started.task.as_deref(),
            template: started.template.as_ref(),
            branch: started.branch.as_deref(),
            parent: started.parent.as_str(),
            paused: started.paused.as_ref().map(|name| name.as_str()),
            resumed: started.resumed.is_some(),
            base: moved.map(|moved| moved.base),
            from: moved.map(|moved| moved.from.as_str()),
            checkpoint: moved.map(|moved| moved.kept),
            changes: moved.map(|moved| moved.kept_changes),
            operation: moved.and_then(|moved| moved.operation.as_deref()),
            protected: loaded.map(|loaded| SkippedRow::list(&loaded.protected)).unwrap_or_default(),
            revealed: loaded.map(|loaded| PathText::list(&loaded.revealed)).unwrap_or_default(),
            warnings: &started.context.warnings,
        }
    }
}

/// `ckpt.session-move/1`: `pause`, `resume`, `cancel`, `archive`.
#[derive(Debug, Serialize)]
pub struct MoveDocument<'a> {
    /// `ckpt.session-move/1`.
    pub schema: &'static str,
    pub name: &'a str,
    pub title: &'a str,
    pub from: SessionState,
    pub to: SessionState,
    /// The current session from now on.
    pub current: &'a str,
    pub paused: Option<&'a str>,
    /// It was the current one already.
    pub unchanged: bool,
    /// Its git branch, where HEAD is elsewhere.
    pub branch_elsewhere: Option<&'a str>,
    pub latest: Option<ObjectId>,
    /// The checkpoint that was loaded (`--load`).
    pub loaded: Option<ObjectId>,
    /// What was there before the load.
    pub safety: Option<ObjectId>,
    pub warnings: &'a [String],
}

impl<'a> MoveDocument<'a> {
    pub fn of(moved: &'a Moved, loaded: Option<&Loaded>) -> MoveDocument<'a> {
        MoveDocument {
            schema: "ckpt.session-move/1",
            name: moved.name.as_str(),
            title: &moved.title,
            from: moved.from,
            to: moved.to,
            current: moved.current.as_str(),
            paused: moved.paused.as_ref().map(|name| name.as_str()),
            unchanged: moved.unchanged,
            branch_elsewhere: moved.branch_elsewhere.as_deref(),
            latest: moved.latest,
            loaded: loaded.map(|loaded| loaded.target),
            safety: loaded.map(|loaded| loaded.safety),
            warnings: &moved.context.warnings,
        }
    }
}

/// `ckpt.session-rename/1`.
#[derive(Debug, Serialize)]
pub struct RenameDocument<'a> {
    /// `ckpt.session-rename/1`.
    pub schema: &'static str,
    pub name: &'a str,
    pub title: &'a str,
    pub previous: &'a str,
}

impl<'a> RenameDocument<'a> {
    pub fn of(renamed: &'a Renamed) -> RenameDocument<'a> {
        RenameDocument {
            schema: "ckpt.session-rename/1",
            name: renamed.name.as_str(),
            title: &renamed.title,
            previous: &renamed.previous,
        }
    }
}

/// `ckpt.session-set/1`.
#[derive(Debug, Serialize)]
pub struct VariableDocument<'a> {
    /// `ckpt.session-set/1`.
    pub schema: &'static str,
    pub name: &'a str,
    pub key: &'a str,
    /// `null` where it was taken away.
    pub value: Option<&'a str>,
    pub previous: Option<&'a str>,
}

impl<'a> VariableDocument<'a> {
    pub fn of(set: &'a VariableSet) -> VariableDocument<'a> {
        VariableDocument {
            schema: "ckpt.session-set/1",
            name: set.session.as_str(),
            key: &set.key,
            value: set.value.as_deref(),
            previous: set.previous.as_deref(),
        }
    }
}
