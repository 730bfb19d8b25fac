//! `ckpt.log/1` and `ckpt.replay/1`. Their entries are written one by one, as they come.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use super::list::DamagedRow;
use super::parts::{FileRow, PointRow};
use crate::model::id::ObjectId;
use crate::ops::history::{Changed, Entry, PastPoint, What};

/// The rest of `ckpt.log/1`, after its list `entries` of [`EntryRow`], newest first.
#[derive(Debug, Serialize)]
pub struct LogEnd<'a> {
    /// `--limit` cut the list.
    pub truncated: bool,
    /// Sessions that could not be told to their end.
    pub damaged: Vec<DamagedRow<'a>>,
}

/// The rest of `ckpt.replay/1`, after its list `entries` of [`ReplayRow`], oldest first.
#[derive(Debug, Serialize)]
pub struct ReplayEnd<'a> {
    pub session: &'a str,
    pub damaged: Vec<DamagedRow<'a>>,
}

/// One thing that happened.
#[derive(Debug, Serialize)]
pub struct EntryRow<'a> {
    /// Of the event (12 digits), or of the checkpoint: its first digits where it is gone and no more is known.
    pub id: String,
    pub session: &'a str,
    pub timestamp: Timestamp,
    /// The kind of the event, such as `note` or `commit`, of a newer ckpt too; of a checkpoint `save`, `safety` or `auto`.
    pub kind: &'a str,
    pub text: &'a str,
    /// What else the event says, by name, as it is stored.
    pub fields: Map<String, Value>,
    /// The commit of the session's chain that tells of it; `null` while it waits in the journal.
    pub commit: Option<ObjectId>,
    /// The session that begins here, or comes back here.
    pub branches: Option<&'a str>,
    pub joins: Option<&'a str>,
    /// The checkpoint; `null` for an event.
    pub checkpoint: Option<CheckpointRow<'a>>,
}

/// A checkpoint as the history tells of it.
#[derive(Debug, Serialize)]
pub struct CheckpointRow<'a> {
    /// Such as `3 modified, 1 new`.
    pub changes: &'a str,
    /// As in `ckpt.list/1`; `null` where it was dropped, or cannot be read.
    pub point: Option<PointRow<'a>>,
}

/// An entry of a replay.
#[derive(Debug, Serialize)]
pub struct ReplayRow<'a> {
    #[serde(flatten)]
    pub entry: EntryRow<'a>,
    /// What it changed, against the checkpoint before or the parent of the commit.
    pub files: Vec<FileRow<'a>>,
}

impl<'a> EntryRow<'a> {
    pub fn of(entry: &'a Entry) -> EntryRow<'a> {
        let (text, fields, checkpoint) = match &entry.what {
            What::Event(event) => (event.text.as_str(), event.fields.clone(), None),
            What::Point(point) => (point.subject.as_str(), Map::new(), Some(CheckpointRow::of(point))),
        };
        EntryRow {
            id: entry.id(),
            session: &entry.session,
            timestamp: entry.time(),
            kind: entry.kind(),
            text,
            fields,
            commit: entry.link.as_ref().map(|link| link.id),
            branches: entry.branches.as_deref(),
            joins: entry.joins.as_deref(),
            checkpoint,
        }
    }
}

impl<'a> CheckpointRow<'a> {
    fn of(point: &'a PastPoint) -> CheckpointRow<'a> {
        let row = point.summary.as_ref().map(|summary| PointRow::new(summary, &point.names));
        CheckpointRow { changes: &point.changes, point: row }
    }
}

impl<'a> ReplayRow<'a> {
    pub fn of(entry: &'a Entry, changed: &'a Changed) -> ReplayRow<'a> {
        let files = match changed {
            Changed::Files(changes) => FileRow::list(changes),
            Changed::Nothing | Changed::Documents(_) | Changed::TooMany => Vec::new(),
        };
        ReplayRow { entry: EntryRow::of(entry), files }
    }
}
