//! Renderings of hand-made outcomes, for people and as data.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::look::Look;
use crate::model::change::{Change, ChangeCounts, Side};
use crate::model::checkpoint::{Checkpoint, CheckpointKind, Facts, Snapshot, SubmoduleCheckpoint, Summary, Words};
use crate::model::extra::WorktreeExtra;
use crate::model::head::Head;
use crate::model::id::ObjectId;
use crate::model::index::IndexExtra;
use crate::model::mode::Mode;
use crate::model::object::{ObjectKind, hash_object};
use crate::model::omission::{Omission, Reason};
use crate::model::operation::{OperationRecord, OperationVerb};
use crate::ops::context::Synced;
use crate::ops::context::digest::Digest;
use crate::ops::label::{Dropped, Named};
use crate::ops::list::PointList;
use crate::ops::load::{HeadFate, IndexFate, LaidOut, Loaded, PreparedLoad};
use crate::ops::points::Listed;
use crate::ops::recover::Direction;
use crate::ops::save::Saved;
use crate::ops::show::Shown;
use crate::ops::status::Status;
use crate::ops::undo::{LogEntry, Undone};

fn id(text: &str) -> ObjectId {
    hash_object(crate::model::id::HashKind::Sha1, ObjectKind::Blob, text.as_bytes())
}

fn now() -> Timestamp {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

fn look() -> Look {
    Look::plain(now())
}

fn side(text: &str) -> Option<Side> {
    Some(Side { mode: Mode::File, id: id(text) })
}

fn changes() -> Vec<Change> {
    vec![
        Change { path: "gone.txt".into(), old: side("a"), new: None },
        Change { path: "new\n\x1b[2J.txt".into(), old: None, new: side("b") },
        Change { path: b"src/caf\xe9.rs".into(), old: side("c"), new: side("d") },
    ]
}

fn omissions() -> Vec<Omission> {
    let omission = |path: &str, reason| Omission { path: path.into(), reason };
    vec![
        omission("big.bin", Reason::TooLarge { size: 200_000_000, limit: 104_857_600 }),
        omission("vendor/lib", Reason::NestedRepository { commit: id("x").to_string(), changes: Some(3) }),
        omission("secret", Reason::Unreadable { detail: "Permission denied".into() }),
    ]
}

fn counts() -> ChangeCounts {
    ChangeCounts { new: 1, modified: 1, deleted: 1 }
}

fn summary(subject: &str, seconds: i64) -> Summary {
    Summary {
        id: id(subject),
        session: "main".into(),
        sequence: 7,
        kind: CheckpointKind::Manual,
        created: Timestamp::from_second(now().as_second() - seconds).unwrap(),
        branch: Some("feature/login".into()),
        base: Some(id("base")),
        worktree: String::new(),
        changes: counts(),
        subject: subject.into(),
        has_note: true,
    }
}

fn listed(subject: &str, seconds: i64, names: &[&str]) -> Listed {
    Listed { summary: summary(subject, seconds), names: names.iter().map(|name| (*name).to_owned()).collect() }
}

fn shown() -> Shown {
    let snapshot = Snapshot {
        tree: id("tree"),
        extra: WorktreeExtra::default(),
        omissions: omissions(),
        included: vec![".env".into()],
        index_tree: id("index"),
        index_extra: IndexExtra::default(),
        head: Head { branch: Some("refs/heads/feature/login".into()), commit: Some(id("base")) },
        operation: None,
        submodules: vec![SubmoduleCheckpoint { path: "libs/one".into(), id: id("inside") }],
    };
    let words = Words {
        note: Some("login endpoint works\n\nthe token\x1b[31m is still fake".into()),
        next: vec!["split the handler".into(), "write the test".into()],
        context: Some("## Decisions\n\n- sessions in redis".into()),
        ..Words::default()
    };
    let environment = Facts {
        ckpt: "0.1.0".into(),
        git: Some("2.47.3".into()),
        system: "linux x86_64".into(),
        host: "box".into(),
        directory: "/work/app".into(),
        outer: None,
    };
    Shown {
        checkpoint: Checkpoint { summary: summary("login endpoint works", 120), snapshot, words, environment },
        names: vec!["before-refactor".into()],
        changes: changes(),
        staged: changes()[2..].to_vec(),
        base_subject: Some("add routes".into()),
        at_base: true,
    }
}

fn saved() -> Saved {
    Saved {
        id: id("saved"),
        unchanged: false,
        name: Some("before-refactor".parse().unwrap()),
        session: "main".into(),
        branch: Some("main".into()),
        changes: counts(),
        bytes_stored: 12_300,
        elapsed: Duration::from_millis(42),
        omissions: omissions(),
        included: 0,
        context: Synced::default(),
        submodules: Vec::new(),
    }
}

fn plan() -> PreparedLoad {
    PreparedLoad {
        job: None,
        target: id("target"),
        target_names: vec!["before-refactor".into()],
        safety: None,
        changes: changes(),
        counts: counts(),
        bytes: 1_200_000,
        folder_and_mode_changes: 1,
        index_changes: true,
        operation_changes: false,
        index: IndexFate::Kept { reason: "because HEAD is elsewhere" },
        head: HeadFate::Elsewhere { ahead: 2, behind: 1 },
        protected: omissions()[..1].to_vec(),
        unsaved: vec!["notes.md".into()],
        ignored_kept: vec!["node_modules".into()],
        ignored_overwritten: vec![".env".into()],
        submodules: Vec::new(),
    }
}

fn loaded() -> Loaded {
    Loaded {
        target: id("target"),
        target_names: vec!["before-refactor".into()],
        safety: id("safety"),
        kept: None,
        counts: counts(),
        bytes: 1_200_000,
        index: IndexFate::Restored,
        head: HeadFate::Same,
        protected: Vec::new(),
        ignored_kept: Vec::new(),
        revealed: Vec::new(),
        unsaved: Vec::new(),
        elapsed: Duration::from_millis(34),
        submodules: Vec::new(),
        shown: shown(),
    }
}

fn record(description: &str) -> OperationRecord {
    OperationRecord {
        verb: OperationVerb::Load,
        created: "2026-11-21T08:55:00Z".parse().unwrap(),
        description: description.into(),
        before: Some(id("safety")),
        after: Some(id("target")),
        moved_head: false,
        moved_operation: false,
        submodules: false,
        paths: Vec::new(),
        refs: Vec::new(),
        subject: None,
    }
}

fn undone() -> Undone {
    Undone {
        operation: record("load before-refactor"),
        safety: Some(id("other")),
        counts: counts(),
        loaded: None,
        switched: None,
    }
}

fn status() -> Status {
    Status {
        session: "main".into(),
        head: Head { branch: Some("refs/heads/main".into()), commit: Some(id("base")) },
        worktree: String::new(),
        operation: Some("merge".into()),
        last: Some(listed("login endpoint works", 120, &["before-refactor"])),
        changes: ChangeCounts { new: 1, modified: 4, deleted: 1 },
        sample: changes(),
        omissions: omissions()[..1].to_vec(),
        pending: None,
        points: 7,
        context: None,
    }
}

#[test]
fn the_context_is_told_in_a_few_words() {
    let next = vec!["run the slow tests\nall of them".to_owned(), "split the handler".into()];
    let digest = Digest { file_differs: true, open_issues: 2, open_todos: 1, next, ..Digest::default() };
    let told = super::status::render(&Status { context: Some(digest), ..status() }, &look());
    assert!(
        told.contains("Context: 2 open issues, 1 to-do, edited since\nNext: run the slow tests (and 1 more)\n"),
        "{told}"
    );
}

#[test]
fn a_save_is_told() {
    insta::assert_snapshot!(super::saved::render(&saved(), &look()), @r"
    Saved 151598e422 as before-refactor on main
      1 new, 1 modified, 1 deleted; 12.3 kB stored in 42 ms
      partial, could not be saved: 1 path
        secret: cannot be read: Permission denied
      left out: 2 paths
        big.bin: too large: 200.0 MB, the limit is 104.9 MB
        vendor/lib: a repository of its own, recorded at c1b0730e01; 3 changed files inside are not saved
    ");
    let unchanged = Saved { unchanged: true, omissions: Vec::new(), ..saved() };
    insta::assert_snapshot!(super::saved::render(&unchanged, &look()), @r"
    Nothing changed since 151598e422: this state is saved
    ");
}

#[test]
fn a_list_is_aligned_and_cut() {
    let points = vec![
        listed("login endpoint works, and so does everything else that was there", 120, &["before-refactor"]),
        listed("evil\x1b[2J\u{202e}note", 86_400 * 3, &["a-very-long-name-for-a-checkpoint", "b"]),
        listed("1 modified on main", 3, &[]),
    ];
    let text = super::listed::render(&PointList { points, ..PointList::default() }, &look());
    assert!(text.lines().all(|line| super::text::width(line) <= 80), "{text}");
    insta::assert_snapshot!(text, @r"
    57c84468c1  before-refactor   2m ago  feature/l…  +1 ~1 -1  login endpoint work…
    d906c9172a  a-very-long-nam…  3d ago  feature/l…  +1 ~1 -1  evil\x1b[2J\u{202e}…
    9771d26d87                    3s ago  feature/l…  +1 ~1 -1  1 modified on main
    ");
}

#[test]
fn the_resume_document_says_everything() {
    insta::assert_snapshot!(super::markdown::render(&shown(), &look()), @r"
    # Checkpoint before-refactor

    > login endpoint works
    >
    > the token\x1b[31m is still fake

    - saved: 2026-11-21 08:58:00 (2m ago), number 7 of session main
    - id: 89220508cb9b35564710de9cad59bbbe0ae42bb6

    ## Git state

    - branch: feature/login
    - commit: 8681f8b8f3 add routes
    - HEAD is there now
    - status: 1 new, 1 modified, 1 deleted; 1 path staged

    ## Files modified

    - `gone.txt` (deleted)
    - `new\n\x1b[2J.txt` (new)
    - `src/caf\xe9.rs` (modified, staged)

    ## Next steps

    1. split the handler
    2. write the test

    ## Context

    ## Decisions

    - sessions in redis

    ## Environment

    - directory: /work/app
    - host: box
    - system: linux x86_64
    - ckpt: 0.1.0
    - git: 2.47.3

    ## Left out

    - big.bin: too large: 200.0 MB, the limit is 104.9 MB
    - vendor/lib: a repository of its own, recorded at c1b0730e01; 3 changed files inside are not saved
    - secret: cannot be read: Permission denied

    ## Submodules

    - libs/one: b3542c60bd

    ## Ignored files taken along

    - `.env`

    ## To resume

        ckpt load before-refactor  # bring back these files
        ckpt diff before-refactor  # see what is different now
        ckpt undo                  # take the load back
    ");
}

#[test]
fn a_plan_names_what_will_happen() {
    insta::assert_snapshot!(super::loaded::render_plan(&plan(), &look()), @r"
    Loading before-refactor (1de565933b): 2 files written, 1 deleted, 1.2 MB
      D gone.txt
      A new\n\x1b[2J.txt
      M src/caf\xe9.rs
      permissions and empty folders: 1 change
      index: stays as it is, because HEAD is elsewhere
      HEAD: stays where it is, 2 commits ahead of the checkpoint and 1 behind
      left alone:
        big.bin: too large: 200.0 MB, the limit is 104.9 MB
      ignored by the rules of the checkpoint, and left as they are:
        node_modules
      ignored files that will be overwritten:
        .env
      changed since the last checkpoint, and only in the safety checkpoint:
        notes.md
    ");
    assert_eq!(super::loaded::question(&plan()), "Load before-refactor? 2 files written, 1 deleted");
    assert!(!plan().changes_nothing());
}

#[test]
fn a_load_ends_with_the_resume_document() {
    let text = super::loaded::render(&loaded(), &look());
    let (summary, document) = text.split_once("\n\n").unwrap();
    assert!(document.starts_with("# Checkpoint before-refactor\n"));
    insta::assert_snapshot!(summary, @r"
    Loaded before-refactor (1de565933b): 2 files written, 1 deleted, 1.2 MB in 34 ms
      index: as it was saved
      what was there before is 440bce714b; `ckpt undo` goes back to it
    ");
    let text = super::loaded::render_recovered(&loaded(), Direction::Undo, "load x", &look());
    assert!(text.starts_with("Went back to before-refactor ("), "{text}");
}

#[test]
fn undo_and_the_log_are_told() {
    insta::assert_snapshot!(super::undone::render(&undone(), super::undone::Way::Undo, &look()), @r"
    Undid: load before-refactor (5m ago)
      2 files written, 1 deleted
      what was there before is 27fa34919a; `ckpt redo` goes back to it
    ");
    let entry = |position, is_undone| LogEntry { position, record: record("load before-refactor"), is_undone };
    let entries = [entry(12, true), entry(1, false)];
    insta::assert_snapshot!(super::undone::render_operations(&entries, &look()), @r"
    12  5m ago  440bce714b  (undone)  load before-refactor
    1   5m ago  440bce714b            load before-refactor
    ");
}

#[test]
fn the_status_says_where_the_work_stands_and_what_to_type() {
    insta::assert_snapshot!(super::status::render(&status(), &look()), @r"
    On main, merge in progress; session main has 7 checkpoints
    Last saved 2m ago: 89220508cb before-refactor login endpoint works
    Since then: 1 new, 4 modified, 1 deleted
      D gone.txt
      A new\n\x1b[2J.txt
      M src/caf\xe9.rs
      and 3 more
    A save would leave out 1 path:
      big.bin: too large: 200.0 MB, the limit is 104.9 MB
    ");
    assert_eq!(super::status::hints(&status())[1], "go back with `ckpt load before-refactor`");
    let fresh = Status { last: None, operation: None, points: 0, ..status() };
    let text = super::status::render(&fresh, &look());
    insta::assert_snapshot!(text.lines().take(2).collect::<Vec<_>>().join("\n"), @r"
    On main; session main has 0 checkpoints
    Nothing saved yet; against the last commit: 1 new, 4 modified, 1 deleted
    ");
    assert!(super::status::hints(&fresh)[0].contains("ckpt save"));
}

#[test]
fn names_and_drops_are_told() {
    let mut named = Named { id: id("a"), name: "login".parse().unwrap(), previous: None, renamed_from: None };
    insta::assert_snapshot!(super::labelled::render_named(&named, &look()), @r"
    Named 2e65efe2a1 login
    ");
    named.previous = Some(id("b"));
    insta::assert_snapshot!(super::labelled::render_named(&named, &look()), @r"
    Moved login from 63d8dbd40c to 2e65efe2a1
    ");
    named.renamed_from = Some("old".parse().unwrap());
    insta::assert_snapshot!(super::labelled::render_named(&named, &look()), @r"
    Renamed old to login (2e65efe2a1)
    ");
    let dropped = Dropped { ids: vec![id("a"), id("b")], names: vec!["x".into()] };
    insta::assert_snapshot!(super::labelled::render_dropped(&dropped, &look()), @r"
    Dropped 2e65efe2a1 and 63d8dbd40c with the name x; `ckpt undo` brings them back
    ");
}

fn value(document: &impl Serialize) -> Value {
    serde_json::to_value(document).unwrap()
}

#[test]
fn a_snapshot_as_data_has_every_field_of_its_schema() {
    let shown = shown();
    let document = value(&super::json::show::ShowDocument::of(&shown, &shown.changes));
    for field in ["timestamp", "branch", "head", "files", "context", "todos", "notes", "skipped", "schema", "tree"] {
        assert!(!document[field].is_null(), "{field} is missing");
    }
    assert_eq!(document["schema"], "ckpt.show/1");
    assert_eq!(document["timestamp"], "2026-11-21T08:58:00Z");
    assert_eq!(document["files"][2]["path"]["base64"], "c3JjL2NhZukucnM=");
    assert_eq!(document["files"][1]["path"], "new\n\x1b[2J.txt");
    assert_eq!(document["files"][0]["status"], "deleted");
    assert_eq!(document["files"][1]["mode"], "100644");
    assert_eq!(document["skipped"][0]["reason"], "too-large");
    assert_eq!(document["skipped"][2]["failed"], true);
    assert_eq!(document["checklist"], Value::Null);
}

#[test]
fn every_document_names_its_schema() {
    use super::json;
    let points =
        PointList { points: vec![listed("x", 1, &[])], truncated: true, damaged: vec![("r".into(), "p".into())] };
    let entries = [LogEntry { position: 1, record: record("load x"), is_undone: false }];
    let named = Named { id: id("a"), name: "login".parse().unwrap(), previous: None, renamed_from: None };
    let dropped = Dropped { ids: vec![id("a")], names: Vec::new() };
    let laid_out = LaidOut { target: id("a"), directory: "/x".into(), files: 3 };
    let diffed = crate::ops::diff::Diffed { from: "a".into(), to: "b".into(), files: Vec::new() };
    let documents = [
        ("ckpt.save/1", value(&json::save::SaveDocument::of(&saved()))),
        ("ckpt.list/1", value(&json::list::ListDocument::of(&points))),
        ("ckpt.load/1", value(&json::load::LoadDocument::of(&loaded(), "ckpt.load/1"))),
        ("ckpt.load/1", value(&json::load::PlanDocument::of(&plan()))),
        ("ckpt.load/1", value(&json::load::IntoDocument::of(&laid_out))),
        ("ckpt.diff/1", value(&json::diff::DiffDocument::of(&diffed, true, &look()))),
        ("ckpt.name/1", value(&json::label::NameDocument::of(&named))),
        ("ckpt.drop/1", value(&json::label::DropDocument::of(&dropped))),
        ("ckpt.undo/1", value(&json::undo::UndoDocument::of(&undone(), super::undone::Way::Redo))),
        ("ckpt.operations/1", value(&json::undo::OperationsDocument::of(&entries))),
        ("ckpt.status/1", value(&json::status::StatusDocument::of(&status()))),
    ];
    for (schema, document) in documents {
        assert_eq!(document["schema"], schema);
    }
}
