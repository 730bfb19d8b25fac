//! The staging area in memory, as far as ckpt needs it.

use std::collections::BTreeMap;
use std::fmt;

use bstr::BString;

use super::id::ObjectId;
use super::mode::Mode;
use super::stat::Stat;

/// The index of a work tree, entries in git's order (path bytes, then stage).
#[derive(Clone, Debug, Default)]
pub struct Index {
    pub entries: Vec<IndexEntry>,
    /// What git has cached of tree ids: the data of the file's extension `TREE`, which is read when somebody asks.
    pub trees: Vec<u8>,
    /// When the index file itself was written (nanoseconds): entries at or after it are racy, as git calls it.
    pub written: i64,
}

/// A folder whose tree id the index already knows. `path` is empty for the root and has no trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedTree {
    pub path: BString,
    pub id: ObjectId,
    /// How many entries of the index lie below it.
    pub entries: u32,
}

/// One entry of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    pub path: BString,
    /// `st_mode` as git stores it: `0o100644`, `0o100755`, `0o120000`, `0o160000` (`0o040000` in a sparse index).
    pub mode: u32,
    pub id: ObjectId,
    /// 0, or 1 to 3 in a conflict.
    pub stage: u8,
    pub assume_unchanged: bool,
    pub skip_worktree: bool,
    pub intent_to_add: bool,
    /// What `lstat` said when git last looked. Sizes and inodes are cut to 32 bits by the file's format.
    pub stat: Stat,
}

/// The stat data of the index file; equal data means an unchanged index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexStamp {
    /// All zero when there is no index file.
    pub stat: Stat,
}

/// Gives the index on demand: most saves need its stamp alone.
pub trait IndexSource: Sync {
    /// The stamp now.
    fn stamp(&self) -> Result<IndexStamp, IndexError>;

    /// Reads all of it; an absent file is an empty index.
    fn read(&self) -> Result<Index, IndexError>;
}

/// Why the index could not be read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("cannot read the index {path}: {source}")]
    Io { path: std::path::PathBuf, source: std::io::Error },
    #[error("the index {path} is damaged: {detail}")]
    Damaged { path: std::path::PathBuf, detail: String },
}

/// What the tree of an index cannot say: conflict stages and flags. Kept as `index-extra.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexExtra {
    pub conflicts: Vec<ConflictStage>,
    pub intent_to_add: Vec<BString>,
    /// What `intent_to_add` are to become, where it is something else than a plain file.
    pub intended_modes: BTreeMap<BString, u32>,
    pub skip_worktree: Vec<BString>,
    pub assume_unchanged: Vec<BString>,
}

/// One stage of a path in conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictStage {
    pub path: BString,
    pub stage: u8,
    pub mode: u32,
    pub id: ObjectId,
}

impl IndexExtra {
    /// Whether the tree alone says everything.
    pub fn is_empty(&self) -> bool {
        self.conflicts.is_empty()
            && self.intent_to_add.is_empty()
            && self.skip_worktree.is_empty()
            && self.assume_unchanged.is_empty()
    }

    /// Collects what `index` holds beyond its tree.
    pub fn of(index: &Index) -> IndexExtra {
        let mut extra = IndexExtra::default();
        for entry in &index.entries {
            extra.add(entry);
        }
        extra
    }

    fn add(&mut self, entry: &IndexEntry) {
        if entry.stage != 0 {
            let IndexEntry { path, stage, mode, id, .. } = entry;
            self.conflicts.push(ConflictStage { path: path.clone(), stage: *stage, mode: *mode, id: *id });
        }
        if entry.intent_to_add && entry.mode != Mode::File.number() {
            self.intended_modes.insert(entry.path.clone(), entry.mode);
        }
        let flags = [
            (entry.intent_to_add, &mut self.intent_to_add),
            (entry.skip_worktree, &mut self.skip_worktree),
            (entry.assume_unchanged, &mut self.assume_unchanged),
        ];
        for (is_set, list) in flags {
            if is_set {
                list.push(entry.path.clone());
            }
        }
    }
}

impl fmt::Display for IndexEntry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:o} {} {}\t{}", self.mode, self.id, self.stage, self.path)
    }
}
