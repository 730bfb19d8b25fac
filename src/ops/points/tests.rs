use super::*;
use crate::ops::fixture::{Fixture, Saving, open, save};
use crate::ops::label;

fn ok(fixture: &Fixture, point: &str) -> ObjectId {
    resolve(&fixture.repo, point).unwrap_or_else(|error| panic!("{point}: {error}"))
}

fn problem(fixture: &Fixture, point: &str) -> OpError {
    resolve(&fixture.repo, point).expect_err(point)
}

#[test]
fn places_follow_the_chain_and_pass_over_safety_checkpoints() {
    let fixture = Fixture::new();
    let saving = |note, created| Saving { note, created, ..Saving::default() };
    let first = fixture.save(&saving("a", "2026-11-21T10:00:00Z"));
    // The clock was set back: the chain still tells which is the later one.
    let second = fixture.save(&saving("b", "2026-11-21T08:00:00Z"));
    let kind = CheckpointKind::Safety;
    fixture.save(&Saving { kind, ..saving("c", "2026-11-21T11:00:00Z") });
    assert_eq!(ok(&fixture, "@"), second);
    assert_eq!(ok(&fixture, "main@~0"), second);
    assert_eq!(ok(&fixture, "@~1"), first);
    assert_eq!(ok(&fixture, "@{2026-11-21T09:00:00Z}"), second);
    assert!(problem(&fixture, "@~2").to_string().contains("only 2 checkpoints"));
    assert!(matches!(problem(&fixture, "@{2020-01-01}"), OpError::BadPoint { .. }));
}

#[test]
fn names_come_before_ids_and_ids_may_be_short() {
    let fixture = Fixture::new();
    let (first, second) = (fixture.noted("a"), fixture.noted("b"));
    assert_eq!(ok(&fixture, &first.to_string()), first);
    assert_eq!(ok(&fixture, &first.short().to_uppercase()), first);
    let looks_like_first = first.short();
    label::name(&fixture.repo, "@", &looks_like_first.parse().unwrap(), false).unwrap();
    assert_eq!(ok(&fixture, &looks_like_first), second);
}

#[test]
fn what_is_unknown_or_ambiguous_says_what_there_is() {
    let fixture = Fixture::new();
    assert!(matches!(problem(&fixture, "@"), OpError::NothingSaved));
    let ids: Vec<_> = (0..40).map(|number| fixture.noted(&number.to_string())).collect();
    label::name(&fixture.repo, "@", &"before-refactor".parse().unwrap(), false).unwrap();
    let OpError::UnknownPoint { nearest, .. } = problem(&fixture, "before-refactr") else { panic!() };
    assert_eq!(nearest, ["before-refactor"]);
    let OpError::UnknownSession { nearest, .. } = problem(&fixture, "mian@") else { panic!() };
    assert_eq!(nearest, ["main"]);
    assert!(matches!(problem(&fixture, "a b"), OpError::BadPoint { .. }));
    // Four digits of forty ids seldom meet, so the ambiguity is made: a ref that is no checkpoint's own is no candidate.
    let twin = format!("{}{}", &ids[0].to_string()[..39], if ids[0].to_string().ends_with('0') { '1' } else { '0' });
    fixture.git(&["update-ref", &format!("refs/ckpt/checkpoints/{twin}"), &ids[1].to_string()]);
    assert_eq!(ok(&fixture, &ids[0].to_string()[..39]), ids[0]);
}

#[test]
fn two_ids_with_one_prefix_are_both_named() {
    let fixture = Fixture::new();
    let mut seen: HashMap<String, ObjectId> = HashMap::new();
    let (prefix, pair) = (0..)
        .find_map(|number| {
            let id = fixture.noted(&number.to_string());
            let prefix = id.to_string()[..4].to_owned();
            seen.insert(prefix.clone(), id).map(|other| (prefix, [other, id]))
        })
        .unwrap();
    let OpError::AmbiguousPoint { candidates, .. } = problem(&fixture, &prefix) else { panic!() };
    assert!(pair.iter().all(|id| candidates.iter().any(|summary| summary.id == *id)));
}

#[test]
fn a_bare_at_stays_in_its_work_tree() {
    let fixture = Fixture::new();
    let here = fixture.noted("main tree");
    let linked = tempfile::tempdir().unwrap();
    let place = linked.path().canonicalize().unwrap().join("linked");
    fixture.git(&["worktree", "add", "-q", "--detach", place.to_str().unwrap()]);
    let other = open(&place);
    assert!(matches!(resolve(&other, "@"), Err(OpError::NothingSaved)));
    let there = save(&other, &Saving { note: "linked tree", ..Saving::default() });
    assert_eq!(resolve(&other, "@").unwrap(), there);
    assert_eq!(ok(&fixture, "@"), here);
    assert_eq!(ok(&fixture, "main@"), there);
}
