//! Everything that reads bytes of others: arbitrary ones and sound ones that were spoilt are read or refused, never more.
//!
//! Objects are kept in a bag that does not compare bytes with ids, so that a spoilt object is read as if it were what a
//! checkpoint, a session, a stack or an operation log names. No reading may panic; its memory is bounded by what it is given.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Mutex;

use bstr::{BString, ByteSlice};
use ckpt::context::document::Document;
use ckpt::context::partition::Partitions;
use ckpt::hooks::{Hook, block};
use ckpt::model::change::ChangeCounts;
use ckpt::model::checkpoint::{CheckpointKind, Facts, OperationState, Snapshot, SubmoduleCheckpoint, Words};
use ckpt::model::commit::{Commit, Identity};
use ckpt::model::event::{Event, EventKind};
use ckpt::model::extra::WorktreeExtra;
use ckpt::model::head::Head;
use ckpt::model::id::{HashKind, ObjectId};
use ckpt::model::index::{ConflictStage, IndexExtra};
use ckpt::model::mode::Mode;
use ckpt::model::name::Name;
use ckpt::model::object::{Object, ObjectError, ObjectKind, ObjectReader, ObjectWriter, StreamError, hash_object};
use ckpt::model::omission::{Omission, Reason};
use ckpt::model::operation::{OperationRecord, OperationVerb};
use ckpt::model::tree;
use ckpt::store::checkpoint::{NewCheckpoint, read_checkpoint, read_summary, write_checkpoint};
use ckpt::store::path_tree::{PathMap, read_paths, write_paths};
use ckpt::store::session::{Additions, SaveEvent, append_save, find_latest, read_session};
use ckpt::store::session_chain::{history_problem, read_files, read_link};
use ckpt::store::{anchors, index_extra, left_out, missing, notes, operation_log, operation_state, session_events};
use ckpt::worktree::path_check::{self, PathRules};
use proptest::prelude::*;
use proptest::sample::Index;

/// Objects by the ids that others name them by, whatever their bytes are.
#[derive(Default)]
struct Bag(Mutex<BTreeMap<ObjectId, (ObjectKind, Vec<u8>)>>);

impl Bag {
    fn ids(&self) -> Vec<ObjectId> {
        self.0.lock().unwrap().keys().copied().collect()
    }

    fn change(&self, id: &ObjectId, change: impl Fn(&mut Vec<u8>)) {
        change(&mut self.0.lock().unwrap().get_mut(id).unwrap().1);
    }
}

impl ObjectReader for Bag {
    fn hash_kind(&self) -> HashKind {
        HashKind::Sha1
    }
    fn contains(&self, id: &ObjectId) -> bool {
        self.0.lock().unwrap().contains_key(id)
    }
    fn read(&self, id: &ObjectId) -> Result<Object, ObjectError> {
        let objects = self.0.lock().unwrap();
        let (kind, bytes) = objects.get(id).ok_or(ObjectError::Missing(*id))?;
        Ok(Object { kind: *kind, bytes: bytes.clone() })
    }
    fn read_header(&self, id: &ObjectId) -> Result<(ObjectKind, u64), ObjectError> {
        self.read(id).map(|object| (object.kind, object.bytes.len() as u64))
    }
}

impl ObjectWriter for Bag {
    fn hash_kind(&self) -> HashKind {
        HashKind::Sha1
    }
    fn contains(&self, id: &ObjectId) -> bool {
        ObjectReader::contains(self, id)
    }
    fn write(&self, kind: ObjectKind, bytes: &[u8]) -> Result<ObjectId, ObjectError> {
        let id = hash_object(HashKind::Sha1, kind, bytes);
        self.0.lock().unwrap().insert(id, (kind, bytes.to_vec()));
        Ok(id)
    }
    fn write_stream(&self, _size: u64, content: &mut dyn Read) -> Result<ObjectId, StreamError> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes).map_err(StreamError::Read)?;
        Ok(self.write(ObjectKind::Blob, &bytes)?)
    }
}

/// A bag with a checkpoint that holds something of everything, a session with events and an operation log.
struct Full {
    bag: Bag,
    checkpoint: ObjectId,
    session: ObjectId,
    operations: ObjectId,
}

fn time() -> jiff::Timestamp {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

fn full() -> Full {
    let bag = Bag::default();
    let blob = |text: &str| bag.write(ObjectKind::Blob, text.as_bytes()).unwrap();
    let files = |paths: &[&str]| {
        let map: PathMap = paths.iter().map(|path| ((*path).into(), (Mode::File, blob(path)))).collect();
        write_paths(&bag, &map).unwrap()
    };
    let conflict = ConflictStage { path: "a".into(), stage: 2, mode: 0o100644, id: blob("a") };
    let mut extra = WorktreeExtra::default();
    extra.permissions.insert("a".into(), 0o600);
    extra.empty_folders.push("void".into());
    extra.crlf.push("b/c".into());
    extra.raw.insert("b/c".into(), blob("raw"));
    let snapshot = Snapshot {
        tree: files(&["a", "b/c", "b/d/e"]),
        extra,
        omissions: vec![Omission { path: "large".into(), reason: Reason::TooLarge { size: 9, limit: 8 } }],
        included: vec![BString::from(".env")],
        index_tree: files(&["a", "b/c"]),
        index_extra: IndexExtra { conflicts: vec![conflict], intent_to_add: vec!["n".into()], ..IndexExtra::default() },
        head: Head { branch: Some("refs/heads/main".into()), commit: None },
        operation: Some(OperationState {
            kind: "merge".into(),
            tree: files(&["MERGE_HEAD", "rebase-merge/x"]),
            commits: Vec::new(),
        }),
        submodules: vec![SubmoduleCheckpoint { path: "libs/one".into(), id: blob("inside") }],
    };
    let words = Words {
        note: Some("a note\n\nwith lines".into()),
        next: vec!["a step".into()],
        context: Some("# context\n".into()),
        checklist: Some("- [ ] x\n".into()),
        partitions: vec![("backend".into(), "# backend\n".into())],
    };
    let new = NewCheckpoint {
        snapshot: &snapshot,
        words: &words,
        facts: &Facts::default(),
        session: "main",
        sequence: 1,
        kind: CheckpointKind::Manual,
        created: time(),
        base_seconds: 0,
        worktree: "linked",
        changes: ChangeCounts { new: 1, modified: 2, deleted: 3 },
    };
    let checkpoint = write_checkpoint(&bag, &Identity::default(), &new).unwrap().id;
    let session = session(&bag, checkpoint);
    let record = OperationRecord {
        before: Some(checkpoint),
        ..OperationRecord::new(OperationVerb::Load, time(), "load".into())
    };
    let first = operation_log::append(&bag, &bag, &Identity::default(), None, &record).unwrap();
    let operations = operation_log::append(&bag, &bag, &Identity::default(), Some(&first), &record).unwrap();
    Full { bag, checkpoint, session, operations }
}

/// A chain of two commits, each with an event.
fn session(bag: &Bag, checkpoint: ObjectId) -> ObjectId {
    let mut tip: Option<ObjectId> = None;
    for sequence in 1..=2 {
        let line = Event::new(time(), EventKind::Note, "said", sequence).to_line();
        let files = vec![(BString::from("context.md"), Some(b"# x\n".to_vec()))];
        let save = SaveEvent {
            session: "main",
            checkpoint,
            sequence,
            kind: CheckpointKind::Manual,
            time: time(),
            subject: "works",
            changes: "1 new",
            additions: &Additions { lines: vec![line.into()], files },
        };
        let session = tip.map(|tip| read_session(bag, &tip).unwrap());
        tip = Some(append_save(bag, bag, &Identity::default(), session.as_ref(), &save).unwrap());
    }
    tip.unwrap()
}

/// Reads all that can be read of it.
fn read_everything(full: &Full) {
    let Full { bag, checkpoint, session, operations } = full;
    let _ = read_summary(bag, checkpoint);
    if let Ok(found) = read_checkpoint(bag, checkpoint) {
        for trusted in [true, false] {
            let rules = PathRules { trusted, allow_links: false };
            let _ = path_check::check_tree(bag, &found.snapshot.tree, None, &found.snapshot.extra, rules);
        }
        let _ = found.snapshot.operation.as_ref().map(|state| operation_state::foreign_file(bag, state));
        let _ = read_paths(bag, &found.snapshot.index_tree);
    }
    let _ = missing::find_missing(bag, checkpoint, None, 3);
    let _ = find_latest(bag, session);
    if let Ok(found) = read_session(bag, session) {
        let _ = session_events::events(bag, &found).count();
        let _ = session_events::without_known(bag, &found, vec!["x".into()]);
        let _ = (found.context(bag), found.checklist(bag));
    }
    if let Ok(link) = read_link(bag, session) {
        let older = link.previous().and_then(|id| read_link(bag, id).ok());
        if let (Ok(new), Some(Ok(old))) = (read_files(bag, &link), older.map(|older| read_files(bag, &older))) {
            let _ = history_problem(bag, &old, &new);
            let _ = history_problem(bag, &new, &old);
        }
    }
    let _ = operation_log::read_all(bag, Some(operations));
    let (records, _) = operation_log::read_readable(bag, Some(operations));
    let _ = operation_log::replay(&records);
    let _ = ckpt::store::stack::read(bag, session);
    let _ = ckpt::store::stack::read_current(bag, session);
}

/// One way of spoiling bytes.
#[derive(Clone, Debug)]
enum Spoil {
    Flip(Index, u8),
    Cut(Index),
    Remove(Index, usize),
    Repeat(Index, usize),
    Insert(Index, Vec<u8>),
    Replace(Vec<u8>),
}

impl Spoil {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |at: &Index, bytes: &Vec<u8>| at.index(bytes.len() + 1);
        match self {
            Spoil::Flip(at, bits) => {
                let at = place(at, bytes);
                bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= bits);
            }
            Spoil::Cut(at) => bytes.truncate(place(at, bytes)),
            Spoil::Remove(at, length) => {
                let at = place(at, bytes);
                bytes.drain(at..(at + length).min(bytes.len()));
            }
            Spoil::Repeat(at, length) => {
                let at = place(at, bytes);
                let piece = bytes[at..(at + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            Spoil::Insert(at, piece) => {
                let at = place(at, bytes);
                bytes.splice(at..at, piece.iter().copied());
            }
            Spoil::Replace(piece) => bytes.clone_from(piece),
        }
    }
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known: [&[u8]; 16] = [
        b"\x1b[2J",
        b"\"",
        b"[[x]]\n",
        b"18446744073709551616",
        b"-1",
        b"\0",
        b"../",
        b"\n\n",
        b"parent ",
        b"version = 2\n",
        b"\xff\xfe",
        b"40000 ..\0",
        b"# ckpt 99\n",
        b"{\"id\":",
        b"\r\n",
        b"= ",
    ];
    prop_oneof![
        proptest::sample::select(known.map(<[u8]>::to_vec).to_vec()),
        proptest::collection::vec(any::<u8>(), 0..40),
        (0usize..3000).prop_map(|count| b"[".repeat(count)),
    ]
}

fn spoil() -> impl Strategy<Value = Spoil> {
    prop_oneof![
        (any::<Index>(), 1u8..=255).prop_map(|(at, bits)| Spoil::Flip(at, bits)),
        any::<Index>().prop_map(Spoil::Cut),
        (any::<Index>(), 1usize..60).prop_map(|(at, length)| Spoil::Remove(at, length)),
        (any::<Index>(), 1usize..200).prop_map(|(at, length)| Spoil::Repeat(at, length)),
        (any::<Index>(), piece()).prop_map(|(at, piece)| Spoil::Insert(at, piece)),
        piece().prop_map(Spoil::Replace),
    ]
}

fn spoils() -> impl Strategy<Value = Vec<Spoil>> {
    proptest::collection::vec(spoil(), 1..6)
}

/// Sound texts of every kind that is read from a file, to be spoilt.
fn samples() -> Vec<Vec<u8>> {
    let id = "7".repeat(40);
    let event = Event::new(time(), EventKind::Decision, "x", 1).with("why", Some("y")).to_line();
    vec![
        event.into_bytes(),
        format!("session main, checkpoint {id}: words\n").into_bytes(),
        format!("ckpt-anchors 1\n@ /x\n? refs/ckpt/sessions/main {id}\n= refs/ckpt/sessions/main {id}\n").into_bytes(),
        b"version = 1\n[[conflicts]]\npath = \"a\"\nstage = 1\nmode = 33188\nid = \"7777777777777777777777777777777777777777\"\n".to_vec(),
        b"version = 1\n[[partition]]\nname = \"backend\"\npaths = [\"src\"]\n".to_vec(),
        b"# x\n\n## Todo\n- [ ] a\n  - b\n1. c\n<!-- ckpt:facts -->\n<!-- /ckpt:facts -->\n```\n".to_vec(),
        b"{\"path\":\"a\",\"reason\":\"too-large\",\"size\":1,\"limit\":2}\n".to_vec(),
        b"#!/bin/sh\n# >>> ckpt 1 abc >>>\nx\n# <<< ckpt <<<\n".to_vec(),
        format!("tree {id}\nparent {id}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nx\n\nCkpt-Version: 1\n").into_bytes(),
        b"100644 a\0xxxxxxxxxxxxxxxxxxxx40000 b\0yyyyyyyyyyyyyyyyyyyy".to_vec(),
        WorktreeExtra::default().encode(),
        b"main".to_vec(),
    ]
}

fn read_text(bytes: &[u8]) {
    let _ = Event::parse_line(bytes);
    let _ = anchors::parse(bytes);
    let _ = index_extra::parse(bytes);
    let _ = left_out::parse(bytes);
    let _ = WorktreeExtra::parse(bytes);
    let _ = Commit::parse(bytes);
    let _ = tree::parse(bytes, HashKind::Sha1);
    let _ = tree::parse(bytes, HashKind::Sha256);
    let _ = notes::union(bytes, b"x\n");
    let _ = block::program(bytes);
    let _ = block::remove(bytes);
    let _ = ckpt::hooks::payload::Payload::read(Hook::PostRewrite, &["rebase"], bytes);
    if let Ok(text) = bytes.to_str() {
        let _ = notes::NoteLine::parse(text);
        let _ = Partitions::parse(text);
        let _ = Document::parse(text).sections().len();
        let _ = text.parse::<Name>();
        let _ = Name::from_title(text);
        let _ = text.parse::<ObjectId>();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn spoilt_objects_are_read_or_refused(which in any::<Index>(), spoils in spoils()) {
        let full = full();
        let ids = full.bag.ids();
        full.bag.change(which.get(&ids), |bytes| spoils.iter().for_each(|spoil| spoil.apply(bytes)));
        read_everything(&full);
    }

    #[test]
    fn objects_in_each_others_places_are_read_or_refused(from in any::<Index>(), to in any::<Index>()) {
        let full = full();
        let ids = full.bag.ids();
        let other = full.bag.read(from.get(&ids)).unwrap();
        full.bag.0.lock().unwrap().insert(*to.get(&ids), (other.kind, other.bytes));
        read_everything(&full);
    }

    #[test]
    fn spoilt_texts_are_read_or_refused(which in any::<Index>(), spoils in spoils()) {
        let samples = samples();
        let mut bytes = which.get(&samples).clone();
        spoils.iter().for_each(|spoil| spoil.apply(&mut bytes));
        read_text(&bytes);
    }

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read_text(&bytes);
    }
}

#[test]
fn sound_objects_are_read() {
    let full = full();
    let found = read_checkpoint(&full.bag, &full.checkpoint).unwrap();
    assert_eq!(found.snapshot.omissions.len(), 1);
    assert_eq!(operation_log::read_all(&full.bag, Some(&full.operations)).unwrap().len(), 2);
    let link = read_link(&full.bag, &full.session).unwrap();
    assert_eq!(link.told().map(|(_, is_safety)| is_safety), Some(false));
    let files = read_files(&full.bag, &link).unwrap();
    let older = read_link(&full.bag, link.previous().unwrap()).unwrap();
    assert_eq!(history_problem(&full.bag, &read_files(&full.bag, &older).unwrap(), &files).unwrap(), None);
}

#[test]
fn a_thousand_brackets_exhaust_no_stack() {
    for bracket in ["[", "{", "{\"a\":", "x = [", "<!--", "> ", "- "] {
        read_text(bracket.repeat(100_000).as_bytes());
    }
}
