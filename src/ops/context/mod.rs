//! The context document of a session: its versions in the chain, its file in the work tree, and what is added to it.

use bstr::BString;

use super::{OpError, Repo};
use crate::model::event::Event;
use crate::model::id::ObjectId;

/// What the file and the session say to each other after a [`sync`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synced {
    /// The text of the current version, its facts emptied; `None` where there is no context yet.
    pub text: Option<String>,
    /// The blob of that version.
    pub version: Option<ObjectId>,
    /// The file in the work tree, from its root; `None` without `ckpt init`.
    pub file: Option<BString>,
    /// Sections that were edited by hand and are a new version now.
    pub edited: Vec<String>,
    /// Sections in which both sides said something and both were kept, marked.
    pub conflicts: Vec<String>,
    /// The file was written: it was not there, or stood at an older version.
    pub rewritten: bool,
    /// What is to be told: why the file could not be used, or that it came back. One line each.
    pub warnings: Vec<String>,
}

/// Takes what was edited in the file as a new version, and brings a newer version to the file.
///
/// Two edits are merged by section and item; nothing is overwritten unread. Without `ckpt init` this reads the session alone.
pub fn sync(repo: &Repo) -> Result<Synced, OpError> {
    let _ = repo;
    todo!("the first commit holds the contract alone")
}

/// Writes the facts of this moment into the block of the file, if it has one. Makes no version, starts no process and
/// takes no lock that a save holds; gives up where the file is being changed. True when the file was written.
pub fn refresh_facts(repo: &Repo) -> Result<bool, OpError> {
    let _ = repo;
    todo!("the first commit holds the contract alone")
}

/// All events of the current session, oldest first, those in the journal included.
pub fn events(repo: &Repo) -> Result<Vec<Event>, OpError> {
    let _ = repo;
    todo!("the first commit holds the contract alone")
}
