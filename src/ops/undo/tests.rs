//! Drops and names are undone and redone, as often as one likes, and also when they were cut short.

use super::{operations, redo, undo};
use crate::model::id::ObjectId;
use crate::ops::OpError;
use crate::ops::fixture::Fixture;
use crate::ops::label::{drop_points, name};
use crate::store::{Expected, RefEdit};

fn refs(fixture: &Fixture) -> String {
    fixture.git(&["for-each-ref", "refs/ckpt/checkpoints", "refs/ckpt/names"])
}

fn name_it(fixture: &Fixture, id: &ObjectId, text: &str) {
    name(&fixture.repo, &id.to_string(), &text.parse().unwrap(), true).unwrap();
}

#[test]
fn a_drop_is_undone_and_redone() {
    let fixture = Fixture::new();
    let first = fixture.noted("a");
    fixture.noted("b");
    name_it(&fixture, &first, "one");
    let before = refs(&fixture);
    drop_points(&fixture.repo, &["one".to_owned()]).unwrap();
    let after = refs(&fixture);
    for _ in 0..2 {
        undo(&fixture.repo).unwrap();
        assert_eq!(refs(&fixture), before);
        redo(&fixture.repo).unwrap();
        assert_eq!(refs(&fixture), after);
    }
    assert!(matches!(redo(&fixture.repo), Err(OpError::NothingToUndo { verb: "redo" })));
}

#[test]
fn names_are_undone_in_the_opposite_order() {
    let fixture = Fixture::new();
    let (first, second) = (fixture.noted("a"), fixture.noted("b"));
    let unnamed = refs(&fixture);
    name_it(&fixture, &first, "mark");
    let named = refs(&fixture);
    name_it(&fixture, &second, "mark");
    undo(&fixture.repo).unwrap();
    assert_eq!(refs(&fixture), named);
    undo(&fixture.repo).unwrap();
    assert_eq!(refs(&fixture), unnamed);
    let undone: Vec<bool> = operations(&fixture.repo).unwrap().iter().map(|entry| entry.is_undone).collect();
    assert_eq!(undone.iter().filter(|undone| **undone).count(), 2);
    assert!(matches!(undo(&fixture.repo), Err(OpError::NothingToUndo { verb: "undo" })));
}

#[test]
fn a_drop_that_was_cut_short_is_undone_all_the_same() {
    let fixture = Fixture::new();
    let first = fixture.noted("a");
    name_it(&fixture, &first, "one");
    let before = refs(&fixture);
    drop_points(&fixture.repo, &["one".to_owned()]).unwrap();
    // As if it had been killed between the log and the last of its refs.
    let back = RefEdit { name: "refs/ckpt/names/one".into(), expected: Expected::Absent, new: Some(first) };
    fixture.repo.store.publish(None, &[back]).unwrap();
    undo(&fixture.repo).unwrap();
    assert_eq!(refs(&fixture), before);
}

#[test]
fn a_name_that_was_moved_since_is_not_taken_back() {
    let fixture = Fixture::new();
    let (first, second) = (fixture.noted("a"), fixture.noted("b"));
    name_it(&fixture, &first, "mark");
    fixture.git(&["update-ref", "refs/ckpt/names/mark", &second.to_string()]);
    let moved = refs(&fixture);
    assert!(undo(&fixture.repo).is_err());
    assert_eq!(refs(&fixture), moved);
}
