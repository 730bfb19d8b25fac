//! One record of the operation log: something that moved the user's files, so that it can be undone.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::ObjectId;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationVerb {
    Load,
    Drop,
    Name,
    /// A session was interrupted for another one.
    Branch,
    /// The other one came back.
    Return,
    Undo,
    Redo,
}

/// One operation. `undo` makes the state of `before` again, `redo` that of `after`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationRecord {
    pub verb: OperationVerb,
    pub created: Timestamp,
    /// One line for people, such as `load before-refactor`.
    pub description: String,
    /// The safety checkpoint taken before; `None` where no file moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<ObjectId>,
    /// The checkpoint whose state was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ObjectId>,
    /// HEAD was moved too (`--head`), and must be moved back.
    #[serde(default)]
    pub moved_head: bool,
    /// The operation in progress was exchanged too (`--operation`).
    #[serde(default)]
    pub moved_operation: bool,
    /// The repositories inside were loaded too (`--recurse-submodules`), and must go back too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub submodules: bool,
    /// Only these paths, base64 where not UTF-8; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Refs that were changed: for a drop, a name, a branch and a return.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refs: Vec<RefChange>,
    /// For `Undo` and `Redo`: the position (from 1, counted from the oldest) of the operation that was undone or redone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<u64>,
}

impl OperationRecord {
    /// A record that says only what was done: no file, HEAD or ref moved.
    pub fn new(verb: OperationVerb, created: Timestamp, description: String) -> OperationRecord {
        OperationRecord {
            verb,
            created,
            description,
            before: None,
            after: None,
            moved_head: false,
            moved_operation: false,
            submodules: false,
            paths: Vec::new(),
            refs: Vec::new(),
            subject: None,
        }
    }
}

/// A change of the stack, to be published with the record of the load that it comes with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    pub verb: OperationVerb,
    /// A git branch that is made at the target's commit before HEAD is put on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creates: Option<String>,
    /// A linked work tree that is made for the session, as text like the paths of a record; no file of this one moves then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// Refs that move when the files are in their places, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refs: Vec<RefChange>,
}

/// A ref that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefChange {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<ObjectId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<ObjectId>,
}
