//! Notes as git sees them.

use super::super::fixture::Fixture;
use super::*;
use crate::model::commit::Identity;

fn signature() -> Signature {
    Signature { identity: Identity::default(), seconds: 1_800_000_000, offset: 0 }
}

const PATIENCE: Duration = Duration::from_secs(20);

fn put(store: &Store, commit: ObjectId, text: &str) {
    let edits = vec![NoteEdit { commit, text: text.as_bytes().to_vec() }];
    assert_eq!(edit(store, &signature(), PATIENCE, |_| Ok(edits.clone())).unwrap(), 1);
}

fn number(number: u32) -> ObjectId {
    let digits = format!("{:08x}", number.wrapping_mul(2_654_435_761));
    ObjectId::from_hex(digits.repeat(5).as_bytes()).unwrap()
}

#[test]
fn a_line_goes_there_and_back() {
    let id = number(1);
    for (line, text) in [
        (
            NoteLine { session: "main".into(), checkpoint: None, summary: String::new() },
            "session main, no checkpoint yet".into(),
        ),
        (
            NoteLine { session: "main".into(), checkpoint: Some(id), summary: "a: b, c".into() },
            format!("session main, checkpoint {id}: a: b, c"),
        ),
        (
            NoteLine { session: "x".into(), checkpoint: Some(id), summary: String::new() },
            format!("session x, checkpoint {id}"),
        ),
    ] {
        assert_eq!(line.render(), text);
        assert_eq!(NoteLine::parse(&text), Some(line));
    }
    let long = NoteLine { session: "x".into(), checkpoint: Some(id), summary: "two\nlines".into() };
    assert!(long.render().ends_with(": two lines"));
    for other in ["", "session", "session x", "session x, checkpoint 12", "Reviewed-by: A"] {
        assert_eq!(NoteLine::parse(other), None, "{other:?}");
    }
}

#[test]
fn git_shows_them_and_we_find_those_of_git() {
    let fixture = Fixture::with_commit();
    let head = fixture.id("HEAD");
    let store = fixture.store();
    put(&store, head, "one\n");
    assert_eq!(fixture.git(["notes", "--ref=ckpt", "show", "HEAD"]), "one");
    put(&store, head, "two\n");
    assert_eq!(fixture.git(["notes", "--ref=ckpt", "show", "HEAD"]), "two");
    // Git puts a few notes into no folders at all.
    fixture.git(["notes", "--ref=ckpt", "add", "-f", "-m", "by git", "HEAD"]);
    assert!(!fixture.git(["ls-tree", "refs/notes/ckpt"]).contains("tree"));
    let store = fixture.store();
    assert_eq!(Notes::open(&store).unwrap().find(&head).unwrap().unwrap(), b"by git\n");
    put(&store, head, "three\n");
    assert_eq!(fixture.git(["ls-tree", "-r", "refs/notes/ckpt"]).lines().count(), 1);
    assert_eq!(fixture.git(["notes", "--ref=ckpt", "list"]).lines().count(), 1);
    assert_eq!(Notes::open(&store).unwrap().find(&number(3)).unwrap(), None);
    assert_eq!(fixture.git(["fsck", "--strict"]), "");
}

#[test]
fn many_notes_stand_in_folders_and_cost_the_same() {
    let fixture = Fixture::with_commit();
    let store = fixture.store();
    let many: Vec<NoteEdit> = (0..10_000)
        .map(|index| NoteEdit { commit: number(index), text: format!("{}\n", index % 7).into_bytes() })
        .collect();
    assert_eq!(edit(&store, &signature(), PATIENCE, |_| Ok(many.clone())).unwrap(), 10_000);
    assert_eq!(fixture.git(["notes", "--ref=ckpt", "list"]).lines().count(), 10_000);
    let count = || fixture.git(["count-objects"]).split(' ').next().unwrap().parse::<u32>().unwrap();
    let before = count();
    put(&store, number(20_000), "another one\n");
    assert_eq!(count() - before, 4, "a blob, two trees and a commit");
    let largest = fixture.git(["ls-tree", "refs/notes/ckpt"]).lines().count();
    assert!(largest <= 256, "{largest}");
    let notes = Notes::open(&store).unwrap();
    assert_eq!(notes.find(&number(9)).unwrap().unwrap(), b"2\n");
    assert_eq!(notes.find(&number(20_000)).unwrap().unwrap(), b"another one\n");
}

#[test]
fn diverged_notes_are_joined_line_by_line() {
    let fixture = Fixture::with_commit();
    let (head, ours, theirs) = (fixture.id("HEAD"), number(2), number(3));
    let store = fixture.store();
    put(&store, head, "both\n");
    let start = fixture.id(REF);
    put(&store, head, "both\nours\n");
    put(&store, ours, "only ours\n");
    let tip = fixture.id(REF);
    fixture.git(["update-ref", REF, &start.to_string()]);
    fixture.git(["notes", "--ref=ckpt", "add", "-f", "-m", "theirs\nboth", "HEAD"]);
    put(&fixture.store(), theirs, "only theirs\n");
    let other = fixture.id(REF);
    fixture.git(["update-ref", REF, &tip.to_string()]);
    let store = fixture.store();
    assert_eq!(merge(&store, &signature(), PATIENCE, &other).unwrap(), 2);
    let notes = Notes::open(&store).unwrap();
    assert_eq!(notes.find(&head).unwrap().unwrap(), b"both\nours\ntheirs\n");
    assert_eq!(notes.find(&ours).unwrap().unwrap(), b"only ours\n");
    assert_eq!(notes.find(&theirs).unwrap().unwrap(), b"only theirs\n");
    assert_eq!(fixture.git(["rev-list", "--parents", "-1", REF]).split(' ').count(), 3);
    assert_eq!(merge(&store, &signature(), PATIENCE, &other).unwrap(), 0, "there is nothing new in it");
}

#[test]
fn writers_beside_each_other_lose_nothing() {
    let fixture = Fixture::with_commit();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let store = fixture.store();
            scope.spawn(move || (0..8).for_each(|index| put(&store, number(writer * 100 + index), "x\n")));
        }
    });
    assert_eq!(fixture.git(["notes", "--ref=ckpt", "list"]).lines().count(), 32);
}

#[test]
fn a_lock_of_somebody_else_is_waited_for_in_vain() {
    let fixture = Fixture::with_commit();
    fixture.write(".git/refs/notes/ckpt.lock", "");
    let refused = edit(&fixture.store(), &signature(), Duration::ZERO, |_| Ok(Vec::new()));
    assert!(matches!(refused, Err(StoreError::RefLocked { .. })));
}
