use std::collections::BTreeMap;

use bstr::BString;
use proptest::prelude::*;

use super::*;
use crate::model::change::ChangeCounts;
use crate::model::checkpoint::{CheckpointKind, Facts, OperationState, Snapshot, SubmoduleCheckpoint, Words};
use crate::model::commit::{Commit, Identity};
use crate::model::extra::WorktreeExtra;
use crate::model::head::Head;
use crate::model::id::ObjectId;
use crate::model::index::{ConflictStage, IndexExtra};
use crate::model::no_objects::NoObjects;
use crate::model::object::{ObjectKind, ObjectReader, ObjectWriter};
use crate::model::omission::{Omission, Reason};
use crate::model::scratch::Scratch;
use crate::store::StoreError;

/// A snapshot with something in every field.
fn full_snapshot(store: &Scratch<'_>) -> Snapshot {
    let blob = store.write(ObjectKind::Blob, b"content").unwrap();
    let tree = store.write(ObjectKind::Tree, b"").unwrap();
    let mut extra = WorktreeExtra::default();
    extra.permissions.insert("secret".into(), 0o600);
    extra.empty_folders.push("void".into());
    extra.raw = BTreeMap::from([("a/b.txt".into(), blob), (BString::from(b"\xff\n".to_vec()), blob)]);
    let conflict = ConflictStage { path: "both".into(), stage: 2, mode: 0o100644, id: blob };
    Snapshot {
        tree,
        extra,
        omissions: vec![Omission { path: "pipe".into(), reason: Reason::Special { kind: "socket" } }],
        included: vec!["odd\nname".into(), "x".into()],
        index_tree: tree,
        index_extra: IndexExtra { conflicts: vec![conflict], ..IndexExtra::default() },
        head: Head { branch: Some("refs/heads/topic/one".into()), commit: Some(blob) },
        operation: Some(OperationState { kind: "merge".into(), tree, commits: vec![blob] }),
        submodules: vec![SubmoduleCheckpoint { path: "libs/\u{fc}".into(), id: tree }],
    }
}

fn bare_snapshot(store: &Scratch<'_>) -> Snapshot {
    Snapshot {
        extra: WorktreeExtra::default(),
        omissions: Vec::new(),
        included: Vec::new(),
        index_extra: IndexExtra::default(),
        head: Head { branch: None, commit: None },
        operation: None,
        submodules: Vec::new(),
        ..full_snapshot(store)
    }
}

fn words(note: Option<&str>) -> Words {
    Words {
        note: note.map(str::to_owned),
        next: vec!["run \"tests\"\n".into()],
        context: Some("# Context\n".into()),
        checklist: None,
        partitions: vec![("backend".into(), "# Backend\n".into())],
    }
}

fn write(store: &Scratch<'_>, snapshot: &Snapshot, words: &Words, sequence: u64) -> ObjectId {
    let facts = Facts { ckpt: "0.1.0".into(), host: "host".into(), ..Facts::default() };
    let new = NewCheckpoint {
        snapshot,
        words,
        facts: &facts,
        session: "main",
        sequence,
        kind: CheckpointKind::Manual,
        created: "2026-11-21T10:00:00Z".parse().unwrap(),
        base_seconds: 77,
        worktree: "linked one",
        changes: ChangeCounts { new: 1, modified: 3, deleted: 0 },
    };
    let summary = write_checkpoint(store, &Identity::default(), &new).unwrap();
    assert_eq!(read_summary(store, &summary.id).unwrap(), summary);
    summary.id
}

#[test]
fn a_full_checkpoint_comes_back() {
    let store = Scratch::new(&NoObjects);
    let (snapshot, words) = (full_snapshot(&store), words(Some("works\n\nCkpt-Kind: safety")));
    let id = write(&store, &snapshot, &words, 7);
    let found = read_checkpoint(&store, &id).unwrap();
    assert_eq!(format!("{:?}", found.snapshot), format!("{snapshot:?}"));
    assert_eq!(found.words, words);
    assert_eq!(found.environment.host, "host");
    let summary = found.summary;
    assert_eq!((summary.sequence, summary.kind, summary.has_note), (7, CheckpointKind::Manual, true));
    assert_eq!((summary.subject.as_str(), summary.worktree.as_str()), ("works", "linked one"));
    assert_eq!(summary.branch.as_deref(), Some("topic/one"));
    assert_eq!(summary.changes.total(), 4);
    assert_eq!(summary.created.to_string(), "2026-11-21T10:00:00Z");
    assert_eq!(read_summary(&store, &id).unwrap(), summary);
}

#[test]
fn the_shape_is_that_of_a_stash_entry() {
    let store = Scratch::new(&NoObjects);
    let snapshot = full_snapshot(&store);
    let id = write(&store, &snapshot, &words(None), 1);
    let read = |id: &ObjectId| Commit::parse(&store.read_kind(id, ObjectKind::Commit).unwrap()).unwrap();
    let saved = read(&id);
    let index = read(&saved.parents[1]);
    assert_eq!((saved.tree, saved.parents[0]), (snapshot.tree, snapshot.head.commit.unwrap()));
    assert_eq!((index.tree, index.parents[0]), (snapshot.index_tree, snapshot.head.commit.unwrap()));
    assert_eq!(read(&index.parents[1]).parents, snapshot.operation.unwrap().commits);
    assert_eq!(saved.subject(), "3 modified, 1 new on topic/one");
}

#[test]
fn before_the_first_commit_there_is_no_base() {
    let store = Scratch::new(&NoObjects);
    let id = write(&store, &bare_snapshot(&store), &words(None), 1);
    let found = read_checkpoint(&store, &id).unwrap();
    assert_eq!(found.snapshot.head, Head { branch: None, commit: None });
    assert_eq!(found.summary.subject, "3 modified, 1 new, HEAD detached");
    assert!(found.snapshot.operation.is_none());
}

#[test]
fn the_same_state_makes_another_checkpoint_of_two_old_commits_and_a_new_one() {
    let store = Scratch::new(&NoObjects);
    let snapshot = full_snapshot(&store);
    let ids = [1, 2].map(|sequence| write(&store, &snapshot, &words(None), sequence));
    let parents = ids.map(|id| Commit::parse(&store.read(&id).unwrap().bytes).unwrap().parents);
    assert_ne!(ids[0], ids[1]);
    assert_eq!(parents[0], parents[1]);
}

fn rewritten(store: &Scratch<'_>, id: &ObjectId, from: &str, to: &str) -> ObjectId {
    let text = String::from_utf8(store.read(id).unwrap().bytes).unwrap();
    assert!(text.contains(from));
    store.write(ObjectKind::Commit, text.replace(from, to).as_bytes()).unwrap()
}

#[test]
fn a_newer_or_damaged_checkpoint_is_told_as_such() {
    let store = Scratch::new(&NoObjects);
    let id = write(&store, &full_snapshot(&store), &words(None), 1);
    let newer = rewritten(&store, &id, "Ckpt-Version: 1", "Ckpt-Version: 2");
    assert!(matches!(read_checkpoint(&store, &newer), Err(StoreError::Newer { version: 2, .. })));
    for (from, to) in [
        ("Ckpt-Kind: manual", "Ckpt-Kind: odd"),
        ("Ckpt-Changes: 1 3 0", "Ckpt-Changes: 1 3"),
        ("Ckpt-Version", "Xkpt"),
    ] {
        let broken = rewritten(&store, &id, from, to);
        assert!(matches!(read_summary(&store, &broken), Err(StoreError::Damaged { .. })), "{to}");
    }
    let blob = store.write(ObjectKind::Blob, b"x").unwrap();
    assert!(matches!(read_checkpoint(&store, &blob), Err(StoreError::Object(_))));
}

proptest! {
    #[test]
    fn any_words_come_back(note in proptest::option::of("(?s).*"), next in proptest::collection::vec(".*", 0..3),
                           context in proptest::option::of("(?s).*")) {
        let store = Scratch::new(&NoObjects);
        let words = Words { note, next, context, ..Words::default() };
        let id = write(&store, &bare_snapshot(&store), &words, 3);
        let found = read_checkpoint(&store, &id).unwrap();
        prop_assert_eq!(found.words, words);
        prop_assert_eq!(found.summary.sequence, 3);
    }

    #[test]
    fn any_meta_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in ".*") {
        let _ = crate::store::meta::Meta::parse(&bytes);
        let _ = crate::store::meta::Meta::parse(text.as_bytes());
    }
}
