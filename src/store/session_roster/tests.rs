use super::*;
use crate::model::commit::Identity;
use crate::model::session::{SessionDetails, SessionState};
use crate::store::fixture::Fixture;
use crate::store::session::Additions;
use crate::store::session_events::{SessionChanges, append_events};
use crate::store::{Expected, RefEdit};

fn at() -> Timestamp {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

fn make(store: &Store, name: &str, task: &str) {
    let writing = store.start_writing().unwrap();
    let details =
        SessionDetails { state: SessionState::Paused, task: Some(task.to_owned()), ..SessionDetails::default() };
    let record = SessionRecord::new(&format!("Title of {name}"), at(), details);
    let additions = Additions::default();
    let changes = SessionChanges {
        session: name,
        time: at(),
        subject: "started",
        additions: &additions,
        record: Some(&record),
        merged: None,
    };
    let session = append_events(store, &writing, &Identity::default(), None, &changes).unwrap();
    let written = store.finish_writing(writing).unwrap();
    let name = format!("{}{name}", session::REFS);
    store.publish(Some(written), &[RefEdit { name, expected: Expected::Anything, new: Some(session.tip) }]).unwrap();
}

#[test]
fn the_cache_says_what_the_tips_say_and_may_be_spoilt() {
    let fixture = Fixture::with_commit();
    let store = fixture.store();
    make(&store, "one", "a\nb");
    make(&store, "two", "é");
    let first = read_roster(&store).unwrap().entries;
    assert_eq!(first.len(), 2);
    assert_eq!(first[0].record.details.task.as_deref(), Some("a\nb"));
    let path = path_of(store.layout());
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 3);
    assert_eq!(read_roster(&store).unwrap().entries, first);
    for spoilt in ["", "nonsense\n", &text[..text.len() - 7], &text.replace("Title", "Tutle")] {
        std::fs::write(&path, spoilt).unwrap();
        assert_eq!(read_roster(&store).unwrap().entries, first, "{spoilt}");
    }
}

#[test]
fn a_session_that_moved_is_read_anew_and_one_that_is_gone_is_forgotten() {
    let fixture = Fixture::with_commit();
    let store = fixture.store();
    make(&store, "one", "first");
    make(&store, "two", "first");
    read_roster(&store).unwrap();
    make(&store, "one", "second");
    let entries = read_roster(&store).unwrap().entries;
    assert_eq!(entries[0].record.details.task.as_deref(), Some("second"));
    let gone = RefEdit { name: "refs/ckpt/sessions/two".into(), expected: Expected::Anything, new: None };
    store.publish(None, &[gone]).unwrap();
    assert_eq!(read_roster(&store).unwrap().entries.len(), 1);
    assert_eq!(std::fs::read_to_string(path_of(store.layout())).unwrap().lines().count(), 2);
}
