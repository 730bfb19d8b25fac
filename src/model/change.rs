//! Differences between two trees, path by path.

use bstr::BString;
use serde::{Deserialize, Serialize};

use super::id::ObjectId;
use super::mode::Mode;

/// One side of a change: what a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    pub mode: Mode,
    pub id: ObjectId,
}

/// One path that differs; at least one side is there. Folders are never listed, only what is in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub path: BString,
    pub old: Option<Side>,
    pub new: Option<Side>,
}

impl Change {
    /// Git's letter: `A` added, `D` deleted, `T` another kind of entry, `M` modified.
    pub fn letter(&self) -> char {
        match (self.old, self.new) {
            (None, _) => 'A',
            (_, None) => 'D',
            (Some(old), Some(new)) if old.mode.is_file() != new.mode.is_file() => 'T',
            _ => 'M',
        }
    }
}

/// How many paths changed, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCounts {
    pub new: u64,
    pub modified: u64,
    pub deleted: u64,
}

impl ChangeCounts {
    /// Counts a list of changes.
    pub fn of(changes: &[Change]) -> ChangeCounts {
        let mut counts = ChangeCounts::default();
        for change in changes {
            match change.letter() {
                'A' => counts.new += 1,
                'D' => counts.deleted += 1,
                _ => counts.modified += 1,
            }
        }
        counts
    }

    pub const fn total(&self) -> u64 {
        self.new + self.modified + self.deleted
    }
}
