//! A repository in a temporary folder with checkpoints made by hand, for the tests of this module: nothing is scanned.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;

use super::repo::{Limits, Repo};
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{CheckpointKind, Facts, Snapshot, Words};
use crate::model::commit::Identity;
use crate::model::extra::WorktreeExtra;
use crate::model::id::ObjectId;
use crate::model::index::IndexExtra;
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, ObjectWriter};
use crate::store::checkpoint::{NewCheckpoint, write_checkpoint};
use crate::store::path_tree::{PathMap, write_paths};
use crate::store::session::{Additions, SaveEvent, append_save, next_sequence, read_session};
use crate::store::{Expected, RefEdit};
use crate::sys::environment::Environment;

pub(super) struct Fixture {
    _folder: tempfile::TempDir,
    pub root: PathBuf,
    pub repo: Repo,
}

/// What is saved; the rest is the same for all.
pub(super) struct Saving<'a> {
    pub session: &'a str,
    pub kind: CheckpointKind,
    pub note: &'a str,
    pub created: &'a str,
    pub files: &'a [(&'a str, &'a str)],
}

impl Default for Saving<'_> {
    fn default() -> Self {
        Saving {
            session: "main",
            kind: CheckpointKind::Manual,
            note: "note",
            created: "2026-11-21T10:00:00Z",
            files: &[],
        }
    }
}

impl Fixture {
    pub(super) fn new() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        git(&root, &["init", "-q", "-b", "main"]);
        git(&root, &["commit", "-q", "--allow-empty", "-m", "first commit"]);
        let repo = open(&root);
        Fixture { _folder: folder, root, repo }
    }

    pub(super) fn git(&self, arguments: &[&str]) -> String {
        git(&self.root, arguments)
    }

    pub(super) fn save(&self, saving: &Saving<'_>) -> ObjectId {
        save(&self.repo, saving)
    }

    pub(super) fn noted(&self, note: &str) -> ObjectId {
        self.save(&Saving { note, ..Saving::default() })
    }
}

pub(super) fn open(folder: &Path) -> Repo {
    let process = Environment::of_process().unwrap();
    let own = process.variables().map(|(name, value)| (name.clone(), value.clone()));
    let state = ("XDG_STATE_HOME".into(), folder.join(".git/state").into());
    let environment = Environment::from_variables(own.chain([state]), folder);
    Repo::open(&environment, Limits::default()).unwrap()
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=A", "-c", "user.email=a@b"]).args(arguments);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env_remove("GIT_DIR");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// Saves as the real thing does, but for the scan.
pub(super) fn save(repo: &Repo, saving: &Saving<'_>) -> ObjectId {
    let writing = repo.store.start_writing().unwrap();
    let files = saving.files.iter().map(|(path, text)| {
        let id = writing.write(ObjectKind::Blob, text.as_bytes()).unwrap();
        ((*path).into(), (Mode::File, id))
    });
    let tree = write_paths(&writing, &files.collect::<PathMap>()).unwrap();
    let snapshot = Snapshot {
        tree,
        extra: WorktreeExtra::default(),
        omissions: Vec::new(),
        included: Vec::new(),
        index_tree: tree,
        index_extra: IndexExtra::default(),
        head: repo.store.head().unwrap(),
        operation: None,
        submodules: Vec::new(),
    };
    let session_ref = format!("refs/ckpt/sessions/{}", saving.session);
    let tip = repo.store.find_ref(&session_ref).unwrap();
    let session = tip.map(|tip| read_session(&repo.store, &tip).unwrap());
    let created: Timestamp = saving.created.parse().unwrap();
    let sequence = next_sequence(session.as_ref());
    let new = NewCheckpoint {
        snapshot: &snapshot,
        words: &Words { note: Some(saving.note.to_owned()), ..Words::default() },
        facts: &Facts::default(),
        session: saving.session,
        sequence,
        kind: saving.kind,
        created,
        base_seconds: 0,
        worktree: &repo.store.layout().worktree_key,
        changes: ChangeCounts::default(),
    };
    let identity = Identity::default();
    let checkpoint = write_checkpoint(&writing, &identity, &new).unwrap().id;
    let event = SaveEvent {
        session: saving.session,
        checkpoint,
        sequence,
        kind: saving.kind,
        time: created,
        subject: saving.note,
        changes: "",
        additions: &Additions::default(),
    };
    let new_tip = append_save(&repo.store, &writing, &identity, session.as_ref(), &event).unwrap();
    let written = repo.store.finish_writing(writing).unwrap();
    let edits = [
        RefEdit {
            name: format!("refs/ckpt/checkpoints/{checkpoint}"),
            expected: Expected::Absent,
            new: Some(checkpoint),
        },
        RefEdit { name: session_ref, expected: tip.map_or(Expected::Absent, Expected::At), new: Some(new_tip) },
    ];
    repo.store.publish(Some(written), &edits).unwrap();
    checkpoint
}
