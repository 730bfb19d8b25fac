//! `ckpt.context/1` and the other documents of `ckpt context`.

use jiff::Timestamp;
use serde::Serialize;

use super::parts::PathText;
use super::words::SyncedRow;
use crate::context::compare::SectionChange;
use crate::model::id::ObjectId;
use crate::ops::context::editing::EditedContext;
use crate::ops::context::partitions::{PartitionChanged, PartitionEntry, PartitionShown};
use crate::ops::context::{Compared, Restored, ShownContext, Synced, Version};
use crate::report::context::{counts, hunks};
use crate::report::look::Look;

/// `ckpt.context/1`: a document.
#[derive(Debug, Serialize)]
pub struct ContextDocument<'a> {
    /// `ckpt.context/1`.
    pub schema: &'static str,
    /// The markdown.
    pub text: &'a str,
    /// The version that was asked for; `null` for what it is now.
    pub at: Option<&'a str>,
    #[serde(flatten)]
    pub synced: SyncedRow<'a>,
}

impl<'a> ContextDocument<'a> {
    pub fn of(shown: &'a ShownContext) -> ContextDocument<'a> {
        let at = shown.at.as_deref();
        ContextDocument { schema: "ckpt.context/1", text: &shown.text, at, synced: SyncedRow::of(&shown.synced) }
    }
}

/// `ckpt.context-log/1`: the versions, newest first.
#[derive(Debug, Serialize)]
pub struct LogDocument<'a> {
    /// `ckpt.context-log/1`.
    pub schema: &'static str,
    pub versions: Vec<VersionRow<'a>>,
    #[serde(flatten)]
    pub synced: SyncedRow<'a>,
}

/// One version.
#[derive(Debug, Serialize)]
pub struct VersionRow<'a> {
    /// The commit of the session's chain.
    pub id: ObjectId,
    pub timestamp: Timestamp,
    /// What happened.
    pub subject: &'a str,
}

impl<'a> LogDocument<'a> {
    pub fn of(versions: &'a [Version], synced: &'a Synced) -> LogDocument<'a> {
        let row =
            |version: &'a Version| VersionRow { id: version.id, timestamp: version.time, subject: &version.subject };
        let versions = versions.iter().map(row).collect();
        LogDocument { schema: "ckpt.context-log/1", versions, synced: SyncedRow::of(synced) }
    }
}

/// `ckpt.context-diff/1`: what differs, section by section.
#[derive(Debug, Serialize)]
pub struct ContextDiffDocument<'a> {
    /// `ckpt.context-diff/1`.
    pub schema: &'static str,
    pub from: &'a str,
    pub to: &'a str,
    pub sections: Vec<SectionRow<'a>>,
    #[serde(flatten)]
    pub synced: SyncedRow<'a>,
}

/// One section.
#[derive(Debug, Serialize)]
pub struct SectionRow<'a> {
    /// Empty for what stands before the first heading.
    pub name: &'a str,
    /// `new`, `modified` or `deleted`.
    pub status: &'static str,
    pub lines_added: u64,
    pub lines_removed: u64,
    /// Unified hunks.
    pub patch: String,
}

impl<'a> ContextDiffDocument<'a> {
    pub fn of(compared: &'a Compared, look: &Look) -> ContextDiffDocument<'a> {
        ContextDiffDocument {
            schema: "ckpt.context-diff/1",
            from: &compared.from.name,
            to: &compared.to.name,
            sections: compared.sections.iter().map(|section| section_row(section, look)).collect(),
            synced: SyncedRow::of(&compared.synced),
        }
    }
}

fn section_row<'a>(section: &'a SectionChange, look: &Look) -> SectionRow<'a> {
    let (lines_added, lines_removed) = counts(section);
    SectionRow {
        name: &section.name,
        status: match (&section.old, &section.new) {
            (None, _) => "new",
            (_, None) => "deleted",
            _ => "modified",
        },
        lines_added,
        lines_removed,
        patch: String::from_utf8_lossy(&hunks(section, &Look::plain(look.now))).into_owned(),
    }
}

/// `ckpt.context-restore/1`: which version is the current one again.
#[derive(Debug, Serialize)]
pub struct RestoreDocument<'a> {
    /// `ckpt.context-restore/1`.
    pub schema: &'static str,
    pub from: &'a str,
    /// It was the current one already.
    pub unchanged: bool,
    #[serde(flatten)]
    pub synced: SyncedRow<'a>,
}

impl<'a> RestoreDocument<'a> {
    pub fn of(restored: &'a Restored) -> RestoreDocument<'a> {
        RestoreDocument {
            schema: "ckpt.context-restore/1",
            from: &restored.from,
            unchanged: restored.unchanged,
            synced: SyncedRow::of(&restored.synced),
        }
    }
}

/// `ckpt.context-edit/1`: what was edited in the editor.
#[derive(Debug, Serialize)]
pub struct EditDocument<'a> {
    /// `ckpt.context-edit/1`.
    pub schema: &'static str,
    pub sections: &'a [String],
    pub partition: Option<&'a str>,
    #[serde(flatten)]
    pub synced: SyncedRow<'a>,
}

impl<'a> EditDocument<'a> {
    pub fn of(edited: &'a EditedContext) -> EditDocument<'a> {
        EditDocument {
            schema: "ckpt.context-edit/1",
            sections: &edited.sections,
            partition: edited.partition.as_deref(),
            synced: SyncedRow::of(&edited.synced),
        }
    }
}

/// `ckpt.partitions/1`: all partitions, by name.
#[derive(Debug, Serialize)]
pub struct PartitionsDocument<'a> {
    /// `ckpt.partitions/1`.
    pub schema: &'static str,
    pub partitions: Vec<PartitionRow<'a>>,
}

/// One partition.
#[derive(Debug, Serialize)]
pub struct PartitionRow<'a> {
    pub name: &'a str,
    /// From the root of the work tree; an empty one is all of it.
    pub paths: Vec<PathText<'a>>,
}

impl<'a> PartitionRow<'a> {
    fn of(entry: &'a PartitionEntry) -> PartitionRow<'a> {
        PartitionRow { name: &entry.name, paths: PathText::list(&entry.paths) }
    }
}

impl<'a> PartitionsDocument<'a> {
    pub fn of(entries: &'a [PartitionEntry]) -> PartitionsDocument<'a> {
        let partitions = entries.iter().map(PartitionRow::of).collect();
        PartitionsDocument { schema: "ckpt.partitions/1", partitions }
    }
}

/// `ckpt.partition/1`: one partition that was shown, added to or removed.
#[derive(Debug, Serialize)]
pub struct PartitionDocument<'a> {
    /// `ckpt.partition/1`.
    pub schema: &'static str,
    #[serde(flatten)]
    pub partition: PartitionRow<'a>,
    /// Its document, when it was shown.
    pub text: Option<&'a str>,
    pub removed: bool,
    /// Nothing had to be done.
    pub unchanged: bool,
}

impl<'a> PartitionDocument<'a> {
    pub fn of(changed: &'a PartitionChanged, removed: bool) -> PartitionDocument<'a> {
        let partition = PartitionRow::of(&changed.partition);
        PartitionDocument { schema: "ckpt.partition/1", partition, text: None, removed, unchanged: changed.unchanged }
    }

    pub fn shown(shown: &'a PartitionShown) -> PartitionDocument<'a> {
        let partition = PartitionRow::of(&shown.partition);
        let text = Some(shown.text.as_str());
        PartitionDocument { schema: "ckpt.partition/1", partition, text, removed: false, unchanged: true }
    }
}
