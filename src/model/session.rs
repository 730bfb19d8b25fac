//! Sessions: their states, the moves between them, and what the record of one holds.
//!
//! Data only. Kept by `store/session`, changed by `ops/session` and `ops/stack`.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::ObjectId;

/// The session that always exists and never closes.
pub const MAIN: &str = "main";

/// Where a session stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    /// Made, and nobody has worked in it.
    New,
    /// Somebody works in it. A record without a state says this: `main` has none.
    #[default]
    Active,
    /// Left for later, or interrupted by another one.
    Paused,
    /// Closed, its work done.
    Complete,
    /// Closed, and out of the way of lists.
    Archived,
    /// Given up.
    Cancelled,
}

use SessionState::{Active, Archived, Cancelled, Complete, New, Paused};

impl SessionState {
    /// All of them, in the order of a session's life.
    pub const ALL: [SessionState; 6] = [New, Active, Paused, Complete, Archived, Cancelled];

    /// The word in records and output.
    pub fn as_str(self) -> &'static str {
        match self {
            New => "new",
            Active => "active",
            Paused => "paused",
            Complete => "complete",
            Archived => "archived",
            Cancelled => "cancelled",
        }
    }

    /// The states that it may become.
    pub fn moves(self) -> &'static [SessionState] {
        match self {
            New => &[Active, Cancelled],
            Active => &[Paused, Complete, Cancelled],
            Paused => &[Active, Complete, Cancelled],
            // Work that turns out not to be done is taken up again.
            Complete => &[Active, Archived],
            Archived => &[Active],
            Cancelled => &[Active, Archived],
        }
    }

    /// Whether it may become `next`.
    pub fn can_become(self, next: SessionState) -> bool {
        self.moves().contains(&next)
    }

    /// Whether its work has come to an end.
    pub fn is_closed(self) -> bool {
        matches!(self, Complete | Archived | Cancelled)
    }

    /// For records, which do not write the usual state.
    pub fn is_active(&self) -> bool {
        *self == Active
    }
}

impl fmt::Display for SessionState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The template that a session was made from, at the version that it had then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateUse {
    pub name: String,
    /// Blob of the template's text.
    pub version: ObjectId,
}

/// What `session.toml` says of a session, besides title and time: all of it optional, so that older records read as well.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SessionDetails {
    #[serde(default, skip_serializing_if = "SessionState::is_active")]
    pub state: SessionState,
    /// What is to be done, in the words of who began it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The git branch that it was given, without `refs/heads/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The commit that it began from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<ObjectId>,
    /// The session that it interrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The work tree that it is active in: the key of [`Layout`](crate::store::layout::Layout).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worktree: Option<String>,
    /// When it was completed or cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    /// The context that it began with, a blob of its own chain: what it says beyond this flows back to its parent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<ObjectId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateUse>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// The list of partitions and their documents that it began with: blobs of its own chain by path, for the same end as
    /// `seed`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seeds: BTreeMap<String, ObjectId>,
    /// Fields of a newer ckpt: written back as they were read.
    #[serde(flatten)]
    pub other: toml::Table,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_way_on_and_none_leads_to_itself_or_back_to_new() {
        for state in SessionState::ALL {
            assert!(!state.moves().is_empty());
            assert!(!state.can_become(state) && !state.can_become(New), "{state}");
        }
    }

    #[test]
    fn what_is_closed_can_be_taken_up_again() {
        for state in SessionState::ALL.into_iter().filter(|state| state.is_closed()) {
            assert!(state.can_become(Active), "{state}");
        }
        assert!(!Archived.can_become(Cancelled) && !New.can_become(Complete));
    }

    #[test]
    fn a_record_without_a_state_is_active_and_unknown_fields_stay() {
        let details: SessionDetails = toml::from_str("task = \"x\"\nfuture = [1, 2]\n").unwrap();
        assert_eq!(details.state, Active);
        assert_eq!(toml::to_string(&details).unwrap(), "task = \"x\"\nfuture = [1, 2]\n");
    }
}
