//! The journal of a load in progress: what it is about, so that whatever comes after a kill can finish or undo it.
//!
//! One file, whole or absent. Written before the first file moves and removed after the last effect; its presence alone
//! says that a load was interrupted. Called by `ops/load` and `ops/recover`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::WorktreeError;
use crate::model::id::ObjectId;
use crate::model::operation::Switch;
use crate::sys::{atomic, fault, private};

/// Goes up when an older reader would do something wrong.
const VERSION: u32 = 1;
/// Of a journal with a switch, or of a load that goes into repositories inside: whoever passes that over would leave the
/// files of one session to another, or half of them as they were.
const VERSION_OF_MORE: u32 = 2;
/// Of one that makes a linked work tree: whoever takes it for a load would move the files of this one.
const VERSION_OF_DIRECTORY: u32 = 3;
const FILE: &str = "pending.toml";

/// A load in progress, or an interrupted one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    pub version: u32,
    pub revision: u32,
    /// What was there before.
    pub safety: ObjectId,
    pub target: ObjectId,
    pub started: Timestamp,
    /// One line for people, such as `load before-refactor`.
    pub description: String,
    /// The process that began it.
    pub process: u32,
    pub phase: Phase,
    #[serde(default)]
    pub head: bool,
    #[serde(default)]
    pub operation: bool,
    /// The repositories inside are loaded too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub submodules: bool,
    #[serde(default)]
    pub allow_links: bool,
    /// Only these paths, as in the operation log; empty for all.
    #[serde(default)]
    pub paths: Vec<String>,
    /// What the record in the operation log is to be, when it is an undo or a redo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// What becomes of the stack at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switch: Option<Switch>,
}

/// How far a load has come. Kept for people: recovery plans anew and does not trust it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Files,
    Index,
    Verify,
}

/// The operation that a load undoes or redoes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub is_redo: bool,
    pub position: u64,
}

impl Journal {
    /// A journal at its beginning.
    pub fn new(safety: ObjectId, target: ObjectId, started: Timestamp, description: String) -> Journal {
        Journal {
            version: VERSION,
            revision: 0,
            safety,
            target,
            started,
            description,
            process: std::process::id(),
            phase: Phase::Files,
            head: false,
            operation: false,
            submodules: false,
            allow_links: false,
            paths: Vec::new(),
            subject: None,
            switch: None,
        }
    }

    /// The same with a change of the stack.
    pub fn with_switch(mut self, switch: Option<Switch>) -> Journal {
        self.switch = switch;
        self.version = self.needed_version();
        self
    }

    /// The linked work tree that is made, as text like the paths of a record.
    pub fn directory(&self) -> Option<&str> {
        self.switch.as_ref()?.directory.as_deref()
    }

    /// The oldest version whose readers do no wrong with it.
    fn needed_version(&self) -> u32 {
        match (&self.switch, self.submodules) {
            (None, false) => VERSION,
            (Some(Switch { directory: Some(_), .. }), _) => VERSION_OF_DIRECTORY,
            _ => VERSION_OF_MORE,
        }
    }
}

/// Reads the journal of a work tree, if a load is in progress or was interrupted.
pub fn find(own_dir: &Path) -> Result<Option<Journal>, WorktreeError> {
    let path = own_dir.join(FILE);
    match std::fs::read(&path) {
        Ok(bytes) => parse(&bytes).map(Some).ok_or(WorktreeError::DamagedJournal(path)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(WorktreeError::Io { action: "read", path, source }),
    }
}

/// The version is looked at alone first: a newer journal is not understood, whatever else it holds.
fn parse(bytes: &[u8]) -> Option<Journal> {
    #[derive(Deserialize)]
    struct Head {
        version: u32,
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let head: Head = toml::from_str(text).ok()?;
    let journal: Journal = toml::from_str(text).ok().filter(|_| head.version <= VERSION_OF_DIRECTORY)?;
    (journal.needed_version() == head.version).then_some(journal)
}

/// Writes the journal, synced.
pub fn write(own_dir: &Path, journal: &Journal) -> Result<(), WorktreeError> {
    let path = own_dir.join(FILE);
    let failed = |path: &PathBuf| {
        let path = path.clone();
        move |source| WorktreeError::Io { action: "write", path, source }
    };
    private::create_dir(own_dir).map_err(failed(&path))?;
    let text = toml::to_string(journal).expect("a journal is plain data");
    atomic::write(&path, text.as_bytes()).map_err(failed(&path))?;
    fault::reach("journal.written");
    Ok(())
}

/// Removes the journal: the load is done.
pub fn remove(own_dir: &Path) -> Result<(), WorktreeError> {
    let path = own_dir.join(FILE);
    fault::reach("journal.before-remove");
    match std::fs::remove_file(&path).and_then(|()| atomic::sync_parent(&path)) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(WorktreeError::Io { action: "remove", path, source: error })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::HashKind;
    use crate::model::operation::{OperationVerb, RefChange};

    fn journal() -> Journal {
        let id = ObjectId::null(HashKind::Sha1);
        let started = "2026-11-21T09:00:00Z".parse().unwrap();
        Journal { paths: vec!["src".into()], ..Journal::new(id, id, started, "load \"x\"\n".into()) }
    }

    #[test]
    fn it_goes_there_and_back_and_away() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("ckpt/worktree");
        assert_eq!(find(&own).unwrap(), None);
        write(&own, &journal()).unwrap();
        assert_eq!(find(&own).unwrap(), Some(journal()));
        remove(&own).unwrap();
        remove(&own).unwrap();
        assert_eq!(find(&own).unwrap(), None);
    }

    #[test]
    fn a_switch_is_carried_and_no_older_reader_takes_it() {
        let folder = tempfile::tempdir().unwrap();
        let id = ObjectId::null(HashKind::Sha1);
        let change = RefChange { name: "refs/heads/x".into(), old: None, new: Some(id) };
        let switch = Switch {
            verb: OperationVerb::Branch,
            creates: Some("refs/heads/x".into()),
            directory: None,
            refs: vec![change],
        };
        let linked = journal().with_switch(Some(Switch { directory: Some("../there".into()), ..switch.clone() }));
        write(folder.path(), &linked).unwrap();
        assert_eq!((linked.directory(), journal().directory()), (Some("../there"), None));
        assert_eq!((find(folder.path()).unwrap(), linked.version), (Some(linked), 3));
        let switching = journal().with_switch(Some(switch));
        write(folder.path(), &switching).unwrap();
        assert_eq!(find(folder.path()).unwrap(), Some(switching));
        let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(text.starts_with("version = 2\n"), "{text}");
        // Neither is one of the first version taken that names a switch, nor one of the second that has none.
        let text = text.replacen("version = 2", "version = 1", 1);
        std::fs::write(folder.path().join(FILE), text).unwrap();
        assert!(matches!(find(folder.path()), Err(WorktreeError::DamagedJournal(_))));
    }

    #[test]
    fn a_damaged_or_newer_one_is_never_taken_for_none() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "version = 4\n", "version = 3\n", "version = 2\n", "version = 1\n", "\u{0}"] {
            std::fs::write(folder.path().join(FILE), text).unwrap();
            assert!(matches!(find(folder.path()), Err(WorktreeError::DamagedJournal(_))), "{text:?}");
        }
    }

    #[test]
    fn one_that_cannot_be_read_or_removed_is_never_taken_for_none() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(FILE)).unwrap();
        assert!(matches!(find(folder.path()), Err(WorktreeError::Io { action: "read", .. })));
        assert!(matches!(remove(folder.path()), Err(WorktreeError::Io { action: "remove", .. })));
    }

    #[test]
    fn a_journal_of_the_first_version_is_read_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let text = "version = 1\nrevision = 3\nsafety = \"0000000000000000000000000000000000000000\"\n\
            target = \"0000000000000000000000000000000000000000\"\nstarted = \"2026-11-21T09:00:00Z\"\n\
            description = \"load x\"\nprocess = 7\nphase = \"files\"\nadded-later = true\n";
        std::fs::write(folder.path().join(FILE), text).unwrap();
        assert_eq!(find(folder.path()).unwrap().unwrap().process, 7);
    }
}
