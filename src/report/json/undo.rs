//! `ckpt.undo/1` and `ckpt.operations/1`.

use jiff::Timestamp;
use serde::Serialize;

use super::parts::PathText;
use super::submodules::LoadedRow;
use crate::model::change::ChangeCounts;
use crate::model::id::ObjectId;
use crate::model::operation::{OperationRecord, OperationVerb, RefChange};
use crate::model::session::SessionState;
use crate::ops::stack::back::Turned;
use crate::ops::undo::{LogEntry, Undone};
use crate::report::undone::Way;

/// `ckpt.undo/1`: what was undone or redone.
#[derive(Debug, Serialize)]
pub struct UndoDocument<'a> {
    /// `ckpt.undo/1`.
    pub schema: &'static str,
    /// `undo` or `redo`.
    pub way: &'static str,
    pub operation: OperationRow<'a>,
    /// The checkpoint that holds what was there before, when files moved.
    pub safety: Option<ObjectId>,
    /// Paths written and deleted.
    pub changes: ChangeCounts,
    /// The same of the repositories inside: `path`, `id`, `safety`, `changes`, `bytes_written`, `head`.
    pub submodules: Vec<LoadedRow<'a>>,
    /// What became of the sessions, where a session came or went; else `null`.
    pub switched: Option<SwitchedRow<'a>>,
}

/// A session that came or went with an operation.
#[derive(Debug, Serialize)]
pub struct SwitchedRow<'a> {
    pub session: &'a str,
    /// What it is now.
    pub state: SessionState,
    /// The current session.
    pub current: &'a str,
    /// Its git branch, which went because nobody had used it.
    pub removed_branch: Option<&'a str>,
    /// Its git branch, which stays because somebody did.
    pub kept_branch: Option<&'a str>,
    /// Its linked work tree, which stays.
    pub directory: Option<PathText<'a>>,
}

impl<'a> SwitchedRow<'a> {
    fn of(turned: &'a Turned) -> SwitchedRow<'a> {
        SwitchedRow {
            session: turned.child.as_str(),
            state: turned.state,
            current: turned.current.as_str(),
            removed_branch: turned.removed_branch.as_deref(),
            kept_branch: turned.kept_branch.as_deref(),
            directory: turned.directory.as_deref().map(PathText::of_path),
        }
    }
}

/// `ckpt.operations/1`: the operation log, newest first.
#[derive(Debug, Serialize)]
pub struct OperationsDocument<'a> {
    /// `ckpt.operations/1`.
    pub schema: &'static str,
    pub operations: Vec<EntryRow<'a>>,
}

/// One line of the log.
#[derive(Debug, Serialize)]
pub struct EntryRow<'a> {
    /// From 1, the oldest.
    pub position: u64,
    /// It has been undone, and could be redone.
    pub undone: bool,
    #[serde(flatten)]
    pub operation: OperationRow<'a>,
}

/// One operation.
#[derive(Debug, Serialize)]
pub struct OperationRow<'a> {
    /// `load`, `drop`, `name`, `branch`, `return`, `undo` or `redo`.
    pub verb: OperationVerb,
    pub timestamp: Timestamp,
    pub description: &'a str,
    /// The checkpoint of the state before; `null` where no file moved.
    pub before: Option<ObjectId>,
    /// The checkpoint whose state was made.
    pub after: Option<ObjectId>,
    /// Refs that moved: `name`, `old`, `new`.
    pub refs: &'a [RefChange],
}

impl<'a> OperationRow<'a> {
    fn of(record: &'a OperationRecord) -> OperationRow<'a> {
        OperationRow {
            verb: record.verb,
            timestamp: record.created,
            description: &record.description,
            before: record.before,
            after: record.after,
            refs: &record.refs,
        }
    }
}

impl<'a> UndoDocument<'a> {
    pub fn of(undone: &'a Undone, way: Way) -> UndoDocument<'a> {
        UndoDocument {
            schema: "ckpt.undo/1",
            way: match way {
                Way::Undo => "undo",
                Way::Redo => "redo",
            },
            operation: OperationRow::of(&undone.operation),
            safety: undone.safety,
            changes: undone.counts,
            submodules: undone.loaded.as_ref().map_or_else(Vec::new, |loaded| LoadedRow::list(&loaded.submodules)),
            switched: undone.switched.as_ref().map(SwitchedRow::of),
        }
    }
}

impl<'a> OperationsDocument<'a> {
    pub fn of(entries: &'a [LogEntry]) -> OperationsDocument<'a> {
        let row = |entry: &'a LogEntry| EntryRow {
            position: entry.position,
            undone: entry.is_undone,
            operation: OperationRow::of(&entry.record),
        };
        OperationsDocument { schema: "ckpt.operations/1", operations: entries.iter().map(row).collect() }
    }
}
