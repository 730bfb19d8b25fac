use super::newest::NewestFirst;
use super::oldest::OldestFirst;
use super::*;
use crate::model::checkpoint::CheckpointKind;
use crate::model::commit::{Commit, Identity};
use crate::model::event::EventKind;
use crate::model::no_objects::NoObjects;
use crate::model::object::ObjectWriter;
use crate::model::scratch::Scratch;
use crate::store::session::{Additions, SaveEvent, Session, append_save, read_session};
use crate::store::session_events::{SessionChanges, append_events};

/// What is added by one commit: a save, or words, with so many events of so many bytes.
struct Step {
    is_save: bool,
    events: usize,
    size: usize,
}

/// A chain of these steps, and the words of its story, oldest first.
fn chain(store: &Scratch<'_>, steps: &[Step]) -> (Session, Vec<String>) {
    let (mut session, mut story): (Option<Session>, Vec<String>) = (None, Vec::new());
    for (number, step) in steps.iter().enumerate() {
        // The clock runs backwards: it does not matter.
        let time = Timestamp::from_second(1_700_000_000 - number as i64).unwrap();
        let texts = (0..step.events).map(|event| format!("{number}.{event} {}", "x".repeat(step.size)));
        let texts: Vec<String> = texts.collect();
        let line = |text: &String| Event::new(time, EventKind::Note, text.as_str(), 0).to_line().into();
        let additions = Additions { lines: texts.iter().map(line).collect(), files: Vec::new() };
        story.extend(texts.iter().map(|text| text.split(' ').next().unwrap().to_owned()));
        let tip = if step.is_save {
            let checkpoint = ObjectId::from_bytes(&[number as u8 + 1; 20]).unwrap();
            let save = SaveEvent {
                session: "main",
                checkpoint,
                sequence: number as u64 + 1,
                kind: CheckpointKind::Manual,
                time,
                subject: "it \"works\" (well)",
                changes: "1 new",
                additions: &additions,
            };
            append_save(store, store, &Identity::default(), session.as_ref(), &save).unwrap()
        } else {
            let changes = SessionChanges {
                session: "main",
                time,
                subject: "words",
                additions: &additions,
                record: None,
                merged: None,
            };
            append_events(store, store, &Identity::default(), session.as_ref(), &changes).unwrap().tip
        };
        story.push(format!("commit {number}"));
        session = Some(read_session(store, &tip).unwrap());
    }
    (session.unwrap(), story)
}

fn words(told: &Told) -> String {
    match told {
        Told::Event { event, .. } => event.text.split(' ').next().unwrap().to_owned(),
        Told::Commit(link) => format!("commit {}", 1_700_000_000 - link.time.as_second()),
    }
}

fn steps() -> Vec<Step> {
    let step = |is_save, events, size| Step { is_save, events, size };
    vec![
        step(true, 0, 0),
        step(false, 1, 10),
        step(true, 3, 10),
        // More than three segments at once, then on in the last of them.
        step(true, 2500, 100),
        step(false, 1, 10),
        step(false, 0, 0),
        step(true, 1, 100_000),
        step(false, 2, 10),
    ]
}

#[test]
fn both_ways_tell_the_same_in_the_order_of_the_chain() {
    let store = Scratch::new(&NoObjects);
    let (session, story) = chain(&store, &steps());
    let forward: Vec<String> =
        OldestFirst::new(&store, &session.tip, &[]).unwrap().map(|told| words(&told.unwrap())).collect();
    assert!(forward == story, "oldest first");
    let ids = OldestFirst::new(&store, &session.tip, &[]).unwrap().ids().to_vec();
    let known: Vec<ObjectId> = ids[3..].iter().rev().copied().collect();
    let shorter = OldestFirst::new(&store, &session.tip, &known).unwrap();
    assert_eq!(shorter.ids(), ids);
    let mut back: Vec<String> = NewestFirst::new(&store, session.tip).map(|told| words(&told.unwrap())).collect();
    back.reverse();
    // A commit comes after its events, so before them when told backwards.
    assert!(back == story, "newest first");
}

#[test]
fn a_save_is_read_from_its_sentence() {
    let store = Scratch::new(&NoObjects);
    let (session, _) = chain(&store, &[Step { is_save: true, events: 0, size: 0 }]);
    let link = read_link(&store, &session.tip).unwrap();
    let point = link.point.unwrap();
    assert_eq!(point.id, Ok(ObjectId::from_bytes(&[1; 20]).unwrap()));
    assert_eq!((point.subject.as_str(), point.changes.as_str()), ("it \"works\" (well)", "1 new"));
    assert!(!point.is_safety);
}

#[test]
fn a_sentence_of_others_is_no_save() {
    for text in ["save 4f2a01b2c3 \"x\"", "save me \"please\"", "keep", "keep 4f2a \"a", ""] {
        let store = Scratch::new(&NoObjects);
        let (session, _) = chain(&store, &[Step { is_save: false, events: 1, size: 1 }]);
        let mut commit = Commit::parse(&store.read(&session.tip).unwrap().bytes).unwrap();
        commit.message = format!("{text}\n\nCkpt-Version: 1\n").into();
        let tip = store.write(ObjectKind::Commit, &commit.encode()).unwrap();
        assert_eq!(read_link(&store, &tip).unwrap().point, None, "{text}");
    }
}

#[test]
fn a_chain_whose_beginning_is_gone_is_told_from_there() {
    let store = Scratch::new(&NoObjects);
    let (session, _) = chain(&store, &steps());
    // The same chain, but one of its commits names a parent that is not there.
    let mut ids = vec![session.tip];
    while let Some(parent) = read_link(&store, ids.last().unwrap()).unwrap().parents.first() {
        ids.push(*parent);
    }
    let mut parent = ObjectId::from_bytes(&[7; 20]).unwrap();
    for id in ids[..4].iter().rev() {
        let mut commit = Commit::parse(&store.read(id).unwrap().bytes).unwrap();
        commit.parents = vec![parent];
        parent = store.write(ObjectKind::Commit, &commit.encode()).unwrap();
    }
    let mut back: Vec<_> = NewestFirst::new(&store, parent).collect();
    assert!(back.pop().unwrap().is_err());
    let back: Vec<String> = back.into_iter().map(|told| words(&told.unwrap())).collect();
    let mut forward = OldestFirst::new(&store, &parent, &[]).unwrap();
    assert!(forward.missing().is_some());
    let mut forward: Vec<String> = forward.map(|told| words(&told.unwrap())).collect();
    assert_eq!(forward.len(), 2505 + 4 + 3);
    forward.reverse();
    assert!(forward == back);
}
