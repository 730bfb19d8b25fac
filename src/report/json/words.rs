//! `ckpt.word/1`, `ckpt.items/1` and `ckpt.prune/1`.

use serde::Serialize;

use crate::context::edit::Numbered;
use crate::model::event::Event;
use crate::model::id::ObjectId;
use crate::ops::context::Synced;
use crate::ops::context::words::{ListedItems, PrunedItems, Told};

/// What the context is after a command. In every document that is about it.
#[derive(Debug, Serialize)]
pub struct SyncedRow<'a> {
    /// Blob of the current version; `null` where there is no context yet.
    pub version: Option<ObjectId>,
    /// The file in the work tree; `null` without `ckpt init`.
    pub file: Option<&'a str>,
    /// Sections that had been edited by hand and are a version now.
    pub edited: &'a [String],
    /// Sections that were edited on both sides: both are kept, marked.
    pub conflicts: &'a [String],
    /// What is to be told, one line each.
    pub warnings: &'a [String],
}

impl<'a> SyncedRow<'a> {
    pub fn of(synced: &'a Synced) -> SyncedRow<'a> {
        SyncedRow {
            version: synced.version,
            file: synced.file.as_deref(),
            edited: &synced.edited,
            conflicts: &synced.conflicts,
            warnings: &synced.warnings,
        }
    }
}

/// `ckpt.word/1`: what was said.
#[derive(Debug, Serialize)]
pub struct WordDocument<'a> {
    /// `ckpt.word/1`.
    pub schema: &'static str,
    /// The event: `id`, `time`, `kind`, `text` and fields of its kind; `null` where it was so already.
    pub event: Option<&'a Event>,
    /// The section, as it is called in the document.
    pub section: &'a str,
    /// `null` for the context itself.
    pub partition: Option<&'a str>,
    /// The items that it is about, with their numbers now.
    pub items: Vec<ToldRow<'a>>,
    #[serde(flatten)]
    pub synced: SyncedRow<'a>,
}

/// An item that was added or changed.
#[derive(Debug, Serialize)]
pub struct ToldRow<'a> {
    pub number: usize,
    pub text: &'a str,
}

impl<'a> WordDocument<'a> {
    pub fn of(told: &'a Told) -> WordDocument<'a> {
        let row = |(number, text): &'a (usize, String)| ToldRow { number: *number, text };
        WordDocument {
            schema: "ckpt.word/1",
            event: told.event.as_ref(),
            section: &told.section,
            partition: told.partition.as_deref(),
            items: told.items.iter().map(row).collect(),
            synced: SyncedRow::of(&told.synced),
        }
    }
}

/// `ckpt.items/1`: the items of a section.
#[derive(Debug, Serialize)]
pub struct ItemsDocument<'a> {
    /// `ckpt.items/1`.
    pub schema: &'static str,
    pub section: &'a str,
    pub partition: Option<&'a str>,
    pub items: Vec<ItemRow<'a>>,
    #[serde(flatten)]
    pub synced: SyncedRow<'a>,
}

/// One item.
#[derive(Debug, Serialize)]
pub struct ItemRow<'a> {
    pub number: usize,
    pub text: &'a str,
    /// `null` when it has no check box.
    pub done: Option<bool>,
    /// Check boxes nested in it.
    pub nested: usize,
    pub nested_done: usize,
}

impl<'a> ItemsDocument<'a> {
    pub fn of(listed: &'a ListedItems) -> ItemsDocument<'a> {
        let row = |item: &'a Numbered| ItemRow {
            number: item.number,
            text: &item.text,
            done: item.checked,
            nested: item.nested.1,
            nested_done: item.nested.0,
        };
        ItemsDocument {
            schema: "ckpt.items/1",
            section: &listed.section,
            partition: listed.partition.as_deref(),
            items: listed.items.iter().map(row).collect(),
            synced: SyncedRow::of(&listed.synced),
        }
    }
}

/// `ckpt.prune/1`: what was moved to the archive.
#[derive(Debug, Serialize)]
pub struct PruneDocument<'a> {
    /// `ckpt.prune/1`.
    pub schema: &'static str,
    pub items: Vec<PrunedRow<'a>>,
    #[serde(flatten)]
    pub synced: SyncedRow<'a>,
}

/// One item that was completed.
#[derive(Debug, Serialize)]
pub struct PrunedRow<'a> {
    pub section: &'a str,
    pub text: &'a str,
}

impl<'a> PruneDocument<'a> {
    pub fn of(pruned: &'a PrunedItems) -> PruneDocument<'a> {
        let row = |(section, text): &'a (String, String)| PrunedRow { section, text };
        let items = pruned.items.iter().map(row).collect();
        PruneDocument { schema: "ckpt.prune/1", items, synced: SyncedRow::of(&pruned.synced) }
    }
}
