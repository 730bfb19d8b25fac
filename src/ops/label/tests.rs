use super::*;
use crate::ops::fixture::Fixture;
use crate::store::operation_log::read_all;

fn log(fixture: &Fixture) -> Vec<OperationRecord> {
    let tip = fixture.repo.store.find_ref(operation_log::REF).unwrap();
    read_all(&fixture.repo.store, tip.as_ref()).unwrap()
}

fn to_name(text: &str) -> Name {
    text.parse().unwrap()
}

#[test]
fn a_name_moves_only_when_told_and_every_move_is_logged() {
    let fixture = Fixture::new();
    let (first, second) = (fixture.noted("a"), fixture.noted("b"));
    let wanted = to_name("stable");
    name(&fixture.repo, &first.to_string(), &wanted, false).unwrap();
    let error = name(&fixture.repo, "@", &wanted, false).unwrap_err();
    assert!(matches!(error, OpError::NameTaken { id, .. } if id == first));
    let moved = name(&fixture.repo, "@", &wanted, true).unwrap();
    assert_eq!((moved.id, moved.previous), (second, Some(first)));
    name(&fixture.repo, "@", &wanted, false).unwrap();
    let records = log(&fixture);
    assert_eq!(records.len(), 2, "naming what has the name already changes nothing");
    let change = RefChange { name: "refs/ckpt/names/stable".into(), old: Some(first), new: Some(second) };
    assert_eq!(records[1].refs, [change]);
}

#[test]
fn a_rename_keeps_the_checkpoint() {
    let fixture = Fixture::new();
    let id = fixture.noted("a");
    name(&fixture.repo, "@", &to_name("old"), false).unwrap();
    let renamed = rename(&fixture.repo, "old", &to_name("new"), false).unwrap();
    assert_eq!((renamed.id, renamed.renamed_from), (id, Some(to_name("old"))));
    assert_eq!(fixture.git(&["for-each-ref", "--format=%(refname)", "refs/ckpt/names"]), "refs/ckpt/names/new");
    let error = rename(&fixture.repo, "nex", &to_name("x"), false).unwrap_err();
    assert!(matches!(error, OpError::UnknownName { nearest, .. } if nearest == ["new"]));
}

#[test]
fn what_is_dropped_loses_its_refs_and_survives_a_gc() {
    let fixture = Fixture::new();
    let (first, second) = (fixture.noted("a"), fixture.noted("b"));
    name(&fixture.repo, &first.to_string(), &to_name("one"), false).unwrap();
    let points = ["one".to_owned(), first.to_string()];
    let dropped = drop_points(&fixture.repo, &points).unwrap();
    assert_eq!((dropped.ids, dropped.names), (vec![first], vec!["one".to_owned()]));
    let refs = fixture.git(&["for-each-ref", "--format=%(refname)", "refs/ckpt/checkpoints", "refs/ckpt/names"]);
    assert_eq!(refs, format!("refs/ckpt/checkpoints/{second}"));
    assert!(matches!(resolve(&fixture.repo, "one"), Err(OpError::UnknownPoint { .. })));
    fixture.git(&["-c", "gc.reflogExpire=now", "gc", "-q", "--prune=now"]);
    assert_eq!(fixture.git(&["cat-file", "-t", &first.to_string()]), "commit");
    assert_eq!(log(&fixture).last().unwrap().verb, OperationVerb::Drop);
    assert_eq!(fixture.git(&["fsck", "--strict", "--no-dangling"]), "");
}

#[test]
fn the_latest_is_found_after_it_was_dropped() {
    let fixture = Fixture::new();
    let first = fixture.noted("a");
    fixture.noted("b");
    drop_points(&fixture.repo, &["@".to_owned()]).unwrap();
    assert_eq!(points::latest(&fixture.repo).unwrap(), first);
}
