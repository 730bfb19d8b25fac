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
        context: None,
        checklist: None,
    }
}

fn append(store: &Scratch<'_>, session: Option<&Session>, save: &SaveEvent<'_>) -> Session {
    let tip = append_save(store, &Identity::default(), session, save).unwrap();
    read_session(store, &tip).unwrap()
}

#[test]
fn a_session_tells_its_story() {
    let store = Scratch::new(&NoObjects);
    let first = SaveEvent { context: Some("# Context"), ..event(1, 1, CheckpointKind::Manual) };
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
