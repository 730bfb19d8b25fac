//! Reads the work tree and builds its git tree, fast: the heart of a save.

use std::path::Path;

use bstr::BString;

use super::WorktreeError;
use crate::model::extra::WorktreeExtra;
use crate::model::id::ObjectId;
use crate::model::index::IndexSource;
use crate::model::object::{Cleaner, ObjectWriter};
use crate::model::omission::Omission;
use crate::model::settings::ScanSettings;

/// What to scan, and how.
#[derive(Clone, Copy)]
pub struct ScanRequest<'a> {
    /// Root of the work tree.
    pub root: &'a Path,
    /// Git folder of this work tree and the one that all share: never entered, wherever they are.
    pub git_dir: &'a Path,
    pub common_dir: &'a Path,
    /// Folder for the cache (made when needed); `None` scans without one.
    pub cache_dir: Option<&'a Path>,
    pub settings: &'a ScanSettings,
    pub index: &'a dyn IndexSource,
    pub writer: &'a dyn ObjectWriter,
    pub cleaner: &'a dyn Cleaner,
    /// Whether the checkpoint that a cache was made for is still there: its objects are then taken for granted.
    pub is_anchored: &'a dyn Fn(&ObjectId) -> bool,
    /// Patterns of ignored files to take along.
    pub include: &'a [String],
    /// Exact paths to take along whatever the ignore rules say.
    pub include_paths: &'a [BString],
    /// Hash every file.
    pub full: bool,
    pub budget: ScanBudget,
}

/// Limits of one scan, in bytes and numbers; `u64::MAX` for none.
#[derive(Clone, Copy, Debug)]
pub struct ScanBudget {
    pub max_file_size: u64,
    pub max_untracked_files: u64,
    pub max_untracked_bytes: u64,
}

/// A work tree as it was.
#[derive(Debug)]
pub struct Scanned {
    pub tree: ObjectId,
    pub extra: WorktreeExtra,
    /// Sorted by path.
    pub omissions: Vec<Omission>,
    /// Ignored files that were taken along, sorted.
    pub included: Vec<BString>,
    /// To be kept once the checkpoint that holds all this exists.
    pub cache: CacheUpdate,
}

/// The cache for the next scan.
#[derive(Debug)]
pub struct CacheUpdate {}

impl CacheUpdate {
    /// Writes the cache. `anchor` is the checkpoint that holds every object in it. Failing is harmless.
    pub fn write(self, _anchor: &ObjectId) {}
}

/// Scans.
pub fn scan(_request: &ScanRequest<'_>) -> Result<Scanned, WorktreeError> {
    todo!()
}
