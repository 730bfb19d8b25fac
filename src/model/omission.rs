//! What a save left out, and why.

use bstr::BString;

/// One path that the checkpoint does not hold as it stands on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Omission {
    /// Path from the root of the work tree, `/` between parts.
    pub path: BString,
    pub reason: Reason,
}

/// Why a path was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Larger than the limit.
    TooLarge { size: u64, limit: u64 },
    /// A repository of its own: its commit is recorded, its inside is not. `changes` counts what differs inside from that
    /// commit; `None` when nobody looked.
    NestedRepository { commit: String, changes: Option<u64> },
    /// A repository of its own without any commit: nothing of it can be recorded.
    NestedWithoutCommit,
    /// A repository of its own stands here or above, into which no load reaches, whatever the checkpoint holds of it.
    RepositoryBoundary,
    /// A name that git refuses, such as `.git` in another spelling.
    RefusedName,
    /// A socket, pipe or device.
    Special { kind: &'static str },
    /// The external filter is missing or failed; the raw bytes are in the checkpoint instead.
    FilterFailed { filter: String },
    /// Could not be opened or read.
    Unreadable { detail: String },
    /// Was listed, and gone when it was read.
    Vanished,
    /// Kept changing while it was read.
    ChangedWhileSaving,
}

impl Reason {
    /// Whether it is a failure (the save is then partial) and not a rule.
    pub const fn is_failure(&self) -> bool {
        matches!(self, Reason::Unreadable { .. } | Reason::Vanished | Reason::ChangedWhileSaving)
    }

    /// Whether the path's content is missing from the checkpoint, so that a load must leave it alone.
    pub const fn is_protected(&self) -> bool {
        !matches!(self, Reason::FilterFailed { .. })
    }

    /// The word for data: kebab case, stable.
    pub const fn code(&self) -> &'static str {
        match self {
            Reason::TooLarge { .. } => "too-large",
            Reason::NestedRepository { .. } => "nested-repository",
            Reason::NestedWithoutCommit => "nested-without-commit",
            Reason::RepositoryBoundary => "repository-boundary",
            Reason::RefusedName => "refused-name",
            Reason::Special { .. } => "special",
            Reason::FilterFailed { .. } => "filter-failed",
            Reason::Unreadable { .. } => "unreadable",
            Reason::Vanished => "vanished",
            Reason::ChangedWhileSaving => "changed-while-saving",
        }
    }
}
