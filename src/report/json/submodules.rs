//! The rows about repositories inside. Paths are from the root of the outermost work tree.

use bstr::BString;
use serde::Serialize;

use super::load::HeadRow;
use super::parts::{FileRow, PathText};
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::SubmoduleCheckpoint;
use crate::model::id::ObjectId;
use crate::model::tree::join;
use crate::ops::load::PreparedLoad;
use crate::ops::save::Saved;
use crate::ops::submodules::LoadedSubmodule;

/// A path that was put together: a string where it is UTF-8, else `{"base64": "…"}`.
#[derive(Debug)]
pub struct OwnPath(BString);

impl Serialize for OwnPath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PathText::of(&self.0).serialize(serializer)
    }
}

/// One that was saved, or could not be.
#[derive(Debug, Serialize)]
pub struct SavedRow<'a> {
    pub path: OwnPath,
    pub id: Option<ObjectId>,
    pub unchanged: bool,
    pub partial: bool,
    pub changes: ChangeCounts,
    /// Why it was not saved.
    pub problem: Option<&'a str>,
}

impl<'a> SavedRow<'a> {
    pub fn list(saved: &'a Saved) -> Vec<SavedRow<'a>> {
        let mut rows = Vec::new();
        SavedRow::collect(saved, &BString::default(), &mut rows);
        rows
    }

    fn collect(saved: &'a Saved, outer: &BString, rows: &mut Vec<SavedRow<'a>>) {
        for one in &saved.submodules {
            let path = join(outer, &one.path);
            let inner = one.outcome.as_ref().ok();
            rows.push(SavedRow {
                path: OwnPath(path.clone()),
                id: inner.map(|inner| inner.id),
                unchanged: inner.is_some_and(|inner| inner.unchanged),
                partial: inner.is_none_or(|inner| inner.is_partial()),
                changes: inner.map(|inner| inner.changes).unwrap_or_default(),
                problem: one.outcome.as_ref().err().map(String::as_str),
            });
            if let Some(inner) = inner {
                SavedRow::collect(inner, &path, rows);
            }
        }
    }
}

/// One that was loaded, or would be.
#[derive(Debug, Serialize)]
pub struct LoadedRow<'a> {
    pub path: OwnPath,
    pub id: ObjectId,
    /// The checkpoint that holds what was there before; `null` for `--dry-run`.
    pub safety: Option<ObjectId>,
    pub changes: ChangeCounts,
    pub bytes_written: u64,
    pub head: HeadRow<'a>,
    /// Of `--dry-run`: each path that would be written or deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<FileRow<'a>>>,
}

impl<'a> LoadedRow<'a> {
    pub fn list(submodules: &'a [LoadedSubmodule]) -> Vec<LoadedRow<'a>> {
        let row = |one: &'a LoadedSubmodule| LoadedRow {
            path: OwnPath(one.path.clone()),
            id: one.target,
            safety: Some(one.safety),
            changes: one.counts,
            bytes_written: one.bytes,
            head: HeadRow::of(&one.head),
            files: None,
        };
        submodules.iter().map(row).collect()
    }

    pub fn list_planned(plan: &'a PreparedLoad) -> Vec<LoadedRow<'a>> {
        let mut rows = Vec::new();
        LoadedRow::collect(plan, &BString::default(), &mut rows);
        rows
    }

    fn collect(plan: &'a PreparedLoad, outer: &BString, rows: &mut Vec<LoadedRow<'a>>) {
        for one in &plan.submodules {
            let path = join(outer, &one.path);
            rows.push(LoadedRow {
                path: OwnPath(path.clone()),
                id: one.prepared.target,
                safety: one.prepared.safety,
                changes: one.prepared.counts,
                bytes_written: one.prepared.bytes,
                head: HeadRow::of(&one.prepared.head),
                files: Some(FileRow::list(&one.prepared.changes)),
            });
            LoadedRow::collect(&one.prepared, &path, rows);
        }
    }
}

/// One that belongs to a checkpoint.
#[derive(Debug, Serialize)]
pub struct HeldRow<'a> {
    pub path: PathText<'a>,
    /// Its checkpoint, in its own repository.
    pub id: ObjectId,
}

impl<'a> HeldRow<'a> {
    pub fn list(submodules: &'a [SubmoduleCheckpoint]) -> Vec<HeldRow<'a>> {
        submodules.iter().map(|one| HeldRow { path: PathText::of(&one.path), id: one.id }).collect()
    }
}
