//! The parts that several documents share.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use base64::Engine;
use bstr::{BStr, BString};
use jiff::Timestamp;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::model::change::{Change, ChangeCounts};
use crate::model::checkpoint::{CheckpointKind, Summary};
use crate::model::id::ObjectId;
use crate::model::mode::Mode;
use crate::model::omission::{Omission, Reason};
use crate::ops::points::Listed;
use crate::report::changed;

/// A path: a string where it is UTF-8, else `{"base64": "…"}`.
#[derive(Clone, Debug)]
pub struct PathText<'a>(pub &'a BStr);

impl<'a> PathText<'a> {
    pub fn of(path: &'a BString) -> PathText<'a> {
        PathText(path.as_ref())
    }

    pub fn of_path(path: &'a Path) -> PathText<'a> {
        PathText(path.as_os_str().as_bytes().into())
    }

    pub fn list(paths: &'a [BString]) -> Vec<PathText<'a>> {
        paths.iter().map(PathText::of).collect()
    }
}

impl Serialize for PathText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("base64", &base64::engine::general_purpose::STANDARD.encode(self.0))?;
                map.end()
            }
        }
    }
}

/// A mode as git writes it, such as `"100644"`.
#[derive(Clone, Copy, Debug)]
pub struct ModeText(pub Mode);

impl Serialize for ModeText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{:06o}", self.0.number()))
    }
}

/// One path that differs, or one file of a snapshot. `mode` and `oid` are those of the new side, `null` when deleted;
/// `old_mode` and `old_oid` those of the other side, `null` when new.
#[derive(Debug, Serialize)]
pub struct FileRow<'a> {
    pub path: PathText<'a>,
    /// `new`, `modified`, `deleted`, `type-changed` or `unchanged`.
    pub status: &'static str,
    pub mode: Option<ModeText>,
    pub oid: Option<ObjectId>,
    pub old_mode: Option<ModeText>,
    pub old_oid: Option<ObjectId>,
}

impl<'a> FileRow<'a> {
    pub fn of(change: &'a Change) -> FileRow<'a> {
        let is_same = change.old == change.new;
        FileRow {
            path: PathText::of(&change.path),
            status: if is_same { "unchanged" } else { changed::status_word(change.letter()) },
            mode: change.new.map(|side| ModeText(side.mode)),
            oid: change.new.map(|side| side.id),
            old_mode: change.old.map(|side| ModeText(side.mode)),
            old_oid: change.old.map(|side| side.id),
        }
    }

    pub fn list(changes: &'a [Change]) -> Vec<FileRow<'a>> {
        changes.iter().map(FileRow::of).collect()
    }
}

/// One path that was left out.
#[derive(Debug, Serialize)]
pub struct SkippedRow<'a> {
    pub path: PathText<'a>,
    /// A word in kebab case, such as `too-large` or `unreadable`.
    pub reason: &'static str,
    /// The reason as a sentence.
    pub detail: String,
    /// It should have been saved: the checkpoint is partial.
    pub failed: bool,
    /// Bytes, where the size is the reason.
    pub size: Option<u64>,
}

impl<'a> SkippedRow<'a> {
    pub fn of(omission: &'a Omission) -> SkippedRow<'a> {
        let size = match omission.reason {
            Reason::TooLarge { size, .. } => Some(size),
            _ => None,
        };
        SkippedRow {
            path: PathText::of(&omission.path),
            reason: omission.reason.code(),
            detail: changed::reason(&omission.reason),
            failed: omission.reason.is_failure(),
            size,
        }
    }

    pub fn list(omissions: &'a [Omission]) -> Vec<SkippedRow<'a>> {
        omissions.iter().map(SkippedRow::of).collect()
    }
}

/// A checkpoint in a few words.
#[derive(Debug, Serialize)]
pub struct PointRow<'a> {
    pub id: ObjectId,
    pub names: &'a [String],
    pub session: &'a str,
    /// Position in the session, from 1.
    pub sequence: u64,
    /// `manual`, `safety` or `auto`.
    pub kind: CheckpointKind,
    pub timestamp: Timestamp,
    /// `null` when HEAD was detached.
    pub branch: Option<&'a str>,
    /// The commit at HEAD; `null` before the first one.
    pub head: Option<ObjectId>,
    /// Key of the linked work tree; empty for the main one.
    pub worktree: &'a str,
    /// Against the commit at HEAD.
    pub changes: ChangeCounts,
    /// First line of the note, or of what stands for it.
    pub subject: &'a str,
    /// Whether the subject is from a note.
    pub has_note: bool,
}

impl<'a> PointRow<'a> {
    pub fn of(listed: &'a Listed) -> PointRow<'a> {
        PointRow::new(&listed.summary, &listed.names)
    }

    pub fn new(summary: &'a Summary, names: &'a [String]) -> PointRow<'a> {
        PointRow {
            id: summary.id,
            names,
            session: &summary.session,
            sequence: summary.sequence,
            kind: summary.kind,
            timestamp: summary.created,
            branch: summary.branch.as_deref(),
            head: summary.base,
            worktree: &summary.worktree,
            changes: summary.changes,
            subject: &summary.subject,
            has_note: summary.has_note,
        }
    }
}
