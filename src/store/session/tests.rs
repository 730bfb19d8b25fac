use super::*;
use crate::model::no_objects::NoObjects;
use crate::model::scratch::Scratch;

fn event(number: u8, sequence: u64, kind: CheckpointKind) -> SaveEvent<'static> {
    SaveEvent {
        session: "main",
        checkpoint: ObjectId::from_bytes(&[number; 20]).unwrap(),
        sequence,
        kind,
        time: "2026-11-21T10:00:00Z".parse().unwrap(),
        subject: "login works",
        changes: "3 modified",
        additions: const { &Additions { lines: Vec::new(), files: Vec::new() } },
    }
}

fn append(store: &Scratch<'_>, session: Option<&Session>, save: &SaveEvent<'_>) -> Session {
    let tip = append_save(store, store, &Identity::default(), session, save).unwrap();
    read_session(store, &tip).unwrap()
}

#[test]
fn a_session_tells_its_story() {
    let store = Scratch::new(&NoObjects);
    let context = Additions { files: vec![(CONTEXT.into(), Some(b"# Context".to_vec()))], lines: Vec::new() };
    let first = SaveEvent { additions: &context, ..event(1, 1, CheckpointKind::Manual) };
    let session = append(&store, None, &first);
    let safety = event(2, next_sequence(Some(&session)), CheckpointKind::Safety);
    let after = append(&store, Some(&session), &safety);
    assert_eq!((after.record.sequence, after.record.latest), (2, Some(first.checkpoint)));
    assert_eq!(after.context(&store).unwrap().as_deref(), Some("# Context"));
    assert_eq!(after.checklist(&store).unwrap(), None);
    let commit = Commit::parse(&store.read(&after.tip).unwrap().bytes).unwrap();
    assert_eq!(commit.parents, [session.tip]);
    assert_eq!(commit.subject(), "keep 0202020202 \"login works\" (3 modified)");
}

#[test]
fn a_save_that_says_nothing_new_of_the_session_adds_its_commit_alone() {
    let store = Scratch::new(&NoObjects);
    let tree = |session: &Session| Commit::parse(&store.read(&session.tip).unwrap().bytes).unwrap().tree;
    let first = append(&store, None, &event(1, 1, CheckpointKind::Manual));
    let second = append(&store, Some(&first), &event(2, 2, CheckpointKind::Manual));
    assert_eq!(tree(&first), tree(&second));
    assert_ne!(first.tip, second.tip);
}

#[test]
fn a_newer_session_is_refused() {
    let store = Scratch::new(&NoObjects);
    let session = append(&store, None, &event(1, 1, CheckpointKind::Manual));
    let record = store.write(ObjectKind::Blob, b"version = 3\n").unwrap();
    let mut files = session.files.clone();
    files.insert(RECORD.into(), (Mode::File, record));
    let mut commit = Commit::parse(&store.read(&session.tip).unwrap().bytes).unwrap();
    commit.tree = write_paths(&store, &files).unwrap();
    let tip = store.write(ObjectKind::Commit, &commit.encode()).unwrap();
    assert!(matches!(read_session(&store, &tip), Err(StoreError::Newer { version: 3, .. })));
}

#[test]
fn a_chain_whose_tip_is_gone_or_damaged_is_begun_anew() {
    let store = Scratch::new(&NoObjects);
    let gone = ObjectId::from_bytes(&[9; 20]).unwrap();
    assert!(find_sound_session(&store, &gone).unwrap().is_none());
    let damaged = store.write(ObjectKind::Commit, b"no commit").unwrap();
    assert!(find_sound_session(&store, &damaged).unwrap().is_none());
    let session = append(&store, None, &event(1, 7, CheckpointKind::Manual));
    assert_eq!(session.record.sequence, 7);
    assert!(find_sound_session(&store, &session.tip).unwrap().is_some());
}

#[test]
fn what_a_newer_ckpt_wrote_into_the_record_stays() {
    let store = Scratch::new(&NoObjects);
    let session = append(&store, None, &event(1, 1, CheckpointKind::Manual));
    let text = format!("{}mood = \"good\"\n", session.text(&store, RECORD).unwrap().unwrap());
    let newer = Additions { files: vec![(RECORD.into(), Some(text.clone().into_bytes()))], lines: Vec::new() };
    let session =
        append(&store, Some(&session), &SaveEvent { additions: &newer, ..event(2, 2, CheckpointKind::Manual) });
    let after = append(&store, Some(&session), &event(3, 3, CheckpointKind::Manual));
    assert_eq!(after.text(&store, RECORD).unwrap(), Some(text));
}
