use super::*;
use crate::model::no_objects::NoObjects;
use crate::model::scratch::Scratch;

fn new<'a>(subject: &'a str, text: &'a [u8]) -> NewVersion<'a> {
    NewVersion { subject, time: "2026-11-21T10:00:00Z".parse().unwrap(), text }
}

#[test]
fn versions_are_read_newest_first() {
    let store = Scratch::new(&NoObjects);
    let first = append(&store, &Identity::default(), None, new("add feature", b"one\xff")).unwrap();
    let tip = append(&store, &Identity::default(), Some(first), new("edit feature", b"two")).unwrap();
    let found = versions(&store, &tip, 10).unwrap();
    let subjects: Vec<_> = found.iter().map(|version| version.subject.as_str()).collect();
    assert_eq!(subjects, ["edit feature", "add feature"]);
    assert_eq!(read_text(&store, &found[1].blob, 10).unwrap(), b"one\xff");
    assert_eq!(versions(&store, &tip, 1).unwrap().len(), 1);
    assert!(matches!(read_text(&store, &found[1].blob, 3), Err(StoreError::Damaged { .. })));
}

#[test]
fn what_is_no_template_is_damaged() {
    let store = Scratch::new(&NoObjects);
    let tree = write_entries(&store, Vec::new()).unwrap();
    let author = Signature { identity: Identity::default(), seconds: 0, offset: 0 };
    let mut commit = Commit { tree, parents: Vec::new(), committer: author.clone(), author, message: "x\n".into() };
    let tip = store.write(ObjectKind::Commit, &commit.encode()).unwrap();
    assert!(matches!(read_version(&store, &tip), Err(StoreError::Damaged { .. })));
    commit.message = "x\n\nCkpt-Version: 2\n".into();
    let newer = store.write(ObjectKind::Commit, &commit.encode()).unwrap();
    assert!(matches!(read_version(&store, &newer), Err(StoreError::Newer { version: 2, .. })));
}
