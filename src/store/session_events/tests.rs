use super::*;
use crate::model::commit::Commit;
use crate::model::event::EventKind;
use crate::model::no_objects::NoObjects;
use crate::model::scratch::Scratch;
use crate::model::session::{SessionDetails, SessionState};
use crate::store::session::read_session;

fn at() -> Timestamp {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

fn line(text: &str, salt: u64) -> BString {
    Event::new(at(), EventKind::Note, text, salt).to_line().into()
}

fn tell(store: &Scratch<'_>, session: Option<&Session>, subject: &str, additions: Additions) -> Session {
    let changes =
        SessionChanges { session: "main", time: at(), subject, additions: &additions, record: None, merged: None };
    append_events(store, store, &Identity::default(), session, &changes).unwrap()
}

fn texts(store: &Scratch<'_>, session: &Session) -> Vec<String> {
    events(store, session).map(|event| event.unwrap().text).collect()
}

#[test]
fn a_word_is_one_commit_and_one_line() {
    let store = Scratch::new(&NoObjects);
    let files = vec![("context.md".into(), Some(b"# Context\n".to_vec()))];
    let first = tell(&store, None, "note: a\nb", Additions { lines: vec![line("a\nb", 1)], files });
    let second = tell(&store, Some(&first), "note: c", Additions { lines: vec![line("c", 2)], files: Vec::new() });
    let read = read_session(&store, &second.tip).unwrap();
    assert_eq!(texts(&store, &read), ["a\nb", "c"]);
    assert_eq!(read.context(&store).unwrap().as_deref(), Some("# Context\n"));
    assert_eq!((read.record.sequence, read.record.latest), (0, None));
    let commit = crate::model::commit::Commit::parse(&store.read(&first.tip).unwrap().bytes).unwrap();
    assert_eq!(commit.subject(), "note: a b");
    let removed = tell(&store, Some(&read), "x", Additions { files: vec![("context.md".into(), None)], lines: vec![] });
    assert_eq!(removed.context(&store).unwrap(), None);
}

#[test]
fn segments_are_bounded_and_only_the_last_one_grows() {
    let store = Scratch::new(&NoObjects);
    let lines: Vec<BString> = (0..3000).map(|number| line(&format!("{number:>60}"), number)).collect();
    let all = tell(&store, None, "many", Additions { lines, files: Vec::new() });
    let before: Vec<_> = segments(&all);
    assert!(before.len() > 3, "{}", before.len());
    let one = tell(&store, Some(&all), "one", Additions { lines: vec![line("last", 9)], files: Vec::new() });
    let after = segments(&one);
    assert_eq!(before[..before.len() - 1], after[..before.len() - 1]);
    assert_ne!(before.last(), after.last());
    let read = read_session(&store, &one.tip).unwrap();
    assert_eq!(texts(&store, &read).len(), 3001);
    assert_eq!(events(&store, &read).next_back().unwrap().unwrap().text, "last");
}

#[test]
fn lines_of_a_fold_that_died_are_known() {
    let store = Scratch::new(&NoObjects);
    let session = tell(&store, None, "x", Additions { lines: vec![line("a", 1)], files: Vec::new() });
    let left = without_known(&store, &session, vec![line("a", 1), line("a", 2)]).unwrap();
    assert_eq!(left, [line("a", 2)]);
}

#[test]
fn a_new_record_is_written_and_takes_back_no_sequence() {
    let store = Scratch::new(&NoObjects);
    let nothing = Additions::default();
    let say = |session: Option<&Session>, record: Option<&SessionRecord>, merged| {
        let changes = SessionChanges {
            session: "login",
            time: at(),
            subject: "session: begun",
            additions: &nothing,
            record,
            merged,
        };
        append_events(&store, &store, &Identity::default(), session, &changes).unwrap()
    };
    let details = SessionDetails { task: Some("fix it".into()), ..SessionDetails::default() };
    let mut record = SessionRecord::new("Login", at(), details);
    let mut first = say(None, Some(&record), None);
    first.record.sequence = 4;
    record.details.state = SessionState::Paused;
    let child = ObjectId::from_bytes(&[3; 20]).unwrap();
    let second = say(Some(&first), Some(&record), Some(child));
    let read = read_session(&store, &second.tip).unwrap();
    assert_eq!((read.record.title.as_str(), read.record.sequence), ("Login", 4));
    assert_eq!(
        (read.record.details.state, read.record.details.task.as_deref()),
        (SessionState::Paused, Some("fix it"))
    );
    let commit = Commit::parse(&store.read(&second.tip).unwrap().bytes).unwrap();
    assert_eq!(commit.parents, [first.tip, child]);
}
